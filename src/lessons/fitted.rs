//! A lesson as it can be done on a machine that lacks something.

use super::feature::Feature;
use super::lesson::{Block, Lesson};

/// The lesson on a machine of which `missing` says what it lacks, and why. A step that cannot be done there is for
/// reading, and says so: nobody fails at what is not there.
#[must_use]
pub fn as_it_stands(mut lesson: Lesson, missing: &dyn Fn(Feature) -> Option<String>) -> Lesson {
    for step in &mut lesson.steps {
        let Some(why) = step.only_with.and_then(missing) else { continue };
        step.read_only = true;
        step.blocks.retain(|block| {
            matches!(
                block,
                Block::Prose(_) | Block::Code { .. } | Block::Recall(_) | Block::Why(_) | Block::Notebook(_)
            )
        });
        let told = format!(
            "**Not available here:** {why}. Read what this step is about; it counts as read, not as missed."
        );
        step.blocks.insert(0, Block::Prose(told));
    }
    lesson
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use super::super::parse::parse;
    use super::*;

    const LESSON: &str = "---\nid: t\ntitle: T\nminutes: 1\n---\n## Six (only with IPv6)\nWords.\n\
        ```console\n$ netlab connect six.here.test\n```\n```check\n# it\nflow.opened\n```\n\
        ```hint\nOne.\n```\n```why\nAn idea.\n```\n## Four\n```check\n# it\nflow.opened\n```\n";

    #[test]
    fn where_nothing_is_missing_a_lesson_is_as_it_was() {
        let lesson = as_it_stands(parse("01-t.md", LESSON).unwrap(), &|_| None);
        let [six, four] = &lesson.steps[..] else { panic!("two steps") };
        assert_eq!((six.title.as_str(), six.slug.as_str()), ("Six", "six"));
        assert_eq!((six.only_with, four.only_with), (Some(Feature::Ipv6), None));
        assert!(!six.read_only && six.check().is_some());
    }

    #[test]
    fn a_step_that_cannot_be_done_is_for_reading_and_says_why() {
        let missing = |feature| (feature == Feature::Ipv6).then(|| "there is no ::1".to_owned());
        let lesson = as_it_stands(parse("01-t.md", LESSON).unwrap(), &missing);
        let [six, four] = &lesson.steps[..] else { panic!("two steps") };
        assert!(six.read_only && six.check().is_none() && six.hints().next().is_none());
        assert!(six.consoles().next().is_none() && six.why().is_some());
        let [Block::Prose(told), Block::Prose(words), ..] = &six.blocks[..] else { panic!("prose") };
        assert!(told.contains("Not available here") && told.contains("there is no ::1"), "{told}");
        assert_eq!(words, "Words.");
        assert!(!four.read_only && four.check().is_some());
    }
}
