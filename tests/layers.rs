//! Imports run downwards only (law 8), and only `main` and `render` write to the terminal.
//!
//! The table is read from the top: a module may use what its row names, and a row may only name rows
//! above it. Within a module files use each other downwards too, which [`circles`] counts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "layers/circles.rs"]
mod circles;
#[path = "layers/tour.rs"]
mod tour;

use std::fs;
use std::path::{Path, PathBuf};

/// A top-level module, and what of the modules above it may use. `lab::log` allows that part of `lab` only.
const TABLE: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("evidence", &[]),
    ("cli", &[]),
    ("state", &[]),
    ("meaning", &["evidence", "proto"]),
    ("probe", &["evidence", "proto", "meaning"]),
    ("error", &["evidence"]),
    ("net", &["evidence", "proto"]),
    ("client", &["net", "proto", "evidence"]),
    ("lab", &["net", "proto", "evidence", "error", "state"]),
    ("lessons", &["evidence", "proto", "meaning", "error", "state"]),
    (
        "render",
        &[
            "error",
            "evidence",
            "lessons",
            "meaning",
            "probe",
            "proto",
            // What a lookup came to, and how a host became addresses.
            "net::ask",
            "net::resolve",
            "net::receipts",
            "net::route",
            // This machine's addresses and sockets.
            "net::interfaces",
            "net::sockets",
            // What a server has to say, and where the lab's services are.
            "lab::faults",
            "lab::hello::faulty",
            "lab::hello::site",
            "lab::entry",
            "lab::relay",
            "lab::splice",
            "lab::addresses",
            "lab::row",
            "lab::table",
            "lab::window",
            "lab::watch",
        ],
    ),
    ("terminal", &["render", "evidence::lines"]),
    ("help", &["cli", "error", "render", "terminal"]),
    (
        "commands",
        &[
            "cli", "help", "terminal", "render", "lessons", "lab", "client", "net", "error", "state",
            "evidence", "probe", "proto", "meaning",
        ],
    ),
    ("lib", &[]),
    ("main", &["cli", "commands", "error", "help", "render", "terminal"]),
];

/// One import: the file, its line, and the path behind `crate::`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    file: String,
    line: usize,
    path: Vec<String>,
}

/// Every way up: imports that the table does not allow.
fn upward(module: &str, imports: &[Import]) -> Vec<String> {
    let (_, allowed) = TABLE.iter().find(|(name, _)| *name == module).unwrap();
    let fits = |import: &Import| {
        import.path[0] == module
            || allowed.iter().any(|path| {
                let path: Vec<&str> = path.split("::").collect();
                import.path.len() >= path.len() && path.iter().zip(&import.path).all(|(want, is)| want == is)
            })
    };
    let wrong = imports.iter().filter(|import| !fits(import));
    wrong.map(|one| format!("{}:{}: {module} uses {}", one.file, one.line, one.path.join("::"))).collect()
}

/// The imports in a file. `place` is where its module stands: `lab`, `hello`, `head` for lab/hello/head.rs.
fn imports(file: &str, place: &[&str], text: &str) -> Vec<Import> {
    let code = code(text);
    let mut found = Vec::new();
    for root in roots(place) {
        for (at, _) in code.match_indices(&root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|char| char.is_alphanumeric() || char == '_' || char == ':') {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            for path in paths(&code[at + root.len()..]) {
                let known = TABLE.iter().any(|(name, _)| path.first().is_some_and(|first| first == name));
                if known {
                    found.push(Import { file: file.to_owned(), line, path });
                }
            }
        }
    }
    found
}

/// The ways a module writes the root of the crate: `crate::`, and as many `super::` as lead there.
fn roots(place: &[&str]) -> [String; 3] {
    ["crate::".to_owned(), "netlab::".to_owned(), "super::".repeat(place.len().max(1))]
}

/// The paths at the beginning of `text`: one, or one for each entry of a `{...}` group, however deep.
fn paths(text: &str) -> Vec<Vec<String>> {
    let len = text.find(|char: char| !(char.is_alphanumeric() || char == '_' || char == ':'));
    let (path, rest) = text.split_at(len.unwrap_or(text.len()));
    let path: Vec<String> = path.split("::").filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let Some(group) = rest.strip_prefix('{') else { return vec![path] };
    let mut depth = 1;
    let mut entries = vec![String::new()];
    for char in group.chars() {
        depth += i32::from(char == '{') - i32::from(char == '}');
        match (depth, char) {
            (0, _) => break,
            (1, ',') => entries.push(String::new()),
            _ => entries.last_mut().unwrap().push(char),
        }
    }
    let whole = |inner: Vec<String>| path.iter().cloned().chain(inner).collect();
    entries.iter().flat_map(|entry| paths(entry.trim())).map(whole).collect()
}

/// The text without comments: what they mention is not imported.
fn code(text: &str) -> String {
    let cut = |line: &str| match line.split_once("//") {
        Some((before, _)) if before.trim().is_empty() || before.ends_with(' ') => before.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(|line| cut(line) + "\n").collect()
}

/// Every source file with the place of its module.
fn sources() -> Vec<(PathBuf, Vec<String>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let inside = path.strip_prefix(&root).unwrap().with_extension("");
                let mut place: Vec<String> =
                    inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
                place.pop_if(|last| last == "mod");
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(&root).unwrap().to_owned(), place, text));
            }
        }
    }
    assert!(found.len() > 50, "the sources were found");
    found
}

#[test]
fn every_module_uses_only_what_is_below_it() {
    let mut wrong = Vec::new();
    for (file, place, text) in sources() {
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        assert!(
            TABLE.iter().any(|(name, _)| *name == place[0]),
            "{} is a module that this table does not know: say what it may use",
            place[0]
        );
        wrong.extend(upward(place[0], &imports(&file.display().to_string(), &place, &text)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_table_itself_runs_downwards() {
    for (row, (module, allowed)) in TABLE.iter().enumerate() {
        for path in *allowed {
            let below = path.split("::").next().unwrap();
            let place = TABLE.iter().position(|(name, _)| *name == below).unwrap();
            assert!(place < row, "{module} may use {path}, which is not above its row");
        }
    }
}

#[test]
fn an_upward_import_is_caught_however_it_is_written() {
    for text in [
        "use netlab::render::text::screen::Screen;",
        "use crate::{evidence::Flow, render::screen};",
        "use crate::{\n    evidence::{Flow, Side},\n    commands::context::Context,\n};",
        "fn f() { netlab::render::text::screen::help(\"\") }",
        "use super::super::render;",
        "pub use crate::commands;",
    ] {
        let found = imports("net/dial.rs", &["net", "dial"], text);
        assert_eq!(upward("net", &found).len(), 1, "{text}: {found:?}");
    }
}

#[test]
fn a_downward_import_and_a_mention_are_let_through() {
    for text in [
        "use crate::evidence::{Flow, Side};",
        "/// See [`netlab::render::text::screen`].",
        "let a = 1; // as crate::commands does",
        "use super::tap::Tap;",
        "use crate::net::tap::Tap;",
    ] {
        let found = imports("net/dial.rs", &["net", "dial"], text);
        assert_eq!(upward("net", &found), [""; 0], "{text}");
    }
}

#[test]
fn only_the_named_part_of_a_module_may_be_used() {
    let found = imports("render/doors.rs", &["render", "doors"], "use crate::lab::addresses::Addresses;");
    assert_eq!(upward("render", &found), [""; 0]);
    let found = imports("render/doors.rs", &["render", "doors"], "use crate::lab::serve::run;");
    assert_eq!(upward("render", &found), ["render/doors.rs:1: render uses lab::serve::run"]);
    let found =
        imports("render/doors.rs", &["render", "doors"], "use crate::lab::{entry::Log, serve::{run, bind}};");
    assert_eq!(upward("render", &found).len(), 2, "{found:?}");
}

/// Words that write to the terminal. Asking whether it is one does not.
fn prints(text: &str) -> Vec<usize> {
    let code = code(text).replace("stdout().is_terminal()", "").replace("stdin().is_terminal()", "");
    let words = ["println!", "eprintln!", "print!", "eprint!", "dbg!", "stdout()", "stderr()"];
    let says = |line: &str| words.iter().any(|word| line.contains(word));
    code.lines().enumerate().filter(|(_, line)| says(line)).map(|(at, _)| at + 1).collect()
}

#[test]
fn only_main_render_and_terminal_write_to_the_terminal() {
    let mut wrong = Vec::new();
    for (file, place, text) in sources() {
        if !["main", "render", "terminal"].contains(&place[0].as_str()) {
            wrong.extend(prints(&text).iter().map(|line| format!("{}:{line}", file.display())));
        }
    }
    assert!(wrong.is_empty(), "these print:\n{}", wrong.join("\n"));
}

#[test]
fn a_print_is_caught() {
    assert_eq!(prints("fn f() {\n    println!(\"x\");\n}"), [2]);
    assert_eq!(prints("io::stdout().write_all(b\"x\")"), [1]);
    assert_eq!(prints("io::stdout().is_terminal() // println!"), [0; 0]);
}

#[test]
fn pure_layers_know_no_sockets_and_do_not_wait() {
    let mut wrong = Vec::new();
    for (file, place, text) in sources() {
        if ["proto", "evidence", "meaning", "probe", "lessons", "render"].contains(&place[0].as_str()) {
            let code = code(&text);
            for word in ["tokio", "TcpStream", "TcpListener", "UdpSocket", ".await"] {
                wrong.extend(code.contains(word).then(|| format!("{}: {word}", file.display())));
            }
            // What is shown depends on what was given to show, and on nothing else.
            for word in ["env::", "Instant::now", "SystemTime::now", "is_terminal"] {
                let asks = place[0] == "render" && code.contains(word);
                wrong.extend(asks.then(|| format!("{}: {word}", file.display())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
