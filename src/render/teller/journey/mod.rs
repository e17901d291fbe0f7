//! The journey of one request, shown as it happens: name, connection, request, reads, response, end.

use std::sync::{Arc, Mutex, PoisonError};

mod body;
mod ending;
mod way;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::in_short;
use crate::evidence::{Event, Flow, Layer, Listener, Side, Transport, What};
use crate::meaning;
use crate::proto::Protocol;
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::render::teller::content::Content;
use crate::render::teller::phases::Phases;
use crate::render::text::cells::{hang, wrap};
use crate::render::text::layers;
use crate::render::text::look::{Form, Look, Loudness, Room};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number, time};
use crate::render::tree::Shower;
use body::Body;

/// Reads that are shown one by one; later ones are counted.
const READS_SHOWN: u64 = 8;
/// Content up to this long, in bytes, is shown in the end as a whole; longer content is shown as it comes.
const CONTENT_SHOWN: usize = 64 * 1024;
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
        let mut shower = Shower::indented(screen.look, 2);
        shower.content_is("below");
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
        let fields = protocol.dissect(stream);
        let lines = self.state().shower.lines(&fields, &[]);
        lines.iter().for_each(|line| self.screen.line(line));
    }

    /// A layer on top of the connection is there.
    fn opened_inside(&self, flow: &Flow, event: &Event) {
        let took = event.at_us.saturating_sub(flow.began_us);
        if flow.layer != Layer::Tls {
            return;
        }
        self.state().phases.tls_us = Some(took);
        if !self.is_silent() {
            let text = "from here on both sides put what they say into records that nobody else can read";
            self.label("handshake", &format!("TLS, in {}: {text} (RFC 8446 §5)", time(took)));
        }
    }

    fn came(&self, layer: Layer, event: &Event) {
        let What::Bytes { len, buffer, beneath } = event.what else { return };
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
        let (bytes, after) = (count(u64::from(len), "byte"), time(after));
        // Only TCP has reads; what came through TLS came out of records.
        let (label, text) = match layer {
            Layer::Tcp => ("reads", format!("read {reads}: {bytes} after {after}{room}")),
            other => {
                let carried = beneath.map(layers::carried).unwrap_or_default();
                ("came", format!("{reads}: {bytes} {} after {after}{carried}", layers::came(other)))
            }
        };
        self.label(if fresh { label } else { "" }, &text);
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
        // What is carried for another flow is told there.
        if flow.carries.is_some() {
            return;
        }
        let arrow = self.screen.look.arrow();
        match &event.what {
            What::Opened if flow.inside.is_some() => self.opened_inside(flow, event),
            What::Opened => {
                let took = event.at_us.saturating_sub(self.state().began_us);
                self.state().phases.connect_us = Some(took);
                if self.is_silent() {
                    return;
                }
                let client = flow.client.as_ref().map(ToString::to_string).unwrap_or_default();
                self.label("connect", &format!("{client} {arrow} {}, in {}", flow.server, time(took)));
            }
            What::Failed(trouble) if !self.is_silent() => {
                self.catches_up();
                if self.state().phases.connect_us.is_some() {
                    // The end tells.
                    return;
                }
                self.label("connect", &format!("{arrow} {}: {}", flow.server, in_short(trouble.kind)));
            }
            What::Bytes { .. } if event.side == Side::Client => {
                self.state().asked_us = event.at_us;
                if !self.is_silent() {
                    self.state().unshown.push((meaning::protocol(flow), bytes.to_vec()));
                }
            }
            What::Bytes { .. } => self.came(flow.layer, event),
            _ => {}
        }
    }
}

/// A bar on standard error; indicatif draws nothing where that is no terminal.
fn progress_bar(len: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(len), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bytes} of {total_bytes} {wide_bar} {bytes_per_sec}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// A labelled paragraph. A section of an RFC keeps together.
pub fn label_line(screen: &Screen, label: &str, text: &str) {
    let look: Look = screen.look;
    let text = text.replace("(RFC ", "(RFC\u{a0}").replace(" §", "\u{a0}§");
    let spaced = |line: &str| line.replace('\u{a0}', " ");
    if look.room() == Room::Narrow {
        if !label.is_empty() {
            screen.line(&paint(Role::Heading, label));
        }
        hang("  ", &text, look.width, 2).iter().for_each(|line| screen.line(&spaced(line)));
        return;
    }
    for (at, line) in wrap(&text, look.width - LABEL).iter().enumerate() {
        let shown = if at == 0 { label } else { "" };
        let pad = " ".repeat(LABEL.saturating_sub(shown.len()));
        screen.line(&format!("{}{pad}{}", paint(Role::Heading, shown), spaced(line)));
    }
}
