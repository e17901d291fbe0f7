//! When there is colour: the whole matrix of pipe or terminal, environment and option.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::path::Path;

use run::{finish, home, netlab, skipped};

/// Something coloured on standard output.
const ARGS: [&str; 1] = ["explain"];
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: hello.test\r\n\r\n";

/// Variables of an environment, with their values.
type Variables = &'static [(&'static str, &'static str)];

/// Each environment, whether a pipe has colour in it by itself, and whether a terminal has.
const ENVIRONMENTS: [(&str, Variables, bool, bool); 5] = [
    ("a usual terminal", &[("TERM", "xterm-256color")], false, true),
    ("NO_COLOR", &[("TERM", "xterm-256color"), ("NO_COLOR", "1")], false, false),
    ("CLICOLOR=0", &[("TERM", "xterm-256color"), ("CLICOLOR", "0")], false, false),
    ("CLICOLOR_FORCE", &[("TERM", "xterm-256color"), ("CLICOLOR_FORCE", "1")], true, true),
    ("TERM=dumb", &[("TERM", "dumb")], false, false),
];

/// Each option, and what it decides; nothing leaves the decision to the environment.
const OPTIONS: [(&[&str], Option<bool>); 6] = [
    (&[], None),
    (&["--color", "auto"], None),
    (&["--color", "always"], Some(true)),
    (&["--color", "never"], Some(false)),
    (&["--plain"], Some(false)),
    (&["--json"], Some(false)),
];

/// One combination of them all.
struct Case {
    name: String,
    args: Vec<&'static str>,
    variables: Variables,
    /// Whether there is colour in a pipe.
    pipe: bool,
    /// Whether there is colour on a terminal.
    terminal: bool,
}

fn cases() -> impl Iterator<Item = Case> {
    OPTIONS.iter().flat_map(|(option, decided)| {
        ENVIRONMENTS.iter().map(move |(name, variables, pipe, terminal)| Case {
            name: format!("{option:?} with {name}"),
            args: ARGS.iter().chain(option.iter()).copied().collect(),
            variables,
            pipe: decided.unwrap_or(*pipe),
            terminal: decided.unwrap_or(*terminal),
        })
    })
}

fn coloured(output: &[u8]) -> bool {
    output.windows(2).any(|two| two == b"\x1b[")
}

#[test]
fn a_pipe_has_colour_only_when_it_was_asked_for() {
    let home = home();
    for Case { name, args, variables, pipe: wanted, .. } in cases() {
        let mut command = netlab(home.path(), args);
        command.envs(variables.iter().copied());
        let ran = finish(command, REQUEST).exits(0);
        assert_eq!(coloured(&ran.out), wanted, "{name}: {}", String::from_utf8_lossy(&ran.out));
    }
}

#[test]
fn a_complaint_has_colour_by_the_same_rule() {
    let home = home();
    for Case { name, args, variables, pipe: wanted, .. } in cases() {
        let mut command = netlab(home.path(), args.into_iter().chain(["--as", "nothing"]));
        command.envs(variables.iter().copied());
        let ran = finish(command, REQUEST).exits(2);
        assert_eq!(coloured(&ran.err), wanted, "{name}: {}", String::from_utf8_lossy(&ran.err));
    }
}

#[test]
fn help_in_a_pipe_has_no_colour_unless_the_environment_forces_it() {
    let home = home();
    for (_, variables, pipe, _) in ENVIRONMENTS {
        for args in [&["--help"][..], &["serve", "--help"], &["--version"], &["lab", "up", "--help"]] {
            let mut command = netlab(home.path(), args);
            command.envs(variables.iter().copied());
            let ran = finish(command, b"").exits(0);
            assert!(!coloured(&ran.out) || pipe, "{args:?}");
        }
    }
}

#[test]
fn without_colour_the_words_are_the_same() {
    let home = home();
    let words = |option: &str| {
        let ran = finish(netlab(home.path(), ["explain", option]), REQUEST).exits(0).text();
        let mut plain = String::new();
        for (at, part) in ran.split('\u{1b}').enumerate() {
            plain.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        plain
    };
    assert_eq!(words("--color=always"), words("--color=never"));
}

#[cfg(unix)]
#[test]
fn a_terminal_has_colour_unless_somebody_said_no() {
    let home = home();
    let file = home.path().join("request");
    std::fs::write(&file, REQUEST).unwrap();
    let file = file.to_str().unwrap().to_owned();
    for Case { name, args, variables, terminal: wanted, .. } in cases() {
        let args: Vec<&str> = args.into_iter().chain([file.as_str()]).collect();
        let Some(output) = on_terminal(home.path(), &args, variables) else { return };
        assert!(
            output.windows(5).any(|word| word == b"hello"),
            "{name}: {}",
            String::from_utf8_lossy(&output)
        );
        assert_eq!(coloured(&output), wanted, "{name}: {}", String::from_utf8_lossy(&output));
    }
}

#[cfg(unix)]
#[test]
fn a_narrow_terminal_gets_every_word_and_no_line_runs_over_its_edge() {
    let home = home();
    let file = home.path().join("request");
    std::fs::write(&file, REQUEST).unwrap();
    let args = ["explain", file.to_str().unwrap()];
    for columns in [20, 40, 80, 100, 200] {
        let Some(output) = at_width(home.path(), &args, &[("TERM", "xterm")], columns) else { return };
        let text = String::from_utf8(output).unwrap();
        let wide = vt100_width(&text);
        assert!(wide <= usize::from(columns), "{wide} columns of {columns}:\n{text}");
        assert!(text.contains("hello.test"), "{text}");
    }
}

#[cfg(unix)]
fn vt100_width(text: &str) -> usize {
    use std::num::NonZeroU16;
    let (rows, columns) = (NonZeroU16::new(200).unwrap(), NonZeroU16::new(300).unwrap());
    let mut screen = vt100::Parser::new(rows, columns, 0);
    screen.process(text.as_bytes());
    screen.screen().rows(0, 300).map(|row| row.trim_end().chars().count()).max().unwrap()
}

/// What netlab prints on a real terminal. Nothing, and the reason is told, where there is none to be had.
#[cfg(unix)]
fn on_terminal(home: &Path, args: &[&str], variables: &[(&str, &str)]) -> Option<Vec<u8>> {
    at_width(home, args, variables, 80)
}

#[cfg(unix)]
fn at_width(home: &Path, args: &[&str], variables: &[(&str, &str)], columns: u16) -> Option<Vec<u8>> {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    let size = PtySize { rows: 50, cols: columns, pixel_width: 0, pixel_height: 0 };
    let pair = match native_pty_system().openpty(size) {
        Ok(pair) => pair,
        Err(why) => {
            skipped(&format!("no terminal to be had: {why}"));
            return None;
        }
    };
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_netlab"));
    command.env_clear();
    command.args(args);
    command.env("NETLAB_HOME", home);
    variables.iter().for_each(|(name, value)| command.env(name, value));
    let output = run::drain(pair.master.try_clone_reader().unwrap());
    let mut child = pair.slave.spawn_command(command).unwrap();
    // The terminal ends when the last program that has it open is gone.
    drop(pair.slave);
    let output = output.recv_timeout(run::DEADLINE).expect("it ends");
    assert!(child.wait().unwrap().success(), "{}", String::from_utf8_lossy(&output));
    Some(output)
}

#[cfg(not(unix))]
#[test]
fn a_terminal_has_colour_unless_somebody_said_no() {
    let _: &Path = Path::new("");
    skipped("the terminal tests are written for Unix");
}
