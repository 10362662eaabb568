//! How the command line shows figures to people: money as it is written, columns that line up, colours on a terminal.

mod money;
mod table;
mod text;

pub(crate) use money::{figure, grouped, money};
pub(crate) use table::{Align, Table};
pub(crate) use text::{WIDTH, wrapped};
