//! Content that was packed, and characters that are not UTF-8: explained, unpacked with limits, shown as they are meant.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use flate2::Compression;
use flate2::read::{GzEncoder, ZlibEncoder};

use super::peer::{read_head, says, server};
use super::run::{DEADLINE, Ran, home, run};

fn gzip(content: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(content, Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    ZlibEncoder::new(content, Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

/// A server that answers with this content and these fields.
fn answer(fields: &str, content: &[u8]) -> SocketAddr {
    let head =
        format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\nConnection: close\r\n\r\n", content.len());
    says([head.as_bytes(), content].concat())
}

fn get(address: SocketAddr, options: &[&str]) -> Ran {
    let home = home();
    run(home.path(), ["raw-get", &format!("http://{address}/")].iter().chain(options))
}

#[test]
fn packed_content_is_shown_unpacked_and_explained() {
    let text = "seed a plant\n".repeat(50);
    let packed = gzip(text.as_bytes());
    let address = answer("Content-Type: text/plain\r\nContent-Encoding: gzip\r\n", &packed);
    let ran = get(address, &[]).exits(0).says(&[
        &format!("gzip: {} bytes came, and unpacked they are 650; shown unpacked.", packed.len()),
        "The request did not ask for that; but without Accept-Encoding the choice is the server's (RFC 9110 §12.5.3).",
    ]);
    assert!(ran.text().contains(&text), "{}", ran.text());
    assert_eq!(get(address, &["-q"]).exits(0).text(), text);
    let contents = get(address, &["--json"]).exits(0).document()["contents"].clone();
    assert_eq!(contents[0]["codings"], serde_json::json!(["gzip"]));
    assert_eq!((&contents[0]["bytes"], &contents[0]["unpacked_bytes"]), (&packed.len().into(), &650.into()));
}

#[test]
fn who_asks_for_packed_content_gets_it_unpacked() {
    let packed = gzip(&b"hello"[..]);
    let folder = home();
    let file = folder.path().join("content");
    let place = file.to_str().unwrap();
    let address = server(move |mut stream| {
        let head = String::from_utf8(read_head(&mut stream)).unwrap();
        let asked = head.contains("\r\nAccept-Encoding: gzip, deflate\r\n");
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            if asked { packed.len() } else { 0 }
        );
        let _ = stream.write_all(&[head.as_bytes(), if asked { &packed } else { b"" }].concat());
    });
    let ran = get(address, &["--compressed"]).exits(0).says(&["unpacked they are 5; shown unpacked."]);
    assert!(!ran.text().contains("did not ask"), "{}", ran.text());
    assert_eq!(get(address, &["--compressed", "--raw"]).exits(0).out, b"hello");
    get(address, &["--compressed", "--save", place]).exits(0).says(&["saved unpacked"]);
    assert_eq!(std::fs::read(&file).unwrap(), b"hello");
}

#[test]
fn without_that_bytes_are_written_as_they_came() {
    let packed = gzip(&b"hello"[..]);
    let address = answer("Content-Encoding: gzip\r\n", &packed);
    let folder = home();
    let file = folder.path().join("content");
    get(address, &["--save", file.to_str().unwrap()])
        .exits(0)
        .says(&["unpacked they are 5; saved as they came, and --compressed saves them unpacked."]);
    assert_eq!(std::fs::read(&file).unwrap(), packed);
    assert_eq!(get(address, &["--raw"]).exits(0).out, packed);
}

#[test]
fn every_coding_has_its_way() {
    let twice = gzip(gzip(&b"hello"[..]).as_slice());
    for (name, packed, wanted) in [
        ("deflate", zlib(b"hello"), "deflate: "),
        ("deflate", zlib(b"hello")[2..9].to_vec(), "deflate: "),
        ("x-gzip", gzip(&b"hello"[..]), "gzip: "),
        ("gzip, GZIP", twice, "gzip, then gzip: "),
    ] {
        let ran = get(answer(&format!("Content-Encoding: {name}\r\n"), &packed), &[]).exits(0);
        let ran = ran.says(&[wanted, "unpacked they are 5"]);
        assert!(ran.text().contains("\nhello\n"), "{name}: {}", ran.text());
    }
    get(answer("Content-Encoding: br\r\n", b"hello"), &[]).exits(0).says(&[
        "netlab unpacks gzip and deflate, and br is another coding: the bytes stay as they came",
        "hello",
    ]);
    get(answer("Content-Encoding: identity\r\n", b"hello"), &[]).exits(0).says(&["hello"]);
}

/// A server that answers in chunks of 7 bytes, under this Transfer-Encoding.
fn in_chunks(coding: &str, fields: &str, content: &[u8]) -> SocketAddr {
    let mut bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n{fields}\r\n").into_bytes();
    for chunk in content.chunks(7) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        bytes.extend([chunk, b"\r\n"].concat());
    }
    says([bytes.as_slice(), b"0\r\n\r\n"].concat())
}

#[test]
fn what_was_packed_for_the_way_is_unpacked_behind_the_chunks() {
    let twice = gzip(zlib(b"hello").as_slice());
    for (coding, fields, packed, wanted) in [
        ("gzip, chunked", "", gzip(&b"hello"[..]), "gzip as a transfer coding: "),
        ("X-GZip;q=1 , Chunked", "", gzip(&b"hello"[..]), "gzip as a transfer coding: "),
        ("deflate\r\nTransfer-Encoding: chunked", "", zlib(b"hello"), "deflate as a transfer coding: "),
        (
            "gzip, chunked",
            "Content-Encoding: deflate\r\n",
            twice,
            "deflate, then gzip as a transfer coding: ",
        ),
    ] {
        let ran = get(in_chunks(coding, fields, &packed), &[]).exits(0).says(&[
            wanted,
            "unpacked they are 5; shown unpacked.",
            "without TE in the request chunked is the only one that a server may use (RFC 9112 §7.2, §7.4).",
        ]);
        assert!(ran.text().contains("\nhello\n"), "{coding}: {}", ran.text());
    }
    let address = in_chunks("gzip, chunked", "", &gzip(&b"hello"[..]));
    let ran = get(address, &["-H", "TE: gzip", "-H", "Connection: TE, close"]).exits(0);
    assert!(!ran.text().contains("without TE"), "{}", ran.text());
    let contents = get(address, &["--json"]).exits(0).document()["contents"].clone();
    assert_eq!(
        (&contents[0]["codings"], &contents[0]["transfer_codings"], &contents[0]["unpacked_bytes"]),
        (&serde_json::json!([]), &serde_json::json!(["gzip"]), &5.into())
    );
    // Without chunks the content ends where the connection does.
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n";
    let address = says([&head[..], &gzip(&b"hello"[..])].concat());
    get(address, &[]).exits(0).says(&["gzip as a transfer coding: ", "hello"]);
}

#[test]
fn a_transfer_coding_that_netlab_does_not_know_is_named_and_shown_as_it_came() {
    let ran = get(in_chunks("seedling, chunked", "", b"hello"), &[]).exits(0).says(&[
        "seedling as a transfer coding: 5 bytes came.",
        "netlab unpacks gzip and deflate, and seedling is another coding: the bytes stay as they came",
    ]);
    assert!(ran.text().contains("\nhello\n") && ran.err.is_empty(), "{}", ran.text());
}

#[test]
fn a_bomb_on_the_way_is_stopped_as_well() {
    let address = in_chunks("gzip, chunked", "", &gzip(std::io::repeat(b'x').take(8 * 1024 * 1024)));
    get(address, &[])
        .exits(0)
        .says(&["netlab stopped unpacking: they become more than 100 times their size"]);
}

#[test]
fn packed_data_that_is_broken_is_named() {
    let good = gzip(&b"hello hello hello hello"[..]);
    for (packed, why) in [
        (b"hello".to_vec(), "1f 8b 08 first, and no sound one stands here"),
        (good[..good.len() - 3].to_vec(), "the packed data ends too early"),
    ] {
        let address = answer("Content-Encoding: gzip\r\n", &packed);
        get(address, &[]).exits(0).says(&["They cannot be unpacked to the end, because", why]);
        let ran = get(address, &["--compressed", "--raw"]).exits(1);
        assert!(ran.complaint().contains("the content cannot be unpacked"), "{}", ran.complaint());
    }
}

#[test]
fn a_bomb_is_stopped_and_named() {
    let bomb = gzip(std::io::repeat(0).take(400 * 1024 * 1024));
    let began = Instant::now();
    let address = answer("Content-Encoding: gzip\r\nContent-Type: text/plain\r\n", &bomb);
    let ran = get(address, &[]).exits(0);
    let text = ran.text();
    assert!(
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains("they become more than 100 times their size")
    );
    // Each zero is shown as four characters.
    assert!(text.len() < 4 * 3 * 1024 * 1024, "{}", text.len());
    let folder = home();
    let file = folder.path().join("content");
    get(address, &["--compressed", "--save", file.to_str().unwrap()]).exits(1);
    assert!(std::fs::metadata(&file).unwrap().len() < 3 * 1024 * 1024);
    let document = get(address, &["--json"]).exits(0).document();
    assert!(document["contents"][0]["snag"].as_str().unwrap().contains("100 times"), "{document}");
    assert!(began.elapsed() < DEADLINE);
}

#[test]
fn unpacked_content_has_an_absolute_limit_too() {
    // Digits of a running number pack to a tenth or so, never to a hundredth.
    let many: Vec<u8> = (0..3_000_000u32).flat_map(|number| format!("{number:07}").into_bytes()).collect();
    let address = answer("Content-Encoding: gzip\r\nContent-Type: text/plain\r\n", &gzip(many.as_slice()));
    let document = get(address, &["--json"]).exits(0).document();
    let snag = document["contents"][0]["snag"].as_str().unwrap();
    assert!(snag.contains("it lets at most 16,777,216 bytes come out"), "{snag}");
    let ran = get(address, &["--compressed", "--max-bytes", "5000000", "--raw"]).exits(1);
    assert!(ran.complaint().contains("it lets at most 5,000,000 bytes come out"), "{}", ran.complaint());
    assert_eq!(get(address, &["--compressed", "--raw"]).exits(0).out, many);
}

#[test]
fn characters_are_shown_as_they_are_meant() {
    for (kind, content, shown, said) in [
        (
            "text/plain; charset=windows-1252",
            &b"caf\xe9 \x80"[..],
            "café €",
            "windows-1252, and shown as Unicode",
        ),
        (
            "text/html;charset=\"ISO-8859-1\"",
            b"caf\xe9",
            "café",
            "ISO-8859-1, read as windows-1252 as browsers do",
        ),
        (
            "text/plain; charset=utf-16",
            b"\xfe\xff\0h\0\xe9",
            "hé",
            "the byte order mark of UTF-16BE; Content-Type says utf-16, and the mark goes before that; shown as Unicode",
        ),
        (
            "text/html",
            b"\xef\xbb\xbf\xc3\xa9",
            "é",
            "the byte order mark of UTF-8; Content-Type names no charset",
        ),
        (
            "text/html",
            b"<meta charset=koi8-r>\n\xc1",
            "а",
            "Content-Type names no charset, but the page does, in a meta element: koi8-r; shown as Unicode",
        ),
        (
            "text/html",
            b"<meta http-equiv=Content-Type content='text/html; charset=latin1'>\ncaf\xe9",
            "café",
            "in a meta element: latin1, read as windows-1252 as browsers do",
        ),
        (
            "text/html",
            b"<meta charset=utf-8>\ncaf\xe9",
            "caf\\xe9",
            "utf-8; but one stretch of the bytes is no UTF-8",
        ),
        (
            "text/plain; charset=utf-8",
            b"caf\xe9",
            "caf\\xe9",
            "Content-Type says utf-8, and that is wrong: one stretch of the bytes is no UTF-8",
        ),
        ("text/plain", b"caf\xe9", "caf\\xe9", "names no charset, and one stretch of the bytes is no UTF-8"),
        ("text/plain", b"caf\xc3\xa9", "café", "names no charset, so a client has to guess"),
        (
            "text/plain; charset=klingon",
            b"Qapla'",
            "Qapla'",
            "the charset klingon, which nobody has registered",
        ),
        ("application/json", b"\"\xe9\"", "\"\\xe9\"", "JSON is UTF-8 always (RFC 8259 §8.1)"),
    ] {
        let address = answer(&format!("Content-Type: {kind}\r\n"), content);
        let ran = get(address, &[]).exits(0).says(&[said, shown]);
        assert!(ran.text().contains(&format!("\n{shown}\n")), "{kind}: {}", ran.text());
        // In a file and through a pipe the bytes stay what they are.
        assert_eq!(get(address, &["--raw"]).exits(0).out, content);
    }
    for (kind, content) in
        [("text/plain; charset=utf-8", "é"), ("text/plain", "e"), ("application/json", "\"é\"")]
    {
        let ran = get(answer(&format!("Content-Type: {kind}\r\n"), content.as_bytes()), &[]).exits(0);
        assert!(!ran.text().contains("\ncharset "), "nothing to say: {}", ran.text());
    }
}
