//! The lab: the private internet that lives in this process, on loopback.
//!
//! Reading order: [`serve`] (the one accept loop, and the shape of a service; [`workers`] are the threads) and [`answers`] (the
//! same for datagrams), then a file for each service: [`echo`], [`daytime`], [`here`], [`tally`], [`hello`] (HTTP; [`web`] are
//! the lab's sites), [`dns`] with its [`zone`]. [`table`] has a [`row`] for each: its names, its doors, how it starts. [`up`]
//! starts them all, [`addresses`] says where they are, and [`found`] tells other processes. [`secure`] is a door where TLS is
//! spoken, and [`ca`] says whose certificates are shown there.
//!
//! [`window`] keeps the last requests of a server, and [`watch`] is the page that shows them. [`relay`] stands between
//! clients and a service, and [`faults`] decides what gets lost there.

pub mod addresses;
pub mod answers;
pub mod ca;
pub mod daytime;
pub mod dns;
pub mod echo;
pub mod entry;
pub mod faults;
pub mod finger;
pub mod found;
pub mod guests;
pub mod hello;
pub mod here;
pub mod log;
pub mod nonce;
pub mod relay;
pub mod row;
pub mod secure;
pub mod serve;
pub mod splice;
pub mod table;
pub mod tally;
pub mod up;
pub mod watch;
pub mod web;
pub mod window;
pub mod workers;
pub mod zone;
