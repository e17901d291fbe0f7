//! The lab's own certificate authority: who says that `hello.test` is `hello.test`.
//!
//! Nobody outside knows it and nobody should: its key is made when the first client calls over TLS, lives in this
//! process's memory and goes with it. It may only sign for names under `.test`, for localhost and for loopback addresses
//! (name constraints, RFC 5280 §4.2.1.10), so that even where somebody trusts it by mistake it can stand for no other site.

use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fmt, fs};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, CidrSubnet, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};

use crate::net::tls::provider;

/// The file with its certificate, beside `lab.json`.
pub const FILE: &str = "lab-ca.pem";
/// What it calls itself.
const NAME: &str = "netlab lab, trusted by nobody else";
/// How long a certificate holds.
const HOLDS: Duration = Duration::from_hours(24);
/// How old an authority may be and still sign; then there is another.
const RENEWED_AFTER: Duration = Duration::from_hours(12);
/// How far another machine's clock may be behind.
const CLOCKS_DIFFER: Duration = Duration::from_hours(1);

/// The most bytes of that file that are read.
const FILE_LIMIT: u64 = 64 * 1024;

/// The addresses of this machine that the lab's web server has.
const ADDRESSES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, 4)),
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, 5)),
];

/// The authority of one lab. Cheap to clone; nothing is made before it is asked for.
#[derive(Clone)]
pub struct Authority {
    inside: Arc<Mutex<Inside>>,
}

struct Inside {
    names: Vec<String>,
    /// Where its certificate is laid for other programs, once the lab is announced.
    folder: Option<PathBuf>,
    made: Option<Made>,
}

/// Keys and what was signed with them.
struct Made {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The one key of all servers of the lab.
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    /// The certificates by name; the one for whoever named nobody has none.
    shown: HashMap<String, Arc<CertifiedKey>>,
    at: SystemTime,
}

/// Why there is none, as a sentence part. It does not happen on a machine whose random numbers work.
pub type Trouble = String;

impl Authority {
    /// One that will sign for each of these names, for `localhost`, and for loopback addresses.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let inside = Inside { names: names.into_iter().collect(), folder: None, made: None };
        Self { inside: Arc::new(Mutex::new(inside)) }
    }

    /// Its certificate, which a client has to trust. This is a first use.
    ///
    /// # Errors
    /// When there is none.
    pub fn certificate(&self) -> Result<CertificateDer<'static>, Trouble> {
        Ok(self.lock().made()?.issuer.der().clone())
    }

    /// From now on its certificate lies in this folder, where other programs look for it. There it is as soon as there
    /// is one.
    pub fn lies_in(&self, folder: &Path) {
        let mut inside = self.lock();
        inside.folder = Some(folder.to_path_buf());
        inside.lay_out();
    }

    /// How the lab's servers begin TLS.
    ///
    /// # Errors
    /// When there is no authority.
    pub fn server(&self) -> Result<Arc<ServerConfig>, Trouble> {
        let builder = ServerConfig::builder_with_provider(provider());
        let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::new(self.clone()));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Each connection shows a whole handshake, and nothing is sent that nobody asked for.
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The certificate that the lab which uses this folder has laid there.
///
/// # Errors
/// When there is none yet, or something else is in its place.
pub fn laid_in(folder: &Path) -> io::Result<String> {
    let path = folder.join(FILE);
    // What only looks like a file could keep its reader waiting.
    if !fs::metadata(&path)?.is_file() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = String::new();
    fs::File::open(path)?.take(FILE_LIMIT).read_to_string(&mut text)?;
    Ok(text)
}

impl fmt::Debug for Authority {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Authority")
    }
}

impl ResolvesServerCert for Authority {
    /// The name in the `ClientHello` (SNI, RFC 6066 §3) chooses. Who names nobody, or a name the lab does not have, is
    /// shown the certificate for localhost, and will say that it is for another name.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.lock().shown(hello.server_name().unwrap_or_default()).ok()
    }
}

impl Inside {
    fn made(&mut self) -> Result<&mut Made, Trouble> {
        let now = SystemTime::now();
        let fresh = |made: &Made| now.duration_since(made.at).is_ok_and(|age| age < RENEWED_AFTER);
        if !self.made.as_ref().is_some_and(fresh) {
            self.made = Some(Made::new(now).map_err(|error| error.to_string())?);
            self.lay_out();
        }
        self.made.as_mut().ok_or_else(Trouble::new)
    }

    fn shown(&mut self, asked: &str) -> Result<Arc<CertifiedKey>, Trouble> {
        let name = self.names.iter().find(|name| name.eq_ignore_ascii_case(asked)).cloned();
        let made = self.made()?;
        let key = name.clone().unwrap_or_default();
        if let Some(shown) = made.shown.get(&key) {
            return Ok(shown.clone());
        }
        let certificate = made.sign(name.as_deref()).map_err(|error| error.to_string())?;
        let shown = Arc::new(CertifiedKey::new(vec![certificate.der().clone()], made.signing.clone()));
        made.shown.insert(key, shown.clone());
        Ok(shown)
    }

    /// Where it cannot be written, another program will say that it does not know who signed.
    fn lay_out(&self) {
        if let (Some(folder), Some(made)) = (&self.folder, &self.made)
            && let Ok(mut file) = tempfile::NamedTempFile::new_in(folder)
            && std::io::Write::write_all(&mut file, made.issuer.pem().as_bytes()).is_ok()
        {
            let _ = file.persist(folder.join(FILE));
        }
    }
}

impl Made {
    fn new(now: SystemTime) -> Result<Self, rcgen::Error> {
        let mut params = holding(CertificateParams::default(), now);
        let own = KeyPair::generate()?;
        // Two authorities of one name could not be told apart, and the second would seem to sign wrongly.
        let mark =
            own.public_key_raw().iter().fold(0u32, |mark, &byte| mark.rotate_left(5) ^ u32::from(byte));
        params.distinguished_name.push(DnType::CommonName, format!("{NAME} ({mark:08x})"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![
                GeneralSubtree::DnsName("test".to_owned()),
                GeneralSubtree::DnsName("localhost".to_owned()),
                GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
                GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(Ipv6Addr::LOCALHOST.octets(), 128)),
            ],
            excluded_subtrees: Vec::new(),
        });
        let issuer = CertifiedIssuer::self_signed(params, own)?;
        let key = KeyPair::generate()?;
        let der = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let signing = provider().key_provider.load_private_key(der);
        let signing = signing.map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        Ok(Self { issuer, key, signing, shown: HashMap::new(), at: now })
    }

    /// For one name, or for whoever named nobody.
    fn sign(&self, name: Option<&str>) -> Result<Certificate, rcgen::Error> {
        let called = name.unwrap_or("localhost");
        let mut params = holding(CertificateParams::new(vec![called.to_owned()])?, self.at);
        if name.is_none() {
            params.subject_alt_names.extend(ADDRESSES.map(SanType::IpAddress));
        }
        params.distinguished_name.push(DnType::CommonName, called);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.signed_by(&self.key, &self.issuer)
    }
}

/// Holding from now on, for a day.
fn holding(mut params: CertificateParams, now: SystemTime) -> CertificateParams {
    let began = date_time_ymd(1970, 1, 1);
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    params.not_before = began + since.saturating_sub(CLOCKS_DIFFER);
    params.not_after = began + (since + HOLDS);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
}

#[cfg(test)]
mod tests {
    use super::{Authority, FILE};

    #[test]
    fn nothing_is_made_before_it_is_asked_for_and_then_its_certificate_lies_in_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new(["hello.test".to_owned()]);
        authority.lies_in(folder.path());
        assert!(authority.lock().made.is_none() && !folder.path().join(FILE).exists());
        let one = authority.certificate().expect("a certificate");
        assert_eq!(authority.certificate().expect("a certificate"), one, "and it stays the same");
        let text = std::fs::read_to_string(folder.path().join(FILE)).expect("a file");
        assert!(text.starts_with("-----BEGIN CERTIFICATE-----") && !text.contains("KEY"), "{text}");
    }
}
