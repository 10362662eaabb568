//! What must never be read in a log, however much is logged.

use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::sight::Host;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::cards::secret;
use crate::deeds::TOKEN;
use crate::support::{Act, Gateway, KEY, call, create, payment, soon};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn logs_and_debug_output_hold_no_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let shown = include_str!("../golden/one-step-create.response.json");
    let gateway = Gateway::answering(201, shown).await;
    let client = gateway.client();
    create(&client, Host::Pay).await.expect("a payment");
    let refused = Gateway::answering(400, "youremail@email.com PaymentToken=17CBE5EE").await;
    let error = create(&refused.client(), Host::Pay).await.expect_err("no payment");

    let cards = Gateway::answering(201, include_str!("../golden/one-click.response.json")).await;
    let (payment, operation) = payment("EUR", 1);
    let (card, at) = (Some(&secret()), soon());
    let paid = cards.client().create(Host::Cards, &payment, &operation, card, at).await;
    let given_up = cards.client().forget_card(&TOKEN.into(), call()).await;
    let silent = Gateway::playing(vec![Act::Reset]).await;
    let unanswered = silent.client().forget_card(&TOKEN.into(), call()).await;

    let logged = String::from_utf8_lossy(&log.0.lock().expect("not poisoned")).into_owned();
    assert!(
        logged.contains("gateway call") && logged.contains("/v1/payments"),
        "{logged}"
    );
    assert!(logged.contains("/v1/card/token/{token}/cancel"), "{logged}");
    let told = format!("{logged}{client:?}{error:?}{error}{paid:?}{given_up:?}{unanswered:?}");
    let encoded = STANDARD.encode(format!("30201:{KEY}"));
    for secret in [
        KEY,
        &encoded,
        TOKEN,
        "youremail",
        "PaymentToken",
        "17CBE5EE",
        "s2p_test1ad",
        "John",
        "Ends with",
    ] {
        assert!(!told.contains(secret), "{secret} is in\n{told}");
    }
}
