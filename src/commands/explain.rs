//! `netlab explain`: bytes from anywhere, explained.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::cli::{Explain, FromSide};
use crate::commands::context::Context;
use crate::error::{Exit, Failure};
use crate::proto::plain::PLAIN;
use crate::proto::reader::DISSECT_LIMIT;
use crate::proto::stream::{Carriage, Sender, Stream};
use crate::proto::{self, Likeness, Protocol, hexdump};
use crate::render::tree::explained;

/// Explains a file, or standard input.
///
/// # Errors
/// When the bytes cannot be had, or the protocol is not one of ours.
pub fn run(args: &Explain, context: &Context) -> Result<Exit, Failure> {
    let protocol = args.protocol.as_deref().map(named).transpose()?;
    let path = args.file.as_deref().filter(|path| *path != Path::new("-"));
    let input = read(path)?;
    if input.is_empty() {
        return Err(Failure::usage("there are no bytes to explain", "the input is empty")
            .or_try("printf 'GET / HTTP/1.1\\r\\nHost: hello.test\\r\\n\\r\\n' | netlab explain"));
    }
    let written_as_hex = hexdump::parse(&input);
    let was_hex = written_as_hex.is_some();
    let bytes = written_as_hex.unwrap_or(input);
    let (protocol, stream) = choose(args, protocol, &bytes);
    let fields = protocol.dissect(stream);
    explained::show(&context.screen, protocol, &fields, was_hex);
    Ok(Exit::Done)
}

fn named(name: &str) -> Result<&'static Protocol, Failure> {
    proto::named(name).ok_or_else(|| {
        let known: Vec<&str> = proto::PROTOCOLS.iter().map(|protocol| protocol.name).collect();
        Failure::usage(
            format!("netlab does not know a protocol called {name}"),
            "--as names how to read the bytes",
        )
        .or_try(format!("one of {}", known.join(", ")))
    })
}

/// The protocol and the reading of the bytes that fit best. Bytes from a file do not say whether they
/// were a datagram or a stream, so both are tried.
fn choose<'a>(
    args: &Explain,
    protocol: Option<&'static Protocol>,
    bytes: &'a [u8],
) -> (&'static Protocol, Stream<'a>) {
    let senders = match args.from {
        Some(FromSide::Client) => &[Sender::Client][..],
        Some(FromSide::Server) => &[Sender::Server],
        None => &[Sender::Client, Sender::Server],
    };
    let carriages = if args.tcp { &[Carriage::Stream][..] } else { &[Carriage::Datagram, Carriage::Stream] };
    let of = |carriage| senders.iter().map(move |&sender| Stream::alone(bytes, sender, carriage));
    let tries: Vec<_> = carriages.iter().copied().flat_map(of).collect();
    let (datagram, stream) = (tries[0], Stream::alone(bytes, senders[0], Carriage::Stream));
    if let Some(protocol) = protocol {
        let is = |stream: &&Stream<'_>| (protocol.looks_like)(stream.bytes, &stream.around()) == Likeness::Is;
        let fits = tries.iter().find(is);
        return (protocol, *fits.or(tries.first()).unwrap_or(&datagram));
    }
    let mut guesses = tries.iter().map(|stream| (proto::guess(&[*stream], None, None), *stream));
    guesses.find(|(protocol, _)| **protocol != PLAIN).unwrap_or((&PLAIN, stream))
}

fn read(path: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let limit = DISSECT_LIMIT as u64;
    let mut bytes = Vec::new();
    if let Some(path) = path {
        let file = File::open(path).map_err(|error| Failure::file(path, "reading", &error))?;
        file.take(limit).read_to_end(&mut bytes).map_err(|error| Failure::file(path, "reading", &error))?;
    } else {
        let input = io::stdin().lock().take(limit).read_to_end(&mut bytes);
        input.map_err(|error| Failure::file(Path::new("standard input"), "reading", &error))?;
    }
    Ok(bytes)
}
