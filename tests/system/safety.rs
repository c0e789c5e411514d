//! What may go wrong with a ledger: a file given twice, a program killed at any moment, a record changed behind its
//! back, bad input. Run with the built program, so that what is tested is what is used.
#![allow(missing_docs, reason = "the names of tests are the documentation")]

#[cfg(test)]
mod archive;
#[cfg(test)]
mod books;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod crash_payrun;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod history;
#[cfg(test)]
mod import;
#[cfg(test)]
mod kills_server;
#[cfg(test)]
mod log;
#[cfg(test)]
mod log_crash;
#[cfg(test)]
mod move_crash;
#[cfg(test)]
#[path = "../support/nats_admin.rs"]
mod nats_admin;
#[cfg(test)]
#[path = "../support/nats_server.rs"]
mod nats_server;
#[cfg(test)]
#[path = "../support/port.rs"]
mod port;
#[cfg(test)]
mod program;
#[cfg(test)]
mod tamper;
#[cfg(test)]
mod together;
#[cfg(test)]
#[path = "../../ops/tests/bank/tools.rs"]
mod tools;
#[cfg(test)]
mod views;
