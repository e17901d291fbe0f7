//! `netlab notebook`.

use super::context::Context;
use crate::cli::Notebook;
use crate::error::{Exit, Failure};

/// Stands in.
///
/// # Errors
/// Always.
pub fn run(_args: &Notebook, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::usage("notebook is not there yet", "it is being written"))
}
