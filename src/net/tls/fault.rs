//! What goes wrong in TLS itself, as data.

use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

use crate::evidence::TroubleKind;

/// How many names of a certificate are told.
const NAMES: usize = 8;
/// How many characters of each, and of what a library says.
const LENGTH: usize = 200;

/// The kind of trouble, and what is known about it beyond that. Texts are the other side's own and not escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub kind: TroubleKind,
    /// What else is known.
    pub detail: Detail,
}

/// What is known beyond the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    Nothing,
    /// The names the certificate is for.
    Names(Vec<String>),
    /// From when or until when it holds, since 1970.
    Time(Duration),
    /// The word of an alert, or a reason in other words.
    Said(String),
    /// What came instead of records, its beginning.
    Began(Vec<u8>),
}

impl Fault {
    /// One of which no more is known.
    #[must_use]
    pub fn of(kind: TroubleKind) -> Self {
        Self { kind, detail: Detail::Nothing }
    }

    fn with(kind: TroubleKind, detail: Detail) -> Self {
        Self { kind, detail }
    }

    /// What rustls found; `first` is what came first.
    #[must_use]
    pub fn from_rustls(error: &Error, first: &[u8]) -> Self {
        match error {
            Error::InvalidCertificate(error) => certificate(error),
            Error::AlertReceived(alert) => {
                Self::with(TroubleKind::TlsAlert, Detail::Said(word(*alert).to_owned()))
            }
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge,
            ) if !is_record(first) => Self::with(TroubleKind::NotTls, Detail::Began(first.to_vec())),
            other => Self::with(TroubleKind::TlsBroken, said(&other.to_string())),
        }
    }

    /// The same in one line for the evidence, if there is more to say than the kind.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        match &self.detail {
            Detail::Names(names) if names.is_empty() => Some("the certificate names nobody".to_owned()),
            Detail::Names(names) => Some(format!("the certificate is for {}", names.join(", "))),
            Detail::Said(what) if self.kind == TroubleKind::TlsAlert => {
                Some(format!("the alert says {what}"))
            }
            Detail::Said(what) => Some(what.clone()),
            Detail::Nothing | Detail::Time(_) | Detail::Began(_) => None,
        }
    }
}

/// Whether bytes begin as a record does: a known type and version 3 (RFC 8446 §5.1).
fn is_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=24, 3, ..] | [20..=24])
}

fn certificate(error: &CertificateError) -> Fault {
    use CertificateError as E;
    match error {
        // An authority of that name is trusted, and another one of the same name has signed.
        E::UnknownIssuer | E::BadSignature => Fault::of(TroubleKind::UnknownIssuer),
        E::Expired => Fault::of(TroubleKind::CertificateExpired),
        E::ExpiredContext { not_after, .. } => Fault::with(TroubleKind::CertificateExpired, time(*not_after)),
        E::NotValidYet => Fault::of(TroubleKind::CertificateNotYetValid),
        E::NotValidYetContext { not_before, .. } => {
            Fault::with(TroubleKind::CertificateNotYetValid, time(*not_before))
        }
        E::NotValidForName => Fault::of(TroubleKind::WrongName),
        E::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().take(NAMES).map(|name| cut(bare(name))).collect();
            Fault::with(TroubleKind::WrongName, Detail::Names(names))
        }
        // Only its name for debugging tells this one from others.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => Fault::with(
            TroubleKind::BadCertificate,
            Detail::Said(
                "it is the certificate of an authority (CA:TRUE), and such a one may sign others and not stand for a server itself"
                    .to_owned(),
            ),
        ),
        other => Fault::with(TroubleKind::BadCertificate, said(&other.to_string())),
    }
}

/// `DnsName("a.test")` is the library's way to write `a.test`.
fn bare(name: &str) -> &str {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inside.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(inside)
}

fn cut(text: &str) -> String {
    text.chars().take(LENGTH).collect()
}

fn said(text: &str) -> Detail {
    Detail::Said(cut(text))
}

fn time(at: UnixTime) -> Detail {
    Detail::Time(Duration::from_secs(at.as_secs()))
}

/// The word RFC 8446 §6 has for an alert.
fn word(alert: AlertDescription) -> &'static str {
    use AlertDescription as A;
    match alert {
        A::UnexpectedMessage => "unexpected_message",
        A::BadRecordMac => "bad_record_mac",
        A::RecordOverflow => "record_overflow",
        A::HandshakeFailure => "handshake_failure",
        A::BadCertificate => "bad_certificate",
        A::UnsupportedCertificate => "unsupported_certificate",
        A::CertificateRevoked => "certificate_revoked",
        A::CertificateExpired => "certificate_expired",
        A::CertificateUnknown => "certificate_unknown",
        A::IllegalParameter => "illegal_parameter",
        A::UnknownCA => "unknown_ca",
        A::AccessDenied => "access_denied",
        A::DecodeError => "decode_error",
        A::DecryptError => "decrypt_error",
        A::ProtocolVersion => "protocol_version",
        A::InsufficientSecurity => "insufficient_security",
        A::InternalError => "internal_error",
        A::UserCanceled => "user_canceled",
        A::MissingExtension => "missing_extension",
        A::UnsupportedExtension => "unsupported_extension",
        A::UnrecognisedName => "unrecognized_name",
        A::CertificateRequired => "certificate_required",
        A::NoApplicationProtocol => "no_application_protocol",
        _ => "another reason",
    }
}

#[cfg(test)]
mod tests {
    use super::{Detail, Fault, bare};
    use crate::evidence::TroubleKind;

    #[test]
    fn a_name_is_told_without_the_librarys_brackets() {
        assert_eq!(bare("DnsName(\"a.test\")"), "a.test");
        assert_eq!(bare("IpAddress(127.0.0.1)"), "127.0.0.1");
        assert_eq!(bare("DirectoryName"), "DirectoryName");
    }

    #[test]
    fn what_is_no_record_is_no_tls_and_a_broken_record_is_broken_tls() {
        let invalid = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
        let fault = Fault::from_rustls(&invalid, b"HTTP/1.1 400");
        assert_eq!(
            (fault.kind, fault.detail),
            (TroubleKind::NotTls, Detail::Began(b"HTTP/1.1 400".to_vec()))
        );
        assert_eq!(Fault::from_rustls(&invalid, &[22, 3, 3, 0, 1, 0]).kind, TroubleKind::TlsBroken);
    }
}
