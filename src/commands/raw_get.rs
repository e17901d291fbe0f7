//! `netlab raw-get`: a GET written by hand over a raw socket, and the journey it makes.

use std::time::Duration;

mod exchange;
mod outlet;
mod own_hello;
mod stopped;
mod target;
mod trip;
mod wanted;

use super::context::Context;
use crate::cli::RawGet;
use crate::error::{Exit, Failure};
use target::Target;
use trip::Trip;
use wanted::{Ask, Given};

/// The verb's name in evidence.
const BY: &str = "raw-get";
/// What is fetched when nothing is named.
const USUAL: &str = "http://localhost:7777/";

/// Fetches one page.
///
/// # Errors
/// Whatever kept the page from arriving whole.
pub async fn run(args: RawGet, context: &Context) -> Result<Exit, Failure> {
    let target = Target::of(args.url.as_deref().unwrap_or(USUAL))?;
    let ask = Ask::of(&args, given(&args).await?);
    // What cannot be written is refused before anybody is called.
    ask.requests(&target)?;
    let second = args.compare.as_deref().map(Target::of).transpose()?;
    let mut trip = Trip::new(&args, context, target)?;
    let result = match second {
        Some(second) => trip.compare(&ask, second).await,
        None => trip.go(ask).await,
    };
    trip.show(result.as_ref().err());
    trip.close().await;
    result.map(|()| Exit::Done)
}

/// The bytes that go along with the arguments. Reading them may wait for whoever types them.
async fn given(args: &RawGet) -> Result<Given, Failure> {
    let (raw, data) = (args.raw_request.clone(), args.data.clone());
    let read = tokio::task::spawn_blocking(move || Given::read(raw.as_deref(), data.as_deref()));
    read.await
        .map_err(|error| Failure::machine("what was to be sent could not be read", error.to_string()))?
}

fn too_long(limit: Duration, so_far: &str) -> Failure {
    Failure::network(
        format!("it took longer than {} s", limit.as_secs_f64()),
        format!("{so_far}; then netlab gave up"),
    )
    .or_try("--max-time 2m to wait longer")
}
