//! What `probe` says to small servers as learners write them: `tests/fixtures/probe/servers` has one for each kind of
//! fault, and one for each that only looks like one. The first line of each says what is true of it; below stand the
//! checks that have to fail, those that give advice and those that are not tried. **All others have to pass**: a
//! false accusation is as wrong as a fault that goes unseen.
//!
//! What a language or a framework answers changes with its version, so each file is judged with the version it was
//! written for, and else skipped.
//!
//! `NETLAB_BLESS=1 cargo test --test probe_servers` writes these lines anew; read the difference.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/run.rs"]
mod run;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use run::{Running, home, netlab, skipped, told};

/// How many servers are judged at the same time.
const WORKERS: usize = 4;
/// The longest one probe may take.
const LIMIT: Duration = Duration::from_mins(3);

/// Where the servers are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/probe/servers")
}

/// A server's file, taken apart.
struct Kind {
    name: String,
    text: String,
    /// How its language begins a comment.
    comment: &'static str,
    /// How it is run, and under which name it is called.
    with: Vec<String>,
    /// The version it was judged with: another one may answer otherwise.
    version: String,
    at: String,
    /// What has to be there, in the words of the file.
    needs: Vec<String>,
    runs: Vec<Expected>,
}

/// One probe with these options, and what it has to find.
#[derive(Default)]
struct Expected {
    options: String,
    /// By verdict: the checks, or `stage.*` for all of a stage that are not named otherwise.
    checks: BTreeMap<String, Vec<String>>,
    /// Pieces of what a check has found.
    says: Vec<(String, String)>,
}

/// The verdicts that are named; what is in none of them passes. A pass is named where all others of its stage were
/// not tried.
const NAMED: [&str; 4] = ["fail", "advice", "not-tried", "pass"];
/// From how many checks on that were not tried their stage is named in their place.
const STAGE: usize = 5;

impl Kind {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let is_python = path.extension().is_some_and(|end| end == "py");
        let with = if is_python { "python3 -u" } else { "node" };
        let mut kind = Self {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            comment: if is_python { "#" } else { "//" },
            with: with.split(' ').map(str::to_owned).collect(),
            version: if is_python { "Python 3.11" } else { "v20" }.to_owned(),
            at: "127.0.0.1".to_owned(),
            needs: Vec::new(),
            runs: Vec::new(),
            text,
        };
        for line in kind.text.clone().lines() {
            let Some((key, value)) = line.strip_prefix(kind.comment).and_then(|line| line.split_once(':'))
            else {
                continue;
            };
            let (value, words) = (value.trim(), value.split_whitespace().map(str::to_owned).collect());
            let run = kind.runs.last_mut();
            match (key, run) {
                ("with", _) => kind.with = words,
                ("version", _) => value.clone_into(&mut kind.version),
                ("at", _) => value.clone_into(&mut kind.at),
                ("needs", _) => kind.needs.push(value.to_owned()),
                ("probe", _) => kind.runs.push(Expected { options: value.to_owned(), ..Expected::default() }),
                ("says", Some(run)) => {
                    let (check, says) = value.split_once(": ").unwrap();
                    run.says.push((check.to_owned(), says.to_owned()));
                }
                (verdict, Some(run)) if NAMED.contains(&verdict) => {
                    run.checks.insert(verdict.to_owned(), words);
                }
                _ => {}
            }
        }
        assert!(!kind.runs.is_empty(), "{} says how it is probed", kind.name);
        kind
    }

    /// What it needs and this machine does not have.
    fn lacks(&self) -> Option<String> {
        let there = |program: &str, option: &str| {
            let asked =
                Command::new(program).arg(option).stdout(Stdio::null()).stderr(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        };
        let said = Command::new(&self.with[0]).arg("--version").stderr(Stdio::null()).output();
        let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default();
        if !said.starts_with(&format!("{}.", self.version)) {
            return Some(format!("{} ({})", self.with[0], self.version));
        }
        let lacks = |need: &&String| match need.strip_prefix("node_modules/") {
            Some(_) => !folder().join(need).is_dir(),
            None if need.as_str() == "::1" => std::net::TcpListener::bind("[::1]:0").is_err(),
            None => !there(need, "version"),
        };
        self.needs.iter().find(lacks).cloned()
    }

    fn start(&self) -> (Running, u16) {
        let mut command = Command::new(&self.with[0]);
        command.args(&self.with[1..]).arg(folder().join(&self.name)).current_dir(folder());
        let server = Running::of(command);
        let line = server.line();
        let port = line.rsplit(' ').next().and_then(|port| port.parse().ok());
        (server, port.unwrap_or_else(|| panic!("{}: {line}", self.name)))
    }

    /// Probes it as one of its runs says, and gives every check with its verdict and what was found.
    fn judged(&self, run: &Expected) -> Vec<(String, String, String)> {
        let (_server, port) = self.start();
        let home = home();
        let url = format!("{}:{port}", self.at);
        let options = run.options.split_whitespace();
        let mut command =
            netlab(home.path(), ["probe", &url, "--json", "--seed", "7"].into_iter().chain(options));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let out = run::drain(child.stdout.take().unwrap());
        let out = out.recv_timeout(LIMIT).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("{} with {} took longer than {LIMIT:?}", self.name, run.options)
        });
        child.wait().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let stages = document["stages"].as_array().unwrap();
        let checks = stages.iter().flat_map(|stage| stage["checks"].as_array().unwrap());
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        checks.map(|check| (text(&check["check"]), text(&check["verdict"]), text(&check["found"]))).collect()
    }
}

impl Expected {
    /// The verdict a check has to have.
    fn verdict(&self, check: &str) -> &str {
        let named = |name: &str| {
            let has = |(_, checks): &(&String, &Vec<String>)| checks.iter().any(|one| one == name);
            self.checks.iter().find(has).map(|(verdict, _)| verdict.as_str())
        };
        let stage = check.split('.').next().unwrap();
        named(check).or_else(|| named(&format!("{stage}.*"))).unwrap_or("pass")
    }

    /// What differs from it.
    fn differences(&self, judged: &[(String, String, String)]) -> Vec<String> {
        let mut wrong: Vec<String> = Vec::new();
        for (check, verdict, found) in judged {
            let wanted = self.verdict(check);
            if wanted != verdict {
                wrong.push(format!("{check}: {verdict}, and not {wanted}: {found}"));
            }
        }
        for named in self.checks.values().flatten().filter(|named| !named.ends_with(".*")) {
            if !judged.iter().any(|(check, ..)| check == named) {
                wrong.push(format!("{named} was not gone through"));
            }
        }
        for (name, says) in &self.says {
            let found = judged.iter().find(|(check, ..)| check == name).map(|(_, _, found)| found.as_str());
            if !found.is_some_and(|found| found.contains(says)) {
                wrong.push(format!("{name} does not say \"{says}\", but {found:?}"));
            }
        }
        wrong
    }

    /// The lines that say what was found.
    fn written(comment: &str, judged: &[(String, String, String)]) -> Vec<String> {
        let stage = |check: &str| check.split('.').next().unwrap().to_owned();
        let left_out = |stage_of: &str| {
            let same = |(check, verdict, _): &&(String, String, String)| {
                verdict == "not-tried" && stage(check) == stage(stage_of)
            };
            judged.iter().filter(same).count() >= STAGE
        };
        let mut lines = Vec::new();
        for verdict in NAMED {
            let mut named: Vec<String> = Vec::new();
            for (check, ..) in judged.iter().filter(|(_, other, _)| other == verdict) {
                let name = match (verdict, left_out(check)) {
                    ("not-tried", true) => format!("{}.*", stage(check)),
                    ("pass", false) => continue,
                    _ => check.clone(),
                };
                if !named.contains(&name) {
                    named.push(name);
                }
            }
            if verdict == "fail" || !named.is_empty() {
                lines.push(format!("{comment}{verdict}: {}", named.join(" ")).trim_end().to_owned());
            }
        }
        lines
    }
}

/// Judges one server in all its runs: what is wrong, by run.
fn judge(kind: &Kind) -> Vec<String> {
    let bless = std::env::var_os("NETLAB_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut written = kind.text.clone();
    for (number, run) in kind.runs.iter().enumerate() {
        let judged = kind.judged(run);
        if bless {
            written = with_lines(&written, kind.comment, number, &Expected::written(kind.comment, &judged));
            continue;
        }
        let differences = run.differences(&judged);
        if !differences.is_empty() {
            wrong.push(format!("{} ({}):\n  {}", kind.name, run.options, differences.join("\n  ")));
        }
    }
    if bless && written != kind.text {
        fs::write(folder().join(&kind.name), written).unwrap();
        told(&format!("written: {}", kind.name));
    }
    wrong
}

/// The file with these lines below its `number`th run.
fn with_lines(text: &str, comment: &str, number: usize, lines: &[String]) -> String {
    let mut at = None;
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        let is = |key: &str| line.starts_with(&format!("{comment}{key}:"));
        if is("probe") {
            at = Some(at.map_or(0, |at| at + 1));
            out.push(line.to_owned());
            if at == Some(number) {
                out.extend(lines.iter().cloned());
            }
        } else if at != Some(number) || !NAMED.iter().any(|verdict| is(verdict)) {
            out.push(line.to_owned());
        }
    }
    out.join("\n") + "\n"
}

#[test]
fn every_kind_of_server_is_blamed_for_its_own_faults_and_for_nothing_else() {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "js" || end == "py"));
    // The slow ones first: the others are done while they wait.
    paths.sort_by_key(|path| (!path.to_string_lossy().contains("slow"), path.clone()));
    let began = Instant::now();
    let all = paths.len();
    let (left, wrong) = (Mutex::new(paths.into_iter()), Mutex::new(Vec::new()));
    let missing = Mutex::new(BTreeMap::<String, Vec<String>>::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let Some(path) = left.lock().unwrap().next() else { return };
                    let kind = Kind::read(&path);
                    if let Some(lacks) = kind.lacks() {
                        missing.lock().unwrap().entry(lacks).or_default().push(kind.name);
                        continue;
                    }
                    let found = judge(&kind);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let missing = missing.into_inner().unwrap();
    for (lacks, names) in &missing {
        skipped(&format!("{lacks} is not here, so these are not judged: {}", names.join(", ")));
    }
    let judged = all - missing.values().map(Vec::len).sum::<usize>();
    told(&format!("{judged} servers of {all} kinds were judged in {} s", began.elapsed().as_secs()));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
