//! The site: it answers from the routes it has, and takes what was saved.
//!
//! A file that does not read changes nothing: the routes from before stay, and what is wrong is told. An editor may
//! save in two steps, so what does not read is told only when it is still so a moment later.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};
use std::time::Duration;

use tokio::time::Instant;

use super::load::{Loaded, Seen, load};
use super::table::{Found, Table};
use crate::lab::entry::{Entry, Log, RoutesRead, Slip};
use crate::lab::hello::page::Page;
use crate::lab::hello::request::Request;
use crate::lab::hello::site::{Answer, Site};

/// How often the file is looked at while nobody asks for anything.
pub const LOOK: Duration = Duration::from_millis(200);

/// How often at most it is looked at while requests come.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// How long a file must have been broken before that is told.
const PATIENCE: Duration = Duration::from_millis(150);

/// A site from a file of routes.
pub struct Routes {
    path: PathBuf,
    /// Its name as the person wrote it.
    name: String,
    log: Log,
    table: RwLock<Arc<Table>>,
    watched: Mutex<Watched>,
    began: Instant,
    /// Microseconds after `began` at which the file may be looked at again.
    due: AtomicU64,
}

struct Watched {
    seen: Seen,
    broken: Option<Broken>,
}

/// Why what is in the file now is not in use.
struct Broken {
    since: Instant,
    slips: Vec<Slip>,
    told: bool,
}

impl Routes {
    /// The site that is in the file now.
    ///
    /// # Errors
    /// What in it does not read.
    pub fn open(path: PathBuf, log: Log) -> Result<Self, Vec<Slip>> {
        let Loaded { table, seen } = load(&path);
        Ok(Self {
            name: path.to_string_lossy().into_owned(),
            path,
            log,
            table: RwLock::new(Arc::new(table?)),
            watched: Mutex::new(Watched { seen, broken: None }),
            began: Instant::now(),
            due: AtomicU64::new(0),
        })
    }

    /// Says which routes there are, for the first time.
    pub fn tell(&self) {
        let routes = self.table().len();
        (self.log)(Entry::Routes(RoutesRead {
            file: self.name.clone(),
            routes,
            again: false,
            slips: Vec::new(),
        }));
    }

    fn table(&self) -> Arc<Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks whether the file has changed, unless somebody just did.
    pub fn look(&self, now: Instant) {
        let at = u64::try_from(now.saturating_duration_since(self.began).as_micros()).unwrap_or(u64::MAX);
        if at < self.due.load(Ordering::Relaxed) {
            return;
        }
        let mut watched = match self.watched.try_lock() {
            Ok(watched) => watched,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Somebody else is looking right now.
            Err(TryLockError::WouldBlock) => return,
        };
        let again = u64::try_from(LOOK_AGAIN.as_micros()).unwrap_or(u64::MAX);
        self.due.store(at.saturating_add(again), Ordering::Relaxed);
        if !watched.seen.is_current() {
            let Loaded { table, seen } = load(&self.path);
            let changed = seen.sum != watched.seen.sum;
            watched.seen = seen;
            if changed {
                self.take(table, &mut watched, now);
            }
        }
        if let Some(broken) = &mut watched.broken
            && !broken.told
            && now.saturating_duration_since(broken.since) >= PATIENCE
        {
            broken.told = true;
            self.tell_again(std::mem::take(&mut broken.slips));
        }
    }

    fn take(&self, table: Result<Table, Vec<Slip>>, watched: &mut Watched, now: Instant) {
        match table {
            Ok(table) => {
                watched.broken = None;
                *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
                self.tell_again(Vec::new());
            }
            Err(slips) => watched.broken = Some(Broken { since: now, slips, told: false }),
        }
    }

    fn tell_again(&self, slips: Vec<Slip>) {
        let routes = self.table().len();
        (self.log)(Entry::Routes(RoutesRead { file: self.name.clone(), routes, again: true, slips }));
    }
}

impl Site for Routes {
    fn answer(&self, request: &Request<'_>) -> Answer {
        self.look(Instant::now());
        let table = self.table();
        match table.find(request.method, request.path) {
            Found::Reply(reply) if reply.delay.is_zero() => Answer::Page(reply.page.clone()),
            Found::Reply(reply) => Answer::Late(reply.delay, reply.page.clone()),
            Found::Offers(allow) => Page::options(allow).into(),
            Found::NotFor(allow) => Page::not_allowed(request.method, allow).into(),
            Found::Nothing => Page::text(404, "No route leads to this path").into(),
        }
    }

    fn methods(&self) -> Cow<'_, str> {
        Cow::Owned(self.table().methods())
    }
}
