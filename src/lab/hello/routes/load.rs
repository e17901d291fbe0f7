//! From a file of routes, and the files that its routes send, to a [`Table`].

use std::fs::{self, File, Metadata};
use std::hash::Hasher;
use std::io::{self, Read};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::read;
use super::table::{Reply, Table};
use super::written::{Content, Kind, Written};
use crate::lab::entry::Slip;
use crate::lab::hello::page::{Fnv, Page, tag};

/// The most bytes a file of routes may have.
pub const FILE: u64 = 256 * 1024;

/// The most bytes of all files that its routes send.
pub const CONTENT: u64 = 16 * 1024 * 1024;

/// How coarse the times of files may be: what was changed this short a time ago may be changed again, and its time
/// stay the same.
const COARSE: Duration = Duration::from_secs(2);

/// What was found.
pub struct Loaded {
    /// The routes, or what does not read.
    pub table: Result<Table, Vec<Slip>>,
    /// Everything that was read.
    pub seen: Seen,
}

/// What the files looked like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    files: Vec<(PathBuf, Option<Stamp>)>,
    /// A sum over all their bytes.
    pub sum: u64,
    /// Whether a file that looks the same is the same.
    pub settled: bool,
}

/// What tells that a file was changed without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    place: u64,
}

impl Seen {
    /// Whether the files still look as they did.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.settled && self.files.iter().all(|(path, stamp)| *stamp == stamp_of(path))
    }
}

fn stamp_of(path: &FilePath) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some(Stamp { len: metadata.len(), modified: metadata.modified().ok(), place: place(&metadata) })
}

/// A number that is another one when the file was replaced by one of the same name.
#[cfg(unix)]
fn place(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> u64 {
    0
}

/// Reads the file and what its routes send.
#[must_use]
pub fn load(path: &FilePath) -> Loaded {
    let mut reading = Reading {
        folder: path.parent().map(FilePath::to_path_buf).unwrap_or_default(),
        files: Vec::new(),
        sum: Fnv::default(),
        left: CONTENT,
    };
    let table = match reading.file(path, FILE) {
        Ok(bytes) => reading.routes(bytes),
        Err(error) => Err(vec![Slip {
            line: None,
            what: format!("the file cannot be read: {error}"),
            mend: "look whether its name is right and whether you may read it".to_owned(),
        }]),
    };
    let now = SystemTime::now();
    let old = |stamp: &Option<Stamp>| {
        let modified = stamp.as_ref().and_then(|stamp| stamp.modified);
        modified.is_none_or(|modified| now.duration_since(modified).is_ok_and(|age| age > COARSE))
    };
    let settled = reading.files.iter().all(|(_, stamp)| old(stamp));
    Loaded { table, seen: Seen { files: reading.files, sum: reading.sum.finish(), settled } }
}

struct Reading {
    folder: PathBuf,
    files: Vec<(PathBuf, Option<Stamp>)>,
    sum: Fnv,
    /// Bytes that the files of routes may still have together.
    left: u64,
}

impl Reading {
    /// All bytes of a file.
    fn file(&mut self, path: &FilePath, limit: u64) -> io::Result<Vec<u8>> {
        if !self.files.iter().any(|(known, _)| known == path) {
            self.files.push((path.to_path_buf(), stamp_of(path)));
        }
        let bytes = bytes_of(path, limit);
        self.sum.write(bytes.as_deref().unwrap_or_default());
        self.sum.write_u8(u8::from(bytes.is_ok()));
        bytes
    }

    fn routes(&mut self, bytes: Vec<u8>) -> Result<Table, Vec<Slip>> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            vec![Slip {
                line: Some(good.split(|&byte| byte == b'\n').count()),
                what: "these bytes are not UTF-8".to_owned(),
                mend: "save the file as UTF-8, the usual encoding today".to_owned(),
            }]
        })?;
        let mut table = Table::default();
        let mut slips = Vec::new();
        for written in read::read(&text)? {
            match self.reply(&written) {
                Ok(reply) => table.put(&written.path, written.method, reply),
                Err(slip) => slips.push(slip),
            }
        }
        slips.truncate(read::SLIPS);
        if slips.is_empty() { Ok(table) } else { Err(slips) }
    }

    fn reply(&mut self, written: &Written) -> Result<Reply, Slip> {
        let (content, usual) = match &written.content {
            Content::Unsaid => (Vec::new(), None),
            Content::Text(text) => (text.clone().into_bytes(), Some("text/plain; charset=utf-8")),
            Content::File(line, name) => (self.content(*line, name)?, Some(kind_of(name))),
        };
        let kind = match &written.kind {
            Kind::Usual => usual,
            Kind::Unsaid => None,
            Kind::Named(kind) => Some(kind.as_str()),
        };
        let status = written.status.unwrap_or(200);
        let tag = (status == 200 && written.method == "GET").then(|| tag(&content));
        let mut fields: Vec<(&str, &str)> = Vec::new();
        fields.extend(kind.map(|kind| ("Content-Type", kind)));
        fields.extend(tag.as_deref().map(|tag| ("ETag", tag)));
        fields.extend(written.fields.iter().map(|(_, name, value)| (name.as_str(), value.as_str())));
        let mut page = Page::new(status, &fields, &content).map_err(|refused| Slip {
            line: Some(written.fields.first().map_or(written.line, |(line, ..)| *line)),
            what: "this route's fields cannot be sent".to_owned(),
            mend: refused.to_string(),
        })?;
        page.tag = tag;
        Ok(Reply { page: Arc::new(page), delay: written.delay })
    }

    /// What is in a file that a route sends.
    fn content(&mut self, line: usize, name: &str) -> Result<Vec<u8>, Slip> {
        let slip = |what: String, mend: &str| Slip { line: Some(line), what, mend: mend.to_owned() };
        let path = self.folder.join(name);
        let real = |path: &FilePath| {
            fs::canonicalize(if path.as_os_str().is_empty() { FilePath::new(".") } else { path })
        };
        // A link may lead out of the folder, and what lies there is not for everybody.
        if let (Ok(folder), Ok(path)) = (real(&self.folder), real(&path))
            && !path.starts_with(&folder)
        {
            return Err(slip(
                format!("{name} leads out of the folder that the file of routes is in"),
                "put a copy of it there",
            ));
        }
        let bytes = self.file(&path, self.left).map_err(|error| {
            slip(
                format!("{name} cannot be read: {error}"),
                "the name counts from where the file of routes is",
            )
        })?;
        self.left = self.left.saturating_sub(bytes.len() as u64);
        Ok(bytes)
    }
}

fn bytes_of(path: &FilePath, limit: u64) -> io::Result<Vec<u8>> {
    // What is no file, a pipe say, could keep us waiting.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("this is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it has more than {limit} bytes, which is the limit")));
    }
    Ok(bytes)
}

/// The media type that goes with the end of a file name.
fn kind_of(name: &str) -> &'static str {
    let ending = FilePath::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "txt" | "text" | "md" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/vnd.microsoft.icon",
        _ => "application/octet-stream",
    }
}
