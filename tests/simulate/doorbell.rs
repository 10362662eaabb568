//! What comes from the gateway by itself: notifications, and requests that were believed lost.

use engine::{Engine, Error};
use gateway_client::notification;
use sandbox::core::Delivery;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

use crate::mangle::number_of;
use crate::world::{Desks, World};

/// What becomes of one notification.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Well,
    NeverSent,
    LostOnce,
    Twice,
    Overtaken,
    AnswerLost,
    Forged,
    Lying,
}

const FATES: [(u64, Fate); 8] = [
    (660, Fate::Well),
    (100, Fate::NeverSent),
    (40, Fate::LostOnce),
    (60, Fate::Twice),
    (60, Fate::Overtaken),
    (40, Fate::AnswerLost),
    (20, Fate::Forged),
    (20, Fate::Lying),
];

/// At most so many at a time.
const AT_ONCE: usize = 32;

/// Lets the gateway do what is due, for as long as the engine lives.
pub async fn run(world: Arc<World>, desks: Desks) {
    loop {
        world.deliver_late();
        let now = world.time.micros();
        let due = world.core.lock().unwrap().take_due(now, AT_ONCE);
        for delivery in due {
            tokio::spawn(deliver(Arc::clone(&world), Arc::clone(&desks), delivery));
        }
        let next = world.next_due().map(|due| due.saturating_sub(world.time.micros()));
        // What is due within a millisecond is due after it: timers are no finer.
        let pause = Duration::from_micros(next.unwrap_or(3_600_000_000).max(1_000));
        tokio::select! {
            biased;
            () = world.bell.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn deliver(world: Arc<World>, desks: Desks, delivery: Delivery) {
    let fate = if world.calm() {
        Fate::Well
    } else {
        world.dice.one_of(&FATES)
    };
    let fate = match fate {
        // Only a comparison tells us else of what others did to a payment that is at rest.
        Fate::NeverSent if !world.compares && world.is_touched(number_of(&delivery.body)) => Fate::Well,
        other => other,
    };
    let name = match fate {
        Fate::Well => "",
        Fate::NeverSent => "notification never sent",
        Fate::LostOnce => "notification lost, tried again",
        Fate::Twice => "notification doubled",
        Fate::Overtaken => "notification overtaken",
        Fate::AnswerLost => "notification's answer lost",
        Fate::Forged => "notification forged, wrong key",
        Fate::Lying => "notification forged, right key",
    };
    if fate != Fate::Well {
        world.tally().fault(name);
    }
    let engine = world.any(&desks);
    // Unless it is answered, because the engine dies meanwhile, it is tried again.
    let mut answered = Answered(&world, delivery.id, None);
    let pause = match fate {
        Fate::Overtaken => world.dice.between(500, 600_000),
        _ => world.dice.between(0, 80),
    };
    tokio::time::sleep(Duration::from_millis(pause)).await;
    let authorization = delivery.authorization.as_deref().map(str::as_bytes);
    world.line(|| {
        format!(
            "notification {} {name}: {}",
            delivery.id,
            String::from_utf8_lossy(&delivery.body)
        )
    });
    match fate {
        Fate::NeverSent => {
            answered.2 = Some(204);
            return;
        }
        Fate::LostOnce => return,
        Fate::Forged => {
            let rung = engine
                .ring(Some(b"Basic MzAyMDE6bm90LXRoZS1rZXk="), &delivery.body)
                .await;
            if !matches!(rung, Err(Error::Unauthorized)) {
                world.violation("a notification with a wrong key was let in");
            }
        }
        Fate::Lying => ring_once(&world, engine, authorization, &paid(&delivery.body)).await,
        Fate::Twice => ring_once(&world, engine, authorization, &delivery.body).await,
        _ => {}
    }
    if number_of(&delivery.body).is_some_and(|number| world.is_unanswered(number)) {
        world.tally().reached("notification before answer");
    }
    let status = match engine.ring(authorization, &delivery.body).await {
        Ok(()) => {
            is_stored(&world, &delivery.body);
            Some(204)
        }
        Err(Error::Unavailable { what: "database", .. }) => {
            world
                .tally()
                .reached("a notification that could not be stored was not answered");
            Some(503)
        }
        Err(error) => {
            world.violation(format!("a notification of the gateway was not taken: {error}"));
            Some(500)
        }
    };
    world.happened(&("rung", delivery.id, &*delivery.body));
    answered.2 = status.filter(|_| fate != Fate::AnswerLost);
}

/// Whoever answers 204 has stored it before.
fn is_stored(world: &World, body: &[u8]) {
    if !world.bell_answered(&notification::redact(body).to_string()) {
        world.violation("a notification was answered with 204, and is not stored");
    }
}

/// Tells the gateway what became of a notification, however that ends.
struct Answered<'a>(&'a World, u64, Option<u16>);

impl Drop for Answered<'_> {
    fn drop(&mut self) {
        let Self(world, id, status) = *self;
        let now = world.time.micros();
        world.core.lock().unwrap().delivered(now, id, status);
        world.bell.notify_one();
    }
}

/// Rings where it does not matter to the gateway how that ends.
async fn ring_once(world: &World, engine: &Engine, authorization: Option<&[u8]>, body: &[u8]) {
    if engine.ring(authorization, body).await.is_ok() {
        is_stored(world, body);
    }
}

/// The same notification, but that it claims success of something larger.
fn paid(body: &[u8]) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(body).unwrap_or_default();
    if let Some(status) = body.pointer_mut("/Payment/Status/ID") {
        *status = 2.into();
    }
    if let Some(amount) = body.pointer_mut("/Payment/Amount") {
        *amount = 999_999.into();
    }
    body.to_string().into_bytes()
}
