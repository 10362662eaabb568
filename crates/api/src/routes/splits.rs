//! Owners that are named after the payment.

use actix_web::{post, web};
use domain::ids::PaymentId;
use engine::views::PaymentView;

use super::reply::{self, Reply};
use crate::body::SplitsBody;
use crate::door::Door;
use crate::extract::{Caller, Named, Submitted};

/// Adds splits to a payment that is captured or failed; they take its state.
///
/// What splits leave over stays unallocated, and cannot be refunded until a split names its owner. The gateway takes no
/// more splits once anything was refunded.
#[utoipa::path(tag = "Payments", request_body = SplitsBody,
    params(("payment" = String, Path, description = "pay_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 201, description = "The payment", body = PaymentView),
              (status = 202, description = "The gateway's answer is not known yet", body = PaymentView)))]
#[post("/v1/payments/{payment}/splits")]
pub(super) async fn add_splits(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<PaymentId>,
    request: Submitted<SplitsBody>,
) -> Reply {
    let wish = request.body.wish()?;
    let outcome = door
        .engine
        .add_splits(&caller.0, id.0, request.submission, wish)
        .await?;
    let location = format!("/v1/payments/{}", outcome.view.id);
    reply::outcome(&outcome, location)
}
