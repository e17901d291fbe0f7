//! Failures of this machine: a port that cannot be had, a file, the output.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::{Exit, Failure, trouble_means};
use crate::evidence::{Trouble, TroubleKind};

impl Failure {
    /// A server that cannot have its port. `holder` is who has it, where the system tells.
    #[must_use]
    pub fn bind(address: SocketAddr, trouble: Trouble, holder: Option<&str>) -> Self {
        let port = address.port();
        match trouble.kind {
            TroubleKind::AddressInUse => {
                let what = match holder {
                    Some(holder) => format!("port {port} on {} is taken by {holder}", address.ip()),
                    None => format!("port {port} on {} is taken by another program", address.ip()),
                };
                Self::machine(what, "who asks for an address and port that another socket has is turned away, unless both say that they share (SO_REUSEPORT)")
                    .or_try(format!("take another port: --port {}", if port < 65_535 { port + 1 } else { 0 }))
                    .or_try("let the system choose a free one: --port 0")
            }
            TroubleKind::PermissionDenied => Self::machine(
                format!("this user may not listen on port {port}"),
                "the system keeps ports below 1024 for its administrator",
            )
            .or_try("take a port of 1024 or above, such as 7777"),
            TroubleKind::AddressNotAvailable => Self::machine(
                format!("{} is not an address of this machine", address.ip()),
                trouble_means(trouble),
            )
            .or_try("listen on loopback, 127.0.0.1, which every machine has"),
            kind => {
                Self::machine(format!("listening on {address} failed"), trouble_means(trouble)).or_usual(kind)
            }
        }
    }

    /// A file that cannot be read or written.
    #[must_use]
    pub fn file(path: &Path, doing: &str, error: &io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
            io::ErrorKind::PermissionDenied => "this user may not".to_owned(),
            io::ErrorKind::StorageFull => "the disk is full".to_owned(),
            io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
            _ => error.to_string(),
        };
        let exit = if error.kind() == io::ErrorKind::NotFound { Exit::Usage } else { Exit::Machine };
        Self { what: format!("{doing} {} failed", path.display()), why, try_this: Vec::new(), exit }
    }

    /// A system that has not even what netlab needs to begin.
    #[must_use]
    pub fn no_event_loop(error: &io::Error) -> Self {
        let trouble = Trouble::from(error);
        Self::machine("this machine gave netlab no event loop", trouble_means(trouble)).or_usual(trouble.kind)
    }

    /// A write to standard output that failed, a closed pipe aside.
    #[must_use]
    pub fn output(error: &io::Error) -> Self {
        Self::machine("writing the result failed", error.to_string())
    }
}
