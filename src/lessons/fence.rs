//! The fences that are machinery, apart from [`console`] and the checks of [`question`].
//!
//! ```text
//! predict    the question, then two to four lines "( ) answer | belief it reveals | what to say to it",
//!            one of them with "(x)": the evidence will bear that one out
//! seen       the question, then "answer: [count] PATH [after TEXT]", "where: CONDITION" lines,
//!            "screen: " where the answer stands on the screen and "or: " where another tool shows it (see [`screen`]),
//!            and "says: " what to say when the learner's answer agrees
//! hint       text
//! solution   as console, and not shown: what passes a step that leaves the commands to the learner
//! near-miss  "$ command" lines, conditions, perhaps "until: " a scene, and "says: " what to say to it
//! must-not   "# " why it is not what the step asks for, then deeds: see [`deed`]
//! recall     as predict: asked before later lessons, and by `netlab review`
//! why        the idea of the step, for those who ask
//! notebook   a question to be answered in one line, in the learner's own words
//! ```

use strsim::osa_distance;

use super::console;
use super::deed;
use super::finding::{At, Finding};
use super::lesson::{Block, Choice, Hint, NearMiss, Notebook, Predict, Seen, Why};
use super::numbered::numbered;
use super::question;
use super::screen;

/// Words that begin the info string of a fence that is machinery.
pub const MACHINERY: [&str; 11] = [
    "console",
    "solution",
    "predict",
    "check",
    "seen",
    "hint",
    "near-miss",
    "must-not",
    "recall",
    "why",
    "notebook",
];

/// Reads a fence: its opening line stands at `at`.
///
/// # Errors
/// What its kind of fence does not allow.
pub fn block(at: At<'_>, info: &str, lines: &[&str]) -> Result<Block, Finding> {
    let first = at.line(at.line + 1);
    match info {
        "console" => console::parse(first, lines).map(Block::Console),
        "solution" => console::parse(first, lines).map(Block::Solution),
        "check" => question::parse(first, lines).map(Block::Check),
        "predict" => predict(first, lines).map(Block::Predict),
        "seen" => seen(first, lines).map(Block::Seen),
        "hint" => Ok(Block::Hint(Hint { line: at.line, text: lines.join("\n").trim().to_owned() })),
        "near-miss" => near_miss(first, lines).map(Block::NearMiss),
        "must-not" => deed::parse(first, lines).map(Block::MustNot),
        "recall" => predict(first, lines).map(Block::Recall),
        "why" => Ok(Block::Why(Why { line: at.line, text: lines.join("\n").trim().to_owned() })),
        "notebook" => {
            Ok(Block::Notebook(Notebook { line: at.line, question: lines.join(" ").trim().to_owned() }))
        }
        _ => match meant(info) {
            Some(word) => Err(at.finding(
                format!("\"{info}\" is no kind of fence"),
                format!("write {word} if that is meant"),
            )),
            None => Ok(Block::Code { info: info.to_owned(), text: lines.join("\n") }),
        },
    }
}

/// The kind of fence that a word was probably meant to be: one that begins the same, or that a slip of the hand is
/// away.
fn meant(info: &str) -> Option<&'static str> {
    let typed = info.to_lowercase();
    let begins = |word: &&str| typed.starts_with(&word[..word.len().min(4)]);
    let slips = |word: &&str| osa_distance(&typed, word) <= if word.len() > 4 { 2 } else { 1 };
    MACHINERY.into_iter().find(begins).or_else(|| MACHINERY.into_iter().find(slips))
}

fn predict(first: At<'_>, lines: &[&str]) -> Result<Predict, Finding> {
    let mut question = Vec::new();
    let mut choices = Vec::new();
    for (here, line) in numbered(first, lines) {
        let (holds, rest) = if let Some(rest) = line.strip_prefix("( ) ") {
            (false, rest)
        } else if let Some(rest) = line.strip_prefix("(x) ") {
            (true, rest)
        } else if choices.is_empty() {
            question.push(line);
            continue;
        } else {
            return Err(here.finding(
                "a line behind the first answer is no answer",
                "begin it with \"( ) \" or \"(x) \"",
            ));
        };
        let parts: Vec<&str> = rest.split(" | ").map(str::trim).collect();
        let [text, belief, reply] = parts[..] else {
            return Err(here.finding(
                format!("an answer has {} of its three parts", parts.len()),
                "write \"( ) answer | belief it reveals | what to say to it\"",
            ));
        };
        let [text, belief, reply] = [text, belief, reply].map(str::to_owned);
        let belief_shown = belief.clone();
        choices.push(Choice { line: here.line, holds, text, belief, belief_shown, reply });
    }
    Ok(Predict { line: first.line - 1, question: question.join(" "), choices })
}

fn seen(first: At<'_>, lines: &[&str]) -> Result<Seen, Finding> {
    let mut question = Vec::new();
    let (mut answer, mut conditions, mut screens, mut says) = (None, Vec::new(), Vec::new(), None);
    for (here, line) in numbered(first, lines) {
        if let Some(text) = line.strip_prefix("answer:") {
            answer = Some(question::answer(here, text.trim())?);
        } else if let Some(text) = line.strip_prefix("where:") {
            conditions.push(question::condition(here, text.trim())?);
        } else if let Some(text) = line.strip_prefix("screen:") {
            screens.push(screen::parse(here, text, false)?);
        } else if let (Some(text), true) = (line.strip_prefix("or:"), answer.is_some()) {
            screens.push(screen::parse(here, text, true)?);
        } else if let Some(text) = line.strip_prefix("says:") {
            says = Some(text.trim().to_owned());
        } else if answer.is_none() {
            question.push(line);
        } else {
            return Err(here.finding(
                "a line behind the answer has no key",
                "begin it with \"where:\", \"screen:\", \"or:\" or \"says:\"",
            ));
        }
    }
    let Some((count, answer, after)) = answer else {
        return Err(
            first.finding("the question does not say where its answer is", "add a line \"answer: PATH\"")
        );
    };
    let Some(says) = says else {
        return Err(first.finding("the question says nothing to a right answer", "add a line \"says: ...\""));
    };
    let question = question.join(" ");
    Ok(Seen { line: first.line - 1, question, count, answer, after, conditions, screens, says })
}

fn near_miss(first: At<'_>, lines: &[&str]) -> Result<NearMiss, Finding> {
    let (mut commands, mut conditions, mut says) = (Vec::<console::Command>::new(), Vec::new(), None);
    let mut until = None;
    for (here, line) in numbered(first, lines) {
        if let Some(text) = line.strip_prefix("$ ") {
            commands.push(console::command(here, text)?);
        } else if let (Some(typed), Some(command)) =
            (line.strip_prefix("> ").or_else(|| (line == ">").then_some("")), commands.last_mut())
        {
            command.typed.push(typed.to_owned());
        } else if let Some(text) = line.strip_prefix("says:") {
            says = Some(text.trim().to_owned());
        } else if let Some(text) = line.strip_prefix("until:") {
            let number = text.trim().parse().ok().filter(|number| *number > 0);
            until = Some(number.ok_or_else(|| {
                here.finding("that is no scene's number", "count the scenes of the check from 1")
            })?);
        } else {
            conditions.push(question::condition(here, line)?);
        }
    }
    if commands.is_empty() {
        return Err(
            first.finding("the near-miss does not show the slip", "begin with a line \"$ netlab ...\"")
        );
    }
    if conditions.is_empty() {
        return Err(first.finding(
            "the near-miss does not say how evidence shows it",
            "add conditions such as \"dns.question.type = TXT\"",
        ));
    }
    let Some(says) = says else {
        return Err(first.finding("the near-miss has nothing to say", "add a line \"says: ...\""));
    };
    Ok(NearMiss { line: first.line - 1, commands, conditions, until, says })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_no_code() {
        for (typed, word) in [
            ("seeen", "seen"),
            ("sen", "seen"),
            ("hnt", "hint"),
            ("wy", "why"),
            ("Check", "check"),
            ("chekc", "check"),
            ("near miss", "near-miss"),
            ("consol", "console"),
            ("soluton", "solution"),
            ("predikt", "predict"),
        ] {
            assert_eq!(meant(typed), Some(word), "{typed}");
        }
    }

    #[test]
    fn words_for_code_stay_code() {
        for word in [
            "", "text", "sh", "bash", "json", "http", "rust", "js", "html", "c", "diff", "toml", "yaml",
            "sql",
        ] {
            assert_eq!(meant(word), None, "{word}");
        }
    }
}
