//! Sockets, all of them tapped: whatever passes through is written down as evidence.
//!
//! Nothing here prints or decides. Reading order: [`tap`] (the layer that records), [`link`] (a recorded stream, whatever
//! it is made of; [`tls`] is what it takes to keep it secret), [`dial`] (opening
//! a TCP connection; [`origin`] is where it comes from, [`leaving`] when small writes leave, [`finish`] how the
//! other side's end is learned before reading, [`receipts`] what became of each write, [`parting`] what became of the last words), [`datagram`] (UDP; [`callers`] is its waiting end),
//! [`ask`] (one DNS question), [`resolve`] (names to addresses).
//!
//! What this machine itself has: [`interfaces`] (its addresses),
//! [`sockets`] (who listens and who is connected), [`descriptors`] (how many files and sockets may be open),
//! [`lacking`] (what not every machine has).

pub mod ask;
pub mod callers;
pub mod clock;
pub mod datagram;
pub mod descriptors;
pub mod dial;
pub mod finish;
pub mod interfaces;
pub mod lacking;
pub mod leaving;
pub mod link;
pub mod origin;
pub mod parting;
pub mod receipts;
pub mod resolve;
pub mod route;
pub mod sockets;
pub mod system;
pub mod tap;
pub mod tcp_info;
pub mod tls;
pub mod zone;
