//! Carries the core's notifications out, at most so many at a time.

use crate::{core::Delivery, shared::Shared};
use reqwest::{
    Client,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::JoinSet, time::sleep};

/// Deliveries under way at one time.
const CONCURRENT: usize = 32;
/// How long the receiver has to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The client that notifications are sent with: connections are kept, redirects are not followed, proxies are not asked.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    // A provider may have been installed before; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .pool_max_idle_per_host(CONCURRENT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}

/// Sends one notification and says which status came back.
pub(crate) async fn attempt(client: &Client, delivery: &Delivery) -> Result<u16, reqwest::Error> {
    let mut request = client
        .post(&delivery.url)
        .header(CONTENT_TYPE, "application/json; charset=utf-8");
    if let Some(authorization) = &delivery.authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let answer = request.body(delivery.body.to_vec()).send().await?;
    Ok(answer.status().as_u16())
}

/// Delivers what falls due until it is told to stop; what is then under way is abandoned.
pub(crate) async fn run(shared: Arc<Shared>, client: Client, mut stop: oneshot::Receiver<()>) {
    let mut under_way = JoinSet::new();
    loop {
        let free = CONCURRENT.saturating_sub(under_way.len());
        let (due, next) = shared.with(|core, now| (core.take_due(now, free), core.next_due()));
        for delivery in due {
            let client = client.clone();
            under_way.spawn(async move { (delivery.id, attempt(&client, &delivery).await) });
        }
        let full = under_way.len() >= CONCURRENT;
        let wait = next.map(|next| shared.clock.until(next));
        tokio::select! {
            _ = &mut stop => return,
            () = shared.bell.notified() => {}
            () = sleep(wait.unwrap_or_default()), if wait.is_some() && !full => {}
            Some(done) = under_way.join_next() => match done {
                Ok((id, result)) => {
                    let status = result.inspect_err(|error| log_failure(id, error)).ok();
                    shared.with(|core, now| core.delivered(now, id, status));
                }
                Err(error) => tracing::error!(%error, "a delivery broke off"),
            },
        }
    }
}

fn log_failure(id: u64, error: &reqwest::Error) {
    tracing::debug!(
        notification = id,
        timeout = error.is_timeout(),
        connect = error.is_connect(),
        "not delivered"
    );
}
