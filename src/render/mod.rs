//! Evidence and fields become text.
//!
//! Only this layer (and `main`) writes to the terminal. Reading order: [`safe`] (how bytes from
//! outside are shown), [`look`] (what kind of terminal this is, decided once), [`screen`] (where text
//! goes), [`cells`] (columns), then a file for each thing that is shown.

pub mod addresses;
pub mod beside;
pub mod caret;
pub mod cells;
mod charset;
pub mod class;
pub mod class_csv;
pub mod class_json;
pub mod clients;
pub mod coach;
pub mod compare;
pub mod content;
pub mod cuts;
pub mod dialogue;
pub mod doors;
pub mod explained;
pub mod exposed;
pub mod failure;
pub mod faulty;
pub mod findings;
pub mod flows;
pub mod handin;
pub mod handovers;
pub mod hex;
pub mod journey;
pub mod json;
pub mod lesson;
pub mod look;
pub mod lookup;
pub mod markdown;
pub mod narrator;
pub mod new_lesson;
pub mod notebook;
pub mod notebook_md;
pub mod noticed;
pub mod packets;
mod passing;
pub mod phases;
pub mod pour;
pub mod probe;
pub mod receipts;
pub mod redirect;
pub mod relay;
pub mod review;
mod rows;
pub mod rulers;
pub mod safe;
pub mod screen;
pub mod server;
pub mod session;
pub mod sockets;
pub mod tree;
pub mod verdict;
pub mod welcome;
pub mod wire;
pub mod words;
