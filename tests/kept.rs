//! Files that an earlier netlab wrote are read by this one, and mean what they meant: `tests/fixtures/kept` says which.
//! `NETLAB_BLESS=1` writes `expected.txt` anew; what changes there has changed for every learner.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use netlab::evidence::journal::{Account, since};
use netlab::evidence::{Side, What};
use netlab::lessons::fact;
use netlab::lessons::handin::HandIn;
use netlab::lessons::lesson::Lesson;
use netlab::lessons::progress::{self, Progress};
use netlab::lessons::verdict::{Outcome, Quote};
use netlab::lessons::{check, connections, shelf};
use netlab::state::Home;

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kept")
}

/// A copy of the learner's folder; the files themselves are never opened for writing.
fn home() -> (tempfile::TempDir, Home) {
    let folder = run::home();
    for entry in fs::read_dir(kept().join("home")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let home = Home::at(folder.path()).unwrap();
    (folder, home)
}

fn lessons() -> Vec<Lesson> {
    shelf::lessons(&shelf::folder(&kept().join("lessons")).unwrap()).unwrap()
}

/// What the journal holds since a marker, a line for each conversation.
fn conversations(account: &Account) -> String {
    let numbers = connections::numbers(&account.sightings);
    let mut text = String::new();
    for (sighting, number) in account.sightings.iter().zip(numbers) {
        let flow = &sighting.flow;
        let count = |kind: fn(&What) -> bool| flow.events.iter().filter(|one| kind(&one.what)).count();
        let lengths =
            |side: Side| flow.lengths(side).map(|len| len.to_string()).collect::<Vec<_>>().join("+");
        writeln!(
            text,
            "{number:>2} {} {:?} by {} at the {}: {} to {}; {} bytes as {}, {} bytes as {}; kept {} and {}; \
             {} opened, {} finished, {} reset, {} failed, {} counted, {} mishaps",
            flow.id,
            flow.transport,
            flow.by,
            flow.seen.name(),
            flow.client.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string),
            flow.server,
            flow.from_client.total,
            lengths(Side::Client),
            flow.from_server.total,
            lengths(Side::Server),
            flow.from_client.bytes.len(),
            flow.from_server.bytes.len(),
            count(|what| *what == What::Opened),
            count(|what| *what == What::Finished),
            count(|what| *what == What::Reset),
            count(|what| matches!(what, What::Failed(_))),
            count(|what| matches!(what, What::Counted(_))),
            count(|what| matches!(what, What::Mishap(_))),
        )
        .unwrap();
    }
    text
}

fn quoted(quotes: &[Quote]) -> Vec<String> {
    let quote = |quote: &Quote| {
        let place = quote.found.place.map(|place| format!(" at {} to {}", place.from, place.to));
        format!(
            "{}: {}{}",
            quote.condition,
            String::from_utf8_lossy(&quote.found.value).escape_debug(),
            place.unwrap_or_default()
        )
    };
    quotes.iter().map(quote).collect()
}

/// What the judge says of every step, by what happened since it began.
fn verdicts(folder: &Path, progress: &Progress, lessons: &[Lesson]) -> String {
    let mut text = String::new();
    for (lesson, step) in
        lessons.iter().flat_map(|lesson| lesson.steps.iter().map(move |step| (lesson, step)))
    {
        let attempt = progress.attempts[&(lesson.id.clone(), step.slug.clone())];
        let marker = progress::marker(lesson, step, attempt);
        let account = since(folder, &marker).unwrap();
        let verdict = check::judge(step, &account);
        writeln!(text, "{marker}: {} conversations since", account.sightings.len()).unwrap();
        for scene in &verdict.scenes {
            match &scene.outcome {
                Outcome::Passed(proof) => {
                    let (flow, exchange) = (proof.source.flow, proof.source.exchange);
                    writeln!(text, "  seen in {flow} {exchange:?}: {}", scene.description).unwrap();
                    quoted(&proof.quotes).iter().for_each(|quote| writeln!(text, "    {quote}").unwrap());
                }
                Outcome::NotYet(_) => writeln!(text, "  not seen: {}", scene.description).unwrap(),
            }
        }
    }
    text
}

fn standing(progress: &Progress, lessons: &[Lesson]) -> String {
    let mut text = String::new();
    for lesson in lessons {
        writeln!(text, "{}: {:?}, {} passed", lesson.id, progress.state(lesson), progress.passed(lesson))
            .unwrap();
        for step in &lesson.steps {
            let facts = progress.of_step(&lesson.id, &step.slug).count();
            let standing = progress.standing(&lesson.id, &step.slug);
            writeln!(text, "  {}: {standing:?}, {facts} facts", step.slug).unwrap();
        }
        for (right, at) in progress.reviews(&lesson.id) {
            writeln!(text, "  reviewed at {at}: {right}").unwrap();
        }
    }
    text
}

#[test]
fn a_journal_progress_and_hand_in_mean_what_they_meant() {
    let (folder, home) = home();
    let progress = progress::read(&home).unwrap();
    assert_eq!((progress.unreadable, progress.later, &progress.kept_aside), (0, 0, &None));
    let account = since(folder.path(), "a marker that is not there").unwrap();
    assert_eq!((account.unreadable, account.left_out, account.has_earlier), (0, 0, false));
    let hand_in = HandIn::read(&fs::read(kept().join("hand-in.jsonl")).unwrap()).unwrap();
    let lessons = lessons();
    let got = format!(
        "# conversations\n{}\n# verdicts\n{}\n# standing\n{}\n# hand-in\n{} of {}, class {}, {} facts\n",
        conversations(&account),
        verdicts(folder.path(), &progress, &lessons),
        standing(&progress, &lessons),
        hand_in.head.name,
        hand_in.head.learner,
        hand_in.head.class.as_deref().unwrap_or("none"),
        hand_in.facts.len(),
    );
    let file = kept().join("expected.txt");
    if std::env::var_os("NETLAB_BLESS").is_some() {
        fs::write(&file, &got).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap();
    let line = expected.lines().zip(got.lines()).find(|(expected, got)| expected != got);
    assert_eq!(expected.len(), got.len(), "first difference (expected, got): {line:#?}");
    assert_eq!(line, None);
}

#[test]
fn a_hand_in_is_accepted_as_it_is_and_refused_with_one_digit_changed() {
    let file = fs::read(kept().join("hand-in.jsonl")).unwrap();
    let (_folder, home) = home();
    assert_eq!(HandIn::read(&file).unwrap().facts, progress::read(&home).unwrap().facts);
    let text = String::from_utf8(file).unwrap();
    assert!(HandIn::read(text.replacen("\"holds\":false", "\"holds\":true", 1).as_bytes()).is_err());
}

/// What netlab wrote before those members were there.
#[test]
fn a_fact_without_the_members_that_came_later_is_read() {
    let facts = [
        r#"{"v":1,"lesson":"kept","hash":"0","step":"greeted","at":1,"fact":"began","marker":"kept/greeted#1"}"#,
        r#"{"v":1,"lesson":"kept","hash":"0","step":"greeted","at":2,"fact":"passed"}"#,
    ];
    let facts: Vec<fact::Fact> = facts.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(facts[0].what, fact::What::Began { marker: "kept/greeted#1".to_owned(), replay: false });
    assert_eq!(facts[1].what, fact::What::Passed { saw: Vec::new() });
}

#[test]
fn the_verbs_read_them_too() {
    let (folder, _home) = home();
    let lessons = kept().join("lessons");
    let lessons = lessons.to_str().unwrap();
    let told = run::netlab(folder.path(), ["lessons", "--json", "--lessons", lessons]).output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let states: Vec<&str> =
        told["lessons"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["done", "skipped"]);
    let hand_in = kept().join("hand-in.jsonl");
    let args = ["class", "--json", "--lessons", lessons, hand_in.to_str().unwrap()];
    let told = run::netlab(folder.path(), args).output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(told["learners"][0]["name"], "Ada L.");
    assert_eq!(told["left_out"].as_array().unwrap().len(), 0);
}
