//! Into a listener of somebody's own: written until it takes no more, and on when it takes some again.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::BY;
use super::still::{LOOK_EVERY, PATIENCE, Still};
use crate::cli::Pour;
use crate::commands::connect::target::target as place;
use crate::commands::context::{Context, asked_to_stop};
use crate::commands::door::Door;
use crate::commands::refused::snagged;
use crate::commands::route::route;
use crate::error::{Exit, Failure};
use crate::evidence::{End, Recording, Trouble};
use crate::net::clock::now_us;
use crate::net::dial::{CONNECT_LIMIT, dial_any_from};
use crate::net::origin::Origin;
use crate::net::route::Route;
use crate::net::tap::Tap;
use crate::net::tcp_info;
use crate::render::json;
use crate::render::teller::pour::elsewhere::{self, Poured, STOPS_TOLD, Stage, When};
use crate::render::teller::pour::{Buffer, Meter};
use crate::render::text::look::Form;

/// How often the kernel is asked whether everything has been acknowledged.
const ACKNOWLEDGED_EVERY: Duration = Duration::from_millis(1);
/// How long a silence is waited out when everything has been acknowledged: whoever closes while the other side still
/// speaks answers it with RST.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// The room of a read.
const ROOM: usize = 64 * 1024;

pub(super) async fn run(
    args: &Pour,
    target: &str,
    context: &Context,
    meter: &Meter,
) -> Result<Exit, Failure> {
    let (host, port) = place(target)?;
    let recorder = context.recorder(None).clone();
    context.note_proxies();
    let mut door = None;
    let route = route(context, &recorder, &mut door, &host, port).await?;
    let result = pour(args, &route, context, meter).await;
    if let Some(door) = door {
        context.screen.note(door.says());
        Door::close(door).await;
    }
    result
}

async fn pour(args: &Pour, route: &Route, context: &Context, meter: &Meter) -> Result<Exit, Failure> {
    let mut stop = pin!(asked_to_stop());
    let recorder = context.recorder(None);
    let dialled = tokio::select! {
        dialled = dial_any_from(recorder, BY, &route.addresses, Origin::default(), CONNECT_LIMIT) => dialled,
        () = &mut stop => return Ok(Exit::Done),
    };
    let stream = dialled.map_err(snagged)?;
    let server = stream.recording().server();
    let broken_off = |error: &io::Error| Failure::broken_off(&server, Trouble::from(error));
    let sndbuf = buffer(args, stream.inner()).map_err(|error| broken_off(&error))?;
    let pouring = Pouring::begin(args, meter, &stream).map_err(|error| broken_off(&error))?;
    let failure = pouring.work(stream, stop).await.err().map(|error| {
        pouring.mark(When::BrokenOff);
        broken_off(&error)
    });
    meter.clear();
    let missing = tcp_info::missing();
    let poured = pouring.told(server.clone(), sndbuf);
    if context.screen.look.form == Form::Json {
        let failure = failure.as_ref().map(json::failure);
        super::document(context, elsewhere::as_json(&poured, failure.as_ref()), missing.as_deref());
    } else {
        elsewhere::show(&context.screen, &poured);
        super::not_counted(context, missing.as_deref());
    }
    failure.map_or(Ok(Exit::Done), Err)
}

/// Asks for a send buffer, if one is wanted, and says what there is.
fn buffer(args: &Pour, stream: &TcpStream) -> io::Result<Buffer> {
    let socket = SockRef::from(stream);
    if let Some(size) = args.sndbuf {
        socket.set_send_buffer_size(usize::try_from(size).unwrap_or(usize::MAX))?;
    }
    Ok(Buffer { asked: args.sndbuf, given: socket.send_buffer_size().ok().map(|size| size as u64) })
}

/// A connection while it is filled.
struct Pouring<'a> {
    args: &'a Pour,
    meter: &'a Meter,
    recording: Recording,
    here: SocketAddr,
    there: SocketAddr,
    opened_us: u64,
    accepted: Cell<u64>,
    answered: Cell<u64>,
    answered_us: Cell<u64>,
    stops: Cell<u64>,
    stages: RefCell<Vec<Stage>>,
}

impl<'a> Pouring<'a> {
    fn begin(args: &'a Pour, meter: &'a Meter, stream: &Tap<TcpStream>) -> io::Result<Self> {
        let pouring = Self {
            args,
            meter,
            recording: stream.recording().clone(),
            here: stream.inner().local_addr()?,
            there: stream.inner().peer_addr()?,
            opened_us: now_us(),
            accepted: Cell::new(0),
            answered: Cell::new(0),
            answered_us: Cell::new(0),
            stops: Cell::new(0),
            stages: RefCell::default(),
        };
        pouring.mark(When::Opened);
        Ok(pouring)
    }

    fn told(self, server: End, sndbuf: Buffer) -> Poured {
        Poured {
            server,
            bytes: u64::from(self.args.bytes),
            write: u64::from(self.args.write),
            sndbuf,
            stops: self.stops.get(),
            stages: self.stages.into_inner(),
            answered: self.answered.get(),
            patience_us: u64::try_from(patience(self.args).as_micros()).unwrap_or(u64::MAX),
        }
    }

    /// Everything there is to do, both ways, until the person has had enough.
    async fn work(
        &self,
        stream: Tap<TcpStream>,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> io::Result<()> {
        let (mut reader, mut writer) = split(stream);
        let mut hearing = pin!(self.hear(&mut reader));
        let mut writing = pin!(self.write(&mut writer));
        let mut they_finished = false;
        loop {
            tokio::select! {
                end = &mut writing => match end? {
                    // What was so is looked at while the connection is still there.
                    Some(end) => {
                        self.mark(end);
                        return Ok(());
                    }
                    None => break,
                },
                heard = &mut hearing, if !they_finished => {
                    heard?;
                    they_finished = true;
                }
                () = &mut stop => {
                    self.mark(When::Stopped);
                    return Ok(());
                }
            }
        }
        if !they_finished {
            tokio::select! {
                heard = hearing => heard?,
                () = self.silence() => {}
                () = stop => {}
            }
        }
        Ok(())
    }

    /// Reads and counts until the other side has finished.
    async fn hear(&self, reader: &mut ReadHalf<Tap<TcpStream>>) -> io::Result<()> {
        let mut buffer = vec![0; ROOM];
        loop {
            let many = reader.read(&mut buffer).await?;
            if many == 0 {
                return Ok(());
            }
            self.answered.set(self.answered.get() + many as u64);
            self.answered_us.set(now_us());
        }
    }

    /// Resolves when the other side has said nothing for a while.
    async fn silence(&self) {
        let began = now_us();
        loop {
            let since = now_us().saturating_sub(began.max(self.answered_us.get()));
            match AFTERWARDS.checked_sub(Duration::from_micros(since)) {
                None | Some(Duration::ZERO) => return,
                Some(left) => sleep(left).await,
            }
        }
    }

    /// Writes everything and finishes, and waits until the receiver's kernel has it all.
    async fn write(&self, writer: &mut WriteHalf<Tap<TcpStream>>) -> io::Result<Option<When>> {
        if !self.fill(writer).await? {
            return Ok(Some(When::Left));
        }
        self.mark(When::AllAccepted);
        writer.shutdown().await?;
        let mut still = Still::default();
        loop {
            let now = self.look(When::AllAcknowledged);
            self.show(&now);
            match now.sender.and_then(|sender| sender.send_queue) {
                Some(0) => {
                    self.keep(&now);
                    return Ok(None);
                }
                Some(_)
                    if still.look(now.accepted, now.sender.as_ref(), now.receiver.as_ref())
                        > patience(self.args) =>
                {
                    return Ok(Some(When::Left));
                }
                Some(_) => sleep(ACKNOWLEDGED_EVERY).await,
                None => return Ok(None),
            }
        }
    }

    /// Writes until all bytes are accepted. False when nothing moved for longer than anybody waits.
    async fn fill(&self, writer: &mut WriteHalf<Tap<TcpStream>>) -> io::Result<bool> {
        let message: Vec<u8> = (b'a'..=b'z').cycle().take(self.args.write as usize).collect();
        let (mut still, mut stuck, mut shown_us) = (Still::default(), false, 0);
        loop {
            let left = u64::from(self.args.bytes) - self.accepted.get();
            if left == 0 {
                return Ok(true);
            }
            let piece = &message[..message.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
            if let Ok(many) = timeout(LOOK_EVERY, writer.write(piece)).await {
                self.accepted.set(self.accepted.get() + many? as u64);
                if stuck && self.stops.get() <= STOPS_TOLD {
                    self.mark(When::Resumed);
                }
                (still, stuck) = (Still::default(), false);
                if Duration::from_micros(now_us().saturating_sub(shown_us)) >= LOOK_EVERY {
                    self.show(&self.look(When::Resumed));
                    shown_us = now_us();
                }
                continue;
            }
            // The system did not take a single byte. Whether that lasts is seen from the queues.
            let now = self.look(When::Stuck);
            self.show(&now);
            let lasted = still.look(now.accepted, now.sender.as_ref(), now.receiver.as_ref());
            if !stuck && still.is_stuck() {
                stuck = true;
                self.stuck(&now);
            }
            if lasted > patience(self.args) {
                return Ok(false);
            }
        }
    }

    /// A write cannot proceed, for longer than a moment.
    fn stuck(&self, now: &Stage) {
        self.stops.set(self.stops.get() + 1);
        if self.stops.get() <= STOPS_TOLD {
            self.recording.stuck();
            self.keep(now);
        }
    }

    fn look(&self, when: When) -> Stage {
        Stage {
            when,
            after_us: now_us().saturating_sub(self.opened_us),
            accepted: self.accepted.get(),
            sender: tcp_info::between(self.here, self.there).ok(),
            receiver: tcp_info::between(self.there, self.here).ok(),
        }
    }

    fn mark(&self, when: When) {
        self.keep(&self.look(when));
        let over = matches!(when, When::Left | When::Stopped);
        if over && tcp_info::is_held(self.there, self.here).is_ok_and(|held| !held) {
            self.recording.unaccepted();
        }
    }

    /// What this end's kernel said is written down as well; the other end has its own evidence.
    fn keep(&self, stage: &Stage) {
        stage.sender.inspect(|sender| self.recording.counted(*sender));
        self.stages.borrow_mut().push(*stage);
    }

    fn show(&self, now: &Stage) {
        self.meter.show(&[
            ("accepted", Some(now.accepted)),
            ("read", now.read()),
            ("send queue", now.sender.and_then(|sender| sender.send_queue)),
            ("receive queue", now.receiver.and_then(|receiver| receiver.receive_queue)),
            ("window", now.sender.and_then(|sender| sender.send_window)),
        ]);
    }
}

fn patience(args: &Pour) -> Duration {
    args.wait.unwrap_or(PATIENCE)
}
