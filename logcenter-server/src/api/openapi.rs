//! Joins the groups of routes into one router and one document. What holds for a whole group, who may call it and which
//! problems it answers, is said here once: for the router and for the document.

use super::gate;
use crate::access::Permission;
use crate::api::problem::{FieldError, Problem};
use crate::state::SharedState;
use axum::middleware::from_fn_with_state;
use axum::{Extension, Router};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{
    Components, ComponentsBuilder, Content, Info, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref,
    RefOr, Response, ResponseBuilder,
};
use utoipa_axum::router::OpenApiRouter;

/// Who may call a group of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Everybody, always.
    Anyone,
    /// A forge, which signs each body: the name of its security scheme.
    Forge(&'static str),
    /// Everybody; where keys are required, only with an ingest key.
    Reporter,
    /// The same; without an administrator's token only on this machine.
    Registrant,
    /// The same, and every token.
    Lister,
    /// A viewer, an agent or an administrator.
    Reader,
    /// An agent or an administrator.
    Worker,
    /// The same, and a server with an ingest key of the project.
    Deployer,
    /// An administrator.
    Manager,
    /// An administrator of all projects.
    Administrator,
}

impl Audience {
    /// What a caller needs to get through the gate; `None` where the handlers ask what the caller may do, since that
    /// depends on the project.
    const fn permission(self) -> Option<Permission<'static>> {
        match self {
            Self::Anyone
            | Self::Forge(_)
            | Self::Reporter
            | Self::Registrant
            | Self::Lister
            | Self::Deployer => None,
            Self::Reader => Some(Permission::Read),
            Self::Worker => Some(Permission::Work),
            Self::Manager => Some(Permission::Manage),
            Self::Administrator => Some(Permission::Administer),
        }
    }
}

const TOKEN: &str = "admin_token";
const AGENT: &str = "agent_token";
const VIEWER: &str = "viewer_token";
pub(super) const GITEA: &str = "gitea_signature";
pub(super) const GITHUB: &str = "github_signature";
const KEYS: [&str; 3] = ["ingest_key", "ingest_key_header", "ingest_key_query"];

/// One router of all groups; the routes behind the gate find the document of all in an [`Extension`].
pub(crate) fn join<const N: usize>(
    state: &SharedState,
    groups: [(Audience, OpenApiRouter<SharedState>); N],
) -> Router<SharedState> {
    let mut document =
        OpenApiBuilder::new().info(info()).tags(Some(tags())).components(Some(components())).build();
    let routers = groups.map(|(audience, group)| {
        let (router, described) = group.split_for_parts();
        document.merge(completed(audience, described));
        (audience, router)
    });
    let document = Extension(Arc::new(document));
    routers.into_iter().fold(Router::new(), |all, (audience, router)| {
        all.merge(match audience.permission() {
            None => router,
            Some(permission) => router
                .route_layer(document.clone())
                .route_layer(from_fn_with_state((state.clone(), permission), gate::require)),
        })
    })
}

/// Adds what holds for the whole group.
fn completed(audience: Audience, mut described: OpenApi) -> OpenApi {
    for item in described.paths.paths.values_mut() {
        if let Some(preflight) = &mut item.options {
            preflight.security = Some(vec![SecurityRequirement::default()]);
        }
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        operations.into_iter().flatten().for_each(|operation| complete(audience, operation));
    }
    described
}

/// Adds who may call an operation, and the problems that follow from what it takes.
fn complete(audience: Audience, operation: &mut Operation) {
    let one_of = |names: &[&str]| {
        let requirement = |name: &&str| SecurityRequirement::new(*name, [""; 0]);
        names.iter().map(requirement).collect::<Vec<_>>()
    };
    let mut problems =
        vec![(503, "The database is unavailable or the server is overloaded. Nothing was changed.")];
    match audience {
        Audience::Anyone => operation.security = Some(vec![SecurityRequirement::default()]),
        Audience::Forge(signature) => operation.security = Some(one_of(&[signature])),
        Audience::Reporter | Audience::Registrant | Audience::Lister => {
            let mut requirements = vec![SecurityRequirement::default()];
            requirements.extend(one_of(&KEYS));
            let tokens: &[&str] =
                if audience == Audience::Lister { &[TOKEN, AGENT, VIEWER] } else { &[TOKEN] };
            requirements.extend(one_of(tokens));
            operation.security = Some(requirements);
        }
        Audience::Reader => operation.security = Some(one_of(&[TOKEN, AGENT, VIEWER])),
        Audience::Deployer => {
            let mut requirements = one_of(&[TOKEN, AGENT]);
            requirements.extend(one_of(&KEYS));
            operation.security = Some(requirements);
        }
        Audience::Worker => operation.security = Some(one_of(&[TOKEN, AGENT])),
        Audience::Manager | Audience::Administrator => operation.security = Some(one_of(&[TOKEN])),
    }
    if !matches!(audience, Audience::Anyone | Audience::Forge(_)) {
        problems.push((401, "A key or token is needed, or the one given is not valid."));
        problems.push((403, "Forbidden."));
        problems.push((429, "Too many wrong tokens came from this address."));
    }
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter.parameter_in.clone()),
        RefOr::Ref(_) => None,
    });
    let places: Vec<ParameterIn> = parameters.collect();
    if places.contains(&ParameterIn::Path) {
        problems.push((404, "There is no such thing."));
    }
    if operation.request_body.is_some() {
        problems.push((400, "The body is not valid JSON or is incomplete."));
        problems.push((408, "Timed out while reading the body."));
        problems.push((413, "The body is too long."));
        problems.push(match audience {
            Audience::Reporter => (415, "Content-Encoding must be gzip, deflate, br, zstd or absent."),
            _ => (415, "Content-Type must be application/json."),
        });
    }
    let reads_query = places.contains(&ParameterIn::Query) || operation.request_body.is_none();
    if operation.request_body.is_some() || reads_query {
        problems.push((422, "Validation failed; `errors` lists every invalid field or parameter."));
    }
    for (status, description) in problems {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_string()).or_insert_with(|| RefOr::T(problem(description)));
    }
}

fn problem(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Log Center")
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").build()))
        .description(Some(
            "Error reports go in, issues come out. Errors are returned as `application/problem+json`. Requests that are not \
             valid HTTP are rejected by the HTTP layer without a body.",
        ))
        .build()
}

/// The groups in which the document lists its operations, in the order of its page.
fn tags() -> Vec<Tag> {
    let tags = [
        ("reports", "Reporting errors"),
        ("issues", "Issues"),
        ("repair", "Repairing issues"),
        ("projects", "Projects and ingest keys"),
        ("tokens", "Tokens for programs"),
        ("operation", "Operation"),
    ];
    tags.map(|(name, title)| TagBuilder::new().name(name).description(Some(title)).build()).into()
}

fn components() -> Components {
    let mut schemas = vec![];
    <Problem as ToSchema>::schemas(&mut schemas);
    let bearer = |description: &str| {
        let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build();
        SecurityScheme::Http(http)
    };
    let [key, key_header, key_query] = KEYS;
    ComponentsBuilder::new()
        .schema_from::<Problem>()
        .schema_from::<FieldError>()
        .schemas_from_iter(schemas)
        .security_scheme(TOKEN, bearer("The administrator's token, or a token of the role `admin`."))
        .security_scheme(AGENT, bearer("A token of the role `agent`."))
        .security_scheme(VIEWER, bearer("A token of the role `viewer`."))
        .security_scheme(key, bearer("An ingest key of the project."))
        .security_scheme(GITEA, SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-Gitea-Signature"))))
        .security_scheme(
            GITHUB,
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-Hub-Signature-256"))),
        )
        .security_scheme(
            key_header,
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-Log-Center-Key"))),
        )
        .security_scheme(key_query, SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new("key"))))
        .build()
}
