//! Who is owed.

use actix_web::{get, put, web};
use domain::ids::SellerId;
use engine::sellers::SellerView;
use engine::views::Page;

use super::filters::Paging;
use super::reply::{self, Reply};
use crate::body::SellerBody;
use crate::door::Door;
use crate::extract::{Caller, Json, Named, Parameters};

/// Registers a seller, or changes it.
///
/// Suspension stops sales; captures, refunds, balances and statements go on. What was sold keeps the site it was sold
/// with.
#[utoipa::path(tag = "Sellers", params(("seller" = String, Path, description = "Your name for the seller")),
    request_body = SellerBody,
    responses((status = 201, description = "Registered", body = SellerView),
              (status = 200, description = "Changed", body = SellerView)))]
#[put("/v1/sellers/{seller}")]
pub(super) async fn put_seller(
    door: web::Data<Door>,
    caller: Caller,
    name: Named<String>,
    body: Json<SellerBody>,
) -> Reply {
    let (view, created) = door.engine.put_seller(&caller.0, &name.0, body.0.into()).await?;
    reply::put(view, created)
}

/// One seller.
#[utoipa::path(tag = "Sellers", params(("seller" = String, Path, description = "Your name for the seller")),
    responses((status = 200, description = "The seller", body = SellerView)))]
#[get("/v1/sellers/{seller}")]
pub(super) async fn get_seller(door: web::Data<Door>, caller: Caller, name: Named<SellerId>) -> Reply {
    reply::ok(door.engine.seller(&caller.0, name.0).await?)
}

/// Sellers, by name.
#[utoipa::path(tag = "Sellers", params(Paging),
    responses((status = 200, description = "A page of sellers", body = Page<SellerView>)))]
#[get("/v1/sellers")]
pub(super) async fn list_sellers(door: web::Data<Door>, query: Parameters<Paging>) -> Reply {
    reply::ok(door.engine.sellers(query.0.cursor()?, query.0.limit.0).await?)
}
