//! Starts reporting.

use crate::client::Client;
use crate::config::Config;
use crate::enabled;
use crate::global;
use crate::guard::Guard;
use crate::stderr::warn_on_stderr;

/// Starts reporting, until the [`Guard`] is dropped.
///
/// Never fails and never panics: if the configuration is invalid, or reporting was already started, it says so once on
/// stderr and returns a guard that does nothing.
///
/// ```no_run
/// use logcenter_client::{Config, app_info};
///
/// fn main() {
///     let _guard = logcenter_client::init(Config::from_env().app(app_info!()));
///     // …
/// }
/// ```
pub fn init(config: Config) -> Guard {
    if enabled::is_enabled() {
        warn_on_stderr("it was started before; this second start is ignored");
        return Guard::of(None);
    }
    match Client::new(config).and_then(|(client, url)| global::start(client, url)) {
        Ok(client) => {
            global::install(&client);
            Guard::of(Some(client))
        }
        Err(why) => {
            warn_on_stderr(&why);
            Guard::of(None)
        }
    }
}
