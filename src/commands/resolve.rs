//! `netlab resolve`: names to records, by whom, over what, and with every byte if wanted.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use super::context::Context;
use super::door::Door;
use super::refused::unanswered;
use crate::cli::Resolve;
use crate::error::{Exit, Failure};
use crate::evidence::{Recorder, Transport, TroubleKind};
use crate::lab::table::DNS;
use crate::lab::zone::is_lab_name;
use crate::net::ask::{Over, Wording};
use crate::net::resolve::{
    A, AAAA, LOOKUP_LIMIT, Lookup, Outcome, PTR, Plan, lookup, reverse_name, without_asking,
};
use crate::net::system::{System, wire_name};
use crate::proto::dns::rdata::{type_name, type_named};
use crate::render::json;
use crate::render::teller::lookup as shown;
use crate::render::teller::lookup::Whose;
use crate::render::text::look::Form;
use crate::render::tree::flows as shown_flows;

/// How long the answer to a question is waited for that is sent only once.
const ONCE_LIMIT: Duration = Duration::from_secs(2);

/// Resolves every name given.
///
/// # Errors
/// When one of them has nothing of what was asked for, or cannot be asked about.
pub async fn run(args: Resolve, context: &Context) -> Result<Exit, Failure> {
    let kinds = kinds(&args)?;
    let recorder = context.recorder(None);
    let mut door = None;
    let mut failure = None;
    let mut documents = Vec::new();
    let reverse = args.reverse.map(|ip| (ip.to_string(), reverse_name(ip), vec![PTR]));
    let forward = args.names.iter().map(|typed| (typed.clone(), typed.clone(), kinds.clone()));
    for (typed, name, kinds) in reverse.into_iter().chain(forward) {
        let name = complete(&typed, &name)?;
        let (plan, whose) = plan(context, &args, &name, &mut door).await?;
        let lookups = look(recorder, &name, &kinds, &plan, whose).await;
        if context.screen.look.form == Form::Json {
            documents.extend(lookups.iter().map(json::lookup));
        } else {
            shown::show(&context.screen, &typed, &lookups, whose);
        }
        if !lookups.iter().any(Lookup::is_found) {
            failure.get_or_insert_with(|| explain_failure(&lookups, whose == Whose::Lab));
        }
    }
    let flows = context.flows();
    if context.screen.look.form == Form::Json {
        let flows: Vec<_> = flows.iter().map(json::flow).collect();
        let failure = failure.as_ref().map(json::failure);
        json::document(
            &context.screen,
            "resolve",
            json!({ "lookups": documents, "flows": flows, "failure": failure }),
        );
    } else if context.screen.look.wants_fields() {
        shown_flows::show(&context.screen, &flows);
    }
    if let Some(door) = door {
        context.screen.note(door.says());
        door.close().await;
    }
    failure.map_or(Ok(Exit::Done), Err)
}

/// The types asked for, in the order given.
fn kinds(args: &Resolve) -> Result<Vec<u16>, Failure> {
    if args.types.is_empty() {
        return Ok(vec![A, AAAA]);
    }
    args.types
        .iter()
        .map(|name| {
            type_named(name).ok_or_else(|| {
                Failure::usage(
                    format!("{name} is no record type"),
                    "a question to DNS names one type of record",
                )
                .or_try(
                    "one of A, AAAA, CNAME, MX, TXT, NS, SOA, PTR, SRV, CAA, HTTPS, or a number as TYPE65",
                )
            })
        })
        .collect()
}

/// The name as the wire wants it; an address is no name.
fn complete(typed: &str, name: &str) -> Result<String, Failure> {
    if name.parse::<std::net::IpAddr>().is_ok() {
        return Err(Failure::usage(
            format!("{typed} is an address, not a name"),
            "DNS turns names into addresses; the way back has a question of its own",
        )
        .or_try(format!("netlab resolve -x {typed}")));
    }
    wire_name(name).map_err(|why| Failure::not_a_name(typed, &why))
}

/// Whom to ask about a name: the server that was chosen, the lab, or the system's resolvers.
async fn plan(
    context: &Context,
    args: &Resolve,
    name: &str,
    door: &mut Option<Door>,
) -> Result<(Plan, Whose), Failure> {
    let with = |servers, names| {
        let over = if args.tcp { Over::Tcp } else { Over::UdpThenTcp };
        let wording = Wording { id: args.id, once: args.once };
        let usual = if args.once { ONCE_LIMIT } else { LOOKUP_LIMIT };
        Plan { over, wording, patience: args.timeout.unwrap_or(usual), ..Plan::usual(servers, names) }
    };
    let whole = vec![if name == "." { name } else { name.trim_end_matches('.') }.to_owned()];
    let loopback = args.reverse.is_some_and(|ip| ip.is_loopback());
    if let Some(server) = args.server {
        return Ok((with(vec![server], whole), Whose::Chosen));
    }
    if is_lab_name(name) || loopback {
        let lab = match door.take() {
            Some(lab) => lab,
            None => Door::open(context).await?,
        };
        let servers: Vec<SocketAddr> = lab.addresses().of(DNS);
        *door = Some(lab);
        return Ok((with(servers, whole), Whose::Lab));
    }
    let system = System::read().map_err(|why| Failure::no_resolver(&why))?;
    let names = if args.reverse.is_some() { whole } else { system.candidates(name) };
    Ok((with(system.servers, names), Whose::System))
}

/// Asks for all types at once, as a browser asks for A and AAAA.
async fn look(recorder: &Recorder, name: &str, kinds: &[u16], plan: &Plan, whose: Whose) -> Vec<Lookup> {
    let mut asking = tokio::task::JoinSet::new();
    for (at, &kind) in kinds.iter().enumerate() {
        let (recorder, name, plan) = (recorder.clone(), name.to_owned(), plan.clone());
        asking.spawn(async move {
            let listed = if whose == Whose::System { without_asking(&name, kind) } else { None };
            let found = match listed {
                Some(listed) => listed,
                None => lookup(&recorder, "resolve", &name, kind, &plan).await,
            };
            (at, found)
        });
    }
    let mut found = asking.join_all().await;
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, lookup)| lookup).collect()
}

/// Whether one datagram was all that was sent.
fn asked_once(lookup: &Lookup) -> bool {
    lookup.asked.len() == 1 && lookup.asked[0].sent == 1
}

/// Whether one server was asked, and over UDP.
fn by_datagram(lookup: &Lookup) -> bool {
    matches!(&lookup.asked[..], [asked] if asked.transport == Transport::Udp)
}

/// Why there is nothing, told by the lookup that tells most.
#[must_use]
pub fn explain_failure(lookups: &[Lookup], lab: bool) -> Failure {
    // Silence says most about what to mend, then a refusal, then what the zone says.
    let weight = |lookup: &&Lookup| match lookup.outcome {
        Outcome::NoServers(_) => 0,
        Outcome::Silence(_) => 1,
        Outcome::Declined(_) | Outcome::Referral(_) => 2,
        Outcome::NoName(_) => 3,
        _ => 4,
    };
    let Some(lookup) = lookups.iter().min_by_key(weight) else {
        return Failure::network("there was nothing to ask", "no name was given");
    };
    let server = lookup.asked.last().map(|asked| asked.server);
    let servers: Vec<SocketAddr> = lookup.asked.iter().map(|asked| asked.server).collect();
    let kinds: Vec<String> = lookups.iter().map(|lookup| type_name(lookup.kind).into_owned()).collect();
    match &lookup.outcome {
        Outcome::NoServers(why) => Failure::no_resolver(why),
        Outcome::Silence(trouble) if trouble.kind == TroubleKind::TimedOut && asked_once(lookup) => {
            let id = lookup.asked.last().map_or(0, |asked| asked.id);
            Failure::dns_asked_once(&lookup.typed, servers[0], id)
        }
        Outcome::Silence(trouble) if trouble.kind == TroubleKind::Refused && by_datagram(lookup) => {
            unanswered(servers[0], *trouble)
        }
        Outcome::Silence(trouble) => Failure::dns_silence(&lookup.typed, &servers, *trouble),
        Outcome::Declined(message) => Failure::declined(&lookup.typed, server, &message.rcode_name()),
        Outcome::Referral(_) => Failure::referral(&lookup.typed, server),
        Outcome::NoName(_) => Failure::no_such_name(&lookup.typed, server, lab),
        _ => Failure::no_data(&lookup.typed, &kinds, server),
    }
}
