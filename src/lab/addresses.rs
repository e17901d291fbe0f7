//! Where the services of a lab really are: one map from the usual addresses to the real ones.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::row::{Door, Open, Row};
use super::serve::listening_on;
use crate::evidence::Transport;

/// The lab's ports are the usual ones plus this, so that they are easy to remember and need no root.
pub const PORT_BASE: u16 = 7000;

/// Where the services of a lab are, as other processes read it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Every socket that is open, in the order of the table.
    pub services: Vec<Place>,
}

/// One open socket of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The service's key.
    pub service: String,
    /// What is spoken there: the title of the door.
    pub door: String,
    /// The name of the protocol behind it.
    pub protocol: String,
    /// What carries it.
    pub transport: Transport,
    /// Whether TLS is spoken from the first byte.
    pub tls: bool,
    /// Whether no other address will do.
    pub exact: bool,
    /// Where it would be elsewhere: the address its names have, and the port without [`PORT_BASE`].
    pub usual: SocketAddr,
    /// Where it is.
    pub real: SocketAddr,
}

impl Addresses {
    /// Notes the sockets of a door that has been opened.
    pub fn add(&mut self, row: &Row, open: &Open) {
        let datagrams = open.sockets.iter().filter_map(|socket| socket.local_addr().ok());
        let all = listening_on(&open.listeners).into_iter().map(|real| (Transport::Tcp, real));
        let all = all.chain(datagrams.map(|real| (Transport::Udp, real)));
        let Door { title, tls, exact, port, .. } = *open.door;
        self.services.extend(all.map(|(transport, real)| Place {
            service: row.key.to_owned(),
            door: title.to_owned(),
            protocol: row.protocol.name.to_owned(),
            transport,
            tls,
            exact,
            usual: SocketAddr::new(real.ip(), port),
            real,
        }));
    }

    /// Where one service is: the addresses of its first door, each once.
    #[must_use]
    pub fn of(&self, service: &str) -> Vec<SocketAddr> {
        let mut places = self.services.iter().filter(|place| place.service == service).peekable();
        let first = places.peek().map(|place| place.door.as_str());
        let mut found: Vec<SocketAddr> = Vec::new();
        for place in places.filter(|place| Some(place.door.as_str()) == first) {
            if !found.contains(&place.real) {
                found.push(place.real);
            }
        }
        found
    }

    /// Where a door of a service is first.
    #[must_use]
    pub fn door(&self, service: &str, door: &str) -> Option<SocketAddr> {
        let place = self.services.iter().find(|place| place.service == service && place.door == door);
        place.map(|place| place.real)
    }

    /// The name of the protocol that is spoken at a real address of the lab.
    #[must_use]
    pub fn protocol(&self, real: SocketAddr) -> Option<&str> {
        let place = self.services.iter().find(|place| place.real == real);
        place.map(|place| place.protocol.as_str())
    }

    /// The lab's ports of services that have another one, each with that other one.
    #[must_use]
    pub fn moved(&self) -> Vec<(u16, u16)> {
        let mut moved: Vec<(u16, u16)> = Vec::new();
        for place in &self.services {
            let known = PORT_BASE + place.usual.port();
            if place.real.port() != known && !moved.iter().any(|(port, _)| *port == known) {
                moved.push((known, place.real.port()));
            }
        }
        moved
    }

    /// Where a connection to a lab address really goes: the lab's service for that usual port, at that address where
    /// this machine has it and at the service's first otherwise. Other ports are what they are. Of a service for which
    /// no other address will do, it goes to that very address, where nobody answers.
    #[must_use]
    pub fn place(&self, ip: IpAddr, port: u16) -> SocketAddr {
        let at_port = |place: &&Place| {
            let usual = place.usual.port();
            usual == port || PORT_BASE + usual == port
        };
        let here = self.services.iter().filter(at_port);
        if let Some(place) = here.clone().find(|place| place.usual.ip() == ip) {
            return place.real;
        }
        match here.clone().find(|place| !place.exact) {
            Some(place) => place.real,
            None => SocketAddr::new(ip, here.clone().next().map_or(port, |place| place.real.port())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{Addresses, Place};
    use crate::evidence::Transport;

    fn at(address: &str) -> SocketAddr {
        address.parse().expect("an address")
    }

    fn place(service: &str, transport: Transport, usual: &str, real: &str) -> Place {
        let [service, door, protocol] = [service; 3].map(str::to_owned);
        Place {
            service,
            door,
            protocol,
            transport,
            tls: false,
            exact: false,
            usual: at(usual),
            real: at(real),
        }
    }

    fn lab() -> Addresses {
        let (tcp, udp) = (Transport::Tcp, Transport::Udp);
        Addresses {
            services: vec![
                place("hello", tcp, "127.0.0.1:80", "127.0.0.1:7080"),
                place("hello", tcp, "127.0.0.4:80", "127.0.0.4:7080"),
                Place { exact: true, ..place("here", tcp, "127.0.0.1:100", "127.0.0.1:40100") },
                place("dns", tcp, "127.0.0.1:53", "127.0.0.1:40053"),
                place("dns", udp, "127.0.0.1:53", "127.0.0.1:40053"),
                place("root", udp, "127.0.0.2:53", "127.0.0.1:40054"),
            ],
        }
    }

    #[test]
    fn a_call_goes_to_the_very_address_or_to_the_first_one_there_is() {
        let goes = |to: &str| lab().place(at(to).ip(), at(to).port()).to_string();
        assert_eq!(goes("127.0.0.4:80"), "127.0.0.4:7080");
        assert_eq!(goes("127.0.0.4:7080"), "127.0.0.4:7080");
        assert_eq!(goes("127.0.0.5:80"), "127.0.0.1:7080");
        assert_eq!(goes("[::1]:7777"), "[::1]:7777");
    }

    #[test]
    fn where_no_other_address_will_do_the_call_goes_there_all_the_same() {
        assert_eq!(lab().place(at("127.0.0.2:100").ip(), 100), at("127.0.0.2:40100"));
    }

    /// As it is where a machine has 127.0.0.1 only: the second server stands beside the first, at a port of its own.
    #[test]
    fn two_servers_at_one_port_of_two_addresses_are_told_apart() {
        assert_eq!(lab().place(at("127.0.0.1:53").ip(), 53), at("127.0.0.1:40053"));
        assert_eq!(lab().place(at("127.0.0.2:53").ip(), 53), at("127.0.0.1:40054"));
    }

    #[test]
    fn an_address_is_listed_once_whatever_is_carried_there() {
        assert_eq!(lab().of("dns"), [at("127.0.0.1:40053")]);
        assert_eq!(lab().of("hello"), [at("127.0.0.1:7080"), at("127.0.0.4:7080")]);
        assert_eq!(lab().of("mail"), []);
    }

    #[test]
    fn only_ports_that_are_other_ones_have_moved() {
        assert_eq!(lab().moved(), [(7100, 40_100), (7053, 40_053)]);
    }

    #[test]
    fn another_process_reads_the_same() {
        let text = serde_json::to_string(&lab()).expect("it is written");
        assert_eq!(serde_json::from_str::<Addresses>(&text).expect("it is read"), lab());
    }
}
