//! One coding being undone, by flate2.
//!
//! ```text
//! gzip member   header (10 bytes and more)   deflate data   CRC-32   length        RFC 1952 §2.3
//! zlib          header (2 bytes)             deflate data   ADLER-32               RFC 1950 §2.2
//! ```
//!
//! Some servers send deflate data without the envelope and call it deflate; whether it is there can be told from its
//! first two bytes (RFC 9110 §8.4.1.2 has a note on them).

use std::io::Write;

use flate2::write::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use super::coding::{Meter, Snag};

/// The room for what comes out of deflate content, in bytes. A gzip decoder has as much of its own.
const ROOM: usize = 32 * 1024;

const NO_HEADER: &str =
    "gzip data begins with a header of ten bytes or more, 1f 8b 08 first, and no sound one stands here";
const BAD_DATA: &str = "the deflate data breaks off its own grammar: some of its bytes were changed";
const BAD_SUM: &str =
    "checksum and length behind the gzip data are not those of what came out: some bytes were changed";
const BEHIND: &str = "bytes follow behind the end of the packed data";
const CUT: &str = "the packed data ends too early";

/// A coding in the middle of being undone.
pub(super) struct Stage {
    place: Place,
    /// What came out so far, of all members.
    made: u64,
}

/// Where it is.
enum Place {
    /// In front of a gzip member, which has to come unless one is there already.
    Gap { first: bool },
    /// In a gzip member. What comes out lies in the vector.
    Member(Box<GzDecoder<Vec<u8>>>),
    /// In front of the first two bytes of deflate content.
    Sniff { first: Option<u8> },
    /// In deflate content; the room is for what comes out.
    Data(Box<Decompress>, Vec<u8>),
    /// Behind the end of deflate content.
    Over,
}

impl Stage {
    /// A gzip stage.
    pub fn gzip() -> Self {
        Self { place: Place::Gap { first: true }, made: 0 }
    }

    /// A deflate stage.
    pub fn deflate() -> Self {
        Self { place: Place::Sniff { first: None }, made: 0 }
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
            match &mut self.place {
                // Another member may follow, and some programs fill up with zeros.
                Place::Gap { first: false } if byte == 0 => left = rest,
                Place::Gap { first: false } if byte != 0x1f => return Err(Snag::Broken(BEHIND)),
                Place::Gap { .. } => self.place = Place::Member(Box::new(GzDecoder::new(Vec::new()))),
                Place::Member(_) => left = self.member(left, meter, sink)?,
                Place::Sniff { first: None } => {
                    (self.place, left) = (Place::Sniff { first: Some(byte) }, rest);
                }
                Place::Sniff { first: Some(first) } => {
                    let first = *first;
                    let zlib = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(byte)) % 31 == 0;
                    self.place = Place::Data(Box::new(Decompress::new(zlib)), vec![0; ROOM]);
                    // Both bytes belong to the data, with its envelope or without.
                    self.data(&[first], meter, sink)?;
                }
                Place::Data(..) => left = self.data(left, meter, sink)?,
                Place::Over => return Err(Snag::Broken(BEHIND)),
            }
        }
        Ok(())
    }

    /// Whether nothing is missing.
    pub fn finish(&mut self) -> Result<(), Snag> {
        match &mut self.place {
            Place::Gap { first: false } | Place::Over => Ok(()),
            Place::Member(decoder) if decoder.header().is_none() => Err(Snag::Broken(NO_HEADER)),
            // A member that is whole takes no more.
            Place::Member(decoder) => match decoder.write(b"\0") {
                Ok(0) => decoder.try_finish().map_err(|_| Snag::Broken(BAD_SUM)),
                _ => Err(Snag::Broken(CUT)),
            },
            _ => Err(Snag::Broken(CUT)),
        }
    }

    /// Goes on in a gzip member; gives back what lies behind its end.
    fn member<'b>(
        &mut self,
        bytes: &'b [u8],
        meter: &Meter,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), Snag>,
    ) -> Result<&'b [u8], Snag> {
        let Place::Member(decoder) = &mut self.place else { return Ok(bytes) };
        let has_header = decoder.header().is_some();
        let taken =
            decoder.write(bytes).map_err(|_| Snag::Broken(if has_header { BAD_DATA } else { NO_HEADER }))?;
        // It hands on with the next write what it made in this one.
        while has_header && decoder.write(b"").is_ok() {
            let piece = std::mem::take(decoder.get_mut());
            if piece.is_empty() {
                break;
            }
            self.made += piece.len() as u64;
            meter.passes(self.made)?;
            sink(&piece)?;
        }
        if taken == 0 {
            decoder.try_finish().map_err(|_| Snag::Broken(BAD_SUM))?;
            self.place = Place::Gap { first: false };
        }
        Ok(bytes.get(taken..).unwrap_or_default())
    }

    /// Undoes deflate content; gives back what lies behind its end.
    fn data<'b>(
        &mut self,
        bytes: &'b [u8],
        meter: &Meter,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), Snag>,
    ) -> Result<&'b [u8], Snag> {
        let Place::Data(inflate, room) = &mut self.place else { return Ok(bytes) };
        let mut left = bytes;
        loop {
            let before = (inflate.total_in(), inflate.total_out());
            let status =
                inflate.decompress(left, room, FlushDecompress::None).map_err(|_| Snag::Broken(BAD_DATA))?;
            let taken = usize::try_from(inflate.total_in() - before.0).unwrap_or(left.len());
            let made = usize::try_from(inflate.total_out() - before.1).unwrap_or(0);
            left = left.get(taken..).unwrap_or_default();
            self.made += made as u64;
            meter.passes(self.made)?;
            if made > 0 {
                sink(room.get(..made).unwrap_or_default())?;
            }
            if status == Status::StreamEnd {
                self.place = Place::Over;
                return Ok(left);
            }
            // Room that was filled to the brim may not have been enough.
            if taken == 0 && made == 0 || (left.is_empty() && made < room.len()) {
                return if left.is_empty() { Ok(left) } else { Err(Snag::Broken(BAD_DATA)) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::super::coding::{Coding, DECODED_LIMIT, RATIO_FREE, Snag, Unpacker};
    use super::{BAD_SUM, BEHIND, CUT, NO_HEADER};

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
                let mut sum = flate2::Crc::new();
                sum.update(&packed);
                packed.extend_from_slice(&sum.sum().to_le_bytes()[..2]);
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
        assert_eq!(unpacked(&[Coding::Gzip], b"hello", 5), Err(Snag::Broken(NO_HEADER)));
        for len in 1..good.len() {
            let rule = if len < 10 { NO_HEADER } else { CUT };
            assert_eq!(unpacked(&[Coding::Gzip], &good[..len], 5), Err(Snag::Broken(rule)), "{len}");
        }
        let behind = [&good[..], b"<html>"].concat();
        assert_eq!(unpacked(&[Coding::Gzip], &behind, 5), Err(Snag::Broken(BEHIND)));
        assert_eq!(unpacked(&[Coding::Gzip], b"", 5), Ok(Vec::new()), "no content is no packed content");
        let brotli = [Coding::Other(b"br".to_vec())];
        assert_eq!(unpacked(&brotli, b"x", 5), Err(Snag::Unknown(b"br".to_vec())));
        assert_eq!(unpacked(&[const { Coding::Gzip }; 5], b"x", 5), Err(Snag::TooMany));
    }

    #[test]
    fn bytes_that_were_changed_never_pass_for_what_was_packed() {
        let (text, good) = (text(), gzip(&text()));
        for at in 0..good.len().min(3000) {
            let mut changed = good.clone();
            changed[at] = changed[at].wrapping_add(1);
            let got = unpacked(&[Coding::Gzip], &changed, 64);
            // A hint (FTEXT), a time, another hint and a system stand in the header, and no sum is about them.
            let is_told = !(3..10).contains(&at);
            match got {
                Ok(content) => assert!(!is_told && content == text, "byte {at}"),
                Err(Snag::Broken(_)) => assert!(is_told, "byte {at}"),
                Err(other) => panic!("byte {at}: {other:?}"),
            }
            // The same however it is cut.
            assert_eq!(unpacked(&[Coding::Gzip], &changed, 4096).is_ok(), !is_told, "byte {at}");
        }
    }

    #[test]
    fn deflate_data_from_anywhere_is_content_or_breaks_a_rule() {
        let good = gzip(&text());
        for at in 0..good.len().min(3000) {
            let whole = unpacked(&[Coding::Deflate], &good[at..], good.len());
            let cut = unpacked(&[Coding::Deflate], &good[at..], 64);
            assert_eq!(whole, cut, "from byte {at}, in pieces");
            assert!(matches!(whole, Ok(_) | Err(Snag::Broken(_) | Snag::Ratio)), "from byte {at}: {whole:?}");
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
