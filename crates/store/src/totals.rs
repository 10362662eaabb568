//! The whole books, added up: what `verify` compares.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types;
use domain::ledger::Balance;
use domain::money::Currency;
use domain::seller::Party;

use crate::balances::{Sums, sides};
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::{StoreError, corrupt};
use crate::text;
use crate::tx::Tx;

/// The whole books, added up from the postings alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Each account, over all parties.
    pub accounts: Vec<AccountTotal>,
    /// What each party has, by currency.
    pub parties: Vec<(Party, Currency, Balance)>,
}

/// What went into and out of one account, over all parties, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTotal {
    /// In this currency.
    pub currency: Currency,
    /// The account's name, as [`Account::name`](domain::ledger::Account::name) says it.
    pub account: String,
    /// What left it.
    pub debits: i64,
    /// What came to it.
    pub credits: i64,
}

/// Postings of one party that have the same effect, added up.
type Group = (Option<String>, String, String, String, bool, i64);

impl Tx<'_> {
    /// Adds up all postings there are.
    pub fn totals(&mut self) -> Result<Totals, StoreError> {
        let mut accounts: BTreeMap<(Currency, String), (i64, i64)> = BTreeMap::new();
        let mut parties: BTreeMap<Party, Sums> = BTreeMap::new();
        let own = Everything::<false>.load::<Group>(self.connection)?;
        let other = Everything::<true>.load::<Group>(self.connection)?;
        let all = own
            .into_iter()
            .map(|group| (false, group))
            .chain(other.into_iter().map(|group| (true, group)));
        for (is_other, (party, currency, debit, credit, shared, amount)) in all {
            let currency: Currency = text::id(&currency)?;
            if !is_other {
                let overflow = || corrupt("the books are larger than can be counted");
                let debits = &mut accounts.entry((currency, debit.clone())).or_default().0;
                *debits = debits.checked_add(amount).ok_or_else(overflow)?;
                let credits = &mut accounts.entry((currency, credit.clone())).or_default().1;
                *credits = credits.checked_add(amount).ok_or_else(overflow)?;
            }
            let Some(party) = party else { continue };
            let sums = parties.entry(text::id(&party)?).or_default();
            for side in sides(&debit, &credit, shared, is_other).into_iter().flatten() {
                sums.add(currency, (&debit, &credit), side, amount, 0)?;
            }
        }
        let accounts = accounts
            .into_iter()
            .map(|((currency, account), (debits, credits))| AccountTotal {
                currency,
                account,
                debits,
                credits,
            });
        let each = |(party, sums): (Party, Sums)| {
            sums.into_balances()
                .into_iter()
                .map(move |(currency, balance)| (party.clone(), currency, balance))
        };
        Ok(Totals {
            accounts: accounts.collect(),
            parties: parties.into_iter().flat_map(each).collect(),
        })
    }
}

/// All postings by party, or by other party.
#[derive(Debug)]
struct Everything<const OTHER: bool>;

impl<const OTHER: bool> QueryFragment<MultiBackend> for Everything<OTHER> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(if OTHER { "SELECT other_party" } else { "SELECT party" });
        out.push_sql(", currency, debit_account, credit_account, other_party IS NOT NULL, CAST(SUM(amount) AS BIGINT)");
        out.push_sql(" FROM postings");
        out.push_sql(if OTHER { " WHERE other_party IS NOT NULL" } else { "" });
        out.push_sql(" GROUP BY 1, 2, 3, 4, 5");
        Ok(())
    }
}

impl<const OTHER: bool> QueryId for Everything<OTHER> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const OTHER: bool> Query for Everything<OTHER> {
    type SqlType = (
        sql_types::Nullable<sql_types::Text>,
        sql_types::Text,
        sql_types::Text,
        sql_types::Text,
        sql_types::Bool,
        sql_types::BigInt,
    );
}

impl<const OTHER: bool> RunQueryDsl<AnyConnection> for Everything<OTHER> {}
