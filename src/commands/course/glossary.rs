//! `netlab glossary`: what a word of the course means, and which lesson explains it.

use crate::cli::Glossary;
use crate::commands::context::Context;
use crate::commands::course::learner::{Course, with_folder};
use crate::error::{Exit, Failure};
use crate::lessons::glossary::{self, Entry, find, near};
use crate::render::course::glossary as shown;

/// Shows one entry, or lists all words.
///
/// # Errors
/// When there is no such word, or the glossary of a folder is none.
pub fn run(args: &Glossary, context: &Context) -> Result<Exit, Failure> {
    let folder = args.shelf.folder();
    let course = Course::open(context, folder)?;
    let (_, entries) = glossary::of(folder)
        .map_err(|finding| Failure::usage(finding.to_string(), "mend it, or take the file away"))?;
    let wanted = args.word.join(" ");
    if wanted.trim().is_empty() {
        shown::list(&context.screen, &entries, &course.lessons, &with_folder("netlab glossary", folder));
        return Ok(Exit::Done);
    }
    let entry = find(&entries, &wanted).ok_or_else(|| unknown(&entries, &wanted))?;
    shown::entry(&context.screen, entry, &course.lessons);
    Ok(Exit::Done)
}

/// No such word; those that are written like it are offered.
fn unknown(entries: &[Entry], wanted: &str) -> Failure {
    let near = near(entries, wanted);
    let offer = if near.is_empty() {
        "netlab glossary lists the words there are".to_owned()
    } else {
        let words: Vec<&str> = near.iter().map(|entry| entry.word.as_str()).collect();
        format!("nearest to it: {}", words.join(", "))
    };
    let failure = Failure::usage(format!("the glossary does not have the word {wanted}"), offer);
    if near.is_empty() { failure } else { failure.or_try("netlab glossary lists the words there are") }
}
