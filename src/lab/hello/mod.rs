//! The hello server: the lesson's HTTP server, and the lab's.
//!
//! Reading order: [`conversation`] (one connection from its first request to its last, without a socket; who asks the
//! same again is answered at once), then how a head is judged: [`head`], [`line`], [`fields`], [`host`], [`refusal`];
//! [`content`] (the bytes that come with it). What is said: [`site`] (the seam: a request in, an
//! answer out), [`request`], [`page`], [`condition`], [`switch`] (another protocol follows), [`greeter`] (netlab's own routes), [`routes`] (a learner's, from a
//! file), [`hosts`] (several sites behind their names). At the bottom [`connection`] (the socket), [`alarms`] (its
//! deadlines), [`buffers`] and [`date`].

pub mod alarms;
pub mod buffers;
pub mod condition;
pub mod connection;
pub mod content;
pub mod conversation;
pub mod date;
pub mod faulty;
pub mod fields;
pub mod greeter;
pub mod head;
pub mod host;
pub mod hosts;
pub mod line;
pub mod page;
pub mod refusal;
pub mod request;
pub mod routes;
pub mod site;
pub mod switch;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use self::site::Site;
use super::log::Requests;
use super::serve::{Conn, Service};

/// How long to wait for a client.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a whole head, from its first byte; for the first byte of a connection, from its beginning.
    pub head: Duration,
    /// For the next request on a connection that is kept open. With none, none is kept open.
    pub keep_alive: Duration,
    /// For the next bytes of content.
    pub content_idle: Duration,
    /// For all of the content.
    pub content_total: Duration,
    /// For the client to take some of an answer.
    pub answer_idle: Duration,
}

impl Patience {
    /// For programs, which do not hesitate.
    pub const PROGRAM: Self = Self {
        head: Duration::from_secs(10),
        keep_alive: Duration::from_secs(5),
        content_idle: Duration::from_secs(10),
        content_total: Duration::from_mins(1),
        answer_idle: Duration::from_secs(10),
    };
    /// For people who type a request by hand.
    pub const PERSON: Self = Self {
        head: Duration::from_mins(5),
        keep_alive: Duration::from_mins(5),
        content_idle: Duration::from_mins(5),
        content_total: Duration::from_mins(5),
        ..Self::PROGRAM
    };
}

/// The answer to a request in the open where TLS is spoken.
const TO_THE_OPEN: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Connection: close\r\n\
\r\n\
This port speaks TLS, and your request came in the open. Ask with https:// in front instead of http://\n";

/// The hello service.
pub struct Hello {
    /// Its name in evidence.
    pub name: &'static str,
    /// What it says.
    pub site: Arc<dyn Site>,
    /// How long it waits.
    pub patience: Patience,
    /// Where its requests are told.
    pub requests: Requests,
}

impl Service for Hello {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn talk(&self, conn: Conn) -> io::Result<()> {
        connection::talk(self, conn).await
    }

    fn to_the_open(&self) -> &'static [u8] {
        TO_THE_OPEN
    }
}
