//! Leads connections from the sandbox's loopback interface to the agent's proxy. There is no other way out.

use super::super::spec::PROXY_PORT;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;

pub(super) fn listen(socket: PathBuf) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", PROXY_PORT))?;
    thread::Builder::new().name("forward".into()).spawn(move || {
        for stream in listener.incoming().flatten() {
            let socket = socket.clone();
            // A connection that cannot be led on is closed.
            let _ = thread::Builder::new().spawn(move || lead(&stream, &socket));
        }
    })?;
    Ok(())
}

fn lead(from: &TcpStream, socket: &Path) -> io::Result<()> {
    let to = UnixStream::connect(socket)?;
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = io::copy(&mut &*from, &mut &to);
            let _ = to.shutdown(Shutdown::Write);
        });
        let _ = io::copy(&mut &to, &mut &*from);
        let _ = from.shutdown(Shutdown::Write);
    });
    Ok(())
}
