//! A request that a fault has struck: whether it acts all the same, and what the caller gets to see.

use super::{
    Core,
    document::Distortion,
    exchange::{Handled, Reply, Request, Response},
    fault::Effect,
};

/// What a proxy in the way might answer.
const GARBLE: &str = "<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>";

impl Core {
    /// A request that a fault has struck.
    pub(super) fn handle_struck(&mut self, now: u64, request: Request, effect: Effect) -> Handled {
        let name = effect.name();
        if let Effect::WrongSplit {
            split,
            amount,
            captured,
            ..
        } = effect
        {
            self.distortion_now = Some(Distortion {
                split,
                amount,
                captured,
            });
        }
        self.provider_times_out = matches!(effect, Effect::ProviderTimeout {});
        let acts = match &effect {
            Effect::LoseRequest {} | Effect::DeliverLateMs { .. } => false,
            Effect::Status { acted, .. } | Effect::Garble { acted } => *acted,
            _ => true,
        };
        let acted = acts.then(|| self.act(now, &request));
        let distortion = self.distortion_now.take();
        self.provider_times_out = false;
        let response = acted.as_ref().map(|acted| acted.response.clone());
        let unanswered = || Response::message(500, "An error has occurred.");
        let mut delay_micros = 0;
        let reply = match effect {
            Effect::DeliverLateMs { ms } => {
                let due = now.saturating_add(ms.saturating_mul(1_000));
                self.late.insert((due, self.requests.total()), request.clone());
                Reply::Closed
            }
            Effect::DelayMs { ms } => {
                delay_micros = ms.saturating_mul(1_000);
                Reply::Answer(response.unwrap_or_else(unanswered))
            }
            Effect::Status { status, body, .. } => Reply::Answer(match body {
                Some(body) => Response::json(status, &body),
                None => Response::message(status, "An error has occurred."),
            }),
            Effect::CutAt { bytes } => Reply::Cut {
                response: response.unwrap_or_else(unanswered),
                bytes,
            },
            Effect::Garble { .. } => Reply::Answer(Response::html(200, GARBLE.to_owned())),
            Effect::ProviderTimeout {} => Reply::Answer(response.unwrap_or_else(unanswered)),
            Effect::WrongSplit { persistent, .. } => {
                let payment = acted.as_ref().and_then(|acted| acted.payment).filter(|_| persistent);
                self.distortions.extend(payment.zip(distortion));
                Reply::Answer(response.unwrap_or_else(unanswered))
            }
            _ => Reply::Closed,
        };
        self.witness(now, request, acted, Some(name));
        Handled { reply, delay_micros }
    }
}
