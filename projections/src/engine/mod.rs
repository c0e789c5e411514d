//! The rule engine: packs of parameters and rules, read from YAML, checked, compiled and run over columns of periods.
//!
//! ```text
//! files -> source -> manifest, parameters, rules (token, parse, ast) -> check -> pack
//! pack -> lower -> tape -> program: run (batch, int), trace, reads
//! pack -> reference: the slow evaluator that the tape is held to
//! ```
//!
//! A rule names facts, rules and parameters (by dotted path), `period_start` and `period_end`. Inside a rule that bears the name of a fact, that name is the fact; everywhere else it is
//! the rule. `check` says which types go together, `ast` how rounding and stepping by months are meant, `tape` why people stand in a column space of their own.
//!
//! Reading files, printing and the clock are the caller's: everything here is a function of text and values.

mod answer;
mod ast;
mod batch;
mod carry;
mod case;
mod case_text;
mod check;
mod civil;
mod diff;
mod error;
mod exact;
mod foreign;
mod int;
mod lower;
mod manifest;
mod model;
mod pack;
mod pack_tests;
mod parameters;
mod parse;
mod program;
mod reads;
mod reference;
mod reform;
mod rulebook;
mod rules;
mod run;
mod script;
mod source;
mod tape;
mod test_step;
mod token;
mod trace;
mod value;

pub use answer::{Answer, Figure, PersonAnswer};
pub use batch::{Batch, Slot};
pub use carry::Chain;
pub use case::{Case, Person};
pub use case_text::{CaseTextError, Expected, StatedCase, read_case, read_cases};
pub use diff::{Change, diff};
pub use error::{BoundSide, CaseError, CaseFault, PackError, Place};
pub use exact::Exact;
pub use model::{AppliesTo, Dated, Input, Leaf, LeafValue, Line, Origin, PayeeRule, Rule, Scope, Ty, Version};
pub use pack::Pack;
pub use pack_tests::{PackTest, TestFailure, TestReport, pack_tests};
pub use program::{LANES, Output, Program, Runner};
pub use reads::{Reads, inert_changes};
pub use reference::reference;
pub use rulebook::{PackRef, Rulebook};
pub use script::Used;
pub use source::PackFiles;
pub use trace::Step;
pub use value::Value;

#[cfg(test)]
mod tests;
