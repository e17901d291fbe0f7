//! One stretch of bytes, however long, measured by several rulers below each other.
//!
//! ```text
//! message  |--------------------------------------|   1
//! writes   |---|---|---|---|---|---|---|---|---|---|  10
//! segments ::::::::::::::::::::::::::::::::::::::::   191, counted and not seen
//! reads    |------|------|------|------|------|---|   7
//! ```
//!
//! The picture of single bytes is in [`cuts`](crate::render::teller::cuts).

/// How a ruler is cut.
pub enum Cuts<'a> {
    /// In pieces of these sizes: they were seen.
    Seen(&'a [usize]),
    /// In so many pieces, nobody knows where.
    Counted(u64),
    /// Nobody knows.
    Unknown,
}

/// One ruler in a line of `width` columns: where a piece ends stands a bar. Pieces smaller than a column run together.
#[must_use]
pub fn ruler(cuts: &Cuts<'_>, total: u64, width: usize) -> String {
    let last = width.max(2) - 1;
    let sizes = match cuts {
        Cuts::Seen(sizes) => sizes,
        Cuts::Counted(_) => return ":".repeat(last + 1),
        Cuts::Unknown => return "?".repeat(last + 1),
    };
    let mut line = vec!['-'; last + 1];
    line[0] = '|';
    line[last] = '|';
    let mut end: u64 = 0;
    for size in *sizes {
        end += *size as u64;
        let column = end.saturating_mul(last as u64) / total.max(1);
        line[usize::try_from(column).unwrap_or(last).min(last)] = '|';
    }
    line.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Cuts, ruler};

    #[test]
    fn a_bar_stands_where_a_piece_ends() {
        assert_eq!(ruler(&Cuts::Seen(&[100]), 100, 11), "|---------|");
        assert_eq!(ruler(&Cuts::Seen(&[50, 50]), 100, 11), "|----|----|");
        assert_eq!(ruler(&Cuts::Seen(&[10, 90]), 100, 11), "||--------|");
        assert_eq!(ruler(&Cuts::Seen(&[1; 100]), 100, 11), "|||||||||||");
    }

    #[test]
    fn what_was_not_seen_has_no_bars() {
        assert_eq!(ruler(&Cuts::Counted(7), 100, 5), ":::::");
        assert_eq!(ruler(&Cuts::Unknown, 100, 5), "?????");
    }

    #[test]
    fn any_width_and_no_bytes_are_no_trouble() {
        for width in 0..4 {
            assert!(ruler(&Cuts::Seen(&[1, 2, 3]), 6, width).len() >= 2);
        }
        assert_eq!(ruler(&Cuts::Seen(&[]), 0, 4), "|--|");
    }
}
