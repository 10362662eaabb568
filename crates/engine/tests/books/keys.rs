//! Keys: shown once, gone at once when revoked, and never the last one.

use domain::ids::KeyId;
use engine::keys::KeyDraft;
use engine::{Error, Role};
use secrecy::ExposeSecret;

use crate::world::{BOOTSTRAP, World};

fn draft(role: &str, seller: Option<&str>) -> KeyDraft {
    KeyDraft {
        role: role.to_owned(),
        principal: format!("{role}-server"),
        seller: seller.map(str::to_owned),
        live: false,
    }
}

#[tokio::test]
async fn a_key_says_who_calls_until_it_is_revoked() {
    let world = World::with_sellers().await;
    let (view, secret) = world.engine.create_key(draft("seller", Some("s1"))).await.unwrap();
    let secret = secret.expose_secret();
    assert!(secret.starts_with("ap_test_"));
    assert_eq!(secret.len(), "ap_test_".len() + 43);

    let caller = world.engine.authenticate(secret).await.unwrap().unwrap();
    assert_eq!(caller.role, Role::Seller("s1".parse().unwrap()));
    assert_eq!(caller.principal.as_str(), "seller-server");
    assert!(!caller.live);
    assert_eq!(world.engine.authenticate(&secret[1..]).await.unwrap(), None);
    assert_eq!(world.engine.authenticate(&format!("{secret}x")).await.unwrap(), None);
    assert_eq!(world.engine.authenticate("").await.unwrap(), None);

    // At once, although the caller is remembered.
    assert!(world.engine.authenticate(secret).await.unwrap().is_some());
    let id: KeyId = view.id.parse().unwrap();
    let revoked = world.engine.revoke_key(id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(world.engine.authenticate(secret).await.unwrap(), None);
    assert_eq!(world.engine.revoke_key(id).await.unwrap(), revoked);
}

#[tokio::test]
async fn two_keys_are_never_the_same_and_their_secrets_are_not_stored() {
    let world = World::new().await;
    let (first, one) = world.engine.create_key(draft("ops", None)).await.unwrap();
    let (second, two) = world
        .engine
        .create_key(KeyDraft {
            live: true,
            ..draft("ops", None)
        })
        .await
        .unwrap();
    assert_ne!(one.expose_secret()[8..], two.expose_secret()[8..]);
    assert!(two.expose_secret().starts_with("ap_live_"));

    let page = world.engine.list_keys(None, 1).await.unwrap();
    assert_eq!(page.data, [second]);
    let rest = world
        .engine
        .list_keys(page.next_cursor.map(|id| id.parse().unwrap()), 1)
        .await
        .unwrap();
    assert_eq!(rest.data, [first]);
    assert!(!rest.has_more);
    let told = serde_json::to_string(&rest.data).unwrap();
    assert!(
        !told.contains(one.expose_secret()) && !told.contains("hash") && !told.contains("digest"),
        "{told}"
    );
}

#[tokio::test]
async fn a_draft_is_told_everything_that_is_wrong_with_it() {
    let world = World::with_sellers().await;
    let codes = |result: Result<_, Error>| match result {
        Err(Error::Invalid(faults)) => faults.iter().map(|fault| fault.code).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let empty = KeyDraft {
        principal: String::new(),
        ..draft("king", None)
    };
    assert_eq!(
        codes(world.engine.create_key(empty).await),
        ["principal_invalid", "role_unknown"]
    );
    assert_eq!(
        codes(world.engine.create_key(draft("seller", None)).await),
        ["key_seller_missing"]
    );
    assert_eq!(
        codes(world.engine.create_key(draft("seller", Some("nobody"))).await),
        ["key_seller_unknown"]
    );
    assert_eq!(
        codes(world.engine.create_key(draft("ops", Some("s1"))).await),
        ["key_seller_unexpected"]
    );
    assert!(world.engine.list_keys(None, 10).await.unwrap().data.is_empty());
}

#[tokio::test]
async fn the_bootstrap_key_dies_with_the_first_admin_key() {
    let world = World::new().await;
    let first = world.engine.authenticate(BOOTSTRAP).await.unwrap().unwrap();
    assert_eq!(first.role, Role::Admin);
    world.engine.create_key(draft("ops", None)).await.unwrap();
    assert!(
        world.engine.authenticate(BOOTSTRAP).await.unwrap().is_some(),
        "an ops key is no admin key"
    );
    let wrong = BOOTSTRAP.to_uppercase();
    assert_eq!(world.engine.authenticate(&wrong).await.unwrap(), None);

    world.engine.create_key(draft("admin", None)).await.unwrap();
    assert_eq!(world.engine.authenticate(BOOTSTRAP).await.unwrap(), None);
}

#[tokio::test]
async fn the_last_admin_key_stays() {
    let world = World::new().await;
    let (one, secret) = world.engine.create_key(draft("admin", None)).await.unwrap();
    world.engine.create_key(draft("ops", None)).await.unwrap();
    let last = world.engine.revoke_key(one.id.parse().unwrap()).await;
    assert!(
        matches!(
            last,
            Err(Error::Conflict {
                code: "last_admin_key",
                ..
            })
        ),
        "{last:?}"
    );
    assert!(
        world
            .engine
            .authenticate(secret.expose_secret())
            .await
            .unwrap()
            .is_some()
    );

    let (two, _) = world.engine.create_key(draft("admin", None)).await.unwrap();
    world.engine.revoke_key(one.id.parse().unwrap()).await.unwrap();
    assert_eq!(world.engine.authenticate(secret.expose_secret()).await.unwrap(), None);
    assert!(world.engine.revoke_key(two.id.parse().unwrap()).await.is_err());
    assert_eq!(
        world.engine.authenticate(BOOTSTRAP).await.unwrap(),
        None,
        "not even now"
    );
    assert!(matches!(
        world.engine.revoke_key(KeyId::from_u128(1)).await,
        Err(Error::NotFound)
    ));
}

#[tokio::test]
async fn another_instance_accepts_a_revoked_key_for_two_seconds_at_most() {
    let world = World::new().await;
    let (view, secret) = world.engine.create_key(draft("ops", None)).await.unwrap();
    let (secret, other) = (secret.expose_secret(), world.another());
    assert!(other.authenticate(secret).await.unwrap().is_some());
    world.engine.revoke_key(view.id.parse().unwrap()).await.unwrap();
    assert_eq!(world.engine.authenticate(secret).await.unwrap(), None);
    tokio::time::sleep(std::time::Duration::from_millis(2_050)).await;
    assert_eq!(other.authenticate(secret).await.unwrap(), None);
}
