//! Well-known fields: a sentence each, found by name whatever its letter case (RFC 9110 §5.1).
//!
//! ```text
//! field-name = token        "Host", "host" and "HOST" are one name
//! ```

use super::super::field::{Shown, Spec};
use super::scan::same_name;

/// A field line whose name is not in the table.
pub(super) static FIELD: Spec = Spec::new(
    "field-line",
    "RFC 9112 §5",
    "one more thing said about the message: a name, a colon and a value; who does not know the name ignores it",
)
.shown(Shown::NamedBy("field-name"));

/// The spec of the field with this name, in any letter case. The name holds no control bytes.
#[inline]
pub(super) fn field(name: &[u8]) -> &'static Spec {
    let mut slot = hash(name);
    while let Some(spec) = FIELDS.get(SLOTS[slot] as usize) {
        if same_name(name, spec.name.as_bytes()) {
            return spec;
        }
        slot = (slot + 1) % SLOTS.len();
    }
    &FIELD
}

/// The names in the table.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|spec| spec.name)
}

/// Where to look first: length and three letters tell all but two names apart, with factors found by
/// trying. 0x20 makes letters small.
#[inline]
const fn hash(name: &[u8]) -> usize {
    if name.is_empty() {
        return 0;
    }
    let first = (name[0] | 0x20) as usize;
    let middle = (name[name.len() / 2] | 0x20) as usize;
    let last = (name[name.len() - 1] | 0x20) as usize;
    (name.len() * 3 + first * 61 + middle * 40 + last * 61) % SLOTS.len()
}

/// The open hash table of indices into [`FIELDS`], made at compile time; 255 is a free slot, and most are.
static SLOTS: [u8; 256] = {
    let mut slots = [u8::MAX; 256];
    let mut index: u8 = 0;
    while (index as usize) < FIELDS.len() {
        let mut slot = hash(FIELDS[index as usize].name.as_bytes());
        while slots[slot] != u8::MAX {
            slot = (slot + 1) % slots.len();
        }
        slots[slot] = index;
        index += 1;
    }
    slots
};

#[rustfmt::skip]
static FIELDS: &[Spec] = &[
    // Who is asked, and how the message travels.
    Spec::new("host", "RFC 9110 §7.2", "the name the client asked for; many sites share one address, and this tells them apart"),
    Spec::new("connection", "RFC 9110 §7.6.1", "wishes for this connection alone, such as close or keep-alive; a proxy takes them off"),
    Spec::new("keep-alive", "RFC 2068 §19.7.1", "how long an idle connection is kept, and for how many requests; a hint from HTTP/1.0 days"),
    Spec::new("content-length", "RFC 9110 §8.6", "how many bytes of content follow the head; bytes, not characters"),
    Spec::new("transfer-encoding", "RFC 9112 §6.1", "how the content is wrapped for this hop; chunked sends it in pieces, each with its size"),
    Spec::new("trailer", "RFC 9110 §6.6.2", "names of fields that will come after the content"),
    Spec::new("te", "RFC 9110 §10.1.4", "which transfer codings the client takes, and whether it reads trailers"),
    Spec::new("upgrade", "RFC 9110 §7.8", "another protocol the sender would like to speak on this connection"),
    Spec::new("expect", "RFC 9110 §10.1.1", "100-continue asks for a go-ahead before the content is sent"),
    Spec::new("via", "RFC 9110 §7.6.3", "the proxies the message came through"),
    Spec::new("max-forwards", "RFC 9110 §7.6.2", "how many more proxies may pass a TRACE or OPTIONS on"),
    Spec::new("forwarded", "RFC 7239 §4", "what a proxy saw of the client: its address, the Host and the scheme"),
    Spec::new("x-forwarded-for", "RFC 7239 §1", "the client's address as a proxy saw it, before Forwarded was agreed; anybody can write it"),
    Spec::new("x-forwarded-host", "RFC 7239 §1", "the Host a proxy was asked for, before Forwarded was agreed"),
    Spec::new("x-forwarded-proto", "RFC 7239 §1", "whether the client spoke http or https to the proxy, before Forwarded was agreed"),
    Spec::new("proxy-connection", "RFC 9112 C.2.2", "an old mistake for Connection; it has no effect and should not be sent"),
    // What the content is.
    Spec::new("content-type", "RFC 9110 §8.3", "what kind of content this is, and for text often its character set"),
    Spec::new("content-encoding", "RFC 9110 §8.4", "how the content was packed, such as gzip; Content-Length counts the packed bytes"),
    Spec::new("content-language", "RFC 9110 §8.5", "the human language the content is for"),
    Spec::new("content-location", "RFC 9110 §8.7", "a URL of exactly this content"),
    Spec::new("content-range", "RFC 9110 §14.4", "which part of the whole this is"),
    Spec::new("content-disposition", "RFC 6266 §4", "whether to show the content or save it, and under which file name"),
    Spec::new("last-modified", "RFC 9110 §8.8.2", "when the thing was last changed, as far as the server knows"),
    Spec::new("etag", "RFC 9110 §8.8.3", "a label for this version; when it changes, so has the thing"),
    Spec::new("mime-version", "RFC 9112 B.1", "left over from mail; it has no effect in HTTP"),
    Spec::new("link", "RFC 8288 §3", "other things that belong to this one, and how"),
    Spec::new("digest", "RFC 3230 §4.3.2", "an older checksum of the content"),
    Spec::new("content-digest", "RFC 9530 §2", "a checksum of the content as sent"),
    // What the client would like.
    Spec::new("accept", "RFC 9110 §12.5.1", "kinds of content the client takes, best first by their q"),
    Spec::new("accept-charset", "RFC 9110 §12.5.2", "character sets the client takes; deprecated, for everybody sends UTF-8"),
    Spec::new("accept-encoding", "RFC 9110 §12.5.3", "ways of packing the client can unpack, such as gzip"),
    Spec::new("accept-language", "RFC 9110 §12.5.4", "human languages the reader understands"),
    Spec::new("accept-ranges", "RFC 9110 §14.3", "whether the server can send just a part, counted in bytes"),
    Spec::new("range", "RFC 9110 §14.2", "asks for a part of the thing only"),
    Spec::new("if-match", "RFC 9110 §13.1.1", "do it only if the thing still has this ETag, so that nobody's change is lost"),
    Spec::new("if-none-match", "RFC 9110 §13.1.2", "send it only if the ETag is no longer this one; otherwise 304 will do"),
    Spec::new("if-modified-since", "RFC 9110 §13.1.3", "send it only if it has changed since this date; otherwise 304 will do"),
    Spec::new("if-unmodified-since", "RFC 9110 §13.1.4", "do it only if it has not changed since this date"),
    Spec::new("if-range", "RFC 9110 §13.1.5", "send the part if nothing changed, else the whole"),
    Spec::new("prefer", "RFC 7240 §2", "how the client would like the request to be handled, if the server does not mind"),
    // Who is asking, and who answers.
    Spec::new("user-agent", "RFC 9110 §10.1.5", "the program that asks, in its own words; nothing can rely on it"),
    Spec::new("server", "RFC 9110 §10.2.4", "the program that answers, in its own words"),
    Spec::new("from", "RFC 9110 §10.1.2", "the mail address of whoever runs a robot"),
    Spec::new("referer", "RFC 9110 §10.1.3", "the page with the link that was followed; the misspelling is in the standard"),
    Spec::new("origin", "RFC 6454 §7", "the site whose script asks, for the server to decide whether it may"),
    Spec::new("date", "RFC 9110 §6.6.1", "when the message was made, always in GMT"),
    Spec::new("authorization", "RFC 9110 §11.6.2", "proof of who asks; on plain http everybody on the way can read it"),
    Spec::new("www-authenticate", "RFC 9110 §11.6.1", "how to prove who you are, sent with 401"),
    Spec::new("authentication-info", "RFC 9110 §11.6.3", "what the server adds after a successful login"),
    Spec::new("proxy-authenticate", "RFC 9110 §11.7.1", "how to prove to the proxy who you are, sent with 407"),
    Spec::new("proxy-authorization", "RFC 9110 §11.7.2", "proof for the proxy of who asks"),
    Spec::new("cookie", "RFC 6265 §4.2", "what Set-Cookie left with the client; this is how a server remembers across requests"),
    Spec::new("set-cookie", "RFC 6265 §4.1", "a note for the client to keep and to send back with each later request"),
    // What to do with the answer.
    Spec::new("location", "RFC 9110 §10.2.2", "where to go instead, or where the new thing is"),
    Spec::new("retry-after", "RFC 9110 §10.2.3", "when to try again: seconds or a date"),
    Spec::new("allow", "RFC 9110 §10.2.1", "the methods this target has"),
    Spec::new("vary", "RFC 9110 §12.5.5", "which request fields the answer depends on, so that a cache keeps one copy for each"),
    Spec::new("cache-control", "RFC 9111 §5.2", "who may keep a copy, and for how long"),
    Spec::new("age", "RFC 9111 §5.1", "how many seconds the copy has been in a cache"),
    Spec::new("expires", "RFC 9111 §5.3", "when a copy grows stale, as a date; Cache-Control max-age goes before it"),
    Spec::new("pragma", "RFC 9111 §5.4", "no-cache for caches of HTTP/1.0; deprecated"),
    Spec::new("warning", "RFC 9111 §5.5", "obsolete: a note from a cache about the copy"),
    Spec::new("strict-transport-security", "RFC 6797 §6.1", "use https only with this site from now on"),
    Spec::new("alt-svc", "RFC 7838 §3", "the same site over another protocol or port, such as HTTP/3"),
    Spec::new("content-security-policy", "W3C CSP3 §3.1", "what a page may load, and from where"),
    Spec::new("x-content-type-options", "WHATWG Fetch §3.6", "nosniff: believe Content-Type, do not guess"),
    Spec::new("x-frame-options", "RFC 7034 §2", "whether another site may show this page in a frame"),
    Spec::new("access-control-allow-origin", "WHATWG Fetch §3.3", "which other sites' scripts may read the answer"),
    Spec::new("access-control-allow-methods", "WHATWG Fetch §3.3", "which methods other sites' scripts may use"),
    Spec::new("access-control-allow-headers", "WHATWG Fetch §3.3", "which fields other sites' scripts may send"),
    Spec::new("access-control-request-method", "WHATWG Fetch §3.3", "the method a script would like to use, asked beforehand"),
    Spec::new("upgrade-insecure-requests", "W3C Upgrade §3", "1: the browser would rather have https"),
    // WebSocket.
    Spec::new("sec-websocket-key", "RFC 6455 §11.3.1", "a random value; the server answers with a hash of it, so that no other answer passes for one"),
    Spec::new("sec-websocket-accept", "RFC 6455 §11.3.3", "the hash of the client's key: this server really speaks WebSocket"),
    Spec::new("sec-websocket-version", "RFC 6455 §11.3.5", "the WebSocket version, always 13"),
    Spec::new("sec-websocket-protocol", "RFC 6455 §11.3.4", "what the two will talk about inside the WebSocket"),
    Spec::new("sec-websocket-extensions", "RFC 6455 §11.3.2", "extras for the WebSocket, such as compression"),
    Spec::new("http2-settings", "RFC 7540 §3.2.1", "obsolete: settings for an upgrade to HTTP/2"),
];

#[cfg(test)]
mod tests {
    use super::{FIELD, FIELDS, field};

    #[test]
    fn every_field_is_found_in_any_letter_case() {
        assert!(FIELDS.len() >= 50);
        for spec in FIELDS {
            assert_eq!(spec.name, spec.name.to_lowercase());
            assert!(std::ptr::eq(field(spec.name.as_bytes()), spec), "{}", spec.name);
            assert!(std::ptr::eq(field(spec.name.to_uppercase().as_bytes()), spec));
        }
    }

    #[test]
    fn other_names_are_just_fields() {
        for name in ["", "x", "hosts", "hos", "x-empty", "Content_Length", "{ost", "content-lengtH2"] {
            assert!(std::ptr::eq(field(name.as_bytes()), &raw const FIELD), "{name}");
        }
    }
}
