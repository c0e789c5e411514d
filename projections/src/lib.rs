//! What follows from the events: pure folds over facts and payments, and the read models made from them.

pub mod floor;
