//! What everything below the router may know of the request it serves: its id, and whether it could move money.

use std::future::Future;

/// The header that carries the id of a request.
pub const REQUEST_ID: &str = "x-request-id";

/// What is known of a request before it is routed.
#[derive(Clone, Debug)]
pub struct Context {
    /// The id in `X-Request-Id`, logs and problems.
    pub request_id: String,
    /// Whether it asks for something that can move money.
    pub moves_money: bool,
}

tokio::task_local! {
    static CURRENT: Context;
}

/// Serves a request within its context.
pub async fn within<T>(context: Context, serve: impl Future<Output = T>) -> T {
    CURRENT.scope(context, serve).await
}

/// The id of the request that is being served; empty outside of one.
#[must_use]
pub fn request_id() -> String {
    CURRENT
        .try_with(|context| context.request_id.clone())
        .unwrap_or_default()
}

/// Whether the request that is being served could move money.
#[must_use]
pub fn moves_money() -> bool {
    CURRENT.try_with(|context| context.moves_money).unwrap_or_default()
}
