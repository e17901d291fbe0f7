//! What was typed becomes requests, byte for byte. Files are read first; the rest is pure.
//!
//! ```text
//! netlab's own       Host, User-Agent, Accept, Connection; with content Content-Type, Content-Length
//! -H 'Name: value'   stands in the place of netlab's own field with that name
//! -H 'Name:'         leaves it out
//! ```

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::cli::RawGet;
use crate::error::Failure;
use crate::proto::http::HTTP;
use crate::proto::http::build::RequestText;
use crate::proto::http::message::messages;
use crate::proto::stream::{Carriage, Sender, Stream};

/// The most bytes that are sent from a file.
const SEND_LIMIT: u64 = 16 * 1024 * 1024;
/// The most requests in a file of raw bytes.
const REQUESTS_LIMIT: usize = 100;

/// The bytes that were given along with the arguments.
pub enum Given {
    /// None: the request is written from the arguments alone.
    Nothing,
    /// Content for the request.
    Content(Vec<u8>),
    /// All that is sent.
    Raw(Vec<u8>),
}

impl Given {
    /// Reads what the arguments name. Standard input may take its time, so this may block.
    ///
    /// # Errors
    /// When a file cannot be read, or is more than is sent.
    pub fn read(raw: Option<&Path>, data: Option<&str>) -> Result<Self, Failure> {
        match (raw, data.map(|data| (data, data.strip_prefix('@')))) {
            (Some(path), _) => match all_of(path)? {
                bytes if bytes.is_empty() => {
                    Err(Failure::usage("there is nothing to send", "the file has not a single byte"))
                }
                bytes => Ok(Self::Raw(bytes)),
            },
            (None, Some((_, Some(path)))) => Ok(Self::Content(all_of(Path::new(path))?)),
            (None, Some((text, None))) => Ok(Self::Content(text.as_bytes().to_vec())),
            (None, None) => Ok(Self::Nothing),
        }
    }
}

/// The requests of one connection, in order.
pub struct Wanted {
    /// Each request as bytes.
    pub requests: Vec<Vec<u8>>,
    /// How many answers are waited for.
    pub answers: usize,
}

impl Wanted {
    /// What these arguments ask for. `host` is the value of the Host field.
    ///
    /// # Errors
    /// When the request cannot be written.
    pub fn of(args: &RawGet, given: &Given, host: &str, target: &str) -> Result<Self, Failure> {
        let content = match given {
            Given::Raw(bytes) => {
                let stream = Stream::alone(bytes, Sender::Client, Carriage::Stream);
                let answers = messages(&(HTTP.dissect)(stream)).len().clamp(1, REQUESTS_LIMIT);
                return Ok(Self { requests: vec![bytes.clone()], answers });
            }
            Given::Content(bytes) => Some(bytes.as_slice()),
            Given::Nothing => None,
        };
        let answers = usize::try_from(args.keep).unwrap_or(1);
        let requests: Vec<Vec<u8>> = (1..=answers)
            .map(|at| request(args, host, target, content, at == answers))
            .collect::<Result<_, _>>()?;
        let requests = if args.pipeline { vec![requests.concat()] } else { requests };
        Ok(Self { requests, answers })
    }
}

fn request(
    args: &RawGet,
    host: &str,
    target: &str,
    content: Option<&[u8]>,
    last: bool,
) -> Result<Vec<u8>, Failure> {
    let typed = args.field.iter().map(|line| typed(line)).collect::<Result<Vec<_>, _>>()?;
    let is_typed = |name: &str| typed.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let len = content.map(|content| content.len().to_string());
    let mut own = vec![("User-Agent", concat!("netlab/", env!("CARGO_PKG_VERSION"))), ("Accept", "*/*")];
    match (last, args.old) {
        (true, _) => own.push(("Connection", "close")),
        (false, true) => own.push(("Connection", "keep-alive")),
        (false, false) => {}
    }
    if let Some(len) = &len {
        own.push(("Content-Type", "application/x-www-form-urlencoded"));
        own.push(("Content-Length", len));
    }
    own.retain(|(name, _)| !is_typed(name));
    let more = typed.iter().filter(|(name, value)| !value.is_empty() && !name.eq_ignore_ascii_case("host"));
    own.extend(more);
    let hosts: Vec<&str> = typed
        .iter()
        .filter(|(name, value)| name.eq_ignore_ascii_case("host") && !value.is_empty())
        .map(|(_, value)| *value)
        .collect();
    // More than one Host may be wanted, to see what a server says to it.
    own.extend(hosts.iter().skip(1).map(|host| ("Host", *host)));
    let usual = if args.head {
        "HEAD"
    } else if content.is_some() {
        "POST"
    } else {
        "GET"
    };
    let request = RequestText {
        method: args.method.as_deref().unwrap_or(usual),
        target,
        version: if args.old { "HTTP/1.0" } else { "HTTP/1.1" },
        host: if is_typed("host") { hosts.first().copied() } else { Some(host) },
        fields: &own,
        content: content.unwrap_or_default(),
    };
    request.bytes().map_err(|refused| {
        Failure::usage("that request cannot be written", refused.to_string())
            .or_try("--raw-request FILE, which sends any bytes as they are")
    })
}

/// A field as typed: its name, and its value without the spaces around it.
fn typed(line: &str) -> Result<(&str, &str), Failure> {
    match line.split_once(':') {
        Some((name, value)) => Ok((name, value.trim_matches([' ', '\t']))),
        None => Err(Failure::usage(
            format!("{line} is no field line"),
            "a field line is a name, a colon and a value",
        )
        .or_try("netlab raw-get -H 'Accept: text/html' http://hello.test/")),
    }
}

/// What is in a file; `-` is standard input.
fn all_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::file(path, "reading", &error);
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(SEND_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        File::open(path).map_err(failed)?.take(SEND_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > SEND_LIMIT {
        return Err(Failure::usage(
            "that is too much to send",
            "netlab sends at most 16 MiB from a file, and keeps it in memory while it does",
        ));
    }
    Ok(bytes)
}
