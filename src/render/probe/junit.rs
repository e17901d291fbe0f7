//! A probe as JUnit XML, which every CI reads: a suite for each stage, a case for each check.
//!
//! XML 1.0 has no way at all to write most control characters, so what comes from the network is escaped as on a
//! terminal first, and then as XML.

use std::fmt::Write as _;

use crate::evidence::Flow;
use crate::probe::report::{Outcome, Report};
use crate::probe::{Stage, Verdict};
use crate::render::safe::Safe;

/// The document.
#[must_use]
pub fn document(report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = counts(&report.outcomes.iter().collect::<Vec<_>>());
    // Writing to a String cannot fail.
    let _ = writeln!(xml, "<testsuites name=\"netlab probe\" {counts}>");
    for stage in Stage::ALL {
        let outcomes: Vec<&Outcome> = report.of(stage).collect();
        if outcomes.is_empty() {
            continue;
        }
        let _ = writeln!(xml, "  <testsuite name=\"{}\" {}>", stage.name(), self::counts(&outcomes));
        outcomes.iter().for_each(|outcome| case(&mut xml, report.flows(outcome.check), outcome));
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
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

fn case(xml: &mut String, flows: &[Flow], outcome: &Outcome) {
    let check = outcome.check;
    let took = Outcome::took_us(flows);
    let _ = write!(
        xml,
        "    <testcase classname=\"netlab.probe.{}\" name=\"{}: {}\" time=\"{}.{:06}\"",
        check.stage.name(),
        check.id,
        escaped(check.expects),
        took / 1_000_000,
        took % 1_000_000
    );
    let found = escaped(&outcome.judged.says);
    let rule = escaped(&format!("{} ({}, {})", check.rule, check.rfc, check.force.says()));
    let _ = match outcome.verdict {
        Verdict::Pass => writeln!(xml, "/>"),
        Verdict::Fail => writeln!(
            xml,
            ">\n      <failure message=\"{found}\" type=\"{}\">{found}\nrule: {rule}</failure>\n    </testcase>",
            escaped(check.rfc)
        ),
        Verdict::Advice => {
            writeln!(xml, ">\n      <system-out>advice: {found}\nrule: {rule}</system-out>\n    </testcase>")
        }
        Verdict::NotTried => writeln!(xml, ">\n      <skipped message=\"{found}\"/>\n    </testcase>"),
    };
}

/// Text that may stand between tags and in an attribute.
fn escaped(text: &str) -> String {
    let safe = Safe::word(text.as_bytes()).to_string();
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
