//! What happened, told: the journey of an exchange, what each end handed over, and how it ended.

pub mod between;
pub(super) mod charset;
pub mod clients;
pub mod compare;
pub mod content;
pub mod cuts;
pub mod dialogue;
pub mod handovers;
pub mod journey;
pub mod lookup;
pub mod narrator;
pub mod noticed;
pub mod packets;
pub(super) mod passing;
pub mod phases;
pub mod pour;
pub mod receipts;
pub mod redirect;
pub mod relay;
