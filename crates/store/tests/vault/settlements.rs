//! Payouts that we were told of, in the books of no payment.

use domain::ids::SettlementId;
use domain::ledger::{Balance, Book, Cause};
use domain::money::Money;
use domain::seller::Party;
use domain::settlement::Settlement;
use store::{Commit, EntryCursor, EntryFilter, EntryPage, Origin, Store, StoreError};

use crate::harness::check;
use crate::values::{account, amount, captured, creation, next, payment, posting, s1, update};

fn settlement(number: u128, key: &str, reference: &str, paid: i64) -> Settlement {
    Settlement {
        id: SettlementId::from_u128(number),
        seller: "s1".parse().unwrap(),
        amount: Money::new(amount(paid), "EUR".parse().unwrap()),
        reference: reference.to_owned(),
        settled_on: "2027-01-14".parse().unwrap(),
        principal: "ops".parse().unwrap(),
        key: key.parse().unwrap(),
        fingerprint: "f".repeat(64),
    }
}

fn told(settlement: &Settlement) -> Commit {
    Commit {
        settlement: Some(settlement.clone()),
        ..Commit::default()
    }
}

async fn statement(store: &Store, party: Party, filter: EntryFilter) -> EntryPage {
    store.read(move |tx| tx.entries(&party, &filter)).await.unwrap()
}

async fn balance(store: &Store, party: Party) -> Balance {
    store.read(move |tx| tx.balances(&party)).await.unwrap()[0].1
}

#[test]
fn a_settlement_is_in_the_sellers_books_and_in_no_others() {
    check("settled", |world| async move {
        let store = &world.store;
        let one = payment(1, "o1");
        store.commit(creation(&one)).await.unwrap();
        store.commit(captured(&one, 1).1).await.unwrap();
        let first = settlement(1, "k1", "payout 1", 600);
        world.advance(1);
        let recorded = store.commit(told(&first)).await.unwrap();
        let wanted = Balance {
            captured: 1700,
            settled: 600,
            ..Balance::default()
        };
        assert_eq!(balance(store, s1()).await, wanted);
        assert_eq!(balance(store, Party::Marketplace).await.settled, 0);

        let filter = EntryFilter {
            limit: 9,
            ..EntryFilter::default()
        };
        let page = statement(store, s1(), filter.clone()).await;
        let orders: Vec<_> = page
            .entries
            .iter()
            .map(|entry| entry.order.as_ref().map(ToString::to_string))
            .collect();
        assert_eq!(orders, [Some("o1".to_owned()), Some("o1".to_owned()), None]);
        let entry = &page.entries[2];
        assert_eq!(entry.posting, first.posting());
        assert_eq!((entry.posting.cause, entry.posting.split), (Cause::Settlement, None));
        let cursor = EntryCursor {
            recorded_at: recorded,
            origin: Origin::Settlement(first.id),
            version: 1,
            number: 1,
        };
        assert_eq!(entry.cursor(), cursor);

        // A page may begin and end at it.
        let from = EntryFilter {
            from: Some(recorded),
            ..filter.clone()
        };
        let alone = statement(store, s1(), from).await;
        assert_eq!(alone.entries, page.entries[2..]);
        let captured = Balance {
            captured: 1700,
            ..Balance::default()
        };
        assert_eq!(alone.start, [("EUR".parse().unwrap(), captured)]);
        let before = EntryFilter {
            before: Some(cursor),
            newest: true,
            ..filter.clone()
        };
        assert_eq!(statement(store, s1(), before).await.entries, page.entries[..2]);
        let after = EntryFilter {
            after: Some(cursor),
            ..filter
        };
        assert_eq!(statement(store, s1(), after).await.entries, []);

        let totals = store.read(|tx| tx.totals()).await.unwrap();
        let account = |name: &str| totals.accounts.iter().find(|one| one.account == name).unwrap();
        assert_eq!((account("settled").debits, account("settled").credits), (0, 600));
        assert_eq!(account("payable").debits, 600);
        assert!(totals.parties.contains(&(s1(), "EUR".parse().unwrap(), wanted)));
        let of_payment = store.read(move |tx| tx.postings(one.id)).await.unwrap();
        assert_eq!(of_payment.len(), 6, "it is no posting of the payment");
    });
}

#[test]
fn a_settlement_is_told_once() {
    check("told_once", |world| async move {
        let store = &world.store;
        let first = settlement(1, "k1", "payout 1", 600);
        let recorded = store.commit(told(&first)).await.unwrap();
        let same_key = settlement(2, "k1", "payout 2", 5);
        let same_name = settlement(3, "k2", "payout 1", 5);
        let same_id = settlement(1, "k3", "payout 3", 5);
        for taken in [&same_key, &same_name, &same_id, &first] {
            assert_eq!(store.commit(told(taken)).await, Err(StoreError::Conflict), "{taken:?}");
        }
        // Others may use these names for their own.
        let mut other = settlement(4, "k1", "payout 1", 7);
        other.principal = "bank".parse().unwrap();
        other.seller = "s2".parse().unwrap();
        store.commit(told(&other)).await.unwrap();
        assert_eq!(balance(store, s1()).await.settled, 600);

        let (key, principal) = (first.key.clone(), first.principal.clone());
        let by_key = store.read(move |tx| tx.settlement_by_key(&principal, &key)).await;
        let seller = first.seller.clone();
        let by_name = store
            .read(move |tx| tx.settlement_by_reference(&seller, "payout 1"))
            .await;
        let by_id = store.read(move |tx| tx.settlement(SettlementId::from_u128(1))).await;
        for found in [by_key, by_name, by_id] {
            let found = found.unwrap().unwrap();
            assert_eq!((found.settlement, found.recorded_at), (first.clone(), recorded));
        }
        let none = store.read(move |tx| tx.settlement(SettlementId::from_u128(2))).await;
        assert_eq!(none.unwrap(), None);

        let nothing = settlement(5, "k5", "payout 5", 0);
        assert!(matches!(
            store.commit(told(&nothing)).await,
            Err(StoreError::Corrupt(_))
        ));
    });
}

#[test]
fn of_settlements_that_are_told_at_once_one_is_kept() {
    check("at_once", |world| async move {
        let store = &world.store;
        let told = (0..40_u128).map(|number| {
            let store = store.clone();
            let (key, name) = (format!("k{}", number % 4), format!("payout {number}"));
            tokio::spawn(async move { store.commit(told(&settlement(number, &key, &name, 10))).await })
        });
        let mut kept = 0;
        for one in told.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(_) => kept += 1,
                Err(error) => assert_eq!(error, StoreError::Conflict),
            }
        }
        assert_eq!(kept, 4);
        assert_eq!(balance(store, s1()).await.settled, 40);
        let filter = EntryFilter {
            limit: 99,
            ..EntryFilter::default()
        };
        assert_eq!(statement(store, s1(), filter).await.entries.len(), 4);
    });
}

#[test]
fn an_adjustment_is_in_both_statements() {
    check("adjusted", |world| async move {
        let store = &world.store;
        let first = payment(1, "o1");
        store.commit(creation(&first)).await.unwrap();
        let mut commit = update(&first, &next(&first, |_| ()));
        let (seller, marketplace) = (s1(), Party::Marketplace);
        let adjustment = posting(
            account(&seller, Book::Payable),
            account(&marketplace, Book::Payable),
            30,
        );
        assert_eq!(adjustment.split, None);
        commit.postings = vec![adjustment.clone()];
        store.commit(commit).await.unwrap();
        for (party, adjusted) in [(seller, -30), (marketplace, 30)] {
            let filter = EntryFilter {
                limit: 9,
                ..EntryFilter::default()
            };
            let page = statement(store, party.clone(), filter).await;
            let found: Vec<_> = page.entries.iter().map(|entry| entry.posting.clone()).collect();
            assert_eq!(found, vec![adjustment.clone()], "{party}");
            let mut folded = Balance::default();
            page.entries[0].fold_into(&mut folded, &party).unwrap();
            assert_eq!(folded.adjusted, adjusted);
            assert_eq!(balance(store, party).await, folded);
        }
    });
}
