//! What is said while the database does not say whether it wrote, or does not answer.

use std::sync::{Arc, Mutex};

use domain::operation::OperationKind;
use domain::payment::Charged;
use engine::{Error, Submission};
use store::{Commit, StoreError, Trial, Tried, Write};

use super::world::{World, caller, ops, order};

/// Fails the next commit so, and writes nothing of it.
#[derive(Default)]
struct Failing(Mutex<Option<StoreError>>);

impl Trial for Failing {
    fn look(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit<'a>(&'a self, _: &'a Commit, write: Write<'a>) -> Tried<'a> {
        let failure = self.0.lock().unwrap().take();
        Box::pin(async move { failure.map_or_else(write, Err) })
    }
}

fn with_key(key: &str) -> Submission {
    Submission {
        key: key.parse().unwrap(),
        fingerprint: key.to_owned(),
    }
}

#[tokio::test]
async fn a_wish_that_was_not_written_is_written_again() {
    let failing = Arc::new(Failing::default());
    let world = World::tried(failing.clone()).await;
    *world.gateway.mute.lock().unwrap() = true;
    let sold = world.sells("order-1").await;
    // It waits behind the create, so that nobody may send it yet: it has no owner to be known by.
    *failing.0.lock().unwrap() = Some(StoreError::Unknown("the connection broke".to_owned()));
    world
        .engine
        .cancel(&ops(), sold.payment, with_key("cancel-1"))
        .await
        .unwrap();
    let stored = world.payment(sold.payment).await;
    let cancels = stored
        .operations
        .iter()
        .filter(|one| one.kind() == OperationKind::Cancel);
    assert_eq!(cancels.count(), 1, "{:?}", stored.operations);
}

#[tokio::test]
async fn nobody_is_called_uncharged_by_a_database_that_does_not_answer() {
    let failing = Arc::new(Failing::default());
    let world = World::tried(failing.clone()).await;
    world.sells_and_is_paid("order-1").await;
    *failing.0.lock().unwrap() = Some(StoreError::Busy);
    let storefront = caller(engine::Role::Storefront);
    let again = world
        .engine
        .checkout(&storefront, with_key("order-1"), order("order-1"))
        .await;
    assert!(
        matches!(
            again,
            Err(Error::Unavailable {
                what: "database",
                charged: Charged::Unknown,
                ..
            })
        ),
        "{again:?}"
    );
}
