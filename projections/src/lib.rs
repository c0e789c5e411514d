//! What follows from the events: facts as timelines, the rules, entitlement, payee lines, the protected floor, payment
//! plans, and the read models that keep all of it at hand. Pure, but for the stored read models.

pub mod arrears;
pub mod award_end;
pub mod bank_files;
pub mod books;
pub mod child_benefit;
pub mod creditors;
pub mod daily;
mod debt_kinds;
pub mod debts;
pub mod deductions;
pub mod describe;
pub mod diary;
pub mod engine;
pub mod entitlement;
pub mod facts;
pub mod floor;
pub mod law;
pub mod lent;
pub mod lines;
pub mod means;
pub mod notice;
pub mod outstanding;
pub mod part_periods;
pub mod pay;
pub mod payees;
pub mod payments;
pub mod plan;
pub mod published;
pub mod redecide;
pub mod rivals;
pub mod runs;
pub mod sanctions;
pub mod statement;
pub mod topups;
pub mod verdict;
pub mod views;
