//! What a person makes of what the gateway shows: opened like any operation, and settled by the next answer to a question,
//! so that what is posted is always what the gateway showed when it was asked, and never a number that was kept.

use super::{Learning, Lesson, Payment};
use crate::command::Command;
use crate::discrepancy::{Discrepancy, DiscrepancyKind, DiscrepancyState, Resolution};
use crate::finding::What;
use crate::operation::{Operation, OperationState, Work};
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// How a wish ended, and in which words.
type Ended = Result<String, String>;

impl Payment {
    /// Who closed a discrepancy, where a person did.
    #[must_use]
    pub fn closed_by(&self, discrepancy: &Discrepancy) -> Option<&Operation> {
        self.operations.iter().find(|one| {
            let decides = matches!(one.work, Work::Resolve { discrepancy: number, resolution, .. }
                if number == discrepancy.number && resolution != Resolution::AskAgain);
            decides && one.state == OperationState::Done && one.settled_at == discrepancy.closed_at
        })
    }

    /// A person has said that it is nothing: the same is not filed again.
    pub(super) fn is_dismissed(&self, discrepancy: &Discrepancy) -> bool {
        let dismissed = |one: &Operation| {
            matches!(
                one.work,
                Work::Resolve {
                    resolution: Resolution::Dismiss,
                    ..
                }
            )
        };
        self.closed_by(discrepancy).is_some_and(dismissed)
    }

    /// What a command of a person about what the gateway shows becomes.
    pub(super) fn wish(&self, command: &Command) -> Result<Work, Refusal> {
        match command {
            Command::Resolve {
                discrepancy,
                resolution,
                note,
            } => {
                let (discrepancy, resolution, note) = (*discrepancy, *resolution, note.clone());
                let open = |one: &Discrepancy| one.number == discrepancy && one.state == DiscrepancyState::Open;
                if !self.discrepancies.iter().any(open) {
                    return Err(Refusal::DiscrepancyClosed { discrepancy });
                }
                Ok(Work::Resolve {
                    discrepancy,
                    resolution,
                    note,
                })
            }
            Command::Resend { operation, note } => self.lost(*operation).map(|operation| Work::Resend {
                operation,
                note: note.clone(),
            }),
            Command::GiveUp { operation, note } => self.lost(*operation).map(|operation| Work::GiveUp {
                operation,
                note: note.clone(),
            }),
            _ => Err(Refusal::NotAuthorized { phase: self.phase }),
        }
    }

    /// An operation that may have arrived or not, and of whose kind the gateway would take a second one.
    fn lost(&self, number: u16) -> Result<u16, Refusal> {
        let state = self.operation(number).map_or(OperationState::Refused, |one| one.state);
        let lost = |one: &&Operation| {
            matches!(one.work, Work::Refund { split: Some(_), .. } | Work::AddSplits(_))
                && one.attempt.is_some()
                && matches!(one.state, OperationState::Unknown | OperationState::NeedsAttention)
        };
        let found = self.operation(number).filter(lost);
        found.map(|one| one.number).ok_or(Refusal::OperationNotLost {
            operation: number,
            state,
        })
    }

    /// Whether somebody waits for the gateway to be asked about this operation, to send it again or to give it up; and
    /// whether it is to be given up.
    pub(super) fn wished(&self, number: u16) -> (bool, bool) {
        let of = |one: &Operation| match one.work {
            Work::Resend { operation, .. } if operation == number && one.is_open() => Some(false),
            Work::GiveUp { operation, .. } if operation == number && one.is_open() => Some(true),
            _ => None,
        };
        let wish = self.operations.iter().find_map(of);
        (wish.is_some(), wish.unwrap_or(false))
    }

    /// The wish to post whatever the gateway shows, and why.
    pub(super) fn consent(&self) -> Option<(u16, String)> {
        self.operations.iter().find_map(|one| match &one.work {
            Work::Resolve {
                resolution: Resolution::AcceptGateway,
                note,
                ..
            } if one.is_open() => Some((one.number, note.clone())),
            _ => None,
        })
    }

    /// The kind of the discrepancy that somebody is about to resolve.
    #[must_use]
    pub fn resolving(&self) -> Option<DiscrepancyKind> {
        let number = self.operations.iter().find_map(|one| match one.work {
            Work::Resolve { discrepancy, .. } if one.is_open() => Some(discrepancy),
            _ => None,
        });
        let target = |one: &&Discrepancy| Some(one.number) == number;
        self.discrepancies.iter().find(target).map(|one| one.kind)
    }

    /// The gateway was asked: the wish that waited for that ends.
    pub(super) fn settle_wishes(&mut self, what: &What, learning: &Learning<'_>, lesson: &mut Lesson) {
        let wish = self.operations.iter().find(|one| one.work.is_wish() && one.is_open());
        let Some((number, work, since)) = wish.map(|one| (one.number, one.work.clone(), one.created_at)) else {
            return;
        };
        let told = matches!(what, What::Shown(_) | What::ShownMany(_));
        let late = learning.now.since(since) > learning.pace.patience;
        let ended = match work {
            Work::Resolve {
                resolution, ref note, ..
            } if told => self.resolved(number, resolution, note, what, learning.now),
            Work::Resolve { .. } if late => Some(Err("a day of asking brought no answer".to_owned())),
            Work::Resend { operation, .. } => Some(self.after_question(operation, told, true, learning)),
            Work::GiveUp { operation, .. } => Some(self.after_question(operation, told, false, learning)),
            _ => None,
        };
        let Some(ended) = ended else { return };
        let (state, words) = match ended {
            Ok(words) => (OperationState::Done, words),
            Err(why) => (OperationState::Refused, why),
        };
        lesson.say(work.kind().as_str(), Some(number), words.clone());
        if let Some(one) = self.operations.iter_mut().find(|one| one.number == number) {
            one.note = Some(words);
            one.end(state, learning.now);
        }
    }

    /// What becomes of a discrepancy now that the gateway has shown the payment. Every open one of its kind is meant: a
    /// newer answer may have replaced the words of the one that was named.
    fn resolved(
        &mut self,
        wish: u16,
        resolution: Resolution,
        note: &str,
        what: &What,
        now: Timestamp,
    ) -> Option<Ended> {
        let kind = self.resolving()?;
        let open = |one: &&Discrepancy| one.kind == kind && one.state == DiscrepancyState::Open;
        let Some(detail) = self.discrepancies.iter().find(open).map(|one| one.detail.clone()) else {
            return Some(Ok("it is settled".to_owned()));
        };
        let differs = kind.is_about_amounts() || self.shows_another(what);
        Some(match resolution {
            Resolution::AskAgain => Ok(format!("the gateway was asked, and it is as it was: {detail}")),
            Resolution::Dismiss if differs => Err(format!("the gateway was asked, and still differs: {detail}")),
            Resolution::AcceptGateway if kind.holds() => {
                let why = self.operation(wish).and_then(|one| one.note.clone());
                Err(why.unwrap_or_else(|| format!("what the gateway shows cannot be posted: {detail}")))
            }
            Resolution::Dismiss | Resolution::AcceptGateway => {
                self.close(&[kind], note, now);
                Ok("closed".to_owned())
            }
        })
    }

    /// Whether the gateway has another living payment under our reference.
    fn shows_another(&self, what: &What) -> bool {
        let own = self.seen.as_ref().map(|seen| seen.at);
        match what {
            What::ShownMany(sights) => sights
                .iter()
                .any(|sight| Some(sight.at) != own && !sight.status.standing.is_over()),
            _ => false,
        }
    }

    /// What became of an operation that was to be sent again, or given up, if the gateway shows nothing of it.
    fn after_question(&self, number: u16, told: bool, again: bool, learning: &Learning<'_>) -> Ended {
        let Some(one) = self.operation(number) else {
            return Err("there is no such operation".to_owned());
        };
        let state = one.state.as_str();
        match one.state {
            OperationState::Ready if again => Ok("the gateway shows nothing of it: it is sent again".to_owned()),
            OperationState::Refused => {
                Ok("the gateway shows nothing of it: it has ended, and nothing came of it".to_owned())
            }
            OperationState::Done | OperationState::Pending if again => Ok(format!("the gateway has it: it is {state}")),
            OperationState::Done | OperationState::Pending => Err(format!("the gateway has it: it is {state}")),
            _ if !told => Err("the gateway did not answer, so nothing is proved; try again under a new key".to_owned()),
            _ => Err(one.unproved(learning)),
        }
    }
}

impl Operation {
    /// Why it is not proved that it never arrived, and what to do about it.
    fn unproved(&self, learning: &Learning<'_>) -> String {
        let over = self
            .attempt
            .as_ref()
            .map(|attempt| attempt.over_at.plus(learning.pace.quiet));
        match over.filter(|over| *over > learning.now) {
            Some(over) => {
                format!("it may still arrive: the quiet period ends at {over}; try again then under a new key")
            }
            None if self.absences == 0 => {
                "the gateway's answer does not list what it would be among; try again under a new key".to_owned()
            }
            None => "the gateway showed its absence once, and twice is asked for; try again under a new key".to_owned(),
        }
    }

    /// Everything that is known of an operation that a person has to decide about.
    pub(super) fn all_that_is_known(&self) -> String {
        let attempt = self.attempt.as_ref();
        let sent = attempt.map_or_else(
            || "it was never sent".to_owned(),
            |attempt| format!("attempt {} was to leave before {}", attempt.number, attempt.send_before),
        );
        let answer = self.note.as_deref().unwrap_or("no answer was kept");
        let seen = match self.absences {
            0 => "the gateway never proved it absent".to_owned(),
            times => format!("asked since, the gateway showed nothing of it {times} times"),
        };
        let todo = if matches!(self.work, Work::Refund { .. } | Work::AddSplits(_)) {
            "look for it at the gateway's dashboard, then resend it or give it up"
        } else {
            "inquire: it is settled by what the gateway shows"
        };
        format!("a day of asking did not decide it: {sent}; {answer}; {seen}; {todo}")
    }
}
