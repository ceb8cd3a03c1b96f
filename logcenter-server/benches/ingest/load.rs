//! The load generator: each connection sends its next report as soon as the previous one is answered.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many of every 1000 reports are new.
#[derive(Clone, Copy)]
struct NewShare(u64);

/// Generates requests that differ only in the line number; the first lines are the known fingerprints.
struct Requests {
    share: NewShare,
    known: u64,
    sent: u64,
    first_new: u64,
}

impl Requests {
    fn next(&mut self) -> Vec<u8> {
        self.sent += 1;
        // Spread evenly: with a share of 100, every tenth is new.
        let is_new = (self.sent * self.share.0) / 1000 != ((self.sent - 1) * self.share.0) / 1000;
        let line = if is_new { self.first_new + self.sent } else { 1 + (self.sent * 7919) % self.known };
        request(line)
    }
}

/// A report of about 1.1 KB, as a Python service would send it.
pub(crate) fn request(line: u64) -> Vec<u8> {
    let frame = r#""  File \"/srv/app/apps/users/views.py\", line 42, in get_user\n    user = User.objects.get(pk=int(raw))","#;
    let body = format!(
        r#"{{"project_id":"rtc_backend","environment":"production","level":"ERROR","version":"2.4.1","commit_hash":"9f2c1e7a4b6d8c0f1e2d3c4b5a69788796a5b4c3","error":{{"type":"ValueError","message":"invalid literal for int() with base 10: 'abc' while reading the identifier of a user","file_path":"apps/users/views.py","line_number":{line:>10},"stack_trace":["Traceback (most recent call last):",{}"ValueError: invalid literal for int() with base 10: 'abc'"]}},"context":{{"url":"/api/users/123","method":"GET","user_id":"u_12345","host":"web-7c9d","request_id":"01J9ZQ4X7K3M5N8P2R6T"}}}}"#,
        frame.repeat(4),
    );
    let head = format!(
        "POST /api/v1/logs/report HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

/// `load ADDRESS CONNECTIONS NEW_PER_1000 KNOWN_FINGERPRINTS WARM_UP_MS MEASURED_MS`; prints requests/s, p50 and p99 in microseconds.
pub(crate) fn run(args: &[String]) {
    let number = |at: usize| args[at].parse::<u64>().expect("a number");
    let (address, connections, share) = (args[0].clone(), number(1), NewShare(number(2)));
    let known = number(3);
    let (warm_up, measured) = (Duration::from_millis(number(4)), Duration::from_millis(number(5)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        let begin = Instant::now() + warm_up;
        let end = begin + measured;
        let latencies = Rc::new(RefCell::new(Vec::<u32>::with_capacity(1 << 20)));
        // Several loads do not follow each other through the fingerprints.
        let sent = u64::from(std::process::id()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let requests = Rc::new(RefCell::new(Requests { share, known, sent, first_new: known + 1000 }));
        let clients: Vec<_> = (0..connections)
            .map(|_| {
                let (address, latencies, requests) =
                    (address.clone(), Rc::clone(&latencies), Rc::clone(&requests));
                tokio::task::spawn_local(
                    async move { client(&address, &requests, &latencies, begin, end).await },
                )
            })
            .collect();
        for client in clients {
            client.await.expect("a client");
        }
        let mut latencies = latencies.borrow_mut();
        latencies.sort_unstable();
        let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
        let per_second = latencies.len() as f64 / measured.as_secs_f64();
        println!("{per_second:.0} {} {}", at(0.5), at(0.99));
    });
}

async fn client(
    address: &str,
    requests: &RefCell<Requests>,
    latencies: &RefCell<Vec<u32>>,
    begin: Instant,
    end: Instant,
) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut buffer = vec![0; 4096];
    loop {
        let request = requests.borrow_mut().next();
        let sent = Instant::now();
        if sent >= end {
            return;
        }
        stream.write_all(&request).await.expect("a request goes out");
        read_answer(&mut stream, &mut buffer).await;
        let now = Instant::now();
        if sent >= begin && now < end {
            latencies.borrow_mut().push((now - sent).as_micros() as u32);
        }
    }
}

/// Reads one response and checks that it is a 200.
pub(crate) async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            buffer.resize(filled * 2, 0);
        }
        let read = stream.read(&mut buffer[filled..]).await.expect("an answer comes in");
        assert!(read > 0, "the server closed the connection");
        filled += read;
        let Some(head) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).expect("a head").to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..filled]));
        let length =
            text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        if filled == head + 4 + length.unwrap_or(0) {
            return;
        }
    }
}
