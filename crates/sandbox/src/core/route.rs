//! Which call a request is: one arm per call of the API.

use super::{
    Acted, Core,
    exchange::{Request, Response},
    refusal::{Refusal, Resource, SaidBack},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

impl Core {
    /// Does what the request asks.
    pub(super) fn act(&mut self, now: u64, request: &Request) -> Acted {
        let path = request.trimmed_path().to_owned();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let acted = match segments.as_slice() {
            ["Home"] => self.home(now, request),
            ["v1", ..] if !self.is_authentic(request) => Acted::plain(Response::message(
                401,
                "Authorization has been denied for this request.",
            )),
            ["v1", rest @ ..] => {
                let replays = self.config.replay_request_ids
                    || (self.config.replay_card_request_ids && self.is_about_cards(rest));
                self.once(now, request, replays, |core| core.route(now, request, rest))
            }
            _ => not_found(),
        };
        if let Some(id) = acted.payment {
            self.forge_about(now, id, request);
        }
        acted
    }

    /// Whether a path is the card host's. That of a new payment is not: there the body tells.
    fn is_about_cards(&self, path: &[&str]) -> bool {
        match path {
            ["card", ..] => true,
            ["payments", id, ..] => self.known(id).is_some_and(|payment| payment.card.is_some()),
            _ => false,
        }
    }

    /// The same as `work`, but for a POST whose `RequestId` was seen before.
    pub(super) fn once(
        &mut self,
        now: u64,
        request: &Request,
        replays: bool,
        work: impl FnOnce(&mut Self) -> Acted,
    ) -> Acted {
        if !replays || request.method != "POST" {
            return work(self);
        }
        match self.replays.find(now, request) {
            Ok(Some(response)) => Acted::noted(response, "answered as the first time".to_owned()),
            Ok(None) => {
                let acted = work(self);
                self.replays.remember(now, request, &acted.response);
                acted
            }
            Err(()) => {
                let refusals = [Refusal::new(2, "RequestId (used for another request)")];
                self.refuse(Resource::Payment, &refusals, SaidBack::default())
            }
        }
    }

    fn route(&mut self, now: u64, request: &Request, path: &[&str]) -> Acted {
        match (request.method.as_str(), path) {
            ("POST", ["payments"]) => self.create(now, request),
            ("GET", ["payments"]) => self.list(&request.query),
            ("GET", ["payments", id]) => self.show(id),
            ("GET", ["payments", id, "status"]) => self.show_status(id),
            ("POST", ["payments", id, "capture"]) => self.capture(now, id, request),
            ("POST", ["payments", id, "cancel"]) => self.cancel(now, id, request),
            ("POST", ["payments", id, "splits"]) => self.add_splits(now, id, &request.body),
            ("POST", ["payments", id, "splits", split, "capture"]) => self.capture_split(now, id, split, request),
            ("POST", ["payments", id, "splits", split, "refunds"]) => self.refund(now, id, Some(split), request),
            ("POST", ["payments", id, "refunds"]) => self.refund(now, id, None, request),
            ("GET", ["payments", id, "refunds"]) => self.show_refunds(id),
            ("GET", ["payments", id, "refunds", "types"]) => self.show_refund_types(id),
            ("GET", ["payments", id, "refunds", refund]) => self.show_refund(id, refund),
            ("GET", ["payments", id, "refunds", refund, "status"]) => self.show_refund_status(id, refund),
            ("GET", ["refunds", "types", method, _country, _currency]) => self.show_refund_types_of(method),
            ("GET", ["refunds", refund, "status"]) => self.show_status_of_refund(refund),
            ("GET", ["payments", id, "captures"]) => self.show_captures(id),
            ("GET", ["payments", id, "captures", capture]) => self.show_capture(id, capture),
            ("POST", ["payments", id, "challenge", "accept"]) => self.decide_challenge(now, id, true, request),
            ("POST", ["payments", id, "challenge", "reject"]) => self.decide_challenge(now, id, false, request),
            ("POST", ["card", "authenticate"]) => self.keep_new_card(&request.body),
            ("GET", ["card", "token", token]) => self.show_kept_card(token),
            ("POST", ["card", "token", token, "cancel"]) => self.cancel_kept_card(token),
            _ if is_path(path) => {
                let message = format!(
                    "The requested resource does not support http method '{}'.",
                    request.method
                );
                Acted::plain(Response::message(405, &message))
            }
            _ => not_found(),
        }
    }

    /// HTTP Basic with the marketplace's SiteID and API key.
    fn is_authentic(&self, request: &Request) -> bool {
        let header = request.authorization.as_deref().unwrap_or_default();
        let Some((scheme, encoded)) = header.split_once(' ') else {
            return false;
        };
        let given = BASE64_STANDARD.decode(encoded.trim()).unwrap_or_default();
        let right = format!("{}:{}", self.config.site_id, self.config.api_key.expose_secret());
        scheme.eq_ignore_ascii_case("basic") && bool::from(given.ct_eq(right.as_bytes()))
    }
}

/// Whether any call has this path.
fn is_path(path: &[&str]) -> bool {
    matches!(
        path,
        ["payments"]
            | ["payments", _]
            | [
                "payments",
                _,
                "status" | "capture" | "cancel" | "splits" | "refunds" | "captures"
            ]
            | ["payments", _, "refunds" | "captures", _]
            | ["payments", _, "refunds", _, "status"]
            | ["payments", _, "splits", _, "capture" | "refunds"]
            | ["payments", _, "challenge", "accept" | "reject"]
            | ["refunds", "types", _, _, _]
            | ["refunds", _, "status"]
            | ["card", "authenticate"]
            | ["card", "token", _]
            | ["card", "token", _, "cancel"]
    )
}

/// 404 in the shape of the gateway's framework.
pub(super) fn not_found() -> Acted {
    Acted::plain(Response::message(
        404,
        "No HTTP resource was found that matches the request URI.",
    ))
}
