//! One transfer over loopback, with both ends in this process.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use super::BY;
use crate::cli::{Mss, Packets};
use crate::error::Failure;
use crate::evidence::{Counters, Opening, Recorder, Side, Transport, Trouble};
use crate::net::tap::Tap;
use crate::net::tcp_info;
use crate::render::teller::packets::{Counted, Run};

/// How long one transfer may take; over loopback it takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the kernel is asked whether everything has been acknowledged.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Makes it.
pub(super) async fn transfer(recorder: &Recorder, args: &Packets, mss: Mss) -> Result<Run, Failure> {
    match timeout(PATIENCE, transfer_it(recorder, args, mss)).await {
        Ok(Ok(run)) => Ok(run),
        Ok(Err((server, trouble))) => Err(Failure::broken_off(server, trouble)),
        Err(_) => Err(Failure::machine(
            "a transfer over loopback did not come to an end",
            format!("it was given {} seconds and takes milliseconds as a rule", PATIENCE.as_secs()),
        )
        .or_try("try once more, or with fewer --bytes; a machine with much else to do is slow at this, too")),
    }
}

async fn transfer_it(recorder: &Recorder, args: &Packets, mss: Mss) -> Result<Run, (SocketAddr, Trouble)> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = listen(any, mss).map_err(|error| (any, Trouble::from(&error)))?;
    let server = listener.local_addr().map_err(|error| (any, Trouble::from(&error)))?;
    talk(recorder, args, mss, (&listener, server)).await.map_err(|error| (server, Trouble::from(&error)))
}

async fn talk(
    recorder: &Recorder,
    args: &Packets,
    mss: Mss,
    (listener, server): (&TcpListener, SocketAddr),
) -> io::Result<Run> {
    let recording = recorder.open(&Opening::calling(Transport::Tcp, server, BY));
    let socket = socket(mss)?;
    let (sender, accepted) = tokio::join!(socket.connect(server), listener.accept());
    let (sender, (receiver, client)) = (sender?, accepted?);
    recording.opened(Some(client.into()));
    let mut sender = Tap::new(sender, recording);
    let recording = recorder.open(&Opening::answering(Transport::Tcp, client, server, BY));
    recording.opened(None);
    let mut receiver = Tap::new(receiver, recording);

    let opened = [count(&sender), count(&receiver)];
    let message = message(args.bytes);
    let (sent, read) = tokio::join!(write(&mut sender, &message, args.write), read(&mut receiver, args.read));
    read?;
    // Of the receiver nobody knows when it had everything before it knows that there is no more.
    let sent = [sent?, None];
    let finished = [count(&sender), count(&receiver)];
    let (sender, receiver) = (sender.recording().flow(), receiver.recording().flow());
    let counted = |end: usize| Counted { opened: opened[end], sent: sent[end], finished: finished[end] };
    Ok(Run {
        asked_mss: mss.0,
        bytes: u64::from(args.bytes),
        writes: sender.lengths(Side::Client).collect(),
        reads: receiver.lengths(Side::Client).collect(),
        room: u64::from(args.read),
        sender: counted(0),
        receiver: counted(1),
    })
}

fn socket(mss: Mss) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    if let Some(mss) = mss.0 {
        // Without privileges only before there is a connection.
        SockRef::from(&socket).set_tcp_mss(mss)?;
    }
    Ok(socket)
}

fn listen(address: SocketAddr, mss: Mss) -> io::Result<TcpListener> {
    let socket = socket(mss)?;
    socket.bind(address)?;
    socket.listen(1)
}

/// Letters in order, so that whoever looks at the bytes sees where they are.
fn message(len: u32) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(usize::try_from(len).unwrap_or(usize::MAX)).collect()
}

/// Writes everything, waits until the receiver's kernel has it, asks what that took, and finishes.
async fn write(sender: &mut Tap<TcpStream>, message: &[u8], size: u32) -> io::Result<Option<Counters>> {
    for piece in message.chunks(usize::try_from(size).unwrap_or(usize::MAX)) {
        sender.write_all(piece).await?;
    }
    while tcp_info::counters(sender.inner()).is_ok_and(|now| now.send_queue != Some(0)) {
        sleep(LOOK_EVERY).await;
    }
    let sent = count(sender);
    sender.shutdown().await?;
    Ok(sent)
}

/// Reads until the sender has finished.
async fn read(receiver: &mut Tap<TcpStream>, room: u32) -> io::Result<()> {
    let mut buffer = vec![0; usize::try_from(room).unwrap_or(1)];
    while receiver.read(&mut buffer).await? > 0 {}
    Ok(())
}

/// Asks the kernel, and writes down what it says.
fn count(end: &Tap<TcpStream>) -> Option<Counters> {
    let counters = tcp_info::counters(end.inner()).ok();
    counters.inspect(|counters| end.recording().counted(*counters))
}
