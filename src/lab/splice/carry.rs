//! One direction of a relay: what one side says goes on to the other, late or in pieces where that is wanted.
//!
//! It holds as little as it can: as long as the other side takes nothing, nothing is read, so that a sender feels what a
//! reader does.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use crate::evidence::Trouble;

/// The room of a read, in bytes.
pub const ROOM: usize = 16 * 1024;

/// How many reads can be on their way when each takes a while; then nothing more is read until one has arrived.
pub const UNDER_WAY: usize = 8;

/// How long to wait between the pieces of a write that was split, so that a reader who waits finds them one by one.
pub const APART: Duration = Duration::from_millis(5);

/// What is done to what goes by.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How long each read takes to go on.
    pub delay: Duration,
    /// The most bytes of one write.
    pub split: Option<usize>,
    /// After how many bytes it ends.
    pub cut: Option<u64>,
}

/// Why carrying ended before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Who speaks broke off.
    Reading(Trouble),
    /// Who is spoken to takes no more.
    Writing(Trouble),
    /// So many bytes have gone on as were wanted.
    Cut,
}

/// When something last went by, in either direction.
#[derive(Debug)]
pub struct Activity(Mutex<Instant>);

impl Default for Activity {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Activity {
    fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Resolves when nothing has gone by for that long.
    pub async fn silence(&self, patience: Duration) {
        loop {
            let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner) + patience;
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }
}

/// Carries what `from` says to `to` until it has finished, and says that too.
///
/// # Errors
/// What ended it before.
pub async fn carry(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    manner: Manner,
    active: &Activity,
) -> Result<(), Stop> {
    let mut pen = Pen { to, split: manner.split.unwrap_or(usize::MAX).max(1), left: manner.cut };
    if manner.delay.is_zero() {
        let mut room = vec![0; ROOM];
        loop {
            let len = read(from, &mut room, active).await?;
            if len == 0 {
                return pen.finish().await;
            }
            pen.write(&room[..len]).await?;
            active.now();
        }
    }
    let (sender, mut arrivals) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let reading = async move {
        let mut room = vec![0; ROOM];
        loop {
            let len = read(from, &mut room, active).await?;
            // The end takes as long as everything before it.
            let piece = (Instant::now() + manner.delay, room[..len].to_vec());
            if sender.send(piece).await.is_err() || len == 0 {
                return Ok(());
            }
        }
    };
    let writing = async move {
        while let Some((due, bytes)) = arrivals.recv().await {
            sleep_until(due).await;
            if bytes.is_empty() {
                break;
            }
            pen.write(&bytes).await?;
            active.now();
        }
        pen.finish().await
    };
    tokio::try_join!(reading, writing).map(|_| ())
}

async fn read(
    from: &mut (impl AsyncRead + Unpin),
    room: &mut [u8],
    active: &Activity,
) -> Result<usize, Stop> {
    let len = from.read(room).await.map_err(|error| Stop::Reading(Trouble::from(&error)))?;
    active.now();
    Ok(len)
}

/// Who writes.
struct Pen<'a, W> {
    to: &'a mut W,
    split: usize,
    /// How many bytes may still go on.
    left: Option<u64>,
}

impl<W: AsyncWrite + Unpin> Pen<'_, W> {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let most = self
            .left
            .map_or(bytes.len(), |left| usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len()));
        for (at, piece) in bytes[..most].chunks(self.split).enumerate() {
            if at > 0 {
                sleep(APART).await;
            }
            self.to.write_all(piece).await.map_err(|error| Stop::Writing(Trouble::from(&error)))?;
        }
        self.left = self.left.map(|left| left - most as u64);
        if self.left == Some(0) { Err(Stop::Cut) } else { Ok(()) }
    }

    async fn finish(&mut self) -> Result<(), Stop> {
        self.to.shutdown().await.map_err(|error| Stop::Writing(Trouble::from(&error)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::{Activity, Manner, Stop, carry};

    const PLAIN: Manner = Manner { delay: Duration::ZERO, split: None, cut: None };

    /// What comes out at the other end, read by read, and how it ended.
    async fn carried(bytes: &'static [u8], manner: Manner) -> (Vec<Vec<u8>>, Result<(), Stop>) {
        let (mut speaker, mut from) = duplex(64);
        let (mut to, mut hearer) = duplex(64);
        let active = Activity::default();
        let speaking = async move { speaker.write_all(bytes).await };
        let hearing = async move {
            let (mut heard, mut room) = (Vec::new(), [0; 64]);
            while let Ok(len @ 1..) = hearer.read(&mut room).await {
                heard.push(room[..len].to_vec());
            }
            heard
        };
        let carrying = async move { carry(&mut from, &mut to, manner, &active).await };
        let (_, heard, end) = tokio::join!(speaking, hearing, carrying);
        (heard, end)
    }

    #[tokio::test]
    async fn what_is_said_goes_on_and_so_does_the_end() {
        assert_eq!(carried(b"hello", PLAIN).await, (vec![b"hello".to_vec()], Ok(())));
    }

    #[tokio::test]
    async fn a_write_becomes_many() {
        let (heard, end) = carried(b"hello", Manner { split: Some(2), ..PLAIN }).await;
        assert_eq!((heard, end), (vec![b"he".to_vec(), b"ll".to_vec(), b"o".to_vec()], Ok(())));
    }

    #[tokio::test]
    async fn it_is_cut_behind_so_many_bytes() {
        for (cut, through) in [(0, &b""[..]), (1, b"h"), (5, b"hello")] {
            let (heard, end) = carried(b"hello", Manner { cut: Some(cut), ..PLAIN }).await;
            assert_eq!((heard.concat(), end), (through.to_vec(), Err(Stop::Cut)), "{cut}");
        }
        assert_eq!(carried(b"hello", Manner { cut: Some(6), ..PLAIN }).await.1, Ok(()));
    }

    #[tokio::test]
    async fn everything_takes_as_long_as_was_wanted_the_end_too() {
        let (delay, began) = (Duration::from_millis(30), Instant::now());
        let (heard, end) = carried(b"hello", Manner { delay, ..PLAIN }).await;
        assert_eq!((heard.concat(), end), (b"hello".to_vec(), Ok(())));
        assert!(began.elapsed() >= delay, "{:?}", began.elapsed());
    }
}
