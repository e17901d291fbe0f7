//! `netlab addrs`: this machine's addresses, and what any address is.

use std::net::IpAddr;

use super::context::Context;
use crate::cli::Addrs;
use crate::error::{Exit, Failure};
use crate::net::interfaces::interfaces;
use crate::render::machine::addresses;

/// Lists this machine's addresses, or explains those that were given.
///
/// # Errors
/// When something given is no address, or the interfaces cannot be read.
pub fn run(args: &Addrs, context: &Context) -> Result<Exit, Failure> {
    let given = args.addresses.iter().map(|typed| address(typed)).collect::<Result<Vec<_>, _>>()?;
    let here = interfaces();
    if given.is_empty() {
        let here = here.map_err(|why| {
            Failure::machine("this machine's addresses cannot be read", why)
                .or_try("ask the system: ipconfig on Windows, ifconfig elsewhere")
                .or_try("explain an address you know: netlab addrs 192.168.1.5")
        })?;
        addresses::list(&context.screen, &here);
    } else {
        // Whether it is one of this machine's is told where that is known.
        addresses::explain(&context.screen, &given, &here.unwrap_or_default());
    }
    Ok(Exit::Done)
}

/// An address as people copy it: with brackets, an interface (`%eth0`) or a prefix length (`/24`) as well.
fn address(typed: &str) -> Result<IpAddr, Failure> {
    let bare = typed.split(['/', '%']).next().unwrap_or_default();
    let bare = bare.trim_start_matches('[').trim_end_matches(']');
    bare.parse().map_err(|_| {
        Failure::usage(
            format!("{} is no address", if typed.is_empty() { "an empty text" } else { typed }),
            "an address is four numbers up to 255 with dots between, or eight groups of hex digits with colons",
        )
        .or_try("netlab addrs 192.168.1.5, or netlab addrs fe80::1")
        .or_try("if it is a name, ask for its addresses: netlab resolve NAME")
    })
}
