//! What lists of payments are narrowed by.

use domain::money::Amount;
use domain::payment::{Payment, Phase, Refunded};

use crate::sample::{at, sending};

/// Captured, with 10 of each split back with the buyer where it is said so.
fn captured(refunded: impl Fn(u16) -> bool) -> Payment {
    let mut payment = sending();
    payment.phase = Phase::Captured;
    for split in &mut payment.splits {
        split.amount_authorized = split.amount;
        split.amount_captured = split.amount;
        if refunded(split.number) {
            split.amount_refunded = Amount::try_new(10).unwrap();
        }
    }
    payment
}

#[test]
fn what_is_back_with_the_buyer_is_told_in_one_word() {
    assert_eq!(sending().refunded(), Refunded::None);
    assert_eq!(captured(|_| false).refunded(), Refunded::None);
    assert_eq!(captured(|number| number == 2).refunded(), Refunded::Partly);
    let mut payment = captured(|_| true);
    assert_eq!(payment.refunded(), Refunded::Partly);
    for split in &mut payment.splits {
        split.amount_refunding = Amount::ZERO;
        split.amount_refunded = split.amount_captured;
    }
    assert_eq!(payment.refunded(), Refunded::Fully);
    // What no split names the owner of cannot have gone back.
    payment.amount_unallocated = Amount::try_new(1).unwrap();
    assert_eq!(payment.refunded(), Refunded::Partly);
    for one in Refunded::ALL {
        assert_eq!(Refunded::from_name(one.as_str()), Some(one));
    }
    assert_eq!(Refunded::from_name("half"), None);
}

#[test]
fn what_lapses_is_authorized_and_not_captured() {
    let mut payment = captured(|_| false);
    payment.authorized_until = Some(at(60));
    for phase in Phase::ALL {
        payment.phase = phase;
        let expected = (phase == Phase::Authorized).then(|| at(60));
        assert_eq!(payment.expires_at(), expected, "{phase:?}");
    }
    payment.splits[0].amount_captured = Amount::ZERO;
    for phase in Phase::ALL {
        payment.phase = phase;
        let lapses = matches!(phase, Phase::Authorized | Phase::PartiallyCaptured);
        assert_eq!(payment.expires_at(), lapses.then(|| at(60)), "{phase:?}");
    }
    payment.phase = Phase::Authorized;
    payment.authorized_until = None;
    assert_eq!(payment.expires_at(), None);
}
