//! The routes: each reads its request, asks the engine, and answers.

mod api_keys;
mod captures;
mod cards;
mod docs;
mod fee_plans;
mod filters;
mod gateway;
mod health;
mod ledger;
mod operations;
mod payments;
mod quotes;
mod reconciliations;
mod refunds;
mod reply;
mod resolutions;
mod sellers;
mod settlements;
mod splits;
mod statement;

use utoipa_actix_web::service_config::ServiceConfig;

pub use docs::document;
pub(crate) use filters::payments_asked_for;
pub use health::health;

/// Adds every documented route.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        // What is called most comes first: every route before it is tried, those with a name in their path by an expression.
        .service(payments::create_payment)
        .service(payments::list_payments)
        .service(gateway::take_notification)
        .service(payments::get_payment)
        .service(sellers::put_seller)
        .service(sellers::get_seller)
        .service(sellers::list_sellers)
        .service(ledger::get_balance)
        .service(ledger::list_entries)
        .service(ledger::get_marketplace_balance)
        .service(ledger::list_marketplace_entries)
        .service(fee_plans::put_fee_plan)
        .service(fee_plans::get_fee_plan)
        .service(fee_plans::get_fee_plan_version)
        .service(quotes::create_quote)
        .service(payments::get_timeline)
        .service(splits::add_splits)
        .service(captures::preview_capture)
        .service(captures::capture_payment)
        .service(captures::capture_split)
        .service(captures::ready)
        .service(captures::cancel_payment)
        .service(refunds::preview_refund)
        .service(refunds::create_refund)
        .service(refunds::list_refunds)
        .service(refunds::get_refund)
        .service(refunds::retry_refund)
        .service(refunds::abandon_refund)
        .service(cards::list_cards)
        .service(cards::delete_card)
        .service(settlements::create_settlement)
        .service(operations::list_operations)
        .service(operations::inquire_operation)
        .service(resolutions::resend_operation)
        .service(resolutions::give_operation_up)
        .service(operations::list_discrepancies)
        .service(resolutions::resolve_discrepancy)
        .service(reconciliations::reconcile)
        .service(api_keys::create_key)
        .service(api_keys::list_keys)
        .service(api_keys::revoke_key)
        .service(health::livez)
        .service(health::readyz)
        .service(docs::get_openapi);
}

/// Adds the documentation's pages, which are not part of what they document.
pub fn pages(config: &mut actix_web::web::ServiceConfig) {
    docs::pages(config);
}
