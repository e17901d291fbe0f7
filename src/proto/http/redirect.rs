//! Redirects: where an answer points, and what becomes of the request there (RFC 9110 §15.4).
//!
//! ```text
//! 301 308   for good      308 307   the same request again
//! 302 307   for now       301 302   the same, but POST has become GET by old habit
//! 303       the answer is another page, to be fetched with GET
//! ```
//!
//! Location may be a whole URL or a reference, which means what it means in the page at the URL of the request
//! (RFC 3986 §5).
//!
//! ```
//! use netlab::proto::http::HTTP;
//! use netlab::proto::http::message::messages;
//! use netlab::proto::http::redirect::Redirect;
//! use netlab::proto::stream::{Carriage, Sender, Stream};
//!
//! let bytes = b"HTTP/1.1 303 See Other\r\nLocation: ../thanks?for=1\r\nContent-Length: 0\r\n\r\n";
//! let fields = HTTP.dissect(Stream::alone(bytes, Sender::Server, Carriage::Stream));
//! let from = "http://shop.test/cart/pay".parse().expect("it is a URL");
//! let redirect = Redirect::of(&messages(&fields)[0], "POST", &from).expect("303 is a redirect");
//! assert_eq!(redirect.to.expect("it has a target").as_str(), "http://shop.test/thanks?for=1");
//! assert_eq!(redirect.method, "GET");
//! ```

use url::Url;

use super::message::Message;

/// An answer that says: elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
    /// The value of Location, as sent.
    pub said: Option<Vec<u8>>,
    /// Where it leads.
    pub to: Result<Url, Lost>,
    /// The method of the next request.
    pub method: String,
    /// Whether that one has the content of this one.
    pub keeps_content: bool,
}

/// Why a redirect leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// There is no Location.
    Unsaid,
    /// There are several, and they differ.
    Several,
    /// Its value is no URL and no reference to one.
    Unreadable,
}

impl Redirect {
    /// What this response says to a request of `method` for `from`; none when it is no redirect.
    #[must_use]
    pub fn of(response: &Message<'_, '_>, method: &str, from: &Url) -> Option<Self> {
        let status = response.status().filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308))?;
        let mut said = response.fields().filter(|(name, _)| name.eq_ignore_ascii_case(b"location"));
        let first = said.next().map(|(_, value)| value);
        let differs = said.any(|(_, value)| Some(value) != first);
        let to = match first {
            None => Err(Lost::Unsaid),
            Some(_) if differs => Err(Lost::Several),
            Some(value) => resolved(value, from),
        };
        let becomes_get = match status {
            301 | 302 => method == "POST",
            303 => method != "GET" && method != "HEAD",
            _ => false,
        };
        Some(Self {
            status,
            said: first.map(<[u8]>::to_vec),
            to,
            method: if becomes_get { "GET".to_owned() } else { method.to_owned() },
            keeps_content: !becomes_get,
        })
    }

    /// Whether it is meant to last.
    #[must_use]
    pub fn is_for_good(&self) -> bool {
        matches!(self.status, 301 | 308)
    }

    /// Whether Location had to be put together with the URL of the request.
    #[must_use]
    pub fn is_relative(&self) -> bool {
        let said = self.said.as_deref().map(String::from_utf8_lossy);
        said.is_some_and(|said| Url::parse(&said) == Err(url::ParseError::RelativeUrlWithoutBase))
    }
}

/// The URL a reference means at `from`; the fragment of the request goes along when it has none (RFC 9110 §10.2.2).
fn resolved(value: &[u8], from: &Url) -> Result<Url, Lost> {
    let text = std::str::from_utf8(value).map_err(|_| Lost::Unreadable)?;
    // The parser forgives bytes that no URL has, and a client should not.
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Lost::Unreadable);
    }
    let mut to = from.join(text).map_err(|_| Lost::Unreadable)?;
    if to.fragment().is_none() {
        to.set_fragment(from.fragment());
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::{Lost, resolved};

    /// The examples of RFC 3986 §5.4, normal and abnormal, as far as http has them.
    #[test]
    fn references_are_resolved_as_the_rfc_does() {
        let base = "http://a/b/c/d;p?q".parse().unwrap();
        for (reference, wanted) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("g;x=1/../y", "http://a/b/c/y"),
        ] {
            assert_eq!(resolved(reference.as_bytes(), &base).unwrap().as_str(), wanted, "{reference}");
        }
    }

    #[test]
    fn what_is_no_reference_leads_nowhere() {
        let base = "http://a/".parse().unwrap();
        for bad in [b"".as_slice(), b"http://[", b"http://a:99999/", b"\xff", b"a\x1bb", b"http://"] {
            assert_eq!(resolved(bad, &base), Err(Lost::Unreadable), "{bad:?}");
        }
    }

    #[test]
    fn a_fragment_goes_along() {
        let base = "http://a/x#part".parse().unwrap();
        assert_eq!(resolved(b"/y", &base).unwrap().as_str(), "http://a/y#part");
        assert_eq!(resolved(b"/y#other", &base).unwrap().as_str(), "http://a/y#other");
    }
}
