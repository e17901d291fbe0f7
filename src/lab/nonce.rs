//! Personal values: a word and a number that only this learner's lab says.
//!
//! The same learner always gets the same value for the same service, another learner another one, so
//! an answer copied from a neighbour does not fit.

const WORDS: [&str; 32] = [
    "acorn", "basil", "birch", "cedar", "clove", "daisy", "elder", "fennel", "ginger", "hazel", "iris",
    "juniper", "kale", "laurel", "lilac", "maple", "mint", "moss", "nettle", "oak", "olive", "peony", "pine",
    "poppy", "rose", "sage", "sorrel", "thyme", "tulip", "violet", "willow", "yarrow",
];

/// The value for `subject`, such as `daytime`, of the learner whose secret this is.
#[must_use]
pub fn nonce(secret: &str, subject: &str) -> String {
    let hash = fnv1a(secret.bytes().chain([0]).chain(subject.bytes()));
    let word = WORDS[(hash % 32) as usize];
    format!("{word}-{:04}", hash / 32 % 10_000)
}

/// FNV-1a with 64 bits: the same on every machine and in every release, which is all that is asked of it.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    // The low bits of a short input are poor; fold the high ones in.
    hash ^ hash >> 29
}

#[cfg(test)]
mod tests {
    use super::nonce;

    #[test]
    fn a_value_stays_the_same_for_one_learner_and_one_subject() {
        assert_eq!(nonce("a", "daytime"), nonce("a", "daytime"));
        assert_ne!(nonce("a", "daytime"), nonce("b", "daytime"));
        assert_ne!(nonce("a", "daytime"), nonce("a", "dns"));
    }
}
