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

/// Makes room for this many at once, as far as the limit goes. The kernel's table of them doubles whenever it is full,
/// and a process with several threads stands still for up to tens of milliseconds each time; while it does, a crowd of
/// clients fills the queue of its listener.
#[cfg(unix)]
pub fn make_room(many: u32) {
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::sys::resource::{Resource, getrlimit};
    use nix::unistd::close;

    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft);
    let last = u64::from(many).min(limit).saturating_sub(1);
    // A copy of any descriptor under a high number makes the table as long, and it stays so.
    if let (Ok(last), Ok(any)) = (i32::try_from(last), std::fs::File::open("/dev/null"))
        && let Ok(copy) = fcntl(any, FcntlArg::F_DUPFD_CLOEXEC(last))
    {
        let _ = close(copy);
    }
}

/// Elsewhere there is no such table.
#[cfg(not(unix))]
pub fn make_room(_many: u32) {}

/// Gives this thread a table of its own, with what is in it now; the other threads keep the one they had. While several
/// share one, the kernel counts who uses a descriptor at every call, and a server feels that. What is opened from here on
/// is for this thread and those it starts, so it must not be given to others.
#[cfg(target_os = "linux")]
pub fn own_table() {
    // A kernel that refuses leaves everything as it was.
    let _ = nix::sched::unshare(nix::sched::CloneFlags::CLONE_FILES);
}

/// Elsewhere all threads of a process share one.
#[cfg(not(target_os = "linux"))]
pub fn own_table() {}
