//! The identity of a flow, written as sixteen hex digits.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Tells flows of all processes that share a journal apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(pub u64);

impl FlowId {
    /// A new one, from the randomness the standard library seeds its hash maps with.
    #[must_use]
    pub fn random() -> Self {
        Self(RandomState::new().hash_one(std::process::id()))
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

impl Serialize for FlowId {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FlowId {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_str(Digits)
    }
}

/// Reads the digits where they stand, so that no copy of them is made.
struct Digits;

impl Visitor<'_> for Digits {
    type Value = FlowId;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("hex digits")
    }

    fn visit_str<E: de::Error>(self, digits: &str) -> Result<FlowId, E> {
        u64::from_str_radix(digits, 16).map(FlowId).map_err(E::custom)
    }
}
