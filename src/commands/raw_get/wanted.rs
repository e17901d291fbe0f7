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

use super::target::Target;
use crate::cli::RawGet;
use crate::error::Failure;
use crate::proto::http::HTTP;
use crate::proto::http::build::RequestText;
use crate::proto::http::message::{Message, messages};
use crate::proto::http::redirect::Redirect;
use crate::proto::stream::{Carriage, Sender, Stream};

/// The most bytes that are sent from a file.
const SEND_LIMIT: u64 = 16 * 1024 * 1024;
/// The most requests in a file of raw bytes.
const REQUESTS_LIMIT: usize = 100;

/// Fields that were meant for one origin: typed by hand, they are not carried to another (RFC 9110 §15.4).
const FOR_ONE_ORIGIN: [&str; 6] =
    ["authorization", "cookie", "proxy-authorization", "host", "origin", "referer"];

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

/// What is asked for, whoever is asked. A redirect may change it.
pub struct Ask {
    given: Given,
    method: String,
    /// Field lines as typed.
    fields: Vec<String>,
    old: bool,
    times: usize,
    pipelined: bool,
    unpacks: bool,
}

impl Ask {
    /// What the command line says.
    #[must_use]
    pub fn of(args: &RawGet, given: Given) -> Self {
        let method = match (&args.method, &given) {
            (Some(method), _) => method.clone(),
            (None, _) if args.head => "HEAD".to_owned(),
            (None, Given::Content(_)) => "POST".to_owned(),
            (None, Given::Raw(bytes)) => first_method(bytes),
            (None, Given::Nothing) => "GET".to_owned(),
        };
        Self {
            given,
            method,
            fields: args.field.clone(),
            old: args.old,
            times: usize::try_from(args.keep).unwrap_or(1),
            pipelined: args.pipeline,
            unpacks: args.compressed,
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The requests for `target`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn requests(&self, target: &Target) -> Result<Wanted, Failure> {
        if let Given::Raw(bytes) = &self.given {
            let stream = Stream::alone(bytes, Sender::Client, Carriage::Stream);
            let answers = messages(&HTTP.dissect(stream)).len().clamp(1, REQUESTS_LIMIT);
            return Ok(Wanted { requests: vec![bytes.clone()], answers });
        }
        let answers = self.times;
        let requests: Vec<Vec<u8>> =
            (1..=answers).map(|at| self.request(target, at == answers)).collect::<Result<_, _>>()?;
        let requests = if self.pipelined { vec![requests.concat()] } else { requests };
        Ok(Wanted { requests, answers })
    }

    /// What is asked for where a redirect leads, and the names of the typed fields that do not go along: those
    /// about content that is not sent, and where another origin is asked those that were meant for this one.
    #[must_use]
    pub fn redirected(mut self, redirect: &Redirect, leaves: bool) -> (Self, Vec<String>) {
        self.method.clone_from(&redirect.method);
        if !redirect.keeps_content {
            self.given = Given::Nothing;
        }
        let mut left = Vec::new();
        self.fields.retain(|line| {
            let name = line.split(':').next().unwrap_or_default();
            let small = name.to_ascii_lowercase();
            let about_content = small.starts_with("content-") || small == "transfer-encoding";
            let stays = (leaves && FOR_ONE_ORIGIN.contains(&small.as_str()))
                || (!redirect.keeps_content && about_content);
            if stays && !left.contains(&name.to_owned()) {
                left.push(name.to_owned());
            }
            !stays
        });
        (self, left)
    }

    fn request(&self, target: &Target, last: bool) -> Result<Vec<u8>, Failure> {
        let content = match &self.given {
            Given::Content(bytes) => Some(bytes.as_slice()),
            Given::Nothing | Given::Raw(_) => None,
        };
        let typed = self.fields.iter().map(|line| typed(line)).collect::<Result<Vec<_>, _>>()?;
        let is_typed = |name: &str| typed.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let len = content.map(|content| content.len().to_string());
        let mut own = vec![("User-Agent", concat!("netlab/", env!("CARGO_PKG_VERSION"))), ("Accept", "*/*")];
        match (last, self.old) {
            (true, _) => own.push(("Connection", "close")),
            (false, true) => own.push(("Connection", "keep-alive")),
            (false, false) => {}
        }
        if self.unpacks {
            own.push(("Accept-Encoding", "gzip, deflate"));
        }
        if let Some(len) = &len {
            own.push(("Content-Type", "application/x-www-form-urlencoded"));
            own.push(("Content-Length", len));
        }
        own.retain(|(name, _)| !is_typed(name));
        let more =
            typed.iter().filter(|(name, value)| !value.is_empty() && !name.eq_ignore_ascii_case("host"));
        own.extend(more);
        let hosts: Vec<&str> = typed
            .iter()
            .filter(|(name, value)| name.eq_ignore_ascii_case("host") && !value.is_empty())
            .map(|(_, value)| *value)
            .collect();
        // More than one Host may be wanted, to see what a server says to it.
        own.extend(hosts.iter().skip(1).map(|host| ("Host", *host)));
        let (host, path) = (target.host(), target.path_and_query());
        let request = RequestText {
            method: &self.method,
            target: &path,
            version: if self.old { "HTTP/1.0" } else { "HTTP/1.1" },
            host: if is_typed("host") { hosts.first().copied() } else { Some(&host) },
            fields: &own,
            content: content.unwrap_or_default(),
        };
        request.bytes().map_err(|refused| {
            Failure::usage("that request cannot be written", refused.to_string())
                .or_try("--raw-request FILE, which sends any bytes as they are")
        })
    }
}

/// The method of the first request among bytes that are sent as they are.
fn first_method(bytes: &[u8]) -> String {
    let fields = HTTP.dissect(Stream::alone(bytes, Sender::Client, Carriage::Stream));
    let method = messages(&fields).first().and_then(Message::method);
    String::from_utf8_lossy(method.unwrap_or(b"GET")).into_owned()
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
