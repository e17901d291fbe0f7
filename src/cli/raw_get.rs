//! What can be typed behind `raw-get`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::tls::Beliefs;
use super::values::duration;

/// `netlab raw-get`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(
    after_help = "Without a URL it asks http://localhost:7777/, and starts the hello server for this one exchange when nothing listens there. Short content is shown when all of it is there, long content as it comes: on a terminal the first 10 MiB of it, into a file or a pipe all. netlab sends Host, User-Agent, Accept and Connection by itself; -H takes the place of a field with the same name, and -H 'Name:' leaves it out. Several requests (--keep) go over one connection, and only the last of them says Connection: close. With -v a picture shows how long each phase took: the name, connecting, the first byte, the content. A redirect is explained, and followed with -L: at most 10 times, and without the Authorization, Cookie and Host that were typed with -H once it leads to another server."
)]
pub struct RawGet {
    /// What to fetch, such as `http://hello.test/`
    pub url: Option<String>,
    /// The method: GET, or POST when there is --data, or any word you like
    #[arg(short = 'X', long = "request", value_name = "METHOD", conflicts_with = "raw_request")]
    pub method: Option<String>,
    /// A field line 'Name: value'; takes the place of netlab's own, and 'Name:' leaves that out
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", conflicts_with = "raw_request")]
    pub field: Vec<String>,
    /// Send this content; @FILE sends what is in the file
    #[arg(short = 'd', long, value_name = "TEXT|@FILE", conflicts_with = "raw_request")]
    pub data: Option<String>,
    /// Ask for the head alone: the method HEAD
    #[arg(long, conflicts_with_all = ["method", "data", "raw_request"])]
    pub head: bool,
    /// Follow redirects, at most 10 one after the other
    #[arg(short = 'L', long = "location", conflicts_with_all = ["keep", "pipeline", "raw_request"])]
    pub follow: bool,
    /// Ask for this URL, too, in the same way, and put both answers side by side
    #[arg(long, value_name = "URL", conflicts_with_all = ["follow", "keep", "pipeline", "save", "raw"])]
    pub compare: Option<String>,
    /// Speak HTTP/1.0
    #[arg(long = "http1.0", conflicts_with = "raw_request")]
    pub old: bool,
    /// Send the request this many times on one connection
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100), conflicts_with = "raw_request")]
    pub keep: u32,
    /// Hand all requests over in one write, before any answer has come
    #[arg(long)]
    pub pipeline: bool,
    /// Connect there instead of to the host of the URL; the request stays the same
    #[arg(long, value_name = "HOST:PORT")]
    pub connect_to: Option<String>,
    /// Send exactly the bytes of this file and nothing else; - is standard input
    #[arg(long, value_name = "FILE")]
    pub raw_request: Option<PathBuf>,
    /// Whom to believe over https.
    #[command(flatten)]
    pub beliefs: Beliefs,
    /// Give up after this time, connecting included, such as 500ms or 10s
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    pub max_time: Duration,
    /// Stop after this many bytes of content; by default 10485760 (10 MiB) on a terminal and with --json, and no limit into a file or a pipe
    #[arg(long, value_name = "BYTES")]
    pub max_bytes: Option<u64>,
    /// The size of the buffer each read is given, in bytes; by default 16384, and 131072 behind the first MiB of an answer
    #[arg(long = "read", alias = "chunk", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    pub room: Option<u32>,
    /// Say that gzip and deflate are understood, and unpack what comes, for --save and --raw too
    #[arg(long, conflicts_with = "raw_request")]
    pub compressed: bool,
    /// Write the content to standard output, byte for byte and nothing else; not to a terminal
    #[arg(long, conflicts_with_all = ["save", "json"])]
    pub raw: bool,
    /// Stream the content into this file, without what frames it
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
}
