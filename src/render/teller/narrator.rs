//! What happens on a connection, in sentences, seen from our end of it: for `connect` and for `listen`.

use crate::error::in_short;
use crate::evidence::{Event, Flow, Mishap, Side, Transport, TroubleKind, What};
use crate::render::text::cells::{flow, pieces, wrap};
use crate::render::text::layers;
use crate::render::text::look::Loudness;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number, time};

/// Bytes of one read or write that are shown; the rest is counted.
const SHOWN: usize = 16 * 1024;

/// How far a conversation has been told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    /// How many reads, or datagrams that came.
    pub reads: u64,
    /// How many writes, or datagrams that were sent.
    pub writes: u64,
    opened_us: u64,
}

impl Told {
    /// Counts an event without telling it.
    pub fn count(&mut self, event: &Event) {
        match event.what {
            What::Opened => self.opened_us = event.at_us,
            What::Bytes { buffer: Some(_), .. } => self.reads += 1,
            What::Bytes { buffer: None, .. } => self.writes += 1,
            _ => {}
        }
    }
}

/// How closely hand-overs of bytes are told.
#[derive(Debug, Clone, Copy)]
pub struct Detail {
    /// How many of each kind; the others are counted.
    pub many: u64,
    /// How many bytes of each.
    pub bytes: usize,
}

impl Detail {
    /// All of them, as a person reads them.
    pub const CONVERSATION: Self = Self { many: u64::MAX, bytes: SHOWN };
}

/// What is known of our own end beside its events.
#[derive(Debug, Clone, Copy, Default)]
pub struct OurEnd {
    /// Whether the other end tells its side on the same terminal: then ours is called by its role.
    pub by_role: bool,
    /// After how many bytes it has heard enough, and reads no more.
    pub deaf_after: Option<u64>,
}

/// Tells one conversation.
pub struct Narrator<'a> {
    /// Where.
    pub screen: &'a Screen,
    /// What stands before every line, painted in this role: whose conversation it is. May be empty.
    pub tag: (&'a str, Role),
    /// Whether the bytes go elsewhere untouched: then they are not shown, and the rest is told beside them.
    pub raw: bool,
    /// How closely what is handed over is told.
    pub detail: Detail,
    /// Our own end.
    pub ours: OurEnd,
}

impl Narrator<'_> {
    /// Tells one event. It has been added to the flow already.
    pub fn tell(&self, told: &mut Told, flow: &Flow, event: &Event, bytes: &[u8]) {
        told.count(event);
        let after = || time(event.at_us.saturating_sub(told.opened_us));
        match &event.what {
            What::Bytes { .. } if self.raw => {}
            What::Opened => self.aside(&self.opened(flow)),
            What::Bytes { len, buffer: Some(room), .. } => {
                if told.reads > self.detail.many {
                    return;
                }
                self.aside(&format!(
                    "{} {}: {} at {} (room for {})",
                    layers::came(flow.layer),
                    told.reads,
                    count(u64::from(*len), "byte"),
                    after(),
                    number(u64::from(*room)),
                ));
                self.bytes(event.side, "<", bytes);
            }
            What::Bytes { len, buffer: None, .. } => {
                if told.writes > self.detail.many {
                    return;
                }
                let what = layers::went(flow.layer);
                self.aside(&format!("{what}: {} at {}", count(u64::from(*len), "byte"), after()));
                self.bytes(event.side, ">", bytes);
            }
            What::Finished => {
                let means = self.finished_means(flow, event.side);
                let (who, by) = (self.who(flow, event.side), layers::finished_by(flow.layer));
                self.aside(&format!("{who} finished ({by}) at {}: {means}", after()));
            }
            What::Reset => {
                let who = self.who(flow, event.side);
                self.aside(&format!(
                    "{who} broke the connection off (RST) at {}: what had not reached the other end is lost",
                    after()
                ));
            }
            What::Failed(trouble) => {
                let means = match (trouble.kind, flow.transport) {
                    (TroubleKind::Refused, Transport::Udp) => "refused (ICMP port unreachable)",
                    (kind, _) => in_short(kind),
                };
                // An address that cannot be had is our own, when it is we who call.
                let ours =
                    matches!(trouble.kind, TroubleKind::AddressNotAvailable | TroubleKind::AddressInUse);
                let whose = if ours && flow.seen == Side::Client {
                    "this end".to_owned()
                } else {
                    flow.server.to_string()
                };
                self.aside(&format!("{whose}: {means}"));
            }
            What::Stuck => {
                let accepted = flow.sent_by(event.side).total;
                self.aside(&format!(
                    "a write could not proceed at {}: the system had accepted {}, and took no more",
                    after(),
                    count(accepted, "byte")
                ));
            }
            // Verbs that count say what the numbers mean; what a program knows of itself is for documents.
            What::Counted(_)
            | What::Because(_)
            | What::Speaks(_)
            | What::Acknowledged
            | What::Waiting(_)
            | What::Unaccepted
            | What::Judged(_) => {}
            What::Mishap(mishap) => {
                let whose = self.whose(flow, event.side);
                self.aside(&format!("a datagram of {whose} {} on its way", met_with(*mishap)));
            }
            What::Note(text) => {
                self.aside(&Safe::word(text.as_bytes()).ascii(self.screen.look.ascii()).to_string());
            }
        }
    }

    fn opened(&self, flow: &Flow) -> String {
        let client = flow.client.as_ref().map(ToString::to_string).unwrap_or_default();
        let ends = format!("{client} {} {}", self.screen.look.arrow(), flow.server);
        match (flow.transport, flow.seen) {
            _ if flow.inside.is_some() => format!("{} inside it is up: {ends}", flow.layer.name()),
            (Transport::Tcp, _) => format!("connected: {ends} (kernels: SYN, SYN-ACK, ACK)"),
            (Transport::Udp, Side::Client) => format!("ready: {ends} (UDP: nothing has been sent yet)"),
            (Transport::Udp, Side::Server) => format!("heard: {ends} (UDP: there is no connection)"),
        }
    }

    /// A sentence about the conversation, safe to show.
    pub(super) fn aside(&self, text: &str) {
        self.sentence(Role::Meaning, text);
    }

    /// The same about something that is broken.
    pub(super) fn problem(&self, text: &str) {
        self.sentence(Role::Problem, text);
    }

    fn sentence(&self, role: Role, text: &str) {
        if self.screen.look.loudness == Loudness::Quiet {
            return;
        }
        for line in wrap(text, self.width()) {
            let line = format!("{}{}", self.lead(), paint(role, &line));
            if self.raw { self.screen.status(&line) } else { self.screen.line(&line) }
        }
    }

    /// A sentence that quiet runs are for.
    pub(super) fn result(&self, text: &str) {
        for line in wrap(text, self.width()) {
            self.screen.line(&format!("{}{}", self.lead(), paint(Role::Meaning, &line)));
        }
    }

    /// A line of a picture, which is no wider than it may be.
    pub(super) fn figure(&self, line: &str) {
        self.screen.line(&format!("{}{line}", self.lead()));
    }

    /// What one side said, behind words of ours; safe to show.
    pub(super) fn told(&self, lead: &str, side: Side, text: &str) {
        let pieces = [pieces(Role::Meaning, lead), pieces(role_of(side), text)].concat();
        for line in flow(&pieces, self.width()) {
            self.screen.line(&format!("{}{line}", self.lead()));
        }
    }

    /// The columns behind the tag.
    pub(super) fn width(&self) -> usize {
        self.screen.look.width.saturating_sub(self.tag.0.len())
    }

    /// Bytes, a line of text to a line, so that an escaped `\r\n` ends each.
    fn bytes(&self, side: Side, mark: &str, bytes: &[u8]) {
        let role = role_of(side);
        let used = self.tag.0.len() + mark.len() + 1;
        let shown = &bytes[..bytes.len().min(self.detail.bytes)];
        for line in shown.split_inclusive(|&byte| byte == b'\n') {
            let text = Safe::word(line).ascii(self.screen.look.ascii()).to_string();
            for (at, part) in chop(&text, self.screen.look.width.saturating_sub(used)).into_iter().enumerate()
            {
                let lead = if at == 0 { mark.to_owned() } else { " ".repeat(mark.len()) };
                self.screen.line(&format!("{}{} {part}", self.lead(), paint(role, &lead)));
            }
        }
        if bytes.len() > shown.len() {
            self.aside(&format!("and {} more", count((bytes.len() - shown.len()) as u64, "byte")));
        }
    }

    fn lead(&self) -> String {
        paint(self.tag.1, self.tag.0)
    }

    /// Who did it, for the person at our end.
    pub(super) fn who(&self, flow: &Flow, side: Side) -> &'static str {
        match side {
            side if side == flow.seen && !self.ours.by_role => "you",
            Side::Client => "the client",
            Side::Server => "the server",
        }
    }

    /// Whose it is, for the person at our end.
    fn whose(&self, flow: &Flow, side: Side) -> &'static str {
        match side {
            side if side == flow.seen && !self.ours.by_role => "yours",
            Side::Client => "the client's",
            Side::Server => "the server's",
        }
    }

    /// What is left of the connection when a side has finished. FIN says that its sender will send no more, and not
    /// whether it goes on reading: of our own end that is known.
    fn finished_means(&self, flow: &Flow, side: Side) -> &'static str {
        let ours = side == flow.seen;
        let deaf = self.ours.deaf_after.is_some_and(|enough| flow.sent_by(side.other()).total >= enough);
        match (flow.has_ended(side.other()), side) {
            (true, _) if flow.inside.is_some() => "both sides have, and what carries it is still open",
            (true, _) => "both sides have, so the connection is closed",
            (false, _) if ours && deaf => "this side will neither send nor read any more",
            (false, Side::Client) if ours => "the server can still answer (half-closed)",
            (false, Side::Server) if ours => "the client can still send (half-closed)",
            (false, _) => "it will send no more",
        }
    }
}

fn role_of(side: Side) -> Role {
    if side == Side::Client { Role::Client } else { Role::Server }
}

fn met_with(mishap: Mishap) -> &'static str {
    match mishap {
        Mishap::Dropped => "was dropped",
        Mishap::Repeated => "was repeated",
        Mishap::HeldBack => "was held back until another one had passed it",
    }
}

/// Cuts text at a width without caring for words: these are bytes, not prose.
fn chop(text: &str, width: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width.max(1)).map(|part| part.iter().collect()).collect()
}
