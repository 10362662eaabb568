//! `POST /v1/payments`: what is asked for is checked whole, then entered.

use super::{
    Acted, Core,
    config::{Config, SplitSum},
    document::Moment,
    exchange::Response,
    methods,
    payment::{Echo, Payment, Split},
    refusal::{self, Refusal, SaidBack},
    status::Status,
    wire_in::{Address, AskedPayment, AskedSplit, Customer, Loose, PaymentEnvelope},
};
use rand::RngExt;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// Digits an amount may have.
const AMOUNT_DIGITS: usize = 12;
/// Characters a reference may have.
const REFERENCE_LENGTH: usize = 50;
/// Characters a description may have.
const DESCRIPTION_LENGTH: usize = 255;
/// Characters a return URL may have after its scheme.
const URL_LENGTH: usize = 512;
/// Digits of the numbers of sites, methods and options, and of the token's minutes.
const NUMBER_DIGITS: usize = 12;

/// The parts of a request that passed.
struct Checked {
    amount: u64,
    currency: [u8; 3],
    country: Option<[u8; 2]>,
    method: Option<u32>,
    method_option: Option<u32>,
    token_lifetime_minutes: u32,
    splits: Vec<(u64, u64)>,
}

impl Core {
    /// Answers `POST /v1/payments`.
    pub(super) fn create(&mut self, now: u64, body: &[u8]) -> Acted {
        let asked = match read(body) {
            Ok(asked) => asked,
            Err(error) => return Acted::noted(Response::message(400, "The request is invalid."), error),
        };
        let mut refusals = Vec::new();
        let checked = check(&asked, &self.config, &mut refusals);
        let taken = || {
            asked
                .reference
                .as_ref()
                .is_some_and(|reference| self.books.has_reference(reference.as_str()))
        };
        if refusals.is_empty() && !self.config.accept_duplicate_payments && taken() {
            refusals.push(Refusal::new(20, "Payment.MerchantTransactionID"));
        }
        match checked {
            Some(checked) if refusals.is_empty() => self.enter(now, asked, checked),
            _ => {
                let AskedPayment {
                    reference,
                    amount,
                    currency,
                    ..
                } = &asked;
                let said_back = SaidBack {
                    reference: reference.as_ref(),
                    amount: amount.as_ref(),
                    currency: currency.as_ref(),
                };
                let response = refusal::response(self.books.draw_refusal(), &refusals, said_back);
                Acted::noted(response, refusal::note(&refusals))
            }
        }
    }

    fn enter(&mut self, now: u64, asked: AskedPayment, checked: Checked) -> Acted {
        let id = self.books.next_id();
        let method = checked.method.and_then(|method| self.config.methods.get(&method));
        let authorizes_only = method.is_some_and(|method| method.authorizes_only(asked.capture));
        let echo = self.echo(&asked, checked.method);
        let amounts = checked.splits.iter().zip(asked.splits.unwrap_or_default());
        let splits: Vec<Split> = amounts
            .map(|((site, amount), asked)| Split {
                id: self.books.draw_split(),
                created: now,
                site: *site,
                amount: *amount,
                captured: None,
                reference: asked.reference,
                originator: asked.originator,
                status: Status::OPEN,
            })
            .collect();
        self.books.insert(Payment {
            id,
            created: now,
            site: splits.first().map_or(self.config.site_id, |split| split.site),
            reference: asked.reference.map(|text| text.0.into()).unwrap_or_default(),
            originator: asked.originator.map(|text| text.0),
            amount: checked.amount,
            currency: checked.currency,
            country: checked.country,
            captured: None,
            return_url: asked.return_url.map(|text| text.0).unwrap_or_default(),
            description: asked.description.map(|text| text.0),
            method: checked.method,
            method_option: checked.method_option,
            authorizes_only,
            capture: asked.capture,
            token: self.rng.random(),
            token_lifetime_minutes: checked.token_lifetime_minutes,
            status: Status::OPEN,
            notified: None,
            splits,
            echo,
        });
        Acted::about(self.payment_response(201, id, Moment::Created), id)
    }

    fn echo(&mut self, asked: &AskedPayment, method: Option<u32>) -> Echo {
        let number =
            (asked.customer.is_some() && methods::shows_customer_id(method)).then(|| self.books.draw_customer());
        let customer = asked.customer.as_ref().and_then(|customer| numbered(customer, number));
        Echo {
            customer,
            billing_address: asked.billing_address.as_ref().and_then(raw),
            shipping_address: asked.shipping_address.as_ref().and_then(raw),
            articles: asked.articles.clone(),
        }
    }
}

/// Says the customer back, with the gateway's own number where the method shows it.
fn numbered(customer: &Customer, number: Option<u64>) -> Option<Box<RawValue>> {
    #[derive(Serialize)]
    struct Numbered<'a> {
        #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        #[serde(flatten)]
        customer: &'a Customer,
    }
    raw(&Numbered { id: number, customer })
}

fn raw(value: &impl Serialize) -> Option<Box<RawValue>> {
    to_raw_value(value).ok()
}

/// An empty body asks for an empty payment, which then lacks everything.
fn read(body: &[u8]) -> Result<AskedPayment, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(AskedPayment::default());
    }
    let envelope: PaymentEnvelope = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(envelope.payment.unwrap_or_default())
}

fn check(asked: &AskedPayment, config: &Config, refusals: &mut Vec<Refusal>) -> Option<Checked> {
    let mut no = |code, field| refusals.push(Refusal::new(code, field));
    match &asked.reference {
        None => no(1, "Payment.MerchantTransactionID"),
        Some(text) if !is_reference(text) => no(2, "Payment.MerchantTransactionID"),
        Some(_) => {}
    }
    if asked.originator.as_ref().is_some_and(|text| !is_reference(text)) {
        no(2, "Payment.OriginatorTransactionID");
    }
    match &asked.return_url {
        None => no(1, "Payment.ReturnURL"),
        Some(text) if !is_url(text.as_str()) => no(2, "Payment.ReturnURL"),
        Some(_) => {}
    }
    if asked
        .description
        .as_ref()
        .is_some_and(|text| text.as_str().chars().count() > DESCRIPTION_LENGTH)
    {
        no(2, "Payment.Description");
    }
    let lifetime = asked
        .token_lifetime
        .as_ref()
        .map(|text| number(text).and_then(|minutes| u32::try_from(minutes).ok()));
    if matches!(lifetime, Some(None | Some(0))) {
        no(2, "Payment.TokenLifetime");
    }
    let amount = amount(asked.amount.as_ref(), "Payment.Amount", &mut no);
    let currency = currency(asked.currency.as_ref(), &mut no);
    let country = country(asked.billing_address.as_ref(), &mut no);
    let method = method(asked, config, &mut no);
    let splits = splits(asked.splits.as_deref().unwrap_or_default(), config, &mut no);
    if !sums_up(config.split_sum, &splits, amount) {
        no(118, "Payment.Splits");
    }
    Some(Checked {
        amount: amount?,
        currency: currency?,
        country,
        method,
        method_option: asked
            .method_option
            .as_ref()
            .and_then(number)
            .and_then(|option| u32::try_from(option).ok()),
        token_lifetime_minutes: lifetime.flatten().unwrap_or(config.token_lifetime_minutes),
        splits,
    })
}

/// Checks the method and what it asks of the customer.
fn method(asked: &AskedPayment, config: &Config, no: &mut impl FnMut(u16, &'static str)) -> Option<u32> {
    let email = asked.customer.as_ref().and_then(|customer| customer.email.as_ref());
    if email.is_some_and(|email| !is_email(email.as_str())) {
        no(102, "Payment.Customer.Email");
    }
    let Some(text) = &asked.method else {
        if asked.splits.as_ref().is_some_and(|splits| !splits.is_empty()) {
            no(1, "Payment.MethodID");
        }
        return None;
    };
    let id = number(text).and_then(|id| u32::try_from(id).ok());
    match id.and_then(|id| config.methods.get(&id)) {
        None => no(5, "Payment.MethodID"),
        Some(method) if !method.active => no(9, "Payment.MethodID"),
        Some(method) if method.requires_email && email.is_none() => no(101, "Payment.Customer.Email"),
        Some(_) => {}
    }
    id
}

fn splits(asked: &[AskedSplit], config: &Config, no: &mut impl FnMut(u16, &'static str)) -> Vec<(u64, u64)> {
    let mut splits = Vec::with_capacity(asked.len());
    for split in asked {
        let site = split.site.as_ref().map(number);
        match site {
            None => no(127, "Payment.Splits.SiteID"),
            Some(None) => no(2, "Payment.Splits.SiteID"),
            Some(Some(site))
                if config
                    .linked_sites
                    .as_ref()
                    .is_some_and(|linked| !linked.contains(&site)) =>
            {
                no(2, "Payment.Splits.SiteID (not linked)");
            }
            Some(Some(_)) => {}
        }
        if split.originator.as_ref().is_some_and(|text| !is_reference(text)) {
            no(2, "Payment.Splits.OriginatorTransactionID");
        }
        let amount = amount(split.amount.as_ref(), "Payment.Splits.Amount", no);
        splits.extend(site.flatten().zip(amount));
    }
    splits
}

fn sums_up(rule: SplitSum, splits: &[(u64, u64)], amount: Option<u64>) -> bool {
    let sum = splits
        .iter()
        .fold(0_u64, |sum, (_, amount)| sum.saturating_add(*amount));
    match (rule, amount) {
        (SplitSum::Unchecked, _) | (_, None) => true,
        _ if splits.is_empty() => true,
        (SplitSum::AtMost, Some(amount)) => sum <= amount,
        (SplitSum::Exact, Some(amount)) => sum == amount,
    }
}

fn amount(text: Option<&Loose>, field: &'static str, no: &mut impl FnMut(u16, &'static str)) -> Option<u64> {
    let Some(text) = text else {
        no(1, field);
        return None;
    };
    let amount = digits(text.as_str(), AMOUNT_DIGITS).filter(|amount| *amount > 0);
    if amount.is_none() {
        no(118, field);
    }
    amount
}

fn currency(text: Option<&Loose>, no: &mut impl FnMut(u16, &'static str)) -> Option<[u8; 3]> {
    let Some(text) = text else {
        no(1, "Payment.Currency");
        return None;
    };
    let code = text.as_str().to_ascii_uppercase();
    let known = iso_currency::Currency::from_code(&code).and_then(|_| code.as_bytes().try_into().ok());
    if known.is_none() {
        no(100, "Payment.Currency");
    }
    known
}

fn country(address: Option<&Address>, no: &mut impl FnMut(u16, &'static str)) -> Option<[u8; 2]> {
    let text = address?.country.as_ref()?;
    let letters = text.as_str().to_ascii_uppercase();
    let country: Option<[u8; 2]> = letters.as_bytes().try_into().ok();
    let country = country.filter(|letters| letters.iter().all(u8::is_ascii_uppercase));
    if country.is_none() {
        no(19, "Payment.BillingAddress.Country");
    }
    country
}

fn number(text: &Loose) -> Option<u64> {
    digits(text.as_str(), NUMBER_DIGITS)
}

fn digits(text: &str, at_most: usize) -> Option<u64> {
    let plain = (1..=at_most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn is_reference(text: &Loose) -> bool {
    let text = text.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=REFERENCE_LENGTH).contains(&text.len()) && text.bytes().all(plain)
}

/// As the documents' expression has it: empty, or http(s) with `://` plain or percent-encoded.
fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("http")
        .map(|rest| rest.strip_prefix('s').unwrap_or(rest));
    let rest = rest.and_then(|rest| rest.strip_prefix("://").or_else(|| rest.strip_prefix("%3A%2F%2F")));
    text.is_empty() || rest.is_some_and(|rest| (1..=URL_LENGTH).contains(&rest.chars().count()))
}

/// As the documents' expression has it: 100 characters, `@`, 40 characters, a dot, 8 letters.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let Some((host, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let is = |text: &str, at_most: usize, also: &str| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || also.contains(letter);
        (1..=at_most).contains(&text.len()) && text.chars().all(allowed)
    };
    let letters = (1..=8).contains(&top.len()) && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    is(local, 100, "._%+-") && is(host, 40, ".-") && letters
}
