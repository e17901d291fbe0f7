//! What can be typed behind `pour`.

use std::time::Duration;

use clap::Args;

use super::packets::Hex;
use super::values::duration;

/// The largest kernel buffer that can be asked for, in bytes.
const LARGEST_BUFFER: u32 = 64 * 1024 * 1024;

/// `netlab pour`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without HOST:PORT both ends are netlab's, on loopback, over real sockets. The reader reads nothing until the writer cannot go on: the system takes no more bytes, and its queues stay as they are. Then the reader reads everything. The queues and windows are the kernel's own numbers; what was accepted and read netlab counts itself. Linux doubles the size of a buffer that is asked for, to have room for its own records. With HOST:PORT the reader is whoever listens there, such as netlab listen 7000 --no-accept or --sleepy 500ms, or nc -l 7000; it decides when it reads. What waits in its queue is known only when it is on this machine. Ctrl-C ends it and shows what was so until then."
)]
pub struct Pour {
    /// Pour into whoever listens there, host:port or a lab name, instead of into a reader of netlab's own
    #[arg(value_name = "HOST:PORT", conflicts_with_all = ["read", "rcvbuf"])]
    pub target: Option<String>,
    /// How many bytes are to go over
    #[arg(id = "amount", long = "bytes", value_name = "BYTES", default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub bytes: u32,
    /// How many bytes each write offers
    #[arg(long, value_name = "BYTES", default_value_t = 16_384, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub write: u32,
    /// The size of the buffer each read is given, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 65_536, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub read: u32,
    /// The size of the sending kernel's buffer to ask for; the system decides otherwise
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=i64::from(LARGEST_BUFFER)))]
    pub sndbuf: Option<u32>,
    /// The size of the receiving kernel's buffer to ask for; the system decides otherwise
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=i64::from(LARGEST_BUFFER)))]
    pub rcvbuf: Option<u32>,
    /// With HOST:PORT: how long nothing may move before netlab leaves; by default 30s
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "target")]
    pub wait: Option<Duration>,
    /// In the place of the option that means something else here.
    #[command(flatten)]
    pub hex: Hex,
}
