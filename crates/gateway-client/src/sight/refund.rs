//! A refund as the gateway shows it.

use domain::ids::GatewayId;
use domain::money::Currency;
use domain::sight::{GatewayRef, RefundSight, RefundStanding};

use super::{Unreadable, minor, status};
use crate::wire;

/// Reads the body of an answer about one refund of this payment.
pub(crate) fn refund_from_body(at: GatewayRef, body: &[u8]) -> Result<RefundSight, Unreadable> {
    let envelope = serde_json::from_slice::<wire::RefundEnvelope<wire::Refund>>(body);
    let envelope = envelope.map_err(|_| "the body is not a refund")?;
    refund(at, envelope.refund)
}

/// Converts one refund of this payment; refuses what we could not act upon.
pub(crate) fn refund(at: GatewayRef, shown: wire::Refund) -> Result<RefundSight, Unreadable> {
    let payment = shown.initial_payment_id.map(|id| GatewayId::new(id.0));
    if payment.is_some_and(|id| id != at.id) {
        return Err("a refund belongs to another payment");
    }
    let currency = shown.currency.ok_or("a refund has no currency")?;
    let currency: Currency = currency.parse().map_err(|_| "a refund's currency is not one")?;
    let states = [&shown.status, &shown.state_details];
    let status = states.into_iter().flatten().find_map(status);
    let status = status.ok_or("a refund has no status")?;
    Ok(RefundSight {
        id: shown.id.map(|id| GatewayId::new(id.0)).ok_or("a refund has no id")?,
        payment,
        split: shown.split_id.filter(|id| id.0 != 0).map(|id| GatewayId::new(id.0)),
        reference: shown.merchant_transaction_id.and_then(|it| it.parse().ok()),
        amount: minor(currency, shown.amount.ok_or("a refund has no amount")?)?,
        currency,
        standing: standing(status.id),
        status,
    })
}

/// What a refund's status number means for money; it has no others than these three.
const fn standing(status: u16) -> RefundStanding {
    match status {
        1 => RefundStanding::Open,
        2 => RefundStanding::Done,
        4 => RefundStanding::Failed,
        _ => RefundStanding::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use domain::sight::Host;
    use serde_json::{Value, json};

    use super::*;

    fn at() -> GatewayRef {
        GatewayRef {
            host: Host::Pay,
            id: GatewayId::new(7),
        }
    }

    fn example() -> Value {
        json!({"ID": "5", "MerchantTransactionID": "r-1", "InitialPaymentID": "7", "Amount": 60, "Currency": "EUR",
            "Status": {"ID": "1", "Info": "Open", "Reasons": null}, "SplitID": 737})
    }

    fn read(json: Value) -> Result<RefundSight, Unreadable> {
        refund_from_body(at(), json!({"Refund": json}).to_string().as_bytes())
    }

    #[test]
    fn a_status_counts_under_either_name() {
        for (id, standing) in [
            (1, RefundStanding::Open),
            (2, RefundStanding::Done),
            (4, RefundStanding::Failed),
            (3, RefundStanding::Unknown),
            (22, RefundStanding::Unknown),
        ] {
            let mut json = example();
            json["Status"] = json!({"ID": id});
            assert_eq!(read(json.clone()).expect("readable").standing, standing, "{id}");
            json["StateDetails"] = json["Status"].take();
            assert_eq!(read(json.clone()).expect("readable").standing, standing, "{id}");
            json["Status"] = json!({"ID": null});
            assert_eq!(read(json).expect("readable").standing, standing, "{id}");
        }
    }

    #[test]
    fn a_refund_without_a_split_is_of_the_payment() {
        let mut json = example();
        assert_eq!(read(json.clone()).expect("readable").split, Some(GatewayId::new(737)));
        for none in [json!(0), json!("0"), json!(""), json!(null)] {
            json["SplitID"] = none;
            assert_eq!(read(json.clone()).expect("readable").split, None);
        }
        json.as_object_mut().expect("an object").remove("SplitID");
        assert_eq!(read(json.clone()).expect("readable").split, None);
        json.as_object_mut().expect("an object").remove("InitialPaymentID");
        assert_eq!(read(json).expect("readable").payment, None);
    }

    #[test]
    fn what_cannot_be_acted_upon_is_refused() {
        let cases = [
            ("ID", json!(null)),
            ("InitialPaymentID", json!(8)),
            ("Amount", json!("")),
            ("Amount", json!(0.6)),
            ("Currency", json!(null)),
            ("Currency", json!("ZZZ")),
            ("Status", json!(null)),
            ("Status", json!({"ID": null})),
            ("SplitID", json!("?")),
        ];
        for (key, value) in cases {
            let mut json = example();
            json[key] = value;
            assert!(read(json.clone()).is_err(), "{json}");
        }
    }
}
