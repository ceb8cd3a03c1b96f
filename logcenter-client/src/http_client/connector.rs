//! Connects to the server: directly or through a proxy, with or without TLS.

use super::ServerUrl;
use super::stream::Stream;
use super::tls;
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio_rustls::TlsConnector;
use tower_service::Service;

type BoxError = Box<dyn Error + Send + Sync>;

/// Connects to one server.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector,
    tls: Option<TlsConnector>,
    /// From `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, which are the operator's choice.
    proxy: Option<Proxy>,
}

#[derive(Debug, Clone)]
struct Proxy {
    url: Uri,
    authorization: Option<HeaderValue>,
}

impl Connector {
    pub(super) fn to(url: &ServerUrl, connect_timeout: Duration) -> Result<Self, String> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_timeout));
        let proxy = Matcher::from_env().intercept(url.uri());
        let proxy =
            proxy.map(|proxy| Proxy { url: proxy.uri().clone(), authorization: proxy.basic_auth().cloned() });
        if let Some(proxy) = &proxy
            && proxy.url.scheme_str() != Some("http")
        {
            let scheme = proxy.url.scheme_str().unwrap_or("none");
            return Err(format!("the proxy in the environment must be http, not {scheme}"));
        }
        let tls = if url.is_https() { Some(tls::connector()?) } else { None };
        Ok(Self { tcp, tls, proxy })
    }

    /// What a proxy that forwards plain requests must be told with each of them.
    pub(super) fn proxy_authorization(&self) -> Option<HeaderValue> {
        self.proxy.as_ref().filter(|_| self.tls.is_none())?.authorization.clone()
    }

    async fn connect(mut self, url: Uri) -> Result<TokioIo<Stream>, BoxError> {
        let Some(tls) = &self.tls else {
            let is_proxy = self.proxy.is_some();
            let tcp = self.tcp.call(self.proxy.map_or(url, |proxy| proxy.url)).await?;
            return Ok(TokioIo::new(Stream::Plain { tcp: tcp.into_inner(), is_proxy }));
        };
        let host = tls::server_name(&url)?;
        let tcp = match self.proxy {
            None => self.tcp.call(url).await?,
            Some(proxy) => {
                let mut tunnel = Tunnel::new(proxy.url, self.tcp);
                if let Some(authorization) = proxy.authorization {
                    tunnel = tunnel.with_auth(authorization);
                }
                tunnel.call(url).await?
            }
        };
        let stream = tls.connect(host, tcp.into_inner()).await?;
        Ok(TokioIo::new(Stream::Tls(Box::new(stream))))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        Box::pin(self.clone().connect(url))
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}
