//! How many connections one machine may hold of a server that others can reach.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// How many connections one address holds of a server that is exposed.
pub const GUEST_CONNECTIONS: usize = 64;

/// Who holds connections. Who comes over loopback is no guest and holds as many as there are.
#[derive(Debug, Default)]
pub struct Guests {
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// A guest's connection; it is given back when this is dropped.
#[derive(Debug)]
pub struct Seat {
    guests: Arc<Guests>,
    ip: IpAddr,
}

impl Guests {
    /// A seat for a connection from `ip`; nothing when that address holds [`GUEST_CONNECTIONS`] already.
    #[must_use]
    pub fn seat(self: &Arc<Self>, ip: IpAddr) -> Option<Seat> {
        let ip = ip.to_canonical();
        if !ip.is_loopback() {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let many = held.entry(ip).or_default();
            if *many >= GUEST_CONNECTIONS {
                return None;
            }
            *many += 1;
        }
        Some(Seat { guests: self.clone(), ip })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self.guests.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(many) = held.get_mut(&self.ip) {
            *many -= 1;
            if *many == 0 {
                held.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    use super::{GUEST_CONNECTIONS, Guests};

    #[test]
    fn a_guest_holds_so_many_and_the_host_any_number() {
        let guests = Arc::new(Guests::default());
        let guest = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7));
        let seats: Vec<_> = (0..GUEST_CONNECTIONS).map(|_| guests.seat(guest)).collect();
        assert!(seats.iter().all(Option::is_some));
        assert!(guests.seat(guest).is_none());
        assert!(guests.seat(IpAddr::V6(Ipv4Addr::new(192, 168, 1, 7).to_ipv6_mapped())).is_none());
        assert!(guests.seat(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 8))).is_some());
        let own: Vec<_> = (0..1000).map(|_| guests.seat(IpAddr::V4(Ipv4Addr::LOCALHOST))).collect();
        assert!(own.iter().all(Option::is_some));
        drop(seats);
        assert!(guests.seat(guest).is_some());
        drop(own);
        assert!(
            guests.held.lock().is_ok_and(|held| held.is_empty()),
            "nothing is remembered of who has left"
        );
    }
}
