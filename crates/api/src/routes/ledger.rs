//! What each party has, and why.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::ids::SellerId;
use domain::seller::Party;
use engine::ledger::{BalanceView, EntryQuery, EntryView};
use engine::views::Page;

use super::filters::EntryFilter;
use super::reply::{self, Reply};
use super::statement;
use crate::door::Door;
use crate::extract::{Caller, Named, Parameters};
use crate::problem::Problem;

/// What a seller has, by currency.
#[utoipa::path(tag = "Balances and entries", params(("seller" = String, Path, description = "Your name for the seller")),
    responses((status = 200, description = "Its balances", body = BalanceView)))]
#[get("/v1/sellers/{seller}/balance")]
pub(super) async fn get_balance(door: web::Data<Door>, caller: Caller, name: Named<SellerId>) -> Reply {
    reply::ok(door.engine.balance(&caller.0, name.0).await?)
}

/// A seller's entries, newest first, each with its cause and the balance after it.
///
/// With `Accept: text/csv` the whole statement is streamed; cells that spreadsheets would run as formulas are escaped.
#[utoipa::path(tag = "Balances and entries",
    params(("seller" = String, Path, description = "Your name for the seller"), EntryFilter),
    responses((status = 200, description = "A page of entries", content((Page<EntryView> = "application/json"), (String = "text/csv")))))]
#[get("/v1/sellers/{seller}/entries")]
pub(super) async fn list_entries(
    door: web::Data<Door>,
    caller: Caller,
    name: Named<SellerId>,
    query: Parameters<EntryFilter>,
    request: HttpRequest,
) -> Reply {
    entries(&door, &caller, Party::Seller(name.0), query.0, &request).await
}

/// What the marketplace has, by currency: commission and fees, less the discounts it funds.
#[utoipa::path(tag = "Balances and entries",
    responses((status = 200, description = "Its balances", body = BalanceView)))]
#[get("/v1/marketplace/balance")]
pub(super) async fn get_marketplace_balance(door: web::Data<Door>, _caller: Caller) -> Reply {
    reply::ok(door.engine.marketplace_balance().await?)
}

/// The marketplace's entries, as a seller's.
#[utoipa::path(tag = "Balances and entries", params(EntryFilter),
    responses((status = 200, description = "A page of entries", content((Page<EntryView> = "application/json"), (String = "text/csv")))))]
#[get("/v1/marketplace/entries")]
pub(super) async fn list_marketplace_entries(
    door: web::Data<Door>,
    caller: Caller,
    query: Parameters<EntryFilter>,
    request: HttpRequest,
) -> Reply {
    entries(&door, &caller, Party::Marketplace, query.0, &request).await
}

async fn entries(door: &Door, caller: &Caller, party: Party, filter: EntryFilter, request: &HttpRequest) -> Reply {
    let query = EntryQuery::from(filter);
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    if !accept
        .split(',')
        .any(|one| one.trim().to_ascii_lowercase().starts_with("text/csv"))
    {
        return reply::ok(
            door.engine
                .entries(&caller.0, party, query)
                .await
                .map_err(Problem::of_query)?,
        );
    }
    let name = format!("attachment; filename=\"statement-{party}.csv\"");
    let rows = statement::rows(door.engine.statement(&caller.0, party, query)).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"));
    response.insert_header((header::CONTENT_DISPOSITION, name));
    Ok(response.streaming(rows))
}
