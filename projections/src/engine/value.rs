//! A fact's value: read from text, checked against its input, and held as a whole number over the input's scale.

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemas::Money;

use super::civil::{NEVER, date_of, day_number};
use super::error::nearest;
use super::exact::Exact;
use super::model::{Input, Ty};
use super::parameters::{read_bool, read_day};

/// A value as a caller states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An amount, for `money`.
    Money(Money),
    /// A number, for `rate`.
    Rate(Decimal),
    /// A whole number, for `count` and `days`.
    Count(i64),
    /// Yes or no, for `bool`.
    Bool(bool),
    /// A day, for `date`.
    Date(Date),
    /// A word, for `enum`.
    Enum(String),
}

/// A text or value that a fact cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrongFact {
    pub found: String,
    pub expected: String,
}

/// What a fact of this input's type is called in messages.
fn expected(input: &Input, words: &[String]) -> String {
    match input.ty {
        Ty::Money => "an amount in pounds with at most two decimals, as `433.33`".to_string(),
        Ty::Rate => format!("a number with at most {} decimals, as `0.55`", input.scale.ilog10()),
        Ty::Count => "a whole number".to_string(),
        Ty::Days => "a whole number of days".to_string(),
        Ty::Bool => "`true` or `false`".to_string(),
        Ty::Date => "a day of the calendar from 1900 to 2199, as `2017-04-06`, or `never`".to_string(),
        Ty::Enum => format!("one of {}", own_words(input, words).collect::<Vec<_>>().join(", ")),
    }
}

fn own_words<'w>(input: &'w Input, words: &'w [String]) -> impl Iterator<Item = &'w str> {
    input.words.iter().filter_map(|w| words.get(*w as usize)).map(String::as_str)
}

/// Reads a fact from its text.
pub(crate) fn read_fact(input: &Input, words: &[String], text: &str) -> Result<i64, WrongFact> {
    let value = match input.ty {
        Ty::Money | Ty::Rate | Ty::Count | Ty::Days => Exact::parse(text)
            .and_then(|n| n.in_units_of(input.scale.into()))
            .and_then(|n| i64::try_from(n).ok())
            .filter(|n| n.abs() <= LARGEST),
        Ty::Bool => read_bool(text).map(i64::from),
        Ty::Date => read_day(text).filter(|day| is_of_a_life(*day)),
        Ty::Enum => {
            input.words.iter().find(|w| words.get(**w as usize).is_some_and(|word| word == text)).map(|w| i64::from(*w))
        }
    };
    value.ok_or_else(|| wrong(input, words, format!("`{text}`"), text))
}

/// Takes over a value that is already of some type.
pub(crate) fn take_fact(input: &Input, words: &[String], value: &Value) -> Result<i64, WrongFact> {
    let (taken, shown) = match value {
        Value::Money(m) => ((input.ty == Ty::Money).then_some(m.pence()), format!("the amount {m}")),
        Value::Rate(d) => {
            let number = if input.ty == Ty::Rate { Exact::parse(&d.to_string()) } else { None };
            (
                number.and_then(|n| n.in_units_of(input.scale.into())).and_then(|n| i64::try_from(n).ok()),
                format!("the number {d}"),
            )
        }
        Value::Count(n) => {
            let fits = matches!(input.ty, Ty::Count | Ty::Days);
            (fits.then_some(*n), format!("the count {n}"))
        }
        Value::Bool(b) => ((input.ty == Ty::Bool).then_some(i64::from(*b)), format!("`{b}`")),
        Value::Date(d) => {
            let day = (input.ty == Ty::Date).then_some(day_number(*d));
            (day.filter(|day| is_of_a_life(*day)), format!("the date {d}"))
        }
        Value::Enum(word) if input.ty == Ty::Enum => return read_fact(input, words, word),
        Value::Enum(word) => (None, format!("the word `{word}`")),
    };
    taken.filter(|n| n.abs() <= LARGEST).ok_or_else(|| wrong(input, words, shown, ""))
}

/// Whether a day can stand in the life of somebody who claims: what lies outside is a slip of the finger. `never` can.
fn is_of_a_life(day: i64) -> bool {
    (FIRST..=LAST).contains(&day) || day == NEVER
}

/// 1 January 1900, by the number of the day.
const FIRST: i64 = -25_567;
/// 31 December 2199.
const LAST: i64 = 84_005;

/// The largest magnitude a fact may have over its scale: a hundred billion pounds, in pence.
const LARGEST: i64 = 10_000_000_000_000;

fn wrong(input: &Input, words: &[String], found: String, text: &str) -> WrongFact {
    let mut expected = expected(input, words);
    if let Some(near) = nearest(text, own_words(input, words)) {
        expected.push_str(&format!("; did you mean `{near}`?"));
    }
    WrongFact { found, expected }
}

/// A held value as text: the form it is read from.
pub(crate) fn show_fact(input: &Input, words: &[String], value: i64) -> String {
    show(input.ty, words, Exact::new(value.into(), input.scale.into()).unwrap_or(Exact::ZERO))
}

/// A value as people read it: amounts with two decimals where they are whole pence, days as dates, words as words.
pub(crate) fn show(ty: Ty, words: &[String], value: Exact) -> String {
    let mut out = String::with_capacity(12); // an amount, a day, most words
    push_shown(&mut out, ty, words, value);
    out
}

/// Puts what [`show`] gives at the end of a text.
pub(crate) fn push_shown(out: &mut String, ty: Ty, words: &[String], value: Exact) {
    match ty {
        Ty::Money => match value.in_units_of(100) {
            Some(pence) => push_pence(out, pence),
            None => out.push_str(&value.to_string()),
        },
        Ty::Rate | Ty::Count | Ty::Days => match u64::try_from(value.num()) {
            Ok(whole) if value.den() == 1 => push_whole(out, whole, 1),
            Ok(_) | Err(_) => out.push_str(&value.to_string()),
        },
        Ty::Bool => out.push_str(if value == Exact::ZERO { "false" } else { "true" }),
        Ty::Date if value.num() >= NEVER.into() => out.push_str("never"),
        Ty::Date => out.push_str(&date_of(i64::try_from(value.num()).unwrap_or(NEVER)).to_string()),
        Ty::Enum => {
            let word = usize::try_from(value.num()).ok().and_then(|i| words.get(i));
            out.push_str(word.map_or("", String::as_str));
        }
    }
}

/// Pence as pounds with two decimals.
fn push_pence(out: &mut String, pence: i128) {
    if pence < 0 {
        out.push('-');
    }
    match u64::try_from(pence.unsigned_abs()) {
        Ok(small) => push_whole(out, small / 100, 1),
        Err(_) => out.push_str(&(pence.unsigned_abs() / 100).to_string()),
    }
    out.push('.');
    push_whole(out, u64::try_from(pence.unsigned_abs() % 100).unwrap_or(0), 2);
}

/// A whole number in at least so many digits. By hand, because figures of a trace are most of its cost.
fn push_whole(out: &mut String, mut number: u64, least: usize) {
    let (mut digits, mut at) = ([b'0'; 20], 20); // 2^64 has twenty digits
    while number > 0 || at > digits.len() - least {
        at -= 1;
        digits[at] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}
