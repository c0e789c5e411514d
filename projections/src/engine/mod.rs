//! The rule engine: packs of parameters and rules, read from YAML, checked, compiled and run over columns of periods.

mod answer;
mod ast;
mod case;
mod check;
mod civil;
mod error;
mod exact;
mod manifest;
mod model;
mod pack;
mod parameters;
mod parse;
mod reference;
mod rules;
mod source;
mod token;
mod value;

pub use answer::{Answer, Figure, PersonAnswer};
pub use case::{Case, Person};
pub use error::{BoundSide, CaseError, CaseFault, PackError, Place};
pub use exact::Exact;
pub use model::{AppliesTo, Dated, Input, Leaf, LeafValue, Line, PayeeRule, Rule, Scope, Ty, Version};
pub use pack::Pack;
pub use reference::reference;
pub use source::PackFiles;
pub use value::Value;

#[cfg(test)]
mod tests;
