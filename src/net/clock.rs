//! The real clock of this process.

use std::sync::OnceLock;
use std::time::Instant;

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// Microseconds since this process first asked. Monotonic: changes of the wall clock do not show.
#[must_use]
pub fn now_us() -> u64 {
    let began = *BEGAN.get_or_init(Instant::now);
    u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)
}
