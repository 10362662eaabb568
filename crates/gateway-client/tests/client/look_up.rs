//! What a look-up proves, and what it does not.

use std::collections::BTreeSet;

use domain::sight::Host;
use gateway_client::{GatewayError, LookUp};

use crate::support::{Act, Gateway, answer, call};

const REFERENCE: &str = "s2ptest_split1";
const SHOWN: &str = include_str!("../golden/one-step-create.response.json");

async fn look_up(gateway: &Gateway) -> Result<LookUp, GatewayError> {
    gateway
        .client()
        .look_up(Host::Pay, &REFERENCE.parse().expect("a reference"), call())
        .await
}

fn list(items: &str, total: usize) -> String {
    format!(
        r#"{{"Payments":[{items}],"TotalPages":1,"PageSize":50,"PageIndex":0,"Count":{total},"TotalCount":{total}}}"#
    )
}

fn item(id: u64, reference: &str) -> String {
    format!(r#"{{"ID":{id},"MerchantTransactionID":"{reference}"}}"#)
}

/// The list, then each of these payments.
async fn gateway(list: &str, payments: &[&str]) -> Gateway {
    let payments = payments.iter().map(|body| Act::Write(answer(200, body)));
    Gateway::playing([Act::Write(answer(200, list))].into_iter().chain(payments).collect()).await
}

#[tokio::test]
async fn an_empty_list_proves_absence() {
    let gateway = gateway(&list("", 0), &[]).await;
    assert!(look_up(&gateway).await.expect("a list").proves_absence());
    let request = &gateway.requests()[0];
    assert!(
        request.starts_with("GET /v1/payments?merchantTransactionID=s2ptest_split1 HTTP/1.1\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn what_is_listed_is_asked_for_in_full() {
    let gateway = gateway(&list(&item(5_581_804, REFERENCE), 1), &[SHOWN]).await;
    let found = look_up(&gateway).await.expect("a payment");
    assert!(found.is_filtered && !found.proves_absence());
    assert_eq!((found.sights.len(), found.sights[0].splits.len()), (1, 3));
    let requests = gateway.requests();
    let ids = requests
        .iter()
        .filter_map(|request| request.lines().find(|line| line.starts_with("requestid:")));
    let ids = ids.collect::<BTreeSet<_>>();
    assert_eq!(ids.len(), 2, "each call has its own key");
}

#[tokio::test]
async fn two_under_one_reference_are_both_shown() {
    let second = SHOWN.replace("5581804", "5581805");
    let items = [item(5_581_804, REFERENCE), item(5_581_805, REFERENCE)].join(",");
    let gateway = gateway(&list(&items, 2), &[SHOWN, &second]).await;
    assert_eq!(look_up(&gateway).await.expect("payments").sights.len(), 2);
}

#[tokio::test]
async fn a_list_of_others_proves_nothing() {
    let others = gateway(&list(&item(1, "somebody-else"), 1), &[]).await;
    let found = look_up(&others).await.expect("a list");
    assert!(!found.is_filtered && found.sights.is_empty() && !found.proves_absence());

    let items = [item(1, "somebody-else"), item(5_581_804, REFERENCE)].join(",");
    let mixed = gateway(&list(&items, 2), &[SHOWN]).await;
    let found = look_up(&mixed).await.expect("a list");
    assert!(
        !found.is_filtered && found.sights.len() == 1,
        "ours is found all the same"
    );
}

#[tokio::test]
async fn an_item_without_a_reference_is_judged_by_the_payment_itself() {
    let ours = gateway(&list(r#"{"ID":"5581804"}"#, 1), &[SHOWN]).await;
    let found = look_up(&ours).await.expect("a list");
    assert!(found.is_filtered && found.sights.len() == 1);
    let other = SHOWN.replace(REFERENCE, "somebody-else");
    let others = gateway(&list(r#"{"ID":"5581804","MerchantTransactionID":null}"#, 1), &[&other]).await;
    assert!(!look_up(&others).await.expect("a list").is_filtered);
}

#[tokio::test]
async fn what_is_not_a_list_is_no_evidence() {
    let hidden = list("", 3);
    let nameless = list(r#"{"MerchantTransactionID":"s2ptest_split1"}"#, 1);
    let garbled = [
        "{}",
        r#"{"Payments":null}"#,
        r#"{"Payments":{}}"#,
        r#"{"Payments":[],"Error":"no"}"#,
        SHOWN,
        "<html>",
    ];
    for body in garbled.into_iter().chain([hidden.as_str(), &nameless]) {
        let gateway = Gateway::answering(200, body).await;
        let answer = look_up(&gateway).await;
        assert!(
            matches!(answer, Err(GatewayError::Garbled { .. })),
            "{body}: {answer:?}"
        );
    }
    for (http_status, body) in [(404, "<html>"), (404, "{}"), (400, SHOWN), (500, "")] {
        let gateway = Gateway::answering(http_status, body).await;
        let answer = look_up(&gateway).await;
        assert!(
            matches!(answer, Err(GatewayError::Unknown { .. })),
            "{http_status} {body}: {answer:?}"
        );
    }
    let gateway = Gateway::answering(404, r#"{"Message":"no such route"}"#).await;
    let answer = look_up(&gateway).await;
    assert!(
        matches!(answer, Err(GatewayError::Refused(_))),
        "not found is not absence: {answer:?}"
    );
}

#[tokio::test]
async fn a_listed_payment_that_is_not_there_is_garbled() {
    let missing = Act::Write(answer(404, r#"{"Message":"Not found"}"#));
    let list = Act::Write(answer(200, &list(&item(5_581_804, REFERENCE), 1)));
    let gateway = Gateway::playing(vec![list, missing]).await;
    assert!(matches!(look_up(&gateway).await, Err(GatewayError::Garbled { .. })));
}
