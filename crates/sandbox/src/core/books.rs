//! The books: every payment, found by number or by reference without a search.

use super::{payment::Payment, refund::Refund};
use rand::{RngExt, rngs::StdRng};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// All payments of one sandbox. Numbers are given in order and without gaps, so a number is a position.
#[derive(Debug)]
pub(crate) struct Books {
    first_id: u64,
    payments: Vec<Payment>,
    by_reference: HashMap<Arc<str>, u64>,
    /// Further payments under a reference that was taken already, oldest first.
    duplicates: HashMap<Arc<str>, Vec<u64>>,
    /// Which payment a refund gives back from.
    refunded: HashMap<u64, u64>,
    refund_references: HashSet<Box<str>>,
    next_split: u64,
    next_customer: u64,
    next_refusal: u64,
    next_refund: u64,
    next_capture: u64,
    next_dispute: u64,
}

impl Books {
    /// Empty books; where the numbers start is drawn unless given.
    pub fn new(first_id: Option<u64>, rng: &mut StdRng) -> Self {
        // Below 2^31: some of the gateway's own client libraries read numbers into 32 bits.
        let drawn = rng.random_range(100_000_000..2_000_000_000);
        let first_id = first_id.unwrap_or(drawn);
        Self {
            first_id,
            payments: Vec::new(),
            by_reference: HashMap::new(),
            duplicates: HashMap::new(),
            refunded: HashMap::new(),
            refund_references: HashSet::new(),
            next_split: rng.random_range(1_000..100_000_000),
            next_customer: rng.random_range(1_000..10_000_000),
            next_refusal: 9_001,
            next_refund: first_id / 100 + 10_001,
            next_capture: first_id / 100 + 20_001,
            next_dispute: first_id / 100 + 30_001,
        }
    }

    /// The number the next payment will have.
    pub fn next_id(&self) -> u64 {
        let count = u64::try_from(self.payments.len()).unwrap_or(u64::MAX);
        self.first_id.saturating_add(count)
    }

    pub fn draw_split(&mut self) -> u64 {
        next(&mut self.next_split)
    }

    pub fn draw_customer(&mut self) -> u64 {
        next(&mut self.next_customer)
    }

    pub fn draw_refusal(&mut self) -> u64 {
        next(&mut self.next_refusal)
    }

    pub fn draw_refund(&mut self) -> u64 {
        next(&mut self.next_refund)
    }

    pub fn draw_capture(&mut self) -> u64 {
        next(&mut self.next_capture)
    }

    pub fn draw_dispute(&mut self) -> u64 {
        next(&mut self.next_dispute)
    }

    /// Enters a refund of a payment.
    pub fn insert_refund(&mut self, payment: u64, refund: Refund) {
        self.refunded.insert(refund.id, payment);
        self.refund_references.insert(refund.reference.clone());
        if let Some(payment) = self.get_mut(payment) {
            payment.refunds.push(refund);
        }
    }

    /// Which payment a refund gives back from.
    pub fn payment_of_refund(&self, refund: u64) -> Option<u64> {
        self.refunded.get(&refund).copied()
    }

    /// Whether a refund has this reference.
    pub fn has_refund_reference(&self, reference: &str) -> bool {
        self.refund_references.contains(reference)
    }

    /// Enters a payment that carries [`Books::next_id`].
    pub fn insert(&mut self, payment: Payment) {
        assert_eq!(
            payment.id,
            self.next_id(),
            "a payment's number is its place in the books"
        );
        if self.by_reference.contains_key(&payment.reference) {
            self.duplicates
                .entry(Arc::clone(&payment.reference))
                .or_default()
                .push(payment.id);
        } else {
            self.by_reference.insert(Arc::clone(&payment.reference), payment.id);
        }
        self.payments.push(payment);
    }

    pub fn get(&self, id: u64) -> Option<&Payment> {
        self.payments.get(self.position(id)?)
    }

    pub fn get_mut(&mut self, id: u64) -> Option<&mut Payment> {
        let position = self.position(id)?;
        self.payments.get_mut(position)
    }

    /// Whether a payment has this reference.
    pub fn has_reference(&self, reference: &str) -> bool {
        self.by_reference.contains_key(reference)
    }

    /// The payments with this reference, oldest first.
    pub fn with_reference(&self, reference: &str) -> impl Iterator<Item = &Payment> {
        let first = self.by_reference.get(reference);
        let rest = self.duplicates.get(reference).into_iter().flatten();
        first.into_iter().chain(rest).filter_map(|id| self.get(*id))
    }

    /// Every payment, oldest first.
    pub fn all(&self) -> &[Payment] {
        &self.payments
    }

    fn position(&self, id: u64) -> Option<usize> {
        usize::try_from(id.checked_sub(self.first_id)?).ok()
    }
}

fn next(counter: &mut u64) -> u64 {
    let drawn = *counter;
    *counter = counter.saturating_add(1);
    drawn
}
