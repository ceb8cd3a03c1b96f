//! What waits for a slow disk keeps its memory, whoever still waits for the answer.

use crate::harness::{Center, eventually, report};
use serde_json::json;
use tokio::io::AsyncWriteExt;

/// The bytes of a batch of one report, with white space up to the largest that is read.
fn padded(line: u64) -> Vec<u8> {
    let mut body = json!({"reports": [report(line)]}).to_string().into_bytes();
    body.resize(8 * 1024 * 1024, b' ');
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_whose_clients_hung_up_still_count_against_the_memory() {
    let center = Center::start().await;
    let address = center.base.strip_prefix("http://").unwrap();
    let disk = super::database(&center);
    disk.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begin = std::time::Instant::now();
    for line in 1..=6 {
        let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
        let body = padded(line);
        let head =
            format!("POST /api/v1/logs/batch HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(&body).await.unwrap();
        // Hangs up without waiting for the answer.
    }
    let refused = async || center.batch(&[]).await.status == 503;
    eventually("they fill the memory", || async { refused().await.then_some(()) }).await;
    for _ in 0..50 {
        // The writer gives up a locked file after five seconds.
        assert!(refused().await || begin.elapsed().as_secs() >= 5, "a client that hung up gave memory back");
    }
    disk.execute_batch("ROLLBACK").unwrap();
    eventually("the memory is free again", || async { (!refused().await).then_some(()) }).await;
}
