//! Programs run from the prompt, which have the terminal to themselves until they end.

use std::io;
use std::process::ExitStatus;

use super::place::Program;

/// Runs a verb of netlab: this same program, with the words that were typed.
///
/// # Errors
/// When it cannot be started.
pub async fn verb(program: &Program, words: &[String]) -> io::Result<ExitStatus> {
    program.run(&program.program).args(words).status().await
}

/// Runs a line of the shell's.
///
/// # Errors
/// When there is no shell.
pub async fn shell(program: &Program, line: &str) -> io::Result<ExitStatus> {
    let (name, flag) = if cfg!(windows) { ("cmd".into(), "/C") } else { (usual_shell(), "-c") };
    program.run(name.as_ref()).arg(flag).arg(line).status().await
}

/// The learner's own shell, if it says.
fn usual_shell() -> std::ffi::OsString {
    std::env::var_os("SHELL").filter(|shell| !shell.is_empty()).unwrap_or_else(|| "sh".into())
}
