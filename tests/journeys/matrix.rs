//! Every route × everybody who could call × what is theirs, another's, and not there: the verdicts stand in
//! `golden/access.txt`. A route that this file cannot call, or that has no row there, fails.

use crate::cards::{CARD_KEYS, keeping};
use api::access::{ROUTES, Route};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};
use tests::http::{Answer, Asked};
use tests::world::World;
use tests::{Stage, both, carts, stage};

both!(everybody_at_every_door);

/// More than anybody has: what is asked for so is refused by the rules, after it was let in, and moves nothing.
const TOO_MUCH: i64 = 9_999_999_999;
/// A path's parameter, and a name for it.
type Names = BTreeMap<&'static str, String>;

/// A thing that routes are about.
struct Thing {
    what: &'static str,
    names: Names,
}

/// Somebody who calls.
struct Caller {
    who: &'static str,
    authorization: Option<String>,
}

async fn everybody_at_every_door(stage: Stage) {
    let world = stage.with("cards.keys", CARD_KEYS).open().await;
    let callers = callers(&world).await;
    let things = things(&world).await;
    let width = ROUTES
        .iter()
        .map(|route| route.method.len() + route.path.len())
        .max()
        .unwrap_or(0)
        + 3;
    let mut table = format!("{:<width$}", "");
    for caller in &callers {
        table += &format!("{:<17}", caller.who);
    }
    table.truncate(table.trim_end().len());
    let (mut calls, mut compared) = (0_u32, 0_u32);
    for route in ROUTES {
        let is_about_something = route.path.contains('{') && !route.path.starts_with("/docs");
        let mut row = format!("\n{:<width$}", format!("{} {}", route.method, route.path));
        for caller in &callers {
            let mut verdicts = Vec::new();
            let mut hidden: Vec<Answer> = Vec::new();
            for thing in things.iter().take(if is_about_something { 3 } else { 1 }) {
                calls += 1;
                let answer = world
                    .untold(caller.authorization.as_deref(), &asked(route, thing, caller, calls))
                    .await;
                verdicts.push(verdict(&answer));
                if thing.what != "absent" {
                    hidden.extend(Some(answer).filter(|answer| answer.status == 404));
                    continue;
                }
                for other in hidden.drain(..) {
                    compared += 1;
                    let case = format!("{} as {}", route.path, caller.who);
                    assert_eq!(
                        told(&other),
                        told(&answer),
                        "{case}: what is another's is told from what is not there"
                    );
                }
            }
            row += &format!("{:<17}", in_short(&verdicts));
        }
        table += row.trim_end();
    }
    table += &format!(
        "\n\n{} routes, {} callers: {calls} calls; \
         {compared} times what is another\'s answered like what is not there\n",
        ROUTES.len(),
        callers.len()
    );
    compare(&table);
    world.close().await;
}

/// Everybody, from nobody to the gateway.
async fn callers(world: &World) -> Vec<Caller> {
    let keys = &world.keys;
    let made = Asked::with_body("POST", "/v1/api_keys", &json!({"role": "ops", "principal": "gone"}));
    let made = world.untold(Some(&keys.admin), &made).await.expect(201);
    let revoked = Asked {
        method: "DELETE",
        ..Asked::get(format!("/v1/api_keys/{}", made.id()))
    };
    let _ = world.untold(Some(&keys.admin), &revoked).await.expect(200);
    let key = |header: &str| header.trim_start_matches("Bearer ").to_owned();
    let gateway = base64_of(&format!("{}:{}", stage::SITE, stage::API_KEY));
    [
        ("nobody", None),
        ("malformed", Some("Bearer ap_test_~".to_owned())),
        ("other scheme", Some(format!("Basic {}", key(&keys.ops)))),
        ("revoked", Some(format!("Bearer {}", made.text_at("key")))),
        ("storefront", Some(keys.storefront.clone())),
        ("seller", Some(keys.sellers["s1"].clone())),
        ("other seller", Some(keys.sellers["s2"].clone())),
        ("ops", Some(keys.ops.clone())),
        ("admin", Some(keys.admin.clone())),
        ("the gateway", Some(format!("Basic {gateway}"))),
    ]
    .map(|(who, authorization)| Caller { who, authorization })
    .into()
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// What is seller s1's, what is seller s2's, and what is nobody's.
async fn things(world: &World) -> [Thing; 3] {
    let cards = kept(world).await;
    let own = sold(world, "own", "s1").await;
    let other = sold(world, "other", "s2").await;
    for plan in ["own", "other"] {
        let body = json!({"rules": [{"percent_bp": 100, "applies_to": "items"}]});
        let asked = Asked::with_body("PUT", format!("/v1/fee_plans/{plan}"), &body);
        let _ = world.untold(Some(&world.keys.admin), &asked).await.expect(201);
    }
    let absent = (format!("pay_{}", "0".repeat(26)), format!("ref_{}_1", "0".repeat(26)));
    let [own, other, absent] = [
        ("own", own, "s1", "customer-7", cards.clone()),
        ("other", other, "s2", "customer-8", cards),
        (
            "absent",
            absent,
            "s9",
            "customer-8",
            [0, 1].map(|_| format!("card_{}", "0".repeat(26))),
        ),
    ]
    .map(|(what, (payment, refund), seller, customer, [card, second_card])| {
        let inside = payment["pay_".len()..].to_owned();
        let names = [
            ("operation", format!("op_{inside}_1")),
            ("split", format!("spl_{inside}_1")),
            ("discrepancy", format!("dis_{inside}_1")),
            ("payment", payment),
            ("refund", refund),
            ("seller", seller.to_owned()),
            ("customer", customer.to_owned()),
            ("card", card),
            ("second_card", second_card),
            ("plan", what.to_owned()),
            ("version", "1".to_owned()),
        ];
        Thing {
            what,
            names: names.into(),
        }
    });
    let mut things = [own, other, absent];
    for thing in &mut things {
        let key = match thing.what {
            "absent" => format!("key_{}", "0".repeat(26)),
            what => {
                let body = json!({"role": "ops", "principal": format!("spare-{what}")});
                let asked = Asked::with_body("POST", "/v1/api_keys", &body);
                world.untold(Some(&world.keys.admin), &asked).await.expect(201).id()
            }
        };
        thing.names.insert("key", key);
    }
    things
}

/// A payment of this seller alone, captured, and a refund of a part of it.
async fn sold(world: &World, order: &'static str, seller: &str) -> (String, String) {
    let mut cart = carts::one_lamp();
    cart["lines"][0]["seller"] = seller.into();
    let payment = world
        .storefront()
        .sells(order, &carts::payment(order, &cart), "captured")
        .await;
    let path = format!("payments/{}/refunds", payment.id());
    let refund = world
        .ops()
        .does_quietly(order, &path, json!({"seller": seller, "amount": 100}))
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    (payment.id(), refund.id())
}

/// Two cards of one customer: one is given up by the storefront, one by operations.
async fn kept(world: &World) -> [String; 2] {
    for order in ["card-1", "card-2"] {
        let _ = world.storefront().sells(order, &keeping(order), "captured").await;
    }
    let asked = Asked::get("/v1/customers/customer-7/cards");
    let cards = world.untold(Some(&world.keys.ops), &asked).await.expect(200);
    let cards = cards["data"].as_array().expect("a list").iter();
    let cards: Vec<String> = cards
        .map(|card| card["id"].as_str().expect("an id").to_owned())
        .collect();
    cards.try_into().expect("two cards")
}

/// A call that is well made and moves nothing, whoever makes it.
fn asked(route: &Route, thing: &Thing, caller: &Caller, number: u32) -> Asked {
    let mut path = route.path.replace("{_:.*}", "index.html");
    while let Some((before, rest)) = path.clone().split_once('{') {
        let (parameter, after) = rest.split_once('}').expect("a parameter ends");
        // Whoever gives a card up has one of the two that there are.
        let parameter = match (parameter, caller.who) {
            ("card", "ops") => "second_card",
            (parameter, _) => parameter,
        };
        let name = thing.names.get(parameter);
        let name = name.unwrap_or_else(|| panic!("{}: say in `things` what {{{parameter}}} is", route.path));
        path = format!("{before}{name}{after}");
    }
    let asked = match route.method {
        "GET" | "DELETE" => Asked {
            method: route.method,
            ..Asked::get(path)
        },
        method => Asked::with_body(method, path, &body(route, thing)),
    };
    asked.header("Idempotency-Key", format!("call-{number}"))
}

/// What a route is sent. Every route that takes a body has a row here: one that is read, so that the call gets as far as
/// looking for what it is about, and that then moves nothing.
fn body(route: &Route, thing: &Thing) -> Value {
    let seller = &thing.names["seller"];
    let much = json!({"seller": seller, "amount": TOO_MUCH});
    match route.path.trim_start_matches("/v1/") {
        // What is wrong with these is told only to who may ask.
        "sellers/{seller}" | "fee_plans/{plan}" | "quotes" | "payments" | "settlements" | "api_keys" => json!({}),
        "payments/{payment}/splits" => json!({"splits": [much]}),
        "payments/{payment}/capture" | "payments/{payment}/capture/preview" => json!({"sellers": [much]}),
        "payments/{payment}/splits/{split}/capture" => json!({"amount": TOO_MUCH}),
        "payments/{payment}/ready" | "payments/{payment}/refunds" | "payments/{payment}/refunds/preview" => much,
        // They are captured, given back and at rest: there is nothing left to do.
        "payments/{payment}/cancel" | "refunds/{refund}/retry" | "refunds/{refund}/abandon" => json!({}),
        "operations/{operation}/inquire" => json!({}),
        // The operation is done, the difference and its answer are made up, the period lies before everything.
        "operations/{operation}/resend" | "operations/{operation}/give_up" => json!({"note": "everybody tries"}),
        "discrepancies/{discrepancy}/resolve" => json!({"resolution": "ask_again", "note": "everybody tries"}),
        "reconciliations" => json!({"from": "2001-01-01T00:00:00.000Z", "to": "2001-01-02T00:00:00.000Z"}),
        "/gateway/notifications" => json!({"Nothing": {}}),
        path => panic!("{path}: say here what it is sent when everybody tries it"),
    }
}

/// Of what is one's own, another's and not there, unless all are alike.
fn in_short(verdicts: &[String]) -> String {
    match verdicts {
        [first, rest @ ..] if rest.iter().all(|verdict| verdict == first) => first.clone(),
        verdicts => verdicts.join("/"),
    }
}

/// In a word: who calls is not known, may not, does not see it, or was let in.
fn verdict(answer: &Answer) -> String {
    match answer.status {
        401 | 403 | 404 => answer.status.to_string(),
        status if status < 500 => "in".to_owned(),
        status => panic!("{status}: {}", answer.text),
    }
}

/// An answer without what differs from one call to the next.
fn told(answer: &Answer) -> (u16, &[(String, String)], String) {
    let id = answer.text_at("request_id");
    (answer.status, &answer.headers, answer.text.replace(&id, "<request>"))
}

fn compare(table: &str) {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/access.txt");
    if env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        // Both databases write the same file at the same time: a rename is never half a file.
        let draft = golden.with_extension(format!("{:?}", std::thread::current().id()));
        fs::write(&draft, table)
            .and_then(|()| fs::rename(&draft, &golden))
            .expect("the table can be written");
        return;
    }
    let kept = fs::read_to_string(&golden).unwrap_or_default();
    let differs = |(kept, found): &(&str, &str)| kept != found;
    let difference = kept.lines().zip(table.lines()).find(differs);
    assert!(
        kept == table,
        "who may call what is otherwise than golden/access.txt says, first here: {difference:#?}\n\
         If that is as it should be, run it again with UPDATE_GOLDEN=1 and read the difference.\n\n{table}"
    );
}
