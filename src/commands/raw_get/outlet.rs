//! Where the content of answers goes: into a file, through a pipe, onto the screen; unpacked on the way where that is
//! wished for or shown.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Failure;
use crate::evidence::Recording;
use crate::proto::http::charset::Text;
use crate::proto::http::coding::{DECODED_LIMIT, Snag, Unpacker, codings, transfer_codings};
use crate::proto::http::message::Message;
use crate::render::teller::content::{Accepts, Content, snag_text};
use crate::render::teller::journey::Journey;
use crate::render::text::words::count;

/// The most that comes out of packed content on its way into a file, unless --max-bytes says otherwise.
const UNPACKED_LIMIT: u64 = 1024 * 1024 * 1024;

/// What is wished for.
pub struct Wishes<'a> {
    /// The room of each read, where it was said.
    pub room: Option<usize>,
    /// The most content that is taken, if there is a limit.
    pub most: Option<u64>,
    /// The file the content goes to.
    pub save: Option<&'a Path>,
    /// The pipe it goes to.
    pub pipe: Option<Box<dyn Write + Send>>,
    /// Whether it goes there unpacked.
    pub unpacks: bool,
    /// Whether the content of a redirect is hidden: it will be followed.
    pub hides_redirects: bool,
    /// Whether a digest of the content is wanted.
    pub digests: bool,
}

/// Where content goes.
#[allow(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct Outlet<'a> {
    journey: &'a Journey,
    sink: Option<Sink<'a>>,
    is_file: bool,
    unpacks: bool,
    hides_redirects: bool,
    digests: bool,
    most: Option<u64>,
    /// Content of all answers, packed and unpacked.
    in_all: u64,
    now: Option<Now>,
    done: Vec<Content>,
    gone: bool,
}

struct Sink<'a> {
    place: &'a Path,
    out: Box<dyn Write + Send>,
}

/// The content of the answer that is being read.
struct Now {
    content: Content,
    unpacker: Option<Unpacker>,
    text: Text,
    digest: Option<Sha256>,
    /// Where it is written down; none before its first byte.
    recording: Option<Recording>,
    /// It goes nowhere: what it says is done and not read.
    discards: bool,
}

impl<'a> Outlet<'a> {
    /// Gets ready.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn new(wishes: Wishes<'a>, journey: &'a Journey) -> Result<Self, Failure> {
        let sink = match (wishes.save, wishes.pipe) {
            (Some(place), _) => {
                let file = File::create(place).map_err(|error| Failure::file(place, "writing", &error))?;
                Some(Sink { place, out: Box::new(BufWriter::new(file)) })
            }
            (None, Some(out)) => Some(Sink { place: Path::new("standard output"), out }),
            (None, None) => None,
        };
        Ok(Self {
            journey,
            sink,
            is_file: wishes.save.is_some(),
            unpacks: wishes.unpacks,
            hides_redirects: wishes.hides_redirects,
            digests: wishes.digests,
            most: wishes.most,
            in_all: 0,
            now: None,
            done: Vec::new(),
            gone: false,
        })
    }

    /// The head of a final answer is there, with its bytes and those of interim answers, and the request.
    pub fn begin(&mut self, response: &Message<'_, '_>, head: &[u8], request: &[u8], accepts: Accepts) {
        let is_redirect = matches!(response.status(), Some(301 | 302 | 303 | 307 | 308))
            && response.field("location").is_some();
        let discards = self.hides_redirects && is_redirect;
        self.journey.head(head, request, self.is_file || discards);
        let (codings, transfer_codings) = (codings(response), transfer_codings(response));
        let all = [codings.as_slice(), &transfer_codings].concat();
        let for_file = self.unpacks && self.sink.is_some();
        let limit = if for_file { self.most.unwrap_or(UNPACKED_LIMIT) } else { DECODED_LIMIT };
        let (unpacker, snag) = match Unpacker::new(&all, limit) {
            Ok(unpacker) => ((!all.is_empty()).then_some(unpacker), None),
            Err(snag) => (None, Some(snag)),
        };
        let text = Text::of(response.field("content-type"));
        let content = Content {
            status: response.status().unwrap_or_default(),
            came: 0,
            codings,
            transfer_codings,
            unpacked: unpacker.as_ref().map(|_| 0),
            snag,
            accepts,
            passes_unpacked: self.unpacks,
            text: text.said().clone(),
            digest: None,
            is_cut: false,
        };
        let digest = self.digests.then(Sha256::new);
        self.now = Some(Now { content, unpacker, text, digest, recording: None, discards });
    }

    /// Bytes of the body that only frame its content.
    pub fn framing(&mut self, bytes: &[u8], recording: &Recording) {
        self.journey.came_behind(bytes, false, recording);
    }

    /// Bytes of content.
    ///
    /// # Errors
    /// When they cannot be written, cannot be unpacked although that was wished for, or are too many.
    pub fn content(&mut self, bytes: &[u8], recording: &Recording) -> Result<(), Failure> {
        let room = self.most.map_or(u64::MAX, |most| most - self.in_all.min(most));
        let fits = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
        let (bytes, is_too_much) = (&bytes[..fits], fits < bytes.len());
        self.in_all += bytes.len() as u64;
        let Some(now) = &mut self.now else { return Ok(()) };
        now.content.came += bytes.len() as u64;
        now.content.is_cut |= is_too_much;
        if now.recording.is_none() {
            now.recording = Some(recording.clone());
        }
        if let Some(digest) = &mut now.digest {
            digest.update(bytes);
        }
        self.journey.came_behind(bytes, true, recording);
        let shows = !self.is_file && self.journey.wants_text();
        let sink = self.sink.as_mut().filter(|_| !now.discards);
        let mut write = Writing { sink, gone: &mut self.gone, result: Ok(()) };
        let (journey, text) = (self.journey, &mut now.text);
        let mut show = |piece: &[u8]| {
            if shows {
                text.feed(piece, false, &mut |chars| journey.text(chars, recording));
            }
        };
        let mut stopped = None;
        match &mut now.unpacker {
            Some(unpacker) if now.content.snag.is_none() => {
                let fed = unpacker.feed(bytes, &mut |piece| {
                    if self.unpacks {
                        write.bytes(piece);
                    }
                    show(piece);
                });
                now.content.unpacked = Some(unpacker.counts().1);
                if let Err(snag) = fed {
                    stopped = self.unpacks.then(|| cannot_unpack(&snag));
                    now.content.snag = Some(snag);
                }
            }
            // What cannot be unpacked is not shown packed; what netlab does not know how to unpack is.
            Some(_) => {}
            None => show(bytes),
        }
        if now.unpacker.is_none() || !self.unpacks {
            write.bytes(bytes);
        }
        write.result.map_err(|error| {
            let place = self.sink.as_ref().map_or(Path::new(""), |sink| sink.place);
            Failure::file(place, "writing", &error)
        })?;
        self.journey.progressed(self.in_all);
        match (stopped, self.most) {
            (Some(failure), _) => Err(failure),
            (None, Some(most)) if is_too_much => Err(too_much(most)),
            _ => Ok(()),
        }
    }

    /// The answer is over, or nothing more of it will come; `is_whole` says which.
    ///
    /// # Errors
    /// When packed data was to be unpacked and is not all there.
    pub fn end(&mut self, is_whole: bool) -> Result<(), Failure> {
        let Some(mut now) = self.now.take() else { return Ok(()) };
        let mut result = Ok(());
        if let (Some(unpacker), None) = (&mut now.unpacker, &now.content.snag)
            && let Err(snag) = unpacker.finish()
        {
            if self.unpacks && is_whole {
                result = Err(cannot_unpack(&snag));
            }
            now.content.snag = Some(snag);
        }
        let journey = self.journey;
        if let Some(recording) = &now.recording {
            now.text.feed(b"", true, &mut |chars| journey.text(chars, recording));
        }
        now.content.text = now.text.said().clone();
        now.content.digest = now.digest.map(|digest| digest.finalize().into());
        journey.body_over(&now.content);
        self.done.push(now.content);
        result
    }

    /// Everything is over: what is on its way gets there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> Result<(), Failure> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        match sink.out.flush() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::file(sink.place, "writing", &error))
            }
            _ => Ok(()),
        }
    }

    /// Whether whoever read the content has gone away, so that no more of it is wanted.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.gone || self.journey.is_gone()
    }

    /// What became of the content of each answer.
    #[must_use]
    pub fn contents(&self) -> &[Content] {
        &self.done
    }
}

/// Writing that may stop at an error or at a reader that has gone.
struct Writing<'s, 'a> {
    sink: Option<&'s mut Sink<'a>>,
    gone: &'s mut bool,
    result: io::Result<()>,
}

impl Writing<'_, '_> {
    fn bytes(&mut self, bytes: &[u8]) {
        let Some(sink) = self.sink.as_mut().filter(|_| self.result.is_ok() && !*self.gone) else { return };
        match sink.out.write_all(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => *self.gone = true,
            result => self.result = result,
        }
    }
}

fn cannot_unpack(snag: &Snag) -> Failure {
    let why = match snag {
        Snag::Broken(why) => (*why).to_owned(),
        snag => snag_text(snag, false),
    };
    Failure::network("the content cannot be unpacked to the end", why)
        .or_try("leave --compressed out: --save FILE then keeps the bytes as they came")
}

fn too_much(most: u64) -> Failure {
    let most = count(most, "byte");
    Failure::network(
        format!("netlab stopped after {most} of content"),
        format!("at most {most} were to be taken, and more came"),
    )
    .or_try("--max-bytes for more of it, or --save FILE, which keeps all of it in a file")
}
