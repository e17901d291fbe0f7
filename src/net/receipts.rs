//! What became of each write on its way out: when this kernel queued it, sent it, and heard that the other one has it.
//!
//! Linux tells (`SO_TIMESTAMPING`, its documentation: networking/timestamping.rst). A receipt names the last byte it is
//! about, counted from where they were asked for. Writes that the kernel joins share the receipt of the last one.

use std::io;

use tokio::net::TcpStream;

/// How far bytes have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// They stand in the queue of the network interface.
    Queued,
    /// The interface's driver has them.
    Sent,
    /// The receiver's kernel has acknowledged them. Whether a program has read them is another matter.
    Acknowledged,
}

/// That bytes have come so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// How far.
    pub stage: Stage,
    /// How many bytes it is about: all up to this one.
    pub to: u64,
    /// When, by the recorder's clock in microseconds.
    pub at_us: u64,
}

/// The receipts of one connection.
pub struct Receipts(imp::Receipts);

impl Receipts {
    /// Asks for receipts of everything that is written from now on.
    ///
    /// # Errors
    /// When this system gives none.
    pub fn ask(stream: &TcpStream) -> io::Result<Self> {
        imp::Receipts::ask(stream).map(Self)
    }

    /// Those that have come since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<Receipt> {
        self.0.take()
    }
}

#[cfg(target_os = "linux")]
mod imp {
    use std::io::{self, IoSliceMut};
    use std::os::fd::AsRawFd;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use nix::sys::socket::{
        ControlMessageOwned, MsgFlags, TimestampingFlag, Timestamps, recvmsg, setsockopt, sockopt,
    };
    use nix::sys::time::TimeSpec;
    use socket2::{SockRef, Socket};
    use tokio::net::TcpStream;

    use super::{Receipt, Stage};
    use crate::net::clock::now_us;

    /// Receipts that are taken at once. The kernel holds fewer.
    const AT_ONCE: usize = 10_000;
    /// Room for the two messages of a receipt; the kernel needs about 130 bytes.
    const MESSAGES: usize = 512;

    /// Flags of `linux/net_tstamp.h` that have no name in the library.
    const TX_SCHED: u32 = 1 << 8;
    const TX_ACK: u32 = 1 << 9;

    /// What a receipt is about, as `linux/errqueue.h` numbers it.
    const STAGES: [Stage; 3] = [Stage::Sent, Stage::Queued, Stage::Acknowledged];

    pub struct Receipts {
        socket: Socket,
        /// One moment by the wall clock, which receipts go by, and by the recorder's.
        wall: Duration,
        clock_us: u64,
    }

    impl Receipts {
        pub fn ask(stream: &TcpStream) -> io::Result<Self> {
            let flags = TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE
                | TimestampingFlag::SOF_TIMESTAMPING_TX_SOFTWARE
                | TimestampingFlag::SOF_TIMESTAMPING_OPT_ID
                | TimestampingFlag::SOF_TIMESTAMPING_OPT_TSONLY
                | TimestampingFlag::from_bits_retain(TX_SCHED | TX_ACK);
            setsockopt(stream, sockopt::Timestamping, &flags)?;
            let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Ok(Self { socket: SockRef::from(stream).try_clone()?, wall, clock_us: now_us() })
        }

        pub fn take(&self) -> Vec<Receipt> {
            std::iter::from_fn(|| self.one()).take(AT_ONCE).collect()
        }

        /// The next one. What else stands in the queue of errors is no receipt, and ends the taking.
        fn one(&self) -> Option<Receipt> {
            let mut nothing: [IoSliceMut<'_>; 0] = [];
            let mut messages = [0; MESSAGES];
            let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
            let received =
                recvmsg::<()>(self.socket.as_raw_fd(), &mut nothing, Some(&mut messages), flags).ok()?;
            let (mut at, mut about) = (None, None);
            for message in received.cmsgs().ok()? {
                match message {
                    ControlMessageOwned::ScmTimestampsns(Timestamps { system, .. }) => at = Some(system),
                    ControlMessageOwned::Ipv4RecvErr(error, _)
                    | ControlMessageOwned::Ipv6RecvErr(error, _) => about = Some(error),
                    _ => {}
                }
            }
            let about = about?;
            let stage = *STAGES.get(usize::try_from(about.ee_info).ok()?)?;
            Some(Receipt { stage, to: u64::from(about.ee_data) + 1, at_us: self.by_our_clock(at?) })
        }

        fn by_our_clock(&self, at: TimeSpec) -> u64 {
            let at = Duration::from(at);
            let later = at.saturating_sub(self.wall).as_micros();
            let earlier = self.wall.saturating_sub(at).as_micros();
            let micros = |span: u128| u64::try_from(span).unwrap_or(u64::MAX);
            self.clock_us.saturating_add(micros(later)).saturating_sub(micros(earlier))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::io;

    use tokio::net::TcpStream;

    use super::Receipt;

    pub enum Receipts {}

    impl Receipts {
        pub fn ask(_stream: &TcpStream) -> io::Result<Self> {
            Err(io::Error::from(io::ErrorKind::Unsupported))
        }

        pub fn take(&self) -> Vec<Receipt> {
            match *self {}
        }
    }
}
