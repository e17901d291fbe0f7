//! The lab's usual ports in what a lesson says to other tools, when the lab has had to take others.

use super::console::Entry;
use super::lesson::{Block, Lesson};

/// A usual port, and the one that stands for it now.
pub type Move = (u16, u16);

/// The lesson with other ports in the comments of its consoles. Nothing else names a port of the lab.
#[must_use]
pub fn with_ports(mut lesson: Lesson, moves: &[Move]) -> Lesson {
    if moves.is_empty() {
        return lesson;
    }
    for block in lesson.steps.iter_mut().flat_map(|step| &mut step.blocks) {
        let (Block::Console(console) | Block::Solution(console)) = block else { continue };
        for entry in &mut console.entries {
            if let Entry::Comment(text) = entry {
                *text = renumbered(text, moves);
            }
        }
    }
    lesson
}

/// The text with each number that is a usual port replaced.
fn renumbered(text: &str, moves: &[Move]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|char: char| char.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|char: char| !char.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        let other =
            moves.iter().find(|(usual, _)| digits.parse() == Ok(*usual)).map(|(_, now)| now.to_string());
        out.push_str(before);
        out.push_str(other.as_deref().unwrap_or(digits));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::renumbered;

    #[test]
    fn only_whole_numbers_are_ports() {
        let moves = [(7013, 40_001), (7080, 40_002)];
        assert_eq!(renumbered("or: nc 127.0.0.1 7013", &moves), "or: nc 127.0.0.1 40001");
        assert_eq!(
            renumbered("or: curl --resolve hello.test:7080:127.0.0.1 http://hello.test:7080/", &moves),
            "or: curl --resolve hello.test:40002:127.0.0.1 http://hello.test:40002/"
        );
        assert_eq!(renumbered("170130 and 7777 stay", &moves), "170130 and 7777 stay");
    }
}
