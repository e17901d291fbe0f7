//! One coding being undone: the envelope by hand, the deflate data by flate2.
//!
//! ```text
//! gzip member   1f 8b 08 FLG MTIME(4) XFL OS [XLEN(2) extra] [name 0] [comment 0] [CRC-16]  data  CRC-32 ISIZE    RFC 1952 §2.3
//! zlib          CMF FLG  data  ADLER-32                                                                         RFC 1950 §2.2
//! ```
//!
//! Some servers send deflate data without the envelope and call it deflate; whether it is there can be told from its
//! first two bytes (RFC 9110 §8.4.1.2 has a note on them).

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::coding::{Meter, Snag};

/// The room for what comes out, in bytes.
const ROOM: usize = 32 * 1024;

const NOT_GZIP: &str = "gzip data begins with the bytes 1f 8b 08, and these do not";
const RESERVED: &str = "the gzip header has bits set that nobody has given a meaning";
const BAD_DATA: &str = "the deflate data breaks off its own grammar: some of its bytes were changed";
const BAD_SUM: &str =
    "the checksum behind the gzip data is not that of what came out: some bytes were changed";
const BAD_SIZE: &str =
    "the length behind the gzip data is not that of what came out: some bytes were changed";
const BEHIND: &str = "bytes follow behind the end of the packed data";
const CUT: &str = "the packed data ends too early";

/// FLG of a gzip header (RFC 1952 §2.3.1).
const HAS_SUM: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;
const RESERVED_BITS: u8 = 0xe0;

/// A coding in the middle of being undone.
pub(super) struct Stage {
    place: Place,
    inflate: Decompress,
    crc: Crc,
    /// What came out so far, of all members.
    made: u64,
    room: Vec<u8>,
}

/// Where it is.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Among the ten bytes every gzip header has.
    Fixed { at: usize, flags: u8 },
    /// In front of a part of the header that may be missing, or in it.
    Part { flags: u8, part: Part },
    /// In front of the first two bytes of deflate content.
    Sniff { first: Option<u8> },
    /// In deflate data.
    Data { gzip: bool },
    /// Among the eight bytes behind it.
    Foot { at: usize, bytes: [u8; 8] },
    /// Behind a gzip member.
    Between,
    /// Behind the end of a format that has one part only.
    Over,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    ExtraLen { first: Option<u8> },
    Extra { left: u16 },
    Text,
    Sum { left: u8 },
}

impl Stage {
    /// A gzip stage.
    pub fn gzip() -> Self {
        Self::at(Place::Fixed { at: 0, flags: 0 })
    }

    /// A deflate stage.
    pub fn deflate() -> Self {
        Self::at(Place::Sniff { first: None })
    }

    fn at(place: Place) -> Self {
        Self { place, inflate: Decompress::new(false), crc: Crc::new(), made: 0, room: vec![0; ROOM] }
    }

    /// Takes packed bytes and hands over what comes out.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        meter: &Meter,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), Snag>,
    ) -> Result<(), Snag> {
        let mut left = bytes;
        while let Some((&byte, rest)) = left.split_first() {
            match self.place {
                Place::Data { gzip } => left = self.data(left, gzip, meter, sink)?,
                Place::Sniff { first: Some(first) } => {
                    let zlib = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(byte)) % 31 == 0;
                    self.inflate = Decompress::new(zlib);
                    self.place = Place::Data { gzip: false };
                    // Both bytes belong to the data, with its envelope or without.
                    self.data(&[first], false, meter, sink)?;
                }
                Place::Over => return Err(Snag::Broken(BEHIND)),
                place => {
                    self.place = self.envelope(place, byte)?;
                    left = rest;
                }
            }
        }
        Ok(())
    }

    /// Whether nothing is missing.
    pub fn finish(&self) -> Result<(), Snag> {
        match self.place {
            Place::Over | Place::Between => Ok(()),
            _ => Err(Snag::Broken(CUT)),
        }
    }

    /// The place behind a byte that is not data.
    fn envelope(&mut self, place: Place, byte: u8) -> Result<Place, Snag> {
        Ok(match place {
            Place::Fixed { at, flags } => {
                if [0x1f, 0x8b, 8].get(at).is_some_and(|&wanted| wanted != byte) {
                    return Err(Snag::Broken(NOT_GZIP));
                }
                let flags = if at == 3 { byte } else { flags };
                if flags & RESERVED_BITS != 0 {
                    return Err(Snag::Broken(RESERVED));
                }
                if at < 9 { Place::Fixed { at: at + 1, flags } } else { Self::behind_header(flags) }
            }
            Place::Part { flags, part } => Self::in_part(flags, part, byte),
            Place::Sniff { .. } => Place::Sniff { first: Some(byte) },
            Place::Foot { at, mut bytes } => {
                bytes[at] = byte;
                if at < 7 { Place::Foot { at: at + 1, bytes } } else { self.checked(bytes)? }
            }
            // Another member may follow, and some programs fill up with zeros.
            Place::Between if byte == 0 => Place::Between,
            Place::Between if byte == 0x1f => {
                self.inflate.reset(false);
                self.crc = Crc::new();
                Place::Fixed { at: 1, flags: 0 }
            }
            Place::Between | Place::Over => return Err(Snag::Broken(BEHIND)),
            Place::Data { .. } => place,
        })
    }

    /// The next part of the header that is there, else the data.
    fn behind_header(flags: u8) -> Place {
        let part = |bit: u8, part| Place::Part { flags: flags & !bit, part };
        match flags {
            _ if flags & HAS_EXTRA != 0 => part(HAS_EXTRA, Part::ExtraLen { first: None }),
            _ if flags & HAS_NAME != 0 => part(HAS_NAME, Part::Text),
            _ if flags & HAS_COMMENT != 0 => part(HAS_COMMENT, Part::Text),
            _ if flags & HAS_SUM != 0 => part(HAS_SUM, Part::Sum { left: 2 }),
            _ => Place::Data { gzip: true },
        }
    }

    fn in_part(flags: u8, part: Part, byte: u8) -> Place {
        let next = match part {
            Part::ExtraLen { first: None } => Some(Part::ExtraLen { first: Some(byte) }),
            Part::ExtraLen { first: Some(first) } => match u16::from_le_bytes([first, byte]) {
                0 => None,
                left => Some(Part::Extra { left }),
            },
            Part::Extra { left } => (left > 1).then(|| Part::Extra { left: left - 1 }),
            Part::Text => (byte != 0).then_some(Part::Text),
            Part::Sum { left } => (left > 1).then(|| Part::Sum { left: left - 1 }),
        };
        match next {
            Some(part) => Place::Part { flags, part },
            None => Self::behind_header(flags),
        }
    }

    /// Undoes deflate data; gives back what lies behind its end.
    fn data<'b>(
        &mut self,
        bytes: &'b [u8],
        gzip: bool,
        meter: &Meter,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), Snag>,
    ) -> Result<&'b [u8], Snag> {
        let mut left = bytes;
        loop {
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(left, &mut self.room, FlushDecompress::None)
                .map_err(|_| Snag::Broken(BAD_DATA))?;
            let taken = usize::try_from(self.inflate.total_in() - before.0).unwrap_or(left.len());
            let made = usize::try_from(self.inflate.total_out() - before.1).unwrap_or(0);
            left = left.get(taken..).unwrap_or_default();
            let piece = self.room.get(..made).unwrap_or_default();
            self.made += made as u64;
            meter.passes(self.made)?;
            if gzip {
                self.crc.update(piece);
            }
            if made > 0 {
                sink(piece)?;
            }
            if status == Status::StreamEnd {
                self.place = if gzip { Place::Foot { at: 0, bytes: [0; 8] } } else { Place::Over };
                return Ok(left);
            }
            // Room that was filled to the brim may not have been enough.
            if taken == 0 && made == 0 || (left.is_empty() && made < self.room.len()) {
                return if left.is_empty() { Ok(left) } else { Err(Snag::Broken(BAD_DATA)) };
            }
        }
    }

    fn checked(&self, foot: [u8; 8]) -> Result<Place, Snag> {
        // The checksum is in the lower half, the length in the upper one.
        let foot = u64::from_le_bytes(foot);
        if foot & u64::from(u32::MAX) != u64::from(self.crc.sum()) {
            Err(Snag::Broken(BAD_SUM))
        } else if foot >> 32 != u64::from(self.crc.amount()) {
            Err(Snag::Broken(BAD_SIZE))
        } else {
            Ok(Place::Between)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::super::coding::{Coding, DECODED_LIMIT, RATIO_FREE, Snag, Unpacker};
    use super::{BAD_SUM, BEHIND, CUT, NOT_GZIP};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    /// Fed in pieces of `step` bytes.
    fn unpacked(codings: &[Coding], packed: &[u8], step: usize) -> Result<Vec<u8>, Snag> {
        let mut unpacker = Unpacker::new(codings, DECODED_LIMIT)?;
        let mut content = Vec::new();
        for piece in packed.chunks(step) {
            unpacker.feed(piece, &mut |piece| content.extend_from_slice(piece))?;
        }
        unpacker.finish()?;
        Ok(content)
    }

    fn text() -> Vec<u8> {
        (0..20_000u32).flat_map(|number| number.to_string().into_bytes()).collect()
    }

    #[test]
    fn what_was_packed_comes_out_however_it_is_cut() {
        let text = text();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::best());
        bare.write_all(&text).unwrap();
        let twice = gzip(&gzip(&text));
        let members = [gzip(&text[..1000]), gzip(&text[1000..]), vec![0; 7]].concat();
        for (codings, packed) in [
            (vec![Coding::Gzip], gzip(&text)),
            (vec![Coding::Gzip], members),
            (vec![Coding::Deflate], zlib.finish().unwrap()),
            (vec![Coding::Deflate], bare.finish().unwrap()),
            (vec![Coding::Gzip, Coding::Gzip], twice),
        ] {
            for step in [1, 7, 1000, packed.len()] {
                assert!(unpacked(&codings, &packed, step).unwrap() == text, "{codings:?} in steps of {step}");
            }
        }
    }

    #[test]
    fn every_part_a_gzip_header_may_have_is_read_over() {
        let plain = gzip(b"hello");
        for flags in 0..32u8 {
            let mut packed = [&[0x1f, 0x8b, 8, flags][..], &plain[4..10]].concat();
            if flags & 4 != 0 {
                packed.extend_from_slice(b"\x03\x00abc");
            }
            if flags & 8 != 0 {
                packed.extend_from_slice(b"name\0");
            }
            if flags & 16 != 0 {
                packed.extend_from_slice(b"\0");
            }
            if flags & 2 != 0 {
                packed.extend_from_slice(b"xx");
            }
            packed.extend_from_slice(&plain[10..]);
            assert_eq!(unpacked(&[Coding::Gzip], &packed, 1).unwrap(), b"hello", "{flags}");
        }
    }

    #[test]
    fn broken_data_is_named() {
        let good = gzip(b"hello hello hello");
        let sum = good.len() - 8;
        let mut changed = good.clone();
        changed[sum] ^= 1;
        assert_eq!(unpacked(&[Coding::Gzip], &changed, 5), Err(Snag::Broken(BAD_SUM)));
        assert_eq!(unpacked(&[Coding::Gzip], b"hello", 5), Err(Snag::Broken(NOT_GZIP)));
        assert_eq!(unpacked(&[Coding::Gzip], &good[..good.len() - 1], 5), Err(Snag::Broken(CUT)));
        let behind = [&good[..], b"<html>"].concat();
        assert_eq!(unpacked(&[Coding::Gzip], &behind, 5), Err(Snag::Broken(BEHIND)));
        assert_eq!(unpacked(&[Coding::Gzip], b"", 5), Ok(Vec::new()), "no content is no packed content");
        let brotli = [Coding::Other(b"br".to_vec())];
        assert_eq!(unpacked(&brotli, b"x", 5), Err(Snag::Unknown(b"br".to_vec())));
        assert_eq!(unpacked(&[const { Coding::Gzip }; 5], b"x", 5), Err(Snag::TooMany));
    }

    #[test]
    fn any_bytes_end_in_content_or_a_snag() {
        let good = gzip(&text());
        for at in 0..good.len().min(3000) {
            let mut changed = good.clone();
            changed[at] = changed[at].wrapping_add(1);
            let _ = unpacked(&[Coding::Gzip], &changed, 64);
            let _ = unpacked(&[Coding::Deflate], &changed[at..], 64);
        }
    }

    #[test]
    fn a_bomb_stops_by_ratio_and_by_size() {
        let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
        let mut unpacker = Unpacker::new(&[Coding::Gzip], DECODED_LIMIT).unwrap();
        let mut made = 0;
        let result =
            bomb.chunks(512).try_for_each(|piece| unpacker.feed(piece, &mut |out| made += out.len()));
        assert_eq!(result, Err(Snag::Ratio));
        assert!(made as u64 <= RATIO_FREE + 64 * 1024, "{made}");
        // One that pretends to be large itself: noise in front.
        let mut noise = 1u32;
        let large: Vec<u8> = (0..4_000_000)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise.to_be_bytes()[0]
            })
            .chain(vec![0; 64 * 1024 * 1024])
            .collect();
        let result = unpacked(&[Coding::Gzip], &gzip(&large), 4096);
        assert_eq!(result, Err(Snag::TooMuch(DECODED_LIMIT)));
    }

    #[test]
    fn a_bomb_between_two_codings_stops_too() {
        // The outer one unpacks to much, and the inner one makes nothing of it.
        let inner = [gzip(b""), vec![0; 64 * 1024 * 1024]].concat();
        assert_eq!(unpacked(&[Coding::Gzip, Coding::Gzip], &gzip(&inner), 512), Err(Snag::Ratio));
    }
}
