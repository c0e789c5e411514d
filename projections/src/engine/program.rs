//! A compiled pack, ready to run: one by one with names, or in batches with slots.

use std::sync::{Arc, Mutex, OnceLock};

use super::answer::{Answer, Figure, PersonAnswer};
use super::batch::{Batch, Slot, UNSTATED};
use super::case::{Case, Held};
use super::civil::date_of;
use super::error::{CaseError, CaseFault, PackError, Place};
use super::exact::Exact;
use super::lower::{Tape, lower};
use super::model::{AppliesTo, LeafValue, Origin, Scope, Ty};
use super::pack::Pack;
use super::run::{Mark, Registers};
use super::script::Script;
use super::tape::{Op, Val};

/// How many cases run side by side: enough to spread the cost of an operation, few enough that the registers stay near the processor.
pub const LANES: usize = 256;

/// A compiled pack.
#[derive(Debug)]
pub struct Program {
    pub(crate) pack: Arc<Pack>,
    pub(crate) outputs: Vec<usize>,
    pub(crate) tape: Tape,
    traced: OnceLock<Result<Traced, PackError>>,
    /// Room for traces that none uses now: one case's trace would else spend most of its time on getting it.
    idle: Mutex<Vec<Room>>,
}

/// A batch and registers of the traced tape.
#[derive(Debug)]
pub(crate) struct Room {
    pub batch: Batch,
    pub narrow: Registers<i64>,
    pub wide: Registers<i128>,
}

/// What a trace needs: a tape with every rule, and what the steps of all cases share.
#[derive(Debug)]
pub(crate) struct Traced {
    pub tape: Tape,
    pub script: Script,
}

/// A result, by number and not by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    pub(crate) rule: usize,
    pub(crate) val: Val,
}

impl Output {
    /// Whether there is one such result per case or one per person.
    pub fn scope(self) -> Scope {
        self.val.space
    }

    /// The denominator over which [`Runner::raw`] gives the value.
    pub fn denominator(self) -> i128 {
        self.val.den
    }
}

impl Pack {
    /// Compiles the rules that some outputs need, or those that the pack declares as outputs; other rules are left out.
    ///
    /// # Errors
    /// An output that is no rule, or fractions too fine to hold.
    pub fn compile(&self, outputs: Option<&[&str]>) -> Result<Program, PackError> {
        let outputs = match outputs {
            None => self.outputs.clone(),
            Some(names) => names.iter().map(|name| self.rule_index(name)).collect::<Result<_, _>>()?,
        };
        let tape = lower(self, &outputs, false)?;
        Ok(Program { pack: Arc::new(self.clone()), outputs, tape, traced: OnceLock::new(), idle: Mutex::default() })
    }

    fn rule_index(&self, name: &str) -> Result<usize, PackError> {
        let written = |rule: &super::model::Rule| rule.origin == Origin::Rule;
        let found = self.rules.iter().position(|rule| written(rule) && rule.id == name);
        found.ok_or_else(|| {
            let place = Place { file: "pack.yaml".into(), line: 0, column: 0 };
            let known = self.rules.iter().filter(|r| written(r)).map(|r| r.id.as_str());
            PackError::new(place, format!("`{name}`"), "the id of a rule").nearest(name, known)
        })
    }
}

impl Program {
    /// The pack it was compiled from.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// The column of a fact. Nothing where the pack has no such fact; names of persons' and cases' facts never coincide.
    pub fn slot(&self, fact: &str) -> Option<Slot> {
        let index = self.pack.inputs.iter().position(|input| input.name == fact)?;
        let scope = self.pack.inputs[index].scope;
        let facts = match scope {
            Scope::Unit => &self.tape.unit_facts,
            Scope::Person => &self.tape.person_facts,
        };
        Some(Slot { scope, column: facts.iter().position(|i| *i == index).map(|c| c as u32) })
    }

    /// The number of a word, for setting an enum's slot.
    pub fn word(&self, word: &str) -> Option<i64> {
        self.pack.words.iter().position(|w| w == word).map(|index| index as i64)
    }

    /// A result that was compiled: an output, or a rule that one needs.
    pub fn output(&self, rule: &str) -> Option<Output> {
        let rule = self.pack.rules.iter().position(|r| r.id == rule)?;
        Some(Output { rule, val: self.tape.rules[rule]? })
    }

    /// An empty batch for this program.
    pub fn batch(&self) -> Batch {
        self.batch_of(&self.tape)
    }

    pub(crate) fn batch_of(&self, tape: &Tape) -> Batch {
        let inputs = |facts: &[usize]| facts.iter().map(|i| &self.pack.inputs[*i]).collect::<Vec<_>>();
        Batch::new(&inputs(&tape.unit_facts), &inputs(&tape.person_facts))
    }

    /// Room for running batches; it is kept between runs.
    pub fn runner(&self) -> Runner<'_> {
        Runner {
            program: self,
            tape: &self.tape,
            narrow: Registers::default(),
            wide: Registers::default(),
            is_wide: false,
        }
    }

    /// Works out cases and gives their outputs, in the order of the cases.
    pub fn run(&self, cases: &[Case]) -> Vec<Result<Answer, CaseError>> {
        let (mut batch, mut runner) = (self.batch(), self.runner());
        let mut out = Vec::with_capacity(cases.len());
        for chunk in cases.chunks(LANES) {
            batch.clear();
            let held: Vec<Result<Held, CaseError>> = chunk.iter().map(|case| Held::read(&self.pack, case)).collect();
            held.iter().flatten().for_each(|held| batch.add_held(&self.tape, held));
            runner.run(&batch);
            let mut lane = 0..batch.len();
            out.extend(
                held.into_iter()
                    .map(|held| held.and_then(|held| self.answer(&runner, &batch, lane.next().unwrap_or(0), &held))),
            );
        }
        out
    }

    fn answer(&self, runner: &Runner<'_>, batch: &Batch, case: usize, held: &Held) -> Result<Answer, CaseError> {
        let name = |person: usize| held.people[person].0.clone();
        if let Some(why) = runner.fault(batch, case, name) {
            return Err(CaseError { case: held.name.clone(), why });
        }
        let people = held.people.iter().map(|(id, _)| PersonAnswer { id: id.clone(), figures: Vec::new() }).collect();
        let mut answer = Answer { case: held.name.clone(), unit: Vec::new(), people };
        for rule in &self.outputs {
            let Some(val) = self.tape.rules[*rule] else { continue };
            let (id, ty) = (&self.pack.rules[*rule].id, self.pack.rules[*rule].ty);
            let figure = |lane| Figure::new(ty, runner.exact(val, lane), &self.pack.words);
            match val.space {
                Scope::Unit => answer.unit.push((id.clone(), figure(case))),
                Scope::Person => {
                    for (person, lane) in batch.people_of(case).enumerate() {
                        answer.people[person].figures.push((id.clone(), figure(lane)));
                    }
                }
            }
        }
        Ok(answer)
    }

    /// The tape with a register for every rule and everything a trace shows.
    pub(crate) fn traced(&self) -> Result<&Traced, PackError> {
        let traced = || {
            let tape = lower(&self.pack, &self.outputs, true)?;
            Ok(Traced { tape, script: Script::of(&self.pack) })
        };
        self.traced.get_or_init(traced).as_ref().map_err(PackError::clone)
    }
}

/// The registers of a program, kept from batch to batch.
#[derive(Debug)]
pub struct Runner<'p> {
    pub(crate) program: &'p Program,
    pub(crate) tape: &'p Tape,
    narrow: Registers<i64>,
    wide: Registers<i128>,
    is_wide: bool,
}

impl<'p> Runner<'p> {
    pub(crate) fn of_tape(program: &'p Program, tape: &'p Tape) -> Runner<'p> {
        Runner { tape, ..program.runner() }
    }

    /// A runner of the traced tape in room that may have been used before, and its batch.
    pub(crate) fn in_room(program: &'p Program, tape: &'p Tape) -> (Runner<'p>, Batch) {
        match program.idle.lock().ok().and_then(|mut idle| idle.pop()) {
            Some(Room { batch, narrow, wide }) => (Runner { program, tape, narrow, wide, is_wide: false }, batch),
            None => (Runner::of_tape(program, tape), program.batch_of(tape)),
        }
    }

    /// Leaves the room for another.
    pub(crate) fn leave(self, batch: Batch) {
        if let Ok(mut idle) = self.program.idle.lock() {
            idle.push(Room { batch, narrow: self.narrow, wide: self.wide });
        }
    }

    /// Works out a batch. Results and failures of its cases are read afterwards.
    pub fn run(&mut self, batch: &Batch) {
        self.is_wide = !self.tape.narrow || self.narrow.run(self.tape, batch).is_err();
        if self.is_wide {
            // The widest run marks lanes and always comes to its end.
            let _ = self.wide.run(self.tape, batch);
        }
    }

    /// Whether the last batch needed 128 bits.
    pub fn was_wide(&self) -> bool {
        self.is_wide
    }

    /// A result of a case, or of a person (by place in the batch), over [`Output::denominator`].
    pub fn raw(&self, output: Output, lane: usize) -> i128 {
        self.value(output.val, lane)
    }

    /// The same as a figure.
    pub fn figure(&self, output: Output, lane: usize) -> Figure {
        let ty: Ty = self.program.pack.rules[output.rule].ty;
        Figure::new(ty, self.exact(output.val, lane), &self.program.pack.words)
    }

    pub(crate) fn value(&self, val: Val, lane: usize) -> i128 {
        if self.is_wide { self.wide.value(val, lane) } else { self.narrow.value(val, lane) }
    }

    pub(crate) fn exact(&self, val: Val, lane: usize) -> Exact {
        Exact::new(self.value(val, lane), val.den).unwrap_or(Exact::ZERO)
    }

    pub(crate) fn mark(&self, val: Val, lane: usize) -> Mark {
        if self.is_wide { self.wide.mark(val, lane) } else { self.narrow.mark(val, lane) }
    }

    /// Why a case has no answer, if it has none. `name` gives a person's id by place in the case.
    pub fn fault(&self, batch: &Batch, case: usize, name: impl Fn(usize) -> String) -> Option<CaseFault> {
        let first = batch.people_of(case).start;
        let input = |index: &usize| self.program.pack.inputs[*index].name.clone();
        for (column, index) in batch.unit.iter().zip(&self.tape.unit_facts) {
            if column.values[case] == UNSTATED {
                return Some(CaseFault::Missing { field: input(index) });
            }
        }
        for person in batch.people_of(case) {
            for (column, index) in batch.person.iter().zip(&self.tape.person_facts) {
                if column.values[person] == UNSTATED {
                    return Some(CaseFault::Missing { field: format!("{}.{}", name(person - first), input(index)) });
                }
            }
        }
        for requirement in &self.program.pack.requires {
            let Some(val) = self.tape.rules[requirement.rule] else { continue };
            let mark = self.mark(val, case);
            if mark != 0 {
                return Some(self.explain(batch, case, mark, |lane| name(lane - first)));
            }
            if self.value(val, case) == 0 {
                return Some(CaseFault::Refused { say: requirement.say.clone() });
            }
        }
        let vals = self.program.outputs.iter().filter_map(|rule| self.tape.rules[*rule]);
        for val in vals {
            let lanes = match val.space {
                Scope::Unit => case..case + 1,
                Scope::Person => batch.people_of(case),
            };
            let mark = lanes.map(|lane| self.mark(val, lane)).find(|mark| *mark != 0);
            if let Some(mark) = mark {
                return Some(self.explain(batch, case, mark, |lane| name(lane - first)));
            }
        }
        None
    }

    fn explain(&self, batch: &Batch, case: usize, mark: Mark, name: impl Fn(usize) -> String) -> CaseFault {
        let code = (mark & u64::from(u32::MAX)) as usize - 1;
        let instr = &self.tape.instrs[code / 2];
        let rule = self.program.pack.rules[instr.rule].id.clone();
        let person = ((mark >> 32) as usize).checked_sub(1).map(name);
        if code % 2 == 1 {
            return CaseFault::Overflow { rule, person };
        }
        let day = |by| match by {
            AppliesTo::PeriodStart => date_of(batch.first[case]),
            AppliesTo::PeriodEnd => date_of(batch.last[case]),
        };
        if let Op::Load(table) = instr.op {
            let leaf = &self.program.pack.leaves[self.tape.tables[table as usize].leaf];
            let (parameter, on) = (leaf.path.clone(), day(leaf.applies_to));
            let unlimited = leaf.index_on(on).is_some_and(|index| leaf.values[index].value == LeafValue::Unlimited);
            return if unlimited {
                CaseFault::Unlimited { rule, parameter, on }
            } else {
                CaseFault::NoValue { rule, parameter, on, first: leaf.first_day() }
            };
        }
        match (&instr.op, self.program.pack.rules[instr.rule].versions.first()) {
            (Op::NoVersion, Some(version)) => CaseFault::NoVersion {
                rule,
                on: day(version.applies_to),
                first: version.from.unwrap_or(self.program.pack.from),
            },
            (_, _) => CaseFault::DivisionByZero { rule, person },
        }
    }
}
