//! Names to records: which servers to ask, for which names, and what the answers come to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::time::Instant;

use super::ask::{Asked, Asking, Over, Question, Wording};
use super::system;
use crate::evidence::{Recorder, Trouble};
use crate::proto::dns::message::{Message, Record};

/// How long a whole lookup may take, over all servers and names, unless somebody says otherwise.
pub const LOOKUP_LIMIT: Duration = Duration::from_secs(5);

/// CNAME records that are followed within one answer; more are a loop or a joke.
const ALIAS_LIMIT: usize = 16;

/// Whom to ask, and what to make of what is typed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The servers, in order.
    pub servers: Vec<SocketAddr>,
    /// The names to try, in order.
    pub names: Vec<String>,
    /// The transport.
    pub over: Over,
    /// How each question is put.
    pub wording: Wording,
    /// How long the whole lookup may take.
    pub patience: Duration,
}

impl Plan {
    /// The usual one: a random number for each question, asked again while there is no answer.
    #[must_use]
    pub fn usual(servers: Vec<SocketAddr>, names: Vec<String>) -> Self {
        let (over, wording) = (Over::UdpThenTcp, Wording::default());
        Self { servers, names, over, wording, patience: LOOKUP_LIMIT }
    }
}

/// What a lookup came to.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The name as it was typed.
    pub typed: String,
    /// The record type asked for.
    pub kind: u16,
    /// Every server that was asked, in order.
    pub asked: Vec<Asked>,
    /// The outcome.
    pub outcome: Outcome,
}

/// The outcomes, which never look alike.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Addresses from the hosts file; nobody was asked.
    Hosts(Vec<IpAddr>),
    /// `localhost` is this machine by definition (RFC 6761 §6.3); nobody may be asked.
    Localhost(Vec<IpAddr>),
    /// Records of the type asked for, behind the aliases that lead to them.
    Records(Vec<Record>),
    /// The name exists and has nothing of this type (NODATA); the aliases on the way.
    NoData(Vec<Record>),
    /// There is no such name (NXDOMAIN); the aliases on the way.
    NoName(Vec<Record>),
    /// The server said that it cannot or will not: its RCODE.
    Declined(Message),
    /// The server only knows who might know more: it does not ask further for us.
    Referral(Message),
    /// No server gave an answer; the last one's trouble.
    Silence(Trouble),
    /// There is nobody to ask.
    NoServers(String),
}

impl Lookup {
    /// The addresses found.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        match &self.outcome {
            Outcome::Hosts(addresses) | Outcome::Localhost(addresses) => addresses.clone(),
            Outcome::Records(records) => records.iter().filter_map(|record| record.address).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether there is something to show for it.
    #[must_use]
    pub fn is_found(&self) -> bool {
        matches!(self.outcome, Outcome::Hosts(_) | Outcome::Localhost(_) | Outcome::Records(_))
    }
}

/// Whether a name is `localhost` or below it.
#[must_use]
pub fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("localhost"))
}

/// Both loopback addresses.
pub const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// What is known of a name without asking anybody: the hosts file's word, and what `localhost` means.
#[must_use]
pub fn without_asking(typed: &str, kind: u16) -> Option<Lookup> {
    in_hosts(typed, kind).or_else(|| {
        let outcome = match kind {
            _ if !is_localhost(typed) => return None,
            A => Outcome::Localhost(vec![LOOPBACK[0]]),
            AAAA => Outcome::Localhost(vec![LOOPBACK[1]]),
            _ => Outcome::NoData(Vec::new()),
        };
        Some(Lookup { typed: typed.to_owned(), kind, asked: Vec::new(), outcome })
    })
}

/// Looks in the hosts file, for the two address types.
fn in_hosts(typed: &str, kind: u16) -> Option<Lookup> {
    let addresses: Vec<IpAddr> = system::hosts(typed)
        .into_iter()
        .filter(|address| kind == if address.is_ipv4() { A } else { AAAA })
        .collect();
    let outcome = Outcome::Hosts(addresses.clone());
    (!addresses.is_empty()).then(|| Lookup { typed: typed.to_owned(), kind, asked: Vec::new(), outcome })
}

/// The type of IPv4 addresses.
pub const A: u16 = 1;
/// The type of aliases.
pub const CNAME: u16 = 5;
/// The type of pointers back to names.
pub const PTR: u16 = 12;
/// The type of IPv6 addresses.
pub const AAAA: u16 = 28;
/// The query type that means any.
const ANY: u16 = 255;

/// Asks for the names of the plan, one after another, until one of them has what is wanted.
pub async fn lookup(recorder: &Recorder, by: &str, typed: &str, kind: u16, plan: &Plan) -> Lookup {
    let deadline = Instant::now() + plan.patience;
    let mut asked = Vec::new();
    let mut first = None;
    for name in &plan.names {
        let question = Question { name: name.clone(), kind };
        let (more, outcome) = ask_servers(recorder, by, &question, plan, deadline).await;
        asked.extend(more);
        let keep_trying = matches!(outcome, Outcome::NoName(_) | Outcome::NoData(_));
        if !keep_trying {
            return Lookup { typed: typed.to_owned(), kind, asked, outcome };
        }
        // Of several names that are not there, the one as it was typed is the one to speak of.
        if first.is_none() || name == typed {
            first = Some(outcome);
        }
    }
    let outcome = first.unwrap_or_else(|| Outcome::NoServers("there is no name to ask for".to_owned()));
    Lookup { typed: typed.to_owned(), kind, asked, outcome }
}

/// Asks one server after the other until one can tell, each in its share of the time up to `deadline`.
async fn ask_servers(
    recorder: &Recorder,
    by: &str,
    question: &Question,
    plan: &Plan,
    deadline: Instant,
) -> (Vec<Asked>, Outcome) {
    let mut all = Vec::new();
    let mut outcome = Outcome::NoServers("no server is known".to_owned());
    for (at, &server) in plan.servers.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(plan.servers.len() - at).unwrap_or(1);
        let (over, wording, deadline) = (plan.over, plan.wording, Instant::now() + share);
        let asked = Asking { recorder, by, server, over, wording, deadline }.ask(question).await;
        outcome = match &asked.answer {
            Ok(message) => judge(message, question),
            Err(trouble) => Outcome::Silence(*trouble),
        };
        all.push(asked);
        // A server that cannot tell is no reason not to ask the next one; one that can is.
        if !matches!(outcome, Outcome::Silence(_) | Outcome::Declined(_) | Outcome::Referral(_)) {
            break;
        }
    }
    (all, outcome)
}

/// What an answer comes to (RFC 1034 §3.6.2, RFC 2308 §2).
fn judge(message: &Message, question: &Question) -> Outcome {
    let (aliases, end) = aliases(message, &question.name);
    match message.rcode {
        0 => {}
        3 => return Outcome::NoName(aliases),
        _ => return Outcome::Declined(message.clone()),
    }
    let wanted = |record: &&Record| {
        (question.kind == ANY || record.rtype == question.kind) && record.name.eq_ignore_ascii_case(&end)
    };
    let records: Vec<Record> = message.answers.iter().filter(wanted).cloned().collect();
    match (records.is_empty(), message.is_referral()) {
        (false, _) if question.kind == CNAME => Outcome::Records(records),
        (false, _) => Outcome::Records(aliases.into_iter().chain(records).collect()),
        (true, true) => Outcome::Referral(message.clone()),
        (true, false) if question.kind == CNAME && !aliases.is_empty() => Outcome::Records(aliases),
        (true, false) => Outcome::NoData(aliases),
    }
}

/// The CNAME records that lead on from `name`, and the name they end at.
fn aliases(message: &Message, name: &str) -> (Vec<Record>, String) {
    let mut end = name.to_owned();
    let mut found = Vec::new();
    while found.len() < ALIAS_LIMIT {
        let next = message
            .answers
            .iter()
            .find(|record| record.rtype == CNAME && record.name.eq_ignore_ascii_case(&end));
        let Some((record, target)) = next.and_then(|record| Some((record, record.target.clone()?))) else {
            break;
        };
        end = target;
        found.push(record.clone());
    }
    (found, end)
}

/// The name under which an address's name is published: `4.0.0.127.in-addr.arpa` (RFC 1035 §3.5,
/// RFC 3596 §2.5).
#[must_use]
pub fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().rev().flat_map(|octet| [octet & 15, octet >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}.")).collect::<String>() + "ip6.arpa"
        }
    }
}
