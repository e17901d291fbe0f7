//! A probe as JUnit XML, which every CI reads: a suite for each stage, a case for each check.
//!
//! XML 1.0 has no way at all to write most control characters, so what comes from the network is escaped as on a
//! terminal first, and then as XML.

use std::fmt::Write as _;

use super::Asked;
use super::detail::{again, beside, conversation, mended, odd, pointed_at};
use crate::error::Failure;
use crate::probe::report::{Outcome, Report};
use crate::probe::{Check, Stage, Verdict, table};
use crate::render::text::caret;
use crate::render::text::safe::Safe;

/// Lines of a request or an answer that a case holds.
const LINES: usize = 40;
/// Columns of such a line; a longer one is cut to a window around what matters.
const COLUMNS: usize = 200;

/// The document.
#[must_use]
pub fn document(report: &Report, asked: &Asked) -> String {
    let mut suites = String::new();
    for stage in Stage::ALL {
        let outcomes: Vec<&Outcome> = report.of(stage).collect();
        if outcomes.is_empty() {
            continue;
        }
        suite(&mut suites, stage, &counts(&outcomes), |xml| {
            outcomes.iter().for_each(|outcome| case(xml, report, outcome, asked));
        });
    }
    whole(&counts(&report.outcomes.iter().collect::<Vec<_>>()), &suites)
}

/// The document when no check could be tried: the first one is an error, which says why.
#[must_use]
pub fn unasked(failure: &Failure) -> String {
    let counts = "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"";
    let mut suites = String::new();
    if let Some(check) = table::all().next() {
        suite(&mut suites, check.stage, counts, |xml| {
            let text = [failure.why.clone()]
                .into_iter()
                .chain(failure.try_this.iter().map(|what| format!("try: {what}")));
            let text: Vec<String> = text.map(|line| escaped(&line)).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(
                xml,
                "{}>\n      <error message=\"{}\" type=\"exit code {}\">{}</error>\n    </testcase>",
                opening(check, 0),
                escaped(&failure.what),
                failure.exit.code(),
                text.join("\n")
            );
        });
    }
    whole(counts, &suites)
}

fn whole(counts: &str, suites: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"netlab probe\" {counts}>\n{suites}</testsuites>\n"
    )
}

fn suite(xml: &mut String, stage: Stage, counts: &str, cases: impl FnOnce(&mut String)) {
    // Writing to a String cannot fail.
    let _ = writeln!(xml, "  <testsuite name=\"{}\" {counts}>", stage.name());
    cases(xml);
    xml.push_str("  </testsuite>\n");
}

fn counts(outcomes: &[&Outcome]) -> String {
    let many = |verdict: Verdict| outcomes.iter().filter(|outcome| outcome.verdict == verdict).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
        outcomes.len(),
        many(Verdict::Fail),
        many(Verdict::NotTried)
    )
}

/// The beginning of a case, up to the end of its tag.
fn opening(check: &Check, took_us: u64) -> String {
    format!(
        "    <testcase classname=\"netlab.probe.{}\" name=\"{}: {}\" time=\"{}.{:06}\"",
        check.stage.name(),
        check.id,
        escaped(check.expects),
        took_us / 1_000_000,
        took_us % 1_000_000
    )
}

fn case(xml: &mut String, report: &Report, outcome: &Outcome, asked: &Asked) {
    let check = outcome.check;
    xml.push_str(&opening(check, Outcome::took_us(report.flows(check))));
    let found = escaped(&outcome.judged.says);
    let shown = || shown(report, outcome, asked);
    // Writing to a String cannot fail.
    let _ = match outcome.verdict {
        Verdict::Pass => writeln!(xml, "/>"),
        Verdict::Fail => writeln!(
            xml,
            ">\n      <failure message=\"{found}\" type=\"{}\">{found}\n{}</failure>\n    </testcase>",
            escaped(outcome.rfc()),
            shown()
        ),
        Verdict::Advice => {
            writeln!(xml, ">\n      <system-out>advice: {found}\n{}</system-out>\n    </testcase>", shown())
        }
        Verdict::NotTried => writeln!(xml, ">\n      <skipped message=\"{found}\"/>\n    </testcase>"),
    };
}

/// What a person sees below a check on a terminal: the bytes both ways, the rule, and lines that do it again.
fn shown(report: &Report, outcome: &Outcome, asked: &Asked) -> String {
    let check = outcome.check;
    let mut lines = Vec::new();
    if let Some(flow) = report.flows(check).get(conversation(report, outcome)) {
        let sent = ("sent", &flow.from_client.bytes, odd(report, check));
        let came = ("came", &flow.from_server.bytes, pointed_at(outcome));
        let other = beside(report, outcome).map(|(word, flow)| (word, &flow.from_server.bytes, None));
        for (label, bytes, marked) in [sent, came].into_iter().chain(other) {
            if bytes.is_empty() {
                lines.push(format!("{label}  nothing"));
            }
            for (at, line) in caret::lines(bytes, marked.as_ref(), LINES, COLUMNS, false).iter().enumerate() {
                let label = if at == 0 { label } else { "" };
                lines.push(format!("{label:<5} {}", line.text));
                lines.extend(line.carets.as_ref().map(|carets| format!("      {carets}")));
            }
        }
    }
    if let Some(mend) = mended(report, outcome, asked.held_by.as_deref()) {
        lines.push(format!("mend  {mend}"));
    }
    lines.push(format!("rule  {} ({}, {})", outcome.rule(), outcome.rfc(), check.force.says()));
    for (at, line) in again(report, outcome, asked.server).iter().enumerate() {
        let label = if at == 0 { "again" } else { "or" };
        lines.push(format!("{label:<5} {line}"));
    }
    let lines: Vec<String> = lines.iter().map(|line| escaped_again(line)).collect();
    lines.join("\n")
}

/// Text that may stand between tags and in an attribute.
fn escaped(text: &str) -> String {
    in_xml(&Safe::word(text.as_bytes()).to_string())
}

/// The same for text whose backslashes are those of an escaping before, or a shell's.
fn escaped_again(text: &str) -> String {
    in_xml(&Safe::again(text.as_bytes()).to_string())
}

/// Text without control characters, as XML writes it.
fn in_xml(safe: &str) -> String {
    let mut xml = String::with_capacity(safe.len());
    for char in safe.chars() {
        match char {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            // Characters that are none, by Unicode and by XML.
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(xml, "\\u{{{:x}}}", u32::from(char));
            }
            _ => xml.push(char),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_breaks_out_of_its_place_and_nothing_is_lost() {
        assert_eq!(escaped("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&apos;");
        assert_eq!(escaped("\0\u{1b}[2J\u{ffff}"), "\\x00␛[2J\\u{ffff}");
        assert_eq!(escaped("]]>\n"), "]]&gt;\\n");
    }
}
