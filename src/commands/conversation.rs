//! One side of a TCP connection: what it says, how long it listens, and how it parts.
//!
//! `connect` and `listen` are the two ends of the same thing. Both directions run at once, so that neither
//! waits for the other: a peer that does not read holds up our writes, and our reads go on.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::cli::talk;
use crate::cli::values::{Frame, Sleepy};
use crate::commands::context::shares_terminal;
use crate::evidence::{Recording, Side, Trouble, TroubleKind};
use crate::net::clock::now_us;
use crate::net::finish::Lookout;
use crate::net::link::Link;
use crate::net::tcp_info::{AtTheEnd, is_held};
use crate::proto::framed::Framing;
use crate::render::teller::narrator::OurEnd;

/// The room of a read when nobody says, in bytes.
pub const ROOM: usize = 16 * 1024;
/// The same when bytes only pass through and nobody looks at the reads.
const RAW_ROOM: usize = 128 * 1024;
/// How long a reader sleeps that sleeps until the other side has finished. One that has sent more than the
/// kernels hold cannot finish before somebody reads.
const SLEEP_LIMIT: Duration = Duration::from_secs(30);

/// How our side ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// FIN; and no more reading when enough has been received.
    Close,
    /// FIN, and reading on: as soon as the first words are out, or when enough has been received.
    Half,
    /// RST.
    Reset,
}

/// How our side behaves.
#[derive(Debug, Clone)]
pub struct Manners {
    /// The room each read is given, in bytes.
    pub room: usize,
    /// What is said before anything else.
    pub first: Vec<u8>,
    /// After how many received bytes our side parts.
    pub close_after: Option<u64>,
    /// How it parts.
    pub parting: Parting,
    /// Whether it goes on when the other side has finished.
    pub keep: bool,
    /// How long to sleep before reading.
    pub sleepy: Option<Sleepy>,
    /// How long a silence is waited out when our side has finished; without it, for ever.
    pub patience: Option<Duration>,
    /// Whether the kernel is asked, when it is over, what it counted.
    pub counts: bool,
}

impl Manners {
    /// As typed.
    #[must_use]
    pub fn of(typed: &talk::Manners) -> Self {
        let parting = match (typed.half_close, typed.reset) {
            (true, _) => Parting::Half,
            (_, true) => Parting::Reset,
            _ => Parting::Close,
        };
        let usual = if typed.raw { RAW_ROOM } else { ROOM };
        // What is piped in is sent whole, even to one who has said all it has to say. A person at a keyboard
        // is not made to end a conversation that is over.
        let piped = typed.raw && !std::io::stdin().is_terminal();
        Self {
            room: typed.read.map_or(usual, |room| usize::try_from(room).unwrap_or(usual)),
            first: typed.say_first.clone().unwrap_or_default().0,
            close_after: typed.close_after,
            parting,
            keep: typed.keep || piped,
            sleepy: None,
            patience: None,
            counts: false,
        }
    }
}

/// What is said of our own end while it behaves so.
#[must_use]
pub fn our_end(manners: &Manners) -> OurEnd {
    let deaf_after = manners.close_after.filter(|_| manners.parting == Parting::Close);
    OurEnd { by_role: shares_terminal(), deaf_after }
}

/// How messages are told apart, as typed.
#[must_use]
pub fn framing(typed: Frame) -> Framing {
    match typed {
        Frame::Newline => Framing::Newline,
        Frame::Length => Framing::Length,
    }
}

/// Where the words come from, and where those of the other side go.
pub struct Ends<'a> {
    /// What is to be sent. When it ends our side has nothing more to say.
    pub words: mpsc::Receiver<Vec<u8>>,
    /// Where what was heard is sent back from, if it is: the other end of `words`.
    pub echo: Option<mpsc::Sender<Vec<u8>>>,
    /// Who wants the bytes that were heard, beside the record.
    pub heard: Option<mpsc::Sender<Vec<u8>>>,
    /// Called whenever the other side has spoken.
    pub spoke: &'a (dyn Fn() + Send + Sync),
}

/// Why hearing ended.
enum End {
    /// The other side has finished.
    Finished,
    /// As many bytes as wanted have come, or nobody wants more.
    Enough,
}

/// Talks until both sides have finished, or ours has parted for good.
///
/// # Errors
/// What broke the conversation off, as recorded.
pub async fn converse(stream: Link, manners: &Manners, ends: Ends<'_>) -> Result<(), Trouble> {
    let (recording, bottom) = (stream.recording().clone(), stream.bottom().clone());
    if manners.parting == Parting::Reset {
        // From here on closing the socket sends RST, whatever closes it.
        stream.socket().map_or(Ok(()), TcpStream::set_zero_linger).map_err(|error| Trouble::from(&error))?;
    }
    let lookout = match (manners.sleepy, stream.socket()) {
        (Some(Sleepy::Finished), Some(socket)) => {
            Some(Lookout::beside(socket).map_err(|error| Trouble::from(&error))?)
        }
        _ => None,
    };
    let counts = if manners.counts { stream.socket().and_then(AtTheEnd::of) } else { None };
    let ends_of = |socket: &TcpStream| Some((socket.local_addr().ok()?, socket.peer_addr().ok()?));
    let called = stream.socket().filter(|_| bottom.seen() == Side::Client).and_then(ends_of);
    let (mut reader, mut writer) = split(stream);
    let result = both_ways(&mut reader, &mut writer, (manners, lookout, ends), (&recording, &bottom)).await;
    // While our end is still open: a server that has not accepted by now took no part in any of this.
    if called.is_some_and(|(here, there)| is_held(there, here).is_ok_and(|held| !held)) {
        bottom.unaccepted();
    }
    if let Some(counts) = counts {
        let stream = reader.unsplit(writer);
        // Where the system does not tell, it is not known.
        let counted = stream.socket().and_then(|socket| counts.counters(socket).ok());
        counted.into_iter().for_each(|counters| recording.counted(counters));
    }
    result
}

async fn both_ways(
    reader: &mut ReadHalf<Link>,
    writer: &mut WriteHalf<Link>,
    (manners, lookout, ends): (&Manners, Option<Lookout>, Ends<'_>),
    (recording, bottom): (&Recording, &Recording),
) -> Result<(), Trouble> {
    let at_once = manners.parting == Parting::Half && manners.close_after.is_none();
    let (finish, finishing) = watch::channel(at_once);
    let latest_us = AtomicU64::new(now_us());
    let Ends { words, echo, heard, spoke } = ends;
    let saying = say(writer, manners, words, finishing);
    let on_read = || {
        latest_us.store(now_us(), Ordering::Relaxed);
        spoke();
    };
    let hearing = async {
        if let Some(lookout) = lookout {
            sleep_until_finished(&lookout, recording).await;
        }
        hear(reader, manners, echo, heard, &on_read, &finish).await
    };
    tokio::pin!(saying, hearing);
    let (mut we_finished, mut they_finished) = (false, false);
    while !(we_finished && they_finished) {
        tokio::select! {
            said = &mut saying, if !we_finished => {
                // When they have finished and we only leave, nobody needs our last words.
                if let (Err(error), false) = (said, they_finished && !manners.keep) {
                    return Err(Trouble::from(&error));
                }
                if manners.parting == Parting::Reset {
                    bottom.broke_off();
                    return Ok(());
                }
                we_finished = true;
                latest_us.store(now_us(), Ordering::Relaxed);
            }
            end = &mut hearing, if !they_finished => {
                they_finished = true;
                match end.map_err(|error| Trouble::from(&error))? {
                    End::Enough if manners.parting == Parting::Reset => {
                        bottom.broke_off();
                        return Ok(());
                    }
                    End::Finished if manners.keep => {}
                    _ => _ = finish.send_replace(true),
                }
            }
            () = silence(&latest_us, manners.patience), if we_finished && !they_finished => {
                return Err(TroubleKind::TimedOut.into());
            }
        }
    }
    Ok(())
}

/// Sends the first words and then whatever comes, until there is no more or our side is to finish.
async fn say(
    writer: &mut WriteHalf<Link>,
    manners: &Manners,
    mut words: mpsc::Receiver<Vec<u8>>,
    mut finishing: watch::Receiver<bool>,
) -> std::io::Result<()> {
    if !manners.first.is_empty() {
        writer.write_all(&manners.first).await?;
    }
    while !*finishing.borrow() {
        tokio::select! {
            biased;
            _ = finishing.changed() => {}
            bytes = words.recv() => match bytes {
                Some(bytes) => writer.write_all(&bytes).await?,
                None => break,
            },
        }
    }
    // What was handed over before is still said, the rest of an echo for instance.
    while let Ok(bytes) = words.try_recv() {
        writer.write_all(&bytes).await?;
    }
    if manners.parting == Parting::Reset {
        return Ok(());
    }
    writer.shutdown().await
}

/// Reads until the other side has finished or enough has come.
async fn hear(
    reader: &mut ReadHalf<Link>,
    manners: &Manners,
    echo: Option<mpsc::Sender<Vec<u8>>>,
    heard: Option<mpsc::Sender<Vec<u8>>>,
    on_read: &(dyn Fn() + Send + Sync),
    finish: &watch::Sender<bool>,
) -> std::io::Result<End> {
    let mut buffer = vec![0; manners.room];
    let mut left = manners.close_after.unwrap_or(u64::MAX);
    loop {
        if let Some(Sleepy::For(pause)) = manners.sleepy {
            sleep(pause).await;
        }
        let len = reader.read(&mut buffer).await?;
        if len == 0 {
            return Ok(End::Finished);
        }
        on_read();
        for taker in [&echo, &heard].into_iter().flatten() {
            if taker.send(buffer[..len].to_vec()).await.is_err() && heard.is_some() {
                return Ok(End::Enough);
            }
        }
        left = left.saturating_sub(u64::try_from(len).unwrap_or(u64::MAX));
        match (left, manners.parting) {
            (0, Parting::Half) => {
                finish.send_replace(true);
                left = u64::MAX;
            }
            (0, _) => return Ok(End::Enough),
            _ => {}
        }
    }
}

/// Reads nothing until all there is to read has come.
async fn sleep_until_finished(lookout: &Lookout, recording: &Recording) {
    recording.note(
        "nothing is read until the other side has finished: what it sends waits in this machine's kernel",
    );
    if !lookout.finished(SLEEP_LIMIT).await {
        let waited = SLEEP_LIMIT.as_secs();
        recording.note(format!("it has not finished for {waited} s; reading what has come so far"));
    }
}

/// Resolves when the other side has been silent for as long as that.
async fn silence(latest_us: &AtomicU64, patience: Option<Duration>) {
    let Some(patience) = patience else { return std::future::pending().await };
    loop {
        let silent = Duration::from_micros(now_us().saturating_sub(latest_us.load(Ordering::Relaxed)));
        match patience.checked_sub(silent) {
            None | Some(Duration::ZERO) => return,
            Some(left) => sleep(left).await,
        }
    }
}
