//! The rule engine: packs of parameters and rules, read from YAML, checked, compiled and run over columns of periods.

mod answer;
mod ast;
mod batch;
mod case;
mod check;
mod civil;
mod error;
mod exact;
mod int;
mod lower;
mod manifest;
mod model;
mod pack;
mod parameters;
mod parse;
mod program;
mod reference;
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
pub use error::{BoundSide, CaseError, CaseFault, PackError, Place};
pub use exact::Exact;
pub use model::{AppliesTo, Dated, Input, Leaf, LeafValue, Line, PayeeRule, Rule, Scope, Ty, Version};
pub use pack::Pack;
pub use program::{LANES, Output, Program, Runner};
pub use reference::reference;
pub use source::PackFiles;
pub use trace::{Step, Used};
pub use value::Value;

#[cfg(test)]
mod tests;
