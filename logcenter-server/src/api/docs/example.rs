//! An example of a schema, made of the examples and the limits that it states.

use serde_json::{Value, json};

/// A value that the schema allows, with the required fields and those that have an example.
pub(super) fn example(schema: &Value, document: &Value) -> Value {
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if let Some(path) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
        return document.pointer(path).map_or(Value::Null, |schema| example(schema, document));
    }
    let alternative =
        |name: &str| schema[name].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null"));
    if let Some(schema) = alternative("oneOf").or_else(|| alternative("anyOf")) {
        return example(schema, document);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| example(part, document));
        return parts.filter_map(|part| part.as_object().cloned()).flatten().collect();
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    let kind = schema["type"].as_array().and_then(|kinds| kinds.first()).unwrap_or(&schema["type"]);
    match kind.as_str() {
        Some("object") => object(schema, document),
        Some("array") => json!([example(&schema["items"], document)]),
        Some("string") if schema["format"] == "date-time" => json!("2026-01-02T03:04:05Z"),
        Some("string") => json!("…"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        _ => Value::Null,
    }
}

fn object(schema: &Value, document: &Value) -> Value {
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let fields = schema["properties"].as_object().into_iter().flatten();
    let shown = fields.filter(|(name, field)| required(name) || !field["example"].is_null());
    shown.map(|(name, field)| (name.clone(), example(field, document))).collect()
}
