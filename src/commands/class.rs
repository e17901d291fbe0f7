//! `netlab class`.

use super::context::Context;
use crate::cli::Class;
use crate::error::{Exit, Failure};

/// Stands in.
///
/// # Errors
/// Always.
pub fn run(_args: &Class, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::usage("class is not there yet", "it is being written"))
}
