//! `netlab pour`: a writer against a reader that has stopped, until a write cannot proceed; then the reader drains.

mod elsewhere;
mod fill;
mod still;

use serde_json::{Value, json};

use super::context::Context;
use crate::cli::Pour;
use crate::error::{Exit, Failure};
use crate::net::tcp_info;
use crate::render::json;
use crate::render::teller::pour::{self, Meter};
use crate::render::text::look::Form;
use fill::pour as pour_once;

/// The verb's name in evidence.
const BY: &str = "pour";
/// How many writes or reads are written down one by one.
const PIECES: u32 = 10_000;

/// Pours, and tells what the queues held at each stage.
///
/// # Errors
/// When there can be no connection, or it breaks off.
pub async fn run(args: Pour, context: &Context) -> Result<Exit, Failure> {
    for (option, size) in [("--write", args.write), ("--read", args.read)] {
        if args.bytes.div_ceil(size) > PIECES {
            return Err(Failure::usage(
                format!("{option} {size} would cut {} bytes into more than {PIECES} pieces", args.bytes),
                "each write and each read is written down with its size, and so many are past looking at",
            )
            .or_try(format!("{option} {}, or fewer --bytes", args.bytes.div_ceil(PIECES))));
        }
    }
    let meter = Meter::new(context.screen.look);
    if let Some(target) = &args.target {
        return elsewhere::run(&args, target, context, &meter).await;
    }
    let poured = pour_once(context.recorder(None), &args, &meter).await;
    meter.clear();
    let poured = poured?;
    let missing = tcp_info::missing();
    if context.screen.look.form == Form::Json {
        document(context, pour::as_json(&poured), missing.as_deref());
        return Ok(Exit::Done);
    }
    pour::show(&context.screen, &poured);
    not_counted(context, missing.as_deref());
    Ok(Exit::Done)
}

fn document(context: &Context, mut members: Value, missing: Option<&str>) {
    if let Some(members) = members.as_object_mut() {
        let flows: Vec<_> = context.flows().iter().map(json::flow).collect();
        members.insert("not_counted".to_owned(), json!(missing));
        members.insert("flows".to_owned(), json!(flows));
    }
    json::document(&context.screen, BY, members);
}

fn not_counted(context: &Context, missing: Option<&str>) {
    if let Some(why) = missing {
        context.screen.note(&format!("{why}, so queues and windows are not known here"));
    }
}
