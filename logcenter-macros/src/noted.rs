//! Implements `From` in the place of `thiserror`, with the line of the caller.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, Path, Result, Token, Type, parse_quote};

/// A conversion that a field with `#[from]` asks for.
struct Conversion {
    source: Type,
    /// The converted value, made of `error`.
    value: TokenStream,
    /// The conditions under which the field exists.
    conditions: Vec<Attribute>,
}

pub(crate) fn expand(mut item: DeriveInput) -> Result<TokenStream> {
    let derives_error = item.attrs.iter().any(derives_error);
    let mut conversions = Vec::new();
    match &mut item.data {
        Data::Struct(data) => {
            let marks_source = derives_error && !is_transparent(&item.attrs);
            conversions.extend(conversion(&mut data.fields, &quote!(Self), marks_source, &[])?);
        }
        Data::Enum(data) => {
            for variant in &mut data.variants {
                let name = &variant.ident;
                let marks_source = derives_error && !is_transparent(&variant.attrs);
                let path = quote!(Self::#name);
                conversions.extend(conversion(&mut variant.fields, &path, marks_source, &variant.attrs)?);
            }
        }
        Data::Union(_) => {}
    }
    if conversions.is_empty() {
        return Err(Error::new(
            item.ident.span(),
            "`#[noted]` converts fields with `#[from]`, and there is none",
        ));
    }
    let (generics, arguments, conditions) = item.generics.split_for_impl();
    let name = &item.ident;
    let conversions = conversions.iter().map(|Conversion { source, value, conditions: exists }| {
        quote! {
            #(#exists)*
            impl #generics ::core::convert::From<#source> for #name #arguments #conditions {
                #[track_caller]
                fn from(error: #source) -> Self {
                    ::logcenter_tower::note_with(|| ::logcenter_tower::incident_of!(&error));
                    #value
                }
            }
        }
    });
    Ok(quote!(#item #(#conversions)*))
}

/// Takes over the conversion of a struct or a variant, if it has one. `thiserror` still has to learn which field is the
/// source, unless the error is transparent.
fn conversion(
    fields: &mut Fields,
    path: &TokenStream,
    marks_source: bool,
    attributes: &[Attribute],
) -> Result<Option<Conversion>> {
    let is_from = |attribute: &Attribute| attribute.path().is_ident("from");
    let is_alone = fields.len() == 1;
    let Some(field) = fields.iter_mut().find(|field| field.attrs.iter().any(is_from)) else {
        return Ok(None);
    };
    if !is_alone {
        return Err(Error::new_spanned(field, "`#[noted]` converts what holds nothing but the error"));
    }
    field.attrs.retain(|attribute| !is_from(attribute));
    if marks_source {
        field.attrs.push(parse_quote!(#[source]));
    }
    let value = match &field.ident {
        Some(name) => quote!(#path { #name: error }),
        None => quote!(#path(error)),
    };
    let conditions =
        attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
    Ok(Some(Conversion { source: field.ty.clone(), value, conditions }))
}

/// Whether `thiserror` reads the attributes of the fields.
fn derives_error(attribute: &Attribute) -> bool {
    let derived = || attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
    attribute.path().is_ident("derive")
        && derived().is_ok_and(|paths| {
            paths.iter().any(|path| path.segments.last().is_some_and(|last| last.ident == "Error"))
        })
}

fn is_transparent(attributes: &[Attribute]) -> bool {
    let is_transparent = |attribute: &Attribute| {
        attribute.path().is_ident("error")
            && attribute.parse_args::<Ident>().is_ok_and(|word| word == "transparent")
    };
    attributes.iter().any(is_transparent)
}
