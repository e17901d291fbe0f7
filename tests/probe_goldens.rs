//! What `probe` says to servers that people really use: the verdicts are kept in `tests/goldens/probe`, a file for
//! each server, a line for each check. `NETLAB_BLESS=1 cargo test --test probe_goldens` writes them anew; read them.
//!
//! A server's verdicts change with its version, so the first line names the version they were taken from.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use run::{Running, home, run, skipped, told, tool};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/probe").join(name)
}

/// The first whole number of at least four digits, or behind a colon, in a server's first line: its port.
fn port(line: &str) -> u16 {
    let digits = line.split(|char: char| !char.is_ascii_digit());
    digits.filter_map(|word| word.parse().ok()).find(|port| *port >= 1024).unwrap_or_else(|| panic!("{line}"))
}

/// Probes a server that runs, and gives the table of its verdicts.
fn verdicts(port: u16) -> String {
    let home = home();
    let url = format!("http://127.0.0.1:{port}/");
    let ran = run(
        home.path(),
        ["probe", &url, "--json", "--stage", "robust", "--patience", "20s", "--wait", "20s"],
    );
    let document = ran.document();
    let stages = document["stages"].as_array().unwrap();
    let checks = stages.iter().flat_map(|stage| stage["checks"].as_array().unwrap());
    checks
        .map(|check| format!("{} {}\n", check["check"].as_str().unwrap(), check["verdict"].as_str().unwrap()))
        .collect()
}

/// Holds a table against the one that is kept, if that one is about this version.
fn holds(name: &str, version: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/probe").join(format!("{name}.txt"));
    let now = format!("# {version}\n{table}");
    if std::env::var_os("NETLAB_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &now).unwrap();
        return told(&format!("written: {}", path.display()));
    }
    let kept = fs::read_to_string(&path).unwrap();
    let (kept_version, _) = kept.split_once('\n').unwrap();
    if kept_version != format!("# {version}") {
        let of = kept_version.trim_start_matches("# ");
        return skipped(&format!("the verdicts on {name} were taken from {of}, and here is {version}"));
    }
    assert_eq!(now, kept, "{name}: read the difference; NETLAB_BLESS=1 keeps it");
}

/// What a program says to --version, up to its second number: a patch does not change verdicts.
fn version(program: &str) -> String {
    let said = Command::new(program).arg("--version").stderr(Stdio::null()).output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    let number = said.trim().rsplit([' ', 'v']).next().unwrap().to_owned();
    number.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[test]
fn netlabs_own_server_passes_everything() {
    let home = home();
    let server = Running::start(home.path(), ["serve", "--port", "0", "--strict"]);
    let table = verdicts(port(&server.line()));
    let other: Vec<&str> = table.lines().filter(|line| !line.ends_with(" pass")).collect();
    assert_eq!(other, [""; 0], "netlab serve falls short of its own measure");
    holds("netlab-serve", "netlab serve --strict", &table);
}

#[test]
fn without_strict_it_says_200_for_pages_it_does_not_have() {
    let home = home();
    let server = Running::start(home.path(), ["serve", "--port", "0"]);
    holds("netlab-serve-default", "netlab serve", &verdicts(port(&server.line())));
}

fn node(name: &str) {
    if !tool("node", "--version") {
        return;
    }
    let mut command = Command::new("node");
    command.arg(fixture(&format!("{name}.js"))).arg("0");
    let server = Running::of(command);
    let node = version("node");
    let major = node.split('.').next().unwrap();
    holds(&format!("node-{name}"), &format!("Node {major}"), &verdicts(port(&server.line())));
}

#[test]
fn a_node_program_with_one_answer() {
    node("one-answer");
}

#[test]
fn a_node_program_that_branches_on_the_url() {
    node("branches");
}

/// The program that lesson 13 shows, with changes, and those of its checks that fail.
fn of_the_lesson(changes: &[(&str, &str)]) -> Vec<String> {
    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/13-hello-server.md");
    let lesson = fs::read_to_string(lesson).unwrap();
    let (_, rest) = lesson.split_once("```js\n").unwrap();
    let mut program = rest.split_once("```").unwrap().0.to_owned();
    let port = "listen(0, '127.0.0.1', function () { console.log('listening on ' + this.address().port) })";
    for (from, to) in changes.iter().chain(&[("listen(7777, '127.0.0.1')", port)]) {
        assert!(program.contains(from), "{from} is in the lesson's program:\n{program}");
        program = program.replace(from, to);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hello.js");
    fs::write(&file, program).unwrap();
    let mut command = Command::new("node");
    command.arg(&file);
    let server = Running::of(command);
    let table = verdicts(self::port(&server.line()));
    let of_the_step = table.lines().filter(|line| line.starts_with("hello.") || line.starts_with("routes."));
    of_the_step.filter_map(|line| line.strip_suffix(" fail")).map(str::to_owned).collect()
}

#[test]
fn the_lessons_own_program_fails_until_it_is_mended_as_the_lesson_says() {
    if !tool("node", "--version") {
        return;
    }
    assert_eq!(of_the_lesson(&[]), ["routes.query", "routes.front-query", "routes.unknown"]);
    let query = ("answer(request.url)", "answer(request.url.split('?')[0])");
    assert_eq!(of_the_lesson(&[query]), ["routes.unknown"]);
    let status = (
        "  response.end(",
        "  if (answer(request.url.split('?')[0]) === 'Default route') response.statusCode = 404\n  response.end(",
    );
    assert_eq!(of_the_lesson(&[status, query]), [""; 0]);
}

#[test]
fn the_server_that_comes_with_python() {
    if !tool("python3", "--version") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("python3");
    command.args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]).current_dir(folder.path());
    let server = Running::of(command);
    holds("python-http-server", &format!("Python {}", version("python3")), &verdicts(port(&server.line())));
}

#[test]
fn an_express_program() {
    if !tool("node", "--version") {
        return;
    }
    let asks = ["-e", "console.log(require('express/package.json').version)"];
    let found = Command::new("node").args(asks).current_dir(fixture("express")).output().unwrap();
    if !found.status.success() {
        return skipped(
            "express is not in node_modules; tests/fixtures/probe/express/README.md says how to get it",
        );
    }
    let mut command = Command::new("node");
    command.arg(fixture("express/server.js")).arg("0");
    let server = Running::of(command);
    let said = String::from_utf8(found.stdout).unwrap();
    let major = said.split('.').next().unwrap();
    holds("express", &format!("Express {major}"), &verdicts(port(&server.line())));
}
