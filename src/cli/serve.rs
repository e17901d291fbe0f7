//! What can be typed behind `serve`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::duration;

/// `netlab serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Routes: / greets, /seed-a-plant seeds a plant, any other path gets 200 \"Default route\" or, with --strict, 404; /_watch shows every request in a browser, byte by byte. It listens on 127.0.0.1 and ::1, which only this machine can reach, unless --expose lets others in: for an hour, and 64 connections for each of them. Limits: a head of 16 KiB and 100 fields within 10 s, a target of 8,000 bytes, content of 1 MiB within a minute, 1,024 connections (--connections), 5 s between requests (--keep-alive). Up to 100 requests a second are listed, more are counted."
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub struct Serve {
    /// The port; 0 takes any free one
    #[arg(short, long, default_value_t = 7777)]
    pub port: u16,
    /// Listen at this address, not at the two of loopback; one that other machines reach needs --expose
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
    /// Let other machines in, at every IPv4 address of this one or at --bind, and say what that means
    #[arg(long)]
    pub expose: bool,
    /// How many minutes it stays exposed; then it stops
    #[arg(long = "for", value_name = "MINUTES", default_value_t = 60, requires = "expose", value_parser = clap::value_parser!(u16).range(1..=1440))]
    pub minutes: u16,
    /// What / says
    #[arg(long, value_name = "TEXT")]
    pub say: Option<String>,
    /// Answer unknown paths with 404
    #[arg(long)]
    pub strict: bool,
    /// Answer from a file of routes instead, which is read again when it changes; see docs/routes.md
    #[arg(long, value_name = "FILE", conflicts_with_all = ["say", "strict"])]
    pub routes: Option<PathBuf>,
    /// Have a site for each of these names, and for no others: a greeting, or what a file of routes says
    #[arg(long, value_name = "NAME[=FILE],...", value_delimiter = ',', value_parser = site)]
    pub hosts: Vec<NamedSite>,
    /// How long an open connection is kept for another request; with 0s each is closed behind its answer
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub keep_alive: Duration,
    /// How many connections are held at once; more wait until one closes
    #[arg(long, value_name = "NUMBER", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub connections: u32,
    /// How many threads talk; by default one for each core
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// Show every request at /_watch although other machines can reach the server
    #[arg(long, alias = "wire")]
    pub watch: bool,
    /// Show no requests at /_watch
    #[arg(long, alias = "no-wire", conflicts_with = "watch")]
    pub no_watch: bool,
    /// What is wrong with its answers.
    #[command(flatten)]
    pub faults: Faults,
}

/// What is wrong with the answers of a server, on purpose.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Answers that are odd on purpose")]
pub struct Faults {
    /// Send content in chunks instead of stating its length
    #[arg(long)]
    pub chunked: bool,
    /// State no length: content ends where the connection closes
    #[arg(long, conflicts_with = "chunked")]
    pub no_length: bool,
    /// State this many bytes of content, however many there are
    #[arg(long, value_name = "BYTES", conflicts_with_all = ["chunked", "no_length"])]
    pub wrong_length: Option<u64>,
    /// Send content byte by byte, this long apart
    #[arg(long, value_name = "DURATION", value_parser = duration, num_args = 0..=1, default_missing_value = "100ms")]
    pub slow: Option<Duration>,
    /// Close after this many bytes of content, whatever was said about its end
    #[arg(long, value_name = "BYTES")]
    pub cut: Option<usize>,
}

/// A site with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSite {
    /// Its name.
    pub name: String,
    /// Its file of routes; without one it greets.
    pub routes: Option<PathBuf>,
}

fn site(typed: &str) -> Result<NamedSite, String> {
    let (name, routes) = match typed.split_once('=') {
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (typed, None),
    };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
    let good =
        name.split('.').all(|label| !label.is_empty() && label.len() <= 63 && label.bytes().all(letters));
    if name.parse::<IpAddr>().is_ok() {
        return Err("an address names no site; say a name such as garden.test".to_owned());
    }
    if good {
        Ok(NamedSite { name, routes })
    } else {
        Err("a name is letters, digits and hyphens with dots between, without a port: garden.test".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::site;

    #[test]
    fn a_site_is_a_name_and_perhaps_a_file() {
        let named = |typed| site(typed).map(|site| (site.name, site.routes.is_some()));
        assert_eq!(named("Garden.test"), Ok(("garden.test".to_owned(), false)));
        assert_eq!(named("a.test=a.routes"), Ok(("a.test".to_owned(), true)));
        for typed in ["", "a.test:7777", "http://a.test", "127.0.0.1", "a..test", "*.test"] {
            assert!(site(typed).is_err(), "{typed}");
        }
    }
}
