//! From an HTTP answer to what the caller may conclude. Pure: every judgement can be tested without a socket.

use domain::sight::{Host, Reason, Sight, Standing};

use crate::error::{GatewayError, Refusal};
use crate::sight::{self, cut};
use crate::wire;

/// What was asked; the same answer means different things to a command and to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Something that changes the gateway's books.
    Command,
    /// One thing by its id.
    ById,
    /// A list.
    List,
}

/// An answer that arrived whole.
pub(crate) struct Answer {
    pub(crate) http_status: u16,
    pub(crate) body: Vec<u8>,
}

/// Reads an answer about one payment.
pub(crate) fn payment(host: Host, asked: Asked, answer: &Answer) -> Result<Sight, GatewayError> {
    if (200..300).contains(&answer.http_status) {
        return sight::from_body(host, &answer.body).map_err(GatewayError::garbled);
    }
    let body = refused_body(host, asked, answer)?;
    // A record was made and failed at once: that is the payment, seen, whatever the HTTP status says of it.
    if body.payment.is_some_and(|rejected| rejected.id.is_some()) {
        return sight::from_body(host, &answer.body).map_err(GatewayError::garbled);
    }
    Err(GatewayError::unknown(format!(
        "HTTP {} with a body that says nothing",
        answer.http_status
    )))
}

/// The conclusion from an answer other than 2xx, or the body where only its `Payment` can tell.
pub(crate) fn refused_body(host: Host, asked: Asked, answer: &Answer) -> Result<wire::ErrorBody, GatewayError> {
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
    if !(400..500).contains(&http_status) || matches!(http_status, 408 | 429) {
        return Err(GatewayError::unknown(format!("HTTP {http_status}")));
    }
    let Ok(body) = body else {
        return Err(GatewayError::unknown(format!(
            "HTTP {http_status} with a body that is not the gateway's"
        )));
    };
    let judged = body.payment.as_ref().or(body.refund.as_ref());
    let status = judged.and_then(|rejected| rejected.status.as_ref());
    let says_already = status.is_some_and(|status| status.reasons().iter().any(|reason| is_already(host, reason)));
    let says_something = judged.is_some_and(|it| it.invalid_request_id.is_some())
        || status.is_some_and(|status| !status.reasons().is_empty());
    let is_record = judged.is_some_and(|rejected| rejected.id.is_some());
    let is_stored_as_invalid = judged.is_some_and(|rejected| rejected.invalid_request_id.is_some());
    if says_already {
        return Err(GatewayError::AlreadyThere(refusal(http_status, body, false)));
    }
    if is_record {
        return Ok(body);
    }
    if asked == Asked::ById && http_status == 404 && (judged.is_some() || body.message.is_some()) {
        return Err(GatewayError::Missing);
    }
    if says_something {
        let is_wavering = status.is_some_and(|status| status.reasons().iter().any(|reason| is_wavering(host, reason)));
        let stands = status.and_then(sight::status).map(|status| status.standing);
        if is_wavering && !is_stored_as_invalid || stands.is_some_and(|standing| standing != Standing::Failed) {
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

fn refusal(http_status: u16, body: wire::ErrorBody, credentials: bool) -> Refusal {
    let judged = body.payment.or(body.refund).unwrap_or_default();
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
fn is_already(host: Host, reason: &wire::Reason) -> bool {
    match (host, reason.code.as_ref().and_then(wire::Scalar::number)) {
        (Host::Pay, Some(20)) | (Host::Cards, Some(20..=23 | 1801)) => true,
        (Host::Pay | Host::Cards, _) => false,
    }
}

/// Codes that report trouble at the gateway rather than a fault in the request ("an error has occurred, please try again
/// later"): unless the request was stored as invalid, they do not prove that nothing happened.
fn is_wavering(host: Host, reason: &wire::Reason) -> bool {
    match (host, reason.code.as_ref().and_then(wire::Scalar::number)) {
        (Host::Pay, Some(0 | 14..=16)) | (Host::Cards, Some(13 | 18 | 19 | 1010)) => true,
        (Host::Pay | Host::Cards, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CREATED: &str = include_str!("../tests/golden/one-step-create.response.json");

    proptest! {
        #[test]
        fn junk_is_never_a_payment_and_never_panics(
            http_status in 100_u16..1000,
            body in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let answer = Answer { http_status, body };
            for (host, asked) in [(Host::Pay, Asked::Command), (Host::Cards, Asked::ById), (Host::Pay, Asked::List)] {
                prop_assert!(payment(host, asked, &answer).is_err());
            }
        }

        #[test]
        fn a_damaged_answer_does_not_panic(
            http_status in proptest::sample::select(vec![200_u16, 201, 400, 402, 404, 500]),
            at in 0..CREATED.len(),
            byte in any::<u8>(),
        ) {
            let mut body = CREATED.as_bytes().to_vec();
            body[at] = byte;
            let answer = Answer { http_status, body };
            let _ = payment(Host::Pay, Asked::Command, &answer);
            let _ = payment(Host::Cards, Asked::ById, &answer);
        }
    }
}
