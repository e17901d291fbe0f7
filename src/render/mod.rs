//! Evidence and fields become text.
//!
//! Only this layer (and `main`) writes to the terminal. A room for each kind of thing that is shown; [`text`] is the
//! toolkit of them all.

pub mod text;
pub mod tree;

pub mod teller;

pub mod class;
pub mod course;
pub mod lab;
pub mod machine;
pub mod page;
pub mod probe;

pub mod json;
