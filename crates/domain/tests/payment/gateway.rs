//! An honest gateway: it does what it says, once, and keeps books of its own.

use domain::finding::{GatewayRefusal, What};
use domain::ids::{GatewayId, Reference};
use domain::money::Amount;
use domain::operation::{Operation, Work};
use domain::payment::Payment;
use domain::refund::PartState;
use domain::sale::Steps;
use domain::sight::{Reason, RefundSight, RefundStanding, Sight, SplitSight, Standing};

use super::sample::{Dice, amount, sight, status};

pub struct Gateway {
    /// Where the payment stands; nowhere until it was created.
    pub standing: Option<Standing>,
    /// What it becomes by itself.
    soon: Option<Standing>,
    /// What it was before it was disputed.
    taken: Standing,
    splits: Vec<SplitSight>,
    /// Captured of each split.
    captured: Vec<i64>,
    pub refunds: Vec<RefundSight>,
    /// The split that each of them really is of.
    givers: Vec<GatewayId>,
    /// A capture for one split answers with that split alone.
    only: Option<usize>,
}

impl Gateway {
    pub const fn new() -> Self {
        Self {
            standing: None,
            soon: None,
            taken: Standing::Captured,
            splits: Vec::new(),
            captured: Vec::new(),
            refunds: Vec::new(),
            givers: Vec::new(),
            only: None,
        }
    }

    /// What it answers to an operation, and does.
    pub fn execute(&mut self, payment: &Payment, operation: &Operation, dice: &mut Dice<'_>) -> What {
        self.only = None;
        match &operation.work {
            Work::Authorize => self.create(payment),
            Work::Capture { .. } | Work::Cancel if dice.one_in(8) => refused("157"),
            Work::Capture { plan, only } if self.standing == Some(Standing::Authorized) => {
                let amount = |split: &SplitSight| {
                    let number = payment.splits.iter().find(|one| one.gateway_id == Some(split.id));
                    let planned = plan
                        .splits
                        .iter()
                        .find(|one| Some(one.split) == number.map(|one| one.number));
                    planned.map_or(0, |one| one.amount.get())
                };
                self.captured = self.splits.iter().map(amount).collect();
                self.only = only.map(|number| usize::from(number) - 1);
                let to = if plan.is_full() {
                    Standing::Captured
                } else {
                    Standing::PartiallyCaptured
                };
                self.goes(Standing::Capturing, to, dice);
                self.shown(payment, false)
            }
            Work::Cancel if matches!(self.standing, Some(Standing::Open | Standing::Authorized)) => {
                self.goes(Standing::Cancelling, Standing::Cancelled, dice);
                self.shown(payment, false)
            }
            Work::AddSplits(planned) if self.standing == Some(Standing::Captured) && self.refunds.is_empty() => {
                let from = self.splits.len();
                for split in &planned.splits {
                    self.splits.push(SplitSight {
                        id: GatewayId::new(481 + u64::try_from(self.splits.len()).unwrap()),
                        site: split.site,
                        amount: split.amount,
                        captured: None,
                        status: Some(status(Standing::Captured)),
                    });
                    self.captured.push(split.amount.get());
                }
                What::Added(self.splits[from..].to_vec())
            }
            Work::Refund {
                refund,
                split: Some(split),
            } => self.refund(payment, operation, (*refund, *split), dice),
            _ => refused("17"),
        }
    }

    /// What it shows when it is asked.
    pub fn shown(&self, payment: &Payment, asked: bool) -> What {
        let Some(standing) = self.standing else {
            return What::Absent;
        };
        let mut sight: Sight = sight(payment, standing);
        sight.splits.clone_from(&self.splits);
        if standing == Standing::PartiallyCaptured {
            sight.captured = Some(amount(self.captured.iter().sum()));
            for (split, captured) in sight.splits.iter_mut().zip(&self.captured) {
                split.captured = Some(amount(*captured));
            }
        }
        if let Some(only) = self.only.filter(|_| !asked) {
            sight.splits = vec![sight.splits.swap_remove(only)];
        }
        // Of what somebody does at its dashboard it notifies us.
        let rings = self.refunds.iter().any(|one| one.reference.is_none());
        sight.refunds = (asked && (rings || payment.asks_for_refunds())).then(|| self.refunds.clone());
        What::Shown(Box::new(sight))
    }

    /// Time passes: the buyer pays, what was put off happens, refunds arrive or fail.
    pub fn goes_on(&mut self, payment: &Payment, dice: &mut Dice<'_>) {
        if let Some(soon) = self.soon.take() {
            self.standing = Some(soon);
        } else if self.standing == Some(Standing::Disputed) {
            let won = dice.one_in(2);
            self.standing = Some(if won { self.taken } else { Standing::ChargedBack });
        } else if matches!(self.standing, Some(Standing::Captured | Standing::PartiallyCaptured)) && dice.one_in(40) {
            self.taken = self.standing.unwrap_or(self.taken);
            self.standing = Some(Standing::Disputed);
        } else if self.standing == Some(Standing::Open) {
            let paid = match payment.sale.steps {
                Steps::One => Standing::Captured,
                Steps::Two => Standing::Authorized,
            };
            self.standing = Some(if dice.one_in(12) { Standing::Failed } else { paid });
            if paid == Standing::Captured {
                self.captured = self.splits.iter().map(|split| split.amount.get()).collect();
            }
        }
        for refund in self
            .refunds
            .iter_mut()
            .filter(|one| one.standing == RefundStanding::Open)
        {
            refund.standing = if dice.one_in(6) {
                RefundStanding::Failed
            } else {
                RefundStanding::Done
            };
        }
    }

    /// Somebody refunds at its dashboard what a split still holds.
    pub fn refund_elsewhere(&mut self, dice: &mut Dice<'_>) {
        let place = usize::try_from(dice.below(i64::try_from(self.splits.len()).unwrap())).unwrap();
        let Some(id) = self.splits.get(place).map(|split| split.id) else {
            return;
        };
        let held = self.held(id);
        if held > 0 && matches!(self.standing, Some(Standing::Captured | Standing::PartiallyCaptured)) {
            let split = Some(id).filter(|_| dice.one_in(2));
            let some = amount(1 + dice.below(held));
            self.file(id, None, some, RefundStanding::Done);
            self.refunds.last_mut().unwrap().split = split;
        }
    }

    /// Its books and ours, once nothing is under way.
    pub fn agrees_with(&self, payment: &Payment) {
        let Some(standing) = self.standing else {
            assert!(payment.seen.is_none());
            return;
        };
        assert_eq!(payment.seen.as_ref().unwrap().status.standing, standing);
        for (shown, captured) in self.splits.iter().zip(&self.captured) {
            let split = payment
                .splits
                .iter()
                .find(|split| split.gateway_id == Some(shown.id))
                .unwrap();
            assert_eq!((split.site, split.amount), (shown.site, shown.amount));
            if standing.is_money() {
                assert_eq!(split.amount_captured.get(), *captured, "{split:?}");
            }
        }
        assert_eq!(self.splits.len(), payment.splits.len());
        let done = self.refunds.iter().filter(|one| one.standing == RefundStanding::Done);
        let done: i64 = done.map(|one| one.amount.get()).sum();
        assert_eq!(
            done,
            payment.amount_refunded().get(),
            "the buyer got what the books say"
        );
    }

    fn create(&mut self, payment: &Payment) -> What {
        if self.standing.is_some() {
            let What::Refused(refusal) = refused("20") else {
                unreachable!()
            };
            return What::AlreadyThere(refusal);
        }
        self.standing = Some(Standing::Open);
        self.splits = sight(payment, Standing::Open).splits;
        self.captured = vec![0; self.splits.len()];
        self.shown(payment, false)
    }

    fn goes(&mut self, first: Standing, then: Standing, dice: &mut Dice<'_>) {
        let later = dice.one_in(3);
        self.standing = Some(if later { first } else { then });
        self.soon = Some(then).filter(|_| later);
    }

    fn refund(
        &mut self,
        payment: &Payment,
        operation: &Operation,
        (refund, split): (u16, u16),
        dice: &mut Dice<'_>,
    ) -> What {
        let part = payment.refund(refund).unwrap().part(split).unwrap();
        let id = payment.splits[usize::from(split) - 1].gateway_id.unwrap();
        assert_eq!(part.state, PartState::Processing, "only what is claimed is sent");
        let covered = part.amount.get() <= self.held(id);
        let meddled = self.refunds.iter().any(|one| one.reference.is_none());
        assert!(covered || meddled, "never more than the split holds");
        let settled = matches!(self.standing, Some(Standing::Captured | Standing::PartiallyCaptured));
        if !covered || !settled || dice.one_in(6) {
            return refused("18");
        }
        let standing = if dice.one_in(2) {
            RefundStanding::Open
        } else {
            RefundStanding::Done
        };
        self.file(id, Some(operation.reference.clone()), part.amount, standing);
        What::Refund(Box::new(self.refunds.last().unwrap().clone()))
    }

    fn held(&self, id: GatewayId) -> i64 {
        let place = self.splits.iter().position(|split| split.id == id).unwrap();
        let gone = self.refunds.iter().zip(&self.givers);
        let gone = gone.filter(|(one, giver)| one.standing != RefundStanding::Failed && **giver == id);
        let gone = gone.map(|(one, _)| one.amount.get());
        self.captured[place] - gone.sum::<i64>()
    }

    fn file(&mut self, split: GatewayId, reference: Option<Reference>, amount: Amount, standing: RefundStanding) {
        self.givers.push(split);
        self.refunds.push(refund_sight(
            9000 + u64::try_from(self.refunds.len()).unwrap(),
            Some(split),
            reference,
            amount,
            standing,
        ));
    }
}

/// One refund as the gateway shows it.
pub fn refund_sight(
    id: u64,
    split: Option<GatewayId>,
    reference: Option<Reference>,
    amount: Amount,
    standing: RefundStanding,
) -> RefundSight {
    RefundSight {
        id: GatewayId::new(id),
        payment: None,
        split,
        reference,
        amount,
        currency: "EUR".parse().unwrap(),
        status: status(match standing {
            RefundStanding::Open => Standing::Open,
            RefundStanding::Done => Standing::Captured,
            RefundStanding::Failed => Standing::Failed,
            RefundStanding::Unknown => Standing::Unknown,
        }),
        standing,
    }
}

pub fn refused(code: &str) -> What {
    What::Refused(GatewayRefusal {
        http_status: 400,
        reasons: vec![Reason {
            code: code.to_owned(),
            info: "no".to_owned(),
        }],
    })
}
