//! The list of payments: filters, order, pages.

use super::world::{SECOND, World, asked};
use serde_json::json;

#[test]
fn lists_are_filtered_sorted_and_paged() {
    let mut world = World::new();
    for (at, (currency, amount, method)) in [("EUR", 300, 9), ("USD", 100, 9), ("EUR", 200, 40)].iter().enumerate() {
        let mut request = asked(&format!("ref-{at}"));
        request["Payment"]["Currency"] = json!(currency);
        request["Payment"]["Amount"] = json!(amount);
        request["Payment"]["MethodID"] = json!(method);
        assert_eq!(world.call("POST", "/v1/payments", &request).0, 201);
        world.now += SECOND;
    }
    let mut list = |query: &str| {
        let (status, page) = world.call("GET", &format!("/v1/payments?{query}"), "");
        assert_eq!(status, 200, "{page}");
        let payments = page["Payments"].as_array().unwrap();
        let found: Vec<String> = payments
            .iter()
            .map(|p| p["MerchantTransactionID"].as_str().unwrap()[4..].to_owned())
            .collect();
        found.concat()
    };
    assert_eq!(list(""), "210");
    assert_eq!(list("sortDirection=asc"), "012");
    assert_eq!(list("sortBy=amount&SortDirection=ASC"), "120");
    assert_eq!(list("currency=eur"), "20");
    assert_eq!(list("minimumAmount=150&maximumAmount=250"), "2");
    assert_eq!(list("methodID=9"), "10");
    assert_eq!(list("country=ro&statusID=1"), "210");
    assert_eq!(list("statusid=2"), "");
    assert_eq!(list("typeID=2"), "");
    assert_eq!(list("merchanttransactionid=ref-1"), "1");
    assert_eq!(list("merchantTransactionID=ref-1&currency=EUR"), "");
    assert_eq!(list("startDate=20201202122952"), "21");
    assert_eq!(list("endDate=20201202122952"), "10");
    assert_eq!(list("pagesize=2&pageindex=2"), "0");
    let (_, page) = world.call("GET", "/v1/payments?pageSize=2", "");
    let envelope =
        ["TotalPages", "PageSize", "PageIndex", "Count", "TotalCount"].map(|name| page[name].as_u64().unwrap());
    assert_eq!(envelope, [2, 2, 1, 2, 3]);
    assert!(page["Payments"][0].get("Splits").is_none(), "details are limited");
    assert_eq!(world.call("GET", "/v1/payments?startDate=yesterday", "").0, 400);
    world.config(json!({"list_omits_details": false}));
    let (_, page) = world.call("GET", "/v1/payments?pageSize=1", "");
    assert_eq!(page["Payments"][0]["Splits"].as_array().unwrap().len(), 3);
}
