//! A PostgreSQL server of the tests' own: started once, gone with the process, with a database for each test.

use logcenter_server::Postgres;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

const INSTALL: &str = "run scripts/test, which installs it (apt-get install postgresql)";

/// Runs the server until its input ends: when the tests end, however they do.
const UNTIL_THE_END: &str = r#"
"$1/initdb" --pgdata "$2/disk/data" --waldir "$2/wal" --username logcenter --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync >"$2/log" 2>&1 &&
"$1/postgres" -D "$2/disk/data" -c unix_socket_directories="$2" -c listen_addresses= -c max_connections=300 -c fsync=off \
  -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB >>"$2/log" 2>&1 &
server=$!
until [ -S "$2/.s.PGSQL.5432" ] || ! kill -0 $server 2>/dev/null; do sleep 0.05; done
echo started
cat >/dev/null
# The shell that waits for initdb is the server's parent.
[ -f "$2/disk/data/postmaster.pid" ] && kill -QUIT "$(head -1 "$2/disk/data/postmaster.pid")"
wait $server
rm -rf "$2" 2>/dev/null
"#;

pub(crate) struct Server {
    folder: PathBuf,
    process: Child,
}

/// A database of a test's own, with Log Center's tables.
pub(crate) struct Database {
    pub(crate) name: String,
}

impl Database {
    /// A database without issues.
    pub(crate) async fn create() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let template = template().await;
        psql(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"));
        Self { name }
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        address(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        psql(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn address(database: &str) -> String {
    server().address(database)
}

/// The address of a database that stands for a folder: the same one for the same folder, until the tests end.
pub(crate) fn address_for(folder: &Path) -> String {
    let name = folder.display().to_string().to_lowercase();
    let name: String = name.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '_' }).collect();
    let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    if psql(&known).is_empty() {
        psql(&format!("CREATE DATABASE {name}"));
    }
    address(&name)
}

/// The database that all are copied from.
async fn template() -> &'static str {
    static MADE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    MADE.get_or_init(async || {
        psql("CREATE DATABASE template_logcenter");
        let store = Postgres::connect(&address("template_logcenter")).await.unwrap();
        logcenter_server::store::Upkeep::close(&store).await.unwrap();
        // Nothing may be connected to what is copied; a connection that was closed may linger.
        psql("ALTER DATABASE template_logcenter ALLOW_CONNECTIONS false");
        psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'template_logcenter'");
    })
    .await;
    "template_logcenter"
}

/// Runs a statement in the server's own database; returns what it prints.
pub(crate) fn psql(sql: &str) -> String {
    psql_in("postgres", sql)
}

/// Runs a statement in a database; returns what it prints.
pub(crate) fn psql_in(database: &str, sql: &str) -> String {
    server().psql(database, sql)
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(None))
}

impl Server {
    /// A server of its own, whose tables are on a disk of so many bytes. What it writes ahead is on another one.
    pub(crate) fn on_a_small_disk(bytes: u32) -> Self {
        Self::start(Some(bytes))
    }

    fn start(disk: Option<u32>) -> Self {
        // Not in a folder that only root may enter.
        let folder = tempfile::Builder::new().prefix("logcenter-pg-").tempdir_in("/tmp").unwrap().keep();
        for open in [folder.clone(), folder.join("disk")] {
            fs::create_dir_all(&open).unwrap();
            fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        }
        let mut words: Vec<String> = Vec::new();
        if let Some(bytes) = disk {
            let bwrap = "bwrap --die-with-parent --cap-add CAP_SETUID --cap-add CAP_SETGID --dev-bind / / --perms 0777";
            words.extend(bwrap.split(' ').map(str::to_owned));
            words.extend([
                "--size".into(),
                bytes.to_string(),
                "--tmpfs".into(),
                folder.join("disk").display().to_string(),
            ]);
        }
        // PostgreSQL refuses to run as root.
        if let Some(user) = other_user() {
            std::os::unix::fs::chown(&folder, Some(user), Some(user)).unwrap();
            words.extend(
                [format!("setpriv --reuid={user} --regid={user} --clear-groups")]
                    .iter()
                    .flat_map(|words| words.split(' '))
                    .map(str::to_owned),
            );
        }
        words.extend(["sh", "-c", UNTIL_THE_END, "sh"].map(str::to_owned));
        let mut process = Command::new(&words[0])
            .args(&words[1..])
            .args([programs(), &folder])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("PostgreSQL cannot be started: {error}; {INSTALL}"));
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(
            line == "started\n" && folder.join(".s.PGSQL.5432").exists(),
            "PostgreSQL did not start:\n{log}"
        );
        Self { folder, process }
    }

    pub(crate) fn address(&self, database: &str) -> String {
        format!("postgres://logcenter@/{database}?host={}", self.folder.display())
    }

    /// Runs a statement in a database; returns what it prints.
    pub(crate) fn psql(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new(programs().join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--host"]).arg(&self.folder);
        psql.args(["--username", "logcenter", "--dbname", database, "--command", sql]);
        String::from_utf8(super::tools::run(&mut psql).stdout).unwrap()
    }

    /// A path on the disk, as the server's own processes see it.
    pub(crate) fn on_its_disk(&self, name: &str) -> PathBuf {
        self.folder.join("disk").join(name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Whom to become, if the tests run as root.
pub(crate) fn other_user() -> Option<u32> {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    is_root.then_some(65534)
}

/// The folder with the server's programs: that of the newest version that is installed.
pub(crate) fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
        let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
        let with_server = folders.filter(|folder| folder.join("initdb").exists());
        let number = |folder: &PathBuf| -> u32 {
            let version = folder.parent().and_then(|version| version.file_name()?.to_str());
            version.and_then(|version| version.parse().ok()).unwrap_or(0)
        };
        with_server
            .max_by_key(number)
            .unwrap_or_else(|| panic!("no PostgreSQL in /usr/lib/postgresql: {INSTALL}"))
    })
}
