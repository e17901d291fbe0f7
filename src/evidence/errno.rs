//! From the system's error to the kind of trouble a learner can be told about.

use std::io::{self, ErrorKind};

use super::event::TroubleKind;

/// The kind of an error, the same on every system.
#[must_use]
pub fn kind(error: &io::Error) -> TroubleKind {
    named(error.kind()).or_else(|| numbered(error.raw_os_error()?)).unwrap_or(TroubleKind::Other)
}

/// By the name the standard library has for it.
fn named(kind: ErrorKind) -> Option<TroubleKind> {
    Some(match kind {
        ErrorKind::ConnectionRefused => TroubleKind::Refused,
        ErrorKind::ConnectionReset => TroubleKind::Reset,
        ErrorKind::ConnectionAborted => TroubleKind::ConnectionAborted,
        ErrorKind::TimedOut => TroubleKind::TimedOut,
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => TroubleKind::NetworkUnreachable,
        ErrorKind::HostUnreachable => TroubleKind::HostUnreachable,
        ErrorKind::AddrInUse => TroubleKind::AddressInUse,
        ErrorKind::AddrNotAvailable => TroubleKind::AddressNotAvailable,
        ErrorKind::PermissionDenied => TroubleKind::PermissionDenied,
        ErrorKind::BrokenPipe => TroubleKind::BrokenPipe,
        ErrorKind::NotConnected => TroubleKind::NotConnected,
        _ => return None,
    })
}

/// By the system's number, for those that the standard library gives no name.
fn numbered(number: i32) -> Option<TroubleKind> {
    NUMBERS.iter().find(|(known, _)| *known == number).map(|(_, kind)| *kind)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const NUMBERS: &[(i32, TroubleKind)] = &[
    (23, TroubleKind::TooManyFiles),
    (24, TroubleKind::TooManyFiles),
    (90, TroubleKind::MessageTooLong),
    (97, TroubleKind::FamilyUnsupported),
    (105, TroubleKind::NoBufferSpace),
];

/// The systems that come from BSD, macOS among them.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const NUMBERS: &[(i32, TroubleKind)] = &[
    (23, TroubleKind::TooManyFiles),
    (24, TroubleKind::TooManyFiles),
    (40, TroubleKind::MessageTooLong),
    (47, TroubleKind::FamilyUnsupported),
    (55, TroubleKind::NoBufferSpace),
];

#[cfg(windows)]
const NUMBERS: &[(i32, TroubleKind)] = &[
    (10_024, TroubleKind::TooManyFiles),
    (10_040, TroubleKind::MessageTooLong),
    (10_047, TroubleKind::FamilyUnsupported),
    (10_055, TroubleKind::NoBufferSpace),
];

#[cfg(not(any(unix, windows)))]
const NUMBERS: &[(i32, TroubleKind)] = &[];

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::{NUMBERS, TroubleKind, kind};

    #[test]
    fn numbers_of_this_system_have_their_kinds() {
        for (number, wanted) in NUMBERS {
            assert_eq!(kind(&Error::from_raw_os_error(*number)), *wanted, "{number}");
        }
    }

    #[test]
    fn what_has_no_kind_is_other() {
        assert_eq!(kind(&Error::from(ErrorKind::InvalidData)), TroubleKind::Other);
        assert_eq!(kind(&Error::from(ErrorKind::NotConnected)), TroubleKind::NotConnected);
    }
}
