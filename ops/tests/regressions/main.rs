//! What an independent read found wrong, each told on a real ledger as the law or the system has it.
//!
//! Figures are worked by hand from the rates of 2026/27 (SI 2026/148): 424.90 for one, 666.97 for two (333.48 and 333.49),
//! 303.94 for a child; a period's award is due seven days after its last day (SI 2013/380 reg. 47(2)).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod arrears;
mod because;
mod benefits;
mod claims;
mod debts;
mod floors;
mod income;
mod notice;
mod pay_days;
mod payments;
mod records;
mod recovered;
mod replays;
mod returned;
mod sanctions;
mod sent_again;
mod suspended;
mod told;
mod topups;
