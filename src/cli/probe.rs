//! What can be typed behind `probe`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::values::duration;

/// `netlab probe`.
#[derive(Debug, Args)]
#[command(
    after_help = "The stages build on each other: hello (one answer that is HTTP), routes (/, /seed-a-plant, and 404 for the rest), framing (where messages end), robust (what has to be refused); --stage ends after the one it names, --from begins at a check. Without --stage, robust comes when nothing before it has failed. A check is tried only when those it builds on have passed. Exit codes: 0 nothing failed, 3 something did, 1 nobody answers. Broken requests are not sent to strangers: the server has to be on this machine or in your private network."
)]
pub struct Probe {
    /// The server, or a port of this machine; by default `http://localhost:7777/`
    pub url: Option<String>,
    /// The last stage: hello, routes, framing or robust, which is all
    #[arg(long, value_name = "STAGE", hide_possible_values = true)]
    pub stage: Option<ProbeStage>,
    /// Go on from this check, such as framing.split; the stage hello comes first all the same
    #[arg(long, value_name = "CHECK")]
    pub from: Option<String>,
    /// Use the random names of an earlier run again
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u32>,
    /// How long to wait for somebody to listen, by trying again
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub wait: Duration,
    /// How long the server may take for each answer: a tenth once three have been waited for in vain, more when its first answer was slower
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub patience: Duration,
    /// Write the results as JUnit XML too, for a CI
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Send broken requests to an address outside this machine and its private network: only to a server that is yours
    #[arg(long)]
    pub i_own_this: bool,
}

/// A stage, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProbeStage {
    /// One answer that is HTTP.
    Hello,
    /// Paths and the routes.
    Routes,
    /// Where messages end.
    Framing,
    /// What has to be refused.
    Robust,
}
