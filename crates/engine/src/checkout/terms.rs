//! The terms of the sellers that a cart names: read in one look, and remembered for a moment, so that a busy storefront's
//! sellers and plans are not read from the database for every cart.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::allocation::{SellerTerms, Terms};
use domain::cart::Cart;
use domain::fee_plan::{FeePlan, FeePlanVersion};
use domain::ids::{FeePlanId, SellerId};
use domain::seller::Seller;
use tokio::time::Instant;

use crate::desk::Desk;
use crate::error::Error;

/// Terms that were just looked up. Registered sellers only: one that is unknown now may be registered a moment later.
#[derive(Default)]
pub(crate) struct TermsCache {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Counts changes made here.
    moment: u64,
    /// Until when it holds; all of it, so that no two sellers are remembered with versions of a plan far apart.
    until: Option<Instant>,
    sellers: HashMap<SellerId, SellerTerms>,
}

impl Desk {
    /// The terms of the sellers that a cart names, and the fee plan versions among them.
    pub(super) async fn terms(&self, cart: &Cart) -> Result<(Terms, Vec<String>), Error> {
        let names: BTreeSet<&SellerId> = cart.lines().iter().map(|line| line.seller()).collect();
        let sellers = match self.terms.get(&names) {
            Some(known) => known,
            None => {
                let moment = self.terms.moment();
                let names = names.into_iter().cloned().collect();
                let found = self.registered(names).await?;
                self.terms.put(&found, moment);
                found
            }
        };
        let plans = sellers.values().filter_map(|terms| terms.fee_plan.as_ref());
        let versions: BTreeSet<FeePlanVersion> = plans.map(FeePlan::name).collect();
        let terms = Terms {
            sellers,
            commission_site: self.settings.commission_site,
        };
        Ok((terms, versions.iter().map(ToString::to_string).collect()))
    }

    /// Those of these sellers that are registered, each with the plan it sells under today.
    async fn registered(&self, names: Vec<SellerId>) -> Result<BTreeMap<SellerId, SellerTerms>, Error> {
        let default = self.settings.default_fee_plan.clone();
        let load = move |tx: &mut store::Tx<'_>| {
            let named = |seller: &Seller| seller.fee_plan.clone().or_else(|| default.clone());
            let sellers = tx.sellers(&names)?;
            let plans: BTreeSet<FeePlanId> = sellers.iter().filter_map(named).collect();
            let plans: Vec<FeePlanId> = plans.into_iter().collect();
            let plans = tx.latest_many(&plans)?;
            let terms = |seller: Seller| {
                let plan = named(&seller).and_then(|name| plans.iter().find(|plan| plan.id == name).cloned());
                let terms = SellerTerms {
                    site: seller.site,
                    status: seller.status,
                    fee_plan: plan,
                };
                (seller.id, terms)
            };
            Ok(sellers.into_iter().map(terms).collect())
        };
        Ok(self.store.read(load).await?)
    }
}

impl TermsCache {
    /// The terms of all of these sellers, or nothing.
    fn get(&self, names: &BTreeSet<&SellerId>) -> Option<BTreeMap<SellerId, SellerTerms>> {
        let known = self.lock();
        if known.until.is_none_or(|until| until <= Instant::now()) {
            return None;
        }
        let one = |name: &&SellerId| Some(((*name).clone(), known.sellers.get(*name)?.clone()));
        names.iter().map(one).collect()
    }

    /// To be taken before the database is read, and handed in with what was read.
    fn moment(&self) -> u64 {
        self.lock().moment
    }

    /// Remembers terms, unless some were changed here since they were read.
    fn put(&self, sellers: &BTreeMap<SellerId, SellerTerms>, moment: u64) {
        let mut known = self.lock();
        let now = Instant::now();
        if known.moment != moment {
            return;
        }
        if known.until.is_none_or(|until| until <= now) {
            known.sellers.clear();
            known.until = now.checked_add(LIFETIME);
        }
        if known.sellers.len().saturating_add(sellers.len()) <= SELLERS_MAX {
            let clones = sellers.iter().map(|(name, terms)| (name.clone(), terms.clone()));
            known.sellers.extend(clones);
        }
    }

    /// Forgets everything: a seller or a plan was changed.
    pub(crate) fn forget(&self) {
        let mut known = self.lock();
        known.moment = known.moment.wrapping_add(1);
        known.until = None;
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing in here panics between two steps that belong together.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For how long another instance may still sell under terms that were changed.
const LIFETIME: Duration = Duration::from_secs(2);

/// How many sellers are remembered at one time.
const SELLERS_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use domain::allocation::SellerTerms;
    use domain::ids::{SellerId, SiteId};
    use domain::seller::SellerStatus;

    use super::{Instant, SELLERS_MAX, TermsCache};

    fn sellers(count: u32) -> BTreeMap<SellerId, SellerTerms> {
        let terms = |number: u32| SellerTerms {
            site: SiteId::try_new(40_000 + number).unwrap(),
            status: SellerStatus::Active,
            fee_plan: None,
        };
        (1..=count)
            .map(|number| (format!("s{number}").parse().unwrap(), terms(number)))
            .collect()
    }

    #[test]
    fn terms_that_were_read_before_a_change_are_not_remembered_after_it() {
        let cache = TermsCache::default();
        let two = sellers(2);
        let (names, third): (BTreeSet<_>, SellerId) = (two.keys().collect(), "s3".parse().unwrap());
        let before = cache.moment();
        cache.put(&two, before);
        assert_eq!(cache.get(&names), Some(two.clone()));
        assert_eq!(cache.get(&names.iter().copied().chain([&third]).collect()), None);
        cache.forget();
        assert_eq!(cache.get(&names), None);
        cache.put(&two, before);
        assert_eq!(cache.get(&names), None);
        cache.put(&two, cache.moment());
        assert_eq!(cache.get(&names), Some(two.clone()));
    }

    #[test]
    fn what_is_too_old_is_forgotten_as_a_whole() {
        let cache = TermsCache::default();
        let (one, two) = (sellers(1), sellers(2));
        cache.put(&two, cache.moment());
        cache.lock().until = Some(Instant::now());
        assert_eq!(cache.get(&two.keys().collect()), None);
        cache.put(&one, cache.moment());
        assert_eq!(cache.get(&two.keys().collect()), None);
        assert_eq!(cache.get(&one.keys().collect()), Some(one.clone()));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let cache = TermsCache::default();
        cache.put(&sellers(u32::try_from(SELLERS_MAX).unwrap()), cache.moment());
        let more = sellers(u32::try_from(SELLERS_MAX).unwrap() + 1);
        cache.put(&more, cache.moment());
        assert_eq!(cache.lock().sellers.len(), SELLERS_MAX);
    }
}
