//! What follows from the events: facts as timelines, the rules, entitlement, payee lines, the protected floor, payment
//! plans, and the read models that keep all of it at hand. Pure, but for the stored read models.

pub mod engine;
pub mod facts;
pub mod floor;
pub mod lines;
pub mod views;
