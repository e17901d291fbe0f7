//! Failures of names and of the servers that are asked about them: one constructor each.

use std::net::SocketAddr;

use super::{Failure, Instead, trouble_means};
use crate::evidence::{Trouble, TroubleKind};

impl Failure {
    /// Text that cannot be a host name.
    #[must_use]
    pub fn not_a_name(typed: &str, why: &str) -> Self {
        let quoted = if typed.is_empty() { "an empty text".to_owned() } else { typed.to_owned() };
        Self::usage(format!("{quoted} cannot be a name"), why)
            .or_try("labels of 1 to 63 letters, digits and hyphens with dots between, 253 characters at most, such as garden.test")
    }

    /// A system without resolver settings.
    #[must_use]
    pub fn no_resolver(why: &str) -> Self {
        Self::network(
            "there is no DNS server to ask",
            format!("this system's resolver settings name none ({why}), as on a machine without a network"),
        )
        .or_try("name a server yourself: --server 9.9.9.9")
        .or_try("names under .test need no network: netlab resolve garden.test")
    }

    /// NXDOMAIN (RFC 8020).
    #[must_use]
    pub fn no_such_name(name: &str, server: Option<SocketAddr>, lab: bool) -> Self {
        let who = server.map(|server| format!("the server {server}")).unwrap_or_default();
        let failure = Self::network(
            format!("there is no name {name}"),
            format!("{who} answered NXDOMAIN: neither this name nor anything below it exists, of any type"),
        );
        if lab {
            failure.or_try(
                "one of the lab's names: hello.test, garden.test, shop.test, time.test, echo.test, big.test",
            )
        } else {
            failure.or_try("check the spelling; a name that was registered a moment ago may take its time")
        }
    }

    /// NODATA (RFC 2308 §2.2).
    #[must_use]
    pub fn no_data(name: &str, kinds: &[String], server: Option<SocketAddr>) -> Self {
        let who = server.map(|server| format!("the server {server} answered")).unwrap_or_default();
        let kinds = kinds.join(" or ");
        Self::network(
            format!("{name} exists but has no {kinds} record"),
            format!(
                "{who} NOERROR with an empty answer (NODATA): the name is there, that type of record is not"
            ),
        )
        .or_try(format!("ask for another type: netlab resolve --type TXT {name}"))
    }

    /// A response code that is neither success nor NXDOMAIN (RFC 1035 §4.1.1).
    #[must_use]
    pub fn declined(name: &str, server: Option<SocketAddr>, rcode: &str) -> Self {
        let who = server.map_or_else(|| "the server".to_owned(), |server| format!("the server {server}"));
        match rcode {
            "SERVFAIL" => Self::network(
                format!("{who} tried and failed to find out about {name}"),
                "it answered SERVFAIL: it could not reach the servers in charge of the name, or did not believe them",
            )
            .or_try("ask another resolver with --server; if that one knows, the first one is the trouble"),
            "REFUSED" => Self::network(
                format!("{who} will not answer questions about {name}"),
                "it answered REFUSED: by its own rules it does not serve this name, or not for you",
            )
            .or_try("ask a server that is meant for you: leave out --server"),
            "FORMERR" | "NOTIMP" => Self::network(
                format!("{who} did not understand the question about {name}"),
                format!("it answered {rcode}: it is not able to read a question of this form"),
            ),
            _ => Self::network(format!("{who} gave no answer about {name}"), format!("it answered {rcode}")),
        }
    }

    /// A server that does not find out for others (RFC 1034 §4.3.1).
    #[must_use]
    pub fn referral(name: &str, server: Option<SocketAddr>) -> Self {
        let who = server.map_or_else(|| "the server".to_owned(), |server| format!("the server {server}"));
        Self::network(
            format!("{who} does not know {name} and will not ask further"),
            "it named other servers to ask (a referral): it answers for its own zones only and is no resolver",
        )
        .or_try("ask a resolver: leave out --server")
    }

    /// A DNS server that is not there, for it was asked over UDP and its kernel refused. `instead` are programs that may
    /// have been meant, the most likely first.
    #[must_use]
    pub fn no_dns_server(server: SocketAddr, instead: &[Instead]) -> Self {
        Self::network(
            format!("nothing answers DNS on {server}"),
            "the machine is there, but no program takes datagrams on that port: its kernel said so at once (ICMP port unreachable)",
        )
        .or_instead(server, instead)
        .or_try("check the port; DNS is on 53, and the lab's on 7053 while netlab lab up runs")
    }

    /// No answer from any server.
    #[must_use]
    pub fn dns_silence(name: &str, servers: &[SocketAddr], trouble: Trouble) -> Self {
        let mut names: Vec<String> = servers.iter().map(ToString::to_string).collect();
        names.dedup();
        let who = if names.is_empty() { "the server".to_owned() } else { names.join(" and ") };
        let offline = "names under .test need no network: netlab resolve garden.test";
        match trouble.kind {
            TroubleKind::TimedOut => Self::network(
                format!("{who} did not answer"),
                format!("the question about {name} went out and nothing came back: no network, a wrong server address, or a firewall that drops DNS"),
            )
            .or_try("check the network, or ask another server with --server")
            .or_try(offline),
            TroubleKind::Refused => Self::network(
                format!("nothing answers DNS on {who}"),
                "the machine is there, but no program waits on that port: its kernel said so at once",
            )
            .or_try("check the port; DNS is on 53, and the lab's on 7053 while netlab lab up runs"),
            TroubleKind::NetworkUnreachable | TroubleKind::HostUnreachable => Self::network(
                format!("there is no way from here to {who}"),
                "this machine has no route to it, so no packet was sent at all: no network is connected",
            )
            .or_try("connect a network")
            .or_try(offline),
            _ => Self::network(format!("asking {who} about {name} failed"), trouble_means(trouble)),
        }
    }

    /// No answer to a question that was one datagram.
    #[must_use]
    pub fn dns_asked_once(name: &str, server: SocketAddr, id: u16) -> Self {
        Self::network(
            format!("no answer came from {server}"),
            format!("the question about {name} went out once, with the number {id}, and nothing came back in time. UDP tells nobody of a loss: it may be the question that was lost, or the answer, or the server may be silent, and from here that looks all the same"),
        )
        .or_try(format!("ask once more, with the same number: add --id {id}"))
        .or_try("leave --once out: netlab then asks again by itself, after 0.8, 1.8 and 3.4 seconds")
    }
}
