//! Personal values: a word and a number that only this learner's lab says, and only in this attempt.
//!
//! The same learner in the same attempt at a step always gets the same value from the same service. Another
//! learner gets another one, and so does whoever begins the step again: an answer copied from a neighbour, or
//! from last week, does not fit. Whoever knows the parts of the [`Key`] can compute the value again.
//!
//! ```text
//! value   = word "-" four digits                                        daisy-0417
//! hash    = SHA-256( class, learner, attempt, subject )                 each as its length in 8 bytes, then its bytes
//! number  = the first 8 bytes of the hash; its low 8 bits choose the word, the rest modulo 10,000 is the digits
//! ```

use std::sync::Arc;

use sha2::{Digest, Sha256};

/// What the line of the daytime service is asked for as.
pub const DAYTIME: &str = "daytime";
/// What the front page of the lab's web server is asked for as.
pub const PAGE: &str = "page";
/// The same of the garden's front page ...
pub const GARDEN_PAGE: &str = "garden-page";
/// ... and of the shop's.
pub const SHOP_PAGE: &str = "shop-page";
/// What the lines of the service at several addresses are asked for as: at 127.0.0.1 ...
pub const HERE: &str = "here";
/// ... at 127.0.0.2 ...
pub const HERE_OTHER: &str = "here-other";
/// ... and at `::1`.
pub const HERE_SIX: &str = "here-six";
/// What the line of the counting service is asked for as.
pub const TALLY: &str = "tally";
/// What the plan of a user of the finger service is asked for as.
pub const PLAN: &str = "plan";
/// Every subject the lab speaks: those of the services, and the placeholders in the texts of [`super::zone`].
pub const SUBJECTS: [&str; 11] =
    [DAYTIME, PAGE, GARDEN_PAGE, SHOP_PAGE, "garden", "shop", HERE, HERE_OTHER, HERE_SIX, TALLY, PLAN];

/// A service asks this for the value of a subject at the moment it speaks, so that a step that has begun
/// meanwhile is heard without starting the lab again.
pub type Nonces = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Whose values, and of when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key {
    /// The seed of the class; empty for somebody who learns alone.
    pub class: String,
    /// The learner.
    pub learner: String,
    /// The marker of the step that began last, `LESSON/STEP#N`; empty before the first.
    pub attempt: String,
}

impl Key {
    /// The value for `subject`, one of [`SUBJECTS`].
    #[must_use]
    pub fn nonce(&self, subject: &str) -> String {
        let number = self.number(subject);
        let [.., low] = number.to_be_bytes();
        format!("{}-{:04}", WORDS[usize::from(low)], (number >> 8) % 10_000)
    }

    fn number(&self, subject: &str) -> u64 {
        let mut hash = Sha256::new();
        for part in [&self.class, &self.learner, &self.attempt, subject] {
            // The length first: no text of one part can pass for the end of it and the beginning of the next.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}

/// Short, easy to say, and no two so alike that one slip of a finger makes one of the other.
const WORDS: [&str; 256] = [
    "acorn", "agate", "almond", "amber", "anchor", "anvil", "apple", "apron", "aspen", "badger", "bamboo",
    "banjo", "barley", "basil", "basket", "beacon", "bean", "beaver", "beech", "beetle", "bell", "birch",
    "bison", "blanket", "bonfire", "bottle", "boulder", "bramble", "brick", "bridge", "brook", "bucket",
    "butter", "button", "cabin", "cactus", "camel", "candle", "canoe", "canyon", "carrot", "castle",
    "cavern", "cedar", "cello", "cherry", "chimney", "clover", "cobble", "coconut", "comet", "copper",
    "coral", "cotton", "crane", "cricket", "crystal", "cuckoo", "curtain", "cypress", "daisy", "desert",
    "dingo", "dolphin", "domino", "donkey", "dragon", "drum", "dune", "eagle", "elbow", "elder", "emerald",
    "engine", "falcon", "fennel", "ferret", "fiddle", "finch", "flint", "flute", "forest", "fossil",
    "fountain", "fox", "gander", "garlic", "garnet", "gazelle", "geyser", "ginger", "glacier", "goblet",
    "gourd", "granite", "grape", "gravel", "guitar", "hammer", "harbor", "harp", "hazel", "heron", "hickory",
    "honey", "hornet", "igloo", "iris", "island", "ivory", "jackal", "jasmine", "jigsaw", "juniper", "kale",
    "kayak", "kiwi", "koala", "ladder", "lagoon", "lantern", "lattice", "laurel", "lava", "lemon", "lentil",
    "lilac", "linen", "lizard", "lobster", "lotus", "lynx", "magnet", "mango", "mantis", "maple", "marble",
    "meadow", "melon", "meteor", "mimosa", "mint", "mitten", "monsoon", "mosaic", "moss", "mustard",
    "napkin", "nectar", "nettle", "nickel", "noodle", "nutmeg", "oak", "oasis", "ocean", "olive", "onion",
    "opal", "orbit", "orchid", "osprey", "otter", "oyster", "paddle", "panda", "papaya", "parsley",
    "peacock", "pebble", "pelican", "peony", "pepper", "piano", "picnic", "pigeon", "pine", "planet", "plum",
    "poppy", "potato", "prairie", "puffin", "pumpkin", "puzzle", "quail", "quartz", "quilt", "rabbit",
    "radish", "raven", "rhubarb", "ribbon", "river", "robin", "rocket", "rose", "rubber", "saffron", "sage",
    "salmon", "sandal", "satin", "scarf", "seal", "shovel", "silk", "silver", "sorrel", "sparrow", "spinach",
    "spruce", "squid", "stork", "sugar", "summit", "sunset", "tadpole", "tassel", "teapot", "thimble",
    "thistle", "thunder", "thyme", "tiger", "timber", "toffee", "tomato", "topaz", "tractor", "trumpet",
    "tulip", "tundra", "turnip", "turtle", "umbrella", "urchin", "valley", "vanilla", "velvet", "violet",
    "volcano", "wagon", "walnut", "walrus", "wicker", "willow", "window", "winter", "wombat", "yarrow",
    "yogurt", "zebra", "zenith", "zigzag", "zinnia",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Key, SUBJECTS, WORDS};

    fn key(class: &str, learner: &str, attempt: &str) -> Key {
        Key { class: class.to_owned(), learner: learner.to_owned(), attempt: attempt.to_owned() }
    }

    /// A value that changed with a release could not be computed again by another one.
    #[test]
    fn a_value_is_the_same_in_every_release() {
        assert_eq!(key("", "", "").nonce("daytime"), "forest-3984");
        assert_eq!(key("7b", "00000000000000a1", "roles/change-sides#2").nonce("garden"), "quilt-2785");
    }

    #[test]
    fn each_part_changes_the_value() {
        let values = [
            key("class", "learner", "attempt").nonce("subject"),
            key("other", "learner", "attempt").nonce("subject"),
            key("class", "other", "attempt").nonce("subject"),
            key("class", "learner", "other").nonce("subject"),
            key("class", "learner", "attempt").nonce("other"),
        ];
        assert_eq!(values.iter().collect::<HashSet<_>>().len(), values.len(), "{values:?}");
    }

    #[test]
    fn a_letter_that_moves_from_one_part_to_the_next_changes_the_value() {
        let values = [
            key("ab", "c", "d").nonce("e"),
            key("a", "bc", "d").nonce("e"),
            key("a", "b", "cd").nonce("e"),
            key("a", "b", "c").nonce("de"),
            key("", "abcd", "").nonce("e"),
        ];
        assert_eq!(values.iter().collect::<HashSet<_>>().len(), values.len(), "{values:?}");
    }

    #[test]
    fn in_a_class_of_thirty_no_two_learners_hear_the_same() {
        let learner = |number: u32| key("autumn", &format!("{number:016x}"), "roles/change-sides#1");
        let values = SUBJECTS.iter().flat_map(|subject| (0..30).map(|number| learner(number).nonce(subject)));
        assert_eq!(values.collect::<HashSet<_>>().len(), 30 * SUBJECTS.len());
    }

    #[test]
    fn no_slip_of_a_finger_makes_one_word_of_another() {
        for (at, one) in WORDS.iter().enumerate() {
            assert!((3..=8).contains(&one.len()) && one.bytes().all(|letter| letter.is_ascii_lowercase()));
            for other in &WORDS[..at] {
                assert!(!one.starts_with(other) && !other.starts_with(one), "{one}, {other}");
                assert!(!one_letter_apart(one.as_bytes(), other.as_bytes()), "{one}, {other}");
            }
        }
    }

    /// Whether changing, leaving out or adding one letter makes one of the other.
    fn one_letter_apart(one: &[u8], other: &[u8]) -> bool {
        let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        let (one, other) = (&one[same..], &other[same..]);
        one.get(1..) == other.get(1..) || one.get(1..) == Some(other) || Some(one) == other.get(1..)
    }
}
