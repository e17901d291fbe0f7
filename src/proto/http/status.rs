//! Status codes: RFC 9110 §15 and the registered ones met in practice.
//!
//! ```text
//! status-code = 3DIGIT        the first digit is the class:
//! 1xx go on   2xx done   3xx elsewhere   4xx the client's mistake   5xx the server's
//! ```

use super::super::field::Code;

/// The reason phrase that usually goes with a status code; empty for one without a name.
///
/// ```
/// assert_eq!(netlab::proto::http::status::reason(404), "Not Found");
/// ```
#[must_use]
pub fn reason(status: u16) -> &'static str {
    STATUS_CODES.iter().find(|code| code.value == u32::from(status)).map_or("", |code| code.name)
}

const fn code(value: u32, name: &'static str, meaning: &'static str) -> Code {
    Code::new(value, name, meaning)
}

/// Every status code netlab has a sentence for, by number.
#[rustfmt::skip]
pub static STATUS_CODES: &[Code] = &[
    code(100, "Continue", "go on and send the content; the real answer follows"),
    code(101, "Switching Protocols", "from here on this connection speaks the protocol named in Upgrade"),
    code(102, "Processing", "still working on it").by("RFC 2518 §10.1"),
    code(103, "Early Hints", "fields the answer will probably have, so that the client can begin to fetch").by("RFC 8297 §2"),
    code(200, "OK", "it worked, and here is the result"),
    code(201, "Created", "something new exists now, usually at Location"),
    code(202, "Accepted", "taken in, but not done yet"),
    code(203, "Non-Authoritative Information", "it worked, and a proxy has changed the answer"),
    code(204, "No Content", "it worked, and there is nothing to send back"),
    code(205, "Reset Content", "it worked; clear the form"),
    code(206, "Partial Content", "here is the range that was asked for"),
    code(207, "Multi-Status", "several results, each with a status of its own").by("RFC 4918 §11.1"),
    code(300, "Multiple Choices", "there are several versions; choose one"),
    code(301, "Moved Permanently", "it lives at Location from now on"),
    code(302, "Found", "it is at Location for now"),
    code(303, "See Other", "fetch the result from Location with GET"),
    code(304, "Not Modified", "the copy you have is still good"),
    code(305, "Use Proxy", "deprecated: ask through a proxy"),
    code(307, "Temporary Redirect", "send the same request to Location for now"),
    code(308, "Permanent Redirect", "send the same request to Location from now on"),
    code(400, "Bad Request", "the server could not make sense of the request"),
    code(401, "Unauthorized", "show who you are first, in the way WWW-Authenticate says"),
    code(402, "Payment Required", "reserved for payments"),
    code(403, "Forbidden", "understood, and the answer is no"),
    code(404, "Not Found", "the server works, but there is nothing at this target"),
    code(405, "Method Not Allowed", "the target exists, but not for this method; Allow lists those it has"),
    code(406, "Not Acceptable", "nothing here suits what the Accept fields ask for"),
    code(407, "Proxy Authentication Required", "show the proxy who you are first"),
    code(408, "Request Timeout", "the request took too long to arrive"),
    code(409, "Conflict", "the request does not fit the present state"),
    code(410, "Gone", "it was here and will not come back"),
    code(411, "Length Required", "say Content-Length first"),
    code(412, "Precondition Failed", "an If- field of the request did not hold"),
    code(413, "Content Too Large", "more content than the server takes"),
    code(414, "URI Too Long", "a longer target than the server reads"),
    code(415, "Unsupported Media Type", "the server does not take content of this type"),
    code(416, "Range Not Satisfiable", "the range asked for lies outside the content"),
    code(417, "Expectation Failed", "the server cannot do what Expect asks"),
    code(418, "I'm a teapot", "a joke that stayed").by("RFC 2324 §2.3.2"),
    code(421, "Misdirected Request", "this server does not answer for that Host"),
    code(422, "Unprocessable Content", "well formed, but its meaning is wrong"),
    code(423, "Locked", "somebody holds a lock on it").by("RFC 4918 §11.3"),
    code(424, "Failed Dependency", "something it depends on failed").by("RFC 4918 §11.4"),
    code(425, "Too Early", "too risky to do on data that might be a replay").by("RFC 8470 §5.2"),
    code(426, "Upgrade Required", "ask again in the protocol named in Upgrade"),
    code(428, "Precondition Required", "ask again with an If- field").by("RFC 6585 §3"),
    code(429, "Too Many Requests", "slow down").by("RFC 6585 §4"),
    code(431, "Request Header Fields Too Large", "longer fields than the server reads").by("RFC 6585 §5"),
    code(451, "Unavailable For Legal Reasons", "withheld because of the law").by("RFC 7725 §3"),
    code(500, "Internal Server Error", "the server failed, and the request was not at fault"),
    code(501, "Not Implemented", "the server does not know this method or coding at all"),
    code(502, "Bad Gateway", "the server behind this one gave a broken answer"),
    code(503, "Service Unavailable", "too busy or under repair; perhaps Retry-After says when"),
    code(504, "Gateway Timeout", "the server behind this one did not answer in time"),
    code(505, "HTTP Version Not Supported", "the server does not speak this major version"),
    code(506, "Variant Also Negotiates", "the server's choice of versions runs in a circle").by("RFC 2295 §8.1"),
    code(507, "Insufficient Storage", "the server has no room for it").by("RFC 4918 §11.5"),
    code(508, "Loop Detected", "the request ran in a circle inside the server").by("RFC 5842 §7.2"),
    code(511, "Network Authentication Required", "log in to this network first, as in a hotel").by("RFC 6585 §6"),
];
