//! The verbs, one a file: parse, act on sockets, hand the evidence to `render`.
//!
//! A verb never formats and never prints. [`context`] is what they share, [`route`] how a typed host
//! becomes addresses.

pub mod addrs;
pub mod answer;
pub mod ask;
pub mod check;
pub mod class;
pub mod connect;
pub mod context;
pub mod conversation;
pub mod course;
pub mod door;
pub mod exchange;
pub mod explain;
pub mod hint;
pub mod lab;
pub mod learn;
pub mod lessons;
pub mod lint;
pub mod listen;
pub mod namespace;
pub mod new_lesson;
pub mod notebook;
pub mod outside;
pub mod packets;
pub mod pour;
pub mod probe;
pub mod proving;
pub mod raw_get;
pub mod refused;
pub mod reset;
pub mod resolve;
pub mod review;
pub mod room;
pub mod route;
pub mod send;
pub mod serve;
pub mod session;
pub mod skip;
pub mod sockets;
pub mod speech;
pub mod submit;
pub mod tap;
pub mod web_url;
pub mod welcome;
pub mod why;

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
        Some(Verb::Hint(args)) => hint::run(&args, context),
        Some(Verb::Why(args)) => why::run(&args, context),
        Some(Verb::Skip(args)) => skip::run(&args, context),
        Some(Verb::Review(args)) => review::run(&args, context).await,
        Some(Verb::Notebook(args)) => notebook::run(&args, context),
        Some(Verb::Reset(args)) => reset::run(&args, context),
        Some(Verb::Submit(args)) => submit::run(&args, context),
        Some(Verb::Class(args)) => class::run(&args, context),
        Some(Verb::Resolve(args)) => resolve::run(args, context).await,
        Some(Verb::Explain(args)) => explain::run(&args, context),
        Some(Verb::RawGet(args)) => raw_get::run(args, context).await,
        Some(Verb::Connect(args)) => connect::run(args, context).await,
        Some(Verb::Listen(args)) => listen::run(args, context).await,
        Some(Verb::Send(args)) => send::run(args, context).await,
        Some(Verb::Packets(args)) => packets::run(args, context).await,
        Some(Verb::Pour(args)) => pour::run(args, context).await,
        Some(Verb::Serve(args)) => serve::run(args, context).await,
        Some(Verb::Probe(args)) => probe::run(args, context).await,
        Some(Verb::Lab(args)) => lab::run(args, context).await,
        Some(Verb::Tap(args)) => tap::run(args, context).await,
        Some(Verb::Addrs(args)) => addrs::run(&args, context),
        Some(Verb::Sockets(args)) => sockets::run(&args, context),
    }
}
