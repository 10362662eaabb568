//! What holds of the books as a whole, in one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger::Balance;
use domain::money::Currency;
use domain::seller::Party;
use store::{StoreError, Totals};

use super::report::{Rule, Tally};
use crate::desk::Desk;
use crate::error::Error;

/// What a party has: as callers are told, and folded again from all its postings.
struct Compared {
    party: Party,
    told: Result<Vec<(Currency, Balance)>, String>,
    folded: BTreeMap<Currency, Balance>,
}

impl Desk {
    pub(super) async fn check_books(&self, tally: &mut Tally) -> Result<(), Error> {
        let (totals, parties) = match self.store.read(read).await {
            Ok(found) => found,
            // A posting that moves nobody's balance stops the sum of everything.
            Err(StoreError::Corrupt(why)) => {
                tally.look(Rule::Balances, Some(why));
                return Ok(());
            }
            Err(other) => return Err(other.into()),
        };
        for compared in &parties {
            tally.parties = tally.parties.saturating_add(1);
            tally.look(Rule::Balances, compared.difference());
        }
        for (currency, sum) in sums(&totals) {
            let wrong = sum.left_buyers != sum.reached_others;
            tally.look(
                Rule::ZeroSum,
                wrong.then(|| {
                    let Sum {
                        left_buyers,
                        reached_others,
                    } = sum;
                    format!("{currency}: {left_buyers} left the buyers, {reached_others} is with the others")
                }),
            );
        }
        Ok(())
    }
}

/// Everything in one snapshot: postings that come meanwhile are in none of it.
fn read(tx: &mut store::Tx<'_>) -> Result<(Totals, Vec<Compared>), StoreError> {
    let totals = tx.totals()?;
    // Also those that have no posting: they must have no balance.
    let mut parties = BTreeSet::from([Party::Marketplace]);
    let mut after = None;
    loop {
        let page = tx.list_sellers(after.as_ref(), SELLERS_AT_ONCE)?;
        parties.extend(page.iter().map(|seller| Party::Seller(seller.id.clone())));
        let Some(last) = page.into_iter().next_back() else {
            break;
        };
        after = Some(last.id);
    }
    let mut folded: BTreeMap<Party, BTreeMap<Currency, Balance>> =
        parties.into_iter().map(|party| (party, BTreeMap::new())).collect();
    for (party, currency, balance) in &totals.parties {
        folded.entry(party.clone()).or_default().insert(*currency, *balance);
    }
    let mut compared = Vec::with_capacity(folded.len());
    for (party, folded) in folded {
        let told = match tx.balances(&party) {
            Ok(told) => Ok(told),
            Err(StoreError::Corrupt(why)) => Err(why),
            Err(other) => return Err(other),
        };
        compared.push(Compared { party, told, folded });
    }
    Ok((totals, compared))
}

impl Compared {
    fn difference(&self) -> Option<String> {
        let told = match &self.told {
            Ok(told) => told.iter().copied().collect::<BTreeMap<_, _>>(),
            Err(why) => return Some(format!("{}: {why}", self.party)),
        };
        (told != self.folded).then(|| format!("{} is told {told:?}, its postings are {:?}", self.party, self.folded))
    }
}

/// Where the money of one currency is. Minor units.
#[derive(Clone, Copy, Default)]
struct Sum {
    /// What left the buyers and did not come back, by their account.
    left_buyers: i128,
    /// What all others hold, by what the parties are told they have.
    reached_others: i128,
}

/// Both sides of the books, each from figures that were folded in its own way.
fn sums(totals: &Totals) -> BTreeMap<Currency, Sum> {
    let mut sums: BTreeMap<Currency, Sum> = BTreeMap::new();
    for account in &totals.accounts {
        let sum = sums.entry(account.currency).or_default();
        let net = i128::from(account.credits).saturating_sub(i128::from(account.debits));
        match account.account.as_str() {
            "buyer" => sum.left_buyers = sum.left_buyers.saturating_sub(net),
            "unallocated" | "suspense" => sum.reached_others = sum.reached_others.saturating_add(net),
            _ => {}
        }
    }
    for (_, currency, balance) in &totals.parties {
        let sum = sums.entry(*currency).or_default();
        let payable = balance.balance().map_or(i128::MAX, i128::from);
        let held = [balance.authorized, balance.refunding, balance.disputed, balance.settled];
        let held = held
            .into_iter()
            .fold(payable, |sum, part| sum.saturating_add(part.into()));
        sum.reached_others = sum.reached_others.saturating_add(held);
    }
    sums
}

/// How many sellers are listed at one time.
const SELLERS_AT_ONCE: usize = 1000;

#[cfg(test)]
mod tests {
    use store::AccountTotal;

    use super::{Balance, Party, Totals, sums};

    fn totals(payable: i64) -> Totals {
        let account = |account: &str, debits, credits| AccountTotal {
            currency: "EUR".parse().unwrap(),
            account: account.to_owned(),
            debits,
            credits,
        };
        let of_seller = Balance {
            authorized: 5,
            captured: payable,
            refunded: 20,
            ..Balance::default()
        };
        Totals {
            accounts: vec![
                account("buyer", 115, 20),
                account("suspense", 0, 10),
                account("payable", 0, 80),
            ],
            parties: vec![(Party::Marketplace, "EUR".parse().unwrap(), of_seller)],
        }
    }

    #[test]
    fn what_left_the_buyers_is_with_the_others() {
        let found = |payable| {
            let sums = sums(&totals(payable));
            let sum = sums.values().next().copied().unwrap();
            (sum.left_buyers, sum.reached_others)
        };
        assert_eq!(found(100), (95, 95));
        assert_eq!(found(101), (95, 96));
    }

    #[test]
    fn a_balance_that_is_not_its_postings_is_told() {
        let eur = "EUR".parse().unwrap();
        let has = |captured| Balance {
            captured,
            ..Balance::default()
        };
        let compared = |told| super::Compared {
            party: Party::Marketplace,
            told,
            folded: [(eur, has(7))].into_iter().collect(),
        };
        assert_eq!(compared(Ok(vec![(eur, has(7))])).difference(), None);
        for told in [Ok(vec![(eur, has(8))]), Ok(Vec::new()), Err("unreadable".to_owned())] {
            let difference = compared(told).difference().unwrap();
            assert!(difference.starts_with("marketplace"), "{difference}");
        }
    }
}
