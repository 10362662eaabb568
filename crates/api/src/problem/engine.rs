//! The one place where a use case's error becomes an HTTP status.

use actix_web::http::StatusCode;
use domain::fault::Fault;
use domain::ids::{OperationId, SplitId};
use domain::operation::OperationKind;
use domain::payment::Charged;
use domain::refusal::Refusal;
use engine::Error;

use super::{Problem, Retry};

/// Seconds after which a request that lost to others is worth another try.
const SOON: u32 = 1;
/// Seconds after which something that was not there may be.
const LATER: u32 = 5;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Invalid(faults) => Self::faults(faults),
            Error::NotFound => Self::not_found(),
            Error::Unauthorized => Self::unauthorized("credentials_invalid", text),
            Error::Refused { refusal, payment } => refused(&refusal, payment, text),
            Error::RefusedByGateway {
                kind,
                payment,
                operation,
                refusal,
            } => {
                let code = if kind == OperationKind::Authorize {
                    "payment_refused"
                } else {
                    "operation_refused"
                };
                Self::new(StatusCode::PAYMENT_REQUIRED, code, text).but(|facts| {
                    facts.payment = Some(payment);
                    facts.operation = Some(operation);
                    facts.gateway = Some(refusal);
                })
            }
            Error::KeyReused => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", text),
            Error::Contended => Self::new(StatusCode::CONFLICT, "contended", text).after(SOON),
            Error::Unavailable { what, charged, payment } => {
                let code = if what == "gateway" {
                    "gateway_unavailable"
                } else {
                    "database_unavailable"
                };
                let detail = match charged {
                    Charged::No => format!("{text}; nothing was sent"),
                    _ => format!("{text}; what became of this request is being found out"),
                };
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).after(LATER);
                problem.but(|facts| (facts.charged, facts.payment) = (charged, payment))
            }
            Error::Conflict { code, detail } => {
                Self::new(StatusCode::CONFLICT, code, detail).but(|facts| facts.retry = Retry::NewKey)
            }
            Error::Internal(what) => {
                tracing::error!(what, "internal");
                Self::internal()
            }
        }
    }
}

impl Problem {
    /// The same for a request that says everything in its query: its faults are there.
    pub fn of_query(error: Error) -> Self {
        let Error::Invalid(mut faults) = error else {
            return error.into();
        };
        for fault in &mut faults {
            fault.pointer = fault.pointer.replacen('/', "?", 1);
        }
        Self::faults(faults).with_status(StatusCode::BAD_REQUEST)
    }
}

fn refused(refusal: &Refusal, payment: Option<domain::ids::PaymentId>, text: String) -> Problem {
    let code = refusal.code();
    match refusal {
        Refusal::OrderHasLivePayment { payment, .. } => Problem::new(StatusCode::CONFLICT, code, text)
            .but(|facts| (facts.payment, facts.retry) = (Some(*payment), Retry::NewKey)),
        Refusal::OperationInProgress { operation } => {
            let operation = payment.map(|payment| OperationId::new(payment, *operation));
            let problem = Problem::new(StatusCode::CONFLICT, code, text).after(SOON);
            problem.but(|facts| (facts.payment, facts.operation) = (payment, operation))
        }
        Refusal::WouldStrand { splits, .. } => {
            let faults = splits.iter().filter_map(|(number, amount)| {
                let split = SplitId::new(payment?, *number);
                Some(Fault::new(
                    "/accept_stranded",
                    code,
                    format!("{amount} minor units of {split} would be left"),
                ))
            });
            let faults = faults.collect();
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, text)
                .but(|facts| (facts.payment, facts.errors) = (payment, faults))
        }
        _ => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, text).but(|facts| facts.payment = payment),
    }
}
