//! The lab's DNS server: answers for the private internet, refuses everything else, asks nobody.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::answers::{Answers, Asked, Together};
use super::row::{Bound, Ingredients, Task};
use super::serve::{Conn, Service};
use super::zone::Zone;
use crate::error::Failure;
use crate::proto::dns::query::{IN, framed};
use crate::proto::dns::rdata;
use crate::proto::dns::response::Response;

/// How long a TCP client may be silent (RFC 7766 §6.2.3 asks for seconds).
const IDLE: Duration = Duration::from_secs(10);

/// Its name in evidence.
const NAME: &str = "lab/dns";

/// Response codes (RFC 1035 §4.1.1).
const FORMERR: u16 = 1;
const NXDOMAIN: u16 = 3;
const NOTIMP: u16 = 4;
const REFUSED: u16 = 5;

/// The DNS service.
pub struct Dns {
    /// What it knows.
    pub zone: Zone,
}

/// Starts it.
///
/// # Errors
/// When the zone does not read, or a socket has no address.
pub fn start(with: &Ingredients, mut bound: Bound) -> Result<Vec<Task>, Failure> {
    let zone = Zone::new(&with.names, with.nonces.clone())
        .map_err(|line| Failure::machine("the lab's zone does not read", line))?;
    let dns = Arc::new(Dns { zone });
    let mut tasks = with.talk(&dns, &mut bound);
    tasks.extend(with.answer(&dns, &mut bound)?);
    Ok(tasks)
}

/// How an answer will travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Udp,
    Tcp,
}

impl Dns {
    /// The answer to a query; nothing for bytes that nobody should answer.
    fn response(&self, query: &[u8], over: Over) -> Option<Vec<u8>> {
        let mut response = Response::to(query)?;
        response.recursion_available = true;
        if response.rcode == 0 {
            self.fill(&mut response);
        }
        let limit = if over == Over::Udp { response.udp_limit() } else { usize::from(u16::MAX) };
        Some(response.bytes(limit))
    }

    fn fill(&self, response: &mut Response) {
        let [question] = &response.query.questions[..] else {
            response.rcode = FORMERR;
            return;
        };
        let transfer =
            ["AXFR", "IXFR"].into_iter().any(|kind| rdata::type_named(kind) == Some(question.qtype));
        let found = self.zone.find(&question.name, question.qtype);
        match found {
            _ if response.query.opcode != 0 => response.rcode = NOTIMP,
            Some(found) if question.qclass == IN && !transfer => {
                response.authoritative = true;
                if !found.exists {
                    response.rcode = NXDOMAIN;
                }
                let denied = !found.exists
                    || !found.records.iter().any(|entry| entry.rtype == question.qtype)
                        && Some(question.qtype) != rdata::type_named("ANY");
                response.answers = found.records.into_iter().map(Cow::into_owned).collect();
                // How long "there is no such thing" may be remembered (RFC 2308 §3).
                response.authority = found.authority.filter(|_| denied).into_iter().cloned().collect();
            }
            _ => response.rcode = REFUSED,
        }
    }
}

impl Service for Dns {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn talk(&self, mut conn: Conn) -> io::Result<()> {
        loop {
            let len = tokio::select! {
                len = timeout(IDLE, conn.stream.read_u16()) => len,
                _ = conn.stopping.changed() => break,
            };
            let Ok(Ok(len)) = len else { break };
            let mut query = vec![0; usize::from(len)];
            match timeout(IDLE, conn.stream.read_exact(&mut query)).await {
                Ok(read) => read?,
                Err(_) => break,
            };
            let Some(answer) = self.response(&query, Over::Tcp) else { break };
            conn.stream.write_all(&framed(&answer)).await?;
        }
        conn.stream.shutdown().await
    }
}

impl Answers for Dns {
    fn name(&self) -> &'static str {
        NAME
    }

    fn together(&self) -> Together {
        Together::Question
    }

    async fn answer(&self, asked: &Asked) -> Option<Vec<u8>> {
        self.response(&asked.bytes, Over::Udp)
    }
}
