//! Fields: what bytes mean.
//!
//! A dissector turns bytes into a flat list of [`Field`]s in pre-order: a group comes before its
//! parts and knows where its parts end. The leaves (fields without parts) cover every bit of the
//! input exactly once and in order, so a viewer can put any byte beside its one explanation.
//!
//! A field stores where it is and what kind of value it has, never a formatted string: text is
//! made when somebody looks. That keeps dissecting at a few nanoseconds a field.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::Protocol;

/// What a field is, written once, above the code that reads it.
#[derive(Debug)]
pub struct Spec {
    /// The RFC's own word in lower case, such as `request-target` or `rcode`; a step of a path.
    pub name: &'static str,
    /// Where it is defined, such as `RFC 1035 §4.1.1`; empty only for netlab's own fields.
    pub rfc: &'static str,
    /// One plain sentence for a learner.
    pub meaning: &'static str,
    /// Names for particular values, when the field is a code.
    pub codes: &'static [Code],
    /// What a number of it counts.
    pub unit: Unit,
    /// How a viewer treats it.
    pub shown: Shown,
    /// How a [`Value::Name`] is written, from the message's bytes and the name's place in them.
    pub present: Option<Present>,
}

/// Writes a name as people do: the bytes from the first one that it may refer to, and its place in them.
pub type Present = fn(&[u8], usize) -> String;

/// What a name or a value ends with that cannot be read to its end. No byte of the network can fake it: where names are
/// written, those outside ASCII are escaped.
pub const UNREADABLE: &str = "…";

/// What a number counts, so that 3600 can be said as an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nothing that has a unit.
    One,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Tenths of a second.
    Tenths,
    /// Thousandths of a second.
    Milliseconds,
}

impl Unit {
    /// Its name in the plural, if it has one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::One => None,
            Self::Bytes => Some("bytes"),
            Self::Seconds => Some("seconds"),
            Self::Tenths => Some("tenths of a second"),
            Self::Milliseconds => Some("milliseconds"),
        }
    }

    /// How many whole seconds so many are; nothing for what is no time.
    #[must_use]
    pub fn seconds(self, many: u64) -> Option<u64> {
        match self {
            Self::One | Self::Bytes => None,
            Self::Seconds => Some(many),
            Self::Tenths => Some(many / 10),
            Self::Milliseconds => Some(many / 1000),
        }
    }
}

/// How a viewer treats a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// In its place, under its name.
    InPlace,
    /// Beside its bytes only: pure punctuation, such as the space in a request line.
    Punctuation,
    /// Under the name it carries itself, in the part with this name: what is called so stands in no table.
    NamedBy(&'static str),
    /// As what the message is there for; whoever has a better place for it shows it there.
    Content,
    /// As one piece of that.
    Piece,
    /// Also where the value of the group around it is shown, since it is no part of that value.
    Apart,
}

/// One value of a coded field, such as type 15, MX, "a mail server for the name".
#[derive(Debug)]
pub struct Code {
    /// The number on the wire.
    pub value: u32,
    /// The RFC's mnemonic.
    pub name: &'static str,
    /// What that value says, as a sentence part.
    pub meaning: &'static str,
    /// Where that value is defined, when it came later than its field; else empty.
    pub rfc: &'static str,
}

impl Code {
    /// A value that the document of its field defines, too.
    #[must_use]
    pub const fn new(value: u32, name: &'static str, meaning: &'static str) -> Self {
        Self { value, name, meaning, rfc: "" }
    }

    /// The same value, defined elsewhere than its field.
    #[must_use]
    pub const fn by(self, rfc: &'static str) -> Self {
        Self { rfc, ..self }
    }
}

impl Spec {
    /// A field that is not a code.
    #[must_use]
    pub const fn new(name: &'static str, rfc: &'static str, meaning: &'static str) -> Self {
        Self { name, rfc, meaning, codes: &[], unit: Unit::One, shown: Shown::InPlace, present: None }
    }

    /// A field whose values have names.
    #[must_use]
    pub const fn coded(
        name: &'static str,
        rfc: &'static str,
        meaning: &'static str,
        codes: &'static [Code],
    ) -> Self {
        Self { codes, ..Self::new(name, rfc, meaning) }
    }

    /// A field that only separates others.
    #[must_use]
    pub const fn punctuation(name: &'static str, rfc: &'static str, meaning: &'static str) -> Self {
        Self::new(name, rfc, meaning).shown(Shown::Punctuation)
    }

    /// The same, counting `unit`.
    #[must_use]
    pub const fn counting(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    /// The same, shown so.
    #[must_use]
    pub const fn shown(self, shown: Shown) -> Self {
        Self { shown, ..self }
    }

    /// The same, of names that are written so.
    #[must_use]
    pub const fn written(self, present: Present) -> Self {
        Self { present: Some(present), ..self }
    }

    /// The entry for `value`, if the code is a known one.
    #[must_use]
    pub fn code(&self, value: u64) -> Option<&'static Code> {
        self.codes.iter().find(|code| u64::from(code.value) == value)
    }

    /// Where it is defined what is said of the field: of its value, where that has a document of its own.
    #[must_use]
    pub fn rfc_of(&self, code: Option<&Code>) -> &'static str {
        code.map(|code| code.rfc).filter(|rfc| !rfc.is_empty()).unwrap_or(self.rfc)
    }
}

/// How to read the bits of a field as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A group: its meaning is in its parts.
    Parts,
    /// An unsigned number, at most 64 bits, most significant bit first.
    Number(u64),
    /// Characters; any byte may be there all the same.
    Text,
    /// Bytes that this dissector does not look into.
    Opaque,
    /// An IPv4 address: four bytes.
    Ipv4,
    /// An IPv6 address: sixteen bytes.
    Ipv6,
    /// A group whose value is the text in this byte range (a header line's value).
    Slice(u32, u32),
    /// A group that is a name, which its spec knows how to write; what it refers to is counted from this byte.
    Name(u32),
}

/// What there is to be said against a field. Broken input is data, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The input ends inside the field: bits it needs, bits there are.
    Short {
        /// Bits the field needs.
        wanted: u32,
        /// Bits that were left.
        left: u32,
    },
    /// A rule of the protocol is broken: the rule, as a sentence part.
    Rule(&'static &'static str),
    /// A rule is not kept to, and whoever reads goes on all the same: the rule, as a sentence part. It is a remark
    /// and breaks nothing.
    Remark(&'static &'static str),
}

/// One explained stretch of bits.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// What it is.
    pub spec: &'static Spec,
    /// First bit, counted from the start of the input.
    pub start: u32,
    /// Length in bits; 0 only for a group with nothing in it.
    pub len: u32,
    /// Its value.
    pub value: Value,
    /// What is wrong with it, if anything.
    pub problem: Option<Problem>,
    /// Index one past the last field of this one's subtree; for a leaf, its own index plus one.
    pub end: u32,
    /// How many groups it is inside; a top-level field has 0.
    pub depth: u8,
}

impl Field {
    /// The whole bytes the field touches.
    #[must_use]
    pub fn bytes(&self) -> Range<usize> {
        let from = self.start / 8;
        let to = (self.start + self.len).div_ceil(8);
        from as usize..to as usize
    }

    /// Whether it is cut short or breaks a rule. A remark breaks nothing.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.problem.is_some_and(|problem| !matches!(problem, Problem::Remark(_)))
    }

    /// Whether it covers whole bytes only.
    #[must_use]
    pub fn is_byte_aligned(&self) -> bool {
        self.start.is_multiple_of(8) && self.len.is_multiple_of(8)
    }
}

/// Where a message of another protocol begins in a tree: nested in a field, or behind the bytes that came before.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Whose it is.
    pub protocol: &'static Protocol,
    /// Its first field.
    pub root: u32,
}

/// The dissected input: its bytes and their fields.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    /// The input, whole; one's own where they were made from other bytes.
    pub bytes: Cow<'a, [u8]>,
    /// All fields, in pre-order.
    pub list: Vec<Field>,
    /// Where other protocols begin, in order; nearly always there are none.
    pub others: Vec<Part>,
}

impl Fields<'_> {
    /// The field at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> &Field {
        &self.list[index]
    }

    /// Whether the field has no parts. Groups record their parts right behind themselves.
    #[must_use]
    pub fn is_leaf(&self, index: usize) -> bool {
        self.list[index].end as usize == index + 1 && self.list[index].value != Value::Parts
    }

    /// Indices of the fields that have no parts, in input order.
    pub fn leaves(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.list.len()).filter(|&index| self.is_leaf(index))
    }

    /// Indices of the fields directly inside the group at `index`.
    pub fn parts(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.list[index].end as usize;
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let here = next;
            (here < end).then(|| {
                next = self.list[here].end as usize;
                here
            })
        })
    }

    /// Indices of the top-level fields.
    pub fn roots(&self) -> impl Iterator<Item = usize> + '_ {
        let mut next = 0;
        std::iter::from_fn(move || {
            let here = next;
            (here < self.list.len()).then(|| {
                next = self.list[here].end as usize;
                here
            })
        })
    }

    /// Indices of the top-level fields of the protocol that the bytes begin with.
    pub fn own_roots(&self) -> impl Iterator<Item = usize> + '_ {
        let end = self
            .others
            .iter()
            .map(|part| part.root as usize)
            .find(|&at| self.list.get(at).is_some_and(|field| field.depth == 0));
        self.roots().take_while(move |&root| end.is_none_or(|end| root < end))
    }

    /// The names of the groups around the field and its own, outermost first.
    #[must_use]
    pub fn path(&self, index: usize) -> Vec<&'static str> {
        let mut path = vec![self.list[index].spec.name];
        let mut depth = self.list[index].depth;
        for field in self.list[..index].iter().rev() {
            if depth == 0 {
                break;
            }
            if field.depth < depth {
                depth = field.depth;
                path.push(field.spec.name);
            }
        }
        path.reverse();
        path
    }

    /// The first field directly inside the group at `index` that has this spec name.
    #[must_use]
    pub fn part(&self, index: usize, name: &str) -> Option<usize> {
        self.parts(index).find(|&part| self.list[part].spec.name == name)
    }

    /// The first field anywhere inside the group at `index` that has this spec name.
    #[must_use]
    pub fn find(&self, index: usize, name: &str) -> Option<usize> {
        (index + 1..self.list[index].end as usize).find(|&at| self.list[at].spec.name == name)
    }

    /// The field's number, if it is one.
    #[must_use]
    pub fn number(&self, index: usize) -> Option<u64> {
        match self.list[index].value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The bytes the field touches.
    #[must_use]
    pub fn raw(&self, index: usize) -> &[u8] {
        self.bytes.get(self.list[index].bytes()).unwrap_or_default()
    }

    /// The value as bytes to show or compare. They are the network's: escape before printing.
    ///
    /// A known code gives its mnemonic, a name its presentation form (RFC 1035 §5.1), a group
    /// without a value nothing.
    #[must_use]
    pub fn value(&self, index: usize) -> Cow<'_, [u8]> {
        let field = &self.list[index];
        let raw = self.raw(index);
        match field.value {
            Value::Parts => Cow::Borrowed(b""),
            Value::Number(number) => match field.spec.code(number) {
                Some(code) => Cow::Borrowed(code.name.as_bytes()),
                None => Cow::Owned(number.to_string().into_bytes()),
            },
            Value::Text | Value::Opaque => Cow::Borrowed(raw),
            Value::Ipv4 => match <[u8; 4]>::try_from(raw) {
                Ok(octets) => Cow::Owned(Ipv4Addr::from(octets).to_string().into_bytes()),
                Err(_) => Cow::Borrowed(raw),
            },
            Value::Ipv6 => match <[u8; 16]>::try_from(raw) {
                Ok(octets) => Cow::Owned(Ipv6Addr::from(octets).to_string().into_bytes()),
                Err(_) => Cow::Borrowed(raw),
            },
            Value::Slice(from, to) => {
                Cow::Borrowed(self.bytes.get(from as usize..to as usize).unwrap_or_default())
            }
            Value::Name(message) => {
                // Up to where the field was cut, so that nothing behind it is read into the name.
                let Range { start, end } = field.bytes();
                let seen = self.bytes.get(message as usize..end).unwrap_or_default();
                let at = start.saturating_sub(message as usize);
                match field.spec.present {
                    Some(present) => Cow::Owned(present(seen, at).into_bytes()),
                    None => Cow::Borrowed(raw),
                }
            }
        }
    }
}
