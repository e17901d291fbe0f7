//! How to do it again by hand: a line for a shell that sends exactly the same bytes, on as many connections as belong
//! together.
//!
//! printf of every POSIX shell knows \r, \n and \NNN with three octal digits, and % has to be doubled. A long run
//! of zeros is written %0Nd with a 0 behind the text, which printf makes N digits long.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::script::{Script, Step};

/// From how many zeros on a run is not written out.
const RUN: usize = 200;
/// From how many writes on they are sent by a loop.
const WRITES: usize = 8;
/// How long the shell waits between two writes, in seconds: long enough that they arrive apart.
const PAUSE: &str = "0.1";

/// How long the first of several connections pauses in the middle, in seconds, while the next one asks: long enough
/// that a person sees who has to wait.
const HELD: &str = "5";
/// When the next connection is opened, in seconds after the one before: that one has begun by then, and holds on.
const NEXT: &str = "0.5";

/// The line that does again what a script did on a connection, and on those that belong to it.
#[must_use]
pub fn exact(script: &Script, on: usize, server: SocketAddr) -> Option<String> {
    if is_together(script) { together(script, server) } else { line(script, on, server) }
}

/// Whether the connections of a script belong together: one is opened before another has been answered.
#[must_use]
pub fn is_together(script: &Script) -> bool {
    script.steps.windows(2).any(|two| matches!(two, [Step::Send(..), Step::Connect]))
}

/// One line for connections that belong together: each goes on in the background while the next one asks.
fn together(script: &Script, server: SocketAddr) -> Option<String> {
    let each = (0..script.connections()).map(|on| piped(script, on, server, HELD));
    each.collect::<Option<Vec<String>>>().map(|lines| lines.join(&format!(" & sleep {NEXT}; ")))
}

/// The line for one connection of a script; one that sends nothing is opened and closed.
#[must_use]
pub fn line(script: &Script, on: usize, server: SocketAddr) -> Option<String> {
    piped(script, on, server, PAUSE)
}

/// The same with a pause of so many seconds between two writes.
fn piped(script: &Script, on: usize, server: SocketAddr, pause: &str) -> Option<String> {
    let writes: Vec<&[u8]> = script.writes(on).collect();
    let ip = server.ip();
    let finish = if script.steps.contains(&Step::Finish(on)) { "-N " } else { "" };
    let nc = format!("nc {finish}{ip} {}", server.port());
    match writes.as_slice() {
        [] if on < script.connections() => Some(format!("nc -z {ip} {}", server.port())),
        [] => None,
        [one] => Some(format!("{} | {nc}", printf(one))),
        several if several.len() <= WRITES => {
            let all: Vec<String> = several.iter().map(|bytes| printf(bytes)).collect();
            Some(format!("({}) | {nc}", all.join(&format!("; sleep {pause}; "))))
        }
        bytes => {
            let octal: Vec<String> = bytes.concat().iter().map(|byte| format!("{byte:03o}")).collect();
            Some(format!(
                "for byte in {}; do printf \"\\\\$byte\"; sleep {pause}; done | {nc}",
                octal.join(" ")
            ))
        }
    }
}

/// The line for curl that asks nearly the same, when the request is a plain one.
#[must_use]
pub fn curl(script: &Script, on: usize) -> Option<String> {
    let writes: Vec<&[u8]> = script.writes(on).collect();
    let [one] = writes.as_slice() else { return None };
    let text = std::str::from_utf8(one).ok()?;
    // A quote would end the word that the URL is for the shell.
    if script.odd.is_some() || text.contains('\'') {
        return None;
    }
    let alone = text.strip_suffix("\r\n\r\n").filter(|head| !head.contains("\r\n\r\n"))?;
    let (line, fields) = alone.split_once("\r\n")?;
    let host = fields.split("\r\n").next()?.strip_prefix("Host: ")?;
    let target = line.strip_suffix(" HTTP/1.1")?;
    let (option, target) = match target.split_once(' ')? {
        ("GET", target) => ("-i", target),
        ("HEAD", target) => ("-I", target),
        _ => return None,
    };
    target.starts_with('/').then(|| format!("curl {option} 'http://{host}{target}'"))
}

/// `printf '...'` that writes these bytes.
#[must_use]
pub fn printf(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut runs = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let zeros = bytes[at..].iter().take_while(|&&byte| byte == b'0').count();
        if zeros >= RUN {
            // Writing to a String cannot fail.
            let _ = write!(text, "%0{zeros}d");
            runs.push_str(" 0");
            at += zeros;
            continue;
        }
        match bytes[at] {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'%' => text.push_str("%%"),
            b'\\' => text.push_str("\\\\"),
            byte @ (b' '..=b'&' | b'('..=b'~') => text.push(char::from(byte)),
            byte => {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
        at += 1;
    }
    format!("printf '{text}'{runs}")
}

#[cfg(test)]
mod tests {
    use super::printf;

    #[test]
    fn every_byte_has_a_way_to_be_typed() {
        assert_eq!(printf(b"GET /50% HTTP/1.1\r\n"), r"printf 'GET /50%% HTTP/1.1\r\n'");
        assert_eq!(printf(b"a\\b'c\0\xff"), r"printf 'a\\b\047c\000\377'");
        assert_eq!(printf(&[b'0'; 300]), "printf '%0300d' 0");
    }
}
