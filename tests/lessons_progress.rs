//! The file of progress: what is in it after crashes, crowds and accidents.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use std::fs;

use netlab::lessons::Lesson;
use netlab::lessons::fact::{Fact, What};
use netlab::lessons::parse::parse;
use netlab::lessons::progress::{Progress, append, begin, read};
use netlab::lessons::shelf;
use netlab::lessons::standing::Standing;
use netlab::state::Home;

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path()).unwrap();
    (folder, home)
}

/// Two lessons of two steps each.
fn course() -> Vec<Lesson> {
    ["roles", "names"]
        .into_iter()
        .enumerate()
        .map(|(at, id)| {
            let text = format!("---\nid: {id}\ntitle: T\nminutes: 1\n---\n## First\n## Second\n");
            parse(&format!("0{}-{id}.md", at + 1), &text).unwrap()
        })
        .collect()
}

fn place(progress: &Progress, course: &[Lesson]) -> Option<String> {
    progress.place(course).map(|place| format!("{}/{}", place.lesson.id, place.step.slug))
}

#[test]
fn no_file_is_no_facts() {
    let (_folder, home) = home();
    let progress = read(&home).unwrap();
    assert!(progress.facts.is_empty() && progress.kept_aside.is_none());
    assert_eq!(place(&progress, &course()).unwrap(), "roles/first");
}

#[test]
fn facts_come_back_in_order_and_say_where_the_learner_is() {
    let (_folder, home) = home();
    let course = course();
    let (lesson, first, second) = (&course[0], &course[0].steps[0], &course[0].steps[1]);
    assert_eq!(begin(&home, lesson, first, false, 1).unwrap(), "roles/first#1");
    assert_eq!(begin(&home, lesson, first, false, 2).unwrap(), "roles/first#2");
    let progress = read(&home).unwrap();
    assert_eq!(progress.marker("roles", "first"), Some("roles/first#2"));
    assert_eq!(progress.place(&course).unwrap().marker, Some("roles/first#2"));

    append(&home, &Fact::passed(lesson, first, vec!["first = server".into()], 3)).unwrap();
    assert_eq!(place(&read(&home).unwrap(), &course).unwrap(), "roles/second");
    append(&home, &Fact::skipped(lesson, second, 4)).unwrap();
    let progress = read(&home).unwrap();
    assert_eq!(place(&progress, &course).unwrap(), "names/first");
    assert!(progress.is_over(lesson) && progress.done_at(lesson).is_none());
    assert_eq!(progress.facts[2].what, What::Passed { saw: vec!["first = server".into()] });
}

#[test]
fn skipping_can_be_taken_back_and_passing_cannot_be_lost() {
    let (_folder, home) = home();
    let course = course();
    let (lesson, step) = (&course[0], &course[0].steps[0]);
    let standing = || read(&home).unwrap().standing("roles", "first");
    assert_eq!(standing(), Standing::Untouched);
    append(&home, &Fact::skipped(lesson, step, 1)).unwrap();
    assert_eq!(standing(), Standing::Skipped);
    begin(&home, lesson, step, false, 2).unwrap();
    assert_eq!(standing(), Standing::Open);
    append(&home, &Fact::passed(lesson, step, Vec::new(), 3)).unwrap();
    begin(&home, lesson, step, false, 4).unwrap();
    append(&home, &Fact::skipped(lesson, step, 5)).unwrap();
    assert_eq!(standing(), Standing::Passed);
}

#[test]
fn whoever_begins_with_a_later_lesson_stays_in_it() {
    let (_folder, home) = home();
    let course = course();
    let names = &course[1];
    begin(&home, names, &names.steps[0], false, 1).unwrap();
    assert_eq!(place(&read(&home).unwrap(), &course).unwrap(), "names/first");
    for step in &names.steps {
        append(&home, &Fact::passed(names, step, Vec::new(), 2)).unwrap();
    }
    assert_eq!(place(&read(&home).unwrap(), &course).unwrap(), "roles/first");
    for step in &course[0].steps {
        append(&home, &Fact::passed(&course[0], step, Vec::new(), 3)).unwrap();
    }
    assert_eq!(place(&read(&home).unwrap(), &course), None);
}

#[test]
fn each_beginning_has_a_marker_of_its_own_whoever_begins() {
    let (_folder, home) = home();
    let course = course();
    let mut markers: Vec<String> = std::thread::scope(|scope| {
        let begun = |_| {
            scope.spawn(|| {
                (0..10)
                    .map(|_| begin(&home, &course[0], &course[0].steps[1], false, 1).unwrap())
                    .collect::<Vec<_>>()
            })
        };
        let writers: Vec<_> = (0..4).map(begun).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    markers.sort();
    markers.dedup();
    assert_eq!(markers.len(), 40, "{markers:?}");
    assert!(markers.iter().all(|marker| marker.starts_with("roles/second#")));
}

#[test]
fn a_torn_last_line_costs_that_line_alone() {
    let (_folder, home) = home();
    let course = course();
    let fact = |at| Fact::skipped(&course[0], &course[0].steps[0], at);
    append(&home, &fact(1)).unwrap();
    let whole = fs::read(home.progress()).unwrap();
    for cut in 1..whole.len() {
        fs::write(home.progress(), [&whole[..], &whole[..cut]].concat()).unwrap();
        append(&home, &fact(2)).unwrap();
        let progress = read(&home).unwrap();
        let moments: Vec<u64> = progress.facts.iter().map(|fact| fact.at).collect();
        // A line that lacks nothing but its end is whole.
        let expected: &[u64] = if cut == whole.len() - 1 { &[1, 1, 2] } else { &[1, 2] };
        assert_eq!(moments, expected, "cut at {cut}");
        assert!(progress.kept_aside.is_none());
    }
}

#[test]
fn a_first_line_that_was_torn_is_no_reason_to_move_the_file() {
    let (_folder, home) = home();
    fs::write(home.progress(), "{\"v\":1,\"lesson\":\"ro").unwrap();
    let progress = read(&home).unwrap();
    assert_eq!((progress.unreadable, progress.kept_aside), (1, None));
}

#[test]
fn two_writers_lose_nothing() {
    let (_folder, home) = home();
    let course = course();
    std::thread::scope(|scope| {
        for (lesson, step) in [(&course[0], &course[0].steps[0]), (&course[1], &course[1].steps[1])] {
            let home = &home;
            scope.spawn(move || {
                for at in 0..200 {
                    append(home, &Fact::skipped(lesson, step, at)).unwrap();
                }
            });
        }
    });
    let progress = read(&home).unwrap();
    assert_eq!((progress.facts.len(), progress.unreadable), (400, 0));
    for id in ["roles", "names"] {
        let moments: Vec<u64> =
            progress.facts.iter().filter(|fact| fact.lesson == id).map(|fact| fact.at).collect();
        assert_eq!(moments, (0..200).collect::<Vec<u64>>(), "each writer's facts are in its order");
    }
}

#[test]
fn a_file_without_a_single_fact_is_kept_aside() {
    let (_folder, home) = home();
    let course = course();
    for nth in 1..=2 {
        fs::write(home.progress(), b"\xff\x00 dear diary\nnothing here\n").unwrap();
        let progress = read(&home).unwrap();
        let aside = progress.kept_aside.unwrap();
        assert!(aside.to_string_lossy().ends_with(&format!("progress.jsonl.aside-{nth}")));
        assert_eq!(fs::read(&aside).unwrap(), b"\xff\x00 dear diary\nnothing here\n");
        append(&home, &Fact::skipped(&course[0], &course[0].steps[0], 1)).unwrap();
        assert_eq!(read(&home).unwrap().facts.len(), 1);
    }
}

#[test]
fn a_folder_in_its_place_is_kept_aside() {
    let (_folder, home) = home();
    fs::create_dir(home.progress()).unwrap();
    assert!(read(&home).unwrap().kept_aside.unwrap().is_dir());
}

#[test]
fn lines_of_a_later_netlab_stay_where_they_are() {
    let (_folder, home) = home();
    let later = "{\"v\":2,\"something\":\"else\"}\n";
    fs::write(home.progress(), later).unwrap();
    let progress = read(&home).unwrap();
    assert_eq!((progress.later, progress.unreadable, progress.kept_aside), (1, 0, None));
    let course = course();
    append(&home, &Fact::skipped(&course[0], &course[0].steps[0], 1)).unwrap();
    assert!(fs::read_to_string(home.progress()).unwrap().starts_with(later));
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, home) = home();
    let course = course();
    append(&home, &Fact::skipped(&course[0], &course[0].steps[0], 1)).unwrap();
    assert_eq!(fs::metadata(home.progress()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_current_lesson_is_found_without_reading_the_others() {
    let sources = shelf::embedded();
    let course = shelf::lessons(&sources).unwrap();
    let mut progress = Progress::default();
    // From the last lesson on, so that the place comes round to the first.
    for lesson in course.iter().rev().chain(&course) {
        for step in &lesson.steps {
            let current = shelf::current(&sources, &progress).unwrap().map(|lesson| lesson.id);
            assert_eq!(current, progress.place(&course).map(|place| place.lesson.id.clone()));
            progress.facts.push(Fact::skipped(lesson, step, 1));
        }
    }
    assert!(shelf::current(&sources, &progress).unwrap().is_none());
}
