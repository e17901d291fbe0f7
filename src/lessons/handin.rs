//! A hand-in: what a learner has done, as lines in which every change shows.
//!
//! ```text
//! {"netlab_hand_in":1,"name":"Ada","learner":"00000000000000a1","class":"2c70e12b","made_at":1,"netlab":"0.1.0","chain":"..."}
//! {"v":1,"lesson":"roles","hash":"...","step":"change-sides","at":1,"fact":"passed","saw":["..."],"chain":"..."}
//! {"end":1,"chain":"..."}
//!
//! content = the line's bytes up to `,"chain":"`, as they stand
//! chain   = SHA-256( the chain of the line before as its 64 digits, none in the first line; the content )
//! ```
//!
//! The last line says how many facts there are. So a line that was changed, removed, added or moved does not fit the
//! one before it, and a file that was cut has no last line. That makes changes evident and not impossible: there is
//! no secret in it, and whoever computes all chains anew has a file that fits.
//!
//! A line ends with LF; a CR before it, which some mail programs add, is passed over.

use std::fmt;
use std::net::SocketAddr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fact::{Fact, VERSION as FACT_VERSION, What};
use super::progress::Progress;

/// The version of the form. Files of a later one are refused.
pub const VERSION: u32 = 1;

/// The largest hand-in, in bytes.
pub const HAND_IN_BYTES: usize = 16 * 1024 * 1024;

/// The longest line of one, in bytes.
pub const LINE_BYTES: usize = 256 * 1024;

/// The most characters of a learner's name.
pub const NAME_CHARS: usize = 100;

/// What stands in the place of a quote that is not of the lab or of this computer's own conversations.
pub const NOT_HANDED_IN: &str = "a conversation with another computer, which a hand-in does not quote";

const BEGIN: &[u8] = b"{\"netlab_hand_in\":";
const CHAIN: &[u8] = b",\"chain\":\"";
const CHAIN_END: &[u8] = b"\"}";
const DIGITS: usize = 64;

/// What a learner hands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandIn {
    /// Whose it is, and when it was made.
    pub head: Head,
    /// The facts that are visible, oldest first.
    pub facts: Vec<Fact>,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    netlab_hand_in: u32,
    /// The name the learner gives. In a file from somebody else it may be anything, of any length.
    pub name: String,
    /// Who the learner is, as [`Home::learner`](crate::state::Home::learner) has it. It is no secret.
    pub learner: String,
    /// A digest of the class's seed, as [`class_digest`]; nothing for somebody who learns alone.
    pub class: Option<String>,
    /// When it was made, in seconds since 1970.
    pub made_at: u64,
    /// The version of netlab that made it.
    pub netlab: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct End {
    end: usize,
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The file does not begin as a hand-in does.
    NotOurs,
    /// A later netlab wrote it.
    Later,
    /// The file is larger than [`HAND_IN_BYTES`].
    FileTooLarge,
    /// The line is longer than [`LINE_BYTES`].
    TooLong,
    /// Its chain does not fit it and the line before.
    Changed,
    /// The file ends here, and should not.
    Cut,
    /// It fits, and is no line of a hand-in.
    Unreadable,
    /// The last line counts other facts than there are.
    Miscounted,
    /// It stands below the last line.
    AfterTheEnd,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match self.fault {
            Fault::NotOurs => write!(out, "it does not begin as a hand-in does"),
            Fault::Later => write!(out, "line {line} says that a later netlab wrote it"),
            Fault::FileTooLarge => {
                write!(out, "it is larger than the {} MiB a hand-in may have", HAND_IN_BYTES >> 20)
            }
            Fault::TooLong => {
                write!(out, "line {line} is longer than the {} KiB a line may have", LINE_BYTES >> 10)
            }
            Fault::Changed => {
                write!(
                    out,
                    "line {line} is not as netlab wrote it, or a line before it is missing, added or moved"
                )
            }
            Fault::Cut => write!(out, "it ends in line {line}, before its end: the rest is missing"),
            Fault::Unreadable => write!(out, "line {line} fits, but netlab does not write such lines"),
            Fault::Miscounted => write!(out, "line {line} counts other facts than there are"),
            Fault::AfterTheEnd => write!(out, "line {line} stands below the line that ends the file"),
        }
    }
}

impl std::error::Error for Broken {}

/// A short digest of a class's seed, eight hex digits: enough to see whether two seeds are the same. Nothing for no
/// seed.
#[must_use]
pub fn class_digest(seed: &str) -> Option<String> {
    let digest = Sha256::new().chain_update("netlab class ").chain_update(seed).finalize();
    (!seed.is_empty()).then(|| HEXLOWER.encode(&digest[..4]))
}

impl HandIn {
    /// What somebody hands in at `made_at` seconds since 1970. `seed` is that of the class, empty for none.
    #[must_use]
    pub fn new(name: &str, learner: &str, seed: &str, progress: &Progress, made_at: u64) -> Self {
        let (name, learner, netlab) =
            (name.to_owned(), learner.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let class = class_digest(seed);
        let head = Head { netlab_hand_in: VERSION, name, learner, class, made_at, netlab };
        Self { head, facts: progress.facts.iter().map(handed_in).collect() }
    }

    /// The file.
    ///
    /// # Errors
    /// When it would be larger, or a line of it longer, than reading allows.
    pub fn write(&self) -> Result<Vec<u8>, Broken> {
        let mut file = Vec::new();
        let mut chain = String::new();
        push(&mut file, &mut chain, 1, &self.head)?;
        for (at, fact) in self.facts.iter().enumerate() {
            push(&mut file, &mut chain, at + 2, fact)?;
        }
        push(&mut file, &mut chain, self.facts.len() + 2, &End { end: self.facts.len() })?;
        Ok(file)
    }

    /// Reads a file. Any bytes are read to their end or to the first line that does not fit.
    ///
    /// # Errors
    /// Which line is not as it should be, and why.
    pub fn read(file: &[u8]) -> Result<Self, Broken> {
        let broken = |line, fault| Broken { line, fault };
        if file.len() > HAND_IN_BYTES {
            return Err(broken(1, Fault::FileTooLarge));
        }
        is_ours(file)?;
        let mut chain = String::new();
        let mut head: Option<Head> = None;
        let mut facts: Vec<Fact> = Vec::new();
        let mut lines = file.split_inclusive(|&byte| byte == b'\n').enumerate();
        while let Some((at, line)) = lines.next() {
            let number = at + 1;
            let content = unsealed(line, &mut chain).map_err(|fault| broken(number, fault))?;
            let unreadable = |_| broken(number, Fault::Unreadable);
            let Some(head) = &head else {
                head = Some(serde_json::from_slice(&content).map_err(unreadable)?);
                continue;
            };
            if content.starts_with(b"{\"end\":") {
                let End { end } = serde_json::from_slice(&content).map_err(unreadable)?;
                if end != facts.len() {
                    return Err(broken(number, Fault::Miscounted));
                }
                return match lines.next() {
                    Some((at, _)) => Err(broken(at + 1, Fault::AfterTheEnd)),
                    None => Ok(Self { head: head.clone(), facts }),
                };
            }
            let fact: Fact = serde_json::from_slice(&content).map_err(unreadable)?;
            if fact.v != FACT_VERSION {
                return Err(broken(number, Fault::Later));
            }
            facts.push(fact);
        }
        Err(broken(1 + facts.len() + usize::from(head.is_some()), Fault::Cut))
    }
}

/// The file begins as ours do, in a version that is known.
fn is_ours(file: &[u8]) -> Result<(), Broken> {
    let Some(rest) = file.strip_prefix(BEGIN) else {
        let fault = if !file.is_empty() && BEGIN.starts_with(file) { Fault::Cut } else { Fault::NotOurs };
        return Err(Broken { line: 1, fault });
    };
    let digits: String =
        rest.iter().take(10).take_while(|byte| byte.is_ascii_digit()).map(|&byte| char::from(byte)).collect();
    let later = digits.parse::<u64>().is_ok_and(|version| version > u64::from(VERSION));
    if later { Err(Broken { line: 1, fault: Fault::Later }) } else { Ok(()) }
}

/// Adds a line and its chain.
fn push(file: &mut Vec<u8>, chain: &mut String, line: usize, content: &impl Serialize) -> Result<(), Broken> {
    let broken = |fault| Broken { line, fault };
    let text = serde_json::to_string(content).map_err(|_| broken(Fault::Unreadable))?;
    let content = text.strip_suffix('}').ok_or(broken(Fault::Unreadable))?.as_bytes();
    *chain = next(chain, content);
    let before = file.len();
    for part in [content, CHAIN, chain.as_bytes(), CHAIN_END, b"\n"] {
        file.extend_from_slice(part);
    }
    match (file.len() - before > LINE_BYTES, file.len() > HAND_IN_BYTES) {
        (true, _) => Err(broken(Fault::TooLong)),
        (_, true) => Err(broken(Fault::FileTooLarge)),
        _ => Ok(()),
    }
}

/// The content of a line as JSON, when its chain fits; `chain` becomes that of this line.
fn unsealed(line: &[u8], chain: &mut String) -> Result<Vec<u8>, Fault> {
    if line.len() > LINE_BYTES {
        return Err(Fault::TooLong);
    }
    let line = line.strip_suffix(b"\n").ok_or(Fault::Cut)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let sealed = line.strip_suffix(CHAIN_END).ok_or(Fault::Changed)?;
    let at = sealed.len().checked_sub(DIGITS).ok_or(Fault::Changed)?;
    let (rest, said) = sealed.split_at(at);
    let content = rest.strip_suffix(CHAIN).ok_or(Fault::Changed)?;
    *chain = next(chain, content);
    if said != chain.as_bytes() {
        return Err(Fault::Changed);
    }
    Ok([content, b"}"].concat())
}

fn next(chain: &str, content: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::new().chain_update(chain).chain_update(content).finalize())
}

/// A fact as it is handed in: what it quotes of conversations that left this computer stays here.
fn handed_in(fact: &Fact) -> Fact {
    let mut fact = fact.clone();
    if let What::Passed { saw } = &mut fact.what {
        for quote in saw.iter_mut().filter(|quote| !stayed_here(quote)) {
            NOT_HANDED_IN.clone_into(quote);
        }
    }
    fact
}

/// Whether a quote says that both ends of its conversation were on this computer. What says nothing of the kind
/// is not handed in either.
fn stayed_here(quote: &str) -> bool {
    let Some((_, ends)) = quote.split_once(" from ") else { return false };
    let Some((client, rest)) = ends.split_once(" to ") else { return false };
    let server = rest.split([' ', ',']).next();
    let here = |end: &str| end.parse::<SocketAddr>().is_ok_and(|end| end.ip().is_loopback());
    (here(client) || client == "a client") && server.is_some_and(here)
}
