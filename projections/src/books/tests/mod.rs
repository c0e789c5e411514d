//! Histories that the ledger accepts, and what the books say of them.

mod generated;
mod suspense;
mod told;
mod worked;
