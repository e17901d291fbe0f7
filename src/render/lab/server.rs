//! A server's own words: where it listens, and a line for each request.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use crate::lab::entry::{Answered, Entry, RoutesRead, Slip};
use crate::proto::http::build::host;
use crate::render::json::SCHEMA;
use crate::render::json::text;
use crate::render::text::cells::wrap;
use crate::render::text::look::{Form, Loudness};
use crate::render::text::safe::{Safe, short};
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::{count, number};

/// Characters of a request line that are shown.
const LINE: usize = 100;
/// Characters of a host that are shown.
const HOST: usize = 60;
/// How far what goes below a line is indented.
const BELOW: usize = 5;

/// The first line of a server: the addresses it really listens on, and for programs which of them others reach. Beside
/// it, where its requests can be watched.
pub fn listening(screen: &Screen, addresses: &[SocketAddr], reachable: &[SocketAddr], page: Option<&str>) {
    let watched = page.zip(addresses.first()).map(|(place, address)| {
        let ip = from_here(*address).ip();
        let named = ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST;
        let name = if named { "localhost".to_owned() } else { ip.to_string() };
        format!("http://{}{place}", host(&name, address.port()))
    });
    if screen.look.form == Form::Json {
        let texts = |all: &[SocketAddr]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (addresses, reachable) = (texts(addresses), texts(reachable));
        let first = json!({ "schema": SCHEMA, "listening": addresses, "reachable": reachable, "watch": watched, "wire": watched });
        screen.line(&text(&first));
        return;
    }
    let urls: Vec<String> = addresses.iter().map(|address| format!("http://{address}")).collect();
    first_line(screen, &format!("listening on {}", urls.join(" and ")));
    if let Some(watched) = watched {
        screen.note(&format!("see every request and its bytes in a browser: {watched}"));
    }
}

/// The columns that a first line may take whatever stands there: programs read it as one line.
const ONE_LINE: usize = 80;

/// The first line of a server. On a narrow terminal it is wrapped between its words.
pub fn first_line(screen: &Screen, text: &str) {
    if screen.look.width >= ONE_LINE {
        return screen.line(text);
    }
    wrap(text, screen.look.width).iter().for_each(|line| screen.line(line));
}

/// Where this machine itself reaches a server that listens there. All addresses together are none to ask at.
fn from_here(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

/// Which names a server has, and how to ask for one of them.
pub fn hosts(screen: &Screen, names: &[&str], at: SocketAddr) {
    if let (Some(first), Form::Human | Form::Plain) = (names.first(), screen.look.form) {
        let (at, port) = (from_here(at), at.port());
        screen.note(&format!("it has these names and no others: {}. Ask for the first:", names.join(", ")));
        screen.status(&format!("  netlab raw-get --connect-to {at} http://{first}:{port}/"));
        screen.status(&format!("  curl --resolve {first}:{port}:{} http://{first}:{port}/", at.ip()));
    }
}

/// How many sites a server has. Where there is one, the host asked for says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sites {
    /// One, whatever the host.
    One,
    /// One for each of several hosts.
    Several,
}

/// One entry of the log.
pub fn entry(screen: &Screen, entry: &Entry, sites: Sites) {
    if screen.look.form == Form::Json {
        screen.line(&text(&as_json(entry)));
        return;
    }
    match entry {
        Entry::Answered(one) => {
            answered(screen, one, sites).iter().for_each(|line| screen.line(line));
            if let Some(remark) = one.remark {
                let remark = if one.outcome.good { remark.to_owned() } else { format!("refused: {remark}") };
                for line in wrap(&remark, screen.look.width.saturating_sub(BELOW)) {
                    screen.line(&format!("{:BELOW$}{}", "", paint(Role::Problem, &line)));
                }
            }
        }
        Entry::LeftOut(many) => screen.line(&left_out(screen, *many)),
        Entry::Limit(limit) => screen.complaint(&paint(Role::Problem, limit)),
        Entry::Routes(read) => routes(screen, read),
    }
}

/// `#3.1 GET / HTTP/1.1 -> 200, 26 bytes`, with several sites `GET / HTTP/1.1 at shop.test`, and how its bytes came:
/// beside it or, without room, below.
fn answered(screen: &Screen, one: &Answered, sites: Sites) -> Vec<String> {
    let look = screen.look;
    let tag = format!("#{}.{}", one.connection, one.number);
    let host = one.host.as_deref().filter(|_| sites == Sites::Several);
    let host = host.map(|host| format!(" at {}", short(host, HOST, look.ascii()))).unwrap_or_default();
    let line = format!("{}{host}", short(&one.headline, LINE, look.ascii()));
    let (word, role) = if one.outcome.good { ("answered", Role::Good) } else { ("refused", Role::Problem) };
    let outcome = one.outcome.code.map_or_else(|| word.to_owned(), |code| code.to_string());
    let answer = count(one.answer as u64, "byte");
    let used = format!("{tag} {line} {} {outcome}, {answer}", look.arrow()).width();
    let summary =
        format!("{} {line} {} {}, {answer}", paint(Role::Name, &tag), look.arrow(), paint(role, &outcome));
    if look.width < 60 || look.loudness == Loudness::Quiet {
        return vec![summary];
    }
    let content = match one.content {
        0 => String::new(),
        many => format!(" and {} of content", number(many)),
    };
    let from = format!(
        "from {}: head of {}{content} in {}",
        one.client,
        number(one.head as u64),
        count(one.reads, "read")
    );
    let fits = used + 3 + from.width() <= look.width;
    let from = paint(Role::Meaning, &format!("({from})"));
    if fits { vec![format!("{summary} {from}")] } else { vec![summary, format!("{:BELOW$}{from}", "")] }
}

/// A flood is counted: nobody could read it.
fn left_out(screen: &Screen, many: u64) -> String {
    let more = if many == 1 { "request was" } else { "requests were" };
    let dots = if screen.look.ascii() { "..." } else { "…" };
    paint(Role::Meaning, &format!("{dots} {} more {more} answered and not listed", number(many)))
}

/// What a file of routes came to, and what in it does not read.
fn routes(screen: &Screen, read: &RoutesRead) {
    let file = safe(screen, &read.file);
    let many = count(read.routes as u64, "route");
    if read.slips.is_empty() {
        let said = if read.again {
            format!("{file} has changed: {many}")
        } else {
            format!("{file}: {many}; what you save there counts at once")
        };
        return screen.note(&said);
    }
    for slip in &read.slips {
        let line = slip.line.map(|line| format!(":{line}")).unwrap_or_default();
        screen.complaint(&paint(Role::Problem, &format!("{file}{line}: {}", safe(screen, &slip.what))));
        screen.complaint(&format!("  mend: {}", safe(screen, &slip.mend)));
    }
    let stay = if read.routes == 1 { "the route from before stays" } else { "the routes from before stay" };
    screen.complaint(&format!("{stay} in use until {file} reads"));
}

fn slip_as_json(slip: &Slip) -> serde_json::Value {
    json!({ "line": slip.line, "what": slip.what, "mend": slip.mend })
}

fn safe(screen: &Screen, text: &str) -> String {
    Safe::word(text.as_bytes()).ascii(screen.look.ascii()).to_string()
}

fn as_json(entry: &Entry) -> serde_json::Value {
    match entry {
        Entry::Answered(of) => json!({ "request": request(of) }),
        Entry::LeftOut(many) => json!({ "left_out": many }),
        Entry::Limit(limit) => json!({ "limit": limit }),
        Entry::Routes(read) => json!({ "routes": {
            "file": read.file,
            "routes": read.routes,
            "again": read.again,
            "slips": read.slips.iter().map(slip_as_json).collect::<Vec<_>>(),
        }}),
    }
}

/// A request as every document tells it.
pub(in crate::render) fn request(one: &Answered) -> serde_json::Value {
    json!({
        "connection": one.connection,
        "number": one.number,
        "client": one.client.to_string(),
        "line": String::from_utf8_lossy(&one.headline),
        "host": one.host.as_deref().map(String::from_utf8_lossy),
        "head_bytes": one.head,
        "content_bytes": one.content,
        "reads": one.reads,
        "status": one.outcome.code,
        "answer_bytes": one.answer,
        "refused": one.remark.filter(|_| !one.outcome.good),
    })
}

/// The last line of a server.
pub fn stopped(screen: &Screen, requests: u64) {
    if screen.look.form == Form::Json {
        screen.line(&text(&json!({ "stopped": { "requests": requests } })));
    } else {
        screen.note(&format!("stopped; {} answered, and the port is free again", count(requests, "request")));
    }
}
