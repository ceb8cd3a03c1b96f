//! Schemas of core's enums, for the OpenAPI document: each lists the words that core knows.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A schema named after core's enum, with its words.
macro_rules! words {
    ($($name:ident: $type:path = $description:literal),+ $(,)?) => {$(
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = <$type>::ALL.iter().map(|word| word.as_str());
                let object = ObjectBuilder::new().schema_type(Type::String).description(Some($description));
                object.enum_values(Some(words)).into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

words! {
    Status: logcenter_core::Status = "Where an issue stands on the way to being fixed.",
    Level: logcenter_core::Level = "How bad an error is.",
    Source: logcenter_core::Source = "Where an error arises.",
    KeyKind: logcenter_core::KeyKind = "Who has an ingest key: servers, whose reports are trusted; or everybody who reads a page.",
    TokenRole: logcenter_core::TokenRole = "What a token allows: to read; to read and repair; everything.",
    RegressionRule: logcenter_core::RegressionRule = "Which events reopen a fixed issue: every one, or only those of a release that had not shown the error before the fix.",
    Stage: logcenter_core::repair::Stage = "How far an attempt has come.",
    Verdict: logcenter_core::repair::Verdict = "What an attempt found out, or how it ended.",
    ArtifactKind: logcenter_core::repair::ArtifactKind = "What an attempt leaves behind.",
}
