//! Compiles the checked rules of a pack to a tape.

use std::collections::HashMap;

use super::ast::{Comparison, Extreme, Over};
use super::civil::day_number;
use super::error::PackError;
use super::exact::{Exact, gcd, lcm};
use super::model::{AppliesTo, Kind, LeafValue, SayPart, Scope, Ty, Typed};
use super::pack::{Pack, needs};
use super::tape::{Epochs, Instr, Op, Reg, Table, Val};

/// A compiled tape and what its registers mean.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    pub instrs: Vec<Instr>,
    /// How many registers of cases and of people there are.
    pub unit_regs: usize,
    pub person_regs: usize,
    /// Whether a register can be marked as not worked out, in 64 bits.
    pub unit_marks: Vec<bool>,
    pub person_marks: Vec<bool>,
    pub tables: Vec<Table>,
    pub epochs: Epochs,
    /// Inputs that are read, by column of a batch.
    pub unit_facts: Vec<usize>,
    pub person_facts: Vec<usize>,
    /// The register of each rule that is alive.
    pub rules: Vec<Option<Val>>,
    /// What a trace shows of each version of each rule; empty unless compiled for it.
    pub notes: Vec<Vec<Note>>,
    /// Whether every constant fits in 64 bits.
    pub narrow: bool,
}

/// What a trace needs of a version of a rule beside its value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note {
    /// The value before the outermost rounding: a register, or two to be divided.
    pub unrounded: Option<(Val, Option<Val>)>,
    /// The values in its sentence.
    pub say: Vec<Val>,
}

/// Compiles the rules that `outputs` and the conditions on cases need, or all of them with what a trace shows.
pub(crate) fn lower(pack: &Pack, outputs: &[usize], traced: bool) -> Result<Tape, PackError> {
    let alive = if traced { vec![true; pack.rules.len()] } else { alive(pack, outputs) };
    let leaves = pack.leaves.iter().flat_map(|leaf| leaf.values.iter().map(|v| day_number(v.from)));
    let tape = Tape {
        instrs: Vec::new(),
        unit_regs: 0,
        person_regs: 0,
        unit_marks: Vec::new(),
        person_marks: Vec::new(),
        tables: Vec::new(),
        epochs: Epochs::new(day_number(pack.from), leaves),
        unit_facts: Vec::new(),
        person_facts: Vec::new(),
        rules: vec![None; pack.rules.len()],
        notes: Vec::new(),
        narrow: true,
    };
    let mut lowering = Lowering {
        pack,
        tape,
        same: HashMap::new(),
        leaf_tables: HashMap::new(),
        constants: HashMap::new(),
        rule: 0,
        traced,
    };
    for rule in pack.order.iter().copied().filter(|rule| alive[*rule]) {
        lowering.rule(rule)?;
    }
    if traced {
        lowering.tape.notes = vec![Vec::new(); pack.rules.len()];
        for rule in pack.order.iter().copied() {
            lowering.notes(rule)?;
        }
    }
    Ok(lowering.tape)
}

fn alive(pack: &Pack, outputs: &[usize]) -> Vec<bool> {
    let mut alive = vec![false; pack.rules.len()];
    let mut open: Vec<usize> = pack.requires.iter().map(|r| r.rule).chain(outputs.iter().copied()).collect();
    while let Some(rule) = open.pop() {
        if !alive[rule] {
            alive[rule] = true;
            open.extend(needs(&pack.rules[rule]));
        }
    }
    alive
}

struct Lowering<'p> {
    pack: &'p Pack,
    tape: Tape,
    /// Registers by what they hold. What can fail is kept apart by rule, so that an error names the rule that failed.
    same: HashMap<(Scope, Op, Option<usize>), Reg>,
    leaf_tables: HashMap<usize, (u32, i128)>,
    /// Registers that hold a constant.
    constants: HashMap<(Scope, Reg), i128>,
    rule: usize,
    traced: bool,
}

/// Two registers and what brings them to one denominator.
struct Aligned {
    a: Reg,
    ka: i128,
    b: Reg,
    kb: i128,
    den: i128,
}

type Lowered = Result<Val, PackError>;

impl Lowering<'_> {
    fn rule(&mut self, index: usize) -> Result<(), PackError> {
        self.rule = index;
        let rule = &self.pack.rules[index];
        let start = self.pack.from;
        // Versions that no period can meet any more are left out.
        let first = rule.versions.iter().rposition(|v| v.from.is_none_or(|from| from <= start));
        let mut value = match first {
            Some(version) => self.value(&rule.versions[version].body, rule.scope)?,
            None => self.emit(rule.scope, Op::NoVersion, 1),
        };
        for version in &rule.versions[first.map_or(0, |v| v + 1)..] {
            let day = match version.applies_to {
                AppliesTo::PeriodStart => Op::First,
                AppliesTo::PeriodEnd => Op::Last,
            };
            let from = version.from.map_or(0, day_number);
            let (day, from) = (self.emit(Scope::Unit, day, 1), self.emit(Scope::Unit, Op::Const(from.into()), 1));
            let begun = Op::Compare { is: Comparison::AtLeast, a: day.reg, ka: 1, b: from.reg, kb: 1 };
            let begun = self.emit(Scope::Unit, begun, 1);
            let begun = self.spread(begun, rule.scope);
            let newer = self.value(&version.body, rule.scope)?;
            value = self.select(begun, newer, value)?;
        }
        if self.traced {
            value = self.emit_apart(rule.scope, Op::Copy(value.reg), value.den);
        }
        self.tape.rules[index] = Some(value);
        Ok(())
    }

    /// What the trace shows of a rule's versions.
    fn notes(&mut self, index: usize) -> Result<(), PackError> {
        self.rule = index;
        let rule = &self.pack.rules[index];
        for version in &rule.versions {
            let unrounded = match &version.body.kind {
                Kind::Round(value, ..) => Some((self.value(value, rule.scope)?, None)),
                Kind::Quotient(a, b, ..) => Some((self.value(a, rule.scope)?, Some(self.value(b, rule.scope)?))),
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
                | Kind::Age(..)
                | Kind::AddMonths(..)
                | Kind::AddDays(..)
                | Kind::Over { .. }
                | Kind::Rank { .. } => None,
            };
            let mut say = Vec::new();
            for part in version.say.iter().flat_map(|say| &say.0) {
                if let SayPart::Value(typed) = part {
                    say.push(self.value(typed, rule.scope)?);
                }
            }
            self.tape.notes[index].push(Note { unrounded, say });
        }
        Ok(())
    }

    /// The value of an expression in the space wanted, which is that of people wherever the expression's own is.
    fn value(&mut self, typed: &Typed, wanted: Scope) -> Lowered {
        if let Kind::Const(n) = typed.kind {
            return Ok(self.emit(wanted, Op::Const(n.num()), n.den()));
        }
        let value = self.own(typed)?;
        Ok(self.spread(value, wanted))
    }

    fn spread(&mut self, value: Val, wanted: Scope) -> Val {
        if value.space == Scope::Unit && wanted == Scope::Person {
            self.emit(Scope::Person, Op::Spread(value.reg), value.den)
        } else {
            value
        }
    }

    fn own(&mut self, typed: &Typed) -> Lowered {
        let at = typed.scope;
        match &typed.kind {
            Kind::Const(n) => Ok(self.emit(at, Op::Const(n.num()), n.den())),
            Kind::PeriodStart => Ok(self.emit(Scope::Unit, Op::First, 1)),
            Kind::PeriodEnd => Ok(self.emit(Scope::Unit, Op::Last, 1)),
            Kind::Input(index) => Ok(self.input(*index)),
            Kind::Rule(rule) => self.tape.rules[*rule].ok_or_else(|| self.too_large("a rule that is not compiled yet")),
            Kind::Leaf(leaf) => {
                let (table, den) = self.table(*leaf)?;
                Ok(self.emit(Scope::Unit, Op::Load(table), den))
            }
            Kind::Negate(a) => {
                let a = self.value(a, at)?;
                Ok(self.emit(at, Op::Scale(a.reg, -1), a.den))
            }
            Kind::Not(a) => {
                let a = self.value(a, at)?;
                Ok(self.emit(at, Op::Not(a.reg), 1))
            }
            Kind::Add(a, b) => self.sum(a, b, 1, at),
            Kind::Sub(a, b) => self.sum(a, b, -1, at),
            Kind::Mul(a, b) => {
                let (a, b) = (self.value(a, at)?, self.value(b, at)?);
                let den = self.fits(a.den.checked_mul(b.den))?;
                Ok(self.emit(at, Op::Times(a.reg, b.reg), den))
            }
            Kind::Scale(a, n) => {
                let a = self.value(a, at)?;
                self.scale(a, *n)
            }
            Kind::Compare(is, a, b) => {
                let (a, b) = (self.value(a, at)?, self.value(b, at)?);
                let Aligned { a, ka, b, kb, .. } = self.aligned(a, b)?;
                Ok(self.emit(at, Op::Compare { is: *is, a, ka, b, kb }, 1))
            }
            Kind::And(a, b) => {
                let (a, b) = (self.value(a, at)?, self.value(b, at)?);
                Ok(self.emit(at, Op::And(a.reg, b.reg), 1))
            }
            Kind::Or(a, b) => {
                let (a, b) = (self.value(a, at)?, self.value(b, at)?);
                Ok(self.emit(at, Op::Or(a.reg, b.reg), 1))
            }
            Kind::If(c, a, b) => {
                let (c, a, b) = (self.value(c, at)?, self.value(a, at)?, self.value(b, at)?);
                self.select(c, a, b)
            }
            Kind::Extreme(which, all) => {
                let mut best: Option<Val> = None;
                for one in all {
                    let one = self.value(one, at)?;
                    best = Some(match best {
                        None => one,
                        Some(best) => {
                            let Aligned { a, ka, b, kb, den } = self.aligned(best, one)?;
                            self.emit(at, Op::Extreme { which: *which, a, ka, b, kb }, den)
                        }
                    });
                }
                best.ok_or_else(|| self.too_large("min or max of nothing"))
            }
            Kind::Round(a, mode, step) => {
                let a = self.value(a, at)?;
                let div = self.fits(a.den.checked_mul(step.num()))?;
                let common = gcd(step.den(), div);
                let (mul, div) = (step.den() / common, div / common);
                let op = match div {
                    1 => Op::Scale(a.reg, self.fits(mul.checked_mul(step.num()))?),
                    _ => Op::Round { a: a.reg, mul, div, mode: *mode, out: step.num() },
                };
                Ok(self.emit(at, op, step.den()))
            }
            Kind::Quotient(a, b, mode, step) => {
                let (a, b) = (self.value(a, at)?, self.value(b, at)?);
                let ka = self.fits(b.den.checked_mul(step.den()))?;
                let kb = self.fits(a.den.checked_mul(step.num()))?;
                let common = gcd(ka, kb);
                let op =
                    Op::Quotient { a: a.reg, ka: ka / common, b: b.reg, kb: kb / common, mode: *mode, out: step.num() };
                Ok(self.emit(at, op, step.den()))
            }
            Kind::Age(a, b) => {
                let (a, b) = (self.value(a, at)?, self.value(b, at)?);
                Ok(self.emit(at, Op::Age(a.reg, b.reg), 1))
            }
            Kind::AddMonths(a, n, end) => {
                let (a, n) = (self.value(a, at)?, self.value(n, at)?);
                Ok(self.emit(at, Op::AddMonths(a.reg, n.reg, *end), 1))
            }
            Kind::AddDays(a, n) => {
                let (a, n) = (self.value(a, at)?, self.value(n, at)?);
                Ok(self.emit(at, Op::AddDays(a.reg, n.reg), 1))
            }
            Kind::Over { what, body, filter, default } => self.over(*what, body, filter, default),
            Kind::Rank { key, filter } => {
                let (key, filter) = (self.value(key, Scope::Person)?, self.person(filter)?);
                Ok(self.emit(Scope::Person, Op::Rank { key: key.reg, filter: filter.map(|f| f.reg) }, 1))
            }
        }
    }

    fn person(&mut self, typed: &Option<Box<Typed>>) -> Result<Option<Val>, PackError> {
        typed.as_ref().map(|t| self.value(t, Scope::Person)).transpose()
    }

    fn over(
        &mut self,
        what: Over,
        body: &Option<Box<Typed>>,
        filter: &Option<Box<Typed>>,
        default: &Option<Box<Typed>>,
    ) -> Lowered {
        let (body, filter) = (self.person(body)?, self.person(filter)?);
        let default = default.as_ref().map(|d| self.value(d, Scope::Unit)).transpose()?;
        let den = body.map_or(1, |b| b.den);
        let which = match what {
            Over::Min => Extreme::Min,
            Over::Max => Extreme::Max,
            Over::Sum | Over::Count | Over::Any | Over::All => {
                let op = Op::Over { what, body: body.map(|b| b.reg), filter: filter.map(|f| f.reg) };
                return Ok(self.emit(Scope::Unit, op, den));
            }
        };
        let (Some(body), Some(default)) = (body, default) else {
            return Err(self.too_large("min or max over people without a default"));
        };
        let Aligned { a: body, ka: kb, b: default, kb: kd, den } = self.aligned(body, default)?;
        let op = Op::Best { which, body, kb, filter: filter.map(|f| f.reg), default, kd };
        Ok(self.emit(Scope::Unit, op, den))
    }

    fn input(&mut self, index: usize) -> Val {
        let input = &self.pack.inputs[index];
        let facts = match input.scope {
            Scope::Unit => &mut self.tape.unit_facts,
            Scope::Person => &mut self.tape.person_facts,
        };
        let column = facts.iter().position(|i| *i == index).unwrap_or_else(|| {
            facts.push(index);
            facts.len() - 1
        });
        self.emit(input.scope, Op::Fact(column as u32), input.scale.into())
    }

    fn sum(&mut self, a: &Typed, b: &Typed, sign: i128, at: Scope) -> Lowered {
        let (a, b) = (self.value(a, at)?, self.value(b, at)?);
        let Aligned { a, ka, b, kb, den } = self.aligned(a, b)?;
        Ok(self.emit(at, Op::Sum { a, ka, b, kb: sign * kb }, den))
    }

    /// `value * n`: what divides the denominator costs nothing.
    fn scale(&mut self, value: Val, n: Exact) -> Lowered {
        let common = gcd(n.num(), value.den);
        let (k, den) = (n.num() / common, self.fits((value.den / common).checked_mul(n.den()))?);
        Ok(if k == 1 { Val { den, ..value } } else { self.emit(value.space, Op::Scale(value.reg, k), den) })
    }

    fn select(&mut self, c: Val, a: Val, b: Val) -> Lowered {
        let Aligned { a, ka, b, kb, den } = self.aligned(a, b)?;
        Ok(self.emit(c.space, Op::Select { c: c.reg, a, ka, b, kb }, den))
    }

    /// Two values with the factors that bring them to one denominator, and that denominator. Constants are brought there at once.
    fn aligned(&mut self, a: Val, b: Val) -> Result<Aligned, PackError> {
        let den = self.fits(lcm(a.den, b.den))?;
        let (a, ka) = self.brought_to(a, den);
        let (b, kb) = self.brought_to(b, den);
        Ok(Aligned { a, ka, b, kb, den })
    }

    fn brought_to(&mut self, value: Val, den: i128) -> (Reg, i128) {
        let k = den / value.den;
        let constant = self.constants.get(&(value.space, value.reg)).and_then(|constant| constant.checked_mul(k));
        match constant.filter(|constant| k != 1 && i64::try_from(*constant).is_ok()) {
            Some(constant) => (self.emit(value.space, Op::Const(constant), den).reg, 1),
            None => (value.reg, k),
        }
    }

    fn fits(&self, number: Option<i128>) -> Result<i128, PackError> {
        number.ok_or_else(|| self.too_large("fractions whose denominators leave 128 bits"))
    }

    fn too_large(&self, found: &str) -> PackError {
        let rule = &self.pack.rules[self.rule];
        PackError::new(rule.place.clone(), format!("{found} in `{}`", rule.id), "rules that round on the way")
    }

    /// The table of a parameter's values by epoch, and their denominator.
    fn table(&mut self, index: usize) -> Result<(u32, i128), PackError> {
        if let Some(known) = self.leaf_tables.get(&index) {
            return Ok(*known);
        }
        let leaf = &self.pack.leaves[index];
        // Amounts in pence like the facts beside them, even those of whole pounds.
        let mut den = if leaf.ty == Some(Ty::Money) { 100 } else { 1 };
        for dated in &leaf.values {
            if let LeafValue::Number(n) = &dated.value {
                den = self.fits(lcm(den, n.den()))?;
            }
        }
        let mut table =
            Table { leaf: index, by: leaf.applies_to, narrow: Vec::new(), wide: Vec::new(), value: Vec::new() };
        for start in self.tape.epochs.starts.clone() {
            let in_force = leaf.values.partition_point(|v| day_number(v.from) <= start).checked_sub(1);
            let number = in_force.and_then(|i| match &leaf.values[i].value {
                LeafValue::Number(n) => n.in_units_of(den),
                LeafValue::Unlimited | LeafValue::Absent | LeafValue::Other(_) => None,
            });
            let wide = number.unwrap_or(0);
            self.tape.narrow &= i64::try_from(wide).is_ok();
            table.narrow.push(i64::try_from(wide).unwrap_or(0));
            table.wide.push(wide);
            table.value.push(number.and(in_force).and_then(|i| u32::try_from(i).ok()));
        }
        let number = self.tape.tables.len() as u32;
        self.tape.tables.push(table);
        self.leaf_tables.insert(index, (number, den));
        Ok((number, den))
    }

    fn emit(&mut self, space: Scope, op: Op, den: i128) -> Val {
        if let Op::Scale(reg, 1) = op {
            return Val { space, reg, den };
        }
        let lacks_a_value =
            matches!(&op, Op::Load(table) if self.tape.tables[*table as usize].value.iter().any(Option::is_none));
        let can_fail = lacks_a_value || matches!(op, Op::Quotient { .. } | Op::NoVersion);
        let key = (space, op.clone(), can_fail.then_some(self.rule));
        if let Some(reg) = self.same.get(&key) {
            return Val { space, reg: *reg, den };
        }
        let value = self.emit_apart(space, op, den);
        if let Op::Const(constant) = key.1 {
            self.constants.insert((space, value.reg), constant);
        }
        self.same.insert(key, value.reg);
        value
    }

    /// A new register whatever else holds the same.
    fn emit_apart(&mut self, space: Scope, op: Op, den: i128) -> Val {
        let marks = self.can_be_marked(space, &op);
        self.tape.narrow &= factors(&op).iter().all(|k| i64::try_from(*k).is_ok());
        let (count, all_marks) = match space {
            Scope::Unit => (&mut self.tape.unit_regs, &mut self.tape.unit_marks),
            Scope::Person => (&mut self.tape.person_regs, &mut self.tape.person_marks),
        };
        let reg = *count as Reg;
        *count += 1;
        all_marks.push(marks);
        self.tape.instrs.push(Instr { op, space, out: reg, rule: self.rule });
        Val { space, reg, den }
    }

    fn can_be_marked(&self, space: Scope, op: &Op) -> bool {
        let marked = |(space, reg): (Scope, Reg)| match space {
            Scope::Unit => self.tape.unit_marks[reg as usize],
            Scope::Person => self.tape.person_marks[reg as usize],
        };
        let lacks_a_value =
            matches!(op, Op::Load(table) if self.tape.tables[*table as usize].value.iter().any(Option::is_none));
        lacks_a_value || matches!(op, Op::Quotient { .. } | Op::NoVersion) || op.reads(space).any(marked)
    }
}

/// The constants in an operation.
fn factors(op: &Op) -> Vec<i128> {
    match op {
        Op::Const(k) | Op::Scale(_, k) => vec![*k],
        Op::Sum { ka, kb, .. }
        | Op::Compare { ka, kb, .. }
        | Op::Select { ka, kb, .. }
        | Op::Extreme { ka, kb, .. } => vec![*ka, *kb],
        Op::Round { mul, div, out, .. } => vec![*mul, *div, *out],
        Op::Quotient { ka, kb, out, .. } => vec![*ka, *kb, *out],
        Op::Best { kb, kd, .. } => vec![*kb, *kd],
        Op::First
        | Op::Last
        | Op::Fact(_)
        | Op::Load(_)
        | Op::Spread(_)
        | Op::Copy(_)
        | Op::Times(..)
        | Op::And(..)
        | Op::Or(..)
        | Op::Not(_)
        | Op::Age(..)
        | Op::AddMonths(..)
        | Op::AddDays(..)
        | Op::Over { .. }
        | Op::Rank { .. }
        | Op::NoVersion => Vec::new(),
    }
}
