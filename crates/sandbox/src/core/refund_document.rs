//! Refunds as the gateway writes them.

use super::{
    document::style,
    payment::Payment,
    refund::Refund,
    stamp,
    written::{Amount, Null, StatusDocument},
};
use serde::Serialize;

/// The body `{"Refund": …}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RefundBody<'a> {
    refund: RefundDocument<'a>,
}

/// The body `{"Refunds": […]}`, newest first.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RefundsBody<'a> {
    refunds: Vec<RefundDocument<'a>>,
}

/// The body of the question after a refund's status alone.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RefundStatusBody<'a> {
    refund: RefundStatusDocument<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RefundDocument<'a> {
    #[serde(rename = "ID")]
    id: u64,
    created: String,
    #[serde(rename = "MerchantTransactionID")]
    reference: &'a str,
    #[serde(rename = "OriginatorTransactionID")]
    originator: Option<&'a str>,
    #[serde(rename = "InitialPaymentID")]
    payment: u64,
    amount: Amount,
    currency: &'a str,
    description: Option<&'a str>,
    #[serde(rename = "TypeID")]
    type_id: u8,
    #[serde(rename = "SiteID")]
    site: u64,
    details: Null,
    customer: Null,
    billing_address: Null,
    bank_address: Null,
    articles: Null,
    status: StatusDocument,
    /// 0: of no split.
    #[serde(rename = "SplitID", skip_serializing_if = "Option::is_none")]
    split: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RefundStatusDocument<'a> {
    #[serde(rename = "ID")]
    id: u64,
    #[serde(rename = "InitialPaymentID")]
    payment: u64,
    #[serde(rename = "MerchantTransactionID")]
    reference: &'a str,
    state_details: StatusDocument,
}

impl<'a> RefundBody<'a> {
    /// One refund of a payment.
    pub fn of(payment: &'a Payment, refund: u64) -> Option<Self> {
        let refund = payment.refunds.iter().find(|it| it.id == refund)?;
        Some(Self {
            refund: RefundDocument::new(payment, refund),
        })
    }

    /// The same without its split, as older notifications are.
    pub fn without_split(mut self) -> Self {
        self.refund.split = None;
        self
    }
}

impl<'a> RefundsBody<'a> {
    /// All refunds of a payment, those of its splits included.
    pub fn of(payment: &'a Payment) -> Self {
        let newest_first = payment.refunds.iter().rev();
        Self {
            refunds: newest_first
                .map(|refund| RefundDocument::new(payment, refund))
                .collect(),
        }
    }
}

impl<'a> RefundStatusBody<'a> {
    /// The status of one refund of a payment.
    pub fn of(payment: &'a Payment, refund: u64) -> Option<Self> {
        let refund = payment.refunds.iter().find(|it| it.id == refund)?;
        Some(Self {
            refund: RefundStatusDocument {
                id: refund.id,
                payment: payment.id,
                reference: &refund.reference,
                state_details: StatusDocument::new(refund.status, refund.reason, style(payment)),
            },
        })
    }
}

impl<'a> RefundDocument<'a> {
    fn new(payment: &'a Payment, refund: &'a Refund) -> Self {
        Self {
            id: refund.id,
            created: stamp::write(refund.created),
            reference: &refund.reference,
            originator: refund.originator.as_deref(),
            payment: payment.id,
            amount: Amount(refund.amount),
            currency: payment.currency(),
            description: refund.description.as_deref(),
            type_id: refund.type_id,
            site: refund.site,
            details: Null,
            customer: Null,
            billing_address: Null,
            bank_address: Null,
            articles: Null,
            status: StatusDocument::new(refund.status, refund.reason, style(payment)),
            split: Some(refund.split.unwrap_or_default()),
        }
    }
}
