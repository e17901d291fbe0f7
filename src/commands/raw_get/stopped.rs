//! Words for an exchange that stopped before its answers were whole.

use std::fmt::Display;

use crate::client::stop::{Closed, SoFar, Stop};
use crate::error::Failure;
use crate::render::text::safe::short;
use crate::render::text::words::{count, number};

/// Bytes of what is no HTTP that are shown.
const STRANGE_SHOWN: usize = 60;

/// Why it stopped, explained. `so_far` is how far the answer had come.
pub fn failure(stop: Stop, server: impl Display, so_far: &str) -> Failure {
    match stop {
        Stop::BrokenOff(trouble) => Failure::broken_off(server, trouble),
        Stop::Silent(waited) => Failure::fell_silent(server, waited, so_far),
        Stop::Closed(when) => Failure::answer_broken(closed(when)),
        Stop::Broken(rule) => Failure::answer_broken(rule),
        Stop::Short { promised, came } => Failure::answer_broken(short_of(promised, came)),
        // An alert or a handshake record (RFC 8446 §5.1).
        Stop::Foreign(bytes) if matches!(bytes.as_slice(), [0x15 | 0x16, 3, ..]) => Failure::answers_in_tls(),
        Stop::Foreign(bytes) => {
            let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
            Failure::answers_otherwise(&short(line.trim_ascii_end(), STRANGE_SHOWN, false))
        }
    }
}

/// How far an answer has come that is not whole, as a sentence part.
pub fn so_far(so_far: SoFar) -> String {
    match so_far {
        SoFar::Unasked => "nothing had been asked yet".to_owned(),
        SoFar::Nothing => "the server took the request and has said nothing".to_owned(),
        SoFar::Interim => "an interim answer (1xx) came, and the final one did not".to_owned(),
        SoFar::Head(came) => {
            format!("{} of an answer came, and its head did not end", count(came as u64, "byte"))
        }
        SoFar::Content { came, promised: Some(promised) } => format!("{} so far", short_of(promised, came)),
        SoFar::Content { came, promised: None } => {
            format!("{} of content came, and the end of it did not", count(came, "byte"))
        }
    }
}

fn short_of(promised: u64, came: u64) -> String {
    format!("the server promised {} and sent {}", count(promised, "byte"), number(came))
}

fn closed(when: Closed) -> &'static str {
    match when {
        Closed::Wordless => "the server closed the connection without a word",
        Closed::Between => "the server closed the connection before it had answered all requests",
        Closed::Interim => "the server sent an interim answer (1xx) and closed before the final one",
        Closed::InHead => "the server closed before the blank line that ends a head",
    }
}
