//! Text that strangers may send, and the screen on which it must do no harm.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::num::NonZeroU16;

use crate::run::skipped;

/// Strings with power over a terminal, or over the eye.
pub const OWN: &[&[u8]] = &[
    b"\x1b]0;title\x07",
    b"\x1b]8;;http://evil.example/\x1b\\link\x1b]8;;\x1b\\",
    b"\x1b]52;c;cm0gLXJmIH4=\x07",
    b"\x1b[2J\x1b[H",
    b"\x1b[31mred\x1b[0m",
    b"\x1bP1$r0m\x1b\\",
    b"\x1b(0lqk",
    b"\x1bc",
    b"\x1b_app\x1b\\\x1b^pm\x1b\\",
    b"\x1b[6n\x1b[c",
    b"\x1b[?1049h\x1b[?25l",
    b"\x9b2J\x9d0;t\x9c",
    "\u{9b}2J\u{9d}0;t\u{9c}\u{90}q\u{85}".as_bytes(),
    "\u{202e}gpj.exe\u{202c} \u{2066}a\u{2069} \u{200f}\u{200e}\u{61c}".as_bytes(),
    "pay\u{200b}pal \u{200d}\u{200c}\u{2060}\u{feff}\u{ad}\u{180e}\u{2063}".as_bytes(),
    "\u{e0041}\u{e007f}\u{2028}\u{2029}\u{fff9}\u{3164}".as_bytes(),
    b"back\\slash\\x1b[2J\\",
    b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf0\x9f\x8c",
    b"over\rwritten",
    b"up\x0b\x0cdown\x08\x08\x7f",
    b"line\nfeed\r\nand\ttab",
    "🌱 Plant seeded! é ü 漢字".as_bytes(),
    b"%s%n {} {0} $HOME `id` $(id)",
];

/// What is tried: each byte alone, each C1 control as a character, the strings above, and the lines of the
/// big list of naughty strings where there is one.
pub fn payloads() -> Vec<Vec<u8>> {
    let alone = (0..=255).map(|byte| vec![b'<', byte, b'>']);
    let c1 = ('\u{80}'..='\u{9f}').map(|control| format!("<{control}>").into_bytes());
    let own = OWN.iter().map(|text| text.to_vec());
    let all = vec![(0..=255).collect::<Vec<u8>>()];
    let mut payloads: Vec<Vec<u8>> = alone.chain(c1).chain(own).chain(all).collect();
    match std::env::var_os("NETLAB_CORPORA") {
        Some(folder) => {
            let text = std::fs::read(std::path::Path::new(&folder).join("text/blns.txt")).unwrap();
            let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
            payloads.extend(lines.map(<[u8]>::to_vec));
        }
        None => skipped("NETLAB_CORPORA is not set, so there is no big list of naughty strings"),
    }
    payloads
}

/// Bidirectional controls (Unicode Standard Annex 9), zero width, line and paragraph separators, tags.
const HIDING: [std::ops::RangeInclusive<char>; 12] = [
    '\u{ad}'..='\u{ad}',
    '\u{61c}'..='\u{61c}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{2029}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{2064}',
    '\u{2066}'..='\u{2069}',
    '\u{3164}'..='\u{3164}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{e0000}'..='\u{e0fff}',
];

/// What in this output netlab may not have printed: a control, or something that hides or reorders text.
/// Its own colours (`ESC [ digits m`) and line ends are what it may.
pub fn harm(output: &[u8], tabs: bool) -> Option<String> {
    let Ok(text) = std::str::from_utf8(output) else { return Some("it is not UTF-8".to_owned()) };
    let (text, cut) = without_colour(text);
    if cut {
        return Some("an escape sequence that is no colour".to_owned());
    }
    let bad = text.chars().find(|&char| match char {
        '\n' => false,
        '\t' => !tabs,
        _ => char.is_control() || HIDING.iter().any(|range| range.contains(&char)),
    });
    bad.map(|char| {
        let at = text.find(char).unwrap_or_default();
        let line = text[..at].lines().count();
        format!("U+{:04X} on line {line}: {:?}", u32::from(char), text.lines().nth(line.saturating_sub(1)))
    })
}

/// The text without netlab's own colours, and whether an escape was left that is none.
pub fn without_colour(text: &str) -> (String, bool) {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    let mut odd = false;
    for part in parts {
        let end = part.strip_prefix('[').and_then(|code| {
            let len = code.find(|char: char| !char.is_ascii_digit() && char != ';')?;
            code[len..].starts_with('m').then_some(len + 2)
        });
        odd |= end.is_none();
        plain.push_str(&part[end.unwrap_or(0)..]);
    }
    (plain, odd)
}

/// Feeds output to a terminal and says what it did beyond showing the text: nothing, it should be.
pub fn moved(output: &str) -> Option<String> {
    // What stands for bytes that are no UTF-8 is left out by this terminal; it is a character like any other.
    let output = output.replace(char::REPLACEMENT_CHARACTER, "?");
    let (plain, _) = without_colour(&output);
    let rows = u16::try_from(plain.lines().count() + 2).unwrap();
    let columns = plain.lines().map(|line| line.chars().count() * 2).max().unwrap_or(0);
    let columns = u16::try_from(columns.max(20)).unwrap();
    let (rows, columns) = (NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap());
    let mut terminal = vt100::Parser::new_with_callbacks(rows, columns, 0, Alarms::default());
    terminal.process(output.replace('\n', "\r\n").as_bytes());
    let rung = &terminal.callbacks().0;
    if !rung.is_empty() {
        return Some(rung.join(", "));
    }
    let shown = terminal.screen().contents();
    let wanted = plain.trim_end_matches('\n').lines().map(str::trim_end);
    let pairs = shown.lines().map(str::trim_end).zip(wanted.clone());
    if let Some((shown, wanted)) = pairs.into_iter().find(|(shown, wanted)| shown != wanted) {
        return Some(format!("the screen shows {shown:?}, the text is {wanted:?}"));
    }
    (shown.lines().count() != wanted.count()).then(|| "the screen has other lines".to_owned())
}

/// Whatever a terminal is asked to do besides showing text.
#[derive(Default)]
struct Alarms(Vec<String>);

impl vt100::Callbacks for Alarms {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.0.push("rang the bell".to_owned());
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.0.push("flashed".to_owned());
    }
    fn resize(&mut self, _: &mut vt100::Screen, _: (u16, u16)) {
        self.0.push("resized".to_owned());
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.0.push("set the icon's name".to_owned());
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.0.push("set the title".to_owned());
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], _: &[u8]) {
        self.0.push("wrote to the clipboard".to_owned());
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.0.push("read the clipboard".to_owned());
    }
    fn unhandled_char(&mut self, _: &mut vt100::Screen, char: char) {
        self.0.push(format!("an odd character {char:?}"));
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, byte: u8) {
        self.0.push(format!("a control {byte:#x}"));
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, _: u8) {
        self.0.push("an escape".to_owned());
    }
    fn unhandled_csi(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, _: &[&[u16]], _: char) {
        self.0.push("a CSI sequence".to_owned());
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, _: &[&[u8]]) {
        self.0.push("an OSC sequence".to_owned());
    }
}
