//! The table of what can go wrong with a socket: what it means on the wire, and what to try.
//!
//! A verb that knows more (who has the port, which server it was) says more; see the constructors of
//! [`Failure`](super::Failure).

use std::io;

use crate::evidence::{Trouble, TroubleKind};

/// One kind of trouble in English.
struct Row {
    kind: TroubleKind,
    /// The same in two or three words, for a screen.
    short: &'static str,
    /// What other programs and systems call it.
    called: &'static [&'static str],
    /// What happened on the wire, as a sentence part.
    means: &'static str,
    /// What to try.
    advice: &'static str,
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row {
        kind: TroubleKind::Refused,
        short: "refused (RST)",
        called: &["connection refused", "ECONNREFUSED", "ConnectionRefusedError"],
        means: "an RST came back at once, which says: at that address no program waits on that port",
        advice: "check the port, and that the server is started and bound to this address",
    },
    Row {
        kind: TroubleKind::Reset,
        short: "broken off (RST)",
        called: &["connection reset", "connection reset by peer", "broken off", "ECONNRESET", "ConnectionResetError"],
        means: "the other side sent RST: it knows the connection no more, or will not have it any longer",
        advice: "look at what the other program says; one that closes, or is killed, with bytes unread makes its kernel send RST",
    },
    Row {
        kind: TroubleKind::TimedOut,
        short: "no answer in time",
        called: &["time-out", "timeout", "connection timed out", "operation timed out", "ETIMEDOUT", "TimeoutError"],
        means: "nothing came back in the time allowed: the packets or the answers to them were lost or dropped on the way",
        advice: "check the address; a firewall that drops packets looks just like this",
    },
    Row {
        kind: TroubleKind::NetworkUnreachable,
        short: "unreachable",
        called: &["network is unreachable", "ENETUNREACH"],
        means: "this machine has no route to that network, so no packet was sent at all",
        advice: "check the cable or Wi-Fi; names under .test work without any: netlab raw-get http://hello.test/",
    },
    Row {
        kind: TroubleKind::HostUnreachable,
        short: "unreachable",
        called: &["no route to host", "EHOSTUNREACH"],
        means: "no machine answered at that address on its own network",
        advice: "check that the machine is switched on and that the address is still its own",
    },
    Row {
        kind: TroubleKind::AddressInUse,
        short: "taken by another socket",
        called: &["in use", "already in use", "address already in use", "port in use", "taken", "EADDRINUSE"],
        means: "another socket has that address and port",
        advice: "take another port; 0 lets the system choose a free one",
    },
    Row {
        kind: TroubleKind::AddressNotAvailable,
        short: "no address of this machine",
        called: &["cannot assign requested address", "EADDRNOTAVAIL"],
        means: "a program can only use addresses its own machine has",
        advice: "use loopback, 127.0.0.1, which every machine has",
    },
    Row {
        kind: TroubleKind::PermissionDenied,
        short: "not allowed here",
        called: &["EACCES", "EPERM"],
        means: "this machine's own rules do not allow it, those of a local firewall for instance",
        advice: "take a port of 1024 or above, or ask whoever looks after this machine's firewall",
    },
    Row {
        kind: TroubleKind::TooManyFiles,
        short: "no file descriptor left",
        called: &["too many open files", "EMFILE", "ENFILE"],
        means: "every socket takes a file descriptor and there is none left",
        advice: "raise the limit with ulimit -n, or close some programs",
    },
    Row {
        kind: TroubleKind::BrokenPipe,
        short: "nobody there to write to",
        called: &["EPIPE", "BrokenPipeError"],
        means: "the other side had closed the connection, so there was nobody to write to",
        advice: "connect once more, and read until the other side has finished before you write again",
    },
    Row {
        kind: TroubleKind::NoBufferSpace,
        short: "no room to send",
        called: &["no buffer space available", "ENOBUFS"],
        means: "the kernel had no memory left for bytes that wait to be sent, so nothing left this machine",
        advice: "wait a moment and send less at a time",
    },
    Row {
        kind: TroubleKind::MessageTooLong,
        short: "too long for one datagram",
        called: &["EMSGSIZE"],
        means: "one datagram cannot carry that many bytes (65,507 over IPv4), so nothing was sent: UDP never divides what it is given",
        advice: "send several smaller datagrams; below 1,200 bytes each they pass almost everywhere",
    },
    Row {
        kind: TroubleKind::NotConnected,
        short: "no other end",
        called: &["ENOTCONN"],
        means: "the socket has no other end, or has none any more, so there is nowhere to send to",
        advice: "connect once more",
    },
    Row {
        kind: TroubleKind::ConnectionAborted,
        short: "gone before it began",
        called: &["software caused connection abort", "ECONNABORTED"],
        means: "the connection had been broken off before this program could use it",
        advice: "connect once more; a client that gives up while it waits in the queue is no fault of the server",
    },
    Row {
        kind: TroubleKind::FamilyUnsupported,
        short: "no such kind of address here",
        called: &["address family not supported by protocol", "EAFNOSUPPORT"],
        means: "this machine does not speak that kind of address, as when IPv6 is switched off",
        advice: "use the other kind of address: 127.0.0.1 instead of ::1, or the other way round",
    },
    Row {
        kind: TroubleKind::Truncated,
        short: "cut short (FIN without close_notify)",
        called: &[],
        means: "TCP ended (FIN) before TLS had said that it was over (close_notify): what came may be only the beginning, cut by anybody on the way",
        advice: "ask again; a server that ends like this every time leaves out close_notify, and only a length in the message itself then tells whether it is whole",
    },
    Row {
        kind: TroubleKind::WrongName,
        short: "the certificate is for another name",
        called: &[],
        means: "the certificate is genuine and for somebody else: whoever answers there has not shown to be the one that was called",
        advice: "check the name; a server with several sites chooses its certificate by the name in the ClientHello (SNI)",
    },
    Row {
        kind: TroubleKind::UnknownIssuer,
        short: "nobody trusted issued the certificate",
        called: &[],
        means: "anybody can make a certificate, so it proves a name only when somebody signed it who is trusted here, and nobody did",
        advice: "if you know who signed it: --cacert FILE, with the certificate of that authority",
    },
    Row {
        kind: TroubleKind::CertificateExpired,
        short: "the certificate has expired",
        called: &[],
        means: "a certificate holds for a time, and the time of this one is over",
        advice: "whoever looks after the server has to get a new one; check this machine's clock as well",
    },
    Row {
        kind: TroubleKind::CertificateNotYetValid,
        short: "the certificate does not hold yet",
        called: &[],
        means: "a certificate holds for a time, and the time of this one has not begun",
        advice: "check this machine's clock",
    },
    Row {
        kind: TroubleKind::BadCertificate,
        short: "the certificate does not hold",
        called: &[],
        means: "the certificate does not hold, so it proves nothing",
        advice: "see what another tool says: openssl s_client -connect HOST:PORT",
    },
    Row {
        kind: TroubleKind::TlsAlert,
        short: "ended with an alert",
        called: &[],
        means: "the other side ended TLS with an alert, which says why in one word",
        advice: "see what the server logs; it knows more than the one word",
    },
    Row {
        kind: TroubleKind::NotTls,
        short: "that is no TLS",
        called: &[],
        means: "the program there does not answer with TLS records, so it speaks something else",
        advice: "check the port; netlab connect HOST:PORT shows what such a server says",
    },
    Row {
        kind: TroubleKind::TlsBroken,
        short: "breaks the rules of TLS",
        called: &[],
        means: "what came breaks the rules of TLS, so it was not used",
        advice: "ask once more; when it stays so, one of the two programs has a fault",
    },
];

fn row(kind: TroubleKind) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.kind == kind)
}

/// What went wrong with a socket in two or three words.
#[must_use]
pub fn in_short(kind: TroubleKind) -> &'static str {
    row(kind).map_or("failed", |row| row.short)
}

/// The kind of trouble that a check has this word for.
#[must_use]
pub fn kind_called(word: &str) -> Option<TroubleKind> {
    TABLE.iter().map(|row| row.kind).find(|kind| kind.name() == word)
}

/// Every name of a kind of trouble: the word for it in checks, the words of netlab's screens, and what other programs
/// and systems call it.
pub fn called(kind: TroubleKind) -> impl Iterator<Item = &'static str> {
    let row = row(kind);
    let short = row.into_iter().flat_map(|row| {
        // "refused (RST)" says it twice.
        std::iter::once(row.short)
            .chain(row.short.split(['(', ')']).map(str::trim).filter(|part| !part.is_empty()))
    });
    std::iter::once(kind.name())
        .chain(short)
        .chain(row.into_iter().flat_map(|row| row.called.iter().copied()))
}

/// What a failed socket operation means on a network, as a sentence part.
#[must_use]
pub fn trouble_means(trouble: Trouble) -> String {
    match (row(trouble.kind), trouble.errno) {
        (Some(row), _) => row.means.to_owned(),
        (None, Some(errno)) => format!("the system says: {}", io::Error::from_raw_os_error(errno)),
        (None, None) => "the system did not say why".to_owned(),
    }
}

/// What to try about it, where there is something to try.
#[must_use]
pub fn trouble_advice(kind: TroubleKind) -> Option<&'static str> {
    row(kind).map(|row| row.advice)
}
