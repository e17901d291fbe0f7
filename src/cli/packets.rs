//! What can be typed behind `packets`.

use clap::Args;

/// The smallest MSS that Linux takes, in bytes.
const SMALLEST: u32 = 88;
/// The largest.
const LARGEST: u32 = 32_767;

/// `netlab packets`.
#[derive(Debug, Args)]
#[command(
    after_help = "Both ends are netlab's, on loopback, over real sockets. Segments are counted by the kernel and not seen: netlab knows how many there were and not where each was cut, and says so in the picture. To see packets themselves takes a capture, which needs privileges; the simulated wire of a later version will not."
)]
pub struct Packets {
    /// How many bytes go over
    #[arg(id = "amount", long = "bytes", value_name = "BYTES", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub bytes: u32,
    /// The MSS of each transfer, with commas between: 88 to 32767, or default
    #[arg(long, value_name = "MSS,...", default_value = "default,1460,536", value_delimiter = ',', value_parser = mss)]
    pub mss: Vec<Mss>,
    /// How many bytes each write hands over
    #[arg(long, value_name = "BYTES", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub write: u32,
    /// The size of the buffer each read is given, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 16_384, value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    pub read: u32,
    /// Walk through the numbers, sentence by sentence
    #[arg(long)]
    pub explain: bool,
    /// In the place of the option that means something else here.
    #[command(flatten)]
    pub hex: Hex,
}

/// The `--bytes` that shows hex everywhere, under another name: for verbs where `--bytes` says how many. The same id
/// keeps clap from handing the usual one down to them.
#[derive(Debug, Clone, Copy, Args)]
pub struct Hex {
    /// Show every byte
    #[arg(id = "bytes", long = "hex", hide = true)]
    pub bytes: bool,
}

/// The most bytes of data in a segment, as asked for; nothing leaves it to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mss(pub Option<u32>);

fn mss(typed: &str) -> Result<Mss, String> {
    let wrong = || format!("an MSS is a number from {SMALLEST} to {LARGEST}, or the word default");
    if typed == "default" {
        return Ok(Mss(None));
    }
    let number = typed.parse().ok().filter(|number| (SMALLEST..=LARGEST).contains(number));
    number.map(|number| Mss(Some(number))).ok_or_else(wrong)
}
