//! What Markdown looks like in a terminal of the usual width, and in a narrow one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

use netlab::render::text::look::{Form, Look, Loudness};
use netlab::render::text::markdown;

fn human(width: usize, text: &str) -> Vec<String> {
    shown(Form::Human, width, text)
}

fn plain(width: usize, text: &str) -> Vec<String> {
    shown(Form::Plain, width, text)
}

/// The lines without their colours: these repeat what the words and marks say.
fn shown(form: Form, width: usize, text: &str) -> Vec<String> {
    let look = Look { form, width, bytes: false, loudness: Loudness::Usual };
    markdown::lines(look, text).iter().map(|line| without_colour(line)).collect()
}

fn without_colour(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').unwrap().1)
}

#[test]
fn a_paragraph_is_wrapped_and_its_words_are_painted() {
    let text = "A **server** *awaits* what a client opens with `netlab connect`,\nand that is all the two words say about them.\n\nA second one.";
    assert_eq!(
        human(80, text),
        [
            "A server awaits what a client opens with netlab connect, and that is all the two",
            "words say about them.",
            "",
            "A second one.",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "A server awaits what a",
            "client opens with netlab",
            "connect, and that is all",
            "the two words say about",
            "them.",
            "",
            "A second one.",
        ]
    );
}

#[test]
fn strong_text_stays_strong_around_emphasis() {
    let text = "**Both *are one* idea**";
    assert_eq!(human(80, text), ["Both are one idea",]);
    assert_eq!(human(24, text), ["Both are one idea",]);
}

#[test]
fn a_heading_stands_by_itself() {
    let text = "# What a `port` is\nA number.\n\nA line below\n---\nmakes one too.";
    assert_eq!(
        human(80, text),
        ["What a port is", "", "A number.", "", "A line below", "", "makes one too.",]
    );
    assert_eq!(
        human(24, text),
        ["What a port is", "", "A number.", "", "A line below", "", "makes one too.",]
    );
}

#[test]
fn a_flat_list_has_a_bullet_before_each_item() {
    let text =
        "Before it:\n- the client opens a connection to the server\n- the server waits\n\n\nBehind it.";
    assert_eq!(
        human(80, text),
        [
            "Before it:",
            "",
            "- the client opens a connection to the server",
            "- the server waits",
            "",
            "Behind it.",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "Before it:",
            "",
            "- the client opens a",
            "  connection to the",
            "  server",
            "- the server waits",
            "",
            "Behind it.",
        ]
    );
}

#[test]
fn an_ordered_list_counts_from_where_its_author_began() {
    let text = "9. The name is asked for, and an address comes back\n1. The connection opens\n7. The request goes out";
    assert_eq!(
        human(80, text),
        [
            " 9. The name is asked for, and an address comes back",
            "10. The connection opens",
            "11. The request goes out",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            " 9. The name is asked",
            "    for, and an address",
            "    comes back",
            "10. The connection opens",
            "11. The request goes out",
        ]
    );
}

#[test]
fn lists_nest_in_each_other() {
    let text = "- transport\n  1. TCP, which brings bytes in their order\n  2. UDP\n     - a datagram is whole or lost\n- name";
    assert_eq!(
        human(80, text),
        [
            "- transport",
            "  1. TCP, which brings bytes in their order",
            "  2. UDP",
            "     - a datagram is whole or lost",
            "- name",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "- transport",
            "  1. TCP, which brings",
            "     bytes in their",
            "     order",
            "  2. UDP",
            "     - a datagram is",
            "       whole or lost",
            "- name",
        ]
    );
}

#[test]
fn a_loose_list_has_blank_lines_and_paragraphs() {
    let text = "1. First paragraph of the item.\n\n   Second paragraph of the item.\n\n2. Another item\n   - within it";
    assert_eq!(
        human(80, text),
        [
            "1. First paragraph of the item.",
            "",
            "   Second paragraph of the item.",
            "",
            "2. Another item",
            "",
            "   - within it",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "1. First paragraph of",
            "   the item.",
            "",
            "   Second paragraph of",
            "   the item.",
            "",
            "2. Another item",
            "",
            "   - within it",
        ]
    );
}

#[test]
fn an_item_holds_code_and_quotes() {
    let text = "- Type this:\n\n  ```\n  $ dig a.test\n  ```\n\n  > and wait";
    assert_eq!(human(80, text), ["- Type this:", "", "      $ dig a.test", "", "  │ and wait",]);
    assert_eq!(human(24, text), ["- Type this:", "", "    $ dig a.test", "", "  │ and wait",]);
}

#[test]
fn an_empty_item_is_its_mark() {
    let text = "-\n- b";
    assert_eq!(human(80, text), ["-", "- b",]);
    assert_eq!(human(24, text), ["-", "- b",]);
}

#[test]
fn a_task_says_whether_it_is_done() {
    let text = "- [x] open a connection\n- [ ] close it again, and see who was first";
    assert_eq!(human(80, text), ["- [x] open a connection", "- [ ] close it again, and see who was first",]);
    assert_eq!(
        human(24, text),
        ["- [x] open a connection", "- [ ] close it again,", "  and see who was first",]
    );
}

#[test]
fn a_quote_has_a_bar_before_every_line() {
    let text = "> The protocol decides who speaks first, and that is all there is to it.\n>\n> - Both sides know it.\n>\n>> Said before.";
    assert_eq!(
        human(80, text),
        [
            "│ The protocol decides who speaks first, and that is all there is to it.",
            "│",
            "│ - Both sides know it.",
            "│",
            "│ │ Said before.",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "│ The protocol decides",
            "│ who speaks first, and",
            "│ that is all there is",
            "│ to it.",
            "│",
            "│ - Both sides know it.",
            "│",
            "│ │ Said before.",
        ]
    );
    assert_eq!(
        plain(80, text),
        [
            "> The protocol decides who speaks first, and that is all there is to it.",
            ">",
            "> - Both sides know it.",
            ">",
            "> > Said before.",
        ]
    );
    assert_eq!(
        plain(24, text),
        [
            "> The protocol decides",
            "> who speaks first, and",
            "> that is all there is",
            "> to it.",
            ">",
            "> - Both sides know it.",
            ">",
            "> > Said before.",
        ]
    );
}

#[test]
fn code_keeps_its_lines() {
    let text = "~~~python\nif open:\n\tclose()\n\nprint(\"this line is longer than a narrow terminal, and also longer than a usual one is wide\")\n~~~";
    assert_eq!(
        human(80, text),
        [
            "    if open:",
            "        close()",
            "",
            "    print(\"this line is longer than a narrow terminal, and also longer than a u↵",
            "    sual one is wide\")",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "  if open:",
            "      close()",
            "",
            "  print(\"this line is l↵",
            "  onger than a narrow t↵",
            "  erminal, and also lon↵",
            "  ger than a usual one ↵",
            "  is wide\")",
        ]
    );
    assert_eq!(
        plain(80, text),
        [
            "    if open:",
            "        close()",
            "",
            "    print(\"this line is longer than a narrow terminal, and also longer than a u\\",
            "    sual one is wide\")",
        ]
    );
    assert_eq!(
        plain(24, text),
        [
            "  if open:",
            "      close()",
            "",
            "  print(\"this line is l\\",
            "  onger than a narrow t\\",
            "  erminal, and also lon\\",
            "  ger than a usual one \\",
            "  is wide\")",
        ]
    );
}

#[test]
fn indented_code_is_code() {
    let text = "It says:\n\n    GET / HTTP/1.1\n    Host:  a.test";
    assert_eq!(human(80, text), ["It says:", "", "    GET / HTTP/1.1", "    Host:  a.test",]);
    assert_eq!(human(24, text), ["It says:", "", "  GET / HTTP/1.1", "  Host:  a.test",]);
}

#[test]
fn a_line_breaks_where_its_author_broke_it() {
    let text = "Roses are red,  \nviolets are blue,\\\nand that is that.";
    assert_eq!(human(80, text), ["Roses are red,", "violets are blue,", "and that is that.",]);
    assert_eq!(human(24, text), ["Roses are red,", "violets are blue,", "and that is that.",]);
}

#[test]
fn a_link_says_where_it_leads() {
    let text = "Read [RFC 9112](https://www.rfc-editor.org/rfc/rfc9112) or <https://a.test/>, or write to <a@a.test>.\nSee [the page][1], [a.test](a.test).\n\n[1]: ../page.md \"a title\"";
    assert_eq!(
        human(80, text),
        [
            "Read RFC 9112 (https://www.rfc-editor.org/rfc/rfc9112) or https://a.test/, or",
            "write to a@a.test. See the page (../page.md), a.test.",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "Read RFC 9112",
            "(https://www.rfc-editor.",
            "org/rfc/rfc9112) or",
            "https://a.test/, or",
            "write to a@a.test. See",
            "the page (../page.md),",
            "a.test.",
        ]
    );
}

#[test]
fn an_image_is_its_words() {
    let text = "![a client and a server](roles.png), [![a plant](a.png)](https://a.test/), ![](b.png)";
    assert_eq!(human(80, text), ["a client and a server, a plant (https://a.test/), (b.png)",]);
    assert_eq!(human(24, text), ["a client and a server, a", "plant (https://a.test/),", "(b.png)",]);
}

#[test]
fn a_table_is_laid_out_or_told_row_by_row() {
    let text = "| path | what it is | bytes |\n|---|:-:|--:|\n| `flow.by` | who recorded it: `raw-get`, `connect`, `resolve`, `serve` or the lab | 1 |\n| `dns` | *a question* | 512 |\n| | b\\|c | |";
    assert_eq!(
        human(80, text),
        [
            "path                              what it is                           bytes",
            "───────  ────────────────────────────────────────────────────────────  ─────",
            "flow.by  who recorded it: raw-get, connect, resolve, serve or the lab      1",
            "dns                               a question                             512",
            "                                     b|c",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "- path: flow.by",
            "  what it is: who",
            "    recorded it:",
            "    raw-get, connect,",
            "    resolve, serve or",
            "    the lab",
            "  bytes: 1",
            "- path: dns",
            "  what it is: a",
            "    question",
            "  bytes: 512",
            "- path:",
            "  what it is: b|c",
            "  bytes:",
        ]
    );
    assert_eq!(
        plain(80, text),
        [
            "path                              what it is                           bytes",
            "-------  ------------------------------------------------------------  -----",
            "flow.by  who recorded it: raw-get, connect, resolve, serve or the lab      1",
            "dns                               a question                             512",
            "                                     b|c",
        ]
    );
    assert_eq!(
        plain(24, text),
        [
            "- path: flow.by",
            "  what it is: who",
            "    recorded it:",
            "    raw-get, connect,",
            "    resolve, serve or",
            "    the lab",
            "  bytes: 1",
            "- path: dns",
            "  what it is: a",
            "    question",
            "  bytes: 512",
            "- path:",
            "  what it is: b|c",
            "  bytes:",
        ]
    );
}

#[test]
fn cells_are_wrapped_and_columns_share_the_width() {
    let text = "| Reads | Means |\n|:--|---|\n| what one read returned, whose size also depends on the buffer of the program | nothing about the writes of the other side, because TCP is a stream of bytes |\n| 0 bytes | the other side has finished |";
    assert_eq!(
        human(80, text),
        [
            "Reads                                   Means",
            "──────────────────────────────────────  ────────────────────────────────────────",
            "what one read returned, whose size      nothing about the writes of the other",
            "also depends on the buffer of the       side, because TCP is a stream of bytes",
            "program",
            "0 bytes                                 the other side has finished",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "- Reads: what one read",
            "    returned, whose size",
            "    also depends on the",
            "    buffer of the",
            "    program",
            "  Means: nothing about",
            "    the writes of the",
            "    other side, because",
            "    TCP is a stream of",
            "    bytes",
            "- Reads: 0 bytes",
            "  Means: the other",
            "    side has finished",
        ]
    );
}

#[test]
fn a_table_that_does_not_fit_is_told_row_by_row() {
    let text = "| internationalisation0 | internationalisation1 | internationalisation2 | internationalisation3 |\n|--|--|--|--|\n| 1 | 2 | 3 | 4 |";
    assert_eq!(
        human(80, text),
        [
            "- internationalisation0: 1",
            "  internationalisation1: 2",
            "  internationalisation2: 3",
            "  internationalisation3: 4",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "- internationalisation",
            "    0: 1",
            "  internationalisation",
            "    1: 2",
            "  internationalisation",
            "    2: 3",
            "  internationalisation",
            "    3: 4",
        ]
    );
}

#[test]
fn a_table_without_rows_is_its_head() {
    let text = "| a | b |\n|---|---|";
    assert_eq!(human(80, text), ["a  b", "─  ─",]);
    assert_eq!(human(24, text), ["- a:", "  b:",]);
}

#[test]
fn what_is_struck_out_stays_readable() {
    let text = "It is ~~a machine~~ a role.";
    assert_eq!(human(80, text), ["It is ~~a machine~~ a role.",]);
    assert_eq!(human(24, text), ["It is ~~a machine~~ a", "role.",]);
}

#[test]
fn a_line_across_goes_from_edge_to_edge() {
    let text = "a\n\n***\n\nb";
    assert_eq!(
        human(80, text),
        [
            "a",
            "",
            "────────────────────────────────────────────────────────────────────────────────",
            "",
            "b",
        ]
    );
    assert_eq!(human(24, text), ["a", "", "────────────────────────", "", "b",]);
    assert_eq!(
        plain(80, text),
        [
            "a",
            "",
            "--------------------------------------------------------------------------------",
            "",
            "b",
        ]
    );
    assert_eq!(plain(24, text), ["a", "", "------------------------", "", "b",]);
}

#[test]
fn comments_are_not_shown_and_other_html_is_text() {
    let text = "a<!-- hidden --> b<br>c &lt;d&gt;\n\n<!-- hidden\n\ntoo -->\n\n<details>\n<summary>More</summary>\n\n<!-- does not end";
    assert_eq!(
        human(80, text),
        ["a b<br>c <d>", "", "<details> <summary>More</summary>", "", "<!-- does not end",]
    );
    assert_eq!(
        human(24, text),
        ["a b<br>c <d>", "", "<details>", "<summary>More</summary>", "", "<!-- does not end",]
    );
}

#[test]
fn a_footnote_stays_text() {
    let text = "So it is.[^1]\n\n[^1]: It is so.";
    assert_eq!(human(80, text), ["So it is.[^1]", "", "[^1]: It is so.",]);
    assert_eq!(human(24, text), ["So it is.[^1]", "", "[^1]: It is so.",]);
}

#[test]
fn wide_characters_take_two_columns() {
    let text =
        "サーバーは待ち、クライアントは接続を開く。 🌱 planted, and ❤️ too\n\n- 漢字漢字漢字漢字漢字漢字";
    assert_eq!(
        human(80, text),
        [
            "サーバーは待ち、クライアントは接続を開く。 🌱 planted, and ❤️ too",
            "",
            "- 漢字漢字漢字漢字漢字漢字",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "サーバーは待ち、クライア",
            "ントは接続を開く。 🌱",
            "planted, and ❤️ too",
            "",
            "- 漢字漢字漢字漢字漢字漢",
            "  字",
        ]
    );
}

#[test]
fn a_word_that_is_too_long_is_broken() {
    let text = "a https://hello.test/a-path-that-is-so-long-that-no-line-of-any-usual-terminal-has-room-for-all-of-it b";
    assert_eq!(
        human(80, text),
        [
            "a",
            "https://hello.test/a-path-that-is-so-long-that-no-line-of-any-usual-terminal-has",
            "-room-for-all-of-it b",
        ]
    );
    assert_eq!(
        human(24, text),
        [
            "a",
            "https://hello.test/a-pat",
            "h-that-is-so-long-that-n",
            "o-line-of-any-usual-term",
            "inal-has-room-for-all-of",
            "-it b",
        ]
    );
}

#[test]
fn what_has_power_over_a_terminal_is_escaped_everywhere() {
    let text = "a\u{1b}[2Jb `\u{7}` [x](y\u{202e}z)\n\n    \u{1b}c\n\n|\u{9b}|\n|---|\n|&#27;[m|";
    assert_eq!(
        human(80, text),
        ["a␛[2Jb \\x07 x (y\\u{202e}z)", "", "    ␛c", "", "\\u{9b}", "──────", "␛[m",]
    );
    assert_eq!(human(24, text), ["a␛[2Jb \\x07 x", "(y\\u{202e}z)", "", "  ␛c", "", "- \\u{9b}: ␛[m",]);
    assert_eq!(
        plain(80, text),
        ["a\\x1b[2Jb \\x07 x (y\\u{202e}z)", "", "    \\x1bc", "", "\\u{9b}", "------", "\\x1b[m",]
    );
    assert_eq!(
        plain(24, text),
        ["a\\x1b[2Jb \\x07 x", "(y\\u{202e}z)", "", "  \\x1bc", "", "- \\u{9b}: \\x1b[m",]
    );
}
