//! This machine: its addresses and its sockets.

pub mod addresses;
pub mod sockets;
