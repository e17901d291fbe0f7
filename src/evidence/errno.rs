//! The kinds of trouble a learner can be told about, and how the system's errors become them.

use std::io::{self, ErrorKind};

use serde::{Deserialize, Serialize};

/// The failures a learner meets, each with its own sentence in [`crate::error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleKind {
    /// RST in answer to SYN, or ICMP port unreachable: a host is there, nothing listens.
    Refused,
    /// The established connection was broken off by the other side.
    Reset,
    /// Nothing came back within the time allowed.
    TimedOut,
    /// No route to the network.
    NetworkUnreachable,
    /// No route to the host, or it did not answer on its own network.
    HostUnreachable,
    /// Another socket has the address and port.
    AddressInUse,
    /// The address is not one of this machine's.
    AddressNotAvailable,
    /// The system does not allow it.
    PermissionDenied,
    /// This process or machine has no file descriptors left.
    TooManyFiles,
    /// Written to a connection the other side had closed.
    BrokenPipe,
    /// The system has no room for more bytes on their way.
    NoBufferSpace,
    /// More bytes than one datagram can carry.
    MessageTooLong,
    /// The socket has no other end.
    NotConnected,
    /// The connection was gone before this side could use it.
    ConnectionAborted,
    /// This machine does not speak that kind of address.
    FamilyUnsupported,
    /// The stream outside ended before this one had been finished: a FIN without `close_notify` (RFC 8446 §6.1).
    Truncated,
    /// The certificate that was shown is for other names than the one that was called.
    WrongName,
    /// The certificate was issued by nobody that this side trusts.
    UnknownIssuer,
    /// The time for which the certificate was issued is over.
    CertificateExpired,
    /// The time for which the certificate was issued has not begun.
    CertificateNotYetValid,
    /// The certificate does not hold for another reason.
    BadCertificate,
    /// The other side ended TLS with an alert.
    TlsAlert,
    /// What came where a TLS record should begin is none.
    NotTls,
    /// A record or a handshake message breaks the rules of TLS.
    TlsBroken,
    /// Something else; the number tells.
    #[serde(other)]
    Other,
}

impl TroubleKind {
    /// The word a lesson's check compares with.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::TimedOut => "timed-out",
            Self::NetworkUnreachable => "network-unreachable",
            Self::HostUnreachable => "host-unreachable",
            Self::AddressInUse => "address-in-use",
            Self::AddressNotAvailable => "address-not-available",
            Self::PermissionDenied => "permission-denied",
            Self::TooManyFiles => "too-many-files",
            Self::BrokenPipe => "broken-pipe",
            Self::NoBufferSpace => "no-buffer-space",
            Self::MessageTooLong => "message-too-long",
            Self::NotConnected => "not-connected",
            Self::ConnectionAborted => "connection-aborted",
            Self::FamilyUnsupported => "family-unsupported",
            Self::Truncated => "truncated",
            Self::WrongName => "wrong-name",
            Self::UnknownIssuer => "unknown-issuer",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateNotYetValid => "certificate-not-yet-valid",
            Self::BadCertificate => "bad-certificate",
            Self::TlsAlert => "tls-alert",
            Self::NotTls => "not-tls",
            Self::TlsBroken => "tls-broken",
            Self::Other => "other",
        }
    }
}

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
