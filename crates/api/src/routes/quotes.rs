//! Dividing a cart without a payment.

use actix_web::{post, web};
use engine::views::QuoteView;

use super::reply::{self, Reply};
use crate::body::QuoteBody;
use crate::door::Door;
use crate::extract::{Caller, Json};

/// Divides a cart.
///
/// Nothing is written and nothing is sent. The `digest` can be pinned by a payment as `quote_digest`: if the same cart
/// would then be divided otherwise, the payment is refused with `quote_changed`.
#[utoipa::path(tag = "Quotes", request_body = QuoteBody,
    responses((status = 200, description = "Who would be owed what, and why", body = QuoteView)))]
#[post("/v1/quotes")]
pub(super) async fn create_quote(door: web::Data<Door>, _caller: Caller, body: Json<QuoteBody>) -> Reply {
    reply::ok(door.engine.quote(body.0.cart.into()).await?)
}
