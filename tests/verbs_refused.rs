//! Who is refused by this machine is told who waits near there, for connections and for datagrams.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::net::{SocketAddr, TcpListener, UdpSocket};

use netlab::net::sockets::sockets;
use netlab::net::tcp_info;
use run::{home, ipv6, run, skipped};
use socket2::{Domain, Socket, Type};

/// Whether this system tells who waits where.
fn tells() -> bool {
    let trouble = sockets(|_| false).err();
    if let Some(why) = &trouble {
        skipped(why);
    }
    trouble.is_none()
}

/// This test's own program, as it is named.
fn own() -> String {
    format!("(pid {})", std::process::id())
}

/// A port on which no datagrams are taken, and a socket on the one above it.
fn neighbours() -> (u16, UdpSocket) {
    loop {
        let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if let Some(above) = free.checked_add(1)
            && let Ok(socket) = UdpSocket::bind(("127.0.0.1", above))
        {
            return (free, socket);
        }
    }
}

/// A TCP server on every IPv6 address; on IPv4 as well, unless it is on IPv6 `only`.
fn on_every_ipv6(only: bool, port: u16) -> Option<(Socket, u16)> {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None).unwrap();
    socket.set_only_v6(only).unwrap();
    socket.bind(&SocketAddr::from(([0; 8], port)).into()).ok()?;
    socket.listen(1).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    Some((socket, port))
}

#[test]
fn a_datagram_that_nobody_takes_names_who_takes_some_on_that_port_of_another_address() {
    if !tells() {
        return;
    }
    let home = home();
    let other = UdpSocket::bind("127.0.0.2:0").unwrap();
    let port = other.local_addr().unwrap().port();
    run(home.path(), ["connect", "--udp", &format!("127.0.0.1:{port}"), "--say-first", "hello"])
        .exits(1)
        .says(&[
            &format!("error: no program takes datagrams on 127.0.0.1:{port}"),
            "try: the same port at another address: ",
            &format!("{} takes datagrams on 127.0.0.2:{port}", own()),
        ]);
}

#[test]
fn or_on_a_port_near_it() {
    if !tells() {
        return;
    }
    let home = home();
    let (asked, socket) = neighbours();
    let near = socket.local_addr().unwrap();
    let wanted = format!("{} takes datagrams on {near}", own());
    let asked = format!("127.0.0.1:{asked}");
    let ran = run(home.path(), ["connect", "--udp", &asked, "--say-first", "hello"]).exits(1);
    let said = ran.says(&["try: another port: your ", &wanted]).complaint();
    assert!(said.find(&wanted) < said.find("netlab listen --udp"), "the likeliest comes first: {said}");
    assert!(said.matches("try: ").count() <= 5, "{said}");
}

#[test]
fn a_dns_server_that_is_not_there_names_who_is() {
    if !tells() {
        return;
    }
    let home = home();
    let (asked, socket) = neighbours();
    let wanted = format!("{} takes datagrams on {}", own(), socket.local_addr().unwrap());
    let asked = format!("127.0.0.1:{asked}");
    run(home.path(), ["resolve", "--server", &asked, "garden.test"]).exits(1).says(&[
        &format!("error: nothing answers DNS on {asked}"),
        "ICMP port unreachable",
        "try: another port: your ",
        &wanted,
    ]);
}

#[test]
fn a_tcp_server_is_not_taken_for_one_of_datagrams_nor_the_other_way_round() {
    if !tells() {
        return;
    }
    let home = home();
    let tcp = TcpListener::bind("127.0.0.2:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    let refused = format!("127.0.0.1:{port}");
    let said = run(home.path(), ["connect", "--udp", &refused, "--say-first", "a"]).exits(1).complaint();
    assert!(!said.contains(&format!("127.0.0.2:{port}")), "{said}");
    let udp = UdpSocket::bind("127.0.0.2:0").unwrap();
    let port = udp.local_addr().unwrap().port();
    let said = run(home.path(), ["connect", &format!("127.0.0.1:{port}")]).exits(1).complaint();
    assert!(!said.contains(&format!("127.0.0.2:{port}")), "{said}");
}

#[test]
fn a_server_on_ipv6_alone_is_named_with_its_own_loopback() {
    if !tells() || !ipv6() {
        return;
    }
    let home = home();
    let loopback = TcpListener::bind("[::1]:0").unwrap();
    let (everywhere, port) = on_every_ipv6(true, 0).unwrap();
    for port in [loopback.local_addr().unwrap().port(), port] {
        run(home.path(), ["connect", &format!("127.0.0.1:{port}")]).exits(1).says(&[
            &format!("error: nothing listens on 127.0.0.1:{port}"),
            "try: the same port at another address: ",
            &format!("{} listens on [::1]:{port}", own()),
        ]);
    }
    drop(everywhere);
}

#[test]
fn one_on_both_kinds_is_named_with_the_address_that_was_called() {
    if !tells() || !ipv6() {
        return;
    }
    if let Some(why) = tcp_info::missing() {
        return skipped(&why);
    }
    let home = home();
    let (asked, _server, above) = loop {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let above = free.checked_add(1).and_then(|above| on_every_ipv6(false, above));
        if let Some((server, above)) = above {
            break (free, server, above);
        }
    };
    run(home.path(), ["connect", &format!("127.0.0.1:{asked}")])
        .exits(1)
        .says(&["try: another port: your ", &format!("{} listens on 127.0.0.1:{above}", own())]);
    // It takes calls to IPv4, so there nobody is refused.
    run(home.path(), ["connect", &format!("127.0.0.1:{above}"), "--wait", "0s"]).says(&["connected: "]);
}
