//! What this machine calls itself.

use std::sync::OnceLock;

/// What this machine calls itself; empty when it does not say.
#[must_use]
pub fn own_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(hostname)
}

#[cfg(unix)]
fn hostname() -> String {
    nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default()
}

#[cfg(not(unix))]
fn hostname() -> String {
    String::new()
}
