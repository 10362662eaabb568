//! Sellers, fee plans, keys, and whose database it is.

use domain::ids::KeyId;
use domain::seller::{Seller, SellerDraft, SellerStatus};
use store::{KeyRow, PutSeller, StoreError};

use crate::harness::check;
use crate::values::{at, plan};

fn seller(id: &str, site: i64) -> Seller {
    let draft = SellerDraft {
        name: format!("Seller {id}"),
        site_id: site,
        fee_plan: Some("standard".to_owned()),
        status: SellerStatus::Active,
        metadata: [("k".to_owned(), "v".to_owned())].into(),
    };
    Seller::try_new(id.parse().unwrap(), draft, at(0), at(0)).unwrap()
}

#[test]
fn a_seller_has_one_site_and_a_site_has_one_seller() {
    check("sellers", |world| async move {
        let store = &world.store;
        let put = |seller: Seller| {
            let store = store.clone();
            async move { store.write(move |tx| tx.put_seller(&seller)).await }
        };
        assert_eq!(put(seller("b", 2)).await, Ok(PutSeller::Created));
        assert_eq!(put(seller("a", 1)).await, Ok(PutSeller::Created));
        assert_eq!(put(seller("c", 2)).await, Ok(PutSeller::SiteTaken));
        assert_eq!(put(seller("a", 2)).await, Ok(PutSeller::SiteTaken));
        let mut changed = seller("a", 3);
        changed.created_at = at(9);
        changed.updated_at = at(9);
        changed.fee_plan = None;
        changed.status = SellerStatus::Suspended;
        assert_eq!(put(changed.clone()).await, Ok(PutSeller::Updated));
        changed.created_at = at(0);
        assert_eq!(
            put(seller("c", 1)).await,
            Ok(PutSeller::Created),
            "the site that was left is free"
        );

        let (a, z) = ("a".parse().unwrap(), "z".parse().unwrap());
        assert_eq!(
            store.read(move |tx| tx.seller(&a)).await.unwrap(),
            Some(changed.clone())
        );
        assert_eq!(store.read(move |tx| tx.seller(&z)).await.unwrap(), None);
        let named = |id: &str| id.parse().unwrap();
        let some = ["c", "nobody", "a", "x1", "x2", "a"].map(named);
        assert_eq!(
            store.read(move |tx| tx.sellers(&some)).await.unwrap(),
            [changed.clone(), seller("c", 1)]
        );
        assert_eq!(
            store.read(|tx| tx.list_sellers(None, 2)).await.unwrap(),
            [changed, seller("b", 2)]
        );
        let b = "b".parse().unwrap();
        assert_eq!(
            store.read(move |tx| tx.list_sellers(Some(&b), 2)).await.unwrap(),
            [seller("c", 1)]
        );
    });
}

#[test]
fn a_fee_plan_keeps_every_version() {
    check("plans", |world| async move {
        let store = &world.store;
        let name = plan(1).id;
        for version in 1..=11 {
            store.write(move |tx| tx.put_fee_plan(&plan(version))).await.unwrap();
        }
        assert_eq!(
            store.write(|tx| tx.put_fee_plan(&plan(3))).await,
            Err(StoreError::Conflict)
        );
        let wanted = name.clone();
        assert_eq!(store.read(move |tx| tx.latest(&wanted)).await.unwrap(), Some(plan(11)));
        let wanted = name.clone();
        assert_eq!(
            store.read(move |tx| tx.version(&wanted, 2)).await.unwrap(),
            Some(plan(2))
        );
        let wanted = name.clone();
        assert_eq!(store.read(move |tx| tx.version(&wanted, 12)).await.unwrap(), None);
        let some = [name, "none".parse().unwrap()];
        assert_eq!(store.read(move |tx| tx.latest_many(&some)).await.unwrap(), [plan(11)]);
    });
}

fn key(number: u128, role: &str) -> KeyRow {
    KeyRow {
        id: KeyId::from_u128(number),
        hash: format!("{number:064x}"),
        role: role.to_owned(),
        principal: "shop".parse().unwrap(),
        seller: (role == "seller").then(|| "s1".parse().unwrap()),
        live: true,
        created_at: at(1),
        revoked_at: None,
    }
}

#[test]
fn a_key_is_known_by_its_digest_until_it_is_revoked() {
    check("api_keys", |world| async move {
        let store = &world.store;
        for (number, role) in [(1, "admin"), (2, "seller"), (3, "admin")] {
            store.write(move |tx| tx.insert_key(&key(number, role))).await.unwrap();
        }
        let mut copy = key(4, "ops");
        copy.hash = key(1, "admin").hash;
        assert_eq!(
            store.write(move |tx| tx.insert_key(&copy)).await,
            Err(StoreError::Conflict)
        );
        assert_eq!(
            store.read(|tx| tx.key_by_hash(&key(2, "").hash)).await.unwrap(),
            Some(key(2, "seller"))
        );
        assert_eq!(store.read(|tx| tx.key_by_hash("none")).await.unwrap(), None);
        assert_eq!(store.read(|tx| tx.live_admins()).await.unwrap(), 2);
        assert!(
            store
                .write(|tx| tx.revoke_key(KeyId::from_u128(1), at(7)))
                .await
                .unwrap()
        );
        assert!(
            !store
                .write(|tx| tx.revoke_key(KeyId::from_u128(1), at(8)))
                .await
                .unwrap()
        );
        assert!(
            !store
                .write(|tx| tx.revoke_key(KeyId::from_u128(9), at(8)))
                .await
                .unwrap()
        );
        assert_eq!(store.read(|tx| tx.live_admins()).await.unwrap(), 1);
        let revoked = store.read(|tx| tx.key(KeyId::from_u128(1))).await.unwrap().unwrap();
        assert_eq!(revoked.revoked_at, Some(at(7)));
        let listed = store.read(|tx| tx.list_keys(None, 2)).await.unwrap();
        assert_eq!(listed, [key(3, "admin"), key(2, "seller")]);
        assert_eq!(
            store
                .read(|tx| tx.list_keys(Some(KeyId::from_u128(2)), 2))
                .await
                .unwrap(),
            [revoked]
        );
    });
}

#[test]
fn what_is_written_once_stays() {
    check("meta", |world| async move {
        let store = &world.store;
        assert_eq!(store.read(|tx| tx.meta("installation")).await.unwrap(), None);
        assert_eq!(
            store.write(|tx| tx.set_meta_once("installation", "a")).await.unwrap(),
            "a"
        );
        assert_eq!(
            store.write(|tx| tx.set_meta_once("installation", "b")).await.unwrap(),
            "a"
        );
        assert_eq!(
            store.read(|tx| tx.meta("installation")).await.unwrap().as_deref(),
            Some("a")
        );
    });
}

#[test]
fn a_change_that_fails_leaves_nothing() {
    check("failed", |world| async move {
        let failed: Result<(), StoreError> = world
            .store
            .write(|tx| {
                tx.put_fee_plan(&plan(1))?;
                Err(StoreError::Missing)
            })
            .await;
        assert_eq!(failed, Err(StoreError::Missing));
        let name = plan(1).id;
        assert_eq!(world.store.read(move |tx| tx.latest(&name)).await.unwrap(), None);
        // One that panics harms nobody either.
        let store = world.store.clone();
        let panicked = store
            .write(|_| -> Result<(), StoreError> { panic!("as the test wants") })
            .await;
        assert!(panicked.is_err());
        let looked = store
            .read(|_| -> Result<(), StoreError> { panic!("as the test wants") })
            .await;
        assert!(looked.is_err());
        store.write(|tx| tx.put_fee_plan(&plan(1))).await.unwrap();
        world.store.health().await.unwrap();
    });
}
