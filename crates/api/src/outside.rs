//! The readers of what callers send, as plain functions: for whoever tries them with what nobody would send.

use actix_web::ResponseError;
use actix_web::body::MessageBody;
use domain::cart::CartDraft;
use domain::ids::{PaymentId, SplitId};
use engine::checkout::NewPayment;
use engine::payments::PaymentQuery;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::body;
use crate::config::Config;
use crate::extract;
use crate::problem::Problem;
use crate::{guard, routes, wiring};

pub use crate::replay::outside::{Orders, orders};

/// An answer that refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its HTTP status.
    pub status: u16,
    /// Its body.
    pub text: String,
}

/// The wishes for money besides payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// More splits.
    Splits,
    /// A capture.
    Capture,
    /// The capture of one split.
    SplitCapture,
    /// What a seller is ready to take.
    Ready,
    /// A refund.
    Refund,
    /// A payout that we are told of.
    Settlement,
}

/// The registrations: what has no money in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// A fee plan.
    FeePlan,
    /// A seller.
    Seller,
    /// An API key.
    ApiKey,
}

/// The cart of a quote.
///
/// # Errors
/// What the caller would be told.
pub fn quote(body: &[u8]) -> Result<CartDraft, Refused> {
    let read = extract::parsed::<body::QuoteBody>(body);
    read.map(|body| body.cart.into()).map_err(Refused::from)
}

/// A wish for a payment, and what its fingerprint is made of.
///
/// # Errors
/// What the caller would be told.
pub fn payment(body: &[u8]) -> Result<(NewPayment, Vec<u8>), Refused> {
    let (read, written) = read::<body::PaymentBody>(body)?;
    Ok((read.into(), written))
}

/// Another wish for money, checked; what its fingerprint is made of.
///
/// # Errors
/// What the caller would be told.
pub fn wish(wish: Wish, body: &[u8]) -> Result<Vec<u8>, Refused> {
    let (payment, split) = (PaymentId::from_u128(0), SplitId::new(PaymentId::from_u128(0), 1));
    let refused = |error: engine::Error| Refused::from(Problem::from(error));
    match wish {
        Wish::Splits => {
            let (read, written) = read::<body::SplitsBody>(body)?;
            read.wish().map(|_| written).map_err(refused)
        }
        Wish::Capture => {
            let (read, written) = read::<body::CaptureBody>(body)?;
            read.wish(payment).map(|_| written).map_err(refused)
        }
        Wish::SplitCapture => {
            let (read, written) = read::<body::SplitCaptureBody>(body)?;
            read.wish(split).map(|_| written).map_err(refused)
        }
        Wish::Ready => {
            let (read, written) = read::<body::TakeBody>(body)?;
            read.seller_take().map(|_| written).map_err(refused)
        }
        Wish::Refund => {
            let (read, written) = read::<body::RefundBody>(body)?;
            read.wish().map(|_| written).map_err(refused)
        }
        Wish::Settlement => {
            let (read, written) = read::<body::SettlementBody>(body)?;
            read.told().map(|_| written).map_err(refused)
        }
    }
}

/// A registration, as far as it can be read without the database.
///
/// # Errors
/// What the caller would be told.
pub fn registration(what: Registration, body: &[u8]) -> Result<(), Refused> {
    let read = match what {
        Registration::FeePlan => extract::parsed::<body::FeePlanBody>(body).map(drop),
        Registration::Seller => extract::parsed::<body::SellerBody>(body).map(drop),
        Registration::ApiKey => extract::parsed::<body::ApiKeyBody>(body).map(drop),
    };
    read.map_err(Refused::from)
}

/// The payments that a query asks for.
///
/// # Errors
/// What the caller would be told.
pub fn payments(query: &str) -> Result<PaymentQuery, Refused> {
    routes::payments_asked_for(query).map_err(Refused::from)
}

/// The key in an `Authorization` header.
#[must_use]
pub fn bearer(header: &str) -> Option<&str> {
    guard::bearer(header)
}

/// What the use cases are told under this configuration, once there is a gateway.
#[must_use]
pub fn settings(config: &Config) -> engine::Settings {
    wiring::settings(config, config.gateway.commission_site_id)
}

fn read<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<(T, Vec<u8>), Refused> {
    let read: T = extract::parsed(body)?;
    let written = serde_json::to_vec(&read).map_err(|_| Problem::internal())?;
    Ok((read, written))
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let body = problem
            .error_response()
            .into_body()
            .try_into_bytes()
            .unwrap_or_default();
        Self {
            status: problem.status_code().as_u16(),
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}
