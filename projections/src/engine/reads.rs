//! What a run really read: which values of which parameters, and which rules, decided a result.
//!
//! The tape works out both sides of every `if`; here the registers are walked backwards from the outputs, and only what a result took its value from counts as read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::batch::Batch;
use super::case::{Case, Held};
use super::civil::date_of;
use super::diff::{Change, diff};
use super::error::PackError;
use super::lower::Tape;
use super::model::{AppliesTo, Scope};
use super::pack::Pack;
use super::program::{LANES, Program, Runner};
use super::tape::{Op, Reg, Val};

/// What one or several runs read. Reads of runs on other machines are joined in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// By parameter and first day of the value read: the first and last day it was read for.
    values: BTreeMap<(String, Date), (Date, Date)>,
    /// Rules that decided something.
    rules: BTreeSet<String>,
}

impl Reads {
    /// Takes in what another run read.
    pub fn join(&mut self, other: Reads) {
        self.rules.extend(other.rules);
        for (value, (first, last)) in other.values {
            self.read(value, first, last);
        }
    }

    /// Whether a rule decided anything.
    pub fn rule(&self, id: &str) -> bool {
        self.rules.contains(id)
    }

    /// Whether a parameter was read for a day from `from` to before `until`.
    pub fn value(&self, path: &str, from: Date, until: Option<Date>) -> bool {
        self.values
            .iter()
            .any(|((read, _), (first, last))| read == path && *last >= from && until.is_none_or(|until| *first < until))
    }

    fn read(&mut self, value: (String, Date), first: Date, last: Date) {
        let span = self.values.entry(value).or_insert((first, last));
        *span = (span.0.min(first), span.1.max(last));
    }
}

impl Program {
    /// What the outputs of some cases were worked out from. Cases without an answer count for nothing.
    ///
    /// # Errors
    /// Fractions too fine to hold in rules that the outputs do not need.
    pub fn reads(&self, cases: &[Case]) -> Result<Reads, PackError> {
        let tape = &self.traced()?.tape;
        let (mut reads, mut batch, mut runner) = (Reads::default(), self.batch_of(tape), Runner::of_tape(self, tape));
        for chunk in cases.chunks(LANES) {
            batch.clear();
            for held in chunk.iter().filter_map(|case| Held::read(&self.pack, case).ok()) {
                batch.add_held(tape, &held);
            }
            runner.run(&batch);
            let demand = Demand::from_outputs(self, tape, &runner, &batch);
            self.collect(tape, &batch, &demand, &mut reads);
        }
        Ok(reads)
    }

    fn collect(&self, tape: &Tape, batch: &Batch, demand: &Demand, reads: &mut Reads) {
        for (rule, val) in tape.rules.iter().enumerate() {
            let id = &self.pack.rules[rule].id;
            if val.is_some_and(|val| demand.of(val).contains(&true)) && !reads.rules.contains(id) {
                reads.rules.insert(id.clone());
            }
        }
        for instr in &tape.instrs {
            let Op::Load(table) = instr.op else { continue };
            let table = &tape.tables[table as usize];
            let leaf = &self.pack.leaves[table.leaf];
            let days = match table.by {
                AppliesTo::PeriodStart => &batch.first,
                AppliesTo::PeriodEnd => &batch.last,
            };
            for (case, _) in demand.unit[instr.out as usize].iter().enumerate().filter(|(_, needed)| **needed) {
                let value = table.value[tape.epochs.of(days[case]) as usize];
                if let Some(dated) = value.and_then(|index| leaf.values.get(index as usize)) {
                    let day = date_of(days[case]);
                    reads.read((leaf.path.clone(), dated.from), day, day);
                }
            }
        }
    }
}

/// Which lanes of which registers a result took its value from.
struct Demand {
    unit: Vec<Vec<bool>>,
    person: Vec<Vec<bool>>,
}

impl Demand {
    fn from_outputs(program: &Program, tape: &Tape, runner: &Runner<'_>, batch: &Batch) -> Demand {
        let mut demand = Demand {
            unit: vec![vec![false; batch.len()]; tape.unit_regs],
            person: vec![vec![false; batch.people()]; tape.person_regs],
        };
        let answered: Vec<bool> =
            (0..batch.len()).map(|case| runner.fault(batch, case, |_| String::new()).is_none()).collect();
        // A condition that a case met decided that it has an answer.
        let conditions = program.pack.requires.iter().map(|requirement| requirement.rule);
        for val in program.outputs.iter().copied().chain(conditions).filter_map(|rule| tape.rules[rule]) {
            match val.space {
                Scope::Unit => demand.unit[val.reg as usize].clone_from(&answered),
                Scope::Person => {
                    demand.person[val.reg as usize] = batch.owner.iter().map(|case| answered[*case as usize]).collect();
                }
            }
        }
        for instr in tape.instrs.iter().rev() {
            let lanes = match instr.space {
                Scope::Unit => batch.len(),
                Scope::Person => batch.people(),
            };
            for lane in 0..lanes {
                if demand.of(Val { space: instr.space, reg: instr.out, den: 1 })[lane] {
                    demand.pass_on(runner, batch, (&instr.op, instr.space), lane);
                }
            }
        }
        demand
    }

    fn of(&self, val: Val) -> &[bool] {
        match val.space {
            Scope::Unit => &self.unit[val.reg as usize],
            Scope::Person => &self.person[val.reg as usize],
        }
    }

    fn need(&mut self, space: Scope, regs: &[Reg], lane: usize) {
        let columns = match space {
            Scope::Unit => &mut self.unit,
            Scope::Person => &mut self.person,
        };
        regs.iter().for_each(|reg| columns[*reg as usize][lane] = true);
    }

    /// Marks what a lane of an operation took its value from.
    fn pass_on(&mut self, runner: &Runner<'_>, batch: &Batch, (op, space): (&Op, Scope), lane: usize) {
        let holds = |space, reg: Reg, lane| runner.value(Val { space, reg, den: 1 }, lane) != 0;
        match op {
            Op::Const(_) | Op::First | Op::Last | Op::Fact(_) | Op::Load(_) | Op::NoVersion => {}
            Op::Spread(a) => self.need(Scope::Unit, &[*a], batch.owner[lane] as usize),
            Op::Copy(a) | Op::Scale(a, _) | Op::Not(a) | Op::Round { a, .. } => self.need(space, &[*a], lane),
            Op::Sum { a, b, .. } | Op::Compare { a, b, .. } | Op::Extreme { a, b, .. } | Op::Quotient { a, b, .. } => {
                self.need(space, &[*a, *b], lane)
            }
            Op::Times(a, b) | Op::Age(a, b) | Op::AddMonths(a, b, _) | Op::AddDays(a, b) => {
                self.need(space, &[*a, *b], lane)
            }
            Op::And(a, b) | Op::Or(a, b) => {
                self.need(space, &[*a], lane);
                if holds(space, *a, lane) == matches!(op, Op::And(..)) {
                    self.need(space, &[*b], lane);
                }
            }
            Op::Select { c, a, b, .. } => self.need(space, &[*c, if holds(space, *c, lane) { *a } else { *b }], lane),
            Op::Over { body, filter, .. } => {
                self.need_people(&holds, batch.people_of(lane), *filter, *body);
            }
            Op::Best { body, filter, default, .. } => {
                if !self.need_people(&holds, batch.people_of(lane), *filter, Some(*body)) {
                    self.need(Scope::Unit, &[*default], lane);
                }
            }
            Op::Rank { key, filter } => {
                self.need_people(&holds, batch.people_of(batch.owner[lane] as usize), *filter, Some(*key));
            }
        }
    }

    /// Marks a filter for everybody and a body for those let in; says whether anybody was.
    fn need_people(
        &mut self,
        holds: &impl Fn(Scope, Reg, usize) -> bool,
        people: std::ops::Range<usize>,
        filter: Option<Reg>,
        body: Option<Reg>,
    ) -> bool {
        let mut anybody = false;
        for person in people {
            self.need(Scope::Person, filter.as_slice(), person);
            if filter.is_none_or(|f| holds(Scope::Person, f, person)) {
                anybody = true;
                self.need(Scope::Person, body.as_slice(), person);
            }
        }
        anybody
    }
}

/// The changes between two packs that decided nothing in the runs whose reads are given: a reform without effect, or a mistake in it.
pub fn inert_changes(base: &Pack, reform: &Pack, reads: &Reads) -> Vec<Change> {
    let read = |change: &Change| match change {
        Change::Value { path, from, until, .. } => reads.value(path, *from, *until),
        Change::Rule { id, after: Some(_), .. } => reads.rule(id),
        // What is gone cannot be read; what takes its place is another change.
        Change::Rule { after: None, .. }
        | Change::Requirement { .. }
        | Change::Parameter { .. }
        | Change::Input { .. } => true,
    };
    diff(base, reform).into_iter().filter(|change| !read(change)).collect()
}
