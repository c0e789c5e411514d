//! Looks up the names of an expression and checks its types.
//!
//! | written | gives |
//! | --- | --- |
//! | `money ± money`, `rate ± rate`, `count ± count`, `days ± days` | the same |
//! | `money * rate` (or count, or days) | money |
//! | `rate * rate`, `rate * count`, `rate ± count` | rate |
//! | `date - date` | days |
//! | `x / constant` | money for money, else rate |
//! | `a / b` | only as `round(a / b, mode, step)`; money / money is a rate |
//! | `round(rate, mode, whole step)` | count |
//!
//! A whole number written out fits where a rate or a number of days is wanted, and a count fits where a rate is.

use std::collections::BTreeMap;

use super::ast::{BinaryOp, Expr, ExprKind, Extreme, Literal, Over, RoundMode};
use super::error::nearest;
use super::exact::Exact;
use super::model::{Input, Kind, Rule, Scope, Ty, Typed};
use super::token::{Offset, Wrong};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// An input, by index.
    Input(usize),
    /// A rule, by index.
    Rule(usize),
    /// A parameter, by index; nothing where the engine cannot calculate with it.
    Leaf(usize, Option<Ty>),
}

/// Everything an expression can refer to. Of the rules only type, scope and words are looked at.
pub(crate) struct Names<'p> {
    pub names: &'p BTreeMap<String, Named>,
    pub inputs: &'p [Input],
    pub rules: &'p [Rule],
    pub words: &'p [String],
    /// The rule whose expression is checked: a fact of the same name hides behind it everywhere else.
    pub own: Option<usize>,
}

type Checked = Result<Typed, Wrong>;

impl Names<'_> {
    /// Checks an expression that stands in `scope` and must give a `wanted`.
    pub fn check(&self, expr: &Expr, scope: Scope, wanted: Ty) -> Checked {
        let typed = self.expr(expr, scope)?;
        let at = typed.at;
        coerce(typed, wanted).map_err(|found| {
            let wrong = Wrong::new(at, found.name(), wanted.name());
            if wanted == Ty::Money && found == Ty::Count {
                wrong.advise("write an amount with its sign, as `£0`")
            } else {
                wrong
            }
        })
    }

    /// Checks an expression of any type.
    pub fn expr(&self, expr: &Expr, scope: Scope) -> Checked {
        let at = expr.at;
        let bool_of = |e: &Expr| self.check(e, scope, Ty::Bool);
        let typed = |kind, ty, scope| Ok(Typed { kind, ty, scope, at });
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(literal, at),
            ExprKind::Name(name) => self.name(name, scope, at),
            ExprKind::Negate(inner) => {
                let inner = self.number(inner, scope)?;
                let (ty, scope) = (inner.ty, inner.scope);
                match constant(&inner).and_then(Exact::checked_neg) {
                    Some(n) => typed(Kind::Const(n), ty, scope),
                    None => typed(Kind::Negate(Box::new(inner)), ty, scope),
                }
            }
            ExprKind::Not(inner) => {
                let inner = bool_of(inner)?;
                let scope = inner.scope;
                typed(Kind::Not(Box::new(inner)), Ty::Bool, scope)
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, scope, at),
            ExprKind::If(c, a, b) => {
                let c = bool_of(c)?;
                let mut sides = vec![self.expr(a, scope)?, self.expr(b, scope)?];
                let ty = unify(&mut sides, "both sides of `if` of one type")?;
                let scope = sides.iter().map(|s| s.scope).fold(c.scope, Scope::max);
                let [a, b] = pair(sides, at)?;
                typed(Kind::If(Box::new(c), Box::new(a), Box::new(b)), ty, scope)
            }
            ExprKind::Extreme(extreme, all) => self.extreme(*extreme, all, scope, at),
            ExprKind::Round(value, mode, step) => self.round(value, *mode, *step, scope, at),
            ExprKind::Age(born, on) => {
                let (born, on) = (self.check(born, scope, Ty::Date)?, self.check(on, scope, Ty::Date)?);
                let scope = born.scope.max(on.scope);
                typed(Kind::Age(Box::new(born), Box::new(on)), Ty::Count, scope)
            }
            ExprKind::AddMonths(date, months, end) => {
                let (date, months) = (self.check(date, scope, Ty::Date)?, self.check(months, scope, Ty::Count)?);
                let scope = date.scope.max(months.scope);
                typed(Kind::AddMonths(Box::new(date), Box::new(months), *end), Ty::Date, scope)
            }
            ExprKind::AddDays(date, days) => {
                let (date, days) = (self.check(date, scope, Ty::Date)?, self.expr(days, scope)?);
                if !matches!(days.ty, Ty::Days | Ty::Count) {
                    return Err(Wrong::new(days.at, days.ty.name(), "days or count"));
                }
                let scope = date.scope.max(days.scope);
                typed(Kind::AddDays(Box::new(date), Box::new(days)), Ty::Date, scope)
            }
            ExprKind::Days(from, to) => {
                let (from, to) = (self.check(from, scope, Ty::Date)?, self.check(to, scope, Ty::Date)?);
                let scope = from.scope.max(to.scope);
                typed(Kind::Sub(Box::new(to), Box::new(from)), Ty::Days, scope)
            }
            ExprKind::Over { what, body, filter, default } => self.over(*what, body, filter, default, at),
            ExprKind::Rank { key, filter } => {
                if scope == Scope::Unit {
                    let wrong =
                        Wrong::new(at, "`rank` where there is no person to rank", "a rule with `scope: person`");
                    return Err(wrong.advise("use it inside `over people` or in a person rule"));
                }
                let key = self.expr(key, Scope::Person)?;
                if !(key.ty.is_number() || key.ty == Ty::Date) {
                    return Err(Wrong::new(key.at, key.ty.name(), "a number or a date to rank by"));
                }
                let filter = self.filter(filter)?;
                typed(Kind::Rank { key: Box::new(key), filter }, Ty::Count, Scope::Person)
            }
        }
    }

    fn literal(&self, literal: &Literal, at: Offset) -> Checked {
        let (value, ty) = match literal {
            Literal::Money(n) => (*n, Ty::Money),
            Literal::Rate(n) => (*n, Ty::Rate),
            Literal::Count(n) => (*n, Ty::Count),
            Literal::Day(day) => (Exact::whole((*day).into()), Ty::Date),
            Literal::Bool(b) => (Exact::whole(i128::from(*b)), Ty::Bool),
            Literal::Enum(word) => match self.words.iter().position(|w| w == word) {
                Some(index) => (Exact::whole(index as i128), Ty::Enum),
                None => {
                    let wrong = Wrong::new(at, format!("`\"{word}\"`"), "a value of some enum of the pack");
                    return Err(advise_nearest(wrong, word, self.words.iter().map(String::as_str)));
                }
            },
        };
        Ok(Typed { kind: Kind::Const(value), ty, scope: Scope::Unit, at })
    }

    fn name(&self, name: &str, scope: Scope, at: Offset) -> Checked {
        let (kind, ty, own) = match name {
            "period_start" => (Kind::PeriodStart, Ty::Date, Scope::Unit),
            "period_end" => (Kind::PeriodEnd, Ty::Date, Scope::Unit),
            _ => match self.named(name) {
                Some(Named::Input(i)) => (Kind::Input(i), self.inputs[i].ty, self.inputs[i].scope),
                Some(Named::Rule(i)) => (Kind::Rule(i), self.rules[i].ty, self.rules[i].scope),
                Some(Named::Leaf(i, Some(ty))) => (Kind::Leaf(i), ty, Scope::Unit),
                Some(Named::Leaf(_, None)) => {
                    return Err(Wrong::new(
                        at,
                        format!("`{name}`, whose values are not numbers, days or true and false"),
                        "a parameter that can be calculated with",
                    ));
                }
                None => {
                    let wrong = Wrong::new(at, format!("`{name}`"), "the name of a rule, an input or a parameter");
                    // A scale, or a group of parameters, is no value.
                    let part = self
                        .names
                        .keys()
                        .find(|known| known.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '['])));
                    if let Some(part) = part {
                        return Err(wrong.advise(format!("name one of its parts, as `{part}`")));
                    }
                    return Err(advise_nearest(wrong, name, self.names.keys().map(String::as_str)));
                }
            },
        };
        if own == Scope::Person && scope == Scope::Unit {
            let wrong = Wrong::new(at, format!("`{name}`, which each person has"), "a value of the whole case");
            return Err(
                wrong.advise(format!("gather it, as `sum({name} over people)`, or make the rule `scope: person`"))
            );
        }
        Ok(Typed { kind, ty, scope: own, at })
    }

    fn named(&self, name: &str) -> Option<Named> {
        let named = self.names.get(name).copied()?;
        let fact = || self.inputs.iter().position(|input| input.name == name).map(Named::Input);
        match named {
            Named::Rule(rule) if Some(rule) == self.own => fact().or(Some(named)),
            Named::Rule(_) | Named::Input(_) | Named::Leaf(..) => Some(named),
        }
    }

    fn number(&self, expr: &Expr, scope: Scope) -> Checked {
        let typed = self.expr(expr, scope)?;
        if typed.ty.is_number() {
            Ok(typed)
        } else {
            Err(Wrong::new(typed.at, typed.ty.name(), "money, a rate, a count or days"))
        }
    }

    fn binary(&self, op: BinaryOp, a: &Expr, b: &Expr, scope: Scope, at: Offset) -> Checked {
        if let BinaryOp::And | BinaryOp::Or = op {
            let (a, b) = (self.check(a, scope, Ty::Bool)?, self.check(b, scope, Ty::Bool)?);
            let scope = a.scope.max(b.scope);
            let (a, b) = (Box::new(a), Box::new(b));
            let kind = if op == BinaryOp::And { Kind::And(a, b) } else { Kind::Or(a, b) };
            return Ok(Typed { kind, ty: Ty::Bool, scope, at });
        }
        let (a, b) = (self.expr(a, scope)?, self.expr(b, scope)?);
        match op {
            BinaryOp::Add | BinaryOp::Sub => self.sum(op, a, b, at),
            BinaryOp::Mul => product(a, b, at),
            BinaryOp::Div => quotient(a, b, at),
            BinaryOp::Compare(comparison) => {
                self.compared_words(&a, &b)?;
                self.compared_words(&b, &a)?;
                let mut sides = vec![a, b];
                let ty = unify(&mut sides, "both sides of a comparison of one type")?;
                if matches!(ty, Ty::Bool | Ty::Enum)
                    && !matches!(comparison, super::ast::Comparison::Equal | super::ast::Comparison::NotEqual)
                {
                    return Err(Wrong::new(
                        at,
                        format!("an order between two values of type {}", ty.name()),
                        "`==` or `!=`",
                    ));
                }
                let [a, b] = pair(sides, at)?;
                let scope = a.scope.max(b.scope);
                Ok(Typed { kind: Kind::Compare(comparison, Box::new(a), Box::new(b)), ty: Ty::Bool, scope, at })
            }
            BinaryOp::And | BinaryOp::Or => Err(Wrong::new(at, "`and`", "a sum, a product or a comparison")),
        }
    }

    fn sum(&self, op: BinaryOp, a: Typed, b: Typed, at: Offset) -> Checked {
        let sign = if op == BinaryOp::Add { '+' } else { '-' };
        let scope = a.scope.max(b.scope);
        let (left, right) = (a.ty, b.ty);
        if left == Ty::Date && right == Ty::Date && op == BinaryOp::Sub {
            return Ok(Typed { kind: Kind::Sub(Box::new(a), Box::new(b)), ty: Ty::Days, scope, at });
        }
        let wrong = Wrong::new(at, format!("{} {sign} {}", left.name(), right.name()), "two values of one type");
        if left == Ty::Date || right == Ty::Date {
            return Err(wrong.advise("write `add_days(date, n)` to step by days"));
        }
        let mut sides = vec![a, b];
        let ty = unify_numbers(&mut sides).filter(|ty| ty.is_number());
        let Some(ty) = ty else {
            let loose = matches!((left, right), (Ty::Money, Ty::Count | Ty::Rate) | (Ty::Count | Ty::Rate, Ty::Money));
            return Err(if loose { wrong.advise("write an amount with its sign, as `£1.50`") } else { wrong });
        };
        let [a, b] = pair(sides, at)?;
        if let (Some(x), Some(y)) = (constant(&a), constant(&b)) {
            let y = if op == BinaryOp::Sub { y.checked_neg() } else { Some(y) };
            if let Some(n) = y.and_then(|y| x.checked_add(y)) {
                return Ok(Typed { kind: Kind::Const(n), ty, scope, at });
            }
        }
        let (a, b) = (Box::new(a), Box::new(b));
        let kind = if op == BinaryOp::Add { Kind::Add(a, b) } else { Kind::Sub(a, b) };
        Ok(Typed { kind, ty, scope, at })
    }

    fn extreme(&self, extreme: Extreme, all: &[Expr], scope: Scope, at: Offset) -> Checked {
        let mut sides = all.iter().map(|e| self.expr(e, scope)).collect::<Result<Vec<_>, _>>()?;
        let ty = unify(&mut sides, "values of one type")?;
        if !(ty.is_number() || ty == Ty::Date) {
            return Err(Wrong::new(
                at,
                format!("the least or greatest of values of type {}", ty.name()),
                "numbers or dates",
            ));
        }
        let scope = sides.iter().map(|s| s.scope).max().unwrap_or(Scope::Unit);
        Ok(Typed { kind: Kind::Extreme(extreme, sides), ty, scope, at })
    }

    fn round(&self, value: &Expr, mode: RoundMode, step: Exact, scope: Scope, at: Offset) -> Checked {
        let to_count = |ty: Ty| if ty == Ty::Rate && step.den() == 1 { Ty::Count } else { ty };
        if let ExprKind::Binary(BinaryOp::Div, a, b) = &value.kind {
            let (a, b) = (self.number(a, scope)?, self.number(b, scope)?);
            if constant(&b).is_none() {
                let ty = quotient_type(&a, &b, value.at)?;
                let scope = a.scope.max(b.scope);
                return Ok(Typed {
                    kind: Kind::Quotient(Box::new(a), Box::new(b), mode, step),
                    ty: to_count(ty),
                    scope,
                    at,
                });
            }
        }
        let value = self.number(value, scope)?;
        let (ty, scope) = (to_count(value.ty), value.scope);
        if matches!(value.ty, Ty::Count | Ty::Days) && step.den() != 1 {
            return Err(Wrong::new(at, format!("a step of {step} for a {}", value.ty.name()), "a whole step"));
        }
        Ok(Typed { kind: Kind::Round(Box::new(value), mode, step), ty, scope, at })
    }

    fn filter(&self, filter: &Option<Box<Expr>>) -> Result<Option<Box<Typed>>, Wrong> {
        filter.as_ref().map(|f| self.check(f, Scope::Person, Ty::Bool).map(Box::new)).transpose()
    }

    fn over(
        &self,
        what: Over,
        body: &Option<Box<Expr>>,
        filter: &Option<Box<Expr>>,
        default: &Option<Box<Expr>>,
        at: Offset,
    ) -> Checked {
        let filter = self.filter(filter)?;
        let body = body.as_ref().map(|b| self.expr(b, Scope::Person)).transpose()?;
        // An amount gathered over people belongs to the case, so its default must too.
        let default = default.as_ref().map(|d| self.expr(d, Scope::Unit)).transpose()?;
        let ty = match (what, &body) {
            (Over::Count, _) | (_, None) => Ty::Count,
            (Over::Any | Over::All, Some(body)) if body.ty == Ty::Bool => Ty::Bool,
            (Over::Any | Over::All, Some(body)) => {
                return Err(Wrong::new(body.at, body.ty.name(), "a condition (bool)"));
            }
            (Over::Sum, Some(body)) if body.ty.is_number() => body.ty,
            (Over::Sum, Some(body)) => {
                return Err(Wrong::new(body.at, body.ty.name(), "money, a rate, a count or days"));
            }
            (Over::Min | Over::Max, Some(body)) if body.ty.is_number() || body.ty == Ty::Date => body.ty,
            (Over::Min | Over::Max, Some(body)) => return Err(Wrong::new(body.at, body.ty.name(), "numbers or dates")),
        };
        let default = match default {
            None => None,
            Some(d) => {
                let at = d.at;
                Some(coerce(d, ty).map_err(|found| Wrong::new(at, found.name(), ty.name()))?)
            }
        };
        let kind = Kind::Over { what, body: body.map(Box::new), filter, default: default.map(Box::new) };
        Ok(Typed { kind, ty, scope: Scope::Unit, at })
    }

    /// Checks that a word written out is one that the other side can be.
    fn compared_words(&self, literal: &Typed, other: &Typed) -> Result<(), Wrong> {
        let (Kind::Const(word), Ty::Enum, Some(can_be)) = (&literal.kind, literal.ty, self.words_of(other)) else {
            return Ok(());
        };
        if can_be.iter().any(|w| i128::from(*w) == word.num()) {
            return Ok(());
        }
        let text = |w: u32| self.words.get(w as usize).map(String::as_str).unwrap_or_default();
        let word = text(u32::try_from(word.num()).unwrap_or(u32::MAX));
        let all: Vec<&str> = can_be.iter().map(|w| text(*w)).collect();
        Err(advise_nearest(
            Wrong::new(literal.at, format!("`\"{word}\"`"), format!("one of {}", all.join(", "))),
            word,
            all.iter().copied(),
        ))
    }

    /// The words an enum expression can be.
    pub fn words_of(&self, typed: &Typed) -> Option<Vec<u32>> {
        if typed.ty != Ty::Enum {
            return None;
        }
        if let Kind::Input(i) = typed.kind {
            return Some(self.inputs[i].words.clone());
        }
        if let Kind::Rule(i) = typed.kind {
            return Some(self.rules[i].words.clone());
        }
        if let Kind::Const(word) = typed.kind {
            return Some(u32::try_from(word.num()).into_iter().collect());
        }
        let Kind::If(_, a, b) = &typed.kind else { return None };
        let (mut a, b) = (self.words_of(a)?, self.words_of(b)?);
        a.extend(b);
        Some(a)
    }
}

fn advise_nearest<'a>(wrong: Wrong, name: &str, known: impl IntoIterator<Item = &'a str>) -> Wrong {
    match nearest(name, known) {
        Some(near) => wrong.advise(format!("did you mean `{near}`?")),
        None => wrong,
    }
}

fn constant(typed: &Typed) -> Option<Exact> {
    if let Kind::Const(n) = typed.kind { typed.ty.is_number().then_some(n) } else { None }
}

/// A value as another type, where nothing is lost by it.
fn coerce(mut typed: Typed, wanted: Ty) -> Result<Typed, Ty> {
    let written_out = constant(&typed).is_some() && typed.ty == Ty::Count;
    let fits =
        typed.ty == wanted || (typed.ty == Ty::Count && wanted == Ty::Rate) || (written_out && wanted == Ty::Days);
    if !fits {
        return Err(typed.ty);
    }
    typed.ty = wanted;
    Ok(typed)
}

/// Gives all sides one type: that of the others for a whole number written out.
fn unify(sides: &mut [Typed], expected: &str) -> Result<Ty, Wrong> {
    let is_literal = |t: &Typed| t.ty == Ty::Count && constant(t).is_some();
    let ty = sides.iter().find(|t| !is_literal(t)).or(sides.first()).map_or(Ty::Count, |t| t.ty);
    for side in sides.iter_mut() {
        if side.ty == ty {
            continue;
        }
        if is_literal(side) && matches!(ty, Ty::Rate | Ty::Days) {
            side.ty = ty;
            continue;
        }
        let wrong = Wrong::new(side.at, format!("{} beside {}", side.ty.name(), ty.name()), expected);
        let loose = matches!((side.ty, ty), (Ty::Count | Ty::Rate, Ty::Money));
        return Err(if loose { wrong.advise("write an amount with its sign, as `£0`") } else { wrong });
    }
    Ok(ty)
}

/// As [`unify`], and a count beside a rate becomes one, and a count beside days becomes days: adding loses nothing.
fn unify_numbers(sides: &mut [Typed]) -> Option<Ty> {
    let types: Vec<Ty> = sides.iter().map(|s| s.ty).collect();
    let ty = match types[..] {
        [a, b] if a == b => a,
        [Ty::Count, other @ (Ty::Rate | Ty::Days)] | [other @ (Ty::Rate | Ty::Days), Ty::Count] => other,
        _ => return None,
    };
    sides.iter_mut().for_each(|s| s.ty = ty);
    Some(ty)
}

fn pair(sides: Vec<Typed>, at: Offset) -> Result<[Typed; 2], Wrong> {
    <[Typed; 2]>::try_from(sides).map_err(|_| Wrong::new(at, "one value", "two values"))
}

fn product(a: Typed, b: Typed, at: Offset) -> Checked {
    let ty = match (a.ty, b.ty) {
        (Ty::Money, Ty::Rate | Ty::Count | Ty::Days) | (Ty::Rate | Ty::Count | Ty::Days, Ty::Money) => Ty::Money,
        (Ty::Rate, Ty::Rate | Ty::Count | Ty::Days) | (Ty::Count | Ty::Days, Ty::Rate) => Ty::Rate,
        (Ty::Count, Ty::Count) => Ty::Count,
        (Ty::Days, Ty::Count) | (Ty::Count, Ty::Days) => Ty::Days,
        (Ty::Money, Ty::Money) => {
            let wrong = Wrong::new(at, "money * money", "money * rate, money * count or money * days");
            return Err(wrong
                .advise("one side must be a plain number: write it without `£`, or give its parameter `type: rate`"));
        }
        (left, right) => {
            return Err(Wrong::new(
                at,
                format!("{} * {}", left.name(), right.name()),
                "numbers that can be multiplied",
            ));
        }
    };
    let scope = a.scope.max(b.scope);
    let kind = match (constant(&a), constant(&b)) {
        (Some(x), Some(y)) if x.checked_mul(y).is_some() => Kind::Const(x.checked_mul(y).unwrap_or(Exact::ZERO)),
        (Some(x), _) => Kind::Scale(Box::new(b), x),
        (_, Some(y)) => Kind::Scale(Box::new(a), y),
        (None, None) => Kind::Mul(Box::new(a), Box::new(b)),
    };
    Ok(Typed { kind, ty, scope, at })
}

fn quotient_type(a: &Typed, b: &Typed, at: Offset) -> Result<Ty, Wrong> {
    match (a.ty, b.ty) {
        (Ty::Money, Ty::Money) => Ok(Ty::Rate),
        (Ty::Money, Ty::Rate | Ty::Count | Ty::Days) => Ok(Ty::Money),
        (Ty::Rate | Ty::Count | Ty::Days, Ty::Rate | Ty::Count | Ty::Days) => Ok(Ty::Rate),
        (left, right) => {
            Err(Wrong::new(at, format!("{} / {}", left.name(), right.name()), "numbers that can be divided"))
        }
    }
}

/// A division outside `round`: only by a constant.
fn quotient(a: Typed, b: Typed, at: Offset) -> Checked {
    let ty = quotient_type(&a, &b, at)?;
    let Some(divisor) = constant(&b) else {
        let wrong = Wrong::new(at, "a division by a value that varies", "a division by a constant");
        return Err(wrong
            .advise("write `round(a / b, half_up, step)`: the quotient may have no end and must be rounded at once"));
    };
    let Some(inverse) = divisor.inverse() else {
        return Err(Wrong::new(b.at, "a division by zero", "another divisor"));
    };
    let scope = a.scope;
    let kind = match constant(&a).and_then(|x| x.checked_mul(inverse)) {
        Some(n) => Kind::Const(n),
        None => Kind::Scale(Box::new(a), inverse),
    };
    Ok(Typed { kind, ty, scope, at })
}
