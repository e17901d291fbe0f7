//! The message as a resolver sees it: owned values, taken from the fields and from nowhere else.
//!
//! RFC 1035 §4.1; RFC 2308 §2 and §5 (how no is said, and for how long), RFC 6891 §6.1.3 (rcode).
//!
//! ```text
//!  header ──> id, flags, rcode      question ──> questions      OPT ──> edns, rcode above 15
//!  answer ──> answers               authority ──> authority     additional ──> additional, without OPT
//! ```
//!
//! ```
//! use netlab::proto::dns::{DNS, message::Message, query::Query};
//! use netlab::proto::stream::{Carriage, Sender, Stream};
//!
//! let bytes = Query::new(7, "garden.test", 1).bytes().unwrap();
//! let fields = DNS.dissect(Stream::alone(&bytes, Sender::Client, Carriage::Datagram));
//! let message = Message::of(&fields).unwrap();
//! assert_eq!((message.id, message.is_response), (7, false));
//! assert_eq!(message.questions[0].name, "garden.test");
//! ```

use std::net::IpAddr;

use super::header::RCODES;
use super::rdata;
use crate::proto::field::{Fields, Value};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the header has these flags, and each is a bit")]
pub struct Message {
    /// The number that ties an answer to its question.
    pub id: u16,
    /// Whether it answers.
    pub is_response: bool,
    /// What kind of request.
    pub opcode: u8,
    /// Authoritative answer.
    pub aa: bool,
    /// Truncated.
    pub tc: bool,
    /// Recursion desired.
    pub rd: bool,
    /// Recursion available.
    pub ra: bool,
    /// Authentic data.
    pub ad: bool,
    /// Checking disabled.
    pub cd: bool,
    /// Response code, with the bits EDNS adds.
    pub rcode: u16,
    /// What is asked.
    pub questions: Vec<Question>,
    /// Records that answer.
    pub answers: Vec<Record>,
    /// Records about who is in charge.
    pub authority: Vec<Record>,
    /// Records that will be useful, the OPT pseudo-record not among them.
    pub additional: Vec<Record>,
    /// What the OPT pseudo-record says, if there is one.
    pub edns: Option<Edns>,
    /// Whether any part of the message is cut or breaks a rule.
    pub broken: bool,
    /// The message's place among the fields.
    pub field: usize,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name, as [`super::name::present`] writes it.
    pub name: String,
    /// The type.
    pub qtype: u16,
    /// The class.
    pub qclass: u16,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The owner, as [`super::name::present`] writes it.
    pub name: String,
    /// The type.
    pub rtype: u16,
    /// The class.
    pub class: u16,
    /// For how many seconds it may be kept.
    pub ttl: u32,
    /// The data as a zone file writes it; [`rdata::parse`] takes it back.
    pub data: String,
    /// The name the data leads to (a CNAME's, an NS's, an MX's, a SOA's first), if it has one that is whole.
    pub target: Option<String>,
    /// The address, if the data is one.
    pub address: Option<IpAddr>,
    /// The record's place among the fields.
    pub field: usize,
}

/// What the OPT pseudo-record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edns {
    /// The longest datagram its sender wants.
    pub udp_payload: u16,
    /// The version, 0.
    pub version: u8,
    /// Whether signatures are wanted.
    pub dnssec_ok: bool,
    /// Extended errors: code and text.
    pub errors: Vec<(u16, String)>,
}

impl Message {
    /// The first message among the fields, if its header is whole.
    #[must_use]
    pub fn of(fields: &Fields<'_>) -> Option<Self> {
        fields.roots().next().and_then(|root| Self::at(fields, root))
    }

    /// All messages whose header is whole, as a stream has them one after another.
    #[must_use]
    pub fn all(fields: &Fields<'_>) -> Vec<Self> {
        fields.roots().filter_map(|root| Self::at(fields, root)).collect()
    }

    fn at(fields: &Fields<'_>, root: usize) -> Option<Self> {
        let header = fields.part(root, "header")?;
        // The last count is there only if everything before it is.
        fields.part(header, "arcount").and_then(|count| fields.number(count))?;
        let flag = |name| number(fields, header, name) == 1;
        let mut message = Self {
            id: short(fields, header, "id"),
            is_response: flag("qr"),
            opcode: u8::try_from(number(fields, header, "opcode")).unwrap_or_default(),
            aa: flag("aa"),
            tc: flag("tc"),
            rd: flag("rd"),
            ra: flag("ra"),
            ad: flag("ad"),
            cd: flag("cd"),
            rcode: short(fields, header, "rcode"),
            questions: Vec::new(),
            answers: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
            edns: None,
            broken: (root..fields.get(root).end as usize).any(|index| fields.get(index).problem.is_some()),
            field: root,
        };
        for index in fields.parts(root) {
            message.add(fields, index);
        }
        Some(message)
    }

    /// Adds the section entry at `index`, if it is one and it is whole.
    fn add(&mut self, fields: &Fields<'_>, index: usize) {
        let section = match fields.get(index).spec.name {
            "question" => {
                self.questions.extend(question(fields, index));
                return;
            }
            "answer" => &mut self.answers,
            "authority" => &mut self.authority,
            "additional" => &mut self.additional,
            _ => return,
        };
        if kind(fields, index) != Some(rdata::OPT) {
            section.extend(record(fields, index));
        } else if self.edns.is_none() {
            self.edns = edns(fields, index);
            if self.edns.is_some() {
                self.rcode |= short(fields, index, "extended-rcode") << 4;
            }
        }
    }

    /// The response code's name, such as `NXDOMAIN`; `RCODE99` for one that has none here.
    #[must_use]
    pub fn rcode_name(&self) -> String {
        let known = RCODES.iter().find(|code| code.value == u32::from(self.rcode));
        known.map_or_else(|| format!("RCODE{}", self.rcode), |code| code.name.to_owned())
    }

    /// Whether this can be the answer to `query`: a response with its number and its question. Whoever
    /// waits for an answer skips everything else that comes in and goes on waiting.
    #[must_use]
    pub fn answers(&self, query: &Message) -> bool {
        let same = |(mine, theirs): (&Question, &Question)| {
            mine.name.eq_ignore_ascii_case(&theirs.name)
                && mine.qtype == theirs.qtype
                && mine.qclass == theirs.qclass
        };
        // A server that could not read the question has none to repeat.
        let asked = (self.questions.is_empty() && self.rcode != 0)
            || (self.questions.len() == query.questions.len()
                && self.questions.iter().zip(&query.questions).all(same));
        self.is_response && self.id == query.id && self.opcode == query.opcode && asked
    }

    /// Whether it sends the asker on to other servers: no answer, no authority of its own, but name
    /// servers of a zone below.
    #[must_use]
    pub fn is_referral(&self) -> bool {
        let servers = self.authority.iter().any(|record| record.rtype == 2);
        let denied = self.authority.iter().any(|record| record.rtype == 6);
        self.is_response && self.rcode == 0 && !self.aa && self.answers.is_empty() && servers && !denied
    }

    /// For how many seconds `there is no such thing` may be remembered: the lesser of the SOA record's
    /// own TTL and its minimum (RFC 2308 §5). None without a SOA record: then not at all.
    #[must_use]
    pub fn negative_ttl(&self) -> Option<u32> {
        let soa = self.authority.iter().find(|record| record.rtype == 6)?;
        let minimum = soa.data.rsplit(' ').next()?.parse().ok()?;
        Some(soa.ttl.min(minimum))
    }
}

fn question(fields: &Fields<'_>, index: usize) -> Option<Question> {
    Some(Question {
        name: text(fields, fields.part(index, "name")?),
        qtype: kind(fields, index)?,
        qclass: u16::try_from(fields.number(fields.part(index, "class")?)?).ok()?,
    })
}

fn record(fields: &Fields<'_>, index: usize) -> Option<Record> {
    let rtype = kind(fields, index)?;
    let rdata = fields.part(index, "rdata")?;
    let whole = |&part: &usize| {
        (part..fields.get(part).end as usize).all(|inside| fields.get(inside).problem.is_none())
    };
    let target = fields.parts(rdata).find(|&part| matches!(fields.get(part).value, Value::Name(_)));
    let address = fields.part(rdata, "address").filter(whole);
    Some(Record {
        name: text(fields, fields.part(index, "name")?),
        rtype,
        class: u16::try_from(fields.number(fields.part(index, "class")?)?).ok()?,
        ttl: u32::try_from(fields.number(fields.part(index, "ttl")?)?).ok()?,
        data: rdata::show(fields, rtype, rdata),
        target: target.filter(whole).map(|target| text(fields, target)),
        address: address.and_then(|address| text(fields, address).parse().ok()),
        field: index,
    })
}

fn edns(fields: &Fields<'_>, index: usize) -> Option<Edns> {
    let rdata = fields.part(index, "rdata")?;
    let errors = fields.parts(rdata).filter_map(|option| {
        let code = fields.number(fields.part(option, "info-code")?)?;
        let extra = fields.part(option, "extra-text").map(|extra| text(fields, extra));
        Some((u16::try_from(code).ok()?, extra.unwrap_or_default()))
    });
    Some(Edns {
        udp_payload: short(fields, index, "udp-payload-size"),
        version: u8::try_from(number(fields, index, "version")).unwrap_or_default(),
        dnssec_ok: number(fields, index, "do") == 1,
        errors: errors.collect(),
    })
}

fn kind(fields: &Fields<'_>, index: usize) -> Option<u16> {
    u16::try_from(fields.number(fields.part(index, "type")?)?).ok()
}

fn number(fields: &Fields<'_>, index: usize, name: &str) -> u64 {
    fields.find(index, name).and_then(|at| fields.number(at)).unwrap_or_default()
}

fn short(fields: &Fields<'_>, index: usize, name: &str) -> u16 {
    u16::try_from(number(fields, index, name)).unwrap_or_default()
}

fn text(fields: &Fields<'_>, index: usize) -> String {
    String::from_utf8_lossy(&fields.value(index)).into_owned()
}
