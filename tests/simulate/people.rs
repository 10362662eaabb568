//! Storefronts, buyers and operators: who asks for what, and asks again.

use domain::ids::{CustomerId, PaymentId};
use domain::payment::Charged;
use engine::checkout::NewPayment;
use engine::{Engine, Error, Submission};
use std::sync::Arc;
use std::time::Duration;

use crate::dice::Dice;
use crate::life::ops;
use crate::wishes::{Action, choose};
use crate::world::{Desks, World};
use crate::{books, cart, outside};

/// Steps of one payment, at most and at least.
const STEPS: (u64, u64) = (2, 9);

/// Somebody who sells one order, and looks after it.
pub struct Shopper {
    number: u64,
    keys: u64,
    steps: u64,
    /// What is under way, or was when the engine died: it may be asked again with the same key.
    doing: Option<(Submission, Action)>,
    payment: Option<PaymentId>,
    /// The one before it, which had ended.
    earlier: Option<PaymentId>,
    request: NewPayment,
    /// Whether a kept card has paid already.
    came_again: bool,
}

impl Shopper {
    /// Somebody with a cart of their own.
    pub fn new(number: u64, dice: &Dice) -> Self {
        Self {
            number,
            keys: 0,
            steps: dice.between(STEPS.0, STEPS.1),
            doing: None,
            payment: None,
            earlier: None,
            request: cart::request(number, dice),
            came_again: false,
        }
    }

    fn submission(&mut self, action: &Action) -> Submission {
        self.keys += 1;
        Submission {
            key: format!("shopper-{}-{}", self.number, self.keys).parse().expect("a key"),
            fingerprint: format!("{action:?}"),
        }
    }
}

/// Goes shopping, as far as steps are left; after a crash, where it was.
pub async fn shop(world: Arc<World>, desks: Desks, number: usize) {
    let dice = &world.dice;
    let shopper = || world.shoppers[number].lock().unwrap();
    loop {
        if shopper().steps == 0 {
            return;
        }
        let longest = dice.one_of(&[(80, 3_000), (10, 60_000), (3, 1_300_000)]);
        tokio::time::sleep(Duration::from_millis(dice.between(5, longest))).await;
        // Who dies waiting has not taken a step.
        shopper().steps -= 1;
        let interrupted = shopper().doing.clone();
        if interrupted.is_some() && dice.happens(800) {
            world.tally().reached("asked again, same key");
            step(&world, &desks, number, interrupted).await;
            continue;
        }
        let payment = shopper().payment;
        let payment = match payment {
            Some(id) => books::load(&world, id).await,
            None => None,
        };
        if let Some(payment) = &payment
            && outside::acts(&world, payment)
        {
            continue;
        }
        if earlier_succeeds(&world, number).await {
            continue;
        }
        if let Some(payment) = &payment
            && payment.sale.save_card
            && comes_again(&world, &desks, number).await
        {
            continue;
        }
        let chosen = match &payment {
            None => Some(Action::Create(Box::new(shopper().request.clone()))),
            Some(payment) => choose(dice, payment, &shopper().request),
        };
        if let Some(action) = chosen {
            begin(&world, &desks, number, action).await;
        }
    }
}

/// The buyer's first try, which had ended, goes through after all; whether it did.
async fn earlier_succeeds(world: &World, number: usize) -> bool {
    let earlier = world.shoppers[number].lock().unwrap().earlier;
    let Some(id) = earlier.filter(|_| world.dice.happens(100)) else {
        return false;
    };
    let payment = books::load(world, id).await;
    payment.is_some_and(|payment| outside::succeeds_late(world, &payment))
}

/// Asks once, or as people do who have two tabs, a slow finger or a proxy.
async fn begin(world: &World, desks: &Desks, number: usize, action: Action) {
    let shopper = || world.shoppers[number].lock().unwrap();
    let submission = shopper().submission(&action);
    let how = world.dice.between(0, 99);
    let (first, second) = (
        Some((submission.clone(), action.clone())),
        shopper().submission(&action),
    );
    let words = match (&action, how) {
        (_, 0..=9) => "the same request twice at once",
        (Action::Create(_), 10..=19) => "two tabs: two creates at once",
        (Action::Refund(_), 10..=34) => "two refunds at once",
        (Action::Capture(_) | Action::Cancel, 10..=19) => "two keys at once for one thing",
        (_, 97..) => return reuse(world, desks, number, submission, action).await,
        _ => return step(world, desks, number, first).await,
    };
    world.tally().reached(words);
    let second = if how < 10 {
        first.clone()
    } else {
        Some((second, action))
    };
    tokio::join!(step(world, desks, number, first), step(world, desks, number, second));
}

/// The same key for another request is refused, whatever became of the first.
async fn reuse(world: &World, desks: &Desks, number: usize, submission: Submission, action: Action) {
    step(world, desks, number, Some((submission.clone(), action.clone()))).await;
    let (payment, doing) = {
        let shopper = world.shoppers[number].lock().unwrap();
        (shopper.payment, shopper.doing.is_some())
    };
    // Only where the first was recorded.
    let Some(id) = payment.filter(|_| !doing) else { return };
    let recorded = books::load(world, id).await.is_some_and(|payment| {
        let mut operations = payment.operations.iter();
        operations.any(|one| one.asked.key == submission.key)
    });
    let other = Submission {
        fingerprint: "another".to_owned(),
        ..submission
    };
    match ask(world.any(desks), payment, other, action).await {
        Err(Error::KeyReused) => world.tally().reached("a key used for another request"),
        Err(Error::Unavailable { .. }) => {}
        answered if recorded => world.violation(format!("a key used twice was answered {answered:?}")),
        _ => {}
    }
}

/// A buyer whose card is kept pays another order with it; whether they did.
async fn comes_again(world: &World, desks: &Desks, number: usize) -> bool {
    let shopper = || world.shoppers[number].lock().unwrap();
    if shopper().came_again || !world.dice.happens(500) {
        return false;
    }
    let customer: CustomerId = format!("customer-{number}").parse().expect("a name");
    let looking = world.looking();
    let cards = world.any(desks).cards(&ops(), customer).await;
    drop(looking);
    let card = cards
        .ok()
        .and_then(|cards| cards.data.first().map(|card| card.id.clone()));
    let Some(card) = card.and_then(|id| id.parse().ok()) else {
        return false;
    };
    let request = cart::by_card(shopper().number, card, &world.dice);
    {
        let mut shopper = shopper();
        (shopper.came_again, shopper.payment) = (true, None);
        shopper.request = request.clone();
    }
    world.tally().reached("a kept card pays");
    begin(world, desks, number, Action::Create(Box::new(request))).await;
    true
}

/// Asks for something, and judges what is answered.
async fn step(world: &World, desks: &Desks, number: usize, what: Option<(Submission, Action)>) {
    let Some((submission, action)) = what else { return };
    let payment = {
        let mut shopper = world.shoppers[number].lock().unwrap();
        shopper.doing = Some((submission.clone(), action.clone()));
        shopper.payment
    };
    let (key, is_create) = (submission.key.to_string(), matches!(action, Action::Create(_)));
    if is_create {
        world.tally().asked += 1;
        world.promises.lock().unwrap().asks(&key);
    }
    world.happened(&("asks", &key, &submission.fingerprint));
    world.line(|| format!("{key} asks: {action:?}"));
    let answered = ask(world.any(desks), payment, submission, action.clone()).await;
    let told = answered
        .as_ref()
        .map(|(_, told)| told.clone())
        .unwrap_or_else(|error| format!("{error:?}"));
    world.happened(&("hears", number, &told));
    world.line(|| format!("{key} hears: {told}"));
    let again = judge(world, &action, &answered);
    if is_create {
        let is_denied = answered.as_ref().is_err_and(is_uncharged);
        world.promises.lock().unwrap().hears(&key, is_denied);
    }
    {
        let mut shopper = world.shoppers[number].lock().unwrap();
        if !again {
            shopper.doing = None;
        }
        if let Some(id) = answered
            .as_ref()
            .map_or_else(payment_of, |(id, _)| *id)
            .filter(|_| is_create)
        {
            shopper.earlier = shopper.payment.filter(|before| *before != id).or(shopper.earlier);
            shopper.payment = Some(id);
        }
    }
    let payment = world.shoppers[number].lock().unwrap().payment;
    if let Some(id) = payment {
        books::touched(world, id).await;
    }
}

/// The payment that was answered, and the answer in words.
type Answered = Result<(Option<PaymentId>, String), Error>;

async fn ask(engine: &Engine, payment: Option<PaymentId>, submission: Submission, action: Action) -> Answered {
    let caller = ops();
    if let Action::Create(request) = action {
        let view = engine.checkout(&caller, submission, *request).await?.view;
        return Ok((view.id.parse().ok(), format!("{view:?}")));
    }
    let Some(id) = payment else {
        return Ok((None, "there is no payment".to_owned()));
    };
    let told = match action {
        Action::Create(_) => String::new(),
        Action::Capture(wish) => format!("{:?}", engine.capture(&caller, id, submission, wish).await?.view),
        Action::Ready(take) => format!("{:?}", engine.ready(&caller, id, submission, take).await?.view),
        Action::Cancel => format!("{:?}", engine.cancel(&caller, id, submission).await?.view),
        Action::AddSplits(wish) => format!("{:?}", engine.add_splits(&caller, id, submission, wish).await?.view),
        Action::Refund(wish) => format!("{:?}", engine.refund(&caller, id, submission, wish).await?.view),
        Action::Retry(refund) => format!("{:?}", engine.retry_refund(&caller, refund, submission).await?.view),
        Action::Abandon(refund) => format!("{:?}", engine.abandon_refund(&caller, refund, submission).await?.view),
    };
    Ok((Some(id), told))
}

/// Whether it says that nothing was charged: as the door says it of each of these.
const fn is_uncharged(error: &Error) -> bool {
    match error {
        Error::Unavailable { charged, .. } => matches!(charged, Charged::No),
        Error::Internal(_) | Error::Contended => false,
        _ => true,
    }
}

fn payment_of(error: &Error) -> Option<PaymentId> {
    match error {
        Error::RefusedByGateway { payment, .. } => Some(*payment),
        Error::Unavailable { payment, .. } | Error::Refused { payment, .. } => *payment,
        _ => None,
    }
}

/// Whether it is to be asked again under the same key.
fn judge(world: &World, action: &Action, answered: &Answered) -> bool {
    let name = action.name();
    let Err(error) = answered else {
        world.tally().reached(&format!("{name}: answered"));
        return false;
    };
    let (what, again) = match error {
        Error::Invalid(_) => ("invalid", false),
        Error::Refused { .. } => ("refused by a rule", false),
        Error::RefusedByGateway { .. } => ("refused by the gateway", false),
        Error::Contended => ("contended", true),
        Error::Unavailable {
            what: "gateway",
            charged: Charged::No,
            ..
        } => ("not sent", true),
        Error::Unavailable { what: "database", .. } if !world.calm() => ("the database failed", true),
        other => {
            world.violation(format!("{name} was answered with: {other}"));
            ("a violation", false)
        }
    };
    world.tally().reached(&format!("{name}: {what}"));
    again
}
