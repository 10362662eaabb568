//! Files of orders, and configuration.

use super::{Target, texts};
use api::config::{Config, Sources};
use api::outside;
use domain::money::{Currency, LIMIT};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Files of orders.
pub const ORDERS: Target = Target {
    name: "orders_csv",
    read: replayed,
    seeds: || {
        texts(&[
            "order_id,line,seller_id,product_id,category,price_brl,freight_brl,ship_by\n\
             o1,1,s1,p1,home,58.90,13.29,2017-09-19\no1,2,s2,p2,,10,0,\no2,1,s1,p1,home,0.07,,\n",
            "order_id,seller_id,price_brl\n\"o,1\",s1,\"1.50\"\no2,s2,x\no3,s1,1\no3,,1\n",
            "order_id,line,seller_id,product_id,category,price_brl,freight_brl\r\no1,1,s1,p1,home,99999999.99,1\r\no1,2,s1,p,h,1,1\r\n",
        ])
    },
    weight: 25,
};

/// Settings as an environment gives them: a name and a value a line.
pub const CONFIGURATION: Target = Target {
    name: "configuration",
    read: configured,
    seeds: || {
        texts(&[
            "APPORTION__SERVER__LISTEN=127.0.0.1:0\nAPPORTION__GATEWAY__TIMEOUT_MS=1500\nAPPORTION__GATEWAY__SITE_ID=30201",
            "APPORTION__GATEWAY__METHODS__9__STEPS=1\nAPPORTION__GATEWAY__CONFIRMED_CURRENCIES=JPY,KWD",
            "APPORTION__RECOVERY__INTERVAL_MS=20\nAPPORTION__DATABASE__URL=sqlite://x.db\nAPPORTION__DATABASE__BATCH_MAX=1",
            "APPORTION_PROFILE=production\nAPPORTION__INSTALLATION=x",
        ])
    },
    weight: 1,
};

/// The secrets of a configuration: no complaint about it may repeat them.
const SECRETS: [(&str, &str); 2] = [
    ("APPORTION__GATEWAY__API_KEY", "nobody-may-see-this-key"),
    ("APPORTION__AUTH__BOOTSTRAP_ADMIN_KEY", "nobody-may-see-that-key"),
];

/// Every row is sold or left out with a reason, and every buyer pays what the rows come to.
fn replayed(file: &[u8]) {
    let currency: Currency = "BRL".parse().expect("a currency");
    let Ok(orders) = outside::orders(file, currency) else {
        return;
    };
    let told = u64::try_from(orders.sold + orders.left_out).expect("a file has fewer rows");
    assert_eq!(told, orders.rows, "a row was lost, or told twice");
    for (cart, amount) in &orders.carts {
        let lines = cart.lines().iter().map(|line| line.price().get());
        let shipping = cart.shipping().iter().map(|shipping| shipping.amount().get());
        assert_eq!(lines.chain(shipping).sum::<i64>(), *amount);
        assert!((1..=LIMIT.get()).contains(amount), "{amount} is sold");
    }
}

fn configured(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let given = text.lines().filter_map(|line| line.split_once('='));
    let given = given
        .chain(SECRETS)
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment: BTreeMap<String, String> = given.filter(|(name, _)| !name.ends_with("_FILE")).collect();
    let sources = Sources {
        directory: PathBuf::from("\0"),
        environment,
        profile: None,
        flags: Vec::new(),
    };
    let shown = match Config::load(&sources) {
        Ok(config) => format!("{config:?}"),
        Err(mistakes) => mistakes.to_string(),
    };
    for (_, secret) in SECRETS {
        assert!(!shown.contains(secret), "a secret is shown: {shown}");
    }
}
