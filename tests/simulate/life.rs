//! From one start of the engine to its death, and from the first life to the last.

use domain::fee_plan::{AppliesTo, CommissionOnRefund, FeePlanDraft, MatchDraft, RuleDraft};
use domain::seller::{SellerDraft, SellerStatus};
use engine::{Caller, Engine, Role};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tests::carts::{FEE_PLAN, SELLERS};
use tokio::task::JoinSet;

use crate::tally::Tally;
use crate::world::World;
use crate::{books, doorbell, people};

/// Plays one world to its end; what was counted, and a digest of its way there.
pub fn play(world: World) -> (Tally, u64) {
    let world = Arc::new(world);
    let mut first = true;
    while !live(&world, first) {
        first = false;
    }
    let tally = world.counted();
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
        let engine = world.engine();
        let last = tokio::select! {
            biased;
            () = world.crashed() => false,
            () = lived(world, &engine, first) => true,
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

async fn lived(world: &Arc<World>, engine: &Engine, first: bool) {
    if first {
        furnish(engine).await;
    }
    let mut around = JoinSet::new();
    around.spawn(doorbell::run(Arc::clone(world), engine.clone()));
    around.spawn(sweep(Arc::clone(world), engine.clone()));
    around.spawn(die_sometime(Arc::clone(world)));
    around.spawn(look(Arc::clone(world), engine.clone()));
    let mut people = JoinSet::new();
    for number in 0..world.shoppers.len() {
        people.spawn(people::shop(Arc::clone(world), engine.clone(), number));
    }
    while let Some(done) = people.join_next().await {
        if let Err(error) = done {
            world.violation(format!("somebody's task ended early: {error}"));
        }
    }
    world.calm_down();
    for (times, seconds) in [(30, 1), (60, 60), (240, 3600)] {
        for _ in 0..times {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            sweep_once(world, engine).await;
        }
    }
    books::at_the_end(world, engine).await;
}

async fn sweep(world: Arc<World>, engine: Engine) {
    while !world.calm() {
        sweep_once(&world, &engine).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

async fn sweep_once(world: &World, engine: &Engine) {
    match engine.recover_once().await {
        Ok(swept) if swept.failed > 0 && world.calm() => world.violation(format!("a look failed in calm: {swept:?}")),
        Ok(_) => {}
        Err(error) => world.violation(format!("the sweep: {error}")),
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
