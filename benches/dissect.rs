//! How long dissecting takes, in the unit of its budget: at most 5 ns a field, no allocation per field.
//!
//! ```text
//! cargo bench --bench dissect          all of it, some seconds
//! cargo bench --bench dissect http     only the inputs with that in their name
//! ```
//!
//! The first table is divan's: time a dissection, fields (`item/s`) and bytes a second, and what was allocated.
//! One dissection makes one list, so `alloc` must say 1 whatever the number of fields, and a list that had to
//! grow says so under `grow`. The second table is the first one's medians, measured again, by field.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![allow(clippy::unwrap_used, reason = "its inputs are fixed, and a broken one must be seen")]

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher};

use netlab::proto::Protocol;
use netlab::proto::dns::DNS;
use netlab::proto::dns::encode::encode;
use netlab::proto::dns::query::Query;
use netlab::proto::dns::response::{Entry, Response};
use netlab::proto::field::Fields;
use netlab::proto::http::HTTP;
use netlab::proto::stream::{Carriage, Sender, Stream};

#[global_allocator]
static COUNTED: AllocProfiler = AllocProfiler::system();

/// DESIGN's bar, in nanoseconds a field.
const BAR_NS: f64 = 5.0;

fn main() {
    divan::main();
    if std::env::args().any(|arg| arg == "--bench") {
        by_field();
    }
}

#[divan::bench(args = inputs(), sample_count = 200)]
fn dissect(bencher: Bencher<'_, '_>, input: &Input) {
    bencher
        .counter(ItemsCount::new(input.dissect().list.len()))
        .counter(BytesCount::new(input.bytes.len()))
        // Not `bench`, which would keep the lists of a whole sample and so measure cold memory.
        .bench_local(|| drop(black_box(black_box(input).dissect())));
}

/// Prints the median time a field of each input.
fn by_field() {
    const SAMPLES: usize = 301;
    println!("\n{:<24} {:>7} {:>7} {:>9} {:>12}", "", "bytes", "fields", "ns", "ns a field");
    for input in inputs() {
        let fields = input.dissect().list.len();
        let rounds = (20_000 / fields).max(1);
        let mut nanoseconds = [0.0; SAMPLES];
        for sample in &mut nanoseconds {
            let began = Instant::now();
            for _ in 0..rounds {
                drop(black_box(black_box(&input).dissect()));
            }
            *sample = began.elapsed().as_secs_f64() * 1e9 / f64::from(u32::try_from(rounds).unwrap());
        }
        nanoseconds.sort_by(f64::total_cmp);
        let median = nanoseconds[SAMPLES / 2];
        let each = median / f64::from(u32::try_from(fields).unwrap());
        let bar = if each <= BAR_NS { "" } else { "  over the bar" };
        println!("{:<24} {:>7} {fields:>7} {median:>9.0} {each:>12.2}{bar}", input.name, input.bytes.len());
    }
}

/// Bytes as they go over a wire, and who sent them.
struct Input {
    name: &'static str,
    protocol: &'static Protocol,
    carriage: Carriage,
    sender: Sender,
    bytes: Vec<u8>,
}

impl Input {
    fn dissect(&self) -> Fields<'_> {
        self.protocol.dissect(Stream::alone(&self.bytes, self.sender, self.carriage))
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

fn inputs() -> Vec<Input> {
    let dns = |name, bytes| Input {
        name,
        protocol: &DNS,
        carriage: Carriage::Datagram,
        sender: Sender::Server,
        bytes,
    };
    let http =
        |name, sender, bytes| Input { name, protocol: &HTTP, carriage: Carriage::Stream, sender, bytes };
    let inputs = vec![
        dns("dns: 98 bytes", mail_servers()),
        dns("dns: root servers", root_servers()),
        http("http: curl GET", Sender::Client, CURL.to_vec()),
        http("http: browser GET", Sender::Client, BROWSER.to_vec()),
        http("http: hello response", Sender::Server, HELLO.to_vec()),
        http("http: busy response", Sender::Server, BUSY.to_vec()),
        http("http: 100 pipelined GETs", Sender::Client, CURL.repeat(100)),
    ];
    // What breaks a rule takes another path; these are the usual ones.
    for input in &inputs {
        assert!(input.dissect().list.iter().all(|field| field.problem.is_none()), "{}", input.name);
    }
    inputs
}

/// Two mail servers of a name, and EDNS: as long as the response of DESIGN's trial.
fn mail_servers() -> Vec<u8> {
    let mx = |preference: u8, host: &str| {
        let rdata = [&[0, preference], &*encode(host).unwrap()].concat();
        Entry::new("garden.test", 15, 300, rdata).unwrap()
    };
    let mut response = response("garden.test", 15);
    response.answers = vec![mx(10, "a.garden.test"), mx(20, "b.garden.test")];
    response.bytes(512)
}

/// What a resolver asks first in its life: thirteen name servers and their addresses, old and new.
fn root_servers() -> Vec<u8> {
    let mut response = response(".", 2);
    for letter in 'a'..='m' {
        let host = format!("{letter}.root-servers.test");
        response.answers.push(Entry::new(".", 2, 518_400, encode(&host).unwrap()).unwrap());
        response.additional.push(Entry::new(&host, 1, 518_400, vec![192, 0, 2, 1]).unwrap());
        response.additional.push(Entry::new(&host, 28, 518_400, vec![0x20; 16]).unwrap());
    }
    response.bytes(1232)
}

/// An empty response to a question with EDNS.
fn response(name: &str, qtype: u16) -> Response {
    let query = Query { edns_payload: Some(1232), ..Query::new(7, name, qtype) };
    Response::to(&query.bytes().unwrap()).unwrap()
}

const CURL: &[u8] = b"GET /seed-a-plant HTTP/1.1\r\n\
    Host: hello.test:7080\r\n\
    User-Agent: curl/8.14.1\r\n\
    Accept: */*\r\n\r\n";

const BROWSER: &[u8] = b"GET /garden/plants?colour=green&sort=height HTTP/1.1\r\n\
    Host: localhost:7777\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: en-GB,en;q=0.5\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    DNT: 1\r\n\
    Sec-GPC: 1\r\n\
    Connection: keep-alive\r\n\
    Referer: http://localhost:7777/garden\r\n\
    Cookie: session=3f0d1c5e9a7b4f60; theme=dark\r\n\
    Upgrade-Insecure-Requests: 1\r\n\
    Sec-Fetch-Dest: document\r\n\
    Sec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-Site: same-origin\r\n\
    Sec-Fetch-User: ?1\r\n\
    Priority: u=0, i\r\n\r\n";

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 28\r\n\r\n\
    Hello from my netlab server\n";

const BUSY: &[u8] = b"HTTP/1.1 200 OK\r\n\
    Date: Mon, 27 Jul 2009 12:28:53 GMT\r\n\
    Server: Apache/2.4.62 (Debian)\r\n\
    Last-Modified: Wed, 22 Jul 2009 19:15:56 GMT\r\n\
    ETag: \"34aa387-d-1568eb00\"\r\n\
    Accept-Ranges: bytes\r\n\
    Vary: Accept-Encoding\r\n\
    Cache-Control: public, max-age=3600\r\n\
    Set-Cookie: session=3f0d1c5e9a7b4f60; Path=/; HttpOnly\r\n\
    X-Powered-By: patience\r\n\
    Content-Type: text/plain\r\n\
    Content-Length: 14\r\n\r\n\
    Hello, world!\n";
