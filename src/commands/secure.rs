//! TLS as a client: whom to believe, and how a connection becomes one that nobody else reads.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt;

use super::context::Context;
use super::door::Door;
use crate::cli::tls::Beliefs;
use crate::error::Failure;
use crate::evidence::{End, Recorder, Trouble, TroubleKind};
use crate::lab::{ca, found};
use crate::net::dial::dial;
use crate::net::link::Link;
use crate::net::link::handshake::{HANDSHAKE_LIMIT, NoTls, call};
use crate::net::tls::fault::{Detail, Fault};
use crate::net::tls::trust::{Authorities, Trust, certificates, client};
use crate::net::zone;
use crate::render::text::safe::short;

/// Names and words of a certificate that are shown, in characters.
const SHOWN: usize = 300;
/// The longest file of certificates that is read, in bytes. A system's whole list has a quarter of a million.
const FILE_LIMIT: u64 = 4 * 1024 * 1024;

/// What is needed to begin TLS with one server.
pub struct Secrecy {
    trust: Trust,
    protocols: &'static [&'static str],
    /// What the evidence says of whom is believed.
    says: Option<&'static str>,
}

impl Secrecy {
    /// As typed. A server that is the lab's is believed by the lab's own authority, every other one by whom this system
    /// trusts; inside, these protocols are offered.
    ///
    /// # Errors
    /// When the file of authorities does not read, or anybody would be believed somewhere else than on this machine.
    pub fn of(
        beliefs: &Beliefs,
        context: &Context,
        door: Option<&Door>,
        servers: &[SocketAddr],
        protocols: &'static [&'static str],
    ) -> Result<Self, Failure> {
        if let Some(path) = &beliefs.cacert {
            let text = read(path)?;
            let found = certificates(&text).map_err(|why| {
                Failure::usage(format!("{} is of no use for --cacert", path.display()), why)
            })?;
            let trust = Trust::Only(Arc::new(move || found.clone()));
            return Ok(Self { trust, protocols, says: None });
        }
        if beliefs.insecure {
            if !servers.iter().all(|server| server.ip().to_canonical().is_loopback()) {
                return Err(elsewhere());
            }
            let says = Some("the certificate was not checked (-k): nobody knows who answers");
            return Ok(Self { trust: Trust::Anybody, protocols, says });
        }
        match authorities(context, door, servers) {
            Some(lab) => {
                let says = Some("the certificate was checked against the lab's own authority");
                Ok(Self { trust: Trust::Only(lab), protocols, says })
            }
            None => Ok(Self { trust: Trust::System, protocols, says: None }),
        }
    }

    /// Begins TLS with the server called `host`.
    ///
    /// # Errors
    /// Why there is none, in sentences of their own for each cause.
    pub async fn begin(&self, link: Link, host: &str) -> Result<Link, Failure> {
        let server = link.recording().server();
        let name = server_name(host)?;
        let config = client(self.trust.clone(), self.protocols)
            .map_err(|error| Failure::machine("TLS cannot begin", error.to_string()))?;
        match call(link, config, name).await {
            Ok(link) => {
                self.says.inspect(|says| link.recording().note(*says));
                Ok(link)
            }
            Err(NoTls::Below(trouble)) => Err(Failure::broken_off(server, trouble)),
            Err(NoTls::Fault(fault, _)) => Err(failed(server, host, &fault)),
        }
    }
}

/// Calls the lab's door over TLS and leaves again: from then on its authority is there.
///
/// # Errors
/// When nobody answers.
pub async fn call_once(recorder: &Recorder, door: SocketAddr) -> Result<(), Failure> {
    let stream = dial(recorder, "lab", door).await.map_err(|trouble| Failure::connect(door, trouble, &[]))?;
    // What it shows is not believed yet: what is to be believed is about to be printed.
    let secrecy = Secrecy { trust: Trust::Anybody, protocols: &[], says: None };
    let mut link = secrecy.begin(stream.into(), "localhost").await?;
    link.shutdown().await.map_err(|error| Failure::broken_off(door, Trouble::from(&error)))
}

/// Whom to believe about a server of the lab.
fn authorities(context: &Context, door: Option<&Door>, servers: &[SocketAddr]) -> Option<Authorities> {
    if let Some(Door::Here(lab)) = door {
        let authority = lab.authority.clone();
        return Some(Arc::new(move || authority.certificate().into_iter().collect()));
    }
    let folder = context.home()?.folder().to_path_buf();
    let addresses = found::running(&folder)?;
    let is_lab =
        |server: &SocketAddr| addresses.services.iter().any(|place| place.tls && place.real == *server);
    if door.is_none() && !servers.iter().any(is_lab) {
        return None;
    }
    // It lies there once the lab has been called over TLS, which is before it is asked for here.
    Some(Arc::new(move || {
        let text = ca::laid_in(&folder).unwrap_or_default();
        certificates(text.as_bytes()).unwrap_or_default()
    }))
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;

    let failed = |error: &std::io::Error| Failure::file(path, "read", error);
    let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
    let mut text = Vec::new();
    file.take(FILE_LIMIT + 1).read_to_end(&mut text).map_err(|error| failed(&error))?;
    if text.len() as u64 > FILE_LIMIT {
        return Err(Failure::usage(
            format!("{} is too long for --cacert", path.display()),
            "at most 4 MiB of certificates are read; the list of a whole system has a quarter of one",
        ));
    }
    Ok(text)
}

/// The name a certificate has to have: the host without brackets, without its zone and without the dot of the root.
fn server_name(host: &str) -> Result<ServerName<'static>, Failure> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let bare = match zone::split(bare) {
        Some((ip, _)) => ip.to_string(),
        None => bare.trim_end_matches('.').to_owned(),
    };
    ServerName::try_from(bare).map_err(|_| {
        Failure::usage(
            format!("{host} is no name that a certificate can have"),
            "a certificate names hosts as DNS does, or by their addresses",
        )
    })
}

fn elsewhere() -> Failure {
    Failure::usage(
        "-k is for servers on this machine only",
        "without a check of the certificate whoever stands on the way can answer in the server's place, and nobody would notice",
    )
    .or_try("if you know who signed its certificate: --cacert FILE")
}

/// What went wrong, with what the other side has shown made safe.
fn failed(server: End, host: &str, fault: &Fault) -> Failure {
    let safe = |text: &str| short(text.as_bytes(), SHOWN, false);
    let more = match (&fault.detail, fault.kind) {
        (Detail::Names(names), _) if names.is_empty() => Some("its certificate names nobody".to_owned()),
        (Detail::Names(names), _) => Some(format!("its certificate is for {}", safe(&names.join(", ")))),
        (Detail::Time(at), TroubleKind::CertificateNotYetValid) => {
            Some(format!("it holds from {}", date(*at)))
        }
        (Detail::Time(at), _) => Some(format!("it held until {}", date(*at))),
        (Detail::Said(word), TroubleKind::TlsAlert) => Some(format!("the alert says {}", safe(word))),
        (Detail::Said(what), _) => Some(safe(what)),
        (Detail::Began(bytes), _) => Some(format!("its answer begins with: {}", short(bytes, SHOWN, false))),
        (Detail::Nothing, _) => None,
    };
    let speaks_http = matches!(&fault.detail, Detail::Began(bytes) if bytes.starts_with(b"HTTP/"));
    let failure = Failure::no_tls(server, host, Trouble::from(fault.kind), more.as_deref(), HANDSHAKE_LIMIT);
    if speaks_http {
        let instead = "it speaks HTTP in the open: ask with http:// instead of https://".to_owned();
        return Failure { try_this: vec![instead], ..failure };
    }
    failure
}

fn date(since_1970: std::time::Duration) -> String {
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since_1970)
}
