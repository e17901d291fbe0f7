//! A plain printer of field trees for tests: where, what, value, and what is wrong.

use std::fmt::Write as _;

use netlab::proto::field::{Field, Fields, Problem, Value};

/// The tree, a field a line: its bytes (and bits where they matter), name, value and problem.
pub fn dump(fields: &Fields<'_>) -> String {
    let mut text = String::new();
    for (index, field) in fields.list.iter().enumerate() {
        let indent = "  ".repeat(usize::from(field.depth));
        let _ = write!(text, "{:>10}  {indent}{}", place(field), field.spec.name);
        let shown = shorten(&escape(&fields.value(index)));
        match field.value {
            Value::Parts => {}
            Value::Number(number) => {
                let _ = write!(text, " = {number}");
                if field.spec.code(number).is_some() {
                    let _ = write!(text, " {shown}");
                }
                let _ = write!(text, " (written {})", escape(fields.raw(index)));
            }
            _ => {
                let _ = write!(text, " = {shown}");
            }
        }
        match field.problem {
            Some(Problem::Short { wanted, left }) => {
                let _ = write!(text, "   <-- {} bytes wanted, {} are there", wanted / 8, left / 8);
            }
            Some(Problem::Rule(rule)) => {
                let _ = write!(text, "   <-- {rule}");
            }
            Some(Problem::Remark(rule)) => {
                let _ = write!(text, "   <-- remark: {rule}");
            }
            None => {}
        }
        text.push('\n');
    }
    text
}

/// Bytes as text with every byte that is not visible ASCII, and the backslash, escaped.
pub fn escape(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string().replace("\\'", "'").replace("\\\"", "\"")
}

fn place(field: &Field) -> String {
    let bytes = field.bytes();
    if field.is_byte_aligned() {
        format!("{}..{}", bytes.start, bytes.end)
    } else {
        format!("{}..{} bits", field.start, field.start + field.len)
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
