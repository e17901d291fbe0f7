//! What makes a lesson fit to ship, as far as reading it can tell. What needs evidence is in [`proof`](super::proof).

use std::collections::{BTreeMap, BTreeSet};

use crate::proto::Protocol;

use super::console::{Command, Entry};
use super::deed::MustNot;
use super::finding::{At, Finding};
use super::hints::hints;
use super::lesson::{Block, Lesson, Predict, Step};
use super::lint_words;
use super::parse::{self, LAST_CLAIM};
use super::paths::{self, About};
use super::question::{Condition, Path};
use super::shelf::Source;
use super::ways;
use super::weigh;

/// How many answers a prediction may offer.
pub const CHOICES: std::ops::RangeInclusive<usize> = 2..=4;

/// Whether the command line is one: gives the reason if not.
pub type ParseCommand<'a> = &'a dyn Fn(&[String]) -> Result<(), String>;

/// Reads and proves all lessons. `parse_command` is given the words behind `netlab`.
#[must_use]
pub fn lint(sources: &[Source], parse_command: ParseCommand<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lessons = Vec::new();
    for source in sources {
        findings.extend(not_utf8(&source.file, &source.text));
        findings.extend(source.translations.iter().filter_map(|words| not_utf8(&words.file, &words.text())));
        match parse::parse(&source.file, &source.text) {
            Ok(lesson) => {
                findings.extend(lint_words::wrong(source, &lesson));
                lessons.push(lesson);
            }
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(course(&lessons));
    for lesson in &lessons {
        let at = At { file: &lesson.file, line: 1 };
        if lesson.steps.is_empty() {
            findings.push(at.finding("the lesson has no steps", "begin each with a \"##\" heading"));
        }
        findings.extend(unique(at, "step", lesson.steps.iter().map(|step| (step.slug.as_str(), step.line))));
        for predict in lesson
            .intro
            .iter()
            .filter_map(|block| if let Block::Predict(predict) = block { Some(predict) } else { None })
        {
            findings.extend(choice(at, "prediction", predict));
        }
        if !lesson.steps.is_empty() && lesson.steps.iter().all(|step| step.recalls().next().is_none()) {
            findings.push(at.finding(
                "the lesson has no recall",
                "add a question that can be answered weeks later, without the lesson in view",
            ));
        }
        findings.extend(lesson.intro.iter().filter_map(|block| too_early(at, block)));
        for step in &lesson.steps {
            findings.extend(self::step(at.line(step.line), step, parse_command));
        }
    }
    findings.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    findings
}

/// Rows of the table of claims that no lesson corrects.
#[must_use]
pub fn uncorrected(lessons: &[Lesson]) -> Vec<u16> {
    let corrected: BTreeSet<u16> =
        lessons.iter().flat_map(|lesson| lesson.corrects.iter().copied()).collect();
    (1..=LAST_CLAIM).filter(|row| !corrected.contains(row)).collect()
}

/// Where a file holds bytes that no reader can be shown.
fn not_utf8(file: &str, text: &str) -> Option<Finding> {
    let line = text.lines().position(|line| line.contains(char::REPLACEMENT_CHARACTER))?;
    let what = "bytes that are not UTF-8 (RFC 3629): learners see \u{FFFD} in their place";
    Some(At { file, line: line + 1 }.finding(what, "save the file as UTF-8; editors call that its encoding"))
}

/// What lessons must agree on among themselves.
fn course(lessons: &[Lesson]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut ids: BTreeMap<&str, &Lesson> = BTreeMap::new();
    let mut numbers: BTreeMap<u16, &Lesson> = BTreeMap::new();
    for lesson in lessons {
        let at = At { file: &lesson.file, line: lesson.line_of("id") };
        if let Some(first) = ids.insert(&lesson.id, lesson) {
            findings.push(
                at.finding(format!("{} is the id of {} too", lesson.id, first.file), "give it another"),
            );
        }
        if let Some(first) = numbers.insert(lesson.number, lesson) {
            findings.push(
                at.line(1).finding(format!("{} has the same number", first.file), "rename one of the files"),
            );
        }
    }
    for lesson in lessons {
        let at = At { file: &lesson.file, line: lesson.line_of("needs") };
        for need in &lesson.needs {
            match ids.get(need.as_str()) {
                None => findings.push(
                    at.finding(format!("it needs {need}, and no lesson is called so"), "name a lesson's id"),
                ),
                Some(needed) if needed.number >= lesson.number => {
                    findings.push(at.finding(
                        format!("it needs {need}, which does not come before it"),
                        "change their order",
                    ));
                }
                Some(_) => {}
            }
        }
    }
    findings
}

fn unique<'a>(at: At<'_>, kind: &str, names: impl Iterator<Item = (&'a str, usize)>) -> Vec<Finding> {
    let mut seen = BTreeMap::new();
    let twice = names.filter_map(|(name, line)| seen.insert(name, line).map(|first| (name, line, first)));
    let finding = |(name, line, first)| {
        at.line(line)
            .finding(format!("the {kind} of line {first} is called {name} too"), "give it another title")
    };
    twice.map(finding).collect()
}

fn step(at: At<'_>, step: &Step, parse_command: ParseCommand<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match (step.check(), step.read_only) {
        (None, false) => {
            findings.push(at.finding("the step has no check", "add one, or end its heading in (read-only)"));
        }
        (Some(check), true) => findings
            .push(at.line(check.line).finding("a read-only step has a check", "take one of them away")),
        (Some(_), false) if step.commands().next().is_none() => {
            findings
                .push(at.finding("the step has a check and no console", "show the commands that pass it"));
        }
        _ => {}
    }
    if step.check().is_some() && !step.read_only && step.why().is_none_or(|why| why.text.is_empty()) {
        findings.push(at.finding(
            "the step has a check and no why",
            "say its idea in a few sentences, for a learner who asks",
        ));
    }
    findings.extend(unfounded(at, step));
    for scene in step.check().iter().flat_map(|check| &check.scenes) {
        if scene.description.is_empty() {
            findings.push(at.line(scene.line).finding(
                "a scene has no sentence",
                "put a \"# \" line above it that says it in plain words",
            ));
        }
        if !weigh::asks_for_something(scene) {
            findings.push(at.line(scene.line).finding(
                "a scene asks which flow it is and not what happened on it",
                "add flow.opened, or a field that was sent",
            ));
        }
        findings.extend(conditions(at, &scene.conditions));
    }
    for near in step.near_misses() {
        findings.extend(conditions(at, &near.conditions));
        let scenes = step.check().map_or(0, |check| check.scenes.len());
        if near.until.is_some_and(|number| number > scenes) {
            findings.push(at.line(near.line).finding(
                "the near-miss is until a scene that the check does not have",
                "count the scenes of the check from 1",
            ));
        }
        findings.extend(near.commands.iter().filter_map(|one| command(at, one, parse_command)));
    }
    for seen in step.questions() {
        findings.extend(path(at.line(seen.line), &seen.answer, seen.count));
        findings.extend(conditions(at, &seen.conditions));
        if seen.screens.iter().all(|screen| screen.other_tool) {
            findings.push(at.line(seen.line).finding(
                "the question does not say where its answer stands on the screen",
                "add \"screen: \" and the line that netlab prints, with [?] for the answer",
            ));
        }
    }
    findings.extend(must_nots(at, step, parse_command));
    findings.extend(step.predictions().flat_map(|predict| choice(at, "prediction", predict)));
    findings.extend(step.recalls().flat_map(|recall| choice(at, "recall", recall)));
    findings.extend(step.commands().filter_map(|one| command(at, one, parse_command)));
    findings.extend(hints(at, step));
    findings.extend(outside_tools(at, step));
    findings.extend(ways::misplaced(step).into_iter().map(|text| misplaced(at, step, text)));
    findings
}

/// Every scene needs deeds that must not pass, and those have to be commands.
fn must_nots(at: At<'_>, step: &Step, parse_command: ParseCommand<'_>) -> Vec<Finding> {
    let (scenes, deeds) = (step.check().map_or(0, |check| check.scenes.len()), step.must_nots().count());
    let too_few = (!step.read_only && deeds < scenes).then(|| {
        let has = if deeds == 0 { "no must-not".to_owned() } else { format!("{deeds} must-not") };
        at.finding(
            format!("the check has {scenes} scenes and {has}").replace("has 1 scenes", "has 1 scene"),
            "show a deed for each scene that looks right, is not, and must not pass",
        )
    });
    let commands = step.must_nots().flat_map(MustNot::commands);
    too_few.into_iter().chain(commands.filter_map(|one| command(at, one, parse_command))).collect()
}

/// What belongs to a step and stands before the first one, where nobody would run or ask it.
fn too_early(at: At<'_>, block: &Block) -> Option<Finding> {
    let (kind, line) = match block {
        Block::Console(console) => ("console", console.line),
        Block::Check(check) => ("check", check.line),
        Block::Seen(seen) => ("seen", seen.line),
        Block::Hint(hint) => ("hint", hint.line),
        Block::NearMiss(near) => ("near-miss", near.line),
        Block::MustNot(must) => ("must-not", must.line),
        _ => return None,
    };
    let what = format!("a {kind} stands before the first step");
    Some(at.line(line).finding(what, "put it below a \"##\" heading"))
}

/// A question about what was seen needs something to see; a guess comes before the look.
fn unfounded(at: At<'_>, step: &Step) -> Vec<Finding> {
    let asked = step.questions().filter(|_| step.read_only).map(|seen| {
        at.line(seen.line).finding(
            "a read-only step asks what was seen, and nothing happens in it",
            "move the question to a step with a check, or make a notebook of it",
        )
    });
    let look = step.consoles().map(|console| console.line).next();
    let late = step.predictions().filter(|predict| look.is_some_and(|look| look < predict.line));
    let late = late.map(|predict| {
        at.line(predict.line).finding("the prediction stands below the console", "ask before anybody looks")
    });
    asked.chain(late).collect()
}

/// Every path must lead somewhere, and one scene can only be about one protocol.
fn conditions(at: At<'_>, conditions: &[Condition]) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        conditions.iter().filter_map(|one| path(at.line(one.line), &one.path, one.count)).collect();
    let mut spoken: Option<&'static Protocol> = None;
    for condition in conditions {
        if let About::Fields(protocol, _) = paths::about(&condition.path) {
            let first = *spoken.get_or_insert(protocol);
            if *first != *protocol {
                findings.push(at.line(condition.line).finding(
                    format!("one scene asks for {} and {}", first.name, protocol.name),
                    "a flow speaks one protocol: make two scenes of it, with a blank line between",
                ));
            }
        }
    }
    findings
}

fn path(at: At<'_>, path: &Path, count: bool) -> Option<Finding> {
    paths::problem(path, count).map(|what| {
        at.finding(
            what,
            "run the command with -v: it shows the names there are; lessons/README.md has the flow's",
        )
    })
}

/// What is wrong with a question that offers answers; `kind` is what the author calls it.
fn choice(at: At<'_>, kind: &str, predict: &Predict) -> Vec<Finding> {
    let at = at.line(predict.line);
    let mut findings = Vec::new();
    if !CHOICES.contains(&predict.choices.len()) {
        findings.push(
            at.finding(format!("the {kind} has {} answers", predict.choices.len()), "offer two to four"),
        );
    }
    let holding = predict.choices.iter().filter(|choice| choice.holds).count();
    if holding != 1 {
        findings.push(
            at.finding(
                format!("{holding} answers are marked (x)"),
                "mark the one the evidence will bear out",
            ),
        );
    }
    if predict.question.is_empty() {
        findings.push(at.finding(format!("the {kind} asks nothing"), "put the question above the answers"));
    }
    for choice in &predict.choices {
        if [&choice.text, &choice.belief, &choice.reply].iter().any(|part| part.is_empty()) {
            findings.push(
                at.line(choice.line)
                    .finding("an answer lacks its words, its belief or its reply", "fill in all three"),
            );
        }
    }
    findings
}

fn command(at: At<'_>, command: &Command, parse_command: ParseCommand<'_>) -> Option<Finding> {
    let at = at.line(command.line);
    match command.words.split_first() {
        Some((first, rest)) if first == "netlab" => parse_command(rest).err().map(|why| {
            let verb =
                rest.first().filter(|word| parse_command(&[(*word).clone(), "--help".to_owned()]).is_ok());
            let help = verb.map_or_else(|| "netlab".to_owned(), |verb| format!("netlab {verb}"));
            at.finding(
                format!("\"{}\" is no netlab command: {why}", command.text),
                format!("see `{help} --help`"),
            )
        }),
        _ => Some(at.finding(
            format!("\"{}\" is not a netlab command", command.text),
            "show other tools in a comment, as in \"# or: dig ...\"",
        )),
    }
}

/// A step that uses a lab name also says what to type into another tool.
fn outside_tools(at: At<'_>, step: &Step) -> Option<Finding> {
    let lab = step.commands().find(|command| command.words.iter().any(|word| uses_lab_name(word)))?;
    let said = step.blocks.iter().any(|block| match block {
        Block::Console(console) | Block::Solution(console) => console
            .entries
            .iter()
            .any(|entry| matches!(entry, Entry::Comment(text) if text.starts_with("or: "))),
        _ => false,
    });
    (!said).then(|| {
        at.line(lab.line).finding(
            format!("\"{}\" uses a .test name and no other tool is shown", lab.text),
            "add a comment such as \"# or: dig @127.0.0.1 -p 7053 garden.test\"",
        )
    })
}

fn misplaced(at: At<'_>, step: &Step, text: &str) -> Finding {
    let at = at.line(step.consoles().map(|console| console.line).next().unwrap_or(at.line));
    if text.starts_with(ways::BUT) {
        return at.finding(
            format!("\"# {text}\" does not stand below a line for another tool"),
            "put it right below the line \"# or: ...\" that it speaks of",
        );
    }
    at.finding(
        format!("\"# {text}\" stands above all commands of its fence"),
        "put it below the command that it replaces, and below what is typed into that",
    )
}

fn uses_lab_name(word: &str) -> bool {
    word.split(['/', ':'])
        .any(|part| part.trim_end_matches('.').rsplit_once('.').is_some_and(|(_, top)| top == "test"))
}
