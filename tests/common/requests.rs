//! Requests that lead into every corner of the grammar, and those of the corpora where they are at hand.

use std::path::PathBuf;

use super::corpus::jsonl;

/// Our own, each with the row of the grammar it tries in front.
const OWN: &[(&str, &str)] = &[
    ("a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    (
        "two requests",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /seed-a-plant?colour=green HTTP/1.1\r\nHost: a:7777\r\nX-Empty:\r\n\r\n",
    ),
    ("empty lines in front", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("an empty line and nothing else", "\r\n"),
    ("an empty line of LF", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"),
    ("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
    ("HTTP/1.2 without Host", "GET / HTTP/1.2\r\n\r\n"),
    ("HTTP/0.9", "GET /\r\n\r\n"),
    ("HTTP/0.9 written out", "GET / HTTP/0.9\r\n\r\n"),
    ("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    ("small http", "GET / http/1.1\r\nHost: a\r\n\r\n"),
    ("another word", "GET / TEAPOT/1.1\r\nHost: a\r\n\r\n"),
    ("two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
    ("HTTP/2 by its preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("TLS", "\u{16}\u{3}\u{1}\u{0}\u{5}hello"),
    ("a response", "HTTP/1.1 200 OK\r\n\r\n"),
    ("no HTTP", "\u{1}\u{2}\u{3}\r\n"),
    ("one word", "GET\r\n"),
    ("one word and a space", "GET \r\n"),
    ("no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("two spaces behind the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a tab", "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a space last", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
    ("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a byte in the target", "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a byte in the method", "G\u{e9}T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("small method", "get / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("LF ends the first line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    ("no slash", "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a query alone", "GET ?a HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a fragment", "GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("* for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("* for OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a whole URL", "GET http://a.test/b?c HTTP/1.1\r\nHost: b\r\n\r\n"),
    ("a whole URL with a user", "GET http://u:p@a.test/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a whole URL without a host", "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a whole URL with a bad port", "GET http://a.test:b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a whole URL of ftp", "GET ftp://u@a.test/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a whole URL of https", "GET https://a.test/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("CONNECT", "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"),
    ("CONNECT without a port", "CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("no Host", "GET / HTTP/1.1\r\n\r\n"),
    ("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    ("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    ("a port alone", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
    ("half an escape", "GET / HTTP/1.1\r\nHost: a%2\r\n\r\n"),
    ("brackets around no address", "GET / HTTP/1.1\r\nHost: [zz]\r\n\r\n"),
    ("an address with a zone", "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n"),
    ("a large port", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"),
    ("a Host with a space", "GET / HTTP/1.1\r\nHost: a b/\r\n\r\n"),
    ("a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
    ("a fold", "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n"),
    ("a fold first", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    ("a line of spaces", "GET / HTTP/1.1\r\nHost: a\r\n  \r\n\r\n"),
    ("no colon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n"),
    ("no name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"),
    ("brackets in a name", "GET / HTTP/1.1\r\nHost: a\r\nX[]: b\r\n\r\n"),
    ("NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nA: b\0c\r\n\r\n"),
    ("CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n"),
    ("LF ends a field", "GET / HTTP/1.1\r\nHost: a\nA: b\r\n\r\n"),
    ("LF ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
    ("space around a value", "GET / HTTP/1.1\r\nHost: \t a \t \r\nA: caf\u{e9}\r\n\r\n"),
    ("content", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
    ("two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    ("a length twice", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello"),
    ("a length with a sign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"),
    ("a huge length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"),
    (
        "length and coding",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    ("coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (
        "a parameter of chunked",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    ),
    ("holes around chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: , chunked ,\r\n\r\n0\r\n\r\n"),
    ("an empty coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n"),
    ("an unknown coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: blegh\r\n\r\n0\r\n\r\n"),
    ("gzip, chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("chunked, gzip", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    (
        "chunked twice",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    ("an expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\n\r\n"),
    (
        "content that nobody wants",
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    ),
    ("somebody else's", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
    (
        "an upgrade",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
];

/// Content in chunks.
pub const CHUNKED: &[&[u8]] = &[
    b"5;a=b\r\nhello\r\n12 ; x = \"y;\\\"\"\r\n0123456789abcdef01\r\n000\r\nDigest: x\r\nEmpty:\r\n\r\n",
    b"5;\r\nhello\r\n0\r\n\r\n",
    b"5;a b\r\nhello\r\n0\r\n\r\n",
    b"5;a=\"b\r\nhello\r\n0\r\n\r\n",
    b"5;a=b \r\nhello\r\n0\r\n\r\n",
    b"5   \r\nhello\r\n0   \r\n\r\n",
    b"5 5\r\nhello\r\n0\r\n\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n",
    b";a\r\nhello\r\n0\r\n\r\n",
    b"\r\nhello\r\n0\r\n\r\n",
    b"5\rX",
    b"5\nhello\r\n0\r\n\r\n",
    b"5\r\nhello\n0\r\n\r\n",
    b"5\r\nhelloXX0\r\n\r\n",
    b"5\r\nhello\r\n0\n\n",
    b"0\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"0\r\nGET / HTTP/1.1\r\n\r\n",
    b"0\r\n folded: x\r\n\r\n",
    b"0\r\nA: b\r\n c\r\n\r\n",
    b"0\r\nA: b\n\r\n",
    b"0\r\nA\0: b\r\n\r\n",
    b"FFFFFFFFFFFFFFFF\r\nx",
    b"1FFFFFFFFFFFFFFFF\r\nx",
    b"00000000000000005\r\nhello\r\n0\r\n\r\n",
];

/// All of them, each with a name.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let own = OWN.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunked =
        CHUNKED.iter().enumerate().map(|(at, body)| (format!("chunks {at}"), [head, *body].concat()));
    own.chain(chunked).chain(corpora()).collect()
}

fn corpora() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = std::env::var_os("NETLAB_CORPORA") else {
        println!("skipped: NETLAB_CORPORA is not set, so only our own requests are tried");
        return Vec::new();
    };
    let folder = PathBuf::from(folder).join("http");
    let files = ["rfc9112-requests.jsonl", "llhttp-requests.jsonl"];
    let cases = files.iter().flat_map(|file| jsonl(&folder.join(file)));
    let mut all: Vec<_> = cases.map(|case| (case.id, case.bytes)).collect();
    // Those of llhttp have no Host, and a server looks at nothing else before it has missed that.
    let hosted = all.iter().filter_map(|(name, bytes)| {
        let line = bytes.windows(2).position(|two| two == b"\r\n")? + 2;
        let bytes = [&bytes[..line], b"Host: a\r\n", &bytes[line..]].concat();
        Some((format!("{name} with a Host"), bytes))
    });
    let hosted: Vec<_> = hosted.collect();
    all.extend(hosted);
    all
}
