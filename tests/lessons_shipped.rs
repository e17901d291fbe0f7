//! The lessons in the binary are fit to ship, as far as reading them can tell.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use netlab::lessons::{lint, shelf, translation};

#[test]
fn the_shipped_lessons_have_no_findings() {
    let findings = lint::lint(&shelf::embedded(), &|_| Ok(()));
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn the_shipped_lessons_come_in_the_order_of_their_numbers() {
    let lessons = shelf::lessons(&shelf::embedded()).unwrap();
    let ids: Vec<&str> = lessons.iter().map(|lesson| lesson.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "roles",
            "addresses",
            "ports",
            "names",
            "life",
            "stream",
            "buffers",
            "udp",
            "request",
            "ends",
            "hello-server",
            "sites",
        ]
    );
}

#[test]
fn a_file_of_the_binary_and_the_same_file_in_a_folder_are_one_lesson() {
    let folder =
        shelf::folder(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/lessons"))).unwrap();
    let texts =
        |sources: &[shelf::Source]| sources.iter().map(|source| source.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&folder), texts(&shelf::embedded()));
    let translated = |sources: &[shelf::Source]| {
        let words = sources.iter().flat_map(|source| &source.translations);
        words.map(|words| (words.language.clone(), words.text().into_owned())).collect::<Vec<_>>()
    };
    assert_eq!(translated(&folder), translated(&shelf::embedded()));
}

#[test]
fn every_shipped_translation_lies_beside_its_original() {
    let sources = shelf::embedded();
    let beside: usize = sources.iter().map(|source| source.translations.len()).sum();
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/lessons")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let translations = names.filter(|name| translation::original_of(name).is_some()).count();
    assert_eq!(beside, translations);
    assert!(beside > 0, "there is one");
}
