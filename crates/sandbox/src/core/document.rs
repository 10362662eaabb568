//! A payment as the gateway writes it, field by field as its documents show.

use super::{
    methods,
    payment::{Payment, Split},
    stamp,
    status::Status,
};
use serde::{Serialize, Serializer};
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

/// One split whose amount is shown wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Distortion {
    /// Which split, counted from 0; the last one if there are fewer.
    pub split: usize,
    /// What is shown; one more than the truth if `None`.
    pub amount: Option<u64>,
}

/// How a payment is shown: the truth, unless a field says otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Face<'a> {
    pub moment: Moment,
    pub public_url: &'a str,
    pub omit_splits: bool,
    pub distortion: Option<Distortion>,
    pub status: Option<Status>,
    pub reference: Option<&'a str>,
}

/// The body `{"Payment": …}`.
#[derive(Serialize)]
pub(crate) struct PaymentBody<'a> {
    #[serde(rename = "Payment")]
    pub payment: PaymentDocument<'a>,
}

/// The payment object.
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

/// `{ID, Info, Reasons}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StatusDocument {
    #[serde(rename = "ID")]
    id: u8,
    info: &'static str,
    /// Null with most methods, an empty list with some.
    reasons: Option<[Null; 0]>,
}

impl<'a> PaymentDocument<'a> {
    /// Writes a payment down as `face` wants it shown.
    pub fn new(payment: &'a Payment, face: &Face<'a>) -> Self {
        let listed = face.moment == Moment::Listed;
        let created = face.moment == Moment::Created;
        let status = face.status.unwrap_or(payment.status);
        let said_back = created || (!listed && methods::keeps_customer(payment.method));
        let empty = matches!(face.moment, Moment::Created | Moment::Notification).then_some("");
        let later = matches!(face.moment, Moment::Later | Moment::Listed);
        let paid = matches!(status, Status::SUCCESS | Status::AUTHORIZED);
        Self {
            id: payment.id,
            skin: Null,
            client_ip: Null,
            created: stamp::write(payment.created),
            reference: face.reference.unwrap_or(&payment.reference),
            originator: payment.originator.as_deref(),
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
            status: StatusDocument::new(status, payment.method),
            fraud: (!listed).then_some(Null),
            method_reference: Null,
            token_lifetime: (!listed).then_some(payment.token_lifetime_minutes),
            capture: payment.capture,
            preapproval_details: Null,
            redirect_url: (!listed)
                .then(|| format!("{}/Home?PaymentToken={}", face.public_url, payment.payment_token())),
            splits: (!listed).then(|| splits(payment, face)),
        }
    }
}

fn splits<'a>(payment: &'a Payment, face: &Face<'a>) -> Option<Vec<SplitDocument<'a>>> {
    if face.omit_splits || payment.splits.is_empty() {
        return None;
    }
    let wrong = face
        .distortion
        .map(|distortion| (distortion.split.min(payment.splits.len() - 1), distortion.amount));
    let documents = payment.splits.iter().enumerate().map(|(position, split)| {
        let amount = match wrong {
            Some((at, amount)) if at == position => amount.unwrap_or(split.amount.saturating_add(1)),
            _ => split.amount,
        };
        SplitDocument::new(payment, split, amount, face.status.unwrap_or(split.status))
    });
    Some(documents.collect())
}

impl<'a> SplitDocument<'a> {
    fn new(payment: &'a Payment, split: &'a Split, amount: u64, status: Status) -> Self {
        Self {
            id: split.id,
            payment: payment.id,
            site: split.site,
            reference: split.reference.as_ref().map(|text| text.as_str()),
            originator: split.originator.as_ref().map(|text| text.as_str()),
            created: stamp::write(split.created),
            amount: Amount(amount),
            currency: payment.currency(),
            captured_amount: SplitCaptured(split.captured),
            state_details: StatusDocument::new(status, payment.method),
        }
    }
}

impl StatusDocument {
    fn new(status: Status, method: Option<u32>) -> Self {
        Self {
            id: status.0,
            info: status.info(),
            reasons: methods::keeps_customer(method).then_some([]),
        }
    }
}

/// Sofort: the method whose success the documents show with the payer's bank details.
const SOFORT: u32 = 9;

/// The payer the gateway's test environment invents.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BankDetails {
    account_number: Null,
    account_holder: &'static str,
    #[serde(rename = "IBAN")]
    iban: &'static str,
    #[serde(rename = "BIC")]
    bic: &'static str,
    prepaid_card: Null,
    #[serde(rename = "PrepaidCardPIN")]
    prepaid_card_pin: Null,
    serial_numbers: Null,
    wallet: Null,
    reference_number: Null,
    payer_country: &'static str,
    payer_email: Null,
    payer_phone: Null,
    bank_code: Null,
    bank_name: Null,
    bank_sort_code: Null,
    social_security_number: Null,
    billing_cycle_start: Null,
    billing_cycle_end: Null,
    unsubscribe_instructions: Null,
    #[serde(rename = "CustomerLoginID")]
    customer_login_id: Null,
    paid_amount: Null,
    paid_currency: Null,
    provider_exchange_rate: f32,
    #[serde(rename = "PayerBankAccountID")]
    payer_bank_account_id: Null,
    #[serde(rename = "PayerID")]
    payer_id: Null,
}

impl Default for BankDetails {
    fn default() -> Self {
        Self {
            account_number: Null,
            account_holder: "Max Mustermann",
            iban: "DE06000000000023456789",
            bic: "SFRTDE20XXX",
            prepaid_card: Null,
            prepaid_card_pin: Null,
            serial_numbers: Null,
            wallet: Null,
            reference_number: Null,
            payer_country: "DE",
            payer_email: Null,
            payer_phone: Null,
            bank_code: Null,
            bank_name: Null,
            bank_sort_code: Null,
            social_security_number: Null,
            billing_cycle_start: Null,
            billing_cycle_end: Null,
            unsubscribe_instructions: Null,
            customer_login_id: Null,
            paid_amount: Null,
            paid_currency: Null,
            provider_exchange_rate: 0.0,
            payer_bank_account_id: Null,
            payer_id: Null,
        }
    }
}

/// A field that the documents always show as null.
#[derive(Debug, Clone, Copy, Default)]
struct Null;

impl Serialize for Null {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_unit()
    }
}

/// Hundredths, written as a string of digits.
struct Amount(u64);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

/// A split's captured amount: an empty string until a partial capture gives it a number.
struct SplitCaptured(Option<u64>);

impl Serialize for SplitCaptured {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(amount) => out.collect_str(&amount),
            None => out.serialize_str(""),
        }
    }
}
