//! What happens to PostgreSQL itself while everybody works.

use crate::amnesia;
use crate::cluster::{self, Cluster, DATABASE, Programs};
use crate::figures::{Figures, Forgotten};
use crate::progress::Progress;
use crate::world::{Plan, World};
use anyhow::{Context, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// Restarts between two looks at everything.
const LOOK_EVERY: usize = 5;

/// Stops PostgreSQL at once, so often, and starts it again on the same data.
pub async fn restart(
    plan: &Plan,
    programs: &Programs,
    folder: &Path,
    times: usize,
    figures: &mut Figures,
    progress: &Progress,
) -> Result<()> {
    let mut cluster = Cluster::create(programs, folder, false).await?;
    let mut world = World::begins(plan, &cluster.url(DATABASE), folder).await?;
    for number in 1..=times {
        let told = format!("restart {number}");
        progress.says(&told);
        world.dice.pause(300, 1_200).await;
        cluster.stops_at_once().with_context(|| told.clone())?;
        let cut = world.gateway.now();
        cluster.starts().await.with_context(|| told.clone())?;
        goes_on(&world, cut, Instant::now(), figures)
            .await
            .with_context(|| told.clone())?;
        if number % LOOK_EVERY == 0 {
            figures.add(world.is_inspected(false).await.context(told)?, false);
        }
    }
    figures.add(world.is_inspected(true).await.context("at the end")?, true);
    ends(world, figures).await;
    Ok(())
}

/// Kills the primary, so often, and promotes its standby.
pub async fn promote(
    plan: &Plan,
    programs: &Programs,
    folder: &Path,
    times: usize,
    figures: &mut Figures,
    progress: &Progress,
) -> Result<()> {
    let synchronous = !plan.forgives;
    let mut primary = Cluster::create(programs, folder, synchronous).await?;
    let mut standby = primary.standby("data-1", None).await?;
    let url = format!(
        "postgres:///{DATABASE}?user=apportion&host=127.0.0.1,127.0.0.1&port={},{}&target_session_attrs=read-write",
        primary.port(),
        standby.port()
    );
    let mut world = World::begins(plan, &url, folder).await?;
    let mut forgotten = Forgotten::default();
    for number in 1..=times {
        let told = format!("promotion {number}");
        progress.says(&told);
        world.dice.pause(800, 1_800).await;
        let sender = if plan.forgives {
            let sender = primary.trails().await?;
            world.dice.pause(200, 600).await;
            Some(sender)
        } else {
            None
        };
        let cut = world.gateway.now();
        let killed = Instant::now();
        primary.is_killed();
        if let Some(sender) = sender {
            // It ends with its postmaster, unless it sleeps.
            let _ = cluster::signal("KILL", sender);
        }
        let free = primary.port();
        standby.is_promoted().with_context(|| told.clone())?;
        primary = standby;
        // What is acknowledged must stand on two servers again before anything can be; or nobody waits for that.
        let data = format!("data-{}", number + 1);
        if synchronous {
            standby = primary.standby(&data, Some(free)).await.with_context(|| told.clone())?;
            goes_on(&world, cut, killed, figures)
                .await
                .with_context(|| told.clone())?;
        } else {
            goes_on(&world, cut, killed, figures)
                .await
                .with_context(|| told.clone())?;
            standby = primary.standby(&data, Some(free)).await.with_context(|| told.clone())?;
        }
        if plan.forgives {
            amnesia::remembers(&mut world, &mut forgotten)
                .await
                .with_context(|| told.clone())?;
            figures.inspections += 1;
        } else {
            figures.add(world.is_inspected(false).await.context(told)?, false);
        }
    }
    if plan.forgives {
        figures.forgotten = Some(forgotten);
    } else {
        figures.add(world.is_inspected(true).await.context("at the end")?, true);
    }
    ends(world, figures).await;
    drop(standby);
    Ok(())
}

/// Waits until both servers work again, and until nothing is unknown of what was begun before.
async fn goes_on(world: &World, cut: u64, from: Instant, figures: &mut Figures) -> Result<()> {
    for server in &world.servers {
        server.answers_again().await?;
    }
    figures.first_answer_ms.add(from.elapsed());
    let (took, undecided) = world.is_decided(cut, from).await?;
    figures.nothing_unknown_ms.add(took);
    figures.left_undecided += undecided;
    figures.times += 1;
    // Whoever waited for a database that was away must get on before the next blow.
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.nobody_complains()
}

async fn ends(world: World, figures: &mut Figures) {
    let [_, answers, repeats] = world.street.counts();
    figures.answers += answers;
    figures.repeats += repeats;
    world.ends().await;
}
