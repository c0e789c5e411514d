//! Whole-system tests, in one binary: the parts together, as their users use them.
#![allow(missing_docs, reason = "the names of tests are the documentation")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "system/cases.rs"]
mod cases;
#[path = "system/dates.rs"]
mod dates;
#[path = "system/events_schema.rs"]
mod events_schema;
#[path = "system/rates.rs"]
mod rates;
#[path = "system/reforms.rs"]
mod reforms;
#[path = "system/shape.rs"]
mod shape;
