//! Balances, statements and totals are the postings, added up.

use domain::ledger::{Account, Balance, Book};
use domain::money::Currency;
use domain::seller::Party;
use store::{EntryFilter, Store};

use crate::harness::check;
use crate::values::{account, captured, creation, next, payment, posting, s1, s2, update};

async fn balances(store: &Store, party: Party) -> Vec<(Currency, Balance)> {
    store.read(move |tx| tx.balances(&party)).await.unwrap()
}

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

#[test]
fn a_balance_is_the_fold_of_its_postings() {
    check("balances", |world| async move {
        let store = &world.store;
        assert!(balances(store, s1()).await.is_empty());
        for number in 1..=3_u128 {
            let one = payment(number, &format!("o{number}"));
            store.commit(creation(&one)).await.unwrap();
            store
                .commit(captured(&one, u64::try_from(number).unwrap()).1)
                .await
                .unwrap();
        }
        // 15.01 % of 20.00 is 3.00, of 10.00 is 1.50.
        let captured_s1 = Balance {
            captured: 3 * 1700,
            ..Balance::default()
        };
        assert_eq!(balances(store, s1()).await, [(eur(), captured_s1)]);
        assert_eq!(
            balances(store, s2()).await,
            [(
                eur(),
                Balance {
                    captured: 3 * 850,
                    ..Balance::default()
                }
            )]
        );
        assert_eq!(
            balances(store, Party::Marketplace).await,
            [(
                eur(),
                Balance {
                    captured: 3 * 450,
                    ..Balance::default()
                }
            )]
        );

        // Everything that can move, both ways, and between parties.
        let (first, _) = captured(&payment(1, "o1"), 1);
        let after = next(&first, |_| ());
        let mut commit = update(&first, &after);
        let (seller, other) = (s1(), Party::Marketplace);
        commit.postings = vec![
            posting(account(&seller, Book::Payable), account(&seller, Book::Refunding), 500),
            posting(account(&seller, Book::Refunding), Account::Buyer, 300),
            posting(account(&seller, Book::Refunding), account(&seller, Book::Payable), 50),
            posting(account(&seller, Book::Payable), account(&seller, Book::Disputed), 90),
            posting(account(&seller, Book::Disputed), Account::Buyer, 40),
            posting(account(&seller, Book::Disputed), account(&seller, Book::Payable), 10),
            posting(account(&seller, Book::Payable), account(&other, Book::Payable), 7),
            posting(account(&other, Book::Payable), account(&seller, Book::Payable), 2),
            posting(account(&seller, Book::Payable), account(&seller, Book::Settled), 1000),
            posting(Account::Buyer, Account::Suspense, 11),
            posting(Account::Buyer, account(&seller, Book::Authorized), 25),
            posting(account(&seller, Book::Authorized), Account::Buyer, 5),
        ];
        store.commit(commit.clone()).await.unwrap();
        let wanted = Balance {
            authorized: 20,
            captured: 5100,
            refunding: 150,
            refunded: 300,
            disputed: 40,
            charged_back: 40,
            adjusted: -5,
            settled: 1000,
        };
        assert_eq!(balances(store, s1()).await, [(eur(), wanted)]);
        let marketplace = Balance {
            captured: 1350,
            adjusted: 5,
            ..Balance::default()
        };
        assert_eq!(balances(store, Party::Marketplace).await, [(eur(), marketplace)]);
        let id = first.id;
        let stored = store.read(move |tx| tx.postings(id)).await.unwrap();
        let moved: Vec<_> = stored
            .iter()
            .filter(|row| row.version == 3)
            .map(|row| row.posting.clone())
            .collect();
        assert_eq!(
            moved, commit.postings,
            "accounts and parties are read back as they were written"
        );

        let totals = store.read(|tx| tx.totals()).await.unwrap();
        let (debits, credits) = totals
            .accounts
            .iter()
            .fold((0, 0), |sum, one| (sum.0 + one.debits, sum.1 + one.credits));
        assert_eq!(debits, credits);
        let buyer = totals.accounts.iter().find(|one| one.account == "buyer").unwrap();
        assert_eq!((buyer.debits, buyer.credits), (9000 + 11 + 25, 300 + 40 + 5));
        let parties: Vec<_> = totals
            .parties
            .iter()
            .map(|(party, _, balance)| (party.to_string(), *balance))
            .collect();
        let s2 = Balance {
            captured: 2550,
            ..Balance::default()
        };
        assert_eq!(
            parties,
            [
                ("s1".to_owned(), wanted),
                ("s2".to_owned(), s2),
                ("marketplace".to_owned(), marketplace)
            ]
        );
    });
}

#[test]
fn a_statement_is_in_order_and_its_pages_join() {
    check("statement", |world| async move {
        let store = &world.store;
        for number in 1..=4_u128 {
            let one = payment(number, &format!("o{number}"));
            store.commit(creation(&one)).await.unwrap();
            let (paid, commit) = captured(&one, u64::try_from(number).unwrap());
            store.commit(commit).await.unwrap();
            let mut commit = update(&paid, &next(&paid, |_| ()));
            commit.postings = vec![
                posting(
                    account(&s1(), Book::Payable),
                    account(&Party::Marketplace, Book::Payable),
                    3,
                ),
                posting(account(&s1(), Book::Payable), account(&s1(), Book::Refunding), 100),
            ];
            world.advance(1);
            store.commit(commit).await.unwrap();
        }
        for party in [s1(), s2(), Party::Marketplace] {
            pages_of(store, &party).await;
        }
        let (from, to) = (crate::values::at(2), crate::values::at(3));
        let filter = EntryFilter {
            from: Some(from),
            to: Some(to),
            limit: 99,
            ..EntryFilter::default()
        };
        let page = store.read(move |tx| tx.entries(&s1(), &filter)).await.unwrap();
        assert!(
            page.entries
                .iter()
                .all(|entry| entry.recorded_at >= from && entry.recorded_at < to)
        );
        // Two refunds at second 2 and two postings of the third payment: 1700 more of it is captured by then.
        assert_eq!(
            page.start,
            [(
                eur(),
                Balance {
                    captured: 3400,
                    refunding: 100,
                    adjusted: -3,
                    ..Balance::default()
                }
            )]
        );
        let dollars = EntryFilter {
            currency: Some("USD".parse().unwrap()),
            limit: 9,
            ..EntryFilter::default()
        };
        let none = store.read(move |tx| tx.entries(&s1(), &dollars)).await.unwrap();
        assert!(none.entries.is_empty() && none.start.is_empty());
    });
}

/// Reads a statement whole, forwards in pages, and backwards in pages: each time it is the same, and each page starts
/// where the one before it ended.
async fn pages_of(store: &Store, party: &Party) {
    let page = |filter: EntryFilter| {
        let (store, party) = (store.clone(), party.clone());
        async move { store.read(move |tx| tx.entries(&party, &filter)).await.unwrap() }
    };
    let whole = page(EntryFilter {
        limit: 1000,
        ..EntryFilter::default()
    })
    .await;
    assert!(whole.start.is_empty());
    assert!(whole.entries.is_sorted_by_key(store::StoredPosting::cursor));
    let mut running = vec![Balance::default()];
    for entry in &whole.entries {
        let mut balance = running[running.len() - 1];
        entry.fold_into(&mut balance, party).unwrap();
        running.push(balance);
    }
    assert_eq!(
        balances(store, party.clone()).await,
        [(eur(), running[running.len() - 1])]
    );

    let (mut after, mut forwards) = (None, Vec::new());
    loop {
        let found = page(EntryFilter {
            after,
            limit: 3,
            ..EntryFilter::default()
        })
        .await;
        if found.entries.is_empty() {
            break;
        }
        let start = found
            .start
            .first()
            .map_or_else(Balance::default, |(_, balance)| *balance);
        assert_eq!(start, running[forwards.len()]);
        after = found.entries.last().map(store::StoredPosting::cursor);
        forwards.extend(found.entries);
    }
    assert_eq!(forwards, whole.entries);

    let (mut before, mut backwards) = (None, Vec::new());
    loop {
        let found = page(EntryFilter {
            before,
            newest: true,
            limit: 3,
            ..EntryFilter::default()
        })
        .await;
        if found.entries.is_empty() {
            break;
        }
        let place = whole.entries.len() - backwards.len() - found.entries.len();
        let start = found
            .start
            .first()
            .map_or_else(Balance::default, |(_, balance)| *balance);
        assert_eq!(start, running[place]);
        before = found.entries.first().map(store::StoredPosting::cursor);
        backwards.extend(found.entries.into_iter().rev());
    }
    backwards.reverse();
    assert_eq!(backwards, whole.entries);
}
