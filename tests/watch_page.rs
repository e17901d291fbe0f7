//! The page `/_watch` in a real browser: requests appear as they come, hostile bytes stay text, and no other page can
//! read along. Without Chromium that is said, and not tried.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

#[path = "common/browser.rs"]
mod browser;
#[path = "common/run.rs"]
mod run;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use browser::{Browser, Page};
use run::{DEADLINE, Running, home, netlab};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Server {
    running: Running,
    port: u16,
    _home: TempDir,
}

fn serve(port: u16) -> Server {
    let home = home();
    let running = Running::of(netlab(home.path(), ["serve", "--json", "--port", &port.to_string()]));
    let first: Value = serde_json::from_str(&running.line()).unwrap();
    let address: SocketAddr = first["listening"][0].as_str().unwrap().parse().unwrap();
    Server { running, port: address.port(), _home: home }
}

impl Server {
    fn page(&self) -> String {
        format!("http://localhost:{}/_watch", self.port)
    }

    /// These bytes on a connection of their own, and all that comes back.
    fn said(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    fn get(&self, target: &str) {
        self.said(
            format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes(),
        );
    }

    /// Opens the page and waits until it listens.
    fn watched(&self, browser: &mut Browser) -> Page {
        let page = browser.open(&self.page());
        browser.until(&page, "document.getElementById('state')?.dataset.state === 'live'");
        page
    }
}

/// The text of all cards, the newest first.
fn cards(browser: &mut Browser, page: &Page) -> Vec<String> {
    let texts = browser
        .run(page, "[...document.querySelectorAll('.card:not([hidden]) summary')].map((it) => it.innerText)");
    texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Waits for a card with this text in it and opens it.
fn opened(browser: &mut Browser, page: &Page, text: &str) {
    let card = format!(
        "[...document.querySelectorAll('.card')].find((it) => it.textContent.includes({}))",
        json!(text)
    );
    browser.until(page, &format!("Boolean({card})"));
    browser.run(
        page,
        &format!("for (const it of document.querySelectorAll('details')) it.open = it === {card}.firstChild"),
    );
    browser.until(page, "document.querySelector('details[open] .bytes') !== null");
}

#[test]
fn requests_appear_with_their_bytes_and_fields_and_both_point_at_each_other() {
    let Some(mut browser) = Browser::start() else { return };
    let server = serve(0);
    let page = server.watched(&mut browser);
    browser.until(&page, "document.querySelectorAll('.card').length === 2");
    let own = cards(&mut browser, &page);
    assert!(own[0].contains("/_watch/events") && own[0].contains("this page asks"), "{own:?}");
    assert!(own[1].contains("/_watch") && own[1].contains("somebody asks for"), "{own:?}");
    let hint = browser.run(&page, "document.getElementById('try').innerText");
    assert!(hint.as_str().unwrap().contains(&format!("curl http://localhost:{}/", server.port)), "{hint}");

    let request = "POST /seed-a-plant?how=deep HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\nConnection: close\r\n\r\nseed=1";
    let answer = server.said(request.as_bytes());
    opened(&mut browser, &page, "/seed-a-plant?how=deep");
    assert_eq!(browser.run(&page, "document.getElementById('try').hidden"), true);
    let hex = "[...document.querySelectorAll('details[open] .bytes')].map((grid) => \
        [...grid.children].map((cell) => cell.dataset.hex).join(''))";
    let hex_of = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(browser.run(&page, hex), json!([hex_of(request.as_bytes()), hex_of(&answer)]));

    // A byte of Host's value.
    let at = request.find("localhost").unwrap();
    browser.point(&page, &format!("details[open] .bytes i[data-index='{}']", at + 2));
    let lit =
        "[...document.querySelectorAll('details[open] .bytes .on')].map((it) => it.textContent).join('')";
    assert_eq!(browser.run(&page, lit), "localhost");
    assert_eq!(
        browser.run(&page, "document.querySelector('details[open] .row.on .field').textContent"),
        "host"
    );
    let lens = browser.run(&page, "document.querySelector('details[open] .lens').innerText");
    let lens = lens.as_str().unwrap();
    assert!(
        lens.contains("field-value") && lens.contains("RFC 9110") && lens.contains("in hex 63"),
        "{lens}"
    );
    // From the field that says how much content there is to the one below it, with the keyboard.
    let row = "[...document.querySelectorAll('details[open] .row')].find((it) => it.innerText.startsWith('content-length'))";
    browser.run(&page, &format!("{row}.focus()"));
    browser.press(&page, "ArrowDown");
    assert_eq!(browser.run(&page, lit), "Connection:␣close\\r\\n");
    browser.run(&page, "document.querySelector('details[open] .bytes').focus()");
    for _ in 0..4 {
        browser.press(&page, "ArrowRight");
    }
    let spoken = browser.run(&page, "document.querySelector('details[open] .lens[aria-live]').innerText");
    let spoken = spoken.as_str().unwrap();
    assert!(spoken.contains("sp") && spoken.contains("byte 4 is 32, in hex 20"), "{spoken}");
    assert_eq!(browser.complaints, [""; 0], "nothing on the page is broken or forbidden");
}

#[test]
fn it_can_be_paused_cleared_and_filtered_and_finds_its_server_again() {
    let Some(mut browser) = Browser::start() else { return };
    let server = serve(0);
    let page = server.watched(&mut browser);
    browser.run(&page, "document.getElementById('own').click()");
    assert_eq!(cards(&mut browser, &page), [""; 0]);
    browser.run(&page, "document.getElementById('pause').click()");
    server.get("/one");
    server.get("/two");
    browser.until(&page, "document.getElementById('more').textContent === 'Show 2 new'");
    assert_eq!(cards(&mut browser, &page), [""; 0]);
    browser.run(&page, "document.getElementById('pause').click()");
    let shown = cards(&mut browser, &page);
    assert!(shown.len() == 2 && shown[0].contains("/two") && shown[1].contains("/one"), "{shown:?}");
    browser.until(&page, "document.getElementById('spoken').textContent.includes('/two')");
    browser.run(&page, "document.getElementById('clear').click()");
    assert_eq!(cards(&mut browser, &page), [""; 0]);

    let port = server.port;
    assert!(server.running.terminate().0.success());
    browser.until(&page, "document.getElementById('state').dataset.state === 'lost'");
    let server = serve(port);
    browser.until(&page, "document.getElementById('state').dataset.state === 'live'");
    server.get("/three");
    opened(&mut browser, &page, "/three");
    let all = browser.run(&page, "document.getElementById('requests').innerText");
    assert!(all.as_str().unwrap().contains("started anew"), "{all}");
}

#[test]
fn hostile_bytes_stay_text() {
    let Some(mut browser) = Browser::start() else { return };
    let server = serve(0);
    let page = server.watched(&mut browser);
    let built = "document.querySelectorAll('script, img, iframe, object, embed, svg, b, a').length";
    let before = browser.run(&page, built);
    let markup = "<script>window.taken=1</script><img/src=x/onerror=window.taken=2>";
    let target = format!("/{markup}<svg/onload=window.taken=3>");
    let hidden = "\u{202e}gpj\u{200b}\u{1b}[2J";
    let value = format!("<b>{markup}</b> &lt;{}", hidden.replace('\u{1b}', ""));
    let content = format!("{markup}{hidden}\\u003cb\\u003e");
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nX-<b>: no\r\n\r\n\
         POST {target} HTTP/1.1\r\nHost: localhost\r\nX: {value}\r\nContent-Type: {value}\r\nContent-Length: {}\r\n\r\n{content}",
        content.len()
    );
    // The first breaks a rule, for a name has no such letters; the second is answered.
    let (broken, good) = request.split_at(request[1..].find("POST").unwrap() + 1);
    for request in [broken, good, "<script>window.taken=4</script>\r\n\r\n"] {
        server.said(request.as_bytes());
    }
    browser.until(&page, "document.querySelectorAll('.card:not(.own)').length === 3");
    browser.run(&page, "for (const it of document.querySelectorAll('details')) it.open = true");
    browser.until(&page, "document.querySelectorAll('.lens').length === 10");
    browser
        .run(&page, "document.querySelectorAll('.row, .bytes i:nth-child(16n)').forEach((it) => it.click())");
    let strangers = "[...document.querySelectorAll('.card:not(.own)')].map((it) => it.innerText).join()";
    let text = browser.run(&page, strangers);
    let text = text.as_str().unwrap();
    for whole in [&*target, "<b><script>window.taken=1</script>", "\\u{202e}gpj\\u{200b}", "\\x1b[2J"] {
        assert!(text.contains(whole), "{whole} is not in {text}");
    }
    assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{1b}']), "nothing hides");
    // The bold words are the names of fields in the lens, which are netlab's own.
    let bold = browser.run(
        &page,
        "[...document.querySelectorAll('b')].every((it) => it.parentElement.className === 'path')",
    );
    assert_eq!(bold, true);
    let lenses = browser.run(&page, "document.querySelectorAll('.lens b').length");
    let after = browser.run(&page, built);
    assert_eq!(after.as_u64(), before.as_u64().zip(lenses.as_u64()).map(|(before, lenses)| before + lenses));
    assert_eq!(browser.run(&page, "window.taken ?? null"), Value::Null);
    assert_eq!(browser.complaints, [""; 0]);
    // And if the script ever made markup of it, the policy would not have it.
    let forced = browser.run(
        &page,
        "(() => { try { document.body.innerHTML = '<img src=x onerror=window.taken=5>'; return 'made'; } \
         catch (error) { return error.name; } })()",
    );
    assert_eq!(forced, "TypeError");
}

/// What a page of another origin tries to read, and what it got.
const SPY: &str = r"<!doctype html><title>spy</title><script>
window.spied = (async () => {
  const page = decodeURIComponent(location.hash.slice(1)), got = {};
  for (const mode of ['cors', 'no-cors']) {
    for (const place of ['', '/events']) {
      try {
        const answer = await fetch(page + place, { mode });
        got[mode + place] = answer.type + (answer.body ? ' ' + (await answer.body.getReader().read()).value : '');
      } catch (error) { got[mode + place] = error.name; }
    }
  }
  got.events = await new Promise((done) => {
    const source = new EventSource(page + '/events');
    source.onmessage = (event) => done(event.data);
    source.onerror = () => { source.close(); done('refused'); };
  });
  got.frame = await new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.onload = () => { try { done(frame.contentDocument?.body.textContent ?? 'closed'); } catch (error) { done(error.name); } };
    frame.src = page;
    document.documentElement.append(frame);
  });
  got.script = await new Promise((done) => {
    const script = document.createElement('script');
    script.onload = () => done('ran');
    script.onerror = () => done('refused');
    script.src = page + '/events';
    document.documentElement.append(script);
  });
  return got;
})();
</script>";

/// A web server of somebody else's, with one page.
fn elsewhere() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A browser also opens connections on which it says nothing yet.
            std::thread::spawn(move || show_spy(&stream));
        }
    });
    port
}

fn show_spy(mut stream: &TcpStream) {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    if lines.take_while(|line| !line.is_empty()).count() == 0 {
        return;
    }
    let len = SPY.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len}\r\nConnection: close");
    // A browser that has left needs no page.
    let _ = stream.write_all(format!("{head}\r\n\r\n{SPY}").as_bytes());
}

#[test]
fn a_page_of_another_origin_reads_nothing() {
    let Some(mut browser) = Browser::start() else { return };
    let server = serve(0);
    server.get("/secret");
    let port = elsewhere();
    for origin in [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")] {
        let page = browser.open(&format!("{origin}/#{}", server.page()));
        browser.until(&page, "Boolean(window.spied)");
        let got = browser.run(&page, "window.spied");
        let wanted = json!({
            "cors": "TypeError", "cors/events": "TypeError", "no-cors": "TypeError", "no-cors/events": "TypeError",
            "events": "refused", "frame": "closed", "script": "refused",
        });
        assert_eq!(got, wanted, "{origin}");
    }
    // It was the server that refused: browsers asked.
    let mut refused = 0;
    while refused < 8 {
        let line: Value = serde_json::from_str(&server.running.line()).unwrap();
        let request = &line["request"];
        if request["line"].as_str().unwrap().starts_with("GET /_watch") {
            assert_eq!(request["status"], 403, "{request}");
            refused += 1;
        }
    }
    // A name of the other's own that leads here (DNS rebinding).
    let page = browser.open(&format!("http://rebound.example:{}/_watch", server.port));
    browser.until(&page, "location.hostname === 'rebound.example' && document.readyState === 'complete'");
    let text = browser.run(&page, "document.body.innerText");
    assert!(text.as_str().unwrap().contains("a site that this server does not have"), "{text}");
    let events = "fetch('/_watch/events').then((answer) => answer.status)";
    assert_eq!(browser.run(&page, events), 421);
    // The same request from the page itself is answered, so it is the origin that counts.
    let page = server.watched(&mut browser);
    assert_eq!(browser.run(&page, events), 200);
    opened(&mut browser, &page, "/secret");
}
