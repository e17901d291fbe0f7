//! The asking side of protocols, over a connection that is there: requests out, answers in, as events.
//!
//! A client says what happened and shows nothing. Whoever drives it, a verb with a screen or a test without one, takes
//! its events; what went wrong is data, and words are found for it elsewhere.

pub mod http;
mod requests;
pub mod stop;
