//! The steps of a computation, read off the registers that made it.

use std::sync::Arc;

use jiff::civil::Date;
use schemas::{Citation, Confidence};

use super::answer::Figure;
use super::batch::Batch;
use super::case::{Case, Held};
use super::civil::date_of;
use super::error::{CaseError, CaseFault, PackError};
use super::exact::Exact;
use super::lower::Note;
use super::model::{AppliesTo, Rule, Say, SayPart, Scope};
use super::program::{LANES, Program, Runner, Traced};
use super::script::{Saying, Used, VersionScript};
use super::value::push_shown;

/// One rule worked out for a case or for a person of it. What does not differ between cases is shared, so that a step is cheap to make and to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub id: Arc<str>,
    /// The person it was worked out for, where it belongs to persons.
    pub person: Option<Arc<str>>,
    /// The rule's sentence with its values filled in.
    pub say: Option<Arc<str>>,
    /// The formula as the pack writes it, in the version in force.
    pub formula: Arc<str>,
    /// The value.
    pub value: Figure,
    /// The exact value before rounding, where rounding is the last thing the rule does.
    pub unrounded: Option<Exact>,
    /// The law it rests on.
    pub cite: Option<Arc<Citation>>,
    /// How well that law is supported.
    pub confidence: Option<Confidence>,
    /// Facts the formula names that were not stated, so that the pack's default stood for them.
    pub used_default: Vec<Arc<str>>,
    /// The parameters the formula names, with the values in force.
    pub parameters: Vec<Arc<Used>>,
}

/// A case whose steps are read off.
struct Reading<'r> {
    program: &'r Program,
    traced: &'r Traced,
    runner: &'r Runner<'r>,
    held: &'r Held,
    first: Date,
    last: Date,
    people: Vec<Arc<str>>,
    /// For each person the facts not stated as steps name them, `a1.rent`, by input.
    not_stated: Vec<Vec<Option<Arc<str>>>>,
    /// Where sentences are put together.
    sentence: String,
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
        let traced = match self.traced() {
            Ok(traced) => traced,
            Err(error) => return cases.iter().map(|case| Err(self.cannot_trace(case, &error))).collect(),
        };
        let tape = &traced.tape;
        let (mut runner, mut batch) = Runner::in_room(self, tape);
        let mut out = Vec::with_capacity(cases.len());
        for chunk in cases.chunks(LANES) {
            let held: Vec<Result<Held, CaseError>> = chunk.iter().map(|case| Held::read(&self.pack, case)).collect();
            batch.clear();
            held.iter().flatten().for_each(|held| batch.add_held(tape, held));
            runner.run(&batch);
            let mut lane = 0..batch.len();
            out.extend(held.into_iter().map(|held| {
                held.and_then(|held| self.steps((traced, &runner, &batch), lane.next().unwrap_or(0), &held))
            }));
        }
        runner.leave(batch);
        out
    }

    fn steps(
        &self,
        (traced, runner, batch): (&Traced, &Runner<'_>, &Batch),
        case: usize,
        held: &Held,
    ) -> Result<Vec<Step>, CaseError> {
        if let Some(why) = runner.fault(batch, case, |person| held.people[person].0.clone()) {
            return Err(CaseError { case: held.name.clone(), why });
        }
        let mut reading = Reading::of(self, traced, runner, held);
        let mut steps = Vec::with_capacity(traced.script.steps(held.people.len()));
        for index in &traced.script.order {
            let rule = &self.pack.rules[*index];
            // The version in force is the same for everybody in the case.
            let Some(number) = reading.version_in_force(rule) else { continue };
            match rule.scope {
                Scope::Unit => steps.extend(reading.step((*index, number), case, 0)),
                Scope::Person => {
                    for (person, lane) in batch.people_of(case).enumerate() {
                        steps.extend(reading.step((*index, number), lane, person));
                    }
                }
            }
        }
        Ok(steps)
    }

    fn cannot_trace(&self, case: &Case, _error: &PackError) -> CaseError {
        // Only fractions too fine for 128 bits get here, in rules that the outputs do not need.
        CaseError { case: case.name.clone(), why: CaseFault::Overflow { rule: self.pack.name.clone(), person: None } }
    }
}

impl<'r> Reading<'r> {
    fn of(program: &'r Program, traced: &'r Traced, runner: &'r Runner<'r>, held: &'r Held) -> Reading<'r> {
        Reading {
            program,
            traced,
            runner,
            held,
            first: date_of(held.first),
            last: date_of(held.last),
            people: held.people.iter().map(|(id, _)| id.as_str().into()).collect(),
            not_stated: vec![vec![None; program.pack.inputs.len()]; held.people.len()],
            sentence: String::new(),
        }
    }

    fn day(&self, by: AppliesTo) -> Date {
        match by {
            AppliesTo::PeriodStart => self.first,
            AppliesTo::PeriodEnd => self.last,
        }
    }

    /// Index of the version of a rule that the period falls under.
    fn version_in_force(&self, rule: &Rule) -> Option<usize> {
        rule.versions.iter().rposition(|v| v.from.is_none_or(|from| from <= self.day(v.applies_to)))
    }

    /// A rule's step in a version; `lane` is its place in the batch and `person` that in the case.
    fn step(&mut self, (index, number): (usize, usize), lane: usize, person: usize) -> Option<Step> {
        let (traced, runner) = (self.traced, self.runner);
        let rule = &self.program.pack.rules[index];
        let val = traced.tape.rules[index]?;
        if runner.mark(val, lane) != 0 {
            return None;
        }
        let (script, note) = (&traced.script.rules[index], traced.tape.notes.get(index)?.get(number)?);
        let version = &script.versions[number];
        let unrounded = note.unrounded.and_then(|(a, by)| match by {
            None => Some(runner.exact(a, lane)),
            Some(b) => runner.exact(b, lane).inverse().and_then(|b| runner.exact(a, lane).checked_mul(b)),
        });
        Some(Step {
            id: script.id.clone(),
            person: (rule.scope == Scope::Person).then(|| self.people[person].clone()),
            say: self.say(&version.say, rule.versions[number].say.as_ref(), note, lane),
            formula: version.formula.clone(),
            value: Figure::new(rule.ty, runner.exact(val, lane), &self.program.pack.words),
            unrounded,
            cite: version.cite.clone(),
            confidence: version.cite.as_ref().map(|c| c.confidence),
            used_default: self.defaults(version, rule.scope, person),
            parameters: self.parameters(version),
        })
    }

    fn say(&mut self, saying: &Saying, say: Option<&Say>, note: &Note, lane: usize) -> Option<Arc<str>> {
        match (saying, say) {
            (Saying::Nothing, _) | (Saying::Filled, None) => None,
            (Saying::Always(text), _) => Some(text.clone()),
            (Saying::Filled, Some(say)) => {
                let (mut values, words) = (note.say.iter(), &self.program.pack.words);
                self.sentence.clear();
                for part in &say.0 {
                    match part {
                        SayPart::Text(text) => self.sentence.push_str(text),
                        SayPart::Value(typed) => match values.next() {
                            Some(val) if self.runner.mark(*val, lane) == 0 => {
                                push_shown(&mut self.sentence, typed.ty, words, self.runner.exact(*val, lane));
                            }
                            Some(_) | None => self.sentence.push_str("(not known)"),
                        },
                    }
                }
                Some(self.sentence.as_str().into())
            }
        }
    }

    fn defaults(&mut self, version: &VersionScript, scope: Scope, person: usize) -> Vec<Arc<str>> {
        let mut out = Vec::with_capacity(version.inputs.len());
        for index in &version.inputs {
            match (self.program.pack.inputs[*index].scope, scope) {
                (Scope::Unit, _) if self.held.unit.stated[*index] => {}
                (Scope::Unit, _) => out.push(self.traced.script.facts[*index].clone()),
                (Scope::Person, Scope::Person) => out.extend(self.default_of(person, *index)),
                (Scope::Person, Scope::Unit) => {
                    out.extend((0..self.people.len()).filter_map(|person| self.default_of(person, *index)));
                }
            }
        }
        out
    }

    /// A person's fact as steps name it, if it was not stated.
    fn default_of(&mut self, person: usize, index: usize) -> Option<Arc<str>> {
        let (id, facts) = &self.held.people[person];
        if facts.stated[index] {
            return None;
        }
        let name = &self.traced.script.facts[index];
        Some(self.not_stated[person][index].get_or_insert_with(|| [id, ".", &**name].concat().into()).clone())
    }

    fn parameters(&self, version: &VersionScript) -> Vec<Arc<Used>> {
        let mut out = Vec::with_capacity(version.leaves.len());
        out.extend(version.leaves.iter().filter_map(|leaf| self.used(*leaf)));
        out
    }

    fn used(&self, index: usize) -> Option<Arc<Used>> {
        let leaf = &self.program.pack.leaves[index];
        self.traced.script.used[index][leaf.index_on(self.day(leaf.applies_to))?].clone()
    }
}
