//! Cards that customers keep, and the keys that seal their tokens.

use domain::card::{Card, Sealed};
use domain::ids::CardId;
use store::{Commit, Store, StoreError};

use crate::harness::check;
use crate::values::{at, captured, creation, id, next, payment, update};

fn sealed(key: &str, text: &str) -> Sealed {
    Sealed {
        key: key.to_owned(),
        text: text.to_owned(),
    }
}

/// The card that payment `payment` of customer `c1` keeps.
fn card(number: u128, payment: u128) -> Card {
    Card {
        id: CardId::from_u128(number),
        customer: "c1".parse().unwrap(),
        live: false,
        last4: "0007".to_owned(),
        expiry_month: 12,
        expiry_year: 2031,
        holder: Some("A. Buyer".to_owned()),
        token: sealed("k1", &format!("text-{number}")),
        payment: id(payment),
        created_at: at(5),
        deleted_at: None,
    }
}

/// Captures a payment that keeps a card.
async fn keep(store: &Store, number: u128, card: &Card) {
    let first = payment(number, &format!("o{number}"));
    store.commit(creation(&first)).await.unwrap();
    let commit = Commit {
        card: Some(card.clone()),
        ..captured(&first, u64::try_from(number).unwrap()).1
    };
    store.commit(commit).await.unwrap();
}

async fn cards(store: &Store, customer: &str, live: bool) -> Vec<Card> {
    let customer = customer.parse().unwrap();
    store.read(move |tx| tx.cards_of(&customer, live)).await.unwrap()
}

#[test]
fn a_payment_keeps_one_card_however_often_it_is_told() {
    check("cards", |world| async move {
        let store = &world.store;
        let (first, mut other, mut live) = (card(1, 1), card(2, 2), card(3, 3));
        other.holder = None;
        live.live = true;
        for (number, one) in [(1, &first), (2, &other), (3, &live)] {
            keep(store, number, one).await;
        }
        let mut somebody = card(4, 4);
        somebody.customer = "c2".parse().unwrap();
        keep(store, 4, &somebody).await;
        assert_eq!(cards(store, "c1", false).await, [other.clone(), first.clone()]);
        assert_eq!(cards(store, "c1", true).await, [live]);
        assert_eq!(cards(store, "c2", false).await, [somebody]);
        assert_eq!(cards(store, "c3", false).await, []);

        // Told again under another name, and the name told again with another payment: the commits land all the same.
        let before = store.read(|tx| tx.payment_as_stored(id(1))).await.unwrap().unwrap();
        let again = next(&before, |payment| payment.asked = 5);
        let commit = Commit {
            card: Some(card(9, 1)),
            ..update(&before, &again)
        };
        store.commit(commit).await.unwrap();
        let before = store.read(|tx| tx.payment_as_stored(id(4))).await.unwrap().unwrap();
        let once_more = next(&before, |payment| payment.asked = 6);
        let commit = Commit {
            card: Some(card(1, 4)),
            ..update(&before, &once_more)
        };
        store.commit(commit).await.unwrap();
        assert_eq!(
            store
                .read(|tx| tx.payment_as_stored(id(1)))
                .await
                .unwrap()
                .map(|one| one.asked),
            Some(5)
        );
        assert_eq!(cards(store, "c1", false).await, [other, first.clone()]);
        assert_eq!(
            store.read(|tx| tx.card(CardId::from_u128(1))).await.unwrap(),
            Some(first)
        );
        assert_eq!(store.read(|tx| tx.card(CardId::from_u128(9))).await.unwrap(), None);
    });
}

#[test]
fn a_card_of_a_commit_that_is_lost_is_not_kept() {
    check("lost_card", |world| async move {
        let store = &world.store;
        let first = payment(1, "o1");
        store.commit(creation(&first)).await.unwrap();
        store.commit(captured(&first, 1).1).await.unwrap();
        let stale = Commit {
            card: Some(card(1, 1)),
            ..captured(&first, 1).1
        };
        assert_eq!(store.commit(stale).await, Err(StoreError::Conflict));
        assert_eq!(cards(store, "c1", false).await, []);

        let homeless = Commit {
            card: Some(card(1, 1)),
            ..Commit::default()
        };
        let foreign = Commit {
            card: Some(card(1, 1)),
            ..creation(&payment(2, "o2"))
        };
        for commit in [homeless, foreign] {
            assert!(matches!(store.commit(commit).await, Err(StoreError::Corrupt(_))));
        }
        assert_eq!(cards(store, "c1", false).await, []);
    });
}

#[test]
fn a_card_is_deleted_once_and_sealed_anew_by_pages() {
    check("resealed", |world| async move {
        let store = &world.store;
        for number in 1..=4_u128 {
            keep(store, number, &card(number, number)).await;
        }
        let third = CardId::from_u128(3);
        let delete = || store.write(move |tx| tx.delete_card(third, at(9)));
        assert_eq!(delete().await, Ok(true));
        assert_eq!(delete().await, Ok(false));
        let nobody = CardId::from_u128(7);
        assert_eq!(store.write(move |tx| tx.delete_card(nobody, at(9))).await, Ok(false));
        let deleted = store.read(move |tx| tx.card(third)).await.unwrap().unwrap();
        assert_eq!(deleted.deleted_at, Some(at(9)));
        let left: Vec<_> = cards(store, "c1", false).await.into_iter().map(|one| one.id).collect();
        assert_eq!(left, [4, 2, 1].map(CardId::from_u128));

        // A rotation, two cards at a time; what is deleted is sealed anew too.
        let mut after = None;
        let mut pages = Vec::new();
        loop {
            let page = store
                .write(move |tx| {
                    let page = tx.cards_sealed_otherwise("k2", after, 2)?;
                    for one in &page {
                        let anew = sealed("k2", &format!("{}-anew", one.token.text));
                        assert!(tx.reseal_card(one.id, &one.token, &anew)?);
                        assert!(
                            !tx.reseal_card(one.id, &one.token, &anew)?,
                            "it is sealed otherwise by now"
                        );
                    }
                    Ok(page)
                })
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            pages.push(page.iter().map(|one| one.id.as_u128()).collect::<Vec<_>>());
        }
        assert_eq!(pages, [[1, 2], [3, 4]]);
        let rest = store.read(|tx| tx.cards_sealed_otherwise("k2", None, 9)).await.unwrap();
        assert_eq!(rest, []);
        let kept = store.read(move |tx| tx.card(third)).await.unwrap().unwrap();
        assert_eq!(
            (kept.token, kept.deleted_at),
            (sealed("k2", "text-3-anew"), Some(at(9)))
        );
    });
}
