//! A conversation as answers: what stands on a path, in which bytes, and whether it is from before the step.
//!
//! The layers of one recording are judged together: who talks to whom, and how TCP carried it, is what the outermost flow
//! says, and fields are those of any layer.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::evidence::journal::{Account, Sighting};
use crate::evidence::{End, Event, Flow, FlowId, Side, Transport, What};
use crate::meaning::inside::{self, Inside};
use crate::meaning::pairing::{self, Exchange};
use crate::meaning::{self, Reading};
use crate::proto::Protocol;
use crate::proto::field::{Problem, Value};

use super::connections::{self, Open};
use super::flow_paths::{before, number};
use super::paths::{self, About};
use super::question::Path;
use super::settled::{AFTERWARDS_US, SILENCE_US, Settled};
use super::verdict::{Found, Place, Source};

/// A conversation of the account, with all its layers. A layer is dissected only if a question asks for its fields: of a
/// full journal most flows speak another protocol than the one that is asked about. Whoever is done with one lets go of
/// its fields, for to dissect it once more costs less than to keep the fields of ten thousand.
pub struct Watched<'a> {
    /// The number of its connection; recordings of one connection share it.
    pub connection: usize,
    /// The server that took the connection: the system's number for its listening socket, where that is known.
    pub server: Option<u64>,
    /// When its connection was open, if it was.
    pub open: Option<Open>,
    /// The outermost first; there is one.
    layers: Vec<Layered<'a>>,
}

/// One flow of it.
struct Layered<'a> {
    /// Its place in the account.
    index: usize,
    sighting: &'a Sighting,
    protocol: OnceCell<&'static Protocol>,
    dissected: OnceCell<Dissected<'a>>,
}

/// The fields of a flow.
struct Dissected<'a> {
    readings: Vec<Reading<'a>>,
    exchanges: Vec<Exchange>,
    /// What they carry, once somebody has asked for it.
    inside: OnceCell<Vec<Inside>>,
}

/// All conversations of an account on which something happened since the step began, without a relay's second legs: the
/// learner's own is the one with the relay.
#[must_use]
pub fn watch(account: &Account) -> Vec<Watched<'_>> {
    let numbers = connections::numbers(&account.sightings);
    let open = connections::open(&account.sightings, &numbers);
    let servers = connections::servers(&account.sightings, &numbers);
    let legs = connections::second_legs(&account.sightings, &numbers);
    let retold = connections::retold(&account.sightings);
    let flows = account.sightings.iter().zip(numbers).enumerate();
    let flows = flows.filter(|(index, _)| !retold.contains_key(index));
    let mut watched: Vec<Watched<'_>> = Vec::new();
    // Where the layers of a recording are; most have one only, and need not be looked for.
    let mut places: HashMap<FlowId, usize> = HashMap::new();
    let carriers = account.sightings.iter().filter_map(|sighting| sighting.flow.inside);
    let carriers: HashSet<FlowId> = carriers.map(|inside| inside.outermost).collect();
    for (index, (sighting, connection)) in flows {
        let layer = Layered { index, sighting, protocol: OnceCell::new(), dissected: OnceCell::new() };
        let stack = sighting.flow.stack();
        if let Some(&at) = places.get(&stack) {
            watched[at].layers.push(layer);
            continue;
        }
        if carriers.contains(&stack) {
            places.insert(stack, watched.len());
        }
        let open = open.get(&connection).copied();
        let server = servers.get(&connection).copied();
        watched.push(Watched { connection, server, open, layers: vec![layer] });
    }
    watched.retain(|one| {
        !legs.contains(&one.connection)
            && one.layers.iter().any(|layer| since(layer.sighting).next().is_some())
    });
    watched
}

/// What happened since the step began. A note is not something that happened on the wire.
fn since(sighting: &Sighting) -> impl Iterator<Item = &Event> {
    sighting.flow.events.iter().skip(sighting.events_before).filter(|event| event.what.is_on_the_wire())
}

impl<'a> Watched<'a> {
    /// The exchanges on it by their numbers: of one protocol, or all.
    #[must_use]
    pub fn exchanges(&self, of: Option<&'static Protocol>) -> Vec<usize> {
        let layers = self.layers.iter().enumerate();
        layers
            .flat_map(|(at, layer)| layer.exchanges(of).into_iter().map(move |nth| self.number(at, nth)))
            .collect()
    }

    /// The number of the nth exchange of a layer. Where there is one layer it is n.
    fn number(&self, layer: usize, nth: usize) -> usize {
        nth * self.layers.len() + layer
    }

    /// The layer of an exchange, and which one of it that is.
    fn nth(&self, exchange: usize) -> (&Layered<'a>, usize) {
        let many = self.layers.len();
        (&self.layers[exchange % many], exchange / many)
    }

    /// The server's end.
    #[must_use]
    pub fn server_end(&self) -> &End {
        &self.layers[0].sighting.flow.server
    }

    /// Whether it can be said by now what did not happen on it, or in one exchange.
    #[must_use]
    pub fn settled(&self, exchange: Option<usize>) -> Settled {
        let flow = &self.layers[0].sighting.flow;
        let is_tcp = flow.transport == Transport::Tcp;
        let failed =
            is_tcp && flow.events.iter().any(|one| matches!(one.what, What::Failed(_) | What::Reset));
        if failed || self.open.is_some_and(|open| open.to_us.is_some()) {
            return Settled::Now;
        }
        let answered = exchange.map(|exchange| {
            let (layer, nth) = self.nth(exchange);
            layer.is_answered(nth)
        });
        match (answered, is_tcp) {
            (Some(true), false) => Settled::Now,
            (Some(true), true) => Settled::From(self.latest_us().saturating_add(AFTERWARDS_US)),
            (Some(false), true) => Settled::WhenOver,
            _ => Settled::From(self.latest_us().saturating_add(SILENCE_US)),
        }
    }

    /// Whether somebody has asked: of the whole conversation nobody needs to, of one exchange its question stands in it.
    #[must_use]
    pub fn is_asked(&self, exchange: Option<usize>) -> bool {
        exchange.is_none_or(|exchange| {
            let (layer, nth) = self.nth(exchange);
            layer.is_asked(nth)
        })
    }

    /// When it began, in microseconds since 1970.
    #[must_use]
    pub fn began_us(&self) -> u64 {
        self.layers[0].sighting.flow.began_us
    }

    /// When something happened on it last, in microseconds since 1970.
    fn latest_us(&self) -> u64 {
        let latest = |flow: &Flow| {
            let wire = || flow.events.iter().filter(|event| event.what.is_on_the_wire());
            let first_us = flow.events.first().map_or(0, |event| event.at_us);
            flow.began_us
                .saturating_add(wire().next_back().map_or(0, |event| event.at_us.saturating_sub(first_us)))
        };
        self.layers.iter().map(|layer| latest(&layer.sighting.flow)).max().unwrap_or(0)
    }

    /// Lets go of its fields until the next question.
    pub fn let_go(&mut self) {
        self.layers.iter_mut().for_each(|layer| drop(layer.dissected.take()));
    }

    /// Where evidence from here comes from: the layer of an exchange, or the outermost.
    #[must_use]
    pub fn source(&self, exchange: Option<usize>) -> Source {
        match exchange.map(|exchange| self.nth(exchange)) {
            Some((layer, nth)) => layer.source(Some(nth)),
            None => self.layers[0].source(None),
        }
    }

    /// Everything on the path, of one exchange or of the whole conversation. What is from before the step is there
    /// and marked.
    #[must_use]
    pub fn found(&self, exchange: Option<usize>, path: &Path) -> Vec<Found> {
        match (paths::about(path), exchange) {
            (About::Flow(row), _) if row.of_each_layer => {
                self.layers.iter().flat_map(|layer| (row.find)(layer.sighting)).collect()
            }
            (About::Flow(row), _) => (row.find)(self.layers[0].sighting),
            (About::Fields(protocol, side), Some(exchange)) => {
                let (layer, nth) = self.nth(exchange);
                layer.found(Some(nth), protocol, side, paths::field_names(path))
            }
            (About::Fields(protocol, side), None) => {
                let names = paths::field_names(path);
                self.layers.iter().flat_map(|layer| layer.found(None, protocol, side, names)).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl<'a> Layered<'a> {
    /// Whether `protocol` may be spoken on it: at its beginning, or after a switch.
    fn may_speak(&self, protocol: &Protocol) -> bool {
        let flow = &self.sighting.flow;
        let first = self.protocol.get_or_init(|| meaning::protocol(flow));
        **first == *protocol || (first.may_switch)(&flow.from_client.bytes, &flow.from_server.bytes)
    }

    fn exchanges(&self, of: Option<&'static Protocol>) -> Vec<usize> {
        if of.is_some_and(|protocol| !self.may_speak(protocol)) {
            return Vec::new();
        }
        let all = self.dissected().exchanges.iter().enumerate();
        all.filter(|(_, exchange)| of.is_none_or(|of| *exchange.protocol == *of)).map(|(at, _)| at).collect()
    }

    fn is_asked(&self, nth: usize) -> bool {
        let Dissected { readings, exchanges, .. } = self.dissected();
        exchanges.get(nth).is_some_and(|exchange| {
            exchange.messages.iter().any(|message| readings[message.reading].side == Side::Client)
        })
    }

    /// Whether both sides have a message in the nth exchange.
    fn is_answered(&self, nth: usize) -> bool {
        let Dissected { readings, exchanges, .. } = self.dissected();
        exchanges.get(nth).is_some_and(|exchange| {
            exchange.messages.iter().any(|message| readings[message.reading].side == Side::Server)
        })
    }

    fn dissected(&self) -> &Dissected<'a> {
        self.dissected.get_or_init(|| {
            let readings = meaning::readings(&self.sighting.flow);
            let exchanges = pairing::exchanges(&readings);
            Dissected { readings, exchanges, inside: OnceCell::new() }
        })
    }

    fn source(&self, exchange: Option<usize>) -> Source {
        let flow = &self.sighting.flow;
        Source {
            sighting: self.index,
            flow: flow.id,
            exchange,
            transport: flow.transport,
            layer: flow.layer,
            seen: flow.seen,
            client: flow.client.clone(),
            server: flow.server.clone(),
            by: flow.by.clone(),
        }
    }

    fn found(
        &self,
        exchange: Option<usize>,
        protocol: &Protocol,
        side: Option<Side>,
        names: &[String],
    ) -> Vec<Found> {
        let mut found = Vec::new();
        if !self.may_speak(protocol) {
            return found;
        }
        let wanted = |reading: &Reading<'_>| {
            *reading.protocol == *protocol && side.is_none_or(|side| reading.side == side)
        };
        let Dissected { readings, exchanges, .. } = self.dissected();
        if paths::carried(protocol, names) {
            return self.carried(exchange, names, wanted);
        }
        match exchange.map(|exchange| exchanges.get(exchange)) {
            Some(exchange) => {
                for message in exchange.into_iter().flat_map(|exchange| &exchange.messages) {
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

    /// What messages carry in other bytes: each whole, at the place of the bytes that carried it.
    fn carried(
        &self,
        exchange: Option<usize>,
        names: &[String],
        wanted: impl Fn(&Reading<'_>) -> bool,
    ) -> Vec<Found> {
        let Dissected { readings, exchanges, inside } = self.dissected();
        let of_exchange = |reading: usize, key: u64| {
            exchange.is_none_or(|exchange| {
                let messages = exchanges.get(exchange).into_iter().flat_map(|exchange| &exchange.messages);
                messages.into_iter().any(|one| one.reading == reading && one.root as u64 == key)
            })
        };
        let mut found = Vec::new();
        for inside in inside.get_or_init(|| inside::inside(readings)) {
            for told in inside.readings.iter().filter(|_| paths::is_last(names, inside.what.name)) {
                let map = &inside.maps[told.sender().index()];
                let Some((at, outer)) = map.span(0..told.fields.bytes.len()) else { continue };
                let Some(reading) = readings.get(at).filter(|reading| wanted(reading)) else { continue };
                if of_exchange(at, inside.key) {
                    let (from, to) = (reading.from + outer.start as u64, reading.from + outer.end as u64);
                    let before = from < before(self.sighting, reading.side);
                    let place = Some(Place { side: reading.side, from, to });
                    let value = told.fields.bytes.to_vec();
                    found.push(Found { value, number: None, is_name: false, place, before });
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
            let before = from < before(self.sighting, reading.side);
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
