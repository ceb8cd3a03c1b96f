//! Cross-origin requests: what browsers need to hear before they deliver a report from another origin.
//!
//! A beacon makes its preflight with credentials, so `*` will not do: the origin is mirrored, and headers are named. Cookies
//! are never read behind it, so nothing is opened by it.

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue, ORIGIN, VARY};
use axum::response::Response;
use futures_util::TryFutureExt;
use futures_util::future::{Either, MapOk};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::layer::layer_fn;
use tower::{Layer, Service, ServiceExt};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;

/// Opens the ingest routes to pages of any origin.
pub(super) fn report<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>) -> OpenApiRouter<S> {
    open(routes, CorsLayer::new().allow_methods([Method::POST]).allow_credentials(true))
}

/// Opens the registration of a project to pages of any origin.
pub(super) fn register<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>) -> OpenApiRouter<S> {
    open(routes, CorsLayer::new().allow_methods([Method::PUT]))
}

fn open<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>, cors: CorsLayer) -> OpenApiRouter<S> {
    let cors = cors
        .allow_origin(AllowOrigin::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(Duration::from_secs(24 * 60 * 60))
        .vary([ORIGIN]);
    let cors = Arc::new(cors);
    routes.layer(layer_fn(move |inner| CrossOrigin { inner, cors: Arc::clone(&cors) }))
}

/// Asks the rules of CORS only if a browser does: most reports come from programs, and for each the rules would be copied.
#[derive(Clone)]
struct CrossOrigin<S> {
    inner: S,
    cors: Arc<CorsLayer>,
}

type Answer<E> = Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>;

impl<S> Service<Request> for CrossOrigin<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Either<MapOk<S::Future, fn(Response) -> Response>, Answer<S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.method() != Method::OPTIONS && !request.headers().contains_key(ORIGIN) {
            return Either::Left(self.inner.call(request).map_ok(vary as fn(_) -> _));
        }
        let answer = self.cors.layer(self.inner.clone()).oneshot(name_content_type(request));
        Either::Right(Box::pin(answer))
    }
}

fn vary(mut response: Response) -> Response {
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    response
}

/// Allows `content-type` to every preflight, whether it asks for it or not.
fn name_content_type(mut request: Request) -> Request {
    if request.method() == Method::OPTIONS {
        let headers = request.headers_mut();
        let asked = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok());
        let asked = asked.unwrap_or_default();
        let is_named = asked.split(',').any(|name| name.trim().eq_ignore_ascii_case("content-type"));
        let all = match asked {
            "" => "content-type".to_owned(),
            _ if is_named => asked.to_owned(),
            asked => format!("{asked}, content-type"),
        };
        if let Ok(all) = HeaderValue::try_from(all) {
            headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, all);
        }
    }
    request
}
