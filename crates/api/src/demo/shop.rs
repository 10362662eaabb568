//! The marketplace of the story: its sellers, their agreements, and what a buyer puts into the cart.

use serde_json::{Value, json};

/// A seller of the story.
#[derive(Debug)]
pub(super) struct Seller {
    pub id: &'static str,
    pub name: &'static str,
    /// Its account at the gateway.
    pub site: u32,
    /// Its fee plan.
    pub plan: &'static str,
    /// The plan in words.
    pub terms: &'static str,
}

/// A line of the cart.
#[derive(Debug)]
pub(super) struct Item {
    pub id: &'static str,
    pub seller: &'static str,
    pub name: &'static str,
    pub quantity: i64,
    /// Minor units.
    pub unit_price: i64,
    pub category: &'static str,
}

/// A discount of the cart.
#[derive(Debug)]
pub(super) struct Discount {
    pub id: &'static str,
    /// What it is, and who pays for it.
    pub words: &'static str,
}

/// What everything is priced in.
pub(super) const CURRENCY: &str = "EUR";
/// The gateway's method: paid in one step.
pub(super) const METHOD: u32 = 9;
/// Where the buyer comes back to.
pub(super) const RETURN_URL: &str = "https://shop.example/thanks";

/// In the order of their ids, as the API lists them.
pub(super) const SELLERS: [Seller; 3] = [
    Seller {
        id: "folio",
        name: "Folio Books",
        site: 33_514,
        plan: "books",
        terms: "8 % + 0.25 EUR of books, 15 % of anything else",
    },
    Seller {
        id: "kiln",
        name: "Kiln & Clay",
        site: 33_513,
        plan: "crafts",
        terms: "12 % of each line and its shipping, at least 1.00 EUR",
    },
    Seller {
        id: "lumen",
        name: "Lumen Lights",
        site: 33_512,
        plan: "standard",
        terms: "15 % of each line",
    },
];

pub(super) const ITEMS: [Item; 5] = [
    Item {
        id: "atlas",
        seller: "folio",
        name: "Island atlas",
        quantity: 1,
        unit_price: 3400,
        category: "books",
    },
    Item {
        id: "mark",
        seller: "folio",
        name: "Bookmark",
        quantity: 1,
        unit_price: 240,
        category: "paper",
    },
    Item {
        id: "mug",
        seller: "kiln",
        name: "Stoneware mug",
        quantity: 4,
        unit_price: 1225,
        category: "home",
    },
    Item {
        id: "bulb",
        seller: "lumen",
        name: "Light bulb",
        quantity: 3,
        unit_price: 450,
        category: "home",
    },
    Item {
        id: "lamp",
        seller: "lumen",
        name: "Desk lamp",
        quantity: 2,
        unit_price: 1999,
        category: "home",
    },
];

/// Shipping by seller, in minor units.
pub(super) const SHIPPING: [(&str, i64); 3] = [("folio", 320), ("kiln", 650), ("lumen", 490)];

pub(super) const DISCOUNTS: [Discount; 2] = [
    Discount {
        id: "welcome",
        words: "Welcome: 5.00 EUR off, paid by the marketplace",
    },
    Discount {
        id: "spring",
        words: "Spring sale: 10 % off Lumen's goods, paid by Lumen",
    },
];

/// The marketplace's own account at the gateway, as the sandbox profile has it.
pub(super) const MARKETPLACE_SITE: u32 = 33_511;

/// The fee of the marketplace, in minor units.
pub(super) const FEE: (&str, i64) = ("service", 99);

/// The fee plans, as an administrator writes them.
pub(super) fn plans() -> [(&'static str, Value); 3] {
    [
        (
            "standard",
            json!({ "rules": [{ "percent_bp": 1500, "applies_to": "items" }] }),
        ),
        (
            "crafts",
            json!({ "rules": [{ "percent_bp": 1200, "min": { "EUR": 100 }, "applies_to": "items_and_shipping" }] }),
        ),
        (
            "books",
            json!({ "rules": [
                { "match": { "categories": ["books"] }, "percent_bp": 800, "fixed": { "EUR": 25 }, "applies_to": "items" },
                { "percent_bp": 1500, "applies_to": "items" },
            ] }),
        ),
    ]
}

/// The cart, as a storefront sends it.
pub(super) fn cart() -> Value {
    let lines: Vec<Value> = ITEMS.iter().map(line).collect();
    let shipping: Vec<Value> = SHIPPING
        .iter()
        .map(|(seller, amount)| json!({ "seller": seller, "amount": amount }))
        .collect();
    json!({
        "currency": CURRENCY,
        "lines": lines,
        "shipping": shipping,
        "discounts": [
            { "id": "welcome", "amount": 500, "applies_to": { "cart": true }, "funded_by": "marketplace" },
            { "id": "spring", "percent_bp": 1000, "applies_to": { "seller": "lumen" }, "funded_by": "seller" },
        ],
        "fees": [{ "id": FEE.0, "amount": FEE.1 }],
    })
}

/// A cart of a few lines, without shipping, discounts and fees.
pub(super) fn cart_of(items: &[&str]) -> Value {
    let wanted = ITEMS.iter().filter(|item| items.contains(&item.id));
    let lines: Vec<Value> = wanted.map(line).collect();
    json!({ "currency": CURRENCY, "lines": lines })
}

/// A payment, as a storefront asks for it.
pub(super) fn payment(order: &str, cart: &Value) -> Value {
    json!({
        "order": order,
        "cart": cart,
        "method_id": METHOD,
        "return_url": RETURN_URL,
        "description": format!("Order {order}"),
        "customer": { "email": "ada@example.org", "first_name": "Ada", "last_name": "Buyer" },
    })
}

/// The same, but for these fields.
pub(super) fn but(mut body: Value, fields: Value) -> Value {
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
        body.extend(fields);
    }
    body
}

/// What people call a party.
pub(super) fn name(party: &str) -> &str {
    SELLERS
        .iter()
        .find(|seller| seller.id == party)
        .map_or("Marketplace", |seller| seller.name)
}

fn line(item: &Item) -> Value {
    json!({
        "id": item.id,
        "seller": item.seller,
        "name": item.name,
        "quantity": item.quantity,
        "unit_price": item.unit_price,
        "category": item.category,
    })
}
