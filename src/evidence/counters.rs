//! What the kernel counted on one TCP connection, at one moment.
//!
//! Every number is the kernel's own and may be missing: what a kernel does not tell is not known, and not zero.

use serde::{Deserialize, Serialize};

macro_rules! counters {
    ($($(#[$about:meta])* $name:ident,)*) => {
        /// The kernel's numbers about its end of a connection.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Counters {
            $($(#[$about])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $name: Option<u64>,)*
        }

        impl Counters {
            /// What its members are called in the journal and in documents.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];
        }
    };
}

counters! {
    /// Segments this kernel sent: the handshake's, those with data, acknowledgements alone, and the FIN.
    segments_out,
    /// Segments it received.
    segments_in,
    /// Segments with data that it sent; those sent again count again.
    data_segments_out,
    /// Segments with data that it received.
    data_segments_in,
    /// Segments it has sent again.
    segments_retransmitted,
    /// Segments that are on their way and not acknowledged.
    segments_unacknowledged,
    /// The most bytes of data it puts into a segment, options taken off (RFC 9293 §3.7.1).
    send_mss,
    /// The largest segment it has received lately, as it estimates.
    receive_mss,
    /// The MSS it announced to the other side.
    announced_mss,
    /// The largest packet that fits the way, as far as known (RFC 1191).
    path_mtu,
    /// The smoothed round-trip time, in microseconds (RFC 6298).
    rtt_us,
    /// How much round trips vary, in microseconds (RFC 6298).
    rtt_variation_us,
    /// How many segments it may have on their way by its own caution (RFC 5681).
    congestion_window,
    /// Bytes of data sent, those sent again included.
    bytes_sent,
    /// Bytes of data sent again.
    bytes_retransmitted,
    /// How far the other side has acknowledged; SYN and FIN count as one byte each.
    bytes_acknowledged,
    /// How far it has received in order; the FIN counts as one byte.
    bytes_received,
    /// Bytes a program has handed over that have not been sent once.
    bytes_not_sent,
    /// Bytes a second that arrived lately, by the acknowledgements.
    delivery_rate,
    /// How many more bytes the other side says it has room for, from what it has acknowledged (RFC 9293 §3.8.6).
    send_window,
    /// How many bytes this side says it has room for.
    receive_window,
    /// Bytes handed over by the program here and not acknowledged: the send queue.
    send_queue,
    /// Bytes received that the program here has not read: the receive queue.
    receive_queue,
}
