//! The tour of the code names files, folders and words of the code: what it names is there.

use std::fs;
use std::path::{Path, PathBuf};

/// The page.
const TOUR: &str = "docs/architecture.md";
/// Where the paths it names begin.
const ROOTS: [&str; 5] = ["src/", "tests/", "docs/", "lessons/", "benches/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What stands in backquotes, without code fences.
fn quoted(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

/// What is wrong with what a line names: a path that is not there, the name of a file that is in none of the folders it
/// names, a word of the code that stands in none of its files.
fn wrong(line: &str) -> Vec<String> {
    let mut named: Vec<PathBuf> = Vec::new();
    let mut wrong = Vec::new();
    let words: Vec<&str> = quoted(line);
    for word in &words {
        if ROOTS.iter().any(|root| word.starts_with(root)) {
            let path = root().join(word);
            if path.exists() {
                named.push(path);
            } else {
                wrong.push(format!("{word} is not there"));
            }
        } else if Path::new(word).extension().is_some_and(|ending| ending == "rs") {
            let folder = |path: &PathBuf| if path.is_dir() { path.clone() } else { beside(path) };
            let found = named.iter().map(|path| folder(path).join(word)).find(|path| path.exists());
            match found {
                Some(path) => named.push(path),
                None => wrong.push(format!("{word} is in no folder that is named before it")),
            }
        }
    }
    let is_word = |word: &&&str| word.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    let is_code =
        |word: &&&str| word.contains('_') || word.starts_with(|char: char| char.is_ascii_uppercase());
    for word in words.iter().filter(is_word).filter(is_code) {
        let has = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| text.contains(word));
        if !named.iter().any(|path| has(path) || has(&path.join("mod.rs"))) {
            wrong.push(format!("no file that is named beside it has {word}"));
        }
    }
    wrong
}

/// The folder whose files a file may mean by their names alone: its own, and of a `mod.rs` the same.
fn beside(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

#[test]
fn everything_the_tour_names_is_there() {
    let page = fs::read_to_string(root().join(TOUR)).unwrap();
    let mut missing: Vec<String> = quoted(&page)
        .into_iter()
        .filter(|word| ROOTS.iter().any(|root| word.starts_with(root)) && !root().join(word).exists())
        .map(|word| format!("{word} is not there"))
        .collect();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 50, "the tables were found");
    missing.extend(rows.into_iter().flat_map(wrong));
    assert!(missing.is_empty(), "{TOUR}:\n{}", missing.join("\n"));
}

#[test]
fn a_verb_names_every_place_it_stands_in() {
    let page = fs::read_to_string(root().join(TOUR)).unwrap();
    let row = page.lines().find(|line| line.starts_with("| a verb |")).unwrap();
    for place in
        ["src/cli.rs", "src/commands/mod.rs", "docs/json.md", "tests/docs/json.rs", "tests/exit_codes.rs"]
    {
        assert!(row.contains(place), "{place}");
    }
}

#[test]
fn what_is_not_there_is_named() {
    assert_eq!(wrong("`TABLE` in `tests/layers.rs`; how, `layers/tour.rs` says"), [""; 0]);
    assert_eq!(wrong("`src/nowhere.rs`"), ["src/nowhere.rs is not there"]);
    assert_eq!(
        wrong("`tests/layers.rs` and `nowhere.rs`"),
        ["nowhere.rs is in no folder that is named before it"]
    );
    assert_eq!(wrong("`Nowhere` in `src/lib.rs`"), ["no file that is named beside it has Nowhere"]);
}
