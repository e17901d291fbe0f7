//! `netlab packets`: the same bytes sent several times, in segments of other sizes, and everything that cut them.

mod transfer;

use serde_json::json;

use super::context::Context;
use crate::cli::Packets;
use crate::error::{Exit, Failure};
use crate::net::tcp_info;
use crate::render::json;
use crate::render::teller::packets::{self, Run};
use crate::render::text::look::Form;
use transfer::transfer;

/// The verb's name in evidence.
const BY: &str = "packets";
/// How many writes or reads of one transfer are counted one by one.
const PIECES: u32 = 5_000;
/// How many transfers one run makes.
const TRANSFERS: usize = 16;

/// Sends the bytes once for each MSS, and shows what came of them.
///
/// # Errors
/// When a transfer cannot be made.
pub async fn run(args: Packets, context: &Context) -> Result<Exit, Failure> {
    for (option, size) in [("--write", args.write), ("--read", args.read)] {
        if args.bytes.div_ceil(size) > PIECES {
            return Err(Failure::usage(
                format!("{option} {size} would cut {} bytes into more than {PIECES} pieces", args.bytes),
                "each write and each read is written down with its size, and so many are past looking at",
            )
            .or_try(format!("{option} {}, or fewer --bytes", args.bytes.div_ceil(PIECES))));
        }
    }
    if args.mss.len() > TRANSFERS {
        return Err(Failure::usage(
            format!("{} transfers are more than one run makes", args.mss.len()),
            format!("the table has room for {TRANSFERS}"),
        )
        .or_try("fewer numbers behind --mss"));
    }
    let mut runs: Vec<Run> = Vec::new();
    for mss in &args.mss {
        runs.push(transfer(context.recorder(None), &args, *mss).await?);
    }
    let missing = tcp_info::missing();
    if context.screen.look.form == Form::Json {
        let all: Vec<_> = runs.iter().map(packets::as_json).collect();
        let flows: Vec<_> = context.flows().iter().map(json::flow).collect();
        let members = json!({ "bytes": args.bytes, "runs": all, "not_counted": missing, "flows": flows });
        json::document(&context.screen, BY, members);
        return Ok(Exit::Done);
    }
    packets::show(&context.screen, &runs, args.explain);
    if let Some(why) = missing {
        context.screen.note(&format!("{why}, so the segments are not known here"));
    }
    Ok(Exit::Done)
}
