//! A file of orders, read without anything being sold.

use domain::cart::Cart;
use domain::money::Currency;

use super::sheet::Sheet;

/// What a file holds.
#[derive(Debug)]
pub struct Orders {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them are sold.
    pub sold: usize,
    /// How many are not, each with its reason.
    pub left_out: usize,
    /// The cart of each order, and what its buyer pays in minor units.
    pub carts: Vec<(Cart, i64)>,
}

/// Reads a file as `apportion replay` does.
///
/// # Errors
/// What the person would be told.
pub fn orders(file: &[u8], currency: Currency) -> Result<Orders, String> {
    let sheet = Sheet::read(file, &[], currency).map_err(|error| format!("{error:#}"))?;
    Ok(Orders {
        rows: sheet.rows,
        sold: sheet.lines(),
        left_out: sheet.left_out.len(),
        carts: sheet
            .orders
            .into_iter()
            .map(|order| (order.cart, order.amount))
            .collect(),
    })
}
