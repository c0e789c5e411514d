//! For how many days a failure reduces an award (SI 2013/376 regs. 101(4) and 102 to 105), by the text that stood on the
//! day of the failure. How these days fall on the calendar is [`crate::sanction_days`].

use jiff::ToSpan;
use jiff::civil::{Date, date};
use schemas::events::SanctionLevel;

/// The text as first made disregarded failures of the last 14 days and looked back 365; since this day 13 and 364
/// (reg. 101(4) as amended; the 364 days are read in SR 2016/216 reg. 99, which was made alike).
const SHORTER_WINDOWS: Date = date(2014, 4, 28);

/// Failures since this day go by the table that looks at the most recent failure alone (SI 2016/678 reg. 2).
const TABLE: Date = date(2016, 7, 25);

/// Decisions since this day give no reduction of 1,095 days (SI 2019/1357).
pub(crate) const NO_THREE_YEARS: Date = date(2019, 11, 27);

/// How long the reduction for one failure lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Days that the table of the level gives. Where the reduction lasts until a compliance condition is met, those are
    /// the days after it.
    pub days: u16,
    /// Whether the days from the failure to the day before the claimant complies come on top (regs. 104 and 105).
    pub until_compliance: bool,
}

/// An earlier failure of the same person that gave rise to a reduction and was not a pre-claim failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Only failures of the same level count.
    pub level: SanctionLevel,
    /// When it happened.
    pub failure_on: Date,
    /// The days of the table that applied to it.
    pub days: u16,
}

/// What a failure leads to.
///
/// `decided_on` is the day of the decision and `born` the claimant's date of birth; of `history` only failures up to the
/// day of this one count, whatever their order.
/// Source: SI 2013/376 regs. 102 (read as at 27 November 2019), 103 (read), 104 and 105 (read in part).
pub fn length(level: SanctionLevel, failure_on: Date, decided_on: Date, born: Date, history: &[Earlier]) -> Length {
    let steps = steps(level, age(born, failure_on) >= 18, decided_on);
    let earlier = history.iter().filter(|earlier| earlier.level == level && earlier.failure_on <= failure_on);
    let step = if failure_on >= TABLE {
        let latest = earlier.max_by_key(|earlier| (earlier.failure_on, earlier.days));
        latest.map_or(0, |latest| match days_before(failure_on, latest.failure_on) {
            0..=13 => step_of(steps, latest.days).unwrap_or(0),
            14..=364 => step_of(steps, latest.days).map_or(0, |step| step + 1),
            _ => 0,
        })
    } else {
        let (disregarded, back) = if failure_on >= SHORTER_WINDOWS { (13, 364) } else { (14, 365) };
        let counts =
            |earlier: &Earlier| (disregarded + 1..=back).contains(&days_before(failure_on, earlier.failure_on));
        let before = earlier.filter(|earlier| counts(earlier)).filter_map(|earlier| step_of(steps, earlier.days));
        before.max().map_or(0, |step| step + 1)
    };
    let days = steps.get(step).or(steps.last()).copied().unwrap_or(0);
    Length { days, until_compliance: is_open_ended(level) }
}

/// Whether a reduction of this level lasts until the claimant does what was asked (regs. 104(2)(a) and 105(2)).
pub const fn is_open_ended(level: SanctionLevel) -> bool {
    match level {
        SanctionLevel::Higher | SanctionLevel::Medium => false,
        SanctionLevel::Low | SanctionLevel::Lowest => true,
    }
}

/// The days of a level, each repeated failure one step further; the last step repeats.
fn steps(level: SanctionLevel, adult: bool, decided_on: Date) -> &'static [u16] {
    match (level, adult) {
        (SanctionLevel::Higher, true) if decided_on < NO_THREE_YEARS => &[91, 182, 1_095],
        (SanctionLevel::Higher, true) => &[91, 182],
        (SanctionLevel::Higher, false) => &[14, 28],
        (SanctionLevel::Medium, true) => &[28, 91],
        (SanctionLevel::Medium, false) => &[7, 14],
        (SanctionLevel::Low, true) => &[7, 14, 28],
        // Recalled, not read: nothing on top for the first failure at 16 or 17, and seven days for a further one.
        (SanctionLevel::Low, false) => &[0, 7],
        (SanctionLevel::Lowest, _) => &[0],
    }
}

/// The step at which an earlier failure stood: the furthest whose days it reached. None for a length of another age, at
/// which the table gives nothing to go on from.
fn step_of(steps: &[u16], days: u16) -> Option<usize> {
    steps.iter().rposition(|step| *step <= days)
}

fn days_before(failure_on: Date, earlier: Date) -> i32 {
    (failure_on - earlier).get_days()
}

/// Completed years; somebody born on 29 February completes one on 1 March of a common year.
pub(crate) fn age(born: Date, on: Date) -> i16 {
    on.year() - born.year() - i16::from((on.month(), on.day()) < (born.month(), born.day()))
}

/// Days of a reduction that ends with compliance: from the failure to the day before, and the days of the table.
pub fn days_with_compliance(failure_on: Date, complied_on: Date, after: u16) -> u16 {
    let until = (complied_on.max(failure_on) - failure_on).get_days();
    u16::try_from(until).unwrap_or(u16::MAX).saturating_add(after)
}

/// The first day that is `days` after another.
pub(crate) fn after(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use SanctionLevel::{Higher, Low, Lowest, Medium};

    const ADULT: Date = date(1990, 1, 1);
    const FAILURE: Date = date(2026, 6, 15);

    fn earlier(level: SanctionLevel, failure_on: Date, days: u16) -> Earlier {
        Earlier { level, failure_on, days }
    }

    /// After one earlier failure of the level, `before` days ago, that had `days`.
    #[track_caller]
    fn repeats(level: SanctionLevel, born: Date, before: i64, days: u16, expected: u16) {
        let history = [earlier(level, after(FAILURE, -before), days)];
        assert_eq!(length(level, FAILURE, FAILURE, born, &history).days, expected, "{level}, {days} {before} days ago");
    }

    #[track_caller]
    fn first(level: SanctionLevel, born: Date, days: u16, until_compliance: bool) {
        assert_eq!(length(level, FAILURE, FAILURE, born, &[]), Length { days, until_compliance }, "{level}");
    }

    #[test]
    fn a_first_failure_has_the_shortest_length_of_its_level_and_age() {
        let young = date(2009, 1, 1); // 17
        for (level, adult, minor, open) in
            [(Higher, 91, 14, false), (Medium, 28, 7, false), (Low, 7, 0, true), (Lowest, 0, 0, true)]
        {
            first(level, ADULT, adult, open);
            first(level, young, minor, open);
        }
        first(Medium, date(2008, 6, 15), 28, false); // 18 on the day of the failure
        first(Medium, date(2008, 6, 16), 7, false);
    }

    /// Reg. 102(2) and reg. 103(2), tables; reg. 104 in the same form.
    #[test]
    fn a_repeated_failure_goes_one_step_further_and_the_last_step_repeats() {
        for (level, had, expected) in [
            (Higher, 91, 182),
            (Higher, 182, 182),
            (Medium, 28, 91),
            (Medium, 91, 91),
            (Low, 7, 14),
            (Low, 14, 28),
            (Low, 28, 28),
            (Lowest, 0, 0),
        ] {
            repeats(level, ADULT, 100, had, expected);
        }
        let young = date(2009, 1, 1);
        repeats(Higher, young, 100, 14, 28);
        repeats(Higher, young, 100, 28, 28);
        repeats(Medium, young, 100, 7, 14);
        repeats(Medium, young, 100, 14, 14);
    }

    /// "Within 365 days, but not within 14 days, beginning with the date of the current failure": the day of the failure
    /// is the first of them, so the fourteenth is 13 days before and the 365th is 364 days before.
    #[test]
    fn a_failure_within_14_days_of_the_last_has_its_length_and_one_after_365_days_begins_anew() {
        for (before, expected) in [(0, 91), (13, 91), (14, 182), (364, 182), (365, 91)] {
            repeats(Higher, ADULT, before, 91, expected);
        }
        repeats(Medium, ADULT, 13, 91, 91);
        repeats(Low, ADULT, 13, 14, 14);
    }

    #[test]
    fn the_most_recent_failure_alone_decides_since_25_july_2016() {
        // 182 days a hundred days ago, and 91 ten days ago: the later one is within 14 days, and its length applies.
        let history = [earlier(Higher, after(FAILURE, -100), 182), earlier(Higher, after(FAILURE, -10), 91)];
        assert_eq!(length(Higher, FAILURE, FAILURE, ADULT, &history).days, 91);
        // Before that day the one of ten days ago is left out of account, and the other gives the longest.
        let failure = date(2016, 7, 24);
        let history = [earlier(Higher, after(failure, -100), 182), earlier(Higher, after(failure, -10), 91)];
        assert_eq!(length(Higher, failure, failure, ADULT, &history).days, 1_095);
    }

    #[test]
    fn failures_of_another_level_and_later_ones_do_not_count() {
        let history = [earlier(Medium, after(FAILURE, -100), 28), earlier(Higher, after(FAILURE, 1), 91)];
        assert_eq!(length(Higher, FAILURE, FAILURE, ADULT, &history).days, 91);
    }

    /// Reg. 101(4): 14 days as first made, 13 since 28 April 2014.
    #[test]
    fn before_the_table_a_failure_of_the_last_two_weeks_was_left_out_of_account() {
        for (failure, before, expected) in [
            (date(2014, 4, 27), 14, 28),
            (date(2014, 4, 27), 15, 91),
            (date(2014, 4, 27), 365, 91),
            (date(2014, 4, 27), 366, 28),
            (date(2014, 4, 28), 13, 28),
            (date(2014, 4, 28), 14, 91),
            (date(2014, 4, 28), 364, 91),
            (date(2014, 4, 28), 365, 28),
        ] {
            let history = [earlier(Medium, after(failure, -before), 28)];
            assert_eq!(length(Medium, failure, failure, ADULT, &history).days, expected, "{failure}, {before}");
        }
    }

    /// SI 2019/1357 reg. 3: the third step is gone for decisions since 27 November 2019, and a former 1,095 counts as 182.
    #[test]
    fn three_years_could_be_imposed_until_26_november_2019() {
        let failure = date(2019, 11, 20);
        let history = [earlier(Higher, after(failure, -100), 182)];
        assert_eq!(length(Higher, failure, date(2019, 11, 26), ADULT, &history).days, 1_095);
        assert_eq!(length(Higher, failure, date(2019, 11, 27), ADULT, &history).days, 182);
        let failure = date(2020, 3, 1);
        for before in [5, 200] {
            let history = [earlier(Higher, after(failure, -before), 1_095)];
            assert_eq!(length(Higher, failure, failure, ADULT, &history).days, 182);
        }
    }

    #[test]
    fn a_length_of_16_or_17_does_not_lengthen_that_of_an_adult() {
        repeats(Higher, ADULT, 100, 14, 91);
        repeats(Medium, ADULT, 100, 14, 28);
        repeats(Low, ADULT, 100, 0, 7);
    }

    /// ADM K8005: a failure on 13 August and compliance on the 15th, seven days on top: two days and seven.
    #[test]
    fn compliance_closes_the_days_that_began_with_the_failure() {
        assert_eq!(days_with_compliance(date(2014, 8, 13), date(2014, 8, 15), 7), 9);
        assert_eq!(days_with_compliance(date(2014, 8, 13), date(2014, 8, 13), 7), 7);
        assert_eq!(days_with_compliance(date(2014, 8, 13), date(2014, 8, 12), 0), 0);
    }
}
