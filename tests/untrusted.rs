//! Law 6: nothing untrusted reaches a terminal raw. Every place where bytes of strangers are shown is tried
//! with bytes that have power over terminals, in every form of output.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "fixtures/lessons/kit.rs"]
mod kit;
#[path = "common/paper.rs"]
mod paper;
#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;
#[path = "common/wicked.rs"]
mod wicked;

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use netlab::error::{Failure, Instead};
use netlab::evidence::{Flow, Listener, Opening, Recorder, Transport, Trouble, TroubleKind};
use netlab::lab::entry::{Answered, Entry as Logged, Outcome as Answer};
use netlab::lessons::check::judge;
use netlab::lessons::fact::{Fact, Said, What};
use netlab::lessons::glossary;
use netlab::lessons::notebook::notebook;
use netlab::lessons::progress::Progress;
use netlab::lessons::review::due;
use netlab::lessons::{Finding, Lesson, parse};
use netlab::net::ask::{Asked, Question};
use netlab::net::interfaces::{Address, Interface, Mark};
use netlab::net::resolve::{Lookup, Outcome as Resolved};
use netlab::net::route::{Route, Via};
use netlab::net::sockets::owner::{Held, Program};
use netlab::net::sockets::state::State;
use netlab::net::sockets::{Socket, Sockets};
use netlab::probe::after::Health;
use netlab::probe::place::Place;
use netlab::probe::report::{Done, Report};
use netlab::probe::script::Script;
use netlab::probe::{Check, table};
use netlab::proto::dns::message::Message;
use netlab::proto::dns::query::Query;
use netlab::proto::dns::response::Entry;
use netlab::proto::dns::{DNS, name};
use netlab::proto::framed::{Framing, framed};
use netlab::proto::http::HTTP;
use netlab::proto::http::message::messages as http_messages;
use netlab::proto::http::redirect::Redirect;
use netlab::proto::plain::PLAIN;
use netlab::proto::stream::{Carriage, Sender, Stream};
use netlab::render::course::findings;
use netlab::render::course::findings::Counts;
use netlab::render::course::review::Rest;
use netlab::render::course::verdict as judged;
use netlab::render::course::welcome::Welcome;
use netlab::render::course::{
    coach, glossary as shown_glossary, lesson, notebook as shown_notebook, notebook_md, review, welcome,
};
use netlab::render::lab::server;
use netlab::render::machine::{addresses, sockets};
use netlab::render::teller::compare::Exchanged;
use netlab::render::teller::content::{Accepts, Content};
use netlab::render::teller::dialogue::Dialogue;
use netlab::render::teller::handovers;
use netlab::render::teller::handovers::Ended;
use netlab::render::teller::journey::Journey;
use netlab::render::teller::lookup::Whose;
use netlab::render::teller::phases::Phases;
use netlab::render::teller::redirect::Pointer;
use netlab::render::teller::{compare, lookup, redirect};
use netlab::render::text::failure;
use netlab::render::text::look::{Form, Look, Loudness};
use netlab::render::text::safe::Safe;
use netlab::render::text::screen::{Role, Screen};
use netlab::render::tree::{explained, flows};
use netlab::render::{json, probe};
use paper::Paper;
use wicked::{OWN, harm, moved, payloads, without_colour};

/// What a sink prints, standard output first.
fn shown(look: Look, sink: Sink, payload: &[u8]) -> Vec<u8> {
    // As the program does: colour is always made, and stripped where it is not wanted.
    colored::control::set_override(true);
    let (out, err) = (Paper::default(), Paper::default());
    let screen = Arc::new(Screen::new(look, Box::new(out.clone()), Box::new(err.clone())));
    sink(&screen, payload);
    [out.bytes(), err.bytes()].concat()
}

fn look(form: Form, width: usize, bytes: bool) -> Look {
    Look { form, width, bytes, loudness: Loudness::Usual }
}

fn looks() -> Vec<Look> {
    let human = [120, 80, 40].into_iter().flat_map(|width| [false, true].map(|bytes| (width, bytes)));
    let human = human.map(|(width, bytes)| look(Form::Human, width, bytes));
    human
        .chain([look(Form::Plain, 80, false), look(Form::Plain, 40, true), look(Form::Json, 80, false)])
        .collect()
}

type Sink = fn(&Arc<Screen>, &[u8]);

/// Every place where bytes of strangers are shown.
const SINKS: &[(&str, Sink)] = &[
    ("the value of an HTTP field", |screen, payload| {
        response(
            screen,
            &[b"HTTP/1.1 200 OK\r\nX-Evil: ", payload, b"\r\nContent-Length: 0\r\n\r\n"].concat(),
        );
    }),
    ("the value of a field netlab knows", |screen, payload| {
        response(
            screen,
            &[b"HTTP/1.1 200 OK\r\nContent-Type: ", payload, b"\r\nContent-Length: 1\r\n\r\nx"].concat(),
        );
    }),
    ("the name of an HTTP field", |screen, payload| {
        response(screen, &[b"HTTP/1.1 200 OK\r\nX-", payload, b": 1\r\nContent-Length: 0\r\n\r\n"].concat());
    }),
    ("the reason of a status", |screen, payload| {
        response(screen, &[b"HTTP/1.1 200 ", payload, b"\r\nContent-Length: 0\r\n\r\n"].concat());
    }),
    ("the content of a response", |screen, payload| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", payload.len());
        response(screen, &[head.as_bytes(), payload].concat());
    }),
    ("a chunk and its extension", |screen, payload| {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let size = format!("{:x};a=", payload.len());
        let chunk = [size.as_bytes(), payload, b"\r\n", payload, b"\r\n0\r\n\r\n"].concat();
        response(screen, &[head.as_bytes(), &chunk].concat());
    }),
    ("bytes where a response should be", |screen, payload| response(screen, payload)),
    ("the place a redirect names", redirected),
    ("the coding and the charset of content", |screen, payload| {
        let fields =
            [b"Content-Encoding: ", payload, b"\r\nContent-Type: text/plain; charset=", payload].concat();
        let tail = format!("\r\nContent-Length: {}\r\n\r\n", payload.len());
        response(screen, &[b"HTTP/1.1 200 OK\r\n", &fields[..], tail.as_bytes(), payload].concat());
    }),
    ("content in another charset", |screen, payload| {
        for charset in ["windows-1252", "utf-16le", "shift_jis"] {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset={charset}\r\nContent-Length: {}\r\n\r\n",
                payload.len()
            );
            response(screen, &[head.as_bytes(), payload].concat());
        }
    }),
    ("content that was packed", |screen, payload| {
        let mut packed = Vec::new();
        flate2::read::GzEncoder::new(payload, flate2::Compression::fast()).read_to_end(&mut packed).unwrap();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
        response(screen, &[head.as_bytes(), &packed].concat());
    }),
    ("content and framing that are shown as they come", long),
    ("two answers side by side", compared),
    ("the target of a request", |screen, payload| {
        exchange(
            screen,
            &[b"GET /", payload, b" HTTP/1.1\r\nHost: a.test\r\n\r\n"].concat(),
            b"HTTP/1.1 200 OK\r\n\r\n",
        );
    }),
    ("a host that was typed, and a file that was saved", routed),
    ("the text of a TXT record", |screen, payload| {
        let texts =
            payload.chunks(255).flat_map(|text| [&[u8::try_from(text.len()).unwrap()], text].concat());
        answer(screen, 16, texts.collect());
    }),
    ("the labels of a name that a CNAME leads to", |screen, payload| answer(screen, 5, labels(payload))),
    ("the labels of a record's own name", |screen, payload| {
        let name = name::present(&labels(payload), 0);
        let entry = Entry::new(&name, 1, 5, vec![127, 0, 0, 1]);
        let entry = entry.unwrap_or_else(|_| Entry::new("long.test", 1, 5, vec![127, 0, 0, 1]).unwrap());
        answered(screen, entry, 1);
    }),
    ("data of a record of an unknown type", |screen, payload| answer(screen, 65_280, payload.to_vec())),
    ("a record whose name points at itself", |screen, payload| {
        answer(screen, 5, [&[0xc0, 0x29], payload].concat());
    }),
    ("what a resolver says beside its answer", |screen, payload| {
        let text = String::from_utf8_lossy(payload).into_owned();
        answer_from(screen, 16, |response| {
            response.rcode = 2;
            response.extended_error = Some((22, text));
        });
    }),
    ("a name that was typed, and why nobody can be asked", |screen, payload| {
        let text = String::from_utf8_lossy(payload).into_owned();
        let outcome = Resolved::NoServers(text.clone());
        found(screen, Lookup { typed: text, kind: 1, asked: Vec::new(), outcome });
    }),
    ("a banner", banner),
    ("messages and cut characters of a connection that is over", messages),
    ("the line of a request in a server's log", |screen, payload| {
        let client = "127.0.0.1:9".parse().unwrap();
        let told = Answered {
            connection: 1,
            number: 1,
            client,
            at: tokio::time::Instant::now(),
            headline: payload.to_vec(),
            host: Some(payload.to_vec()),
            head: 1,
            content: 0,
            reads: 1,
            outcome: Answer { good: false, code: Some(400) },
            answer: 1,
            remark: Some("it is not a request"),
        };
        server::entry(screen, &Logged::Answered(told), server::Sites::Several);
    }),
    ("file names, arguments and program names in failures", failures),
    ("bytes to explain", |screen, payload| {
        let alone = |sender, carriage| Stream::alone(payload, sender, carriage);
        explained::show(screen, &PLAIN, &PLAIN.dissect(alone(Sender::Client, Carriage::Stream)), false);
        if screen.look.form != Form::Json {
            explained::show(screen, &HTTP, &HTTP.dissect(alone(Sender::Server, Carriage::Stream)), false);
            explained::show(screen, &DNS, &DNS.dissect(alone(Sender::Server, Carriage::Datagram)), true);
        }
    }),
    ("a lesson's titles", |screen, payload| {
        let text = String::from_utf8_lossy(payload).replace(['\n', '\r'], " ");
        course(screen, &format!("---\nid: a\ntitle: x{text}\nminutes: 1\n---\n{text}\n## y{text}\nProse.\n"));
    }),
    ("a lesson's prose", |screen, payload| {
        let text = String::from_utf8_lossy(payload);
        course(
            screen,
            &format!(
                "---\nid: a\ntitle: A\nminutes: 1\n---\n## Step\nx{text}\n\n- {text}\n\n**{text}**\n\n`{text}`\n\n```text\n{text}\n```\n"
            ),
        );
    }),
    ("a lesson's prose, in everything Markdown has", |screen, payload| {
        let text = String::from_utf8_lossy(payload);
        let line = text.replace(['\n', '\r'], " ");
        course(
            screen,
            &format!(
                "---\nid: a\ntitle: A\nminutes: 1\n---\n## Step\n# {line}\n\n3. {text}\n\n   > {line}\n\n~~~ {line}\n{text}\n~~~\n\n\
                 [{line}](<{line}>) ![{line}](a.png) ~~{line}~~ <b title=\"{line}\">\n\n    {line}\n\n\
                 | {line} | b |\n|---|--:|\n| {line} | `{line}` |\n\n<div>\n{line}\n\n<!-- {line} -->\n\n- [ ] {line}\n"
            ),
        );
    }),
    ("a lesson's fences", |screen, payload| {
        let text = String::from_utf8_lossy(payload).replace(['\n', '\r'], " ");
        course(
            screen,
            &format!(
                "---\nid: a\ntitle: A\nminutes: 1\n---\n## Step\n```predict\nq{text}?\n(x) a{text} | b{text} | c{text}\n( ) b | b | c\n```\n\
             ```console\n# c{text}\n$ netlab connect x{text}\n> y{text}\n...\n```\n```hint\nh{text}\n```\n"
            ),
        );
    }),
    ("evidence in a verdict", verdict),
    ("a finding in a lesson file", |screen, payload| {
        let text = String::from_utf8_lossy(payload).into_owned();
        let printed = vec![text.clone()];
        let finding = Finding { file: text.clone(), line: 1, what: text.clone(), mend: text, printed };
        let counts = Counts { lessons: 1, ..Counts::default() };
        findings::show(screen, &counts, std::slice::from_ref(&finding), std::slice::from_ref(&finding), &[]);
    }),
    ("a progress file that is kept aside", |screen, payload| {
        let kept_aside = Some(path(payload));
        coach::troubles(screen, &Progress { kept_aside, unreadable: 1, ..Progress::default() });
    }),
    ("a learner's lines, in the notebook and as Markdown", notes),
    ("an entry of a glossary, and a word that it does not have", |screen, payload| {
        let text = String::from_utf8_lossy(payload).replace(['\n', '\r'], " ");
        let source = format!("## w{text}\nlesson: a\nalso: o{text}\nt{text}\n");
        if let Ok(entries) = glossary::parse("glossary.md", &source) {
            let lesson = format!("---\nid: a\ntitle: A{text}\nminutes: 1\n---\n## Step\n");
            let lessons: Vec<Lesson> = parse::parse("01-a.md", &lesson).into_iter().collect();
            entries.iter().for_each(|entry| shown_glossary::entry(screen, entry, &lessons));
            shown_glossary::list(screen, &entries, &lessons, "netlab glossary");
        }
    }),
    ("a question for review", |screen, payload| {
        let text = String::from_utf8_lossy(payload).replace(['\n', '\r'], " ");
        let text = format!(
            "---\nid: a\ntitle: A\nminutes: 1\n---\n## Step\n```recall\nq{text}?\n(x) a{text} | b | c{text}\n( ) d | e | f{text}\n```\n"
        );
        if let Ok(one) = parse::parse("01-a.md", &text) {
            reviewed(screen, &one);
        }
    }),
    ("the name of a program that holds a socket", |screen, payload| {
        let name = String::from_utf8_lossy(payload).into_owned();
        let local = "0.0.0.0:7777".parse().unwrap();
        let socket = Socket {
            transport: Transport::Tcp,
            local,
            remote: None,
            state: State::Listen,
            receive_queue: 1,
            send_queue: 0,
            user: 0,
            held: Held::Programs(vec![Program { pid: 1, name }]),
        };
        sockets::show(screen, &Sockets { list: vec![socket], left_out: 1, gave_up: true }, None);
    }),
    ("the name of a program that listens instead", |screen, payload| {
        let program = Some(String::from_utf8_lossy(payload).into_owned());
        let instead = [7777, 8000].map(|port| Instead {
            address: SocketAddr::from(([127, 0, 0, 2], port)),
            program: program.clone(),
            takes_ipv4: None,
        });
        let server = SocketAddr::from(([127, 0, 0, 1], 7777));
        let refused = Trouble::from(TroubleKind::Refused);
        failure::show(screen, &Failure::datagram(server, refused, &instead));
        failure::show(screen, &Failure::no_dns_server(server, &instead));
        let trouble = Failure::connect(server, refused, &instead);
        failure::show(screen, &trouble);
        if screen.look.form == Form::Json {
            json::document(screen, "x", serde_json::json!({ "failure": json::failure(&trouble) }));
        }
    }),
    ("what a server says to a probe, and the name of its program", probed),
    ("the name of an interface", |screen, payload| {
        let ip = "127.0.0.1".parse().unwrap();
        let addresses = vec![Address { ip, prefix: Some(8), marks: vec![Mark::Temporary] }];
        let name = String::from_utf8_lossy(payload).into_owned();
        let here = [Interface { name, up: true, addresses }];
        addresses::list(screen, &here);
        if screen.look.form != Form::Json {
            addresses::explain(screen, &[ip], &here);
        }
    }),
];

/// The checks whose verdicts quote what a server said.
const QUOTING: &[&str] = &[
    "hello.answers",
    "hello.head",
    "hello.length",
    "hello.status",
    "hello.version",
    "hello.type",
    "routes.plant",
    "routes.utf8",
    "routes.charset",
    "routes.query",
    "framing.date",
    "robust.no-host",
];

/// A server that says the payload in every place that a verdict may quote.
fn probed(screen: &Arc<Screen>, payload: &[u8]) {
    let place = Place { host: "localhost:7777".to_owned(), seed: 7 };
    let name = String::from_utf8_lossy(payload).into_owned();
    let server = "127.0.0.1:7777".parse().unwrap();
    let asked = probe::Asked {
        url: name.clone(),
        server,
        held_by: Some(name.clone()),
        started: Some(name.clone()),
        stage: None,
    };
    let mut live = probe::Live::new(screen.clone(), asked.clone(), Report::new(place.clone()));
    let said = [
        payload.to_vec(),
        [b"HTTP/", payload, b" 200 ", payload, b"\r\n\r\n"].concat(),
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", payload, b"\r\n"].concat(),
        [b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ", payload, b"\r\n\r\n"].concat(),
        [b"HTTP/1.1 200 OK\r\nDate: ", payload, b"\r\nContent-Type: ", payload, b"\r\n\r\n", payload]
            .concat(),
    ];
    let quoting = |check: &&Check| QUOTING.contains(&check.id);
    // A document is one line, and the terminal that looks at it has an end.
    let skipped = if screen.look.form == Form::Json { 4 } else { 0 };
    for said in said.into_iter().skip(skipped) {
        for check in table::all().filter(quoting) {
            live.begins(check);
            let flows = |script: &Script| {
                let one = |on| {
                    let sent: Vec<u8> = script.writes(on).flatten().copied().collect();
                    talk("probe", Transport::Tcp, Vec::new(), &sent, &said)
                };
                (0..script.connections()).map(one).collect()
            };
            let script = check.script(&place);
            // The command it was started with is told of a server that has ended.
            let health = (check.id == "robust.no-host").then_some(Health::Gone);
            let done = script.map(|script| Done { flows: flows(&script), script, health });
            live.report.judge(check, done);
        }
    }
    let report = live.finish();
    if screen.look.form == Form::Human {
        // It goes to a file, and somebody may look at that in a terminal.
        screen.complaint(probe::junit::document(&report, &asked).trim_end());
        let failure = Failure::usage(name.clone(), name.clone()).or_try(name);
        screen.complaint(probe::junit::unasked(&failure).trim_end());
    }
}

/// What somebody did and wrote, in all its places. Quotes of evidence are taken as they stand in the file.
fn notes(screen: &Arc<Screen>, payload: &[u8]) {
    let text = String::from_utf8_lossy(payload).into_owned();
    let one = kit::lesson("Prose.\n");
    let at = |what| Fact::new(&one, &one.steps[0], 1, what);
    let said = Said { question: text.clone(), answer: text.clone(), belief: text.clone(), holds: false };
    let mut facts = vec![
        at(What::Predicted(said.clone())),
        at(What::Passed { saw: vec![text.clone()] }),
        at(What::Answered { question: text.clone(), answer: text.clone(), agrees: true }),
        at(What::Wrote { question: text.clone(), line: text.clone() }),
        Fact::whole(Some(&one), 1, What::Recalled { said, review: true }),
    ];
    for mut fact in facts.clone() {
        (fact.lesson, fact.step) = (text.clone(), text.clone());
        facts.push(fact);
    }
    let chapters = notebook(&Progress::of(facts), std::slice::from_ref(&one));
    shown_notebook::show(screen, &chapters);
    if screen.look.form != Form::Json {
        notebook_md::show(screen, &chapters);
    }
}

fn reviewed(screen: &Arc<Screen>, one: &Lesson) {
    let facts = one.steps.iter().map(|step| Fact::passed(one, step, Vec::new(), 1)).collect();
    let lessons = std::slice::from_ref(one);
    let rest = Rest { due: 1, next_at: Some(1) };
    for due in due(&Progress::of(facts), lessons, 1_000_000) {
        review::question(screen, &due, rest, "netlab review --answer NUMBER");
        for choice in &due.question.choices {
            review::replied(screen, &due, choice, rest, "netlab review");
        }
    }
}

/// A response in the places where responses are shown.
fn response(screen: &Arc<Screen>, bytes: &[u8]) {
    exchange(screen, b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", bytes);
}

fn exchange(screen: &Arc<Screen>, request: &[u8], response: &[u8]) {
    let journey = Arc::new(Journey::new(screen.clone(), "raw-get"));
    let flow = talk("raw-get", Transport::Tcp, vec![journey.clone()], request, response);
    journey.finish(&flow, None);
    if screen.look.form == Form::Json {
        json::document(screen, "raw-get", serde_json::json!({ "flows": [json::flow(&flow)] }));
    } else {
        flows::show(screen, &[flow]);
    }
}

/// An answer that points elsewhere, shown and followed.
fn redirected(screen: &Arc<Screen>, payload: &[u8]) {
    let journey = Journey::new(screen.clone(), "raw-get");
    let from = "http://a.test/b".parse().unwrap();
    for before in [&b"/"[..], b"http://", b"http://a.test/#", b"x:", b""] {
        let bytes =
            [b"HTTP/1.1 302 Found\r\nLocation: ", before, payload, b"\r\nContent-Length: 0\r\n\r\n"].concat();
        let fields = HTTP.dissect(Stream::alone(&bytes, Sender::Server, Carriage::Stream));
        let all = http_messages(&fields);
        let Some(redirect) = all.first().and_then(|message| Redirect::of(message, "POST", &from)) else {
            continue;
        };
        journey.follows(1, 10, &redirect);
        let pointer = Pointer { redirect, method: "POST".to_owned(), from: from.clone(), number: 1 };
        journey.redirect(&pointer, false, false);
        journey.note(&redirect::left_behind(
            &[String::from_utf8_lossy(payload).into_owned()],
            true,
            screen.look.ascii(),
        ));
        if screen.look.form == Form::Json {
            let one = redirect::json(&pointer, true);
            json::document(screen, "raw-get", serde_json::json!({ "redirects": [one] }));
            return;
        }
    }
}

/// A long answer, shown as it comes: its head, extensions, content as text or hex, a trailer.
fn long(screen: &Arc<Screen>, payload: &[u8]) {
    let journey = Arc::new(Journey::new(screen.clone(), "raw-get").holding(1));
    let recorder = Recorder::keeping(|| 0, vec![journey.clone() as Arc<dyn Listener>]);
    let server: SocketAddr = "127.0.0.1:7777".parse().unwrap();
    let recording = recorder.open(&Opening::calling(Transport::Tcp, server, "raw-get"));
    let head =
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: ", payload, b"\r\n\r\n"].concat();
    journey.head(&head, b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", false);
    journey.came_behind(&[b"3;a=", payload, b"\r\n"].concat(), false, &recording);
    for piece in [&b"abc"[..], payload] {
        journey.came_behind(piece, true, &recording);
        journey.text(piece, &recording);
    }
    journey.came_behind(
        &[b"\r\n0;", payload, b"\r\nX-", payload, b": ", payload, b"\r\n\r\n"].concat(),
        false,
        &recording,
    );
    let fields = HTTP.dissect(Stream::alone(&head, Sender::Server, Carriage::Stream));
    let Some(message) = http_messages(&fields).first().copied() else { return };
    let (content, _) = Content::read(&message, Accepts::default(), usize::MAX);
    journey.body_over(&content);
    journey.finish(&recording.flow(), None);
    if screen.look.form == Form::Json {
        json::document(screen, "raw-get", serde_json::json!({ "contents": [content.json()] }));
    }
}

/// The same answer twice, side by side.
fn compared(screen: &Arc<Screen>, payload: &[u8]) {
    let head =
        [b"HTTP/1.1 200 ", payload, b"\r\nX-", payload, b": ", payload, b"\r\nServer: ", payload].concat();
    let bytes = [&head[..], b"\r\nContent-Encoding: ", payload, b"\r\nContent-Length: 1\r\n\r\nx"].concat();
    let flow = talk("raw-get", Transport::Tcp, Vec::new(), b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", &bytes);
    let fields = HTTP.dissect(Stream::alone(&bytes, Sender::Server, Carriage::Stream));
    let content =
        http_messages(&fields).first().map(|message| Content::read(message, Accepts::BOTH, usize::MAX).0);
    let url = String::from_utf8_lossy(payload).into_owned();
    let one = Exchanged { url: &url, flow: &flow, phases: Phases::default(), content: content.as_ref() };
    if screen.look.form == Form::Json {
        json::document(screen, "raw-get", serde_json::json!({ "comparison": compare::json(&one, &one) }));
    } else {
        compare::show(screen, &one, &one);
    }
}

/// A conversation of one write and one read, told to listeners as it happens.
fn talk(by: &str, transport: Transport, live: Vec<Arc<dyn Listener>>, out: &[u8], back: &[u8]) -> Flow {
    let recorder = Recorder::keeping(|| 0, live);
    let server: SocketAddr = "127.0.0.1:7777".parse().unwrap();
    let recording = recorder.open(&Opening::calling(transport, server, by));
    recording.opened(Some("127.0.0.1:50000".parse().unwrap()));
    recording.wrote(out);
    recording.read(back, 16_384);
    if transport == Transport::Tcp {
        recording.finished_reading();
        recording.failed(Trouble::from(TroubleKind::Reset));
        recording.note("the end");
    }
    recording.flow()
}

fn routed(screen: &Arc<Screen>, payload: &[u8]) {
    let host = String::from_utf8_lossy(payload).into_owned();
    let addresses = vec!["127.0.0.1:7777".parse().unwrap()];
    let journey = Arc::new(Journey::new(screen.clone(), "raw-get"));
    for via in [Via::Literal, Via::Hosts, Via::Lab(Vec::new())] {
        journey.routed(&Route {
            host: host.clone(),
            port: 80,
            via,
            addresses: addresses.clone(),
            speaks: None,
        });
    }
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    let flow = talk("raw-get", Transport::Tcp, vec![journey.clone()], b"GET / HTTP/1.1\r\n\r\n", answer);
    journey.finish(&flow, Some(&host));
}

fn banner(screen: &Arc<Screen>, payload: &[u8]) {
    let dialogue = Arc::new(Dialogue::new(screen.clone(), "connect"));
    let flow = talk("connect", Transport::Tcp, vec![dialogue], payload, payload);
    if screen.look.form == Form::Json {
        json::document(screen, "connect", serde_json::json!({ "flows": [json::flow(&flow)] }));
    }
}

fn messages(screen: &Arc<Screen>, payload: &[u8]) {
    let dialogue = Arc::new(Dialogue::new(screen.clone(), "send"));
    let bytes = [framed(payload, Framing::Length), payload.to_vec()].concat();
    let flow = talk("send", Transport::Tcp, vec![dialogue.clone()], &bytes, payload);
    let ends = [Framing::Length, Framing::Newline].map(|framing| Ended {
        flow: &flow,
        told: dialogue.told(),
        framing: Some(framing),
    });
    if screen.look.form == Form::Json {
        json::document(
            screen,
            "send",
            serde_json::json!({ "ended": ends.each_ref().map(handovers::as_json) }),
        );
    } else {
        ends.iter().for_each(|end| handovers::tell(&dialogue.narrator(), end, true));
    }
}

/// The bytes as labels of a name, 63 to a label and not more than a name may have.
fn labels(payload: &[u8]) -> Vec<u8> {
    let some = &payload[..payload.len().min(180)];
    let labels = some.chunks(63).flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label].concat());
    labels.chain([0]).collect()
}

fn answer(screen: &Arc<Screen>, kind: u16, rdata: Vec<u8>) {
    answered(screen, Entry::new("evil.test", kind, 5, rdata).unwrap(), kind);
}

fn answered(screen: &Arc<Screen>, entry: Entry, kind: u16) {
    answer_from(screen, kind, |response| response.answers.push(entry));
}

fn answer_from(
    screen: &Arc<Screen>,
    kind: u16,
    fill: impl FnOnce(&mut netlab::proto::dns::response::Response),
) {
    let mut query = Query::new(7, "evil.test", kind);
    query.edns_payload = Some(1232);
    let query = query.bytes().unwrap();
    let bytes = peer::response(&query, fill);
    let fields = DNS.dissect(Stream::alone(&bytes, Sender::Server, Carriage::Datagram));
    let message = Message::of(&fields).unwrap();
    let outcome = match message.rcode {
        0 => Resolved::Records(message.answers.clone()),
        _ => Resolved::Declined(message.clone()),
    };
    let asked = Asked {
        id: 4660,
        server: "127.0.0.1:7053".parse().unwrap(),
        question: Question { name: "evil.test".to_owned(), kind },
        transport: Transport::Udp,
        sent: 2,
        strangers: 1,
        took_us: 41,
        answer: Ok(message),
    };
    found(screen, Lookup { typed: "evil.test".to_owned(), kind, asked: vec![asked], outcome });
    let flow = talk("resolve", Transport::Udp, Vec::new(), &query, &bytes);
    if screen.look.form == Form::Json {
        json::document(screen, "resolve", serde_json::json!({ "flows": [json::flow(&flow)] }));
    } else {
        flows::show(screen, &[flow]);
    }
}

fn found(screen: &Arc<Screen>, found: Lookup) {
    if screen.look.form == Form::Json {
        json::document(screen, "resolve", serde_json::json!({ "lookups": [json::lookup(&found)] }));
    } else {
        let typed = found.typed.clone();
        lookup::show(screen, &typed, &[found], Whose::Chosen);
    }
}

#[cfg(unix)]
fn path(payload: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    Path::new("/tmp").join(std::ffi::OsStr::from_bytes(payload))
}

#[cfg(not(unix))]
fn path(payload: &[u8]) -> PathBuf {
    Path::new("/tmp").join(&*String::from_utf8_lossy(payload))
}

fn failures(screen: &Arc<Screen>, payload: &[u8]) {
    let text = String::from_utf8_lossy(payload).into_owned();
    let server: SocketAddr = "127.0.0.1:7777".parse().unwrap();
    let missing = io::Error::from(io::ErrorKind::NotFound);
    let taken = Trouble::from(TroubleKind::AddressInUse);
    for trouble in [
        Failure::file(&path(payload), "reading", &missing),
        Failure::file(&path(payload), "reading", &io::Error::other(text.clone())),
        Failure::usage(format!("{text} is not a place"), text.clone()).or_try(text.clone()),
        Failure::not_a_name(&text, &text),
        Failure::no_such_name(&text, Some(server), true),
        Failure::no_data(&text, std::slice::from_ref(&text), Some(server)),
        Failure::declined(&text, Some(server), &text),
        Failure::declined(&text, None, "SERVFAIL"),
        Failure::referral(&text, None),
        Failure::dns_silence(&text, &[server], Trouble::from(TroubleKind::TimedOut)),
        Failure::no_resolver(&text),
        Failure::bind(server, taken, Some(&text)),
        Failure::output(&io::Error::other(text.clone())),
    ] {
        failure::show(screen, &trouble);
        if screen.look.form == Form::Json {
            json::document(screen, "x", serde_json::json!({ "failure": json::failure(&trouble) }));
        }
    }
}

/// A lesson in all the places where lessons are shown. A file that is no lesson is shown as a finding.
fn course(screen: &Arc<Screen>, text: &str) {
    match parse::parse("01-a.md", text) {
        Ok(one) => whole_lesson(screen, &one),
        Err(finding) => {
            let counts = Counts { lessons: 1, ..Counts::default() };
            lesson::broken_translation(screen, &finding);
            findings::show(
                screen,
                &counts,
                std::slice::from_ref(&finding),
                std::slice::from_ref(&finding),
                &[],
            );
        }
    }
}

fn whole_lesson(screen: &Arc<Screen>, one: &Lesson) {
    let lessons = std::slice::from_ref(one);
    let here = one.steps.first().map(|step| (one, step));
    for (is_new, due) in [(true, 1), (false, 0)] {
        welcome::show(screen, &Welcome { here, is_new, due, left: &[], is_empty: false });
    }
    for step in &one.steps {
        if screen.look.form == Form::Json {
            json::document(screen, "learn", lesson::step_json(one, step));
            continue;
        }
        lesson::step(screen, one, step);
        step.hints().for_each(|hint| coach::say(screen, Role::Name, &hint.text));
        step.predictions()
            .flat_map(|predict| &predict.choices)
            .for_each(|choice| coach::say(screen, Role::Name, &choice.reply));
    }
    if screen.look.form == Form::Json {
        json::document(screen, "lessons", lesson::as_json(lessons, &Progress::default(), 0));
    } else {
        lesson::list(screen, lessons, &Progress::default(), 0);
    }
}

/// A check that passed on such bytes, and one that did not.
fn verdict(screen: &Arc<Screen>, payload: &[u8]) {
    let text = String::from_utf8_lossy(payload).replace(['\n', '\r'], " ");
    let one = kit::lesson(&format!("```check\n# a{}\nserver.http.server\n```\n", text.replace('`', "'")));
    let other = kit::check("# b\nserver.http.server = nginx");
    let answer = [b"HTTP/1.1 200 OK\r\nServer: ", payload, b"\r\nContent-Length: 0\r\n\r\n"].concat();
    let by = if text.is_empty() { "x" } else { &text };
    let account = || {
        let request = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
        kit::account([kit::tcp(by, 50_000, "127.0.0.1:80").opened().client(request).server(&answer)])
    };
    for step in [&one.steps[0], &other] {
        let verdict = judge(step, &account());
        if screen.look.form == Form::Json {
            json::document(screen, "check", judged::as_json(&one, step, &verdict, Some(step)));
        } else {
            judged::show(screen, &one, step, &verdict);
        }
    }
}

/// What is wrong with what `sink` prints of these texts, at most once for each form and width. netlab's own
/// list is shown in every look; a byte alone to programs, in ASCII and to people; a naughty string in one
/// look, the next one in the next.
fn wrongs(name: &str, sink: Sink, payloads: &[Vec<u8>]) -> (usize, Vec<String>) {
    let looks = looks();
    // A tab is layout where content is a block of its own, and only there.
    let tabs = name.contains("content")
        || name.contains("HTTP")
        || name.contains("chunk")
        || name.contains("respon");
    let mut tried = 0;
    let mut wrong = std::collections::BTreeMap::new();
    for (at, payload) in payloads.iter().enumerate() {
        let few = [at % 6, 6 + at % 2, 8].map(|look| looks[look]);
        let shown_in = match payload.len() {
            _ if OWN.contains(&payload.as_slice()) || payload.len() == 256 => &looks[..],
            ..5 => &few[..],
            _ => &looks[at % looks.len()..][..1],
        };
        for look in shown_in {
            let output = shown(*look, sink, payload);
            tried += 1;
            let ascii = || without_colour(std::str::from_utf8(&output).unwrap_or_default()).0.is_ascii();
            let found = harm(&output, tabs).or_else(|| {
                (look.form == Form::Plain && !ascii()).then(|| "--plain printed more than ASCII".to_owned())
            });
            if let Some(found) = found {
                let place = format!("{name}, {:?} at {} columns", look.form, look.width);
                wrong.entry(place).or_insert_with(|| format!("of {}: {found}", payload.escape_ascii()));
            }
        }
    }
    (tried, wrong.into_iter().map(|(place, what)| format!("{place}, {what}")).collect())
}

#[test]
fn no_byte_of_a_stranger_acts_on_the_terminal() {
    let payloads = payloads();
    let results: Vec<(usize, Vec<String>)> = std::thread::scope(|scope| {
        let payloads = &payloads;
        let of = |sinks: &'static [(&str, Sink)]| {
            scope.spawn(move || {
                sinks.iter().map(|(name, sink)| wrongs(name, *sink, payloads)).collect::<Vec<_>>()
            })
        };
        let (first, second) = SINKS.split_at(SINKS.len() / 2);
        [of(first), of(second)].into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let tried: usize = results.iter().map(|(tried, _)| tried).sum();
    let wrong: Vec<String> = results.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    run::told(&format!("{tried} outputs of {} texts in {} places", payloads.len(), SINKS.len()));
}

#[test]
fn a_terminal_shows_the_escaped_text_and_nothing_else_happens() {
    let mut wrong = Vec::new();
    for (name, sink) in SINKS {
        for payload in OWN {
            for look in
                [look(Form::Human, 80, false), look(Form::Human, 120, true), look(Form::Json, 80, false)]
            {
                let output = String::from_utf8(shown(look, *sink, payload)).unwrap();
                let output = output.replace('\t', " ");
                wrong.extend(
                    moved(&output).map(|what| format!("{name}, of {}: {what}", payload.escape_ascii())),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_screen_would_notice_harm() {
    for payload in
        [&b"\x1b]0;title\x07"[..], b"\x1b[2J", b"a\x1b[1Ab", b"over\rwritten", b"\x07", b"a\x08b", b"\x1bc"]
    {
        let raw = String::from_utf8_lossy(payload);
        assert!(harm(payload, true).is_some() && moved(&format!("first\n{raw}\n")).is_some(), "{payload:?}");
    }
    assert!(harm("\u{9b}31m".as_bytes(), true).is_some() && harm("\u{202e}".as_bytes(), true).is_some());
    assert!(harm(b"\x9b31m", true).is_some());
    assert_eq!(harm(b"\x1b[1;31mred\x1b[0m\n", false), None);
    assert_eq!(moved("\u{1b}[1;31mred\u{1b}[0m\nand plain\n"), None);
    assert_eq!(without_colour("\u{1b}[1;31mred\u{1b}[0m"), ("red".to_owned(), false));
}

#[test]
fn escaping_strips_nothing_so_no_two_bytes_look_alike() {
    let mut seen = std::collections::HashMap::new();
    for byte in 0..=255_u8 {
        for payload in [vec![byte], char::from(byte).to_string().into_bytes()] {
            for ascii in [false, true] {
                let text = Safe::word(&payload).ascii(ascii).to_string();
                assert!(!text.is_empty());
                let before = seen.insert((ascii, text.clone()), payload.clone());
                assert!(before.is_none_or(|before| before == payload), "{text} stands for two things");
            }
        }
    }
}

#[test]
fn a_server_cannot_draw_on_the_terminal_of_raw_get_and_connect() {
    let home = run::home();
    let all: Vec<u8> = OWN.concat();
    let line: Vec<u8> = all.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect();
    let head =
        [b"HTTP/1.1 200 ", &line[..], b"\r\nX: ", &line[..], b"\r\nContent-Type: ", &line[..]].concat();
    let address = peer::says([&head[..], b"\r\n\r\n", &all[..]].concat());
    for form in ["--color=always", "--plain", "--json"] {
        for verb in [vec!["raw-get"], vec!["raw-get", "--bytes"], vec!["connect"]] {
            let place = if verb[0] == "raw-get" { format!("http://{address}/") } else { address.to_string() };
            let mut args = verb.clone();
            args.extend([form, &place]);
            let ran = run::finish(run::netlab(home.path(), &args), b"GET / HTTP/1.1\r\n\r\n").exits(0);
            assert_eq!(harm(&ran.out, true), None, "{args:?}");
            assert_eq!(harm(&ran.err, true), None, "{args:?}");
            assert!(ran.out.len() > all.len(), "{args:?} shows what came");
        }
    }
}

#[test]
fn a_dns_server_cannot_draw_on_the_terminal() {
    let home = run::home();
    let address = peer::dns(|query, _, _| {
        let mut answers = Vec::new();
        for text in OWN {
            let rdata = [&[u8::try_from(text.len()).unwrap()], *text].concat();
            answers.push(Entry::new("evil.test", 16, 5, rdata).unwrap());
        }
        vec![peer::response(query, |response| response.answers = answers)]
    });
    for form in ["--color=always", "--plain", "--json"] {
        let server = address.to_string();
        for bytes in [None, Some("--bytes")] {
            let args = ["resolve", "--type", "TXT", "--server", &server, form, "evil.test"];
            let ran = run::run(home.path(), args.into_iter().chain(bytes)).exits(0);
            assert_eq!(harm(&ran.out, false), None, "{form}");
            assert_eq!(harm(&ran.err, false), None, "{form}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_typed_comes_back_escaped() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let home = run::home();
    for payload in OWN.iter().copied().filter(|payload| !payload.starts_with(b"-")) {
        let payload = OsStr::from_bytes(payload);
        for verb in ["resolve", "raw-get", "connect", "explain", "learn", "nonsense", "lessons", "--color"] {
            for form in ["--color=always", "--plain", "--json"] {
                let ran = run::run(home.path(), [OsStr::new(form), OsStr::new(verb), payload]);
                assert!(matches!(ran.code, Some(1 | 2 | 4)), "{verb} {payload:?}: {ran:?}");
                assert_eq!(harm(&ran.out, true), None, "{verb} {payload:?}");
                assert_eq!(harm(&ran.err, true), None, "{verb} {payload:?}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_name_comes_back_escaped() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let home = run::home();
    let address = peer::says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    let name = OsStr::from_bytes(b"a\x1b]0;t\x07\x9b2J\xe2\x80\xaeb");
    let file = home.path().join(name);
    for form in ["--color=always", "--plain", "--json"] {
        let url = format!("http://{address}/");
        let args = [
            OsStr::new(form),
            OsStr::new("raw-get"),
            OsStr::new(&url),
            OsStr::new("--save"),
            file.as_os_str(),
        ];
        let ran = run::run(home.path(), args).exits(0);
        assert_eq!(harm(&ran.out, false), None);
        assert_eq!(harm(&ran.err, false), None);
        assert_eq!(std::fs::read(&file).unwrap(), b"hi");
    }
}

#[test]
fn a_request_in_the_log_of_serve_comes_back_escaped() {
    let home = run::home();
    for form in ["--color=always", "--plain", "--json"] {
        let server = run::Running::start(home.path(), ["serve", "--port", "0", form]);
        let first = server.line();
        let address = address(&first);
        let mut log = String::new();
        for payload in OWN {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream
                .write_all(&[b"GET /", *payload, b" HTTP/1.1\r\nHost: localhost\r\n\r\n"].concat())
                .unwrap();
            let _ = writeln!(log, "{}", server.line_with("GET"));
        }
        assert_eq!(harm(log.as_bytes(), false), None, "{form}");
    }
}

/// The address in the first line of a server.
fn address(line: &str) -> SocketAddr {
    let from = line.find("127.0.0.1:").unwrap();
    let text = line[from..].split(|char: char| !(char.is_ascii_digit() || char == '.' || char == ':')).next();
    text.unwrap().parse().unwrap()
}
