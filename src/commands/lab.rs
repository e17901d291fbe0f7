//! `netlab lab`: the private internet for other tools and other terminals.

use std::path::Path;

use super::context::{Context, asked_to_stop};
use super::secure;
use crate::cli::{Lab as Args, LabWhat};
use crate::error::{Exit, Failure};
use crate::lab::addresses::Addresses;
use crate::lab::entry::silent;
use crate::lab::table::HELLO;
use crate::lab::up::{Lab, Ports};
use crate::lab::{ca, found};
use crate::render::lab::{certificate, doors};

/// Starts the lab, or says where it is.
///
/// # Errors
/// When a port is taken, or no lab is running.
pub async fn run(args: Args, context: &Context) -> Result<Exit, Failure> {
    match args.what {
        LabWhat::Up { free } => up(free, context).await,
        LabWhat::Status => status(context),
        LabWhat::Ca => certificate(context).await,
    }
}

async fn up(free: bool, context: &Context) -> Result<Exit, Failure> {
    let ports = if free { Ports::Free } else { Ports::Known };
    let running = context.home().and_then(|home| found::running(home.folder()));
    if let Some(addresses) = running {
        return Err(Failure::machine(
            "the lab is up already",
            match addresses.of(HELLO).first() {
                Some(address) => format!("its web server is on {address}"),
                None => "another process of yours holds it".to_owned(),
            },
        )
        .or_try("use it from here: every verb finds it")
        .or_try("see where everything is: netlab lab status"));
    }
    let lab = Lab::start(ports, &context.nonces(), &context.watched_recorder(), &silent()).await?;
    let announced = context.home().map(|home| found::announce(home.folder(), &lab));
    if !matches!(announced, Some(Ok(Some(_)))) {
        context.screen.note("note: verbs in other terminals cannot find this lab and will start their own");
    }
    let asked_to_stop = asked_to_stop();
    doors::show(&context.screen, &lab.addresses);
    asked_to_stop.await;
    drop(announced);
    lab.stop().await;
    Ok(Exit::Done)
}

fn status(context: &Context) -> Result<Exit, Failure> {
    let (_, addresses) = running(context)?;
    doors::show(&context.screen, &addresses);
    Ok(Exit::Done)
}

/// The folder of the lab that is up, and where its services are.
fn running(context: &Context) -> Result<(&Path, Addresses), Failure> {
    let found = context.home().and_then(|home| Some((home.folder(), found::running(home.folder())?)));
    found.ok_or_else(|| {
        Failure::machine(
            "the lab is not up",
            "no process of yours holds it; verbs that need it start their own for a moment",
        )
        .or_try("start it in a terminal of its own: netlab lab up")
    })
}

/// Prints the certificate of the lab's authority. There is none before the first call over TLS, so this is one if need be.
async fn certificate(context: &Context) -> Result<Exit, Failure> {
    let (folder, addresses) = running(context)?;
    let file = folder.join(ca::FILE);
    let there = || ca::laid_in(folder).map_err(|error| Failure::file(&file, "reading", &error));
    let text = if let Ok(text) = there() {
        text
    } else {
        let door = addresses.services.iter().find(|place| place.tls).map(|place| place.real);
        let door = door.ok_or_else(|| {
            Failure::machine("the lab has no door for TLS", "it was started by another version of netlab")
        })?;
        secure::call_once(context.recorder(None), door).await?;
        there()?
    };
    certificate::show(&context.screen, &text, &file);
    Ok(Exit::Done)
}
