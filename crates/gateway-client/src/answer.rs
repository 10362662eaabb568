//! From an HTTP answer to what the caller may conclude. Pure: every judgement can be tested without a socket.

use domain::planted::{Defect, planted};
use domain::sight::{GatewayRef, Host, Reason, RefundSight, RefundStanding, Standing};

use crate::error::{GatewayError, Refusal};
use crate::sight::{self, Shown, cut};
use crate::wire;

/// What was asked; the same answer means different things to a command and to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A new payment.
    Create,
    /// To take what is authorized.
    Capture,
    /// Another change of something that is named by its id.
    Change,
    /// One thing by its id.
    ById,
    /// A list.
    List,
}

/// An answer that arrived whole.
pub struct Answer {
    /// The HTTP status.
    pub http_status: u16,
    /// Every byte of the body.
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.http_status)
    }

    /// What is concluded from an answer that is neither what was asked for nor a refusal.
    fn says_nothing(&self) -> GatewayError {
        GatewayError::unknown(format!("HTTP {} with a body that says nothing", self.http_status))
    }
}

/// Reads an answer about one payment.
pub(crate) fn payment(host: Host, asked: Asked, answer: &Answer) -> Result<Shown, GatewayError> {
    if answer.is_success() {
        return sight::from_body(host, &answer.body).map_err(unreadable);
    }
    let body = refused_body(host, asked, answer)?;
    // A record was made and failed at once: that is the payment, seen, whatever the HTTP status says of it.
    if body.payment.is_some_and(|rejected| rejected.id.is_some()) {
        return sight::from_body(host, &answer.body).map_err(unreadable);
    }
    Err(answer.says_nothing())
}

/// Reads an answer that must be about this payment.
pub(crate) fn payment_at(at: GatewayRef, asked: Asked, answer: &Answer) -> Result<Shown, GatewayError> {
    let shown = payment(at.host, asked, answer)?;
    if shown.sight.at == at {
        Ok(shown)
    } else {
        Err(GatewayError::garbled("the answer is about another payment"))
    }
}

/// Reads the answer to a refund of this payment. A record that failed is the gateway's last word, whatever the HTTP status
/// says of it; unless it failed because its reference is taken, when the one that holds it may have gone through.
pub(crate) fn refund(at: GatewayRef, answer: &Answer) -> Result<RefundSight, GatewayError> {
    let shown = sight::refund_from_body(at, &answer.body);
    let failed = shown
        .as_ref()
        .ok()
        .filter(|sight| sight.standing == RefundStanding::Failed);
    if let Some(sight) = failed.filter(|sight| names_already(at.host, &sight.status.reasons)) {
        return Err(GatewayError::AlreadyThere(Refusal {
            http_status: answer.http_status,
            gateway_status: Some(sight.status.id),
            reasons: sight.status.reasons.clone(),
            invalid_request_id: None,
            credentials: false,
        }));
    }
    if answer.is_success() || failed.is_some() {
        return shown.map_err(unreadable);
    }
    let body = refused_body(at.host, Asked::Change, answer)?;
    if body.refund.is_some_and(|rejected| rejected.id.is_some()) {
        return shown.map_err(unreadable);
    }
    Err(answer.says_nothing())
}

/// What is concluded from an answer other than 2xx that cannot be a record: a list, added splits, a card given up.
pub(crate) fn refused(host: Host, asked: Asked, answer: &Answer) -> GatewayError {
    refused_body(host, asked, answer).map_or_else(|error| error, |_| answer.says_nothing())
}

/// The conclusion from an answer other than 2xx, or the body where only the record in it can tell.
fn refused_body(host: Host, asked: Asked, answer: &Answer) -> Result<wire::ErrorBody, GatewayError> {
    let http_status = answer.http_status;
    let body = serde_json::from_slice::<wire::ErrorBody>(&answer.body);
    if matches!(http_status, 401 | 403) {
        // Whoever wrote the body, our credentials were not accepted, so nothing was done on their strength.
        return Err(GatewayError::Refused(refusal(
            http_status,
            body.unwrap_or_default(),
            true,
        )));
    }
    if http_status >= 500 && planted(Defect::ServerErrorTakenForUnsent) {
        return Err(GatewayError::not_sent(format!("HTTP {http_status}")));
    }
    if !(400..500).contains(&http_status) || matches!(http_status, 408 | 429) {
        return Err(GatewayError::unknown(format!("HTTP {http_status}")));
    }
    let Ok(body) = body else {
        return Err(GatewayError::unknown(format!(
            "HTTP {http_status} with a body that is not the gateway's"
        )));
    };
    let judged = body.judged();
    let status = judged.and_then(|rejected| rejected.status.as_ref());
    let says = |what: fn(Host, i64) -> bool| {
        let reasons = status.map(wire::Status::reasons).unwrap_or_default();
        let mut codes = reasons.iter().filter_map(|reason| reason.code.as_ref()?.number());
        codes.any(|code| what(host, code))
    };
    let is_record = judged.is_some_and(|rejected| rejected.id.is_some());
    let is_stored_as_invalid = judged.is_some_and(|rejected| rejected.invalid_request_id.is_some());
    let says_something = is_stored_as_invalid || status.is_some_and(|status| !status.reasons().is_empty());
    let stands = status.and_then(sight::status).map(|status| status.standing);
    if says(is_already) {
        return Err(GatewayError::AlreadyThere(refusal(http_status, body, false)));
    }
    // The payment is as it was, whether or not it is shown, and may be captured again.
    let is_uncaptured = matches!(stands, None | Some(Standing::Failed | Standing::Authorized));
    if asked == Asked::Capture && is_uncaptured && says(is_not_captured) {
        return Err(GatewayError::Refused(refusal(http_status, body, false)));
    }
    if is_record {
        return Ok(body);
    }
    if http_status == 404 && (judged.is_some() || body.message.is_some()) {
        match asked {
            Asked::ById => return Err(GatewayError::Missing),
            // It knew the id when we learned it: a gateway that has lost it is not believed that nothing happened.
            Asked::Capture | Asked::Change => {
                return Err(GatewayError::unknown("HTTP 404 for an id of the gateway's own"));
            }
            Asked::Create | Asked::List => {}
        }
    }
    if says_something {
        if says(is_wavering) && !is_stored_as_invalid || stands.is_some_and(|standing| standing != Standing::Failed) {
            return Err(GatewayError::unknown(format!(
                "HTTP {http_status} that decides nothing"
            )));
        }
        return Err(GatewayError::Refused(refusal(http_status, body, false)));
    }
    if body.message.is_some() || body.error.is_some() {
        return Err(GatewayError::Refused(refusal(http_status, body, false)));
    }
    Ok(body)
}

/// What is concluded from an answer that should show what was asked for, and cannot be read.
fn unreadable(why: &'static str) -> GatewayError {
    if planted(Defect::UnreadableTakenForRefused) {
        return GatewayError::Refused(refusal(200, wire::ErrorBody::default(), false));
    }
    GatewayError::garbled(why)
}

fn refusal(http_status: u16, body: wire::ErrorBody, credentials: bool) -> Refusal {
    let judged = body
        .payment
        .or(body.refund)
        .or(body.card_authentication)
        .unwrap_or_default();
    let status = judged.status.unwrap_or_default();
    let mut reasons = sight::reasons(&status);
    if let Some(message) = body.message.or(body.error) {
        reasons.push(Reason {
            code: String::new(),
            info: cut(&message),
        });
    }
    Refusal {
        http_status,
        gateway_status: status.id.and_then(|id| u16::try_from(id).ok()),
        reasons,
        invalid_request_id: judged.invalid_request_id.map(|id| cut(&id.to_string())),
        credentials,
    }
}

/// "MerchantTransactionID is duplicated"; on the card host also the payment, payout or refund "has already been processed"
/// and "duplicate provider transaction". The two hosts number their codes separately.
fn is_already(host: Host, code: i64) -> bool {
    match host {
        Host::Pay => code == 20,
        Host::Cards => matches!(code, 20..=23 | 1801),
    }
}

fn names_already(host: Host, reasons: &[Reason]) -> bool {
    let mut codes = reasons.iter().filter_map(|reason| reason.code.parse().ok());
    codes.any(|code| is_already(host, code))
}

/// "Unable to capture transaction": the provider did not answer in time, and the documents say to capture again.
fn is_not_captured(host: Host, code: i64) -> bool {
    match host {
        Host::Pay => code == 157,
        Host::Cards => code == 18,
    }
}

/// Codes that report trouble at the gateway rather than a fault in the request ("an error has occurred, please try again
/// later"): unless the request was stored as invalid, they do not prove that nothing happened.
fn is_wavering(host: Host, code: i64) -> bool {
    match host {
        Host::Pay => matches!(code, 0 | 14..=16),
        Host::Cards => matches!(code, 13 | 18 | 19 | 1010),
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::GatewayId;
    use proptest::prelude::*;

    use super::*;

    fn at() -> GatewayRef {
        GatewayRef {
            host: Host::Pay,
            id: GatewayId::new(5_611_633),
        }
    }

    const CREATED: &str = include_str!("../tests/golden/one-step-create.response.json");

    proptest! {
        #[test]
        fn junk_is_never_a_payment_and_never_panics(
            http_status in 100_u16..1000,
            body in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let answer = Answer { http_status, body };
            for (host, asked) in [(Host::Pay, Asked::Create), (Host::Cards, Asked::ById), (Host::Pay, Asked::List)] {
                prop_assert!(payment(host, asked, &answer).is_err());
            }
            prop_assert!(refund(at(), &answer).is_err());
        }

        #[test]
        fn a_damaged_answer_does_not_panic(
            http_status in proptest::sample::select(vec![200_u16, 201, 400, 402, 404, 500]),
            place in 0..CREATED.len(),
            byte in any::<u8>(),
        ) {
            let mut body = CREATED.as_bytes().to_vec();
            body[place] = byte;
            let answer = Answer { http_status, body };
            let _ = payment(Host::Pay, Asked::Capture, &answer);
            let _ = payment(Host::Cards, Asked::ById, &answer);
            let _ = refund(at(), &answer);
        }
    }
}
