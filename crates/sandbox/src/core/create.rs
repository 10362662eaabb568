//! `POST /v1/payments`: what is asked for is checked whole, then entered.

use super::{
    Acted, Core,
    alarms::Alarm,
    cards::{self, CardPart},
    config::Config,
    document::Moment,
    exchange::{Request, Response},
    fields::{self, is_description, is_email, is_reference, is_url, number},
    methods,
    payment::{Echo, Payment, Split},
    refusal::{self, Refusal, Resource, SaidBack},
    status::Status,
    switches::SplitSum,
    wire_in::{AskedPayment, AskedSplit, Customer, Loose, PaymentEnvelope},
};
use rand::RngExt;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::{RawValue, to_raw_value};

/// The parts of a request that passed.
#[derive(Debug)]
pub(crate) struct Checked {
    pub amount: u64,
    pub currency: [u8; 3],
    pub country: Option<[u8; 2]>,
    pub method: Option<u32>,
    pub method_option: Option<u32>,
    pub token_lifetime_minutes: u32,
    pub splits: Vec<(u64, u64)>,
}

impl Core {
    /// Answers `POST /v1/payments`.
    pub(super) fn create(&mut self, now: u64, request: &Request) -> Acted {
        let asked = match read::<PaymentEnvelope>(&request.body) {
            Ok(envelope) => envelope.payment.unwrap_or_default(),
            Err(acted) => return acted,
        };
        if cards::is_for_cards(&asked) {
            let replays = self.config.replay_card_request_ids && !self.config.replay_request_ids;
            return self.once(now, request, replays, |core| core.create_card(now, asked, request));
        }
        let mut refusals = Vec::new();
        let checked = check(&asked, &self.config, &mut refusals);
        if refusals.is_empty() && self.is_taken(&asked) {
            refusals.push(Refusal::new(20, "Payment.MerchantTransactionID"));
        }
        match checked {
            Some(checked) if refusals.is_empty() => {
                let id = self.enter(now, asked, checked, None);
                Acted::about(self.payment_response(201, id, Moment::Created), id)
            }
            _ => self.refuse_payment(&asked, &refusals),
        }
    }

    /// Whether the reference of a payment was used before, and that matters.
    pub(super) fn is_taken(&self, asked: &AskedPayment) -> bool {
        let reference = asked.reference.as_ref();
        !self.config.accept_duplicate_payments
            && reference.is_some_and(|reference| self.books.has_reference(reference.as_str()))
    }

    /// Refuses to create a payment, and says its fields back.
    pub(super) fn refuse_payment(&mut self, asked: &AskedPayment, refusals: &[Refusal]) -> Acted {
        let said_back = SaidBack {
            reference: asked.reference.as_ref(),
            amount: asked.amount.as_ref(),
            currency: asked.currency.as_ref(),
        };
        self.refuse(Resource::Payment, refusals, said_back)
    }

    /// 400 in the gateway's own shape.
    pub(super) fn refuse(&mut self, resource: Resource, refusals: &[Refusal], said_back: SaidBack<'_>) -> Acted {
        let response = refusal::response(resource, self.books.draw_refusal(), refusals, said_back);
        Acted::noted(response, refusal::note(refusals))
    }

    /// Enters an open payment and gives its number.
    pub(super) fn enter(&mut self, now: u64, asked: AskedPayment, checked: Checked, card: Option<CardPart>) -> u64 {
        let id = self.books.next_id();
        let method = checked.method.and_then(|method| self.config.methods.get(&method));
        let authorizes_only = method.is_some_and(|method| method.authorizes_only(asked.capture));
        let waits = card.as_ref().is_none_or(|card| card.redirects);
        let echo = self.echo(&asked, checked.method);
        let splits = self.open_splits(now, &checked.splits, asked.splits.unwrap_or_default());
        let payment = Payment {
            id,
            created: now,
            site: splits.first().map_or(self.config.site_id, |split| split.site),
            reference: asked.reference.map(|text| text.0.into()).unwrap_or_default(),
            originator: asked.originator.map(|text| text.0),
            amount: checked.amount,
            currency: checked.currency,
            country: checked.country,
            captured: None,
            paid: 0,
            return_url: asked.return_url.map(|text| text.0).unwrap_or_default(),
            description: asked.description.map(|text| text.0),
            method: checked.method,
            method_option: checked.method_option,
            authorizes_only,
            capture: asked.capture,
            token: self.rng.random(),
            token_lifetime_minutes: checked.token_lifetime_minutes,
            visited: false,
            status: Status::OPEN,
            reason: None,
            lapses: None,
            notified: None,
            splits,
            captures: Vec::new(),
            refunds: Vec::new(),
            dispute: None,
            card: card.map(Box::new),
            echo,
        };
        if waits {
            self.alarms.set(payment.expires(), Alarm::Expires(id));
        }
        self.books.insert(payment);
        id
    }

    /// Splits as they are asked for, open: with the sites and amounts that passed.
    pub(super) fn open_splits(&mut self, now: u64, passed: &[(u64, u64)], asked: Vec<AskedSplit>) -> Vec<Split> {
        let splits = passed.iter().zip(asked).map(|((site, amount), asked)| Split {
            id: self.books.draw_split(),
            created: now,
            site: *site,
            amount: *amount,
            captured: None,
            paid: 0,
            reference: asked.reference,
            originator: asked.originator,
            status: Status::OPEN,
        });
        splits.collect()
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

/// Reads a body. An empty one asks for an empty thing, which then lacks everything.
pub(crate) fn read<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Acted> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    serde_json::from_slice(body)
        .map_err(|error| Acted::noted(Response::message(400, "The request is invalid."), error.to_string()))
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
        Some(text) if !is_url(text) => no(2, "Payment.ReturnURL"),
        Some(_) => {}
    }
    if asked.description.as_ref().is_some_and(|text| !is_description(text)) {
        no(2, "Payment.Description");
    }
    let lifetime = asked.token_lifetime.as_ref().map(fields::minutes);
    if matches!(lifetime, Some(None)) {
        no(2, "Payment.TokenLifetime");
    }
    let amount = amount(asked.amount.as_ref(), "Payment.Amount", &mut no);
    let currency = match &asked.currency {
        None => {
            no(1, "Payment.Currency");
            None
        }
        Some(text) => fields::currency(text).or_else(|| {
            no(100, "Payment.Currency");
            None
        }),
    };
    let country = fields::country(asked.billing_address.as_ref());
    if country.is_err() {
        no(19, "Payment.BillingAddress.Country");
    }
    let method = method(asked, config, &mut no);
    let splits = splits(asked.splits.as_deref().unwrap_or_default(), config, &mut no);
    if !sums_up(config.split_sum, &splits, amount) {
        no(118, "Payment.Splits");
    }
    let option = asked.method_option.as_ref().and_then(number);
    Some(Checked {
        amount: amount?,
        currency: currency?,
        country: country.ok().flatten(),
        method,
        method_option: option.and_then(|option| u32::try_from(option).ok()),
        token_lifetime_minutes: lifetime.flatten().unwrap_or(config.token_lifetime_minutes),
        splits,
    })
}

/// Checks the method and what it asks of the customer.
fn method(asked: &AskedPayment, config: &Config, no: &mut impl FnMut(u16, &'static str)) -> Option<u32> {
    let email = asked.customer.as_ref().and_then(|customer| customer.email.as_ref());
    if email.is_some_and(|email| !is_email(email)) {
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
        Some(method) if method.requires_articles && asked.articles.is_none() => no(128, "Payment.Articles"),
        Some(_) => {}
    }
    id
}

/// Checks splits, those of a new payment and those that are added to one.
pub(crate) fn splits(asked: &[AskedSplit], config: &Config, no: &mut impl FnMut(u16, &'static str)) -> Vec<(u64, u64)> {
    let mut splits = Vec::with_capacity(asked.len());
    for split in asked {
        let site = split.site.as_ref().map(number);
        match site {
            None => no(127, "Splits.SiteID"),
            Some(None) => no(2, "Splits.SiteID"),
            Some(Some(site)) if !is_linked(config, site) => no(2, "Splits.SiteID (not linked)"),
            Some(Some(_)) => {}
        }
        if split.originator.as_ref().is_some_and(|text| !is_reference(text)) {
            no(2, "Splits.OriginatorTransactionID");
        }
        let amount = amount(split.amount.as_ref(), "Splits.Amount", no);
        splits.extend(site.flatten().zip(amount));
    }
    splits
}

/// Whether a site may receive.
pub(crate) fn is_linked(config: &Config, site: u64) -> bool {
    let linked = config.linked_sites.as_ref();
    linked.is_none_or(|linked| linked.contains(&site))
}

/// Whether splits are in proportion to the amount.
pub(crate) fn sums_up(rule: SplitSum, splits: &[(u64, u64)], amount: Option<u64>) -> bool {
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

/// An amount that must be there and be one.
pub(crate) fn amount(text: Option<&Loose>, field: &'static str, no: &mut impl FnMut(u16, &'static str)) -> Option<u64> {
    let Some(text) = text else {
        no(1, field);
        return None;
    };
    let amount = fields::amount(text);
    if amount.is_none() {
        no(118, field);
    }
    amount
}
