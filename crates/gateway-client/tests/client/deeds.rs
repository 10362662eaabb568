//! Every call that is about something the gateway already has, on one payment.

use domain::capture_plan::{CapturePlan, SplitCapture};
use domain::command::{Addition, NewSplit};
use domain::ids::SiteId;
use domain::money::Amount;
use domain::operation::{Operation, Work};
use domain::payment::Payment;
use domain::refund::{Part, PartState, Refund};
use domain::seller::Party;
use domain::sight::Host;
use domain::time::Timestamp;
use gateway_client::{Call, Client, GatewayError};
use secrecy::SecretString;
use tokio::time::Instant;

use crate::support::{REQUEST_ID, at, operation, seen, shown};

/// Whoever finds it in a log or an error has found a leak.
pub const TOKEN: &str = "F43F90A5CB613D91F704407D4E297EA1";

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    CaptureAll,
    CaptureSplits,
    CaptureSplit,
    Cancel,
    AddSplits,
    Refund,
    Refunds,
    ForgetCard,
}

impl Deed {
    pub const ALL: [Self; 8] = [
        Self::CaptureAll,
        Self::CaptureSplits,
        Self::CaptureSplit,
        Self::Cancel,
        Self::AddSplits,
        Self::Refund,
        Self::Refunds,
        Self::ForgetCard,
    ];

    /// The request's first line and body.
    pub const fn request(self) -> (&'static str, &'static str) {
        match self {
            Self::CaptureAll => ("POST /v1/payments/7/capture", ""),
            Self::CaptureSplits => (
                "POST /v1/payments/7/capture",
                r#"{"Payment":{"Splits":[{"ID":11,"Amount":60},{"ID":13,"Amount":5}]}}"#,
            ),
            Self::CaptureSplit => ("POST /v1/payments/7/splits/13/capture?amount=5", ""),
            Self::Cancel => ("POST /v1/payments/7/cancel", ""),
            Self::AddSplits => (
                "POST /v1/payments/7/splits",
                r#"{"Splits":[{"SiteID":33514,"Amount":"30","MerchantTransactionID":"ours-4","OriginatorTransactionID":"4324322-4"},{"SiteID":33515,"Amount":"10","MerchantTransactionID":"ours-5","OriginatorTransactionID":"theirs"}]}"#,
            ),
            Self::Refund => (
                "POST /v1/payments/7/splits/12/refunds",
                r#"{"Refund":{"MerchantTransactionID":"ours","Amount":15}}"#,
            ),
            Self::Refunds => ("GET /v1/payments/7/refunds", ""),
            Self::ForgetCard => ("POST /v1/card/token/F43F90A5CB613D91F704407D4E297EA1/cancel", ""),
        }
    }

    /// The shortest good answer.
    pub const fn answer(self) -> &'static str {
        match self {
            Self::CaptureAll | Self::CaptureSplits | Self::CaptureSplit | Self::Cancel => {
                r#"{"Payment":{"ID":7,"Amount":"100","Currency":"EUR","Status":{"ID":9}}}"#
            }
            Self::AddSplits => r#"{"Splits":[{"ID":14,"SiteID":33514,"Amount":"30"}]}"#,
            Self::Refund => r#"{"Refund":{"ID":5,"Amount":"15","Currency":"EUR","Status":{"ID":1}}}"#,
            Self::Refunds => r#"{"Refunds":[{"ID":5,"Amount":"15","Currency":"EUR","Status":{"ID":1}}]}"#,
            Self::ForgetCard => r#"{"CardAuthentication":{"Status":{"ID":3}}}"#,
        }
    }

    pub fn is_capture(self) -> bool {
        matches!(self, Self::CaptureAll | Self::CaptureSplits | Self::CaptureSplit)
    }

    /// Where the call is sent in these tests.
    pub const fn host(self) -> Host {
        match self {
            Self::ForgetCard => Host::Cards,
            _ => Host::Pay,
        }
    }

    /// Does it at this host, and shows what came of it.
    pub async fn at(self, host: Host, client: &Client, not_after: Instant) -> Result<String, GatewayError> {
        let request_id = REQUEST_ID;
        let call = Call { request_id, not_after };
        let (payment, operation) = asked(self, host);
        let shown = |sight: &dyn std::fmt::Debug| format!("{sight:?}");
        match self {
            Self::CaptureAll | Self::CaptureSplits | Self::CaptureSplit => client
                .capture(host, &payment, &operation, not_after)
                .await
                .map(|it| shown(&it)),
            Self::Cancel => client
                .cancel(host, &payment, &operation, not_after)
                .await
                .map(|it| shown(&it)),
            Self::AddSplits => client
                .add_splits(host, &payment, &operation, not_after)
                .await
                .map(|it| shown(&it)),
            Self::Refund => client
                .refund(host, &payment, &operation, not_after)
                .await
                .map(|it| shown(&it)),
            Self::Refunds => client.refunds(at(host, 7), call).await.map(|it| shown(&it)),
            Self::ForgetCard => client
                .forget_card(&SecretString::from(TOKEN), call)
                .await
                .map(|it| shown(&it)),
        }
    }
}

/// Payment 7 of 60, 20 and 20, and what it is asked for.
pub fn asked(deed: Deed, host: Host) -> (Payment, Operation) {
    let mut payment = shown(7, &[(11, 33513, 60), (12, 33512, 20), (13, 33511, 20)]);
    payment.seen = Some(seen(at(host, 7)));
    payment.refunds.push(refund_of(&payment, 2, 15));
    let work = match deed {
        Deed::CaptureAll => capture(&payment, &[60, 20, 20], None),
        Deed::CaptureSplits => capture(&payment, &[60, 0, 5], None),
        Deed::CaptureSplit => capture(&payment, &[0, 0, 5], Some(3)),
        Deed::AddSplits => add_splits(&[(33514, 30, None), (33515, 10, Some("theirs"))]),
        Deed::Refund => Work::Refund {
            refund: 1,
            split: Some(2),
        },
        Deed::Cancel | Deed::Refunds | Deed::ForgetCard => Work::Cancel,
    };
    let operation = operation(&payment, "ours", work);
    (payment, operation)
}

/// A capture of so much of each split.
pub fn capture(payment: &Payment, amounts: &[i64], only: Option<u16>) -> Work {
    let splits = payment.splits.iter().zip(amounts).map(|(split, amount)| SplitCapture {
        split: split.number,
        party: split.party.clone(),
        amount: money(*amount),
        stranded: money(split.amount.get() - amount),
    });
    let splits: Vec<SplitCapture> = splits.collect();
    let sum = |of: fn(&SplitCapture) -> i64| money(splits.iter().map(of).sum());
    Work::Capture {
        plan: Box::new(CapturePlan {
            amount: sum(|split| split.amount.get()),
            stranded: sum(|split| split.stranded.get()),
            splits: splits.clone(),
            let_go: Vec::new(),
            shares: Vec::new(),
            adjustments: Vec::new(),
        }),
        only,
    }
}

/// Splits of these sites, amounts and names.
pub fn add_splits(splits: &[(u32, i64, Option<&str>)]) -> Work {
    let splits = splits.iter().map(|(site, amount, name)| NewSplit {
        party: Party::Marketplace,
        site: SiteId::try_new(*site).expect("a site"),
        amount: money(*amount),
        reference: name.map(|name| name.parse().expect("a reference")),
    });
    Work::AddSplits(Box::new(Addition {
        splits: splits.collect(),
        lines: Vec::new(),
        rest: None,
    }))
}

/// Refund 1, of so much of one split.
pub fn refund_of(payment: &Payment, split: u16, amount: i64) -> Refund {
    let from = payment.splits.iter().find(|one| one.number == split).expect("a split");
    Refund {
        number: 1,
        asked: None,
        plan: None,
        parts: vec![Part {
            split,
            party: from.party.clone(),
            amount: money(amount),
            state: PartState::Processing,
            gateway_id: None,
        }],
        adjusted: false,
        created_at: Timestamp::MIN,
        settled_at: None,
    }
}

pub fn money(minor_units: i64) -> Amount {
    Amount::try_new(minor_units).expect("an amount")
}
