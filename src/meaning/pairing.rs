//! Which answer belongs to which question, as the protocol's row says it.

use super::Reading;
use crate::evidence::Side;
use crate::proto::Protocol;
use crate::proto::row::{Pairs, Role};

/// One message: a group of fields of one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The reading, by its place among the readings of its flow.
    pub reading: usize,
    /// The group, by its place in that reading's tree.
    pub root: usize,
}

/// A question with its answer, or one of the two alone.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What they speak.
    pub protocol: &'static Protocol,
    /// Its messages, the question first.
    pub messages: Vec<Message>,
}

/// The exchanges of a flow: of each protocol that was spoken on it, in the order in which they were begun; answers
/// that no question was seen to come last.
#[must_use]
pub fn exchanges(readings: &[Reading<'_>]) -> Vec<Exchange> {
    spoken(readings).into_iter().flat_map(|protocol| of(protocol, readings)).collect()
}

/// The protocols of the readings, each once, in their order.
pub(super) fn spoken(readings: &[Reading<'_>]) -> Vec<&'static Protocol> {
    let mut spoken: Vec<&'static Protocol> = Vec::new();
    for reading in readings {
        if !spoken.contains(&reading.protocol) {
            spoken.push(reading.protocol);
        }
    }
    spoken
}

fn of(protocol: &'static Protocol, readings: &[Reading<'_>]) -> Vec<Exchange> {
    let sent_by = |side: Side| {
        let of_side = readings
            .iter()
            .enumerate()
            .filter(move |(_, reading)| reading.side == side && *reading.protocol == *protocol);
        of_side.flat_map(|(index, reading)| {
            let roots = protocol.messages(&reading.fields);
            roots.map(move |root| Message { reading: index, root })
        })
    };
    let mut exchanges: Vec<Vec<Message>> = Vec::new();
    match protocol.pairs {
        Pairs::Never => {}
        Pairs::InOrder(role) => {
            let is = |message: &Message, wanted: Role| {
                let reading = &readings[message.reading];
                role(&reading.fields, message.root, reading.sender()) == wanted
            };
            let all = || sent_by(Side::Client).chain(sent_by(Side::Server));
            let mut answers = all().filter(|message| is(message, Role::Answers));
            for question in all().filter(|message| is(message, Role::Asks)) {
                exchanges.push(std::iter::once(question).chain(answers.next()).collect());
            }
            exchanges.extend(answers.map(|answer| vec![answer]));
        }
        Pairs::ById(id) => {
            let number = |message: &Message| id(&readings[message.reading].fields, message.root);
            let mut answers: Vec<Message> = sent_by(Side::Server).collect();
            for question in sent_by(Side::Client) {
                let at = answers.iter().position(|answer| number(answer) == number(&question));
                let answer = at.map(|at| answers.remove(at));
                exchanges.push(std::iter::once(question).chain(answer).collect());
            }
            exchanges.extend(answers.into_iter().map(|answer| vec![answer]));
        }
    }
    exchanges.into_iter().map(|messages| Exchange { protocol, messages }).collect()
}
