//! The lab and its servers: where they listen, what they say of each request, and who may call.

pub mod certificate;
pub mod doors;
pub mod exposed;
pub mod faulty;
pub mod server;
