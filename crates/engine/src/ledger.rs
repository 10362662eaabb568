//! What every party has, and why: balances and statements.

mod entry;

use std::collections::BTreeMap;

use domain::ids::SellerId;
use domain::ledger::Balance;
use domain::money::Currency;
use domain::seller::Party;
use domain::time::Timestamp;
use futures_util::{Stream, stream};
use serde::Serialize;
use store::{EntryFilter, EntryPage};
use utoipa::ToSchema;

pub use entry::EntryView;
pub(crate) use entry::{reread, word};

use crate::caller::{Caller, Role};
use crate::desk::{Desk, Engine};
use crate::error::Error;
use crate::views::Page;

/// What a party has in each currency it ever had something in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BalanceView {
    /// The seller; null for the marketplace.
    pub seller: Option<String>,
    /// One for each currency.
    pub balances: Vec<CurrencyBalanceView>,
    /// The moment it was read.
    pub as_of: String,
}

/// What a party has in one currency. Minor units.
/// `balance = captured − refunding − refunded − disputed − charged_back + adjusted − settled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CurrencyBalanceView {
    /// ISO 4217.
    pub currency: String,
    /// Authorized and not yet captured or released.
    pub authorized: i64,
    /// Ever captured.
    pub captured: i64,
    /// On its way back.
    pub refunding: i64,
    /// Ever refunded.
    pub refunded: i64,
    /// Under dispute.
    pub disputed: i64,
    /// Lost in disputes.
    pub charged_back: i64,
    /// Moved between this party and the marketplace; may be negative.
    pub adjusted: i64,
    /// Paid out.
    pub settled: i64,
    /// What is left; may be negative.
    pub balance: i64,
}

/// Which entries of a statement to list; every field that is set narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryQuery {
    /// In this currency.
    pub currency: Option<Currency>,
    /// Recorded at this moment or later.
    pub from: Option<Timestamp>,
    /// Recorded before this moment.
    pub to: Option<Timestamp>,
    /// Continue behind this entry: the `id` of an entry.
    pub cursor: Option<String>,
    /// At most this many.
    pub limit: usize,
}

impl Engine {
    /// What a seller has; a seller's own key sees its own.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a seller that the caller may not see.
    pub async fn balance(&self, caller: &Caller, seller: SellerId) -> Result<BalanceView, Error> {
        caller.may_see_seller(&seller)?;
        self.desk.balance_of(Party::Seller(seller)).await
    }

    /// What the marketplace has: commission and fees, less the discounts it funds.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub async fn marketplace_balance(&self) -> Result<BalanceView, Error> {
        self.desk.balance_of(Party::Marketplace).await
    }

    /// A part of a party's statement, newest first: each posting with its cause and the balance after it.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a party that the caller may not see; [`Error::Invalid`] for a cursor that is none.
    pub async fn entries(&self, caller: &Caller, party: Party, query: EntryQuery) -> Result<Page<EntryView>, Error> {
        may_see(caller, &party)?;
        self.desk.entries_of(party, query, Order::NewestFirst).await
    }

    /// A whole statement, oldest first as statements are read, page by page as it is consumed: for files that are
    /// longer than memory. The query's cursor and limit are not used.
    pub fn statement(
        &self,
        caller: &Caller,
        party: Party,
        query: EntryQuery,
    ) -> impl Stream<Item = Result<Vec<EntryView>, Error>> + Send + use<> {
        let first = EntryQuery {
            cursor: None,
            limit: STATEMENT_PAGE,
            ..query
        };
        let (engine, caller) = (self.clone(), caller.clone());
        stream::try_unfold(Some(first), move |query| {
            let (engine, caller, party) = (engine.clone(), caller.clone(), party.clone());
            async move {
                let Some(query) = query else { return Ok(None) };
                may_see(&caller, &party)?;
                let page = engine.desk.entries_of(party, query.clone(), Order::OldestFirst).await?;
                let next = page.next_cursor.map(|cursor| EntryQuery {
                    cursor: Some(cursor),
                    ..query
                });
                Ok(Some((page.data, next)))
            }
        })
    }
}

/// Lets operators see everybody and a seller itself.
fn may_see(caller: &Caller, party: &Party) -> Result<(), Error> {
    match party {
        Party::Seller(seller) => caller.may_see_seller(seller),
        Party::Marketplace => match caller.role {
            Role::Ops | Role::Admin => Ok(()),
            Role::Seller(_) | Role::Storefront => Err(Error::NotFound),
        },
    }
}

/// In which order a statement is paged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    NewestFirst,
    OldestFirst,
}

impl Desk {
    async fn balance_of(&self, party: Party) -> Result<BalanceView, Error> {
        let seller = party.seller().cloned();
        let wanted = seller.clone();
        let read = move |tx: &mut store::Tx<'_>| {
            if let Some(seller) = &wanted
                && tx.seller(seller)?.is_none()
            {
                return Ok(None);
            }
            tx.balances(&party).map(Some)
        };
        let balances = self.store.read(read).await?.ok_or(Error::NotFound)?;
        Ok(BalanceView {
            seller: seller.map(|seller| seller.to_string()),
            balances: balances
                .iter()
                .map(|(currency, balance)| view(*currency, balance))
                .collect::<Result<_, _>>()?,
            as_of: self.clock.now().to_string(),
        })
    }

    async fn entries_of(&self, party: Party, query: EntryQuery, order: Order) -> Result<Page<EntryView>, Error> {
        let limit = query.limit;
        let place = query.cursor.as_deref().map(entry::cursor).transpose()?;
        let newest = order == Order::NewestFirst;
        let filter = EntryFilter {
            currency: query.currency,
            from: query.from,
            to: query.to,
            after: place.filter(|_| !newest),
            before: place.filter(|_| newest),
            limit: limit.saturating_add(1),
            newest,
        };
        let owner = party.clone();
        let read = move |tx: &mut store::Tx<'_>| {
            if let Some(seller) = party.seller()
                && tx.seller(seller)?.is_none()
            {
                return Ok(None);
            }
            tx.entries(&party, &filter).map(Some)
        };
        let EntryPage { start, entries } = self.store.read(read).await?.ok_or(Error::NotFound)?;
        let mut balances: BTreeMap<Currency, Balance> = start.into_iter().collect();
        let views = entries.iter().map(|stored| {
            let balance = balances.entry(stored.currency).or_default();
            let before = left(balance)?;
            stored
                .fold_into(balance, &owner)
                .ok_or_else(|| Error::Internal(format!("{}: no such entry", stored.origin)))?;
            entry::view(stored, &owner, before, left(balance)?)
        });
        let mut views = views.collect::<Result<Vec<_>, Error>>()?;
        if newest {
            // Balances run forwards, whichever way the page is read.
            views.reverse();
        }
        Ok(Page::cut(views, limit, |view: &EntryView| view.id.clone()))
    }
}

/// What is left of a balance.
fn left(balance: &Balance) -> Result<i64, Error> {
    balance
        .balance()
        .ok_or_else(|| Error::Internal("a balance is more than can be counted".to_owned()))
}

fn view(currency: Currency, balance: &Balance) -> Result<CurrencyBalanceView, Error> {
    Ok(CurrencyBalanceView {
        currency: currency.code().to_owned(),
        authorized: balance.authorized,
        captured: balance.captured,
        refunding: balance.refunding,
        refunded: balance.refunded,
        disputed: balance.disputed,
        charged_back: balance.charged_back,
        adjusted: balance.adjusted,
        settled: balance.settled,
        balance: left(balance)?,
    })
}

/// How many entries of a whole statement are read at one time.
const STATEMENT_PAGE: usize = 500;
