//! Could a breach have been prevented, and how long did nobody see it? From days already judged and the days on which
//! facts were received; which fact a breach turns on is the caller's to say.

use jiff::civil::Date;

use super::days::{day_of, number};
use super::gaps::{BreachSpan, Gaps};
use super::topup::Lead;

/// Says of each breach day whether it was preventable, in the order given.
///
/// It was where a public body had received the fact at least three working days before, whatever the floor file's lead:
/// our own backlog or an outage excuses nobody, so that a day without an open payment channel is counted, and labelled.
/// The day of receipt is the first of the three where it is a working day; the breach day is none of them.
///
/// `lead_working_days` is the floor file's, at most three, and only answers whether a payment could have come in time.
pub fn preventable(
    breaches: &[BreachDay],
    lead_working_days: u8,
    is_working_day: impl Fn(Date) -> bool,
) -> Vec<Answered> {
    let lead = Lead { days: lead_working_days, is_working_day: &is_working_day };
    let answered = |breach: &BreachDay| Answered {
        day: breach.day,
        answer: breach.answer(&is_working_day),
        in_reach: breach.notified_on.is_some_and(|received| lead.earliest(received) <= breach.day),
    };
    breaches.iter().map(answered).collect()
}

/// A day of breach, and what there was to prevent it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreachDay {
    /// The day.
    pub day: Date,
    /// The first day on which any public body had received the fact (claim, message, earnings return, death
    /// registration): the envelope's `notifiedon`. None where none had.
    pub notified_on: Option<Date>,
    /// Whether money could have been sent in time.
    pub channels: Channels,
}

/// The payment channels by which money could have come between the receipt of the fact and the breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// At least one was open.
    Open,
    /// None was open.
    NoneOpen,
}

/// What is said of a breach day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The day.
    pub day: Date,
    /// Whether it was preventable.
    pub answer: Preventable,
    /// Whether a payment released on the day of receipt, by the floor file's lead, could have been used by this day. With
    /// a short lead it can be where the day is not preventable; with one of three not always where it is, since such
    /// money never arrives on a weekend.
    pub in_reach: bool,
}

/// Whether a breach day was preventable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Preventable {
    /// It was, and a payment channel was open: what a guarantee promises never to happen.
    Preventable,
    /// It was, and is counted, but no channel was open.
    NoChannelOpen,
    /// It was not: no public body had the fact soon enough.
    NotPreventable,
}

impl Preventable {
    /// Whether the day counts among the preventable ones.
    pub const fn counts(self) -> bool {
        match self {
            Preventable::Preventable | Preventable::NoChannelOpen => true,
            Preventable::NotPreventable => false,
        }
    }

    /// The label for people to read.
    pub const fn label(self) -> &'static str {
        match self {
            Preventable::Preventable => "preventable",
            Preventable::NoChannelOpen => "preventable, no channel open",
            Preventable::NotPreventable => "not preventable",
        }
    }
}

/// The working days before the breach by which the fact must have been received. No floor file's lead is longer.
const NOTICE: usize = 3;

impl BreachDay {
    fn answer(&self, is_working_day: impl Fn(Date) -> bool) -> Preventable {
        let in_time = |received: Date| {
            let until = (number(received)..number(self.day)).map(day_of);
            until.filter(|day| is_working_day(*day)).take(NOTICE).count() == NOTICE
        };
        match (self.notified_on.is_some_and(in_time), self.channels) {
            (true, Channels::Open) => Preventable::Preventable,
            (true, Channels::NoneOpen) => Preventable::NoChannelOpen,
            (false, Channels::Open | Channels::NoneOpen) => Preventable::NotPreventable,
        }
    }
}

/// The detection failures: days in breach by what is known now, which were believed fine on the day itself.
///
/// Each span is one failure and the number of its days its detection lag. Days without a verdict belong in neither.
pub fn detection_lags(actual: &Gaps, believed: &Gaps) -> Vec<BreachSpan> {
    actual.where_none_in(believed).spans()
}

#[cfg(test)]
mod tests;
