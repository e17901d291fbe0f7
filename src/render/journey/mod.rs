//! The journey of one request, shown as it happens: name, connection, request, reads, response, end.

use std::sync::{Arc, Mutex, PoisonError};

mod body;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use url::Url;

use super::beside::Cut;
use super::caret;
use super::cells::{hang, wrap};
use super::content::{self, Content};
use super::look::{Form, Look, Loudness, Room};
use super::phases::Phases;
use super::redirect::{self, LOCATION_SHOWN};
use super::safe::{Safe, short};
use super::screen::{Role, Screen, paint};
use super::tree::{Shower, problem_text};
use super::words::{count, in_short, number, time};
use crate::error::trouble_means;
use crate::evidence::{Event, Flow, Listener, Side, Transport, What};
use crate::meaning::{self, Reading};
use crate::net::resolve::Lookup;
use crate::net::route::{Route, Via};
use crate::proto::Protocol;
use crate::proto::field::{Fields, Problem, Value};
use crate::proto::http::charset::is_text;
use crate::proto::http::message::{Message, messages};
use crate::proto::http::redirect::Redirect;
use crate::proto::stream::{Carriage, Sender, Stream};
use body::Body;

/// Reads that are shown one by one; later ones are counted.
const READS_SHOWN: u64 = 8;
/// Content up to this long, in bytes, is shown in the end as a whole; longer content is shown as it comes.
const CONTENT_SHOWN: usize = 64 * 1024;
/// How much of content that is no text is shown on a terminal, in bytes.
const BINARY_SHOWN: usize = 1024;
/// Broken places in one answer that are pointed at.
const BROKEN_SHOWN: usize = 4;
/// Content shorter than this needs no progress bar.
const LONG: u64 = 4 * 1024 * 1024;
/// The width of the labels at the left.
const LABEL: usize = 10;

/// Shows one journey. It is a listener: events are shown when they happen.
pub struct Journey {
    screen: Arc<Screen>,
    /// Whose flows to show.
    by: &'static str,
    /// Whether the result goes to a terminal.
    on_terminal: bool,
    /// Whether nothing is shown: the content itself goes where this would.
    mute: bool,
    /// Up to which length a body is held back.
    holds: usize,
    state: Mutex<State>,
}

struct State {
    shower: Shower,
    began_us: u64,
    asked_us: u64,
    first_us: u64,
    phases: Phases,
    /// What is written next begins a request.
    asks: bool,
    /// The next read is the first one behind a request.
    fresh: bool,
    reads: u64,
    bytes: u64,
    smallest: u64,
    largest: u64,
    /// How many reads have a line of their own.
    listed: u64,
    long: Option<u64>,
    bar: Option<ProgressBar>,
    /// Bytes of answers that were told about, heads included.
    taken: u64,
    /// What was written and has not been shown yet, each write with its protocol.
    unshown: Vec<(&'static Protocol, Vec<u8>)>,
    body: Option<Body>,
    /// What became of the content of each answer so far.
    contents: Vec<Content>,
    /// A body was long, so that everything is shown as it comes.
    has_passed: bool,
}

impl Journey {
    /// A journey of the verb `by`.
    #[must_use]
    pub fn new(screen: Arc<Screen>, by: &'static str) -> Self {
        let shower = Shower::indented(screen.look, 2).with_content_below();
        let state = State {
            shower,
            began_us: 0,
            asked_us: 0,
            first_us: 0,
            phases: Phases::default(),
            asks: true,
            fresh: true,
            reads: 0,
            bytes: 0,
            smallest: u64::MAX,
            largest: 0,
            listed: 0,
            long: None,
            bar: None,
            taken: 0,
            unshown: Vec::new(),
            body: None,
            contents: Vec::new(),
            has_passed: false,
        };
        Self { screen, by, on_terminal: false, mute: false, holds: CONTENT_SHOWN, state: Mutex::new(state) }
    }

    /// The same where the result goes to a terminal: content that is no text is shown in its beginning only.
    #[must_use]
    pub fn on_terminal(mut self, is: bool) -> Self {
        self.on_terminal = is;
        self
    }

    /// The same that holds back bodies up to this length, in bytes, until all of them is there.
    #[must_use]
    pub fn holding(mut self, holds: usize) -> Self {
        self.holds = holds;
        self
    }

    /// The same that shows nothing.
    #[must_use]
    pub fn mute(mut self, is: bool) -> Self {
        self.mute = is;
        self
    }

    /// Another exchange begins. What was explained stays explained.
    pub fn sets_out(&self) {
        let mut state = self.state();
        (state.began_us, state.asked_us, state.first_us) = (0, 0, 0);
        state.phases = Phases::default();
        (state.asks, state.fresh) = (true, true);
        (state.reads, state.bytes, state.smallest, state.largest, state.listed) = (0, 0, u64::MAX, 0, 0);
        (state.long, state.bar) = (None, None);
        (state.taken, state.body, state.has_passed) = (0, None, false);
        state.contents.clear();
    }

    /// The answer points elsewhere.
    pub fn redirect(&self, redirect: &Redirect, method: &str, from: &Url, follows: bool) {
        if self.is_silent() {
            return;
        }
        let mut text = redirect::sentences(redirect, method, from, self.screen.look.ascii());
        if redirect.to.is_ok() && !follows {
            text.push_str(" netlab does not go there by itself; -L follows.");
        }
        self.label("redirect", &text);
    }

    /// That redirect is followed, as number `at` of at most `most`.
    pub fn follows(&self, at: usize, most: usize, redirect: &Redirect) {
        if self.is_silent() {
            return;
        }
        if let Ok(to) = &redirect.to {
            let ascii = self.screen.look.ascii();
            let method = Safe::word(redirect.method.as_bytes()).ascii(ascii).to_string();
            let to = short(to.as_str().as_bytes(), LOCATION_SHOWN, ascii);
            self.screen.line("");
            self.label("follow", &format!("{method} {to}: redirect {at} of at most {most}"));
        }
    }

    /// How the host became addresses.
    pub fn routed(&self, route: &Route) {
        if let Via::Dns(lookups) | Via::Lab(lookups) = &route.via {
            self.state().phases.name_us = Some(asked(lookups));
        }
        if self.is_silent() {
            return;
        }
        let look = self.screen.look;
        let host = Safe::word(route.host.as_bytes()).ascii(look.ascii()).to_string();
        let mut ips: Vec<String> = Vec::new();
        for address in &route.addresses {
            let ip = address.ip().to_string();
            if !ips.contains(&ip) {
                ips.push(ip);
            }
        }
        let (arrow, ips) = (look.arrow(), ips.join(", "));
        let text = match &route.via {
            Via::Literal => format!("{host} is an address already: nobody needs to be asked"),
            Via::Localhost => format!("{host} {arrow} {ips}: always this machine itself (RFC 6761)"),
            Via::Hosts => format!("{host} {arrow} {ips}: the hosts file says so, nobody was asked"),
            Via::Dns(lookups) | Via::Lab(lookups) => {
                let servers = lookups.iter().flat_map(|lookup| &lookup.asked);
                let took = asked(lookups);
                let server = servers.map(|asked| asked.server.to_string()).next_back().unwrap_or_default();
                let whose =
                    if matches!(route.via, Via::Lab(_)) { "the lab's DNS server" } else { "DNS server" };
                format!("{host} {arrow} {ips}: {whose} {server} said so, in {}", time(took))
            }
        };
        self.label("name", &text);
        if let (Via::Lab(_), Some(real)) = (&route.via, route.addresses.first())
            && real.port() != route.port
        {
            self.label(
                "",
                &format!(
                    "port {} of the private internet is port {} of this machine",
                    route.port,
                    real.port()
                ),
            );
        }
    }

    /// Something worth knowing, in one sentence.
    pub fn note(&self, text: &str) {
        self.catches_up();
        if !self.is_silent() {
            self.label("note", text);
        }
    }

    /// What is written next begins a request.
    pub fn asks(&self) {
        let mut state = self.state();
        (state.asks, state.fresh) = (true, true);
    }

    /// What the clock said.
    pub fn phases(&self) -> Phases {
        self.state().phases
    }

    /// The length of the content is known: show progress later if it is long.
    pub fn expects(&self, content: Option<u64>) {
        let look = self.screen.look;
        let wanted = look.form == Form::Human && look.loudness > Loudness::Quiet;
        self.state().long = content.filter(|&len| wanted && len >= LONG);
    }

    /// More content has come. The bar begins where the list of reads ends, so that neither tears the other.
    pub fn progressed(&self, content: u64) {
        let mut state = self.state();
        // On a terminal the content itself tells how far it is.
        if state.reads > READS_SHOWN
            && !(state.has_passed && self.on_terminal)
            && let Some(len) = state.long.take()
        {
            state.bar = Some(progress_bar(len));
        }
        if let Some(bar) = &state.bar {
            bar.set_position(content);
        }
    }

    /// It is over: the response with its fields, the content, and who ended it.
    pub fn finish(&self, flow: &Flow, saved: Option<&str>) {
        if let Some(bar) = self.state().bar.take() {
            bar.finish_and_clear();
        }
        if self.is_mute() {
            return;
        }
        self.catches_up();
        let (has_passed, contents) = {
            let mut state = self.state();
            (state.has_passed, std::mem::take(&mut state.contents))
        };
        let readings = meaning::readings(flow);
        let response = readings.iter().find(|reading| reading.side == Side::Server);
        let quiet = self.screen.look.loudness == Loudness::Quiet;
        if quiet
            && !has_passed
            && let Some(response) = response
        {
            self.contents(&response.fields, &contents, saved);
        }
        if quiet {
            return;
        }
        self.reads_in_all();
        match response {
            _ if has_passed => {}
            Some(response) => {
                self.response(flow, response);
                self.contents(&response.fields, &contents, saved);
            }
            None => self.label("response", "not a single byte came back"),
        }
        self.end(flow);
        if self.screen.look.loudness == Loudness::Verbose {
            self.times();
        }
    }

    fn times(&self) {
        let look = self.screen.look;
        let (room, indent) = match look.room() {
            Room::Narrow => (look.width.saturating_sub(2), "  ".to_owned()),
            _ => (look.width.saturating_sub(LABEL), " ".repeat(LABEL)),
        };
        let lines = self.phases().lines(look, room);
        for (at, line) in lines.iter().enumerate() {
            let head = match (at, look.room()) {
                (0, Room::Narrow) => {
                    self.screen.line(&paint(Role::Heading, "times"));
                    indent.clone()
                }
                (0, _) => format!("{}{}", paint(Role::Heading, "times"), " ".repeat(LABEL - "times".len())),
                _ => indent.clone(),
            };
            self.screen.line(&format!("{head}{line}"));
        }
    }

    fn response(&self, flow: &Flow, response: &Reading<'_>) {
        let kept = response.fields.bytes.len() as u64;
        let total = flow.from_server.total;
        let left_out = match total - kept {
            0 => String::new(),
            more => format!("; the first {} are explained, {} were only counted", number(kept), number(more)),
        };
        self.label("response", &format!("{}{left_out}", count(total, "byte")));
        let cuts = cuts(flow);
        let lines = self.state().shower.lines(&response.fields, &cuts);
        lines.iter().for_each(|line| self.screen.line(line));
        self.broken(&response.fields);
    }

    /// The bytes that break a rule, each in its line.
    fn broken(&self, fields: &Fields<'_>) {
        let look = self.screen.look;
        let is_pointed_at = |index: &usize| {
            let field = fields.get(*index);
            matches!(field.problem, Some(Problem::Rule(_)))
                && (fields.is_leaf(*index) || matches!(field.value, Value::Slice(..)))
                && !["content", "chunk-data"].contains(&field.spec.name)
        };
        let (room, pad) = match look.room() {
            Room::Narrow => (look.width.saturating_sub(2), "  ".to_owned()),
            _ => (look.width.saturating_sub(LABEL), " ".repeat(LABEL)),
        };
        for index in (0..fields.list.len()).filter(is_pointed_at).take(BROKEN_SHOWN) {
            let Some(problem) = fields.get(index).problem else { continue };
            let range = fields.get(index).bytes();
            let before = fields.bytes[..range.start].iter().rposition(|&byte| byte == b'\n');
            let from = before.map_or(0, |at| at + 1);
            let behind = fields.bytes[range.start..].iter().position(|&byte| byte == b'\n');
            let to = behind.map_or(fields.bytes.len(), |at| range.start + at + 1);
            let mark = range.start - from..range.end.min(to) - from;
            let marked = caret::one(&fields.bytes[from..to], Some(mark), room, look.ascii());
            self.label("broken", &problem_text(problem));
            self.screen.line(&format!("{pad}{}", marked.text));
            if let Some(carets) = marked.carets {
                self.screen.line(&format!("{pad}{}", paint(Role::Problem, &carets)));
            }
        }
    }

    /// The content of each final response.
    fn contents(&self, fields: &Fields<'_>, contents: &[Content], saved: Option<&str>) {
        let all = messages(fields);
        let is_final = |message: &&Message<'_, '_>| message.status().is_none_or(|status| status >= 200);
        for (at, message) in all.iter().filter(is_final).enumerate() {
            self.content(message, contents.get(at), saved);
        }
    }

    fn about(&self, message: &Message<'_, '_>, content: &Content, saved: Option<&str>) {
        let text = content::about(message, content, saved, self.screen.look.ascii());
        self.label("content", &text);
        self.told(content, saved.is_some());
    }

    fn content(&self, message: &Message<'_, '_>, told: Option<&Content>, saved: Option<&str>) {
        let look = self.screen.look;
        let quiet = look.loudness == Loudness::Quiet;
        if let (Some(told), true) = (told, saved.is_some()) {
            // It is in the file, and may be much.
            if !quiet {
                self.about(message, told, saved);
            }
            return;
        }
        let (read, text) = Content::read(message, told.is_none_or(|told| told.asks));
        if !quiet {
            self.about(message, told.unwrap_or(&read), saved);
        }
        if saved.is_some() || text.is_empty() {
            return;
        }
        let is_cut = self.on_terminal && !is_text(&text);
        let most = if is_cut { BINARY_SHOWN } else { CONTENT_SHOWN };
        let shown = Safe::block(&text[..text.len().min(most)]).ascii(look.ascii()).to_string();
        self.screen.piece(&shown);
        if !shown.ends_with('\n') {
            self.screen.piece("\n");
        }
        let all = told.map_or(read.came, |told| told.came).max(text.len() as u64);
        let left = count(all - text.len().min(most) as u64, "byte");
        if is_cut && text.len() > most {
            self.screen.note(&format!(
                "{left} more are not shown: this is no text; --save FILE keeps all of it, and --bytes shows it byte by byte"
            ));
        } else if text.len() > most {
            self.screen.note(&format!("{left} more are not shown here; --save FILE keeps them all"));
        }
    }

    fn reads_in_all(&self) {
        let state = self.state();
        if state.reads > state.listed {
            let text = format!(
                "{}; {} in {} reads, the smallest of {}, the largest of {}",
                count(state.reads - state.listed, "more read"),
                count(state.bytes, "byte"),
                number(state.reads),
                number(state.smallest),
                number(state.largest),
            );
            let label = if state.has_passed { "reads" } else { "" };
            drop(state);
            self.label(label, &text);
        }
    }

    /// Who ended the conversation, judged by the first to finish.
    fn end(&self, flow: &Flow) {
        let first = flow.events.iter().find(|event| {
            matches!(event.what, What::Finished | What::Reset) || matches!(event.what, What::Failed(_))
        });
        let text = match first {
            Some(Event { side: Side::Server, what: What::Finished, .. }) => {
                "the server finished first (FIN): it will send no more".to_owned()
            }
            Some(Event { side: Side::Client, what: What::Finished, .. }) => {
                "netlab finished first (FIN): the response was complete, and the server had kept the connection open".to_owned()
            }
            Some(Event { what: What::Reset, .. }) => "the server broke the connection off (RST)".to_owned(),
            Some(Event { what: What::Failed(trouble), .. }) => trouble_means(*trouble),
            _ => "the connection was still open when netlab left it".to_owned(),
        };
        self.label("end", &text);
    }

    fn is_silent(&self) -> bool {
        self.is_mute() || self.screen.look.loudness == Loudness::Quiet
    }

    fn label(&self, label: &str, text: &str) {
        label_line(&self.screen, label, text);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what was written. That waits for the answer, or for whoever waits for it and has the time: an answer that
    /// comes at once is not to look late because this one was busy with the screen.
    pub fn catches_up(&self) {
        let unshown = std::mem::take(&mut self.state().unshown);
        unshown.iter().for_each(|(protocol, bytes)| self.sent(protocol, bytes));
    }

    fn sent(&self, protocol: &Protocol, bytes: &[u8]) {
        let len = count(bytes.len() as u64, "byte");
        if !std::mem::take(&mut self.state().asks) {
            // The rest of a request that one write did not take.
            self.label("", &format!("{len} more in another write"));
            return;
        }
        self.label("request", &format!("{len} in one write"));
        let stream = Stream::alone(bytes, Sender::Client, Carriage::Stream);
        let fields = (protocol.dissect)(stream);
        let lines = self.state().shower.lines(&fields, &[]);
        lines.iter().for_each(|line| self.screen.line(line));
    }

    fn came(&self, event: &Event, len: u32, buffer: Option<u32>) {
        self.catches_up();
        let mut state = self.state();
        state.reads += 1;
        state.bytes += u64::from(len);
        state.smallest = state.smallest.min(u64::from(len));
        state.largest = state.largest.max(u64::from(len));
        let (reads, after) = (state.reads, event.at_us.saturating_sub(state.asked_us));
        let fresh = std::mem::take(&mut state.fresh);
        if reads == 1 {
            state.first_us = event.at_us;
            state.phases.first_byte_us = Some(after);
        }
        state.phases.last_byte_us = Some(event.at_us.saturating_sub(state.first_us));
        // Between pieces of content there is no place for them.
        if self.is_silent() || reads > READS_SHOWN || state.has_passed {
            return;
        }
        state.listed = reads;
        drop(state);
        let room = buffer
            .map(|room| format!(" (there was room for {})", number(u64::from(room))))
            .unwrap_or_default();
        let label = if fresh { "reads" } else { "" };
        self.label(
            label,
            &format!("read {reads}: {} after {}{room}", count(u64::from(len), "byte"), time(after)),
        );
    }
}

impl Listener for Journey {
    fn opening(&self, flow: &Flow, at_us: u64) {
        if flow.by == self.by && flow.seen == Side::Client {
            self.state().began_us = at_us;
        }
    }

    fn happened(&self, flow: &Flow, event: &Event, bytes: &[u8]) {
        if flow.by != self.by || flow.seen != Side::Client || flow.transport != Transport::Tcp {
            return;
        }
        let arrow = self.screen.look.arrow();
        match &event.what {
            What::Opened => {
                let took = event.at_us.saturating_sub(self.state().began_us);
                self.state().phases.connect_us = Some(took);
                if self.is_silent() {
                    return;
                }
                let client = flow.client.map(|client| client.to_string()).unwrap_or_default();
                self.label("connect", &format!("{client} {arrow} {}, in {}", flow.server, time(took)));
            }
            What::Failed(trouble) if !self.is_silent() => {
                self.catches_up();
                self.label("connect", &format!("{arrow} {}: {}", flow.server, in_short(trouble.kind)));
            }
            What::Bytes { .. } if event.side == Side::Client => {
                self.state().asked_us = event.at_us;
                if !self.is_silent() {
                    self.state().unshown.push((meaning::protocol(flow), bytes.to_vec()));
                }
            }
            What::Bytes { len, buffer } => self.came(event, *len, *buffer),
            _ => {}
        }
    }
}

/// How long the questions for a name took.
fn asked(lookups: &[Lookup]) -> u64 {
    // Both kinds of address are asked for at once, so the slower one is what it took.
    let each = lookups.iter().map(|lookup| lookup.asked.iter().map(|asked| asked.took_us).sum());
    each.max().unwrap_or(0)
}

/// A bar on standard error; indicatif draws nothing where that is no terminal.
fn progress_bar(len: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(len), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bytes} of {total_bytes} {wide_bar} {bytes_per_sec}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// A labelled paragraph.
pub fn label_line(screen: &Screen, label: &str, text: &str) {
    let look: Look = screen.look;
    if look.room() == Room::Narrow {
        if !label.is_empty() {
            screen.line(&paint(Role::Heading, label));
        }
        hang("  ", text, look.width, 2).iter().for_each(|line| screen.line(line));
        return;
    }
    for (at, line) in wrap(text, look.width - LABEL).iter().enumerate() {
        let shown = if at == 0 { label } else { "" };
        let pad = " ".repeat(LABEL.saturating_sub(shown.len()));
        screen.line(&format!("{}{pad}{line}", paint(Role::Heading, shown)));
    }
}

/// Where each read of the response ended, but for the last.
fn cuts(flow: &Flow) -> Vec<Cut> {
    let mut at = 0;
    let lengths: Vec<usize> = flow.lengths(Side::Server).collect();
    let last = lengths.len().saturating_sub(1);
    lengths
        .iter()
        .enumerate()
        .take(last)
        .map(|(index, len)| {
            at += len;
            let says = format!("read {} ended here: {}", index + 1, count(*len as u64, "byte"));
            Cut { at, says }
        })
        .collect()
}
