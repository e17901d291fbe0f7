//! The toolkit: what text is made of, whatever it tells of.
//!
//! [`safe`] is how bytes from outside are shown, [`look`] what kind of terminal this is, [`screen`] where text
//! goes, [`role`] what a piece of it is, [`cells`] are columns, [`rulers`] measures; [`markdown`] lays prose out.

pub mod caret;
pub mod cells;
pub mod failure;
pub mod hex;
pub mod layers;
pub mod look;
pub mod markdown;
pub mod role;
pub(super) mod rows;
pub mod rulers;
pub mod safe;
pub mod screen;
pub mod words;
