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
"$1/initdb" --pgdata "$2/data" --username logcenter --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync >"$2/log" 2>&1 &&
"$1/postgres" -D "$2/data" -c unix_socket_directories="$2" -c listen_addresses= -c max_connections=300 -c fsync=off \
  -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB >>"$2/log" 2>&1 &
server=$!
until [ -S "$2/.s.PGSQL.5432" ] || ! kill -0 $server 2>/dev/null; do sleep 0.05; done
echo started
cat >/dev/null
# The shell that waits for initdb is the server's parent.
[ -f "$2/data/postmaster.pid" ] && kill -QUIT "$(head -1 "$2/data/postmaster.pid")"
wait $server
rm -rf "$2"
"#;

struct Server {
    folder: PathBuf,
    _process: Child,
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
    format!("postgres://logcenter@/{database}?host={}", server().folder.display())
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
    let mut psql = Command::new(programs().join("psql"));
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--host"]).arg(&server().folder);
    psql.args(["--username", "logcenter", "--dbname", database, "--command", sql]);
    String::from_utf8(super::tools::run(&mut psql).stdout).unwrap()
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        // Not in a folder that only root may enter.
        let folder = tempfile::Builder::new().prefix("logcenter-pg-").tempdir_in("/tmp").unwrap().keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let mut shell = match other_user() {
            // PostgreSQL refuses to run as root.
            Some(user) => {
                std::os::unix::fs::chown(&folder, Some(user), Some(user)).unwrap();
                let mut setpriv = Command::new("setpriv");
                setpriv.args([
                    &format!("--reuid={user}"),
                    &format!("--regid={user}"),
                    "--clear-groups",
                    "sh",
                ]);
                setpriv
            }
            None => Command::new("sh"),
        };
        let mut process = shell
            .args(["-c", UNTIL_THE_END, "sh"])
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
        Server { folder, _process: process }
    })
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
