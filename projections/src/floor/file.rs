//! Floor files: which rung is protected, with what figure for each adult and child, and whether it is only measured or
//! guaranteed. Text in, a checked file or one error with its line and field out; reading from disk is the caller's.
//!
//! ```yaml
//! name: demo-84-a-week-measured
//! rung: {number: 1, name: demonstration}
//! mode: measure                    # or guarantee: top-ups are planned
//! month_to_day: by_31              # or by_52_weeks
//! lead_working_days: 0             # under a guarantee: how far ahead of its day money leaves; at most three
//! tranche_days: 14
//! figures:
//!   single_25_or_over: [{from: 2013-04-29, per_week: 84.00}]
//!   single_under_25: not_available
//!   couple_each_adult: [{from: 2013-04-29, half_per_week: 126.00}]
//!   couple_each_adult_under_25: not_available
//!   child: not_available           # or child_under_14 and child_14_or_over
//! source: where the figures are from
//! ```

use jiff::civil::Date;
use schemas::events::OutflowKind;
use schemas::yaml::{self, YamlError};
use schemas::{Amount, Timeline};
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::amount::{Basis, FloorAmount};
use super::case::{Day, MonthToDay};
use super::credit::{Purpose, Purposes};

/// A floor file, checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "FileText")]
pub struct FloorFile {
    /// How rulebooks name it.
    pub name: String,
    /// Its place in the profile: rungs are ordered by name, not by value.
    pub rung: Rung,
    /// Whether gaps are topped up.
    pub mode: Mode,
    /// Purposes that count towards the floor.
    pub counts: Purposes,
    /// Outflows that are taken in the view that counts them: a closed list.
    pub outflows: Vec<OutflowKind>,
    /// How many working days ahead of its day money leaves where the floor is guaranteed: top-ups, and whatever else is
    /// due on a known day (`payments::Horizon`).
    pub lead_working_days: u8,
    /// The most days that one top-up covers.
    pub tranche_days: u8,
    /// When a new figure begins to bind.
    pub changes: Changes,
    /// How a top-up counts elsewhere, and on what power it is paid.
    pub top_up: TopUpTerms,
    /// Where the figures are from.
    pub source: String,
    figures: Figures,
}

/// A rung of the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Its number: 0 is the destitution line.
    pub number: u8,
    /// Its name.
    pub name: String,
}

/// What is done about a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It is reported.
    Measure,
    /// It is topped up before it opens.
    Guarantee,
}

/// When a figure binds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changes {
    /// On its date: a floor fixed in money.
    #[default]
    OnDate,
    /// On the day the person's first payment at the new rate is due: a rung linked to an award's rate. Awards are paid
    /// in arrears; a birthday or an uprating is no breach.
    WithFirstPayment,
}

/// How a top-up counts in the rules of benefits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It does not count.
    #[default]
    Ignored,
    /// It counts.
    Counted,
}

/// How a top-up counts elsewhere, and on what power it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TopUpTerms {
    /// As income.
    pub income: Treatment,
    /// As capital.
    pub capital: Treatment,
    /// Under the benefit cap.
    pub cap: Treatment,
    /// The power on which it is paid.
    pub power: String,
}

impl Default for TopUpTerms {
    fn default() -> TopUpTerms {
        let (income, capital, cap) = Default::default();
        TopUpTerms { income, capital, cap, power: "no statutory power: modelled".into() }
    }
}

/// Whose figure is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// A single adult under 25.
    SingleUnder25,
    /// A single adult aged 25 or over.
    Single25OrOver,
    /// Each adult of a couple both under 25.
    CoupleEachUnder25,
    /// Each adult of a couple of whom one is 25 or over.
    CoupleEach,
    /// A child under 14.
    ChildUnder14,
    /// A child or young person aged 14 or over.
    Child14OrOver,
}

impl Position {
    /// Every position.
    pub const ALL: [Position; 6] = [
        Position::SingleUnder25,
        Position::Single25OrOver,
        Position::CoupleEachUnder25,
        Position::CoupleEach,
        Position::ChildUnder14,
        Position::Child14OrOver,
    ];
}

/// A day's floor from each date; none before the first date and where the rung has no figure.
type Figure = Timeline<Option<FloorAmount>>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Figures {
    single_under_25: Figure,
    single_25_or_over: Figure,
    couple_each_adult_under_25: Figure,
    couple_each_adult: Figure,
    child_under_14: Figure,
    child_14_or_over: Figure,
}

/// The longest lead and so the shortest notice that a preventable breach has.
const LONGEST_LEAD: u8 = 3;
/// A top-up lasts 31 days, so that it cannot cover more.
const LONGEST_TRANCHE: u8 = 31;

impl FloorFile {
    /// Reads a floor file.
    ///
    /// # Errors
    /// The first thing that cannot be read or cannot be, with its line and field.
    pub fn read(text: &str) -> Result<FloorFile, YamlError> {
        yaml::decode(text)
    }

    /// A day's floor from each date, for somebody in this position; none where the rung is not available for them.
    pub const fn figure(&self, position: Position) -> &Timeline<Option<FloorAmount>> {
        match position {
            Position::SingleUnder25 => &self.figures.single_under_25,
            Position::Single25OrOver => &self.figures.single_25_or_over,
            Position::CoupleEachUnder25 => &self.figures.couple_each_adult_under_25,
            Position::CoupleEach => &self.figures.couple_each_adult,
            Position::ChildUnder14 => &self.figures.child_under_14,
            Position::Child14OrOver => &self.figures.child_14_or_over,
        }
    }

    /// The floor of somebody in this position on the day; none where the rung is not available for them.
    pub fn floor_on(&self, position: Position, day: Date) -> Option<FloorAmount> {
        *self.figure(position).at(day)
    }
}

/// A floor file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    name: String,
    rung: Rung,
    mode: Mode,
    counts: Option<Vec<Purpose>>,
    #[serde(default)]
    outflows: Vec<OutflowKind>,
    month_to_day: MonthToDay,
    #[serde(default)]
    lead_working_days: AtMost<0, LONGEST_LEAD>,
    tranche_days: AtMost<1, LONGEST_TRANCHE>,
    #[serde(default)]
    changes: Changes,
    #[serde(default)]
    top_up: TopUpTerms,
    figures: FiguresText,
    source: String,
}

impl TryFrom<FileText> for FloorFile {
    type Error = String;

    fn try_from(text: FileText) -> Result<FloorFile, String> {
        let counts =
            text.counts.map_or(Purposes::USUAL, |listed| listed.into_iter().fold(Purposes::none(), Purposes::with));
        Ok(FloorFile {
            figures: text.figures.by(text.month_to_day).map_err(|error| format!("figures.{error}"))?,
            name: text.name,
            rung: text.rung,
            mode: text.mode,
            counts,
            outflows: text.outflows,
            lead_working_days: text.lead_working_days.0,
            tranche_days: text.tranche_days.0,
            changes: text.changes,
            top_up: text.top_up,
            source: text.source,
        })
    }
}

/// A whole number within bounds.
#[derive(Clone, Copy, Default)]
struct AtMost<const LEAST: u8, const MOST: u8>(u8);

impl<'de, const LEAST: u8, const MOST: u8> Deserialize<'de> for AtMost<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AtMost<LEAST, MOST>, D::Error> {
        let number = u64::deserialize(deserializer)?;
        let within = u8::try_from(number).ok().filter(|number| (LEAST..=MOST).contains(number));
        within.map(AtMost).ok_or_else(|| de::Error::custom(format!("{number} is not from {LEAST} to {MOST}")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FiguresText {
    single_under_25: FigureText,
    single_25_or_over: FigureText,
    couple_each_adult_under_25: FigureText,
    couple_each_adult: FigureText,
    child: Option<FigureText>,
    child_under_14: Option<FigureText>,
    child_14_or_over: Option<FigureText>,
}

impl FiguresText {
    fn by(self, month: MonthToDay) -> Result<Figures, String> {
        let (under_14, from_14) = match (self.child, self.child_under_14, self.child_14_or_over) {
            (Some(child), None, None) => (child.clone(), child),
            (None, Some(under), Some(over)) => (under, over),
            _ => {
                return Err(
                    "child: write child, or child_under_14 and child_14_or_over; not_available where none is".into()
                );
            }
        };
        let read = |name: &str, figure: FigureText| figure.by(month).map_err(|error| format!("{name}: {error}"));
        Ok(Figures {
            single_under_25: read("single_under_25", self.single_under_25)?,
            single_25_or_over: read("single_25_or_over", self.single_25_or_over)?,
            couple_each_adult_under_25: read("couple_each_adult_under_25", self.couple_each_adult_under_25)?,
            couple_each_adult: read("couple_each_adult", self.couple_each_adult)?,
            child_under_14: read("child_under_14", under_14)?,
            child_14_or_over: read("child_14_or_over", from_14)?,
        })
    }
}

/// Dated amounts, or none: `not_available`.
#[derive(Clone)]
struct FigureText(Vec<DatedText>);

impl FigureText {
    fn by(self, month: MonthToDay) -> Result<Figure, String> {
        let mut figure = Timeline::always(None);
        for dated in self.0 {
            figure.set_from(dated.from.0, Some(dated.daily(month)?));
        }
        Ok(figure)
    }
}

impl<'de> Deserialize<'de> for FigureText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FigureText, D::Error> {
        deserializer.deserialize_any(FigureVisitor)
    }
}

struct FigureVisitor;

impl<'de> Visitor<'de> for FigureVisitor {
    type Value = FigureText;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not_available, or a list like [{from: 2026-04-06, per_week: 84.00}]")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<FigureText, E> {
        match text {
            "not_available" => Ok(FigureText(Vec::new())),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FigureText, A::Error> {
        let mut figures: Vec<DatedText> = Vec::new();
        while let Some(figure) = list.next_element::<DatedText>()? {
            if let Some(before) = figures.last().filter(|before| figure.from.0 <= before.from.0) {
                let (from, before) = (figure.from.0, before.from.0);
                return Err(de::Error::custom(format!("from: {from} is not after {before}: put the dates in order")));
            }
            figures.push(figure);
        }
        if figures.is_empty() { Err(de::Error::invalid_length(0, &self)) } else { Ok(FigureText(figures)) }
    }
}

/// One amount and the day from which it holds. `half_` amounts are a couple's, for each of the two.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatedText {
    from: Day,
    per_day: Option<Amount>,
    per_week: Option<Amount>,
    per_month: Option<Amount>,
    half_per_week: Option<Amount>,
    half_per_month: Option<Amount>,
}

impl DatedText {
    fn daily(&self, month: MonthToDay) -> Result<FloorAmount, String> {
        let given = [
            (self.per_day, Basis::Day, false),
            (self.per_week, Basis::Week, false),
            (self.per_month, month.basis(), false),
            (self.half_per_week, Basis::Week, true),
            (self.half_per_month, month.basis(), true),
        ];
        let mut given = given.into_iter().filter_map(|(sum, basis, half)| Some((sum?.money(), basis, half)));
        let (Some((sum, basis, half)), None) = (given.next(), given.next()) else {
            let from = self.from.0;
            return Err(format!(
                "the figure from {from} needs exactly one of per_day, per_week, per_month, half_per_week, half_per_month"
            ));
        };
        let daily = if half { FloorAmount::daily_half(sum, basis) } else { FloorAmount::daily(sum, basis) };
        daily.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests;
