//! Translations of lessons: which words change, what is said of broken ones, and that none breaks a lesson.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use netlab::lessons::lesson::Block;
use netlab::lessons::lint::lint;
use netlab::lessons::shelf::{self, Source, Words};
use netlab::lessons::translated::{Translated, translate};
use netlab::lessons::{Finding, Lesson, lint_words, parse, translation, words};

const ORIGINAL: &str = include_str!("fixtures/lessons/translated/01-all-parts.md");
const HINDI: &str = include_str!("fixtures/lessons/translated/01-all-parts.hi.md");

fn original() -> Lesson {
    parse::parse("01-all-parts.md", ORIGINAL).unwrap()
}

fn apply(text: &str) -> Result<Translated, Finding> {
    translation::parse("01-all-parts.hi.md", text).map(|translation| translate(&original(), &translation))
}

/// A translation of the original that has this and no more.
fn short(body: &str) -> String {
    format!("---\nid: all-parts\ntitle: Sab\nlanguage: hi\n---\n{body}")
}

fn told(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
}

fn blocks(lesson: &mut Lesson) -> impl Iterator<Item = &mut Block> {
    lesson.intro.iter_mut().chain(lesson.steps.iter_mut().flat_map(|step| &mut step.blocks))
}

/// Takes all words for people out of a lesson.
fn strip(lesson: &mut Lesson) -> Vec<String> {
    let mut taken: Vec<String> = blocks(lesson).flat_map(words::of).map(std::mem::take).collect();
    taken.push(std::mem::take(&mut lesson.title));
    taken.extend(lesson.steps.iter_mut().map(|step| std::mem::take(&mut step.title)));
    taken.sort();
    taken
}

#[test]
fn every_word_of_a_whole_translation_is_in_the_lesson_and_none_of_the_original() {
    let applied = apply(HINDI).unwrap();
    assert_eq!((told(&applied.wrong), told(&applied.missing)), (vec![], vec![]));
    let translation = translation::parse("01-all-parts.hi.md", HINDI).unwrap();
    let sections = &translation.sections;
    let parts = translation.intro.iter().chain(sections.iter().flat_map(|section| &section.parts));
    let mut given: Vec<String> = parts.flat_map(|part| part.words.clone()).collect();
    given.push(translation.title.clone());
    given.extend(sections.iter().map(|section| section.title.clone()));
    given.sort();
    assert_eq!(strip(&mut applied.lesson.clone()), given);
    assert!(given.contains(&"Jitne parts hote hain".to_owned()) && given.contains(&"Kyun".to_owned()));
}

#[test]
fn nothing_but_words_differs_from_the_original() {
    let (mut one, mut other) = (original(), apply(HINDI).unwrap().lesson);
    assert_ne!(strip(&mut one), strip(&mut other));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

#[test]
fn a_belief_is_shown_translated_and_counted_as_the_original_has_it() {
    let lesson = apply(HINDI).unwrap().lesson;
    let choice = &lesson.step("say-one-line").unwrap().predictions().next().unwrap().choices[0];
    assert_eq!(choice.belief, "only letters are sent");
    assert_eq!(choice.belief_shown, "sirf letters jaate hain");
    let choice = &original().steps[0].predictions().next().unwrap().choices[0].clone();
    assert_eq!(choice.belief, choice.belief_shown);
}

#[test]
fn another_tools_command_stays_as_it_is() {
    let lesson = apply(HINDI).unwrap().lesson;
    let Some(Block::Console(console)) =
        lesson.steps[0].blocks.iter().find(|block| matches!(block, Block::Console(_)))
    else {
        panic!("the step has a console")
    };
    let comments = console.entries.iter().filter_map(|entry| match entry {
        netlab::lessons::console::Entry::Comment(text) => Some(text.as_str()),
        netlab::lessons::console::Entry::Command(_) => None,
    });
    assert_eq!(comments.collect::<Vec<_>>(), ["kisi bhi terminal mein", "or: nc 127.0.0.1 7007"]);
}

#[test]
fn what_is_left_out_is_listed_and_shown_as_it_was_written() {
    let text = short(
        "Pehle.\n\n## Ek line\n<!-- say-one-line -->\n```check\n# ek line\n```\n```hint\nEk.\n```\n## Kyun\n<!-- why -->\nKyunki.\n",
    );
    let applied = apply(&text).unwrap();
    assert_eq!(told(&applied.wrong), [""; 0]);
    assert_eq!(
        told(&applied.missing),
        [
            "1: predict 1 of the introduction is not translated; the original is shown",
            "8: prose 1 of \"Say one line\" is not translated; the original is shown",
            "8: prose 2 of \"Say one line\" is not translated; the original is shown",
            "8: console 1 of \"Say one line\" is not translated; the original is shown",
            "8: predict 1 of \"Say one line\" is not translated; the original is shown",
            "10: line 2 of check 1 of \"Say one line\" is not translated; the original is shown",
            "8: seen 1 of \"Say one line\" is not translated; the original is shown",
            "8: hint 2 of \"Say one line\" is not translated; the original is shown",
            "8: hint 3 of \"Say one line\" is not translated; the original is shown",
            "8: near-miss 1 of \"Say one line\" is not translated; the original is shown",
            "8: why 1 of \"Say one line\" is not translated; the original is shown",
            "16: recall 1 of \"Why\" is not translated; the original is shown",
            "16: notebook 1 of \"Why\" is not translated; the original is shown",
            "1: the step \"Say it alone\" is not translated; the original is shown",
        ]
    );
    assert_eq!(applied.missing[5].mend, "translate \"and then another\"");
    assert_eq!(applied.missing[13].mend, "add a section with <!-- say-it-alone --> below a heading");
    let step = applied.lesson.step("say-one-line").unwrap();
    let hints: Vec<&str> = step.hints().map(|hint| hint.text.as_str()).collect();
    assert_eq!(hints[..2], ["Ek.", "Open a connection to echo.test."]);
    assert_eq!(applied.lesson.step("say-it-alone").unwrap().title, "Say it alone");
}

#[test]
fn a_translation_that_does_not_read_is_named_with_its_line() {
    let section = |fence: &str| short(&format!("## Ek\n<!-- say-one-line -->\n{fence}\n"));
    #[rustfmt::skip]
    let broken = [
        ("Namaste".to_owned(), 1, "the file does not begin with front matter"),
        ("---\nid: x\n---\n".to_owned(), 1, "the front matter has no title"),
        ("---\nid: x\ntitle:\n---\n".to_owned(), 1, "the front matter has no title"),
        ("---\nid: x\nminutes: 3\n---\n".to_owned(), 3, "\"minutes\" is not a key of a translation"),
        ("---\nid: x\ntitle: y\nlanguage: hi_IN\n---\n".to_owned(), 4, "\"hi_IN\" is no language tag"),
        ("---\nid: x\ntitle: y\nlanguage: mr\n---\n".to_owned(), 4, "the language is mr, and the file's name says hi"),
        (short("## Ek\nPehle.\n"), 6, "the section does not say which step it translates"),
        (short("## Ek\n"), 6, "the section does not say which step it translates"),
        (short("## Ek\n```hint\nx\n```\n"), 6, "the section does not say which step it translates"),
        (short("## Ek\n## Do\n"), 6, "the section does not say which step it translates"),
        (short("## \n<!-- why -->\n"), 6, "the heading has no words"),
        (short("## A\n<!-- why -->\n## B\n<!-- why -->\n"), 8, "line 6 translates why too"),
        (section("```hint\nx"), 8, "a fence does not end"),
        (section("```hints\nx\n```"), 8, "\"hints\" is no kind of fence"),
        (section("```hint\n```"), 8, "the hint lacks words"),
        (section("```check\n```"), 8, "the check lacks words"),
        (section("```check\n# ek\nflow.first = client\n```"), 10, "a translation has words only"),
        (section("```console\n$ netlab connect echo.test\n```"), 9, "a translation has words only"),
        (section("```console\n# or: nc 127.0.0.1 7007\n```"), 9, "another tool's command needs no translation"),
        (section("```seen\nKya?\nanswer: flow.first\nsays: Haan.\n```"), 10, "a translation has words only"),
        (section("```seen\nKya?\n```"), 9, "nothing is said"),
        (section("```seen\nsays: Haan.\n```"), 8, "the seen lacks words"),
        (section("```near-miss\n$ netlab connect time.test\nsays: Nahi.\n```"), 9, "a translation has words only"),
        (section("```near-miss\nsays: Nahi.\nsays: Haan.\n```"), 10, "a translation has words only"),
        (section("```predict\nKitne?\n( ) ek | do\n```"), 10, "an answer has 2 of its three parts"),
        (section("```predict\nKitne?\n( ) ek | | x\n```"), 10, "an answer has 2 of its three parts"),
    ];
    for (text, line, what) in broken {
        let finding = apply(&text).expect_err(what);
        assert_eq!((finding.what.as_str(), finding.line), (what, line), "{text}");
        assert!(!finding.mend.is_empty());
    }
    let unnamed = translation::parse("01-all-parts.md", HINDI).unwrap_err();
    assert_eq!(unnamed.what, "the file's name does not say its language");
}

#[test]
fn a_translation_that_does_not_fit_its_original_is_named_with_its_line() {
    let section = |fence: &str| short(&format!("## Ek\n<!-- say-one-line -->\n{fence}\n"));
    let answers = "predict 1 of \"Say one line\" has other answers than the original";
    #[rustfmt::skip]
    let unfit = [
        (HINDI.replace("id: all-parts", "id: parts"), "2: the lesson beside it has the id all-parts, not parts"),
        (short("## Do\n<!-- say-two-lines -->\n"), "6: the lesson has no step say-two-lines"),
        (section("```hint\na\n```\n```hint\nb\n```\n```hint\nc\n```\n```hint\nd\n```"), "17: hint 4 of \"Say one line\" is one too many: the original has 3"),
        (section("```check\n# a\n# b\n# c\n```"), "8: check 1 of \"Say one line\" has 2 lines with words in the original, and 3 here"),
        (section("```predict\nKitne?\n(x) paanch | a | b\n( ) saat | c | d\n```"), &format!("8: {answers}")),
        (section("```predict\nKitne?\n( ) paanch | a | b\n(x) saat | c | d\n( ) nau | e | f\n```"), &format!("8: {answers}")),
        (short("Ek.\n```hint\nx\n```\n"), "7: hint 1 of the introduction is one too many: the original has 0"),
    ];
    for (text, what) in unfit {
        assert_eq!(told(&apply(&text).unwrap().wrong), [what], "{text}");
    }
}

fn source(hindi: &str) -> Source {
    let words = Words::new("01-all-parts.hi.md", "hi", hindi);
    Source { translations: vec![words], ..Source::new("01-all-parts.md", ORIGINAL) }
}

#[test]
fn a_broken_translation_leaves_the_lesson_and_says_why() {
    for broken in [HINDI.replace("(x) saat", "( ) saat"), HINDI.replace("id: ", "name: ")] {
        let (lesson, why) = shelf::in_language(original(), &[source(&broken)], "hi");
        assert_eq!(lesson.title, "Every part there is");
        assert_eq!(why.unwrap().file, "01-all-parts.hi.md");
    }
    let (lesson, why) = shelf::in_language(original(), &[source(HINDI)], "hi");
    assert_eq!((lesson.title.as_str(), why), ("Jitne parts hote hain", None));
    let (lesson, why) = shelf::in_language(original(), &[source(HINDI)], "mr");
    assert_eq!((lesson.title.as_str(), why), ("Every part there is", None));
}

#[test]
fn the_lint_finds_what_is_wrong_and_lists_what_is_missing_apart() {
    assert_eq!(told(&lint(&[source(HINDI)], &|_| Ok(()))), [""; 0]);
    assert_eq!(told(&lint_words::missing(&[source(HINDI)])), [""; 0]);
    let partly = HINDI.replace("## Akele bolo\n<!-- say-it-alone -->", "## Akele bolo\n<!-- say-alone -->");
    assert_eq!(told(&lint(&[source(&partly)], &|_| Ok(()))), ["65: the lesson has no step say-alone"]);
    assert_eq!(
        told(&lint_words::missing(&[source(&partly)])),
        ["1: the step \"Say it alone\" is not translated; the original is shown"]
    );
}

#[test]
fn a_translated_hint_keeps_the_command_for_the_last() {
    let early = HINDI.replace("Koi to shuru karta hai.", "Bas netlab connect echo.test type karo.");
    let findings = lint(&[source(&early)], &|_| Ok(()));
    assert_eq!(told(&findings), ["45: the hint gives \"netlab connect echo.test\" away"]);
    assert_eq!(findings[0].file, "01-all-parts.hi.md");
}

#[test]
fn any_bytes_as_a_translation_give_a_lesson() {
    let mut lessons = 0;
    let mut held = |text: &str| {
        let (lesson, why) = shelf::in_language(original(), &[source(text)], "hi");
        assert_eq!(lesson.steps.len(), 3);
        lessons += usize::from(why.is_none());
    };
    for (at, _) in HINDI.char_indices() {
        held(&HINDI[..at]);
        held(&format!("{}\u{0}```{}", &HINDI[..at], &HINDI[at..]));
        held(&format!("{}<!-- why -->\n## {}", &HINDI[..at], &HINDI[at..]));
        held(&format!("{}{}", &HINDI[..at], HINDI.get(at + 40..).unwrap_or_default()));
    }
    assert!(lessons > 0, "some of them still read");
    assert!(translation::parse("01-x.hi.md", &"x".repeat(parse::LESSON_BYTES + 1)).is_err());
    let many: String = (0..=parse::LESSON_STEPS).map(|at| format!("## A\n<!-- s{at} -->\n")).collect();
    assert!(apply(&short(&many)).unwrap_err().what.starts_with("more than 500 steps"));
}

#[test]
fn a_file_name_says_whether_it_is_a_translation() {
    let original = |name| translation::original_of(name);
    assert_eq!(original("lessons/04-names.hi.md"), Some(("lessons/04-names.md".to_owned(), "hi")));
    assert_eq!(original("04-names.fil.md"), Some(("04-names.md".to_owned(), "fil")));
    for lesson in ["04-names.md", "04-v1.2.md", "04-names.HI.md", "04-names.hi", "a.b/04-names.md"] {
        assert_eq!(original(lesson), None, "{lesson}");
    }
}

#[test]
fn which_lessons_there_are_does_not_depend_on_translations() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("01-all-parts.md", ORIGINAL),
        ("01-all-parts.hi.md", HINDI),
        ("02-gone.hi.md", HINDI),
        ("README.md", "x"),
        ("README.hi.md", "x"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let sources = shelf::folder(folder.path()).unwrap();
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0].translations.len(), 1);
    assert_eq!(sources[0].translations[0].language, "hi");
    // Named by either of its files, it is the same.
    for name in ["01-all-parts.md", "01-all-parts.hi.md"] {
        assert_eq!(shelf::file(&folder.path().join(name)).unwrap(), sources[0]);
    }
}
