//! What can be typed behind `pour`.

use clap::Args;

use super::packets::Hex;

/// The largest kernel buffer that can be asked for, in bytes.
const LARGEST_BUFFER: u32 = 64 * 1024 * 1024;

/// `netlab pour`.
#[derive(Debug, Args)]
#[command(
    after_help = "Both ends are netlab's, on loopback, over real sockets. The reader reads nothing until the writer cannot go on: the system takes no more bytes, and its queues stay as they are. Then the reader reads everything. The queues and windows are the kernel's own numbers; what was accepted and read netlab counts itself. Linux doubles the size of a buffer that is asked for, to have room for its own records."
)]
pub struct Pour {
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
    /// In the place of the option that means something else here.
    #[command(flatten)]
    pub hex: Hex,
}
