//! The prompt: a line editor in a thread of its own.
//!
//! It reads only when it is asked to, so that a program run from the prompt has the keyboard to itself.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use rustyline::completion::Completer;
use rustyline::config::{BellStyle, CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Editor, Helper};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::voice::Voice;
use crate::evidence::lines;

/// How many lines the history keeps.
pub const HISTORY_LINES: usize = 500;

/// What came from the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A line.
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// The end of input: Ctrl-D, or a terminal that is gone.
    Ended,
}

/// Gives the words that may stand where the text ends: the index where the word begins, and the candidates.
pub type Complete = Box<dyn Fn(&str) -> (usize, Vec<String>) + Send>;

/// The keyboard's side of a conversation.
pub struct Prompt {
    ask: Sender<String>,
    typed: UnboundedReceiver<Typed>,
    voice: Voice,
    /// Whether a question is out.
    asking: bool,
}

impl Prompt {
    /// Opens the prompt and the voice that goes with it. `history` is a file that is kept private to its owner.
    ///
    /// # Errors
    /// When the terminal cannot be used.
    pub fn open(history: Option<&Path>, complete: Complete) -> io::Result<(Self, Voice)> {
        let mut editor = editor(complete).map_err(io::Error::other)?;
        let voice = Voice::new(editor.create_external_printer().ok());
        let history = history.map(Path::to_owned);
        if let Some(history) = &history {
            // Without its history a prompt is still a prompt.
            let _ = editor.load_history(history);
        }
        let (ask, wanted) = channel();
        let (to, typed) = unbounded_channel();
        std::thread::spawn(move || read_on(editor, &wanted, &to, history.as_deref()));
        Ok((Self { ask, typed, voice: voice.clone(), asking: false }, voice))
    }

    /// Begins to read a line, unless a question is out already.
    pub fn ask_line(&mut self, prompt: &str) {
        if !self.asking {
            // What was said before the prompt stands above it, all of it.
            self.voice.drained();
            self.asking = self.ask.send(prompt.to_owned()).is_ok();
        }
    }

    /// What was typed. Dropping the future loses nothing.
    pub async fn answer(&mut self) -> Typed {
        let typed = self.typed.recv().await.unwrap_or(Typed::Ended);
        self.asking = false;
        typed
    }
}

type LineEditor = Editor<Words, DefaultHistory>;

fn editor(complete: Complete) -> rustyline::Result<LineEditor> {
    let config = Config::builder()
        .max_history_size(HISTORY_LINES)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .bell_style(BellStyle::None)
        // Lines pasted together are lines, done one after the other, and not one line with breaks in it.
        .bracketed_paste(false)
        .build();
    let mut editor = LineEditor::with_config(config)?;
    editor.set_helper(Some(Words { complete }));
    Ok(editor)
}

/// Reads as often as it is asked to.
fn read_on(
    mut editor: LineEditor,
    wanted: &Receiver<String>,
    to: &UnboundedSender<Typed>,
    history: Option<&Path>,
) {
    for prompt in wanted {
        let typed = match editor.readline(&prompt) {
            Ok(line) => Typed::Line(line),
            Err(ReadlineError::Interrupted) => Typed::Interrupted,
            Err(_) => Typed::Ended,
        };
        // A key that answers a question is nothing to bring back.
        if let Typed::Line(line) = &typed
            && single(line).is_none()
        {
            remember(&mut editor, line, history);
        }
        if to.send(typed).is_err() {
            break;
        }
    }
}

fn remember(editor: &mut LineEditor, line: &str, history: Option<&Path>) {
    let is_new = !line.trim().is_empty() && editor.add_history_entry(line).unwrap_or(false);
    if let (true, Some(history)) = (is_new, history) {
        // Made private before the editor writes to it; without its history a prompt is still a prompt.
        let _ = lines::open(history).map_err(ReadlineError::Io).and_then(|_| editor.append_history(history));
    }
}

/// The only character of a line.
#[must_use]
pub fn single(line: &str) -> Option<char> {
    let mut chars = line.trim().chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// Completes words, and does nothing else.
struct Words {
    complete: Complete,
}

impl Completer for Words {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok((self.complete)(line.get(..at).unwrap_or(line)))
    }
}

impl Hinter for Words {
    type Hint = String;
}
impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}
