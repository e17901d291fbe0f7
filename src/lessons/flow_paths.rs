//! What a check may ask of a flow itself: each path, and the function that finds it.
//!
//! One row is all there is to a path. What it finds says of each value whether it is from before the step began.

use crate::evidence::event::Mishap;
use crate::evidence::journal::Sighting;
use crate::evidence::{Counters, End, Event, Judged, Layer, Side, What};
use crate::proto::kinds::kind_of;

use super::verdict::{Found, Place};

/// One thing a check may ask of a flow.
pub struct FlowPath {
    /// The path.
    pub path: &'static str,
    /// Whether it says that something happened, not merely which flow it is.
    pub happened: bool,
    /// Whether each layer of a conversation says it for itself; else the outermost does.
    pub of_each_layer: bool,
    /// What it is, for authors.
    pub meaning: &'static str,
    /// Everything on the path, in the order in which it came.
    pub find: fn(&Sighting) -> Vec<Found>,
}

/// Everything a check may ask of a flow itself.
pub static FLOW_PATHS: &[FlowPath] = &[
    tells(
        "flow.by",
        "who recorded it: raw-get, connect, listen, resolve, serve, lab/hello, lab/dns ...",
        |seen| known(&seen.flow.by),
    ),
    tells("flow.seen", "the recording program's side: client or server", |seen| known(seen.flow.seen.name())),
    tells("flow.transport", "tcp or udp: what is at the bottom of it", |seen| {
        known(&seen.flow.transport.name().to_lowercase())
    }),
    tells("flow.layer", "a layer of it: tcp, udp, tls, web-socket, tunnel", |seen| {
        known(seen.flow.layer.word())
    })
    .of_each_layer(),
    happened("flow.first", "who sent the first byte: client or server", |seen| {
        first(seen, |what| matches!(what, What::Bytes { .. }))
    }),
    happened("flow.opened", "the connection was established since the step began", |seen| {
        events(seen, |event| (event.what == What::Opened).then_some("opened"))
    }),
    happened(
        "flow.failed",
        "an operation failed: refused, timed-out, address-in-use, truncated ...",
        |seen| {
            events(seen, |event| match event.what {
                What::Failed(trouble) => Some(trouble.kind.name()),
                _ => None,
            })
        },
    )
    .of_each_layer(),
    happened("flow.reset", "who broke it off: client or server", |seen| {
        events(seen, |event| (event.what == What::Reset).then_some(event.side.name()))
    }),
    happened("flow.closed-first", "who said first that it would send no more: client or server", |seen| {
        first(seen, |what| matches!(what, What::Finished | What::Reset))
    }),
    happened(
        "flow.half-closed",
        "a side that had finished while the other still sent: client or server",
        half_closed,
    ),
    happened(
        "flow.answered",
        "the last words of the server arrived: its client read them, or that one's kernel acknowledged them and sent no RST",
        answered,
    ),
    happened(
        "flow.unaccepted",
        "when the client's end was over, no program had accepted it: it stood in the queue of this system",
        |seen| events(seen, |event| (event.what == What::Unaccepted).then_some("unaccepted")),
    ),
    happened(
        "port.listener",
        "when the client called, somebody listened on the port it called, at this address of this machine",
        listeners,
    ),
    happened(
        "probe.passed",
        "a check that the probe found right, once it was through: routes.plant ...",
        |seen| judged(seen, |judged| &judged.passed),
    ),
    happened("probe.failed", "a check that it found wrong", |seen| judged(seen, |judged| &judged.failed)),
    tells("client.address", "the client's IP address", |seen| address(seen.flow.client.as_ref())),
    tells("client.port", "the client's port", |seen| port(seen.flow.client.as_ref())),
    tells("client.kind", "what kind of address that is: loopback, private, link-local, public ...", |seen| {
        kind(seen.flow.client.as_ref())
    }),
    tells("server.address", "the server's IP address", |seen| address(Some(&seen.flow.server))),
    tells("server.kind", "what kind of address that is", |seen| kind(Some(&seen.flow.server))),
    tells("server.port", "the server's port", |seen| port(Some(&seen.flow.server))),
    happened("client.bytes", "how many bytes the client sent in all", |seen| sent(seen, Side::Client)),
    happened("server.bytes", "how many bytes the server sent in all", |seen| sent(seen, Side::Server)),
    happened("tcp.read", "a read of the recording program: how many bytes it returned", |seen| {
        handed_over(seen, Layer::Tcp, |side| side != seen.flow.seen)
    }),
    happened("tcp.write", "a write of the recording program: how many bytes it handed over", |seen| {
        handed_over(seen, Layer::Tcp, |side| side == seen.flow.seen)
    }),
    happened("tcp.segments-out", "segments this kernel had sent, whenever it was asked", |seen| {
        counted(seen, |counters| counters.segments_out)
    }),
    happened("tcp.data-segments-out", "those with data", |seen| {
        counted(seen, |counters| counters.data_segments_out)
    }),
    happened("tcp.segments-retransmitted", "those that were sent again", |seen| {
        counted(seen, |counters| counters.segments_retransmitted)
    }),
    happened("tcp.mss", "the most bytes of data this kernel put into a segment", |seen| {
        counted(seen, |counters| counters.send_mss)
    }),
    happened(
        "tcp.send-queue",
        "bytes handed over and not acknowledged, whenever the kernel was asked",
        |seen| counted(seen, |counters| counters.send_queue),
    ),
    happened("tcp.receive-queue", "bytes received and not read, whenever the kernel was asked", |seen| {
        counted(seen, |counters| counters.receive_queue)
    }),
    happened(
        "tcp.send-window",
        "bytes the other side said it had room for, whenever the kernel was asked",
        |seen| counted(seen, |counters| counters.send_window),
    ),
    happened(
        "tcp.receive-window",
        "bytes this side said it had room for, whenever the kernel was asked",
        |seen| counted(seen, |counters| counters.receive_window),
    ),
    happened(
        "tcp.stuck",
        "a write of the recording program that could not proceed: how many bytes it had handed over by then",
        stuck,
    ),
    happened(
        "tcp.resumed",
        "its first write that was accepted after that: how many bytes it handed over",
        resumed,
    ),
    happened("tcp.finished", "a side that will send no more: client or server", |seen| {
        let tcp = seen.flow.layer == Layer::Tcp;
        events(seen, |event| (tcp && event.what == What::Finished).then_some(event.side.name()))
    }),
    happened("udp.datagram", "a datagram: how many bytes it carried", |seen| {
        handed_over(seen, Layer::Udp, |_| true)
    }),
    happened("udp.dropped", "a datagram that the tap dropped: whose, client or server", |seen| {
        mishaps(seen, Mishap::Dropped)
    }),
    happened("udp.repeated", "a datagram that the tap sent on twice: whose", |seen| {
        mishaps(seen, Mishap::Repeated)
    }),
    happened(
        "udp.held-back",
        "a datagram that the tap held back until another one had passed it: whose",
        |seen| mishaps(seen, Mishap::HeldBack),
    ),
];

impl FlowPath {
    const fn of_each_layer(self) -> Self {
        Self { of_each_layer: true, ..self }
    }
}

/// A row that says which flow it is.
const fn tells(path: &'static str, meaning: &'static str, find: fn(&Sighting) -> Vec<Found>) -> FlowPath {
    FlowPath { path, happened: false, of_each_layer: false, meaning, find }
}

/// A row that says that something happened.
const fn happened(path: &'static str, meaning: &'static str, find: fn(&Sighting) -> Vec<Found>) -> FlowPath {
    FlowPath { path, happened: true, of_each_layer: false, meaning, find }
}

fn known(value: &str) -> Vec<Found> {
    vec![plain(value, false)]
}

fn address(end: Option<&End>) -> Vec<Found> {
    end.and_then(End::ip).map(|ip| plain(&ip.to_string(), false)).into_iter().collect()
}

fn port(end: Option<&End>) -> Vec<Found> {
    end.and_then(End::port).map(|port| number(u64::from(port), None, false)).into_iter().collect()
}

fn kind(end: Option<&End>) -> Vec<Found> {
    end.and_then(End::ip).map(|ip| plain(kind_of(ip).name, false)).into_iter().collect()
}

/// How many bytes a side has sent, if it has sent any.
fn sent(seen: &Sighting, side: Side) -> Vec<Found> {
    let to = seen.flow.sent_by(side).total;
    let place = Place { side, from: 0, to };
    (to > 0).then(|| number(to, Some(place), before(seen, side) >= to)).into_iter().collect()
}

/// How many bytes a side had sent when the step began.
pub(super) fn before(seen: &Sighting, side: Side) -> u64 {
    match side {
        Side::Client => seen.client_before,
        Side::Server => seen.server_before,
    }
}

/// The events, each with whether it is from before the step.
fn told(seen: &Sighting) -> impl Iterator<Item = (&Event, bool)> {
    seen.flow.events.iter().enumerate().map(|(at, event)| (event, at < seen.events_before))
}

/// The side of the first event of a kind.
fn first(seen: &Sighting, kind: fn(&What) -> bool) -> Vec<Found> {
    let first = told(seen).find(|(event, _)| kind(&event.what));
    first.map(|(event, before)| plain(event.side.name(), before)).into_iter().collect()
}

/// A word for each event that has one.
fn events(seen: &Sighting, word: impl Fn(&Event) -> Option<&'static str>) -> Vec<Found> {
    told(seen).filter_map(|(event, before)| Some(plain(word(event)?, before))).collect()
}

fn mishaps(seen: &Sighting, wanted: Mishap) -> Vec<Found> {
    events(seen, |event| (event.what == What::Mishap(wanted)).then_some(event.side.name()))
}

/// A number for each time the kernel was asked and told it.
fn counted(seen: &Sighting, value: fn(&Counters) -> Option<u64>) -> Vec<Found> {
    let counted = told(seen).filter_map(|(event, before)| match &event.what {
        What::Counted(counters) => Some(number(value(counters)?, None, before)),
        _ => None,
    });
    counted.collect()
}

/// The hand-overs of bytes by the wanted sides: how many each, and where.
fn handed_over(seen: &Sighting, layer: Layer, wanted: impl Fn(Side) -> bool) -> Vec<Found> {
    let mut sent = [0u64; 2];
    let mut found = Vec::new();
    for (event, before) in told(seen).filter(|_| seen.flow.layer == layer) {
        let What::Bytes { len, .. } = event.what else { continue };
        let sent = &mut sent[event.side.index()];
        let from = *sent;
        *sent += u64::from(len);
        if wanted(event.side) {
            let place = Place { side: event.side, from, to: *sent };
            found.push(number(u64::from(len), Some(place), before));
        }
    }
    found
}

/// The sides that had finished when the other one still sent. Once is enough: how many pieces came does not matter.
fn half_closed(seen: &Sighting) -> Vec<Found> {
    let tcp = seen.flow.layer == Layer::Tcp;
    let mut finished = [false; 2];
    let mut found = Vec::new();
    for (event, before) in told(seen).filter(|_| tcp) {
        match event.what {
            What::Finished => finished[event.side.index()] = true,
            What::Bytes { .. } if std::mem::take(&mut finished[event.side.other().index()]) => {
                found.push(plain(event.side.other().name(), before));
            }
            _ => {}
        }
    }
    found
}

/// Whether what the server said last arrived at somebody. A client that has read it says so itself; of a server's own record
/// it is known when the receiver's kernel has acknowledged all of it, and not once the client has broken off behind it.
fn answered(seen: &Sighting) -> Vec<Found> {
    let mut found = Vec::new();
    for (event, before) in told(seen) {
        let is_word = match (&event.what, seen.flow.seen) {
            (What::Bytes { .. }, Side::Client) => event.side == Side::Server,
            (What::Acknowledged, Side::Server) => seen.flow.from_server.total > 0,
            _ => false,
        };
        if is_word {
            found = vec![plain("answered", before)];
        } else if event.what == What::Reset && event.side == Side::Client {
            found.clear();
        }
    }
    found
}

/// The addresses at which somebody listened on the port that was called, each once.
fn listeners(seen: &Sighting) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (event, before) in told(seen) {
        let What::Waiting(waiting) = &event.what else { continue };
        for one in waiting {
            let listener = plain(&one.at.ip().to_canonical().to_string(), before);
            if !found.contains(&listener) {
                found.push(listener);
            }
        }
    }
    found
}

fn judged(seen: &Sighting, which: fn(&Judged) -> &[String]) -> Vec<Found> {
    let judged = told(seen).filter_map(|(event, before)| match &event.what {
        What::Judged(judged) => Some((which(judged), before)),
        _ => None,
    });
    judged.flat_map(|(names, before)| names.iter().map(move |name| plain(name, before))).collect()
}

/// How many bytes a side had handed over whenever a write of its could not proceed.
fn stuck(seen: &Sighting) -> Vec<Found> {
    let mut sent = [0u64; 2];
    let mut found = Vec::new();
    for (event, before) in told(seen) {
        match event.what {
            What::Bytes { len, .. } => sent[event.side.index()] += u64::from(len),
            What::Stuck => {
                let to = sent[event.side.index()];
                found.push(number(to, Some(Place { side: event.side, from: 0, to }), before));
            }
            _ => {}
        }
    }
    found
}

/// The first write that was accepted after one that could not proceed.
fn resumed(seen: &Sighting) -> Vec<Found> {
    let mut sent = 0;
    let mut stuck = false;
    let mut found = Vec::new();
    for (event, before) in told(seen) {
        match event.what {
            What::Stuck => stuck = true,
            What::Bytes { len, .. } if event.side == seen.flow.seen => {
                let from = sent;
                sent += u64::from(len);
                if std::mem::take(&mut stuck) {
                    let place = Place { side: event.side, from, to: sent };
                    found.push(number(u64::from(len), Some(place), before));
                }
            }
            _ => {}
        }
    }
    found
}

fn plain(value: &str, before: bool) -> Found {
    Found { value: value.as_bytes().to_vec(), number: None, is_name: false, place: None, before }
}

/// A number, and the bytes it is about.
pub(super) fn number(value: u64, place: Option<Place>, before: bool) -> Found {
    Found { value: value.to_string().into_bytes(), number: Some(value), is_name: false, place, before }
}
