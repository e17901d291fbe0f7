//! The fields of a message, in the order in which they appear on the wire (RFC 9112 §2.1).
//!
//! ```text
//! HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]
//! ```
//!
//! They are statics, not constants, so that each has one address.

use super::super::field::{Shown, Spec, Unit};
use super::status::STATUS_CODES;

pub(super) static MESSAGE: Spec = Spec::new(
    "http",
    "RFC 9112 §2.1",
    "one message: a first line, fields, an empty line, and perhaps content",
);
pub(super) static EMPTY_LINE: Spec = Spec::new(
    "empty-line",
    "RFC 9112 §2.2",
    "an empty line where a message should begin; some programs send one too many",
);
pub(super) static CRLF: Spec =
    Spec::punctuation("crlf", "RFC 9112 §2.2", "carriage return and line feed: here the line ends");
pub(super) static SP: Spec =
    Spec::punctuation("sp", "RFC 9112 §3", "one space between two parts of the first line");

// The first line of a request.
pub(super) static REQUEST_LINE: Spec =
    Spec::new("request-line", "RFC 9112 §3", "what the client wants: a method, a target and the version");
pub(super) static METHOD: Spec = Spec::new(
    "method",
    "RFC 9110 §9",
    "what to do with the target; GET asks for it, HEAD asks for the head only, POST hands something over",
);
pub(super) static TARGET: Spec =
    Spec::new("request-target", "RFC 9112 §3.2", "what the method is to be applied to");
pub(super) static PATH: Spec =
    Spec::new("path", "RFC 3986 §3.3", "which thing on the server; the server decides what it stands for");
pub(super) static QUESTION: Spec =
    Spec::punctuation("question-mark", "RFC 3986 §3.4", "the path ends and the query begins");
pub(super) static QUERY: Spec =
    Spec::new("query", "RFC 3986 §3.4", "more about what is wanted, often name=value pairs joined by &");
pub(super) static FRAGMENT: Spec =
    Spec::new("fragment", "RFC 3986 §3.5", "a place inside the page; it is the browser's own business");
pub(super) static SCHEME: Spec =
    Spec::new("scheme", "RFC 3986 §3.1", "the kind of URL; a whole URL is sent to a proxy");
pub(super) static SLASHES: Spec =
    Spec::punctuation("delimiter", "RFC 3986 §3.2", "the scheme ends and the authority begins");
pub(super) static AUTHORITY: Spec =
    Spec::new("authority", "RFC 3986 §3.2", "host and perhaps port: who is to answer in the end");
pub(super) static ASTERISK: Spec =
    Spec::new("asterisk", "RFC 9112 §3.2.4", "the server as a whole, not one thing on it");
pub(super) static VERSION: Spec = Spec::new(
    "version",
    "RFC 9112 §2.3",
    "the version of HTTP the sender follows; 1.1 keeps the connection open unless told otherwise",
);
pub(super) static EXTRA_SPACE: Spec =
    Spec::punctuation("sp", "RFC 9112 §3", "white space at a place that has none by the grammar");

// The first line of a response.
pub(super) static STATUS_LINE: Spec = Spec::new(
    "status-line",
    "RFC 9112 §4",
    "how it went: the version, a code for programs, a phrase for people",
);
pub(super) static STATUS: Spec = Spec::coded(
    "status",
    "RFC 9110 §15",
    "how it went, in three digits; the first says which kind of answer this is",
    STATUS_CODES,
);
pub(super) static REASON: Spec =
    Spec::new("reason", "RFC 9112 §4", "the status in words; programs ignore it");

// Fields, of the head or of the trailer section.
pub(super) static HEADER_SECTION: Spec = Spec::new(
    "header-section",
    "RFC 9112 §5",
    "what there is to say about the message, a line each, in any order",
);
pub(super) static NAME: Spec = Spec::new(
    "field-name",
    "RFC 9110 §5.1",
    "what this line is about; capitals and small letters are the same",
);
pub(super) static COLON: Spec =
    Spec::punctuation("colon", "RFC 9112 §5", "the name ends and the value begins");
pub(super) static OWS: Spec = Spec::punctuation(
    "ows",
    "RFC 9110 §5.6.3",
    "optional white space; it belongs neither to the name nor to the value",
);
pub(super) static VALUE: Spec = Spec::new("field-value", "RFC 9110 §5.5", "what is said");
pub(super) static FOLD: Spec = Spec::new(
    "obs-fold",
    "RFC 9112 §5.2",
    "a line that starts with white space once continued the value above it",
);
pub(super) static END_OF_HEAD: Spec = Spec::new(
    "end-of-head",
    "RFC 9112 §2.1",
    "an empty line: the head ends here, and what follows is content; until it comes, the other end must wait",
);

// What follows the head.
pub(super) static CONTENT: Spec =
    Spec::new("content", "RFC 9112 §6.2", "the thing itself; Content-Length says how many bytes it has")
        .shown(Shown::Content);
pub(super) static CONTENT_UNTIL_CLOSE: Spec = Spec::new(
    "content",
    "RFC 9112 §6.3",
    "the thing itself; no length was given, so it goes on until the server closes the connection",
)
.shown(Shown::Content);
pub(super) static CLOSE: Spec = Spec::new(
    "close",
    "RFC 9112 §6.3",
    "the connection was closed here, which is the only sign that the content is over",
);
pub(super) static NO_CONTENT_HEAD: Spec = Spec::new(
    "no-content",
    "RFC 9110 §9.3.2",
    "no content follows, whatever Content-Length says: the request was HEAD, which asks for the head only",
);
pub(super) static NO_CONTENT_STATUS: Spec = Spec::new(
    "no-content",
    "RFC 9112 §6.3",
    "no content follows: responses with status 1xx, 204 and 304 never have any",
);
pub(super) static TUNNEL: Spec = Spec::new(
    "tunnel",
    "RFC 9110 §9.3.6",
    "from here on the connection carries another protocol, as CONNECT or Upgrade has arranged",
);

// Content in chunks.
pub(super) static CHUNKED: Spec = Spec::new(
    "content",
    "RFC 9112 §7.1",
    "the thing itself, in chunks: its length need not be known when sending begins",
)
.shown(Shown::Content);
pub(super) static CHUNK: Spec =
    Spec::new("chunk", "RFC 9112 §7.1", "one piece of the content, with its size in front");
pub(super) static LAST_CHUNK: Spec =
    Spec::new("last-chunk", "RFC 9112 §7.1", "a chunk of size 0: there is no more content");
pub(super) static CHUNK_SIZE: Spec =
    Spec::new("chunk-size", "RFC 9112 §7.1", "how many bytes the chunk has, written in hexadecimal digits")
        .counting(Unit::Bytes);
pub(super) static CHUNK_EXT: Spec =
    Spec::new("chunk-ext", "RFC 9112 §7.1.1", "a remark about the chunk; who does not know it skips it");
pub(super) static CHUNK_DATA: Spec =
    Spec::new("chunk-data", "RFC 9112 §7.1", "the bytes of the chunk").shown(Shown::Piece);
pub(super) static TRAILER_SECTION: Spec = Spec::new(
    "trailer-section",
    "RFC 9112 §7.1.2",
    "fields that could only be known at the end, such as a checksum",
)
.shown(Shown::Apart);
pub(super) static END_OF_BODY: Spec = Spec::new(
    "end-of-body",
    "RFC 9112 §7.1",
    "an empty line: the chunked content is complete, and the next message may begin",
);
