//! Histories that the ledger accepts, and what the books say of them.

mod generated;
mod told;
mod worked;
