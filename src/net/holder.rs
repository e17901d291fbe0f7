//! Who has a port, where the system tells.

use std::net::SocketAddr;

/// The program that listens on `address` (or on every address) over TCP, as `name (pid 123)`.
/// Nothing when the system does not say, or says it of other users' programs to nobody else.
#[must_use]
pub fn holder(address: SocketAddr) -> Option<String> {
    imp::holder(address)
}

/// Loopback TCP ports on which something listens, lowest first; empty where the system does not tell.
#[must_use]
pub fn listening() -> Vec<u16> {
    imp::listening()
}

#[cfg(target_os = "linux")]
mod imp {
    use std::fs;
    use std::net::SocketAddr;

    /// The state the kernel's tables call "0A".
    const LISTEN: &str = "0A";

    struct Listener {
        port: u16,
        inode: String,
    }

    pub fn holder(address: SocketAddr) -> Option<String> {
        let listener = listeners().into_iter().find(|listener| listener.port == address.port())?;
        let wanted = format!("socket:[{}]", listener.inode);
        let processes = fs::read_dir("/proc").ok()?;
        processes.flatten().find_map(|process| {
            let pid: u32 = process.file_name().to_str()?.parse().ok()?;
            let mut descriptors = fs::read_dir(process.path().join("fd")).ok()?.flatten();
            descriptors
                .find(|fd| fs::read_link(fd.path()).is_ok_and(|to| to.as_os_str() == wanted.as_str()))?;
            let name = fs::read_to_string(process.path().join("comm")).ok()?;
            Some(format!("{} (pid {pid})", name.trim()))
        })
    }

    pub fn listening() -> Vec<u16> {
        let mut ports: Vec<u16> = listeners().into_iter().map(|listener| listener.port).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    fn listeners() -> Vec<Listener> {
        ["/proc/net/tcp", "/proc/net/tcp6"]
            .iter()
            .filter_map(|table| fs::read_to_string(table).ok())
            .flat_map(|table| table.lines().skip(1).filter_map(row).collect::<Vec<_>>())
            .collect()
    }

    /// `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode`, addresses as hex:port.
    fn row(line: &str) -> Option<Listener> {
        let mut words = line.split_whitespace();
        let (_, port) = words.nth(1)?.rsplit_once(':')?;
        let state = words.nth(1)?;
        let inode = words.nth(5)?;
        let port = u16::from_str_radix(port, 16).ok()?;
        (state == LISTEN).then(|| Listener { port, inode: inode.to_owned() })
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::net::SocketAddr;

    pub fn holder(_address: SocketAddr) -> Option<String> {
        None
    }

    pub fn listening() -> Vec<u16> {
        Vec::new()
    }
}
