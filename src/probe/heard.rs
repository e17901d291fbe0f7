//! The answers in a recorded conversation.

use std::ops::Range;

use crate::evidence::{Flow, Side, TroubleKind, What};
use crate::meaning::whole;
use crate::proto::field::{Fields, Problem};
use crate::proto::http::HTTP;
use crate::proto::http::message::{Message, messages};

/// What a server said on one connection.
pub struct Heard<'a> {
    flow: &'a Flow,
    fields: Fields<'a>,
}

/// Bytes of the server that break a rule, and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where they stand.
    pub bytes: Range<usize>,
    /// The rule, as a sentence part.
    pub rule: &'static str,
}

impl Fault {
    /// The rule, without bytes in brackets: whoever tells of a fault shows its bytes.
    #[must_use]
    pub fn says(&self) -> String {
        self.rule.replace(" (\\r\\n)", "")
    }
}

/// How a connection went, as far as its answers do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was never there.
    Unopened,
    /// The server finished its side.
    Closed,
    /// The server broke it off.
    Reset,
    /// The server fell silent, and patience ended.
    Silent,
    /// What was wanted had come.
    Open,
}

impl<'a> Heard<'a> {
    /// Reads what the server sent.
    #[must_use]
    pub fn of(flow: &'a Flow) -> Self {
        Self { flow, fields: HTTP.dissect(whole(flow, Side::Server)) }
    }

    /// The tree of what the server sent.
    #[must_use]
    pub(super) fn fields(&self) -> &Fields<'a> {
        &self.fields
    }

    /// How many bytes came.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.bytes.len()
    }

    /// Whether none came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All answers that have begun, interim ones too.
    #[must_use]
    pub fn all(&self) -> Vec<Message<'_, 'a>> {
        messages(&self.fields)
    }

    /// The final answers, in order; the last may not be whole.
    #[must_use]
    pub fn answers(&self) -> Vec<Message<'_, 'a>> {
        let is_final = |message: &Message<'_, '_>| {
            !message.status().is_some_and(|status| (100..200).contains(&status) && status != 101)
        };
        self.all().into_iter().filter(is_final).collect()
    }

    /// How many of the final answers are whole.
    #[must_use]
    pub fn whole(&self) -> usize {
        self.answers().iter().filter(|answer| answer.is_complete()).count()
    }

    /// Where an answer's status stands.
    #[must_use]
    pub fn status_at(&self, answer: &Message<'_, '_>) -> Range<usize> {
        self.part(answer, "status").unwrap_or_else(|| self.first_line(answer))
    }

    /// Where a part of an answer stands, by its name.
    #[must_use]
    pub fn part(&self, answer: &Message<'_, '_>, name: &str) -> Option<Range<usize>> {
        self.fields.find(answer.root(), name).map(|at| self.fields.get(at).bytes())
    }

    /// Where the value of a field stands, by the field's name; the whole line when it has none.
    #[must_use]
    pub fn value(&self, answer: &Message<'_, '_>, name: &str) -> Option<Range<usize>> {
        let line = self.fields.find(answer.root(), name)?;
        let at = self.fields.part(line, "field-value").unwrap_or(line);
        Some(self.fields.get(at).bytes())
    }

    /// The first line of an answer, without its line end.
    #[must_use]
    pub fn first_line(&self, answer: &Message<'_, '_>) -> Range<usize> {
        let all = self.fields.get(answer.root()).bytes();
        let line = self.fields.bytes.get(all.clone()).unwrap_or_default();
        let len = line.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(line.len());
        all.start..all.start + len
    }

    /// The first thing in an answer that breaks a rule.
    #[must_use]
    pub fn fault(&self, answer: &Message<'_, '_>) -> Option<Fault> {
        let end = self.fields.get(answer.root()).end as usize;
        self.fault_between(answer.root(), end)
    }

    /// The first bytes that belong to no answer.
    #[must_use]
    pub fn surplus(&self) -> Option<Fault> {
        let known: Vec<usize> = self.all().iter().map(Message::root).collect();
        let root = self.fields.roots().find(|root| !known.contains(root))?;
        let bytes = self.fields.get(root).bytes();
        let rule = self.fault_between(root, self.fields.get(root).end as usize).map(|fault| fault.rule);
        Some(Fault { bytes, rule: rule.unwrap_or("these bytes belong to no answer") })
    }

    /// How the connection went.
    #[must_use]
    pub fn end(&self) -> End {
        let happened = |is: fn(&What) -> bool, side: Option<Side>| {
            let of_side = |event: &&crate::evidence::Event| side.is_none_or(|side| event.side == side);
            self.flow.events.iter().filter(of_side).any(|event| is(&event.what))
        };
        let silent =
            |what: &What| matches!(what, What::Failed(trouble) if trouble.kind == TroubleKind::TimedOut);
        if !happened(|what| matches!(what, What::Opened), None) {
            End::Unopened
        } else if happened(|what| matches!(what, What::Reset), Some(Side::Server)) {
            End::Reset
        } else if happened(|what| matches!(what, What::Finished), Some(Side::Server)) {
            End::Closed
        } else if happened(silent, None) {
            End::Silent
        } else {
            End::Open
        }
    }

    /// The first thing that breaks a rule among the fields of these indices.
    #[must_use]
    pub(super) fn fault_between(&self, from: usize, to: usize) -> Option<Fault> {
        (from..to).find_map(|at| {
            let field = self.fields.get(at);
            let rule = match field.problem? {
                // Whoever is strict takes nothing that others forgive.
                Problem::Rule(rule) | Problem::Remark(rule) => rule,
                Problem::Short { .. } => "the bytes end before this is as long as it has to be",
            };
            Some(Fault { bytes: field.bytes(), rule })
        })
    }
}

impl End {
    /// What happened instead of an answer, as a sentence part.
    #[must_use]
    pub fn instead(self) -> &'static str {
        match self {
            Self::Unopened => "nobody took the connection",
            Self::Closed => "the server closed the connection without a whole answer",
            Self::Reset => "the server broke the connection off (RST)",
            Self::Silent | Self::Open => "no whole answer came, and the connection stayed open",
        }
    }
}
