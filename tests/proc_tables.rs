//! What Linux writes into /proc: sockets and the marks of IPv6 addresses, from lines as they are, as they
//! might be, and as they should not be. And who is named to somebody who was refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use std::net::SocketAddr;

use netlab::evidence::Transport;
use netlab::net::interfaces::{Mark, marks};
use netlab::net::sockets::Socket;
use netlab::net::sockets::listeners::nearest;
use netlab::net::sockets::owner::{Held, Program};
use netlab::net::sockets::state::State;
use netlab::net::sockets::table::{Row, rows};

/// As a little-endian machine writes it.
const TCP: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1E61 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000        0 612103 1 000000001008ff64 100 0 0 10 0
   1: 0100007F:C8B0 0100007F:1E61 01 00000005:0000000C 01:00000014 00000000  1000        0 612999 2 0000000000000000 20 4 30 10 -1
   2: 0500007F:1E61 0100007F:C8B2 06 00000000:00000000 03:00000F6C 00000000     0        0 0 3 0000000000000000
";
const TCP6: &str = "   0: 00000000000000000000000001000000:1E61 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 612101 1 0000000034d989d9 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C8B4 08 00000000:00000001 00:00000000 00000000     0        0 7 1 0000000000000000 20 4 0 10 -1";
const UDP: &str = " 9827: 3500007F:0035 00000000:0000 07 00000000:00000300 00:00000000 00000000   101        0 612099 2 00000000b8878120 0
 9828: 0100007F:D903 3500007F:0035 01 00000000:00000000 00:00000000 00000000   101        0 612100 2 00000000b8878121 0";

fn read(table: &str, transport: Transport) -> Vec<Row> {
    rows(table, transport).collect()
}

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[cfg(target_endian = "little")]
#[test]
fn a_table_of_tcp_is_read_line_by_line() {
    let found = read(TCP, Transport::Tcp);
    assert_eq!(found.len(), 3, "the heading is no row");
    let [listener, open, over] = &found[..] else { unreachable!() };
    assert_eq!((listener.socket.local, listener.socket.remote), (at("127.0.0.1:7777"), None));
    assert_eq!((listener.socket.state, listener.socket.receive_queue), (State::Listen, 2));
    assert_eq!((listener.socket.user, listener.inode), (1000, 612_103));
    assert_eq!((open.socket.local, open.socket.remote), (at("127.0.0.1:51376"), Some(at("127.0.0.1:7777"))));
    assert_eq!((open.socket.send_queue, open.socket.receive_queue), (5, 12));
    assert_eq!(open.socket.held, Held::Unseen, "until its program is found");
    assert_eq!((over.socket.state, &over.socket.held), (State::TimeWait, &Held::Kernel));
}

#[cfg(target_endian = "little")]
#[test]
fn ipv6_is_four_words_and_may_hold_ipv4() {
    let found = read(TCP6, Transport::Tcp);
    assert_eq!(found[0].socket.local, at("[::1]:7777"));
    assert_eq!(found[1].socket.local, at("[::ffff:127.0.0.1]:8080"));
    assert_eq!(found[1].socket.remote, Some(at("[::ffff:127.0.0.1]:51380")));
    assert_eq!(found[1].socket.state, State::CloseWait);
}

#[cfg(target_endian = "little")]
#[test]
fn udp_has_two_kinds_of_sockets() {
    let found = read(UDP, Transport::Udp);
    assert_eq!((found[0].socket.state, found[0].socket.local), (State::Unconnected, at("127.0.0.53:53")));
    assert_eq!(
        (found[1].socket.state, found[1].socket.remote),
        (State::Connected, Some(at("127.0.0.53:53")))
    );
    assert!(found[0].socket.is_listening() && !found[1].socket.is_listening());
}

#[test]
fn every_state_of_the_kernel_has_its_name_in_the_rfc() {
    let line = |state: &str| TCP.lines().nth(1).unwrap().replace(" 0A ", &format!(" {state} "));
    for (number, name) in [
        ("01", "ESTABLISHED"),
        ("02", "SYN-SENT"),
        ("03", "SYN-RECEIVED"),
        ("04", "FIN-WAIT-1"),
        ("05", "FIN-WAIT-2"),
        ("06", "TIME-WAIT"),
        ("07", "CLOSED"),
        ("08", "CLOSE-WAIT"),
        ("09", "LAST-ACK"),
        ("0A", "LISTEN"),
        ("0B", "CLOSING"),
        ("0C", "SYN-RECEIVED"),
    ] {
        let found = read(&line(number), Transport::Tcp);
        assert_eq!(found[0].socket.state.name(), name);
        assert!(found[0].socket.state.meaning().len() > 20);
    }
    assert_eq!(read(&line("0D"), Transport::Tcp), [], "a state nobody knows is no row");
}

#[test]
fn a_line_cut_anywhere_is_a_row_or_none_and_nothing_else() {
    let line = TCP.lines().nth(1).unwrap();
    for end in 0..=line.len() {
        let found = read(&line[..end], Transport::Tcp);
        assert!(found.len() <= 1);
        if let Some(row) = found.first() {
            assert_eq!(row.socket.state, State::Listen);
        }
    }
}

#[test]
fn hostile_lines_are_passed_over() {
    let good = TCP.lines().nth(1).unwrap();
    for (from, to) in [
        ("0100007F:1E61", "0100007F:+E61"),
        ("0100007F:1E61", "0100007F:11E61"),
        ("0100007F:1E61", "0100007F"),
        ("0100007F:1E61", "100007F:1E61"),
        ("0100007F:1E61", "\u{1b}[2J:1E61"),
        ("0100007F:1E61", "ééééé0100007F0100007F0100:1E61"),
        ("0100007F:1E61", "éééééééééééééééé:1E61"),
        ("00000000:00000002", "00000000-00000002"),
        ("00000000:00000002", "00000000:100000002"),
        (" 1000 ", " -1 "),
        (" 1000 ", " 99999999999 "),
        ("612103", "0x612103"),
        ("612103", "99999999999999999999999"),
        ("   0:", "   0"),
        ("   0:", "  sl:"),
        (" 0A ", " LISTEN "),
    ] {
        let line = good.replacen(from, to, 1);
        assert_ne!(line, good);
        assert_eq!(read(&line, Transport::Tcp), [], "{line:?}");
    }
    assert_eq!(read(&format!("{}\n{good}\n\0\n", "x".repeat(10_000)), Transport::Tcp).len(), 1);
}

#[test]
fn ipv6_addresses_have_marks() {
    let table = "20010db8000000000000000000000001 02 40 00 01     eth0\n\
                 20010db8000000000000000000000002 02 40 00 21     eth0\n\
                 fe800000000000000000000000000001 02 40 20 c8     wl\u{1b}an\n\
                 00000000000000000000000000000001 01 80 10 80       lo\n";
    let found = marks(table);
    assert_eq!(found[0], ("eth0".to_owned(), "2001:db8::1".parse().unwrap(), vec![Mark::Temporary]));
    assert_eq!(found[1].2, [Mark::Temporary, Mark::Deprecated]);
    assert_eq!((found[2].0.as_str(), &found[2].2), ("wl\u{1b}an", &vec![Mark::Tentative, Mark::Duplicate]));
    assert_eq!(found[3].2, []);
    for broken in ["", "fe80 02 40 20 80 eth0", "zz800000000000000000000000000001 02 40 20 80 eth0"] {
        assert_eq!(marks(broken), []);
    }
    let line = table.lines().next().unwrap();
    for end in 0..line.len() {
        assert!(marks(&line[..end]).len() <= 1);
    }
}

fn listener(address: &str, program: Option<(u32, &str)>) -> Socket {
    let program = program.map(|(pid, name)| Program { pid, name: name.to_owned() });
    Socket {
        transport: Transport::Tcp,
        local: at(address),
        remote: None,
        state: State::Listen,
        receive_queue: 0,
        send_queue: 0,
        user: 1000,
        held: program.map_or(Held::Unseen, |program| Held::Programs(vec![program])),
    }
}

#[test]
fn the_same_port_comes_first_then_near_ports_one_for_each_program_and_three_in_all() {
    let found = [
        listener("0.0.0.0:22", None),
        listener("127.0.0.1:8000", Some((12, "node"))),
        listener("[::1]:8000", Some((12, "node"))),
        listener("127.0.0.1:8001", Some((12, "node"))),
        listener("127.0.0.1:9000", Some((13, "python3"))),
        listener("127.0.0.1:9001", Some((14, "caddy"))),
        listener("127.0.0.2:7777", None),
    ];
    let named = nearest(at("127.0.0.1:7777"), found);
    let named: Vec<_> = named.iter().map(|one| one.address).collect();
    assert_eq!(named, [at("127.0.0.2:7777"), at("127.0.0.1:8000"), at("127.0.0.1:9000")]);
    assert_eq!(nearest(at("127.0.0.1:7777"), []), []);
}
