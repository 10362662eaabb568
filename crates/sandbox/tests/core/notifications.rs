//! Notifications: signed, retried, given up.

use super::world::{SECOND, START, World, body};
use sandbox::core::BooksQuery;

#[test]
fn notifications_are_signed_and_retried_until_acknowledged() {
    let mut world = World::new();
    let id = world.create("a");
    world.play(id, "success");
    let mut waits = Vec::new();
    for attempt in 1..=8 {
        let due = world.core.next_due().unwrap();
        waits.push((due - world.now) / SECOND);
        world.now = due;
        let taken = world.core.take_due(world.now, 10);
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].attempt, attempt);
        assert_eq!(taken[0].authorization.as_deref(), Some(super::world::AUTHORIZATION));
        assert_eq!(body(&taken[0])["Payment"]["ID"], id);
        let status = [None, Some(500), Some(200), Some(401)][usize::try_from(attempt).unwrap() % 4];
        world.core.delivered(world.now, taken[0].id, status);
    }
    assert_eq!(waits, [0, 1, 5, 30, 120, 600, 3_600, 3_600]);
    world.now = world.core.next_due().unwrap();
    assert_eq!(world.notified().len(), 1);
    assert_eq!(world.core.next_due(), None);
    let books = world.core.books(world.now, &BooksQuery::default());
    assert_eq!((books.notifications.acknowledged, books.notifications.pending), (1, 0));
    assert_eq!(books.deliveries.len(), 9);
}

#[test]
fn notifications_are_given_up_after_seven_days() {
    let mut world = World::new();
    let id = world.create("a");
    world.play(id, "success");
    let mut attempts = 0;
    while let Some(due) = world.core.next_due() {
        world.now = due;
        for delivery in world.core.take_due(due, 10) {
            attempts += 1;
            world.core.delivered(due, delivery.id, Some(503));
        }
    }
    assert!((150..200).contains(&attempts), "{attempts}");
    assert!(world.now - START <= 7 * 24 * 3_600 * SECOND);
    assert_eq!(
        world
            .core
            .books(world.now, &BooksQuery::default())
            .notifications
            .given_up,
        1
    );
}
