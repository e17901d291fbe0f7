//! Domain names: labels, one after another, down to the root.
//!
//! RFC 1035 §3.1 (labels), §4.1.4 (compression), §5.1 (how a name is written).
//!
//! ```text
//!  label     |0 0| length    | length bytes ...           one step of the name
//!  root      |0 0 0 0 0 0 0 0|                            the end: a label of no bytes
//!  pointer   |1 1| offset, counted from the message's first byte   the rest is over there
//! ```
//!
//! This file reads names as fields; [`labels`](super::labels) walks the same bytes as text, and
//! [`encode`] writes them.
//!
//! A pointer saves repeating `example.com` in every record; it is also how a forged message tries to
//! send its reader in circles. Here every jump must land before the start of the stretch that jumps,
//! and after it only the bytes before that start can be seen. So each jump has less to look at than
//! the last, and no name goes round.
//!
//! ```
//! use netlab::proto::dns::name;
//!
//! //              0                        7               12
//! let message = b"\x06garden\x04test\x00\x03www\xc0\x00";
//! assert_eq!(name::present(message, 0), "garden.test");
//! assert_eq!(name::present(message, 13), "www.garden.test");
//! assert_eq!(name::present(b"\xc0\x00", 0), "…"); // points at itself
//! ```

use crate::proto::field::{Spec, Value};
use crate::proto::reader::{Cut, Reader};

pub use super::encode::{NameError, encode};
pub use super::labels::{BROKEN, Broken, JUMP_LIMIT, LABEL_LIMIT, Labels, NAME_LIMIT, present};

const LABEL_LENGTH: Spec = Spec::new(
    "label-length",
    "RFC 1035 §3.1",
    "how many bytes the next label has, at most 63; names carry lengths, never dots",
);
const LABEL: Spec = Spec::new("label", "RFC 1035 §3.1", "one step of the name, what stands between two dots");
const ROOT: Spec =
    Spec::new("root", "RFC 1035 §3.1", "a label of no bytes: the top of the tree, where every name ends");
const POINTER_MARK: Spec = Spec::new(
    "pointer-mark",
    "RFC 1035 §4.1.4",
    "both bits set where a label's length would begin: not a label, but a pointer to the rest of the name",
);
const POINTER: Spec = Spec::new(
    "pointer",
    "RFC 1035 §4.1.4",
    "the name goes on at this byte, counted from the start of the message, where it was written before",
);
const LABEL_TYPE: Spec = Spec::new(
    "label-type",
    "RFC 6891 §5",
    "a first byte that starts with bits 01 or 10: neither a length nor a pointer, so nobody can tell where it ends",
);

/// Reads a name as a group of `spec` in a message that starts at byte `message` of the input.
///
/// # Errors
/// [`Cut`] when the input ends inside the name, or when a reserved label type hides where it ends.
pub fn read(reader: &mut Reader<'_>, spec: &'static Spec, message: usize) -> Result<(), Cut> {
    let base = u32::try_from(message).unwrap_or(u32::MAX);
    reader.group_as(spec, Value::Name(base), |reader| {
        let start = reader.position();
        loop {
            let Some(&first) = reader.ahead().first() else {
                return reader.u8(&LABEL_LENGTH).map(drop);
            };
            match first >> 6 {
                0b00 if first == 0 => return reader.u8(&ROOT).map(drop),
                0b00 => {
                    reader.u8(&LABEL_LENGTH)?;
                    reader.text(&LABEL, usize::from(first))?;
                    if reader.position() - start >= NAME_LIMIT {
                        reader.problem(&"a name has at most 255 bytes, and with this label it has more");
                    }
                }
                0b11 => {
                    reader.bits(&POINTER_MARK, 2)?;
                    reader.bits(&POINTER, 14)?;
                    let sent = reader.input().get(message..reader.position()).unwrap_or_default();
                    if let Some(broken) = Labels::of(sent, start - message).find_map(Result::err) {
                        reader.problem(broken.rule());
                    }
                    return Ok(());
                }
                _ => {
                    reader.u8(&LABEL_TYPE)?;
                    reader.problem(Broken::Reserved.rule());
                    return Err(Cut);
                }
            }
        }
    })
}
