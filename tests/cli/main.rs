//! The built program, run as people and other programs run it: what it prints where, and how it ends.
#![allow(missing_docs, reason = "the names of tests are the documentation")]

mod calc;
mod floor;
mod pack;
mod refusals;
mod run;
