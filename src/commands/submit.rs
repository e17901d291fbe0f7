//! `netlab submit`.

use super::context::Context;
use crate::cli::Submit;
use crate::error::{Exit, Failure};

/// Stands in.
///
/// # Errors
/// Always.
pub fn run(_args: &Submit, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::usage("submit is not there yet", "it is being written"))
}
