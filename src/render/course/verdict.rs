//! What the evidence says about a step, quoted.

use serde_json::{Value, json};

use crate::evidence::Side;
use crate::evidence::journal::CONVERSATIONS;
use crate::lessons::lesson::{Lesson, Seen, Step};
use crate::lessons::paths::MISSING;
use crate::lessons::screen::Screen as Screened;
use crate::lessons::seen::Reply;
use crate::lessons::verdict::{Found, Outcome, Proof, Quote, SceneVerdict, Source, Verdict};
use crate::render::course::differs::{differs, range, value};
use crate::render::course::lesson::{block, safe};
use crate::render::json;
use crate::render::text::cells::{hang, wrap};
use crate::render::text::layers;
use crate::render::text::look::{Form, Look};
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number};

/// A verdict with the evidence it rests on.
pub fn show(screen: &Screen, lesson: &Lesson, step: &Step, verdict: &Verdict) {
    block(screen, Role::Heading, &format!("Lesson {}, {}", lesson.number, step.title));
    for scene in &verdict.scenes {
        one_scene(screen, scene);
    }
    feedback(screen, verdict);
    if verdict.has_earlier && !verdict.passed() {
        let many = number(CONVERSATIONS as u64);
        let text = format!(
            "So much has happened since the step began that only the latest {many} conversations were looked at."
        );
        block(screen, Role::Meaning, &text);
    }
}

/// What to say to the near-miss that happened last, if one did.
pub fn feedback(screen: &Screen, verdict: &Verdict) {
    if let Some(feedback) = &verdict.feedback {
        block(screen, Role::Value, &feedback.says);
    }
}

/// One scene: seen, with quotes, or not yet, with what comes closest.
pub fn one_scene(screen: &Screen, scene: &SceneVerdict) {
    let description = safe(screen.look, &scene.description);
    match &scene.outcome {
        Outcome::Passed(proof) => {
            marked(screen, Role::Good, if screen.look.ascii() { "seen:" } else { "✓ seen:" }, &description);
            quoted(screen, proof);
        }
        Outcome::NotYet(closest) => {
            marked(screen, Role::Name, "not seen yet:", &description);
            if let Some(closest) = closest {
                detail(screen, &format!("closest: {}", source(&closest.source)));
                for difference in &closest.differed {
                    detail(screen, &differs(screen.look, difference));
                }
            }
        }
    }
}

fn quoted(screen: &Screen, proof: &Proof) {
    detail(screen, &source(&proof.source));
    let placed = proof.quotes.iter().filter(|quote| quote.found.place.is_some());
    each_once(screen.look, placed).iter().for_each(|said| detail(screen, said));
}

/// What the quotes say. Several conditions may rest on one piece of evidence, and it is said once.
fn each_once<'a>(look: Look, quotes: impl Iterator<Item = &'a Quote>) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for quote in quotes {
        let one = quoted_value(look, quote);
        if !said.contains(&one) {
            said.push(one);
        }
    }
    said
}

fn quoted_value(look: Look, quote: &Quote) -> String {
    let value = value(look, &quote.found);
    let counted = quote.found.number.filter(|_| quote.condition.starts_with("count "));
    let said = match counted {
        Some(many) => format!("{}: {}", noun(&quote.name), count(many, "time")),
        None if quote.name == MISSING => format!("{}: {value}", noun(&quote.name)),
        None => format!("{} is {value}", quote.name),
    };
    match quote.found.place {
        Some(place) => format!("{said} ({}'s {})", place.side.name(), range(place.from, place.to)),
        None => said,
    }
}

/// The evidence for each scene in one line, for the notebook and for progress.
#[must_use]
pub fn excerpt(verdict: &Verdict) -> Vec<String> {
    let look = Look::for_programs();
    let line = |proof: &Proof| {
        let placed = proof.quotes.iter().filter(|quote| quote.found.place.is_some());
        let quotes = each_once(look, placed);
        let said = if quotes.is_empty() { String::new() } else { format!(": {}", quotes.join(", ")) };
        format!("{}{said}", source(&proof.source))
    };
    let proofs = verdict.scenes.iter().filter_map(|scene| match &scene.outcome {
        Outcome::Passed(proof) => Some(line(proof)),
        Outcome::NotYet(_) => None,
    });
    proofs.collect()
}

fn source(source: &Source) -> String {
    let by = Safe::word(source.by.as_bytes()).ascii(true);
    if source.client.is_none() && source.seen == Side::Server {
        return format!("an attempt to listen on {}, recorded by {by}", source.server);
    }
    let client = source.client.as_ref().map_or_else(|| "a client".to_owned(), ToString::to_string);
    let what = layers::conversation(source.transport, source.layer, "datagrams");
    let exchange =
        source.exchange.filter(|&at| at > 0).map(|at| format!(", exchange {}", at + 1)).unwrap_or_default();
    format!("{what} from {client} to {}{exchange}, recorded by {by}", source.server)
}

/// The name of a path in a sentence; most are the protocol's own words.
fn noun(name: &str) -> &str {
    match name {
        "first" => "who sent the first byte",
        "closed-first" => "who finished first",
        "by" => "recorded by",
        "failed" => "how it failed",
        MISSING => "bytes missing",
        _ => name,
    }
}

/// What the evidence says to an answer; whether it agrees.
pub fn reply(screen: &Screen, seen: &Seen, reply: &Reply) -> bool {
    let agrees = matches!(reply, Reply::Agrees(..));
    if screen.look.form == Form::Json {
        let record = match reply {
            Reply::TheRecord(values) => values.iter().map(|(_, found)| value(screen.look, found)).collect(),
            Reply::Agrees(_, found) => vec![value(screen.look, found)],
            _ => Vec::new(),
        };
        let labels: Vec<String> = seen.screens.iter().map(Screened::label).collect();
        let members =
            json!({ "question": seen.question, "agrees": agrees, "record": record, "screen": labels });
        json::document(screen, "check --saw", members);
        return agrees;
    }
    match reply {
        Reply::Agrees(from, found) => {
            marked(
                screen,
                Role::Good,
                if screen.look.ascii() { "yes:" } else { "✓ yes:" },
                &safe(screen.look, &seen.says),
            );
            detail(screen, &place(from, found));
        }
        Reply::LookAgain(values) => {
            block(screen, Role::Name, "The record says something else. It stands here:");
            for one in &seen.screens {
                let other = if one.other_tool { "in another tool: " } else { "" };
                let counts = if one.counts { "as many as there are lines like this: " } else { "" };
                detail(screen, &format!("{other}{counts}{}", safe(screen.look, &one.label())));
            }
            // Where nobody said what the screen shows, the record has to do, though it may name the value.
            if seen.screens.is_empty() {
                values.iter().for_each(|(from, found)| detail(screen, &place(from, found)));
            }
            if seen.after.is_some() {
                block(
                    screen,
                    Role::Meaning,
                    "That word is made for you and for this attempt, so one from somebody else, or from before, does not fit.",
                );
            }
        }
        Reply::TheRecord(values) => {
            for (from, found) in values {
                block(screen, Role::Value, &format!("The record says {}:", value(screen.look, found)));
                detail(screen, &place(from, found));
            }
        }
        Reply::NothingSeen => {
            block(
                screen,
                Role::Name,
                "Nothing is kept of that step that would hold an answer. Do it again; what it passes on is kept then.",
            );
        }
    }
    agrees
}

/// Where a value stands.
fn place(from: &Source, found: &Found) -> String {
    match found.place {
        Some(place) => format!("{}, {}'s {}", source(from), place.side.name(), range(place.from, place.to)),
        None => source(from),
    }
}

/// A verdict for programs.
#[must_use]
pub fn as_json(lesson: &Lesson, step: &Step, verdict: &Verdict, next: Option<&Step>) -> Value {
    let look = Look::for_programs();
    let scenes: Vec<Value> = verdict
        .scenes
        .iter()
        .map(|scene| match &scene.outcome {
            Outcome::Passed(proof) => json!({
                "scene": scene.description,
                "passed": true,
                "evidence": source(&proof.source),
                "flow": proof.source.flow.to_string(),
                "quotes": each_once(look, proof.quotes.iter()),
            }),
            Outcome::NotYet(closest) => json!({
                "scene": scene.description,
                "passed": false,
                "closest": closest.as_ref().map(|closest| source(&closest.source)),
                "differs": closest.iter().flat_map(|closest| &closest.differed).map(|one| differs(look, one)).collect::<Vec<_>>(),
            }),
        })
        .collect();
    json!({
        "lesson": lesson.id,
        "step": step.slug,
        "passed": verdict.passed(),
        "scenes": scenes,
        "feedback": verdict.feedback.as_ref().map(|feedback| &feedback.says),
        "has_earlier": verdict.has_earlier,
        "next": next.map(|step| &step.slug),
    })
}

fn marked(screen: &Screen, role: Role, mark: &str, text: &str) {
    let whole = format!("{mark} {text}");
    for (at, line) in wrap(&whole, screen.look.width).iter().enumerate() {
        let line = match (at, line.strip_prefix(mark)) {
            (0, Some(rest)) => format!("{}{rest}", paint(role, mark)),
            _ => line.clone(),
        };
        screen.line(&line);
    }
}

fn detail(screen: &Screen, text: &str) {
    for line in hang("    ", text, screen.look.width, 6) {
        screen.line(&paint(Role::Meaning, &line));
    }
}
