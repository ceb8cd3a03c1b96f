//! anyhow.

use std::any::Any;
use std::error::Error as StdError;

/// The error inside of an `anyhow::Error`, whose type is known then; any other error as it is.
pub(crate) fn unwrapped<E: 'static>(error: E) -> Result<Box<dyn StdError + Send + Sync>, E> {
    let mut error = Some(error);
    if let Some(anyhow) = (&mut error as &mut dyn Any).downcast_mut::<Option<anyhow::Error>>()
        && let Some(anyhow) = anyhow.take()
    {
        return Ok(anyhow.reallocate_into_boxed_dyn_error_without_backtrace());
    }
    // It was taken only if it was anyhow's.
    error.map_or_else(|| Ok("an error that is gone".into()), Err)
}
