//! The commands in the README print the responses shown there.

use crate::harness::Process;
use std::process::Command;
use tempfile::tempdir;

#[tokio::test]
async fn every_line_answers_as_printed() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let folder = tempdir().unwrap();
    let server = Process::start(folder.path());
    let mut ran = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("\n```").next().unwrap();
        for entry in block.split("$ ").skip(1) {
            let (command, expected) = entry.split_once('\n').unwrap();
            let command = command.replace("http://localhost:8002", &server.base);
            let output = Command::new("sh").arg("-c").arg(&command).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), expected.trim(), "{command}");
            ran += 1;
        }
    }
    assert!(ran > 3, "only {ran} lines were run");
}
