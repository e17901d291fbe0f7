//! The way to a page: one exchange, and where it is wished for one more for each redirect.

use std::io::IsTerminal;
use std::sync::Arc;

use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::exchange::Exchange;
use super::outlet::Wishes;
use super::own_hello::OwnHello;
use super::target::{Target, quoted};
use super::wanted::Ask;
use super::{BY, too_long};
use crate::cli::RawGet;
use crate::commands::connect::raw_output;
use crate::commands::connect::target::target as place;
use crate::commands::context::Context;
use crate::commands::door::Door;
use crate::commands::refused::unconnected;
use crate::commands::route::route;
use crate::commands::secure::Secrecy;
use crate::error::Failure;
use crate::evidence::{Flow, Recorder, Side, Trouble, TroubleKind};
use crate::meaning;
use crate::net::dial::dial_any;
use crate::net::link::Link;
use crate::proto::http::message::{Message, messages};
use crate::proto::http::redirect::Redirect;
use crate::render::json;
use crate::render::teller::compare::{self, Exchanged};
use crate::render::teller::content::Content;
use crate::render::teller::journey::Journey;
use crate::render::teller::phases::Phases;
use crate::render::teller::redirect::{self as shown, Pointer};
use crate::render::text::look::{Form, Loudness};
use crate::render::tree::flows;
use crate::terminal::pipe::output;

/// Less room than this is worth a word.
const USUAL_ROOM: u32 = 16_384;

/// The most content that is taken for a terminal or a document.
const MOST_CONTENT: u64 = 10 * 1024 * 1024;

/// The most redirects that are followed one after the other. RFC 9110 §15.4 asks for a limit; early browsers had 5,
/// today's have 20.
pub const REDIRECTS_LIMIT: usize = 10;

/// One page that was asked for.
struct Hop {
    target: Target,
    method: String,
    /// Those of its answers that point elsewhere.
    pointers: Vec<Pointer>,
    followed: bool,
    /// The answer came with a cookie.
    sets_cookie: bool,
    contents: Vec<Content>,
    phases: Phases,
    /// What was said, where it is looked at once more.
    flow: Option<Flow>,
}

/// All it takes to get somewhere, and what was met on the way.
pub struct Trip<'a> {
    args: &'a RawGet,
    context: &'a Context,
    journey: Arc<Journey>,
    recorder: Recorder,
    deadline: Instant,
    first: Target,
    elsewhere: Option<(String, u16)>,
    on_terminal: bool,
    door: Option<Door>,
    own_server: Option<OwnHello>,
    hops: Vec<Hop>,
}

impl<'a> Trip<'a> {
    /// Gets ready to set out; nobody has been called.
    ///
    /// # Errors
    /// When the place to connect to makes no sense.
    pub fn new(args: &'a RawGet, context: &'a Context, first: Target) -> Result<Self, Failure> {
        let elsewhere = args.connect_to.as_deref().map(place).transpose()?;
        if args.raw {
            // Refused before anybody is called.
            raw_output()?;
        }
        let on_terminal = std::io::stdout().is_terminal();
        let journey = Arc::new(
            Journey::new(context.screen.clone(), BY)
                .on_terminal(on_terminal)
                .mute(args.raw || args.compare.is_some()),
        );
        let recorder = context.recorder(Some(journey.clone())).clone();
        context.note_proxies();
        let deadline = Instant::now() + args.max_time;
        Ok(Self {
            args,
            context,
            journey,
            recorder,
            deadline,
            first,
            elsewhere,
            on_terminal,
            door: None,
            own_server: None,
            hops: Vec::new(),
        })
    }

    /// Goes there, and on where it is wished.
    ///
    /// # Errors
    /// Whatever kept the page from arriving whole.
    pub async fn go(&mut self, mut ask: Ask) -> Result<(), Failure> {
        let mut target = self.first.clone();
        loop {
            let redirect = self.visit(&ask, target).await?;
            let Some(redirect) = redirect.filter(|_| self.args.follow) else { return Ok(()) };
            let to = redirect.to.as_ref().map_err(|lost| {
                let why = shown::why_lost(&redirect, *lost, self.context.screen.look.ascii());
                Failure::network("the redirect cannot be followed", why)
                    .or_try("look at the answer itself: leave -L out")
            })?;
            let next = self.next(to, &redirect.method)?;
            let Some(here) = self.hops.last_mut() else { return Ok(()) };
            here.followed = true;
            let leaves = next.origin() != here.target.origin();
            let (asked_next, left) = ask.redirected(&redirect, leaves);
            self.journey.follows(self.hops.len(), REDIRECTS_LIMIT, &redirect);
            if !left.is_empty() {
                self.journey.note(&shown::left_behind(&left, leaves, self.context.screen.look.ascii()));
            }
            (ask, target) = (asked_next, next);
        }
    }

    /// Asks two for the same: what the command line says, of the first page and of this one.
    ///
    /// # Errors
    /// Whatever kept one of them from arriving whole.
    pub async fn compare(&mut self, ask: &Ask, second: Target) -> Result<(), Failure> {
        // Each has the whole time for itself, or the second would be cut short for the first.
        let first = self.visit(ask, self.first.clone()).await;
        self.deadline = Instant::now() + self.args.max_time;
        let second = self.visit(ask, second).await;
        first.and(second).map(|_| ())
    }

    /// The two that were compared.
    fn compared(&self) -> Option<[Exchanged<'_>; 2]> {
        let [first, second] = self.hops.as_slice() else { return None };
        Some([exchanged(first)?, exchanged(second)?])
    }

    /// Where a redirect is followed to.
    fn next(&self, to: &url::Url, method: &str) -> Result<Target, Failure> {
        let here = self.hops.last().map_or(&self.first, |hop| &hop.target);
        let next = here.redirected(to)?;
        let page = next.page();
        if self.hops.iter().any(|hop| hop.target.page() == page && hop.method == method) {
            let why = if self.hops.iter().any(|hop| hop.sets_cookie) {
                "; it may wait for the cookie it has set, and netlab keeps none: -H 'Cookie: name=value' sends one"
            } else {
                ", and the server would say the same again"
            };
            return Err(Failure::network(
                "the redirects go round in a circle",
                format!("they lead back to {page}, which was fetched already{why}"),
            )
            .or_try("look at each of them by itself: leave -L out"));
        }
        if self.hops.len() > REDIRECTS_LIMIT {
            return Err(Failure::network(
                format!("netlab followed {REDIRECTS_LIMIT} redirects and stopped"),
                format!("the next one leads to {page}; a way that long is most often one without an end"),
            )
            .or_try(format!("go on from there: netlab raw-get -L {}", quoted(&page))));
        }
        Ok(next)
    }

    /// One exchange, shown; and where it points.
    async fn visit(&mut self, ask: &Ask, mut target: Target) -> Result<Option<Redirect>, Failure> {
        self.journey.sets_out();
        let mut link = self.connect(&mut target).await?;
        let wanted = ask.requests(&target)?;
        let mut exchange = Exchange::new(self.wishes(), &self.journey)?;
        let run = timeout_at(self.deadline, exchange.run(&mut link, &wanted)).await;
        let result = run.unwrap_or_else(|_| {
            link.recording().failed(Trouble::from(TroubleKind::TimedOut));
            Err(too_long(self.args.max_time, &exchange.so_far()))
        });
        exchange.part(&mut link).await;
        let contents = exchange.over();
        let flow = link.recording().flow();
        drop(link);
        let (pointers, sets_cookie) = pointers(&flow, ask.method(), &target, wanted.answers);
        let redirect = pointers.last().map(|pointer| pointer.redirect.clone());
        let passes_by = self.args.follow && redirect.as_ref().is_some_and(|redirect| redirect.to.is_ok());
        // Who wants the content alone wants that of the page in the end.
        if !(passes_by && self.context.screen.look.loudness == Loudness::Quiet) {
            self.journey.finish(&flow, self.saved().as_deref());
        }
        for (at, pointer) in pointers.iter().enumerate() {
            match pointers[..at].iter().find(|earlier| earlier.says_what(pointer)) {
                Some(earlier) => self.journey.redirect_again(pointer.number, earlier.number),
                None => self.journey.redirect(pointer, wanted.answers > 1, self.args.follow),
            }
        }
        let method = ask.method().to_owned();
        let (phases, flow) = (self.journey.phases(), self.args.compare.is_some().then_some(flow));
        self.hops.push(Hop {
            target,
            method,
            pointers,
            followed: false,
            sets_cookie,
            contents,
            phases,
            flow,
        });
        result.map(|()| redirect)
    }

    /// What is to become of the content.
    fn wishes(&self) -> Wishes<'a> {
        let args = self.args;
        let look = self.context.screen.look;
        let goes_somewhere = args.save.is_some() || args.raw;
        // A person reads so much at most, and a document holds no content at all.
        let has_end = (self.on_terminal || look.form == Form::Json) && !goes_somewhere;
        Wishes {
            room: args.room.map(|room| usize::try_from(room).unwrap_or(1)),
            most: args.max_bytes.or(has_end.then_some(MOST_CONTENT)),
            save: args.save.as_deref(),
            pipe: args.raw.then(output).flatten(),
            unpacks: args.compressed,
            hides_redirects: args.follow && (look.loudness == Loudness::Quiet || goes_somewhere),
            digests: args.compare.is_some(),
        }
    }

    /// A connection to the server of `target`, or to the place that was named instead.
    async fn connect(&mut self, target: &mut Target) -> Result<Link, Failure> {
        let (context, args) = (self.context, self.args);
        // Another place was named for the URL that was typed, and not for wherever it leads.
        let elsewhere = self.elsewhere.clone().filter(|_| target.origin() == self.first.origin());
        let instead = elsewhere.is_some();
        let (host, port) = elsewhere.unwrap_or_else(|| (target.place(), target.port()));
        let route = route(context, &self.recorder, &mut self.door, &host, port).await?;
        self.journey.routed(&route);
        if instead {
            let there = target.host();
            self.journey.note(&format!("netlab connects there as you asked; the request is for {there}"));
        }
        // Who is not to be believed is not called.
        let secrecy =
            || Secrecy::of(&args.beliefs, context, self.door.as_ref(), &route.addresses, &["http/1.1"]);
        let secrecy = target.is_secured().then(secrecy).transpose()?;
        let mut connected = timeout_at(self.deadline, dial_any(&self.recorder, BY, &route.addresses))
            .await
            .map_err(|_| too_long(args.max_time, "there is no connection yet"))?;
        let bare = args.url.is_none() && !instead && self.hops.is_empty();
        if let (Err(Some((_, trouble))), true) = (&connected, bare)
            && trouble.kind == TroubleKind::Refused
        {
            let (server, address) = OwnHello::start(context)?;
            self.own_server = Some(server);
            self.journey.note(&format!(
                "nothing listens on port {port}, so netlab starts its hello server on {address} for this one exchange; run netlab serve in another terminal to keep one"
            ));
            connected = dial_any(&self.recorder, BY, &[address]).await;
            *target = target.clone().at_port(address.port());
        }
        let stream = connected.map_err(unconnected)?;
        if let Some(room) = args.room.filter(|&room| room < USUAL_ROOM) {
            self.journey.note(&format!(
                "each read has room for {room} and can return no more: the sizes of the reads below are ours as much as the network's"
            ));
        }
        let Some(secrecy) = secrecy else { return Ok(stream.into()) };
        timeout_at(self.deadline, secrecy.begin(stream.into(), target.name()))
            .await
            .map_err(|_| too_long(args.max_time, "the handshake of TLS is not done yet"))?
    }

    fn saved(&self) -> Option<String> {
        self.args.save.as_ref().map(|path| path.display().to_string())
    }

    /// What is shown when all is over: the document for programs, or how names were found.
    pub fn show(&self, failure: Option<&Failure>) {
        let look = self.context.screen.look;
        // Where nobody was reached, the failure alone is the document.
        let Some(last) = self.hops.last() else { return };
        let compared = self.compared();
        // What is compared to something is the first of two.
        let last = if compared.is_some() { &self.hops[0] } else { last };
        if look.form == Form::Json {
            let flows: Vec<_> = self.context.flows().iter().map(json::flow).collect();
            let redirects: Vec<_> = self
                .hops
                .iter()
                .flat_map(|hop| hop.pointers.iter().map(|pointer| shown::json(pointer, hop.followed)))
                .collect();
            json::document(
                &self.context.screen,
                BY,
                json!({
                    "url": last.target.page(),
                    "redirects": redirects,
                    "saved": self.saved(),
                    "contents": last.contents.iter().map(Content::json).collect::<Vec<_>>(),
                    "times": last.phases.json(),
                    "comparison": compared.map(|[first, second]| compare::json(&first, &second)),
                    "flows": flows,
                    "failure": failure.map(json::failure),
                }),
            );
        } else if let Some([first, second]) = compared {
            compare::show(&self.context.screen, &first, &second);
            if look.wants_fields() {
                flows::show(&self.context.screen, &self.context.flows());
            }
        } else if look.loudness == Loudness::Verbose {
            // The request and its response have been shown; how the name was found has not.
            let lookups: Vec<_> =
                self.context.flows().into_iter().filter(|flow| flow.by == "resolve").collect();
            flows::show(&self.context.screen, &lookups);
        }
    }

    /// Closes what was opened for this trip alone.
    pub async fn close(self) {
        if let Some(server) = self.own_server {
            server.stop().await;
        }
        if let Some(door) = self.door {
            self.context.screen.note(door.says());
            Door::close(door).await;
        }
    }
}

/// What is compared of a page.
fn exchanged(hop: &Hop) -> Option<Exchanged<'_>> {
    Some(Exchanged {
        url: hop.target.url().as_str(),
        flow: hop.flow.as_ref()?,
        phases: hop.phases,
        content: hop.contents.last(),
    })
}

/// Which of the answers that were waited for point elsewhere, and whether the last came with a cookie.
fn pointers(flow: &Flow, method: &str, target: &Target, many: usize) -> (Vec<Pointer>, bool) {
    let readings = meaning::readings(flow);
    let side = |side| readings.iter().find(|reading| reading.side == side).map(|reading| &reading.fields);
    let requests = side(Side::Client).map(messages).unwrap_or_default();
    let mut answers = side(Side::Server).map(messages).unwrap_or_default();
    answers.retain(|answer| answer.status().is_some_and(|status| status >= 200));
    answers.truncate(many);
    let pointer = |(at, answer): (usize, &Message<'_, '_>)| {
        // Bytes that were typed may ask for something else than the URL that was.
        let request = requests.get(at);
        let method = request.and_then(Message::method).map_or(method.into(), String::from_utf8_lossy);
        let from =
            request.and_then(Message::target).map_or_else(|| target.url().clone(), |asked| target.at(asked));
        let redirect = Redirect::of(answer, &method, &from)?;
        Some(Pointer { redirect, method: method.into_owned(), from, number: at + 1 })
    };
    let sets_cookie = answers.last().is_some_and(|answer| answer.field("set-cookie").is_some());
    (answers.iter().enumerate().filter_map(pointer).collect(), sets_cookie)
}
