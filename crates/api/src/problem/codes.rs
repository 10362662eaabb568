//! Every code a problem can have, with its meaning. A code is never reused for something else.

use std::collections::BTreeSet;

use domain::{allocation, amounts, cart, fee_plan, metadata, seller};

/// Codes of the door itself, and of use cases.
const OWN: &[(&str, &str)] = &[
    (
        "not_found",
        "There is no such path or thing, or this key may not see it.",
    ),
    ("method_not_allowed", "The path exists and does not answer this method."),
    ("body_too_large", "The body is larger than server.max_body_kib."),
    (
        "media_type_unsupported",
        "The body's Content-Type is not application/json.",
    ),
    (
        "json_malformed",
        "The body is not JSON; the detail has the line and column.",
    ),
    ("body_interrupted", "The body did not arrive in full."),
    (
        "unknown_field",
        "The body has a field that is not documented here: perhaps a typo.",
    ),
    (
        "unknown_parameter",
        "The query has a parameter that is not documented here: perhaps a typo.",
    ),
    (
        "parameter_invalid",
        "A parameter of the query does not have a value that can be read.",
    ),
    ("header_invalid", "A header does not have a value that can be read."),
    ("field_missing", "The body lacks a field that is needed."),
    ("field_duplicate", "The body has a field twice."),
    (
        "field_type",
        "A field has a value of another type: amounts are integers, never floats or texts.",
    ),
    ("field_invalid", "A field has a value that it cannot have."),
    ("request_invalid", "The request cannot be done as it stands."),
    (
        "card_number_refused",
        "The body has a full card number in it. Card data never passes through here.",
    ),
    (
        "idempotency_key_missing",
        "A request that can move money has no Idempotency-Key header.",
    ),
    (
        "idempotency_key_invalid",
        "The Idempotency-Key is not 1 to 255 printable ASCII characters.",
    ),
    (
        "idempotency_key_reused",
        "The Idempotency-Key was used for a request with another body or path.",
    ),
    (
        "credentials_missing",
        "There is no Authorization header with a Bearer key.",
    ),
    ("credentials_invalid", "The key is not known, or was revoked."),
    (
        "test_key_refused",
        "This is a production installation: keys that begin with ap_test_ do not open it.",
    ),
    ("role_forbidden", "The key's role may not call this."),
    ("internal", "A mistake of ours."),
    ("contended", "The payment is being changed by others at this moment."),
    ("database_unavailable", "The database does not answer."),
    ("gateway_unavailable", "The gateway could not be reached."),
    (
        "payment_refused",
        "The gateway refused the payment. It exists, as failed; nothing was charged.",
    ),
    (
        "operation_refused",
        "The gateway refused the capture, cancel, splits or refund; nothing moved.",
    ),
    (
        "not_authorized",
        "The payment is not authorized: there is nothing to capture.",
    ),
    (
        "already_captured",
        "The payment was captured, and the gateway takes one capture for a payment.",
    ),
    (
        "would_strand_authorization",
        "A capture of less than everything leaves the rest to be neither captured nor cancelled.",
    ),
    (
        "cancel_after_capture",
        "Money was taken, or is being taken: it can be refunded, not cancelled.",
    ),
    ("payment_over", "The payment has ended without money."),
    (
        "splits_too_early",
        "Splits are added once a payment is captured or failed.",
    ),
    (
        "splits_closed_by_refund",
        "A refund exists or is under way, and the gateway takes no more splits then.",
    ),
    (
        "split_exceeds_payment",
        "More is to be given to splits than is left of the payment.",
    ),
    (
        "splits_missing",
        "No split is named, and the payment has no cart of its own to divide.",
    ),
    ("amount_zero", "An amount that must be more than 0 is 0."),
    ("currency_differs", "The cart is not in the payment's currency."),
    (
        "refund_needs_splits",
        "The payment has no splits yet, and a refund would close the door for them.",
    ),
    (
        "payment_disputed",
        "The buyer's bank decides about the money: a refund could give it back twice.",
    ),
    (
        "discrepancy_closed",
        "The difference is closed; nothing is left to resolve.",
    ),
    (
        "amounts_differ",
        "The gateway was asked and still shows other amounts, so that a note does not settle it.",
    ),
    (
        "cannot_accept",
        "The gateway was asked, and what it shows cannot be posted: not every cent of it has an owner here.",
    ),
    (
        "operation_not_lost",
        "Only an added split or a refund whose answer was lost is sent again or given up by hand.",
    ),
    (
        "absence_not_proved",
        "The gateway was asked, and it is not proved that the operation never arrived; the detail says what is missing.",
    ),
    (
        "period_invalid",
        "A period ends behind its beginning, and has at most 31 days.",
    ),
    ("nothing_failed", "The refund has no failed part to retry or abandon."),
    (
        "refund_changed",
        "A refund that was never sent would be divided otherwise today.",
    ),
    (
        "settlement_known",
        "A settlement of the seller with this reference is in the books.",
    ),
    (
        "order_has_live_payment",
        "The order has a payment that is not failed, cancelled, expired or fully refunded.",
    ),
    (
        "operation_in_progress",
        "Another operation on the payment excludes this one until it has ended.",
    ),
    ("payment_held", "A discrepancy holds the payment until it is resolved."),
    ("method_cannot", "The payment method cannot do this."),
    (
        "site_taken",
        "The site is another party's: a seller has one site, a site has one seller, the commission site has none.",
    ),
    (
        "quote_changed",
        "The same cart would now be divided otherwise than the pinned quote says.",
    ),
    ("installation_differs", "The database belongs to another installation."),
    (
        "notification_unreadable",
        "The body is no notification: not JSON, too long, or of no known kind.",
    ),
    ("gateway_settings", "The gateway's settings cannot be."),
];

/// The lists that other rooms keep for what they refuse.
const OTHERS: &[&[(&str, &str)]] = &[
    engine::checkout::CODES,
    engine::keys::CODES,
    engine::operations::CODES,
    engine::sellers::CODES,
    amounts::CODES,
    cart::CODES,
    allocation::CODES,
    fee_plan::CODES,
    seller::CODES,
    domain::refund::CODES,
    domain::capture_plan::CODES,
    metadata::CODES,
];

/// Every code with its meaning, each once.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    OWN.iter().chain(OTHERS.iter().copied().flatten()).copied()
}

/// What a code means, if it is one.
#[must_use]
pub fn meaning(code: &str) -> Option<&'static str> {
    all().find(|(known, _)| *known == code).map(|(_, meaning)| meaning)
}

/// A code as a sentence's beginning: `Order has live payment`.
#[must_use]
pub fn title(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The table of codes, for the documentation.
#[must_use]
pub fn table() -> String {
    // A code that two rooms use is explained by the first.
    let names: BTreeSet<&str> = all().map(|(code, _)| code).collect();
    let rows = names
        .into_iter()
        .filter_map(|code| Some(format!("| `{code}` | {} |\n", meaning(code)?)));
    format!("| code | meaning |\n| --- | --- |\n{}", rows.collect::<String>())
}
