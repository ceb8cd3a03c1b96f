//! What waits for a slow disk keeps its memory, whoever still waits for the answer.

use crate::harness::{Center, eventually, report};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// The bytes of a batch of one report, with white space up to the largest that is read.
fn padded(line: u64) -> Vec<u8> {
    let mut body = json!({"reports": [report(line)]}).to_string().into_bytes();
    body.resize(8 * 1024 * 1024, b' ');
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_whose_clients_hung_up_still_count_against_the_memory() {
    let center = Center::start().await;
    // Whoever hangs up before the server has read the report gives its memory back, rightly. On a busy machine that takes
    // a while; if memory were given back at every hang-up, no patience would help.
    for patience in 1..=8 {
        if is_kept(&center, Duration::from_millis(300) * patience).await {
            return;
        }
    }
    panic!("clients that hung up gave memory back");
}

/// Whether the memory stays full when all clients hang up, some time after they sent everything.
async fn is_kept(center: &Center, patience: Duration) -> bool {
    let address = center.base.strip_prefix("http://").unwrap();
    let mut clients = Vec::new();
    for line in 1..=6 {
        let mut client = TcpStream::connect(address).await.unwrap();
        let body = padded(line);
        let head =
            format!("POST /api/v1/logs/batch HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(&body[..body.len() - 1]).await.unwrap();
        clients.push(client);
    }
    let refused = async || center.batch(&[]).await.status == 503;
    eventually("they fill the memory", || async { refused().await.then_some(()) }).await;
    // The writer waits five seconds for a locked file.
    let disk = super::database(center);
    disk.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begin = Instant::now();
    for client in &mut clients {
        client.write_all(b" ").await.unwrap();
    }
    let mut is_kept = true;
    while is_kept && begin.elapsed() < Duration::from_secs(4) {
        if begin.elapsed() > patience {
            clients.clear();
        }
        is_kept = refused().await;
    }
    disk.execute_batch("ROLLBACK").unwrap();
    eventually("the memory is free again", || async { (!refused().await).then_some(()) }).await;
    is_kept
}
