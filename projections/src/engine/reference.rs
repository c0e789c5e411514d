//! The reference evaluator: walks the checked expressions with fractions of any size, and is right before it is fast.
//!
//! It shares with the tape only the expressions, the parameters and the reading of a case. It looks up values, rounds and steps through the calendar in its own way, and looks
//! only at what is needed: one side of an `if`, the right of an `and` only where the left is true.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::civil::{Date, date};
use jiff::{Span, Unit};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use super::answer::{Answer, Figure, PersonAnswer};
use super::ast::{Extreme, Over, RoundMode};
use super::case::{Case, Held};
use super::civil::MonthEnd;
use super::error::{CaseError, CaseFault};
use super::exact::Exact;
use super::model::{AppliesTo, Kind, LeafValue, Origin, Scope, Typed};
use super::pack::Pack;

/// Works out one case the slow way.
///
/// # Errors
/// What is missing or wrong in the case, or what a rule could not do.
pub fn reference(pack: &Pack, outputs: &[&str], case: &Case) -> Result<Answer, CaseError> {
    let held = Held::read(pack, case)?;
    let fail = |why| CaseError { case: case.name.clone(), why };
    let walk = Walk { pack, held: &held, known: RefCell::new(HashMap::new()) };
    for requirement in &pack.requires {
        if walk.rule(requirement.rule, None).map_err(fail)?.is_zero() {
            return Err(fail(CaseFault::Refused { say: requirement.say.clone() }));
        }
    }
    let mut answer = Answer { case: case.name.clone(), unit: Vec::new(), people: Vec::new() };
    answer.people = held.people.iter().map(|(id, _)| PersonAnswer { id: id.clone(), figures: Vec::new() }).collect();
    for output in outputs {
        let Some(rule) = pack.rules.iter().position(|rule| rule.origin == Origin::Rule && rule.id == *output) else {
            continue;
        };
        let (id, ty) = (&pack.rules[rule].id, pack.rules[rule].ty);
        let figure = |value: &BigRational, person: Option<usize>| {
            let (num, den) = (value.numer().to_i128(), value.denom().to_i128());
            let exact = num.zip(den).and_then(|(num, den)| Exact::new(num, den));
            let person = person.map(|p| held.people[p].0.clone());
            exact
                .map(|exact| Figure::new(ty, exact, &pack.words))
                .ok_or_else(|| CaseFault::Overflow { rule: id.clone(), person })
        };
        match pack.rules[rule].scope {
            Scope::Unit => {
                let value = walk.rule(rule, None).and_then(|v| figure(&v, None)).map_err(fail)?;
                answer.unit.push((id.clone(), value));
            }
            Scope::Person => {
                for person in 0..held.people.len() {
                    let value = walk.rule(rule, Some(person)).and_then(|v| figure(&v, Some(person))).map_err(fail)?;
                    answer.people[person].figures.push((id.clone(), value));
                }
            }
        }
    }
    Ok(answer)
}

type Worked = Result<BigRational, CaseFault>;

struct Walk<'c> {
    pack: &'c Pack,
    held: &'c Held,
    known: RefCell<HashMap<(usize, Option<usize>), Worked>>,
}

/// Whose value is wanted, and in which rule.
#[derive(Clone, Copy)]
struct Here {
    rule: usize,
    person: Option<usize>,
}

impl Walk<'_> {
    fn rule(&self, rule: usize, person: Option<usize>) -> Worked {
        let person = if self.pack.rules[rule].scope == Scope::Person { person } else { None };
        if let Some(known) = self.known.borrow().get(&(rule, person)) {
            return known.clone();
        }
        let value = self.version(rule, person);
        self.known.borrow_mut().insert((rule, person), value.clone());
        value
    }

    fn version(&self, rule: usize, person: Option<usize>) -> Worked {
        let found = &self.pack.rules[rule];
        let in_force = found.versions.iter().rev().find(|v| v.from.is_none_or(|from| from <= self.day(v.applies_to)));
        match (in_force, found.versions.first()) {
            (Some(version), _) => self.value(&version.body, Here { rule, person }),
            (None, Some(first)) => Err(CaseFault::NoVersion {
                rule: found.id.clone(),
                on: self.day(first.applies_to),
                first: first.from.unwrap_or(Date::MIN),
            }),
            (None, None) => Ok(BigRational::zero()),
        }
    }

    fn day(&self, applies_to: AppliesTo) -> Date {
        match applies_to {
            AppliesTo::PeriodStart => from_number(&whole(self.held.first)),
            AppliesTo::PeriodEnd => from_number(&whole(self.held.last)),
        }
    }

    fn value(&self, typed: &Typed, here: Here) -> Worked {
        let value = |t: &Typed| self.value(t, here);
        let two = |a: &Typed, b: &Typed| Ok::<_, CaseFault>((self.value(a, here)?, self.value(b, here)?));
        match &typed.kind {
            Kind::Const(n) => Ok(rational(*n)),
            Kind::PeriodStart => Ok(whole(self.held.first)),
            Kind::PeriodEnd => Ok(whole(self.held.last)),
            Kind::Input(index) => Ok(self.input(*index, here)),
            Kind::Rule(rule) => self.rule(*rule, here.person),
            Kind::Leaf(leaf) => self.leaf(*leaf, here),
            Kind::Negate(a) => Ok(-value(a)?),
            Kind::Not(a) => Ok(flag(value(a)?.is_zero())),
            Kind::Add(a, b) => two(a, b).map(|(a, b)| a + b),
            Kind::Sub(a, b) => two(a, b).map(|(a, b)| a - b),
            Kind::Mul(a, b) => two(a, b).map(|(a, b)| a * b),
            Kind::Scale(a, n) => Ok(value(a)? * rational(*n)),
            Kind::Compare(comparison, a, b) => two(a, b).map(|(a, b)| flag(comparison.holds(a.cmp(&b)))),
            Kind::And(a, b) => {
                if value(a)?.is_zero() {
                    Ok(flag(false))
                } else {
                    value(b)
                }
            }
            Kind::Or(a, b) => {
                if value(a)?.is_zero() {
                    value(b)
                } else {
                    Ok(flag(true))
                }
            }
            Kind::If(c, a, b) => {
                if value(c)?.is_zero() {
                    value(b)
                } else {
                    value(a)
                }
            }
            Kind::Extreme(extreme, all) => {
                let all = all.iter().map(value).collect::<Result<Vec<_>, _>>()?;
                let best = match extreme {
                    Extreme::Min => all.into_iter().min(),
                    Extreme::Max => all.into_iter().max(),
                };
                Ok(best.unwrap_or_else(BigRational::zero))
            }
            Kind::Round(a, mode, step) => Ok(rounded(&value(a)?, *mode, &rational(*step))),
            Kind::Quotient(a, b, mode, step) => {
                let (a, b) = two(a, b)?;
                if b.is_zero() {
                    return Err(CaseFault::DivisionByZero {
                        rule: self.pack.rules[here.rule].id.clone(),
                        person: self.person(here, typed.scope),
                    });
                }
                Ok(rounded(&(a / b), *mode, &rational(*step)))
            }
            Kind::Age(born, on) => {
                let (born, on) = two(born, on)?;
                let years = if on < born { 0 } else { years_between(from_number(&born), from_number(&on)) };
                Ok(whole(years))
            }
            Kind::AddMonths(a, n, end) => two(a, n).map(|(a, n)| add_months(&a, &n, *end)),
            Kind::AddDays(a, n) => two(a, n).map(|(a, n)| if is_never(&a) { a } else { within_calendar(a + n) }),
            Kind::Over { what, body, filter, default } => {
                self.over(*what, body.as_deref(), filter.as_deref(), default.as_deref(), here)
            }
            Kind::Rank { key, filter } => self.rank(key, filter.as_deref(), here),
        }
    }

    fn person(&self, here: Here, scope: Scope) -> Option<String> {
        let person = if scope == Scope::Person { here.person } else { None };
        person.map(|p| self.held.people[p].0.clone())
    }

    fn input(&self, index: usize, here: Here) -> BigRational {
        let input = &self.pack.inputs[index];
        let held = match (input.scope, here.person) {
            (Scope::Person, Some(person)) => self.held.people[person].1.values[index],
            (Scope::Person, None) | (Scope::Unit, _) => self.held.unit.values[index],
        };
        BigRational::new(held.into(), input.scale.into())
    }

    fn leaf(&self, index: usize, here: Here) -> Worked {
        let leaf = &self.pack.leaves[index];
        let on = self.day(leaf.applies_to);
        let (rule, parameter) = (self.pack.rules[here.rule].id.clone(), leaf.path.clone());
        let in_force = leaf.values.iter().filter(|v| v.from <= on).max_by_key(|v| v.from);
        match in_force.map(|v| &v.value) {
            Some(LeafValue::Number(n)) => Ok(rational(*n)),
            Some(LeafValue::Unlimited) => Err(CaseFault::Unlimited { rule, parameter, on }),
            Some(LeafValue::Absent | LeafValue::Other(_)) | None => {
                Err(CaseFault::NoValue { rule, parameter, on, first: leaf.first_day() })
            }
        }
    }

    /// The people that the filter lets in.
    fn people(&self, filter: Option<&Typed>, here: Here) -> Vec<Result<(Here, bool), CaseFault>> {
        let people = (0..self.held.people.len()).map(|person| Here { person: Some(person), ..here });
        people
            .map(|there| filter.map_or(Ok((there, true)), |f| Ok((there, !self.value(f, there)?.is_zero()))))
            .collect()
    }

    fn over(
        &self,
        what: Over,
        body: Option<&Typed>,
        filter: Option<&Typed>,
        default: Option<&Typed>,
        here: Here,
    ) -> Worked {
        let mut values = Vec::new();
        for person in self.people(filter, here) {
            let (there, belongs) = person?;
            if belongs {
                values.push(body.map_or(Ok(whole(1)), |b| self.value(b, there))?);
            }
        }
        match what {
            Over::Sum | Over::Count => Ok(values.iter().sum()),
            Over::Any => Ok(flag(values.iter().any(|v| !v.is_zero()))),
            Over::All => Ok(flag(values.iter().all(|v| !v.is_zero()))),
            Over::Min | Over::Max => {
                let best = if what == Over::Min { values.into_iter().min() } else { values.into_iter().max() };
                match (best, default) {
                    (Some(best), _) => Ok(best),
                    (None, Some(default)) => self.value(default, Here { person: None, ..here }),
                    (None, None) => Ok(BigRational::zero()),
                }
            }
        }
    }

    fn rank(&self, key: &Typed, filter: Option<&Typed>, here: Here) -> Worked {
        let mut keys = Vec::new();
        for person in self.people(filter, here) {
            let (there, belongs) = person?;
            if belongs {
                keys.push((self.value(key, there)?, there.person));
            }
        }
        keys.sort();
        Ok(whole(keys.iter().position(|(_, person)| *person == here.person).map_or(0, |at| at as i64 + 1)))
    }
}

fn whole(n: i64) -> BigRational {
    BigRational::from_integer(n.into())
}

fn flag(b: bool) -> BigRational {
    whole(i64::from(b))
}

fn rational(n: Exact) -> BigRational {
    BigRational::new(n.num().into(), n.den().into())
}

/// `value` as a multiple of `step`: the magnitude is rounded and the sign put back.
fn rounded(value: &BigRational, mode: RoundMode, step: &BigRational) -> BigRational {
    let steps = value.abs() / step;
    let below = steps.floor();
    let (rest, half) = (&steps - &below, BigRational::new(1.into(), 2.into()));
    let is_odd = &below.to_integer() % BigInt::from(2) != BigInt::zero();
    let up = match mode {
        RoundMode::Down => false,
        RoundMode::Up => !rest.is_zero(),
        RoundMode::HalfUp => rest >= half,
        RoundMode::HalfEven => rest > half || (rest == half && is_odd),
    };
    let magnitude = (below + flag(up)) * step;
    if value.is_negative() { -magnitude } else { magnitude }
}

const EPOCH: Date = date(1970, 1, 1);
const FIRST: Date = date(1, 1, 1);
const LAST: Date = date(9999, 12, 31);

fn to_number(day: Date) -> BigRational {
    let span = EPOCH.until((Unit::Day, day)).map(|span| i64::from(span.get_days())).unwrap_or(0);
    whole(span)
}

fn from_number(number: &BigRational) -> Date {
    let days = within_calendar(number.clone()).to_integer().to_i64().unwrap_or(0);
    Span::new().try_days(days).ok().and_then(|span| EPOCH.checked_add(span).ok()).unwrap_or(LAST)
}

fn within_calendar(number: BigRational) -> BigRational {
    number.clamp(to_number(FIRST), to_number(LAST))
}

fn is_never(number: &BigRational) -> bool {
    *number >= to_number(LAST)
}

/// Counts anniversaries one by one year, a leap day's on 1 March of a common year.
fn years_between(born: Date, on: Date) -> i64 {
    let anniversary = |year: i16| Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, 3, 1));
    let years = i64::from(on.year()) - i64::from(born.year());
    let had_it = anniversary(on.year()).is_ok_and(|day| day <= on);
    if had_it { years } else { years - 1 }
}

fn add_months(from: &BigRational, months: &BigRational, end: MonthEnd) -> BigRational {
    if is_never(from) {
        return from.clone();
    }
    let (day, months) = (from_number(from), months.to_integer());
    let limit = BigInt::from(200_000);
    let months = months.clamp(-limit.clone(), limit).to_i64().unwrap_or(0);
    let moved = Span::new().try_months(months).ok().and_then(|span| day.checked_add(span).ok());
    let clamped = match moved {
        Some(day) => day,
        None if months < 0 => FIRST,
        None => LAST,
    };
    let rolls = end == MonthEnd::RollOver && clamped.day() < day.day() && moved.is_some();
    let rolled = if rolls { clamped.tomorrow().unwrap_or(LAST) } else { clamped };
    within_calendar(to_number(rolled))
}
