//! `struct tcp_info` of Linux's `linux/tcp.h`: which number stands where.
//!
//! The struct grows at its end from one kernel to the next. A number that is not wholly inside what was returned is not
//! known.

use super::diag::{Answer, number};
use crate::evidence::Counters;

/// The numbers of an answer.
pub(super) fn counters(answer: &Answer) -> Counters {
    Counters {
        send_queue: Some(u64::from(answer.send_queue)),
        receive_queue: Some(u64::from(answer.receive_queue)),
        ..told(&answer.info)
    }
}

/// The numbers of the struct alone.
pub(super) fn told(info: &[u8]) -> Counters {
    let short = |at: usize| number(info, at, 4);
    let long = |at: usize| number(info, at, 8);
    Counters {
        send_mss: short(16),
        receive_mss: short(20),
        segments_unacknowledged: short(24),
        path_mtu: short(60),
        rtt_us: short(68),
        rtt_variation_us: short(72),
        congestion_window: short(80),
        announced_mss: short(84),
        segments_retransmitted: short(100),
        bytes_acknowledged: long(120),
        bytes_received: long(128),
        segments_out: short(136),
        segments_in: short(140),
        bytes_not_sent: short(144),
        data_segments_in: short(152),
        data_segments_out: short(156),
        delivery_rate: long(160),
        bytes_sent: long(200),
        bytes_retransmitted: long(208),
        send_window: short(228),
        receive_window: short(232),
        send_queue: None,
        receive_queue: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, counters};

    #[test]
    fn what_an_older_kernel_does_not_return_is_not_known() {
        let info = |len: usize| Answer::of((1, 2), vec![0; len]);
        let old = counters(&info(104));
        assert_eq!((old.send_mss, old.segments_out, old.send_window), (Some(0), None, None));
        assert_eq!(counters(&info(139)).segments_out, None, "three of its four bytes are not a number");
        assert_eq!(counters(&info(140)).segments_out, Some(0));
        let silent = counters(&info(0));
        assert_eq!((silent.send_mss, silent.receive_queue, silent.send_queue), (None, Some(1), Some(2)));
    }
}
