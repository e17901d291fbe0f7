//! What is wrong on purpose with the answers of a server, told to the person who started it.

use crate::lab::hello::faulty::Faults;
use crate::lab::hello::site::Ending;
use crate::render::text::screen::Screen;
use crate::render::text::words::{count, number, time};

/// Says what clients are up against; nothing when nothing is wrong.
pub fn show(screen: &Screen, faults: &Faults) {
    let framing = faults.ending.map(|ending| match ending {
        Ending::Chunked => "it sends content in chunks (RFC 9112 §7.1), and no Content-Length".to_owned(),
        Ending::Close => {
            "it states no length, and content ends where the connection closes (RFC 9112 §6.3)".to_owned()
        }
        Ending::Length(bytes) => {
            format!("it states a Content-Length of {}, however many bytes there are", number(bytes))
        }
    });
    let slow = faults.slow.map(|pause| {
        let pause = time(u64::try_from(pause.as_micros()).unwrap_or(u64::MAX));
        format!("it sends content byte by byte, {pause} apart")
    });
    let cut = faults.cut.map(|bytes| {
        format!("it closes after {} of content, whatever it has said", count(bytes as u64, "byte"))
    });
    let all: Vec<String> = framing.into_iter().chain(slow).chain(cut).collect();
    if !all.is_empty() {
        screen.note(&format!("odd on purpose: {}", all.join("; ")));
    }
}
