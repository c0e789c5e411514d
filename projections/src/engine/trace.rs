//! The steps of a computation, read off the registers that made it.

use jiff::civil::Date;
use schemas::{Citation, Confidence};

use super::answer::Figure;
use super::batch::Batch;
use super::case::{Case, Held};
use super::civil::date_of;
use super::error::{CaseError, CaseFault, PackError};
use super::exact::Exact;
use super::lower::Tape;
use super::model::{AppliesTo, Kind, LeafValue, Origin, Rule, SayPart, Scope, Ty, Version};
use super::program::{LANES, Program, Runner};
use super::value::show;

/// One rule worked out for a case or for a person of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub id: String,
    /// The person it was worked out for, where it belongs to persons.
    pub person: Option<String>,
    /// The rule's sentence with its values filled in.
    pub say: Option<String>,
    /// The formula as the pack writes it, in the version in force.
    pub formula: String,
    /// The value.
    pub value: Figure,
    /// The exact value before rounding, where rounding is the last thing the rule does.
    pub unrounded: Option<Exact>,
    /// The law it rests on.
    pub cite: Option<Citation>,
    /// How well that law is supported.
    pub confidence: Option<Confidence>,
    /// Facts the formula names that were not stated, so that the pack's default stood for them.
    pub used_default: Vec<String>,
    /// The parameters the formula names, with the values in force.
    pub parameters: Vec<Used>,
}

/// A parameter's value in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The parameter.
    pub path: String,
    /// Day from which the value is in force.
    pub from: Date,
    /// The value as people read it.
    pub text: String,
    /// Where the law says so: for this value, or else for the parameter.
    pub cite: Option<Citation>,
}

impl Program {
    /// Works out one case and shows every rule of the pack that could be worked out, each after those it needs.
    ///
    /// # Errors
    /// As for the case's answer: a missing or wrong fact, or an output that a rule could not give.
    pub fn trace(&self, case: &Case) -> Result<Vec<Step>, CaseError> {
        let mut steps = self.trace_all(std::slice::from_ref(case));
        steps.pop().unwrap_or_else(|| Ok(Vec::new()))
    }

    /// The same for many cases, which costs less for each; answers stand in the order of the cases.
    pub fn trace_all(&self, cases: &[Case]) -> Vec<Result<Vec<Step>, CaseError>> {
        let tape = match self.traced() {
            Ok(tape) => tape,
            Err(error) => return cases.iter().map(|case| Err(self.cannot_trace(case, &error))).collect(),
        };
        let (mut batch, mut runner) = (self.batch_of(tape), Runner::of_tape(self, tape));
        let mut out = Vec::with_capacity(cases.len());
        for chunk in cases.chunks(LANES) {
            let held: Vec<Result<Held, CaseError>> = chunk.iter().map(|case| Held::read(&self.pack, case)).collect();
            batch.clear();
            held.iter().flatten().for_each(|held| batch.add_held(tape, held));
            runner.run(&batch);
            let mut lane = 0..batch.len();
            out.extend(held.into_iter().map(|held| {
                held.and_then(|held| self.steps((tape, &runner, &batch), lane.next().unwrap_or(0), &held))
            }));
        }
        out
    }

    fn steps(
        &self,
        (tape, runner, batch): (&Tape, &Runner<'_>, &Batch),
        case: usize,
        held: &Held,
    ) -> Result<Vec<Step>, CaseError> {
        if let Some(why) = runner.fault(batch, case, |person| held.people[person].0.clone()) {
            return Err(CaseError { case: held.name.clone(), why });
        }
        let mut steps = Vec::new();
        for rule in self.pack.order.iter().copied().filter(|rule| self.pack.rules[*rule].origin == Origin::Rule) {
            let lanes = match self.pack.rules[rule].scope {
                Scope::Unit => case..case + 1,
                Scope::Person => batch.people_of(case),
            };
            let first = lanes.start;
            steps.extend(lanes.filter_map(|lane| self.step((tape, runner), held, rule, (lane, lane - first))));
        }
        Ok(steps)
    }

    fn cannot_trace(&self, case: &Case, _error: &PackError) -> CaseError {
        // Only fractions too fine for 128 bits get here, in rules that the outputs do not need.
        CaseError { case: case.name.clone(), why: CaseFault::Overflow { rule: self.pack.name.clone(), person: None } }
    }

    /// A rule's step; `lane` is its place in the batch and `person` that in the case.
    fn step(
        &self,
        (tape, runner): (&Tape, &Runner<'_>),
        held: &Held,
        index: usize,
        (lane, person): (usize, usize),
    ) -> Option<Step> {
        let rule = &self.pack.rules[index];
        let val = tape.rules[index]?;
        if runner.mark(val, lane) != 0 {
            return None;
        }
        let number = version_in_force(rule, held)?;
        let (version, note) = (&rule.versions[number], tape.notes.get(&(index, number))?);
        let unrounded = note.unrounded.and_then(|(a, by)| match by {
            None => Some(runner.exact(a, lane)),
            Some(b) => runner.exact(b, lane).inverse().and_then(|b| runner.exact(a, lane).checked_mul(b)),
        });
        let shown = |at: usize, ty: Ty| match note.say.get(at) {
            Some(val) if runner.mark(*val, lane) == 0 => show(ty, &self.pack.words, runner.exact(*val, lane)),
            Some(_) | None => "(not known)".to_string(),
        };
        Some(Step {
            id: rule.id.clone(),
            person: (rule.scope == Scope::Person).then(|| held.people[person].0.clone()),
            say: version.say.as_ref().map(|say| sentence(&say.0, shown)),
            formula: version.text.clone(),
            value: Figure::new(rule.ty, runner.exact(val, lane), &self.pack.words),
            unrounded,
            cite: version.cite.clone(),
            confidence: version.cite.as_ref().map(|c| c.confidence),
            used_default: self.defaults(version, rule.scope, held, person),
            parameters: self.parameters(version, held),
        })
    }

    fn defaults(&self, version: &Version, scope: Scope, held: &Held, person: usize) -> Vec<String> {
        let mut out = Vec::new();
        version.body.walk(&mut |typed| {
            let Kind::Input(index) = typed.kind else { return };
            let input = &self.pack.inputs[index];
            let mut note = |field: String| {
                if !out.contains(&field) {
                    out.push(field);
                }
            };
            match (input.scope, scope) {
                (Scope::Unit, _) if !held.unit.stated[index] => note(input.name.clone()),
                (Scope::Unit, _) => {}
                (Scope::Person, Scope::Person) => {
                    let (id, facts) = &held.people[person];
                    if !facts.stated[index] {
                        note(format!("{id}.{}", input.name));
                    }
                }
                (Scope::Person, Scope::Unit) => {
                    for (id, _) in held.people.iter().filter(|(_, facts)| !facts.stated[index]) {
                        note(format!("{id}.{}", input.name));
                    }
                }
            }
        });
        out
    }

    fn parameters(&self, version: &Version, held: &Held) -> Vec<Used> {
        let mut leaves = Vec::new();
        version.body.walk(&mut |typed| match typed.kind {
            Kind::Leaf(index) if !leaves.contains(&index) => leaves.push(index),
            Kind::Rule(rule) if self.pack.rules[rule].origin == Origin::Variants => {
                let body = self.pack.rules[rule].versions.iter().map(|v| &v.body);
                body.for_each(|body| {
                    body.walk(&mut |inner| {
                        if let Kind::Leaf(index) = inner.kind
                            && !leaves.contains(&index)
                        {
                            leaves.push(index);
                        }
                    });
                });
            }
            Kind::Const(_)
            | Kind::PeriodStart
            | Kind::PeriodEnd
            | Kind::Input(_)
            | Kind::Rule(_)
            | Kind::Leaf(_)
            | Kind::Negate(_)
            | Kind::Not(_)
            | Kind::Add(..)
            | Kind::Sub(..)
            | Kind::Mul(..)
            | Kind::Scale(..)
            | Kind::Compare(..)
            | Kind::And(..)
            | Kind::Or(..)
            | Kind::If(..)
            | Kind::Extreme(..)
            | Kind::Round(..)
            | Kind::Quotient(..)
            | Kind::Age(..)
            | Kind::AddMonths(..)
            | Kind::AddDays(..)
            | Kind::Over { .. }
            | Kind::Rank { .. } => {}
        });
        leaves.into_iter().filter_map(|index| self.used(index, held)).collect()
    }

    fn used(&self, index: usize, held: &Held) -> Option<Used> {
        let leaf = &self.pack.leaves[index];
        let dated = &leaf.values[leaf.index_on(day(leaf.applies_to, held))?];
        let LeafValue::Number(n) = dated.value else { return None };
        let text = show(leaf.ty?, &self.pack.words, n);
        Some(Used { path: leaf.path.clone(), from: dated.from, text, cite: dated.cite.clone().or(leaf.cite.clone()) })
    }
}

fn day(applies_to: AppliesTo, held: &Held) -> Date {
    match applies_to {
        AppliesTo::PeriodStart => date_of(held.first),
        AppliesTo::PeriodEnd => date_of(held.last),
    }
}

/// Index of the version of a rule that the period falls under.
fn version_in_force(rule: &Rule, held: &Held) -> Option<usize> {
    rule.versions.iter().rposition(|v| v.from.is_none_or(|from| from <= day(v.applies_to, held)))
}

fn sentence(parts: &[SayPart], shown: impl Fn(usize, Ty) -> String) -> String {
    let (mut out, mut values) = (String::new(), 0);
    for part in parts {
        match part {
            SayPart::Text(text) => out.push_str(text),
            SayPart::Value(typed) => {
                out.push_str(&shown(values, typed.ty));
                values += 1;
            }
        }
    }
    out
}
