//! The bodies of a journey: held back while they are short, shown as they come once one is long.

use super::{Journey, State};
use crate::evidence::{Flow, Recording};
use crate::proto::http::HTTP;
use crate::proto::http::charset::is_text;
use crate::proto::http::message::messages;
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::render::teller::content::{Content, about_coming};
use crate::render::teller::passing::Passing;
use crate::render::text::look::{Form, Loudness};
use crate::render::text::safe::Safe;
use crate::render::text::words::count;

/// One body that has begun.
pub(super) struct Body {
    head: Vec<u8>,
    request: Vec<u8>,
    /// Where the head begins among all that the server sent.
    from: u64,
    passing: Passing,
    /// What is held back: stretches with whether they are content, or characters.
    stretches: Vec<(bool, Vec<u8>)>,
    text: Vec<u8>,
    held: usize,
    /// It is shown as it comes.
    passes: bool,
    /// Nothing of it is shown.
    hidden: bool,
}

impl Journey {
    /// A head is there: its bytes with those of interim answers before it, and the request it answers. A hidden body is
    /// not shown while it comes.
    pub fn head(&self, head: &[u8], request: &[u8], hidden: bool) {
        if self.is_mute() {
            return;
        }
        let mut state = self.state();
        let from = state.taken;
        state.taken += head.len() as u64;
        let mut body = Body {
            head: head.to_vec(),
            request: request.to_vec(),
            from,
            passing: Passing::new(self.screen.look, state.taken),
            stretches: Vec::new(),
            text: Vec::new(),
            held: 0,
            passes: false,
            hidden,
        };
        if state.has_passed && !hidden {
            self.begins(&mut state, &mut body);
        }
        state.body = Some(body);
    }

    /// Bytes behind a head: content, or what frames it.
    pub fn came_behind(&self, bytes: &[u8], is_content: bool, recording: &Recording) {
        if bytes.is_empty() || self.is_mute() {
            return;
        }
        let mut guard = self.state();
        let state = &mut *guard;
        state.taken += bytes.len() as u64;
        let Some(body) = state.body.as_mut().filter(|body| !body.hidden) else { return };
        match (self.shows_hex(), body.passes, is_content) {
            (true, true, true) => body.passing.content(&self.screen, &mut state.shower, bytes),
            (false, _, true) => body.passing.begin_stretch(),
            (true, true, false) | (false, _, false) => body.passing.framing(bytes),
            (true, false, _) => {
                match body.stretches.last_mut() {
                    Some((kind, stretch)) if *kind == is_content => stretch.extend_from_slice(bytes),
                    _ => body.stretches.push((is_content, bytes.to_vec())),
                }
                body.held += bytes.len();
                drop(guard);
                self.perhaps_begins(recording);
            }
        }
    }

    /// Characters of the content, unpacked.
    pub fn text(&self, chars: &[u8], recording: &Recording) {
        if self.is_mute() || self.shows_hex() {
            return;
        }
        let mut guard = self.state();
        let Some(body) = guard.body.as_mut().filter(|body| !body.hidden) else { return };
        if body.passes {
            let text = Safe::block(chars).ascii(self.screen.look.ascii()).to_string();
            return body.passing.text(&self.screen, &text);
        }
        // On a terminal only the beginning of what is no text is shown, so there is nothing to wait for.
        if self.on_terminal && !is_text(&body.text) {
            return;
        }
        body.text.extend_from_slice(chars);
        body.held += chars.len();
        drop(guard);
        self.perhaps_begins(recording);
    }

    /// The body is over, whole or not.
    pub fn body_over(&self, content: &Content) {
        let mut guard = self.state();
        let state = &mut *guard;
        state.contents.push(content.clone());
        let Some(mut body) = state.body.take().filter(|body| body.passes) else { return };
        body.passing.end(&self.screen, &mut state.shower);
        drop(guard);
        if self.is_silent() {
            return;
        }
        let chunks = match body.passing.chunks() {
            0 => String::new(),
            many => format!(", in {}", count(many, "chunk")),
        };
        self.label("content", &format!("{} in all{chunks}", count(content.came, "byte")));
        self.told(content, false);
    }

    /// What there is to say about how content was packed, and its characters.
    pub(super) fn told(&self, content: &Content, saved: bool) {
        let ascii = self.screen.look.ascii();
        if let Some(text) = content.coding(saved, ascii) {
            self.label("coding", &text);
        }
        if let Some(text) = content.charset(ascii).filter(|_| !saved) {
            self.label("charset", &text);
        }
    }

    /// Whether the characters of content matter: they are shown, or told about in a document.
    pub fn wants_text(&self) -> bool {
        self.screen.look.form == Form::Json || !(self.mute || self.shows_hex())
    }

    /// Whether nobody reads any more what is shown.
    pub fn is_gone(&self) -> bool {
        self.screen.is_gone()
    }

    /// Whether every byte is shown, and not the text they are.
    fn shows_hex(&self) -> bool {
        let look = self.screen.look;
        look.bytes && look.loudness > Loudness::Quiet
    }

    /// Nothing is shown as it happens, nor in the end.
    pub(super) fn is_mute(&self) -> bool {
        self.mute || self.screen.look.form == Form::Json
    }

    /// Begins to show a body if it has become long.
    fn perhaps_begins(&self, recording: &Recording) {
        let from = match &self.state().body {
            Some(body) if body.held > self.holds => body.from,
            _ => return,
        };
        // The flow is asked for while the state is not locked: events come the other way round.
        let flow = (from > 0).then(|| recording.flow());
        let mut guard = self.state();
        let state = &mut *guard;
        let Some(mut body) = state.body.take() else { return };
        if let Some(flow) = flow {
            self.earlier(state, &flow, from);
        }
        self.begins(state, &mut body);
        state.has_passed = true;
        state.body = Some(body);
    }

    /// The answers that came before a long one, and have waited for the end.
    fn earlier(&self, state: &mut State, flow: &Flow, from: u64) {
        let kept = &flow.from_server.bytes;
        let bytes = &kept[..usize::try_from(from).map_or(kept.len(), |from| from.min(kept.len()))];
        let fields = HTTP.dissect(Stream {
            bytes,
            other: &flow.from_client.bytes,
            sender: Sender::Server,
            carriage: Carriage::Stream,
            ended: false,
        });
        if !self.is_silent() {
            self.label("response", &count(from, "byte"));
            let lines = state.shower.lines(&fields, &super::ending::cuts(flow));
            lines.iter().for_each(|line| self.screen.line(line));
        }
        self.contents(&fields, &state.contents, None);
    }

    /// The head of a long answer, and what was held back of its body.
    fn begins(&self, state: &mut State, body: &mut Body) {
        body.passes = true;
        if !self.is_silent() {
            let fields = HTTP.dissect(Stream {
                bytes: &body.head,
                other: &body.request,
                sender: Sender::Server,
                carriage: Carriage::Stream,
                ended: false,
            });
            let head = count(body.head.len() as u64, "byte");
            self.label("response", &format!("a head of {head}, and content that is long"));
            let from = usize::try_from(body.from).unwrap_or(usize::MAX);
            let lines = state.shower.lines_at(&fields, from);
            lines.iter().for_each(|line| self.screen.line(line));
            self.broken(&fields);
            if let Some(message) = messages(&fields).last() {
                self.label("content", &about_coming(message, self.shows_hex(), self.screen.look.ascii()));
            }
        }
        for (is_content, stretch) in std::mem::take(&mut body.stretches) {
            if is_content {
                body.passing.content(&self.screen, &mut state.shower, &stretch);
            } else {
                body.passing.framing(&stretch);
            }
        }
        if !body.text.is_empty() {
            let text =
                Safe::block(&std::mem::take(&mut body.text)).ascii(self.screen.look.ascii()).to_string();
            body.passing.text(&self.screen, &text);
        }
    }
}
