//! The rule engine: packs of parameters and rules, read from YAML, checked, compiled and run over columns of periods.

mod answer;
mod ast;
mod batch;
mod case;
mod case_text;
mod check;
mod civil;
mod diff;
mod error;
mod exact;
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
mod source;
mod tape;
mod token;
mod trace;
mod value;

pub use answer::{Answer, Figure, PersonAnswer};
pub use batch::{Batch, Slot};
pub use case::{Case, Person};
pub use case_text::{CaseTextError, Expected, StatedCase, read_case, read_cases};
pub use diff::{Change, diff};
pub use error::{BoundSide, CaseError, CaseFault, PackError, Place};
pub use exact::Exact;
pub use model::{AppliesTo, Dated, Input, Leaf, LeafValue, Line, PayeeRule, Rule, Scope, Ty, Version};
pub use pack::Pack;
pub use pack_tests::{PackTest, TestReport, pack_tests};
pub use program::{LANES, Output, Program, Runner};
pub use reads::{Reads, inert_changes};
pub use reference::reference;
pub use rulebook::{PackRef, Rulebook};
pub use source::PackFiles;
pub use trace::{Step, Used};
pub use value::Value;

#[cfg(test)]
mod tests;
