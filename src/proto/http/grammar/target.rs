//! The request-target (RFC 9112 §3.2): which of four forms it has, and which rules it breaks.
//!
//! ```text
//! origin-form    = absolute-path [ "?" query ]     /seed-a-plant?colour=green    to the server itself
//! absolute-form  = scheme "://" authority path...  http://hello.test/            to a proxy
//! authority-form = host ":" port                   hello.test:443                with CONNECT
//! asterisk-form  = "*"                             *                             with OPTIONS
//! ```

use super::super::facts::Method;
use super::super::rules;
use super::super::scan::place;
use super::host;
use super::{Fault, Rule};

/// The form of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Origin,
    /// A whole URL: how long its scheme is, and where its authority ends.
    Absolute {
        scheme: usize,
        authority: usize,
    },
    Authority,
    Asterisk,
    /// None of the four.
    Odd,
}

impl Form {
    /// The form that a target with this method has.
    pub fn of(text: &[u8], method: Method) -> Self {
        match text {
            b"*" => Self::Asterisk,
            _ if method == Method::Connect => Self::Authority,
            [b'/', ..] => Self::Origin,
            _ => scheme(text).map_or(Self::Odd, |scheme| {
                let from = scheme + DELIMITER;
                let end = text[from..].iter().position(|byte| b"/?#".contains(byte));
                Self::Absolute { scheme, authority: end.map_or(text.len(), |end| from + end) }
            }),
        }
    }
}

/// The bytes of `://`.
pub(crate) const DELIMITER: usize = 3;

/// The length of the scheme, when the target is a whole URL (RFC 3986 §3.1).
fn scheme(text: &[u8]) -> Option<usize> {
    let end = text.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte))?;
    let fits = text.first().is_some_and(u8::is_ascii_alphabetic) && text[end..].starts_with(b"://");
    fits.then_some(end)
}

/// The rule that a part of a target breaks by holding bytes that no URL holds.
pub(crate) fn odd_byte(text: &[u8]) -> Option<Rule> {
    match text.iter().find(|byte| !byte.is_ascii_graphic())? {
        b' ' => Some(&rules::TARGET_SPACE),
        _ => Some(&rules::TARGET_BYTE),
    }
}

/// The rule that `*` breaks with this method.
pub(crate) fn asterisk(method: Method) -> Option<Rule> {
    (method != Method::Options).then_some(&rules::ASTERISK)
}

/// The rule that the target of CONNECT breaks. Its port has to be one (RFC 9110 §9.3.6).
pub(crate) fn tunnel(text: &[u8]) -> Option<Rule> {
    let port = host::split(text).and_then(|(_, port)| std::str::from_utf8(port).ok());
    let fits = port.is_some_and(|port| port.parse::<u16>().is_ok());
    (!fits).then_some(&rules::AUTHORITY)
}

/// The rule that the authority of a URL with this scheme breaks. Of other schemes than http and https nothing is known.
pub(crate) fn authority(scheme: &[u8], text: &[u8]) -> Option<Rule> {
    if !is_http(scheme) {
        return None;
    }
    match text {
        b"" => Some(&rules::URL_HOSTLESS),
        _ if text.contains(&b'@') => Some(&rules::URL_USER),
        _ if host::split(text).is_none_or(|(host, _)| host.is_empty()) => Some(&rules::URL_HOST),
        _ => None,
    }
}

/// Whether the scheme is one of HTTP's; letter case does not count.
pub(crate) fn is_http(scheme: &[u8]) -> bool {
    scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https")
}

/// The first rule that a whole target breaks; it is not empty.
pub(crate) fn fault(text: &[u8], method: Method) -> Option<Fault> {
    let odd = || {
        let at = text.iter().position(|byte| !byte.is_ascii_graphic())?;
        odd_byte(text).map(|rule| Fault::at(rule, at))
    };
    let fragment = || place(text, b'#').map(|at| Fault::at(&rules::FRAGMENT, at));
    match Form::of(text, method) {
        Form::Asterisk => asterisk(method).map(|rule| Fault::at(rule, 0)),
        Form::Authority => odd().or_else(|| tunnel(text).map(|rule| Fault::at(rule, 0))),
        Form::Origin => odd().or_else(fragment),
        Form::Absolute { scheme, authority: end } => {
            let from = scheme + DELIMITER;
            let rule = authority(&text[..scheme], &text[from..end]);
            let at = if end > from { from } else { scheme };
            odd().or(rule.map(|rule| Fault::at(rule, at))).or_else(fragment)
        }
        Form::Odd => odd().or(Some(Fault::at(&rules::TARGET_FORM, 0))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::{Fault, Method, fault, rules};

    #[test]
    fn a_target_has_four_forms() {
        for (method, target) in [
            ("GET", "/a?b=c"),
            ("GET", "http://a.test/b"),
            ("GET", "HTTP://a.test:80?q"),
            ("GET", "ftp://u@/"),
            ("OPTIONS", "*"),
            ("CONNECT", "a.test:443"),
        ] {
            assert_eq!(fault(target.as_bytes(), Method::of(method.as_bytes())), None, "{method} {target}");
        }
    }

    #[test]
    fn what_is_none_of_them_breaks_a_rule() {
        let cases: [(&str, &str, Rule, u64); 12] = [
            ("GET", "*", &rules::ASTERISK, 0),
            ("GET", "index.html", &rules::TARGET_FORM, 0),
            ("GET", "a.test:80", &rules::TARGET_FORM, 0),
            ("GET", "/a b", &rules::TARGET_SPACE, 2),
            ("GET", "/\u{e9}", &rules::TARGET_BYTE, 1),
            ("GET", "/a#b", &rules::FRAGMENT, 2),
            ("GET", "http:///", &rules::URL_HOSTLESS, 4),
            ("GET", "https://u@a.test/", &rules::URL_USER, 8),
            ("GET", "http://a:b/", &rules::URL_HOST, 7),
            ("GET", "http://[zz]/", &rules::URL_HOST, 7),
            ("CONNECT", "a.test", &rules::AUTHORITY, 0),
            ("CONNECT", "a.test:99999", &rules::AUTHORITY, 0),
        ];
        for (method, target, rule, at) in cases {
            let found = fault(target.as_bytes(), Method::of(method.as_bytes()));
            assert_eq!(found, Some(Fault { rule, at }), "{method} {target}");
        }
    }
}
