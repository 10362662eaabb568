//! Requests to the card host, checked: its own rules and its own codes.

use super::{
    config::Config,
    create::{Checked, is_linked, sums_up},
    fields::{self, is_description, is_email, is_reference, is_url, number},
    payment::CARD_HOST,
    refusal::Refusal,
    stamp,
    wallet::{Card, Token, Wallet, last4},
    wire_in::{AskedCard, AskedPayment, AskedSplit, AskedToken, Loose},
};

/// Digits a card's number may have.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 12..=19;
/// Two-digit years count from here.
const CENTURY: u16 = 2000;

/// What the buyer pays with.
#[derive(Debug)]
pub(crate) struct Instrument {
    pub card: Card,
    pub token: Option<Token>,
}

/// Checks everything but the card.
pub(crate) fn check(asked: &AskedPayment, config: &Config, refusals: &mut Vec<Refusal>) -> Option<Checked> {
    let mut no = |code, field| refusals.push(Refusal::of_cards(code, field));
    let lacks = |text: &Option<Loose>, passes: fn(&Loose) -> bool| !text.as_ref().is_some_and(passes);
    let spoils = |text: &Option<Loose>, passes: fn(&Loose) -> bool| text.as_ref().is_some_and(|text| !passes(text));
    if lacks(&asked.reference, is_reference) {
        no(1000, "Payment.MerchantTransactionID");
    }
    let amount = asked.amount.as_ref().and_then(fields::amount);
    if amount.is_none() {
        no(1001, "Payment.Amount");
    }
    let currency = asked.currency.as_ref().and_then(fields::currency);
    if currency.is_none() {
        no(1002, "Payment.Currency");
    }
    if lacks(&asked.return_url, is_url) {
        no(1003, "Payment.ReturnURL");
    }
    if spoils(&asked.description, is_description) {
        no(1004, "Payment.Description");
    }
    if spoils(&asked.statement_descriptor, is_description) {
        no(1005, "Payment.StatementDescriptor");
    }
    if spoils(&asked.originator, is_reference) {
        no(1011, "Payment.OriginatorTransactionID");
    }
    let lifetime = asked.payment_token_lifetime.as_ref().map(fields::minutes);
    if matches!(lifetime, Some(None)) {
        no(1008, "Payment.PaymentTokenLifetime");
    }
    let email = asked.customer.as_ref().and_then(|customer| customer.email.as_ref());
    if email.is_some_and(|email| !is_email(email)) {
        no(1601, "Payment.Customer.Email");
    }
    let country = fields::country(asked.billing_address.as_ref());
    if country.is_err() {
        no(1408, "Payment.BillingAddress.Country");
    }
    let splits = splits(asked.splits.as_deref().unwrap_or_default(), config, &mut no);
    if !sums_up(config.split_sum, &splits, amount) {
        no(1001, "Payment.Splits");
    }
    Some(Checked {
        amount: amount?,
        currency: currency?,
        country: country.ok().flatten(),
        method: Some(CARD_HOST),
        method_option: None,
        token_lifetime_minutes: lifetime.flatten().unwrap_or(config.token_lifetime_minutes),
        splits,
    })
}

fn splits(asked: &[AskedSplit], config: &Config, no: &mut impl FnMut(u16, &'static str)) -> Vec<(u64, u64)> {
    let mut splits = Vec::with_capacity(asked.len());
    for split in asked {
        let site = split
            .site
            .as_ref()
            .and_then(number)
            .filter(|site| is_linked(config, *site));
        if site.is_none() {
            no(2800, "Splits.SiteID");
        }
        // The page about card splits, unlike the other one, calls it required.
        if !split.originator.as_ref().is_some_and(is_reference) {
            no(1011, "Splits.OriginatorTransactionID");
        }
        let amount = split.amount.as_ref().and_then(fields::amount);
        if amount.is_none() {
            no(1001, "Splits.Amount");
        }
        splits.extend(site.zip(amount));
    }
    splits
}

/// The card or kept card of a request; `None` if it has neither: then the buyer types it in on the pay page.
pub(crate) fn instrument(
    now: u64,
    asked: &AskedPayment,
    wallet: &Wallet,
    refusals: &mut Vec<Refusal>,
) -> Option<Instrument> {
    let mut no = |code, field| refusals.push(Refusal::of_cards(code, field));
    let instrument = match (&asked.token, &asked.card) {
        (Some(token), card) => kept(token, card.as_ref(), wallet, &mut no),
        (None, Some(card)) => read_card(card, &mut no).map(|card| Instrument { card, token: None }),
        (None, None) => None,
    };
    if instrument.as_ref().is_some_and(|it| is_expired(now, &it.card)) {
        no(1205, "Card.ExpirationYear");
    }
    instrument
}

fn kept(
    asked: &AskedToken,
    card: Option<&AskedCard>,
    wallet: &Wallet,
    no: &mut impl FnMut(u16, &'static str),
) -> Option<Instrument> {
    check_code(asked.security_code.as_ref(), asked.require_security_code, no);
    let Some(value) = &asked.value else {
        no(2404, "CreditCardToken.Value");
        return None;
    };
    let token = Token::read(value.expose());
    match wallet.get(&token) {
        None => no(2400, "CreditCardToken.Value"),
        Some(kept) if kept.cancelled => no(2401, "CreditCardToken.Value"),
        Some(kept) => {
            let number = card.and_then(|card| card.number.as_ref());
            if number.is_some_and(|number| last4(number.expose()) != kept.card.last4.as_ref()) {
                no(2403, "Card.Number");
            }
            let card = kept.card.clone();
            return Some(Instrument {
                card,
                token: Some(token),
            });
        }
    }
    None
}

/// Reads a card's data.
pub(crate) fn read_card(asked: &AskedCard, no: &mut impl FnMut(u16, &'static str)) -> Option<Card> {
    check_code(asked.security_code.as_ref(), asked.require_security_code, no);
    let holder = asked
        .holder_name
        .as_ref()
        .map(|name| name.expose())
        .filter(|name| !name.is_empty());
    if holder.is_none() {
        no(1200, "Card.HolderName");
    }
    let number = asked.number.as_ref().map(|number| number.expose());
    let number = number.filter(|number| is_card_number(number));
    if number.is_none() {
        no(1201, "Card.Number");
    }
    let read = |text: Option<&Loose>, digits| text.and_then(|text| fields::digits(text.as_str(), digits));
    let month = read(asked.expiration_month.as_ref(), 2).and_then(|month| u8::try_from(month).ok());
    let month = month.filter(|month| (1..=12).contains(month));
    if month.is_none() {
        no(1202, "Card.ExpirationMonth");
    }
    let year = read(asked.expiration_year.as_ref(), 4).and_then(|year| u16::try_from(year).ok());
    let year = year.map(|year| if year < 100 { CENTURY + year } else { year });
    if year.is_none() {
        no(1203, "Card.ExpirationYear");
    }
    Some(Card {
        holder: holder?.into(),
        last4: last4(number?).into(),
        month: month?,
        year: year?,
    })
}

/// A security code is looked at here, and nowhere kept.
fn check_code(code: Option<&super::wire_in::Hidden>, required: Option<bool>, no: &mut impl FnMut(u16, &'static str)) {
    let is_code = |code: &str| matches!(code.len(), 3 | 4) && code.bytes().all(|byte| byte.is_ascii_digit());
    match code {
        Some(code) if !is_code(code.expose()) => no(1204, "SecurityCode"),
        None if required != Some(false) => no(1204, "SecurityCode"),
        _ => {}
    }
}

/// As many digits as a card has, with the right check digit.
fn is_card_number(text: &str) -> bool {
    let digits = text.bytes().rev().map(|byte| byte.wrapping_sub(b'0'));
    let sum = digits.enumerate().fold(0_u32, |sum, (place, digit)| {
        let doubled = if place % 2 == 1 { digit.saturating_mul(2) } else { digit };
        sum + u32::from(if doubled > 9 { doubled - 9 } else { doubled })
    });
    NUMBER_DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && sum % 10 == 0
}

/// A card is good until the end of its month.
fn is_expired(now: u64, card: &Card) -> bool {
    let month = stamp::write(now);
    let end = format!("{:04}{:02}", card.year, card.month);
    month.get(..end.len()).is_some_and(|month| month > end.as_str())
}
