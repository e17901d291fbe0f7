//! What can be typed behind `send`.

use std::time::Duration;

use clap::Args;

use super::values::{Frame, Text, duration, text};

/// `netlab send`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(
    after_help = "Without --text each write is one letter, repeated: the first all a, the second all b, so that it can be seen in what arrives. At the end netlab says what your end handed over, in how many writes, and what came back. How many reads it became only the other end knows: netlab listen says it there, and --frame shows it byte by byte. Your side then finishes (FIN), and netlab waits until the other side has finished too, or has been silent for 30 seconds (--wait)."
)]
pub struct Send {
    /// The server: host:port, or a lab name such as echo.test
    #[arg(value_name = "HOST:PORT")]
    pub target: String,
    /// How many writes; by default 5, or one for each --text
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub writes: Option<u32>,
    /// How many bytes each write has; by default 10
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub size: Option<u32>,
    /// Write this; give it several times for several writes. \r \n \t \0 \\ and \xNN stand for bytes
    #[arg(long, value_name = "TEXT", value_parser = text, conflicts_with = "size")]
    pub text: Vec<Text>,
    /// Wait this long between two writes, such as 50ms or 2s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub pause: Option<Duration>,
    /// Let each write leave at once; otherwise TCP may hold small ones back until the ones before are acknowledged
    #[arg(long, conflicts_with = "cork")]
    pub nodelay: bool,
    /// Let nothing small leave until your side has finished (Linux)
    #[arg(long)]
    pub cork: bool,
    /// Make each write a message: end it with a newline, or put its length before it in four bytes
    #[arg(long, value_name = "newline|length", hide_possible_values = true)]
    pub frame: Option<Frame>,
    /// Say of each write when the kernel queued it, sent it and heard that the receiver's kernel has it (Linux)
    #[arg(long, conflicts_with = "reset")]
    pub receipts: bool,
    /// Where your side would finish with FIN, break the connection off with RST
    #[arg(long)]
    pub reset: bool,
    /// The size of the buffer each read is given, in bytes; by default 16384
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    pub read: Option<u32>,
    /// How long a silence is waited out when your side has finished; by default 30s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
}
