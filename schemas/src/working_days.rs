//! On which days banks and offices work, in each nation of the United Kingdom.
//!
//! The days come from `schemas/calendars/bank_holidays.yaml`, which names its sources. What is paid on which day is for
//! others to say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use crate::events::Nation;
use crate::yaml::{self, YamlError};

static SHIPPED: &str = include_str!("../calendars/bank_holidays.yaml");

/// The bank holidays of each nation, for some years.
///
/// Invariant: every day lies in one of the years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays {
    holidays: BTreeMap<(Nation, Date), String>,
    /// First and last year; none where nothing is known.
    years: Option<(i16, i16)>,
}

/// A day of a year whose bank holidays are not known: nobody guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKnown {
    /// Some years are known, and not this one.
    #[error("the bank holidays of {} are not known (only those from {first} to {last}): add them to the calendar", day.year())]
    OtherYears {
        /// The day asked for.
        day: Date,
        /// First year known.
        first: i16,
        /// Last year known.
        last: i16,
    },
    /// None is.
    #[error("no bank holidays are known, so that {day} cannot be told to be a working day")]
    NoYears {
        /// The day asked for.
        day: Date,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    first_year: i16,
    last_year: i16,
    days: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    on: Date,
    name: String,
    nations: Vec<Nation>,
}

impl WorkingDays {
    /// The days that come with the program.
    pub fn shipped() -> &'static WorkingDays {
        // A test reads them; were they ever not to be read, no day would be known, and every question would say so.
        static DAYS: LazyLock<WorkingDays> = LazyLock::new(|| WorkingDays::parse(SHIPPED).unwrap_or_default());
        &DAYS
    }

    /// Reads a table of bank holidays.
    ///
    /// # Errors
    /// What is not such a table, and a day outside its years, with its place.
    pub fn parse(text: &str) -> Result<WorkingDays, YamlError> {
        let node = yaml::parse(text)?;
        let Table { first_year, last_year, days } = yaml::decode_node(&node)?;
        let outside = |row: &Row| !(first_year..=last_year).contains(&row.on.year());
        if let Some(at) = days.iter().position(outside) {
            let place = node.get("days").and_then(|days| days.items().get(at)).unwrap_or(&node);
            return Err(place.error(format!("days[{at}].on: lies outside {first_year} to {last_year}")));
        }
        let names = |row: Row| row.nations.into_iter().map(move |nation| ((nation, row.on), row.name.clone()));
        let holidays = days.into_iter().flat_map(names).collect();
        Ok(WorkingDays { holidays, years: Some((first_year, last_year)) })
    }

    /// Whether a day is neither a weekend nor a bank holiday of the nation.
    ///
    /// # Errors
    /// [`NotKnown`], on weekdays only: a Sunday is none in any year.
    pub fn is_working_day(&self, nation: Nation, day: Date) -> Result<bool, NotKnown> {
        if is_weekend(day) {
            return Ok(false);
        }
        match self.years {
            None => Err(NotKnown::NoYears { day }),
            Some((first, last)) if !(first..=last).contains(&day.year()) => {
                Err(NotKnown::OtherYears { day, first, last })
            }
            Some(_) => Ok(self.holiday(nation, day).is_none()),
        }
    }

    /// What the bank holiday of a nation on a day is called, where there is one.
    pub fn holiday(&self, nation: Nation, day: Date) -> Option<&str> {
        self.holidays.get(&(nation, day)).map(String::as_str)
    }

    /// The day itself if it is a working day, or the last one before it.
    ///
    /// # Errors
    /// [`NotKnown`].
    pub fn on_or_before(&self, nation: Nation, day: Date) -> Result<Date, NotKnown> {
        self.walk(nation, day, -1)
    }

    /// The day itself if it is a working day, or the first one after it.
    ///
    /// # Errors
    /// [`NotKnown`].
    pub fn on_or_after(&self, nation: Nation, day: Date) -> Result<Date, NotKnown> {
        self.walk(nation, day, 1)
    }

    /// The working day so many working days after a day, or before it where `days` is negative. The day itself is not
    /// counted, whether it is one or not; with `days` 0 it is the answer.
    ///
    /// # Errors
    /// [`NotKnown`].
    pub fn add(&self, nation: Nation, day: Date, days: i32) -> Result<Date, NotKnown> {
        let step = i64::from(days.signum());
        (0..days.abs()).try_fold(day, |day, _| self.walk(nation, day.saturating_add(step.days()), step))
    }

    fn walk(&self, nation: Nation, from: Date, step: i64) -> Result<Date, NotKnown> {
        let mut day = from;
        while !self.is_working_day(nation, day)? {
            day = day.saturating_add(step.days());
        }
        Ok(day)
    }
}

/// Saturday or Sunday.
pub fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}
