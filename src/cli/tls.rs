//! What can be typed about whom to believe over TLS.

use std::path::PathBuf;

use clap::Args;

/// Whom a client believes.
#[derive(Debug, Clone, Default, Args)]
pub struct Beliefs {
    /// Over TLS, trust the authorities whose certificates are in this file (PEM), and no others
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// Over TLS, take any certificate; for servers on this machine only
    #[arg(short = 'k', long, conflicts_with = "cacert")]
    pub insecure: bool,
}
