//! The attribute macro of `logcenter-tower`, which exports and documents it.

mod noted;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// See `logcenter_tower::noted`.
#[proc_macro_attribute]
pub fn noted(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let _: syn::parse::Nothing = parse_macro_input!(arguments);
    let item = parse_macro_input!(item);
    noted::expand(item).unwrap_or_else(|error| error.into_compile_error()).into()
}
