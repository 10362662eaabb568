//! The core without sockets, against the gateway's documents.

#[cfg(test)]
mod acts;
#[cfg(test)]
mod add_splits;
#[cfg(test)]
mod any_order;
#[cfg(test)]
mod captures;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod control;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod later_documents;
#[cfg(test)]
mod list;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod pay_page;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod world;
