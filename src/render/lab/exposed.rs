//! What it means that other machines can call a server, and the way there for a phone.

use std::net::SocketAddr;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::count;

/// Says who can call and where, and until when. Without an address that others reach it says that, too.
pub fn show(screen: &Screen, reachable: &[SocketAddr], minutes: u16) {
    if screen.look.form == Form::Json {
        return;
    }
    if reachable.is_empty() {
        screen.note("exposed, and yet nobody else can call: this machine has no address that others reach");
        return;
    }
    screen.complaint(&paint(Role::Problem, "EXPOSED: other machines can call this server"));
    for address in reachable {
        screen.complaint(&format!("  {}", paint(Role::Command, &url(*address))));
    }
    screen.note(&format!(
        "Whoever is in the same network can ask for its pages and see what is said: nothing is encrypted. It stops \
         by itself in {}, and with Ctrl-C at once.",
        count(u64::from(minutes), "minute")
    ));
    if let Some(first) = reachable.first() {
        for line in picture(screen, &url(*first)) {
            screen.status(&paint(Role::Light, &line));
        }
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/")
}

/// The URL as a QR code (ISO/IEC 18004) for a phone's camera, where there is room for it and the terminal shows its
/// half blocks. What is light is drawn, because most terminals are dark; where colours are shown, they are set.
fn picture(screen: &Screen, url: &str) -> Vec<String> {
    if screen.look.ascii() {
        return Vec::new();
    }
    let Ok(code) = QrCode::new(url) else { return Vec::new() };
    let drawn = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    let lines: Vec<String> = drawn.lines().map(str::to_owned).collect();
    let fits = lines.iter().all(|line| line.chars().count() <= screen.look.width);
    if fits { lines } else { Vec::new() }
}
