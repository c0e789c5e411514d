//! Sums of money, exact to the penny, and how they are written and read.

use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// A sum of money in whole pence. Negative means owed by the person.
///
/// Written as text with two decimals (`"424.90"`) where people or evidence read it, and as an integer of pence in
/// read models. Read from such text or from a JSON number's own digits; never through a float.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why a text is not a sum of money, or a sum does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a decimal number.
    #[error("`{0}` is not an amount of money: write pounds and pence like 424.90")]
    NotANumber(String),
    /// The text has a fraction of a penny.
    #[error("`{0}` has more than two decimals: money is whole pence")]
    FractionOfAPenny(String),
    /// The sum is larger than 92 quadrillion pounds.
    #[error("`{0}` is too large for an amount of money")]
    Overflow(String),
    /// A negative sum where only zero or more makes sense.
    #[error("`{0}` is negative: this amount must be zero or more")]
    Negative(String),
}

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// This many pence.
    pub const fn from_pence(pence: i64) -> Money {
        Money(pence)
    }

    /// The sum in pence.
    pub const fn pence(self) -> i64 {
        self.0
    }

    /// The sum, unless it does not fit.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        self.0.checked_add(other.0).map(Money)
    }

    /// The difference, unless it does not fit.
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        self.0.checked_sub(other.0).map(Money)
    }

    /// The part above zero.
    pub fn at_least_zero(self) -> Money {
        Money(self.0.max(0))
    }

    /// A JSON number with two decimals, as programs that calculate like to read it.
    pub fn to_json_number(self) -> serde_json::Number {
        serde_json::Number::from_string_unchecked(self.to_string())
    }
}

/// Saturates at the ends of the range, which no real ledger comes near; sums of money from outside are bounded on reading.
impl std::ops::Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl std::ops::Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(self.0.saturating_neg())
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl std::ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(sums: I) -> Money {
        sums.fold(Money::ZERO, |total, sum| total + sum)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let pence = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", pence / 100, pence % 100))
    }
}

/// The largest sum read from outside: a hundred billion pounds. Sums of many such still fit.
const LARGEST_READ: i64 = 10_000_000_000_000;

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Money, MoneyError> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (pounds, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "00"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(pounds) || !digits(fraction) {
            return Err(MoneyError::NotANumber(text.into()));
        }
        if fraction.len() > 2 {
            return Err(MoneyError::FractionOfAPenny(text.into()));
        }
        let pence = format!("{pounds}{fraction:0<2}").parse::<i64>().ok();
        let pence = pence.filter(|p| *p <= LARGEST_READ).ok_or_else(|| MoneyError::Overflow(text.into()))?;
        Ok(Money(if unsigned.len() < text.len() { -pence } else { pence }))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(MoneyText)
        } else {
            i64::deserialize(deserializer).map(Money)
        }
    }
}

/// Reads an amount from text, or from the digits of a JSON number.
struct MoneyText;

impl<'de> Visitor<'de> for MoneyText {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount of money like \"424.90\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Money, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, pounds: u64) -> Result<Money, E> {
        self.visit_str(&pounds.to_string())
    }

    fn visit_i64<E: de::Error>(self, pounds: i64) -> Result<Money, E> {
        self.visit_str(&pounds.to_string())
    }

    /// `serde_json` hands a decimal over like this only when the float's shortest text is the very text that it read.
    fn visit_f64<E: de::Error>(
        self,
        carrier: f64, // not money: its text is
    ) -> Result<Money, E> {
        self.visit_str(&carrier.to_string())
    }

    /// `serde_json` hands a number over as a map of one private key to its text, so that no float is made.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Money, A::Error> {
        const NUMBER: &str = "$serde_json::private::Number";
        match map.next_key::<Cow<'de, str>>()? {
            Some(key) if key == NUMBER => self.visit_str(&map.next_value::<Cow<'de, str>>()?),
            Some(_) | None => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
        }
    }
}

impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A sum of money in pounds with two decimals.",
            "type": "string",
            "pattern": r"^-?[0-9]+\.[0-9]{2}$"
        })
    }
}

/// A sum of money that cannot be negative: a rent, a wage, a line of a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Amount(Money);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(Money::ZERO);

    /// # Errors
    /// [`MoneyError::Negative`] below zero.
    pub fn new(money: Money) -> Result<Amount, MoneyError> {
        if money < Money::ZERO { Err(MoneyError::Negative(money.to_string())) } else { Ok(Amount(money)) }
    }

    /// The sum, which is zero or more.
    pub const fn money(self) -> Money {
        self.0
    }
}

impl std::ops::Add for Amount {
    type Output = Amount;
    fn add(self, other: Amount) -> Amount {
        Amount(self.0 + other.0)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        Amount::new(Money::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A sum of money in pounds with two decimals, zero or more.",
            "type": "string",
            "pattern": r"^[0-9]+\.[0-9]{2}$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Result<i64, MoneyError>) {
        assert_eq!(text.parse::<Money>().map(Money::pence), expected);
    }

    #[test]
    fn money_is_read_from_text_to_the_penny_or_refused() {
        check("424.90", Ok(42_490));
        check("424.9", Ok(42_490));
        check("84", Ok(8_400));
        check("-0.05", Ok(-5));
        check("0.005", Err(MoneyError::FractionOfAPenny("0.005".into())));
        check("1e3", Err(MoneyError::NotANumber("1e3".into())));
        check("", Err(MoneyError::NotANumber("".into())));
        check("--1", Err(MoneyError::NotANumber("--1".into())));
        check("99999999999999999999", Err(MoneyError::Overflow("99999999999999999999".into())));
    }

    #[test]
    fn a_json_number_is_read_by_its_digits_and_not_as_a_float() {
        assert_eq!(serde_json::from_str::<Money>("424.90").unwrap(), Money(42_490));
        assert_eq!(serde_json::from_str::<Money>("84").unwrap(), Money(8_400));
        assert!(
            serde_json::from_str::<Money>("0.1000000001").unwrap_err().to_string().contains("more than two decimals")
        );
    }

    #[test]
    fn an_amount_below_zero_is_refused() {
        let error = serde_json::from_str::<Amount>("\"-1.00\"").unwrap_err().to_string();
        assert!(error.contains("`-1.00` is negative"), "{error}");
    }

    proptest! {
        #[test]
        fn money_written_and_read_again_is_the_same(pence in -LARGEST_READ..=LARGEST_READ) {
            let money = Money(pence);
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
            prop_assert_eq!(serde_json::from_str::<Money>(&serde_json::to_string(&money).unwrap()).unwrap(), money);
            prop_assert_eq!(serde_json::from_str::<Money>(&money.to_json_number().to_string()).unwrap(), money);
        }
    }
}
