//! Which site is served: netlab's own, or one from a file of routes.

use std::path::Path;
use std::sync::Arc;

use tokio::time::{Instant, sleep};

use crate::cli::Serve;
use crate::cli::serve as cli;
use crate::error::Failure;
use crate::lab::entry::{Log, Slip};
use crate::lab::hello::faulty::{Faults, Faulty};
use crate::lab::hello::greeter::{Elsewhere, GREETING, Greeter};
use crate::lab::hello::hosts::Hosts;
use crate::lab::hello::routes::kept::{LOOK, Routes};
use crate::lab::hello::site::{Ending, Site};

/// A site, and the files of routes that somebody has to keep an eye on.
pub struct Sites {
    /// What answers.
    pub site: Arc<dyn Site>,
    /// What comes from files.
    pub files: Vec<Arc<Routes>>,
}

/// The site that the command line asks for.
///
/// # Errors
/// When a file of routes does not read.
pub fn of(args: &Serve, log: &Log) -> Result<Sites, Failure> {
    let mut files = Vec::new();
    let mut site = |routes: Option<&Path>, greeting: &str| -> Result<Arc<dyn Site>, Failure> {
        if let Some(path) = routes {
            let routes = file(path, log)?;
            files.push(routes.clone());
            return Ok(routes);
        }
        let elsewhere = if args.strict { Elsewhere::NotFound } else { Elsewhere::Default };
        Ok(Arc::new(Greeter::new(greeting, elsewhere)))
    };
    let other = site(args.routes.as_deref(), args.say.as_deref().unwrap_or(GREETING))?;
    let mut named: Vec<(String, Arc<dyn Site>)> = Vec::new();
    for host in &args.hosts {
        if named.iter().any(|(name, _)| *name == host.name) {
            let what = format!("--hosts names {} twice", host.name);
            return Err(Failure::usage(what, "a request for that name could come to only one of them")
                .or_try("give every site a name of its own: --hosts shop.test,garden.test"));
        }
        let greeting = format!("Hello from {}", host.name);
        named.push((host.name.clone(), site(host.routes.as_deref(), &greeting)?));
    }
    let site = if named.is_empty() { other } else { Arc::new(Hosts::new(named, other)) };
    let faults = faults(&args.faults);
    let site = if faults.is_none() { site } else { Arc::new(Faulty::new(site, faults)) };
    Ok(Sites { site, files })
}

/// What is to be wrong with its answers.
pub fn faults(asked: &cli::Faults) -> Faults {
    let ending = match (asked.chunked, asked.no_length, asked.wrong_length) {
        (true, ..) => Some(Ending::Chunked),
        (_, true, _) => Some(Ending::Close),
        (.., length) => length.map(Ending::Length),
    };
    Faults { ending, slow: asked.slow, cut: asked.cut }
}

impl Sites {
    /// Says what was read, and keeps an eye on the files. This does not end.
    pub async fn watch(&self) {
        self.files.iter().for_each(|file| file.tell());
        if self.files.is_empty() {
            return std::future::pending().await;
        }
        loop {
            sleep(LOOK).await;
            self.files.iter().for_each(|file| file.look(Instant::now()));
        }
    }
}

fn file(path: &Path, log: &Log) -> Result<Arc<Routes>, Failure> {
    Routes::open(path.to_path_buf(), log.clone()).map(Arc::new).map_err(|slips| unread(path, &slips))
}

/// A file of routes that a server cannot start with.
fn unread(path: &Path, slips: &[Slip]) -> Failure {
    let place = |slip: &Slip| match slip.line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    };
    let Some((first, more)) = slips.split_first() else {
        return Failure::usage(format!("{} does not read", path.display()), "");
    };
    let why = match more.len() {
        0 => "a server starts with routes that read from the first line to the last".to_owned(),
        1 => "a server starts when every line of its routes reads; there is one more here that does not"
            .to_owned(),
        many => format!(
            "a server starts when every line of its routes reads; there are {many} more here that do not"
        ),
    };
    let failure = Failure::usage(format!("{}: {}", place(first), first.what), why).or_try(&first.mend);
    more.iter().fold(failure, |failure, slip| {
        failure.or_try(format!("{}: {}: {}", place(slip), slip.what, slip.mend))
    })
}
