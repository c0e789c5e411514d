//! The floor test for described cases without a ledger: text in, verdicts out, or one clear error.
//!
//! ```yaml
//! - name: first payment after five weeks
//!   span: [2026-06-01, 2026-07-31]
//!   floor: {per_week: 84.00}
//!   credits:
//!     - {on: 2026-07-07, amount: 424.90, next: 2026-08-07}
//! ```
//!
//! `floor` is one figure (`per_day`, `per_week`, or `per_month` with `month_to_day: by_31 | by_52_weeks`) or a list of
//! them, each with the day `from` which it holds; the first holds on earlier days too. A credit may say `kind`, the days
//! arrears are `for: [first, last]`, and whether it `counts`. Outflows are taken where there are any. Days before the
//! span, from the first credit on, are lived at the floor and get no verdict.

use jiff::civil::Date;
use schemas::yaml::{self, YamlError};
use schemas::{Amount, Money, Timeline};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor, value};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::amount::{Basis, FloorAmount};
use super::credit::{Credit, CreditKind, Lens, Outflow, Purpose, Series};
use super::days::Days;
use super::fold::fold;
use super::gaps::{BreachSpan, Unmet};

/// Runs every case of a document.
///
/// # Errors
/// The first thing that cannot be read or cannot be, with its line and field and what to do.
pub fn run_cases(text: &str) -> Result<Vec<CaseResult>, YamlError> {
    Ok(read_cases(text)?.iter().map(Case::run).collect())
}

/// Reads the cases of a document.
///
/// # Errors
/// Those of [`run_cases`].
pub fn read_cases(text: &str) -> Result<Vec<Case>, YamlError> {
    let node = yaml::parse(text)?;
    for (place, case) in node.items().iter().enumerate() {
        if let Some(bare) = case.get("floor").filter(|floor| floor.text().is_some()) {
            let message = "a figure says what it is for: write {per_day: 12.00} or {per_week: 84.00}";
            return Err(YamlError { field: format!("[{place}].floor"), ..bare.error(message) });
        }
    }
    yaml::decode_node(&node)
}

/// The results as a list for programs: `name, breach_days, shortfall` (a number with two decimals) and `spans` of first
/// and last day; `unmet_outflows` stands only where there are some.
pub fn results_to_json(results: &[CaseResult]) -> Value {
    results.iter().map(CaseResult::to_json).collect()
}

/// One person's credits and outflows, their floor and the days to judge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "CaseText")]
pub struct Case {
    /// What it is called.
    pub name: String,
    /// The days to judge.
    pub days: Days,
    /// What each day needs.
    pub floor: Timeline<FloorAmount>,
    /// Credits, in the order written.
    pub credits: Vec<Credit>,
    /// Outflows, in the order written.
    pub outflows: Vec<Outflow>,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The case's name.
    pub name: String,
    /// On how many days something was missing.
    pub breach_days: i64,
    /// How much, to the nearest penny.
    pub shortfall: Money,
    /// The days in breach.
    pub spans: Vec<BreachSpan>,
    /// Outflows that the money of their day did not cover.
    pub unmet: Vec<Unmet>,
}

impl Case {
    /// The case in the test itself, with its outflows.
    pub fn run(&self) -> CaseResult {
        let lens = Lens { outflows: true, ..Lens::default() };
        let gaps = fold(&self.credits, &self.floor, &self.outflows, &lens, self.days);
        CaseResult {
            name: self.name.clone(),
            breach_days: gaps.breach_days(),
            shortfall: gaps.shortfall().shown(),
            spans: gaps.spans(),
            unmet: gaps.unmet,
        }
    }
}

impl CaseResult {
    fn to_json(&self) -> Value {
        let spans: Vec<_> = self.spans.iter().map(|span| json!([span.days.from(), span.days.to()])).collect();
        let shortfall = Value::Number(self.shortfall.to_json_number());
        let mut result =
            json!({"name": self.name, "breach_days": self.breach_days, "shortfall": shortfall, "spans": spans});
        if !self.unmet.is_empty() {
            let unmet = |u: &Unmet| json!({"on": u.on, "amount": Value::Number(u.amount.shown().to_json_number())});
            result["unmet_outflows"] = self.unmet.iter().map(unmet).collect();
        }
        result
    }
}

/// A case as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    name: String,
    span: Run,
    floor: FloorText,
    #[serde(default)]
    credits: Vec<CreditText>,
    #[serde(default)]
    outflows: Vec<OutflowText>,
}

impl TryFrom<CaseText> for Case {
    type Error = String;

    fn try_from(text: CaseText) -> Result<Case, String> {
        let credits = text.credits.into_iter().zip(0..).map(|(credit, position)| credit.at(position)).collect();
        let outflows = text.outflows.into_iter().map(|o| Outflow { on: o.on.0, amount: o.amount.money() }).collect();
        Ok(Case { name: text.name, days: text.span.0, floor: text.floor.0, credits, outflows })
    }
}

/// A credit as written.
#[derive(Deserialize)]
#[serde(try_from = "UncheckedCredit")]
struct CreditText(UncheckedCredit);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedCredit {
    on: Day,
    amount: Amount,
    next: Option<Day>,
    kind: Option<CreditKind>,
    r#for: Option<Run>,
    counts: Option<bool>,
}

impl TryFrom<UncheckedCredit> for CreditText {
    type Error = String;

    fn try_from(text: UncheckedCredit) -> Result<CreditText, String> {
        match (text.next, text.kind, text.r#for) {
            (Some(next), _, _) if next.0 <= text.on.0 => Err(format!(
                "next: {} is not after on: {}; write the day on which the following payment was due, or leave it out",
                next.0, text.on.0
            )),
            (Some(_), Some(CreditKind::TopUp), _) => {
                Err("next: a top-up belongs to no series of payments; leave it out".into())
            }
            (_, Some(kind), Some(_)) if kind != CreditKind::Arrears => {
                Err("for: only arrears say which days they pay for; leave it out, or write kind: arrears".into())
            }
            _ => Ok(CreditText(text)),
        }
    }
}

impl CreditText {
    fn at(self, position: u64) -> Credit {
        let CreditText(text) = self;
        let usual = if text.r#for.is_some() { CreditKind::Arrears } else { CreditKind::Award };
        Credit {
            usable: text.on.0,
            amount: text.amount.money(),
            kind: text.kind.unwrap_or(usual),
            purpose: Purpose::GeneralIncome,
            series: text.next.map(|_| Series(0)),
            next_due: text.next.map(|next| next.0),
            pays_for: text.r#for.map(|run| run.0),
            position,
            counts: text.counts,
        }
    }
}

/// An outflow as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutflowText {
    on: Day,
    amount: Amount,
}

/// A day as written: `2026-06-01`.
#[derive(Clone, Copy)]
pub(super) struct Day(pub(super) Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text); // no other way of writing it
        day.map(Day).ok_or_else(|| {
            de::Error::custom(format!("`{text}` is not a day of the calendar: write year-month-day, like 2026-06-01"))
        })
    }
}

/// First and last day as written: `[2026-06-01, 2026-07-06]`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "(Day, Day)")]
struct Run(Days);

impl TryFrom<(Day, Day)> for Run {
    type Error = super::days::DaysReversed;
    fn try_from((from, to): (Day, Day)) -> Result<Run, super::days::DaysReversed> {
        Days::new(from.0, to.0).map(Run)
    }
}

/// How a month's figure becomes a day's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthToDay {
    /// A 31st of it.
    #[serde(rename = "by_31")]
    By31,
    /// Twelve of it over 52 weeks of seven days.
    #[serde(rename = "by_52_weeks")]
    By52Weeks,
}

impl MonthToDay {
    pub(super) const fn basis(self) -> Basis {
        match self {
            MonthToDay::By31 => Basis::MonthBy31,
            MonthToDay::By52Weeks => Basis::MonthBy52Weeks,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureText {
    from: Option<Day>,
    per_day: Option<Amount>,
    per_week: Option<Amount>,
    per_month: Option<Amount>,
    month_to_day: Option<MonthToDay>,
}

/// A figure with the day from which it holds.
#[derive(Deserialize)]
#[serde(try_from = "FigureText")]
struct Figure {
    from: Option<Date>,
    daily: FloorAmount,
}

impl TryFrom<FigureText> for Figure {
    type Error = String;

    fn try_from(text: FigureText) -> Result<Figure, String> {
        let from = text.from.map(|day| day.0);
        let (sum, basis) = match (text.per_day, text.per_week, text.per_month, text.month_to_day) {
            (Some(sum), None, None, None) => (sum, Basis::Day),
            (None, Some(sum), None, None) => (sum, Basis::Week),
            (None, None, Some(sum), Some(month)) => (sum, month.basis()),
            (None, None, Some(_), None) => {
                return Err("per_month needs month_to_day: by_31 or by_52_weeks".into());
            }
            _ => return Err("write exactly one of per_day, per_week, or per_month with month_to_day".into()),
        };
        let daily = FloorAmount::daily(sum.money(), basis).map_err(|error| error.to_string())?;
        Ok(Figure { from, daily })
    }
}

/// One figure, or several by date.
struct FloorText(Timeline<FloorAmount>);

impl<'de> Deserialize<'de> for FloorText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FloorText, D::Error> {
        deserializer.deserialize_any(FloorVisitor)
    }
}

struct FloorVisitor;

impl<'de> Visitor<'de> for FloorVisitor {
    type Value = FloorText;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a figure like {per_week: 84.00}, or a list of them, each with from")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FloorText, A::Error> {
        let figure = Figure::deserialize(value::MapAccessDeserializer::new(map))?;
        if figure.from.is_some() {
            return Err(de::Error::custom("from: one figure holds on every day; leave it out, or write a list"));
        }
        Ok(FloorText(Timeline::always(figure.daily)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FloorText, A::Error> {
        let mut floor: Option<(Timeline<FloorAmount>, Date)> = None;
        while let Some(figure) = list.next_element::<Figure>()? {
            let from = figure.from.ok_or_else(|| de::Error::custom("each figure of a list needs from, a day"))?;
            floor = Some(match floor {
                None => (Timeline::always(figure.daily), from),
                Some((_, before)) if from <= before => {
                    return Err(de::Error::custom(format!(
                        "from: {from} is not after {before}: put the figures in order of their days"
                    )));
                }
                Some((mut floor, _)) => {
                    floor.set_from(from, figure.daily);
                    (floor, from)
                }
            });
        }
        floor.map(|(floor, _)| FloorText(floor)).ok_or_else(|| de::Error::custom("the list needs at least one figure"))
    }
}

#[cfg(test)]
mod tests;
