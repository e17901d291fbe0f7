//! A site from a file: which paths there are and what they answer, written without code.
//!
//! ```text
//! # a note
//! GET /seed-a-plant
//!   say 🌱 Plant seeded!
//!
//! POST /notes
//!   status 201
//!   field  Location: /notes/1
//!   delay  500ms
//!   say
//!     <p>Several lines,
//!     as they stand.</p>
//!   type   text/html; charset=utf-8
//! ```
//!
//! Reading order: [`written`] (what a file says), [`read`] (its lines), [`words`] (what may stand below a route), [`load`] (the files that a
//! route sends), [`table`] (from a path and a method to an answer), and [`kept`], the site: it keeps an eye on the file
//! and takes what was saved, unless it cannot be read.

pub mod kept;
pub mod load;
pub mod read;
pub mod table;
pub mod words;
pub mod written;
