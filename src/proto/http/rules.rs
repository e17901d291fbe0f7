//! The rules a message can break, each as the part of a sentence that follows "because".
//!
//! They are RFC 9112's (message syntax) and RFC 9110's (what the fields mean) unless the text says
//! whose they are. A rule is static and is found by its address, so a problem costs no allocation.

/// What a line may end with.
pub static BARE_LF: &str =
    "a line ends with carriage return and line feed (\\r\\n), and this one has the line feed alone";
pub static BARE_CR: &str =
    "a carriage return in a line of framing has the line feed behind it, and this one has not";
pub static LINE_CUT: &str = "the bytes end before this line does";
pub static TLS: &str =
    "these bytes are TLS: one end speaks https on a connection where the other expects plain http";
pub static HTTP2: &str = "these bytes open an HTTP/2 connection, whose messages are binary frames, not lines";
pub static NOT_REQUEST: &str = "a request starts with a method such as GET, and these bytes do not";
pub static NOT_RESPONSE: &str = "a response starts with HTTP/ and a version, and these bytes do not";
pub static EMPTY_FIRST: &str = "a response starts with its status-line, and here an empty line comes first";
pub static TOO_MANY: &str = "netlab explains no more than about a million fields of one stream";

pub static METHOD: &str = "a method is a word of letters, digits and !#$%&'*+-.^_`|~";
pub static NO_METHOD: &str = "a request starts with its method, and here a space comes first";
pub static ONE_SPACE: &str = "exactly one space stands between the parts of the first line";
pub static SPACE_LAST: &str = "nothing stands between the version and the end of the line";
pub static NO_TARGET: &str = "a target such as / stands between method and version";
pub static TARGET_SPACE: &str = "a target holds no space: it is written %20 in a path";
pub static TARGET_BYTE: &str =
    "a target holds only visible ASCII characters; other bytes are percent-encoded";
pub static TARGET_FORM: &str =
    "a target starts with / (or it is a whole URL, a host:port for CONNECT, or * for OPTIONS)";
pub static FRAGMENT: &str = "the part of a URL behind # stays with the browser and is never sent";
pub static ASTERISK: &str = "the target * is for OPTIONS alone";
pub static URL_HOSTLESS: &str = "a URL in a request line names a host, and this one does not";
pub static URL_USER: &str = "a URL in a request line names no user in front of its host";
pub static URL_HOST: &str =
    "between the slashes of a URL stands a name or address and perhaps a colon and a port";
pub static AUTHORITY: &str = "the target of CONNECT is a host, a colon and a port, nothing else";
pub static NO_VERSION: &str =
    "the first line ends with the version, such as HTTP/1.1; only HTTP/0.9 had none";
pub static VERSION: &str = "a version is HTTP/, one digit, a dot and one digit";
pub static VERSION_CASE: &str = "HTTP is written in capitals in a version";
pub static VERSION_OTHER: &str = "of the versions written as text there are HTTP/1.0 and HTTP/1.1";
pub static STATUS: &str = "a status code is three digits from 100 to 599";
pub static STATUS_SPACE: &str = "a space follows the status code even when no reason phrase does";
pub static NO_STATUS: &str = "a status code such as 200 follows the version";

pub static NO_COLON: &str = "a field line is a name, a colon and a value, and this line has no colon";
pub static NO_NAME: &str = "a field has a name before its colon";
pub static NAME: &str = "a field name is a word of letters, digits and !#$%&'*+-.^_`|~";
pub static SPACE_BEFORE_COLON: &str = "a field name and its colon may have no space between them";
pub static FOLD: &str = "a value may no longer continue on a second line (obs-fold)";
pub static SPACE_FIRST: &str = "no white space may stand between the first line and the first field";
pub static CONTROL: &str = "text holds no control bytes other than tab";
pub static NO_END_OF_HEAD: &str = "an empty line ends the head, and these bytes end without one";

pub static NO_HOST: &str = "HTTP/1.1 needs a Host field, and this head ends without one";
pub static TWO_HOSTS: &str = "a request has one Host field, and this is another";
pub static HOST: &str = "a Host is a name or address and perhaps a colon and a port";
pub static LENGTH: &str = "a Content-Length is a decimal number of bytes";
pub static LENGTH_HUGE: &str = "a Content-Length fits in 64 bits, and this one does not";
pub static LENGTH_TWICE: &str = "a Content-Length is given once; equal ones may be forgiven";
pub static LENGTH_CONFLICT: &str =
    "two different Content-Lengths give two different ends of the message, a way to smuggle requests";
pub static LENGTH_AND_CODING: &str =
    "Content-Length and Transfer-Encoding exclude each other, for two readers might choose differently";
pub static LENGTH_OF_NONE: &str =
    "an answer with a status of 1xx or 204 has no content, and so it has no Content-Length";
pub static CODING: &str = "the transfer codings are chunked, compress, deflate and gzip";
pub static CHUNKED_ALONE: &str = "the transfer coding chunked has no parameters";
pub static CHUNKED_LAST: &str = "chunked is used once, as the last transfer coding";
pub static NOT_CHUNKED: &str =
    "a request with a Transfer-Encoding has chunked last, or its end cannot be found";
pub static CODING_OLD: &str = "Transfer-Encoding came with HTTP/1.1, and this message says HTTP/1.0";
pub static NO_LENGTH: &str = "without a length to trust nobody can tell where this message ends";
pub static TOO_SHORT: &str = "the bytes end before the content is as long as promised";

pub static CHUNK_SIZE: &str = "a chunk starts with its size in hexadecimal digits";
pub static CHUNK_EXT: &str = "only a semicolon and an extension may follow a chunk-size";
pub static CHUNK_PADDED: &str = "no white space stands at the end of a line with a chunk-size";
pub static EXT_FORM: &str = "a chunk extension is a semicolon, a name, and perhaps = and a value";
pub static CHUNK_END: &str =
    "carriage return and line feed follow the last byte of a chunk, and these do not";
pub static NO_LAST_CHUNK: &str =
    "a chunk of size 0 and an empty line end the content, and these bytes end without";
pub static TRAILER_DECIDES: &str =
    "where a message ends and whom it is for is said in its head; a field behind the content decides neither";

// What netlab does not go along with, though no rule is broken.
pub static CHUNK_HUGE: &str = "netlab reads no chunk of more than 2^63-1 bytes";
pub static CHUNK_DIGITS: &str = "netlab reads no chunk-size of more than 16 digits, zeros in front included";
pub static EXT_LONG: &str = "netlab accepts chunk extensions of at most 1 KiB";
pub static TRAILERS_LONG: &str = "netlab accepts a trailer section of at most 4 KiB";
