//! A payment as the gateway writes it, field by field as its documents show.

use super::{
    bank_details::BankDetails,
    card_document::CardDocument,
    methods,
    payment::{Payment, Split},
    stamp,
    status::Status,
    written::{Amount, Null, Reasons, SplitCaptured, StatusDocument},
};
use serde::Serialize;
use serde_json::value::RawValue;

/// At which moment the payment is shown: the documents' examples differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// In the answer to its creation: the customer is said back, nothing was notified yet.
    Created,
    /// In a notification: no customer, `NotificationDateTime` null.
    Notification,
    /// In every later answer: `Description` null if none was sent, `NotificationDateTime` once acknowledged.
    Later,
    /// In a list: a limited amount of details.
    Listed,
}

/// One split that is shown wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Distortion {
    /// Which split, counted from 0; the last one if there are fewer.
    pub split: usize,
    /// What is shown as its amount; the truth if `None`, or one more if nothing else is wrong.
    pub amount: Option<u64>,
    /// What is shown as its captured amount; the truth if `None`.
    pub captured: Option<u64>,
}

/// How a payment is shown: the truth, unless a field says otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Face<'a> {
    pub moment: Moment,
    pub public_url: &'a str,
    pub omit_splits: bool,
    pub omit_token: bool,
    /// The answer to the capture of one split shows that split alone, under its reference.
    pub only_split: Option<u64>,
    pub distortion: Option<Distortion>,
    pub status: Option<Status>,
    pub reference: Option<&'a str>,
}

/// The body `{"Payment": …}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PaymentBody<'a> {
    pub payment: Document<'a>,
}

/// The body `{"Splits": […]}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SplitsBody<'a> {
    splits: Vec<SplitDocument<'a>>,
}

/// The payment object: the two hosts have a shape each under one key.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Document<'a> {
    Pay(PaymentDocument<'a>),
    Card(CardDocument<'a>),
}

impl<'a> Document<'a> {
    /// Writes a payment down as `face` wants it shown.
    pub fn new(payment: &'a Payment, face: &Face<'a>) -> Self {
        match &payment.card {
            Some(card) => Self::Card(CardDocument::new(payment, card, face)),
            None => Self::Pay(PaymentDocument::new(payment, face)),
        }
    }
}

impl<'a> SplitsBody<'a> {
    /// Writes down the payment's splits from the `first` on: those that were added.
    pub fn new(payment: &'a Payment, first: usize, face: &Face<'a>) -> Self {
        let added: Vec<&Split> = payment.splits.iter().skip(first).collect();
        Self {
            splits: written(payment, &added, face),
        }
    }
}

/// The payment object of the first host.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PaymentDocument<'a> {
    #[serde(rename = "ID")]
    id: u64,
    #[serde(rename = "SkinID")]
    skin: Null,
    #[serde(rename = "ClientIP")]
    client_ip: Null,
    created: String,
    #[serde(rename = "MerchantTransactionID")]
    reference: &'a str,
    #[serde(rename = "OriginatorTransactionID")]
    originator: Option<&'a str>,
    amount: Amount,
    currency: &'a str,
    captured_amount: Option<Amount>,
    #[serde(rename = "ReturnURL")]
    return_url: &'a str,
    description: Option<&'a str>,
    #[serde(rename = "MethodID")]
    method: Option<u32>,
    #[serde(rename = "MethodOptionID")]
    method_option: Option<u32>,
    #[serde(rename = "IncludeMethodIDs")]
    include_methods: Null,
    #[serde(rename = "ExcludeMethodIDs")]
    exclude_methods: Null,
    #[serde(rename = "PrioritizeMethodIDs")]
    prioritize_methods: Null,
    #[serde(rename = "SiteID")]
    site: u64,
    notification_date_time: Option<String>,
    customer: Option<&'a RawValue>,
    billing_address: Option<&'a RawValue>,
    shipping_address: Option<&'a RawValue>,
    articles: Option<&'a RawValue>,
    details: Option<BankDetails>,
    reference_details: Null,
    custom_parameters: Null,
    #[serde(rename = "PreapprovalID")]
    preapproval: Null,
    status: StatusDocument,
    #[serde(skip_serializing_if = "Option::is_none")]
    fraud: Option<Null>,
    #[serde(rename = "MethodTransactionID")]
    method_reference: Null,
    token_lifetime: Option<u32>,
    capture: Option<bool>,
    preapproval_details: Null,
    #[serde(rename = "RedirectURL")]
    redirect_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    splits: Option<Option<Vec<SplitDocument<'a>>>>,
}

/// A split inside a payment.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SplitDocument<'a> {
    #[serde(rename = "ID")]
    id: u64,
    #[serde(rename = "PaymentID")]
    payment: u64,
    #[serde(rename = "SiteID")]
    site: u64,
    #[serde(rename = "MerchantTransactionID")]
    reference: Option<&'a str>,
    #[serde(rename = "OriginatorTransactionID")]
    originator: Option<&'a str>,
    created: String,
    amount: Amount,
    currency: &'a str,
    captured_amount: SplitCaptured,
    state_details: StatusDocument,
}

impl<'a> PaymentDocument<'a> {
    fn new(payment: &'a Payment, face: &Face<'a>) -> Self {
        let listed = face.moment == Moment::Listed;
        let created = face.moment == Moment::Created;
        let status = face.status.unwrap_or(payment.status);
        let said_back = created || (!listed && methods::keeps_customer(payment.method));
        let empty = matches!(face.moment, Moment::Created | Moment::Notification).then_some("");
        let later = matches!(face.moment, Moment::Later | Moment::Listed);
        let paid = matches!(status, Status::SUCCESS | Status::AUTHORIZED);
        let only = face.only_split.and_then(|id| payment.split(id));
        let originator = only.map(|split| split.originator.as_ref().map(|text| text.as_str()));
        // The answer to a cancel has neither.
        let is_over = later && status == Status::CANCELLED;
        Self {
            id: payment.id,
            skin: Null,
            client_ip: Null,
            created: stamp::write(payment.created),
            reference: face.reference.unwrap_or(&payment.reference),
            originator: originator.unwrap_or(payment.originator.as_deref()),
            amount: Amount(payment.amount),
            currency: payment.currency(),
            captured_amount: payment.captured.map(Amount),
            return_url: &payment.return_url,
            description: payment.description.as_deref().or(empty),
            method: payment.method,
            method_option: payment.method_option,
            include_methods: Null,
            exclude_methods: Null,
            prioritize_methods: Null,
            site: payment.site,
            notification_date_time: payment.notified.filter(|_| later).map(stamp::write),
            customer: payment.echo.customer.as_deref().filter(|_| said_back),
            billing_address: payment.echo.billing_address.as_deref().filter(|_| said_back),
            shipping_address: payment.echo.shipping_address.as_deref().filter(|_| said_back),
            articles: payment.echo.articles.as_deref().filter(|_| said_back),
            details: (paid && !listed && payment.method == Some(SOFORT)).then(BankDetails::default),
            reference_details: Null,
            custom_parameters: Null,
            preapproval: Null,
            status: StatusDocument::new(status, payment.reason, style(payment)),
            fraud: (!listed).then_some(Null),
            method_reference: Null,
            token_lifetime: (!listed && !is_over).then_some(payment.token_lifetime_minutes),
            capture: payment.capture,
            preapproval_details: Null,
            redirect_url: (!listed && !is_over)
                .then(|| format!("{}/Home?PaymentToken={}", face.public_url, payment.payment_token())),
            splits: (!listed).then(|| splits(payment, face)),
        }
    }
}

/// The splits as `face` wants them shown.
pub(crate) fn splits<'a>(payment: &'a Payment, face: &Face<'a>) -> Option<Vec<SplitDocument<'a>>> {
    if face.omit_splits || payment.splits.is_empty() {
        return None;
    }
    let shown = |split: &&Split| face.only_split.is_none_or(|only| split.id == only);
    let shown: Vec<&Split> = payment.splits.iter().filter(shown).collect();
    Some(written(payment, &shown, face))
}

fn written<'a>(payment: &'a Payment, shown: &[&'a Split], face: &Face<'a>) -> Vec<SplitDocument<'a>> {
    let last = shown.len().saturating_sub(1);
    let documents = shown.iter().enumerate().map(|(position, split)| {
        let wrong = face.distortion.filter(|wrong| wrong.split.min(last) == position);
        SplitDocument::new(payment, split, wrong, face.status.unwrap_or(split.status))
    });
    documents.collect()
}

impl<'a> SplitDocument<'a> {
    fn new(payment: &'a Payment, split: &'a Split, wrong: Option<Distortion>, status: Status) -> Self {
        let (amount, captured) = match wrong {
            None => (split.amount, split.captured),
            Some(Distortion {
                amount: None,
                captured: Some(captured),
                ..
            }) => (split.amount, Some(captured)),
            Some(Distortion { amount, captured, .. }) => {
                let larger = split.amount.saturating_add(1);
                (amount.unwrap_or(larger), captured.or(split.captured))
            }
        };
        Self {
            id: split.id,
            payment: payment.id,
            site: split.site,
            reference: split.reference.as_ref().map(|text| text.as_str()),
            originator: split.originator.as_ref().map(|text| text.as_str()),
            created: stamp::write(split.created),
            amount: Amount(amount),
            currency: payment.currency(),
            captured_amount: SplitCaptured(captured),
            state_details: StatusDocument::new(status, None, style(payment)),
        }
    }
}

/// How the statuses of a payment are written.
pub(crate) fn style(payment: &Payment) -> Reasons {
    if payment.card.is_some() {
        Reasons::OfCards
    } else if methods::keeps_customer(payment.method) {
        Reasons::Empty
    } else {
        Reasons::Null
    }
}

/// Sofort: the method whose success the documents show with the payer's bank details.
const SOFORT: u32 = 9;
