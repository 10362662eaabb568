//! Kept cards: what pays with one, what a payment leaves behind of one, and giving one up.

use std::fmt;

use domain::sight::{Host, Reason, Standing};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};

use crate::answer::{self, Asked};
use crate::client::{Call, Client, Outgoing};
use crate::error::GatewayError;
use crate::sight::{self, Shown};
use crate::wire;

/// The longest return code, in digits. One that happens to equal a security code stays: callers decide by it.
const CODE_MAX_BYTES: usize = 5;

/// What pays with a kept card. Wiped when dropped, hidden in `Debug`.
#[derive(Clone, Debug)]
pub struct CardSecret {
    /// The gateway's token of the card.
    pub token: SecretString,
    /// Three or four digits that the buyer has just typed; never kept.
    pub security_code: Option<SecretString>,
}

/// A card that the gateway keeps for us. Its token is wiped when dropped; `Debug` shows nothing of it.
#[derive(Clone)]
pub struct KeptCard {
    /// What pays with it.
    pub token: SecretString,
    /// The last four digits of its number.
    pub last4: String,
    /// 1 to 12.
    pub expiry_month: u8,
    /// Four digits.
    pub expiry_year: u16,
    /// The name on it.
    pub holder: Option<String>,
}

impl Client {
    /// `POST /v1/card/token/{token}/cancel` at the card host: the gateway forgets the card.
    pub async fn forget_card(&self, token: &SecretString, call: Call) -> Result<(), GatewayError> {
        let path = ["v1", "card", "token", token.expose_secret(), "cancel"];
        if !is_path_segment(token.expose_secret()) {
            return Err(GatewayError::not_sent("the card's token is not one"));
        }
        let outgoing = Outgoing {
            host: Host::Cards,
            method: Method::POST,
            template: "/v1/card/token/{token}/cancel",
            path: &path,
            query: &[],
            body: None,
            request_id: &call.request_id.to_string(),
            not_after: call.not_after,
        };
        let answer = self.send(outgoing).await?;
        if !answer.is_success() {
            let refused = answer::refused(Host::Cards, Asked::Change, &answer);
            return Err(hidden_in_error(&[token], refused));
        }
        let shown = serde_json::from_slice::<wire::CardAuthenticationEnvelope>(&answer.body);
        let shown = shown.map_err(|_| GatewayError::garbled("the body is not about a card"))?;
        let status = shown.card_authentication.status.as_ref().and_then(sight::status);
        if status.is_some_and(|status| status.standing == Standing::Failed) {
            return Err(GatewayError::unknown("the card was not given up"));
        }
        Ok(())
    }
}

impl CardSecret {
    /// The gateway may quote what it was sent, and its words are shown and kept.
    pub(crate) fn hidden_in(&self, shown: Result<Shown, GatewayError>) -> Result<Shown, GatewayError> {
        let secrets: Vec<&SecretString> = [&self.token].into_iter().chain(&self.security_code).collect();
        let mut shown = shown.map_err(|error| hidden_in_error(&secrets, error))?;
        hide(&secrets, &mut shown.sight.status.reasons);
        for status in shown.sight.splits.iter_mut().filter_map(|split| split.status.as_mut()) {
            hide(&secrets, &mut status.reasons);
        }
        Ok(shown)
    }
}

impl KeptCard {
    /// The card that the gateway keeps of a payment, if it says all that is needed to offer it to its buyer again.
    pub(crate) fn of(payment: &wire::CardPayment) -> Option<Self> {
        let token = payment.credit_card_token.as_ref()?.value.expose();
        let card = payment.card.as_ref()?;
        let number = card.number.as_ref()?.expose();
        let (_, last4) = number.split_at_checked(number.len().checked_sub(4)?)?;
        let year: u16 = card.expiration_year.as_ref()?.expose().parse().ok()?;
        let holder = card.holder_name.as_ref().map(|name| name.expose().to_owned());
        let kept = Self {
            token: token.into(),
            last4: last4.to_owned(),
            expiry_month: card.expiration_month.as_ref()?.expose().parse().ok()?,
            // Two digits are read as the gateway reads them in requests.
            expiry_year: if year < 100 { year.saturating_add(2000) } else { year },
            holder: holder.filter(|name| !name.is_empty()),
        };
        let is_whole = !token.is_empty() && last4.bytes().all(|byte| byte.is_ascii_digit());
        (is_whole && (1..=12).contains(&kept.expiry_month)).then_some(kept)
    }
}

impl fmt::Debug for KeptCard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeptCard").finish_non_exhaustive()
    }
}

/// What cannot change which address is called: the URL's writer leaves out empty segments and dots.
fn is_path_segment(token: &str) -> bool {
    let accepts = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !token.is_empty() && token.bytes().all(accepts)
}

fn hidden_in_error(secrets: &[&SecretString], mut error: GatewayError) -> GatewayError {
    if let GatewayError::Refused(refusal) | GatewayError::AlreadyThere(refusal) = &mut error {
        hide(secrets, &mut refusal.reasons);
        if refusal
            .invalid_request_id
            .as_deref()
            .is_some_and(|id| quotes(secrets, id))
        {
            refusal.invalid_request_id = None;
        }
    }
    error
}

/// Blots out every text that quotes a secret, and every one that may have been cut in the middle of one.
fn hide(secrets: &[&SecretString], reasons: &mut [Reason]) {
    for Reason { code, info } in reasons {
        if code.len() > CODE_MAX_BYTES {
            code.clear();
        }
        if quotes(secrets, info) || sight::may_be_cut(info) {
            "[redacted]".clone_into(info);
        }
    }
}

fn quotes(secrets: &[&SecretString], text: &str) -> bool {
    let is_quoted = |secret: &[u8]| {
        let mut places = text.as_bytes().windows(secret.len().max(1));
        !secret.is_empty() && places.any(|place| place.eq_ignore_ascii_case(secret))
    };
    secrets
        .iter()
        .any(|secret| is_quoted(secret.expose_secret().as_bytes()))
}
