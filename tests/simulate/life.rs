//! From one start of the engine to its death, and from the first life to the last.

use domain::fee_plan::{AppliesTo, CommissionOnRefund, FeePlanDraft, MatchDraft, RuleDraft};
use domain::seller::{SellerDraft, SellerStatus};
use engine::{Caller, Engine, Error, Role};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tests::carts::{FEE_PLAN, SELLERS};
use tokio::task::JoinSet;

use crate::tally::Tally;
use crate::world::{CLOCK_JUMPS, Desks, World};
use crate::{books, comparison, doorbell, people, question, rest};

/// Plays one world to its end; what was counted, and a digest of its way there.
pub fn play(world: World) -> (Tally, u64) {
    let world = Arc::new(world);
    let mut first = true;
    while !live(&world, first) {
        first = false;
    }
    let mut tally = world.counted();
    for name in &world.switches {
        *tally.switches.entry(name.clone()).or_default() += tally.payments;
    }
    let digest = tally.digest();
    (tally, digest)
}

/// One life; whether it was the last. Dropping the runtime drops every task where it waits, as a kill would.
fn live(world: &Arc<World>, first: bool) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let life = async {
        world.time.begin();
        let desks = world.engines();
        let last = tokio::select! {
            biased;
            () = world.crashed() => false,
            () = lived(world, &desks, first) => true,
        };
        world.time.end();
        last
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing else runs: this is the main of a simulated process"
    )]
    let last = runtime.block_on(life);
    drop(runtime);
    world.close();
    last
}

async fn lived(world: &Arc<World>, desks: &Desks, first: bool) {
    let engine = &desks[0];
    if first {
        furnish(engine).await;
    }
    let mut around = JoinSet::new();
    around.spawn(doorbell::run(Arc::clone(world), Arc::clone(desks)));
    for engine in desks.iter() {
        around.spawn(sweep(Arc::clone(world), engine.clone()));
    }
    around.spawn(die_sometime(Arc::clone(world)));
    around.spawn(set_the_clock(Arc::clone(world)));
    around.spawn(look(Arc::clone(world), engine.clone()));
    let mut people = JoinSet::new();
    for number in 0..world.shoppers.len() {
        people.spawn(people::shop(Arc::clone(world), Arc::clone(desks), number));
    }
    while let Some(done) = people.join_next().await {
        if let Err(error) = done {
            world.violation(format!("somebody's task ended early: {error}"));
        }
    }
    world.calm_down();
    world.line(|| "from here on nothing goes wrong".to_owned());
    for (times, seconds) in [(30, 1), (60, 60), (130, 5), (60, 3600), (10, 172_800), (60, 3600)] {
        for _ in 0..times {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            let failed = sweep_once(world, engine).await;
            // At first some still stand in each other's way.
            if failed > 0 && seconds >= 3600 {
                world.violation(format!("{failed} looks failed when all was quiet"));
            }
        }
    }
    if world.compares {
        comparison::compare(world, engine).await;
        for _ in 0..60 {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            sweep_once(world, engine).await;
        }
    }
    rest::at_the_end(world, engine).await;
    comparison::tells_nothing_new(world, engine).await;
}

async fn sweep(world: Arc<World>, engine: Engine) {
    question::sweeps(&world);
    while !world.calm() {
        sweep_once(&world, &engine).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// Somebody sets our clock, now ahead, now back.
async fn set_the_clock(world: Arc<World>) {
    if !world.dice.happens(500) {
        return;
    }
    let most = u64::try_from(CLOCK_JUMPS.as_micros()).expect("an hour");
    while !world.calm() {
        let pause = world.dice.between(1_000, 600_000);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let by = i64::try_from(world.dice.between(0, most)).expect("an hour");
        let back = world.dice.happens(500);
        if world.calm() {
            return;
        }
        world.time.set_ahead(if back { -by } else { by });
        world
            .tally()
            .fault(if back { "clock set back" } else { "clock set ahead" });
        world.line(|| format!("our clock is {} s off", if back { -by } else { by } / 1_000_000));
    }
}

/// How many looks failed.
async fn sweep_once(world: &World, engine: &Engine) -> usize {
    match engine.recover_once().await {
        Ok(swept) => swept.failed,
        Err(Error::Unavailable { what: "database", .. }) if !world.calm() => 0,
        Err(error) => {
            world.violation(format!("the sweep: {error}"));
            0
        }
    }
}

/// At any moment.
async fn die_sometime(world: Arc<World>) {
    let at = world.dice.between(100, 40_000);
    tokio::time::sleep(Duration::from_millis(at)).await;
    world.crash("crash: at any moment").await;
}

/// The books must be right at every moment.
async fn look(world: Arc<World>, engine: Engine) {
    while !world.calm() {
        let pause = world.dice.between(10_000, 900_000);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        books::now(&world, &engine).await;
    }
}

/// Whoever may do everything.
pub fn ops() -> Caller {
    Caller {
        principal: "ops".parse().expect("a name"),
        role: Role::Ops,
        live: false,
    }
}

async fn furnish(engine: &Engine) {
    let admin = Caller {
        role: Role::Admin,
        ..ops()
    };
    let rule = RuleDraft {
        matches: MatchDraft::default(),
        percent_bp: 1500,
        fixed: BTreeMap::new(),
        min: BTreeMap::new(),
        max: BTreeMap::new(),
        applies_to: AppliesTo::Items,
    };
    let plan = FeePlanDraft {
        rules: vec![rule],
        commission_on_refund: CommissionOnRefund::Return,
    };
    engine.claim_database().await.expect("a new database");
    engine.put_fee_plan(&admin, FEE_PLAN, plan).await.expect("a plan");
    for (id, name, site) in SELLERS {
        let seller = SellerDraft {
            name: name.to_owned(),
            site_id: site.into(),
            fee_plan: Some(FEE_PLAN.to_owned()),
            status: SellerStatus::Active,
            metadata: BTreeMap::new(),
        };
        engine.put_seller(&admin, id, seller).await.expect("a seller");
    }
}
