//! What buyers buy.

use serde_json::{Value, json};

/// Three sellers, their plan, and the sites that receive for them.
pub const SELLERS: [(&str, &str, u32); 3] = [
    ("s1", "Lamps and more", 33513),
    ("s2", "Rugs", 33512),
    ("s3", "Plants", 33510),
];
/// The site of the marketplace's share.
pub const COMMISSION_SITE: u32 = 33511;
/// The commission of every seller: 15 %.
pub const FEE_PLAN: &str = "standard";

/// A lamp, a rug and a plant, of three sellers, with shipping and a fee: the buyer pays 100.00.
pub fn three_sellers() -> Value {
    json!({
        "currency": "EUR",
        "lines": [
            {"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 2, "unit_price": 1999, "category": "home", "sku": "L-1"},
            {"id": "l2", "seller": "s2", "name": "Rug", "quantity": 1, "unit_price": 4250},
            {"id": "l3", "seller": "s3", "name": "Plant", "quantity": 3, "unit_price": 350},
        ],
        "shipping": [{"seller": "s1", "amount": 490}],
        "fees": [{"id": "service", "amount": 212}],
    })
}

/// One thing of one seller.
pub fn one_lamp() -> Value {
    json!({"currency": "EUR", "lines": [{"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 1, "unit_price": 1999}]})
}

/// The worked example of the rules: two lamps, shipping, two discounts and a fee; the buyer pays 36.87.
pub fn worked_example() -> Value {
    json!({
        "currency": "EUR",
        "lines": [{"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 2, "unit_price": 1999, "category": "home", "sku": "L-1"}],
        "shipping": [{"seller": "s1", "amount": 490}],
        "discounts": [
            {"id": "d1", "amount": 500, "applies_to": {"cart": true}, "funded_by": "marketplace"},
            {"id": "d2", "percent_bp": 1000, "applies_to": {"seller": "s1"}, "funded_by": "seller"},
        ],
        "fees": [{"id": "service", "amount": 99}],
    })
}

/// A payment of this cart for this order, as a storefront asks for it.
pub fn payment(order: &str, cart: &Value) -> Value {
    json!({
        "order": order,
        "cart": cart,
        "method_id": 9,
        "return_url": "https://shop.example/thanks",
        "description": format!("Order {order}"),
        "customer": {"id": "customer-7", "email": "ana@example.org", "first_name": "Ana", "last_name": "Pop"},
        "billing_address": {"country": "RO"},
    })
}

#[cfg(test)]
mod tests {
    use super::three_sellers;

    #[test]
    fn the_cart_of_three_sellers_comes_to_a_hundred() {
        let cart = three_sellers();
        let lines = cart["lines"].as_array().unwrap();
        let lines: i64 = lines
            .iter()
            .map(|l| l["quantity"].as_i64().unwrap() * l["unit_price"].as_i64().unwrap())
            .sum();
        assert_eq!(lines + 490 + 212, 10_000);
    }
}
