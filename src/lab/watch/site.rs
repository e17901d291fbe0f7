//! A site with the page, and everything else as another site says it.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::feed::{Feed, Seat, Seen};
use super::gate::{self, Wanted};
use super::{EVENTS, PLACE, Shows, VIEWERS, is_below, moved};
use crate::evidence::FlowId;
use crate::lab::hello::page::Page;
use crate::lab::hello::request::Request;
use crate::lab::hello::site::{Answer, Ending, Live, Site};
use crate::lab::log::LeftOut;
use crate::lab::window::Window;

/// The methods of the page.
const METHODS: &str = "GET, HEAD, OPTIONS";

const FULL: &str = "8 pages watch this server already, which is the limit. Close one of them";

/// What every answer for the page says: whose it is, and what browsers may do with it.
const GUARDED: [(&str, &str); 4] = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
];

/// Why the page is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// Whoever started the server wants it so.
    Asked,
    /// Other machines can reach the server.
    Exposed,
}

impl Off {
    /// The sentence for whoever asks for it.
    fn why(self) -> &'static str {
        match self {
            Self::Asked => "/_watch is off, because this server was started with --no-watch",
            Self::Exposed => {
                "/_watch is off, because other machines can reach this server and would see every request. \
                 To show them all the same, start it with --watch"
            }
        }
    }
}

/// The site.
pub struct Watched {
    site: Arc<dyn Site>,
    watch: Result<Watch, Off>,
}

/// What the page needs.
struct Watch {
    seen: Arc<Seen>,
    page: Arc<Page>,
    viewers: Arc<AtomicUsize>,
}

impl Watched {
    /// With the page.
    #[must_use]
    pub fn on(site: Arc<dyn Site>, window: Arc<Window>, left_out: LeftOut, shows: Shows) -> Self {
        let fields = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", &*shows.policy),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ];
        let page = Arc::new(Page::or_error(200, &guarded(&fields), shows.page.as_bytes()));
        let run = FlowId::random().to_string();
        let seen = Arc::new(Seen { window, left_out, shows, run });
        let watch = Watch { seen, page, viewers: Arc::default() };
        Self { site, watch: Ok(watch) }
    }

    /// Without it, and it says why.
    #[must_use]
    pub fn off(site: Arc<dyn Site>, why: Off) -> Self {
        Self { site, watch: Err(why) }
    }

    /// Whether the page is there.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.watch.is_ok()
    }
}

impl Site for Watched {
    fn answer(&self, request: &Request<'_>) -> Answer {
        // The first two bytes tell nearly all other targets apart.
        if !is_below(request.path.as_bytes()) {
            return self.site.answer(request);
        }
        if let Some(below) = moved(request.path.as_bytes()) {
            return elsewhere(&String::from_utf8_lossy(below), request.query);
        }
        let watch = match &self.watch {
            Ok(watch) => watch,
            Err(off) => return sentence(404, off.why()),
        };
        match request.path.strip_prefix(PLACE) {
            Some("" | "/") => watch.open(request, Wanted::Page),
            _ if request.path == EVENTS => watch.open(request, Wanted::Events),
            _ => sentence(404, "nothing is here; the page is at /_watch"),
        }
    }

    fn has_host(&self, host: &str, server: SocketAddr) -> bool {
        self.site.has_host(host, server)
    }

    fn methods(&self) -> Cow<'_, str> {
        self.site.methods()
    }
}

impl Watch {
    fn open(&self, request: &Request<'_>, wanted: Wanted) -> Answer {
        match request.method {
            "GET" | "HEAD" => {}
            "OPTIONS" => return Page::options(METHODS).into(),
            method => return Page::not_allowed(method, METHODS).into(),
        }
        if let Err(refusal) = gate::pass(request, wanted) {
            return sentence(refusal.status, refusal.why);
        }
        if wanted == Wanted::Page {
            return Answer::Page(self.page.clone());
        }
        let Some(seat) = Seat::take(&self.viewers, VIEWERS) else { return sentence(503, FULL) };
        let fields = [("Content-Type", "text/event-stream; charset=utf-8")];
        Answer::Live(Box::new(Live {
            status: 200,
            fields: guarded(&fields)
                .into_iter()
                .map(|(name, value)| (name.into(), value.to_owned()))
                .collect(),
            ending: Ending::Chunked,
            source: Box::new(Feed::new(self.seen.clone(), seat, request.client, seen_so_far(request))),
            endless: true,
            breaks_off: false,
        }))
    }
}

/// The id of the last event that the page has had: a browser that lost its connection says so, and a page that
/// begins another by itself can only say it in the target.
fn seen_so_far<'a>(request: &Request<'a>) -> Option<&'a str> {
    let field = request.fields.only("last-event-id").and_then(|id| std::str::from_utf8(id).ok());
    field.or_else(|| request.query?.strip_prefix("after="))
}

fn guarded<'a>(fields: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    fields.iter().copied().chain(GUARDED).collect()
}

/// The redirect from the former address to the present one.
fn elsewhere(below: &str, query: Option<&str>) -> Answer {
    let mark = if query.is_some() { "?" } else { "" };
    let location = format!("{PLACE}{below}{mark}{}", query.unwrap_or_default());
    let fields = [("Content-Type", "text/plain; charset=utf-8"), ("Location", &*location)];
    Page::or_error(308, &guarded(&fields), b"the page is at /_watch now").into()
}

fn sentence(status: u16, text: &str) -> Answer {
    let fields = [("Content-Type", "text/plain; charset=utf-8")];
    Page::or_error(status, &guarded(&fields), text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Off, Watched};
    use crate::lab::hello::greeter::{Elsewhere, GREETING, Greeter};
    use crate::lab::hello::head::{Ends, Room, Search, judge};
    use crate::lab::hello::site::{Answer, Site};
    use crate::lab::log::Requests;
    use crate::lab::watch::{Shows, VIEWERS};
    use crate::lab::window::Window;

    fn greeter() -> Arc<Greeter> {
        Arc::new(Greeter::new(GREETING, Elsewhere::Default))
    }

    fn on() -> Watched {
        let shows = Shows {
            page: "the page".to_owned(),
            policy: "default-src 'none'".to_owned(),
            greeting: |run, _| run.to_owned(),
            exchange: |_| String::new(),
            left_out: |many| many.to_string(),
        };
        Watched::on(greeter(), Arc::new(Window::new()), Requests::silent().left_out(), shows)
    }

    fn ask(site: &Watched, method: &str, target: &str) -> Answer {
        let text = format!("{method} {target} HTTP/1.1\r\nHost: localhost:7777\r\n\r\n");
        let (mut search, mut room) = (Search::default(), Room::new());
        let address = "127.0.0.1:7777".parse().expect("an address");
        let ends = Ends { client: address, server: address, secured: false };
        let head = judge(text.as_bytes(), &mut search, &mut room, ends).expect("it is a request");
        site.answer(&head.expect("it is whole").request)
    }

    fn content(answer: &Answer) -> &[u8] {
        match answer {
            Answer::Page(page) => page.content(),
            _ => b"",
        }
    }

    #[test]
    fn where_it_is_off_it_says_why_and_nothing_else_changes() {
        for (off, word) in [(Off::Exposed, "start it with --watch"), (Off::Asked, "started with --no-watch")]
        {
            let site = Watched::off(greeter(), off);
            for target in ["/_watch", "/_watch/events"] {
                let answer = ask(&site, "GET", target);
                assert_eq!(answer.status(), 404);
                assert!(content(&answer).ends_with(word.as_bytes()), "{off:?}");
            }
            assert_eq!(content(&ask(&site, "GET", "/")), GREETING.as_bytes());
        }
    }

    #[test]
    fn where_it_is_on_the_other_places_are_the_others() {
        let site = on();
        assert_eq!(content(&ask(&site, "GET", "/_watch")), b"the page");
        assert_eq!(content(&ask(&site, "GET", "/")), GREETING.as_bytes());
        assert_eq!(content(&ask(&site, "GET", "/_watches")), b"Default route");
        assert_eq!(ask(&site, "GET", "/_watch/x").status(), 404);
        assert_eq!(ask(&site, "DELETE", "/_watch/events").status(), 405);
    }

    #[test]
    fn the_former_address_leads_to_the_present_one_and_to_nothing_else() {
        for site in [on(), Watched::off(greeter(), Off::Asked)] {
            for (asked, led) in
                [("/_wire", "/_watch"), ("/_wire/events?after=a-1", "/_watch/events?after=a-1")]
            {
                let answer = ask(&site, "GET", asked);
                assert_eq!(answer.status(), 308);
                let Answer::Page(page) = answer else { panic!("a page") };
                assert!(page.own_fields().contains(&("Location".into(), led.to_owned())), "{asked}");
            }
            assert_eq!(ask(&site, "GET", "/_wires").status(), 200);
        }
    }

    #[test]
    fn a_place_is_taken_while_the_events_last_and_no_longer() {
        let site = on();
        let mut taken: Vec<Answer> = (0..VIEWERS).map(|_| ask(&site, "GET", "/_watch/events")).collect();
        assert!(taken.iter().all(|answer| matches!(answer, Answer::Live(live) if live.endless)));
        let refused = ask(&site, "GET", "/_watch/events");
        assert_eq!(refused.status(), 503);
        let text = String::from_utf8_lossy(content(&refused)).into_owned();
        assert!(text.starts_with(&VIEWERS.to_string()), "the sentence names the limit: {text}");
        taken.pop();
        assert_eq!(ask(&site, "GET", "/_watch/events").status(), 200);
        assert_eq!(ask(&site, "HEAD", "/_watch/events").status(), 200);
    }
}
