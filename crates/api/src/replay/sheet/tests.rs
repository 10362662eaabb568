//! What files are read as.

use super::*;
use crate::replay::order::{sites, total};

/// Made up for this test.
const FILE: &str = "\
order_id,line,seller_id,product_id,category,price_brl,freight_brl,ship_by
o-1,1,azul,p-1,garden_tools,58.9,13.29,1/1/2030 9:45
o-2,1,azul,p-2,,10,0.5,
o-2,2,verde,p-3,toys,20.05,1.25,
o-2,3,azul,p-2,,10,0.5,
o-3,1,verde,p-4,toys,0,0,
o-4,1,verde,p-4,toys,12.345,0,
o-4,2,verde,p-5,toys,1.00,0,
,1,verde,p-4,toys,1,0,
o-5,1,,p-4,toys,1,0,
o-6,1,verde,p-4,toys,free,0,
o-7,1,verde
o 8,1,verde,p-4,toys,1,0,
o-9,1,azul,p-1,,5,0,
o-9,1,azul,p-1,,5,0,
o-10,1,verde,p-6,toys,0,4.00,
";

fn brl() -> Currency {
    "BRL".parse().unwrap()
}

fn sheet() -> Sheet {
    Sheet::read(FILE.as_bytes(), &[], brl()).unwrap()
}

#[test]
fn orders_become_carts() {
    let sheet = sheet();
    let ids: Vec<&str> = sheet.orders.iter().map(|order| order.id.as_str()).collect();
    assert_eq!(ids, ["o-1", "o-2", "o-10"]);
    assert_eq!((sheet.rows, sheet.lines()), (15, 5));
    assert_eq!(total(&sheet.orders), 5890 + 1329 + 4005 + 225 + 400);

    let cart = &sheet.orders[1].cart;
    let lines: Vec<_> = cart
        .lines()
        .iter()
        .map(|line| (line.id().as_str(), line.seller().as_str(), line.price().get()))
        .collect();
    assert_eq!(lines, [("1", "azul", 1000), ("2", "verde", 2005), ("3", "azul", 1000)]);
    let shipping: Vec<_> = cart
        .shipping()
        .iter()
        .map(|one| (one.seller().as_str(), one.amount().get()))
        .collect();
    assert_eq!(shipping, [("azul", 100), ("verde", 125)]);
    assert_eq!(cart.lines()[1].name(), "toys");
    assert_eq!(sheet.orders[0].cart.lines()[0].category(), Some("garden_tools"));
    assert_eq!(sheet.orders[0].cart.lines()[0].sku(), Some("p-1"));
}

#[test]
fn what_cannot_be_sold_is_said_by_line() {
    let told: Vec<(u64, Option<String>, String)> = sheet()
        .left_out
        .into_iter()
        .map(|one| (one.line, one.order, one.reason))
        .collect();
    let lines: Vec<u64> = told.iter().map(|(line, ..)| *line).collect();
    assert_eq!(lines, [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    let of = |line: u64| {
        told.iter()
            .find(|(at, ..)| *at == line)
            .map(|(_, order, reason)| (order.as_deref(), reason.as_str()))
    };
    assert_eq!(of(6), Some((Some("o-3"), "there is nothing to pay")));
    assert_eq!(of(7), Some((Some("o-4"), "price: \"12.345\" has more than 2 decimals")));
    assert_eq!(
        of(8),
        Some((Some("o-4"), "its order cannot be sold, because of line 7"))
    );
    assert_eq!(of(9), Some((None, "it names no order")));
    assert_eq!(of(10), Some((Some("o-5"), "it names no seller")));
    assert_eq!(of(12), Some((Some("o-7"), "it names no price")));
    assert!(of(13).unwrap().1.contains("not an order id"));
    assert!(of(14).is_some() && of(15).is_some());
}

#[test]
fn columns_can_be_named() {
    let file = "Nr;x\n".replace(';', ",") + "1,2\n";
    let missing = Sheet::read(file.as_bytes(), &[], brl()).unwrap_err().to_string();
    assert!(
        missing.contains("order_id") && missing.contains("--column order=NAME"),
        "{missing}"
    );

    let file = "Nr,Shop,Sum\nA,s1,1.50\nA,s1,2\n";
    let columns: Vec<Column> = ["order=Nr", "seller=Shop", "price=Sum"]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
    let sheet = Sheet::read(file.as_bytes(), &columns, brl()).unwrap();
    assert_eq!(sheet.orders[0].amount, 350);
    assert_eq!(sheet.orders[0].cart.lines()[1].id().as_str(), "2");
    assert!("prize=Sum".parse::<Column>().is_err() && "price".parse::<Column>().is_err());
}

#[test]
fn names_are_derived_and_stay() {
    let sheet = sheet();
    assert_eq!(sheet.orders[0].key(), "replay-o-1");
    let accounts = sites(&sheet.sellers(), None);
    assert_eq!(accounts, sites(&sheet.sellers(), None));
    let numbers: BTreeSet<_> = accounts.values().collect();
    assert_eq!(numbers.len(), 2);
    let (azul, first) = accounts.first_key_value().unwrap();
    assert_eq!(azul.as_str(), "azul");
    // A file with other sellers beside it gives it the same one.
    let alone = sites(&BTreeSet::from([azul.clone()]), None);
    assert_eq!(alone.get(azul), Some(first));
    // Unless that is the marketplace's own.
    let moved = sites(&BTreeSet::from([azul.clone()]), Some(*first));
    assert_ne!(moved.get(azul), Some(first));
}
