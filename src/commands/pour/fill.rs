//! One connection over loopback: filled until nothing goes any more, then drained.

use std::cell::Cell;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::BY;
use super::still::{LOOK_EVERY, PATIENCE, Still};
use crate::cli::Pour;
use crate::error::Failure;
use crate::evidence::{Counters, Opening, Recorder, Transport, Trouble};
use crate::net::tap::Tap;
use crate::net::tcp_info;
use crate::render::teller::pour::{Buffer, Meter, Poured, Stage, When};

/// Makes the connection, fills it, and drains it.
pub(super) async fn pour(recorder: &Recorder, args: &Pour, meter: &Meter) -> Result<Poured, Failure> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let failed = |server: SocketAddr, error: &io::Error| Failure::broken_off(server, Trouble::from(error));
    let ends = open(recorder, args).await.map_err(|error| failed(any, &error))?;
    let server = ends.writer.inner().peer_addr().unwrap_or(any);
    talk(ends, args, meter).await.map_err(|error| failed(server, &error))
}

/// Both ends, and the buffers that the system gave them.
struct Ends {
    writer: Tap<TcpStream>,
    reader: Tap<TcpStream>,
    sndbuf: Buffer,
    rcvbuf: Buffer,
}

async fn open(recorder: &Recorder, args: &Pour) -> io::Result<Ends> {
    let listener = TcpSocket::new_v4()?;
    if let Some(size) = args.rcvbuf {
        // What is accepted inherits it, and the window of the handshake is reckoned from it.
        listener.set_recv_buffer_size(size)?;
    }
    listener.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let listener = listener.listen(1)?;
    let server = listener.local_addr()?;
    let socket = TcpSocket::new_v4()?;
    if let Some(size) = args.sndbuf {
        socket.set_send_buffer_size(size)?;
    }
    let recording = recorder.open(&Opening::calling(Transport::Tcp, server, BY));
    let (writer, accepted) = tokio::join!(socket.connect(server), listener.accept());
    let (writer, (reader, client)) = (writer?, accepted?);
    recording.opened(Some(client.into()));
    let given = |size: io::Result<usize>| size.ok().map(|size| size as u64);
    let sndbuf = Buffer { asked: args.sndbuf, given: given(SockRef::from(&writer).send_buffer_size()) };
    let rcvbuf = Buffer { asked: args.rcvbuf, given: given(SockRef::from(&reader).recv_buffer_size()) };
    let writer = Tap::new(writer, recording);
    let recording = recorder.open(&Opening::answering(Transport::Tcp, client, server, BY));
    recording.opened(None);
    Ok(Ends { writer, reader: Tap::new(reader, recording), sndbuf, rcvbuf })
}

/// What both loops count.
struct Progress<'a> {
    accepted: Cell<u64>,
    read: Cell<u64>,
    meter: &'a Meter,
}

async fn talk(mut ends: Ends, args: &Pour, meter: &Meter) -> io::Result<Poured> {
    let message: Vec<u8> = (b'a'..=b'z').cycle().take(args.write as usize).collect();
    let progress = Progress { accepted: Cell::new(0), read: Cell::new(0), meter };
    let mut stages = vec![look(&ends, &progress, When::Opened)];
    let stuck = fill(&mut ends, args, &message, &progress).await?;
    stages.push(look(&ends, &progress, if stuck { When::Stuck } else { When::AllAccepted }));
    if stuck {
        ends.writer.recording().stuck();
    }
    let (here, there) = (ends.writer.inner().local_addr()?, ends.writer.inner().peer_addr()?);
    let Ends { mut writer, mut reader, sndbuf, rcvbuf } = ends;
    let go_on = async {
        let mut resumed = None;
        while left(args, &progress) > 0 {
            let piece = next(args, &message, &progress);
            let many = standing(writer.write(piece)).await?;
            progress.accepted.set(progress.accepted.get() + many as u64);
            if resumed.is_none() {
                let (sender, receiver) =
                    (tcp_info::between(here, there).ok(), tcp_info::between(there, here).ok());
                sender.inspect(|sender| writer.recording().counted(*sender));
                let (accepted, read) = (progress.accepted.get(), progress.read.get());
                resumed = Some(Stage { when: When::Resumed, accepted, read, sender, receiver });
            }
        }
        standing(writer.shutdown()).await?;
        Ok::<_, io::Error>((writer, resumed))
    };
    let drain = async {
        let mut buffer = vec![0; args.read as usize];
        loop {
            let many = standing(reader.read(&mut buffer)).await?;
            progress.read.set(progress.read.get() + many as u64);
            meter.tell(progress.accepted.get(), progress.read.get(), None, None);
            if many == 0 {
                return Ok::<_, io::Error>(reader);
            }
        }
    };
    let ((writer, resumed), reader) = tokio::try_join!(go_on, drain)?;
    let ends = Ends { writer, reader, sndbuf, rcvbuf };
    stages.extend(resumed);
    stages.push(look(&ends, &progress, When::AllRead));
    Ok(Poured { bytes: u64::from(args.bytes), write: u64::from(args.write), sndbuf, rcvbuf, stuck, stages })
}

/// Writes until all bytes are accepted, or a write cannot proceed. True when one could not.
async fn fill(ends: &mut Ends, args: &Pour, message: &[u8], progress: &Progress<'_>) -> io::Result<bool> {
    let mut still = Still::default();
    while left(args, progress) > 0 {
        let piece = next(args, message, progress);
        if let Ok(many) = timeout(LOOK_EVERY, ends.writer.write(piece)).await {
            progress.accepted.set(progress.accepted.get() + many? as u64);
            still = Still::default();
            continue;
        }
        // The system did not take a single byte. Whether that lasts is seen from the queues.
        let (sender, receiver) = both(ends);
        let queues = (sender.and_then(|end| end.send_queue), receiver.and_then(|end| end.receive_queue));
        progress.meter.tell(progress.accepted.get(), 0, queues.0, queues.1);
        still.look(progress.accepted.get(), sender.as_ref(), receiver.as_ref());
        if still.is_stuck() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn left(args: &Pour, progress: &Progress<'_>) -> usize {
    usize::try_from(u64::from(args.bytes) - progress.accepted.get()).unwrap_or(usize::MAX)
}

fn next<'a>(args: &Pour, message: &'a [u8], progress: &Progress<'_>) -> &'a [u8] {
    &message[..message.len().min(left(args, progress))]
}

/// Nobody waits for ever for bytes that do not move.
async fn standing<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn both(ends: &Ends) -> (Option<Counters>, Option<Counters>) {
    (tcp_info::counters(ends.writer.inner()).ok(), tcp_info::counters(ends.reader.inner()).ok())
}

/// What both kernels say now; it is written down as well.
fn look(ends: &Ends, progress: &Progress<'_>, when: When) -> Stage {
    let (sender, receiver) = both(ends);
    sender.inspect(|sender| ends.writer.recording().counted(*sender));
    receiver.inspect(|receiver| ends.reader.recording().counted(*receiver));
    Stage { when, accepted: progress.accepted.get(), read: progress.read.get(), sender, receiver }
}
