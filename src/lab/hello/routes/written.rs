//! A route as a file of routes says it.

use std::time::Duration;

/// A route as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The line it begins in, from 1.
    pub line: usize,
    /// Its method.
    pub method: &'static str,
    /// Its path, or the beginning of many.
    pub path: Path,
    /// The status code, if it says one.
    pub status: Option<u16>,
    /// What Content-Type says.
    pub kind: Kind,
    /// What the answer holds.
    pub content: Content,
    /// How long the answer takes.
    pub delay: Duration,
    /// Further fields: the line, the name and the value.
    pub fields: Vec<(usize, String, String)>,
}

/// What a route is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Path {
    /// This path and no other.
    Exact(String),
    /// Every path that begins so; written with a star at the end.
    Below(String),
}

/// What Content-Type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// What is usual for such content.
    Usual,
    /// There is no such field.
    Unsaid,
    /// This.
    Named(String),
}

/// What an answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing was said about it.
    Unsaid,
    /// This text.
    Text(String),
    /// What is in the file of this name, which was written in this line.
    File(usize, String),
}
