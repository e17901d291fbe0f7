//! The services of the lab: a row for each, and everything that is said or done about services in general follows from it.
//!
//! Which ports are taken and where a call goes that names the usual port ([`super::addresses`]), which names lead there
//! ([`super::zone`]), what `lab status` shows and which commands it offers, and what is started ([`super::up`]).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::row::{Door, Name, Row};
use super::{daytime, dns, echo, finger, here, tally, web};
use crate::evidence::Transport;
use crate::proto;

/// The web server.
pub const HELLO: &str = "hello";
/// The DNS server.
pub const DNS: &str = "dns";

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SIX: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const OTHER: IpAddr = local(2);
const GARDEN: IpAddr = local(4);
const SHOP: IpAddr = local(5);
const BOTH: &[IpAddr] = &[LOCAL, SIX];

const TCP: &[Transport] = &[Transport::Tcp];
const ANY: &[Transport] = &[Transport::Tcp, Transport::Udp];

/// All services, in the order in which `lab status` shows them.
#[rustfmt::skip]
pub static SERVICES: &[Row] = &[
    Row {
        key: HELLO,
        protocol: &proto::http::HTTP,
        names: &[
            Name { name: "hello.test", hosts: BOTH },
            Name { name: "garden.test", hosts: &[GARDEN, SHOP] },
            Name { name: "www.garden.test", hosts: &[] },
            Name { name: "mail.garden.test", hosts: &[GARDEN] },
            Name { name: "shop.test", hosts: &[SHOP] },
        ],
        doors: &[Door {
            title: "HTTP",
            what: "hello.test, garden.test, shop.test",
            port: 80, transports: TCP, hosts: &[LOCAL, SIX, GARDEN, SHOP], exact: false, tls: false,
            help: &[
                "netlab raw-get http://hello.test/",
                "curl --resolve hello.test:{port}:{ip} http://hello.test:{port}/",
            ],
        }, Door {
            title: "HTTPS",
            what: "the same sites over TLS",
            port: 443, transports: TCP, hosts: &[LOCAL, SIX, GARDEN, SHOP], exact: false, tls: true,
            help: &[
                "netlab raw-get https://hello.test/",
                "netlab lab ca > lab-ca.pem",
                "curl --cacert lab-ca.pem --resolve hello.test:{port}:{ip} https://hello.test:{port}/",
            ],
        }],
        start: web::start,
    },
    Row {
        key: "daytime",
        protocol: &proto::plain::PLAIN,
        names: &[Name { name: "time.test", hosts: BOTH }],
        doors: &[Door {
            title: "daytime",
            what: "time.test: it speaks first",
            port: 13, transports: TCP, hosts: BOTH, exact: false, tls: false,
            help: &["netlab connect time.test", "nc {ip} {port}"],
        }],
        start: daytime::start,
    },
    Row {
        key: "echo",
        protocol: &proto::plain::PLAIN,
        names: &[Name { name: "echo.test", hosts: BOTH }],
        doors: &[Door {
            title: "echo",
            what: "echo.test: it repeats what you say, over TCP and UDP",
            port: 7, transports: ANY, hosts: BOTH, exact: false, tls: false,
            help: &["netlab connect echo.test", "nc {ip} {port}", "nc -u {ip} {port}"],
        }],
        start: echo::start,
    },
    Row {
        key: "here",
        protocol: &proto::plain::PLAIN,
        names: &[
            Name { name: "here.test", hosts: &[LOCAL] },
            Name { name: "other.here.test", hosts: &[OTHER] },
            Name { name: "six.here.test", hosts: &[SIX] },
        ],
        doors: &[Door {
            title: "here",
            what: "here.test: it says which address you called; other.here.test and six.here.test are two more",
            port: 100, transports: TCP, hosts: &[LOCAL, OTHER, SIX], exact: true, tls: false,
            help: &["netlab connect here.test", "nc {ip} {port}"],
        }],
        start: here::start,
    },
    Row {
        key: "tally",
        protocol: &proto::plain::PLAIN,
        names: &[Name { name: "tally.test", hosts: BOTH }],
        doors: &[Door {
            title: "tally",
            what: "tally.test: it counts what you send until you finish",
            port: 101, transports: TCP, hosts: BOTH, exact: false, tls: false,
            help: &["netlab connect tally.test", "echo hello | nc -N {ip} {port}"],
        }],
        start: tally::start,
    },
    Row {
        key: "finger",
        protocol: &proto::finger::FINGER,
        names: &[Name { name: "finger.test", hosts: BOTH }],
        doors: &[Door {
            title: "finger",
            what: "finger.test: it tells about ada and grace, to who names one, and who is there, to who names nobody",
            port: 79, transports: TCP, hosts: BOTH, exact: false, tls: false,
            help: &[
                "netlab connect finger.test --say-first 'ada\\r\\n'",
                "echo ada | nc -C {ip} {port}",
                "curl gopher://{ip}:{port}/0ada",
            ],
        }],
        start: finger::start,
    },
    Row {
        key: DNS,
        protocol: &proto::dns::DNS,
        names: &[Name { name: "dns.test", hosts: &[LOCAL] }],
        doors: &[Door {
            title: "DNS",
            what: "every name under .test, over UDP and TCP",
            port: 53, transports: ANY, hosts: &[LOCAL], exact: false, tls: false,
            help: &["netlab resolve garden.test", "dig @{ip} -p {port} garden.test"],
        }],
        start: dns::start,
    },
];

const fn local(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

/// All names that lead to a service, in the order of the table.
pub fn names() -> impl Iterator<Item = &'static Name> {
    SERVICES.iter().flat_map(|row| row.names)
}

/// The port somebody means who names a lab host without one. What is no service's name is a web site's.
#[must_use]
pub fn usual_port(name: &str) -> u16 {
    let name = name.trim_end_matches('.');
    let has = |row: &&Row| row.names.iter().any(|one| one.name.eq_ignore_ascii_case(name));
    let door = SERVICES.iter().find(has).and_then(|row| row.doors.first());
    door.map_or(80, |door| door.port)
}

/// The same for somebody who speaks TLS.
#[must_use]
pub fn usual_port_over_tls(name: &str) -> u16 {
    let name = name.trim_end_matches('.');
    let has = |row: &&Row| row.names.iter().any(|one| one.name.eq_ignore_ascii_case(name));
    let door = SERVICES.iter().find(has).and_then(|row| row.doors.iter().find(|door| door.tls));
    door.map_or(443, |door| door.port)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{SERVICES, names, usual_port};

    #[test]
    fn a_name_knows_its_port_and_a_site_without_a_service_has_that_of_http() {
        assert_eq!(usual_port("time.test"), 13);
        assert_eq!(usual_port("Six.Here.Test."), 100);
        assert_eq!(usual_port("mail.garden.test"), 80);
        assert_eq!(usual_port("big.test"), 80);
    }

    #[test]
    fn no_two_rows_share_a_key_a_name_or_a_port_at_an_address() {
        let mut keys = HashSet::new();
        assert!(SERVICES.iter().all(|row| keys.insert(row.key)));
        let mut seen = HashSet::new();
        assert!(names().all(|name| seen.insert(name.name)));
        let mut taken = HashSet::new();
        for door in SERVICES.iter().flat_map(|row| row.doors) {
            assert!(!door.hosts.is_empty() && !door.transports.is_empty(), "{}", door.title);
            for host in door.hosts {
                for transport in door.transports {
                    assert!(taken.insert((host, door.port, transport.name())), "{} at {host}", door.title);
                }
            }
        }
    }

    #[test]
    fn a_name_leads_to_where_its_service_waits() {
        for row in SERVICES {
            for name in row.names {
                for host in name.hosts {
                    assert!(row.doors[0].hosts.contains(host), "{} at {host}", name.name);
                }
            }
        }
    }
}
