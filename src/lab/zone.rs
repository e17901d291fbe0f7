//! The names of the private internet: everything under `test.` (reserved for this, RFC 6761 §6.2).
//!
//! The addresses of the services' names come from the lab's table. What else is said of names is text, a record a line:
//! name, TTL in seconds, type, data. TTLs are short so that a lesson about caches needs no patience.

use std::borrow::Cow;
use std::net::IpAddr;

use super::nonce::{Nonces, SUBJECTS};
use super::row::Name;
use crate::proto::dns::encode::NameError;
use crate::proto::dns::rdata;
use crate::proto::dns::response::Entry;

/// The zones this server is in charge of.
const APEXES: [&str; 3] =
    ["test", "127.in-addr.arpa", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa"];

/// `{garden}` stands for the learner's own value for that subject, which is put in when the record is asked for.
const RECORDS: &str = r#"
test                        5  SOA    dns.test hostmaster.test 1 7200 900 86400 5
test                        5  NS     dns.test
hello.test                  5  TXT    "the lab's web server" "port 80 here is 7080 on this machine"
hello.test                  5  HTTPS  1 . alpn=http/1.1
hello.test                  5  CAA    0 issue ";"
garden.test                 5  TXT    "nonce={garden}"
garden.test                 5  MX     10 mail.garden.test
www.garden.test             5  CNAME  garden.test
shop.test                   5  TXT    "nonce={shop}"
shop.test                   5  MX     10 mail.garden.test
_http._tcp.shop.test        5  SRV    0 5 80 shop.test
127.in-addr.arpa            5  SOA    dns.test hostmaster.test 1 7200 900 86400 5
1.0.0.127.in-addr.arpa      5  PTR    hello.test
4.0.0.127.in-addr.arpa      5  PTR    garden.test
5.0.0.127.in-addr.arpa      5  PTR    shop.test
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa 5 SOA dns.test hostmaster.test 1 7200 900 86400 5
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa 5 PTR hello.test
"#;

/// Names with many addresses.
pub const CROWDS: [&str; 2] = ["big.test", "crowd.test"];

/// How many addresses `big.test` has.
const BIG: u8 = 14;

/// How many `crowd.test` has: more than fit into a datagram of 1,232 bytes, so the answer is cut short (TC).
const CROWD: u8 = 100;

/// The type of a zone's start of authority.
const SOA: u16 = 6;

/// All records of the private internet.
pub struct Zone {
    records: Vec<Record>,
    nonces: Nonces,
}

struct Record {
    owner: String,
    entry: Entry,
    /// The subject whose value this record says, and the line it is read from once the value is known.
    personal: Option<(&'static str, String)>,
}

/// What the zone has for a name and type.
#[derive(Debug)]
pub struct Found<'a> {
    /// Records of the type, and the aliases that lead to them.
    pub records: Vec<Cow<'a, Entry>>,
    /// Whether the name at the end of the aliases exists.
    pub exists: bool,
    /// The start of authority of the zone it is in.
    pub authority: Option<&'a Entry>,
}

impl Zone {
    /// The zone: the addresses of these names and everything else, with the learner's own values where it says some.
    ///
    /// # Errors
    /// The line of the zone text that does not read, which is netlab's own mistake.
    pub fn new(names: &[&Name], nonces: Nonces) -> Result<Self, String> {
        let addresses = names.iter().flat_map(|name| name.hosts.iter().map(|ip| address(name.name, *ip)));
        let addresses: String = addresses.collect();
        let many = |name: &str, net: u8, many: u8| {
            (1..=many).map(|host| address(name, [127, 0, net, host].into())).collect::<String>()
        };
        let crowds = many("big.test", 1, BIG) + &many("crowd.test", 2, CROWD);
        let lines = addresses
            .lines()
            .chain(RECORDS.lines())
            .chain(crowds.lines())
            .filter(|line| !line.trim().is_empty());
        let records =
            lines.map(|line| record(line).ok_or_else(|| line.to_owned())).collect::<Result<_, _>>()?;
        Ok(Self { records, nonces })
    }

    /// Answers a question, following aliases (RFC 1034 §4.3.2). Nothing if the name belongs to none
    /// of the zones.
    #[must_use]
    pub fn find(&self, name: &str, kind: u16) -> Option<Found<'_>> {
        let apex = apex_of(name)?;
        let mut name = name.to_ascii_lowercase();
        let mut records = Vec::new();
        // The zone has no alias loops, and this bounds a mistake.
        for _ in 0..8 {
            let here = || self.records.iter().filter(|record| record.owner == name);
            let any = rdata::type_named("ANY");
            let before = records.len();
            let wanted = here().filter(|record| record.entry.rtype == kind || Some(kind) == any);
            records.extend(wanted.map(|record| self.said(record)));
            if records.len() > before {
                break;
            }
            let alias = here()
                .map(|record| &record.entry)
                .find(|entry| Some(entry.rtype) == rdata::type_named("CNAME"));
            let Some((alias, target)) = alias.and_then(|alias| Some((alias, target(&alias.rdata)?))) else {
                break;
            };
            records.push(Cow::Borrowed(alias));
            name = target;
        }
        let below = format!(".{name}");
        let exists = self.records.iter().any(|record| record.owner == name || record.owner.ends_with(&below));
        let authority = self.records.iter().find(|record| record.owner == apex && record.entry.rtype == SOA);
        Some(Found { records, exists, authority: authority.map(|record| &record.entry) })
    }

    /// The record as it is said now.
    fn said<'a>(&self, record: &'a Record) -> Cow<'a, Entry> {
        let filled = record.personal.as_ref().and_then(|(subject, line)| {
            let (_, entry) = entry(&line.replace(&placeholder(subject), &(self.nonces)(subject)))?;
            Some(Cow::Owned(entry))
        });
        filled.unwrap_or(Cow::Borrowed(&record.entry))
    }
}

/// An address of a name, as a line of the zone.
fn address(name: &str, ip: IpAddr) -> String {
    let kind = if ip.is_ipv4() { "A" } else { "AAAA" };
    format!("{name} 5 {kind} {ip}\n")
}

/// Whether the lab answers for this name.
#[must_use]
pub fn is_lab_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("test"))
}

/// The zone a name is in.
fn apex_of(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    APEXES.into_iter().find(|apex| name == *apex || name.ends_with(&format!(".{apex}")))
}

fn record(line: &str) -> Option<Record> {
    let subject = SUBJECTS.into_iter().find(|subject| line.contains(&placeholder(subject)));
    let (owner, entry) = entry(line)?;
    Some(Record { owner, entry, personal: subject.map(|subject| (subject, line.to_owned())) })
}

fn placeholder(subject: &str) -> String {
    format!("{{{subject}}}")
}

/// The owner of a record, and the record.
fn entry(line: &str) -> Option<(String, Entry)> {
    let mut words = line.split_whitespace();
    let (name, ttl, kind) = (words.next()?, words.next()?, words.next()?);
    let data = line.split_once(kind)?.1.trim();
    let kind = rdata::type_named(kind)?;
    let rdata = rdata::parse(kind, data).ok()?;
    let entry: Result<Entry, NameError> = Entry::new(name, kind, ttl.parse().ok()?, rdata);
    Some((name.to_owned(), entry.ok()?))
}

/// The name in the data of a CNAME record: whole, as this zone writes it.
fn target(rdata: &[u8]) -> Option<String> {
    let name = crate::proto::dns::name::present(rdata, 0);
    (name != ".").then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{RECORDS, Zone};
    use crate::lab::table;

    /// A zone whose values say how often one was asked for.
    fn zone() -> Zone {
        let asked = AtomicU32::new(0);
        let nonces = move |subject: &str| format!("{subject}-{}", asked.fetch_add(1, Ordering::Relaxed));
        Zone::new(&table::names().collect::<Vec<_>>(), Arc::new(nonces))
            .expect("every line of the zone reads")
    }

    #[test]
    fn a_personal_value_is_asked_for_when_it_is_said() {
        let zone = zone();
        let text = |name| {
            let found = zone.find(name, 16).expect("it is a lab name");
            let text = found.records.last().expect("it has a text");
            String::from_utf8(text.rdata[1..].to_vec()).expect("it is ASCII")
        };
        assert_eq!(text("garden.test"), "nonce=garden-0");
        assert_eq!(text("www.garden.test"), "nonce=garden-1");
        assert_eq!(text("shop.test"), "nonce=shop-2");
    }

    #[test]
    fn no_placeholder_is_said_as_it_stands() {
        let zone = zone();
        for owner in RECORDS.lines().filter_map(|line| line.split_whitespace().next()) {
            let found = zone.find(owner, 255).expect("it is a lab name");
            assert!(found.records.iter().all(|entry| !entry.rdata.contains(&b'{')), "{owner}");
        }
    }

    #[test]
    fn a_name_may_have_several_addresses() {
        assert_eq!(zone().find("garden.test", 1).expect("it is a lab name").records.len(), 2);
    }

    #[test]
    fn an_alias_brings_what_it_points_at() {
        let zone = zone();
        let found = zone.find("www.garden.test", 1).expect("it is a lab name");
        assert_eq!(found.records.iter().map(|entry| entry.rtype).collect::<Vec<_>>(), [5, 1, 1]);
    }

    #[test]
    fn a_name_without_the_type_exists_and_an_unknown_name_does_not() {
        let zone = zone();
        let nodata = zone.find("garden.test", 28).expect("it is a lab name");
        assert!(nodata.records.is_empty() && nodata.exists && nodata.authority.is_some());
        let nxdomain = zone.find("nothing.test", 1).expect("it is a lab name");
        assert!(nxdomain.records.is_empty() && !nxdomain.exists && nxdomain.authority.is_some());
    }

    #[test]
    fn a_name_with_something_below_it_exists() {
        assert!(zone().find("_tcp.shop.test", 1).expect("it is a lab name").exists);
    }

    #[test]
    fn other_names_are_not_the_labs_business() {
        assert!(zone().find("example.com", 1).is_none());
    }
}
