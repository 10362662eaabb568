//! Kills, restarts, and looks.

use crate::dice::Dice;
use crate::figures::Figures;
use crate::point::Point;
use crate::progress::Progress;
use crate::world::{Plan, World};
use anyhow::{Context, Result};
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long somebody may take to come to the chosen moment.
const MOMENT_MAX: Duration = Duration::from_secs(4);
/// Kills between two looks at everything.
const LOOK_EVERY: usize = 10;

/// Kills so often in one world.
pub async fn kill(
    plan: &Plan,
    database: &str,
    folder: &Path,
    times: usize,
    figures: &mut Figures,
    progress: &Progress,
) -> Result<()> {
    let mut world = World::begins(plan, database, folder).await?;
    let mut points = VecDeque::new();
    for number in 1..=times {
        if points.is_empty() {
            points = shuffled(&world.dice);
        }
        let point = points.pop_front().context("there are points")?;
        let told = format!("kill {} ({point})", figures.times + 1);
        progress.says(&told);
        kill_once(&world, point, figures).await.with_context(|| told.clone())?;
        figures.times += 1;
        world.nobody_complains().with_context(|| told.clone())?;
        if number % LOOK_EVERY == 0 {
            figures.add(world.is_inspected(false).await.context(told)?, false);
        }
    }
    figures.add(world.is_inspected(true).await.context("at the end")?, true);
    let [_, answers, repeats] = world.street.counts();
    figures.answers += answers;
    figures.repeats += repeats;
    world.ends().await;
    Ok(())
}

async fn kill_once(world: &World, point: Point, figures: &mut Figures) -> Result<()> {
    let all = world.servers.len() > 1 && world.dice.happens(20);
    let after = match world.dice.between(0, 3) {
        0 | 1 => 0,
        2 => world.dice.between(1, 400),
        _ => world.dice.between(400, 4_000),
    };
    let mut point = point;
    let mut struck = world.trigger.arm(point, all, Duration::from_micros(after));
    if point != Point::AnyMoment {
        let come = async {
            while !struck.is_terminated() && struck.is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let late = tokio::time::timeout(MOMENT_MAX, come).await.is_err();
        if late && world.trigger.disarm() {
            figures.points_missed += 1;
            point = Point::AnyMoment;
            struck = world.trigger.arm(point, all, Duration::ZERO);
        }
    }
    if point == Point::AnyMoment {
        world.dice.pause(1, 300).await;
        let victim = world.dice.place(world.servers.len());
        world.trigger.reached(point, victim).await;
    }
    let killed = struck.await.context("somebody was killed")?;
    let cut = world.gateway.now();
    *figures.points.entry(point.to_string()).or_default() += 1;
    figures.processes_killed += killed.len();
    let restarted = Instant::now();
    for victim in &killed {
        world.servers[*victim].starts()?;
    }
    for victim in &killed {
        figures.first_answer_ms.add(world.servers[*victim].is_ready().await?);
    }
    let (took, undecided) = world.is_decided(cut, restarted).await?;
    figures.nothing_unknown_ms.add(took);
    figures.left_undecided += undecided;
    Ok(())
}

/// Every point once, in an order of its own.
fn shuffled(dice: &Dice) -> VecDeque<Point> {
    let mut points = Point::ALL.to_vec();
    let mut order = VecDeque::new();
    while !points.is_empty() {
        order.push_back(points.swap_remove(dice.place(points.len())));
    }
    order
}
