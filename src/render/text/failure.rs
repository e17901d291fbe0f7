//! A failure as three sentences: what happened, what it means, what to try.

use crate::error::Failure;
use crate::render::text::cells::hang;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::sentence;

/// Shows a failure on standard error.
pub fn show(screen: &Screen, failure: &Failure) {
    let look = screen.look;
    // What came from the network has been escaped where the sentence was made; a backslash here is meant.
    let safe = |text: &str| Safe::again(text.as_bytes()).ascii(look.ascii()).to_string();
    // What happened often begins with something the learner typed, which keeps its letters.
    for line in hang("error: ", &safe(&failure.what), look.width, 7) {
        screen.complaint(&paint(Role::Problem, &line));
    }
    if !failure.why.is_empty() {
        for line in hang("", &sentence(&safe(&failure.why)), look.width, 0) {
            screen.complaint(&line);
        }
    }
    for advice in &failure.try_this {
        for line in hang("try: ", &safe(advice), look.width, 5) {
            screen.complaint(&line);
        }
    }
}
