//! Which program holds a socket. The system tells that of the programs of this user, and to its
//! administrator of all.

use super::table::Row;

/// The most open files that are looked at in search of programs.
pub const MOST_DESCRIPTORS: usize = 200_000;

/// A running program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its number.
    pub pid: u32,
    /// Its name, chosen by the program itself: anything may be in it.
    pub name: String,
}

/// Who holds a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// These programs; they share it when there are several. Never empty.
    Programs(Vec<Program>),
    /// A program that this user is not shown.
    Unseen,
    /// No program: the kernel alone. Before a connection is accepted, and after it was closed.
    Kernel,
}

/// The words a program was started with, for somebody who wants to start it again: with a space between them, and
/// quotes around those that a shell would take apart. Nothing where the system does not tell, and nothing beyond
/// [`LONGEST_COMMAND`].
#[must_use]
pub fn command(program: &Program) -> Option<String> {
    let words = words(program)?;
    let command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    (!command.is_empty() && command.len() <= LONGEST_COMMAND).then_some(command)
}

/// The words a program was started with. Nothing where the system does not tell.
#[must_use]
pub fn words(program: &Program) -> Option<Vec<String>> {
    imp::words(program.pid)
}

/// The longest command that is told, in bytes.
pub const LONGEST_COMMAND: usize = 300;

fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_alphanumeric() || "-_./:=,@%+".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Fills in who holds each socket. Says whether the search ended at its limit.
pub fn find(rows: &mut [Row]) -> bool {
    imp::find(rows)
}

#[cfg(target_os = "linux")]
mod imp {
    use std::collections::HashMap;
    use std::fs;
    use std::path::Path;

    use super::{Held, MOST_DESCRIPTORS, Program};
    use crate::net::sockets::table::Row;

    pub fn find(rows: &mut [Row]) -> bool {
        let mut wanted: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.inode != 0) {
            wanted.entry(row.inode).or_default().push(at);
        }
        if wanted.is_empty() {
            return false;
        }
        let mut looked_at = 0;
        let Ok(processes) = fs::read_dir("/proc") else { return false };
        for process in processes.flatten() {
            let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let folder = process.path();
            // Other users' processes do not let us in.
            let Ok(descriptors) = fs::read_dir(folder.join("fd")) else { continue };
            let mut program: Option<Program> = None;
            for descriptor in descriptors.flatten() {
                looked_at += 1;
                if looked_at > MOST_DESCRIPTORS {
                    return true;
                }
                let Some(places) = inode(&descriptor.path()).and_then(|inode| wanted.get(&inode)) else {
                    continue;
                };
                let program = program.get_or_insert_with(|| Program { pid, name: name(&folder) });
                for &at in places {
                    hold(&mut rows[at].socket.held, program);
                }
            }
        }
        false
    }

    pub fn words(pid: u32) -> Option<Vec<String>> {
        let all = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let words = all.strip_suffix(b"\0").unwrap_or(&all).split(|byte| *byte == 0);
        Some(words.map(|word| String::from_utf8_lossy(word).into_owned()).collect())
    }

    /// The number in `socket:[123]`.
    fn inode(descriptor: &Path) -> Option<u64> {
        let target = fs::read_link(descriptor).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    }

    /// A program may hold a socket more than once, and several may hold the same one.
    fn hold(held: &mut Held, program: &Program) {
        match held {
            Held::Programs(programs) if programs.contains(program) => {}
            Held::Programs(programs) => programs.push(program.clone()),
            _ => *held = Held::Programs(vec![program.clone()]),
        }
    }

    /// The name of a process's first thread. Node calls that thread `MainThread`; then the file's name says more.
    fn name(folder: &Path) -> String {
        let name = fs::read(folder.join("comm")).unwrap_or_default();
        let name = String::from_utf8_lossy(name.strip_suffix(b"\n").unwrap_or(&name)).into_owned();
        let file =
            || Some(fs::read_link(folder.join("exe")).ok()?.file_name()?.to_string_lossy().into_owned());
        if name == "MainThread" { file().unwrap_or(name) } else { name }
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use super::Row;

    pub fn find(_rows: &mut [Row]) -> bool {
        false
    }

    pub fn words(_pid: u32) -> Option<Vec<String>> {
        None
    }
}
