//! `netlab probe`: a strict client judges a web server, whatever it is written in.

mod guard;
mod talk;
mod target;
mod wait;

use std::hash::{BuildHasher, RandomState};
use std::pin::{Pin, pin};

use super::context::{Context, asked_to_stop};
use super::door::Door;
use super::refused::unconnected;
use super::route::route;
use crate::cli::Probe as Args;
use crate::cli::probe::ProbeStage;
use crate::error::{Exit, Failure};
use crate::evidence::Recorder;
use crate::net::sockets::listeners::{listener, named};
use crate::net::sockets::owner;
use crate::probe::after::{again, hello_in_tls, wants_look};
use crate::probe::place::Place;
use crate::probe::report::{Done, Report};
use crate::probe::script::Script;
use crate::probe::{Check, Stage, Verdict, table};
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
            Ok((asked, report)) => junit::document(report, asked),
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
async fn ask(args: &Args, context: &Context) -> Result<(Asked, Report), Failure> {
    let target = Target::of(args.url.as_deref())?;
    let range = Range::of(args)?;
    context.note_proxies();
    let recorder = context.recorder(None).clone();
    let mut door = None;
    let result = judge(args, (&target, range), context, &recorder, &mut door).await;
    if let Some(door) = door {
        context.screen.note(door.says());
        Door::close(door).await;
    }
    result
}

async fn judge(
    args: &Args,
    (target, range): (&Target, Range),
    context: &Context,
    recorder: &Recorder,
    door: &mut Option<Door>,
) -> Result<(Asked, Report), Failure> {
    let mut stop = pin!(asked_to_stop());
    let found = async {
        let route = route(context, recorder, door, &target.host, target.port).await?;
        if !args.i_own_this {
            guard::close_to_home(&target.host, &route.addresses)?;
        }
        wait::listening(recorder, &route.addresses, args.wait, &context.screen).await
    };
    let waiting = tokio::select! {
        waiting = found => waiting?,
        () = &mut stop => return Err(wait::stopped()),
    };
    let seed = args.seed.unwrap_or_else(random);
    let place = Place { host: host(&target.host, target.port), seed };
    let caller = Caller::new(recorder.clone(), context.screen.clone(), waiting, args.patience)
        .ok_or_else(|| unconnected(None))?;
    let server = caller.server();
    let program = listener(server);
    let asked = Asked {
        url: target.url(),
        server,
        held_by: program.as_ref().map(named),
        started: program.as_ref().and_then(owner::command),
        stage: args.stage.map(|_| range.last),
    };
    let mut live = Live::new(context.screen.clone(), asked.clone(), Report::new(place));
    if let Some(says) = go_through(&mut live, range, caller, stop).await {
        context.screen.note(&says);
    }
    recorder.latest().into_iter().for_each(|last| last.judged(live.report.told()));
    Ok((asked, live.finish()))
}

/// Which checks are gone through.
#[derive(Clone, Copy)]
struct Range {
    from: Option<&'static Check>,
    last: Stage,
    /// Whether the last stage was asked for, or comes only when the rest is right.
    asked_for: bool,
}

impl Range {
    fn of(args: &Args) -> Result<Self, Failure> {
        let from = args.from.as_deref().map(named_check).transpose()?;
        let last = args.stage.map_or(Stage::Robust, stage);
        if let Some(from) = from.filter(|from| from.stage > last) {
            return Err(Failure::usage(
                format!("{} comes behind the stage {}", from.id, last.name()),
                "--from says where to begin and --stage where to end, so nothing would be asked",
            )
            .or_try(format!("--from {} alone", from.id)));
        }
        let asked_for = args.stage.is_some() || from.is_some_and(|from| from.stage == Stage::Robust);
        Ok(Self { from, last, asked_for })
    }
}

/// All checks, one after another, until the last or until the person has had enough. Gives what there is to say
/// about the waits.
async fn go_through(
    live: &mut Live,
    range: Range,
    mut caller: Caller,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> Option<String> {
    let mut comes = range.asked_for;
    for check in table::checks_from(range.from, range.last) {
        // The last stage comes whole or not at all.
        comes |= check.stage == Stage::Robust && live.report.count(Verdict::Fail) == 0;
        if check.stage == Stage::Robust && !comes {
            break;
        }
        live.begins(check);
        if let Some(because) = live.report.in_the_way(check) {
            live.report.left_out(check, because);
            continue;
        }
        let done = match check.script(&live.report.place) {
            None => None,
            Some(script) => {
                let done = tokio::select! {
                    done = do_it(&live.report, check, script, &mut caller) => Some(done),
                    () = &mut stop => None,
                };
                let Some(done) = done else {
                    let because = live.stop();
                    live.report.left_out(check, because);
                    continue;
                };
                Some(done)
            }
        };
        live.report.judge(check, done);
    }
    caller.says()
}

/// Does what a check asks, what else that makes worth asking, and looks whether the server outlived it.
async fn do_it(report: &Report, check: &Check, mut script: Script, caller: &mut Caller) -> Done {
    let place = &report.place;
    let mut flows = caller.run(&script).await;
    let further = again(check, &flows, place).or_else(|| hello_in_tls(check, &flows, place));
    if let Some(further) = further {
        flows.extend(caller.run(&further).await);
        script = script.and(&further);
    }
    let wants = wants_look(check, &script, &flows, &report.base, place);
    let health = if wants { Some(caller.look(place).await) } else { None };
    Done { script, flows, health }
}

fn stage(stage: ProbeStage) -> Stage {
    match stage {
        ProbeStage::Hello => Stage::Hello,
        ProbeStage::Routes => Stage::Routes,
        ProbeStage::Framing => Stage::Framing,
        ProbeStage::Robust => Stage::Robust,
    }
}

/// A check by its name.
fn named_check(name: &str) -> Result<&'static Check, Failure> {
    table::named(name).ok_or_else(|| {
        let stage = name.split('.').next();
        let near: Vec<&str> =
            table::all().map(|check| check.id).filter(|id| id.split('.').next() == stage).collect();
        let why = if near.is_empty() {
            "a check is called by its stage and a word, such as routes.query; the probe prints the names"
                .to_owned()
        } else {
            format!("those of this stage are {}", near.join(", "))
        };
        Failure::usage(format!("there is no check {name}"), why).or_try("netlab probe --from routes.query")
    })
}

/// A seed from the randomness the standard library seeds its hash maps with.
fn random() -> u32 {
    let bits = RandomState::new().hash_one(std::process::id());
    u32::try_from(bits & 0xffff_ffff).unwrap_or_default()
}
