//! The measurements and their output.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const LOADS: [(&str, u32); 3] = [("100 known fingerprints", 0), ("one in ten new", 100), ("all new", 1000)];

/// Seconds after which two loads have sent each of 10,000 fingerprints.
const KNOWN_AFTER: f64 = 4.0;

struct Settings {
    /// `--connections 64`: only the load test; `--connections none`: everything else.
    connections: Vec<u32>,
    beside_the_load: bool,
    repeats: usize,
    seconds: f64,
    /// `--postgres ADDRESS`: a database that is emptied, to compare that store with.
    postgres: Option<String>,
}

impl Settings {
    fn read(args: &[String]) -> Self {
        let value = |flag: &str| args.iter().position(|arg| arg == flag).and_then(|at| args.get(at + 1));
        let connections = value("--connections").map_or(vec![1, 16, 64, 256], |list| {
            list.split(',').filter_map(|one| one.parse().ok()).collect()
        });
        let repeats = value("--repeats").map_or(3, |text| text.parse().expect("--repeats takes a number"));
        let seconds = value("--seconds").map_or(3.0, |text| text.parse().expect("--seconds takes a number"));
        let beside_the_load = connections.len() != 1;
        let postgres = value("--postgres").cloned();
        Self { connections, beside_the_load, repeats, seconds, postgres }
    }
}

/// A server in its own process, on the second core.
struct Server {
    process: Child,
    address: String,
}

/// This program in another role, pinned to a core if the machine has it.
fn role(core: &str, args: &[&str]) -> Command {
    let program = std::env::current_exe().expect("this program");
    let pinned =
        Command::new("taskset").args(["-c", core, "true"]).status().is_ok_and(|status| status.success());
    let mut command = if pinned {
        let mut command = Command::new("taskset");
        command.args(["-c", core]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.args(args).stdout(Stdio::piped());
    command
}

impl Server {
    fn start(args: &[&str]) -> Self {
        let mut process = role("1", args).spawn().expect("a server");
        let mut address = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut address).expect("its address");
        Self { process, address: address.trim().into() }
    }

    fn load(&self, connections: u32, new_share: u32, warm_up: f64, seconds: f64) -> [f64; 3] {
        ended(self.begin_load(connections, new_share, 100, warm_up, seconds))
    }

    fn begin_load(&self, connections: u32, new_share: u32, known: u32, warm_up: f64, seconds: f64) -> Child {
        let numbers = [connections, new_share, known].map(|number| number.to_string());
        let millis = [warm_up, seconds].map(|seconds| format!("{:.0}", seconds * 1000.0));
        let args: Vec<&str> = numbers.iter().chain(&millis).map(String::as_str).collect();
        role("0", &[&["load", &self.address], &args[..]].concat()).spawn().expect("a load")
    }

    /// Resident memory in MiB.
    fn memory(&self) -> f64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        text.starts_with("HTTP/1.1 200").then_some(text)
    }
}

/// What a load measured: requests/s, p50 and p99 in microseconds.
fn ended(load: Child) -> [f64; 3] {
    let output = load.wait_with_output().expect("a load");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("numbers");
    let numbers: Vec<f64> = text.split_whitespace().map(|one| one.parse().expect("a number")).collect();
    numbers.try_into().expect("three numbers")
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median of each of the three values.
fn medians(runs: &[[f64; 3]]) -> [f64; 3] {
    [0, 1, 2].map(|at| median(runs.iter().map(|run| run[at]).collect()))
}

pub(crate) fn all(args: &[String]) {
    let settings = Settings::read(args);
    let folder = std::env::current_exe().expect("this program").with_file_name("ingest-bench-data");
    let database = |name: &str| {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for databases");
        folder.join(name).to_str().expect("a path in UTF-8").to_owned()
    };
    println!(
        "connections  load                     bare/s  p50 µs  p99 µs  Log Center/s  p50 µs  p99 µs  MiB   ratio"
    );
    for &connections in &settings.connections {
        for (name, share) in LOADS {
            let (mut bare, mut center, mut memory) = (Vec::new(), Vec::new(), Vec::new());
            let mut postgres = Vec::new();
            for _ in 0..settings.repeats {
                let server = Server::start(&["serve-bare"]);
                bare.push(server.load(connections, share, 0.5, settings.seconds));
                drop(server);
                let server = Server::start(&["serve-center", &database("ingest.db")]);
                center.push(server.load(connections, share, 0.5, settings.seconds));
                memory.push(server.memory());
                drop(server);
                if let Some(address) = &settings.postgres {
                    super::center::empty(address);
                    let server = Server::start(&["serve-center", address]);
                    postgres.push(server.load(connections, share, 0.5, settings.seconds));
                }
            }
            let ([bare, p50, p99], [ours, our_p50, our_p99]) = (medians(&bare), medians(&center));
            println!(
                "{connections:>11}  {name:<22} {bare:>8.0} {p50:>7.0} {p99:>7.0} {ours:>13.0} {our_p50:>7.0} {our_p99:>7.0} {:>4.0}  {:>6.2}",
                median(memory),
                ours / bare
            );
            if !postgres.is_empty() {
                let [theirs, p50, p99] = medians(&postgres);
                println!(
                    "{:>11}  {:<22} {:>24} {theirs:>13.0} {p50:>7.0} {p99:>7.0}        of SQLite: {:.2}",
                    "",
                    "  on PostgreSQL",
                    "",
                    theirs / ours
                );
            }
        }
    }
    if let Some(address) = &settings.postgres {
        replicas(address, &settings);
    }
    if settings.beside_the_load {
        start(&database("start.db"));
        memory(&database("memory.db"));
        list(&database("list.db"));
    }
    let _ = std::fs::remove_dir_all(Path::new(&folder));
}

/// Two replicas on one database against one, each way with the same two loads.
fn replicas(address: &str, settings: &Settings) {
    for (name, known) in [("one hot fingerprint", 1), ("10,000 known fingerprints", 10_000)] {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        for _ in 0..settings.repeats {
            for (servers, rates) in [(1, &mut one), (2, &mut two)] {
                super::center::empty(address);
                let servers: Vec<Server> =
                    (0..servers).map(|_| Server::start(&["serve-center", address])).collect();
                let loads = [&servers[0], &servers[servers.len() - 1]]
                    .map(|server| server.begin_load(32, 0, known, KNOWN_AFTER, settings.seconds));
                rates.push(loads.map(|load| ended(load)[0]).iter().sum::<f64>());
            }
        }
        let (one, two) = (median(one), median(two));
        println!("{name:<26} one replica {one:>6.0}/s, two {two:>6.0}/s: {:.2}", two / one);
    }
}

/// Time from process start to the first response.
fn start(database: &str) {
    drop(Server::start(&["serve-center", database]));
    let times = (0..11).map(|_| {
        let begin = Instant::now();
        let server = Server::start(&["serve-center", database]);
        while server.get("/healthz").is_none() {
            assert!(begin.elapsed() < Duration::from_secs(10), "the server does not answer");
        }
        begin.elapsed().as_secs_f64() * 1000.0
    });
    println!("start to first answer: {:.1} ms (limit 50)", median(times.collect()));
}

/// Memory use after a load, with 10,000 issues in the database.
fn memory(database: &str) {
    let server = Server::start(&["serve-center", database]);
    fill(&server, 10_000, 1);
    server.load(64, 0, 0.5, 5.0);
    println!("memory after the load, with 10,000 issues: {:.1} MiB (limit 25)", server.memory());
}

/// Listing 50 of 100,000 issues.
fn list(database: &str) {
    let server = Server::start(&["serve-center", database]);
    fill(&server, 100_000, 20);
    let queries = [
        "",
        "?project_id=project_7",
        "?project_id=project_7&status=NEW&level=ERROR&source=runtime",
        "?environment=production&status=NEW&q=literal",
        "?project_id=project_7&q=views.py&since=2020-01-01T00:00:00Z",
        "?sort=first_seen",
        "?sort=count",
        "?q=appears+nowhere",
        "?level=CRITICAL",
    ];
    for query in queries {
        let times = (0..21).map(|_| {
            let begin = Instant::now();
            assert!(server.get(&format!("/api/v1/issues{query}")).is_some(), "{query} fails");
            begin.elapsed().as_secs_f64() * 1000.0
        });
        println!(
            "list of 50 out of 100,000 issues, {query:<62} {:>6.1} ms (limit 10)",
            median(times.collect())
        );
    }
}

/// Reports `issues` distinct errors, spread over `projects` projects.
fn fill(server: &Server, issues: usize, projects: usize) {
    let numbers: Vec<usize> = (0..issues).collect();
    for batch in numbers.chunks(200) {
        let reports: Vec<String> = batch
            .iter()
            .map(|n| {
                format!(
                    r#"{{"project_id":"project_{}","environment":"production","level":"ERROR","error":{{"type":"ValueError","message":"invalid literal for int() with base 10: '{n}'","file_path":"apps/users/views.py","line_number":{n},"stack_trace":["Traceback","ValueError"]}}}}"#,
                    n % projects
                )
            })
            .collect();
        let body = format!(r#"{{"reports":[{}]}}"#, reports.join(","));
        let mut stream = TcpStream::connect(&server.address).expect("a connection");
        write!(
            stream,
            "POST /api/v1/logs/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("a batch goes out");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("problem"), "{answer}");
    }
}
