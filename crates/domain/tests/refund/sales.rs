//! Goods to give back: written ones, and any.

use domain::allocation::{LineRef, LineShare};
use domain::money::{Amount, Currency};
use domain::returns::{Funds, Goods, Line};
use domain::seller::Party;
use proptest::prelude::*;

/// What was sold, and the splits that hold its money.
#[derive(Clone, Debug)]
pub struct Sale {
    pub currency: Currency,
    pub lines: Vec<Line>,
    pub funds: Vec<Funds>,
}

/// Numbers that a case is read from, so that cases are cheap and shrink.
pub struct Dice<'a>(std::slice::Iter<'a, u32>);

impl<'a> Dice<'a> {
    pub fn new(numbers: &'a [u32]) -> Self {
        Self(numbers.iter())
    }

    /// From 0 to one less than `sides`; 0 once the numbers are used up.
    pub fn below(&mut self, sides: i64) -> i64 {
        i64::from(self.0.next().copied().unwrap_or_default()) % sides.max(1)
    }

    pub fn one_in(&mut self, sides: i64) -> bool {
        self.below(sides) == sides - 1
    }
}

impl Sale {
    /// One split for each party that holds something, in the order of parties, from 1.
    pub fn new(currency: &str, lines: Vec<LineShare>) -> Self {
        let mut parties: Vec<Party> = lines.iter().map(|line| line.party.clone()).collect();
        parties.push(Party::Marketplace);
        parties.sort();
        parties.dedup();
        let held = |party: &Party| -> i64 {
            let own = lines.iter().filter(|line| line.party == *party);
            let of_sellers = lines.iter().map(LineShare::held_by_marketplace).sum::<i64>();
            let rest = if party.seller().is_none() { of_sellers } else { 0 };
            own.map(LineShare::held_by_seller).sum::<i64>() + rest
        };
        let funds = parties
            .iter()
            .map(|party| (party, held(party)))
            .filter(|(_, held)| *held != 0);
        let funds = (1..).zip(funds).map(|(split, (party, held))| Funds {
            split,
            party: party.clone(),
            available: Amount::try_new(held).unwrap(),
        });
        Self {
            currency: currency.parse().unwrap(),
            funds: funds.collect(),
            lines: lines.into_iter().map(Line::new).collect(),
        }
    }

    pub fn goods(&self) -> Goods<'_> {
        Goods {
            currency: self.currency,
            lines: &self.lines,
            funds: &self.funds,
        }
    }
}

/// `line:l1` of a seller, or `shipping:s1`, or `fee:f1` of the marketplace.
pub fn share(line: &str, party: &str, [price, commission, discount]: [i64; 3], quantity: u32) -> LineShare {
    let amount = |minor_units| Amount::try_new(minor_units).unwrap();
    LineShare {
        line: line.parse::<LineRef>().unwrap(),
        party: party.parse().unwrap(),
        price: amount(price),
        commission: amount(commission),
        marketplace_discount: amount(discount),
        quantity,
    }
}

/// Any sale of up to three sellers. The marketplace's discounts are of any size up to its commission on the seller's
/// goods; a line may be free, cost the buyer nothing, or be all commission.
pub fn any_sale(currencies: &'static [&'static str]) -> impl Strategy<Value = Sale> {
    (
        prop::sample::select(currencies),
        prop::collection::vec(any::<u32>(), 80),
    )
        .prop_map(|(currency, numbers)| {
            let mut dice = Dice::new(&numbers);
            let quantum = currency.parse::<Currency>().unwrap().quantum();
            let mut lines = Vec::new();
            for seller in 1..=1 + dice.below(3) {
                let first = lines.len();
                let party = format!("s{seller}");
                for line in 0..=dice.below(3) {
                    let figures = figures(&mut dice, quantum);
                    let quantity = u32::try_from(1 + dice.below(5)).unwrap();
                    lines.push(share(&format!("line:l{seller}{line}"), &party, figures, quantity));
                }
                if dice.one_in(2) {
                    let [price, commission, _] = figures(&mut dice, quantum);
                    lines.push(share(&format!("shipping:{party}"), &party, [price, commission, 0], 1));
                }
                bound_discounts(&mut lines[first..]);
            }
            for fee in 0..dice.below(3) {
                let price = quantum * dice.below(40);
                lines.push(share(&format!("fee:f{fee}"), "marketplace", [price, 0, 0], 1));
            }
            if lines.iter().map(LineShare::paid).sum::<i64>() == 0 {
                lines.push(share("fee:least", "marketplace", [quantum, 0, 0], 1));
            }
            Sale::new(currency, lines)
        })
}

/// Price, commission and the marketplace's discounts.
fn figures(dice: &mut Dice<'_>, quantum: i64) -> [i64; 3] {
    let price = match dice.below(8) {
        0 => 0,
        1 | 2 => dice.below(12),
        3..=5 => dice.below(200),
        _ => dice.below(20_000),
    };
    let part = |dice: &mut Dice<'_>| match dice.below(6) {
        0 => 0,
        1 => price,
        2 => (price - dice.below(3)).max(0),
        _ => dice.below(price + 1),
    };
    [price * quantum, part(dice) * quantum, part(dice) * quantum]
}

/// Lowers a seller's discounts to its commission, as allocation refuses larger ones.
fn bound_discounts(lines: &mut [LineShare]) {
    let mut room: i64 = lines.iter().map(|line| line.commission.get()).sum();
    for line in lines {
        let discount = line.marketplace_discount.get().min(room);
        line.marketplace_discount = Amount::try_new(discount).unwrap();
        room -= discount;
    }
}
