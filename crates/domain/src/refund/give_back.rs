//! A part that will not be sent: what it claimed is free again.

use std::collections::BTreeMap;

use super::words::{between, reasons};
use super::{Adjustment, Call, Plan, parties};
use crate::money::{Amount, Currency};
use crate::returns::{self, Line, Piece, part_of};
use crate::seller::Party;
use crate::spread::spread;

/// What an abandoned part gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenBack {
    /// What the buyer does not get, in minor units.
    pub amount: Amount,
    /// What is taken back of which line.
    pub lines: Vec<Piece>,
    /// What is to be posted so that adjustments fit what is left of the refund.
    pub adjustments: Vec<Adjustment>,
}

impl Plan {
    /// Abandons the part of a split: takes what it claimed off the lines and off the plan. None if it has no such part.
    /// What the calls that are left cover stays; once all of a party's are abandoned, its goods are as if nothing had
    /// been asked, and once all calls are, everything is.
    pub fn give_back(&mut self, split: u16, lines: &mut [Line], currency: Currency) -> Option<GivenBack> {
        let at = self.calls.iter().position(|call| call.split == split)?;
        let call = self.calls.remove(at);
        let mut back = self.taken_back(&call, lines, currency.quantum());
        returns::take_back(lines, &back);
        for piece in &mut back {
            let line = lines.iter().find(|line| line.sold.line == piece.line);
            piece.n_after = line.map_or(piece.n_after, |line| line.back.n);
        }

        let mut unpaid: BTreeMap<&Party, i64> = BTreeMap::new();
        for piece in &back {
            *unpaid.entry(&piece.party).or_default() += piece.seller();
        }
        for cover in call.covers.iter().filter(|cover| cover.goods_of == call.party) {
            *unpaid.entry(&cover.goods_of).or_default() -= cover.amount.get();
        }
        let adjust = |(party, unpaid): (&Party, i64)| {
            // A fee is nobody's but the marketplace's.
            party.seller()?;
            between(party, -unpaid, format!("the refund of split {split} was abandoned"))
        };
        let adjustments: Vec<Adjustment> = unpaid.into_iter().filter_map(adjust).collect();

        for piece in &back {
            let of_piece = reasons(piece, currency).into_iter();
            self.reasons.extend(of_piece.map(|mut reason| {
                reason.amount = -reason.amount;
                reason.note = format!("abandoned with split {split}: {}", reason.note);
                reason
            }));
        }
        self.amount = self.amount.saturating_sub(call.amount);
        self.adjustments.extend(adjustments.iter().cloned());
        self.subtract(&back);
        self.parties = parties(&self.lines, &self.calls);
        let from_calls: i64 = self.calls.iter().map(|call| call.amount.get()).sum();
        let of_lines: i64 = self.lines.iter().map(|piece| piece.buyer.get()).sum();
        assert!(
            from_calls == self.amount.get() && of_lines == from_calls,
            "the calls that are left pay for the lines that are left"
        );
        Some(GivenBack {
            amount: call.amount,
            lines: back,
            adjustments,
        })
    }

    /// The pieces, or parts of pieces, that nothing pays for without this call.
    fn taken_back(&self, call: &Call, lines: &[Line], quantum: i64) -> Vec<Piece> {
        if self.calls.is_empty() {
            return self.lines.clone();
        }
        let mut back = Vec::new();
        for cover in &call.covers {
            let own = || self.lines.iter().filter(|piece| piece.party == cover.goods_of);
            let mut others = self.calls.iter().flat_map(|call| &call.covers);
            if !others.any(|other| other.goods_of == cover.goods_of) {
                back.extend(own().cloned());
                continue;
            }
            let buyers: Vec<i64> = own().map(|piece| piece.buyer.get()).collect();
            let parts = spread(cover.amount.get(), &buyers, quantum);
            let parts = own().zip(parts).filter(|(_, part)| *part > 0);
            back.extend(parts.filter_map(|(piece, part)| {
                let line = lines.iter().find(|line| line.sold.line == piece.line)?;
                Some(part_of(piece, line, part, quantum))
            }));
        }
        back
    }

    fn subtract(&mut self, back: &[Piece]) {
        for piece in &mut self.lines {
            for less in back.iter().filter(|less| less.line == piece.line) {
                piece.n = piece.n.saturating_sub(less.n);
                piece.n_after = less.n_after;
                piece.units -= less.units.min(piece.units);
                piece.buyer = piece.buyer.saturating_sub(less.buyer);
                piece.commission = piece.commission.saturating_sub(less.commission);
            }
        }
        self.lines.retain(Piece::is_something);
    }
}
