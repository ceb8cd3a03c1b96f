//! The fixer's only way to the network: tunnels to the hosts that the operator has named, never to this machine, its
//! neighbours or the server.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream, lookup_host};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

const LONGEST_REQUEST: usize = 8 * 1024;
/// Tunnels at a time.
const MOST: usize = 64;

const CONNECT: Duration = Duration::from_secs(15);

/// A proxy that listens on a socket until it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    socket: PathBuf,
    refused: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a new socket, for tunnels to these hosts. `never` are the server's own addresses.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub(crate) fn listen(socket: PathBuf, hosts: &[String], never: Vec<IpAddr>) -> io::Result<Self> {
        Self::listen_for(socket, hosts, move |ip| is_public(ip) && !never.contains(&ip))
    }

    fn listen_for(
        socket: PathBuf,
        hosts: &[String],
        may_reach: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = UnixListener::bind(&socket)?;
        // The fixer is another user.
        std::fs::set_permissions(&socket, std::os::unix::fs::PermissionsExt::from_mode(0o666))?;
        let (hosts, refused) = (Arc::new(hosts.to_vec()), Arc::<Mutex<Vec<String>>>::default());
        let (kept, may_reach) = (Arc::clone(&refused), Arc::new(may_reach));
        let task = tokio::spawn(async move {
            let free = Arc::new(Semaphore::new(MOST));
            while let Ok((client, _)) = listener.accept().await {
                let Ok(place) = Arc::clone(&free).try_acquire_owned() else { continue };
                let (hosts, may_reach, refused) =
                    (Arc::clone(&hosts), Arc::clone(&may_reach), Arc::clone(&kept));
                tokio::spawn(async move {
                    let _place = place;
                    tunnel(client, &hosts, &*may_reach, &refused).await;
                });
            }
        });
        Ok(Self { socket, refused, task })
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Where the fixer wanted to go and was not let.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        // It lies in the attempt's folder, which is removed anyway.
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Serves one `CONNECT`. What is refused is noted before the client hears of it.
async fn tunnel(
    mut client: UnixStream,
    hosts: &[String],
    may_reach: &(dyn Fn(IpAddr) -> bool + Sync),
    refused: &Mutex<Vec<String>>,
) {
    let mut request = Vec::new();
    let head = async {
        while !request.ends_with(b"\r\n\r\n") && request.len() < LONGEST_REQUEST {
            request.push(client.read_u8().await?);
        }
        io::Result::Ok(())
    };
    if !matches!(tokio::time::timeout(CONNECT, head).await, Ok(Ok(()))) {
        return;
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let server = if method == "CONNECT" && is_allowed(target, hosts) {
        connect(target, may_reach).await
    } else {
        None
    };
    let Some(mut server) = server else {
        note(refused, target);
        let answer = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        // It may be gone.
        let _ = client.write_all(answer).await;
        return;
    };
    if client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok() {
        // However the tunnel ends is between the two.
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

fn note(refused: &Mutex<Vec<String>>, target: &str) {
    let target: String = target.chars().take(200).collect();
    let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
    if refused.len() < 20 && !refused.contains(&target) {
        refused.push(target);
    }
}

/// Whether a `host:port` is one of those named. Without a port, 443 is meant.
fn is_allowed(target: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|host| {
        let named = if host.contains(':') { host.clone() } else { format!("{host}:443") };
        named.eq_ignore_ascii_case(target)
    })
}

/// Connects to an address that was checked, not to a name that could mean another one the second time.
async fn connect(target: &str, may_reach: &(dyn Fn(IpAddr) -> bool + Sync)) -> Option<TcpStream> {
    let addresses: Vec<SocketAddr> = lookup_host(target).await.ok()?.collect();
    let address = addresses.into_iter().find(|address| may_reach(address.ip()))?;
    tokio::time::timeout(CONNECT, TcpStream::connect(address)).await.ok()?.ok()
}

/// Whether an address is on the internet, and not this machine or a network of its owner.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            let is_benchmark = a == 198 && (b == 18 || b == 19);
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation())
                && !(ip.is_broadcast()
                    || ip.is_multicast()
                    || is_shared
                    || is_benchmark
                    || a == 0
                    || a >= 240)
                && !(a == 192 && b == 0 && ip.octets()[2] == 0)
        }
        // Only what is assigned for the internet, and none that stands for an IPv4 address.
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            first & 0xe000 == 0x2000
                && first != 0x2002
                && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_on_the_internet_are_reached() {
        for ip in ["1.1.1.1", "93.184.216.34", "2606:4700::1111"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[tokio::test]
    async fn only_named_hosts_are_asked_for() {
        let hosts = ["api.example.com".to_owned(), "db.example.com:8443".to_owned()];
        assert!(is_allowed("API.example.com:443", &hosts) && is_allowed("db.example.com:8443", &hosts));
        for target in
            ["api.example.com:80", "db.example.com:443", "evil.com:443", "api.example.com.evil.com:443"]
        {
            assert!(!is_allowed(target, &hosts), "{target}");
        }
        let folder = tempfile::tempdir().unwrap();
        let local = ["localhost:1".to_owned()];
        let proxy = Proxy::listen(folder.path().join("s"), &local, Vec::new()).unwrap();
        for request in ["CONNECT localhost:1 HTTP/1.1\r\n\r\n", "GET http://localhost:1/ HTTP/1.1\r\n\r\n"] {
            let mut client = UnixStream::connect(proxy.socket()).await.unwrap();
            client.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        }
        assert_eq!(proxy.refused(), ["localhost:1", "http://localhost:1/"]);
    }

    #[tokio::test]
    async fn what_is_said_through_a_tunnel_arrives_both_ways() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = server.local_addr().unwrap().to_string();
        let answering = tokio::spawn(async move {
            let (mut stream, _) = server.accept().await.unwrap();
            let mut asked = [0; 5];
            stream.read_exact(&mut asked).await.unwrap();
            stream.write_all(&asked.map(|byte| byte.to_ascii_uppercase())).await.unwrap();
        });
        let folder = tempfile::tempdir().unwrap();
        let hosts = [host.clone()];
        let proxy =
            Proxy::listen_for(folder.path().join("s"), &hosts, |ip: IpAddr| ip.is_loopback()).unwrap();
        let mut client = UnixStream::connect(proxy.socket()).await.unwrap();
        client.write_all(format!("CONNECT {host} HTTP/1.1\r\n\r\nhello").as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "HTTP/1.1 200 OK\r\n\r\nHELLO");
        answering.await.unwrap();
        assert!(proxy.refused().is_empty());
        assert!(folder.path().join("s").exists());
        drop(proxy);
        assert!(!folder.path().join("s").exists());
    }
}
