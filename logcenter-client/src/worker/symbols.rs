//! Resolves addresses to names, files and lines.

use crate::app::AppInfo;
use std::collections::HashMap;
use std::sync::Arc;

/// Maximum number of addresses whose frames are cached.
const REMEMBERED: usize = 16 * 1024;

/// A function at an address; several if some were inlined.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) function: Option<String>,
    /// As the debug information has it: usually absolute.
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
}

/// Cache of resolved addresses. Belongs to the worker thread: the first lookup reads the program's debug information,
/// which takes up to a tenth of a second.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    known: HashMap<usize, Arc<[Frame]>>,
    loaded: bool,
    /// What [`debug_root`](Self::debug_root) found.
    root: Option<Option<String>>,
}

impl Symbols {
    /// The functions at an address, innermost first.
    pub(crate) fn resolve(&mut self, address: usize) -> Arc<[Frame]> {
        if let Some(frames) = self.known.get(&address) {
            return Arc::clone(frames);
        }
        self.loaded = true;
        let mut frames = Vec::new();
        // The address is where the call returns to; the call itself is just before it.
        let call = std::ptr::without_provenance_mut(address.saturating_sub(1));
        backtrace::resolve(call, |symbol| {
            let function = symbol.name().map(|name| format!("{name:#}"));
            let file = symbol.filename().map(|file| file.to_string_lossy().into_owned());
            frames.push(Frame { function, file, line: symbol.lineno() });
        });
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let frames: Arc<[Frame]> = frames.into();
        self.known.insert(address, Arc::clone(&frames));
        frames
    }

    /// The workspace's path as the debug information spells it, if it can be found.
    pub(crate) fn debug_root(&mut self, app: &AppInfo) -> Option<String> {
        if self.root.is_none() {
            let found = app.source.as_ref().and_then(|(file, stack)| {
                let end = format!("/{file}");
                stack.0.iter().find_map(|&address| {
                    // The innermost frames are this crate's own, whose files may have the same names.
                    let own = |root: &&str| !root.ends_with("logcenter-client");
                    self.resolve(address).iter().find_map(|frame| {
                        frame.file.as_ref()?.strip_suffix(&end).filter(own).map(str::to_owned)
                    })
                })
            });
            self.root = Some(found);
        }
        self.root.clone().flatten()
    }

    /// Frees the memory. The debug information is read again when needed.
    pub(crate) fn release(&mut self) {
        if std::mem::take(&mut self.loaded) {
            self.known = HashMap::new();
            backtrace::clear_symbol_cache();
        }
    }

    /// Whether there is memory to free.
    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded
    }
}
