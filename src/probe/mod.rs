//! What a strict client asks of a web server, and what it makes of the answers. Pure: nothing here opens a socket.
//!
//! A [`Check`] is a row of a table: what is asked ([`script`]), what is expected, the rule with its RFC section,
//! and a judge. A judge is a function of the recorded conversations and of nothing else, so a verdict can point
//! at bytes, and the same bytes always get the same verdict.
//!
//! Reading order: this file (the words), [`place`] (who is asked, and under which random names), [`script`]
//! (what is done on the wire), [`heard`] (the answers in a recorded conversation), [`base`] (what this server says to
//! a sound request), then a file for each stage: [`hello`] (with `chunks`, for an answer that comes in them),
//! [`routes`], [`framing`], [`robust`]; [`table`] puts them together, [`after`] looks whether the server outlived a
//! check, [`report`] counts, [`made`] and [`mend`] say how to put right what is wrong, [`repeat`] how to do it once
//! more by hand.

pub mod after;
pub mod base;
mod chunks;
pub mod framing;
pub mod heard;
pub mod hello;
pub mod made;
pub mod mend;
mod pairs;
pub mod place;
pub mod repeat;
pub mod report;
pub mod robust;
pub mod routes;
pub mod script;
pub mod table;
pub mod tally;

use std::ops::Range;

use crate::evidence::{Flow, Side};
use base::Base;
use place::Place;
use script::Script;

/// The part of the table a check belongs to. Each builds on the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// One answer that is HTTP.
    Hello,
    /// Paths, and the two routes of the hello server.
    Routes,
    /// Where messages begin and end.
    Framing,
    /// What is no sound request.
    Robust,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Hello, Self::Routes, Self::Framing, Self::Robust];

    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Routes => "routes",
            Self::Framing => "framing",
            Self::Robust => "robust",
        }
    }

    /// What it expects, as a sentence part, for somebody who has not seen its checks yet.
    #[must_use]
    pub fn expects(self) -> &'static str {
        match self {
            Self::Hello => {
                "somebody listens, and GET / gets one whole answer in HTTP: a status line, fields, an empty line, and content that is as long as the head says"
            }
            Self::Routes => {
                "/ and /seed-a-plant have answers of their own, with a query or without; a path that nobody has gets 404; HEAD gets a head alone; lengths count bytes; two clients are served at once, each with its own answer; and a client that says nothing does no harm"
            }
            Self::Framing => {
                "a request ends where it says and not where a read does: it may come in pieces, with content, or with the next one right behind it; and a connection stays open or is closed as agreed"
            }
            Self::Robust => {
                "what is no sound request is refused with a status of 400 or above, and is never left hanging; each goes alone first, and then with a sound GET right behind it, which changes nothing about the answer and is not answered where nobody can tell where it begins; and the server outlives them all"
            }
        }
    }
}

/// Who asks for it, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// The RFC says that it has to be so; otherwise the check fails.
    Must,
    /// The exercise does: the RFC says what the thing is, and leaves to the server what to do with it. It fails
    /// likewise.
    Exercise,
    /// The RFC says that it had better be so; otherwise there is advice.
    Should,
    /// The RFC leaves it open, and netlab has advice.
    Wise,
}

impl Force {
    /// Its word, for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Exercise => "exercise",
            Self::Should => "should",
            Self::Wise => "advice",
        }
    }

    /// What stands behind the RFC's section, for people. Must and should are RFC 2119's words.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Exercise => "asked for by the exercise",
            other => other.name(),
        }
    }
}

/// What a check asks on the wire.
#[derive(Debug, Clone, Copy)]
pub enum Ask {
    /// Conversations of its own.
    This(fn(&Place) -> Script),
    /// Nothing new: it judges what the check of this id has recorded.
    Same(&'static str),
    /// One connection with these bytes, and one with a request behind them; see [`robust`].
    Odd(&'static robust::Odd),
    /// Nothing new: it judges the two conversations of an odd request that differ, or else of the last one.
    Pairs,
}

/// One row of the table.
#[derive(Debug)]
pub struct Check {
    /// A name that stays: `routes.query`.
    pub id: &'static str,
    /// Where it belongs.
    pub stage: Stage,
    /// What is expected, as a sentence part.
    pub expects: &'static str,
    /// Why, as a sentence part: the rule.
    pub rule: &'static str,
    /// Where the rule stands.
    pub rfc: &'static str,
    /// How strongly.
    pub force: Force,
    /// Checks that have to have held before this one says anything.
    pub needs: &'static [&'static str],
    /// What is asked.
    pub ask: Ask,
    /// What to make of the answer.
    pub judge: fn(&Case<'_>) -> Judged,
}

/// A rule that a verdict rests on, where that is another one than the row's.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule, as a sentence part.
    pub says: &'static str,
    /// Where it stands.
    pub rfc: &'static str,
}

impl Rule {
    /// All there are.
    pub const ALL: [&Self; 2] = [&chunks::RULE, &framing::DATE];
}

/// What a judge is given.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The conversations, in the order in which they began.
    pub flows: &'a [Flow],
    /// Who was asked, under which names.
    pub place: &'a Place,
    /// What this server says to a sound GET /, as far as it is known.
    pub base: &'a Base,
    /// The row.
    pub check: &'a Check,
}

/// Bytes of a conversation that a verdict points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// Which conversation of the check.
    pub flow: usize,
    /// Who sent them.
    pub side: Side,
    /// Where they stand among all that side sent.
    pub bytes: Range<usize>,
}

/// What a judge says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How it went.
    pub held: Held,
    /// What was found, as a sentence part. It may hold the network's text: escape before printing.
    pub says: String,
    /// The bytes that show it.
    pub at: Option<At>,
    /// Another conversation of the check, to compare with.
    pub beside: Option<Beside>,
    /// The rule, when it is not the row's.
    pub rule: Option<&'static Rule>,
}

/// A conversation that is shown beside the one a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    /// Which conversation of the check.
    pub flow: usize,
    /// In what it differs, in one word.
    pub word: &'static str,
}

/// How a check went, before its force is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// As expected.
    Yes,
    /// Not as expected, and still within the rule.
    Nearly,
    /// Not.
    No,
}

impl Judged {
    /// As expected.
    #[must_use]
    pub fn yes(says: impl Into<String>) -> Self {
        Self { held: Held::Yes, says: says.into(), at: None, beside: None, rule: None }
    }

    /// Within the rule, and yet there is something to say.
    #[must_use]
    pub fn nearly(says: impl Into<String>) -> Self {
        Self { held: Held::Nearly, says: says.into(), at: None, beside: None, rule: None }
    }

    /// Not as expected.
    #[must_use]
    pub fn no(says: impl Into<String>) -> Self {
        Self { held: Held::No, says: says.into(), at: None, beside: None, rule: None }
    }

    /// The server's bytes that show it.
    #[must_use]
    pub fn at(mut self, flow: usize, bytes: Range<usize>) -> Self {
        self.at = Some(At { flow, side: Side::Server, bytes });
        self
    }

    /// With another conversation to compare with; the word says in what that one differs.
    #[must_use]
    pub fn beside(mut self, flow: usize, word: &'static str) -> Self {
        self.beside = Some(Beside { flow, word });
        self
    }

    /// By a rule that is not the row's.
    #[must_use]
    pub fn by(mut self, rule: &'static Rule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// No bytes of that conversation in particular.
    #[must_use]
    pub fn of(self, flow: usize) -> Self {
        self.at(flow, 0..0)
    }
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it has to be.
    Pass,
    /// Allowed, and it could be better.
    Advice,
    /// Not as it has to be.
    Fail,
    /// Nothing was asked.
    NotTried,
}

impl Verdict {
    /// Its word, for programs and goldens.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Advice => "advice",
            Self::Fail => "fail",
            Self::NotTried => "not-tried",
        }
    }

    /// What a judge's word comes to under a rule of this force.
    #[must_use]
    pub fn of(held: Held, force: Force) -> Self {
        match (held, force) {
            (Held::Yes, _) => Self::Pass,
            (Held::No, Force::Must | Force::Exercise) => Self::Fail,
            (Held::No, Force::Should | Force::Wise) | (Held::Nearly, _) => Self::Advice,
        }
    }
}
