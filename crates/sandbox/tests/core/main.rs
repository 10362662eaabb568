//! The core without sockets, against the gateway's documents.

#[cfg(test)]
mod control;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod list;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod pay_page;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod world;
