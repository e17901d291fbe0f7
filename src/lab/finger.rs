//! Finger: tells about its users, one query on a connection, and closes (RFC 1288).
//!
//! A query that is to be passed on to another host is refused: whoever passes queries on hides who asks (§3.2.1).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::entry::{Answered, Entry, Outcome};
use super::nonce::{Nonces, PLAN};
use super::row::{Bound, Ingredients, Task};
use super::serve::{Conn, Service};
use crate::error::Failure;
use crate::net::link::Link;
use crate::net::parting::part;
use crate::proto::finger::FINGER;
use crate::proto::stream::{Carriage, Sender, Stream};

/// How long to wait for a whole query. People type it by hand.
const PATIENCE: Duration = Duration::from_mins(5);

/// The most bytes of a query, its line end included.
pub const QUERY: usize = 512;

/// Why a query is refused; said to who asks, too.
const FORWARDING: &str = "Finger forwarding service denied";
const TOO_LONG: &str = "A query has at most 512 bytes here";
const NO_LINE: &str = "A query is a line, and this one has no end";

/// Somebody the service knows.
struct User {
    login: &'static str,
    name: &'static str,
    office: &'static str,
    has_plan: bool,
}

/// Everybody the service knows.
const USERS: [User; 2] = [
    User { login: "ada", name: "Ada Lovelace", office: "the mill, garden.test", has_plan: true },
    User { login: "grace", name: "Grace Hopper", office: "the relay room, garden.test", has_plan: false },
];

/// The service.
pub struct Finger {
    /// The learner's own values.
    pub nonces: Nonces,
}

/// What is said to a query.
#[derive(Debug, PartialEq, Eq)]
struct Reply {
    text: String,
    /// Whether who asked got what was asked for.
    good: bool,
    /// Why it was refused, if it was.
    refused: Option<&'static str>,
}

/// Starts it.
///
/// # Errors
/// None.
pub fn start(with: &Ingredients, mut bound: Bound) -> Result<Vec<Task>, Failure> {
    Ok(with.talk(&Arc::new(Finger { nonces: with.nonces.clone() }), &mut bound))
}

impl Service for Finger {
    fn name(&self) -> &'static str {
        "lab/finger"
    }

    async fn talk(&self, mut conn: Conn) -> io::Result<()> {
        let mut query = Query::default();
        let read = tokio::select! {
            read = timeout(PATIENCE, query.read(&mut conn.stream)) => read,
            _ = conn.stopping.changed() => return part(&mut conn.stream).await,
        };
        // Who says nothing is told nothing.
        if !matches!(read, Ok(Ok(()))) || query.bytes.is_empty() {
            return part(&mut conn.stream).await;
        }
        let reply = self.reply(&query.bytes);
        let line = query.bytes.split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default();
        (conn.log)(Entry::Answered(Answered {
            connection: conn.number,
            number: 1,
            client: conn.client,
            at: Instant::now(),
            headline: line.to_vec(),
            host: None,
            head: query.bytes.len(),
            content: 0,
            reads: query.reads,
            outcome: Outcome { good: reply.good, code: None },
            answer: reply.text.len(),
            remark: reply.refused,
        }));
        conn.stream.write_all(reply.text.as_bytes()).await?;
        part(&mut conn.stream).await
    }
}

/// A query as it comes in.
#[derive(Default)]
struct Query {
    bytes: Vec<u8>,
    reads: u64,
}

impl Query {
    /// Reads up to the end of the line, of what the client says, or of what there is room for.
    async fn read(&mut self, link: &mut Link) -> io::Result<()> {
        let mut buffer = [0; QUERY];
        while self.bytes.len() < QUERY && !self.bytes.contains(&b'\n') {
            let room = QUERY - self.bytes.len();
            let len = link.read(&mut buffer[..room]).await?;
            if len == 0 {
                break;
            }
            self.reads += 1;
            self.bytes.extend_from_slice(&buffer[..len]);
        }
        Ok(())
    }
}

impl Finger {
    /// The answer to a query. What it asks for is read by the grammar that explains it.
    fn reply(&self, query: &[u8]) -> Reply {
        if !query.contains(&b'\n') {
            return refused(if query.len() < QUERY { NO_LINE } else { TOO_LONG });
        }
        let fields = FINGER.dissect(Stream::alone(query, Sender::Client, Carriage::Stream));
        let part = |name| fields.find(0, name).map(|at| fields.value(at).into_owned());
        if part("forward").is_some() {
            return refused(FORWARDING);
        }
        let Some(user) = part("user") else { return found(list()) };
        match USERS.iter().find(|one| user.eq_ignore_ascii_case(one.login.as_bytes())) {
            Some(one) => found(self.about(one, part("verbose").is_some())),
            None => Reply { good: false, ..found("Nobody here is called so\r\n".to_owned()) },
        }
    }

    /// One user: the name at least (RFC 1288 §2.5.2).
    fn about(&self, user: &User, verbose: bool) -> String {
        let mut lines = vec![format!("Login: {}", user.login), format!("Name: {}", user.name)];
        if verbose {
            lines.push(format!("Office: {}", user.office));
        }
        if user.has_plan {
            let nonce = (self.nonces)(PLAN);
            lines.push("Plan:".to_owned());
            lines.push("To write down how an engine computes that nobody has built yet.".to_owned());
            lines.push(format!("nonce={nonce}"));
        } else {
            lines.push("No plan.".to_owned());
        }
        lines.iter().map(|line| format!("{line}\r\n")).collect()
    }
}

/// Everybody, with names (RFC 1288 §2.5.1).
fn list() -> String {
    USERS.iter().map(|user| format!("{:<8}{}\r\n", user.login, user.name)).collect()
}

fn found(text: String) -> Reply {
    Reply { text, good: true, refused: None }
}

fn refused(why: &'static str) -> Reply {
    Reply { text: format!("{why}\r\n"), good: false, refused: Some(why) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{FORWARDING, Finger, NO_LINE, QUERY, TOO_LONG};

    fn reply(query: &[u8]) -> super::Reply {
        Finger { nonces: Arc::new(|subject| format!("<{subject}>")) }.reply(query)
    }

    #[test]
    fn a_query_without_a_name_lists_everybody() {
        for query in [&b"\r\n"[..], b"\n", b"/W\r\n", b"/W \r\n"] {
            assert_eq!(reply(query).text, "ada     Ada Lovelace\r\ngrace   Grace Hopper\r\n");
        }
    }

    #[test]
    fn a_plan_has_the_learners_own_value_and_more_words_are_said_to_who_asks_for_them() {
        let (short, long) = (reply(b"ada\r\n").text, reply(b"/W Ada\r\n").text);
        assert!(short.starts_with("Login: ada\r\nName: Ada Lovelace\r\nPlan:\r\n"), "{short}");
        assert!(short.ends_with("\r\nnonce=<plan>\r\n"), "{short}");
        assert!(!short.contains("Office") && long.contains("\r\nOffice: the mill, garden.test\r\n"));
        assert!(reply(b"grace\r\n").text.ends_with("\r\nNo plan.\r\n"));
        assert!(!reply(b"babbage\r\n").good);
    }

    #[test]
    fn nothing_is_passed_on() {
        for query in [&b"ada@garden.test\r\n"[..], b"@garden.test\r\n", b"/W ada@a@b\r\n", b"ada@\r\n"] {
            let reply = reply(query);
            assert_eq!((reply.refused, reply.text), (Some(FORWARDING), format!("{FORWARDING}\r\n")));
        }
    }

    #[test]
    fn what_is_no_line_is_refused() {
        assert_eq!(reply(b"ada").refused, Some(NO_LINE));
        assert_eq!(reply(&[b'a'; QUERY]).refused, Some(TOO_LONG));
    }
}
