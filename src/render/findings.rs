//! What the lint found in lessons.

use serde_json::json;

use super::json;
use super::look::Form;
use super::safe::Safe;
use super::screen::{Role, Screen, paint};
use super::words::count;
use crate::lessons::Finding;

/// Findings as `file:line: what`, and how to mend each; then what was proved.
pub fn show(screen: &Screen, findings: &[Finding], lessons: usize, proved: usize, uncorrected: &[u16]) {
    if screen.look.form == Form::Json {
        let findings: Vec<_> = findings
            .iter()
            .map(|one| json!({ "file": one.file, "line": one.line, "what": one.what, "mend": one.mend }))
            .collect();
        let members = json!({
            "lessons": lessons, "proofs": proved, "findings": findings, "claims_not_corrected": uncorrected,
        });
        json::document(screen, "lessons lint", members);
        return;
    }
    for finding in findings {
        let safe = |text: &str| Safe::word(text.as_bytes()).ascii(screen.look.ascii()).to_string();
        screen.line(&paint(
            Role::Problem,
            &format!("{}:{}: {}", safe(&finding.file), finding.line, safe(&finding.what)),
        ));
        screen.line(&format!("  mend: {}", safe(&finding.mend)));
    }
    if !uncorrected.is_empty() {
        let rows: Vec<String> = uncorrected.iter().map(ToString::to_string).collect();
        screen.status(&format!("claims of the article that no lesson corrects yet: {}", rows.join(", ")));
    }
    let result =
        if findings.is_empty() { "hold".to_owned() } else { count(findings.len() as u64, "finding") };
    screen.line(&format!(
        "{}, {} run for three learners: {result}",
        count(lessons as u64, "lesson"),
        count(proved as u64, "proof"),
    ));
}
