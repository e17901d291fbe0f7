//! What TLS needs beside the stream itself: [`trust`] (whom a client believes), [`fault`] (what goes wrong, as data). The
//! stream is [`Secured`](super::link::secured::Secured). Nothing of it is made before somebody uses it.

pub mod fault;
pub mod trust;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};

/// The one set of ciphers, and there is no other in the program.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
