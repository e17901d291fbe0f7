//! Bytes of a protocol netlab does not know, or of none: lines of text where they are text.
//!
//! Daytime (RFC 867) and echo (RFC 862) live here too: their whole grammar is "some bytes".

use super::cut::Lines;
use super::field::{Fields, Spec, Value};
use super::reader::Reader;
use super::row::{Behind, Likeness, Pairs, Protocol, Said, Sample};
use super::stream::{Around, Sender};

/// The fallback row of the table: it explains nothing but where lines end.
pub static PLAIN: Protocol = Protocol {
    name: "plain",
    title: "plain bytes",
    rfc: "",
    ports: &[7, 13, 7007, 7013, 7100, 7101],
    looks_like: |_, _| Likeness::MayBe,
    read,
    pairs: Pairs::Never,
    headline,
    may_switch: |_, _| false,
    carries: &[],
    inner: |_, _| Vec::new(),
    samples: || vec![Sample::stream(Sender::Server, &b"a line\r\n"[..])],
    cut: || Box::new(Lines::default()),
};

const PLAIN_ROOT: Spec =
    Spec::new("plain", "", "bytes without a protocol that netlab knows; only line ends are marked");
const LINE: Spec = Spec::new("line", "", "one line of text and the bytes that end it");
const LINE_TEXT: Spec = Spec::new("text", "", "the characters of the line");
const LINE_END: Spec = Spec::new(
    "line-end",
    "RFC 5198 §2",
    "carriage return and line feed end a line on the network; a line feed alone ends one on Unix",
);

/// The first line, in quotes.
fn headline(fields: &Fields<'_>, root: usize) -> Option<Vec<Said>> {
    let text = fields.find(root, LINE_TEXT.name)?;
    Some(vec![Said::Ours("\""), Said::Theirs(fields.value(text).into_owned()), Said::Ours("\"")])
}

/// Cuts the bytes into lines.
fn read<'a>(reader: &mut Reader<'a>, _: &Around<'a>) -> Behind {
    if !reader.at_end() {
        reader.group(&PLAIN_ROOT, |reader| {
            while !reader.at_end() {
                line(reader);
            }
        });
    }
    Behind::Nothing
}

fn line(reader: &mut Reader<'_>) {
    let ahead = reader.ahead();
    let feed = ahead.iter().position(|&byte| byte == b'\n');
    let whole = feed.map_or(ahead.len(), |at| at + 1);
    let end = match (feed, feed.and_then(|at| at.checked_sub(1)).map(|at| ahead[at])) {
        (None, _) => 0,
        (Some(_), Some(b'\r')) => 2,
        (Some(_), _) => 1,
    };
    let from = u32::try_from(reader.position()).unwrap_or(u32::MAX);
    let to = from + u32::try_from(whole - end).unwrap_or(u32::MAX);
    reader.group_as(&LINE, Value::Slice(from, to), |reader| {
        // The lengths were measured on the bytes ahead, so neither read can be cut.
        let _ = reader.text(&LINE_TEXT, whole - end);
        if end > 0 {
            let _ = reader.text(&LINE_END, end);
        }
    });
}
