//! A failure as three sentences: what happened, what it means, what to try.

use super::cells::hang;
use super::safe::Safe;
use super::screen::{Role, Screen, paint};
use super::words::sentence;
use crate::error::Failure;

/// Shows a failure on standard error.
pub fn show(screen: &Screen, failure: &Failure) {
    let look = screen.look;
    let safe = |text: &str| Safe::word(text.as_bytes()).ascii(look.ascii()).to_string();
    let mut first = true;
    for text in [&failure.what, &failure.why] {
        if text.is_empty() {
            continue;
        }
        for line in hang("", &sentence(&safe(text)), look.width, 0) {
            screen.complaint(&if first { paint(Role::Problem, &line) } else { line });
        }
        first = false;
    }
    for advice in &failure.try_this {
        for line in hang("try: ", &safe(advice), look.width, 5) {
            screen.complaint(&line);
        }
    }
}
