//! `netlab raw-get`: a GET written by hand over a raw socket, and the journey it makes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

pub mod wanted;

use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::connect::target::target as place;
use super::context::Context;
use super::door::Door;
use super::exchange::Exchange;
use super::refused::unconnected;
use super::route::route;
use crate::cli::RawGet;
use crate::error::{Exit, Failure};
use crate::evidence::{Trouble, TroubleKind};
use crate::lab::hello::greeter::{Elsewhere, GREETING, Greeter};
use crate::lab::hello::{Hello, Patience};
use crate::lab::log::{Requests, silent};
use crate::lab::serve;
use crate::net::dial::dial_any;
use crate::proto::http::build;
use crate::render::journey::Journey;
use crate::render::look::{Form, Loudness};
use crate::render::{flows, json};
use wanted::{Given, Wanted};

/// The verb's name in evidence.
const BY: &str = "raw-get";
/// What is fetched when nothing is named.
const USUAL: &str = "http://localhost:7777/";

/// The room a read has unless --read says otherwise.
const USUAL_ROOM: u32 = 16_384;

/// The most content that is taken when it goes into no file.
const MOST_CONTENT: u64 = 10 * 1024 * 1024;

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
    let elsewhere = args.connect_to.as_deref().map(place).transpose()?;
    let given = given(&args).await?;
    // What cannot be written is refused before anybody is called.
    let mut wanted = Wanted::of(&args, &given, &target.host(), &target.path_and_query)?;
    let journey = Arc::new(Journey::new(context.screen.clone(), BY));
    let recorder = context.recorder(Some(journey.clone())).clone();
    context.note_proxies();
    let mut door = None;
    let mut own_server = None;
    let deadline = Instant::now() + args.max_time;
    let (host, port) = elsewhere.unwrap_or_else(|| (target.host.clone(), target.port));
    let route = route(context, &recorder, &mut door, &host, port).await?;
    journey.routed(&route);
    if args.connect_to.is_some() {
        let there = target.host();
        journey.note(&format!("netlab connects there as you asked; the request is for {there}"));
    }
    let mut connected = timeout_at(deadline, dial_any(&recorder, BY, &route.addresses))
        .await
        .map_err(|_| too_long(args.max_time))?;
    let bare = args.url.is_none() && args.connect_to.is_none();
    if let (Err(Some((_, trouble))), true) = (&connected, bare)
        && trouble.kind == TroubleKind::Refused
    {
        let (server, address) = HelloHere::start(context)?;
        own_server = Some(server);
        journey.note(&format!(
            "nothing listens on port {port}, so netlab starts its hello server on {address} for this one exchange; run netlab serve in another terminal to keep one"
        ));
        connected = dial_any(&recorder, BY, &[address]).await;
        target.port = address.port();
        wanted = Wanted::of(&args, &given, &target.host(), &target.path_and_query)?;
    }
    let mut stream = connected.map_err(unconnected)?;
    if args.room < USUAL_ROOM {
        journey.note(&format!(
            "each read has room for {} and can return no more: the sizes of the reads below are ours as much as the network's",
            args.room
        ));
    }
    let room = usize::try_from(args.room).unwrap_or(1);
    let most = args.max_bytes.unwrap_or(if args.save.is_some() { u64::MAX } else { MOST_CONTENT });
    let exchange = Exchange::new(room, most, args.save.as_deref(), &journey)?;
    let result = timeout_at(deadline, exchange.run(&mut stream, &wanted)).await.unwrap_or_else(|_| {
        stream.recording().failed(Trouble::from(TroubleKind::TimedOut));
        Err(too_long(args.max_time))
    });
    let flow = stream.recording().flow();
    drop(stream);
    let saved = args.save.as_ref().map(|path| path.display().to_string());
    journey.finish(&flow, saved.as_deref());
    if context.screen.look.form == Form::Json {
        let flows: Vec<_> = context.flows().iter().map(json::flow).collect();
        let failure = result.as_ref().err().map(json::failure);
        let url = format!("http://{}{}", target.host(), target.path_and_query);
        json::document(
            &context.screen,
            BY,
            json!({ "url": url, "saved": saved, "times": journey.phases().json(), "flows": flows, "failure": failure }),
        );
    }
    if context.screen.look.loudness == Loudness::Verbose && context.screen.look.form != Form::Json {
        // The request and its response have been shown; how the name was found has not.
        let lookups: Vec<_> = context.flows().into_iter().filter(|flow| flow.by == "resolve").collect();
        flows::show(&context.screen, &lookups);
    }
    if let Some(server) = own_server {
        server.stop().await;
    }
    if let Some(door) = door {
        context.screen.note(door.says());
        Door::close(door).await;
    }
    result.map(|()| Exit::Done)
}

/// The bytes that go along with the arguments. Reading them may wait for whoever types them.
async fn given(args: &RawGet) -> Result<Given, Failure> {
    let (raw, data) = (args.raw_request.clone(), args.data.clone());
    let read = tokio::task::spawn_blocking(move || Given::read(raw.as_deref(), data.as_deref()));
    read.await
        .map_err(|error| Failure::machine("what was to be sent could not be read", error.to_string()))?
}

fn too_long(limit: Duration) -> Failure {
    Failure::network(
        format!("it took longer than {} s", limit.as_secs_f64()),
        "the exchange was not complete by then, and netlab gave up",
    )
    .or_try("--max-time 2m to wait longer")
}

impl Target {
    /// The value of the Host field.
    fn host(&self) -> String {
        build::host(&self.host, self.port)
    }

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
        let site = Arc::new(Greeter::new(GREETING, Elsewhere::Default));
        let (patience, requests) = (Patience::PROGRAM, Requests::silent());
        let hello = Arc::new(Hello { name: "serve", site, patience, requests });
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
