//! Support for anyhow.

use std::any::Any;
use std::error::Error as StdError;

/// Unwraps the error inside an `anyhow::Error`, so that its type is known; returns any other error unchanged.
pub(crate) fn unwrapped<E: 'static>(error: E) -> Result<Box<dyn StdError + Send + Sync>, E> {
    let mut error = Some(error);
    if let Some(anyhow) = (&mut error as &mut dyn Any).downcast_mut::<Option<anyhow::Error>>()
        && let Some(anyhow) = anyhow.take()
    {
        return Ok(anyhow.reallocate_into_boxed_dyn_error_without_backtrace());
    }
    // Only an anyhow error was taken out.
    error.map_or_else(|| Ok("an error that is gone".into()), Err)
}
