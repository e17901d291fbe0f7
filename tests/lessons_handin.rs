//! Hand-ins: a round trip, and every kind of change found where it is.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use netlab::lessons::fact::{Fact, What};
use netlab::lessons::handin::{
    Broken, Fault, HAND_IN_BYTES, HandIn, LINE_BYTES, NOT_HANDED_IN, class_digest,
};
use netlab::lessons::lesson::Lesson;
use netlab::lessons::parse::parse;
use netlab::lessons::progress::Progress;

fn lesson() -> Lesson {
    parse("01-roles.md", "---\nid: roles\ntitle: T\nminutes: 1\n---\n## First\nProse.\n## Second\nProse.\n")
        .unwrap()
}

fn passed(quote: &str) -> Progress {
    let lesson = lesson();
    Progress::of(vec![Fact::passed(&lesson, &lesson.steps[0], vec![quote.to_owned()], 7)])
}

/// Three facts: five lines.
fn small() -> HandIn {
    let lesson = lesson();
    let [first, second] = &lesson.steps[..] else { panic!("two steps") };
    let line = What::Wrote { question: "Why?".to_owned(), line: "because 🌱\n\"quoted\"".to_owned() };
    let facts = vec![
        Fact::new(&lesson, first, 1, What::Began { marker: "roles/first#1".to_owned(), replay: false }),
        Fact::new(&lesson, first, 2, line),
        Fact::skipped(&lesson, second, 3),
    ];
    HandIn::new("Ada", "00000000000000a1", "autumn", &Progress::of(facts), 1000)
}

fn lines(file: &[u8]) -> Vec<Vec<u8>> {
    file.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn fault(file: &[u8]) -> Broken {
    HandIn::read(file).expect_err("it was changed")
}

#[test]
fn what_was_handed_in_comes_back() {
    let hand_in = small();
    let file = hand_in.write().unwrap();
    assert_eq!(HandIn::read(&file).unwrap(), hand_in);
    assert_eq!(lines(&file).len(), 5);
    assert_eq!(hand_in.head.class, class_digest("autumn"));
}

#[test]
fn nothing_done_is_a_hand_in_too() {
    let hand_in = HandIn::new("Ada", "a1", "", &Progress::default(), 1000);
    assert_eq!(HandIn::read(&hand_in.write().unwrap()).unwrap(), hand_in);
    assert_eq!(hand_in.head.class, None);
}

/// The form is a promise: a file of today is read by every later netlab.
#[test]
fn the_form_is_as_described() {
    let hand_in = HandIn::new("Ada", "a1", "autumn", &Progress::default(), 1000);
    let file = String::from_utf8(hand_in.write().unwrap()).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let digest = class_digest("autumn").unwrap();
    let head = format!(
        r#"{{"netlab_hand_in":1,"name":"Ada","learner":"a1","class":"{digest}","made_at":1000,"netlab":"{version}","chain":""#
    );
    assert!(file.starts_with(&head), "{file}");
    assert!(file.lines().nth(1).unwrap().starts_with(r#"{"end":0,"chain":""#), "{file}");
    assert_eq!(digest.len(), 8);
}

#[test]
fn the_seed_itself_is_not_in_the_file() {
    let hand_in = HandIn::new("Ada", "a1", "a seed nobody guesses", &Progress::default(), 1);
    assert!(!String::from_utf8(hand_in.write().unwrap()).unwrap().contains("a seed nobody guesses"));
    assert_ne!(class_digest("autumn"), class_digest("autumn "));
}

#[test]
fn a_changed_byte_is_found_in_its_line() {
    let file = small().write().unwrap();
    let (mut line, mut tried) = (1, 0);
    for at in 0..file.len() {
        for new in [file[at] ^ 1, file[at] ^ 0x80, b'\n', b'"', b'0', b'}'] {
            if new == file[at] {
                continue;
            }
            let mut changed = file.clone();
            changed[at] = new;
            assert_eq!(fault(&changed).line, line, "byte {at} as {new:#x}");
            tried += 1;
        }
        line += usize::from(file[at] == b'\n');
    }
    assert!(tried > 3000, "{tried}");
}

#[test]
fn a_missing_line_is_found() {
    let lines = lines(&small().write().unwrap());
    for gone in 0..lines.len() {
        let file: Vec<u8> = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != gone)
            .flat_map(|(_, line)| line.clone())
            .collect();
        let expected = match gone {
            0 => Fault::NotOurs,
            last if last + 1 == lines.len() => Fault::Cut,
            _ => Fault::Changed,
        };
        assert_eq!(fault(&file), Broken { line: gone + 1, fault: expected });
    }
}

#[test]
fn lines_that_changed_places_are_found() {
    let lines = lines(&small().write().unwrap());
    for one in 0..lines.len() {
        for other in one + 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(one, other);
            assert_eq!(fault(&swapped.concat()).line, one + 1, "{one} and {other}");
        }
    }
}

#[test]
fn an_added_line_is_found() {
    let all = lines(&small().write().unwrap());
    let strange = lines(&HandIn::new("Bob", "b0", "", &passed("x"), 5).write().unwrap());
    for at in 0..=all.len() {
        for added in [&all[0], &all[2], &strange[1], &b"\n".to_vec(), &b"{}\n".to_vec()] {
            let mut more = all.clone();
            more.insert(at, added.clone());
            // A copy beside its original is the second of the two.
            let differs = more.iter().zip(&all).position(|(one, other)| one != other).unwrap_or(all.len());
            let added = String::from_utf8_lossy(added);
            assert_eq!(fault(&more.concat()).line, differs + 1, "at {at}: {added}");
        }
    }
}

#[test]
fn a_cut_is_found_at_every_byte() {
    let file = small().write().unwrap();
    let mut line = 1;
    for end in 0..file.len() {
        let broken = fault(&file[..end]);
        let expected = if end == 0 { Fault::NotOurs } else { Fault::Cut };
        assert_eq!(broken, Broken { line, fault: expected }, "the first {end} bytes");
        line += usize::from(file[end] == b'\n');
    }
}

#[test]
fn a_mail_program_may_end_lines_with_crlf() {
    let file = String::from_utf8(small().write().unwrap()).unwrap().replace('\n', "\r\n");
    assert_eq!(HandIn::read(file.as_bytes()).unwrap(), small());
}

#[test]
fn a_later_version_is_said_to_be_one() {
    let file = String::from_utf8(small().write().unwrap()).unwrap();
    let later = file.replacen("\"netlab_hand_in\":1,", "\"netlab_hand_in\":2,", 1);
    assert_eq!(fault(later.as_bytes()), Broken { line: 1, fault: Fault::Later });
}

#[test]
fn a_file_has_limits() {
    assert_eq!(fault(&vec![b'x'; HAND_IN_BYTES + 1]).fault, Fault::FileTooLarge);
    let long = HandIn::new(&"x".repeat(LINE_BYTES), "a1", "", &Progress::default(), 1);
    assert_eq!(long.write(), Err(Broken { line: 1, fault: Fault::TooLong }));
    let mut file = b"{\"netlab_hand_in\":1,\"name\":\"".to_vec();
    file.resize(LINE_BYTES + 10, b'x');
    assert_eq!(fault(&file), Broken { line: 1, fault: Fault::TooLong });
}

/// Random bytes, and a true file with random bytes written over it: an answer comes, and never the file.
#[test]
fn any_bytes_are_answered() {
    let mut luck: u64 = 0x0123_4567_89ab_cdef;
    let mut draw = move || {
        luck ^= luck << 13;
        luck ^= luck >> 7;
        luck ^= luck << 17;
        usize::try_from(luck >> 32).unwrap()
    };
    let file = small().write().unwrap();
    for _ in 0..20_000 {
        let noise: Vec<u8> = (0..draw() % 64).map(|_| draw().to_le_bytes()[0]).collect();
        fault(&noise);
        fault(&[b"{\"netlab_hand_in\":1", &noise[..]].concat());
        let mut changed = file.clone();
        for byte in &noise {
            let at = draw() % changed.len();
            changed[at] = *byte;
        }
        assert!(changed == file || HandIn::read(&changed).is_err());
    }
}

#[test]
fn quotes_of_conversations_inside_this_computer_are_handed_in() {
    for quote in [
        "connection from 127.0.0.1:40000 to 127.0.0.1:7013, recorded by connect: text is x",
        "connection from [::1]:40000 to [::1]:7777, recorded by serve",
        "datagrams from 127.0.0.1:40000 to 127.0.0.2:7053, exchange 2, recorded by resolve",
        "connection from a client to 127.0.0.1:7777, recorded by lab/hello",
    ] {
        let hand_in = HandIn::new("Ada", "a1", "", &passed(quote), 1);
        assert_eq!(hand_in.facts[0].what, What::Passed { saw: vec![quote.to_owned()] });
    }
}

#[test]
fn nothing_of_a_conversation_with_another_computer_is_handed_in() {
    for quote in [
        "connection from 192.168.1.5:40000 to 93.184.216.34:80, recorded by raw-get: status is 200",
        "connection from 127.0.0.1:40000 to 93.184.216.34:80, recorded by raw-get",
        "connection from 192.168.1.5:40000 to 192.168.1.5:7777, recorded by serve",
        "connection from [2001:db8::1]:40000 to [2001:db8::2]:80, recorded by connect",
        "connection from a client to 10.0.0.1:80, recorded by connect",
        "something else entirely",
        "",
    ] {
        let hand_in = HandIn::new("Ada", "a1", "", &passed(quote), 1);
        assert_eq!(hand_in.facts[0].what, What::Passed { saw: vec![NOT_HANDED_IN.to_owned()] }, "{quote}");
    }
}
