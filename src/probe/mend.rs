//! How to put right what a check found, in the words of what the server is made with.
//!
//! A row has a sentence for every language, and others for those whose words differ. The advice is for a server as
//! a beginner writes it; what only whoever made the language or the framework could mend has none.

use super::made::Made;

/// What to do about one check.
struct Mend {
    check: &'static str,
    /// In any language.
    any: &'static str,
    /// In some, better said.
    by: &'static [(Made, &'static str)],
}

/// The advice for a check that failed.
#[must_use]
pub fn mend(check: &str, made: Made) -> Option<&'static str> {
    let row = MENDS.iter().find(|row| row.check == check)?;
    // Express stands on Node, and knows what Node knows.
    let kin = if made == Made::Express { Some(Made::Node) } else { None };
    let said = |made: Made| row.by.iter().find(|(by, _)| *by == made).map(|(_, says)| *says);
    Some(said(made).or_else(|| said(kin?)).unwrap_or(row.any))
}

/// The checks there is advice for.
pub fn checks() -> impl Iterator<Item = &'static str> {
    MENDS.iter().map(|row| row.check)
}

#[rustfmt::skip]
const MENDS: &[Mend] = &[
    Mend { check: "hello.answers", any: "write the status line first, before anything else goes to the client: HTTP/1.1 200 OK and CR LF (\\r\\n)", by: &[] },
    Mend { check: "hello.head", any: "end each line of the head with \\r\\n, put a colon behind each name, and end the head with an empty line: \\r\\n once more", by: &[] },
    Mend { check: "hello.length", any: "send one answer to one request, and let Content-Length count the bytes of its content, after the text has become bytes", by: &[
        (Made::Node, "let response.end(text) count: it sets Content-Length by itself; by hand it is Buffer.byteLength(text), and never text.length"),
        (Made::Python, "make the bytes first, body = text.encode('utf-8'), and send len(body) as Content-Length"),
    ] },
    Mend { check: "hello.status", any: "let the path / have an answer with status 200", by: &[
        (Made::Express, "give the front page a route: app.get('/', (request, response) => response.send('Hello'))"),
        (Made::Python, "in do_GET, begin with: if self.path == '/': self.send_response(200)"),
    ] },
    Mend { check: "hello.again", any: "after an answer, go back to accepting connections: that is a loop around accept, and nothing in it ends the program", by: &[
        (Made::Python, "put accept into a loop: while True: connection, _ = server.accept(); close the connection at the end of the loop, and not the server"),
        (Made::Node, "do not call server.close() or process.exit() when an answer has been sent"),
    ] },
    Mend { check: "routes.plant", any: "when the path is /seed-a-plant, answer 200 with the text 🌱 Plant seeded! in UTF-8, unpacked, and nothing behind it", by: &[
        (Made::Node, "if (path === '/seed-a-plant') response.end('🌱 Plant seeded!'), in UTF-8, which is what end() writes when no other encoding is named"),
        (Made::Express, "app.get('/seed-a-plant', (request, response) => response.type('text').send('🌱 Plant seeded!'))"),
        (Made::Python, "if path == '/seed-a-plant': self.wfile.write('🌱 Plant seeded!'.encode('utf-8')), behind the head"),
    ] },
    Mend { check: "routes.utf8", any: "send exactly the bytes of 🌱 Plant seeded! in UTF-8, without a line end, and count the bytes", by: &[
        (Made::Node, "response.end('🌱 Plant seeded!') sends the 18 bytes and counts them; leave Content-Length to it, or use Buffer.byteLength(text)"),
        (Made::Python, "body = '🌱 Plant seeded!'.encode('utf-8'), then len(body) as Content-Length"),
    ] },
    Mend { check: "routes.query", any: "compare only what stands before the question mark with the path", by: &[
        (Made::Node, "request.url has the query in it; compare request.url.split('?')[0]"),
        (Made::Express, "compare request.path, not request.url"),
        (Made::Python, "self.path has the query in it; compare self.path.split('?')[0]"),
        (Made::Deno, "compare new URL(request.url).pathname"),
        (Made::Bun, "compare new URL(request.url).pathname"),
    ] },
    Mend { check: "routes.front-query", any: "compare only what stands before the question mark with /", by: &[
        (Made::Node, "request.url has the query in it; compare request.url.split('?')[0] with '/'"),
        (Made::Express, "compare request.path, not request.url"),
        (Made::Python, "self.path has the query in it; compare self.path.split('?')[0] with '/'"),
        (Made::Deno, "compare new URL(request.url).pathname with '/'"),
        (Made::Bun, "compare new URL(request.url).pathname with '/'"),
    ] },
    Mend { check: "routes.two-clients", any: "serve each connection in a thread, a task or an event loop of its own, and accept the next one meanwhile", by: &[
        (Made::Python, "use ThreadingHTTPServer in the place of HTTPServer; with raw sockets, threading.Thread(target=talk, args=(connection,)).start() behind accept"),
        (Made::Node, "do nothing in the handler that waits without await: no loop until something happens, no ...Sync function"),
    ] },
    Mend { check: "routes.own-answer", any: "keep what belongs to one request in variables of the function that answers it, and not in one place for all", by: &[
        (Made::Node, "declare the variable inside of the handler (const path = ...), not above createServer, where all requests share it"),
        (Made::Python, "use a local variable or self, which is made anew for each request; no global"),
    ] },
    Mend { check: "routes.head", any: "answer HEAD as GET, and send no content behind the head", by: &[
        (Made::Node, "leave the content to response.end(text): for HEAD it sends the head alone; what is refused as 'not GET' should let HEAD through"),
        (Made::Python, "add do_HEAD, which sends the status and the fields that do_GET sends, and writes nothing to self.wfile"),
    ] },
    Mend { check: "routes.head-unknown", any: "answer HEAD as GET, and send no content behind the head", by: &[
        (Made::Python, "let do_HEAD choose its status as do_GET does, and write nothing to self.wfile"),
    ] },
    Mend { check: "routes.unknown", any: "answer every path that is none of yours with status 404", by: &[
        (Made::Node, "in the branch for all other paths: response.statusCode = 404, before response.end(...)"),
        (Made::Express, "Express says 404 for what has no route: take away the route for '*', or give it response.status(404)"),
        (Made::Python, "for all other paths: self.send_response(404), or self.send_error(404)"),
        (Made::Netlab, "start it with --strict; in a file of routes, write status 404 below GET /*"),
    ] },
    Mend { check: "routes.exact", any: "compare the whole path, not its beginning", by: &[
        (Made::Node, "use path === '/seed-a-plant' in the place of startsWith or includes"),
        (Made::Python, "use path == '/seed-a-plant' in the place of startswith or in"),
    ] },
    Mend { check: "routes.silent-client", any: "expect that a connection ends before anything came: a read that gives no bytes means that the client has gone", by: &[
        (Made::Python, "behind data = connection.recv(...): if not data: connection.close(); continue, before anything is taken out of data"),
        (Made::Node, "give each socket socket.on('error', ...) and look whether there is a first line before it is taken apart"),
    ] },
    Mend { check: "framing.byte-by-byte", any: "read on until the empty line (\\r\\n\\r\\n) has come: one read may bring less than a request", by: &[
        (Made::Python, "while b'\\r\\n\\r\\n' not in data: data += connection.recv(1024), with an end when recv gives nothing"),
        (Made::Node, "with node:net, collect what 'data' brings and look for \\r\\n\\r\\n in all of it; node:http does it for you"),
    ] },
    Mend { check: "framing.split", any: "read on until the empty line (\\r\\n\\r\\n) has come: one read may bring less than a request", by: &[
        (Made::Python, "while b'\\r\\n\\r\\n' not in data: data += connection.recv(1024), with an end when recv gives nothing"),
        (Made::Node, "with node:net, collect what 'data' brings and look for \\r\\n\\r\\n in all of it; node:http does it for you"),
    ] },
    Mend { check: "framing.absolute", any: "take the path out of the target before it is compared: the target may be a whole URL, http://host/path", by: &[
        (Made::Node, "new URL(request.url, 'http://localhost').pathname is the path of both forms, and without the query; it throws where the target is none, so catch that and answer 400"),
        (Made::Python, "urllib.parse.urlsplit(self.path).path is the path of both forms, and without the query"),
    ] },
    Mend { check: "framing.keep-alive", any: "read the next request from the same connection after an answer; or say Connection: close in it, and close", by: &[
        (Made::Python, "protocol_version = 'HTTP/1.1' in the handler's class keeps connections open, and then each answer needs Content-Length"),
    ] },
    Mend { check: "framing.close", any: "close the connection behind the answer when the request said Connection: close", by: &[] },
    Mend { check: "framing.http10", any: "answer a request of HTTP/1.0 without chunks, and close behind the answer; it needs no Host", by: &[] },
    Mend { check: "framing.content-length", any: "read as many bytes of content as Content-Length says before the next request is looked for", by: &[
        (Made::Python, "self.rfile.read(int(self.headers.get('Content-Length', 0))), even when nobody needs the content"),
    ] },
    Mend { check: "framing.date", any: "send a Date in GMT, as in Date: Thu, 26 Nov 2026 12:00:00 GMT", by: &[
        (Made::Python, "with raw sockets: email.utils.formatdate(usegmt=True); BaseHTTPRequestHandler.send_response adds it by itself"),
        (Made::Node, "with node:net: new Date().toUTCString(); node:http adds it by itself"),
    ] },
    Mend { check: "framing.head-length", any: "let HEAD state the length that GET would bring, or none", by: &[
        (Made::Express, "this is the page Express makes for a path without a route; a last app.use((request, response) => response.status(404).send('Not found')) has the same text for both methods"),
    ] },
    Mend { check: "robust.no-host", any: "answer 400 when a request of HTTP/1.1 has no Host", by: &[] },
    Mend { check: "robust.two-hosts", any: "answer 400 when there is more than one Host", by: &[
        (Made::Node, "request.headers has only the first; count them in request.rawHeaders, and answer 400"),
    ] },
    Mend { check: "robust.bad-host", any: "answer 400 when Host is no name and no address; and expect that whatever is made from it may fail", by: &[
        (Made::Node, "new URL(request.url, 'http://' + request.headers.host) throws when Host is none, and what is not caught ends the program: give it a fixed second argument, or try and catch"),
    ] },
    Mend { check: "robust.past-head", any: "split the bytes at the first empty line (\\r\\n\\r\\n), read the fields from what stands before it, and keep the rest for the next request", by: &[
        (Made::Python, "head, _, rest = data.partition(b'\\r\\n\\r\\n'), and take the fields from head alone"),
    ] },
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use super::super::table;
    use super::{Made, checks, mend};

    #[test]
    fn there_is_advice_for_checks_that_exist_and_each_reads_as_part_of_a_sentence() {
        for check in checks() {
            assert!(table::named(check).is_some(), "{check}");
            for made in
                [Made::Node, Made::Express, Made::Python, Made::Deno, Made::Bun, Made::Netlab, Made::Unknown]
            {
                assert!(!mend(check, made).unwrap().ends_with('.'), "{check}");
            }
        }
    }

    #[test]
    fn it_is_in_the_language_of_the_server() {
        assert!(mend("routes.query", Made::Node).unwrap().contains("request.url.split"));
        assert!(mend("routes.query", Made::Python).unwrap().contains("self.path.split"));
        assert!(mend("routes.query", Made::Express).unwrap().contains("request.path"));
        assert_eq!(mend("routes.query", Made::Unknown), mend("routes.query", Made::Netlab));
        assert!(mend("routes.silent-client", Made::Express).unwrap().contains("socket.on"));
        assert_eq!(mend("hello.version", Made::Node), None);
    }
}
