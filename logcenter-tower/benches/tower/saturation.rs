//! A real axum server at saturation, with and without the layer.

use axum::{Router, extract::Path, routing::get};
use logcenter_measure::limit;
use logcenter_tower::LogCenterLayer;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 21;
const SECOND: Duration = Duration::from_millis(700);

/// Serves until its standard input is closed.
pub(crate) fn serve(what: Option<&str>) {
    let _guard = crate::client();
    let app: Router =
        Router::new().route("/users/{id}", get(|Path(id): Path<u64>| async move { id.to_string() }));
    // axum boxes a router's services once more for any layer; that is not a cost of this one.
    let app = match what {
        Some("layered") => app.layer(LogCenterLayer::new()),
        Some("empty") => app.layer(tower::layer::util::Identity::new()),
        _ => app,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        thread::spawn(|| {
            let _ = std::io::stdin().read(&mut [0]);
            #[expect(clippy::exit, reason = "its parent is gone")]
            std::process::exit(0);
        });
        axum::serve(listener, app).await.unwrap();
    });
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(what: &str) -> Self {
        let mut child = Command::new("taskset")
            .args(["-c", "1"])
            .arg(std::env::current_exe().unwrap())
            .args(["serve", what])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().into() }
    }

    /// Requests/s and p99 in microseconds.
    fn load(&self) -> (f64, f64) {
        let end = Instant::now() + SECOND;
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let address = self.address.clone();
                thread::spawn(move || client(&address, end))
            })
            .collect();
        let mut latencies: Vec<Duration> =
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        latencies.sort();
        (latencies.len() as f64, latencies[latencies.len() * 99 / 100].as_secs_f64() * 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client(address: &str, end: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut latencies, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        let begin = Instant::now();
        if begin >= end {
            return latencies;
        }
        stream.write_all(b"GET /users/7 HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        // The response is small enough to arrive in one read.
        let read = stream.read(&mut buffer).unwrap();
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200") && buffer[..read].ends_with(b"7"));
        latencies.push(begin.elapsed());
    }
}

pub(crate) fn run() {
    println!(
        "\nAn axum server at saturation: {CONNECTIONS} connections, {ROUNDS} rounds of 0.7 s each, in turn"
    );
    let servers = ["bare", "empty", "layered"].map(Server::start);
    let mut loads: [Vec<(f64, f64)>; 3] = Default::default();
    for round in 0..=ROUNDS {
        // Rotate which server goes first, too.
        for turn in 0..servers.len() {
            let at = (round + turn) % servers.len();
            let load = servers[at].load();
            if round > 0 {
                loads[at].push(load);
            }
        }
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let names = ["no layer", "an empty layer", "logcenter-tower"];
    for (name, loads) in names.iter().zip(&loads) {
        let [rate, tail] = [|load: &(f64, f64)| load.0, |load: &(f64, f64)| load.1]
            .map(|pick: fn(&(f64, f64)) -> f64| median(loads.iter().map(pick).collect()));
        println!("  {name:<16} {rate:>8.0}/s, p99 {tail:>5.0} µs");
    }
    let of = |pick: fn(&(f64, f64)) -> f64| {
        median(loads[1].iter().zip(&loads[2]).map(|(empty, layered)| pick(layered) / pick(empty)).collect())
    };
    limit("requests/s lost to an empty layer, %", (1.0 - of(|load| load.0)) * 100.0, 1.0);
    limit("p99 over an empty layer, %", (of(|load| load.1) - 1.0) * 100.0, 1.0);
}
