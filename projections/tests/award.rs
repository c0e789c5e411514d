//! What the shipped law of Universal Credit gives, whoever asks: laws of every award, and the whole award stated a second time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

#[path = "award/any.rs"]
mod any;
#[path = "award/couples.rs"]
mod couples;
#[path = "award/deductions.rs"]
mod deductions;
#[path = "award/earnings.rs"]
mod earnings;
#[path = "award/household.rs"]
mod household;
#[path = "award/income.rs"]
mod income;
#[path = "award/maximum.rs"]
mod maximum;
#[path = "award/money_paid.rs"]
mod money_paid;
#[path = "award/rates.rs"]
mod rates;
#[path = "award/second_statement.rs"]
mod second_statement;
