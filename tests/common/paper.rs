//! A stream that is kept, to look at what was printed.
#![allow(dead_code, reason = "each test uses its part")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use netlab::render::text::look::{Form, Look, Loudness};
use netlab::render::text::screen::Screen;

/// The stream.
#[derive(Clone, Default)]
pub struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    /// What was written on it.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is printed on standard output at this width, with its colours.
pub fn printed(width: usize, show: impl FnOnce(&Screen)) -> String {
    let paper = Paper::default();
    let look = Look { form: Form::Human, width, bytes: false, loudness: Loudness::Usual };
    show(&Screen::new(look, Box::new(paper.clone()), Box::new(io::sink())));
    String::from_utf8(paper.bytes()).unwrap()
}

/// The same without them.
pub fn plainly(width: usize, show: impl FnOnce(&Screen)) -> String {
    anstream::adapter::strip_str(&printed(width, show)).to_string()
}
