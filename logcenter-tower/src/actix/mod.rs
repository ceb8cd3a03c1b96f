//! Middleware for actix-web 4.
//!
//! ```no_run
//! use actix_web::{App, web};
//! use logcenter_tower::{Result, actix::LogCenter};
//!
//! async fn total() -> Result<String> {
//!     Ok(std::fs::read_to_string("total")?) // this line is reported
//! }
//! let app = App::new().wrap(LogCenter::new()).route("/total", web::get().to(total));
//! ```

mod told;

use crate::future::Watched;
use crate::outcome;
use crate::settings::Settings;
use crate::{Error, Located, LogCenterLayer, ResponseExt};
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::HeaderMap;
use actix_web::{HttpResponse, ResponseError};
use http::StatusCode;
use logcenter_client::{Incident, Request};
use pin_project_lite::pin_project;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
pub use told::Told;
use told::told;

impl ResponseError for Error {
    fn status_code(&self) -> actix_web::http::StatusCode {
        // actix-web uses another version of `http`.
        actix_web::http::StatusCode::from_u16(self.status().as_u16())
            .unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Responds with the status and its name. The error's text is only for the report.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).body(self.status().canonical_reason().unwrap_or_default())
    }
}

impl<B> ResponseExt for HttpResponse<B> {
    /// Attaches the error to the request that the response answers.
    #[track_caller]
    fn with_report<E: Located>(self, error: E) -> Self {
        let here = error.here().unwrap_or_else(crate::Here::caller);
        // Outside a request there is nobody to report it.
        let _ = Error::located(error, here).attach();
        self
    }
}

/// [`LogCenterLayer`] by the name that it had here first: the same type is the middleware of actix-web.
///
/// ```
/// use actix_web::{App, HttpResponse, web};
///
/// let app = App::new()
///     .wrap(logcenter_tower::actix::LogCenter::new().ignore_route("/healthz"))
///     .route("/", web::get().to(HttpResponse::Ok));
/// ```
pub type LogCenter = LogCenterLayer;

impl<S, B> Transform<S, ServiceRequest> for LogCenterLayer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B, Told>>;
    type Error = actix_web::Error;
    type Transform = Middleware<S>;
    type InitError = ();
    type Future = Ready<Result<Middleware<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(Middleware { inner, settings: self.settings.clone() }))
    }
}

/// The service of actix-web, created by [`LogCenterLayer`].
///
/// ```
/// use actix_web::body::{EitherBody, MessageBody};
/// use actix_web::dev::{ServiceRequest, ServiceResponse, Transform};
/// use actix_web::test::{TestRequest, ok_service};
/// use logcenter_tower::actix::{LogCenter, Middleware};
///
/// # actix_web::rt::System::new().block_on(async {
/// let service: Middleware<_> = LogCenter::new().new_transform(ok_service()).await.unwrap();
/// let response = actix_web::test::call_service(&service, TestRequest::default().to_srv_request()).await;
/// assert!(response.status().is_success());
/// # });
/// ```
#[derive(Debug)]
pub struct Middleware<S> {
    inner: S,
    settings: Settings,
}

impl<S, B> Service<ServiceRequest> for Middleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B, Told>>;
    type Error = actix_web::Error;
    type Future = ResponseFuture<S::Future>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let mut seen = logcenter_client::is_enabled().then(|| seen(&request));
        let future = {
            let _entered = seen.as_mut().map(Request::enter);
            self.inner.call(request)
        };
        ResponseFuture {
            future,
            watched: seen.map(|request| Watched { request, settings: self.settings.clone() }),
        }
    }
}

fn seen(request: &ServiceRequest) -> Request {
    let method = http::Method::from_bytes(request.method().as_str().as_bytes()).unwrap_or_default();
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    Request::new(method, target)
        .route(&request.match_pattern().unwrap_or_default())
        .headers(&headers(request.headers()))
}

/// Converts the headers to this crate's version of `http`.
fn headers(headers: &HeaderMap) -> http::HeaderMap {
    let same =
        |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
            let name = http::HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
            Some((name, http::HeaderValue::from_bytes(value.as_bytes()).ok()?))
        };
    headers.iter().filter_map(same).collect()
}

pin_project! {
    /// A response future that reports failures.
    ///
    /// ```
    /// use actix_web::dev::{Service, ServiceRequest, Transform};
    /// use actix_web::test::{TestRequest, ok_service};
    /// use logcenter_tower::actix::{LogCenter, ResponseFuture};
    ///
    /// # actix_web::rt::System::new().block_on(async {
    /// let service = LogCenter::new().new_transform(ok_service()).await.unwrap();
    /// let response: ResponseFuture<_> = service.call(TestRequest::default().to_srv_request());
    /// assert!(response.await.unwrap().status().is_success());
    /// # });
    /// ```
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        watched: Option<Watched>,
    }
}

impl<F> std::fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, actix_web::Error>>,
    B: MessageBody + 'static,
{
    type Output = Result<ServiceResponse<EitherBody<B, Told>>, actix_web::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(Watched { request, settings }) = this.watched else {
            return this.future.poll(context).map_ok(ServiceResponse::map_into_left_body);
        };
        let answer = ready!(outcome::watching_panics(request, || this.future.poll(context)));
        let status = match &answer {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        // actix-web uses another version of `http`.
        let status = StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if !settings.is_failure(request, status) {
            return Poll::Ready(answer.map(ServiceResponse::map_into_left_body));
        }
        Poll::Ready(match answer {
            Ok(response) => {
                let (response, text) = told(response, status);
                report(request, status, response.response().error(), text);
                Ok(response)
            }
            Err(error) => {
                report(request, status, Some(&error), None);
                Err(error)
            }
        })
    }
}

fn report(request: &mut Request, status: StatusCode, error: Option<&actix_web::Error>, text: Option<String>) {
    let attached = Error::attached(request).map(|error| error.incident());
    let known = attached.or_else(|| {
        error.map(|error| match error.as_error::<Error>() {
            Some(own) => own.incident(),
            None => {
                let error = error.as_response_error();
                Incident::of_shown("Error".into(), error, error)
            }
        })
    });
    outcome::report(
        request,
        known,
        |incident| incident.status(status.as_u16()),
        || outcome::http(status, text),
    );
}
