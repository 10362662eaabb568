//! From what is asked, an amount in the buyer's money, a number of units or all of it, to pieces of lines.

use super::{Line, Piece, amount, of};
use crate::spread::spread;

/// So much of the buyer's money for the goods of one party, lines by id and its shipping last: spread by what is left
/// to the buyer. Lines with nothing left to the buyer go along in proportion, so that all of it is all of them.
pub(crate) fn by_amount(lines: &[&Line], asked: i64, keeps: bool, quantum: i64) -> Vec<Piece> {
    let left: Vec<i64> = lines.iter().map(|line| line.left()).collect();
    let all: i64 = left.iter().sum();
    let parts = spread(asked, &left, quantum);
    let piece = |((line, left), part): ((&&Line, i64), i64)| {
        let had = line.back.n.get();
        let n = match (left, part) {
            (0, _) => had + of(line.whole() - had, asked, all, quantum),
            (_, 0) => had,
            (_, part) => line.n_at(line.back.buyer.get() + part, quantum),
        };
        piece(line, n, Some(part), 0, keeps, quantum)
    };
    let pieces = lines.iter().zip(left).zip(parts).map(piece);
    pieces.filter(Piece::is_something).collect()
}

/// So many units of a line. They are worth what they were sold for; what went back by amount before comes off the
/// last ones.
pub(crate) fn by_quantity(line: &Line, units: u32, keeps: bool, quantum: i64) -> Piece {
    let had = line.back.units;
    let worth = line.worth(had + units, quantum) - line.worth(had, quantum);
    let n = (line.back.n.get() + worth).min(line.whole());
    piece(line, n, None, units, keeps, quantum)
}

/// All that is left of a line, for everybody.
pub(crate) fn everything(line: &Line, keeps: bool, quantum: i64) -> Piece {
    piece(line, line.whole(), Some(line.left()), line.units_left(), keeps, quantum)
}

/// The piece that takes a line to `n` in all. Nobody's cumulative figure goes down: where an abandoned piece left one
/// ahead of `n`, it waits until `n` has caught up.
fn piece(line: &Line, n: i64, buyer: Option<i64>, units: u32, keeps: bool, quantum: i64) -> Piece {
    let back = &line.back;
    let n = n.max(back.n.get());
    let ahead = |cumulative: i64, given: i64| (cumulative - given).max(0);
    // After a capture of exact amounts the shares are the wholes: there is no commission to keep.
    let keeps = keeps && line.captured.is_none() && line.sold.party.seller().is_some();
    Piece {
        line: line.sold.line.clone(),
        party: line.sold.party.clone(),
        n: amount(n - back.n.get()),
        n_after: amount(n),
        units,
        buyer: amount(buyer.unwrap_or_else(|| ahead(line.buyer_at(n, quantum), back.buyer.get()))),
        commission: amount(ahead(line.commission_at(n, quantum), back.commission.get())),
        keeps,
    }
}

/// The part of a counted piece that paid the buyer so much: `n` and commission go back to where they are when the buyer
/// has that much less, as far as this piece took them. Units stay counted until all of it is given back.
pub(crate) fn part_of(whole: &Piece, line: &Line, buyer: i64, quantum: i64) -> Piece {
    let had = line.back;
    let n = had.n.get() - line.n_at(had.buyer.get() - buyer, quantum);
    let n = n.clamp(0, whole.n.get());
    let n_after = had.n.get() - n;
    let commission = had.commission.get() - line.commission_at(n_after, quantum);
    Piece {
        n: amount(n),
        n_after: amount(n_after),
        units: 0,
        buyer: amount(buyer),
        commission: amount(commission.clamp(0, whole.commission.get())),
        ..whole.clone()
    }
}
