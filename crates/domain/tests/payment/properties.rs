//! Whatever the gateway says, in whichever order: the books follow the splits, nothing shrinks, nothing is told twice.

use domain::finding::What;
use domain::ledger::{Account, Book};
use domain::money::Amount;
use domain::payment::{Charged, Payment, Phase};
use domain::sight::{GatewayRef, Standing};
use proptest::prelude::*;

use super::sample::{answered, asked, at, attempt, crooked, learn, refusal, sending, sight};

/// What the gateway, or the wire, may say next.
#[derive(Clone, Debug)]
enum Word {
    Shown(Standing),
    Crooked(Standing),
    Another(Standing),
    Answer(u8),
    Absent,
    Silence,
    Missing(Standing),
}

fn word() -> impl Strategy<Value = Word> {
    let standing = || (0..Standing::ALL.len()).prop_map(|index| Standing::ALL[index]);
    prop_oneof![
        6 => standing().prop_map(Word::Shown),
        2 => standing().prop_map(Word::Crooked),
        1 => standing().prop_map(Word::Another),
        1 => standing().prop_map(Word::Missing),
        2 => (0_u8..4).prop_map(Word::Answer),
        3 => Just(Word::Absent),
        1 => Just(Word::Silence),
    ]
}

fn what(payment: &Payment, word: &Word) -> (bool, What) {
    let shown = |sight| (false, What::Shown(Box::new(sight)));
    match word {
        Word::Shown(standing) => shown(sight(payment, *standing)),
        Word::Crooked(standing) => shown(crooked(payment, *standing)),
        Word::Another(standing) => {
            let mut other = sight(payment, *standing);
            other.at = GatewayRef {
                id: domain::ids::GatewayId::new(99),
                ..other.at
            };
            shown(other)
        }
        Word::Missing(standing) => {
            let mut partial = sight(payment, *standing);
            partial.splits.pop();
            shown(partial)
        }
        Word::Answer(0) => (true, What::Refused(refusal())),
        Word::Answer(1) => (true, What::AlreadyThere(refusal())),
        Word::Answer(2) => (true, What::NotSent("refused".to_owned())),
        Word::Answer(_) => (true, What::Unknown("cut".to_owned())),
        Word::Absent => (false, What::Absent),
        Word::Silence => (false, What::Unknown("silence".to_owned())),
    }
}

/// What the postings so far leave on every account of every split.
#[derive(Default)]
struct Books(std::collections::BTreeMap<Account, i64>);

impl Books {
    fn on(&self, account: &Account) -> i64 {
        self.0.get(account).copied().unwrap_or(0)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_books_follow_the_splits(words in prop::collection::vec((word(), 1_i64..400), 1..24)) {
        let mut payment = sending();
        let mut books = Books::default();
        let mut now = 0;
        for (word, wait) in words {
            now += wait;
            let (is_answer, what) = what(&payment, &word);
            let attempts = payment.operations[0].attempts();
            let finding = if is_answer { answered(attempts, what) } else { asked(&payment, what) };
            let lesson = learn(&payment, &finding, now).unwrap();
            for posting in &lesson.postings {
                prop_assert!(posting.amount > Amount::ZERO);
                *books.0.entry(posting.debit.clone()).or_default() -= posting.amount.get();
                *books.0.entry(posting.credit.clone()).or_default() += posting.amount.get();
            }
            let Some(next) = lesson.next else { continue };
            prop_assert_eq!(next.version, payment.version + 1);
            prop_assert!(next.amount_captured() >= payment.amount_captured(), "captured amounts never shrink");
            // The same answer again teaches nothing that moves money.
            if is_answer {
                let again = learn(&next, &finding, now).unwrap();
                prop_assert!(again.postings.is_empty());
            } else {
                prop_assert!(learn(&next, &finding, now).is_err(), "an answer to a question applies once");
            }
            payment = next;
            if payment.operations[0].state == domain::operation::OperationState::Ready {
                payment = payment.attempt(1, attempt(attempts + 1, now), at(now)).unwrap().unwrap().next;
            }
            prop_assert_eq!(books.0.values().sum::<i64>(), 0, "the books sum to zero");
            prop_assert_eq!(books.on(&Account::Suspense), payment.amount_suspense.get());
            for split in &payment.splits {
                let of = |book| Account::Of(split.party.clone(), book);
                prop_assert!(split.is_ordered());
                prop_assert_eq!(books.on(&of(Book::Authorized)), split.amount_authorized.get() - split.amount_captured.get());
                let held = books.on(&of(Book::Payable)) + books.on(&of(Book::Disputed));
                prop_assert_eq!(held, split.amount_captured.get() - split.amount_charged_back.get());
            }
            let money = !payment.amount_captured().is_zero() || !payment.amount_suspense.is_zero();
            prop_assert_eq!(payment.charged() == Charged::Yes, money);
            if payment.phase == Phase::Captured {
                prop_assert_eq!(payment.amount_captured(), payment.amount());
            }
            prop_assert!(payment.discrepancies.len() <= domain::payment::MAX_DISCREPANCIES);
        }
    }
}
