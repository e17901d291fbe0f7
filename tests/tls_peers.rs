//! TLS with other people's programs at the other end: curl and openssl call the lab, and `raw-get` calls Node and nginx.
//! A certificate that netlab makes has to hold for them, and theirs for netlab: two ends written by the same hand
//! would share its mistakes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/peer.rs"]
mod peer;
#[path = "common/run.rs"]
mod run;
#[path = "common/tls.rs"]
mod tls;

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use run::{Ran, Running, finish, home, run, tool};
use tempfile::TempDir;
use tls::Ca;

/// A lab that is up on free ports.
struct Lab {
    https: SocketAddr,
    /// Where `netlab lab ca > lab.pem` has put the certificate of its authority.
    ca: String,
    _running: Running,
    _home: TempDir,
}

impl Lab {
    fn up() -> Self {
        let home = home();
        let running = Running::start(home.path(), ["lab", "up", "--free", "--json"]);
        let document: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
        let door =
            document["services"].as_array().unwrap().iter().find(|place| place["door"] == "HTTPS").unwrap();
        let https = door["real"].as_str().unwrap().parse().unwrap();
        let ca = home.path().join("lab.pem");
        fs::write(&ca, run(home.path(), ["lab", "ca"]).exits(0).out).unwrap();
        Self { https, ca: ca.display().to_string(), _running: running, _home: home }
    }

    /// curl asks the lab for this name's page.
    fn curl(&self, name: &str, options: &[&str]) -> Ran {
        let (ip, port) = (self.https.ip(), self.https.port());
        let mut curl = Command::new("curl");
        // -q: without the settings of whoever runs the test.
        curl.args(["-q", "-sS", "--noproxy", "*", "--resolve", &format!("{name}:{port}:{ip}")]);
        curl.args(options).arg(format!("https://{name}:{port}/"));
        finish(curl, b"")
    }

    /// openssl asks the lab for the shop's page, and wants its certificate to be for `verified`.
    fn openssl(&self, verified: &str) -> Ran {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-verify_return_error", "-ign_eof", "-CAfile", &self.ca]);
        openssl.args(["-servername", "shop.test", "-verify_hostname", verified]);
        openssl.args(["-connect", &self.https.to_string()]);
        finish(openssl, b"GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n")
    }
}

/// What curl exits with when it does not believe a certificate.
const NOT_BELIEVED: i32 = 60;

#[test]
fn curl_reads_a_page_of_the_lab_when_it_has_the_lab_s_authority() {
    if !tool("curl", "--version") {
        return;
    }
    let lab = Lab::up();
    lab.curl("hello.test", &["--cacert", &lab.ca]).exits(0).says(&["Hello from my netlab server"]);
    lab.curl("hello.test", &[]).exits(NOT_BELIEVED);
}

#[test]
fn curl_does_not_take_the_lab_for_somebody_else() {
    if !tool("curl", "--version") {
        return;
    }
    let lab = Lab::up();
    lab.curl("hello.test", &["--cacert", &lab.ca]).exits(0);
    lab.curl("hello.example", &["--cacert", &lab.ca]).exits(NOT_BELIEVED);
}

#[test]
fn openssl_finds_the_shop_s_certificate_in_order_and_for_no_other_name() {
    if !tool("openssl", "version") {
        return;
    }
    let lab = Lab::up();
    lab.openssl("shop.test").exits(0).says(&["Verify return code: 0 (ok)", "This is the shop"]);
    let refused = lab.openssl("shop.example");
    assert_ne!(refused.code, Some(0));
    refused.says(&["ostname mismatch"]);
}

/// A browser that was told whose key the lab has shows the hello page; told nothing, it shows a warning in its place.
#[test]
fn a_browser_shows_the_lab_s_page_when_it_is_told_whom_to_believe() {
    if !(tool("openssl", "version") && tool("chromium", "--version")) {
        return;
    }
    let lab = Lab::up();
    let (profile, https) = (home(), lab.https);
    let mut key = Command::new("sh");
    key.args([
        "-c",
        "openssl s_client -connect \"$0\" -servername hello.test </dev/null 2>/dev/null \
            | openssl x509 -pubkey -noout | openssl pkey -pubin -outform der \
            | openssl dgst -sha256 -binary | openssl base64",
        &https.to_string(),
    ]);
    let key = finish(key, b"").exits(0).text();
    let shows = |options: &[String]| {
        let mut chromium = Command::new("chromium");
        chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]);
        chromium.args(["--no-first-run", "--dump-dom"]);
        chromium.arg(format!("--user-data-dir={}", profile.path().join("profile").display()));
        chromium.arg(format!("--host-resolver-rules=MAP hello.test:443 {https}"));
        finish(
            {
                chromium.args(options).arg("https://hello.test/");
                chromium
            },
            b"",
        )
        .exits(0)
        .text()
    };
    let believed = shows(&[format!("--ignore-certificate-errors-spki-list={}", key.trim())]);
    assert!(believed.contains("Hello from my netlab server"), "{believed}");
    let warned = shows(&[]);
    assert!(!warned.contains("Hello from my netlab server") && warned.contains("Privacy error"), "{warned}");
}

/// `raw-get` reads the page of `localhost` at this port when it has the authority's file, and else says what is amiss.
fn raw_get_reads(port: u16, ca: &Ca, page: &str) {
    let (home, url) = (home(), format!("https://localhost:{port}/"));
    run(home.path(), ["raw-get", &url, "--cacert", &ca.file()]).exits(0).says(&["status OK (200)", page]);
    run(home.path(), ["raw-get", &url])
        .exits(1)
        .says(&["error: nobody who is trusted here vouches for localhost on", "--cacert FILE"]);
}

#[test]
fn raw_get_reads_a_page_from_node() {
    const SERVER: &str = "
        const [cert, key] = process.argv.slice(1).map((file) => require('fs').readFileSync(file));
        const server = require('https').createServer({ cert, key }, (_, answer) => answer.end('Node is here\\n'));
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));";
    if !tool("node", "--version") {
        return;
    }
    let ca = Ca::new();
    let (cert, key) = ca.files(&["localhost"]);
    let mut node = Command::new("node");
    node.args(["-e", SERVER]).args([cert, key]).env_remove("NODE_OPTIONS");
    let node = Running::of(node);
    raw_get_reads(node.line().parse().unwrap(), &ca, "Node is here");
}

/// All of it in one process, which ends when it is killed, and in one folder, which any user may write.
#[cfg(unix)]
fn nginx_conf(port: u16) -> String {
    let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {name};\n"))
        .concat();
    format!(
        "daemon off; master_process off; pid nginx.pid; error_log /dev/stdout notice;
        events {{}}
        http {{
            access_log off;
            {places}
            server {{
                listen 127.0.0.1:{port} ssl;
                ssl_certificate cert.pem;
                ssl_certificate_key key.pem;
                location / {{ return 200 'nginx is here\\n'; }}
            }}
        }}"
    )
}

#[cfg(unix)]
#[test]
fn raw_get_reads_a_page_from_nginx() {
    // Debian keeps it where only root looks.
    let debian = "/usr/sbin/nginx";
    let nginx = if fs::exists(debian).unwrap() { debian } else { "nginx" };
    if !tool(nginx, "-v") {
        return;
    }
    let ca = Ca::new();
    ca.files(&["localhost"]);
    // nginx does not tell which port it was given, so it is told one.
    let port = peer::closed_port().port();
    fs::write(ca.folder().join("nginx.conf"), nginx_conf(port)).unwrap();
    let mut command = Command::new(nginx);
    command.arg("-p").arg(ca.folder()).args(["-e", "/dev/stdout", "-c", "nginx.conf"]);
    let nginx = Running::of(command);
    // It says this once it listens.
    nginx.line_with("event method");
    raw_get_reads(port, &ca, "nginx is here");
}
