//! What must be so in the moment in which a command reaches the network.

use domain::ids::GatewayId;
use domain::operation::{Operation, OperationKind, OperationState};
use domain::payment::{Claim, Payment};
use domain::sight::{GatewayRef, Host};
use domain::time::Timestamp;
use gateway_client::Answer;
use sandbox::core::{BooksQuery, Request};
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use crate::world::{CLOCK_JUMPS, RESEND_AFTER, World};

/// An attempt's own time limit, the quiet period, and the time that the next one has to be sent.
const PROOF: Duration = Duration::from_secs(30 + 900 + 5);
/// How long after its commit an attempt may be sent.
const SEND_WITHIN: Duration = Duration::from_secs(5);

/// What the network knows of one command: a create by its reference, a refund by its own, all others by what they are about.
#[derive(Clone, Copy)]
pub struct Sent {
    /// How often it was handed to the network.
    pub times: u32,
    /// When it was last.
    at: u64,
    /// Whether the gateway may have got it, and never said no.
    open: bool,
    /// Until when the attempt might have been sent, by our clock.
    send_before: Timestamp,
    /// A digest of its `RequestId`.
    request_id: u64,
    /// Whether the gateway had others' payments then, so that a list without a filter is not about ours alone.
    among_others: bool,
}

/// A command on its way.
pub struct Command {
    kind: OperationKind,
    /// Its name among all that was sent.
    name: String,
    /// Whether an earlier attempt may have arrived.
    pub in_doubt: bool,
}

/// Looks at a command that is handed to the network; none where it is a question.
pub async fn sent(world: &World, request: &Request) -> Option<Command> {
    let (kind, name, payment) = about(world, request).await?;
    let Some(payment) = payment else {
        world.violation(format!(
            "{} {}: nothing of it is recorded",
            request.method, request.path
        ));
        return None;
    };
    // A capture or cancel after one that has come to nothing is another wish, and no resend.
    let alone = matches!(kind, OperationKind::Capture | OperationKind::Cancel);
    let sending = |one: &&Operation| one.kind() == kind && one.state == OperationState::Sending;
    let number = payment.operations.iter().find(sending).map(|one| one.number);
    let name = match number.filter(|_| alone) {
        Some(number) => format!("{name} {number}"),
        None => name,
    };
    let same = |one: &&Operation| {
        one.kind() == kind
            && (kind != OperationKind::Refund || name.ends_with(one.reference.as_str()))
            && (!alone || number.is_none_or(|number| number == one.number))
    };
    let attempts: u32 = payment.operations.iter().filter(same).map(Operation::attempts).sum();
    let now = world.time.micros();
    let sending = |one: &&Operation| same(one) && one.state == OperationState::Sending;
    let attempt = payment
        .operations
        .iter()
        .find(sending)
        .and_then(|one| one.attempt.as_ref());
    let send_before = attempt.map_or(Timestamp::MIN, |attempt| attempt.send_before);
    let mut hasher = DefaultHasher::new();
    request.request_id.hash(&mut hasher);
    let request_id = hasher.finish();
    let among_others = kind == OperationKind::Authorize && world.filter_ignored && has_others(world, &name);
    let before = {
        let mut sent = world.sent.lock().unwrap();
        let known = sent.entry(name.clone()).or_insert(Sent {
            times: 0,
            at: 0,
            open: false,
            send_before,
            request_id,
            among_others,
        });
        let before = *known;
        *known = Sent {
            times: before.times + 1,
            at: now,
            open: true,
            send_before,
            request_id,
            among_others,
        };
        before
    };
    if before.times >= attempts {
        let (id, times) = (payment.id, before.times + 1);
        world.violation(format!(
            "{id}: {name} is sent {times} times, and {attempts} attempts are recorded"
        ));
    }
    let doubles = matches!(kind, OperationKind::Refund | OperationKind::AddSplits);
    let patience = u64::try_from((RESEND_AFTER - CLOCK_JUMPS * 2).as_micros()).expect("days");
    if doubles && before.open && now - before.at < patience {
        world.violation(format!("{}: {name} is sent again without proof", payment.id));
    }
    // Whoever has waited by a clock that was ahead has waited, though it was set back since.
    let waited = send_before.max(world.time.latest().plus(SEND_WITHIN));
    if before.open && attempt.is_some() && waited < before.send_before.plus(PROOF) {
        world.violation(format!("{}: {name} is sent again too soon", payment.id));
    }
    if before.open && before.among_others {
        let id = payment.id;
        world.violation(format!(
            "{id}: {name} is sent again, and no list can show that it is absent"
        ));
    }
    let named = matches!(kind, OperationKind::Authorize | OperationKind::Refund);
    if before.open && named && before.request_id != request_id {
        world.violation(format!("{}: {name} is sent again under another RequestId", payment.id));
    }
    if before.times > 0 {
        world.tally().reached(&format!("sent again: {}", kind.as_str()));
    }
    let in_doubt = before.open;
    Some(Command { kind, name, in_doubt })
}

/// Whether the gateway has a payment under another reference than this one.
fn has_others(world: &World, reference: &str) -> bool {
    let query = BooksQuery {
        limit: Some(8),
        requests: Some(0),
        ..BooksQuery::default()
    };
    let books = world.core.lock().unwrap().books(world.time.micros(), &query);
    books.payments.iter().any(|entry| entry.reference != reference)
}

/// What is known of the command once its answer is there, as it arrives.
pub fn answered(world: &World, command: &Command, answer: &Answer) {
    let refused = (400..500).contains(&answer.http_status) && !matches!(answer.http_status, 408 | 429);
    if refused {
        unsent(world, command);
        world.tally().reached(&format!("refused: {}", command.kind.as_str()));
    }
}

/// Nothing of it has left.
pub fn unsent(world: &World, command: &Command) {
    if let Some(sent) = world.sent.lock().unwrap().get_mut(&command.name) {
        sent.open = false;
    }
}

async fn about(world: &World, request: &Request) -> Option<(OperationKind, String, Option<Arc<Payment>>)> {
    if request.method != "POST" {
        return None;
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let envelope = body.as_object().and_then(|body| body.values().next());
    let reference = envelope
        .and_then(|asked| asked["MerchantTransactionID"].as_str())
        .unwrap_or_default();
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let (kind, name) = match path.as_slice() {
        ["v1", "payments"] => (OperationKind::Authorize, reference.to_owned()),
        ["v1", "payments", id, .., "refunds"] => (OperationKind::Refund, format!("{id} {reference}")),
        ["v1", "payments", id, .., "capture"] => (OperationKind::Capture, format!("{id} capture")),
        ["v1", "payments", id, "cancel"] => (OperationKind::Cancel, format!("{id} cancel")),
        ["v1", "payments", _, "splits"] => {
            let asked = String::from_utf8_lossy(&request.body);
            (OperationKind::AddSplits, format!("{} {asked}", request.path))
        }
        _ => return None,
    };
    let number = path.get(2).and_then(|id| id.parse().ok());
    let reference = reference.to_owned();
    let found = world.look(move |tx| {
        let id = match number {
            Some(number) => {
                let at = |host| GatewayRef {
                    host,
                    id: GatewayId::new(number),
                };
                match tx.payment_by_gateway(at(Host::Pay))? {
                    None => tx.payment_by_gateway(at(Host::Cards))?,
                    known => known,
                }
            }
            None => reference
                .parse()
                .map_or(Ok(None), |name| tx.claim(&Claim::Reference(name)))?,
        };
        id.map_or(Ok(None), |id| tx.payment(id))
    });
    Some((kind, name, found.await.flatten()))
}
