//! A request whose head holds to the rules, as a site sees it. Everything in it is a part of the bytes that came.

use std::net::SocketAddr;

/// A request that may be answered.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method, as sent; they are case-sensitive.
    pub method: &'a str,
    /// The target, as sent.
    pub target: &'a str,
    /// Its path, without the query. `*` for `OPTIONS *`.
    pub path: &'a str,
    /// What is behind the question mark.
    pub query: Option<&'a str>,
    /// The name that was asked for, without a port, from a target that is a whole URL or else from Host.
    /// Empty when neither says.
    pub host: &'a str,
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and later ones of its kind.
    pub minor: u8,
    /// The field lines.
    pub fields: Fields<'a>,
    /// Who asks.
    pub client: SocketAddr,
    /// The address of this machine it came to.
    pub server: SocketAddr,
}

/// Field lines, asked by name.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(pub(super) &'a [httparse::Header<'a>]);

impl<'a> Fields<'a> {
    /// The values of all lines of this name, without the space around them.
    pub fn all<'n>(&self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        let lines = self.0.iter().filter(move |line| line.name.eq_ignore_ascii_case(name));
        lines.map(|line| line.value.trim_ascii())
    }

    /// The value, if there is exactly one line of this name.
    #[must_use]
    pub fn only(&self, name: &str) -> Option<&'a [u8]> {
        let mut all = self.all(name);
        all.next().filter(|_| all.next().is_none())
    }

    /// Every line, as name and value.
    pub fn lines(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.0.iter().map(|line| (line.name, line.value.trim_ascii()))
    }
}
