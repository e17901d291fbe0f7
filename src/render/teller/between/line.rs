//! One thing that is told of a connection that goes through the tap, as lines of text or of JSON.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::sight::Sight;
use crate::error::in_short;
use crate::evidence::{Event, Flow, Side, Transport, Trouble, TroubleKind, What};
use crate::lab::splice::carry::APART;
use crate::lab::splice::{End, IDLE, Plan};
use crate::meaning::sender;
use crate::proto::Protocol;
use crate::proto::http::charset::is_text;
use crate::proto::row::Said;
use crate::proto::stream::{Carriage, Stream};
use crate::render::json::{self, SCHEMA, text};
use crate::render::text::cells::{flow, hang, pieces, wrap};
use crate::render::text::look::{Form, Loudness};
use crate::render::text::rows::Rows;
use crate::render::text::safe::{Safe, short};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number, time};
use crate::render::tree::Shower;

/// Characters of a headline's quote.
const QUOTE: usize = 100;
/// How far fields and bytes are indented.
const INDENT: usize = 4;

/// What is told, and of which connection.
pub struct Line {
    number: u64,
    told: Told,
}

enum Told {
    Came { client: String, server: String },
    Opened { client: String, server: String },
    Sight { side: Side, after_us: u64, sight: Sight },
    Ended { side: Side, reset: bool, half: bool, after_us: u64 },
    Over { server: String, end: End, bytes: [u64; 2], pieces: [u64; 2] },
}

impl Line {
    /// A client has come.
    pub fn came(number: u64, flow: &Flow) -> Self {
        let (client, server) = ends(flow);
        Self { number, told: Told::Came { client, server } }
    }

    /// Something to show.
    pub fn sight(number: u64, side: Side, after_us: u64, sight: Sight) -> Self {
        Self { number, told: Told::Sight { side, after_us, sight } }
    }

    /// It is open, or a side has ended it.
    pub fn event(number: u64, flow: &Flow, event: &Event, after_us: u64) -> Self {
        let told = match event.what {
            What::Opened => {
                let (client, server) = ends(flow);
                Told::Opened { client, server }
            }
            _ => Told::Ended {
                side: event.side,
                reset: event.what == What::Reset,
                half: !flow.has_ended(event.side.other()),
                after_us,
            },
        };
        Self { number, told }
    }

    /// It is over.
    pub fn over(number: u64, flow: &Flow, end: End, pieces: [u64; 2]) -> Self {
        let bytes = [flow.from_client.total, flow.from_server.total];
        Self { number, told: Told::Over { server: flow.server.to_string(), end, bytes, pieces } }
    }
}

fn ends(flow: &Flow) -> (String, String) {
    (flow.client.as_ref().map(ToString::to_string).unwrap_or_default(), flow.server.to_string())
}

/// The first line, and what the tap does to what goes by.
pub fn listening(screen: &Screen, addresses: &[SocketAddr], plan: &Plan) {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let target = plan.servers.first().map(ToString::to_string).unwrap_or_default();
    if screen.look.form == Form::Json {
        return screen.line(&text(&json!({
            "schema": SCHEMA,
            "listening": addresses,
            "transport": Transport::Tcp,
            "target": target,
        })));
    }
    let line = format!("listening on {} (TCP), leading to {target}", addresses.join(" and "));
    wrap(&line, screen.look.width).iter().for_each(|line| screen.line(line));
    if screen.look.loudness == Loudness::Quiet {
        return;
    }
    let mut does = Vec::new();
    if !plan.delay.is_zero() {
        does.push(format!("everything takes {} longer each way", time(micros(plan.delay))));
    }
    if let Some(most) = plan.split {
        let most = count(most as u64, "byte");
        does.push(format!("a write goes on in pieces of {most} at most, {} apart", time(micros(APART))));
    }
    if let Some(cut) = plan.cut {
        does.push(format!(
            "once {} of the target's have gone back, the connection is broken off (RST)",
            count(cut, "byte")
        ));
    }
    let port = addresses.first().and_then(|first| first.rsplit(':').next()).unwrap_or_default();
    screen.note(&format!(
        "call port {port} in the place of the target: what goes through is shown here, and counts as said to the target"
    ));
    if !does.is_empty() {
        screen.note(&does.join("; "));
    }
}

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A limit was reached, as a sentence.
pub fn limit(screen: &Screen, limit: &str) {
    if screen.look.form == Form::Json {
        return screen.line(&text(&json!({ "limit": limit })));
    }
    wrap(limit, screen.look.width).iter().for_each(|line| screen.complaint(&paint(Role::Problem, line)));
}

/// The last line.
pub fn stopped(screen: &Screen, many: u64) {
    if screen.look.form == Form::Json {
        return screen.line(&text(&json!({ "stopped": { "clients": many } })));
    }
    screen.note(&format!("stopped; {} went through, and the port is free again", count(many, "connection")));
}

/// Writes lines; remembers which fields have been explained.
pub struct Writer<'a> {
    screen: &'a Screen,
    shower: Shower,
}

impl<'a> Writer<'a> {
    /// One that has explained nothing yet.
    pub fn new(screen: &'a Screen) -> Self {
        Self { screen, shower: Shower::indented(screen.look, INDENT) }
    }

    /// Writes one.
    pub fn write(&mut self, line: &Line) {
        if self.screen.look.form == Form::Json {
            return self.screen.line(&text(&as_json(line)));
        }
        let tag = format!("{} ", line.number);
        let quiet = self.screen.look.loudness == Loudness::Quiet;
        match &line.told {
            Told::Opened { client, server } => {
                let arrow = self.screen.look.arrow();
                self.say(&tag, Role::Meaning, &format!("{client} {arrow} {server}, through the tap"));
            }
            Told::Sight { side, after_us, sight } => self.sight(&tag, *side, *after_us, sight, quiet),
            Told::Ended { side, reset, half, after_us } if !quiet => {
                let means = match (reset, half, side) {
                    (true, ..) => "RST: what was on its way is lost",
                    (false, false, _) => "FIN: both sides have, so the connection is closed",
                    (false, true, Side::Client) => "FIN: the server can still answer",
                    (false, true, Side::Server) => "FIN: the client can still send",
                };
                let did = if *reset { "broke the connection off" } else { "finished" };
                let text = format!("the {} {did} at {} ({means})", side.name(), time(*after_us));
                self.say(&tag, if *reset { Role::Problem } else { Role::Meaning }, &text);
            }
            Told::Came { .. } | Told::Ended { .. } => {}
            Told::Over { server, end, bytes, pieces } => {
                self.over(&tag, server, *end);
                if !matches!(end, End::Unreached(_)) {
                    let way = |at: usize, where_to, noun| {
                        format!("{} {where_to} in {}", count(bytes[at], "byte"), count(pieces[at], noun))
                    };
                    let text = format!("over: {}, {}", way(0, "there", "read"), way(1, "back", "write"));
                    self.say(&tag, Role::Meaning, &text);
                }
            }
        }
    }

    fn sight(&mut self, tag: &str, side: Side, after_us: u64, sight: &Sight, quiet: bool) {
        let (who, role) = match side {
            Side::Client => ("client", Role::Client),
            Side::Server => ("server", Role::Server),
        };
        let lead = format!("{tag}{who}: ");
        match sight {
            Sight::Message { protocol, bytes, other, from, len } => {
                let stream =
                    Stream { bytes, other, sender: sender(side), carriage: Carriage::Stream, ended: false };
                let fields = protocol.dissect(stream);
                let said = protocol.messages(&fields).find_map(|root| (protocol.headline)(&fields, root));
                let said = first_line(bytes, self.ascii()).or(said.map(|said| one_line(&said, self.ascii())));
                let said = said.unwrap_or_else(|| protocol.title.to_owned());
                let about = format!("({}, {} after the beginning)", count(*len, "byte"), time(after_us));
                let all = [
                    pieces(Role::Meaning, &lead),
                    pieces(role, &said),
                    pieces(role, " "),
                    pieces(Role::Meaning, &about),
                ];
                flow(&all.concat(), self.screen.look.width).iter().for_each(|line| self.screen.line(line));
                if !quiet {
                    let from = usize::try_from(*from).unwrap_or_default();
                    self.shower.lines_at(&fields, from).iter().for_each(|line| self.screen.line(line));
                }
            }
            Sight::Content { bytes, from, len } if !quiet => {
                self.say(&lead, Role::Meaning, &format!("{} of content", count(*len, "byte")));
                self.bytes(role, bytes, *from, *len);
            }
            Sight::Whole { content, shown: false } if !quiet => {
                self.say(
                    &lead,
                    Role::Meaning,
                    &format!("that was all of it: {} of content", count(*content, "byte")),
                );
            }
            Sight::Content { .. } | Sight::Whole { .. } => {}
            Sight::Bytes { bytes, from, len } => {
                self.say(&lead, Role::Meaning, &format!("{} at {}", count(*len, "byte"), time(after_us)));
                self.bytes(role, bytes, *from, *len);
            }
            Sight::Broken(broken) => self.say(&lead, Role::Problem, &format!("problem: {broken}")),
            Sight::Enough => self.say(&lead, Role::Meaning, "more of its messages go by and are not shown"),
        }
    }

    /// How a connection ended that did not end in good order.
    fn over(&self, tag: &str, server: &str, end: End) {
        match end {
            End::Finished | End::ByClient | End::ByServer => {}
            End::Unreached(trouble) => self.say(tag, Role::Problem, &unreached(server, trouble)),
            End::Cut => self.say(tag, Role::Problem, "the tap has cut it here, for both sides"),
            End::Idle => {
                let minutes = IDLE.as_secs() / 60;
                self.say(
                    tag,
                    Role::Problem,
                    &format!("nobody has said anything for {minutes} minutes, so the tap closed it"),
                );
            }
            End::Stopped => self.say(tag, Role::Problem, "the tap was stopped, and so this ends"),
        }
    }

    /// Bytes as lines of text, or of hex where they are none or hex is wanted.
    fn bytes(&self, role: Role, bytes: &[u8], from: u64, len: u64) {
        let look = self.screen.look;
        if look.bytes || !is_text(bytes) {
            let mut rows = Rows::new(look, from);
            rows.feed(bytes, &mut |rows| self.screen.bare(rows));
            rows.end(&mut |rows| self.screen.bare(rows));
        } else {
            let width = look.width.saturating_sub(INDENT).max(1);
            for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                let safe = Safe::word(line).ascii(self.ascii()).to_string();
                let chars: Vec<char> = safe.chars().collect();
                for part in chars.chunks(width) {
                    let part: String = part.iter().collect();
                    self.screen.line(&format!("{:INDENT$}{}", "", paint(role, &part)));
                }
            }
        }
        let more = len.saturating_sub(bytes.len() as u64);
        if more > 0 {
            self.screen.line(&format!(
                "{:INDENT$}{}",
                "",
                paint(Role::Meaning, &format!("and {} more", number(more)))
            ));
        }
    }

    fn say(&self, lead: &str, role: Role, text: &str) {
        for (at, line) in hang(lead, text, self.screen.look.width, INDENT).iter().enumerate() {
            let painted = match line.strip_prefix(lead).filter(|_| at == 0) {
                Some(rest) => format!("{}{}", paint(Role::Name, lead), paint(role, rest)),
                None => paint(role, line),
            };
            self.screen.line(&painted);
        }
    }

    fn ascii(&self) -> bool {
        self.screen.look.ascii()
    }
}

/// Why a server was not reached, and what its client met.
fn unreached(server: &str, trouble: Trouble) -> String {
    let what = match trouble.kind {
        TroubleKind::Refused => {
            format!("nobody listens on {server}, so its kernel refused the connection (RST)")
        }
        kind => format!("{server} could not be reached: {}", in_short(kind)),
    };
    format!("{what}. The client was connected to the tap already, and is told by RST")
}

fn one_line(said: &[Said], ascii: bool) -> String {
    let piece = |piece: &Said| match piece {
        Said::Ours(text) => (*text).to_owned(),
        Said::Theirs(value) => short(value, QUOTE, ascii),
        Said::Number(value) => number(*value),
    };
    said.iter().map(piece).collect()
}

/// The first line of a message that is made of lines.
fn first_line(bytes: &[u8], ascii: bool) -> Option<String> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let line = bytes[..end].trim_ascii();
    (!line.is_empty() && is_text(line)).then(|| short(line, QUOTE, ascii))
}

fn as_json(line: &Line) -> Value {
    let client = line.number;
    match &line.told {
        Told::Came { client: address, server } => {
            json!({ "connected": { "client": client, "address": address, "server": server } })
        }
        Told::Opened { .. } => {
            json!({ "event": { "client": client, "side": Side::Client, "what": "opened", "after_us": 0 } })
        }
        Told::Ended { side, reset, after_us, .. } => {
            let what = if *reset { "reset" } else { "finished" };
            json!({ "event": { "client": client, "side": side, "what": what, "after_us": after_us } })
        }
        Told::Sight { side, after_us, sight } => {
            let (word, mut about) = sight_as_json(*side, sight);
            if let Some(about) = about.as_object_mut() {
                about.insert("client".to_owned(), json!(client));
                about.insert("side".to_owned(), json!(side));
                about.insert("after_us".to_owned(), json!(after_us));
            }
            json!({ word: about })
        }
        Told::Over { end, bytes, pieces, .. } => {
            let (how, kind) = match end {
                End::Finished => ("finished", None),
                End::ByClient => ("by-client", None),
                End::ByServer => ("by-server", None),
                End::Unreached(trouble) => ("unreached", Some(trouble.kind)),
                End::Cut => ("cut", None),
                End::Idle => ("idle", None),
                End::Stopped => ("stopped", None),
            };
            json!({ "ended": {
                "client": client,
                "how": how,
                "kind": kind,
                "there": { "bytes": bytes[0], "pieces": pieces[0] },
                "back": { "bytes": bytes[1], "pieces": pieces[1] },
            } })
        }
    }
}

fn sight_as_json(side: Side, sight: &Sight) -> (&'static str, Value) {
    match sight {
        Sight::Message { protocol, bytes, other, from, len } => {
            let protocol: &Protocol = protocol;
            let stream =
                Stream { bytes, other, sender: sender(side), carriage: Carriage::Stream, ended: false };
            let fields = protocol.dissect(stream);
            let fields = json::fields(&fields, usize::MAX);
            ("message", json!({ "protocol": protocol.name, "from": from, "len": len, "fields": fields }))
        }
        Sight::Content { bytes, from, len } => ("content", piece(bytes, *from, *len)),
        Sight::Whole { content, .. } => ("whole", json!({ "content": content })),
        Sight::Bytes { bytes, from, len } => ("bytes", piece(bytes, *from, *len)),
        Sight::Broken(rule) => ("broken", json!({ "rule": rule })),
        Sight::Enough => ("not_shown", json!({ "messages": super::sight::MESSAGES })),
    }
}

/// The beginning of what came at once.
fn piece(bytes: &[u8], from: u64, len: u64) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({ "from": from, "len": len, "value": text }),
        Err(_) => json!({ "from": from, "len": len, "hex": json::hex(bytes) }),
    }
}
