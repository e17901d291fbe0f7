//! What a server is made with, as its own answers tell, or the program that has its port.

use super::heard::Heard;
use crate::evidence::Flow;

/// A language, or a framework in it, that netlab has advice for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Express, on Node.
    Express,
    /// Node, by its own module or a framework on it.
    Node,
    /// Deno.
    Deno,
    /// Bun.
    Bun,
    /// Python, by its own modules or a framework.
    Python,
    /// netlab's own hello server.
    Netlab,
    /// Something else, or it does not tell.
    Unknown,
}

/// What a name has in it, and what that says. The first that fits counts.
const SIGNS: [(&str, Made); 11] = [
    ("express", Made::Express),
    ("deno", Made::Deno),
    ("bun", Made::Bun),
    ("python", Made::Python),
    ("werkzeug", Made::Python),
    ("uvicorn", Made::Python),
    ("gunicorn", Made::Python),
    ("netlab", Made::Netlab),
    ("node", Made::Node),
    ("fastify", Made::Node),
    ("koa", Made::Node),
];

impl Made {
    /// What the fields of answers say, and else what the name of the program does.
    #[must_use]
    pub fn of<'f>(flows: impl IntoIterator<Item = &'f Flow>, held_by: Option<&str>) -> Self {
        let told = flows.into_iter().find_map(|flow| {
            let heard = Heard::of(flow);
            let answers = heard.answers();
            let said =
                answers.iter().flat_map(|answer| ["x-powered-by", "server"].map(|name| answer.field(name)));
            said.flatten().find_map(|value| Self::named(&String::from_utf8_lossy(value)))
        });
        told.or_else(|| Self::named(held_by?)).unwrap_or(Self::Unknown)
    }

    fn named(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        SIGNS.iter().find(|(sign, _)| text.contains(sign)).map(|(_, made)| *made)
    }

    /// How it is called.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Express => Some("Express"),
            Self::Node => Some("Node"),
            Self::Deno => Some("Deno"),
            Self::Bun => Some("Bun"),
            Self::Python => Some("Python"),
            Self::Netlab => Some("netlab"),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Made;

    #[test]
    fn a_program_is_known_by_its_name() {
        let of = |held_by| Made::of([], held_by);
        assert_eq!(of(Some("node (pid 4711)")), Made::Node);
        assert_eq!(of(Some("python3 (pid 4711)")), Made::Python);
        assert_eq!(of(Some("nginx (pid 1)")), Made::Unknown);
        assert_eq!(of(None).name(), None);
    }
}
