//! Which paths a check may use.
//!
//! - About the flow: the rows of [`FLOW_PATHS`], each with the function that finds it.
//! - About fields: `PROTOCOL.NAME...`, an ordered selection of the names on the way to a field, the last
//!   being the field itself: `dns.answer.address` is `dns > answer > rdata > address`. Letter case does not
//!   matter. `client.` or `server.` before it means what that side sent: `server.dns.rcode`. `.missing` behind it is
//!   how many bytes of the field were to come and never did: `http.content.missing`.
//! - `flow` and `exchange`, counted only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::evidence::Side;
use crate::proto::field::Spec;
use crate::proto::stream::Stream;
use crate::proto::{self, PROTOCOLS, Protocol};

use super::flow_paths::{FLOW_PATHS, FlowPath};
use super::question::Path;

/// What a path is about.
#[derive(Clone, Copy)]
pub enum About {
    /// The flow itself: a row of [`FLOW_PATHS`].
    Flow(&'static FlowPath),
    /// Fields of a protocol, of one side's bytes or of both.
    Fields(&'static Protocol, Option<Side>),
    /// How many connections satisfy the scene.
    Flows,
    /// How many exchanges of one connection satisfy the scene.
    Exchanges,
    /// Nothing there is.
    Unknown,
}

/// What a path is about. Does not look whether a field of that name exists; see [`problem`].
#[must_use]
pub fn about(path: &Path) -> About {
    path.about()
}

/// The same of the steps of a path.
#[must_use]
pub fn find(names: &[String]) -> About {
    let text = names.join(".");
    if let Some(row) = FLOW_PATHS.iter().find(|row| row.path == text) {
        return About::Flow(row);
    }
    match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["flow"] => About::Flows,
        ["exchange"] => About::Exchanges,
        ["client", protocol, ..] => fields(protocol, Some(Side::Client)),
        ["server", protocol, ..] => fields(protocol, Some(Side::Server)),
        [protocol, ..] => fields(protocol, None),
        [] => About::Unknown,
    }
}

fn fields(protocol: &str, side: Option<Side>) -> About {
    proto::named(protocol).map_or(About::Unknown, |protocol| About::Fields(protocol, side))
}

/// The names of the path that lead to fields: without the side.
#[must_use]
pub fn field_names(path: &Path) -> &[String] {
    match about(path) {
        About::Fields(_, Some(_)) => &path.names()[1..],
        _ => path.names(),
    }
}

/// The last name of a path that asks how many bytes of a field never came.
pub const MISSING: &str = "missing";

/// The names of a field, and whether they ask for what is missing of it.
#[must_use]
pub fn without_missing(names: &[String]) -> (&[String], bool) {
    match names {
        [field @ .., last] if last == MISSING && field.len() > 1 => (field, true),
        _ => (names, false),
    }
}

/// Whether the names ask for other bytes that messages of the protocol carry.
#[must_use]
pub fn carried(protocol: &Protocol, names: &[String]) -> bool {
    names.len() == 2 && protocol.carries.iter().any(|what| is_last(names, what.name))
}

/// Whether the names end in this one.
#[must_use]
pub fn is_last(names: &[String], name: &str) -> bool {
    names.last().is_some_and(|last| last.eq_ignore_ascii_case(name))
}

/// Whether the names lead to the field whose groups and own name are `way`.
#[must_use]
pub fn leads_to(names: &[String], way: &[&str]) -> bool {
    let (Some(last), Some(own)) = (names.last(), way.last()) else { return false };
    if !last.eq_ignore_ascii_case(own) {
        return false;
    }
    let mut groups = way[..way.len() - 1].iter();
    names[..names.len() - 1].iter().all(|name| groups.any(|group| group.eq_ignore_ascii_case(name)))
}

/// How much of two names has to be the same for one to be taken for a slip in the other, from 0 to 1.
const ALIKE: f64 = 0.6;

/// The field of a protocol whose name is most like this one.
fn alike(protocol: &str, name: &str) -> Option<String> {
    let own = ways().filter(|way| way.first().is_some_and(|first| first == protocol));
    let names: BTreeSet<&String> = own.filter_map(|way| way.last()).collect();
    let rated = names.into_iter().map(|one| (strsim::normalized_levenshtein(one, name), one));
    let best = rated.reduce(|best, one| if one.0 > best.0 { one } else { best })?;
    (best.0 >= ALIKE).then(|| best.1.clone())
}

/// What is wrong with a path, if anything, as a sentence part.
#[must_use]
pub fn problem(path: &Path, count: bool) -> Option<String> {
    match about(path) {
        About::Flow(_) => None,
        About::Flows | About::Exchanges if count => None,
        About::Flows | About::Exchanges => Some(format!("{} can only be counted", path.text())),
        About::Fields(protocol, _) => {
            let (names, _) = without_missing(field_names(path));
            let known =
                ways().any(|way| leads_to(names, &way.iter().map(String::as_str).collect::<Vec<_>>()));
            (!known).then(|| {
                let said = names[1..].join(".");
                let meant = alike(protocol.name, &said).map(|name| format!("; is {name} meant?"));
                format!("{} has no field {said}{}", protocol.name, meant.unwrap_or_default())
            })
        }
        About::Unknown => Some(format!("nothing is called {}", path.text())),
    }
}

/// The ways to all fields, collected by dissecting the samples of each protocol. What a dissector can show, a check
/// can ask.
pub fn ways() -> impl Iterator<Item = &'static Vec<String>> {
    known().keys()
}

/// What the fields are that a path leads to; nothing for what is asked of the flow itself.
#[must_use]
pub fn spec(path: &Path) -> Option<&'static Spec> {
    let About::Fields(..) = about(path) else { return None };
    let leads =
        |way: &[String]| leads_to(field_names(path), &way.iter().map(String::as_str).collect::<Vec<_>>());
    known().iter().find(|(way, _)| leads(way)).and_then(|(_, spec)| *spec)
}

/// The ways to all fields, each with what the field is.
fn known() -> &'static BTreeMap<Vec<String>, Option<&'static Spec>> {
    static KNOWN: OnceLock<BTreeMap<Vec<String>, Option<&'static Spec>>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known = BTreeMap::new();
        for protocol in PROTOCOLS {
            let carried = protocol.carries.iter();
            known.extend(carried.map(|what| (vec![protocol.name.to_owned(), what.name.to_owned()], None)));
            for sample in (protocol.samples)() {
                let fields = protocol.dissect(Stream::alone(&sample.bytes, sample.sender, sample.carriage));
                let mut way: Vec<String> = Vec::new();
                for field in &fields.list {
                    way.truncate(usize::from(field.depth));
                    way.push(field.spec.name.to_owned());
                    if !known.contains_key(&way) {
                        known.insert(way.clone(), Some(field.spec));
                    }
                }
            }
        }
        known
    })
}
