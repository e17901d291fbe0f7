//! A browser without a window, driven over a pair of pipes: JSON messages with a NUL behind each
//! (the Chrome `DevTools` protocol).
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::run::skipped;

/// The longest to wait for a browser: it starts a dozen programs, on a machine that may have other things to do.
const DEADLINE: Duration = Duration::from_mins(1);

/// What the program may be called.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A browser that runs. Dropping it ends it.
pub struct Browser {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    number: u64,
    /// What pages complained about: errors, and what their policy has forbidden.
    pub complaints: Vec<String>,
    _profile: TempDir,
}

/// A page in it.
#[derive(Debug, Clone)]
pub struct Page(String);

impl Browser {
    /// Starts one, if this machine has one; else says so.
    pub fn start() -> Option<Self> {
        let known = |name: &&&str| {
            let version =
                Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            version.is_ok_and(|status| status.success())
        };
        let Some(name) = NAMES.iter().find(known) else {
            skipped("no Chromium is on this machine, so nobody looks at the page");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // It takes commands from descriptor 3 and answers on 4.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null", name, "--headless", "--no-sandbox"]);
        command.args(["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]);
        command.args(["--no-first-run", "--remote-debugging-pipe"]);
        command.arg("--host-resolver-rules=MAP rebound.example 127.0.0.1");
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (sender, messages) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            let all = stdout.split(0).map_while(Result::ok);
            all.map_while(|text| serde_json::from_slice(&text).ok())
                .try_for_each(|message| sender.send(message))
        });
        let stdin = child.stdin.take().unwrap();
        let mut browser =
            Self { child, stdin, messages, number: 0, complaints: Vec::new(), _profile: profile };
        if browser.ask(None, "Browser.getVersion", &json!({})).is_none() {
            skipped(&format!("{name} does not start on this machine, so nobody looks at the page"));
            return None;
        }
        Some(browser)
    }

    /// Opens a page.
    pub fn open(&mut self, url: &str) -> Page {
        let target = self.get(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let attached = json!({ "targetId": target["targetId"], "flatten": true });
        let page = self.get(None, "Target.attachToTarget", &attached);
        let page = Page(page["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Runtime.enable", "Log.enable"] {
            self.get(Some(&page), domain, &json!({}));
        }
        self.go(&page, url);
        page
    }

    /// Leads a page elsewhere.
    pub fn go(&mut self, page: &Page, url: &str) {
        self.get(Some(page), "Page.navigate", &json!({ "url": url }));
    }

    /// What this script comes to in the page.
    #[track_caller]
    pub fn run(&mut self, page: &Page, script: &str) -> Value {
        let asked =
            json!({ "expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let mut answer = self.get(Some(page), "Runtime.evaluate", &asked);
        assert!(answer.get("exceptionDetails").is_none(), "{script}: {answer}");
        answer["result"]["value"].take()
    }

    /// Waits until this script comes to something that is true there.
    #[track_caller]
    pub fn until(&mut self, page: &Page, script: &str) -> Value {
        let began = Instant::now();
        loop {
            let value = self.run(page, script);
            if !matches!(value, Value::Null | Value::Bool(false)) && value != 0 && value != "" {
                return value;
            }
            if began.elapsed() >= DEADLINE {
                let text = self.run(page, "document.documentElement.innerText");
                panic!("{script} is still {value} in {text}\n{:#?}", self.complaints);
            }
        }
    }

    /// Presses and releases a key.
    pub fn press(&mut self, page: &Page, key: &str) {
        for kind in ["rawKeyDown", "keyUp"] {
            let code = match key {
                "Tab" => 9,
                "Enter" => 13,
                "ArrowRight" => 39,
                "ArrowDown" => 40,
                other => panic!("which number has {other}?"),
            };
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.get(Some(page), "Input.dispatchKeyEvent", &event);
        }
    }

    /// Moves the pointer to the middle of what the selector finds.
    pub fn point(&mut self, page: &Page, selector: &str) {
        let place = self.run(
            page,
            &format!(
                "(() => {{ const it = document.querySelector({}); it.scrollIntoView({{ block: 'center' }}); \
                 const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
                json!(selector)
            ),
        );
        let event = json!({ "type": "mouseMoved", "x": place[0], "y": place[1] });
        self.get(Some(page), "Input.dispatchMouseEvent", &event);
    }

    #[track_caller]
    fn get(&mut self, page: Option<&Page>, method: &str, parameters: &Value) -> Value {
        self.ask(page, method, parameters).unwrap_or_else(|| panic!("no answer to {method} in {DEADLINE:?}"))
    }

    /// The answer to a command, if one comes.
    fn ask(&mut self, page: Option<&Page>, method: &str, parameters: &Value) -> Option<Value> {
        self.number += 1;
        let mut command = json!({ "id": self.number, "method": method, "params": parameters });
        if let Some(Page(session)) = page {
            command["sessionId"] = json!(session);
        }
        self.stdin.write_all(format!("{command}\0").as_bytes()).ok()?;
        self.stdin.flush().ok()?;
        let began = Instant::now();
        loop {
            let mut message = self.messages.recv_timeout(DEADLINE.checked_sub(began.elapsed())?).ok()?;
            if message["id"] == self.number {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return Some(message["result"].take());
            }
            let complaint = match message["method"].as_str() {
                Some("Log.entryAdded") => &message["params"]["entry"],
                Some("Runtime.exceptionThrown") => &message["params"]["exceptionDetails"],
                _ => continue,
            };
            self.complaints.push(complaint.to_string());
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends with its helpers when it is asked to; if it cannot be asked any more it is ended.
        let _ = self.ask(None, "Browser.close", &json!({}));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
