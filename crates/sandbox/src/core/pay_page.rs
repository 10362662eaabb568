//! The page where a person pays.

use super::{
    Acted, Core,
    exchange::{Request, Response},
    payment::Payment,
    stamp,
    status::Status,
};
use std::{borrow::Cow, fmt::Write};
use subtle::ConstantTimeEq;

const PAGE: &str = include_str!("pay_page.html");

/// What the buyer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Success,
    Failed,
    Cancelled,
    Expired,
}

impl Outcome {
    fn read(body: &[u8]) -> Option<Self> {
        let (_, value) = url::form_urlencoded::parse(body).find(|(name, _)| name == "outcome")?;
        match value.as_ref() {
            "success" => Some(Self::Success),
            "failed" => Some(Self::Failed),
            "cancelled" => Some(Self::Cancelled),
            "expired" => Some(Self::Expired),
            _ => None,
        }
    }

    fn status(self, payment: &Payment) -> Status {
        match self {
            // Whatever became of it.
            Self::Success if payment.paid > 0 || payment.lapses.is_some() => payment.status,
            Self::Success if payment.status.is_capturing() => payment.status,
            Self::Success => payment.done(),
            Self::Failed => Status::FAILED,
            Self::Cancelled => Status::CANCELLED,
            Self::Expired => Status::EXPIRED,
        }
    }
}

impl Core {
    /// Answers `GET` and `POST /Home?PaymentToken=…`.
    pub(super) fn home(&mut self, now: u64, request: &Request) -> Acted {
        let Some(id) = self.payment_of_token(&request.query) else {
            return Acted::plain(Response::html(404, plain_page("This payment link is not known here.")));
        };
        match request.method.as_str() {
            "GET" | "HEAD" => {
                if let Some(payment) = self.books.get_mut(id) {
                    payment.visited = true;
                }
                Acted::about(self.page(id, 200), id)
            }
            "POST" => match Outcome::read(&request.body) {
                Some(outcome) => self.play(now, id, outcome, request),
                None => {
                    let page = plain_page("The form field “outcome” is success, failed, cancelled or expired.");
                    Acted::about(Response::html(400, page), id)
                }
            },
            _ => Acted::plain(Response::message(405, "This page understands GET and POST.")),
        }
    }

    /// The buyer acts. Pressing the same button twice is harmless; another one comes too late.
    fn play(&mut self, now: u64, id: u64, outcome: Outcome, cause: &Request) -> Acted {
        let Some(payment) = self.books.get_mut(id) else {
            return Acted::plain(Response::message(404, "Not found"));
        };
        if payment.status == Status::OPEN {
            match outcome {
                Outcome::Success => self.succeed(now, id),
                _ => payment.enter(outcome.status(payment)),
            }
            self.notify(now, id, cause);
        } else if payment.status != outcome.status(payment) {
            return Acted::about(self.page(id, 409), id);
        }
        match self.books.get(id).and_then(return_location) {
            Some(location) => Acted::about(Response::see_other(location), id),
            None => Acted::about(self.page(id, 200), id),
        }
    }

    /// The payment whose token the query carries. The token is the buyer's only credential.
    fn payment_of_token(&self, query: &str) -> Option<u64> {
        let (_, token) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "PaymentToken")?;
        let (_, id) = token.split_once('.')?;
        let payment = self.books.get(id.parse().ok()?)?;
        let same: bool = payment.payment_token().as_bytes().ct_eq(token.as_bytes()).into();
        same.then_some(payment.id)
    }

    fn page(&self, id: u64, status: u16) -> Response {
        match self.books.get(id) {
            Some(payment) => Response::html(status, self.write_page(payment)),
            None => Response::html(404, plain_page("This payment link is not known here.")),
        }
    }

    fn write_page(&self, payment: &Payment) -> String {
        let name = payment.method.and_then(|id| self.config.methods.get(&id));
        let name = name.map_or("", |method| &method.name);
        let card = payment.card.as_ref().and_then(|part| part.card.as_ref());
        let method = match card {
            Some(card) => format!("{name} ending {}", card.last4),
            None => name.to_owned(),
        };
        let mut rows = String::new();
        for split in &payment.splits {
            let reference = split
                .originator
                .as_ref()
                .or(split.reference.as_ref())
                .map_or("", |text| text.as_str());
            let (site, amount) = (split.site, decimal(split.amount));
            // Writing to a string cannot fail.
            let _ = write!(
                rows,
                "<tr><td>Site {site}</td><td>{}</td><td class=n>{amount}</td></tr>",
                escape(reference)
            );
        }
        let open = payment.status == Status::OPEN;
        let order = payment.originator.as_deref().unwrap_or(&payment.reference);
        PAGE.replace("{{status}}", payment.status.info())
            .replace("{{state}}", if open { "open" } else { "over" })
            .replace("{{amount}}", &decimal(payment.amount))
            .replace("{{currency}}", payment.currency())
            .replace("{{id}}", &payment.id.to_string())
            .replace("{{expires}}", &clock_time(payment.expires()))
            .replace("{{pay}}", verb(payment))
            .replace("{{method}}", &escape(&method))
            .replace("{{order}}", &escape(order))
            .replace("{{reference}}", &escape(&payment.reference))
            .replace(
                "{{description}}",
                &escape(payment.description.as_deref().unwrap_or_default()),
            )
            .replace("{{splits}}", &rows)
    }
}

/// What the buyer's button says.
fn verb(payment: &Payment) -> &'static str {
    let asks_bank = payment.card.as_ref().is_some_and(|part| part.three_d_secure);
    match (asks_bank, payment.authorizes_only) {
        (true, _) => "Confirm with your bank:",
        (false, true) => "Authorize",
        (false, false) => "Pay",
    }
}

/// Where the buyer goes afterwards: the merchant's URL with `data` and `MerchantTransactionID`, which prove nothing.
fn return_location(payment: &Payment) -> Option<String> {
    let decoded: Cow<'_, str> = if payment.return_url.contains("://") {
        Cow::Borrowed(&payment.return_url)
    } else {
        Cow::Owned(payment.return_url.replace("%3A%2F%2F", "://"))
    };
    let mut location = url::Url::parse(&decoded).ok()?;
    // The documents list 2, 3, 4, 7 and 9 only: a buyer whose time ran out comes back as one who failed.
    let data = match payment.status {
        Status::EXPIRED => Status::FAILED,
        Status::CAPTURED => Status::SUCCESS,
        status if status.is_capturing() => Status(7),
        status => status,
    };
    let mut pairs = location.query_pairs_mut();
    pairs
        .append_pair("data", &data.0.to_string())
        .append_pair("MerchantTransactionID", &payment.reference);
    drop(pairs);
    Some(location.into())
}

/// Hundredths with a decimal point: the gateway counts every currency that way.
fn decimal(amount: u64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

/// `HH:MM:SS` of a moment in microseconds, UTC.
fn clock_time(micros: u64) -> String {
    let seconds = micros / stamp::MICROS_PER_SECOND;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Makes a text harmless in HTML, and in the template's own placeholders.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '{' => escaped.push_str("&#123;"),
            '}' => escaped.push_str("&#125;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn plain_page(message: &str) -> String {
    format!("<!doctype html><html lang=en><meta charset=utf-8><title>Sandbox</title><p>{message}</p></html>")
}
