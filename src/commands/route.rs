//! A host as typed becomes addresses to connect to.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use super::context::Context;
use super::door::Door;
use super::resolve::explain_failure;
use crate::error::Failure;
use crate::evidence::Recorder;
use crate::lab::table::DNS;
use crate::lab::zone::is_lab_name;
use crate::net::interfaces::interfaces;
use crate::net::resolve::{A, AAAA, LOOPBACK, Lookup, Plan, is_localhost, lookup};
use crate::net::route::{Route, Via};
use crate::net::system::{System, hosts, wire_name};
use crate::net::zone;
use crate::proto;

/// Finds the addresses of `host`. The lab is opened for names under `.test` and stays in `door`.
///
/// # Errors
/// When the name has no address, or nobody says.
pub async fn route(
    context: &Context,
    recorder: &Recorder,
    door: &mut Option<Door>,
    host: &str,
    port: u16,
) -> Result<Route, Failure> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(at(host, port, Via::Literal, &[ip]));
    }
    if let Some((ip, zone)) = zone::split(bare) {
        let scope = zone::scope(zone).ok_or_else(|| no_such_zone(zone))?;
        let there = SocketAddrV6::new(ip, port, 0, scope);
        return Ok(Route { addresses: vec![there.into()], ..at(host, port, Via::Literal, &[]) });
    }
    let name = wire_name(host).map_err(|why| Failure::not_a_name(host, &why))?;
    if is_lab_name(&name) {
        let lab = match door.take() {
            Some(lab) => lab,
            None => Door::open(context).await?,
        };
        let found = look(
            recorder,
            &name,
            &Plan::usual(lab.addresses().of(DNS), vec![name.trim_end_matches('.').to_owned()]),
        )
        .await;
        let places = lab.addresses().clone();
        *door = Some(lab);
        let lookups = found.map_err(|lookups| explain_failure(&lookups, true))?;
        let mut route = at(host, port, Via::Dns(Vec::new()), &addresses(&lookups));
        for address in &mut route.addresses {
            *address = places.place(address.ip(), address.port());
        }
        route.addresses.dedup();
        route.speaks = route.addresses.first().and_then(|there| proto::named(places.protocol(*there)?));
        route.via = Via::Lab(lookups);
        return Ok(route);
    }
    let mut listed = hosts(&name);
    if !listed.is_empty() {
        if is_localhost(&name) {
            // A hosts file that knows only one of them hides a server on the other (RFC 6761 section 6.3).
            listed.extend(LOOPBACK.into_iter().filter(|ip| !listed.contains(ip)).collect::<Vec<_>>());
        }
        return Ok(at(host, port, Via::Hosts, &listed));
    }
    if is_localhost(&name) {
        return Ok(at(host, port, Via::Localhost, &LOOPBACK));
    }
    let system = System::read().map_err(|why| Failure::no_resolver(&why))?;
    let names = system.candidates(&name);
    let plan = Plan::usual(system.servers, names);
    let lookups = look(recorder, &name, &plan).await.map_err(|lookups| explain_failure(&lookups, false))?;
    let addresses = addresses(&lookups);
    Ok(at(host, port, Via::Dns(lookups), &addresses))
}

/// A zone that this machine does not have, and those it has.
fn no_such_zone(zone: &str) -> Failure {
    let own: Vec<String> = interfaces().unwrap_or_default().into_iter().map(|one| one.name).collect();
    let failure = Failure::usage(
        format!("this machine has no interface {zone}"),
        "what stands behind the % says on which link the address is meant, as the name or the number of an interface (RFC 4007 §11)",
    );
    if own.is_empty() { failure } else { failure.or_try(format!("one of those it has: {}", own.join(", "))) }
}

/// Asks for both kinds of address at once; fails only if neither has any.
async fn look(recorder: &Recorder, name: &str, plan: &Plan) -> Result<Vec<Lookup>, Vec<Lookup>> {
    let (four, six) = tokio::join!(
        lookup(recorder, "resolve", name, A, plan),
        lookup(recorder, "resolve", name, AAAA, plan)
    );
    let lookups = vec![four, six];
    if addresses(&lookups).is_empty() { Err(lookups) } else { Ok(lookups) }
}

fn addresses(lookups: &[Lookup]) -> Vec<IpAddr> {
    lookups.iter().flat_map(Lookup::addresses).collect()
}

fn at(host: &str, port: u16, via: Via, ips: &[IpAddr]) -> Route {
    let addresses = ips.iter().map(|&ip| SocketAddr::new(ip, port)).collect();
    Route { host: host.to_owned(), port, via, addresses, speaks: None }
}
