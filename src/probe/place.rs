//! Who is asked, and under which names: the Host of all requests, and words that nobody can know before.
//!
//! A word depends on the seed and on what it is for, not on which checks ran before, so that a seed repeats a
//! check whether the others run or not.

/// Words a random name begins with, so that it is easy to find in a log.
const PLANTS: [&str; 16] = [
    "moss", "fern", "birch", "clover", "heather", "ivy", "juniper", "lichen", "mallow", "nettle", "orchid",
    "poppy", "rowan", "sorrel", "thyme", "yarrow",
];

/// The server that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What stands in the Host field.
    pub host: String,
    /// What the random words are made from.
    pub seed: u32,
}

impl Place {
    /// A word for one purpose, such as `fern-9f3a61c2`.
    #[must_use]
    pub fn word(&self, purpose: &str) -> String {
        let mut bits = u64::from(self.seed);
        for byte in purpose.bytes() {
            bits = mixed(bits ^ u64::from(byte));
        }
        let plant = PLANTS[usize::try_from(bits >> 60).unwrap_or(0)];
        format!("{plant}-{:08x}", bits & 0xffff_ffff)
    }

    /// A path that nobody has.
    #[must_use]
    pub fn nowhere(&self, purpose: &str) -> String {
        format!("/{}", self.word(purpose))
    }

    /// A sound request without content: its first line, a Host, and more fields, each with its line end.
    #[must_use]
    pub fn request(&self, method: &str, target: &str, fields: &str) -> Vec<u8> {
        format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n{fields}\r\n", self.host).into_bytes()
    }

    /// A GET after which the server is to close.
    #[must_use]
    pub fn last_get(&self, target: &str) -> Vec<u8> {
        self.request("GET", target, CLOSE)
    }
}

/// The wish that the connection be closed after the answer.
pub const CLOSE: &str = "Connection: close\r\n";

/// The finalizer of splitmix64: every bit of the result depends on every bit that goes in.
fn mixed(bits: u64) -> u64 {
    let mut bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_seed_repeats_its_words_and_another_seed_does_not() {
        let place = |seed| Place { host: "localhost:7777".to_owned(), seed };
        assert_eq!(place(7).word("query"), place(7).word("query"));
        assert_ne!(place(7).word("query"), place(8).word("query"));
        assert_ne!(place(7).word("query"), place(7).word("unknown"));
    }
}
