//! Which column of the file is which.

use std::fmt;
use std::str::FromStr;

use csv::StringRecord;

/// What an order's row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The order it belongs to.
    Order,
    /// Its line within the order; without this column, lines are numbered.
    Line,
    /// Who sold it.
    Seller,
    /// What was sold.
    Product,
    /// What kind of thing it is.
    Category,
    /// Its price.
    Price,
    /// What bringing it costs.
    Shipping,
}

/// A field and the column it stands in, as a flag names them: `price=unit_price`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    field: Field,
    name: String,
}

/// The places of the fields in a record.
#[derive(Clone, Debug)]
pub(super) struct Columns([Option<usize>; FIELDS.len()]);

/// Every field, its name in flags, the column it stands in unless a flag says otherwise, and whether there must be one.
const FIELDS: [(Field, &str, &str, bool); 7] = [
    (Field::Order, "order", "order_id", true),
    (Field::Line, "line", "line", false),
    (Field::Seller, "seller", "seller_id", true),
    (Field::Product, "product", "product_id", false),
    (Field::Category, "category", "category", false),
    (Field::Price, "price", "price_brl", true),
    (Field::Shipping, "shipping", "freight_brl", false),
];

impl Columns {
    /// Finds the fields in a file's heading.
    pub fn find(heading: &StringRecord, given: &[Column]) -> Result<Self, String> {
        let mut places = [None; FIELDS.len()];
        for (place, (field, flag, usual, required)) in places.iter_mut().zip(FIELDS) {
            let chosen = given.iter().find(|column| column.field == field);
            let name = chosen.map_or(usual, |column| column.name.as_str());
            *place = heading.iter().position(|cell| cell.trim() == name);
            if place.is_none() && (required || chosen.is_some()) {
                let columns: Vec<&str> = heading.iter().collect();
                return Err(format!(
                    "the file has no column {name:?}; it has {}. Name the right one with --column {flag}=NAME",
                    columns.join(", ")
                ));
            }
        }
        Ok(Self(places))
    }

    /// What a record says of a field; nothing if the column is not there or empty.
    pub fn of<'r>(&self, record: &'r StringRecord, field: Field) -> Option<&'r str> {
        let places = FIELDS.iter().zip(self.0);
        let place = places
            .into_iter()
            .find_map(|((one, ..), place)| place.filter(|_| *one == field))?;
        record.get(place).map(str::trim).filter(|text| !text.is_empty())
    }
}

impl FromStr for Column {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = || FIELDS.map(|(_, flag, ..)| flag).join(", ");
        let (flag, name) = text
            .split_once('=')
            .ok_or_else(|| format!("FIELD=NAME, FIELD being one of {}", words()))?;
        let known = FIELDS.iter().find(|(_, known, ..)| *known == flag);
        let (field, ..) = known.ok_or_else(|| format!("no field {flag:?}; there are {}", words()))?;
        Ok(Self {
            field: *field,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = FIELDS.iter().find(|(field, ..)| field == self);
        f.write_str(known.map_or("", |(_, flag, ..)| flag))
    }
}
