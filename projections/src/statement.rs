//! How an award was reached, line by line, as a person or a tribunal reads it.

use std::fmt;

use schemas::Citation;

use crate::engine::{Exact, Step, Ty};

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The rule.
    pub rule: String,
    /// The person it is about, where it belongs to one.
    pub person: Option<String>,
    /// What the rule says, values filled in.
    pub says: String,
    /// What it came to.
    pub value: String,
    /// The exact value before it was rounded, where that differs.
    pub unrounded: Option<String>,
    /// The law it rests on.
    pub cite: Option<Citation>,
    /// Facts nobody stated, so that the pack's default stood for them.
    pub defaults: Vec<String>,
}

/// The lines of a computation: amounts that are not nil, and everything where `all` is asked for.
pub fn statement(steps: &[Step], all: bool) -> Vec<StatementLine> {
    let shown = |step: &&Step| all || (step.value.ty == Ty::Money && step.value.exact != Exact::ZERO);
    steps.iter().filter(shown).map(line).collect()
}

fn line(step: &Step) -> StatementLine {
    let unrounded = step.unrounded.filter(|exact| *exact != step.value.exact).map(|exact| exact.to_string());
    StatementLine {
        rule: step.id.to_string(),
        person: step.person.as_deref().map(str::to_string),
        says: step.say.as_deref().map_or_else(|| step.id.replace('_', " "), str::to_string),
        value: step.value.text.clone(),
        unrounded,
        cite: step.cite.as_deref().cloned(),
        defaults: step.used_default.iter().map(ToString::to_string).collect(),
    }
}

impl fmt::Display for StatementLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let person =
            self.person.as_deref().map(|person| format!(" ({})", crate::describe::short(person))).unwrap_or_default();
        let what = format!("{}{person}", self.rule.replace('_', " "));
        write!(f, "{what:<44} {:>10}", self.value)?;
        if let Some(cite) = &self.cite {
            write!(f, "  {cite}")?;
        }
        if let Some(unrounded) = &self.unrounded {
            write!(f, "; before rounding {unrounded}")?;
        }
        if self.says != self.rule.replace('_', " ") {
            write!(f, "\n    {}", self.says)?;
        }
        if !self.defaults.is_empty() {
            write!(f, "\n    not stated, so taken as usual: {}", self.defaults.join(", "))?;
        }
        Ok(())
    }
}
