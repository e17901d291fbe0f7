//! The lab's doors: what there is, where, and how other tools get in.

use std::net::SocketAddr;

use serde_json::json;

use crate::lab::up::Addresses;
use crate::render::json::SCHEMA;
use crate::render::text::cells::hang;
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen, paint};

/// Shows a lab that is up.
pub fn show(screen: &Screen, lab: &Addresses) {
    if screen.look.form == Form::Json {
        let list = |addresses: &[SocketAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
        let all = [&lab.hello[..], &lab.daytime, &lab.echo, &lab.here, &lab.tally, &[lab.dns]].concat();
        let document = json!({
            "schema": SCHEMA,
            "listening": list(&all),
            "hello": list(&lab.hello),
            "daytime": list(&lab.daytime),
            "echo": list(&lab.echo),
            "here": list(&lab.here),
            "tally": list(&lab.tally),
            "dns": lab.dns.to_string(),
        });
        screen.line(&document.to_string());
        return;
    }
    let first = |addresses: &[SocketAddr]| addresses.first().copied().unwrap_or(lab.dns);
    let (hello, daytime, echo, dns) = (first(&lab.hello), first(&lab.daytime), first(&lab.echo), lab.dns);
    let head = "the lab is up: a small internet on this machine, reachable from this machine only";
    hang("", head, screen.look.width, 0).iter().for_each(|line| screen.line(line));
    door(
        screen,
        "HTTP",
        "hello.test, garden.test, shop.test",
        hello,
        &[
            "netlab raw-get http://hello.test/".to_string(),
            format!("curl --resolve hello.test:{0}:{1} http://hello.test:{0}/", hello.port(), hello.ip()),
        ],
    );
    door(
        screen,
        "daytime",
        "time.test: it speaks first",
        daytime,
        &["netlab connect time.test".to_owned(), format!("nc {} {}", daytime.ip(), daytime.port())],
    );
    door(
        screen,
        "echo",
        "echo.test: it repeats what you say, over TCP and UDP",
        echo,
        &[
            "netlab connect echo.test".to_owned(),
            format!("nc {} {}", echo.ip(), echo.port()),
            format!("nc -u {} {}", echo.ip(), echo.port()),
        ],
    );
    let here = first(&lab.here);
    door(
        screen,
        "here",
        "here.test: it says which address you called; other.here.test and six.here.test are two more",
        here,
        &["netlab connect here.test".to_owned(), format!("nc {} {}", here.ip(), here.port())],
    );
    let tally = first(&lab.tally);
    door(
        screen,
        "tally",
        "tally.test: it counts what you send until you finish",
        tally,
        &[
            "netlab connect tally.test".to_owned(),
            format!("echo hello | nc -N {} {}", tally.ip(), tally.port()),
        ],
    );
    door(
        screen,
        "DNS",
        "every name under .test, over UDP and TCP",
        dns,
        &[
            "netlab resolve garden.test".to_owned(),
            format!("dig @{} -p {} garden.test", dns.ip(), dns.port()),
        ],
    );
    screen.status("Ctrl-C takes it down again");
}

fn door(screen: &Screen, name: &str, what: &str, address: SocketAddr, commands: &[String]) {
    let width = screen.look.width;
    screen.line("");
    for line in hang("", &format!("{name} on {address}, {what}"), width, 2) {
        screen.line(&paint(Role::Heading, &line));
    }
    for command in commands {
        for line in hang("  $ ", command, width, 6) {
            screen.line(&paint(Role::Command, &line));
        }
    }
}
