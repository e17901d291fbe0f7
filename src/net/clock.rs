//! The real clock of this process.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// Microseconds since 1970 by the wall clock, by which the journal says when conversations began.
#[must_use]
pub fn wall_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Microseconds since this process first asked. Monotonic: changes of the wall clock do not show.
#[must_use]
pub fn now_us() -> u64 {
    let began = *BEGAN.get_or_init(Instant::now);
    u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)
}
