//! What the lint found in lessons.

use serde_json::{Value, json};

use crate::lessons::Finding;
use crate::render::json;
use crate::render::text::look::Form;
use crate::render::text::safe::Safe;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::count;

/// How many lines of what a command printed are shown.
const PRINTED_LINES: usize = 24;

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Lessons that were read.
    pub lessons: usize,
    /// Steps that were run, each learner counted.
    pub proofs: usize,
    /// Whether they were run on the ports that the lessons name.
    pub literal_ports: bool,
}

/// Findings as `file:line: what`, and how to mend each; the same of what is not translated, which is no
/// fault; then what was proved.
pub fn show(
    screen: &Screen,
    counts: &Counts,
    findings: &[Finding],
    untranslated: &[Finding],
    uncorrected: &[u16],
) {
    if screen.look.form == Form::Json {
        let members = json!({
            "lessons": counts.lessons, "proofs": counts.proofs,
            "literal_ports": counts.literal_ports, "findings": as_json(findings),
            "untranslated": as_json(untranslated), "claims_not_corrected": uncorrected,
        });
        json::document(screen, "lessons lint", members);
        return;
    }
    findings.iter().for_each(|one| finding(screen, Role::Problem, one));
    untranslated.iter().for_each(|one| finding(screen, Role::Meaning, one));
    if !uncorrected.is_empty() {
        let rows: Vec<String> = uncorrected.iter().map(ToString::to_string).collect();
        screen.note(&format!("claims of the article that no lesson corrects yet: {}", rows.join(", ")));
    }
    let result =
        if findings.is_empty() { "hold".to_owned() } else { count(findings.len() as u64, "finding") };
    let rest = match untranslated.len() {
        0 => String::new(),
        parts => format!("; {} not translated", count(parts as u64, "part")),
    };
    screen.line(&format!(
        "{}, {} run for three learners: {result}{rest}",
        count(counts.lessons as u64, "lesson"),
        count(counts.proofs as u64, "proof"),
    ));
}

fn as_json(findings: &[Finding]) -> Vec<Value> {
    let object = |one: &Finding| {
        let mut object = json!({ "file": one.file, "line": one.line, "what": one.what, "mend": one.mend });
        if !one.printed.is_empty() {
            object["printed"] = json!(one.printed);
        }
        object
    };
    findings.iter().map(object).collect()
}

fn finding(screen: &Screen, role: Role, one: &Finding) {
    let safe = |text: &str| Safe::word(text.as_bytes()).ascii(screen.look.ascii()).to_string();
    screen.line(&paint(role, &format!("{}:{}: {}", safe(&one.file), one.line, safe(&one.what))));
    if !one.printed.is_empty() {
        screen.line("  it printed:");
    }
    for line in one.printed.iter().take(PRINTED_LINES) {
        screen.line(format!("    | {}", safe(line)).trim_end());
    }
    if let Some(rest) = one.printed.len().checked_sub(PRINTED_LINES).filter(|&rest| rest > 0) {
        screen.line(&format!("    and {}", count(rest as u64, "more line")));
    }
    screen.line(&format!("  mend: {}", safe(&one.mend)));
}
