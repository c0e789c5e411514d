//! The built program, run as people and other programs run it: what it prints where, and how it ends.
#![allow(missing_docs, reason = "the names of tests are the documentation")]

#[cfg(test)]
mod bad_payments;
#[cfg(test)]
mod bank;
#[cfg(test)]
mod calc;
#[cfg(test)]
#[path = "../support/deployed.rs"]
mod deploy;
#[cfg(test)]
mod deployed;
#[cfg(test)]
mod floor;
#[cfg(test)]
mod held;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod moved;
#[cfg(test)]
#[path = "../support/nats_server.rs"]
mod nats_server;
#[cfg(test)]
mod open_items;
#[cfg(test)]
mod orders_page;
#[cfg(test)]
mod pack;
#[cfg(test)]
mod pay;
#[cfg(test)]
#[path = "../support/port.rs"]
mod port;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod run;
#[cfg(test)]
mod server;
