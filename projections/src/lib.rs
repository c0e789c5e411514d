//! What follows from the events: facts, rules, entitlement, payee lines, floor, payments and views.

pub mod engine;
