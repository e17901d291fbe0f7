//! The lab that is running, if one is: how a verb in one terminal finds the lab of another.
//!
//! A running lab holds a lock on `lab.lock` and has written its addresses to `lab.json`. The lock goes
//! with the process, however it ends, so an old file is never mistaken for a running lab. The certificate of its
//! authority lies beside them as soon as there is one; see [`ca`](super::ca).

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use super::addresses::Addresses;
use super::ca;
use super::up::Lab;
use crate::evidence::lines;

/// Held while the lab runs.
#[derive(Debug)]
pub struct Announcement {
    _lock: File,
}

/// Says where the lab is. Nothing when another lab of this learner is running.
///
/// # Errors
/// When the files cannot be written.
pub fn announce(folder: &Path, lab: &Lab) -> io::Result<Option<Announcement>> {
    let lock = lock_file(folder)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // That of an earlier lab is of no use any more.
    let _ = fs::remove_file(folder.join(ca::FILE));
    lab.authority.lies_in(folder);
    let text = serde_json::to_string(&lab.addresses)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.persist(folder.join("lab.json"))?;
    Ok(Some(Announcement { _lock: lock }))
}

/// The addresses of the running lab.
#[must_use]
pub fn running(folder: &Path) -> Option<Addresses> {
    let lock = OpenOptions::new().read(true).open(folder.join("lab.lock")).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {}
        _ => return None,
    }
    serde_json::from_slice(&fs::read(folder.join("lab.json")).ok()?).ok()
}

fn lock_file(folder: &Path) -> io::Result<File> {
    lines::open(&folder.join("lab.lock"))
}
