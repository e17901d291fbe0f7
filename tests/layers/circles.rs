//! Circles: files of one room that use each other, so that none of them can be read before the others.
//!
//! A file and the parts in its folder are one thing told in pieces, and their using each other is no circle; a whole room
//! is not one thing.

use std::collections::{BTreeMap, BTreeSet};

use super::{code, paths, sources};

/// How many circles a room may have. Never add to one: move what both files need into a file below them.
const ALLOWED: &[(&str, usize)] = &[("evidence", 1), ("lessons", 1), ("probe", 1), ("proto", 3)];

/// Where a module stands: `lab`, `hello`, `head` for lab/hello/head.rs.
type Place = Vec<String>;

/// For each file the files of its room that it uses, each with the words it does so by.
type Uses = BTreeMap<Place, BTreeMap<Place, String>>;

/// What each of these files uses of its own room. A file is its place and its text.
fn uses(files: &[(Place, String)]) -> Uses {
    let known: BTreeSet<&Place> = files.iter().map(|(place, _)| place).collect();
    let mut all = Uses::new();
    for (place, text) in files {
        let code = code(text);
        // What only tests use makes no circle.
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let own = all.entry(place.clone()).or_default();
        for path in used(code).into_iter().filter_map(|path| Some((from_root(&path, place, code)?, path))) {
            let (mut file, words) = path;
            while !file.is_empty() && !known.contains(&file) {
                file.pop();
            }
            if file.first() == place.first() && file != *place {
                own.entry(file).or_insert(words.join("::"));
            }
        }
    }
    all
}

/// The paths in all `use` items.
fn used(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let before = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        if before.is_empty() || before.starts_with("pub") {
            found.extend(paths(code[at + 4..].split(';').next().unwrap_or_default().trim()));
        }
    }
    found
}

/// The path from the root of the crate on; nothing for one that leads out of it.
fn from_root(path: &[String], place: &Place, code: &str) -> Option<Place> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([place, rest].concat()),
        "super" => {
            let up = path.iter().take_while(|word| *word == "super").count();
            Some([&place[..place.len().checked_sub(up)?], &path[up..]].concat())
        }
        child if code.contains(&format!("mod {child};")) => Some([place, path].concat()),
        _ => None,
    }
}

/// The circles, each as its files in alphabetical order.
fn circles(uses: &Uses) -> Vec<Vec<&Place>> {
    let reached: BTreeMap<&Place, BTreeSet<&Place>> =
        uses.keys().map(|place| (place, reached_from(place, uses))).collect();
    let mut found: Vec<Vec<&Place>> = Vec::new();
    for place in uses.keys() {
        if !reached[place].contains(place) || found.iter().flatten().any(|one| *one == place) {
            continue;
        }
        let same = |other: &&Place| reached[place].contains(*other) && reached[*other].contains(place);
        found.push(uses.keys().filter(same).collect());
    }
    // The file that a folder belongs to comes first in the alphabet. That of the room belongs to everything in it, and
    // stands for whoever it passes on.
    found.retain(|circle| circle[0].len() == 1 || !circle.iter().all(|place| place.starts_with(circle[0])));
    found
}

/// Everything that can be reached along uses, the file itself only if a circle leads back to it.
fn reached_from<'a>(place: &'a Place, uses: &'a Uses) -> BTreeSet<&'a Place> {
    let mut reached = BTreeSet::new();
    let mut open = vec![place];
    while let Some(next) = open.pop() {
        for below in uses.get(next).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(below) {
                open.push(below);
            }
        }
    }
    reached
}

/// A circle for people: who in it uses whom, and by which words.
fn told(circle: &[&Place], uses: &Uses) -> String {
    let mut lines = Vec::new();
    for place in circle {
        for (below, words) in uses[*place].iter().filter(|(below, _)| circle.contains(below)) {
            lines.push(format!("  {} uses {}: {words}", place.join("/"), below.join("/")));
        }
    }
    lines.join("\n")
}

#[test]
fn no_room_has_more_circles_than_it_had() {
    let files: Vec<(Place, String)> = sources().into_iter().map(|(_, place, text)| (place, text)).collect();
    let uses = uses(&files);
    let circles = circles(&uses);
    for (room, _) in super::TABLE {
        let own: Vec<&Vec<&Place>> = circles.iter().filter(|circle| circle[0][0] == *room).collect();
        let allowed = ALLOWED.iter().find(|(name, _)| name == room).map_or(0, |(_, many)| *many);
        let all: Vec<String> = own.iter().map(|circle| told(circle, &uses)).collect();
        assert!(
            own.len() <= allowed,
            "{room} has {} circles and may have {allowed}. One of these is new:\n\n{}\n",
            own.len(),
            all.join("\n\n")
        );
    }
}

#[test]
fn a_circle_is_found_and_named_however_its_uses_are_written() {
    let file = |place: &str, text: &str| -> (Place, String) {
        (place.split('/').map(str::to_owned).collect(), text.to_owned())
    };
    let files = [
        file("lab", "pub mod log;"),
        file("lab/log", "pub use super::window::Window;"),
        file("lab/window", "use crate::{\n    evidence::Flow,\n    lab::panes::{Pane, wide as broad},\n};"),
        file("lab/panes", "use self::sort::Sort;"),
        file(
            "lab/panes/sort",
            "use super::super::log;\n#[cfg(test)]\nmod tests {\n    use crate::lab::alone;\n}",
        ),
        file("lab/alone", "use super::log::Log; // use super::other;\n/// use super::panes;"),
        file("lab/other", "use super::alone;"),
        file("evidence", "use crate::lab::log;"),
    ];
    let uses = uses(&files);
    let found = circles(&uses);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        told(&found[0], &uses).lines().collect::<Vec<_>>(),
        [
            "  lab/log uses lab/window: super::window::Window",
            "  lab/panes uses lab/panes/sort: self::sort::Sort",
            "  lab/panes/sort uses lab/log: super::super::log",
            "  lab/window uses lab/panes: crate::lab::panes::Pane",
        ]
    );
}

#[test]
fn a_file_and_the_parts_in_its_folder_are_no_circle() {
    let place = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Place>();
    let files = [
        (place(&["lab", "relay"]), "mod lines;\nuse lines::Lines;".to_owned()),
        (place(&["lab", "relay", "lines"]), "use super::NAME;".to_owned()),
    ];
    assert_eq!(circles(&uses(&files)), Vec::<Vec<&Place>>::new());
}
