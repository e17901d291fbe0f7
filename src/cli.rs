//! The command line: types and help texts, no behaviour.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod course;
pub mod packets;
pub mod pour;
pub mod probe;
mod raw_get;
pub mod send;
pub mod serve;
pub mod talk;
pub mod tap;
pub mod tls;
pub mod values;

pub use course::{
    Check, Class, CsvTable, Glossary, Hint, LESSONS_VARIABLE, Learn, Lessons, LessonsWhat, Notebook, Reset,
    Review, Shelf, Skip, Submit, Why,
};
pub use packets::{Mss, Packets};
pub use pour::Pour;
pub use probe::Probe;
pub use raw_get::RawGet;
pub use send::Send;
pub use serve::Serve;
pub use talk::{Connect, Listen};
pub use tap::Tap;

/// Learn networking by doing: real sockets, real bytes, every byte explained
#[derive(Debug, Parser)]
#[command(name = "netlab", version, max_term_width = 100)]
pub struct Cli {
    /// What holds for every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb; none shows where you are.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What holds for every verb.
#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Print one JSON document, or JSON Lines from a server
    #[arg(long, global = true, conflicts_with = "plain")]
    pub json: bool,
    /// Print ASCII lines only: no colour, no bars
    #[arg(long, global = true)]
    pub plain: bool,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_name = "auto|always|never",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: When,
    /// Show every byte beside its field
    #[arg(long, global = true)]
    pub bytes: bool,
    /// Print only the result
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show lessons in this language where they are translated, such as hi; by default the terminal's
    #[arg(long, global = true, value_name = "LANG", env = "NETLAB_LANGUAGE", hide_env_values = true)]
    pub language: Option<String>,
    /// Say more: the fields of every message, of DNS and of what a server hears too
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    /// Even in a pipe.
    Always,
    /// Not at all.
    Never,
}

/// The verbs, in the order of the help.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Follow the lessons in order
    Learn(Learn),
    /// List the lessons, or check lesson files
    Lessons(Lessons),
    /// Judge the current step by what has happened since it began
    Check(Check),
    /// Get the next hint for the current step
    Hint(Hint),
    /// Explain the idea of the current step, or keep a line of your own about it
    Why(Why),
    /// Go on without the current step
    Skip(Skip),
    /// Answer a few questions about lessons that are done
    Review(Review),
    /// Read what you learned: your guesses, what you saw, your own lines
    Notebook(Notebook),
    /// Begin a lesson, or everything, anew
    Reset(Reset),
    /// Write one file to hand in
    Submit(Submit),
    /// Report on the files a class has handed in
    Class(Class),
    /// Ask DNS about names
    Resolve(Resolve),
    /// Dissect bytes from a file or standard input
    Explain(Explain),
    /// Say what a word of the course means, and which lesson explains it
    Glossary(Glossary),
    /// Fetch a page with a request written by hand
    RawGet(RawGet),
    /// Talk over a raw TCP connection, or in datagrams
    Connect(Connect),
    /// Wait for connections or datagrams, and be the other end
    Listen(Listen),
    /// Write a known number of times, and see what became of the writes
    Send(Send),
    /// Send the same bytes in segments of several sizes, and see what cut them
    Packets(Packets),
    /// Write to a reader that has stopped, and see where the bytes wait
    Pour(Pour),
    /// Run the hello server
    Serve(Serve),
    /// Judge a web server of your own, whatever it is written in
    Probe(Probe),
    /// Run the private internet for other tools and terminals
    Lab(Lab),
    /// Stand between a client and a server: show what they say, delay it, cut it, lose datagrams
    Tap(Tap),
    /// Show this machine's addresses, or explain any address
    Addrs(Addrs),
    /// Show who listens and who is connected on this machine
    Sockets(Sockets),
}

impl Cli {
    /// The verb's word, for documents; empty for none.
    #[must_use]
    pub fn verb_name(&self) -> &'static str {
        self.verb.as_ref().map_or("", Verb::name)
    }
}

impl Verb {
    /// Its word, as it is typed.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Learn(_) => "learn",
            Self::Lessons(_) => "lessons",
            Self::Check(_) => "check",
            Self::Hint(_) => "hint",
            Self::Why(_) => "why",
            Self::Skip(_) => "skip",
            Self::Review(_) => "review",
            Self::Notebook(_) => "notebook",
            Self::Reset(_) => "reset",
            Self::Submit(_) => "submit",
            Self::Class(_) => "class",
            Self::Resolve(_) => "resolve",
            Self::Explain(_) => "explain",
            Self::Glossary(_) => "glossary",
            Self::RawGet(_) => "raw-get",
            Self::Connect(_) => "connect",
            Self::Listen(_) => "listen",
            Self::Send(_) => "send",
            Self::Packets(_) => "packets",
            Self::Pour(_) => "pour",
            Self::Serve(_) => "serve",
            Self::Probe(_) => "probe",
            Self::Lab(_) => "lab",
            Self::Tap(_) => "tap",
            Self::Addrs(_) => "addrs",
            Self::Sockets(_) => "sockets",
        }
    }
}

/// The verbs by what a learner wants, for the help.
pub const GROUPS: &[(&str, &[&str])] = &[
    ("The course", &["learn", "lessons", "check", "hint", "why", "skip", "review", "notebook", "reset"]),
    ("A class", &["submit", "class"]),
    ("Look things up", &["resolve", "explain", "glossary"]),
    ("Talk", &["raw-get", "connect", "listen", "send", "packets", "pour"]),
    ("Serve", &["serve", "probe", "lab"]),
    ("In between", &["tap"]),
    ("This machine", &["addrs", "sockets"]),
];

/// `netlab resolve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Names under .test belong to the lab and need no network. Lookups end after 5 seconds; an unanswered question is sent again, as it was and with the same number, after 0.8, 1.8 and 3.4 seconds."
)]
pub struct Resolve {
    /// Names to ask about
    #[arg(required_unless_present = "reverse", value_name = "NAME")]
    pub names: Vec<String>,
    /// Record types: A, AAAA, CNAME, MX, TXT, NS, SOA, PTR, SRV, CAA, HTTPS, or a number as TYPE65; by default A and AAAA
    #[arg(short = 't', long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Ask this server instead of the system's; a port alone is one of this machine
    #[arg(short, long, value_name = "IP[:PORT]|PORT", value_parser = server_address)]
    pub server: Option<SocketAddr>,
    /// Ask over TCP from the start; by default over UDP, and TCP when the answer does not fit
    #[arg(long)]
    pub tcp: bool,
    /// Send the question once and never again, and wait 2 seconds
    #[arg(long, conflicts_with = "tcp")]
    pub once: bool,
    /// Give the question this number, from 0 to 65535; by default a random one, which forgers have to guess
    #[arg(long, value_name = "NUMBER")]
    pub id: Option<u16>,
    /// How long to wait for an answer, such as 500ms or 10s
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    pub timeout: Option<Duration>,
    /// Ask for the name of an address
    #[arg(short = 'x', long = "reverse", value_name = "IP")]
    pub reverse: Option<IpAddr>,
}

/// `netlab explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Bytes may be raw or written as hex (spaces, offsets as of xxd and hexdump -C, and # comments are skipped). What they are is guessed unless --as says it. At most 16 MiB are looked at."
)]
pub struct Explain {
    /// The file; - or nothing reads standard input
    pub file: Option<PathBuf>,
    /// Read the bytes as this protocol: http, dns or plain
    #[arg(long = "as", value_name = "PROTOCOL")]
    pub protocol: Option<String>,
    /// Who sent them, where that matters and cannot be seen
    #[arg(long, value_name = "client|server", hide_possible_values = true)]
    pub from: Option<FromSide>,
    /// They come from a TCP stream: a DNS message has its length in front
    #[arg(long)]
    pub tcp: bool,
}

/// Who sent the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FromSide {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// `netlab lab`.
#[derive(Debug, Args)]
#[command(
    after_help = "The lab listens on loopback only. Ctrl-C or SIGTERM takes it down; while it runs, every other netlab verb finds it by itself."
)]
pub struct Lab {
    /// What to do with it
    #[command(subcommand)]
    pub what: LabWhat,
}

/// What to do with the lab.
#[derive(Debug, Subcommand)]
pub enum LabWhat {
    /// Start it. Each service is at its usual port plus 7000: HTTP on 7080, DNS on 7053
    Up {
        /// Take any free ports
        #[arg(long)]
        free: bool,
    },
    /// Say whether it runs, and where
    Status,
    /// Print the certificate of the lab's own authority (PEM), for tools that are to believe its servers. It holds for a day
    /// and signs for names under .test and this machine's loopback only; do not put it among those your system trusts
    Ca,
}

/// `netlab addrs`.
#[derive(Debug, Args)]
#[command(
    after_help = "What an address is for follows from its number, by the registries of RFC 6890. Which address others see when you call them is not shown: behind NAT only somebody outside can tell. Multicast groups are not listed."
)]
pub struct Addrs {
    /// Addresses to explain, this machine's or any other's; by default this machine's are listed
    #[arg(value_name = "ADDRESS")]
    pub addresses: Vec<String>,
}

/// `netlab sockets`.
#[derive(Debug, Args)]
#[command(
    after_help = "Sockets are read from Linux's tables in /proc, without root. Which program holds a socket is shown for your own programs; of other users' the system tells you only that they are there. At most 100,000 sockets are looked at."
)]
pub struct Sockets {
    /// Only sockets with this port, at either end
    #[arg(short, long)]
    pub port: Option<u16>,
    /// Only those that wait for others: listening TCP, and UDP open to everybody
    #[arg(short, long)]
    pub listening: bool,
    /// Only TCP
    #[arg(long, conflicts_with = "udp")]
    pub tcp: bool,
    /// Only UDP
    #[arg(long)]
    pub udp: bool,
}

fn server_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(address);
    }
    if let Ok(port) = text.parse::<u16>() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>()
        .map(|ip| SocketAddr::new(ip, 53))
        .map_err(|_| "a server is an address such as 127.0.0.1, 127.0.0.1:7053 or [::1]:7053, or a port of this machine such as 7053".to_owned())
}
