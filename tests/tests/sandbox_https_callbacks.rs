//! The sandbox sends callbacks to a shop that uses https with its own certificate, and reports why a callback fails.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use tests::fixtures::merchant::*;
use tests::order;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use toss_sandbox::{Approval, Sandbox, Settings};
use toss_sdk::pay::*;

const AUTHORITY: &[u8] = include_bytes!("../fixtures/tls/authority.pem");
const SHOP: &[u8] = include_bytes!("../fixtures/tls/shop.pem");
const OTHER_NAME: &[u8] = include_bytes!("../fixtures/tls/other_name.pem");
const SELF_SIGNED: &[u8] = include_bytes!("../fixtures/tls/self_signed.pem");
const SELF_SIGNED_AUTHORITY: &[u8] = include_bytes!("../fixtures/tls/self_signed_authority.pem");
const KEY_OF_SHOP: &[u8] = include_bytes!("../fixtures/tls/shop.key");

/// Starts a shop whose certificate is signed by a private authority. Returns its port and its received messages.
fn shop() -> (u16, Receiver<String>) {
    shop_with(SHOP)
}

fn shop_with(certificate: &[u8]) -> (u16, Receiver<String>) {
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY_OF_SHOP).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let server = server.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let server = server.with_single_cert(vec![certificate], key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(server));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, received) = channel();
    std::thread::spawn(move || {
        tests::service::block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                // The handshake fails if the sandbox does not trust the certificate.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut bytes = Vec::new();
                while !bytes.ends_with(b"}") {
                    let mut piece = [0; 4_096];
                    match stream.read(&mut piece).await {
                        Ok(count) if count > 0 => bytes.extend_from_slice(&piece[..count]),
                        _ => break,
                    }
                }
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
                if sender.send(String::from_utf8_lossy(&bytes).into_owned()).is_err() {
                    return;
                }
            }
        });
    });
    (port, received)
}

fn result(settings: Settings, url: &str) -> String {
    let sandbox = Sandbox::with(settings).unwrap();
    let request = order!("o-1", 1_000; .result_callback(url).callback_version(CallbackVersion::V2));
    let token = created(&sandbox, &request);
    sandbox.approve(&token, &Approval::toss_money()).unwrap();
    execute(&sandbox, &token).unwrap();
    wait_until("the callback was sent", || sandbox.callbacks().iter().any(|own| !own.attempts.is_empty()));
    sandbox.callbacks().remove(0).attempts.remove(0).result
}

#[test]
fn a_certificate_for_another_name_is_distinguished_from_an_untrusted_one() {
    let (port, _received) = shop_with(OTHER_NAME);
    let settings = Settings { callback_certificates: OTHER_NAME.to_vec(), ..Settings::default() };
    let said = result(settings, &format!("https://localhost:{port}/callback"));
    assert!(said.contains("certificate is not accepted") && said.contains("subjectAltName=DNS:localhost"), "{said}");
    assert!(!said.contains("--callback-certificate"), "an option that does not help is suggested: {said}");
}

#[test]
fn an_untrusted_certificate_is_reported_with_the_option_that_trusts_it() {
    let (port, _received) = shop();
    let said = result(Settings::default(), &format!("https://localhost:{port}/callback?secret=abc"));
    assert!(said.contains("certificate is not accepted") && said.contains("UnknownIssuer"), "{said}");
    assert!(said.contains("--callback-certificate"), "{said}");
    assert!(!said.contains("abc"), "{said}");
}

#[test]
fn a_private_certificate_is_trusted_if_its_authority_is_configured() {
    let (port, received) = shop();
    for host in ["localhost", "127.0.0.1"] {
        let settings = Settings { callback_certificates: AUTHORITY.to_vec(), ..Settings::default() };
        assert_eq!(result(settings, &format!("https://{host}:{port}/callback")), "HTTP 200", "{host}");
        assert!(received.recv_timeout(SOON).unwrap().contains("PAY_COMPLETE"));
    }
}

#[test]
fn a_configured_self_signed_certificate_is_trusted_unless_it_is_an_authority() {
    let (port, received) = shop_with(SELF_SIGNED);
    let settings = Settings { callback_certificates: SELF_SIGNED.to_vec(), ..Settings::default() };
    assert_eq!(result(settings, &format!("https://localhost:{port}/callback")), "HTTP 200");
    assert!(received.recv_timeout(SOON).unwrap().contains("PAY_COMPLETE"));
    let (port, _received) = shop_with(SELF_SIGNED_AUTHORITY);
    let settings = Settings { callback_certificates: SELF_SIGNED_AUTHORITY.to_vec(), ..Settings::default() };
    let said = result(settings, &format!("https://localhost:{port}/callback"));
    assert!(said.contains("CaUsedAsEndEntity") && said.contains("basicConstraints=critical,CA:FALSE"), "{said}");
}

#[test]
fn any_certificate_is_accepted_with_an_explicit_setting() {
    let (port, received) = shop();
    let settings = Settings { danger_accept_any_callback_certificate: true, ..Settings::default() };
    assert_eq!(result(settings, &format!("https://localhost:{port}/callback")), "HTTP 200");
    assert!(received.recv_timeout(SOON).unwrap().contains("POST /callback"));
}

#[test]
fn each_failure_of_a_callback_is_reported_with_its_cause() {
    let closed = tests::service::closed_port();
    assert_eq!(result(Settings::default(), &closed), "no server listens there (connection refused)");
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", plain.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in plain.incoming().flatten() {
            let _ = std::io::Read::read(&mut stream, &mut [0; 4_096]);
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 x\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let said = result(Settings::default(), &url);
    assert_eq!(said, "the server does not use TLS; use a URL with http://");
    let anywhere = Settings { callbacks_anywhere: true, ..Settings::default() };
    let said = result(anywhere, "http://no-such-host.invalid/callback");
    assert!(said.starts_with("no connection: ") && said.contains("lookup"), "{said}");
}

#[test]
fn a_file_without_a_certificate_is_rejected_when_the_sandbox_starts() {
    let settings = Settings { callback_certificates: b"no certificate".to_vec(), ..Settings::default() };
    let error = Sandbox::with(settings).unwrap_err().to_string();
    assert!(error.contains("BEGIN CERTIFICATE"), "{error}");
}

#[test]
fn a_client_verifies_certificates_although_the_given_http_client_does_not() {
    let (port, received) = shop_with(SELF_SIGNED);
    let builder = reqwest::Client::builder().connection_verbose(true).tls_danger_accept_invalid_certs(true);
    let toss = Client::builder(KEY).base_url(format!("https://127.0.0.1:{port}")).http_client(builder).build().unwrap();
    let request = PaymentStatus::builder().payment(OrderNo::new("o-1")).build().unwrap();
    let error = tests::service::block_on(toss.payment_status(&request)).unwrap_err();
    assert_eq!(error.outcome(), toss_sdk::runtime::Outcome::NotSent, "{error}");
    assert!(received.try_recv().is_err(), "the client sent the key");
}
