//! Redirects: explained always, followed when asked, and what does not go along.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};

use super::peer::{read_head, says, server};
use super::run::{DEADLINE, Ran, home, run};

/// A server that answers each path in its own way, and tells the heads it heard.
fn site(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> (SocketAddr, Receiver<String>) {
    let (sender, heads) = channel();
    let address = server(move |mut stream| {
        let head = String::from_utf8(read_head(&mut stream)).unwrap();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let _ = sender.send(head);
        let _ = stream.write_all(answer(&path).as_bytes());
    });
    (address, heads)
}

fn moved(status: &str, location: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nmoved"
    )
}

fn page(content: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}", content.len())
}

fn get(address: SocketAddr, path: &str, options: &[&str]) -> Ran {
    let home = home();
    run(home.path(), ["raw-get", &format!("http://{address}{path}")].iter().chain(options))
}

#[test]
fn a_redirect_is_explained_and_not_followed() {
    for (status, options, wanted) in [
        ("301 Moved", &[][..], "301 means: the page has a new address for good"),
        ("302 Found", &["-d", "x"], "There POST becomes GET and its content stays behind"),
        (
            "303 See Other",
            &["-X", "PUT"],
            "It is fetched with GET, and the content of the PUT stays behind (RFC 9110 §15.4.4)",
        ),
        (
            "307 Temporary",
            &["-d", "x"],
            "POST stays POST there, and content is sent again (RFC 9110 §15.4.8)",
        ),
        ("308 Permanent", &["--head"], "HEAD stays HEAD there."),
    ] {
        let (address, heads) = site(move |_| moved(status, "../new?x=1#part"));
        let ran = get(address, "/a/b/old", options).exits(0).says(&[
            wanted,
            &format!("it means http://{address}/a/new?x=1#part (RFC 3986 §5)"),
            "netlab does not go there by itself; -L follows.",
        ]);
        assert!(ran.err.is_empty(), "{}", ran.complaint());
        assert_eq!(heads.iter().take(1).count(), 1);
        assert!(heads.try_recv().is_err(), "one request");
    }
    let plain = get(site(|_| moved("301 Moved", "/x")).0, "/", &["--plain"]).exits(0);
    assert!(plain.text().is_ascii());
}

#[test]
fn a_redirect_that_leads_nowhere_is_explained_too() {
    for (lines, wanted) in [
        ("", "there is no Location to say where"),
        ("Location: /a\r\nLocation: /b\r\n", "several Location fields, and they differ"),
        ("Location: http://[\r\n", "which is neither a URL nor a part of one"),
    ] {
        for options in [&[][..], &["-L"]] {
            let address = says(format!("HTTP/1.1 302 Found\r\n{lines}Content-Length: 0\r\n\r\n"));
            let follows = !options.is_empty();
            let ran = get(address, "/", options).exits(i32::from(follows)).says(&[wanted]);
            let said = ran.complaint().contains("error: the redirect cannot be followed");
            assert_eq!(said, follows, "{}", ran.complaint());
            assert!(!ran.text().contains("-L follows"), "{}", ran.text());
        }
    }
}

/// Answers request after request of one connection.
fn kept(answers: &'static [&str]) -> SocketAddr {
    server(move |mut stream| {
        for answer in answers {
            read_head(&mut stream);
            let _ = stream.write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").as_bytes());
        }
    })
}

#[test]
fn each_redirect_on_one_connection_is_explained() {
    let answers =
        &["302 Found\r\nLocation: b", "200 OK", "301 Moved\r\nLocation: /c", "302 Found\r\nLocation: b"];
    let ran = get(kept(answers), "/a", &["--keep", "4"]).exits(0).says(&[
        "answer 1: 302 means: the page is at another address for now",
        "answer 3: 301 means: the page has a new address for good",
        "answer 4: the same as answer 1",
        // Several requests and -L do not go together.
        "netlab does not go there by itself.",
    ]);
    assert!(!ran.text().contains("answer 2") && !ran.text().contains("-L follows"), "{}", ran.text());
    let document = get(kept(answers), "/a", &["--keep", "4", "--json"]).exits(0).document();
    let redirects = document["redirects"].as_array().unwrap();
    let told: Vec<_> =
        redirects.iter().map(|one| (one["status"].as_u64().unwrap(), &one["location"])).collect();
    assert_eq!(told, [(302, &"b".into()), (301, &"/c".into()), (302, &"b".into())]);
}

#[test]
fn what_an_answer_means_depends_on_what_was_asked() {
    let folder = home();
    let file = folder.path().join("requests");
    std::fs::write(
        &file,
        "GET /a/x HTTP/1.1\r\nHost: a\r\n\r\nPOST /b/x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    )
    .unwrap();
    let address = kept(&["302 Found\r\nLocation: y", "302 Found\r\nLocation: y"]);
    get(address, "/", &["--raw-request", file.to_str().unwrap()]).exits(0).says(&[
        &format!("it means http://{address}/a/y (RFC 3986 §5). GET stays GET there."),
        &format!("it means http://{address}/b/y (RFC 3986 §5). There POST becomes GET"),
    ]);
}

#[test]
fn redirects_are_followed_when_asked() {
    let (address, heads) = site(|path| match path {
        "/a" => moved("301 Moved", "/b"),
        "/b" => moved("307 Again", "c?d"),
        _ => page("here"),
    });
    get(address, "/a", &["-L"]).exits(0).says(&[
        "redirect 1 of at most 10",
        "redirect 2 of at most 10",
        &format!("GET http://{address}/c?d"),
    ]);
    let targets: Vec<String> =
        (0..3).map(|_| heads.recv_timeout(DEADLINE).unwrap().lines().next().unwrap().to_owned()).collect();
    assert_eq!(targets, ["GET /a HTTP/1.1", "GET /b HTTP/1.1", "GET /c?d HTTP/1.1"]);
    // The page alone, and nothing of the way to it.
    assert_eq!(get(address, "/a", &["-L", "-q"]).exits(0).text(), "here\n");
    let document = get(address, "/a", &["-L", "--json"]).exits(0).document();
    let redirects = document["redirects"].as_array().unwrap();
    assert_eq!(redirects.len(), 2);
    assert_eq!(redirects[0]["to"], format!("http://{address}/b"));
    assert_eq!((&redirects[1]["status"], &redirects[1]["followed"]), (&307.into(), &true.into()));
    assert_eq!(document["url"], format!("http://{address}/c?d"));
    assert_eq!(document["flows"].as_array().unwrap().len(), 3);
}

#[test]
fn the_file_holds_the_page_in_the_end() {
    let (address, _heads) = site(|path| if path == "/a" { moved("302 Found", "/b") } else { page("here") });
    let folder = home();
    let file = folder.path().join("page");
    get(address, "/a", &["-L", "--save", file.to_str().unwrap()]).exits(0);
    assert_eq!(std::fs::read(file).unwrap(), b"here");
}

#[test]
fn a_post_becomes_a_get_without_its_content() {
    let (address, heads) = site(|path| if path == "/a" { moved("302 Found", "/b") } else { page("") });
    get(address, "/a", &["-L", "-d", "x=1", "-H", "Content-Language: hi", "-H", "X-Own: 1"])
        .exits(0)
        .says(&["Content-Language stays behind: the next request has no content for it to speak of"]);
    assert!(heads.recv_timeout(DEADLINE).unwrap().starts_with("POST /a "));
    let second = heads.recv_timeout(DEADLINE).unwrap();
    assert!(second.starts_with("GET /b "), "{second}");
    assert!(!second.contains("Content-") && second.contains("X-Own: 1"), "{second}");
}

#[test]
fn credentials_do_not_go_to_another_server() {
    let typed = ["-L", "-H", "Authorization: Bearer s3cret", "-H", "cookie: a=b", "-H", "X-Own: 1"];
    let (other, heard) = site(|_| page("other"));
    let (first, own) = site(move |path| match path {
        "/away" => moved("307 Away", &format!("http://{other}/there")),
        "/here" => moved("307 Here", "/page"),
        _ => page("own"),
    });
    get(first, "/away", &typed).exits(0).says(&["Authorization, cookie stay behind"]);
    let asked = heard.recv_timeout(DEADLINE).unwrap();
    assert!(asked.contains("X-Own: 1") && asked.contains(&format!("Host: {other}")), "{asked}");
    assert!(!asked.contains("s3cret") && !asked.contains("a=b"), "{asked}");
    // Within one server they stay.
    get(first, "/here", &typed).exits(0);
    let heads: Vec<String> = (0..3).map(|_| own.recv_timeout(DEADLINE).unwrap()).collect();
    assert!(heads.iter().all(|head| head.contains("s3cret") && head.contains("a=b")), "{heads:?}");
}

#[test]
fn the_way_has_an_end() {
    let (circle, _heads) = site(|path| moved("302 Found", if path == "/a" { "/b" } else { "/a" }));
    let ran = get(circle, "/a", &["-L"]).exits(1);
    assert!(ran.complaint().contains("the redirects go round in a circle"), "{}", ran.complaint());
    let waits = says(
        "HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let ran = get(waits, "/", &["-L"]).exits(1);
    assert!(
        ran.complaint().contains("it may wait for the cookie it has set, and netlab keeps none"),
        "{}",
        ran.complaint()
    );
    let (endless, heads) = site(|path| moved("302 Found", &format!("{path}x")));
    let ran = get(endless, "/", &["-L"]).exits(1);
    assert!(ran.complaint().contains("netlab followed 10 redirects and stopped"), "{}", ran.complaint());
    assert_eq!(heads.try_iter().count(), 11);
    let document = get(endless, "/", &["-L", "--json"]).exits(1).document();
    assert_eq!(document["redirects"].as_array().unwrap().len(), 11);
    assert_eq!(document["redirects"][10]["followed"], false);
    assert_eq!(document["failure"]["exit"], 1);
}

#[test]
fn a_place_netlab_cannot_go_to_is_named() {
    let (address, _heads) = site(move |_| moved("301 Moved", "ftp://a.test/x"));
    get(address, "/", &[]).exits(0).says(&["ftp://a.test/x"]);
    let ran = get(address, "/", &["-L"]).exits(1);
    let wanted = "Its scheme is ftp, and this verb speaks http and https";
    assert!(ran.complaint().contains(wanted), "{}", ran.complaint());
}

#[test]
fn the_place_to_connect_to_is_for_the_first_server_alone() {
    let (other, heard) = site(|_| page("other"));
    let (first, own) = site(move |path| match path {
        "/a" => moved("302 Found", "/b"),
        _ => moved("302 Found", &format!("http://{other}/c")),
    });
    let home = home();
    run(home.path(), ["raw-get", "-L", "--connect-to", &first.to_string(), "http://far.test/a"]).exits(0);
    assert_eq!(own.try_iter().count(), 2);
    assert!(heard.recv_timeout(DEADLINE).unwrap().starts_with("GET /c "));
}

#[test]
fn following_and_several_requests_do_not_go_together() {
    for options in [&["-L", "--keep", "2"][..], &["-L", "--raw-request", "x"]] {
        get("127.0.0.1:1".parse().unwrap(), "/", options).exits(2);
    }
}
