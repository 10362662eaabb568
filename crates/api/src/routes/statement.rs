//! Statements as CSV, streamed page by page.

use std::pin::Pin;

use actix_web::web::Bytes;
use engine::Error;
use engine::ledger::EntryView;
use futures_util::{Stream, StreamExt, stream};

use crate::problem::Problem;

/// The names of the columns.
const HEADER: [&str; 11] = [
    "id",
    "recorded_at",
    "kind",
    "payment",
    "order",
    "cause",
    "reason",
    "currency",
    "amount",
    "balance_change",
    "balance",
];

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Problem>>>>;

/// The statement's lines. The first page is read before the answer begins, so that what is wrong from the start is a
/// problem and not a broken file.
pub(super) async fn rows(
    pages: impl Stream<Item = Result<Vec<EntryView>, Error>> + 'static,
) -> Result<Chunks, Problem> {
    let mut pages = Box::pin(pages);
    let first = pages.next().await.unwrap_or_else(|| Ok(Vec::new()))?;
    let header = lines(std::iter::once(HEADER.map(str::to_owned)));
    let beginning = stream::iter([Ok(header), Ok(lines(first.iter().map(cells)))]);
    let rest = pages.map(|page| match page {
        Ok(entries) => Ok(lines(entries.iter().map(cells))),
        Err(error) => Err(Problem::from(error)),
    });
    Ok(Box::pin(beginning.chain(rest)))
}

fn lines(rows: impl Iterator<Item = [String; 11]>) -> Bytes {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail, and every row has as many cells.
        let _ = writer.write_record(row);
    }
    Bytes::from(writer.into_inner().unwrap_or_default())
}

fn cells(entry: &EntryView) -> [String; 11] {
    [
        escaped(&entry.id),
        escaped(&entry.recorded_at),
        escaped(&entry.kind),
        escaped(entry.payment.as_deref().unwrap_or_default()),
        escaped(entry.order.as_deref().unwrap_or_default()),
        escaped(&entry.cause),
        escaped(&entry.reason),
        escaped(&entry.currency),
        // Numbers of ours: a minus before them is no formula.
        entry.amount.to_string(),
        entry.balance_change.to_string(),
        entry.balance.to_string(),
    ]
}

/// A cell that no spreadsheet runs as a formula.
fn escaped(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_not_formulas() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+cmd", "'+cmd"),
            ("-o1", "'-o1"),
            ("@x", "'@x"),
            ("o-1", "o-1"),
            ("", ""),
        ] {
            assert_eq!(escaped(text), cell);
        }
    }

    #[test]
    fn rows_are_quoted_where_they_must_be() {
        let row = HEADER.map(|name| {
            if name == "reason" {
                "a, \"b\"".to_owned()
            } else {
                name.to_owned()
            }
        });
        let line = String::from_utf8(lines(std::iter::once(row)).to_vec()).unwrap();
        assert!(line.contains("cause,\"a, \"\"b\"\"\",currency"), "{line}");
    }
}
