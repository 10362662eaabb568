//! A storefront's request as it arrived, and everything that is wrong with it.

use std::collections::BTreeMap;

use domain::capture_plan::Unanswered;
use domain::cart::CartDraft;
use domain::fault::{Fault, Faults};
use domain::ids::{CardId, CustomerId, OrderId};
use domain::metadata;
use domain::sale::{BillingAddress, CARDS_METHOD, CaptureMode, Customer, SplitMode, Steps};
use domain::time::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::settings::{MethodTerms, Settings};

/// A request for a payment (API.md "Payments", *Create*).
#[derive(Clone, Debug, Default)]
pub struct NewPayment {
    /// The storefront's order.
    pub order: String,
    /// What the buyer agreed to.
    pub cart: CartDraft,
    /// The gateway's method number; splits need one.
    pub method_id: Option<u32>,
    /// What happens after an authorization.
    pub capture: CaptureMode,
    /// When the one capture is made at the latest: RFC 3339.
    pub capture_by: Option<String>,
    /// What counts then for sellers that have not said what they are ready to take.
    pub capture_unanswered: Unanswered,
    /// Whether the splits travel with the payment.
    pub split: SplitMode,
    /// The kept card that pays.
    pub card: Option<CardDraft>,
    /// Whether the card that pays is to be kept.
    pub save_card: bool,
    /// Where the gateway sends the buyer afterwards.
    pub return_url: String,
    /// Shown on the payment page.
    pub description: Option<String>,
    /// Shown on the card statement.
    pub statement_descriptor: Option<String>,
    /// The buyer.
    pub customer: Option<CustomerDraft>,
    /// The buyer's address.
    pub billing_address: Option<AddressDraft>,
    /// The payment page's language.
    pub language: Option<String>,
    /// How long the buyer has to act.
    pub token_lifetime_minutes: Option<u32>,
    /// The digest of the quote that the buyer was shown.
    pub quote_digest: Option<String>,
    /// Whether another live payment of the order is accepted.
    pub allow_another: bool,
    /// The storefront's own notes.
    pub metadata: BTreeMap<String, String>,
}

/// A kept card, as sent.
#[derive(Clone, Debug)]
pub struct CardDraft {
    /// Which.
    pub id: CardId,
    /// Three or four digits; lives for one call.
    pub security_code: SecretString,
}

/// The buyer, as sent.
#[derive(Clone, Default)]
pub struct CustomerDraft {
    /// The storefront's name for the customer.
    pub id: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

impl std::fmt::Debug for CustomerDraft {
    /// A person's data has no place in a log line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomerDraft").finish_non_exhaustive()
    }
}

/// The buyer's address, as sent.
#[derive(Clone, Default)]
pub struct AddressDraft {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// City.
    pub city: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Street.
    pub street: Option<String>,
    /// Number in the street.
    pub street_number: Option<String>,
}

impl std::fmt::Debug for AddressDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddressDraft").finish_non_exhaustive()
    }
}

/// What of a request is checked besides its cart.
pub(super) struct Checked {
    pub order: OrderId,
    pub method: u32,
    pub steps: Steps,
    pub capture: CaptureMode,
    pub authorization_days: u16,
    pub capture_by: Option<Timestamp>,
    pub customer: Option<Customer>,
    pub billing_address: Option<BillingAddress>,
    pub token_lifetime_minutes: Option<u16>,
}

/// Codes this check uses besides those of API.md, each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    (
        "order_invalid",
        "The order's name is empty, too long, or has characters that names do not have.",
    ),
    (
        "method_required",
        "A payment with splits needs the gateway's method number.",
    ),
    ("method_unknown", "The configuration does not list this method."),
    (
        "url_invalid",
        "The return URL is not an absolute http or https URL of at most 512 characters.",
    ),
    (
        "text_invalid",
        "A text is empty, longer than the gateway takes, or has control characters.",
    ),
    (
        "capture_by_invalid",
        "The time of the capture is not an RFC 3339 time to come, or the payment is not captured by hand.",
    ),
    ("security_code_invalid", "A security code is not three or four digits."),
    (
        "customer_required",
        "A card is kept, and paid with, under a customer's id.",
    ),
    (
        "cards_not_configured",
        "No key is configured to keep cards with (cards.keys).",
    ),
    ("card_unknown", "The customer has no such card."),
    ("customer_id_invalid", "What names a customer is not such a name."),
    ("email_invalid", "An e-mail address that the gateway would refuse."),
    ("country_invalid", "A country is not two letters."),
    ("token_lifetime_invalid", "The buyer's time is not 1 to 43200 minutes."),
];

/// Checks everything but the cart. The first part is there only where nothing stood in its way.
pub(super) fn check(request: &NewPayment, settings: &Settings, now: Timestamp) -> (Option<Checked>, Faults) {
    let mut faults = metadata::faults(&request.metadata, "/metadata");
    let order = request
        .order
        .parse::<OrderId>()
        .map_err(|error| Fault::new("/order", "order_invalid", error.to_string()));
    let order = order.map_err(|fault| faults.push(fault)).ok();
    let method = method(request, settings).map_err(|fault| faults.push(fault)).ok();
    if !is_web_address(&request.return_url) {
        faults.push(Fault::new(
            "/return_url",
            "url_invalid",
            "an absolute http or https URL of at most 512 characters",
        ));
    }
    texts(
        &[
            ("/description", &request.description, 255),
            ("/statement_descriptor", &request.statement_descriptor, 255),
            ("/language", &request.language, 10),
        ],
        &mut faults,
    );
    let customer = request.customer.as_ref().and_then(|draft| customer(draft, &mut faults));
    let billing_address = request
        .billing_address
        .as_ref()
        .map(|draft| address(draft, &mut faults));
    let lifetime = request
        .token_lifetime_minutes
        .map(|minutes| u16::try_from(minutes).unwrap_or(0));
    if lifetime.is_some_and(|minutes| !(1..=TOKEN_LIFETIME_MINUTES_MAX).contains(&minutes)) {
        let detail = format!("1 to {TOKEN_LIFETIME_MINUTES_MAX} minutes");
        faults.push(Fault::new("/token_lifetime_minutes", "token_lifetime_invalid", detail));
    }
    card(request, settings, &mut faults);
    let capture_by = capture_by(request, now, &mut faults);
    let checked = order.zip(method).map(|(order, (method, terms))| Checked {
        order,
        method,
        steps: terms.steps,
        capture: request.capture,
        authorization_days: terms.authorization_days,
        capture_by,
        customer,
        billing_address,
        token_lifetime_minutes: lifetime,
    });
    (checked, faults)
}

fn method(request: &NewPayment, settings: &Settings) -> Result<(u32, MethodTerms), Fault> {
    // A kept card is paid with at the card host, which is its own method.
    let by_card = request.card.as_ref().map(|_| CARDS_METHOD);
    let Some(id) = request.method_id.or(by_card) else {
        let detail = "the gateway divides a payment only by a named method; send its number";
        return Err(Fault::new("/method_id", "method_required", detail));
    };
    let Some(terms) = settings.methods.get(&id) else {
        let detail = format!("method {id} is not configured; add `gateway.methods.{id}` with its steps");
        return Err(Fault::new("/method_id", "method_unknown", detail));
    };
    // The card host takes or only reserves the money as it is told.
    let steps = match (id, request.capture) {
        (CARDS_METHOD, CaptureMode::Automatic) => Steps::One,
        (CARDS_METHOD, CaptureMode::Manual) => Steps::Two,
        _ => terms.steps,
    };
    Ok((id, MethodTerms { steps, ..*terms }))
}

fn card(request: &NewPayment, settings: &Settings, faults: &mut Faults) {
    let digits = |code: &str| (3..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    if request
        .card
        .as_ref()
        .is_some_and(|card| !digits(card.security_code.expose_secret()))
    {
        faults.push(Fault::new(
            "/card/security_code",
            "security_code_invalid",
            "three or four digits",
        ));
    }
    if request.card.is_none() && !request.save_card {
        return;
    }
    if request.customer.as_ref().is_none_or(|customer| customer.id.is_none()) {
        let detail = "the customer whose card it is";
        faults.push(Fault::new("/customer/id", "customer_required", detail));
    }
    if settings.cards.is_empty() {
        let detail = "nothing: configure cards.keys to keep cards";
        let at = if request.save_card { "/save_card" } else { "/card" };
        faults.push(Fault::new(at, "cards_not_configured", detail));
    }
}

fn capture_by(request: &NewPayment, now: Timestamp, faults: &mut Faults) -> Option<Timestamp> {
    let text = request.capture_by.as_ref()?;
    let at = text.parse::<Timestamp>().ok().filter(|at| *at > now);
    let by_hand = request.capture == CaptureMode::Manual;
    if at.is_none() || !by_hand {
        let detail = "an RFC 3339 time to come, of a payment with capture \"manual\"";
        faults.push(Fault::new("/capture_by", "capture_by_invalid", detail));
    }
    at
}

fn customer(draft: &CustomerDraft, faults: &mut Faults) -> Option<Customer> {
    let id = draft.id.as_ref().map(|id| id.parse::<CustomerId>()).transpose();
    if let Err(error) = &id {
        faults.push(Fault::new("/customer/id", "customer_id_invalid", error.to_string()));
    }
    if draft.email.as_deref().is_some_and(|email| !is_email(email)) {
        faults.push(Fault::new(
            "/customer/email",
            "email_invalid",
            "an address such as name@example.org",
        ));
    }
    texts(
        &[
            ("/customer/first_name", &draft.first_name, 100),
            ("/customer/last_name", &draft.last_name, 100),
            ("/customer/phone", &draft.phone, 40),
        ],
        faults,
    );
    Some(Customer {
        id: id.ok()?,
        email: draft.email.clone(),
        first_name: draft.first_name.clone(),
        last_name: draft.last_name.clone(),
        phone: draft.phone.clone(),
    })
}

fn address(draft: &AddressDraft, faults: &mut Faults) -> BillingAddress {
    if draft.country.len() != 2 || !draft.country.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        faults.push(Fault::new(
            "/billing_address/country",
            "country_invalid",
            "two letters, such as RO",
        ));
    }
    texts(
        &[
            ("/billing_address/city", &draft.city, 255),
            ("/billing_address/zip", &draft.zip, 255),
            ("/billing_address/state", &draft.state, 255),
            ("/billing_address/street", &draft.street, 255),
            ("/billing_address/street_number", &draft.street_number, 255),
        ],
        faults,
    );
    BillingAddress {
        country: draft.country.to_ascii_uppercase(),
        city: draft.city.clone(),
        zip: draft.zip.clone(),
        state: draft.state.clone(),
        street: draft.street.clone(),
        street_number: draft.street_number.clone(),
    }
}

/// Texts that are sent on as they are: not empty, within the gateway's length, without control characters.
fn texts(fields: &[(&str, &Option<String>, usize)], faults: &mut Faults) {
    for (pointer, text, longest) in fields {
        let Some(text) = text else { continue };
        if text.is_empty() || text.chars().count() > *longest || text.chars().any(char::is_control) {
            let detail = format!("1 to {longest} characters, none of them control characters");
            faults.push(Fault::new(*pointer, "text_invalid", detail));
        }
    }
}

/// The gateway's own pattern: `^http(s)?://.{1,512}$`.
fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        (1..=512).contains(&rest.chars().count()) && !rest.chars().any(|one| one.is_whitespace() || one.is_control())
    })
}

/// The gateway's own pattern, in its parts: `[a-zA-Z0-9._%+-]{1,100}@[a-zA-Z0-9.-]{1,40}.[a-zA-Z]{1,8}`.
fn is_email(text: &str) -> bool {
    let of = |part: &str, extra: &str, longest: usize| {
        (1..=longest).contains(&part.len())
            && part
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || extra.contains(one))
    };
    text.split_once('@').is_some_and(|(name, host)| {
        of(name, "._%+-", 100)
            && host.rsplit_once('.').is_some_and(|(host, top)| {
                of(host, ".-", 40) && (1..=8).contains(&top.len()) && top.bytes().all(|byte| byte.is_ascii_alphabetic())
            })
    })
}

/// Thirty days.
const TOKEN_LIFETIME_MINUTES_MAX: u16 = 43_200;
