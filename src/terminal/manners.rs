//! Leaving a terminal as it was found, however a session ends.

/// The terminal's settings when this was made; dropping it brings them back. A line editor changes them while it
/// reads, and a session may end while it does.
#[derive(Debug)]
pub struct Manners {
    #[cfg(unix)]
    found: Option<nix::sys::termios::Termios>,
}

impl Manners {
    /// The settings as they are now; nothing when standard input is no terminal.
    #[must_use]
    pub fn remember() -> Self {
        Self {
            #[cfg(unix)]
            found: nix::sys::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }
}

#[cfg(unix)]
impl Drop for Manners {
    fn drop(&mut self) {
        if let Some(found) = &self.found {
            // A terminal that is gone needs no manners.
            let _ =
                nix::sys::termios::tcsetattr(std::io::stdin(), nix::sys::termios::SetArg::TCSADRAIN, found);
        }
    }
}
