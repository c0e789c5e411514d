//! What can be wrong with a pack or with a case, and how it is said.
//!
//! A pack error always names a file and a place in it, what stood there and what should have stood there, and the nearest known name where one is close.
//! A case error names the case and the field.

use std::fmt;

use jiff::civil::Date;

/// Where a piece of a pack was written. Line and column count from 1; 0 means the place is unknown (a pack read back from its canonical form).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path inside the pack, such as `rules/award.rule.yaml`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing that keeps a pack from being loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: found {found}, expected {expected}{}", suggestion.as_ref().map(|s| format!("; {s}")).unwrap_or_default())]
pub struct PackError {
    /// File, line and column.
    pub place: Place,
    /// What stands there.
    pub found: String,
    /// What could have stood there.
    pub expected: String,
    /// What to write instead, where that can be guessed, as a clause: ``did you mean `rent`?``.
    pub suggestion: Option<String>,
}

impl PackError {
    /// An error without a suggestion.
    pub fn new(place: Place, found: impl Into<String>, expected: impl Into<String>) -> PackError {
        PackError { place, found: found.into(), expected: expected.into(), suggestion: None }
    }

    /// The same error with advice on what to write.
    pub fn advise(mut self, advice: impl Into<String>) -> PackError {
        self.suggestion = Some(advice.into());
        self
    }

    /// The same error with the nearest of the known names, if one is near.
    pub fn nearest<'a>(mut self, name: &str, known: impl IntoIterator<Item = &'a str>) -> PackError {
        self.suggestion = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        self
    }
}

/// One reason why a case has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{case}: {why}")]
pub struct CaseError {
    /// Name of the case.
    pub case: String,
    /// What is wrong with it.
    pub why: CaseFault,
}

/// What is wrong with a case. `field` is a fact as the pack names it, after the person's id where it belongs to a person: `a1.birth_date`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what its fields are")]
pub enum CaseFault {
    /// A required fact is absent.
    #[error("{field} is missing, and the pack gives no default for it")]
    Missing { field: String },
    /// The pack has no such fact.
    #[error("{field} is not a fact of this pack{}", near.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown { field: String, near: Option<String> },
    /// The same fact, or the same person, twice.
    #[error("{field} is given twice")]
    Twice { field: String },
    /// The text or value is not of the fact's type.
    #[error("{field}: found {found}, expected {expected}")]
    Type { field: String, found: String, expected: String },
    /// Below the fact's `min` or above its `max`.
    #[error("{field}: {value} is {side} {bound}")]
    Bound { field: String, value: String, side: BoundSide, bound: String },
    /// The period lies outside the pack's time.
    #[error("period {first}: the pack answers for periods starting from {from}{}", to.map(|to| format!(" to {to}")).unwrap_or_default())]
    NotInForce { first: Date, from: Date, to: Option<Date> },
    /// The pack does not answer such a case: a condition that it requires is false. `say` is the pack's own sentence.
    #[error("{say}")]
    Refused { say: String },
    /// A case is said to come after one that does not stand before it.
    #[error("after: no earlier case is called `{after}`{}", near.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    NoCaseBefore { after: String, near: Option<String> },
    /// A case is said to come after one whose period does not.
    #[error("after: the period of `{after}` starts on {first}, which is not before this one")]
    NotAfter { after: String, first: Date },
    /// What the pack carries between periods cannot be compiled.
    #[error("{say}")]
    Pack { say: String },
    /// A rule needed a parameter that has no value on the day.
    #[error("rule `{rule}` needs `{parameter}` on {on}, but it has no value then; {}", first.map(|d| format!("its first value is from {d}")).unwrap_or_else(|| "it has no values".to_string()))]
    NoValue { rule: String, parameter: String, on: Date, first: Option<Date> },
    /// A rule needed a parameter that is unlimited (`.inf`) on the day.
    #[error("rule `{rule}` needs `{parameter}` on {on}, but it is .inf (no limit) then")]
    Unlimited { rule: String, parameter: String, on: Date },
    /// A rule has no version on the day.
    #[error("rule `{rule}` has no version in force on {on}; its first is from {first}")]
    NoVersion { rule: String, on: Date, first: Date },
    /// A rule divided by zero.
    #[error("rule `{rule}` divides by zero{}", person.as_ref().map(|p| format!(" for {p}")).unwrap_or_default())]
    DivisionByZero { rule: String, person: Option<String> },
    /// A number left the range of 128-bit integers.
    #[error("rule `{rule}` overflows{}", person.as_ref().map(|p| format!(" for {p}")).unwrap_or_default())]
    Overflow { rule: String, person: Option<String> },
}

/// Which bound was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundSide {
    /// Below the least value allowed.
    Below,
    /// Above the greatest value allowed.
    Above,
}

impl fmt::Display for BoundSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BoundSide::Below => "below the least value allowed,",
            BoundSide::Above => "above the greatest value allowed,",
        })
    }
}

/// The known name nearest to `name`, if it is near enough to be a slip: at most a third of the letters changed, added, dropped or swapped.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    known.into_iter().map(|k| (distance(name, k), k)).filter(|(d, _)| *d <= limit).min().map(|(_, k)| k)
}

/// Edits (change, add, drop, swap of neighbours) between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name_and_another_word_does_not() {
        assert_eq!(nearest("retn", ["rent", "tenure"]), Some("rent"));
        assert_eq!(nearest("net_earning", ["gross_earnings", "net_earnings"]), Some("net_earnings"));
        assert_eq!(nearest("capital", ["rent", "tenure"]), None);
    }
}
