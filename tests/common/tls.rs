//! Servers that speak TLS, with certificates of an authority made for the test.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::peer;

/// What a test says over TLS.
pub type Stream = StreamOwned<ServerConnection, TcpStream>;

/// An authority, its certificate in a file.
pub struct Ca {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Ca {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    /// The file with its certificate.
    pub fn file(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Files with a certificate and a key, for a server that is another program.
    pub fn files(&self, names: &[&str]) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let certificate = named(names).signed_by(&key, &self.issuer).unwrap();
        let (cert, private) = (self.folder.path().join("cert.pem"), self.folder.path().join("key.pem"));
        std::fs::write(&cert, certificate.pem()).unwrap();
        std::fs::write(&private, key.serialize_pem()).unwrap();
        (cert, private)
    }

    /// A server that shows this certificate, and then talks.
    pub fn server(
        &self,
        params: &CertificateParams,
        talk: impl Fn(&mut Stream) + Send + Sync + 'static,
    ) -> SocketAddr {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        let config = Arc::new(config);
        peer::server(move |stream| {
            let session = ServerConnection::new(config.clone()).unwrap();
            talk(&mut StreamOwned::new(session, stream));
        })
    }
}

/// A certificate for these names.
pub fn named(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    CertificateParams::new(names).unwrap()
}

/// Reads a head, answers with these bytes, and ends TLS and then TCP as it should.
pub fn answers(stream: &mut Stream, bytes: &[u8]) {
    if head(stream) {
        let _ = stream.write_all(bytes);
        stream.conn.send_close_notify();
        let _ = stream.flush();
        // What the client still says is read, or its kernel would be told that nobody wanted it.
        let _ = stream.read(&mut [0; 64]);
    }
}

/// Reads up to the blank line. False when the client does not get that far.
pub fn head(stream: &mut Stream) -> bool {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    true
}
