//! Bytes that were explained on their own.

use crate::proto::Protocol;
use crate::proto::field::Fields;
use crate::render::json;
use crate::render::text::cells::wrap;
use crate::render::text::look::Form;
use crate::render::text::screen::{Role, Screen, paint};
use crate::render::text::words::count;
use crate::render::tree::Shower;

/// Shows what the bytes are, and the tree.
pub fn show(screen: &Screen, protocol: &Protocol, fields: &Fields<'_>, was_hex: bool) {
    if screen.look.form == Form::Json {
        json::document(screen, "explain", json::explained(protocol, fields));
        return;
    }
    let hex = if was_hex { ", written as hex" } else { "" };
    let rfc = if protocol.rfc.is_empty() { String::new() } else { format!(" ({})", protocol.rfc) };
    let head = format!("{}{hex}, read as {}{rfc}", count(fields.bytes.len() as u64, "byte"), protocol.title);
    wrap(&head, screen.look.width).iter().for_each(|line| screen.line(&paint(Role::Heading, line)));
    Shower::new(screen.look).lines(fields, &[]).iter().for_each(|line| screen.line(line));
    let broken = fields.list.iter().filter(|field| field.is_broken()).count();
    if broken > 0 {
        screen.status(&paint(Role::Problem, &count(broken as u64, "problem")));
    }
}
