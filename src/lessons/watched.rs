//! A flow as answers: what stands on a path, in which bytes, and whether it is from before the step.

use std::cell::OnceCell;
use std::net::SocketAddr;

use crate::evidence::journal::{Account, Sighting};
use crate::evidence::{Counters, Event, Side, Transport, What};
use crate::meaning::{self, Reading};
use crate::net::kinds::kind_of;
use crate::proto::Protocol;
use crate::proto::field::{Problem, Value};

use super::connections::{self, Open};
use super::paths::{self, About};
use super::question::Path;
use super::verdict::{Found, Place, Source};

/// A flow of the account. It is dissected only if a question asks for its fields: of a full journal most flows speak
/// another protocol than the one that is asked about. Whoever is done with one lets go of its fields, for to
/// dissect it once more costs less than to keep the fields of ten thousand.
pub struct Watched<'a> {
    /// Its place in the account.
    pub index: usize,
    /// The number of its connection; recordings of one connection share it.
    pub connection: usize,
    /// When its connection was open, if it was.
    pub open: Option<Open>,
    protocol: OnceCell<&'static Protocol>,
    sighting: &'a Sighting,
    dissected: OnceCell<Dissected<'a>>,
}

/// The fields of a flow.
struct Dissected<'a> {
    readings: Vec<Reading<'a>>,
    /// The messages of each exchange: the nth request with its final response, a DNS question with the
    /// response that repeats its id.
    exchanges: Vec<Vec<Message>>,
}

/// One message: a group of fields.
#[derive(Debug, Clone, Copy)]
pub struct Message {
    reading: usize,
    root: usize,
}

/// All flows of an account on which something happened since the step began.
#[must_use]
pub fn watch(account: &Account) -> Vec<Watched<'_>> {
    let numbers = connections::numbers(&account.sightings);
    let open = connections::open(&account.sightings, &numbers);
    let flows = account.sightings.iter().zip(numbers).enumerate();
    let mut watched = Vec::new();
    for (index, (sighting, connection)) in flows {
        if since(sighting).next().is_some() {
            let open = open.get(&connection).copied();
            let (protocol, dissected) = (OnceCell::new(), OnceCell::new());
            watched.push(Watched { index, connection, open, protocol, sighting, dissected });
        }
    }
    watched
}

/// What happened since the step began. A note is not something that happened on the wire.
fn since(sighting: &Sighting) -> impl Iterator<Item = &Event> {
    sighting
        .flow
        .events
        .iter()
        .skip(sighting.events_before)
        .filter(|event| !matches!(event.what, What::Note(_)))
}

fn exchanges(protocol: &Protocol, readings: &[Reading<'_>]) -> Vec<Vec<Message>> {
    let messages = |side: Side| {
        let of_side = readings.iter().enumerate().filter(move |(_, reading)| reading.side == side);
        of_side.flat_map(|(index, reading)| {
            let roots =
                reading.fields.roots().filter(|&root| reading.fields.get(root).spec.name == protocol.name);
            roots.map(move |root| Message { reading: index, root })
        })
    };
    let (asked, mut answered): (Vec<Message>, Vec<Message>) =
        (messages(Side::Client).collect(), messages(Side::Server).collect());
    let number = |message: &Message, name: &str| {
        let fields = &readings[message.reading].fields;
        fields.find(message.root, name).and_then(|at| fields.number(at))
    };
    match protocol.name {
        "http" => {
            // An interim response (1xx) is not the answer, except 101, behind which HTTP ends.
            answered.retain(|answer| !matches!(number(answer, "status"), Some(100 | 102..=199)));
            let mut answered = answered.into_iter();
            let mut exchanges: Vec<Vec<Message>> = asked
                .into_iter()
                .map(|request| std::iter::once(request).chain(answered.next()).collect())
                .collect();
            exchanges.extend(answered.map(|response| vec![response]));
            exchanges
        }
        "dns" => {
            let mut exchanges: Vec<Vec<Message>> = Vec::new();
            for query in asked {
                let answer = answered.iter().position(|answer| number(answer, "id") == number(&query, "id"));
                exchanges.push(std::iter::once(query).chain(answer.map(|at| answered.remove(at))).collect());
            }
            exchanges.extend(answered.into_iter().map(|response| vec![response]));
            exchanges
        }
        _ => Vec::new(),
    }
}

impl<'a> Watched<'a> {
    /// What it speaks.
    #[must_use]
    pub fn protocol(&self) -> &'static Protocol {
        self.protocol.get_or_init(|| meaning::protocol(&self.sighting.flow))
    }

    /// How many exchanges there are on it.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.dissected().exchanges.len()
    }

    /// Lets go of its fields until the next question.
    pub fn let_go(&mut self) {
        self.dissected.take();
    }

    fn dissected(&self) -> &Dissected<'a> {
        self.dissected.get_or_init(|| {
            let readings = meaning::readings(&self.sighting.flow);
            let exchanges = exchanges(self.protocol(), &readings);
            Dissected { readings, exchanges }
        })
    }

    /// Where evidence from here comes from.
    #[must_use]
    pub fn source(&self, exchange: Option<usize>) -> Source {
        let flow = &self.sighting.flow;
        Source {
            sighting: self.index,
            flow: flow.id,
            exchange,
            transport: flow.transport,
            seen: flow.seen,
            client: flow.client,
            server: flow.server,
            by: flow.by.clone(),
        }
    }

    /// Everything on the path, of one exchange or of the whole flow. What is from before the step is there
    /// and marked.
    #[must_use]
    pub fn found(&self, exchange: Option<usize>, path: &Path) -> Vec<Found> {
        match paths::about(path) {
            About::Flow(row) => self.about_flow(row.path),
            About::Fields(protocol, side) if protocol.name == self.protocol().name => {
                self.fields(exchange, side, paths::field_names(path))
            }
            _ => Vec::new(),
        }
    }

    fn fields(&self, exchange: Option<usize>, side: Option<Side>, names: &[String]) -> Vec<Found> {
        let mut found = Vec::new();
        let wanted = |reading: &Reading<'_>| side.is_none_or(|side| reading.side == side);
        let Dissected { readings, exchanges } = self.dissected();
        match exchange.map(|exchange| exchanges.get(exchange)) {
            Some(messages) => {
                for message in messages.into_iter().flatten() {
                    let reading = &readings[message.reading];
                    if wanted(reading) {
                        let end = reading.fields.get(message.root).end as usize;
                        self.fields_between(reading, message.root, end, names, &mut found);
                    }
                }
            }
            None => {
                for reading in readings.iter().filter(|reading| wanted(reading)) {
                    self.fields_between(reading, 0, reading.fields.list.len(), names, &mut found);
                }
            }
        }
        found
    }

    fn fields_between(
        &self,
        reading: &Reading<'_>,
        start: usize,
        end: usize,
        names: &[String],
        found: &mut Vec<Found>,
    ) {
        let fields = &reading.fields;
        let (names, missing) = paths::without_missing(names);
        let Some(last) = names.last() else { return };
        for index in start..end {
            let field = fields.get(index);
            // Most fields are called something else, and the way to those need not be known.
            if !field.spec.name.eq_ignore_ascii_case(last) || !paths::leads_to(names, &fields.path(index)) {
                continue;
            }
            let bytes = field.bytes();
            let from = reading.from + bytes.start as u64;
            let before = from
                < match reading.side {
                    Side::Client => self.sighting.client_before,
                    Side::Server => self.sighting.server_before,
                };
            let place = Place { side: reading.side, from, to: reading.from + bytes.end as u64 };
            if missing {
                found.extend(never_came(field.problem).map(|bytes| number(bytes, Some(place), before)));
                continue;
            }
            let value = readable(fields.value(index).into_owned(), fields.raw(index), fields.number(index));
            let is_name = matches!(field.value, Value::Name(_));
            found.push(Found { value, number: fields.number(index), is_name, place: Some(place), before });
        }
    }

    fn about_flow(&self, path: &str) -> Vec<Found> {
        let flow = &self.sighting.flow;
        let known = |value: &str| vec![plain(value, false)];
        let address =
            |address: Option<SocketAddr>| address.iter().flat_map(|at| known(&at.ip().to_string())).collect();
        let port = |address: Option<SocketAddr>| {
            address.iter().map(|at| number(u64::from(at.port()), None, false)).collect()
        };
        let kind = |address: Option<SocketAddr>| {
            address.iter().flat_map(|at| known(kind_of(at.ip()).name)).collect()
        };
        match path {
            "flow.by" => known(&flow.by),
            "flow.seen" => known(flow.seen.name()),
            "flow.transport" => known(&flow.transport.name().to_lowercase()),
            "client.address" => address(flow.client),
            "client.port" => port(flow.client),
            "server.address" => address(Some(flow.server)),
            "server.port" => port(Some(flow.server)),
            "client.bytes" => self.sent(Side::Client),
            "server.bytes" => self.sent(Side::Server),
            "client.kind" => kind(flow.client),
            "server.kind" => kind(Some(flow.server)),
            "flow.first" => self.first(|what| matches!(what, What::Bytes { .. })),
            "flow.closed-first" => self.first(|what| matches!(what, What::Finished | What::Reset)),
            _ => self.happenings(path),
        }
    }

    /// How many bytes a side has sent, if it has sent any.
    fn sent(&self, side: Side) -> Vec<Found> {
        let to = self.sighting.flow.sent_by(side).total;
        let before = match side {
            Side::Client => self.sighting.client_before,
            Side::Server => self.sighting.server_before,
        };
        let place = Place { side, from: 0, to };
        (to > 0).then(|| number(to, Some(place), before >= to)).into_iter().collect()
    }

    /// The side of the first event of a kind.
    fn first(&self, kind: fn(&What) -> bool) -> Vec<Found> {
        let mut events = self.sighting.flow.events.iter().enumerate();
        let first = events.find(|(_, event)| kind(&event.what));
        first
            .map(|(at, event)| plain(event.side.name(), at < self.sighting.events_before))
            .into_iter()
            .collect()
    }

    /// The events of the kind a path names.
    fn happenings(&self, path: &str) -> Vec<Found> {
        let flow = &self.sighting.flow;
        let tcp = flow.transport == Transport::Tcp;
        let mut sent = [0u64; 2];
        let mut finished = [false; 2];
        let mut stuck = false;
        let mut found = Vec::new();
        for (at, event) in flow.events.iter().enumerate() {
            let before = at < self.sighting.events_before;
            let place = |side: Side| usize::from(side == Side::Server);
            match (&event.what, path) {
                (What::Finished, "flow.half-closed") => finished[place(event.side)] = true,
                (What::Bytes { .. }, "flow.half-closed") => {
                    let other = event.side.other();
                    // Once is enough: how many pieces came does not matter here.
                    if tcp && std::mem::take(&mut finished[place(other)]) {
                        found.push(plain(other.name(), before));
                    }
                }
                (What::Opened, "flow.opened") => found.push(plain("opened", before)),
                (What::Failed(trouble), "flow.failed") => found.push(plain(trouble.kind.name(), before)),
                (What::Reset, "flow.reset") => found.push(plain(event.side.name(), before)),
                (What::Finished, "tcp.finished") if tcp => found.push(plain(event.side.name(), before)),
                (What::Mishap(mishap), _) if path.strip_prefix("udp.") == Some(mishap.name()) => {
                    found.push(plain(event.side.name(), before));
                }
                (What::Stuck, _) => {
                    stuck = true;
                    if path == "tcp.stuck" {
                        let to = sent[place(event.side)];
                        let place = Place { side: event.side, from: 0, to };
                        found.push(number(to, Some(place), before));
                    }
                }
                (What::Counted(counters), _) => {
                    found.extend(counted(counters, path).map(|value| number(value, None, before)));
                }
                (What::Bytes { len, .. }, _) => {
                    let sent = &mut sent[place(event.side)];
                    let from = *sent;
                    *sent += u64::from(*len);
                    let wanted = match path {
                        "tcp.write" => tcp && event.side == flow.seen,
                        "tcp.resumed" => event.side == flow.seen && std::mem::take(&mut stuck),
                        "tcp.read" => tcp && event.side != flow.seen,
                        "udp.datagram" => !tcp,
                        _ => false,
                    };
                    if wanted {
                        let place = Place { side: event.side, from, to: *sent };
                        found.push(number(u64::from(*len), Some(place), before));
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// The kernel's number that a path names.
fn counted(counters: &Counters, path: &str) -> Option<u64> {
    match path {
        "tcp.segments-out" => counters.segments_out,
        "tcp.data-segments-out" => counters.data_segments_out,
        "tcp.segments-retransmitted" => counters.segments_retransmitted,
        "tcp.mss" => counters.send_mss,
        "tcp.send-queue" => counters.send_queue,
        "tcp.receive-queue" => counters.receive_queue,
        "tcp.send-window" => counters.send_window,
        "tcp.receive-window" => counters.receive_window,
        _ => None,
    }
}

/// How many bytes a field lacks because nothing more came.
fn never_came(problem: Option<Problem>) -> Option<u64> {
    match problem? {
        Problem::Short { wanted, left } => Some(u64::from(wanted.saturating_sub(left).div_ceil(8))),
        Problem::Rule(_) | Problem::Remark(_) => None,
    }
}

/// A code in a text protocol is shown as it was written (200), not by its mnemonic (OK).
fn readable(value: Vec<u8>, raw: &[u8], number: Option<u64>) -> Vec<u8> {
    let written = number.map(|number| number.to_string().into_bytes());
    if written.as_deref() == Some(raw) { raw.to_vec() } else { value }
}

fn plain(value: &str, before: bool) -> Found {
    Found { value: value.as_bytes().to_vec(), number: None, is_name: false, place: None, before }
}

fn number(value: u64, place: Option<Place>, before: bool) -> Found {
    Found { value: value.to_string().into_bytes(), number: Some(value), is_name: false, place, before }
}
