//! What a line typed at the prompt means, and which words may come next.

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::lab::table;
use crate::terminal::prompt::Complete;

/// The words of a session that are no verbs, with what they do, for the help and for completion.
pub const WORDS: &[(&str, &str)] = &[
    ("Enter", "what is missing; once a step has passed, the next one"),
    ("hint", "the next hint"),
    ("why", "the idea of this step, and what the record says about it"),
    ("check", "judge the step now"),
    ("skip", "go on without this step; you can come back to it"),
    ("back", "the step before; from free play, the step you left"),
    ("next", "the next step, when this one has passed"),
    ("play", "free play: try anything, nothing is judged"),
    ("lessons", "the list of lessons; learn N goes to one"),
    ("notebook", "what you guessed, saw and wrote"),
    ("glossary", "what a word means: glossary FIN"),
    ("jobs", "the servers that run here; stop N ends one"),
    ("!command", "a command of your own shell: !curl -v http://localhost:7777/"),
    ("quit", "leave; everything is kept"),
];

/// Verbs that go on until they are stopped.
const GO_ON: &[&[&str]] = &[&["serve"], &["listen"], &["tap"], &["lab", "up"]];

/// Verbs that are about the course, which the session's own folder of lessons concerns too.
const OF_THE_COURSE: &[&str] = &["lessons", "notebook", "glossary", "review", "reset", "submit", "class"];

/// What a line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Nothing: what is missing, or on.
    Empty,
    /// Judge now.
    Check,
    /// The next hint.
    Hint,
    /// The idea of the step, or a line to keep.
    Why(String),
    /// On without this step.
    Skip,
    /// Free play.
    Play,
    /// The step before.
    Back,
    /// The step after.
    Next,
    /// To a lesson, or the step again.
    Learn(Option<String>),
    /// The words there are.
    Help,
    /// What runs.
    Jobs,
    /// End a job.
    Stop(Option<usize>),
    /// Leave.
    Quit,
    /// A line for the shell.
    Shell(String),
    /// A verb that ends by itself.
    Verb(Vec<String>),
    /// A verb that goes on.
    Job(Vec<String>),
    /// A quote that is not closed.
    Unclear,
    /// No word of netlab's: the first word.
    Unknown(String),
}

/// Reads a line. A prompt or the word netlab in front, as copied from a lesson, does no harm.
#[must_use]
pub fn meaning(line: &str) -> Word {
    let line = line.trim();
    let line = line.strip_prefix("$ ").unwrap_or(line).trim_start();
    if let Some(command) = line.strip_prefix('!') {
        return Word::Shell(command.trim().to_owned());
    }
    let (line, goes_on) = line.strip_suffix(" &").map_or((line, false), |line| (line, true));
    let Some(mut words) = shlex::split(line) else { return Word::Unclear };
    if words.first().is_some_and(|word| word == "netlab") {
        words.remove(0);
        if words.is_empty() {
            return Word::Learn(None);
        }
    }
    let rest = || words[1..].join(" ");
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Word::Empty,
        ["check"] => Word::Check,
        ["hint"] => Word::Hint,
        ["why", ..] => Word::Why(rest()),
        ["skip"] => Word::Skip,
        ["play"] => Word::Play,
        ["back"] => Word::Back,
        ["next"] => Word::Next,
        ["learn"] => Word::Learn(None),
        ["learn", lesson] if !lesson.starts_with('-') => Word::Learn(Some(lesson.to_owned())),
        ["?" | "help"] => Word::Help,
        ["jobs"] => Word::Jobs,
        ["stop"] => Word::Stop(None),
        ["stop", number] => Word::Stop(number.trim_start_matches('%').parse().ok()),
        ["quit" | "exit" | "q"] => Word::Quit,
        [verb, ..] if !is_verb(verb) => Word::Unknown(verb.to_owned()),
        _ if goes_on || goes_on_by_itself(&words) => Word::Job(words),
        _ => Word::Verb(words),
    }
}

/// The words with the folder the lessons come from, where a verb is about the course.
#[must_use]
pub fn of_folder(mut words: Vec<String>, folder: Option<&std::path::Path>) -> Vec<String> {
    let of_course = words.first().is_some_and(|verb| OF_THE_COURSE.contains(&verb.as_str()));
    if let (true, Some(folder), false) = (of_course, folder, words.iter().any(|word| word == "--lessons")) {
        words.extend(["--lessons".to_owned(), folder.display().to_string()]);
    }
    words
}

/// Whether a verb in front takes lines from the keyboard until one of several things ends it.
#[must_use]
pub fn takes_lines(words: &[String]) -> bool {
    words.first().is_some_and(|verb| verb == "connect")
}

fn goes_on_by_itself(words: &[String]) -> bool {
    let asks_for_help = words.iter().any(|word| word == "--help" || word == "-h");
    !asks_for_help
        && GO_ON.iter().any(|verb| words.iter().map(String::as_str).take(verb.len()).eq(verb.iter().copied()))
}

fn is_verb(word: &str) -> bool {
    word.starts_with('-') || Cli::command().find_subcommand(word).is_some() || word == "help"
}

/// Whether the words are a command as they stand, and not a sentence that begins like one.
#[must_use]
pub fn is_command(words: &[String]) -> bool {
    let line = std::iter::once("netlab").chain(words.iter().map(String::as_str));
    match Cli::command().try_get_matches_from(line) {
        Ok(_) => true,
        Err(other) => matches!(other.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion),
    }
}

/// Completes the first word to verbs and words, options of a verb, and everything else to places in the lab.
#[must_use]
pub fn complete() -> Complete {
    let command = Cli::command();
    let mut first: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    let own =
        WORDS.iter().map(|(word, _)| *word).filter(|word| word.chars().all(|char| char.is_ascii_lowercase()));
    first.extend(own.map(str::to_owned));
    first.extend(["stop".to_owned(), "learn".to_owned()]);
    first.sort();
    first.dedup();
    let mut places: Vec<String> = table::names().map(|one| one.name.to_owned()).collect();
    places.extend(["localhost:7777", "http://localhost:7777/", "http://hello.test/"].map(str::to_owned));
    Box::new(move |line| {
        let start = line.rfind(' ').map_or(0, |at| at + 1);
        let word = &line[start..];
        let verb = line.split_whitespace().next().filter(|_| start > 0);
        let candidates: Vec<String> = match verb.map(|verb| (verb, word.starts_with('-'))) {
            None => first.clone(),
            Some((verb, true)) => command.find_subcommand(verb).map(options).unwrap_or_default(),
            Some((_, false)) => places.clone(),
        };
        (start, candidates.into_iter().filter(|one| one.starts_with(word)).collect())
    })
}

fn options(verb: &clap::Command) -> Vec<String> {
    verb.get_arguments().filter_map(|option| Some(format!("--{}", option.get_long()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Word, complete, meaning};

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_line_copied_from_a_lesson_is_the_verb_in_it() {
        let verb = Word::Verb(words("resolve garden.test"));
        assert_eq!(meaning("resolve garden.test"), verb);
        assert_eq!(meaning("  netlab resolve garden.test "), verb);
        assert_eq!(meaning("$ netlab resolve garden.test"), verb);
    }

    #[test]
    fn what_goes_on_becomes_a_job() {
        assert_eq!(meaning("serve --port 7777"), Word::Job(words("serve --port 7777")));
        assert_eq!(meaning("listen 7000 --echo"), Word::Job(words("listen 7000 --echo")));
        assert_eq!(meaning("netlab serve &"), Word::Job(words("serve")));
        assert_eq!(meaning("serve --help"), Word::Verb(words("serve --help")));
        assert_eq!(meaning("lab status"), Word::Verb(words("lab status")));
    }

    #[test]
    fn quotes_keep_words_together_and_need_no_shell() {
        let verb = |url: &str| Word::Verb(vec!["raw-get".to_owned(), url.to_owned()]);
        assert_eq!(meaning("raw-get \"http://localhost:7777/a?x=1\""), verb("http://localhost:7777/a?x=1"));
        assert_eq!(
            meaning("raw-get http://localhost:7777/a?x=1&y=2"),
            verb("http://localhost:7777/a?x=1&y=2")
        );
        assert_eq!(meaning("raw-get \"http://localhost"), Word::Unclear);
    }

    #[test]
    fn other_words_are_the_shells_or_nobodys() {
        assert_eq!(meaning("!curl -v x | head"), Word::Shell("curl -v x | head".to_owned()));
        assert_eq!(meaning("curl -v x"), Word::Unknown("curl".to_owned()));
        assert_eq!(meaning("why because bytes"), Word::Why("because bytes".to_owned()));
        assert_eq!(meaning("stop %2"), Word::Stop(Some(2)));
    }

    #[test]
    fn words_complete_where_they_stand() {
        let complete = complete();
        assert_eq!(complete("hin"), (0, vec!["hint".to_owned()]));
        assert_eq!(complete("connect time"), (8, vec!["time.test".to_owned()]));
        assert_eq!(complete("serve --st"), (6, vec!["--strict".to_owned()]));
    }
}
