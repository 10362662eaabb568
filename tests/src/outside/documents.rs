//! What the gateway answers: its own examples, and what its documents say in words.

use super::payment;
use serde_json::Value;

macro_rules! golden {
    ($($name:literal),* $(,)?) => {
        [$(include_str!(concat!("../../../crates/gateway-client/tests/golden/", $name, ".json"))),*]
    };
}

/// The gateway's documented answers about one payment at the method host.
pub const PAYMENTS: [&str; 6] = golden!(
    "one-step-create.response",
    "two-step-create.response",
    "full-capture.response",
    "partial-capture-splits.response",
    "split-capture.response",
    "cancel.response",
);
/// Its documented answer to a payment by card.
pub const BY_CARD: [&str; 1] = golden!("one-click.response");
/// Its documented answer to added splits.
pub const SPLITS: [&str; 1] = golden!("add-splits.response");
/// Its documented answer to a refund.
pub const REFUNDED: [&str; 1] = golden!("split-refund.response");
/// What a card given up is answered with.
pub const FORGOTTEN: [&str; 1] =
    [r#"{"CardAuthentication":{"ID":7,"CreditCardToken":null,"Status":{"ID":3,"Info":"Cancelled","Reasons":[]}}}"#];
/// A list as it is answered, with the payment that is looked for.
pub const LISTED: [&str; 2] = [
    r#"{"Payments":[{"ID":5581804,"MerchantTransactionID":"s2ptest_split1"}],"PageIndex":1,"PageSize":10,"TotalPages":1,"Count":1,"TotalCount":1}"#,
    r#"{"Payments":[],"Count":0,"TotalCount":0}"#,
];
/// A payment's refunds as they are listed.
pub const REFUND_LIST: [&str; 2] = [
    r#"{"Refunds":[{"ID":5,"InitialPaymentID":5581804,"Amount":"15","Currency":"EUR","SplitID":737,"Status":{"ID":1,"Info":"Open","Reasons":null}}]}"#,
    r#"{"Refunds":[],"Count":0}"#,
];
/// Refusals as the gateway words them.
pub const REFUSALS: [&str; 6] = [
    r#"{"Payment":{"ID":null,"InvalidRequestID":"i9001","MerchantTransactionID":"s2ptest_split1","Amount":"100","Currency":"EUR","Status":{"ID":null,"Info":null,"Reasons":[{"Code":"17","Info":"Payment is invalid"}]}}}"#,
    r#"{"Payment":{"ID":null,"Status":{"ID":null,"Info":null,"Reasons":[{"Code":20,"Info":"MerchantTransactionID is duplicated"}]}}}"#,
    r#"{"Payment":{"ID":5581804,"Amount":"100","Currency":"EUR","Status":{"ID":4,"Info":"Failed","Reasons":[{"Code":"5","Info":"Refused"}]}}}"#,
    r#"{"Refund":{"ID":9,"Amount":60,"Currency":"EUR","Status":{"ID":4,"Info":"Failed","Reasons":[{"Code":"1801","Info":"Duplicate"}]}}}"#,
    r#"{"Message":"Authorization has been denied for this request."}"#,
    r#"{"Error":"page is wrong"}"#,
];

/// The documents are about several payments: here they are all about one.
pub fn about_ours(body: &str) -> String {
    let id = payment_named(body).map(|id| id.to_string());
    id.map_or_else(|| body.to_owned(), |id| body.replace(&id, &payment::ID.to_string()))
}

fn payment_named(body: &str) -> Option<u64> {
    let document: Value = serde_json::from_str(body).ok()?;
    let id = |pointer: &str| document.pointer(pointer)?.as_u64();
    id("/Payment/ID")
        .or_else(|| id("/Refund/InitialPaymentID"))
        .or_else(|| id("/Splits/0/PaymentID"))
}
