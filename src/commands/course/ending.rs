//! The end of a lesson, and of the course.

use crate::commands::course::learner::Course;
use crate::error::Exit;
use crate::lessons::ending::{ending, left};
use crate::lessons::lesson::Lesson;
use crate::render::course::ending as shown;
use crate::render::text::look::Form;
use crate::render::text::screen::Screen;

/// Tells what a lesson has come to, if it has ended since the course was opened.
pub fn tell(course: &Course<'_>, lesson: &Lesson, screen: &Screen) {
    if screen.look.form == Form::Json || course.progress.is_over(lesson) {
        return;
    }
    if let Some(ending) = ending(&course.progress_now(), lesson) {
        shown::lesson(screen, lesson, &ending);
    }
}

/// Says that nothing is under way. That is a pass only where every step of every lesson has passed.
pub fn nothing_left(course: &Course<'_>, verb: &str, screen: &Screen) -> Exit {
    let left = left(&course.progress, &course.lessons);
    shown::course(screen, verb, &left);
    if left.is_empty() { Exit::Done } else { Exit::NotPassed }
}
