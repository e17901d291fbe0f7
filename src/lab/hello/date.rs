//! The Date field's value, written once a second (RFC 9110 §6.6.1).

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::page::DATE_LEN;

thread_local! {
    static LATEST: Cell<Option<(Instant, [u8; DATE_LEN])>> = const { Cell::new(None) };
}

/// The date at `now`, which is about now.
#[must_use]
pub fn date(now: Instant) -> [u8; DATE_LEN] {
    if let Some((_, text)) = LATEST.get().filter(|(until, _)| now < *until) {
        return text;
    }
    let clock = SystemTime::now();
    let part = clock.duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    let mut text = [b' '; DATE_LEN];
    let written = httpdate::fmt_http_date(clock);
    text.iter_mut().zip(written.bytes()).for_each(|(place, byte)| *place = byte);
    LATEST.set(Some((now + Duration::from_nanos(1_000_000_000 - u64::from(part)), text)));
    text
}
