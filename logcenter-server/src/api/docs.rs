//! `GET /openapi.json` and `GET /docs`: the same document, for programs and for people.

use crate::http::page_shell::{escape, page};
use crate::http::prefix::prefix;
use axum::Extension;
use axum::Json;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::Value;
use std::sync::Arc;
use utoipa::openapi::{OpenApi, ServerBuilder};

/// The whole API as an OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, body = Object)))]
pub(crate) async fn openapi(Extension(document): Extension<Arc<OpenApi>>, parts: Parts) -> Json<OpenApi> {
    Json(at_prefix(&document, &parts))
}

/// The whole API as a page. It needs no script and nothing from elsewhere.
#[utoipa::path(get, path = "/docs", tag = "operation",
    responses((status = 200, body = String, content_type = "text/html")))]
pub(crate) async fn docs(Extension(document): Extension<Arc<OpenApi>>, parts: Parts) -> Response {
    let document = serde_json::to_value(at_prefix(&document, &parts)).unwrap_or_default();
    let link = escape(&format!("{}/openapi.json", prefix(&parts)));
    let mut body = format!(
        "<h1>Log Center API</h1><p>{}</p><p><a href=\"{link}\">openapi.json</a></p>",
        text(&document["info"]["description"])
    );
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item).filter(|(method, _)| *method != "options") {
            body.push_str(&operation_section(method, path, operation));
        }
    }
    body.push_str("<h1>Schemas</h1>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        body.push_str(&schema_section(name, schema));
    }
    page("Log Center API", &body)
}

/// The document, with the prefix under which this request came as its server.
fn at_prefix(document: &OpenApi, parts: &Parts) -> OpenApi {
    let prefix = prefix(parts);
    let server = ServerBuilder::new().url(if prefix.is_empty() { "/" } else { &prefix }).build();
    let mut document = document.clone();
    document.servers = Some(vec![server]);
    document
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn items(array: &Value) -> impl Iterator<Item = &Value> {
    array.as_array().into_iter().flatten()
}

/// A text of the document, what stands between backticks as code.
fn text(value: &Value) -> String {
    let parts = value.as_str().unwrap_or_default().split('`').map(escape);
    let parts =
        parts.enumerate().map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part });
    parts.collect()
}

fn operation_section(method: &str, path: &str, operation: &Value) -> String {
    let mut html = format!(
        "<h2><span class=\"method\">{}</span> <code>{}</code></h2><p>{} {}</p>",
        escape(&method.to_uppercase()),
        escape(path),
        text(&operation["summary"]),
        text(&operation["description"])
    );
    let callers: Vec<&str> = items(&operation["security"])
        .map(|requirement| entries(requirement).next().map_or("anyone", |(name, _)| name))
        .collect();
    html.push_str(&format!("<p>Who: {}</p>", escape(&callers.join(", "))));
    let parameters = items(&operation["parameters"]).map(|parameter| {
        (
            text(&parameter["name"]),
            text(&parameter["in"]),
            kind(&parameter["schema"]),
            text(&parameter["description"]),
        )
    });
    html.push_str(&table("Parameters", parameters));
    let content =
        |part: &Value| entries(&part["content"]).next().map(|(_, content)| kind(&content["schema"]));
    if let Some(body) = content(&operation["requestBody"]) {
        html.push_str(&format!("<p>Body: {body}</p>"));
    }
    let responses = entries(&operation["responses"]).map(|(status, response)| {
        (escape(status), String::new(), content(response).unwrap_or_default(), text(&response["description"]))
    });
    html + &table("Answers", responses)
}

fn schema_section(name: &str, schema: &Value) -> String {
    let required: Vec<&str> = items(&schema["required"]).filter_map(Value::as_str).collect();
    let fields = entries(&schema["properties"]).map(|(field, schema)| {
        let presence = if required.contains(&field) { "required" } else { "" };
        (escape(field), presence.to_owned(), kind(schema), text(&schema["description"]))
    });
    let fields = table("Fields", fields);
    let name = escape(name);
    format!(
        "<h2 id=\"{name}\"><code>{name}</code></h2><p>{}</p><p>{}</p>{fields}",
        text(&schema["description"]),
        kind(schema)
    )
}

fn table(title: &str, rows: impl Iterator<Item = (String, String, String, String)>) -> String {
    let rows: String = rows
        .map(|(name, about, kind, description)| {
            format!(
                "<tr><td><code>{name}</code></td><td>{about}</td><td>{kind}</td><td>{description}</td></tr>"
            )
        })
        .collect();
    if rows.is_empty() { rows } else { format!("<h4>{title}</h4><table>{rows}</table>") }
}

/// A schema in a few words; a named one as a link to its section.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    for alternatives in ["oneOf", "anyOf", "allOf"] {
        if schema[alternatives].is_array() {
            return items(&schema[alternatives]).map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if schema["enum"].is_array() {
        return items(&schema["enum"]).map(text).collect::<Vec<_>>().join(" | ");
    }
    let own = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        kind => text(kind),
    };
    if schema["items"].is_object() { format!("{own} of {}", kind(&schema["items"])) } else { own }
}
