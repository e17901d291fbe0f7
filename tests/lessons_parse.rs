//! Reading lesson files: what they become, and what is said of broken ones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use netlab::lessons::console::{Entry, Mismatch, compare, line_matches, own_word};
use netlab::lessons::parse::{LESSON_BYTES, parse};
use netlab::lessons::{Block, Finding};

const FRONT: &str =
    "---\nid: test\ntitle: A test\nminutes: 5\nneeds: roles\nteaches: a, b\ncorrects: 1, 37\n---\n";

fn finding(text: &str) -> Finding {
    parse("lessons/01-test.md", text).expect_err("it is broken")
}

#[test]
fn front_matter_and_headings_become_a_lesson() {
    let text = format!("{FRONT}Welcome.\n\n## Do it, now!\nSome *prose*.\n\n## Why (read-only)\nBecause.\n");
    let lesson = parse("lessons/01-test.md", &text).unwrap();
    assert_eq!((lesson.number, lesson.id.as_str(), lesson.minutes), (1, "test", 5));
    assert_eq!(
        (lesson.needs, lesson.teaches),
        (vec!["roles".to_owned()], vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(lesson.corrects, [1, 37]);
    assert!(matches!(&lesson.intro[..], [Block::Prose(text)] if text == "Welcome."));
    let steps: Vec<_> =
        lesson.steps.iter().map(|step| (step.slug.as_str(), step.line, step.read_only)).collect();
    assert_eq!(steps, [("do-it-now", 11, false), ("why", 14, true)]);
}

#[test]
fn a_console_has_comments_commands_typed_lines_and_output() {
    let text = format!(
        "{FRONT}## Do\n```console\n# or: nc\n$ netlab lab up &\n$ netlab connect echo.test\n> hello\n>\n> there\n...\n> not typed\n\n$ netlab say 'two words'\n```\n"
    );
    let lesson = parse("01-test.md", &text).unwrap();
    let Block::Console(console) = &lesson.steps[0].blocks[0] else { panic!() };
    assert_eq!(console.entries[0], Entry::Comment("or: nc".to_owned()));
    let commands: Vec<_> = console.commands().collect();
    assert!(commands[0].keeps_running && commands[0].text == "netlab lab up");
    assert_eq!(commands[1].typed, ["hello", "", "there"]);
    assert_eq!(commands[1].expected, ["...", "> not typed"]);
    assert_eq!(commands[2].words, ["netlab", "say", "two words"]);
    assert_eq!(commands[2].line, 20);
}

#[test]
fn a_learners_own_word_is_typed_where_a_lesson_says_nonce() {
    let text = format!("{FRONT}## Do\n```solution\n$ netlab raw-get http://localhost/NONCE\n> NONCE\n```\n");
    let lesson = parse("01-test.md", &text).unwrap();
    let command = lesson.steps[0].commands().next().unwrap();
    assert_eq!(own_word("< 12:00 nonce=acorn-1\\r\\n\nnonce=birch-2\\r\\n\n"), Some("birch-2"));
    assert_eq!(own_word("nothing of the kind"), None);
    let told = command.with_word("birch-2");
    assert_eq!((&told.words[2][..], &told.typed[0][..]), ("http://localhost/birch-2", "birch-2"));
}

#[test]
fn other_fences_are_shown_as_they_stand() {
    let text = format!("{FRONT}## Do\n````js\n## not a step\n```\n````\n");
    let lesson = parse("01-test.md", &text).unwrap();
    assert!(
        matches!(&lesson.steps[0].blocks[..], [Block::Code { info, text }] if info == "js" && text == "## not a step\n```")
    );
}

#[test]
fn what_is_broken_is_named_with_its_line() {
    let step = |fence: &str| format!("{FRONT}## Do\n{fence}\n");
    #[rustfmt::skip]
    let broken = [
        ("no front matter".to_owned(), 1, "the file does not begin with front matter"),
        ("---\nid: x\n".to_owned(), 1, "the front matter does not end"),
        ("---\nid: x\ncolour: red\n---\n".to_owned(), 3, "\"colour\" is not a key of a lesson"),
        ("---\nid: x\nid: y\n---\n".to_owned(), 3, "id is given twice"),
        ("---\nid: Not An Id\n---\n".to_owned(), 2, "\"Not An Id\" is no id"),
        ("---\nid: x\nminutes: soon\n---\n".to_owned(), 3, "minutes is \"soon\""),
        ("---\nid: x\ncorrects: 3, 38\n---\n".to_owned(), 3, "\"38\" is no row of the table of claims"),
        ("---\nid: x\ntitle: y\n---\n".to_owned(), 1, "the front matter has no minutes"),
        (step("```check\ndns.question.type = A"), 10, "a fence does not end"),
        (step("```checks\n```"), 10, "\"checks\" is no kind of fence"),
        (step("```check\n```"), 11, "the check ends without a scene"),
        (step("```check\n# only words\n```"), 11, "a scene has a sentence and no condition"),
        (step("```check\nthen\na.b\n```"), 11, "\"then\" has no scene before it"),
        (step("```check\na.b\n\nthen\n```"), 11, "the check ends without a scene"),
        (step("```check\nmeanwhile\na.b\n```"), 11, "\"meanwhile\" has no scene before it"),
        (step("```check\na.b is 3\n```"), 11, "\"is\" is no comparison"),
        (step("```check\na.b =\n```"), 11, "nothing follows \"=\""),
        (step("```check\na..b\n```"), 11, "\"a..b\" is no path"),
        (step("```check\na.b > many\n```"), 11, "\"many\" is no number"),
        (step("```check\ncount a.b = many\n```"), 11, "\"many\" is no number"),
        (step("```check\ncount a.b after c = 1\n```"), 11, "a word is not counted"),
        (step("```check\na.b = $x\n```"), 11, "no earlier scene keeps $x"),
        (step("```check\na.b\n```\n```check\na.b\n```"), 13, "the step has a second check"),
        (step("```console\noutput\n```"), 11, "output stands before any command"),
        (step("```console\n$ netlab serve | cat\n```"), 11, "\"|\" means something to a shell"),
        (step("```console\n$ netlab 'x\n```"), 11, "a quote is not closed"),
        (step("```predict\nWho?\n( ) me | a belief\n```"), 12, "an answer has 2 of its three parts"),
        (step("```predict\nWho?\n( ) a | b | c\nstray\n```"), 13, "a line behind the first answer is no answer"),
        (step("```seen\nWho?\nsays: yes\n```"), 11, "the question does not say where its answer is"),
        (step("```seen\nWho?\nanswer: flow.by\n```"), 11, "the question says nothing to a right answer"),
        (step("```near-miss\nflow.by = x\nsays: no\n```"), 11, "the near-miss does not show the slip"),
        (step("```near-miss\n$ netlab x\nsays: no\n```"), 11, "the near-miss does not say how evidence shows it"),
        (step("```near-miss\n$ netlab x\nflow.by = x\n```"), 11, "the near-miss has nothing to say"),
    ];
    for (text, line, what) in broken {
        // The front matter of `step` ends on line 8 and its heading is line 9.
        let finding = finding(&text);
        assert_eq!((finding.what.as_str(), finding.line), (what, line), "{text}");
        assert!(!finding.mend.is_empty());
    }
}

#[test]
fn a_finding_reads_like_a_compilers() {
    let text = "---\nid: x\ncolour: red\n---\n";
    assert_eq!(
        finding(text).to_string(),
        "lessons/01-test.md:3: \"colour\" is not a key of a lesson (use id, title, minutes, needs, teaches or corrects)"
    );
}

#[test]
fn a_file_without_a_number_or_too_long_is_no_lesson() {
    assert_eq!(
        parse("names.md", FRONT).unwrap_err().what,
        "the file's name does not begin with the lesson's number"
    );
    assert!(finding(&"x".repeat(LESSON_BYTES + 1)).what.starts_with("the file has 1048577 bytes"));
    assert!(finding(&format!("{FRONT}{}", "## x\n".repeat(501))).what.starts_with("more than 500 steps"));
}

#[test]
fn any_bytes_are_a_lesson_or_a_finding() {
    let whole = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/lessons/04-names.md")).unwrap();
    for (at, _) in whole.char_indices().step_by(7) {
        let _ = parse("04-names.md", &whole[..at]);
        let _ = parse("04-names.md", &format!("{}\u{0}```{}", &whole[..at], &whole[at..]));
    }
}

#[test]
fn any_text_stands_for_text_on_one_line() {
    assert!(line_matches("id [..] of [..]", "id 7 of 9"));
    assert!(line_matches("[..]", ""));
    assert!(line_matches("a[..]a", "aa"));
    assert!(!line_matches("a[..]a", "a"));
    assert!(!line_matches("id [..]", "no id 7"));
    assert!(!line_matches("plain", "plainer"));
}

#[test]
fn any_lines_stand_for_any_number_of_lines() {
    let compare = |expected: &str, printed: &str| {
        let expected: Vec<String> = expected.lines().map(str::to_owned).collect();
        compare(&expected, printed)
    };
    assert_eq!(compare("a\n...\nc", "a\nb\nb\nc\n"), Ok(()));
    assert_eq!(compare("...\nc\n...", "c  \n"), Ok(()));
    // The first c is not the one before d: `...` takes a line more.
    assert_eq!(compare("...\nc\nd", "c\nc\nd"), Ok(()));
    assert_eq!(compare("", ""), Ok(()));
    let mismatch = Mismatch { expected: 1, found: Some("x".to_owned()) };
    assert_eq!(compare("a\nb\nc", "a\nx\nc"), Err(mismatch));
    assert_eq!(
        compare("a", "a\nleft over"),
        Err(Mismatch { expected: 1, found: Some("left over".to_owned()) })
    );
    assert_eq!(compare("a\nb", "a"), Err(Mismatch { expected: 1, found: None }));
}
