//! Sockets, all of them tapped: whatever passes through is written down as evidence.
//!
//! Nothing here prints or decides. Reading order: [`tap`] (the layer that records), [`dial`] (opening
//! a TCP connection), [`datagram`] (UDP), [`ask`] (one DNS question), [`resolve`] (names to addresses), [`holder`] (who has a port).

pub mod ask;
pub mod clock;
pub mod datagram;
pub mod dial;
pub mod holder;
pub mod resolve;
pub mod route;
pub mod system;
pub mod tap;
