//! The reader: reading a field *is* recording it.
//!
//! Each method reads the next bits as one field, writes that field down and gives back its value,
//! so what is shown cannot disagree with what was decided. When the input ends inside a field, what
//! is left of it is recorded with [`Problem::Short`] and the method answers [`Cut`]; `?` then leaves
//! the group, which closes itself.

use std::borrow::Cow;

use super::Protocol;
use super::field::{Field, Fields, Part, Problem, Spec, Value};
use super::row::Behind;
use super::stream::Around;

/// The most input one dissection looks at, in bytes. Bit offsets are 32 bits wide, and nobody reads
/// a field tree of more than this.
pub const DISSECT_LIMIT: usize = 16 * 1024 * 1024;

/// How deep groups may nest. A protocol of its own comes nowhere near; protocols in protocols may. It bounds a viewer's
/// indentation; what lies deeper stays in one field, which says so.
pub const DEPTH_LIMIT: u8 = 16;

const TOO_DEEP: &str = "fields are shown up to 16 deep, and what is in this one lies deeper";

/// Bytes nothing claimed: left over when everything the protocol names had been read.
pub const UNREAD: Spec = Spec::new(
    "unread",
    "",
    "bytes left over after everything the protocol defines here; nobody asked for them",
);

/// The input ended inside a field. The field has been recorded with what was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut;

/// A cursor over bytes that records what it reads. Positions are in bits.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: u32,
    end: u32,
    depth: u8,
    clipped: bool,
    list: Vec<Field>,
    others: Vec<Part>,
}

impl<'a> Reader<'a> {
    /// Starts at the first bit of `bytes`, of which at most [`DISSECT_LIMIT`] are looked at.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::reusing(bytes, Vec::new())
    }

    /// The same with the room of a list that was used before.
    #[must_use]
    pub fn reusing(input: &'a [u8], mut list: Vec<Field>) -> Self {
        let bytes = &input[..input.len().min(DISSECT_LIMIT)];
        // A short message has up to a field a byte, a long one a field for three at most; room that is asked
        // for and not used costs less than moving a list that outgrows its place.
        list.clear();
        list.reserve(bytes.len().min(1024).max(bytes.len() / 3).clamp(16, 4096));
        let clipped = bytes.len() < input.len();
        Self { bytes, at: 0, end: bits(bytes.len()), depth: 0, clipped, list, others: Vec::new() }
    }

    /// Records what is left as unread and gives the tree back.
    #[must_use]
    pub fn finish(mut self) -> Fields<'a> {
        self.end = bits(self.bytes.len());
        self.leftovers();
        Fields { bytes: Cow::Borrowed(self.bytes), list: self.list, others: self.others }
    }

    /// Gives back the tree of what was read, and nothing of what is left.
    #[must_use]
    pub fn close(self) -> Fields<'a> {
        let bytes = &self.bytes[..self.position()];
        Fields { bytes: Cow::Borrowed(bytes), list: self.list, others: self.others }
    }

    /// Whether there is more input than [`DISSECT_LIMIT`], so that what seems to end does not.
    #[must_use]
    pub fn is_clipped(&self) -> bool {
        self.clipped
    }

    /// The whole input.
    #[must_use]
    pub fn input(&self) -> &'a [u8] {
        self.bytes
    }

    /// The byte the cursor is at (rounded down inside a byte).
    #[must_use]
    pub fn position(&self) -> usize {
        (self.at / 8) as usize
    }

    /// The bytes from here to the end of the window, without reading them.
    #[must_use]
    pub fn ahead(&self) -> &'a [u8] {
        &self.bytes[(self.at.div_ceil(8) as usize).min((self.end / 8) as usize)..(self.end / 8) as usize]
    }

    /// Whether the window has been read to its end.
    #[must_use]
    pub fn at_end(&self) -> bool {
        self.at >= self.end
    }

    /// Reads an unsigned number of `len` bits, at most 64, most significant bit first.
    ///
    /// # Errors
    /// [`Cut`] when fewer bits are left.
    #[inline]
    pub fn bits(&mut self, spec: &'static Spec, len: u32) -> Result<u64, Cut> {
        let value = if len <= self.end - self.at { self.number(len) } else { 0 };
        self.record(spec, len, Value::Number(value)).map(|()| value)
    }

    /// Reads one byte as a number.
    ///
    /// # Errors
    /// [`Cut`] at the end of the window.
    #[inline]
    pub fn u8(&mut self, spec: &'static Spec) -> Result<u8, Cut> {
        let Some(bytes) = self.whole() else { return self.bits(spec, 8).map(|value| value.to_be_bytes()[7]) };
        let value = u8::from_be_bytes(bytes);
        self.record(spec, 8, Value::Number(value.into())).map(|()| value)
    }

    /// Reads two bytes as a number in network byte order.
    ///
    /// # Errors
    /// [`Cut`] when fewer are left.
    #[inline]
    pub fn u16(&mut self, spec: &'static Spec) -> Result<u16, Cut> {
        let Some(bytes) = self.whole() else {
            return self.bits(spec, 16).map(|value| {
                let [.., b6, b7] = value.to_be_bytes();
                u16::from_be_bytes([b6, b7])
            });
        };
        let value = u16::from_be_bytes(bytes);
        self.record(spec, 16, Value::Number(value.into())).map(|()| value)
    }

    /// Reads four bytes as a number in network byte order.
    ///
    /// # Errors
    /// [`Cut`] when fewer are left.
    #[inline]
    pub fn u32(&mut self, spec: &'static Spec) -> Result<u32, Cut> {
        let Some(bytes) = self.whole() else {
            return self.bits(spec, 32).map(|value| {
                let [.., b4, b5, b6, b7] = value.to_be_bytes();
                u32::from_be_bytes([b4, b5, b6, b7])
            });
        };
        let value = u32::from_be_bytes(bytes);
        self.record(spec, 32, Value::Number(value.into())).map(|()| value)
    }

    /// Reads `len` bytes as the given kind of value and gives them back.
    ///
    /// # Errors
    /// [`Cut`] when fewer are left.
    #[inline]
    pub fn take(&mut self, spec: &'static Spec, len: usize, value: Value) -> Result<&'a [u8], Cut> {
        let from = self.position();
        self.record(spec, bits(len.min(DISSECT_LIMIT)), value)?;
        Ok(&self.bytes[from..from + len])
    }

    /// Reads `len` bytes of text.
    ///
    /// # Errors
    /// [`Cut`] when fewer are left.
    #[inline]
    pub fn text(&mut self, spec: &'static Spec, len: usize) -> Result<&'a [u8], Cut> {
        let from = self.position();
        self.mark(spec, len)?;
        Ok(&self.bytes[from..from + len])
    }

    /// Reads `len` bytes of text that the caller has seen already.
    ///
    /// # Errors
    /// [`Cut`] when fewer are left.
    pub fn mark(&mut self, spec: &'static Spec, len: usize) -> Result<(), Cut> {
        // Not through `take`: with a value known here, nothing is passed through memory for each field.
        self.record(spec, bits(len.min(DISSECT_LIMIT)), Value::Text)
    }

    /// Reads `len` bytes that are not looked into.
    ///
    /// # Errors
    /// [`Cut`] when fewer are left.
    #[inline]
    pub fn opaque(&mut self, spec: &'static Spec, len: usize) -> Result<&'a [u8], Cut> {
        self.take(spec, len, Value::Opaque)
    }

    /// Records everything up to the end of the window as one field, if there is anything.
    pub fn rest(&mut self, spec: &'static Spec, value: Value) {
        if !self.at_end() {
            let left = self.end - self.at;
            self.push(spec, left, value);
            self.at = self.end;
        }
    }

    /// Reads a group: everything `body` reads becomes its parts.
    #[inline]
    pub fn group<T>(&mut self, spec: &'static Spec, body: impl FnOnce(&mut Self) -> T) -> T {
        self.group_as(spec, Value::Parts, body)
    }

    /// Reads a group that has a value of its own beside its parts.
    #[inline]
    pub fn group_as<T>(&mut self, spec: &'static Spec, value: Value, body: impl FnOnce(&mut Self) -> T) -> T {
        let index = self.list.len();
        self.push(spec, 0, value);
        self.depth = (self.depth + 1).min(DEPTH_LIMIT);
        let result = body(self);
        self.depth = self.list[index].depth;
        if self.depth == DEPTH_LIMIT && self.list.len() > index + 1 {
            self.flatten(index);
        }
        let end = count(self.list.len());
        let group = &mut self.list[index];
        group.end = end;
        group.len = self.at - group.start;
        result
    }

    /// Reads the next `len` bytes with `body`, which cannot see past them; what it leaves is
    /// recorded as unread. When the window itself is cut short, so is `body`, and [`Cut`] comes out.
    ///
    /// # Errors
    /// [`Cut`] when fewer than `len` bytes are left in the window around it.
    pub fn within(&mut self, len: usize, body: impl FnOnce(&mut Self) -> Result<(), Cut>) -> Result<(), Cut> {
        let outer = self.end;
        let inner = u32::try_from(u64::from(self.at) + len as u64 * 8).ok().filter(|&inner| inner <= outer);
        let cut = inner.is_none();
        self.end = inner.unwrap_or(outer);
        let result = body(self);
        self.leftovers();
        self.end = outer;
        // A body that was cut inside a whole window is that window's affair: the next field's place is known.
        if cut { result.and(Err(Cut)) } else { Ok(()) }
    }

    /// Reads the next `len` bytes as another protocol's, in a window of its own: IP holds UDP so, and UDP holds DNS.
    /// What the row leaves is recorded as unread; what another protocol in turn would have to read, too.
    ///
    /// # Errors
    /// [`Cut`] when fewer than `len` bytes are left in the window around it.
    pub fn nested(&mut self, row: &'static Protocol, len: usize, around: &Around<'a>) -> Result<Behind, Cut> {
        let mut behind = Behind::Nothing;
        self.within(len, |reader| {
            reader.part(row);
            behind = (row.read)(reader, around);
            Ok(())
        })?;
        Ok(behind)
    }

    /// Says that what is read next is a message of `protocol`.
    pub fn part(&mut self, protocol: &'static Protocol) {
        self.others.push(Part { protocol, root: count(self.list.len()) });
    }

    /// Marks the field recorded last as breaking a rule. The first problem of a field stays, a remark does not.
    pub fn problem(&mut self, rule: &'static &'static str) {
        if let Some(index) = self.list.len().checked_sub(1) {
            self.problem_at(index, rule);
        }
    }

    /// Remarks of the field recorded last that it does not keep to a rule, which breaks nothing here.
    pub fn remark(&mut self, rule: &'static &'static str) {
        if let Some(index) = self.list.len().checked_sub(1) {
            self.remark_at(index, rule);
        }
    }

    /// Gives the group that was opened at `index` a value of its own.
    pub fn set_value(&mut self, index: usize, value: Value) {
        if let Some(field) = self.list.get_mut(index) {
            field.value = value;
        }
    }

    /// The index the next recorded field will get; inside a group's body, one more than the group's.
    #[must_use]
    pub fn next_index(&self) -> usize {
        self.list.len()
    }

    /// A field that has been recorded.
    #[must_use]
    pub fn recorded(&self, index: usize) -> &Field {
        &self.list[index]
    }

    /// Marks the field at `index` as breaking a rule.
    pub fn problem_at(&mut self, index: usize, rule: &'static &'static str) {
        if let Some(field) = self.list.get_mut(index).filter(|field| !field.is_broken()) {
            field.problem = Some(Problem::Rule(rule));
        }
    }

    /// Remarks the same of the field at `index`.
    pub fn remark_at(&mut self, index: usize, rule: &'static &'static str) {
        if let Some(field) = self.list.get_mut(index) {
            field.problem.get_or_insert(Problem::Remark(rule));
        }
    }

    /// Keeps of a group that lies at the limit of depth its bytes alone.
    #[cold]
    #[inline(never)]
    fn flatten(&mut self, index: usize) {
        self.list.truncate(index + 1);
        self.others.retain(|part| part.root as usize <= index);
        self.list[index].value = Value::Opaque;
        self.problem_at(index, &TOO_DEEP);
    }

    #[inline]
    fn record(&mut self, spec: &'static Spec, len: u32, value: Value) -> Result<(), Cut> {
        if len > self.end - self.at {
            self.cut(spec, len);
            if let (Some(field), false) = (self.list.last_mut(), matches!(value, Value::Number(_))) {
                field.value = value;
            }
            return Err(Cut);
        }
        self.push(spec, len, value);
        self.at += len;
        Ok(())
    }

    /// Records what is left of a field that needs `wanted` bits, as bytes that nobody looks into.
    #[cold]
    #[inline(never)]
    fn cut(&mut self, spec: &'static Spec, wanted: u32) {
        let left = self.end - self.at;
        self.push(spec, left, Value::Opaque);
        if let Some(field) = self.list.last_mut() {
            field.problem = Some(Problem::Short { wanted, left });
        }
        self.at = self.end;
    }

    #[inline]
    fn push(&mut self, spec: &'static Spec, len: u32, value: Value) {
        let (start, end, depth) = (self.at, count(self.list.len() + 1), self.depth);
        self.list.push(Field { spec, start, len, value, problem: None, end, depth });
    }

    fn leftovers(&mut self) {
        self.rest(&UNREAD, Value::Opaque);
    }

    /// The next `N` bytes, if the cursor is between bytes and they are all there: the common case, fast.
    #[inline]
    fn whole<const N: usize>(&self) -> Option<[u8; N]> {
        let aligned = self.at.is_multiple_of(8) && N <= (self.end - self.at) as usize / 8;
        let rest = self.bytes.get(self.position()..)?;
        rest.first_chunk().copied().filter(|_| aligned)
    }

    /// The next `len` bits as a number; the caller has seen that they are there.
    #[inline]
    fn number(&self, len: u32) -> u64 {
        let from = self.position();
        let to = (self.at + len).div_ceil(8) as usize;
        let below = (self.at + len).wrapping_neg() % 8;
        let bytes = &self.bytes[from..to];
        if len <= 56 {
            // With 7 bits before them at most, and 7 behind, up to eight bytes: room enough.
            let wide = bytes.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
            return (wide >> below) & ((1 << len) - 1);
        }
        let wide = bytes.iter().fold(0u128, |sum, &byte| sum << 8 | u128::from(byte)) >> below;
        let mask = (1u128 << len) - 1;
        let [_, _, _, _, _, _, _, _, low @ ..] = (wide & mask).to_be_bytes();
        u64::from_be_bytes(low)
    }
}

/// Fields to an index; [`DISSECT_LIMIT`] bytes do not have as many fields as 32 bits count.
#[inline]
fn count(fields: usize) -> u32 {
    u32::try_from(fields).unwrap_or(u32::MAX)
}

/// Bytes to bits; callers stay within [`DISSECT_LIMIT`], so this fits.
fn bits(bytes: usize) -> u32 {
    u32::try_from(bytes * 8).unwrap_or(u32::MAX)
}
