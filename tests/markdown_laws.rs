//! Laws of Markdown in a terminal: whatever a stranger writes, no line runs over the edge, nothing has power over
//! the terminal, and no word is lost.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;
#[path = "common/wicked.rs"]
mod wicked;

use std::time::{Duration, Instant};

use netlab::render::text::look::{Form, Look, Loudness, NARROWEST, WIDEST};
use netlab::render::text::markdown;
use pulldown_cmark::{Event, Options, Parser};
use unicode_width::UnicodeWidthStr;
use wicked::{OWN, harm, without_colour};

/// What a text is put together from.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "word", "port", "a", "7777", "client", "server", "transmission", "https://hello.test/seed-a-plant?colour=green",
    " ", " ", " ", " ", "\n", "\n", "\n\n", "\n\n", "  \n", "\\\n", "\t", "\r\n", "    ", "\n    ", "\n  ",
    "*", "**", "_", "~~", "`", "``", "\n```\n", "\n~~~ text\n", "# ", "\n---\n", "\n***\n", "===",
    "- ", "* ", "\n- ", "\n  - ", "\n1. ", "\n999999999. ", "\n   1) ", "[ ] ", "[x] ", "> ", "\n> ", "\n>> ",
    "[", "](", ")", "![", "](a.png)", "<https://a.test/>", "[1]", "\n[1]: b.md \"title\"\n", "[^1]", "\n[^1]: ",
    " | ", "|", "\n| a | b |\n|:-:|--:|\n| c | ", "\n|---|---|\n", "<b>", "<!--", "-->", "<!-- c -->", "<div>\n", "</div>",
    "&amp;", "&#27;", "&#x202e;", "\\", "\\*", "\u{1b}[2J", "\u{7}", "\u{9b}", "\u{202e}", "\u{200b}", "\0", "\u{a0}",
    "漢字", "漢", "🌱", "❤\u{fe0f}", "\u{fe0f}", "👍\u{1f3fd}", "🇮🇳", "e\u{301}", "हिन्दी", "ﷺ", "لا",
];

#[test]
fn any_text_fits_does_no_harm_and_keeps_its_words() {
    let mut random = Random(0x6d64);
    let mut texts: Vec<String> = (0..4_000).map(|_| random.text()).collect();
    texts.extend(OWN.iter().map(|text| String::from_utf8_lossy(text).into_owned()));
    for text in &texts {
        let width = NARROWEST + random.below(WIDEST - NARROWEST + 1);
        for width in [NARROWEST, width, WIDEST] {
            holds(Form::Human, width, text);
            holds(Form::Plain, width, text);
        }
    }
}

#[test]
fn the_shipped_lessons_hold_at_every_width() {
    let mut prose = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/lessons")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for width in NARROWEST..=WIDEST {
            holds(Form::Human, width, &text);
            holds(Form::Plain, width, &text);
        }
        prose += 1;
    }
    assert!(prose > 3, "the lessons were found");
}

#[test]
fn however_deep_a_text_nests_it_is_shown_and_soon() {
    let began = Instant::now();
    for part in ["> ", "- ", "1. ", "- > ", "*", "**a", "[", "![", "<b>"] {
        let text = format!("{}end", part.repeat(20_000));
        for form in [Form::Human, Form::Plain] {
            assert!(holds(form, NARROWEST, &text).contains("end"), "{part}");
        }
    }
    let columns = "|a".repeat(2_000);
    let table = format!("{columns}|\n{}|\n{}", "|-".repeat(2_000), "|b\n".repeat(100));
    holds(Form::Human, WIDEST, &table);
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

/// Checks the laws, and returns the letters and digits that are shown.
fn holds(form: Form, width: usize, text: &str) -> String {
    let look = Look { form, width, bytes: false, loudness: Loudness::Usual };
    let lines = markdown::lines(look, text);
    let painted = lines.join("\n");
    assert_eq!(harm(painted.as_bytes(), false), None, "{form:?} {width}: {text:?}");
    let (plain, _) = without_colour(&painted);
    assert_eq!(plain.lines().count(), lines.len(), "the last line is blank, or a line holds two: {lines:?}");
    for line in plain.lines() {
        assert!(line.width() <= width, "{form:?} {width}: {line:?} in {text:?}");
        assert!(form != Form::Plain || line.is_ascii(), "{line:?} in {text:?}");
        assert_eq!(line, line.trim_end_matches(' '), "{text:?}");
    }
    let shown: String = plain.chars().filter(char::is_ascii_alphanumeric).collect();
    for word in words(text) {
        assert!(shown.contains(&word), "{form:?} {width}: {word} of {text:?} is not in\n{plain}");
    }
    shown
}

/// The words that a reader of the text on a code forge sees.
fn words(text: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut words = Vec::new();
    for event in Parser::new_ext(text, options) {
        if let Event::Text(text) | Event::Code(text) = event {
            let found = text.split(|char: char| !char.is_ascii_alphanumeric());
            words.extend(found.filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    words
}

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn text(&mut self) -> String {
        let len = 1 + self.below(60);
        (0..len).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }
}
