//! Three replicas behind a balancer, the third in a network of its own.

use super::cluster::{Cluster, Running, free_port};
use crate::harness::{Http, Process, tools};
use std::path::Path;
use std::process::{Command, Stdio};

/// The two ends of the cable between the networks.
const OUTSIDE: &str = "10.237.64.1";
const INSIDE: &str = "10.237.64.2";

/// A network with one cable into this one.
pub(super) struct Network(String);

fn ip(args: &[&str]) {
    let done = Command::new("ip").args(args).output();
    let done =
        done.unwrap_or_else(|error| panic!("ip: {error}; {} (apt-get install iproute2)", tools::INSTALL));
    assert!(done.status.success(), "ip {args:?} (it needs root): {}", String::from_utf8_lossy(&done.stderr));
}

impl Network {
    fn open() -> Self {
        let name = format!("lc{}", std::process::id());
        let (outside, inside) = (format!("{name}a"), format!("{name}b"));
        ip(&["netns", "add", &name]);
        let network = Self(name.clone());
        ip(&["link", "add", &outside, "type", "veth", "peer", "name", &inside, "netns", &name]);
        ip(&["address", "add", &format!("{OUTSIDE}/30"), "dev", &outside]);
        ip(&["link", "set", &outside, "up"]);
        ip(&["-n", &name, "address", "add", &format!("{INSIDE}/30"), "dev", &inside]);
        ip(&["-n", &name, "link", "set", &inside, "up"]);
        ip(&["-n", &name, "link", "set", "lo", "up"]);
        network
    }

    /// Pulls the cable, or plugs it in.
    pub(super) fn connected(&self, is_connected: bool) {
        ip(&["link", "set", &format!("{}a", self.0), if is_connected { "up" } else { "down" }]);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The cable goes with it.
        let _ = Command::new("ip").args(["netns", "del", &self.0]).status();
    }
}

pub(super) struct Replicas {
    database: [String; 2],
    addresses: Vec<String>,
    running: Vec<Option<Process>>,
    pub(super) network: Network,
    /// The balancer's address.
    pub(super) http: Http,
    _balancer: Running,
}

impl Replicas {
    pub(super) fn start(cluster: &Cluster) -> Self {
        let network = Network::open();
        let hosts = ["127.0.0.1", "127.0.0.1", INSIDE];
        let addresses: Vec<String> = hosts.iter().map(|host| format!("{host}:{}", free_port())).collect();
        let deploy =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/compose/haproxy.cfg");
        // What is shipped has two replicas.
        let two = std::fs::read_to_string(deploy).unwrap();
        let (line, third) = (
            r#"    server two "${REPLICA_TWO_API}" check"#,
            r#"    server three "${REPLICA_THREE_API}" check"#,
        );
        assert!(two.contains(line));
        let config = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(config.path(), two.replace(line, &format!("{line}\n{third}"))).unwrap();
        let balanced = format!("127.0.0.1:{}", free_port());
        let mut balancer = Command::new("haproxy");
        balancer.args(["-db", "-f"]).arg(config.path()).env("BALANCER_API", &balanced);
        balancer.env("BALANCER_DASHBOARD", format!("127.0.0.1:{}", free_port()));
        for (name, address) in ["ONE", "TWO", "THREE"].iter().zip(&addresses) {
            balancer.env(format!("REPLICA_{name}_API"), address);
            balancer.env(format!("REPLICA_{name}_DASHBOARD"), address);
        }
        let mut replicas = Self {
            database: ["127.0.0.1", OUTSIDE].map(|host| cluster.address(host)),
            addresses,
            running: (0..3).map(|_| None).collect(),
            network,
            http: Http::new(format!("http://{balanced}")),
            _balancer: Running(balancer.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()),
        };
        for number in 0..3 {
            replicas.start_again(number);
        }
        replicas
    }

    /// Starts a replica where it was, after whatever became of it.
    pub(super) fn start_again(&mut self, number: usize) {
        let args = ["--admin-token", "secret", "--listen", &self.addresses[number]];
        let namespace = (number == 2).then_some(&*self.network.0);
        let database = &self.database[usize::from(number == 2)];
        self.running[number] = Some(Process::start_in(namespace, database, &args));
    }

    /// Kills a replica.
    pub(super) fn kill(&mut self, number: usize) {
        self.running[number].take().unwrap().kill();
    }

    /// Tells a replica to stop, and waits until it has.
    pub(super) fn stop(&mut self, number: usize) {
        assert!(self.running[number].take().unwrap().terminate().success());
    }
}
