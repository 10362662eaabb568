//! From the gateway's words to ours: the one place where an answer becomes a [`Sight`].

mod refund;

use domain::ids::{GatewayId, SiteId};
use domain::money::{Amount, Currency, Money};
use domain::planted::{Defect, planted};
use domain::sight::{GatewayRef, GatewayStatus, Host, Reason, Sight, SplitSight, Standing};
use serde::de::DeserializeOwned;

pub(crate) use refund::{refund, refund_from_body};

use crate::card::KeptCard;
use crate::wire;

/// Why an answer cannot be read; safe to log.
pub(crate) type Unreadable = &'static str;

/// Reasons kept of one status.
const REASONS_MAX: usize = 20;
/// Characters kept of one text of a reason.
const TEXT_MAX_CHARACTERS: usize = 200;

/// A payment as the gateway showed it, and what must not be kept with it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The payment.
    pub sight: Sight,
    /// The card that the card host keeps of it, where it gives us its token.
    pub card: Option<KeptCard>,
}

/// What both hosts' payments have in common.
pub(crate) struct Fields {
    id: Option<wire::Id>,
    reference: Option<String>,
    amount: Option<wire::Amount>,
    currency: Option<String>,
    captured: Option<wire::Amount>,
    status: Option<wire::Status>,
    redirect_url: Option<wire::Private>,
    splits: Vec<wire::Split>,
}

impl From<wire::Payment> for Fields {
    fn from(payment: wire::Payment) -> Self {
        Self {
            id: payment.id,
            reference: payment.merchant_transaction_id,
            amount: payment.amount,
            currency: payment.currency,
            captured: payment.captured_amount,
            status: payment.status,
            redirect_url: payment.redirect_url,
            splits: payment.splits.unwrap_or_default(),
        }
    }
}

impl From<wire::CardPayment> for Fields {
    fn from(payment: wire::CardPayment) -> Self {
        Self {
            id: payment.id,
            reference: payment.merchant_transaction_id,
            amount: payment.amount,
            currency: payment.currency,
            captured: payment.captured_amount,
            status: payment.status,
            redirect_url: payment.redirect_url,
            splits: payment.splits.unwrap_or_default(),
        }
    }
}

/// Reads the body of an answer about one payment.
pub(crate) fn from_body(host: Host, body: &[u8]) -> Result<Shown, Unreadable> {
    let (fields, card): (Fields, _) = match host {
        Host::Pay => {
            let payment = payment_of::<wire::Payment>(body)?;
            (payment.into(), None)
        }
        Host::Cards => {
            let payment = payment_of::<wire::CardPayment>(body)?;
            let card = KeptCard::of(&payment);
            (payment.into(), card)
        }
    };
    let sight = sight(host, fields)?;
    Ok(Shown { sight, card })
}

fn payment_of<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let envelope = serde_json::from_slice::<wire::PaymentEnvelope<T>>(body);
    envelope.map(|it| it.payment).map_err(|_| "the body is not a payment")
}

/// Converts what was shown; refuses what we could not act upon.
pub(crate) fn sight(host: Host, shown: Fields) -> Result<Sight, Unreadable> {
    let id = shown.id.ok_or("the payment has no id")?;
    let currency = shown.currency.ok_or("the payment has no currency")?;
    let currency: Currency = currency.parse().map_err(|_| "the payment's currency is not one")?;
    let amount = shown.amount.ok_or("the payment has no amount")?;
    let status = shown
        .status
        .as_ref()
        .and_then(status)
        .ok_or("the payment has no status")?;
    let splits = shown.splits.into_iter().map(|split| split_sight(id, currency, split));
    Ok(Sight {
        at: GatewayRef {
            host,
            id: GatewayId::new(id.0),
        },
        reference: shown.reference.and_then(|reference| reference.parse().ok()),
        amount: minor(currency, amount)?,
        currency,
        captured: shown.captured.map(|captured| minor(currency, captured)).transpose()?,
        status,
        redirect_url: shown.redirect_url.and_then(|url| web_address(url.expose())),
        splits: splits.collect::<Result<_, _>>()?,
        refunds: None,
    })
}

/// One split of this payment.
pub(crate) fn split_sight(payment: wire::Id, currency: Currency, split: wire::Split) -> Result<SplitSight, Unreadable> {
    if split.payment_id.is_some_and(|id| id != payment) {
        return Err("a split belongs to another payment");
    }
    if split.currency.as_deref().is_some_and(|code| code != currency.code()) {
        return Err("a split has another currency than its payment");
    }
    let site = split
        .site_id
        .and_then(|site| u32::try_from(site.0).ok())
        .and_then(|site| SiteId::try_new(site).ok());
    Ok(SplitSight {
        id: split.id.map(|id| GatewayId::new(id.0)).ok_or("a split has no id")?,
        site: site.ok_or("a split has no site")?,
        amount: minor(currency, split.amount.ok_or("a split has no amount")?)?,
        captured: split
            .captured_amount
            .map(|captured| minor(currency, captured))
            .transpose()?,
        status: split.state().and_then(status),
    })
}

fn minor(currency: Currency, amount: wire::Amount) -> Result<Amount, Unreadable> {
    let money =
        Money::from_hundredths(currency, amount.0).map_err(|_| "an amount cannot be counted in its currency")?;
    Ok(money.amount)
}

/// A link that a browser may follow. Anything else never reaches a storefront.
fn web_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    // The parser forgives what a browser may read otherwise: control characters, spaces, no slashes before the host.
    let is_plain = !text.chars().any(|one| one.is_control() || one.is_whitespace());
    let has_host = text.starts_with("https://") || text.starts_with("http://");
    (is_plain && has_host && url.has_host()).then(|| text.to_owned())
}

/// A status with a number; without one there is none.
pub(crate) fn status(status: &wire::Status) -> Option<GatewayStatus> {
    let id = u16::try_from(status.id?).ok()?;
    let info = status.info.as_deref().map(cut);
    Some(GatewayStatus {
        id,
        info: info
            .or_else(|| wire::status::info(id.into()).map(str::to_owned))
            .unwrap_or_default(),
        reasons: reasons(status),
        standing: misread(id).unwrap_or_else(|| standing(id)),
    })
}

/// The reasons of a status, cut to what is worth keeping.
pub(crate) fn reasons(status: &wire::Status) -> Vec<Reason> {
    let reasons = status.reasons().iter().take(REASONS_MAX).map(|reason| Reason {
        code: reason
            .code
            .as_ref()
            .map(|code| cut(&code.to_string()))
            .unwrap_or_default(),
        info: reason.info.as_deref().map(cut).unwrap_or_default(),
    });
    reasons.collect()
}

pub(crate) fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX_CHARACTERS).collect()
}

/// Whether more may have followed.
pub(crate) fn may_be_cut(text: &str) -> bool {
    text.chars().count() >= TEXT_MAX_CHARACTERS
}

/// What a status number means for money. Numbers seen nowhere are [`Standing::Unknown`].
#[must_use]
pub(crate) fn standing(status: u16) -> Standing {
    match status {
        1 | 6 => Standing::Open,
        7 | 8 | 10 | 14 | 17 | 18 | 30 | 36 | 37 => Standing::Pending,
        9 => Standing::Authorized,
        13 | 33 => Standing::Capturing,
        15 | 34 => Standing::Cancelling,
        2 | 11 | 21 | 22 | 23 | 25 | 27 => Standing::Captured,
        35 => Standing::PartiallyCaptured,
        3 | 16 => Standing::Cancelled,
        4 | 12 | 39 => Standing::Failed,
        5 => Standing::Expired,
        19 | 38 => Standing::Disputed,
        24 | 26 | 28 => Standing::ChargedBack,
        _ => Standing::Unknown,
    }
}

/// How somebody might misread a status; nobody does, in the product.
fn misread(status: u16) -> Option<Standing> {
    match standing(status) {
        Standing::Capturing if planted(Defect::CaptureDoneWhenAccepted) => Some(Standing::Captured),
        Standing::Cancelling if planted(Defect::CancelDoneWhenAccepted) => Some(Standing::Cancelled),
        Standing::Authorized if planted(Defect::AuthorizedTakenForCaptured) => Some(Standing::Captured),
        Standing::ChargedBack if planted(Defect::LostDisputeTakenForWon) => Some(Standing::Captured),
        Standing::Unknown if planted(Defect::UnknownStatusTakenForFailure) => Some(Standing::Failed),
        Standing::Unknown if planted(Defect::UnknownStatusTakenForSuccess) => Some(Standing::Captured),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Result<Sight, Unreadable> {
        let shown: wire::Payment = serde_json::from_value(json).expect("a payment");
        sight(Host::Pay, shown.into())
    }

    fn example() -> serde_json::Value {
        serde_json::json!({
            "ID": "7", "MerchantTransactionID": "r-1", "Amount": 300, "Currency": "EUR", "CapturedAmount": "",
            "Status": {"ID": "2", "Reasons": null}, "RedirectURL": "https://pay.example/Home",
            "Splits": [{"ID": 1, "SiteID": "33", "Amount": "300", "Status": {"ID": 77, "Info": "New"}, "CapturedAmount": 0}],
        })
    }

    #[test]
    fn a_tolerated_answer_becomes_a_sight() {
        let sight = read(example()).expect("readable");
        assert_eq!((sight.at.id.get(), sight.amount.get(), sight.captured), (7, 300, None));
        assert_eq!(
            (sight.status.standing, sight.status.info.as_str()),
            (Standing::Captured, "Success")
        );
        let split = &sight.splits[0];
        assert_eq!((split.site.get(), split.captured), (33, Some(Amount::ZERO)));
        let status = split.status.as_ref().expect("kept");
        assert_eq!((status.id, status.standing), (77, Standing::Unknown));
    }

    #[test]
    fn what_cannot_be_acted_upon_is_refused() {
        let cases = [
            ("/ID", serde_json::json!(null)),
            ("/Amount", serde_json::json!("")),
            ("/Currency", serde_json::json!("ZZZ")),
            ("/Currency", serde_json::json!(null)),
            ("/Status", serde_json::json!(null)),
            ("/Status/ID", serde_json::json!(null)),
            ("/Status/ID", serde_json::json!(70_000)),
            ("/Splits/0/ID", serde_json::json!(null)),
            ("/Splits/0/SiteID", serde_json::json!(0)),
            ("/Splits/0/Amount", serde_json::json!(null)),
        ];
        for (pointer, value) in cases {
            let mut json = example();
            *json.pointer_mut(pointer).expect(pointer) = value;
            assert!(read(json).is_err(), "{pointer}");
        }
        let mut json = example();
        json["Splits"][0]["Currency"] = "USD".into();
        assert!(read(json).is_err());
        let mut json = example();
        json["Splits"][0]["PaymentID"] = 8.into();
        assert!(read(json).is_err());
    }

    #[test]
    fn other_currencies_are_counted_in_their_own_minor_units() {
        for (code, hundredths, minor) in [("JPY", 10_000, 100), ("KWD", 1_000, 10_000)] {
            let mut json = example();
            json["Currency"] = code.into();
            json["Amount"] = hundredths.into();
            assert_eq!(read(json).expect(code).amount.get(), minor, "{code}");
        }
        let mut json = example();
        json["Currency"] = "JPY".into();
        json["Amount"] = 10_001.into();
        assert!(read(json).is_err(), "a hundredth of a yen");
    }

    #[test]
    fn a_link_that_a_browser_should_not_follow_is_dropped() {
        for link in [
            "javascript:alert(1)",
            "\u{0}http://pay.example",
            " http://pay.example",
            "http://pay.example/\r\nX: y",
            "http:4",
            "ftp://pay.example",
            "//pay.example",
        ] {
            let mut json = example();
            json["RedirectURL"] = link.into();
            assert_eq!(read(json).expect("readable").redirect_url, None, "{link:?}");
        }
    }

    #[test]
    fn every_named_status_has_a_standing() {
        for id in 0..=u16::MAX {
            let named = wire::status::info(id.into()).is_some();
            assert_eq!(named, standing(id) != Standing::Unknown, "{id}");
        }
    }
}
