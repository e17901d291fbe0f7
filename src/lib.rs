//! netlab teaches networking by doing: real sockets, real bytes, every byte explained, every claim
//! checked against evidence.
//!
//! A tour, from the ground up; imports run downwards only:
//!
//! - [`proto`]: what bytes mean. Pure. Start with [`proto::field`] and [`proto::reader`].
//! - [`evidence`]: what happened: flows, events, and the journal they are kept in.
//! - [`meaning`]: where the two meet: the fields of a flow.
//! - [`error`] and [`state`]: failures that teach; where things are kept.
//! - [`probe`]: what a strict client asks of a web server, and what it makes of the answers. Pure.
//! - [`net`]: sockets, all of them recorded.
//! - [`client`]: the asking side of protocols, without a word to the screen.
//! - [`lab`]: the private internet on loopback.
//! - [`render`]: evidence and fields as text.

//! - [`lessons`]: the course as data, judged by evidence.
//! - [`commands`]: one file a verb. [`cli`] and [`help`]: what can be typed;
//!   [`terminal`]: where the answer goes.

pub mod cli;
pub mod client;
pub mod commands;
pub mod error;
pub mod evidence;
pub mod help;
pub mod lab;
pub mod lessons;
pub mod meaning;
pub mod net;
pub mod probe;
pub mod proto;
pub mod render;
pub mod state;
pub mod terminal;
