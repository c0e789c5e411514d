//! What may happen, and that it did: commands, decisions, one write path, and the stores that keep the stream.
//!
//! Text becomes a typed [`Command`]; [`Ledger::submit`] loads what it rests on, decides, and appends the events to a
//! [`Store`]. Nothing here reads a clock or draws a random number: both come in as values.

pub mod advance;
pub mod approvals;
pub mod archive;
pub mod assessment;
pub mod bank;
pub mod claim;
pub mod command;
pub mod contract;
pub mod debt;
pub mod dispute;
pub mod embedded;
pub mod group;
pub mod hardship;
pub mod identity;
pub mod income;
pub mod jetstream;
pub mod kept_back;
pub mod log;
pub mod memory;
pub mod moving;
pub mod order;
mod overpaid;
pub mod pack;
pub mod payment;
mod payment_due;
pub mod person;
mod receiver;
pub mod run;
pub mod sanction;
pub mod sanction_days;
pub mod sanction_length;
pub mod store;
#[cfg(test)]
mod testing;
pub mod transfer;
#[cfg(test)]
mod transfer_tests;
pub mod vault;
pub mod verify;
#[cfg(test)]
mod verify_tests;
pub mod world;
pub mod write;
#[cfg(test)]
mod write_tests;

pub use command::{Command, CommandError};
pub use embedded::{EmbeddedStore, OpenError};
pub use jetstream::JetStreamStore;
pub use memory::MemoryStore;
pub use order::{Confidential, Order};
pub use store::{AppendError, Appended, Contiguous, Gap, Head, Message, ReadError, Reader, Store, Stored};
pub use transfer::{Progress, TransferError};
pub use vault::{Salts, Seal, Vault, VaultError};
pub use verify::{Finding, Problem, Report};
pub use world::{History, Refusal, World};
pub use write::{Ledger, Outcome, WriteError};
