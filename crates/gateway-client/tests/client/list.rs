//! The gateway's list, page by page, and what is not believed of it.

use domain::sight::Host;
use domain::time::Timestamp;
use gateway_client::{GatewayError, ListedPage};

use crate::support::{Act, Gateway, answer, call};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

async fn walk(host: Host, place: u32, body: &str) -> (Result<ListedPage, GatewayError>, String) {
    let gateway = Gateway::playing(vec![Act::Write(answer(200, body))]).await;
    let (from, to) = (at("2026-11-01T00:00:00Z"), at("2026-11-02T00:00:00Z"));
    let page = gateway.client().list(host, from, to, place, call()).await;
    (page, gateway.requests()[0].clone())
}

fn item(id: u64, created: &str, method: u32) -> String {
    format!(
        r#"{{"ID":{id},"MerchantTransactionID":"r-{id}","Created":"{created}","MethodID":{method},"Amount":"1200","Currency":"EUR","Status":{{"ID":2,"Info":"Success"}}}}"#
    )
}

#[tokio::test]
async fn a_day_is_asked_for_in_whole_seconds_and_pages_are_followed() {
    let items = [item(1, "20261101000000", 9), item(2, "20261101235959", 9)].join(",");
    let body =
        format!(r#"{{"Payments":[{items}],"TotalPages":2,"PageSize":2,"PageIndex":1,"Count":2,"TotalCount":3}}"#);
    let (page, request) = walk(Host::Pay, 0, &body).await;
    let page = page.expect("a page");
    assert!(
        request.contains("startDate=20261101000000&endDate=20261101235959&sortDirection=asc"),
        "{request}"
    );
    assert!(request.contains("pageSize=50&pageIndex=0"), "{request}");
    assert_eq!((page.items.len(), page.strangers, page.next), (2, 0, Some(2)));
    let first = &page.items[0];
    assert_eq!(
        (first.amount.map(|money| money.to_string()), first.status.as_deref()),
        (Some("12.00 EUR".to_owned()), Some("2 Success"))
    );
    let body = body.replace(r#""PageIndex":1"#, r#""PageIndex":2"#);
    let (last, _) = walk(Host::Pay, 2, &body).await;
    assert_eq!(last.expect("a page").next, None, "there is no third");
}

#[tokio::test]
async fn what_was_not_asked_for_is_left_out_and_counted() {
    let items = [
        item(1, "20261031235959", 9),
        item(2, "20261101120000", 9),
        item(3, "20261102000000", 9),
        item(4, "20261101120000", 6),
    ]
    .join(",");
    let (page, _) = walk(Host::Pay, 0, &format!(r#"{{"Payments":[{items}]}}"#)).await;
    let page = page.expect("a page");
    let ids: Vec<u64> = page.items.iter().map(|one| one.at.id.get()).collect();
    assert_eq!(
        (ids, page.strangers),
        (vec![2], 2),
        "the card host's is no stranger, and not this host's"
    );
    let (cards, request) = walk(Host::Cards, 7, &format!(r#"{{"Payments":[{items}]}}"#)).await;
    let cards = cards.expect("a page");
    assert!(request.contains("limit=50&offset=7"), "{request}");
    assert_eq!(
        (cards.items.len(), cards.next),
        (1, Some(11)),
        "counted as they were listed"
    );
}

#[tokio::test]
async fn an_empty_page_is_the_last_and_no_list_is_none() {
    let (page, _) = walk(Host::Pay, 3, r#"{"Payments":[]}"#).await;
    assert_eq!(page.expect("a page").next, None);
    for body in [
        r#"{"Payments":null}"#,
        r#"{"Payments":[],"Error":"later"}"#,
        "[]",
        r#"{"Payments":[{}]}"#,
    ] {
        let (page, _) = walk(Host::Pay, 0, body).await;
        assert!(matches!(page, Err(GatewayError::Garbled { .. })), "{body}: {page:?}");
    }
}
