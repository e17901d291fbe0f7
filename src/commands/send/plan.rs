//! What is written, and in how many pieces.

use crate::cli::Send;
use crate::commands::conversation::framing;
use crate::proto::framed::{Framing, framed};

/// How many writes there are when nobody says.
const WRITES: u32 = 5;
/// How many bytes each has when nobody says.
const SIZE: u32 = 10;
/// What stands in writes without a text: the first is all the first letter, and so on, and then again.
const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";

/// The writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How many there are.
    pub writes: u32,
    size: usize,
    texts: Vec<Vec<u8>>,
    framing: Option<Framing>,
}

impl Plan {
    /// As typed.
    #[must_use]
    pub fn of(typed: &Send) -> Self {
        let texts: Vec<Vec<u8>> = typed.text.iter().map(|text| text.0.clone()).collect();
        let usual = if texts.is_empty() { WRITES } else { u32::try_from(texts.len()).unwrap_or(WRITES) };
        Self {
            writes: typed.writes.unwrap_or(usual),
            size: usize::try_from(typed.size.unwrap_or(SIZE)).unwrap_or_default(),
            texts,
            framing: typed.frame.map(framing),
        }
    }

    /// The bytes of a write, counted from 0. With more writes than texts the texts begin again.
    #[must_use]
    pub fn write(&self, number: u32) -> Vec<u8> {
        let number = usize::try_from(number).unwrap_or_default();
        let text = match self.texts.len() {
            0 => vec![LETTERS[number % LETTERS.len()]; self.size],
            many => self.texts[number % many].clone(),
        };
        match self.framing {
            Some(framing) => framed(&text, framing),
            None => text,
        }
    }

    /// How long the longest text is.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.texts.iter().map(Vec::len).max().unwrap_or(self.size)
    }

    /// How many bytes all writes have.
    #[must_use]
    pub fn bytes(&self) -> usize {
        (0..self.writes).map(|number| self.write(number).len()).fold(0, usize::saturating_add)
    }

    /// Whether a text becomes more than one message.
    #[must_use]
    pub fn splits(&self) -> bool {
        self.framing == Some(Framing::Newline) && self.texts.iter().any(|text| text.contains(&b'\n'))
    }

    /// Whether a write has no bytes: then there is nothing to hand over.
    #[must_use]
    pub fn has_empty(&self) -> bool {
        self.framing.is_none() && self.texts.iter().any(Vec::is_empty)
    }
}
