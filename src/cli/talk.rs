//! What can be typed behind `connect` and `listen`.

use std::net::IpAddr;
use std::time::Duration;

use clap::Args;

use super::tls::Beliefs;
use super::values::{Frame, Sleepy, Text, duration, sleepy, text};

/// `netlab connect`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(
    after_help = "Lines of standard input, typed or piped, are sent one by one, each ended with CR LF; with --raw bytes go out and come in untouched. The end of input (Ctrl-D) finishes your side (FIN) and leaves the other open: netlab goes on reading until the server finishes too, or has been silent for 30 seconds (--wait). Over UDP a line is a datagram, without its line end; a second of silence after the last one ends it. Lab names need no port: time.test, hello.test, echo.test."
)]
pub struct Connect {
    /// The server: host:port
    #[arg(value_name = "HOST:PORT")]
    pub target: String,
    /// Send datagrams instead of a stream: one for each line
    #[arg(long, conflicts_with_all = ["raw", "half_close", "reset", "lf", "tls"])]
    pub udp: bool,
    /// Speak TLS: what you type travels in records that only the server can read
    #[arg(long)]
    pub tls: bool,
    /// Whom to believe.
    #[command(flatten)]
    pub beliefs: Beliefs,
    /// Let the connection come from this address of yours
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
    /// Let the connection come from this port of yours
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub source_port: Option<u16>,
    /// End lines with LF alone
    #[arg(long)]
    pub lf: bool,
    /// How long to wait for an answer to the SYN; by default 10s
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "udp")]
    pub connect_timeout: Option<Duration>,
    /// How long a silence is waited out when your side has finished; by default 30s, over UDP 1s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// What holds for both ends.
    #[command(flatten)]
    pub manners: Manners,
}

/// `netlab listen`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(
    after_help = "Each client has a number. A line goes to the client that spoke last, and waits while there is none; @2 TEXT goes to client 2, @* TEXT to all, and @@ at the beginning sends an @. Lines end with CR LF; over UDP a line is a datagram, without its line end. When a client has finished, your side is finished too, unless --keep is given. It listens on 127.0.0.1 and ::1, which only this machine can reach; another address needs --expose. As a job of a session it takes no lines: use --say-first or --echo. Ctrl-C ends it. At most 1,024 clients at once."
)]
pub struct Listen {
    /// The port, or address:port; port 0 takes any free one
    #[arg(value_name = "[ADDR:]PORT")]
    pub place: String,
    /// Take datagrams instead of connections
    #[arg(long, conflicts_with_all = ["raw", "half_close", "reset", "no_accept", "close_after", "keep"])]
    pub udp: bool,
    /// Send everything back as it came
    #[arg(long, conflicts_with = "raw")]
    pub echo: bool,
    /// Wait this long before each read, such as 500ms, so that writes run together; "finished" waits until the client has finished, and then reads everything
    #[arg(long, value_name = "DURATION|finished", value_parser = sleepy)]
    pub sleepy: Option<Sleepy>,
    /// Never accept: the kernel completes handshakes all the same, and keeps what clients send
    #[arg(long, conflicts_with_all = ["raw", "half_close", "reset", "echo", "sleepy", "say_first", "close_after", "keep"])]
    pub no_accept: bool,
    /// Look for messages in what clients send, and show where reads cut them
    #[arg(long, value_name = "newline|length", hide_possible_values = true, conflicts_with_all = ["udp", "raw", "no_accept"])]
    pub frame: Option<Frame>,
    /// Let the kernel keep this many connections that have not been accepted; on Linux one more than that, and the SYN of whoever comes then is dropped
    #[arg(long, value_name = "COUNT", conflicts_with = "udp")]
    pub backlog: Option<u16>,
    /// Let other machines in; for an address that is not loopback
    #[arg(long)]
    pub expose: bool,
    /// What holds for both ends.
    #[command(flatten)]
    pub manners: Manners,
}

/// How one end behaves, whichever it is.
#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub struct Manners {
    /// The size of the buffer each read is given, in bytes; by default 16384, with --raw 131072
    #[arg(long, alias = "chunk", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    pub read: Option<u32>,
    /// Say this first; \r \n \t \0 \\ and \xNN stand for bytes
    #[arg(long, value_name = "TEXT", value_parser = text)]
    pub say_first: Option<Text>,
    /// Close when this many bytes have been received
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub close_after: Option<u64>,
    /// Finish your side (FIN) as soon as --say-first is out, or at --close-after, and go on reading
    #[arg(long, conflicts_with = "reset")]
    pub half_close: bool,
    /// Where your side would finish with FIN, break the connection off with RST
    #[arg(long)]
    pub reset: bool,
    /// Stay when the other side has finished: you can still send; so it is with --raw and piped input
    #[arg(long)]
    pub keep: bool,
    /// Carry bytes untouched between the connection and standard input and output, for pipes
    #[arg(long, conflicts_with = "json")]
    pub raw: bool,
}
