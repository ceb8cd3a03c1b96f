//! The beginning of reporting.

use crate::client::Client;
use crate::config::Config;
use crate::global;
use crate::guard::Guard;
use crate::stderr::complain;

/// Starts reporting, until the [`Guard`] is dropped.
///
/// Never fails and never panics: when the configuration cannot be used, or reporting was started before, it says so on
/// stderr, once, and gives a guard of nothing.
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
    if global::is_enabled() {
        complain("it was started before; this second start is ignored");
        return Guard::of(None);
    }
    match Client::new(config).and_then(|(client, url)| global::start(client, url)) {
        Ok(client) => {
            global::install(&client);
            Guard::of(Some(client))
        }
        Err(why) => {
            complain(&why);
            Guard::of(None)
        }
    }
}
