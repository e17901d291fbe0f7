//! The same numbers from the socket itself. The kernel's tables forget a connection that is over, and know only its
//! addresses while it lies in TIME-WAIT; the socket has its counts for as long as a program has it open.

use std::io;

use nix::getsockopt_impl;
use nix::sys::socket::GetSockOpt;
use nix::sys::socket::sockopt::GetStruct;
use tokio::net::TcpStream;

/// How much of `struct tcp_info` is asked for: up to the segments with data. Kernels since 4.6 have it.
const INFO: usize = 160;

#[derive(Clone, Copy)]
struct TcpInfo;

getsockopt_impl!(TcpInfo, libc::IPPROTO_TCP, libc::TCP_INFO, [u8; INFO], GetStruct<[u8; INFO]>);

/// `struct tcp_info`. To be asked only where the kernel's own is not shorter than what is asked for.
pub(super) fn info(stream: &TcpStream) -> io::Result<Vec<u8>> {
    Ok(TcpInfo.get(stream)?.to_vec())
}
