//! From which day a claim to Universal Credit can give entitlement, and which assessment days it has.
//!
//! A claim must be made on the first day of the period it is for (SI 2013/380 reg. 26(1)). For reasons that are listed the
//! time is longer (reg. 26(2) and (3)): since 24 July 2019 up to the last day of what would be the first assessment period,
//! before by a month at most. Claims made from 3 August 2015 to 13 February 2018 gave nothing for the first seven days
//! (SI 2013/376 reg. 19A). An award that follows another keeps its assessment days (reg. 21(3) to (3C)).

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::events::{Following, LateClaim, NoWaiting};
use crate::{AssessmentPeriod, Cycle};

/// From this day on the longer time is a whole assessment period (reg. 26(2) as amended).
const WHOLE_PERIOD_FROM: Date = date(2019, 7, 24);
/// The first and last day on which a claim could be made that had waiting days (SI 2015/1362; SI 2018/65 reg. 3(3)).
const WAITING_DAYS: (Date, Date) = (date(2015, 8, 3), date(2018, 2, 13));
/// Days of a claim's period in which entitlement did not arise (reg. 19A(1)).
const WAITING: i64 = 7;
/// For how long an award is followed by a claim that keeps its days, in months (reg. 21(3C)(a)).
const RECLAIM_WITHIN: i64 = 6;
/// How long before its period a claim may be made, in months (SI 2013/380 reg. 32).
const IN_ADVANCE: i64 = 1;

/// Why a claim cannot give entitlement from a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimDateError {
    /// It was made after the first day of its period, and no reason is given.
    #[error(
        "effective_from: a claim made on {claimed_on} gives nothing from {asked} without a reason why it is late: the first day is {first} (SI 2013/380 reg. 26(1))"
    )]
    Late {
        /// The day the claim was made.
        claimed_on: Date,
        /// The first day asked for.
        asked: Date,
        /// The day it would be.
        first: Date,
    },
    /// It was made later than any reason excuses.
    #[error(
        "effective_from: a claim made on {claimed_on} gives nothing from {asked}, whatever the reason: the earliest day is {first} (SI 2013/380 reg. 26(2))"
    )]
    TooLate {
        /// The day the claim was made.
        claimed_on: Date,
        /// The first day asked for.
        asked: Date,
        /// The earliest day it could be.
        first: Date,
    },
    /// It was made longer before its period than claims may be.
    #[error(
        "effective_from: a claim made on {claimed_on} cannot be for a period from {asked}: the latest first day is {first} (SI 2013/380 reg. 32)"
    )]
    TooEarly {
        /// The day the claim was made.
        claimed_on: Date,
        /// The first day asked for.
        asked: Date,
        /// The latest day it could be.
        first: Date,
    },
    /// The award it follows ended too long before.
    #[error(
        "follows: the award ended on {ended}, more than six months before the claim of {claimed_on}: its assessment days are not kept (SI 2013/376 reg. 21(3C))"
    )]
    EndedTooLongAgo {
        /// Its last day.
        ended: Date,
        /// The day of the claim.
        claimed_on: Date,
    },
    /// It does not begin on an assessment day of the award it follows.
    #[error(
        "effective_from: {asked} is not an assessment day of the award that is followed: the first day is {first} ({provision})"
    )]
    NotKept {
        /// The first day asked for.
        asked: Date,
        /// The day it would be.
        first: Date,
        /// What says so.
        provision: &'static str,
    },
}

/// Whether a claim that follows no award can give entitlement from a day: the day the claim was made, why it was not made
/// on the first day of its period, and why no waiting days were served, where one of these is so.
///
/// # Errors
/// [`ClaimDateError`] with the day that the law gives.
pub fn check_new(
    asked: Date,
    claimed_on: Date,
    late_because: Option<LateClaim>,
    no_waiting: Option<NoWaiting>,
) -> Result<(), ClaimDateError> {
    let waits = WAITING_DAYS.0 <= claimed_on && claimed_on <= WAITING_DAYS.1 && no_waiting.is_none();
    let waiting = if waits { WAITING } else { 0 };
    let after_waiting = |day: Date| day.saturating_add(waiting.days());
    let claimed_from = asked.saturating_sub(waiting.days());
    let earliest = earliest(claimed_on);
    let latest = claimed_on.saturating_add(IN_ADVANCE.months());
    if claimed_from > latest {
        return Err(ClaimDateError::TooEarly { claimed_on, asked, first: after_waiting(latest) });
    }
    if claimed_from < earliest {
        return Err(ClaimDateError::TooLate { claimed_on, asked, first: after_waiting(earliest) });
    }
    if claimed_from < claimed_on && late_because.is_none() {
        return Err(ClaimDateError::Late { claimed_on, asked, first: after_waiting(claimed_on) });
    }
    Ok(())
}

/// The earliest first day of a period for which a claim can be made on a day, with a reason.
fn earliest(claimed_on: Date) -> Date {
    let in_time = |first: &Date| {
        let until = if claimed_on < WHOLE_PERIOD_FROM {
            Some(first.saturating_add(1.month()))
        } else {
            AssessmentPeriod::starting(*first).map(AssessmentPeriod::last)
        };
        until.is_some_and(|until| claimed_on <= until)
    };
    let longest_month_before = claimed_on.saturating_sub(32.days());
    let days = std::iter::successors(Some(longest_month_before), |day| day.tomorrow().ok());
    days.take_while(|day| *day <= claimed_on).find(in_time).unwrap_or(claimed_on)
}

/// The periods of an award that follows another: `cycle` is that of the award followed and `ended` its last day.
///
/// Without a claim the new award begins with a period, because the change that makes it counts from the first day of the
/// period in which it happens (SI 2013/381 Sch. 1 para. 20). After a break it begins with the period in which the claim
/// is made, which is for the whole of it (SI 2013/380 reg. 26(5)).
///
/// # Errors
/// [`ClaimDateError`] with the day that the law gives.
pub fn follow(
    asked: Date,
    claimed_on: Date,
    why: Following,
    cycle: Cycle,
    ended: Date,
) -> Result<Cycle, ClaimDateError> {
    let (within, provision) = match why {
        Following::Separation => (asked, "SI 2013/376 reg. 21(3)"),
        Following::Couple => (asked, "SI 2013/376 reg. 21(3A) and (3B)"),
        Following::Break => (claimed_on, "SI 2013/376 reg. 21(3C), SI 2013/380 reg. 26(5)"),
    };
    if why == Following::Break && claimed_on > ended.saturating_add(RECLAIM_WITHIN.months()) {
        return Err(ClaimDateError::EndedTooLongAgo { ended, claimed_on });
    }
    let first = cycle.containing(within).map_or(asked, AssessmentPeriod::first);
    if asked == first { Ok(cycle.from_later(asked)) } else { Err(ClaimDateError::NotKept { asked, first, provision }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LATE: Option<LateClaim> = Some(LateClaim::Disability);

    /// Checks a claim from a day that is made on another.
    #[track_caller]
    fn check(asked: Date, claimed_on: Date, late: Option<LateClaim>, first: Result<(), Date>) {
        let found = check_new(asked, claimed_on, late, None).map_err(|error| match error {
            ClaimDateError::Late { first, .. }
            | ClaimDateError::TooLate { first, .. }
            | ClaimDateError::TooEarly { first, .. }
            | ClaimDateError::NotKept { first, .. } => first,
            ClaimDateError::EndedTooLongAgo { ended, .. } => ended,
        });
        assert_eq!(found, first);
    }

    #[test]
    fn a_claim_gives_entitlement_from_the_day_it_is_made() {
        check(date(2026, 6, 10), date(2026, 6, 10), None, Ok(()));
        check(date(2026, 6, 9), date(2026, 6, 10), None, Err(date(2026, 6, 10)));
    }

    #[test]
    fn a_late_claim_with_a_listed_reason_reaches_back_to_a_period_of_which_it_is_made_on_the_last_day() {
        // The period from 11 May ends on 10 June.
        check(date(2026, 5, 11), date(2026, 6, 10), LATE, Ok(()));
        check(date(2026, 5, 10), date(2026, 6, 10), LATE, Err(date(2026, 5, 11)));
    }

    #[test]
    fn before_24_july_2019_a_late_claim_reached_back_one_month() {
        check(date(2019, 6, 23), date(2019, 7, 23), LATE, Ok(()));
        check(date(2019, 6, 22), date(2019, 7, 23), LATE, Err(date(2019, 6, 23)));
        // From the day on, the period from 25 June ends on 24 July.
        check(date(2019, 6, 24), date(2019, 7, 24), LATE, Err(date(2019, 6, 25)));
    }

    #[test]
    fn a_claim_made_from_3_august_2015_to_13_february_2018_gave_nothing_for_its_first_seven_days() {
        check(date(2015, 8, 2), date(2015, 8, 2), None, Ok(()));
        check(date(2015, 8, 3), date(2015, 8, 3), None, Err(date(2015, 8, 10)));
        check(date(2015, 8, 10), date(2015, 8, 3), None, Ok(()));
        check(date(2018, 2, 20), date(2018, 2, 13), None, Ok(()));
        check(date(2018, 2, 13), date(2018, 2, 13), None, Err(date(2018, 2, 20)));
        check(date(2018, 2, 14), date(2018, 2, 14), None, Ok(()));
    }

    #[test]
    fn waiting_days_were_not_served_by_those_whom_reg_19a_excepted() {
        let day = date(2017, 5, 1);
        assert_eq!(check_new(day, day, None, Some(NoWaiting::TerminallyIll)), Ok(()));
    }

    #[test]
    fn a_claim_can_be_made_a_month_before_its_period() {
        check(date(2026, 7, 10), date(2026, 6, 10), None, Ok(()));
        check(date(2026, 7, 11), date(2026, 6, 10), None, Err(date(2026, 7, 10)));
    }

    #[test]
    fn an_award_of_one_of_a_separated_couple_keeps_the_assessment_day() {
        let couple = Cycle::Monthly { from: date(2026, 1, 31) };
        let alone = |asked| follow(asked, date(2026, 7, 5), Following::Separation, couple, date(2026, 6, 29));
        let kept = alone(date(2026, 6, 30)).unwrap();
        assert_eq!(kept.first().unwrap().last(), date(2026, 7, 30));
        assert_eq!(kept.containing(date(2026, 7, 31)).unwrap().last(), date(2026, 8, 30));
        let wrong = alone(date(2026, 7, 5)).unwrap_err();
        assert!(wrong.to_string().contains("the first day is 2026-06-30 (SI 2013/376 reg. 21(3))"), "{wrong}");
    }

    #[test]
    fn a_claim_within_six_months_of_an_award_is_for_the_whole_period_in_which_it_is_made() {
        let before = Cycle::Monthly { from: date(2026, 1, 10) };
        let again = |asked, claimed_on| follow(asked, claimed_on, Following::Break, before, date(2026, 3, 9));
        assert_eq!(again(date(2026, 8, 10), date(2026, 9, 9)), Ok(Cycle::Monthly { from: date(2026, 8, 10) }));
        let ended = ClaimDateError::EndedTooLongAgo { ended: date(2026, 3, 9), claimed_on: date(2026, 9, 10) };
        assert_eq!(again(date(2026, 9, 10), date(2026, 9, 10)), Err(ended));
        assert!(matches!(again(date(2026, 9, 9), date(2026, 9, 9)), Err(ClaimDateError::NotKept { .. })));
    }

    proptest! {
        #[test]
        fn the_day_that_a_refusal_names_is_one_that_the_law_gives(made in 0..4800i32, asked in -80..80i32, late in any::<bool>()) {
            let claimed_on = date(2013, 5, 1).checked_add(made.days()).unwrap();
            let asked = claimed_on.checked_add(asked.days()).unwrap();
            let late = late.then_some(LateClaim::Illness);
            if let Err(
                ClaimDateError::Late { first, .. }
                | ClaimDateError::TooLate { first, .. }
                | ClaimDateError::TooEarly { first, .. },
            ) = check_new(asked, claimed_on, late, None)
            {
                prop_assert_eq!(check_new(first, claimed_on, Some(LateClaim::Illness), None), Ok(()));
            }
        }
    }
}
