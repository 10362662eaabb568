//! Every phase × every command and finding, printed: a change of a rule is a readable difference of one file.
//! `UPDATE_GOLDEN=1 cargo test -p domain` writes it anew.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use domain::capture_plan::CaptureAsk;
use domain::command::Command;
use domain::discrepancy::Resolution;
use domain::finding::What;
use domain::ids::GatewayId;
use domain::ledger::Posting;
use domain::money::Amount;
use domain::operation::{Operation, OperationKind, OperationState};
use domain::payment::{Lesson, Payment};
use domain::refund::{Ask, Refund, Units};
use domain::refusal::Refusal;
use domain::sight::{GatewayRef, RefundStanding, Standing};

use super::desk::Desk;
use super::gateway::{refund_sight, refused};
use super::resolutions::{give_up, resend, resolve};
use super::sample::{
    add, added, amount, asking, at, attempt, capture, capture_exactly, crooked, in_part, refund, refund_of, refusal,
    sale, sight, take,
};
use super::states::states;

#[test]
fn the_printed_table_is_the_rulebook() {
    let printed = print();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/transitions.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &printed).unwrap();
    }
    let kept = std::fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        kept == printed,
        "the rulebook changed; look at the difference with UPDATE_GOLDEN=1 and git diff"
    );
}

fn print() -> String {
    let mut out = String::from(
        "What a payment does with every command and every finding.\n\
         Of each state: what is done or found, and what that changes: the payment's phase, operations, refunds; what moves\n\
         in the books, in minor units; what is filed. What is not mentioned changes nothing.\n\
         `differs` is a split 0.03 larger than asked; `in part` is 10.00 of the first split; found 800 seconds later.\n",
    );
    for (name, desk) in states() {
        let mut table = Table::default();
        for (words, command) in commands() {
            table.add(words, decided(&desk, &command));
        }
        for (words, tried) in attempts(&desk) {
            table.add(&words, tried);
        }
        for (words, what) in questions(&desk) {
            let mut desk = desk.clone();
            desk.now += 800;
            let before = desk.payment.clone();
            let lesson = desk.asked(what);
            table.add(&format!("asked: {words}"), learned(&before, &lesson));
        }
        for (words, operation, what) in answers(&desk) {
            let mut desk = desk.clone();
            desk.now += 1;
            let before = desk.payment.clone();
            let lesson = desk.answer(operation, what);
            table.add(&format!("answered: {words}"), learned(&before, &lesson));
        }
        writeln!(out, "\n## {name}\n{}", told(&desk.payment)).unwrap();
        table.print(&mut out);
    }
    out
}

/// Outcomes in the order of the first that has it; what has the same outcome is told together.
#[derive(Default)]
struct Table(Vec<(String, Vec<String>)>);

impl Table {
    fn add(&mut self, words: &str, outcome: String) {
        if outcome.is_empty() {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, all)) => all.push(words.to_owned()),
            None => self.0.push((outcome, vec![words.to_owned()])),
        }
    }

    fn print(&self, out: &mut String) {
        for (outcome, all) in &self.0 {
            writeln!(out, "{}\n    {outcome}", all.join(" | ")).unwrap();
        }
    }
}

fn commands() -> Vec<(&'static str, Command)> {
    let units = vec![Units {
        id: "l1".parse().unwrap(),
        quantity: 1,
    }];
    vec![
        ("authorize", Command::Authorize(Arc::new(sale()))),
        ("capture everything", capture(CaptureAsk::Everything, None, false)),
        (
            "capture of a seller",
            capture(CaptureAsk::Sellers(vec![take("s1", 1000)]), None, true),
        ),
        (
            "capture of a seller, nothing to be stranded",
            capture(CaptureAsk::Sellers(vec![take("s1", 1000)]), None, false),
        ),
        (
            "capture of exact amounts",
            capture_exactly(&[(1, 1000), (2, 2000)], None),
        ),
        ("capture of one split", capture_exactly(&[(1, 1000)], Some(1))),
        ("cancel", Command::Cancel),
        ("ready", Command::Ready(take("s2", 0))),
        ("add splits", add(1000, false)),
        ("add splits and the rest", add(1000, true)),
        ("add more than is left", add(20_000, false)),
        ("refund everything", refund(Ask::Everything)),
        ("refund by amount", refund_of("s1", 500)),
        (
            "refund of lines",
            refund(Ask::Lines {
                lines: units,
                shipping: Vec::new(),
            }),
        ),
        ("retry", Command::Retry { refund: 1 }),
        ("abandon", Command::Abandon { refund: 1 }),
        ("accept what the gateway shows", resolve(1, Resolution::AcceptGateway)),
        ("resend operation 2", resend(2)),
        ("give operation 2 up", give_up(2)),
    ]
}

fn decided(desk: &Desk, command: &Command) -> String {
    let now = desk.now + 1;
    match Payment::decide(Some(&desk.payment), command, asking(90, now)) {
        Ok(decision) => changed(&desk.payment, &decision.next, &decision.postings),
        Err(Refusal::Invalid(faults)) => format!("refused: {}", faults[0].code),
        Err(refusal) => format!("refused: {}", refusal.code()),
    }
}

/// Another attempt of what is ready, or never left.
fn attempts(desk: &Desk) -> Vec<(String, String)> {
    let waits = |one: &&Operation| matches!(one.state, OperationState::Ready | OperationState::NotSent);
    let tried = desk.payment.operations.iter().filter(waits).map(|one| {
        let words = format!("attempt of {}", one.kind().as_str());
        let sendable = desk.payment.sendable().map(|sendable| sendable.number) == Some(one.number);
        let attempt = attempt(one.attempts() + 1, desk.now + 1);
        let outcome = match desk.payment.attempt(one.number, attempt, at(desk.now + 1)) {
            Ok(Some(decision)) if sendable || one.state == OperationState::NotSent => {
                changed(&desk.payment, &decision.next, &decision.postings)
            }
            Ok(Some(_)) => "not its turn".to_owned(),
            Ok(None) => "it is not waiting for one".to_owned(),
            Err(refusal) => format!("refused: {}", refusal.code()),
        };
        (words, outcome)
    });
    tried.collect()
}

/// What the gateway may show, or not, when it is asked.
fn questions(desk: &Desk) -> Vec<(String, What)> {
    let payment = &desk.payment;
    let shown = |sight| What::Shown(Box::new(sight));
    let mut all = Vec::new();
    for standing in Standing::ALL {
        all.push((format!("{standing:?}"), shown(sight(payment, standing))));
    }
    for standing in [Standing::Open, Standing::Captured, Standing::Failed] {
        all.push((format!("{standing:?}, differs"), shown(crooked(payment, standing))));
    }
    if !payment.splits.is_empty() {
        all.extend(in_parts(payment));
    }
    let mut other = sight(payment, Standing::Captured);
    other.at = GatewayRef {
        id: GatewayId::new(99),
        ..other.at
    };
    let both = What::ShownMany(vec![sight(payment, Standing::Open), other]);
    all.push(("two under one reference".to_owned(), both));
    let again = payment.seen.as_ref().map(|seen| seen.status.standing);
    if let Some(standing) = again {
        let mut with_added = sight(payment, standing);
        with_added.splits.extend(added(payment));
        if with_added.splits.len() > payment.splits.len() && payment.splits.is_empty() {
            all.push(("as before, with the splits added".to_owned(), shown(with_added)));
        }
        all.extend(refund_lists(desk, standing));
    }
    all.push(("absent".to_owned(), What::Absent));
    all.push(("no answer".to_owned(), What::Unknown("no answer in time".to_owned())));
    all
}

fn in_parts(payment: &Payment) -> Vec<(String, What)> {
    let shown = |sight| What::Shown(Box::new(sight));
    let mut no_splits = in_part(payment, &[(1, 1000)], false);
    no_splits.splits.clear();
    vec![
        ("in part".to_owned(), shown(in_part(payment, &[(1, 1000)], false))),
        (
            "in part, that split alone listed".to_owned(),
            shown(in_part(payment, &[(1, 1000)], true)),
        ),
        (
            "in part, another amount".to_owned(),
            shown(in_part(payment, &[(1, 999)], true)),
        ),
        ("in part, no split listed".to_owned(), shown(no_splits)),
    ]
}

/// As before, with all its refunds.
fn refund_lists(desk: &Desk, standing: Standing) -> Vec<(String, What)> {
    let payment = &desk.payment;
    if payment.amount_captured() == Amount::ZERO || payment.splits.is_empty() {
        return Vec::new();
    }
    let shown = |refunds| {
        let mut sight = sight(payment, standing);
        sight.refunds = Some(refunds);
        What::Shown(Box::new(sight))
    };
    let split = payment.splits[0].gateway_id;
    let external = |split, back| refund_sight(9200, split, None, amount(back), RefundStanding::Done);
    let mut all = vec![
        ("no refunds".to_owned(), shown(Vec::new())),
        (
            "a refund that names its split".to_owned(),
            shown(vec![external(split, 100)]),
        ),
        (
            "a refund that names no split".to_owned(),
            shown(vec![external(None, 100)]),
        ),
        (
            "a refund of more than there is".to_owned(),
            shown(vec![external(split, 90_000)]),
        ),
    ];
    let asked = payment
        .operations
        .iter()
        .filter(|one| one.kind() == OperationKind::Refund);
    for one in asked.filter(|one| one.attempts() > 0) {
        for standing in [
            RefundStanding::Open,
            RefundStanding::Done,
            RefundStanding::Failed,
            RefundStanding::Unknown,
        ] {
            let words = format!("the refund of operation {} {standing:?}", one.number);
            let id = 9000 + u64::from(one.number) - 1;
            all.push((words, shown(vec![desk.refund_answer(one.number, id, standing)])));
        }
        let mut less = desk.refund_answer(one.number, 9001, RefundStanding::Done);
        less.amount = less.amount.saturating_sub(amount(1));
        all.push((
            format!("the refund of operation {}, another amount", one.number),
            shown(vec![less]),
        ));
    }
    all
}

/// What may be answered to what is being sent.
fn answers(desk: &Desk) -> Vec<(String, u16, What)> {
    let sending = |one: &&Operation| one.state == OperationState::Sending;
    let Some(one) = desk.payment.operations.iter().find(sending) else {
        return Vec::new();
    };
    let payment = &desk.payment;
    let mut all: Vec<(String, What)> = vec![
        ("refused".to_owned(), refused("17")),
        ("already there".to_owned(), What::AlreadyThere(refusal())),
        ("not sent".to_owned(), What::NotSent("connection refused".to_owned())),
        ("no answer".to_owned(), What::Unknown("no answer in time".to_owned())),
    ];
    match one.kind() {
        OperationKind::Refund => {
            for standing in [
                RefundStanding::Open,
                RefundStanding::Done,
                RefundStanding::Failed,
                RefundStanding::Unknown,
            ] {
                let shown = desk.refund_answer(one.number, 9050, standing);
                all.push((format!("{standing:?}"), What::Refund(Box::new(shown))));
            }
            let mut strange = desk.refund_answer(one.number, 9050, RefundStanding::Done);
            strange.reference = Some("another".parse().unwrap());
            all.push(("Done, another reference".to_owned(), What::Refund(Box::new(strange))));
        }
        OperationKind::AddSplits => {
            let mut fewer = added(payment);
            all.push(("added".to_owned(), What::Added(fewer.clone())));
            fewer[0].amount = amount(1);
            all.push(("added otherwise".to_owned(), What::Added(fewer)));
        }
        _ => {
            for standing in [
                Standing::Authorized,
                Standing::Capturing,
                Standing::Captured,
                Standing::Cancelling,
                Standing::Cancelled,
            ] {
                let shown = What::Shown(Box::new(sight(payment, standing)));
                all.push((format!("{standing:?}"), shown));
            }
            all.extend(in_parts(payment));
        }
    }
    all.into_iter().map(|(words, what)| (words, one.number, what)).collect()
}

fn learned(before: &Payment, lesson: &Lesson) -> String {
    let Some(after) = &lesson.next else {
        return String::new();
    };
    let mut told = changed(before, after, &lesson.postings);
    for (verb, claims) in [("releases", &lesson.claims_released), ("takes", &lesson.claims_taken)] {
        for claim in claims {
            write!(told, "; {verb} {claim}").unwrap();
        }
    }
    told
}

/// What differs, in words; nothing where only counters do.
fn changed(before: &Payment, after: &Payment, postings: &[Posting]) -> String {
    let mut parts = Vec::new();
    if before.phase != after.phase {
        parts.push(after.phase.as_str().to_owned());
    }
    let had = |number| before.operation(number).map(|one| one.state);
    let news = after.operations.iter().filter(|one| had(one.number) != Some(one.state));
    parts.extend(news.map(operation));
    let had = |refund: &Refund| {
        before
            .refund(refund.number)
            .is_none_or(|known| parts_of(known) != parts_of(refund))
    };
    parts.extend(after.refunds.iter().filter(|one| had(one)).map(parts_of));
    let mut moves: Vec<(String, i64)> = Vec::new();
    for posting in postings {
        let name = format!("{}→{}", posting.debit.name(), posting.credit.name());
        match moves.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += posting.amount.get(),
            None => moves.push((name, posting.amount.get())),
        }
    }
    parts.extend(moves.into_iter().map(|(name, sum)| format!("{name} {sum}")));
    let news = after
        .discrepancies
        .iter()
        .filter(|one| !before.discrepancies.contains(one));
    parts.extend(news.map(|one| format!("{} {:?}", one.kind.as_str(), one.state)));
    if before.is_held() != after.is_held() {
        parts.push(if after.is_held() { "held" } else { "not held" }.to_owned());
    }
    if !parts.is_empty() && after.due_at.is_none() {
        parts.push("at rest".to_owned());
    }
    parts.join("; ")
}

fn told(payment: &Payment) -> String {
    let operations = payment.operations.iter().map(operation);
    let refunds = payment.refunds.iter().map(parts_of);
    let all: Vec<String> = operations.chain(refunds).collect();
    format!("{}: {}", payment.phase.as_str(), all.join("; "))
}

fn operation(one: &Operation) -> String {
    format!("{} {} {}", one.number, one.kind().as_str(), one.state.as_str())
}

fn parts_of(refund: &Refund) -> String {
    let parts: Vec<&str> = refund.parts.iter().map(|part| part.state.as_str()).collect();
    format!(
        "refund {} {} ({})",
        refund.number,
        refund.status().as_str(),
        parts.join(", ")
    )
}
