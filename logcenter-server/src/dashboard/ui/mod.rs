//! Building blocks of pages: pure functions, values and templates. Nothing here accesses a store.

pub(crate) mod assets;
pub(crate) mod badge;
pub(crate) mod chart;
pub(crate) mod context;
pub(crate) mod diff;
pub(crate) mod excerpt;
pub(crate) mod export;
pub(crate) mod fault;
pub(crate) mod forge;
pub(crate) mod form;
pub(crate) mod language;
pub(crate) mod page_context;
pub(crate) mod pipeline;
pub(crate) mod snippets;
pub(crate) mod stack;
