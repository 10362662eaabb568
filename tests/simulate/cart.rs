//! What is bought, and how it is to be paid.

use domain::cart::{CartDraft, DiscountDraft, FeeDraft, Funder, LineDraft, NamesDraft, ShippingDraft};
use domain::ids::CardId;
use domain::sale::{CARDS_METHOD, CaptureMode, SplitMode};
use engine::checkout::{CardDraft, CustomerDraft, NewPayment};
use tests::carts::SELLERS;

use crate::dice::Dice;

/// A payment of the order `number`.
pub fn request(number: u64, dice: &Dice) -> NewPayment {
    let method = dice.one_of(&[(36, 9), (40, 75), (14, 1130), (10, CARDS_METHOD)]);
    let by_hand = method != 9 && dice.happens(600);
    let planned = by_hand && dice.happens(500);
    // The card host reserves money, rather than takes it, only where nothing is divided yet.
    let reserved = by_hand && method == CARDS_METHOD && dice.happens(700);
    let later = reserved || method == 9 && dice.happens(150);
    NewPayment {
        order: format!("order-{number}"),
        cart: if reserved && dice.happens(800) {
            exactly(dice.one_of(&TELLING))
        } else {
            cart(dice)
        },
        method_id: Some(method),
        capture: if by_hand {
            CaptureMode::Manual
        } else {
            CaptureMode::Automatic
        },
        capture_by: planned.then(|| "2030-01-03T00:00:00Z".to_owned()),
        split: if later { SplitMode::Later } else { SplitMode::Now },
        return_url: "https://shop.example/thanks".to_owned(),
        save_card: method == CARDS_METHOD && dice.happens(800),
        customer: Some(CustomerDraft {
            id: Some(format!("customer-{number}")),
            ..CustomerDraft::default()
        }),
        token_lifetime_minutes: dice.happens(200).then_some(30),
        ..NewPayment::default()
    }
}

/// Another order of the same buyer, paid with a card that is kept.
pub fn by_card(number: u64, card: CardId, dice: &Dice) -> NewPayment {
    NewPayment {
        order: format!("order-{number}-again"),
        cart: cart(dice),
        method_id: Some(CARDS_METHOD),
        card: Some(CardDraft {
            id: card,
            security_code: "123".into(),
        }),
        save_card: false,
        split: SplitMode::Now,
        ..request(number, dice)
    }
}

/// What tells the card host that it only accepts a capture (two of them) or a cancel at first, or that a capture comes
/// too late.
const TELLING: [(u64, u64); 4] = [(1, 10_002), (1, 10_003), (1, 10_005), (4, 10_006)];

/// One thing of this price.
fn exactly(price: u64) -> CartDraft {
    let (seller, _, _) = SELLERS[0];
    CartDraft {
        currency: "EUR".to_owned(),
        lines: vec![LineDraft {
            id: "the-one".to_owned(),
            seller: seller.to_owned(),
            name: "Thing".to_owned(),
            quantity: 1,
            unit_price: i64::try_from(price).expect("small"),
            category: None,
            sku: None,
        }],
        shipping: Vec::new(),
        discounts: Vec::new(),
        fees: Vec::new(),
    }
}

fn cart(dice: &Dice) -> CartDraft {
    let sellers = usize::try_from(dice.between(1, 3)).expect("few");
    let signed = |low, high| i64::try_from(dice.between(low, high)).expect("small");
    let mut lines = Vec::new();
    let mut shipping = Vec::new();
    for (seller, _, _) in &SELLERS[..sellers] {
        for n in 0..dice.between(1, 2) {
            lines.push(LineDraft {
                id: format!("{seller}-{n}"),
                seller: (*seller).to_owned(),
                name: "Thing".to_owned(),
                quantity: signed(1, 3),
                unit_price: signed(1, 4_000),
                category: None,
                sku: None,
            });
        }
        if dice.happens(400) {
            shipping.push(ShippingDraft {
                seller: (*seller).to_owned(),
                amount: signed(1, 900),
            });
        }
    }
    let discount = DiscountDraft {
        id: "d1".to_owned(),
        amount: None,
        percent_bp: Some(signed(1, 2_500)),
        applies_to: NamesDraft {
            cart: Some(true),
            ..NamesDraft::default()
        },
        funded_by: Funder::Seller,
    };
    let fee = FeeDraft {
        id: "service".to_owned(),
        amount: signed(1, 300),
    };
    CartDraft {
        currency: "EUR".to_owned(),
        lines,
        shipping,
        discounts: if dice.happens(300) { vec![discount] } else { Vec::new() },
        fees: if dice.happens(400) { vec![fee] } else { Vec::new() },
    }
}
