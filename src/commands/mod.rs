//! The verbs, one a file: parse, act on sockets, hand the evidence to `render`.
//!
//! A verb never formats and never prints. [`context`] is what they share, [`route`] how a typed host
//! becomes addresses.

pub mod addrs;
pub mod connect;
pub mod context;
pub mod conversation;
pub mod course;
pub mod door;
pub mod explain;
pub mod lab;
pub mod listen;
pub mod packets;
pub mod pour;
pub mod probe;
pub mod raw_get;
pub mod refused;
pub mod resolve;
pub mod route;
pub mod secure;
pub mod send;
pub mod serve;
pub mod sockets;
pub mod speech;
pub mod tap;
pub mod web_url;

use crate::cli::{Cli, Verb};
use crate::error::{Exit, Failure};
use context::Context;

/// Runs the verb.
///
/// # Errors
/// Whatever did not work, explained.
pub async fn run(cli: Cli, context: &Context) -> Result<Exit, Failure> {
    match cli.verb {
        None => course::welcome::run(context),
        Some(Verb::Learn(args)) => course::learn::run(args, context).await,
        Some(Verb::Lessons(args)) => course::lessons::run(args, context).await,
        Some(Verb::Check(args)) => course::check::run(&args, context),
        Some(Verb::Hint(args)) => course::hint::run(&args, context),
        Some(Verb::Why(args)) => course::why::run(&args, context),
        Some(Verb::Skip(args)) => course::skip::run(&args, context),
        Some(Verb::Review(args)) => course::review::run(&args, context).await,
        Some(Verb::Notebook(args)) => course::notebook::run(&args, context),
        Some(Verb::Reset(args)) => course::reset::run(&args, context),
        Some(Verb::Submit(args)) => course::submit::run(&args, context),
        Some(Verb::Class(args)) => course::class::run(&args, context),
        Some(Verb::Resolve(args)) => resolve::run(args, context).await,
        Some(Verb::Explain(args)) => explain::run(&args, context),
        Some(Verb::Glossary(args)) => course::glossary::run(&args, context),
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
