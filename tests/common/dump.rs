//! A plain picture of a field tree, one field a line, for expected outputs that are worth reading:
//! where it is (bytes, or bytes and bits), its name under its group's, its value, what is wrong.

use std::fmt::Write as _;

use netlab::proto::field::{Fields, Problem, Value};

/// The whole tree.
pub fn tree(fields: &Fields<'_>) -> String {
    let mut text = String::new();
    for index in 0..fields.list.len() {
        let field = fields.get(index);
        let place = if field.is_byte_aligned() {
            let bytes = field.bytes();
            format!("{}..{}", bytes.start, bytes.end)
        } else {
            let end = field.start + field.len;
            format!("{}.{}..{}.{}", field.start / 8, field.start % 8, end / 8, end % 8)
        };
        let indent = 2 * usize::from(field.depth);
        let _ = write!(text, "{place:<13}{:indent$}{}", "", field.spec.name);
        match value(fields, index) {
            value if value.is_empty() => {}
            value => {
                let _ = write!(text, ": {value}");
            }
        }
        match field.problem {
            Some(Problem::Short { wanted, left }) => {
                let _ = write!(text, "   !! cut: {wanted} bits wanted, {left} left");
            }
            Some(Problem::Rule(rule)) => {
                let _ = write!(text, "   !! {rule}");
            }
            Some(Problem::Remark(rule)) => {
                let _ = write!(text, "   !! remark: {rule}");
            }
            None => {}
        }
        text.push('\n');
    }
    text
}

fn value(fields: &Fields<'_>, index: usize) -> String {
    let field = fields.get(index);
    match field.value {
        Value::Number(number) => match field.spec.code(number) {
            Some(code) => format!("{number} = {}", code.name),
            None => number.to_string(),
        },
        // An address that is cut is no address any more.
        Value::Opaque | Value::Ipv4 | Value::Ipv6
            if field.value == Value::Opaque || field.problem.is_some() =>
        {
            let hex: Vec<String> = fields.raw(index).iter().map(|byte| format!("{byte:02x}")).collect();
            hex.join(" ")
        }
        Value::Text | Value::Slice(..) => format!("\"{}\"", fields.value(index).escape_ascii()),
        _ => String::from_utf8_lossy(&fields.value(index)).into_owned(),
    }
}
