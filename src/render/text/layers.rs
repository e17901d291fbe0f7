//! The words that belong to a layer: TCP has reads, writes and a FIN, TLS has records and `close_notify`.

use std::num::NonZeroU64;

use crate::evidence::{Layer, Transport};
use crate::render::text::words::number;

/// What it is called when bytes came.
#[must_use]
pub fn came(layer: Layer) -> &'static str {
    match layer {
        Layer::Tcp => "read",
        Layer::Udp => "datagram",
        Layer::Tls => "out of records",
        Layer::WebSocket => "message",
        Layer::Tunnel => "out of the tunnel",
        Layer::Other => "came",
    }
}

/// What it is called when bytes were handed over.
#[must_use]
pub fn went(layer: Layer) -> &'static str {
    match layer {
        Layer::Tcp => "write",
        Layer::Udp => "datagram sent",
        Layer::Tls => "into records",
        Layer::WebSocket => "message sent",
        Layer::Tunnel => "into the tunnel",
        Layer::Other => "went",
    }
}

/// How far the layer below had come when it had carried these bytes.
#[must_use]
pub fn carried(up_to: NonZeroU64) -> String {
    format!(", which end at byte {} of the connection", number(up_to.get()))
}

/// By what a side says that it will send no more.
#[must_use]
pub fn finished_by(layer: Layer) -> &'static str {
    match layer {
        Layer::Tcp | Layer::Tunnel => "FIN",
        Layer::Tls => "close_notify",
        Layer::WebSocket => "Close",
        Layer::Udp | Layer::Other => "its end",
    }
}

/// What a conversation is; `datagrams` is the word for one over UDP.
#[must_use]
pub fn conversation(transport: Transport, layer: Layer, datagrams: &'static str) -> &'static str {
    match (layer, transport) {
        (Layer::Tls, _) => "TLS inside a connection",
        (Layer::WebSocket, _) => "WebSocket inside a connection",
        (Layer::Tunnel, _) => "a tunnel inside a connection",
        (_, Transport::Tcp) => "connection",
        (_, Transport::Udp) => datagrams,
    }
}
