//! A Log Center, from its settings to its end.

use crate::access::{Access, Administrator};
use crate::attempts::Attempts;
use crate::clock::Clock;
use crate::domain::{Change, Changed, Deployment, IngestKey};
use crate::ingest::{Intake, Pipeline};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::secret::{SecretHash, new_ingest_key};
use crate::site::{PublicUrl, Site};
use crate::store::{Store, StoreError};
use crate::{api, dashboard, jobs};
use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use logcenter_core::ProjectId;
use std::fmt;
use std::sync::Arc;

/// What every handler works with.
pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) intake: Intake,
    pub(crate) access: Access,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) live: Arc<Live>,
    pub(crate) attempts: Attempts,
    pub(crate) api_url: Option<String>,
}

impl Inner {
    /// Changes an issue's status, and tells those who listen.
    pub(crate) async fn change_status(&self, id: i64, change: Change) -> Result<Changed, StoreError> {
        let changed = self.store.change_status(id, change, self.clock.now()).await?;
        if let Changed::Done(issue) = &changed {
            self.live.changed([issue.id]);
        }
        Ok(changed)
    }

    /// Makes an ingest key, and gives it out this once. `None` when there is no such project.
    pub(crate) async fn create_key(
        &self,
        project_id: ProjectId,
    ) -> Result<Option<(IngestKey, String)>, StoreError> {
        /// Characters of a key that are kept to recognise it by.
        const HINT: usize = 8;
        let key = new_ingest_key().map_err(|error| StoreError::Failed(error.to_string()))?;
        let (hash, hint) = (SecretHash::of(&key), key[..HINT].into());
        let about = self.store.add_key(project_id, hash, hint, self.clock.now()).await?;
        self.reload_keys().await?;
        Ok(about.map(|about| (about, key)))
    }

    /// Removes one key of a project, or all; how many.
    pub(crate) async fn delete_keys(
        &self,
        project_id: ProjectId,
        id: Option<i64>,
    ) -> Result<usize, StoreError> {
        let deleted = self.store.delete_keys(project_id, id).await?;
        self.reload_keys().await?;
        Ok(deleted)
    }

    /// The keys of a project, without the keys themselves.
    pub(crate) async fn keys(&self, project_id: &ProjectId) -> Result<Vec<IngestKey>, StoreError> {
        let keys = self.store.keys().await?.into_iter().map(|(_, key)| key);
        Ok(keys.filter(|key| key.project_id == *project_id).collect())
    }

    /// Makes the keys that the store holds the valid ones.
    pub(crate) async fn reload_keys(&self) -> Result<(), StoreError> {
        let keys = self.store.keys().await?;
        self.access.set_keys(keys.into_iter().map(|(hash, key)| (hash, key.project_id)));
        Ok(())
    }

    /// Moves on what a deployment brought, and tells those who listen.
    pub(crate) async fn deploy(&self, deployment: Deployment) -> Result<Vec<i64>, StoreError> {
        let deployed = self.store.deploy(deployment, self.clock.now()).await?;
        self.live.changed(deployed.iter().copied());
        Ok(deployed)
    }
}

/// What handlers take as axum's state.
pub(crate) type Center = Arc<Inner>;

/// A running Log Center: its routers, and its end.
pub struct LogCenter {
    inner: Center,
    pipeline: Pipeline,
}

/// The settings of a [`LogCenter`].
#[must_use]
#[derive(Default)]
pub struct Builder {
    store: Option<Arc<dyn Store>>,
    clock: Option<Clock>,
    administrator: Option<Administrator>,
    require_ingest_key: bool,
    api_url: Option<String>,
    site: Site,
}

/// Why a [`LogCenter`] cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No store was given.
    #[error("no store: call .store(Sqlite::open(…)?)")]
    NoStore,
    /// Nobody would be kept from reading and changing everything.
    #[error(
        "anybody could read and change everything: call .admin_token(…), or .host_authenticates() if the host lets \
         nobody else through, or .loopback_only()"
    )]
    NoAuthentication,
    /// The administrator's token is empty.
    #[error("the administrator's token is empty")]
    EmptyToken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Builder {
    /// Where issues are kept.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The token that proves an administrator. Kept as a hash.
    pub fn admin_token(mut self, token: &str) -> Self {
        self.administrator = Some(Administrator::Token(SecretHash::of(token)));
        self
    }

    /// Declares that the host lets only administrators through to all routes but the ingest routes.
    pub fn host_authenticates(mut self) -> Self {
        self.administrator = Some(Administrator::Host);
        self
    }

    /// Answers all routes but the ingest routes only to this machine: the peer's address must be a loopback one (given as
    /// [`ConnectInfo`](axum::extract::ConnectInfo), as [`serve`](crate::serve) does), so must `Host`, and no proxy may
    /// have passed the request on.
    pub fn loopback_only(mut self) -> Self {
        self.administrator = Some(Administrator::Loopback);
        self
    }

    /// Whether reports need an ingest key of their project. Default: no.
    pub fn require_ingest_key(mut self, required: bool) -> Self {
        self.require_ingest_key = required;
        self
    }

    /// The address under which browsers find the dashboard, behind a proxy: links, cookies and the check of origins
    /// follow it. Default: what each request says.
    pub fn public_url(mut self, url: PublicUrl) -> Self {
        self.site.public_url = Some(url);
        self
    }

    /// The proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed. Default: none.
    pub fn trusted_proxies(mut self, networks: impl IntoIterator<Item = IpNet>) -> Self {
        self.site.trusted_proxies = networks.into_iter().collect();
        self
    }

    /// Where clients find the API, for the dashboard's pages, when it is not under the same prefix.
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.api_url = Some(url.into());
        self
    }

    /// What time it is. Default: the system's clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Starts it on the current tokio runtime.
    ///
    /// # Errors
    /// [`BuildError`]: without a store, without authentication, or when the store fails.
    pub async fn build(self) -> Result<LogCenter, BuildError> {
        let store = self.store.ok_or(BuildError::NoStore)?;
        let administrator = self.administrator.ok_or(BuildError::NoAuthentication)?;
        if matches!(administrator, Administrator::Token(hash) if hash.is("")) {
            return Err(BuildError::EmptyToken);
        }
        let keys = store.keys().await?.into_iter().map(|(hash, key)| (hash, key.project_id));
        let metrics = Arc::new(Metrics::new());
        let live = Arc::new(Live::new());
        tokio::spawn(Arc::clone(&live).run(Arc::clone(&store)));
        let (intake, pipeline) = Pipeline::start(Arc::clone(&store), Arc::clone(&metrics), Arc::clone(&live));
        let inner = Arc::new(Inner {
            store,
            clock: self.clock.unwrap_or_else(Clock::system),
            intake,
            access: Access::new(administrator, self.require_ingest_key, self.site, keys),
            metrics,
            live,
            attempts: Attempts::default(),
            api_url: self.api_url,
        });
        tokio::spawn(jobs::housekeeping(Arc::downgrade(&inner)));
        Ok(LogCenter { inner, pipeline })
    }
}

impl LogCenter {
    /// Begins with the settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The API and the dashboard together, for a host to mount under any prefix.
    ///
    /// `nest_service` serves the prefix with and without its trailing slash; `nest` only without.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let routes = api::router(&self.inner).merge(dashboard::router(&self.inner));
        self.finish(api::with_fallbacks(routes).fallback(unknown))
    }

    /// The API alone.
    pub fn api_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.finish(api::with_fallbacks(api::router(&self.inner)))
    }

    /// The dashboard alone, with the stream that its pages read from their own origin.
    pub fn dashboard_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let stream = api::stream_router(&self.inner);
        let routes = dashboard::router(&self.inner).merge(stream);
        self.finish(api::with_fallbacks(routes).fallback(unknown))
    }

    fn finish<S: Clone + Send + Sync + 'static>(&self, routes: Router<Center>) -> Router<S> {
        routes.with_state(Arc::clone(&self.inner))
    }

    /// Refuses reports from now on (503), and ends streams; what was accepted before is still recorded. The first step of
    /// a graceful stop: then let the connections end, then call [`shutdown`](Self::shutdown).
    pub fn refuse_reports(&self) {
        self.inner.live.close();
        self.pipeline.refuse();
    }

    /// Records what was accepted and closes the store.
    pub async fn shutdown(&self) {
        self.inner.live.close();
        self.pipeline.finish().await;
        if let Err(error) = self.inner.store.close().await {
            tracing::error!(%error, "the store could not be closed");
        }
    }
}

/// The answer to an unknown path: a page to people, a problem to programs.
async fn unknown(State(center): State<Center>, parts: Parts) -> Response {
    match dashboard::unknown_page(&center, &parts) {
        Some(page) => page,
        None => api::unknown_path(parts).await.into_response(),
    }
}

impl Drop for LogCenter {
    /// The task that tells what happens holds the store, which must be let go for whoever opens it next.
    fn drop(&mut self) {
        self.inner.live.close();
    }
}

impl fmt::Debug for LogCenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogCenter").field("access", &self.inner.access).finish_non_exhaustive()
    }
}
