//! The verbs, one a file: parse, act on sockets, hand the evidence to `render`.
//!
//! A verb never formats and never prints. [`context`] is what they share, [`route`] how a typed host
//! becomes addresses.

pub mod check;
pub mod connect;
pub mod context;
pub mod course;
pub mod door;
pub mod exchange;
pub mod explain;
pub mod lab;
pub mod learn;
pub mod lessons;
pub mod lint;
pub mod new_lesson;
pub mod raw_get;
pub mod resolve;
pub mod room;
pub mod route;
pub mod serve;
pub mod welcome;

use crate::cli::{Cli, Verb};
use crate::error::{Exit, Failure};
use context::Context;

/// Runs the verb.
///
/// # Errors
/// Whatever did not work, explained.
pub async fn run(cli: Cli, context: &Context) -> Result<Exit, Failure> {
    match cli.verb {
        None => welcome::run(context),
        Some(Verb::Learn(args)) => learn::run(args, context).await,
        Some(Verb::Lessons(args)) => lessons::run(args, context).await,
        Some(Verb::Check(args)) => check::run(&args, context),
        Some(Verb::Resolve(args)) => resolve::run(args, context).await,
        Some(Verb::Explain(args)) => explain::run(&args, context),
        Some(Verb::RawGet(args)) => raw_get::run(args, context).await,
        Some(Verb::Connect(args)) => connect::run(args, context).await,
        Some(Verb::Serve(args)) => serve::run(args, context).await,
        Some(Verb::Lab(args)) => lab::run(args, context).await,
    }
}
