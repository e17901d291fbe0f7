//! How many files and sockets this process may have open.

/// Raises the limit as far as the system lets every process raise its own. A shell often
/// starts programs with a lower one, such as 1,024. Where it cannot be raised it stays as it was.
#[cfg(unix)]
pub fn raise() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub fn raise() {}
