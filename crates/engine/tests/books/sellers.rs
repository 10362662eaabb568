//! Sellers and fee plans.

use domain::seller::{SellerDraft, SellerStatus};
use engine::Error;

use crate::world::{COMMISSION_SITE, World, admin, of_seller, ops, plan, seller};

#[tokio::test]
async fn a_seller_is_registered_and_changed() {
    let world = World::with_sellers().await;
    let changed = SellerDraft {
        status: SellerStatus::Suspended,
        fee_plan: None,
        ..seller(33_009)
    };
    world.clock.advance(std::time::Duration::from_secs(60));
    let (view, created) = world.engine.put_seller(&admin(), "s1", changed).await.unwrap();
    assert!(!created);
    assert_eq!(
        (view.site_id, view.status.as_str(), view.fee_plan.as_deref()),
        (33_009, "suspended", None)
    );
    assert_eq!(view.created_at, "2030-01-31T12:00:00.000Z");
    assert_eq!(view.updated_at, "2030-01-31T12:01:00.000Z");
    assert_eq!(world.engine.seller(&ops(), "s1".parse().unwrap()).await.unwrap(), view);

    // The site it left is free.
    let (_, created) = world.engine.put_seller(&admin(), "s3", seller(33_001)).await.unwrap();
    assert!(created);
}

#[tokio::test]
async fn a_site_has_one_party() {
    let world = World::with_sellers().await;
    for taken in [33_002, i64::from(COMMISSION_SITE)] {
        for id in ["s1", "s9"] {
            let put = world.engine.put_seller(&admin(), id, seller(taken)).await;
            assert!(
                matches!(put, Err(Error::Conflict { code: "site_taken", .. })),
                "{id} {taken}: {put:?}"
            );
        }
    }
    assert_eq!(
        world
            .engine
            .seller(&ops(), "s1".parse().unwrap())
            .await
            .unwrap()
            .site_id,
        33_001
    );
    assert!(matches!(
        world.engine.seller(&ops(), "s9".parse().unwrap()).await,
        Err(Error::NotFound)
    ));
}

#[tokio::test]
async fn a_draft_is_told_what_is_wrong() {
    let world = World::new().await;
    let put = world.engine.put_seller(&admin(), "s1", seller(33_001)).await;
    let Err(Error::Invalid(faults)) = put else {
        panic!("{put:?}")
    };
    assert_eq!(
        (faults[0].pointer.as_str(), faults[0].code),
        ("/fee_plan", "fee_plan_unknown")
    );
    let put = world.engine.put_seller(&admin(), "marketplace", seller(33_001)).await;
    assert!(matches!(put, Err(Error::Invalid(faults)) if faults[0].code == "seller_id_invalid"));
}

#[tokio::test]
async fn sellers_are_listed_page_by_page_and_see_themselves_only() {
    let world = World::with_sellers().await;
    let page = world.engine.sellers(None, 1).await.unwrap();
    assert_eq!(page.data[0].id, "s1");
    assert!(page.has_more);
    let after = page.next_cursor.unwrap().parse().unwrap();
    let page = world.engine.sellers(Some(after), 1).await.unwrap();
    assert_eq!(page.data[0].id, "s2");
    assert!(!page.has_more && page.next_cursor.is_none());

    let own = world.engine.seller(&of_seller("s1"), "s1".parse().unwrap()).await;
    assert!(own.is_ok());
    let other = world.engine.seller(&of_seller("s1"), "s2".parse().unwrap()).await;
    assert!(matches!(other, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_fee_plan_has_a_new_version_only_when_something_differs() {
    let world = World::new().await;
    let put = async |percent| {
        let (view, created) = world
            .engine
            .put_fee_plan(&admin(), "standard", plan(percent))
            .await
            .unwrap();
        (view.name, created)
    };
    assert_eq!(put(1500).await, ("standard@1".to_owned(), true));
    assert_eq!(put(1500).await, ("standard@1".to_owned(), false));
    assert_eq!(put(1200).await, ("standard@2".to_owned(), true));
    assert_eq!(
        put(1500).await,
        ("standard@3".to_owned(), true),
        "an old version is not taken up again"
    );

    let id = || "standard".parse().unwrap();
    assert_eq!(world.engine.fee_plan(id()).await.unwrap().version, 3);
    assert_eq!(
        world.engine.fee_plan_version(id(), 2).await.unwrap().rules[0].percent_bp,
        1200
    );
    assert!(matches!(
        world.engine.fee_plan_version(id(), 4).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        world.engine.fee_plan("other".parse().unwrap()).await,
        Err(Error::NotFound)
    ));
}
