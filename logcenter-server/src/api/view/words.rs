//! Schemas of core's enums, for the OpenAPI document: each lists the words that core knows.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A schema named after core's enum, with its words.
macro_rules! words {
    ($($name:ident = $description:literal),+ $(,)?) => {$(
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = logcenter_core::$name::ALL.iter().map(|word| word.as_str());
                let object = ObjectBuilder::new().schema_type(Type::String).description(Some($description));
                object.enum_values(Some(words)).into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

words! {
    Status = "Where an issue stands on the way to being fixed.",
    Level = "How bad an error is.",
    Source = "Where an error arises.",
    TokenRole = "What a token allows: to read; to read and repair; everything.",
    RegressionRule = "Which events reopen a fixed issue: every one, or only those of a release that had not shown the error before the fix.",
}
