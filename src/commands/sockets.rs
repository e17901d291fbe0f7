//! `netlab sockets`: who listens and who is connected on this machine.

use super::context::Context;
use crate::cli::Sockets as Args;
use crate::error::{Exit, Failure};
use crate::evidence::Transport;
use crate::net::sockets::{Socket, sockets};
use crate::render::machine::sockets as shown;

/// Shows the sockets that were asked for.
///
/// # Errors
/// When this system does not tell.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let found = sockets(|socket| is_wanted(args, socket)).map_err(|why| {
        Failure::machine("this machine's sockets cannot be read", why)
            .or_try("ask the system: netstat -an, or lsof -i -n -P where it is there")
    })?;
    shown::show(&context.screen, &found, args.port);
    Ok(Exit::Done)
}

fn is_wanted(args: &Args, socket: &Socket) -> bool {
    let has =
        |port: u16| socket.local.port() == port || socket.remote.is_some_and(|remote| remote.port() == port);
    let left_out = match socket.transport {
        Transport::Tcp => args.udp,
        Transport::Udp => args.tcp,
    };
    !left_out && args.port.is_none_or(has) && (!args.listening || socket.is_listening())
}
