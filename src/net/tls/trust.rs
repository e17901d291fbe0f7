//! Whom a client believes when it is shown a certificate.
//!
//! Nothing is loaded before a certificate has come: the system's list of authorities takes longer to read than netlab to
//! start, and the lab makes its own authority only when the first client calls.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::provider;

/// The most certificates that are taken from one file.
const ROOTS: usize = 1024;

/// Finds certificates of authorities when they are needed.
pub type Authorities = Arc<dyn Fn() -> Vec<CertificateDer<'static>> + Send + Sync>;

/// Whom a client believes.
#[derive(Clone)]
pub enum Trust {
    /// Those this system trusts.
    System,
    /// These authorities and no others.
    Only(Authorities),
    /// Anybody at all. What is said is still kept from others, but nobody knows who it is said to.
    Anybody,
}

/// The certificates in a file in PEM.
///
/// # Errors
/// When there is none in it, and why, as a sentence part.
pub fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).take(ROOTS).collect();
    match found {
        Ok(found) if found.is_empty() => Err("it holds no certificate in PEM".to_owned()),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("it does not read as PEM: {error}")),
    }
}

/// How a client of these beliefs begins. It offers `protocols` for what is said inside (ALPN, RFC 7301).
///
/// # Errors
/// When the ciphers do not fit each other, which they do.
pub fn client(trust: Trust, protocols: &[&str]) -> Result<Arc<ClientConfig>, Error> {
    let provider = provider();
    let verifier = Arc::new(Judge { trust, provider: provider.clone() });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    // Each connection shows a whole handshake.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// Judges a certificate when it has come.
struct Judge {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for Judge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Judge")
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier: Arc<dyn ServerCertVerifier> = match &self.trust {
            Trust::System => Arc::new(Verifier::new(self.provider.clone())?),
            Trust::Only(authorities) => {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(authorities());
                let builder =
                    WebPkiServerVerifier::builder_with_provider(roots.into(), self.provider.clone());
                // Where nobody is trusted, nobody trusted has signed.
                builder.build().map_err(|_| Error::from(CertificateError::UnknownIssuer))?
            }
            Trust::Anybody => return Ok(ServerCertVerified::assertion()),
        };
        verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
