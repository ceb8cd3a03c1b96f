//! A Log Center from configuration to shutdown: puts all the parts together.

use crate::access::random::{KEY_PREFIX, TOKEN_PREFIX};
use crate::access::signature::WebhookSecret;
use crate::access::{Access, Administrator};
use crate::domain::{Retention, SecretHash};
use crate::feed::Feed;
use crate::http::PublicUrl;
use crate::http::proxy::PublicAddress;
use crate::ingest::QueueTask;
use crate::runtime::Clock;
use crate::runtime::metrics::Metrics;
use crate::runtime::readiness::Readiness;
use crate::state::{SharedState, State};
use crate::store::{Store, StoreError};
use crate::{api, dashboard, jobs, service};
use axum::Router;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use std::fmt;
use std::sync::Arc;

/// A running Log Center: its routers, and its shutdown.
pub struct LogCenter {
    state: SharedState,
    queue: QueueTask,
}

/// The settings of a [`LogCenter`].
#[must_use]
#[derive(Default)]
pub struct Builder {
    store: Option<Arc<dyn Store>>,
    clock: Option<Clock>,
    administrator: Option<Administrator>,
    is_token_like_key: bool,
    require_ingest_key: bool,
    api_url: Option<String>,
    address: PublicAddress,
    webhook_secret: Option<WebhookSecret>,
    retention: Retention,
}

/// Why a [`LogCenter`] cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No store was given.
    #[error("no store: call .store(Sqlite::open(…)?)")]
    NoStore,
    /// Anybody could read and change everything.
    #[error(
        "anybody could read and change everything: call .admin_token(…), or .host_authenticates() if the host lets \
         nobody else through, or .loopback_only()"
    )]
    NoAuthentication,
    /// The administrator's token is empty.
    #[error("the administrator's token is empty")]
    EmptyToken,
    /// The secret of webhooks is empty.
    #[error("the webhook secret is empty: anybody could sign with it")]
    EmptyWebhookSecret,
    /// The administrator's token looks like an ingest key or another token.
    #[error(
        "the administrator's token begins with lck_ or lct_, as keys and other tokens do; choose another"
    )]
    TokenLikeKey,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Builder {
    /// The store for issues and everything else.
    pub fn store(self, store: impl Store) -> Self {
        self.shared_store(Arc::new(store))
    }

    /// As [`store`](Self::store), for a store shared by several Log Centers, as by replicas.
    pub fn shared_store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// The administrator's token. Only its hash is kept.
    pub fn admin_token(mut self, token: &str) -> Self {
        self.administrator = Some(Administrator::Token(SecretHash::of(token)));
        self.is_token_like_key = token.starts_with(KEY_PREFIX) || token.starts_with(TOKEN_PREFIX);
        self
    }

    /// Declares that the host lets only administrators through, to all routes except the ingest routes.
    pub fn host_authenticates(mut self) -> Self {
        self.administrator = Some(Administrator::Host);
        self
    }

    /// Serves all routes except the ingest routes to this machine only: the peer's address must be loopback (given as
    /// [`ConnectInfo`](axum::extract::ConnectInfo), as [`serve`](crate::http::serve) does), so must `Host`, and the
    /// request must not have come through a proxy.
    pub fn loopback_only(mut self) -> Self {
        self.administrator = Some(Administrator::Loopback);
        self
    }

    /// Whether reports require an ingest key of their project. Default: no.
    pub fn require_ingest_key(mut self, required: bool) -> Self {
        self.require_ingest_key = required;
        self
    }

    /// Public URL of the dashboard behind a proxy: used for links, cookies and the origin check. Default: the address
    /// in each request.
    pub fn public_url(mut self, url: PublicUrl) -> Self {
        self.address.public_url = Some(url);
        self
    }

    /// The proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are trusted. Default: none.
    pub fn trusted_proxies(mut self, networks: impl IntoIterator<Item = IpNet>) -> Self {
        self.address.trusted_proxies = networks.into_iter().collect();
        self
    }

    /// Public URL of the API, for the dashboard's pages, if it is not under the same prefix.
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.api_url = Some(url.into());
        self
    }

    /// The secret that forges sign webhooks with. Without one no webhook is accepted.
    pub fn webhook_secret(mut self, secret: &str) -> Self {
        self.webhook_secret = Some(WebhookSecret::new(secret));
        self
    }

    /// How long what only grows is kept. Default: counts by the hour for 14 days, closed issues for ever.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// The source of the current time. Default: the system clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Starts the Log Center on the current tokio runtime.
    ///
    /// # Errors
    /// [`BuildError`] without a store, without authentication, or if the store fails.
    pub async fn build(self) -> Result<LogCenter, BuildError> {
        let store = self.store.ok_or(BuildError::NoStore)?;
        let administrator = self.administrator.ok_or(BuildError::NoAuthentication)?;
        if matches!(administrator, Administrator::Token(hash) if hash.is("")) {
            return Err(BuildError::EmptyToken);
        }
        if self.webhook_secret.as_ref().is_some_and(WebhookSecret::is_empty) {
            return Err(BuildError::EmptyWebhookSecret);
        }
        if self.is_token_like_key {
            return Err(BuildError::TokenLikeKey);
        }
        let clock = self.clock.unwrap_or_else(Clock::system);
        let metrics = Arc::new(Metrics::new());
        let feed = Arc::new(Feed::new(Arc::clone(&store), clock.clone()));
        tokio::spawn(Arc::clone(&feed).run());
        let readiness = Arc::<Readiness>::default();
        let (intake, queue) = QueueTask::start(
            Arc::clone(&store),
            Arc::clone(&metrics),
            Arc::clone(&feed),
            Arc::clone(&readiness),
        );
        let access = Access {
            webhook_secret: self.webhook_secret,
            ..Access::new(administrator, self.require_ingest_key, self.address)
        };
        let state = Arc::new(State {
            store,
            clock,
            intake,
            access,
            metrics,
            feed,
            api_url: self.api_url,
            retention: self.retention,
            readiness,
        });
        service::access::refresh(&state).await?;
        jobs::spawn(&state);
        Ok(LogCenter { state, queue })
    }
}

impl LogCenter {
    /// Starts configuring a Log Center.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The API and the dashboard together, for a host to mount under any prefix.
    ///
    /// `nest_service` serves the prefix with and without its trailing slash; `nest` only without.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let routes = api::router(&self.state).merge(dashboard::router(&self.state));
        self.finish(api::with_fallbacks(routes, api::lenient_routes(&self.state), unknown))
    }

    /// The API alone.
    pub fn api_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let (routes, lenient) = (api::router(&self.state), api::lenient_routes(&self.state));
        self.finish(api::with_fallbacks(routes, lenient, api::unknown_path))
    }

    /// The dashboard alone, including the event stream, which its pages read from their own origin.
    pub fn dashboard_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let stream = api::stream_router(&self.state);
        let routes = dashboard::router(&self.state).merge(stream);
        self.finish(api::with_fallbacks(routes, Router::new(), unknown))
    }

    fn finish<S: Clone + Send + Sync + 'static>(&self, routes: Router<SharedState>) -> Router<S> {
        routes.with_state(Arc::clone(&self.state))
    }

    /// Refuses reports from now on (503) and ends streams; reports accepted before are still recorded. This is the
    /// first step of a graceful shutdown: then let the connections end, and call [`shutdown`](Self::shutdown).
    pub fn refuse_reports(&self) {
        self.state.feed.close();
        self.queue.refuse();
    }

    /// Records all accepted reports and closes the store.
    pub async fn shutdown(&self) {
        self.state.feed.close();
        self.queue.finish().await;
        if let Err(error) = self.state.store.close().await {
            tracing::error!(%error, "the store could not be closed");
        }
    }
}

/// The response to an unknown path: a page for people, a problem for programs.
async fn unknown(axum::extract::State(state): axum::extract::State<SharedState>, parts: Parts) -> Response {
    match dashboard::unknown_page(&state, &parts) {
        Some(page) => page,
        None => api::unknown_path(parts).await.into_response(),
    }
}

impl Drop for LogCenter {
    /// The feed's task holds the store, which must be released before it can be opened again.
    fn drop(&mut self) {
        self.state.feed.close();
    }
}

impl fmt::Debug for LogCenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogCenter").field("access", &self.state.access).finish_non_exhaustive()
    }
}
