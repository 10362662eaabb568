//! What a cart may say. Every check goes on after a fault, so that a caller hears of all of them at once.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::{
    Cart, CartDraft, Discount, DiscountDraft, DiscountSize, Fee, FeeDraft, LineDraft, LineItem, Names, NamesDraft,
    Shipping, ShippingDraft,
};
use crate::amounts;
use crate::fault::{Fault, Faults};
use crate::ids::{IdError, SellerId};
use crate::money::{Amount, Currency, LIMIT};

/// How many lines a cart may have.
pub const LINES_MAX: usize = 500;
/// How many sellers' shipping a cart may have.
pub const SHIPPING_MAX: usize = 500;
/// How many discounts a cart may have.
pub const DISCOUNTS_MAX: usize = 100;
/// How many fees a cart may have.
pub const FEES_MAX: usize = 100;
/// The largest quantity of a line, in units.
pub const QUANTITY_MAX: u32 = 1_000_000;
/// How many characters the name of a line may have.
pub const NAME_CHARACTERS_MAX: usize = 255;
/// How many characters a category or an SKU may have.
pub const WORD_CHARACTERS_MAX: usize = 64;

/// The codes [`Cart::try_new`] and [`Cart::require_enabled`] use besides those of [`amounts::CODES`], each with its
/// meaning.
pub const CODES: &[(&str, &str)] = &[
    ("cart_empty", "A cart has no lines."),
    ("too_many_lines", "A cart has more than 500 lines."),
    ("too_many_shipping", "A cart has more than 500 entries of shipping."),
    ("too_many_discounts", "A cart has more than 100 discounts."),
    ("too_many_fees", "A cart has more than 100 fees."),
    (
        "id_invalid",
        "What names a line, seller, discount or fee is not such a name.",
    ),
    ("duplicate_line", "Two lines have one id."),
    ("duplicate_shipping", "A seller's shipping is given twice."),
    ("duplicate_discount", "Two discounts have one id."),
    ("duplicate_fee", "Two fees have one id."),
    ("text_invalid", "A name, category or SKU is empty or too long."),
    ("quantity_out_of_range", "A quantity is not between 1 and 1000000."),
    (
        "shipping_without_line",
        "Shipping is given for a seller that has no line.",
    ),
    (
        "discount_size_unclear",
        "A discount does not say exactly one of amount and percent_bp.",
    ),
    (
        "discount_target_unclear",
        "A discount does not apply to exactly one of the cart, a seller and a line.",
    ),
    (
        "discount_target_unknown",
        "A discount applies to a line or seller that the cart does not have.",
    ),
    (
        "currency_not_enabled",
        "The currency does not have two decimals and is not confirmed to work at the gateway.",
    ),
];

pub(super) fn cart(draft: CartDraft) -> Result<Cart, Faults> {
    counts(&draft)?;
    let mut faults = Faults::new();
    let currency = draft.currency.parse::<Currency>();
    if let Err(error) = &currency {
        faults.push(Fault::new("/currency", "currency_unknown", error.to_string()));
    }
    let currency = currency.ok();
    unique(
        draft.lines.iter().map(|line| &line.id),
        "/lines",
        "id",
        "duplicate_line",
        &mut faults,
    );
    unique(
        draft.shipping.iter().map(|one| &one.seller),
        "/shipping",
        "seller",
        "duplicate_shipping",
        &mut faults,
    );
    unique(
        draft.discounts.iter().map(|one| &one.id),
        "/discounts",
        "id",
        "duplicate_discount",
        &mut faults,
    );
    unique(
        draft.fees.iter().map(|fee| &fee.id),
        "/fees",
        "id",
        "duplicate_fee",
        &mut faults,
    );

    let names = names_in(&draft);
    let lines = each(draft.lines, "/lines", |line, at| {
        line_item(line, at, currency, &mut faults)
    });
    let shipping = each(draft.shipping, "/shipping", |one, at| {
        shipping(one, at, currency, &names, &mut faults)
    });
    let discounts = each(draft.discounts, "/discounts", |one, at| {
        discount(one, at, currency, &names, &mut faults)
    });
    let fees = each(draft.fees, "/fees", |one, at| fee(one, at, currency, &mut faults));
    match currency {
        Some(currency) if faults.is_empty() => total(Cart {
            currency,
            lines,
            shipping,
            discounts,
            fees,
        }),
        _ => Err(faults),
    }
}

/// The caller's names for lines and sellers, as far as discounts and shipping may mean them.
struct KnownNames {
    lines: BTreeSet<String>,
    sellers: BTreeSet<String>,
}

fn names_in(draft: &CartDraft) -> KnownNames {
    KnownNames {
        lines: draft.lines.iter().map(|line| line.id.clone()).collect(),
        sellers: draft.lines.iter().map(|line| line.seller.clone()).collect(),
    }
}

/// Too many of anything is said alone: what is beyond the limits is not looked at.
fn counts(draft: &CartDraft) -> Result<(), Faults> {
    let mut faults = Faults::new();
    if draft.lines.is_empty() {
        faults.push(Fault::new("/lines", "cart_empty", "at least one line"));
    }
    let limits = [
        ("/lines", draft.lines.len(), LINES_MAX, "too_many_lines"),
        ("/shipping", draft.shipping.len(), SHIPPING_MAX, "too_many_shipping"),
        ("/discounts", draft.discounts.len(), DISCOUNTS_MAX, "too_many_discounts"),
        ("/fees", draft.fees.len(), FEES_MAX, "too_many_fees"),
    ];
    for (at, count, most, code) in limits {
        if count > most {
            faults.push(Fault::new(at, code, format!("at most {most}")));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The total is judged before discounts: whatever they leave is less.
fn total(cart: Cart) -> Result<Cart, Faults> {
    let lines = cart.lines.iter().map(LineItem::price);
    let shipping = cart.shipping.iter().map(|shipping| shipping.amount);
    let fees = cart.fees.iter().map(|fee| fee.amount);
    match Amount::sum(lines.chain(shipping).chain(fees)) {
        Ok(total) if total <= LIMIT => Ok(cart),
        _ => {
            let detail = format!("lines, shipping and fees are at most {LIMIT} minor units together");
            Err(vec![Fault::new("", "amount_too_large", detail)])
        }
    }
}

fn line_item(draft: LineDraft, at: &str, currency: Option<Currency>, faults: &mut Faults) -> Option<LineItem> {
    let id = named(&draft.id, &format!("{at}/id"), faults);
    let seller = named(&draft.seller, &format!("{at}/seller"), faults);
    text(Some(&draft.name), NAME_CHARACTERS_MAX, &format!("{at}/name"), faults);
    text(
        draft.category.as_deref(),
        WORD_CHARACTERS_MAX,
        &format!("{at}/category"),
        faults,
    );
    text(draft.sku.as_deref(), WORD_CHARACTERS_MAX, &format!("{at}/sku"), faults);
    let quantity = u32::try_from(draft.quantity)
        .ok()
        .filter(|quantity| (1..=QUANTITY_MAX).contains(quantity));
    if quantity.is_none() {
        let detail = format!("from 1 to {QUANTITY_MAX}");
        faults.push(Fault::new(format!("{at}/quantity"), "quantity_out_of_range", detail));
    }
    let at_price = format!("{at}/unit_price");
    let unit_price = amounts::amount(draft.unit_price, &at_price, faults);
    let (quantity, unit_price) = quantity.zip(unit_price)?;
    // The limit keeps the product far from the end of i64.
    let price = amounts::amount(unit_price.get() * i64::from(quantity), &at_price, faults)?;
    if let Some(currency) = currency {
        amounts::representable(price, currency, &at_price, faults)?;
    }
    let (category, sku) = (draft.category, draft.sku);
    Some(LineItem {
        id: id?,
        seller: seller?,
        name: draft.name,
        quantity,
        unit_price,
        category,
        sku,
    })
}

fn shipping(
    draft: ShippingDraft,
    at: &str,
    currency: Option<Currency>,
    names: &KnownNames,
    faults: &mut Faults,
) -> Option<Shipping> {
    let amount = money(draft.amount, &format!("{at}/amount"), currency, faults);
    let at = format!("{at}/seller");
    let seller: SellerId = named(&draft.seller, &at, faults)?;
    if !names.sellers.contains(seller.as_str()) {
        faults.push(Fault::new(
            at,
            "shipping_without_line",
            "a seller that has a line in this cart",
        ));
    }
    Some(Shipping {
        seller,
        amount: amount?,
    })
}

fn discount(
    draft: DiscountDraft,
    at: &str,
    currency: Option<Currency>,
    names: &KnownNames,
    faults: &mut Faults,
) -> Option<Discount> {
    let id = named(&draft.id, &format!("{at}/id"), faults);
    let size = match (draft.amount, draft.percent_bp) {
        (Some(amount), None) => money(amount, &format!("{at}/amount"), currency, faults).map(DiscountSize::Amount),
        (None, Some(bp)) => amounts::percent(bp, &format!("{at}/percent_bp"), faults).map(DiscountSize::PercentBp),
        _ => {
            faults.push(Fault::new(
                at,
                "discount_size_unclear",
                "exactly one of amount and percent_bp",
            ));
            None
        }
    };
    let names = target(draft.applies_to, &format!("{at}/applies_to"), names, faults);
    Some(Discount {
        id: id?,
        size: size?,
        names: names?,
        funded_by: draft.funded_by,
    })
}

fn target(draft: NamesDraft, at: &str, known: &KnownNames, faults: &mut Faults) -> Option<Names> {
    let (names, at, is_known) = match (draft.cart, draft.seller, draft.line) {
        (Some(true), None, None) => return Some(Names::Cart),
        (None, Some(seller), None) => {
            let at = format!("{at}/seller");
            (
                Names::Seller(named(&seller, &at, faults)?),
                at,
                known.sellers.contains(&seller),
            )
        }
        (None, None, Some(line)) => {
            let at = format!("{at}/line");
            (Names::Line(named(&line, &at, faults)?), at, known.lines.contains(&line))
        }
        _ => {
            let detail = "exactly one of cart: true, seller and line";
            faults.push(Fault::new(at, "discount_target_unclear", detail));
            return None;
        }
    };
    if !is_known {
        faults.push(Fault::new(
            at,
            "discount_target_unknown",
            "a line or seller of this cart",
        ));
    }
    Some(names)
}

fn fee(draft: FeeDraft, at: &str, currency: Option<Currency>, faults: &mut Faults) -> Option<Fee> {
    let id = named(&draft.id, &format!("{at}/id"), faults);
    let amount = money(draft.amount, &format!("{at}/amount"), currency, faults);
    Some(Fee {
        id: id?,
        amount: amount?,
    })
}

fn money(minor_units: i64, at: &str, currency: Option<Currency>, faults: &mut Faults) -> Option<Amount> {
    let amount = amounts::amount(minor_units, at, faults)?;
    match currency {
        Some(currency) => amounts::representable(amount, currency, at, faults),
        None => Some(amount),
    }
}

fn named<T: FromStr<Err = IdError>>(name: &str, at: &str, faults: &mut Faults) -> Option<T> {
    name.parse()
        .map_err(|error: IdError| faults.push(Fault::new(at, "id_invalid", error.to_string())))
        .ok()
}

fn text(text: Option<&str>, longest: usize, at: &str, faults: &mut Faults) {
    if text.is_some_and(|text| !(1..=longest).contains(&text.chars().count())) {
        faults.push(Fault::new(at, "text_invalid", format!("1 to {longest} characters")));
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a String>, at: &str, field: &str, code: &'static str, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (n, name) in names.enumerate() {
        if !seen.insert(name) {
            faults.push(Fault::new(
                format!("{at}/{n}/{field}"),
                code,
                "a name that is not used above",
            ));
        }
    }
}

/// Each checked entry; those with faults are left out, having told them.
fn each<D, T>(drafts: Vec<D>, at: &str, mut check: impl FnMut(D, &str) -> Option<T>) -> Vec<T> {
    drafts
        .into_iter()
        .enumerate()
        .filter_map(|(n, draft)| check(draft, &format!("{at}/{n}")))
        .collect()
}
