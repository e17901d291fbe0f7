//! The end of a journey: the answer field by field, what breaks a rule in it, its content, and who ended it.

use super::{CONTENT_SHOWN, Journey, LABEL};
use crate::error::trouble_means;
use crate::evidence::{Event, Flow, Side, TroubleKind, What};
use crate::meaning::{self, Reading};
use crate::proto::field::{Fields, Problem, Shown, Value};
use crate::proto::http::charset::is_text;
use crate::proto::http::message::{Message, messages};
use crate::render::teller::content::{self, Accepts, Content};
use crate::render::text::caret;
use crate::render::text::layers::finished_by;
use crate::render::text::look::{Loudness, Room};
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, paint};
use crate::render::text::words::{count, number};
use crate::render::tree::beside::Cut;
use crate::render::tree::problem_text;

/// How much of content that is no text is shown on a terminal, in bytes.
const BINARY_SHOWN: usize = 1024;
/// Broken places in one answer that are pointed at.
const BROKEN_SHOWN: usize = 4;

impl Journey {
    /// It is over: the response with its fields, the content, and who ended it.
    pub fn finish(&self, flow: &Flow, saved: Option<&str>) {
        if let Some(bar) = self.state().bar.take() {
            bar.finish_and_clear();
        }
        if self.is_mute() {
            return;
        }
        self.catches_up();
        let (has_passed, contents) = {
            let mut state = self.state();
            if saved.is_some() {
                state.shower.content_is("in the file");
            }
            (state.has_passed, std::mem::take(&mut state.contents))
        };
        let readings = meaning::readings(flow);
        let response = readings.iter().find(|reading| reading.side == Side::Server);
        let quiet = self.screen.look.loudness == Loudness::Quiet;
        if quiet
            && !has_passed
            && let Some(response) = response
        {
            self.contents(&response.fields, &contents, saved);
        }
        if quiet {
            return;
        }
        self.reads_in_all();
        match response {
            _ if has_passed => {}
            Some(response) => {
                self.response(flow, response);
                self.contents(&response.fields, &contents, saved);
            }
            None => self.label("response", "not a single byte came back"),
        }
        self.end(flow);
        if self.screen.look.loudness == Loudness::Verbose {
            self.times();
        }
    }

    fn times(&self) {
        let look = self.screen.look;
        let (room, indent) = match look.room() {
            Room::Narrow => (look.width.saturating_sub(2), "  ".to_owned()),
            _ => (look.width.saturating_sub(LABEL), " ".repeat(LABEL)),
        };
        let lines = self.phases().lines(look, room);
        for (at, line) in lines.iter().enumerate() {
            let head = match (at, look.room()) {
                (0, Room::Narrow) => {
                    self.screen.line(&paint(Role::Heading, "times"));
                    indent.clone()
                }
                (0, _) => format!("{}{}", paint(Role::Heading, "times"), " ".repeat(LABEL - "times".len())),
                _ => indent.clone(),
            };
            self.screen.line(&format!("{head}{line}"));
        }
    }

    fn response(&self, flow: &Flow, response: &Reading<'_>) {
        let kept = response.fields.bytes.len() as u64;
        let total = flow.from_server.total;
        let left_out = match total - kept {
            0 => String::new(),
            more => format!("; the first {} are explained, {} were only counted", number(kept), number(more)),
        };
        self.label("response", &format!("{}{left_out}", count(total, "byte")));
        let cuts = cuts(flow);
        let lines = self.state().shower.lines(&response.fields, &cuts);
        lines.iter().for_each(|line| self.screen.line(line));
        self.broken(&response.fields);
    }

    /// The bytes that break a rule or that there is a remark about, each in its line.
    pub(super) fn broken(&self, fields: &Fields<'_>) {
        let look = self.screen.look;
        let is_pointed_at = |index: &usize| {
            let field = fields.get(*index);
            matches!(field.problem, Some(Problem::Rule(_) | Problem::Remark(_)))
                && (fields.is_leaf(*index) || matches!(field.value, Value::Slice(..)))
                && !matches!(field.spec.shown, Shown::Content | Shown::Piece)
        };
        let (room, pad) = match look.room() {
            Room::Narrow => (look.width.saturating_sub(2), "  ".to_owned()),
            _ => (look.width.saturating_sub(LABEL), " ".repeat(LABEL)),
        };
        for index in (0..fields.list.len()).filter(is_pointed_at).take(BROKEN_SHOWN) {
            let Some(problem) = fields.get(index).problem else { continue };
            let range = fields.get(index).bytes();
            let before = fields.bytes[..range.start].iter().rposition(|&byte| byte == b'\n');
            let from = before.map_or(0, |at| at + 1);
            let behind = fields.bytes[range.start..].iter().position(|&byte| byte == b'\n');
            let to = behind.map_or(fields.bytes.len(), |at| range.start + at + 1);
            let mark = range.start - from..range.end.min(to) - from;
            let marked = caret::one(&fields.bytes[from..to], Some(mark), room, look.ascii());
            let (label, role) = match problem {
                Problem::Remark(_) => ("remark", Role::Meaning),
                _ => ("broken", Role::Problem),
            };
            self.label(label, &problem_text(problem));
            self.screen.line(&format!("{pad}{}", marked.text));
            if let Some(carets) = marked.carets {
                self.screen.line(&format!("{pad}{}", paint(role, &carets)));
            }
        }
    }

    /// The content of each final response.
    pub(super) fn contents(&self, fields: &Fields<'_>, contents: &[Content], saved: Option<&str>) {
        let all = messages(fields);
        // A head that has not ended has no content yet.
        let is_final = |message: &&Message<'_, '_>| {
            message.status().is_none_or(|status| status >= 200) && message.head_len().is_some()
        };
        for (at, message) in all.iter().filter(is_final).enumerate() {
            self.content(message, contents.get(at), saved);
        }
    }

    fn about(&self, message: &Message<'_, '_>, content: &Content, saved: Option<&str>) {
        let text = content::about(message, content, saved, self.screen.look.ascii());
        self.label("content", &text);
        self.told(content, saved.is_some());
    }

    fn content(&self, message: &Message<'_, '_>, told: Option<&Content>, saved: Option<&str>) {
        let look = self.screen.look;
        let quiet = look.loudness == Loudness::Quiet;
        if let (Some(told), true) = (told, saved.is_some()) {
            // It is in the file, and may be much.
            if !quiet {
                self.about(message, told, saved);
            }
            return;
        }
        let most = told.filter(|told| told.is_cut).and_then(|told| usize::try_from(told.came).ok());
        let (read, text) = Content::read(
            message,
            told.map_or(Accepts::BOTH, |told| told.accepts),
            most.unwrap_or(usize::MAX),
        );
        if !quiet {
            self.about(message, told.unwrap_or(&read), saved);
        }
        if saved.is_some() || text.is_empty() {
            return;
        }
        let is_cut = self.on_terminal && !is_text(&text);
        let most = if is_cut { BINARY_SHOWN } else { CONTENT_SHOWN };
        let shown = Safe::block(&text[..text.len().min(most)]).ascii(look.ascii()).to_string();
        self.screen.piece(&shown);
        if !shown.ends_with('\n') {
            self.screen.piece("\n");
        }
        let all = told.map_or(read.came, |told| told.came).max(text.len() as u64);
        let left = count(all - text.len().min(most) as u64, "byte");
        if is_cut && text.len() > most {
            self.screen.note(&format!(
                "{left} more are not shown: this is no text; --save FILE keeps all of it, and --bytes shows it byte by byte"
            ));
        } else if text.len() > most {
            self.screen.note(&format!("{left} more are not shown here; --save FILE keeps them all"));
        }
    }

    fn reads_in_all(&self) {
        let state = self.state();
        if state.reads > state.listed {
            let text = format!(
                "{}; {} in {} reads, the smallest of {}, the largest of {}",
                count(state.reads - state.listed, "more read"),
                count(state.bytes, "byte"),
                number(state.reads),
                number(state.smallest),
                number(state.largest),
            );
            let label = if state.has_passed { "reads" } else { "" };
            drop(state);
            self.label(label, &text);
        }
    }

    /// Who ended the conversation, judged by the first to finish.
    fn end(&self, flow: &Flow) {
        let first = flow.events.iter().find(|event| {
            matches!(event.what, What::Finished | What::Reset) || matches!(event.what, What::Failed(_))
        });
        let by = finished_by(flow.layer);
        let text = match first {
            Some(Event { side: Side::Server, what: What::Finished, .. }) => {
                format!("the server finished first ({by}): it will send no more")
            }
            Some(Event { side: Side::Client, what: What::Finished, .. }) => {
                format!(
                    "netlab finished first ({by}): the response was complete, and the server had kept the connection open"
                )
            }
            Some(Event { what: What::Reset, .. }) => "the server broke the connection off (RST)".to_owned(),
            Some(Event { what: What::Failed(trouble), .. })
                if trouble.kind == TroubleKind::TimedOut && is_open(flow) =>
            {
                "netlab stopped waiting; the connection was still open".to_owned()
            }
            Some(Event { what: What::Failed(trouble), .. }) => trouble_means(*trouble),
            _ => "the connection was still open when netlab left it".to_owned(),
        };
        self.label("end", &text);
    }
}

fn is_open(flow: &Flow) -> bool {
    flow.events.iter().any(|event| event.what == What::Opened)
}

/// Where each read of the response ended, but for the last.
pub(super) fn cuts(flow: &Flow) -> Vec<Cut> {
    let mut at = 0;
    let lengths: Vec<usize> = flow.lengths(Side::Server).collect();
    let last = lengths.len().saturating_sub(1);
    lengths
        .iter()
        .enumerate()
        .take(last)
        .map(|(index, len)| {
            at += len;
            let says = format!("read {} ended here: {}", index + 1, count(*len as u64, "byte"));
            Cut { at, says }
        })
        .collect()
}
