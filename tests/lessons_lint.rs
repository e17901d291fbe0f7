//! The author's lint: each proof finds its own kind of fault.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;

use kit::{A, TXT, account, get, lesson, resolve, tcp};
use netlab::evidence::journal::{Account, Sighting};
use netlab::lessons::Step;
use netlab::lessons::check::judge;
use netlab::lessons::lint::{lint, uncorrected};
use netlab::lessons::parse::parse;
use netlab::lessons::proof;
use netlab::lessons::shelf::{Source, embedded, folder, lessons};
use netlab::lessons::verdict::Verdict;

/// Accepts every command but `netlab dance`.
fn parse_command(words: &[String]) -> Result<(), String> {
    if words.first().is_some_and(|word| word == "dance") { Err("nobody dances".to_owned()) } else { Ok(()) }
}

#[test]
fn each_broken_fixture_draws_the_finding_its_last_line_names() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/lessons/broken");
    let sources = folder(std::path::Path::new(fixtures)).unwrap();
    assert!(sources.len() >= 20, "there are {} fixtures", sources.len());
    for source in sources {
        // The last line of each is a comment: <!-- LINE: what -->
        let expected =
            source.text.lines().last().and_then(|line| line.strip_prefix("<!-- ")?.strip_suffix(" -->"));
        let found: Vec<String> = lint(std::slice::from_ref(&source), &parse_command)
            .iter()
            .map(|finding| format!("{}: {}", finding.line, finding.what))
            .collect();
        assert_eq!(found, [expected.unwrap()], "{}", source.file);
    }
}

/// Every lesson needs one.
const RECALL: &str = "```recall\nWho?\n( ) one | a belief | a reply\n(x) another | a belief | a reply\n```\n";

fn source(file: &str, front: &str) -> Source {
    let text = format!("---\n{front}\ntitle: T\nminutes: 1\n---\n## Why (read-only)\n{RECALL}");
    Source::new(file, text)
}

fn findings(sources: &[Source]) -> Vec<String> {
    lint(sources, &parse_command)
        .iter()
        .map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.what))
        .collect()
}

#[test]
fn the_mark_some_editors_put_before_a_text_is_no_part_of_it() {
    let made = tempfile::tempdir().unwrap();
    let Source { text, .. } = source("01-a.md", "id: a");
    std::fs::write(made.path().join("01-a.md"), format!("\u{FEFF}{text}")).unwrap();
    let sources = folder(made.path()).unwrap();
    assert_eq!(sources[0].text, text);
    assert!(findings(&sources).is_empty());
}

#[test]
fn lessons_agree_among_themselves() {
    let twice = [source("01-a.md", "id: a"), source("02-b.md", "id: a")];
    assert_eq!(findings(&twice), ["02-b.md:2: a is the id of 01-a.md too"]);
    let same_number = [source("01-a.md", "id: a"), source("01-b.md", "id: b")];
    assert_eq!(findings(&same_number), ["01-b.md:1: 01-a.md has the same number"]);
    let unknown = [source("01-a.md", "id: a\nneeds: b")];
    assert_eq!(findings(&unknown), ["01-a.md:3: it needs b, and no lesson is called so"]);
    let later = [source("01-a.md", "id: a\nneeds: b"), source("02-b.md", "id: b")];
    assert_eq!(findings(&later), ["01-a.md:3: it needs b, which does not come before it"]);
}

#[test]
fn claims_that_no_lesson_corrects_are_listed() {
    let lessons = lessons(&embedded()).unwrap();
    assert!(uncorrected(&lessons[..1]).contains(&15) && !uncorrected(&lessons).contains(&15));
    assert_eq!(uncorrected(&[]).len(), 37);
}

fn proves(blocks: &str, account: &Account) -> Vec<String> {
    let lesson = lesson(blocks);
    proof::own_commands(&lesson, &lesson.steps[0], account).into_iter().map(|finding| finding.what).collect()
}

#[test]
fn a_check_is_green_with_its_own_commands_and_red_without() {
    let good = "```check\n# asked\ndns.question.type = A\n```";
    assert!(proves(good, &account([resolve(4001, "garden.test", A, &[])])).is_empty());
    assert_eq!(
        proves(good, &account([resolve(4001, "garden.test", TXT, &[])])),
        ["the check stays red after the step's own commands: \"asked\": no flow comes near"]
    );
}

#[test]
fn a_check_that_ignores_order_is_found() {
    let slack = "```check\ndns.question.type = A\n\nthen\n\nflow.opened\n```";
    // Both flows satisfy the second scene, so the wrong order is green: A, then whatever was opened.
    let both = || {
        account([
            resolve(4001, "garden.test", A, &[]),
            get(4002, "/", "200 OK", ""),
            resolve(4003, "x.test", A, &[]),
        ])
    };
    assert_eq!(proves(slack, &both()), ["the check has a \"then\" and is green in the wrong order"]);
    let strict = "```check\ndns.question.type = A\n\nthen\n\nhttp.path = /\n```";
    assert!(
        proves(strict, &account([resolve(4001, "garden.test", A, &[]), get(4002, "/", "200 OK", "")]))
            .is_empty()
    );
}

#[test]
fn evidence_from_before_is_never_green() {
    let check = "```check\nhttp.path = /\nserver.port = 7777\n```";
    let done = account([get(4001, "/", "200 OK", "")]);
    assert!(proves(check, &done).is_empty());
    let lesson = lesson(check);
    assert!(!netlab::lessons::check::judge(&lesson.steps[0], &proof::from_before(&done)).passed());
}

/// Checks that would like to be green on nothing at all.
const SLACK: [&str; 8] = [
    "flow.by = raw-get",
    "flow.transport = tcp",
    "count flow = 0\nflow.transport = tcp",
    "count flow >= 0\nflow.transport = tcp",
    "count exchange = 0\nhttp.path = /",
    "count http.path = 0",
    "count tcp.read >= 0",
    "http.path != /nowhere",
];

#[test]
fn no_check_at_all_is_green_on_nothing_or_on_what_is_from_before() {
    let done = account([get(4001, "/", "200 OK", ""), resolve(4002, "garden.test", A, &[])]);
    let before = proof::from_before(&done);
    let shipped = lessons(&embedded()).unwrap();
    let slack = SLACK.map(|conditions| lesson(&format!("```check\n{conditions}\n```")));
    let mut judged = 0;
    for step in shipped.iter().chain(&slack).flat_map(|lesson| &lesson.steps) {
        if step.check().is_some() {
            for account in [&Account::default(), &before] {
                assert!(!judge(step, account).passed(), "{}", step.slug);
                judged += 1;
            }
        }
    }
    assert!(judged > 2 * SLACK.len());
    // Reading finds those that only ask which conversation it is, so that no author relies on this.
    let text = "---\nid: x\ntitle: T\nminutes: 1\n---\n## S\n```check\n# s\nflow.by = raw-get\n```\n";
    let found = findings(&[Source::new("01-x.md".to_owned(), text.to_owned())]);
    let asks_which = "01-x.md:8: a scene asks which flow it is and not what happened on it".to_owned();
    assert!(found.contains(&asks_which), "{found:?}");
}

#[test]
fn a_judge_that_forgets_when_things_happened_would_be_found_out() {
    let lesson = lesson("```check\nhttp.path = /\n```");
    let done = account([get(4001, "/", "200 OK", "")]);
    let proves = |judge: proof::Judge<'_>| -> Vec<String> {
        let found = proof::own_commands_by(judge, &lesson, &lesson.steps[0], &done);
        found.into_iter().map(|finding| finding.what).collect()
    };
    assert!(proves(&judge).is_empty());
    // This one takes everything for new, as if the account had been tampered with.
    let forgetful = |step: &Step, account: &Account| {
        let new = |sighting: &Sighting| Sighting {
            began_before: false,
            events_before: 0,
            client_before: 0,
            server_before: 0,
            flow: sighting.flow.clone(),
        };
        let sightings = account.sightings.iter().map(new).collect();
        let tampered = Account { sightings, ..Account::default() };
        judge(step, &tampered)
    };
    assert_eq!(proves(&forgetful), ["the check is green on what happened before the step"]);
    let content = |_: &Step, _: &Account| Verdict::default();
    assert_eq!(
        proves(&content),
        ["the check is green though nothing happened", "the check is green on what happened before the step",]
    );
}

#[test]
fn a_check_that_ignores_what_is_open_at_once_is_found() {
    let lesson = lesson("```check\nflow.opened\n\nmeanwhile\n\nhttp.path = /\n```");
    let step = &lesson.steps[0];
    let held = || tcp("connect", 4001, "127.0.0.1:7777").opened();
    let both = || account([held(), get(4002, "/", "200 OK", "").later(1)]);
    let proves = |judge: proof::Judge<'_>| -> Vec<String> {
        let found = proof::own_commands_by(judge, &lesson, step, &both());
        found.into_iter().map(|finding| finding.what).collect()
    };
    assert!(proves(&judge).is_empty());
    // This one is content with any two connections, in whatever order.
    let hasty = |step: &Step, account: &Account| {
        if account.sightings.iter().filter(|one| !one.began_before).count() == 2 {
            Verdict::default()
        } else {
            judge(step, account)
        }
    };
    assert_eq!(
        proves(&hasty),
        ["the check has a \"meanwhile\" and is green when no two connections are open at once"]
    );
}

#[test]
fn a_question_must_have_an_answer_in_what_the_step_did() {
    let asks = |answer: &str| {
        format!("```check\ndns.question.type = A\n```\n```seen\nWhich?\nanswer: {answer}\nsays: yes\n```")
    };
    let asked = || account([resolve(4001, "garden.test", A, &[])]);
    assert!(proves(&asks("dns.question.name"), &asked()).is_empty());
    let missing = ["the question has no answer in what the step's own commands did"];
    assert_eq!(proves(&asks("dns.answer.address"), &asked()), missing);
    assert_eq!(proves(&asks("dns.question.name after nonce="), &asked()), missing);
}

#[test]
fn a_near_miss_must_draw_its_own_feedback() {
    let blocks = |first: &str| {
        format!(
            "```check\nhttp.path = /\n```\n\
             ```near-miss\n$ netlab resolve garden.test\n{first}\nsays: one\n```\n\
             ```near-miss\n$ netlab connect echo.test\nflow.first = client\nflow.transport = tcp\nsays: two\n```"
        )
    };
    let prove = |first: &str, nth: usize, account: &Account| {
        let lesson = lesson(&blocks(first));
        let step = &lesson.steps[0];
        let near = step.near_misses().nth(nth).unwrap();
        proof::near_miss(&lesson, step, near, account)
            .into_iter()
            .map(|finding| finding.what)
            .collect::<Vec<_>>()
    };
    let asked = || account([resolve(4001, "garden.test", A, &[])]);
    let echoed = || account([tcp("connect", 4002, "127.0.0.1:7007").opened().client(b"x\n")]);
    assert!(prove("dns.question.type = A", 0, &asked()).is_empty());
    assert!(prove("dns.question.type = A", 1, &echoed()).is_empty());
    assert_eq!(prove("dns.question.type = TXT", 0, &asked()), ["the near-miss does not draw its feedback"]);
    assert_eq!(prove("dns.question.type = A", 1, &asked()), ["the near-miss draws the feedback of line 10"]);
    assert_eq!(
        prove("dns.question.type = A", 0, &account([get(1, "/", "200 OK", "")])),
        ["the check is green on its near-miss"]
    );
}

#[test]
fn every_flow_path_is_known_and_every_field_that_can_be_sent() {
    let known = |path: &str| {
        parse(
            "01-x.md",
            &format!("---\nid: x\ntitle: T\nminutes: 1\n---\n## S\n```check\n# s\n{path}\n```\n"),
        )
        .map(|lesson| {
            let condition = &lesson.steps[0].check().unwrap().scenes[0].conditions[0];
            netlab::lessons::paths::problem(&condition.path, condition.count)
        })
    };
    for path in [
        "flow.by",
        "client.port",
        "count flow > 1",
        "dns.answer.address",
        "DNS.Question.Type",
        "http.host",
        "client.http.path",
        "dns.additional.type",
        "dns.answer.exchange",
        "dns.answer.preference",
        "http.chunk-size",
        "http.trailer",
        "server.plain.line",
        "dns.length",
        "http.query",
        "dns.authority.minimum",
        "server.http.content",
    ] {
        assert_eq!(known(path).unwrap(), None, "{path}");
    }
    for (path, why) in [
        ("flow.mood", "nothing is called flow.mood"),
        ("dns.questoin.type", "dns has no field questoin.type"),
        ("http.rcode", "http has no field rcode"),
        ("dns.rdata.answer", "dns has no field rdata.answer"),
        ("server.http.x-not-known", "http has no field x-not-known"),
        ("flow", "flow can only be counted"),
    ] {
        assert_eq!(known(path).unwrap().as_deref(), Some(why));
    }
}
