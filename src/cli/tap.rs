//! What can be typed behind `tap`.

use std::time::Duration;

use clap::Args;

use super::values::duration;

/// `netlab tap`.
#[derive(Debug, Args)]
#[command(
    after_help = "LISTEN is a port, or address:port; port 0 takes any free one. TARGET is a port, address:port, or a name of the lab: hello.test, with --udp echo.test. Both are on this machine, and the lab is started when none is up. Over TCP what goes through is shown with its fields, both legs count as one conversation with the target, FIN and RST go on as they came, and at most 128 connections are carried at once, each for 10 minutes of silence; of what goes by no more than 128 KiB a way are held. With --delay each read takes that long; --split sends pieces 5 ms apart; --cut breaks off (RST) behind so many bytes of the target's. Over UDP one datagram has one fate, so the shares of --drop, --dup and --reorder come to 100% at most; the rest passes. The fate of the nth datagram of a way follows from the seed, the way and n alone, so that a seed can be repeated. A datagram that is held back goes on when another one of the same client has passed it, after 10 seconds at the latest. At most 256 clients have a socket towards the target, each for 60 seconds of silence; 1,024 datagrams can be on their way and 64 held back. Ctrl-C ends it."
)]
pub struct Tap {
    /// Where clients call, and whom they reach there, such as 8777=7777
    #[arg(value_name = "LISTEN=TARGET")]
    pub ends: String,
    /// Carry datagrams instead of connections
    #[arg(long)]
    pub udp: bool,
    /// Pass a write on in pieces of so many bytes
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "udp")]
    pub split: Option<u32>,
    /// Break each connection off (RST) once so many bytes of the target's have gone back
    #[arg(long, value_name = "BYTES", conflicts_with = "udp")]
    pub cut: Option<u64>,
    /// Over UDP the share of datagrams that go no further, such as 30%
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "udp")]
    pub drop: Option<Share>,
    /// The share that go on twice
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "udp")]
    pub dup: Option<Share>,
    /// The share that are held back until another one has passed them; without a number 10%
    #[arg(long, value_name = "SHARE", num_args = 0..=1, default_missing_value = "10%", value_parser = share, requires = "udp")]
    pub reorder: Option<Share>,
    /// How long each datagram, or each read of a connection, takes to go on, such as 20ms
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub delay: Option<Duration>,
    /// A number that says which course chance takes; by default another one each time
    #[arg(long, value_name = "NUMBER", requires = "udp")]
    pub seed: Option<u64>,
}

/// A share, in hundredths of a percent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share(pub u16);

/// Reads `30%`, `0.5%` or `12.25%`.
fn share(typed: &str) -> Result<Share, String> {
    let wrong = || "a share is a number from 0 to 100 with a percent sign, such as 30% or 0.5%".to_owned();
    let Some(number) = typed.strip_suffix('%') else {
        let says =
            if typed.parse::<f64>().is_ok() { format!("did you mean {typed}%? ") } else { String::new() };
        return Err(format!("{says}{}", wrong()));
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return Err(wrong());
    }
    if part.len() > 2 {
        return Err("a share has two digits behind the point at most, such as 0.25%".to_owned());
    }
    let hundredths = format!("{whole}{part:0<2}").parse::<u32>().ok().filter(|share| *share <= 10_000);
    hundredths.and_then(|share| u16::try_from(share).ok()).map(Share).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::{Share, share};

    #[test]
    fn a_share_is_a_number_with_a_percent_sign() {
        for (typed, hundredths) in [
            ("0%", 0),
            ("30%", 3_000),
            ("100%", 10_000),
            ("0.5%", 50),
            ("0.05%", 5),
            ("12.25%", 1_225),
            ("100.00%", 10_000),
            ("007%", 700),
        ] {
            assert_eq!(share(typed), Ok(Share(hundredths)), "{typed}");
        }
    }

    #[test]
    fn anything_else_is_told_what_a_share_is() {
        for typed in [
            "",
            "%",
            "-1%",
            "101%",
            "100.01%",
            "5.%",
            ".5%",
            "1e2%",
            "30 %",
            "30%%",
            "99999999999999999999%",
            "٣%",
        ] {
            assert!(share(typed).is_err_and(|why| why.contains("such as 30%")), "{typed}");
        }
        assert!(share("0.125%").is_err_and(|why| why.contains("two digits")));
        assert!(share("30").is_err_and(|why| why.starts_with("did you mean 30%?")));
        assert!(share("0.3").is_err_and(|why| why.starts_with("did you mean 0.3%?")));
    }
}
