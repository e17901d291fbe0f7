//! Answers that come piece by piece, without a socket; and what a window shows of requests, however they come.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use netlab::lab::entry::Entry;
use netlab::lab::hello::conversation::{Conversation, Next};
use netlab::lab::hello::head::Ends;
use netlab::lab::hello::page::Page;
use netlab::lab::hello::request::Request;
use netlab::lab::hello::site::{Answer, Ending, Live, Next as Piece, Site, Source};
use netlab::lab::hello::{Hello, Patience};
use netlab::lab::log::Requests;
use netlab::lab::window::{Exchange, Window};
use tokio::time::Instant;

/// Gives these pieces, then nothing.
struct Pieces(VecDeque<&'static [u8]>);

impl Source for Pieces {
    fn next(&mut self) -> Piece<'_> {
        Box::pin(async { self.0.pop_front().map(<[u8]>::to_vec) })
    }
}

/// `/live` comes in two pieces, ended as the query says; `/late` a second later; the rest is there.
struct Slow;

impl Site for Slow {
    fn answer(&self, request: &Request<'_>) -> Answer {
        let ending = match request.query {
            Some("length") => Ending::Length(10),
            Some("short") => Ending::Length(11),
            Some("close") => Ending::Close,
            _ => Ending::Chunked,
        };
        match request.path {
            "/live" => Answer::Live(Box::new(Live {
                status: 200,
                fields: vec![("X-Odd".into(), "one\r\nX-Forged: two".to_owned())],
                ending,
                source: Box::new(Pieces([&b"hello"[..], b"", b"world"].into())),
                endless: request.query == Some("endless"),
                breaks_off: request.query == Some("breaks"),
            })),
            "/late" => Answer::Late(Duration::from_secs(1), Arc::new(Page::text(200, "late"))),
            _ => Page::text(200, "here").into(),
        }
    }
}

/// A server of one conversation.
struct Server {
    hello: Hello,
    window: Arc<Window>,
    log: Arc<Mutex<Vec<Entry>>>,
    telling: std::thread::JoinHandle<()>,
}

fn server() -> Server {
    let (requests, reader) = Requests::told();
    let window = Arc::new(Window::new());
    let log = Arc::new(Mutex::new(Vec::new()));
    let told = log.clone();
    let telling = std::thread::spawn(move || reader.each(|entry| told.lock().unwrap().push(entry.clone())));
    let requests = requests.shown_in(window.clone());
    let hello = Hello { name: "hello", site: Arc::new(Slow), patience: Patience::PROGRAM, requests };
    Server { hello, window, log, telling }
}

impl Server {
    /// Everything that is answered to bytes that come in pieces of this size, and whether the connection stays open.
    fn said(&self, input: &[u8], size: usize) -> (String, bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let address = "127.0.0.1:7777".parse().unwrap();
            let ends = Ends { client: address, server: address, secured: false };
            let mut conversation = Conversation::new(&self.hello, ends, 1, Instant::now());
            let (mut waiting, mut output, mut open) = (Vec::new(), Vec::new(), true);
            let mut written = Vec::new();
            let mut pieces = input.chunks(size);
            loop {
                let (used, next) = conversation.take(&waiting, &mut output, Instant::now());
                waiting.drain(..used);
                match next {
                    Next::Read => {
                        let Some(piece) = pieces.next() else {
                            conversation.ended(&waiting, &mut output, Instant::now());
                            break;
                        };
                        waiting.extend_from_slice(piece);
                        conversation.heard(Instant::now());
                    }
                    Next::Close => {
                        open = false;
                        break;
                    }
                    Next::Pour => conversation.pour(&mut output).await,
                    Next::Write => written.append(&mut output),
                    Next::Switch => panic!("nothing here changes the protocol"),
                    // The answer is there whenever it is asked for; the wait is the socket's.
                    Next::Pause(_) => {}
                }
            }
            written.append(&mut output);
            (String::from_utf8(written).unwrap(), open)
        })
    }

    /// The lines of the log: target, status and content of the answer.
    fn log(self) -> Vec<(String, u16, usize)> {
        drop(self.hello);
        self.telling.join().unwrap();
        let log = self.log.lock().unwrap();
        let line = |entry: &Entry| match entry {
            Entry::Answered(one) => {
                let line = String::from_utf8(one.headline.clone()).unwrap();
                (line.split(' ').nth(1).unwrap().to_owned(), one.outcome.code.unwrap(), one.answer)
            }
            other => panic!("{other:?}"),
        };
        log.iter().map(line).collect()
    }

    fn shown(&self) -> Vec<Exchange> {
        let after = |pane: &Arc<netlab::lab::window::Pane>| self.window.after(pane.id);
        std::iter::successors(self.window.after(0), after).map(|pane| pane.exchange.clone()).collect()
    }
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[test]
fn pieces_are_chunks_and_another_request_may_follow() {
    let server = server();
    let (answer, open) = server.said((get("/live") + &get("/")).as_bytes(), usize::MAX);
    let (head, rest) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("\r\nTransfer-Encoding: chunked"), "{head}");
    assert!(head.contains("\r\nX-Odd: oneX-Forged: two"), "a value stays in its line: {head}");
    assert!(!head.contains("Connection:") && !head.contains("Content-Length"), "{head}");
    assert!(rest.starts_with("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\nHTTP/1.1 200 OK"), "{rest}");
    assert!(open);
    assert_eq!(server.log(), [("/live".to_owned(), 200, 10), ("/".to_owned(), 200, 4)]);
}

#[test]
fn the_end_is_told_as_the_answer_and_the_client_want_it() {
    let old = "GET /live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    for (request, framing, content, stays) in [
        (get("/live?length"), "Content-Length: 10", "helloworld", true),
        (get("/live?short"), "Content-Length: 11", "helloworld", false),
        (get("/live?close"), "Connection: close", "helloworld", false),
        (old.to_owned(), "Connection: close", "helloworld", false),
        (get("/live?breaks"), "Transfer-Encoding: chunked", "5\r\nhello\r\n5\r\nworld\r\n", false),
        (get("/live?endless"), "Connection: close", "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", false),
        (get("/live").replace("GET", "HEAD"), "Transfer-Encoding: chunked", "", true),
    ] {
        let server = server();
        let (answer, open) = server.said(request.as_bytes(), usize::MAX);
        let (head, rest) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("\r\n{framing}")), "{request}: {head}");
        assert_eq!((rest, open), (content, stays), "{request}");
        assert_eq!(server.log().len(), 1, "{request}: it is logged once");
    }
}

#[test]
fn an_answer_that_breaks_off_is_logged_with_what_was_sent_of_it() {
    let server = server();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let address = "127.0.0.1:7777".parse().unwrap();
        let ends = Ends { client: address, server: address, secured: false };
        let mut conversation = Conversation::new(&server.hello, ends, 1, Instant::now());
        let mut output = Vec::new();
        let (_, next) = conversation.take(get("/live").as_bytes(), &mut output, Instant::now());
        assert_eq!(next, Next::Pour);
        conversation.pour(&mut output).await;
        conversation.broken(Instant::now());
        assert!(!conversation.is_pouring());
        assert_eq!(conversation.take(b"", &mut output, Instant::now()).1, Next::Close);
    });
    assert_eq!(server.log(), [("/live".to_owned(), 200, 5)]);
}

#[test]
fn however_the_bytes_come_the_window_shows_all_of_them() {
    let requests = [
        get("/"),
        get("/late"),
        get("/live"),
        get("/live?endless").replace("GET", "HEAD"),
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello".to_owned(),
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            .to_owned(),
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhel".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: loc".to_owned(),
    ];
    for request in &requests {
        for size in 1..=request.len() {
            let server = server();
            let (answer, _) = server.said(request.as_bytes(), size);
            let shown = server.shown();
            assert_eq!(shown.len(), 1, "{request:?} in pieces of {size}");
            let (client, from_server) = (&shown[0].from_client, &shown[0].from_server);
            let begin = String::from_utf8_lossy(&client.bytes);
            // What broke a rule is refused as soon as that is certain.
            assert!(!begin.is_empty() && request.starts_with(&*begin), "{request:?} by {size}: {begin:?}");
            let whole = shown[0].told.remark.is_none();
            assert!(!whole || *begin == **request, "{request:?} in pieces of {size}: {begin:?}");
            assert_eq!(
                String::from_utf8_lossy(&from_server.bytes),
                answer,
                "{request:?} in pieces of {size}"
            );
            assert_eq!(client.total, client.bytes.len() as u64);
        }
    }
}

#[test]
fn of_several_requests_that_come_together_each_is_shown_with_its_own_bytes() {
    let server = server();
    let all = get("/a") + &get("/live") + &get("/b");
    let (answer, _) = server.said(all.as_bytes(), usize::MAX);
    let shown = server.shown();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let asked: String = shown.iter().map(|one| text(&one.from_client.bytes)).collect();
    let answered: String = shown.iter().map(|one| text(&one.from_server.bytes)).collect();
    assert_eq!((shown.len(), asked, answered), (3, all, answer));
    assert_eq!(shown.iter().map(|one| one.told.number).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_flood_is_shown_as_far_as_it_is_told_and_the_rest_is_counted() {
    let server = server();
    server.said(get("/").repeat(500).as_bytes(), usize::MAX);
    let left_out = server.hello.requests.left_out().many();
    let put = *server.window.news().borrow();
    // More than a second may have passed on the way.
    assert!(put >= 100 && left_out > 0, "{put} {left_out}");
    assert_eq!(put + left_out, 500);
}
