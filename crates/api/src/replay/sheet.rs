//! Reading the file: orders that can be sold, and rows that cannot, each with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use domain::ids::SellerId;
use domain::money::Currency;
use serde::Serialize;

use super::columns::{Column, Columns, Field};
use super::decimal::minor_units;
use super::order::{Order, Row};

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// Orders that can be sold, in the order of the file.
    pub orders: Vec<Order>,
    /// Rows that cannot.
    pub left_out: Vec<LeftOut>,
    /// How many rows there are.
    pub rows: u64,
}

/// A row that is not sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct LeftOut {
    /// Where it stands in the file, from 1.
    pub line: u64,
    /// Its order, as far as it can be read.
    pub order: Option<String>,
    /// Why.
    pub reason: String,
}

/// An order as it is gathered.
#[derive(Default)]
struct Gathered {
    rows: Vec<Row>,
    /// Where each of its rows stands, readable or not.
    at: Vec<u64>,
    spoilt_at: Option<u64>,
}

impl Sheet {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read at all, or lacks a column that must be there.
    pub fn read(file: impl Read, columns: &[Column], currency: Currency) -> anyhow::Result<Self> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(file);
        let columns = Columns::find(reader.headers()?, columns).map_err(anyhow::Error::msg)?;
        let mut sheet = Self::default();
        let mut names: Vec<String> = Vec::new();
        let mut gathered: BTreeMap<String, Gathered> = BTreeMap::new();
        let mut record = StringRecord::new();
        loop {
            let at = reader.position().line();
            let outcome = match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => Ok(record.position().map_or(at, csv::Position::line)),
                Err(error) if matches!(error.kind(), ErrorKind::Io(_)) => return Err(error.into()),
                Err(error) => Err(LeftOut {
                    line: at,
                    order: None,
                    reason: error.to_string(),
                }),
            };
            sheet.rows = sheet.rows.saturating_add(1);
            let at = match outcome {
                Ok(at) => at,
                Err(unreadable) => {
                    sheet.left_out.push(unreadable);
                    continue;
                }
            };
            let Some(order) = columns.of(&record, Field::Order) else {
                sheet.left_out.push(LeftOut {
                    line: at,
                    order: None,
                    reason: "it names no order".to_owned(),
                });
                continue;
            };
            let together = gathered.entry(order.to_owned()).or_insert_with(|| {
                names.push(order.to_owned());
                Gathered::default()
            });
            together.at.push(at);
            match row(&record, &columns, at, together.at.len(), currency) {
                Ok(row) => together.rows.push(row),
                Err(reason) => {
                    together.spoilt_at.get_or_insert(at);
                    sheet.left_out.push(LeftOut {
                        line: at,
                        order: Some(order.to_owned()),
                        reason,
                    });
                }
            }
        }
        for name in names {
            if let Some(together) = gathered.remove(&name) {
                sheet.take(name, &together, currency);
            }
        }
        sheet.left_out.sort_by_key(|one| one.line);
        Ok(sheet)
    }

    /// Sells an order whole or not at all: its buyer did not agree to a part of it.
    fn take(&mut self, name: String, together: &Gathered, currency: Currency) {
        let (spoilt_at, reason) = match together.spoilt_at {
            Some(at) => (at, None),
            None => match Order::try_new(&name, &together.rows, currency) {
                Ok(order) => return self.orders.push(order),
                Err((at, reason)) => (at, Some(reason)),
            },
        };
        for row in &together.rows {
            let line = row.at;
            let reason = match &reason {
                Some(reason) if line == spoilt_at => reason.clone(),
                _ => format!("its order cannot be sold, because of line {spoilt_at}"),
            };
            self.left_out.push(LeftOut {
                line,
                order: Some(name.clone()),
                reason,
            });
        }
    }

    /// Everybody who sells something.
    pub fn sellers(&self) -> BTreeSet<SellerId> {
        self.orders.iter().flat_map(Order::sellers).cloned().collect()
    }

    /// How many lines are sold.
    pub fn lines(&self) -> usize {
        self.orders.iter().map(|order| order.lines).sum()
    }
}

fn row(record: &StringRecord, columns: &Columns, at: u64, place: usize, currency: Currency) -> Result<Row, String> {
    let required = |field| columns.of(record, field).ok_or_else(|| format!("it names no {field}"));
    let optional = |field| columns.of(record, field).map(str::to_owned);
    let amount = |field, text| minor_units(text, currency.exponent()).map_err(|why| format!("{field}: {why}"));
    Ok(Row {
        at,
        line: optional(Field::Line).unwrap_or_else(|| place.to_string()),
        seller: required(Field::Seller)?.to_owned(),
        product: optional(Field::Product),
        category: optional(Field::Category),
        price: amount(Field::Price, required(Field::Price)?)?,
        shipping: match columns.of(record, Field::Shipping) {
            Some(text) => amount(Field::Shipping, text)?,
            None => 0,
        },
    })
}

#[cfg(test)]
mod tests;
