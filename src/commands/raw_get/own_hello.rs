//! The hello server of this process, for one exchange.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::watch;

use crate::commands::context::Context;
use crate::error::Failure;
use crate::evidence::Trouble;
use crate::lab::entry::silent;
use crate::lab::hello::greeter::{Elsewhere, GREETING, Greeter};
use crate::lab::hello::{Hello, Patience};
use crate::lab::log::Requests;
use crate::lab::serve;

/// A server that answers until it is stopped.
pub struct OwnHello {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl OwnHello {
    /// Starts it on a free port, and says which.
    ///
    /// # Errors
    /// When the system gives no port.
    pub fn start(context: &Context) -> Result<(Self, SocketAddr), Failure> {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let listeners = serve::bind_all(&[host], 0)
            .map_err(|(address, error)| Failure::bind(address, Trouble::from(&error), None))?;
        let address = serve::listening_on(&listeners)
            .pop()
            .ok_or_else(|| Failure::machine("no free port was found", "the system gave none"))?;
        let site = Arc::new(Greeter::new(GREETING, Elsewhere::Default));
        let (patience, requests) = (Patience::PROGRAM, Requests::silent());
        let hello = Arc::new(Hello { name: "serve", site, patience, requests });
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(serve::run(hello, listeners, context.server_recorder(), silent(), stopping));
        Ok((Self { stop, task }, address))
    }

    /// Stops it.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A server that panicked has stopped too.
        let _ = self.task.await;
    }
}
