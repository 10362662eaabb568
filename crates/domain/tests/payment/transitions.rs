//! Every phase × every command and finding, printed: a change of a rule is a readable difference of one file.
//! `UPDATE_GOLDEN=1 cargo test -p domain` writes it anew.

use std::fmt::Write;
use std::path::Path;

use domain::finding::What;
use domain::operation::{Asked, Command};
use domain::payment::{Asking, Lesson, Payment};
use domain::sight::{GatewayRef, Standing};

use super::sample::{answered, asked, at, attempt, crooked, learn, refusal, sale, sending, sight};

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

/// A payment in every state that the rules tell apart, by the shortest way there.
fn states() -> Vec<(&'static str, Payment)> {
    let step = |payment: &Payment, what: What| learn(payment, &asked(payment, what), 60).unwrap().next.unwrap();
    let shown = |payment: &Payment, standing| step(payment, What::Shown(Box::new(sight(payment, standing))));
    let new = sending();
    let answer = |what| learn(&new, &answered(1, what), 1).unwrap().next.unwrap();
    let unknown = answer(What::Unknown("no answer in time".to_owned()));
    let absent = learn(&unknown, &asked(&unknown, What::Absent), 30)
        .unwrap()
        .next
        .unwrap();
    let ready = learn(&absent, &asked(&absent, What::Absent), 700)
        .unwrap()
        .next
        .unwrap();
    let resent = ready.attempt(1, attempt(2, 700), at(700)).unwrap().next;
    let open = shown(&new, Standing::Open);
    vec![
        ("processing, sending", new.clone()),
        ("processing, unknown", unknown),
        ("processing, ready to resend", ready),
        ("processing, sending again", resent),
        ("failed, refused", answer(What::Refused(refusal()))),
        (
            "failed, not sent",
            answer(What::NotSent("connection refused".to_owned())),
        ),
        ("open", open.clone()),
        (
            "open, held",
            step(&new, What::Shown(Box::new(crooked(&new, Standing::Open)))),
        ),
        ("pending", shown(&open, Standing::Pending)),
        (
            "pending, held, in suspense",
            step(&open, What::Shown(Box::new(crooked(&open, Standing::Captured)))),
        ),
        ("authorized", shown(&open, Standing::Authorized)),
        ("capturing", shown(&open, Standing::Capturing)),
        ("cancelling", shown(&open, Standing::Cancelling)),
        ("captured", shown(&open, Standing::Captured)),
        ("cancelled", shown(&open, Standing::Cancelled)),
        ("failed", shown(&open, Standing::Failed)),
        ("expired", shown(&open, Standing::Expired)),
        ("disputed", shown(&open, Standing::Disputed)),
        ("charged_back", shown(&open, Standing::ChargedBack)),
    ]
}

fn print() -> String {
    let mut out = String::from(
        "What a payment does with every command and every finding.\n\
         Columns: state × finding → status, authorize operation; what moves in the books; what is filed.\n\
         A question was asked one minute after the create unless a time is given; `differs` is a split 0.03 larger than asked.\n",
    );
    for (name, payment) in states() {
        writeln!(out, "\n## {name}").unwrap();
        line(&mut out, "command authorize, another key", &authorize_again(&payment));
        for standing in Standing::ALL {
            let what = What::Shown(Box::new(sight(&payment, standing)));
            line(
                &mut out,
                &format!("asked: {standing:?}"),
                &tell(&payment, learn(&payment, &asked(&payment, what), 800).unwrap()),
            );
        }
        for standing in [Standing::Open, Standing::Captured, Standing::Failed] {
            let what = What::Shown(Box::new(crooked(&payment, standing)));
            line(
                &mut out,
                &format!("asked: {standing:?}, differs"),
                &tell(&payment, learn(&payment, &asked(&payment, what), 800).unwrap()),
            );
        }
        for (door, what) in unseen() {
            let finding = if door == "asked" {
                asked(&payment, what.clone())
            } else {
                answered(payment.operations[0].attempts(), what.clone())
            };
            line(
                &mut out,
                &format!("{door}: {}", what.name()),
                &tell(&payment, learn(&payment, &finding, 800).unwrap()),
            );
        }
        let mut other = sight(&payment, Standing::Captured);
        other.at = GatewayRef {
            id: domain::ids::GatewayId::new(99),
            ..other.at
        };
        let both = What::ShownMany(vec![sight(&payment, Standing::Open), other]);
        line(
            &mut out,
            "asked: two under one reference",
            &tell(&payment, learn(&payment, &asked(&payment, both), 800).unwrap()),
        );
        let again = payment.attempt(1, attempt(payment.operations[0].attempts() + 1, 800), at(800));
        line(
            &mut out,
            "attempt",
            again.map_or("no: it is not waiting for one", |_| "sent again"),
        );
    }
    out
}

fn unseen() -> Vec<(&'static str, What)> {
    let words = || "no answer in time".to_owned();
    vec![
        ("answered", What::Refused(refusal())),
        ("answered", What::AlreadyThere(refusal())),
        ("answered", What::NotSent("connection refused".to_owned())),
        ("answered", What::Unknown(words())),
        ("asked", What::Absent),
        ("asked", What::Unknown(words())),
        ("asked", What::NotSent("connection refused".to_owned())),
        ("asked", What::Refused(refusal())),
    ]
}

fn authorize_again(payment: &Payment) -> String {
    let asking = Asking {
        now: at(800),
        payment: payment.id,
        asked: Asked {
            key: "key-2".parse().unwrap(),
            ..payment.operations[0].asked.clone()
        },
        reference: "reference2".parse().unwrap(),
        request_id: "request2".to_owned(),
        attempt: attempt(1, 800),
    };
    match Payment::decide(Some(payment), &Command::Authorize(std::sync::Arc::new(sale())), asking) {
        Ok(_) => "decided".to_owned(),
        Err(refusal) => format!("refused: {}", refusal.code()),
    }
}

fn tell(before: &Payment, lesson: Lesson) -> String {
    let Some(after) = &lesson.next else {
        return "nothing new".to_owned();
    };
    let mut told = format!("{}, {}", after.phase.as_str(), after.operations[0].state.as_str());
    if after.is_held() {
        told.push_str(", held");
    }
    if after.due_at.is_none() {
        told.push_str(", at rest");
    }
    let mut moves: Vec<(String, i64)> = Vec::new();
    for posting in &lesson.postings {
        let name = format!("{}→{}", posting.debit.name(), posting.credit.name());
        match moves.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += posting.amount.get(),
            None => moves.push((name, posting.amount.get())),
        }
    }
    for (name, sum) in moves {
        write!(told, "; {name} {sum}").unwrap();
    }
    for one in after
        .discrepancies
        .iter()
        .filter(|one| !before.discrepancies.contains(one))
    {
        write!(told, "; {} {:?}", one.kind.as_str(), one.state).unwrap();
    }
    for claim in &lesson.claims_released {
        write!(told, "; releases {claim}").unwrap();
    }
    for claim in &lesson.claims_taken {
        write!(told, "; takes {claim}").unwrap();
    }
    told
}

fn line(out: &mut String, what: &str, told: &str) {
    writeln!(out, "{what:<34} {told}").unwrap();
}
