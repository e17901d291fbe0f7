//! `netlab probe`: a strict client judges a web server, whatever it is written in.

mod guard;
mod talk;
mod target;
mod wait;

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::pin::{Pin, pin};

use super::context::{Context, asked_to_stop};
use super::door::Door;
use super::route::route;
use crate::cli::Probe as Args;
use crate::cli::probe::ProbeStage;
use crate::error::{Exit, Failure};
use crate::evidence::Recorder;
use crate::net::sockets::listeners::holder;
use crate::probe::place::Place;
use crate::probe::report::Report;
use crate::probe::{Stage, table};
use crate::proto::http::build::host;
use crate::render::probe::{Asked, Live, junit};
use talk::Caller;
use target::Target;

/// The verb's name in evidence.
const BY: &str = "probe";

/// Judges a server.
///
/// # Errors
/// When the words name no server, it is a stranger's, or nobody answers.
pub async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    let judged = ask(&args, context).await;
    if let Some(file) = &args.junit {
        let xml = match &judged {
            Ok((server, report)) => junit::document(report, *server),
            // What an earlier run wrote there may not stand for this one.
            Err(failure) => junit::unasked(failure),
        };
        let written = std::fs::write(file, xml).map_err(|error| Failure::file(file, "writing", &error));
        // Why nobody was asked is told rather than that this could not be written down.
        if judged.is_ok() {
            written?;
        }
    }
    let (_, report) = judged?;
    Ok(if report.passed() { Exit::Done } else { Exit::NotPassed })
}

/// Finds the server, and asks it everything.
async fn ask(args: &Args, context: &Context) -> Result<(SocketAddr, Report), Failure> {
    let target = Target::of(args.url.as_deref())?;
    context.note_proxies();
    let recorder = context.recorder(None).clone();
    let mut door = None;
    let result = judge(args, &target, context, &recorder, &mut door).await;
    if let Some(door) = door {
        context.screen.note(door.says());
        Door::close(door).await;
    }
    result
}

async fn judge(
    args: &Args,
    target: &Target,
    context: &Context,
    recorder: &Recorder,
    door: &mut Option<Door>,
) -> Result<(SocketAddr, Report), Failure> {
    let mut stop = pin!(asked_to_stop());
    let found = async {
        let route = route(context, recorder, door, &target.host, target.port).await?;
        if !args.i_own_this {
            guard::close_to_home(&target.host, &route.addresses)?;
        }
        wait::listening(recorder, &route.addresses, args.wait, &context.screen).await
    };
    let server = tokio::select! {
        server = found => server?,
        () = &mut stop => return Err(wait::stopped()),
    };
    let seed = args.seed.unwrap_or_else(random);
    let place = Place { host: host(&target.host, target.port), seed };
    let asked = Asked { url: target.url(), server, held_by: holder(server), patience: args.patience };
    let mut live = Live::new(context.screen.clone(), asked, Report::new(place));
    let caller = Caller::new(recorder.clone(), server, args.patience);
    if let Some(says) = go_through(&mut live, last(args.stage), caller, stop).await {
        context.screen.note(&says);
    }
    Ok((server, live.finish()))
}

/// All checks, one after another, until the last or until the person has had enough. Gives what there is to say
/// about the waits.
async fn go_through(
    live: &mut Live,
    last: Stage,
    mut caller: Caller,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> Option<String> {
    let mut stopped = false;
    for check in table::checks(last) {
        live.begins(check.stage);
        if let Some(because) = live.report.in_the_way(check) {
            live.left_out(check, because);
            continue;
        }
        let asked = match check.script(&live.report.place) {
            None => None,
            Some(script) => {
                let flows = tokio::select! {
                    flows = caller.run(&script) => Some(flows),
                    () = &mut stop, if !stopped => None,
                };
                let Some(flows) = flows else {
                    stopped = true;
                    let because = live.stop();
                    live.left_out(check, because);
                    continue;
                };
                Some((script, flows))
            }
        };
        live.judge(check, asked);
    }
    caller.says()
}

fn last(stage: ProbeStage) -> Stage {
    match stage {
        ProbeStage::Hello => Stage::Hello,
        ProbeStage::Routes => Stage::Routes,
        ProbeStage::Framing => Stage::Framing,
        ProbeStage::Robust => Stage::Robust,
    }
}

/// A seed from the randomness the standard library seeds its hash maps with.
fn random() -> u32 {
    let bits = RandomState::new().hash_one(std::process::id());
    u32::try_from(bits & 0xffff_ffff).unwrap_or_default()
}
