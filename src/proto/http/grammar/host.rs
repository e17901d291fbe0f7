//! A host and perhaps a port (RFC 9110 §7.2, RFC 3986 §3.2.2).
//!
//! ```text
//! Host       = uri-host [ ":" port ]                   hello.test:7777      [::1]:80
//! uri-host   = IP-literal / IPv4address / reg-name
//! IP-literal = "[" ( IPv6address / IPvFuture ) "]"
//! reg-name   = *( unreserved / pct-encoded / sub-delims )
//! port       = *DIGIT
//! ```
//!
//! A port is digits, however many; that there is none above 65535 is TCP's affair. A zone (`%eth0`) means something on
//! one machine only and is never sent (RFC 6874 §4).

use std::net::Ipv6Addr;

use super::super::scan::{is_host_byte, place};

/// The host and the port, which is empty when there is none; nothing if the bytes are neither. A host may be empty,
/// but none with a port is (RFC 9110 §4.2.1).
pub(crate) fn split(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let (host, rest) = value.split_at(host_len(value)?);
    let port = match rest.split_first() {
        None => rest,
        Some((b':', port)) if !host.is_empty() => port,
        Some(_) => return None,
    };
    port.iter().all(u8::is_ascii_digit).then_some((host, port))
}

/// How long the host in front is.
fn host_len(value: &[u8]) -> Option<usize> {
    if let Some(literal) = value.strip_prefix(b"[") {
        let end = place(literal, b']')?;
        return is_address(&literal[..end]).then_some(end + 2);
    }
    let mut at = 0;
    loop {
        match value.get(at..)? {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => at += 3,
            [byte, ..] if is_host_byte(*byte) => at += 1,
            _ => return Some(at),
        }
    }
}

/// Whether the bytes may stand in the brackets around an address: one of IPv6, or of a version to come.
fn is_address(inside: &[u8]) -> bool {
    match inside {
        [b'v' | b'V', future @ ..] => {
            let digits = future.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            let fits = |byte: &u8| is_host_byte(*byte) || *byte == b':';
            let rest = future[digits..].strip_prefix(b".");
            digits > 0 && rest.is_some_and(|rest| !rest.is_empty() && rest.iter().all(fits))
        }
        _ => std::str::from_utf8(inside).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for (good, host, port) in [
            ("", "", ""),
            ("a", "a", ""),
            ("hello.test:8080", "hello.test", "8080"),
            ("127.0.0.1:80", "127.0.0.1", "80"),
            ("a%20b", "a%20b", ""),
            ("a:", "a", ""),
            ("a:99999", "a", "99999"),
            ("[::1]", "[::1]", ""),
            ("[::1]:7777", "[::1]", "7777"),
            ("[v1.a:b]", "[v1.a:b]", ""),
        ] {
            let split = split(good.as_bytes());
            assert_eq!(split, Some((host.as_bytes(), port.as_bytes())), "{good}");
        }
        for bad in [
            "a b",
            "a/",
            "a:b",
            "a:80:80",
            "a@b",
            "a%2",
            "a%zz",
            "a\u{e9}",
            ":80",
            ":",
            "::1",
            "[::1",
            "[]",
            "[zz]",
            "[::1]x",
            "[fe80::1%25eth0]",
            "[1.2.3.4]",
            "[v.a]",
            "[v1.]",
        ] {
            assert_eq!(split(bad.as_bytes()), None, "{bad}");
        }
    }
}
