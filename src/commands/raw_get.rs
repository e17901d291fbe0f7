//! `netlab raw-get`: a GET written by hand over a raw socket, and the journey it makes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use url::Url;

use super::context::Context;
use super::door::Door;
use super::route::route;
use crate::cli::RawGet;
use crate::error::{Exit, Failure};
use crate::evidence::{Recorder, Trouble, TroubleKind};
use crate::lab::hello::answer::{Elsewhere, GREETING, Site};
use crate::lab::hello::{Hello, Patience};
use crate::lab::log::silent;
use crate::lab::serve;
use crate::net::dial::dial;
use crate::net::tap::Tap;
use crate::proto::http::HTTP;
use crate::proto::http::build::{self, RequestText};
use crate::proto::http::decode::{BodyDecoder, State, head_end_from};
use crate::proto::http::message::messages;
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::render::journey::Journey;
use crate::render::json;
use crate::render::look::Form;

/// The verb's name in evidence.
const BY: &str = "raw-get";
/// What is fetched when nothing is named.
const USUAL: &str = "http://localhost:7777/";
/// How long to wait for the next bytes of a response.
const IDLE: Duration = Duration::from_secs(30);
/// How long to wait for a server to close after a complete response.
const GOODBYE: Duration = Duration::from_secs(1);
/// The most bytes of head that are read; servers send a few hundred.
const HEAD_LIMIT: usize = 256 * 1024;

/// Where to go and what to say there.
struct Target {
    host: String,
    port: u16,
    path_and_query: String,
}

/// Fetches one page.
///
/// # Errors
/// Whatever kept the page from arriving whole.
pub async fn run(args: RawGet, context: &Context) -> Result<Exit, Failure> {
    let mut target = Target::of(args.url.as_deref().unwrap_or(USUAL))?;
    let journey = Arc::new(Journey::new(context.screen.clone(), BY));
    let recorder = context.recorder(Some(journey.clone())).clone();
    let mut door = None;
    let mut own_server = None;
    let route = route(context, &recorder, &mut door, &target.host, target.port).await?;
    journey.routed(&route);
    let port = target.port;
    let mut connected = connect(&recorder, &route.addresses).await;
    if let (Err(failure), true) = (&connected, args.url.is_none())
        && failure.1 == TroubleKind::Refused
    {
        let (server, address) = HelloHere::start(context)?;
        own_server = Some(server);
        journey.note(&format!(
            "nothing listens on port {port}, so netlab starts its hello server on {address} for this one exchange; run netlab serve in another terminal to keep one"
        ));
        connected = connect(&recorder, &[address]).await;
        target.port = address.port();
    }
    let request = target.request()?;
    let mut stream = connected.map_err(|(failure, _)| failure)?;
    let result = Exchange::new(&args, &journey)?.run(&mut stream, &request).await;
    let flow = stream.recording().flow();
    drop(stream);
    let saved = args.save.as_ref().map(|path| path.display().to_string());
    journey.finish(&flow, saved.as_deref());
    if context.screen.look.form == Form::Json {
        let flows: Vec<_> = context.flows().iter().map(json::flow).collect();
        let failure = result.as_ref().err().map(json::failure);
        let url = format!("http://{}{}", build::host(&target.host, target.port), target.path_and_query);
        json::document(
            &context.screen,
            BY,
            json!({ "url": url, "saved": saved, "flows": flows, "failure": failure }),
        );
    }
    if let Some(server) = own_server {
        server.stop().await;
    }
    if let Some(door) = door {
        context.screen.status(door.says());
        Door::close(door).await;
    }
    result.map(|()| Exit::Done)
}

impl Target {
    /// Reads a URL; a host alone is enough.
    fn of(typed: &str) -> Result<Self, Failure> {
        let whole = if typed.contains("://") { typed.to_owned() } else { format!("http://{typed}") };
        let bad = |why: String| {
            Failure::usage(format!("{typed} is not a URL netlab can fetch"), why)
                .or_try("netlab raw-get http://hello.test/seed-a-plant")
        };
        let url = Url::parse(&whole).map_err(|error| bad(error.to_string()))?;
        match url.scheme() {
            "http" => {}
            "https" => {
                return Err(Failure::usage(
                    "https is HTTP inside TLS, and netlab does not speak TLS yet",
                    "what a server says on its TLS port is encrypted, so a request written by hand would only get an error back",
                )
                .or_try(format!("the same page in the clear, if the server offers it: netlab raw-get {}", whole.replacen("https", "http", 1))));
            }
            other => return Err(bad(format!("its scheme is {other}, and this verb speaks http"))),
        }
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| bad("it names no host".to_owned()))?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(80),
            path_and_query: format!("{}{query}", url.path()),
        })
    }

    /// The request, byte for byte.
    fn request(&self) -> Result<Vec<u8>, Failure> {
        let agent = concat!("netlab/", env!("CARGO_PKG_VERSION"));
        let fields = [("User-Agent", agent), ("Accept", "*/*"), ("Connection", "close")];
        let host = build::host(&self.host, self.port);
        let mut request = RequestText::get(&self.path_and_query);
        request.host = Some(&host);
        request.fields = &fields;
        request
            .bytes()
            .map_err(|refused| Failure::usage("that request cannot be written", refused.to_string()))
    }
}

/// Tries the addresses in order; the failure is the last one's, with its kind.
async fn connect(
    recorder: &Recorder,
    addresses: &[SocketAddr],
) -> Result<Tap<TcpStream>, (Failure, TroubleKind)> {
    let mut last =
        (Failure::network("there is no address to connect to", "the name has none"), TroubleKind::Other);
    for &address in addresses {
        match dial(recorder, BY, address).await {
            Ok(stream) => return Ok(stream),
            Err(trouble) => last = (Failure::connect(address, trouble), trouble.kind),
        }
    }
    Err(last)
}

/// The hello server of this process, for one exchange.
struct HelloHere {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl HelloHere {
    fn start(context: &Context) -> Result<(Self, SocketAddr), Failure> {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let listeners = serve::bind_all(&[host], 0)
            .map_err(|(address, error)| Failure::bind(address, Trouble::from(&error), None))?;
        let address = crate::lab::up::listening_on(&listeners)
            .pop()
            .ok_or_else(|| Failure::machine("no free port was found", "the system gave none"))?;
        let site = Site { greeting: GREETING.to_owned(), elsewhere: Elsewhere::Default };
        let hello = Arc::new(Hello { name: "serve", site, patience: Patience::PROGRAM });
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(serve::run(hello, listeners, context.server_recorder(), silent(), stopping));
        Ok((Self { stop, task }, address))
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        // A server that panicked has stopped too.
        let _ = self.task.await;
    }
}

/// Sending the request and reading the response to its end, in constant memory.
struct Exchange<'a> {
    journey: &'a Journey,
    buffer: Vec<u8>,
    head: Vec<u8>,
    decoder: Option<BodyDecoder>,
    closes: bool,
    content: u64,
    save: Option<(PathBuf, BufWriter<File>)>,
}

impl<'a> Exchange<'a> {
    fn new(args: &RawGet, journey: &'a Journey) -> Result<Self, Failure> {
        let save = match &args.save {
            Some(path) => {
                let file = File::create(path).map_err(|error| Failure::file(path, "writing", &error))?;
                Some((path.clone(), BufWriter::new(file)))
            }
            None => None,
        };
        let buffer = vec![0; usize::try_from(args.chunk).unwrap_or(1)];
        Ok(Self { journey, buffer, head: Vec::new(), decoder: None, closes: false, content: 0, save })
    }

    async fn run(mut self, stream: &mut Tap<TcpStream>, request: &[u8]) -> Result<(), Failure> {
        let server = stream.recording().flow().server;
        let broken = |error: std::io::Error| Failure::broken_off(server, Trouble::from(&error));
        stream.write_all(request).await.map_err(broken)?;
        loop {
            let len = if let Ok(read) = timeout(IDLE, stream.read(&mut self.buffer)).await {
                read.map_err(broken)?
            } else {
                let trouble = Trouble::from(TroubleKind::TimedOut);
                stream.recording().failed(trouble);
                return Err(Failure::network(
                    format!("{server} fell silent"),
                    format!(
                        "not a byte came for {} seconds and the response is not complete",
                        IDLE.as_secs()
                    ),
                ));
            };
            let bytes = self.buffer[..len].to_vec();
            match self.take(&bytes, len == 0, request)? {
                State::Done => break,
                State::Broken(why) => {
                    return Err(Failure::network("the response is broken", why));
                }
                State::More => {}
            }
        }
        if let Some((path, file)) = &mut self.save {
            file.flush().map_err(|error| Failure::file(path, "writing", &error))?;
        }
        self.part(stream).await;
        Ok(())
    }

    /// Leaves: a server that said it would close goes first, any other is told that we are done.
    async fn part(&mut self, stream: &mut Tap<TcpStream>) {
        if self.closes && matches!(timeout(GOODBYE, stream.read(&mut self.buffer)).await, Ok(Ok(0) | Err(_)))
        {
            return;
        }
        // The page is here; if the goodbye fails, the tap has written it down.
        let _ = stream.shutdown().await;
    }

    /// Takes what one read gave.
    fn take(&mut self, bytes: &[u8], closed: bool, request: &[u8]) -> Result<State, Failure> {
        if self.decoder.is_some() {
            let state = self.content(bytes)?;
            return Ok(match &self.decoder {
                Some(decoder) if closed && state == State::More => decoder.closed(),
                _ => state,
            });
        }
        self.head.extend_from_slice(bytes);
        if closed {
            return Ok(State::Broken(if self.head.is_empty() {
                "the server closed the connection without a word"
            } else {
                "the server closed before the blank line that ends a head"
            }));
        }
        if self.head.len() > HEAD_LIMIT {
            return Ok(State::Broken("the head does not end within 256 KiB"));
        }
        self.heads(request)
    }

    /// Looks for the end of the head; an interim response (1xx) is followed by another.
    fn heads(&mut self, request: &[u8]) -> Result<State, Failure> {
        while let Some(end) = head_end_from(&self.head, 0) {
            let stream = Stream {
                bytes: &self.head[..end],
                other: request,
                sender: Sender::Server,
                carriage: Carriage::Stream,
                ended: false,
            };
            let fields = (HTTP.dissect)(stream);
            let all = messages(&fields);
            let Some(message) = all.first() else { return Ok(State::Broken("there is no status line")) };
            let Some(status) = message.status() else {
                return Ok(State::Broken("the first line is no HTTP status line"));
            };
            if (100..200).contains(&status) && status != 101 {
                self.head.drain(..end);
                continue;
            }
            let close = message.field("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
            self.closes = close || message.version() == Some(b"HTTP/1.0");
            self.journey.expects(message.content_length());
            self.decoder = Some(BodyDecoder::new(message.framing()));
            let rest = self.head.split_off(end);
            return self.content(&rest);
        }
        Ok(State::More)
    }

    fn content(&mut self, bytes: &[u8]) -> Result<State, Failure> {
        let Some(decoder) = &mut self.decoder else { return Ok(State::More) };
        let mut at = 0;
        while at < bytes.len() && decoder.state() == State::More {
            let step = decoder.feed(&bytes[at..]);
            let content = &bytes[at..][step.content.clone()];
            self.content += content.len() as u64;
            if let Some((path, file)) = &mut self.save {
                file.write_all(content).map_err(|error| Failure::file(path, "writing", &error))?;
            }
            at += step.consumed;
        }
        self.journey.progressed(self.content);
        Ok(decoder.state())
    }
}
