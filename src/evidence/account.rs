//! What the lines of the journal come to: the conversations on which something happened since a marker.
//!
//! Of what stands above the marker only the lines of those conversations are read, so that an account of the last
//! minute costs a minute's lines, however full the journal is. An account holds the latest [`CONVERSATIONS`]: in a
//! flood nobody is kept waiting for what came long before.

use std::collections::{HashMap, HashSet};

use super::flow::{Carries, Flow};
use super::id::FlowId;
use super::journal::JOURNAL_FLOW_BYTES;
use super::journal_line::{Record, flow_of, is_inside, is_opening, marker_of};
use super::lines;

/// How many conversations an account holds, each with all its layers: of more, the ones that began last.
pub const CONVERSATIONS: usize = 1_024;

/// A flow from the journal, and how much of it is from before the marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The flow, whole.
    pub flow: Flow,
    /// Whether it began before the marker.
    pub began_before: bool,
    /// How many of its events are from before.
    pub events_before: usize,
    /// How many bytes the client had sent before.
    pub client_before: u64,
    /// How many bytes the server had sent before.
    pub server_before: u64,
}

/// What the journal holds since a marker.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Conversations on which something happened since, in the order they began.
    pub sightings: Vec<Sighting>,
    /// Lines since that could not be read.
    pub unreadable: u64,
    /// Conversations the journal says it left out since.
    pub left_out: u64,
    /// Whether there were more conversations than [`CONVERSATIONS`], so that the earlier ones are not here.
    pub has_earlier: bool,
}

/// An account while it is made.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    marker: String,
    account: Account,
    places: HashMap<FlowId, usize>,
    /// Flows that something happened on and whose beginning is not in the journal.
    strangers: HashSet<FlowId>,
}

impl Ledger {
    /// An empty one, of what happens since `marker`.
    pub(super) fn new(marker: &str) -> Self {
        Self { marker: marker.to_owned(), ..Self::default() }
    }

    /// Since what.
    pub(super) fn marker(&self) -> &str {
        &self.marker
    }

    /// The account so far.
    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    /// The account, of which nothing more is made.
    pub(super) fn close(self) -> Account {
        self.account
    }

    /// Starts over with everything that is in the journal. A marker that is not there has been dropped with the
    /// oldest lines, so all of it counts; of several the last one does.
    pub(super) fn start_over(&mut self, text: &[u8]) {
        *self = Self::new(&self.marker);
        let since = self.since(text);
        let before = &text[..text.len() - since.len()];
        let (earlier, since) = latest(since);
        if !earlier.is_empty() {
            self.account.has_earlier = true;
            // What is about no conversation counts all the same.
            lines::each(earlier).filter(|line| flow_of(line).is_none()).for_each(|line| {
                self.enter(Record::read(line));
            });
        }
        if before.is_empty() || !earlier.is_empty() {
            self.add(since);
            return;
        }
        self.take_straddling(before, since);
        self.add(since);
        self.account
            .sightings
            .retain(|sighting| sighting.flow.events.len() > sighting.events_before || !sighting.began_before);
        self.place();
    }

    /// Adds lines. Says whether they could be understood without those above them; if not, it has to start over.
    pub(super) fn add(&mut self, text: &[u8]) -> bool {
        let mut understood = true;
        lines::each(text).for_each(|line| understood &= self.enter(Record::read(line)));
        self.let_go_of_earlier();
        understood
    }

    /// Keeps the latest conversations. Of the others nothing more is taken.
    fn let_go_of_earlier(&mut self) {
        let sightings = &mut self.account.sightings;
        if sightings.len() <= CONVERSATIONS {
            return;
        }
        let mut known = HashSet::new();
        let stacks: Vec<FlowId> = sightings
            .iter()
            .map(|sighting| sighting.flow.stack())
            .filter(|&stack| known.insert(stack))
            .collect();
        let Some(many) = stacks.len().checked_sub(CONVERSATIONS).filter(|&many| many > 0) else { return };
        let gone: HashSet<FlowId> = stacks[..many].iter().copied().collect();
        self.account.has_earlier = true;
        let strangers = &mut self.strangers;
        sightings.retain(|sighting| {
            let stays = !gone.contains(&sighting.flow.stack());
            if !stays {
                strangers.insert(sighting.flow.id);
            }
            stays
        });
        self.place();
    }

    /// Notes where each flow is.
    fn place(&mut self) {
        let places = self.account.sightings.iter().enumerate();
        self.places = places.map(|(place, sighting)| (sighting.flow.id, place)).collect();
    }

    fn enter(&mut self, record: Option<Record>) -> bool {
        let Some(record) = record else {
            self.account.unreadable += 1;
            return true;
        };
        self.take(record)
    }

    /// Takes from before the marker the flows that go on behind it.
    fn take_straddling(&mut self, before: &[u8], since: &[u8]) {
        // Of the two one is nearly always short: the step began long ago, or just now.
        let (short, long) = if before.len() < since.len() { (before, since) } else { (since, before) };
        let flows: HashSet<FlowId> = lines::each(short).filter_map(flow_of).collect();
        if flows.is_empty() {
            return;
        }
        let both: HashSet<FlowId> =
            lines::each(long).filter_map(flow_of).filter(|flow| flows.contains(flow)).collect();
        let goes_on = |line: &&[u8]| flow_of(line).is_some_and(|flow| both.contains(&flow));
        for record in lines::each(before).filter(goes_on).filter_map(Record::read) {
            self.take(record);
        }
        self.account.sightings.iter_mut().for_each(Sighting::date);
        // Who was a stranger before may have been introduced later.
        self.strangers.clear();
    }

    /// The lines below the last marker; all of them, when it is not there.
    fn since<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let is_marker = |line: &[u8]| marker_of(line).is_some_and(|marker| marker == self.marker);
        let below = lines::each_with_rest(text).filter(|(line, _)| is_marker(line)).last();
        below.map_or(text, |(_, rest)| rest)
    }

    /// Tells a flow inside another one, and that one, of each other.
    fn put_inside(&mut self, flow: &mut Flow) {
        let Some(inside) = &mut flow.inside else { return };
        let Some(&place) = self.places.get(&inside.flow) else { return };
        let outside = &mut self.account.sightings[place].flow;
        inside.outermost = outside.stack();
        outside.carries = Some(Carries { layer: flow.layer, from: inside.from });
    }

    fn take(&mut self, record: Record) -> bool {
        match record {
            Record::Opening(opening) => {
                let mut flow = opening.into_flow();
                self.put_inside(&mut flow);
                self.places.insert(flow.id, self.account.sightings.len());
                self.account.sightings.push(Sighting::of(flow));
                true
            }
            Record::Event(event) => match self.places.get(&event.flow) {
                Some(&place) => {
                    event.add_to(&mut self.account.sightings[place].flow, JOURNAL_FLOW_BYTES);
                    true
                }
                None => !self.strangers.insert(event.flow),
            },
            Record::Marker(marker) => marker != self.marker,
            Record::LeftOut(flows) => {
                self.account.left_out += flows;
                true
            }
        }
    }
}

/// Lines in two parts: of the second the first begins the earliest conversation that an account has room for.
fn latest(text: &[u8]) -> (&[u8], &[u8]) {
    let begun: Vec<usize> = lines::each_with_rest(text)
        .filter(|(line, _)| is_opening(line) && !is_inside(line))
        .map(|(line, rest)| text.len() - rest.len() - line.len() - 1)
        .collect();
    let first = begun.len().checked_sub(CONVERSATIONS).filter(|&first| first > 0);
    text.split_at(first.map_or(0, |first| begun[first]))
}

impl Sighting {
    /// Nothing of it is from before.
    fn of(flow: Flow) -> Self {
        Self { flow, began_before: false, events_before: 0, client_before: 0, server_before: 0 }
    }

    /// Everything so far is from before.
    fn date(&mut self) {
        self.began_before = true;
        self.events_before = self.flow.events.len();
        self.client_before = self.flow.from_client.total;
        self.server_before = self.flow.from_server.total;
    }
}
