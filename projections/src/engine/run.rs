//! Runs a tape over a batch: operation by operation, each along its whole column.

use std::cmp::Ordering;
use std::mem::take;

use super::ast::{Comparison, Extreme, Over};
use super::batch::Batch;
use super::civil;
use super::int::Int;
use super::lower::Tape;
use super::model::{AppliesTo, Scope};
use super::tape::{Instr, Op, Reg, Val};

/// Why a lane was not worked out: 0 = it was. Else the low half is twice the instruction's index plus 1, or plus 2 if it overflowed, and the high half the person's lane plus 1.
pub(crate) type Mark = u64;

/// The registers of a run. They stay after it: they are what a trace shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registers<T> {
    unit: Space<T>,
    person: Space<T>,
    start_epochs: Vec<u32>,
    end_epochs: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
struct Space<T> {
    columns: Vec<Vec<T>>,
    /// Empty where a register cannot be marked.
    marks: Vec<Vec<Mark>>,
    lanes: usize,
    /// Whether constants must be written: the columns have grown, and no run came to its end since.
    lacks_constants: bool,
}

/// A 64-bit run met an overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflowed;

impl<T: Int> Registers<T> {
    /// Runs the tape. In 64 bits an overflow anywhere stops the run; in 128 it marks its lane.
    pub fn run(&mut self, tape: &Tape, batch: &Batch) -> Result<(), Overflowed> {
        self.unit.fit(tape.unit_regs, batch.len());
        self.person.fit(tape.person_regs, batch.people());
        epochs(&mut self.start_epochs, tape, &batch.first);
        epochs(&mut self.end_epochs, tape, &batch.last);
        for (index, instr) in tape.instrs.iter().enumerate() {
            self.step(tape, batch, index, instr)?;
        }
        self.unit.lacks_constants = false;
        self.person.lacks_constants = false;
        Ok(())
    }

    /// A register's value in a lane.
    pub fn value(&self, val: Val, lane: usize) -> i128 {
        self.space(val.space).columns[val.reg as usize][lane].wide()
    }

    /// Why a register's lane was not worked out, or 0.
    pub fn mark(&self, val: Val, lane: usize) -> Mark {
        self.space(val.space).mark(val.reg, lane)
    }

    /// The epoch by which a lane of the case reads a parameter.
    fn epoch(&self, by: AppliesTo, lane: usize) -> usize {
        self.epochs_by(by)[lane] as usize
    }

    fn epochs_by(&self, by: AppliesTo) -> &[u32] {
        match by {
            AppliesTo::PeriodStart => &self.start_epochs,
            AppliesTo::PeriodEnd => &self.end_epochs,
        }
    }

    fn space(&self, space: Scope) -> &Space<T> {
        match space {
            Scope::Unit => &self.unit,
            Scope::Person => &self.person,
        }
    }

    fn step(&mut self, tape: &Tape, batch: &Batch, index: usize, instr: &Instr) -> Result<(), Overflowed> {
        let out = instr.out as usize;
        let (space, marked) = match instr.space {
            Scope::Unit => (&mut self.unit, tape.unit_marks[out]),
            Scope::Person => (&mut self.person, tape.person_marks[out]),
        };
        if matches!(instr.op, Op::Const(_)) && !space.lacks_constants {
            return Ok(());
        }
        let mut column = take(&mut space.columns[out]);
        let mut marks = take(&mut space.marks[out]);
        let lanes = space.lanes;
        // Constants are written along the whole column, for runs with more lanes.
        let filled = if matches!(instr.op, Op::Const(_)) { column.len() } else { lanes };
        let overflowed = self.fill(tape, batch, instr, &mut column[..filled]);
        let stops = overflowed && !T::WIDEST;
        if stops {
            marks.clear();
        } else if T::WIDEST || (marked && self.may_mark(tape, instr)) {
            marks.resize(lanes, 0);
            for (lane, mark) in marks.iter_mut().enumerate() {
                *mark = self.mark_of(tape, batch, (index, instr), lane);
            }
            if marks.iter().all(|mark| *mark == 0) {
                marks.clear();
            }
        } else {
            marks.clear();
        }
        let space = match instr.space {
            Scope::Unit => &mut self.unit,
            Scope::Person => &mut self.person,
        };
        // Also where the run stops here: the next batch needs the column.
        (space.columns[out], space.marks[out]) = (column, marks);
        if stops { Err(Overflowed) } else { Ok(()) }
    }

    /// Whether any lane of a result could be marked: the operation can fail by itself, or something it reads is marked.
    fn may_mark(&self, tape: &Tape, instr: &Instr) -> bool {
        match &instr.op {
            Op::NoVersion => true,
            Op::Load(table) => {
                let table = &tape.tables[*table as usize];
                self.epochs_by(table.by).iter().any(|epoch| table.value[*epoch as usize].is_none())
            }
            Op::Quotient { a, b, .. } => {
                let space = self.space(instr.space);
                [a, b].iter().any(|reg| !space.marks[**reg as usize].is_empty())
                    || space.columns[*b as usize][..space.lanes].contains(&T::default())
            }
            Op::Const(_)
            | Op::First
            | Op::Last
            | Op::Fact(_)
            | Op::Spread(_)
            | Op::Copy(_)
            | Op::Sum { .. }
            | Op::Times(..)
            | Op::Scale(..)
            | Op::Compare { .. }
            | Op::And(..)
            | Op::Or(..)
            | Op::Not(_)
            | Op::Select { .. }
            | Op::Extreme { .. }
            | Op::Round { .. }
            | Op::Age(..)
            | Op::AddMonths(..)
            | Op::AddDays(..)
            | Op::Over { .. }
            | Op::Best { .. }
            | Op::Rank { .. } => {
                instr.op.reads(instr.space).any(|(space, reg)| !self.space(space).marks[reg as usize].is_empty())
            }
        }
    }

    /// Works out a column and says whether any lane of it overflowed.
    fn fill(&self, tape: &Tape, batch: &Batch, instr: &Instr, out: &mut [T]) -> bool {
        let from = self.space(instr.space);
        let lanes = out.len();
        let get = |reg: &Reg| &from.columns[*reg as usize][..lanes];
        match &instr.op {
            Op::Const(k) => each(out, |_| (T::of(*k), false)),
            Op::First => zip1(out, &batch.first, |day| (T::of_fact(day), false)),
            Op::Last => zip1(out, &batch.last, |day| (T::of_fact(day), false)),
            Op::Fact(fact) => {
                let facts = match instr.space {
                    Scope::Unit => &batch.unit,
                    Scope::Person => &batch.person,
                };
                zip1(out, &facts[*fact as usize].values, |value| (T::of_fact(value), false))
            }
            Op::Load(table) => {
                let table = &tape.tables[*table as usize];
                let epochs = self.epochs_by(table.by);
                if T::WIDEST {
                    zip1(out, epochs, |epoch| (T::of(table.wide[epoch as usize]), false))
                } else {
                    zip1(out, epochs, |epoch| (T::of_fact(table.narrow[epoch as usize]), false))
                }
            }
            Op::Spread(a) => {
                let of_case = &self.unit.columns[*a as usize];
                zip1(out, &batch.owner, |case| (of_case[case as usize], false))
            }
            Op::Copy(a) => zip1(out, get(a), |a| (a, false)),
            Op::Sum { a, ka: 1, b, kb: 1 } => zip2(out, get(a), get(b), T::plus),
            Op::Sum { a, ka, b, kb } => {
                let (ka, kb) = (T::of(*ka), T::of(*kb));
                zip2(out, get(a), get(b), |a, b| {
                    let ((a, over_a), (b, over_b)) = (a.times(ka), b.times(kb));
                    let (sum, over) = a.plus(b);
                    (sum, over_a | over_b | over)
                })
            }
            Op::Times(a, b) => zip2(out, get(a), get(b), T::times),
            Op::Scale(a, k) => {
                let k = T::of(*k);
                zip1(out, get(a), |a| a.times(k))
            }
            Op::Compare { is, a, ka: 1, b, kb: 1 } => {
                let (a, b) = (get(a), get(b));
                // One loop for each comparison, so that none is chosen lane by lane.
                match is {
                    Comparison::Equal => zip2(out, a, b, |a, b| (flag(a == b), false)),
                    Comparison::NotEqual => zip2(out, a, b, |a, b| (flag(a != b), false)),
                    Comparison::Less => zip2(out, a, b, |a, b| (flag(a < b), false)),
                    Comparison::AtMost => zip2(out, a, b, |a, b| (flag(a <= b), false)),
                    Comparison::More => zip2(out, a, b, |a, b| (flag(a > b), false)),
                    Comparison::AtLeast => zip2(out, a, b, |a, b| (flag(a >= b), false)),
                }
            }
            Op::Compare { is, a, ka, b, kb } => {
                let (is, ka, kb) = (*is, T::of(*ka), T::of(*kb));
                zip2(out, get(a), get(b), |a, b| {
                    let ((a, over_a), (b, over_b)) = (a.times(ka), b.times(kb));
                    (flag(is.holds(a.cmp(&b))), over_a | over_b)
                })
            }
            Op::And(a, b) => zip2(out, get(a), get(b), |a, b| (a.both(b), false)),
            Op::Or(a, b) => zip2(out, get(a), get(b), |a, b| (a.either(b), false)),
            Op::Not(a) => zip1(out, get(a), |a| (a.inverted(), false)),
            Op::Select { c, a, ka: 1, b, kb: 1 } => {
                zip3(out, get(c), get(a), get(b), |c, a, b| (c.choose(a, b), false))
            }
            Op::Select { c, a, ka, b, kb } => {
                let (ka, kb) = (T::of(*ka), T::of(*kb));
                zip3(out, get(c), get(a), get(b), |c, a, b| if c == T::default() { b.times(kb) } else { a.times(ka) })
            }
            Op::Extreme { which, a, ka: 1, b, kb: 1 } => match which {
                Extreme::Min => zip2(out, get(a), get(b), |a, b| (a.min(b), false)),
                Extreme::Max => zip2(out, get(a), get(b), |a, b| (a.max(b), false)),
            },
            Op::Extreme { which, a, ka, b, kb } => {
                let (which, ka, kb) = (*which, T::of(*ka), T::of(*kb));
                zip2(out, get(a), get(b), |a, b| {
                    let ((a, over_a), (b, over_b)) = (a.times(ka), b.times(kb));
                    (better(which, a, b), over_a | over_b)
                })
            }
            Op::Round { a, mul, div, mode, out: step } => {
                let (mul, div, mode, step) = (T::of(*mul), T::of(*div), *mode, T::of(*step));
                zip1(out, get(a), |a| {
                    let (a, over_a) = a.times(mul);
                    let (whole, over) = a.over(div, mode);
                    let (value, over_out) = whole.times(step);
                    (value, over_a | over | over_out)
                })
            }
            Op::Quotient { a, ka, b, kb, mode, out: step } => {
                let (ka, kb, mode, step) = (T::of(*ka), T::of(*kb), *mode, T::of(*step));
                zip2(out, get(a), get(b), |a, b| {
                    if b == T::default() {
                        return (b, false);
                    }
                    let ((a, over_a), (b, over_b)) = (a.times(ka), b.times(kb));
                    if over_a | over_b {
                        return (a, true);
                    }
                    let (whole, over) = a.over(b, mode);
                    let (value, over_out) = whole.times(step);
                    (value, over | over_out)
                })
            }
            Op::Age(a, b) => {
                // Ages are asked for again and again on one day, so it is taken apart once.
                let mut last = (T::default(), civil::to_civil(0));
                for ((slot, born), on) in out.iter_mut().zip(get(a)).zip(get(b)) {
                    if *on != last.0 {
                        last = (*on, civil::to_civil(on.small()));
                    }
                    *slot = T::of_fact(civil::age_on(born.small(), last.1));
                }
                false
            }
            Op::AddMonths(a, n, end) => zip2(out, get(a), get(n), |day, months| {
                (T::of_fact(civil::add_months(day.small(), months.small(), *end)), false)
            }),
            Op::AddDays(a, n) => {
                zip2(out, get(a), get(n), |day, days| (T::of_fact(civil::add_days(day.small(), days.small())), false))
            }
            Op::Over { what, body, filter } => self.gather(batch, *what, *body, *filter, out),
            Op::Best { .. } => each(out, |case| self.best(batch, &instr.op, case)),
            Op::Rank { key, filter } => {
                each(out, |person| (T::of_fact(self.rank(batch, *key, *filter, person)), false))
            }
            Op::NoVersion => each(out, |_| (T::default(), false)),
        }
    }

    /// Whether a filter lets a person in.
    fn lets_in(&self, filter: Option<Reg>, person: usize) -> bool {
        filter.is_none_or(|f| self.person.columns[f as usize][person] != T::default())
    }

    /// Gathers a column of people into one of cases, person by person.
    fn gather(&self, batch: &Batch, what: Over, body: Option<Reg>, filter: Option<Reg>, out: &mut [T]) -> bool {
        let column = |reg: Option<Reg>| reg.map(|r| &self.person.columns[r as usize][..self.person.lanes]);
        let (body, filter) = (column(body), column(filter));
        let (yes, no) = (T::of(1), T::default());
        let mut start = |value: T| out.fill(value);
        match (what, body, filter) {
            (Over::Any, body, filter) => {
                start(no);
                by_owner(out, batch, body, filter, yes, |all, one, lets_in| (all.either(one.both(lets_in)), false))
            }
            (Over::All, body, filter) => {
                start(yes);
                let keeps = |all: T, one: T, lets_in: T| (all.both(one.either(lets_in.inverted())), false);
                by_owner(out, batch, body, filter, yes, keeps)
            }
            (Over::Sum | Over::Count | Over::Min | Over::Max, body, filter) => {
                start(no);
                by_owner(out, batch, body, filter, yes, |sum, one, lets_in| sum.plus(lets_in.choose(one, no)))
            }
        }
    }

    /// The least or greatest of the people of a case let in, or the default.
    fn best(&self, batch: &Batch, op: &Op, case: usize) -> (T, bool) {
        let Op::Best { which, body, kb, filter, default, kd } = op else { return (T::default(), false) };
        let people = batch.people_of(case).filter(|p| self.lets_in(*filter, *p));
        let values = people.map(|p| self.person.columns[*body as usize][p]);
        match values.reduce(|a, b| better(*which, a, b)) {
            Some(best) => best.times(T::of(*kb)),
            None => self.unit.columns[*default as usize][case].times(T::of(*kd)),
        }
    }

    /// Whether the sum over the people of one case overflows.
    fn sum_overflows(&self, batch: &Batch, body: Option<Reg>, filter: Option<Reg>, case: usize) -> bool {
        let people = batch.people_of(case).filter(|p| self.lets_in(filter, *p));
        let mut values = people.map(|p| body.map_or(T::of(1), |body| self.person.columns[body as usize][p]));
        values
            .try_fold(T::default(), |sum, value| {
                let (sum, over) = sum.plus(value);
                (!over).then_some(sum)
            })
            .is_none()
    }

    /// A person's place among the people let in: one more than those before them by key, and by order where keys are equal.
    fn rank(&self, batch: &Batch, key: Reg, filter: Option<Reg>, person: usize) -> i64 {
        if !self.lets_in(filter, person) {
            return 0;
        }
        let keys = &self.person.columns[key as usize];
        let before = |other: &usize| self.lets_in(filter, *other) && (keys[*other], *other) < (keys[person], person);
        let people = batch.people_of(batch.owner[person] as usize);
        people.filter(before).count() as i64 + 1
    }

    /// Why the lane of a register just worked out is not to be used, in the order in which its parts are looked at.
    fn mark_of(&self, tape: &Tape, batch: &Batch, (index, instr): (usize, &Instr), lane: usize) -> Mark {
        let space = self.space(instr.space);
        let mark = |reg: &Reg| space.mark(*reg, lane);
        let holds = |reg: &Reg| space.columns[*reg as usize][lane] != T::default();
        let first = |marks: &[Mark]| marks.iter().copied().find(|m| *m != 0).unwrap_or(0);
        let person = if instr.space == Scope::Person { lane as Mark + 1 } else { 0 };
        let failed = (person << 32) | (index as Mark * 2 + 1);
        let inherited = match &instr.op {
            Op::Const(_) | Op::First | Op::Last | Op::Fact(_) => 0,
            Op::NoVersion => failed,
            Op::Load(table) => {
                let table = &tape.tables[*table as usize];
                if table.value[self.epoch(table.by, lane)].is_none() { failed } else { 0 }
            }
            Op::Spread(a) => self.unit.mark(*a, batch.owner[lane] as usize),
            Op::Copy(a) | Op::Scale(a, _) | Op::Not(a) | Op::Round { a, .. } => mark(a),
            Op::Sum { a, b, .. } | Op::Compare { a, b, .. } | Op::Extreme { a, b, .. } => first(&[mark(a), mark(b)]),
            Op::Times(a, b) | Op::Age(a, b) | Op::AddMonths(a, b, _) | Op::AddDays(a, b) => first(&[mark(a), mark(b)]),
            Op::Quotient { a, b, .. } => first(&[mark(a), mark(b), if holds(b) { 0 } else { failed }]),
            Op::And(a, b) => first(&[mark(a), if holds(a) { mark(b) } else { 0 }]),
            Op::Or(a, b) => first(&[mark(a), if holds(a) { 0 } else { mark(b) }]),
            Op::Select { c, a, b, .. } => first(&[mark(c), if holds(c) { mark(a) } else { mark(b) }]),
            Op::Over { body, filter, .. } => self.mark_over(batch.people_of(lane), *filter, *body),
            Op::Best { body, filter, default, .. } => {
                let anybody = batch.people_of(lane).any(|p| self.lets_in(*filter, p));
                let default = if anybody { 0 } else { mark(default) };
                first(&[self.mark_over(batch.people_of(lane), *filter, Some(*body)), default])
            }
            Op::Rank { key, filter } => {
                self.mark_over(batch.people_of(batch.owner[lane] as usize), *filter, Some(*key))
            }
        };
        if inherited == 0 && T::WIDEST && self.overflows(batch, instr, lane) { failed + 1 } else { inherited }
    }

    fn mark_over(&self, people: std::ops::Range<usize>, filter: Option<Reg>, body: Option<Reg>) -> Mark {
        for person in people {
            let filtered = filter.map_or(0, |f| self.person.mark(f, person));
            if filtered != 0 {
                return filtered;
            }
            let worked_out =
                if self.lets_in(filter, person) { body.map_or(0, |b| self.person.mark(b, person)) } else { 0 };
            if worked_out != 0 {
                return worked_out;
            }
        }
        0
    }

    /// Whether one lane alone overflows; only asked in the widest run, which is rare.
    fn overflows(&self, batch: &Batch, instr: &Instr, lane: usize) -> bool {
        let columns = &self.space(instr.space).columns;
        let get = |reg: &Reg| columns[*reg as usize][lane];
        let both = |a: &Reg, ka: &i128, b: &Reg, kb: &i128| {
            let ((a, over_a), (b, over_b)) = (get(a).times(T::of(*ka)), get(b).times(T::of(*kb)));
            (a, b, over_a | over_b)
        };
        match &instr.op {
            Op::Sum { a, ka, b, kb } => {
                let (a, b, over) = both(a, ka, b, kb);
                over | a.plus(b).1
            }
            Op::Compare { a, ka, b, kb, .. } | Op::Extreme { a, ka, b, kb, .. } => both(a, ka, b, kb).2,
            Op::Times(a, b) => get(a).times(get(b)).1,
            Op::Scale(a, k) => get(a).times(T::of(*k)).1,
            Op::Select { c, a, ka, b, kb } => {
                if get(c) == T::default() {
                    get(b).times(T::of(*kb)).1
                } else {
                    get(a).times(T::of(*ka)).1
                }
            }
            Op::Round { a, mul, div, mode, out } => {
                let (a, over_a) = get(a).times(T::of(*mul));
                let (whole, over) = a.over(T::of(*div), *mode);
                over_a | over | whole.times(T::of(*out)).1
            }
            Op::Quotient { a, ka, b, kb, mode, out } => {
                let (a, b, over) = both(a, ka, b, kb);
                over || b == T::default() || {
                    let (whole, over) = a.over(b, *mode);
                    over | whole.times(T::of(*out)).1
                }
            }
            Op::Over { what: Over::Any | Over::All, .. } => false,
            Op::Over { what: Over::Sum | Over::Count | Over::Min | Over::Max, body, filter } => {
                self.sum_overflows(batch, *body, *filter, lane)
            }
            Op::Best { .. } => self.best(batch, &instr.op, lane).1,
            Op::Const(_)
            | Op::First
            | Op::Last
            | Op::Fact(_)
            | Op::Load(_)
            | Op::Spread(_)
            | Op::Copy(_)
            | Op::And(..)
            | Op::Or(..)
            | Op::Not(_)
            | Op::Age(..)
            | Op::AddMonths(..)
            | Op::AddDays(..)
            | Op::Rank { .. }
            | Op::NoVersion => false,
        }
    }
}

impl<T: Int> Space<T> {
    fn fit(&mut self, registers: usize, lanes: usize) {
        self.lanes = lanes;
        self.columns.resize_with(registers, Vec::new);
        self.marks.resize_with(registers, Vec::new);
        if self.columns.first().is_some_and(|column| column.len() < lanes) {
            self.lacks_constants = true;
            self.columns.iter_mut().for_each(|column| column.resize(lanes, T::default()));
        }
    }

    fn mark(&self, reg: Reg, lane: usize) -> Mark {
        self.marks[reg as usize].get(lane).copied().unwrap_or(0)
    }
}

fn epochs(out: &mut Vec<u32>, tape: &Tape, days: &[i64]) {
    out.clear();
    out.extend(days.iter().map(|day| tape.epochs.of(*day)));
}

#[inline(always)]
fn flag<T: Int>(b: bool) -> T {
    T::of_fact(i64::from(b))
}

#[inline(always)]
fn better<T: Int>(which: Extreme, a: T, b: T) -> T {
    match (which, a.cmp(&b)) {
        (Extreme::Min, Ordering::Greater) | (Extreme::Max, Ordering::Less) => b,
        (Extreme::Min | Extreme::Max, Ordering::Less | Ordering::Equal | Ordering::Greater) => a,
    }
}

#[inline(always)]
fn each<T>(out: &mut [T], f: impl Fn(usize) -> (T, bool)) -> bool {
    let mut any = false;
    for (lane, slot) in out.iter_mut().enumerate() {
        let (value, over) = f(lane);
        *slot = value;
        any |= over;
    }
    any
}

/// Folds values of people, and whether they are let in, into the columns of their cases. Where there is no body or filter, `one` stands for it.
#[inline(always)]
fn by_owner<T: Copy>(
    out: &mut [T],
    batch: &Batch,
    body: Option<&[T]>,
    filter: Option<&[T]>,
    one: T,
    f: impl Fn(T, T, T) -> (T, bool) + Copy,
) -> bool {
    let mut any = false;
    let mut fold = |owner: u32, value: T, lets_in: T| {
        let (folded, over) = f(out[owner as usize], value, lets_in);
        out[owner as usize] = folded;
        any |= over;
    };
    match (body, filter) {
        (Some(body), Some(filter)) => {
            batch
                .owner
                .iter()
                .zip(body)
                .zip(filter)
                .for_each(|((owner, value), lets_in)| fold(*owner, *value, *lets_in));
        }
        (Some(body), None) => batch.owner.iter().zip(body).for_each(|(owner, value)| fold(*owner, *value, one)),
        (None, Some(filter)) => batch.owner.iter().zip(filter).for_each(|(owner, lets_in)| fold(*owner, one, *lets_in)),
        (None, None) => batch.owner.iter().for_each(|owner| fold(*owner, one, one)),
    }
    any
}

#[inline(always)]
fn zip1<T, A: Copy>(out: &mut [T], a: &[A], f: impl Fn(A) -> (T, bool)) -> bool {
    let mut any = false;
    for (slot, a) in out.iter_mut().zip(a) {
        let (value, over) = f(*a);
        *slot = value;
        any |= over;
    }
    any
}

#[inline(always)]
fn zip2<T: Copy>(out: &mut [T], a: &[T], b: &[T], f: impl Fn(T, T) -> (T, bool)) -> bool {
    let mut any = false;
    for ((slot, a), b) in out.iter_mut().zip(a).zip(b) {
        let (value, over) = f(*a, *b);
        *slot = value;
        any |= over;
    }
    any
}

#[inline(always)]
fn zip3<T: Copy>(out: &mut [T], a: &[T], b: &[T], c: &[T], f: impl Fn(T, T, T) -> (T, bool)) -> bool {
    let mut any = false;
    for (((slot, a), b), c) in out.iter_mut().zip(a).zip(b).zip(c) {
        let (value, over) = f(*a, *b, *c);
        *slot = value;
        any |= over;
    }
    any
}
