//! `netlab raw-get`: a GET written by hand over a raw socket, and the journey it makes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::json;
use tokio::sync::watch;
use url::Url;

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
use crate::proto::http::build::{self, RequestText};
use crate::render::journey::Journey;
use crate::render::look::{Form, Loudness};
use crate::render::{flows, json};

/// The verb's name in evidence.
const BY: &str = "raw-get";
/// What is fetched when nothing is named.
const USUAL: &str = "http://localhost:7777/";

/// The room a read has unless --read says otherwise.
const USUAL_ROOM: u32 = 16_384;

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
    context.note_proxies();
    let mut door = None;
    let mut own_server = None;
    let route = route(context, &recorder, &mut door, &target.host, target.port).await?;
    journey.routed(&route);
    let port = target.port;
    let mut connected = dial_any(&recorder, BY, &route.addresses).await;
    if let (Err(Some((_, trouble))), true) = (&connected, args.url.is_none())
        && trouble.kind == TroubleKind::Refused
    {
        let (server, address) = HelloHere::start(context)?;
        own_server = Some(server);
        journey.note(&format!(
            "nothing listens on port {port}, so netlab starts its hello server on {address} for this one exchange; run netlab serve in another terminal to keep one"
        ));
        connected = dial_any(&recorder, BY, &[address]).await;
        target.port = address.port();
    }
    let request = target.request()?;
    let mut stream = connected.map_err(unconnected)?;
    if args.room < USUAL_ROOM {
        journey.note(&format!(
            "each read has room for {} and can return no more: the sizes of the reads below are ours as much as the network's",
            args.room
        ));
    }
    let room = usize::try_from(args.room).unwrap_or(1);
    let result = Exchange::new(room, args.save.as_deref(), &journey)?.run(&mut stream, &request).await;
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
