//! What can be typed behind `serve`.

use std::time::Duration;

use clap::Args;

use super::talk::duration;

/// `netlab serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Routes: / greets, /seed-a-plant seeds a plant, any other path gets 200 \"Default route\" or, with --strict, 404; /_wire shows every request in a browser, byte by byte. It listens on 127.0.0.1 and ::1, which only this machine can reach. Limits: a head of 16 KiB and 100 fields within 10 s, a target of 8,000 bytes, content of 1 MiB within a minute, 1,024 connections (--connections), 5 s between requests (--keep-alive). Up to 100 requests a second are listed, more are counted."
)]
pub struct Serve {
    /// The port; 0 takes any free one
    #[arg(short, long, default_value_t = 7777)]
    pub port: u16,
    /// What / says
    #[arg(long, value_name = "TEXT")]
    pub say: Option<String>,
    /// Answer unknown paths with 404
    #[arg(long)]
    pub strict: bool,
    /// How long an open connection is kept for another request; with 0s each is closed behind its answer
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub keep_alive: Duration,
    /// How many connections are held at once; more wait until one closes
    #[arg(long, value_name = "NUMBER", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub connections: u32,
    /// Show every request at /_wire although other machines can reach the server
    #[arg(long)]
    pub wire: bool,
    /// Show no requests at /_wire
    #[arg(long, conflicts_with = "wire")]
    pub no_wire: bool,
    /// How many threads talk; by default one for each core
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
}
