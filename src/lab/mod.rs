//! The lab: the private internet that lives in this process, on loopback.
//!
//! Reading order: [`serve`] (the one accept loop and the one trait; [`workers`] are the threads), then a file for each service:
//! [`echo`], [`daytime`], [`here`], [`tally`], [`hello`] (HTTP), [`dns`]; [`zone`] says which names there are and [`up`]
//! starts them all. [`window`] keeps the last requests of a server, and [`watch`] is the page that shows them. [`relay`]
//! stands between clients and a service, and [`faults`] decides what gets lost there.

pub mod daytime;
pub mod dns;
pub mod echo;
pub mod faults;
pub mod found;
pub mod guests;
pub mod hello;
pub mod here;
pub mod log;
pub mod nonce;
pub mod relay;
pub mod serve;
pub mod tally;
pub mod up;
pub mod watch;
pub mod window;
pub mod workers;
pub mod zone;
