//! The ranges of addresses with a purpose of their own, a row for each.
//!
//! They follow the registries that RFC 6890 founded (IPv4 and IPv6 Special-Purpose Addresses); groups of
//! multicast, and the two ranges for everybody, stand beside them.

use super::range::Reach::{Group, Link, Machine, Nobody, Provider, Site, World};
use super::range::{Kind, Range, Reach};

/// Every range with a name. Of several that hold an address, the longest is the one that counts.
pub static RANGES: &[Range] = &[
    Range::four([0, 0, 0, 0], 0, &PUBLIC),
    Range::six([0], 0, &UNASSIGNED),
    Range::four([0, 0, 0, 0], 8, &THIS_NETWORK),
    Range::four([0, 0, 0, 0], 32, &ANY_4),
    Range::four([10, 0, 0, 0], 8, &PRIVATE),
    Range::four([100, 64, 0, 0], 10, &SHARED),
    Range::four([127, 0, 0, 0], 8, &LOOPBACK_4),
    Range::four([169, 254, 0, 0], 16, &LINK_LOCAL_4),
    Range::four([172, 16, 0, 0], 12, &PRIVATE),
    Range::four([192, 0, 0, 0], 24, &PROTOCOLS_4),
    Range::four([192, 0, 0, 0], 29, &CONTINUITY),
    Range::four([192, 0, 0, 8], 32, &DUMMY_4),
    Range::four([192, 0, 0, 9], 32, &PORT_CONTROL),
    Range::four([192, 0, 0, 10], 32, &TURN),
    Range::four([192, 0, 0, 170], 31, &NAT64_DISCOVERY),
    Range::four([192, 0, 2, 0], 24, &DOCUMENTATION_4),
    Range::four([192, 31, 196, 0], 24, &AS112),
    Range::four([192, 52, 193, 0], 24, &AMT),
    Range::four([192, 88, 99, 0], 24, &RELAY_6TO4),
    Range::four([192, 88, 99, 2], 32, &RELAY_6A44),
    Range::four([192, 168, 0, 0], 16, &PRIVATE),
    Range::four([192, 175, 48, 0], 24, &AS112_DIRECT),
    Range::four([198, 18, 0, 0], 15, &BENCHMARKS_4),
    Range::four([198, 51, 100, 0], 24, &DOCUMENTATION_4),
    Range::four([203, 0, 113, 0], 24, &DOCUMENTATION_4),
    Range::four([224, 0, 0, 0], 4, &MULTICAST_4),
    Range::four([224, 0, 0, 0], 24, &MULTICAST_LINK_4),
    Range::four([233, 252, 0, 0], 24, &MULTICAST_DOCUMENTATION),
    Range::four([239, 0, 0, 0], 8, &MULTICAST_SITE_4),
    Range::four([240, 0, 0, 0], 4, &RESERVED),
    Range::four([255, 255, 255, 255], 32, &BROADCAST),
    Range::six([0], 96, &COMPATIBLE),
    Range::six([0], 128, &ANY_6),
    Range::six([0, 0, 0, 0, 0, 0, 0, 1], 128, &LOOPBACK_6),
    Range::six([0, 0, 0, 0, 0, 0xffff], 96, &MAPPED),
    Range::six([0x64, 0xff9b], 96, &NAT64),
    Range::six([0x64, 0xff9b, 1], 48, &NAT64_LOCAL),
    Range::six([0x100], 64, &DISCARD),
    Range::six([0x100, 0, 0, 1], 64, &DUMMY_6),
    Range::six([0x2000], 3, &GLOBAL),
    Range::six([0x2001], 23, &PROTOCOLS_6),
    Range::six([0x2001], 32, &TEREDO),
    Range::six([0x2001, 1, 0, 0, 0, 0, 0, 1], 128, &PORT_CONTROL),
    Range::six([0x2001, 1, 0, 0, 0, 0, 0, 2], 128, &TURN),
    Range::six([0x2001, 1, 0, 0, 0, 0, 0, 3], 128, &SERVICE_REGISTRATION),
    Range::six([0x2001, 2], 48, &BENCHMARKS_6),
    Range::six([0x2001, 3], 32, &AMT),
    Range::six([0x2001, 4, 0x112], 48, &AS112),
    Range::six([0x2001, 0x10], 28, &ORCHID_OLD),
    Range::six([0x2001, 0x20], 28, &ORCHID),
    Range::six([0x2001, 0x30], 28, &DRONES),
    Range::six([0x2001, 0xdb8], 32, &DOCUMENTATION_6),
    Range::six([0x2002], 16, &TUNNEL_6TO4),
    Range::six([0x2620, 0x4f, 0x8000], 48, &AS112_DIRECT),
    Range::six([0x3fff], 20, &DOCUMENTATION_NEW),
    Range::six([0x5f00], 16, &SEGMENTS),
    Range::six([0xfc00], 7, &UNIQUE_LOCAL),
    Range::six([0xfe80], 10, &LINK_LOCAL_6),
    Range::six([0xfec0], 10, &SITE_LOCAL),
    Range::six([0xff00], 8, &MULTICAST_6),
    Range::six([0xff01], 16, &MULTICAST_MACHINE_6),
    Range::six([0xff02], 16, &MULTICAST_LINK_6),
];

const fn kind(name: &'static str, rfc: &'static str, reach: Reach, meaning: &'static str) -> Kind {
    Kind { name, rfc, meaning, reach }
}

const PUBLIC: Kind = kind(
    "public",
    "RFC 1918 §3",
    World,
    "one of its kind in the whole Internet, handed out by registries, so packets find it from everywhere",
);
const GLOBAL: Kind = kind(
    "global",
    "RFC 4291 §2.5.4",
    World,
    "one of its kind in the whole Internet: IPv6 has enough for every device to have its own",
);
const UNASSIGNED: Kind = kind(
    "unassigned",
    "RFC 4291 §2.4",
    Nobody,
    "not in use: nearly all of IPv6 is kept for times to come, only one eighth (2000::/3) is handed out",
);
const LOOPBACK_4: Kind = kind(
    "loopback",
    "RFC 1122 §3.2.1.3",
    Machine,
    "the machine itself: what is sent here comes back inside, and no cable ever sees it",
);
const LOOPBACK_6: Kind =
    kind("loopback", "RFC 4291 §2.5.3", Machine, "the machine itself, as 127.0.0.1 is in IPv4");
const PRIVATE: Kind = kind(
    "private",
    "RFC 1918 §3",
    Site,
    "for use inside homes and companies, where millions use the same ones; on the way out a router puts its own in place (NAT)",
);
const SHARED: Kind = kind(
    "shared",
    "RFC 6598 §4",
    Provider,
    "for providers that have too few public addresses: several customers share one behind a second NAT (CGNAT)",
);
const LINK_LOCAL_4: Kind = kind(
    "link-local",
    "RFC 3927 §2.1",
    Link,
    "what a machine gives itself when nobody else gave it an address (no DHCP answer); routers do not pass it on",
);
const LINK_LOCAL_6: Kind = kind(
    "link-local",
    "RFC 4291 §2.5.6",
    Link,
    "what every IPv6 interface gives itself; routers do not pass it on, and a program must say which interface it means (fe80::1%eth0)",
);
const UNIQUE_LOCAL: Kind = kind(
    "unique local",
    "RFC 4193 §3.1",
    Site,
    "IPv6's private addresses: for use inside, with forty random bits so that two networks hardly ever choose alike",
);
const DOCUMENTATION_4: Kind =
    kind("documentation", "RFC 5737 §3", Nobody, "for examples in books; the Internet knows no way to it");
const DOCUMENTATION_6: Kind =
    kind("documentation", "RFC 3849 §2", Nobody, "for examples in books; the Internet knows no way to it");
const DOCUMENTATION_NEW: Kind = kind(
    "documentation",
    "RFC 9637",
    Nobody,
    "for examples in books, with room for large networks; the Internet knows no way to it",
);
const ANY_4: Kind = kind(
    "unspecified",
    "RFC 1122 §3.2.1.3",
    Nobody,
    "no address: a server that listens here listens on every IPv4 address of its machine; a machine that has none yet sends from it",
);
const ANY_6: Kind = kind(
    "unspecified",
    "RFC 4291 §2.5.2",
    Nobody,
    "no address: a server that listens here listens on every address of its machine, most often those of IPv4 too",
);
const THIS_NETWORK: Kind = kind(
    "this network",
    "RFC 791 §3.2",
    Nobody,
    "meant a host on the sender's own network, whichever that is; only 0.0.0.0 is still in use",
);
const BROADCAST: Kind =
    kind("broadcast", "RFC 919 §7", Link, "everybody on the same link at once; routers do not pass it on");
const RESERVED: Kind =
    kind("reserved", "RFC 1112 §4", Nobody, "kept for times to come that never came; most systems refuse it");
const MULTICAST_4: Kind =
    kind("multicast", "RFC 1112 §4", Group, "a group: one datagram reaches every machine that has joined");
const MULTICAST_LINK_4: Kind = kind(
    "multicast",
    "RFC 5771 §4",
    Link,
    "a group on the same link, such as all machines (224.0.0.1) or those that answer names under .local (224.0.0.251)",
);
const MULTICAST_SITE_4: Kind =
    kind("multicast", "RFC 2365", Site, "a group inside one organisation, which chooses the numbers itself");
const MULTICAST_DOCUMENTATION: Kind =
    kind("documentation", "RFC 6676", Nobody, "a group for examples in books: nobody joins it");
const MULTICAST_6: Kind =
    kind("multicast", "RFC 4291 §2.7", Group, "a group: one datagram reaches every machine that has joined");
const MULTICAST_MACHINE_6: Kind =
    kind("multicast", "RFC 4291 §2.7", Machine, "a group within one interface, for programs of one machine");
const MULTICAST_LINK_6: Kind = kind(
    "multicast",
    "RFC 4291 §2.7",
    Link,
    "a group on the same link, such as all machines (ff02::1) or all routers (ff02::2)",
);
const PROTOCOLS_4: Kind = kind(
    "IETF protocols",
    "RFC 6890 §2.1",
    Nobody,
    "set aside for protocols that need an address of their own",
);
const PROTOCOLS_6: Kind =
    kind("IETF protocols", "RFC 2928", Nobody, "set aside for protocols that need an address of their own");
const CONTINUITY: Kind = kind(
    "IPv4 continuity",
    "RFC 7335",
    Machine,
    "lets programs that know only IPv4 work on a machine that has only IPv6 (464XLAT, DS-Lite)",
);
const DUMMY_4: Kind =
    kind("dummy", "RFC 7600", Nobody, "a source for error messages of a router that has no IPv4 address");
const DUMMY_6: Kind =
    kind("dummy", "RFC 9780", Nobody, "stands in where an address is needed and none is meant");
const PORT_CONTROL: Kind = kind(
    "port control",
    "RFC 7723",
    Site,
    "the nearest NAT that can be asked to open a port (PCP), whichever it is",
);
const TURN: Kind =
    kind("TURN", "RFC 8155", Site, "the nearest relay for calls that NAT keeps apart, whichever it is");
const SERVICE_REGISTRATION: Kind = kind(
    "DNS-SD",
    "RFC 9665",
    Site,
    "the nearest server where services register their names, whichever it is",
);
const NAT64_DISCOVERY: Kind = kind(
    "NAT64 discovery",
    "RFC 7050 §2.2",
    Nobody,
    "the address of ipv4only.arpa: asking for its IPv6 address shows whether the network translates",
);
const AS112: Kind = kind(
    "AS112",
    "RFC 7535",
    World,
    "servers that answer the questions about private addresses which leak into the public DNS",
);
const AS112_DIRECT: Kind = kind(
    "AS112",
    "RFC 7534",
    World,
    "name servers that answer the questions about private addresses which leak into the public DNS",
);
const AMT: Kind = kind(
    "AMT",
    "RFC 7450",
    World,
    "the nearest relay that brings multicast to networks without it, whichever it is",
);
const RELAY_6TO4: Kind =
    kind("6to4 relay", "RFC 7526", Nobody, "once the nearest relay between IPv4 and IPv6; given up");
const RELAY_6A44: Kind = kind("6a44 relay", "RFC 6751", Provider, "a provider's relay for IPv6 behind a NAT");
const BENCHMARKS_4: Kind = kind(
    "benchmarks",
    "RFC 2544 §C.2.2",
    Site,
    "for measuring routers in a laboratory, away from the Internet",
);
const BENCHMARKS_6: Kind =
    kind("benchmarks", "RFC 5180 §8", Site, "for measuring routers in a laboratory, away from the Internet");
const MAPPED: Kind = kind(
    "IPv4-mapped",
    "RFC 4291 §2.5.5.2",
    World,
    "an IPv4 address as an IPv6 socket writes it; on the wire it is plain IPv4",
);
const COMPATIBLE: Kind = kind(
    "IPv4-compatible",
    "RFC 4291 §2.5.5.1",
    Nobody,
    "an older way to write an IPv4 address as IPv6; given up",
);
const NAT64: Kind = kind(
    "NAT64",
    "RFC 6052 §2.1",
    World,
    "an IPv4 address for machines that have only IPv6: a translator on the way takes it out again",
);
const NAT64_LOCAL: Kind =
    kind("NAT64, local", "RFC 8215", Site, "for a network's own translators between IPv6 and IPv4");
const DISCARD: Kind =
    kind("discard", "RFC 6666", Nobody, "a way to drop an attack: routers send this traffic nowhere");
const TEREDO: Kind = kind(
    "Teredo",
    "RFC 4380 §2.6",
    World,
    "IPv6 in UDP through a NAT; it holds the client's public address, and its time is over",
);
const ORCHID_OLD: Kind = kind(
    "ORCHID",
    "RFC 4843",
    Nobody,
    "names made of keys that look like addresses, first version; given up",
);
const ORCHID: Kind = kind(
    "ORCHID",
    "RFC 7343",
    Nobody,
    "names made of keys that look like addresses (HIP); no router knows the way",
);
const DRONES: Kind =
    kind("drone identity", "RFC 9374", Nobody, "names made of keys, by which drones identify themselves");
const TUNNEL_6TO4: Kind = kind(
    "6to4",
    "RFC 3056 §2",
    World,
    "IPv6 in IPv4 packets; it holds the IPv4 address of its router, and its time is over",
);
const SEGMENTS: Kind = kind(
    "segment routing",
    "RFC 9602",
    Provider,
    "steps of a path inside one provider's network (SRv6), not machines",
);
const SITE_LOCAL: Kind =
    kind("site-local", "RFC 3879 §4", Site, "IPv6's first private addresses, given up for fc00::/7");
