//! Messages in which every field of DNS occurs, so that whoever has to know their names need not list them.
//!
//! The data of each type in the table is made of zeros, and once more of ones. To a name and to a string the zeros are
//! a length of nothing and the ones a length of one, so each part of the data occurs in one or the other. The options
//! of EDNS and the parameters of SVCB are made the same way.

use std::iter;

use super::super::row::Sample;
use super::super::stream::Sender;
use super::{edns, query, rdata, svcparams};

/// How much data: enough for an SOA's, and for an address.
const LEN: usize = 24;
const FILLINGS: [[u8; LEN]; 2] = [[0; LEN], [1; LEN]];

/// A type that is in no table.
const UNKNOWN: u16 = 65_280;
/// A type whose data has parameters.
const SVCB: u16 = 64;

pub(super) fn all() -> Vec<Sample> {
    let question = b"\0\x01\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01";
    let types = rdata::TYPES.iter().map(|row| row.value).chain(iter::once(UNKNOWN));
    let plain = types.flat_map(|kind| FILLINGS.map(|data| (kind, data.to_vec())));
    let options = edns::OPTIONS.iter().flat_map(|code| keyed(code.value));
    let options = options.map(|data| (rdata::OPT, data));
    // A priority of 1, and the root as the target.
    let params = svcparams::KEYS.iter().flat_map(|code| keyed(code.value));
    let params = params.map(|data| (SVCB, [&[0, 1, 0][..], &data].concat()));
    let records = plain.chain(options).chain(params);
    let messages = records.flat_map(|(kind, data)| [1, 2, 3].map(|section| message(section, kind, &data)));
    iter::once(Sample::stream(Sender::Client, query::framed(question))).chain(messages).collect()
}

/// A message with one record, in the section whose count is the header's so manyth.
fn message(section: usize, kind: u16, data: &[u8]) -> Sample {
    let mut head = *b"\0\x01\x84\0\0\0\0\0\0\0\0\0";
    head[5 + 2 * section] = 1;
    // The label `a`, and a pointer to a zero in the header, which is the root.
    let owner = b"\x01a\xc0\x04";
    let fixed = [&kind.to_be_bytes()[..], &[0, 1, 0, 0, 0, 5], &length(data)].concat();
    Sample::datagram(Sender::Server, [&head[..], owner, &fixed, data].concat())
}

/// An option or a parameter with each filling.
fn keyed(code: u32) -> [Vec<u8>; 2] {
    let code = u16::try_from(code).unwrap_or_default();
    FILLINGS.map(|data| [&code.to_be_bytes()[..], &length(&data), &data].concat())
}

fn length(data: &[u8]) -> [u8; 2] {
    u16::try_from(data.len()).unwrap_or_default().to_be_bytes()
}
