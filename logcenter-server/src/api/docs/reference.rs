//! The reference as HTML: contents, operations by tag, the errors that many of them share, schemas.

use super::example::example;
use crate::http::page_shell::escape;
use serde_json::Value;
use std::collections::BTreeMap;

const METHODS: [&str; 5] = ["post", "get", "put", "patch", "delete"];

/// Errors by status and description, and how many operations answer them.
type Errors<'a> = BTreeMap<(&'a str, &'a str), usize>;

/// An operation of the document.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    spec: &'a Value,
}

/// The page's body. `link` leads to the document.
pub(super) fn html(document: &Value, link: &str) -> String {
    let operations: Vec<Operation<'_>> = entries(&document["paths"])
        .flat_map(|(path, item)| METHODS.map(|method| Operation { method, path, spec: &item[method] }))
        .filter(|operation| operation.spec.is_object())
        .collect();
    let mut errors = Errors::new();
    for error in operations.iter().flat_map(Operation::errors) {
        *errors.entry(error).or_default() += 1;
    }
    errors.retain(|_, operations| *operations > 1);
    let (mut contents, mut sections) = (String::new(), String::new());
    for tag in items(&document["tags"]) {
        let (id, title) = (text(&tag["name"]), text(&tag["description"]));
        contents.push_str(&format!("<h3><a href=\"#{id}\">{title}</a></h3><ul>"));
        sections.push_str(&format!("<h2 id=\"{id}\">{title}</h2>"));
        for operation in operations.iter().filter(|operation| operation.spec["tags"][0] == tag["name"]) {
            contents.push_str(&operation.link());
            sections.push_str(&operation.section(document, &errors));
        }
        contents.push_str("</ul>");
    }
    let shared = errors
        .keys()
        .map(|(status, description)| [format!("<code>{}</code>", escape(status)), text_of(description)]);
    let shared = table("", shared);
    let schemas: String = entries(&document["components"]["schemas"])
        .map(|(name, schema)| schema_section(name, schema))
        .collect();
    format!(
        "<nav><h2>Contents</h2>{contents}<h3><a href=\"#errors\">Errors</a></h3><h3><a href=\"#schemas\">Schemas</a></h3></nav>\
         <h1>Log Center API</h1><p>{}</p><p><a href=\"{}\">openapi.json</a></p>{sections}\
         <h2 id=\"errors\">Errors</h2><p>Every error is a {}. Operations refer to these by their status.</p>{shared}\
         <h2 id=\"schemas\">Schemas</h2>{schemas}",
        text(&document["info"]["description"]),
        escape(link),
        named("Problem"),
    )
}

impl<'a> Operation<'a> {
    fn id(&self) -> String {
        escape(&format!("{}:{}", self.method, self.path))
    }

    fn link(&self) -> String {
        let summary = text(&self.spec["summary"]);
        format!("<li><a href=\"#{}\">{}</a></li>", self.id(), summary.trim_end_matches('.'))
    }

    /// Status and description of each error that it answers.
    fn errors(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        entries(&self.spec["responses"])
            .filter(|(status, _)| !status.starts_with('2'))
            .map(|(status, response)| (status, response["description"].as_str().unwrap_or_default()))
    }

    fn section(&self, document: &Value, shared: &Errors<'_>) -> String {
        let spec = self.spec;
        let mut html = format!(
            "<h3 id=\"{}\"><span class=\"method\">{}</span> <code>{}</code></h3><p>{} {}</p>",
            self.id(),
            self.method.to_uppercase(),
            escape(self.path),
            text(&spec["summary"]),
            text(&spec["description"])
        );
        let callers = items(&spec["security"])
            .map(|requirement| entries(requirement).next().map_or("none", |(name, _)| name))
            .collect::<Vec<_>>();
        html.push_str(&format!("<p>Authorization: {}</p>", escape(&callers.join(", "))));
        let parameters = items(&spec["parameters"]).map(|parameter| {
            let name = format!("<code>{}</code>", text(&parameter["name"]));
            [name, text(&parameter["in"]), kind(&parameter["schema"]), text(&parameter["description"])]
        });
        html.push_str(&table("Parameters", parameters));
        html.push_str(&body("Request", &spec["requestBody"], document));
        for (status, response) in entries(&spec["responses"]).filter(|(status, _)| status.starts_with('2')) {
            html.push_str(&match body(&format!("Response {status}"), response, document) {
                none if none.is_empty() => format!("<h4>Response {}</h4>", escape(status)),
                body => body,
            });
        }
        let (known, own): (Vec<_>, Vec<_>) = self.errors().partition(|error| shared.contains_key(error));
        let links = known.iter().map(|(status, _)| format!("<a href=\"#errors\">{}</a>", escape(status)));
        html.push_str(&format!("<p>Errors: {}</p>", links.collect::<Vec<_>>().join(", ")));
        html + &table(
            "",
            own.into_iter().map(|(status, description)| {
                [format!("<code>{}</code>", escape(status)), text_of(description)]
            }),
        )
    }
}

/// A request's or response's schema, with an example.
fn body(title: &str, part: &Value, document: &Value) -> String {
    let Some((content_type, content)) = entries(&part["content"]).next() else { return String::new() };
    let mut html = format!("<h4>{}</h4><p>{}</p>", escape(title), kind(&content["schema"]));
    if content_type.ends_with("json")
        && let Ok(example) = serde_json::to_string_pretty(&example(&content["schema"], document))
    {
        html.push_str(&format!("<pre>{}</pre>", escape(&example)));
    }
    html
}

fn schema_section(name: &str, schema: &Value) -> String {
    let required: Vec<&str> = items(&schema["required"]).filter_map(Value::as_str).collect();
    let fields = entries(&schema["properties"]).map(|(field, schema)| {
        let presence = if required.contains(&field) { "required" } else { "" };
        let name = format!("<code>{}</code>", escape(field));
        [name, presence.to_owned(), kind(schema), text(&schema["description"])]
    });
    let fields = table("", fields);
    let name = escape(name);
    format!(
        "<h3 id=\"{name}\"><code>{name}</code></h3><p>{}</p><p>{}</p>{fields}",
        text(&schema["description"]),
        kind(schema)
    )
}

fn table<const N: usize>(title: &str, rows: impl Iterator<Item = [String; N]>) -> String {
    let cells = |row: [String; N]| row.map(|cell| format!("<td>{cell}</td>")).concat();
    let rows: String = rows.map(|row| format!("<tr>{}</tr>", cells(row))).collect();
    let title = if title.is_empty() { String::new() } else { format!("<h4>{title}</h4>") };
    if rows.is_empty() { rows } else { format!("{title}<table>{rows}</table>") }
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn items(array: &Value) -> impl Iterator<Item = &Value> {
    array.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    text_of(value.as_str().unwrap_or_default())
}

/// A text of the document, what stands between backticks as code.
fn text_of(value: &str) -> String {
    let parts = value.split('`').map(escape);
    let parts =
        parts.enumerate().map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part });
    parts.collect()
}

/// A link to a schema's section.
fn named(name: &str) -> String {
    let name = escape(name);
    format!("<a href=\"#{name}\">{name}</a>")
}

/// A schema in a few words; a named one as a link to its section.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return named(name);
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
