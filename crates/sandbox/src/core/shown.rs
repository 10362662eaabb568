//! Questions about one payment: itself, its status, its captures and refunds, and in which ways it can be refunded.

use super::{
    Acted, Core,
    document::{Document, Face, Moment, PaymentBody, style},
    exchange::Response,
    payment::{Capture, Payment},
    refund_document::{RefundStatusBody, RefundsBody},
    stamp,
    written::{Amount, Null, StatusDocument},
};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StatusBody<'a> {
    payment: PaymentStatus<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PaymentStatus<'a> {
    #[serde(rename = "ID")]
    id: u64,
    #[serde(rename = "MerchantTransactionID")]
    reference: &'a str,
    status: StatusDocument,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CaptureBody<'a> {
    capture: CaptureDocument<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CapturesBody<'a> {
    captures: Vec<CaptureDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CaptureDocument<'a> {
    #[serde(rename = "ID")]
    id: u64,
    #[serde(rename = "PaymentID")]
    payment: u64,
    #[serde(rename = "SiteID")]
    site: u64,
    created: String,
    #[serde(rename = "MerchantTransactionID")]
    reference: &'a str,
    #[serde(rename = "OriginatorTransactionID")]
    originator: Option<&'a str>,
    amount: Amount,
    currency: &'a str,
    status: StatusDocument,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RefundTypesBody {
    refund_types: Vec<RefundType>,
}

/// One way in which money goes back. What has to be said for it is given as regular expressions.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RefundType {
    name: &'static str,
    #[serde(rename = "ID")]
    id: u8,
    allows_partial_refund: bool,
    customer: Option<RefundCustomer>,
    billing_address: Null,
    bank_address: Null,
    details: Option<RefundDetails>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RefundCustomer {
    first_name: &'static str,
    last_name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RefundDetails {
    #[serde(rename = "CustomerIBAN")]
    iban: Option<&'static str>,
    customer_account_number: Option<&'static str>,
    bank_code: Option<&'static str>,
}

const ANY_NAME: &str = "^.{1,255}$";
const IBAN: &str = "^[A-Z]{2}[0-9]{2}[0-9A-Z]{1,30}$";
const BIC: &str = "^[0-9A-Z]{8,11}$";
const ACCOUNT: &str = "^[0-9A-Za-z-]{1,34}$";

impl Core {
    /// The payment that a path names.
    pub(super) fn known(&self, id: &str) -> Option<&Payment> {
        self.books.get(id.parse().ok()?)
    }

    /// Answers `GET /v1/payments/{id}`.
    pub(super) fn show(&self, id: &str) -> Acted {
        match self.known(id) {
            Some(payment) => {
                let response = self.show_payment(200, payment.id, |face| Face {
                    omit_splits: self.config.get_omits_splits,
                    omit_token: self.config.get_omits_token,
                    ..face
                });
                Acted::about(response, payment.id)
            }
            None => super::not_found(),
        }
    }

    /// The answer that shows a payment.
    pub(super) fn payment_response(&self, status: u16, id: u64, moment: Moment) -> Response {
        self.show_payment(status, id, |face| Face { moment, ..face })
    }

    /// The answer that shows a payment with a face of the caller's choice.
    pub(super) fn show_payment<'a>(
        &'a self,
        status: u16,
        id: u64,
        choose: impl FnOnce(Face<'a>) -> Face<'a>,
    ) -> Response {
        match self.books.get(id) {
            Some(payment) => {
                let payment = Document::new(payment, &choose(self.face(id, Moment::Later)));
                Response::json(status, &PaymentBody { payment })
            }
            None => super::not_found().response,
        }
    }

    /// Answers `GET /v1/payments/{id}/status`.
    pub(super) fn show_status(&self, id: &str) -> Acted {
        self.about(id, |payment| {
            let status = StatusDocument::new(payment.status, payment.reason, style(payment));
            let payment = PaymentStatus {
                id: payment.id,
                reference: &payment.reference,
                status,
            };
            Some(Response::json(200, &StatusBody { payment }))
        })
    }

    /// Answers `GET /v1/payments/{id}/captures`.
    pub(super) fn show_captures(&self, id: &str) -> Acted {
        self.about(id, |payment| {
            let captures = payment
                .captures
                .iter()
                .map(|capture| CaptureDocument::new(payment, capture));
            let captures = captures.collect();
            Some(Response::json(200, &CapturesBody { captures }))
        })
    }

    /// Answers `GET /v1/payments/{id}/captures/{capture}`.
    pub(super) fn show_capture(&self, id: &str, capture: &str) -> Acted {
        self.about(id, |payment| {
            let capture: u64 = capture.parse().ok()?;
            let capture = payment.captures.iter().find(|it| it.id == capture)?;
            let capture = CaptureDocument::new(payment, capture);
            Some(Response::json(200, &CaptureBody { capture }))
        })
    }

    /// Answers `GET /v1/payments/{id}/refunds`.
    pub(super) fn show_refunds(&self, id: &str) -> Acted {
        self.about(id, |payment| Some(Response::json(200, &RefundsBody::of(payment))))
    }

    /// Answers `GET /v1/payments/{id}/refunds/{refund}`.
    pub(super) fn show_refund(&self, id: &str, refund: &str) -> Acted {
        match (self.known(id), refund.parse()) {
            (Some(payment), Ok(refund)) => self.refund_response(200, payment.id, refund),
            _ => super::not_found(),
        }
    }

    /// Answers `GET /v1/payments/{id}/refunds/{refund}/status`.
    pub(super) fn show_refund_status(&self, id: &str, refund: &str) -> Acted {
        self.about(id, |payment| {
            let body = RefundStatusBody::of(payment, refund.parse().ok()?)?;
            Some(Response::json(200, &body))
        })
    }

    /// Answers `GET /v1/refunds/{refund}/status`: another client's way to ask the same.
    pub(super) fn show_status_of_refund(&self, refund: &str) -> Acted {
        let payment = refund
            .parse()
            .ok()
            .and_then(|refund| self.books.payment_of_refund(refund));
        match payment {
            Some(payment) => self.show_refund_status(&payment.to_string(), refund),
            None => super::not_found(),
        }
    }

    /// Answers `GET /v1/payments/{id}/refunds/types`.
    pub(super) fn show_refund_types(&self, id: &str) -> Acted {
        self.about(id, |payment| Some(self.refund_types(payment.method)))
    }

    /// Answers `GET /v1/refunds/types/{method}/{country}/{currency}`. They are the same everywhere.
    pub(super) fn show_refund_types_of(&self, method: &str) -> Acted {
        match method
            .parse()
            .ok()
            .filter(|method| self.config.methods.contains_key(method))
        {
            Some(method) => Acted::plain(self.refund_types(Some(method))),
            None => super::not_found(),
        }
    }

    fn refund_types(&self, method: Option<u32>) -> Response {
        let method = method.and_then(|method| self.config.methods.get(&method));
        let types = method.map_or(&[1][..], |method| &method.refund_types);
        let partial = method.is_none_or(|method| method.partial_refunds);
        let refund_types = types.iter().map(|id| RefundType::new(*id, partial)).collect();
        Response::json(200, &RefundTypesBody { refund_types })
    }

    fn about(&self, id: &str, answer: impl FnOnce(&Payment) -> Option<Response>) -> Acted {
        let Some(payment) = self.known(id) else {
            return super::not_found();
        };
        match answer(payment) {
            Some(response) => Acted::about(response, payment.id),
            None => super::not_found().with(payment.id),
        }
    }
}

impl<'a> CaptureDocument<'a> {
    fn new(payment: &'a Payment, capture: &Capture) -> Self {
        let split = capture.split.and_then(|id| payment.split(id));
        let of_split = split.and_then(|split| split.originator.as_ref().map(|text| text.as_str()));
        Self {
            id: capture.id,
            payment: payment.id,
            site: split.map_or(payment.site, |split| split.site),
            created: stamp::write(capture.created),
            reference: &payment.reference,
            originator: of_split.or(payment.originator.as_deref()),
            amount: Amount(capture.amount),
            currency: payment.currency(),
            status: StatusDocument::new(capture.status, None, style(payment)),
        }
    }
}

impl RefundType {
    fn new(id: u8, allows_partial_refund: bool) -> Self {
        let name = match id {
            1 => "Native",
            2 => "SEPA Bank Transfer",
            3 => "SWIFT Bank Transfer",
            4 => "Manual Support Work No Info",
            5 => "SEPA No Info",
            6 => "SWIFT No Info",
            7 => "Local Bank Transfer",
            8 => "Local Bank Transfer No Info",
            9 => "Manual Support Work Details Needed",
            _ => "Local Bank Transfer 2 API",
        };
        let details = match id {
            2 => Some((Some(IBAN), None, Some(BIC))),
            3 => Some((None, Some(ACCOUNT), Some(BIC))),
            7 | 9 | 10 => Some((None, Some(ACCOUNT), None)),
            _ => None,
        };
        Self {
            name,
            id,
            allows_partial_refund,
            customer: details.map(|_| RefundCustomer {
                first_name: ANY_NAME,
                last_name: ANY_NAME,
            }),
            billing_address: Null,
            bank_address: Null,
            details: details.map(|(iban, customer_account_number, bank_code)| RefundDetails {
                iban,
                customer_account_number,
                bank_code,
            }),
        }
    }
}
