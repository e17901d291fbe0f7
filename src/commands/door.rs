//! The way into the lab: the one that runs in another terminal, or one of our own for a moment.

use crate::commands::context::Context;
use crate::error::Failure;
use crate::lab::addresses::Addresses;
use crate::lab::entry::silent;
use crate::lab::found;
use crate::lab::up::{Lab, Ports};

/// A lab that can be used.
pub enum Door {
    /// It runs in another process.
    Elsewhere(Addresses),
    /// It runs in this one, on free ports, until the verb ends.
    Here(Lab),
}

impl Door {
    /// Finds the running lab or starts one.
    ///
    /// # Errors
    /// When this machine has no ports to give.
    pub async fn open(context: &Context) -> Result<Self, Failure> {
        if let Some(addresses) = context.home().and_then(|home| found::running(home.folder())) {
            return Ok(Self::Elsewhere(addresses));
        }
        let recorder = context.server_recorder();
        Lab::start(Ports::Free, &context.nonces(), &recorder, &silent()).await.map(Self::Here)
    }

    /// Where its services are.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        match self {
            Self::Elsewhere(addresses) => addresses,
            Self::Here(lab) => &lab.addresses,
        }
    }

    /// In which lab the verb was, for the learner.
    #[must_use]
    pub fn says(&self) -> &'static str {
        match self {
            Self::Elsewhere(_) => "answered by the lab that is running already",
            Self::Here(_) => "answered by the embedded lab, started for this moment on free ports",
        }
    }

    /// Lets conversations end and stops a lab of our own.
    pub async fn close(self) {
        if let Self::Here(lab) = self {
            lab.stop().await;
        }
    }
}
