//! Kept cards.

use actix_web::{HttpResponse, delete, get, web};
use domain::ids::{CardId, CustomerId};
use engine::views::{CardView, Page};

use super::reply::{self, Reply};
use crate::door::Door;
use crate::extract::{Caller, Inside, Named};

/// A customer's kept cards, newest first. Their tokens never leave the vault.
#[utoipa::path(tag = "Cards", params(("customer" = String, Path, description = "Your name for the customer")),
    responses((status = 200, description = "The cards", body = Page<CardView>)))]
#[get("/v1/customers/{customer}/cards")]
pub(super) async fn list_cards(door: web::Data<Door>, caller: Caller, id: Named<CustomerId>) -> Reply {
    reply::ok(door.engine.cards(&caller.0, id.0).await?)
}

/// Forgets a card: nobody pays with it any more, and its token is cancelled at the gateway too.
#[utoipa::path(tag = "Cards",
    params(("customer" = String, Path, description = "Your name for the customer"),
           ("card" = String, Path, description = "card_…")),
    responses((status = 204, description = "It is forgotten")))]
#[delete("/v1/customers/{customer}/cards/{card}")]
pub(super) async fn delete_card(door: web::Data<Door>, caller: Caller, id: Inside<CustomerId, CardId>) -> Reply {
    door.engine.delete_card(&caller.0, &id.outer, id.inner).await?;
    Ok(HttpResponse::NoContent().finish())
}
