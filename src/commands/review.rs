//! `netlab review`.

use super::context::Context;
use crate::cli::Review;
use crate::error::{Exit, Failure};

/// Stands in.
///
/// # Errors
/// Always.
pub async fn run(_args: &Review, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::usage("review is not there yet", "it is being written"))
}
