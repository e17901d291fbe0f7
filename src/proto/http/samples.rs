//! Messages in which every field of HTTP occurs: each known header field once, and each way content is carried.

use super::super::row::Sample;
use super::super::stream::Sender;
use super::known;

/// What is written by hand: the forms of a target, the ways content ends, and a trailer.
const REQUESTS: [&[u8]; 4] = [
    b"POST /a?b=c HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nz",
    b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n",
];
const RESPONSES: [&[u8]; 3] = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-a\r\n\r\n1;a=b\r\nz\r\n0\r\nx-a: b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nz",
];

pub(super) fn all() -> Vec<Sample> {
    let lines: String = known::names().map(|name| format!("{name}: x\r\n")).collect();
    let request = format!("GET / HTTP/1.1\r\n{lines}\r\n").into_bytes();
    let response = format!("HTTP/1.1 200 OK\r\n{lines}\r\n").into_bytes();
    let requests = REQUESTS.iter().map(|bytes| Sample::stream(Sender::Client, *bytes));
    let responses = RESPONSES.iter().map(|bytes| Sample::stream(Sender::Server, *bytes));
    let known = [Sample::stream(Sender::Client, request), Sample::stream(Sender::Server, response)];
    requests.chain(responses).chain(known).collect()
}
