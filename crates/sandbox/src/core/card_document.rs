//! A payment of the card host as the gateway writes it.

use super::{
    cards::CardPart,
    document::{Face, Moment, SplitDocument, splits, style},
    payment::{CARD_HOST, Payment},
    stamp,
    status::Status,
    wallet::Card,
    written::{Amount, Null, StatusDocument},
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The payment object of the card host.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CardDocument<'a> {
    #[serde(rename = "ID")]
    id: u64,
    #[serde(rename = "ClientIP")]
    client_ip: Null,
    #[serde(rename = "SkinID")]
    skin: Null,
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
    statement_descriptor: Option<&'a str>,
    #[serde(rename = "MethodID")]
    method: u32,
    #[serde(rename = "MethodOptionID")]
    method_option: Null,
    #[serde(rename = "SiteID")]
    site: u64,
    notification_date_time: Option<String>,
    customer: Option<&'a RawValue>,
    billing_address: Option<&'a RawValue>,
    shipping_address: Option<&'a RawValue>,
    articles: Option<&'a RawValue>,
    card: Option<WrittenCard<'a>>,
    credit_card_token: Option<TokenDocument<'a>>,
    status: StatusDocument,
    #[serde(rename = "MethodTransactionID")]
    method_reference: Null,
    payment_token_lifetime: Option<u32>,
    capture: Option<bool>,
    #[serde(rename = "RedirectURL")]
    redirect_url: Option<String>,
    #[serde(rename = "3DSecure")]
    three_d_secure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    splits: Option<Vec<SplitDocument<'a>>>,
}

/// A card without what must not be shown.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WrittenCard<'a> {
    holder_name: &'a str,
    number: EndsWith<'a>,
    expiration_month: String,
    expiration_year: String,
    issuing_bank_country: Null,
}

/// `{"Value": …}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TokenDocument<'a> {
    pub value: &'a str,
}

struct EndsWith<'a>(&'a str);

impl Serialize for EndsWith<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&format_args!("Ends with {}", self.0))
    }
}

impl<'a> From<&'a Card> for WrittenCard<'a> {
    fn from(card: &'a Card) -> Self {
        Self {
            holder_name: &card.holder,
            number: EndsWith(&card.last4),
            expiration_month: format!("{:02}", card.month),
            expiration_year: card.year.to_string(),
            issuing_bank_country: Null,
        }
    }
}

impl<'a> CardDocument<'a> {
    /// Writes a payment down as `face` wants it shown.
    pub fn new(payment: &'a Payment, part: &'a CardPart, face: &Face<'a>) -> Self {
        let listed = face.moment == Moment::Listed;
        let created = face.moment == Moment::Created;
        let later = matches!(face.moment, Moment::Later | Moment::Listed);
        let status = face.status.unwrap_or(payment.status);
        let redirects = part.redirects && !listed && status != Status::CANCELLED;
        let cancelled = (status == Status::CANCELLED).then_some(0);
        Self {
            id: payment.id,
            client_ip: Null,
            skin: Null,
            created: stamp::write(payment.created),
            reference: face.reference.unwrap_or(&payment.reference),
            originator: payment.originator.as_deref(),
            amount: Amount(payment.amount),
            currency: payment.currency(),
            captured_amount: payment.captured.or(cancelled).map(Amount),
            return_url: &payment.return_url,
            description: payment.description.as_deref(),
            statement_descriptor: part.statement_descriptor.as_deref(),
            method: CARD_HOST,
            method_option: Null,
            site: payment.site,
            notification_date_time: payment.notified.filter(|_| later).map(stamp::write),
            customer: payment.echo.customer.as_deref().filter(|_| created),
            billing_address: payment.echo.billing_address.as_deref().filter(|_| created),
            shipping_address: payment.echo.shipping_address.as_deref().filter(|_| created),
            articles: payment.echo.articles.as_deref().filter(|_| created),
            card: part.card.as_ref().filter(|_| !listed).map(WrittenCard::from),
            credit_card_token: part
                .token
                .as_ref()
                .filter(|_| !listed && !face.omit_token)
                .map(|token| TokenDocument { value: token.shown() }),
            status: StatusDocument::new(status, payment.reason, style(payment)),
            method_reference: Null,
            payment_token_lifetime: redirects.then_some(payment.token_lifetime_minutes),
            capture: payment.capture,
            redirect_url: redirects
                .then(|| format!("{}/Home?PaymentToken={}", face.public_url, payment.payment_token())),
            three_d_secure: part.three_d_secure,
            splits: splits(payment, face).filter(|_| !listed),
        }
    }
}
