//! Serves HTTP over TCP, and shuts down without breaking off responses.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::Service;

/// How long idle and newly accepted connections are still served after shutdown begins. Closing one at once could hit a
/// request that is already on its way.
const GRACE: Duration = Duration::from_millis(500);

/// How long requests in progress may still take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection without a new request for this long (up to twice as long) is closed, whether it is idle or slow to send
/// its request.
const IDLE: Duration = Duration::from_secs(60);

/// Starts the shutdown of everything that [`serve`] serves.
#[derive(Debug, Clone)]
pub struct Drain(watch::Sender<bool>);

impl Default for Drain {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Drain {
    /// Begins the shutdown: from now on every response asks its client to close the connection.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    #[expect(clippy::disallowed_methods, reason = "the grace period is a time, not a condition")]
    async fn grace_is_over(&self) {
        // The sender lives in `self`, which outlives this.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
        tokio::time::sleep(GRACE).await;
    }
}

/// Serves HTTP/1.1 until `drain` begins and the requests in progress have been answered. Requests carry their peer's
/// address as [`ConnectInfo<SocketAddr>`].
pub async fn serve(listener: TcpListener, router: Router, drain: Drain) {
    let mut connections = JoinSet::new();
    {
        let mut grace_is_over = pin!(drain.grace_is_over());
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => spawn(&mut connections, stream, peer, &router, &drain),
                    Err(error) => accept_failed(&error).await,
                },
                Some(_) = connections.join_next() => {}
                () = &mut grace_is_over => break,
            }
        }
    }
    // Accept what is left in the backlog: closing the listener would cut those connections off.
    while let Poll::Ready(Ok((stream, peer))) =
        poll_fn(|context| Poll::Ready(listener.poll_accept(context))).await
    {
        spawn(&mut connections, stream, peer, &router, &drain);
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_TIMEOUT, ended).await.is_err() {
        tracing::warn!("some requests took too long to end; their connections are closed");
    }
}

/// Pauses when there are no file descriptors left, instead of spinning. Connections aborted by their client are
/// ignored.
#[expect(clippy::disallowed_methods, reason = "nothing tells when a file descriptor is free again")]
async fn accept_failed(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Not async, so that what a connection consists of is compiled, and optimised, with this crate and not with its host.
fn spawn(connections: &mut JoinSet<()>, stream: TcpStream, peer: SocketAddr, router: &Router, drain: &Drain) {
    connections.spawn(connection(stream, peer, router.clone(), drain.clone()));
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, drain: Drain) {
    // A small response must not wait for the acknowledgement of the previous one.
    let _ = stream.set_nodelay(true);
    let (asked, under_way) = (AtomicBool::new(false), AtomicUsize::new(0));
    let streams = AtomicBool::new(false);
    let handle = |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        asked.store(true, Ordering::Relaxed);
        under_way.fetch_add(1, Ordering::Relaxed);
        let (answer, drain, under_way) = (router.clone().call(request), &drain, &under_way);
        let streams = &streams;
        async move {
            let answer = answer.await;
            under_way.fetch_sub(1, Ordering::Relaxed);
            let mut response = answer?;
            if response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream") {
                streams.store(true, Ordering::Relaxed);
            }
            if drain.has_begun() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, std::convert::Infallible>(response)
        }
    };
    let mut connection =
        pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handle)));
    let mut grace_is_over = pin!(drain.grace_is_over());
    let mut idle = tokio::time::interval_at(tokio::time::Instant::now() + IDLE, IDLE);
    loop {
        tokio::select! {
            // An aborted connection is the client's business.
            _ = connection.as_mut() => return,
            _ = idle.tick() => {
                let is_idle = !asked.swap(false, Ordering::Relaxed) && under_way.load(Ordering::Relaxed) == 0;
                // A stream is silent while nothing happens, and sends its own keep-alives.
                if is_idle && !streams.load(Ordering::Relaxed) {
                    break;
                }
            }
            () = &mut grace_is_over => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, connection).await;
}
