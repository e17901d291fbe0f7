//! What some steps need and not every machine has.

/// Something a step can say it needs, in its heading: `## Title (only with IPv6)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// More addresses of loopback than 127.0.0.1.
    LoopbackRange,
    /// An address of loopback in IPv6.
    Ipv6,
    /// A kernel that tells what it counts on a connection, and how long its queues are.
    KernelCounts,
    /// What only Linux does.
    Linux,
}

impl Feature {
    /// All of them, with the words for them in a heading.
    pub const ALL: [(&'static str, Self); 4] = [
        ("127.0.0.2", Self::LoopbackRange),
        ("IPv6", Self::Ipv6),
        ("kernel counts", Self::KernelCounts),
        ("Linux", Self::Linux),
    ];

    /// The feature that is called so. Letter case does not matter.
    #[must_use]
    pub fn named(words: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(words.trim()))
            .map(|(_, feature)| feature)
    }
}
