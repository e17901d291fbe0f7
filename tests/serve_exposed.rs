//! A server that other machines may call: only when that is said, with a word about what it means, and not for ever.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::path::Path;
use std::process::Command;

use run::{Running, home, netlab, run, skipped};
use tempfile::TempDir;

/// What a shell sees in a network of its own, where this machine is 192.168.7.1 and nobody else is there.
fn alone(script: &str) -> Option<String> {
    let home = home();
    let whole = format!(
        "ip link set lo up && ip addr add 192.168.7.1/24 dev lo || exit 77\n\
         served() {{ for _ in $(seq 400); do grep -q listening \"$1\" && return; sleep 0.05; done; exit 1; }}\n{script}"
    );
    let made = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "sh", "-c", &whole])
        .env("PATH", path_with_netlab())
        .env("NETLAB_HOME", home.path())
        .env("COLUMNS", "80")
        .env("TMP", home.path())
        .output();
    let ran = made.ok().filter(|ran| ran.status.code() != Some(77) && ran.status.code() != Some(1));
    ran.map(|ran| {
        let text = [ran.stdout, ran.stderr].concat();
        String::from_utf8(text).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

fn path_with_netlab() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_netlab")).parent().unwrap().display().to_string();
    format!("{folder}:{}", std::env::var("PATH").unwrap_or_default())
}

fn serve(options: &[&str]) -> (Running, String, TempDir) {
    let home = home();
    let running = Running::of(netlab(home.path(), ["serve", "--port", "0"].iter().chain(options)));
    let first = running.line();
    (running, first, home)
}

#[test]
fn nobody_is_let_in_by_an_address_alone() {
    let home = home();
    for ip in ["0.0.0.0", "::", "192.0.2.7"] {
        let refused = run(home.path(), ["serve", "--port", "0", "--bind", ip]).exits(2);
        assert!(refused.complaint().contains(&format!("netlab serve --bind {ip} --port 0 --expose")), "{ip}");
    }
    run(home.path(), ["serve", "--for", "5"]).exits(2).says(&["--expose"]);
}

#[test]
fn a_loopback_address_of_ones_own_needs_no_word() {
    let (running, first, _home) = serve(&["--bind", "127.0.0.1"]);
    assert!(first.starts_with("listening on http://127.0.0.1:") && !first.contains("::1"), "{first}");
    let (.., notes) = running.terminate();
    assert!(!notes.contains("EXPOSED"), "{notes}");
}

const NO_NETWORK: &str =
    "this user may not make a network of its own (unshare, ip), and tests expose nothing elsewhere";

#[test]
fn who_is_let_in_is_told_where_and_the_page_of_requests_is_off() {
    let script = "cd $TMP; netlab serve --port 7777 --expose > out 2> notes & server=$!; served out\n\
        netlab raw-get http://192.168.7.1:7777/ 2>&1; netlab raw-get http://192.168.7.1:7777/_watch 2>&1\n\
        kill $server; wait $server; cat out notes";
    let Some(seen) = alone(script) else { return skipped(NO_NETWORK) };
    for part in [
        "listening on http://0.0.0.0:7777",
        "Hello from my netlab server",
        "Not Found (404)",
        "EXPOSED",
        "http://192.168.7.1:7777/",
        "60 minutes",
        "nothing is encrypted",
        // The way there for a phone's camera.
        "█",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
}

#[test]
fn without_half_blocks_the_address_is_enough() {
    let script = "cd $TMP; netlab serve --port 7777 --bind 192.168.7.1 --expose --plain --for 5 > out 2> notes & server=$!\n\
        served out; kill $server; wait $server; cat out notes";
    let Some(seen) = alone(script) else { return skipped(NO_NETWORK) };
    assert!(
        seen.is_ascii() && seen.contains("http://192.168.7.1:7777/") && seen.contains("5 minutes"),
        "{seen}"
    );
}
