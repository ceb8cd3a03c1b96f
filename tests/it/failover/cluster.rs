//! Three PostgreSQL servers under Patroni and etcd, behind the balancer, as `deploy/patroni` has them.

use super::PATIENCE;
use crate::harness::postgres::{other_user, programs};
use crate::harness::{Http, eventually_within, tools};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PASSWORD: &str = "failover";
const NAMES: [&str; 3] = ["one", "two", "three"];

/// A process that ends with the test.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) struct Node {
    pub(super) name: &'static str,
    data: PathBuf,
    postgres: u16,
    patroni: Http,
    process: Running,
}

impl Node {
    /// The process of PostgreSQL that all others of it are children of.
    fn postmaster(&self) -> Option<u32> {
        fs::read_to_string(self.data.join("postmaster.pid")).ok()?.lines().next()?.parse().ok()
    }

    /// Sends a signal to PostgreSQL's processes.
    pub(super) fn signal_postgres(&self, signal: &str) {
        let Some(pid) = self.postmaster() else { return };
        // Children first: the postmaster would start those again that are gone.
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        for process in children.split_whitespace().chain([&*pid.to_string()]) {
            // One may have ended meanwhile.
            let _ = Command::new("kill").args([signal, process]).stderr(Stdio::null()).status();
        }
    }

    /// Kills PostgreSQL: no process of it can finish anything.
    pub(super) fn kill_postgres(&self) {
        self.signal_postgres("-KILL");
    }

    /// Sends a signal to Patroni and PostgreSQL.
    pub(super) fn signal(&self, signal: &str) {
        let pid = self.process.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.signal_postgres(signal);
    }
}

pub(super) struct Cluster {
    folder: PathBuf,
    pub(super) nodes: Vec<Node>,
    /// The port that leads to the primary.
    pub(super) port: u16,
    _etcd: Running,
    _balancer: Running,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            let _ = node.process.0.kill();
            node.signal_postgres("-KILL");
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A program as somebody else, if this is root, whom PostgreSQL does not obey.
fn unprivileged(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let Some(user) = other_user() else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args([
        &format!("--reuid={user}"),
        &format!("--regid={user}"),
        "--clear-groups",
        "--pdeathsig=KILL",
        "--",
    ]);
    command.arg(program);
    command
}

fn started(command: &mut Command, log: &Path) -> Running {
    let log = fs::File::create(log).unwrap();
    let child =
        command.current_dir("/").stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn();
    Running(child.unwrap_or_else(|error| panic!("{command:?}: {error}; {}", tools::INSTALL)))
}

impl Cluster {
    pub(super) async fn start() -> Self {
        let folder =
            tempfile::Builder::new().prefix("logcenter-failover-").tempdir_in("/tmp").unwrap().keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/patroni");
        // Where Debian has its sockets, only its own user may write.
        let settings = fs::read_to_string(deploy.join("patroni.yaml")).unwrap();
        let sockets =
            format!("\npostgresql:\n  parameters:\n    unix_socket_directories: {}\n", folder.display());
        let settings = settings.replacen("\npostgresql:\n", &sockets, 1);
        fs::write(folder.join("patroni.yaml"), settings).unwrap();
        // Whom PostgreSQL obeys may not be able to enter where the tools are.
        let modules = tools::folder().join("patroni");
        assert!(modules.exists(), "no {}: run scripts/test --slow, which installs it", modules.display());
        tools::run(Command::new("cp").arg("-r").args([&modules, &folder.join("modules")]));
        let (client, peer) = (free_port(), free_port());
        let [client, peer] = [client, peer].map(|port| format!("http://127.0.0.1:{port}"));
        let etcd = started(
            unprivileged("etcd")
                .args(["--name", "one", "--initial-cluster", &format!("one={peer}"), "--data-dir"])
                .arg(folder.join("etcd"))
                .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
                .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]),
            &folder.join("etcd.log"),
        );
        let nodes: Vec<Node> = NAMES.into_iter().map(|name| node(name, &folder, &client)).collect();
        let port = free_port();
        let mut balancer = Command::new("haproxy");
        balancer.args(["-db", "-f"]).arg(deploy.join("haproxy.cfg")).env("PRIMARY", format!("*:{port}"));
        for node in &nodes {
            let (name, patroni) = (node.name.to_uppercase(), node.patroni.base.rsplit(':').next().unwrap());
            balancer.env(format!("NODE_{name}"), format!("127.0.0.1:{}", node.postgres));
            balancer
                .env(format!("NODE_{name}_HOST"), "127.0.0.1")
                .env(format!("NODE_{name}_PATRONI"), patroni);
        }
        let balancer = started(&mut balancer, &folder.join("haproxy.log"));
        let cluster = Self { folder, nodes, port, _etcd: etcd, _balancer: balancer };
        cluster.healthy().await;
        let created = cluster.psql("postgres", "CREATE DATABASE logcenter");
        assert_eq!(created, "");
        cluster
    }

    /// The address of the database at a host.
    pub(super) fn address(&self, host: &str) -> String {
        format!("postgres://postgres:{PASSWORD}@{host}:{}/logcenter", self.port)
    }

    /// Runs a statement on the primary; returns what it prints.
    pub(super) fn psql(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new(programs().join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--host", "127.0.0.1", "--port"]);
        psql.arg(self.port.to_string()).env("PGPASSWORD", PASSWORD);
        psql.args(["--username", "postgres", "--dbname", database, "--command", sql]);
        String::from_utf8(tools::run(&mut psql).stdout).unwrap().trim().to_owned()
    }

    /// What the nodes say of themselves: name, role and state.
    async fn members(&self) -> Vec<(String, String, String)> {
        for node in &self.nodes {
            let request = node.patroni.request("GET", "/cluster").timeout(Duration::from_secs(2));
            let Ok(answer) = node.patroni.try_send(request).await else { continue };
            let members = answer.json()["members"].as_array().cloned().unwrap_or_default();
            let text = |member: &Value, name: &str| member[name].as_str().unwrap_or_default().to_owned();
            return members
                .iter()
                .map(|one| (text(one, "name"), text(one, "role"), text(one, "state")))
                .collect();
        }
        Vec::new()
    }

    /// The node that is the primary, by what the balancer leads to.
    pub(super) fn primary(&self) -> &Node {
        let port = self.psql("postgres", "SELECT setting FROM pg_settings WHERE name = 'port'");
        self.nodes.iter().find(|node| node.postgres.to_string() == port).unwrap()
    }

    /// Waits until there is one primary with two standbys, one of which has every commit.
    pub(super) async fn healthy(&self) {
        let what = format!("a primary with two standbys, see {}", self.folder.display());
        eventually_within(PATIENCE, &what, || async {
            let members = self.members().await;
            let count = |role: &str, state: &str| {
                members.iter().filter(|(_, is, has)| is.contains(role) && has == state).count()
            };
            (count("leader", "running") == 1 && count("standby", "streaming") == 2).then_some(())
        })
        .await;
    }
}

fn node(name: &'static str, folder: &Path, etcd: &str) -> Node {
    let (postgres, patroni) = (free_port(), free_port());
    let data = folder.join(name);
    let modules = folder.join("modules");
    let mut command = unprivileged("/usr/bin/python3");
    command
        .args(["-m", "patroni"])
        .arg(folder.join("patroni.yaml"))
        .env("PYTHONPATH", modules)
        .env("HOME", folder);
    for (setting, value) in [
        ("NAME", name.to_owned()),
        ("ETCD3_HOSTS", etcd.trim_start_matches("http://").to_owned()),
        ("RESTAPI_LISTEN", format!("127.0.0.1:{patroni}")),
        ("RESTAPI_CONNECT_ADDRESS", format!("127.0.0.1:{patroni}")),
        ("POSTGRESQL_LISTEN", format!("127.0.0.1:{postgres}")),
        ("POSTGRESQL_CONNECT_ADDRESS", format!("127.0.0.1:{postgres}")),
        ("POSTGRESQL_DATA_DIR", data.display().to_string()),
        ("POSTGRESQL_BIN_DIR", programs().display().to_string()),
        ("POSTGRESQL_PGPASS", folder.join(format!("{name}.pgpass")).display().to_string()),
        ("SUPERUSER_PASSWORD", PASSWORD.to_owned()),
        ("REPLICATION_PASSWORD", PASSWORD.to_owned()),
    ] {
        command.env(format!("PATRONI_{setting}"), value);
    }
    let process = started(&mut command, &folder.join(format!("{name}.log")));
    Node { name, data, postgres, patroni: Http::new(format!("http://127.0.0.1:{patroni}")), process }
}
