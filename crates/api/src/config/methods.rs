//! What the gateway's payment methods take, as far as it documents them; `gateway.methods.<id>` says otherwise.

use std::collections::BTreeMap;

use domain::sale::Steps;
use engine::settings::MethodTerms;

/// Methods whose payment authorizes first: Paysafecard, cards as a method of the method host, Klarna Invoice, PayPal, Klarna Payments, PostFinance, Klarna
/// Debit Risk.
const TWO_STEPS: &[u32] = &[40, 69, 75, 94, 1078, 1130, 1183];

/// Methods whose payment captures.
const ONE_STEP: &[u32] = &[
    1, 2, 3, 4, 5, 6, 9, 12, 13, 18, 19, 20, 22, 23, 24, 29, 32, 37, 46, 58, 63, 67, 73, 78, 1000, 1002, 1003, 1012,
    1020, 1046, 1066, 1092, 1093, 1135,
];

/// How many days an authorization lasts unless configured.
pub(super) const AUTHORIZATION_DAYS: u16 = 7;

/// The methods the gateway documents.
pub(super) fn documented() -> BTreeMap<u32, MethodTerms> {
    let terms = |steps| {
        move |id: &u32| {
            (
                *id,
                MethodTerms {
                    steps,
                    authorization_days: AUTHORIZATION_DAYS,
                },
            )
        }
    };
    let one = ONE_STEP.iter().map(terms(Steps::One));
    one.chain(TWO_STEPS.iter().map(terms(Steps::Two))).collect()
}
