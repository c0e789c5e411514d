//! Which days the test may answer for: from registration to death while resident; days in prison, hospital or care are
//! counted apart; a day on which the ledger cannot see all income is unknown, never a pass and never a breach.

use jiff::civil::Date;
use schemas::Timeline;
use schemas::events::Residence;

use super::days::{Days, plus};
use super::gaps::Gaps;

/// What is known of a person's days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The first day the system answers for.
    pub registered: Date,
    /// The day of death, which is still judged.
    pub died: Option<Date>,
    /// Where the person lives.
    pub residence: Timeline<Residence>,
    /// Whether the ledger sees all income of the day: not after a claim closes, say.
    pub all_income_seen: Timeline<bool>,
}

/// How a day stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayStanding {
    /// Before registration, after death or abroad: no day of the test.
    Outside,
    /// In prison, hospital or care: reported apart.
    Apart(Institution),
    /// Not all income is seen: no verdict.
    Unknown,
    /// The test has a verdict.
    Judged,
}

/// Where a person is looked after or held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Institution {
    /// Prison.
    Prison,
    /// Hospital.
    Hospital,
    /// The care of the state.
    StateCare,
}

/// The verdicts that stand, and the days beside them. The counts add up to the days asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scoped {
    /// Breaches on judged days only.
    pub gaps: Gaps,
    /// Days with a verdict.
    pub judged: i64,
    /// Days without one, because not all income is seen.
    pub unknown: i64,
    /// Days in prison.
    pub prison: Apart,
    /// Days in hospital.
    pub hospital: Apart,
    /// Days in the care of the state.
    pub state_care: Apart,
    /// Days that are none of the test's.
    pub outside: i64,
}

/// Days reported apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// How many.
    pub days: i64,
    /// What was missing on them.
    pub gaps: Gaps,
}

impl Scope {
    /// How the day stands.
    pub fn standing(&self, day: Date) -> DayStanding {
        if day < self.registered || self.died.is_some_and(|died| died < day) {
            return DayStanding::Outside;
        }
        match (*self.residence.at(day), *self.all_income_seen.at(day)) {
            (Residence::Abroad, _) => DayStanding::Outside,
            (Residence::Prison, _) => DayStanding::Apart(Institution::Prison),
            (Residence::Hospital, _) => DayStanding::Apart(Institution::Hospital),
            (Residence::StateCare, _) => DayStanding::Apart(Institution::StateCare),
            (Residence::Resident, false) => DayStanding::Unknown,
            (Residence::Resident, true) => DayStanding::Judged,
        }
    }

    /// Sorts what was found on the days by how each day stands.
    pub fn apply(&self, gaps: &Gaps, days: Days) -> Scoped {
        let mut scoped = Scoped::default();
        for run in self.runs(days) {
            let (count, found) = (run.count(), gaps.within(run));
            let apart = |apart: &mut Apart| {
                apart.days += count;
                apart.gaps.append(&found);
            };
            match self.standing(run.from()) {
                DayStanding::Outside => scoped.outside += count,
                DayStanding::Unknown => scoped.unknown += count,
                DayStanding::Judged => {
                    scoped.judged += count;
                    scoped.gaps.append(&found);
                }
                DayStanding::Apart(Institution::Prison) => apart(&mut scoped.prison),
                DayStanding::Apart(Institution::Hospital) => apart(&mut scoped.hospital),
                DayStanding::Apart(Institution::StateCare) => apart(&mut scoped.state_care),
            }
        }
        scoped
    }

    /// The days with a verdict.
    pub fn judged(&self, days: Days) -> impl Iterator<Item = Days> {
        self.runs(days).filter(|run| self.standing(run.from()) == DayStanding::Judged)
    }

    /// The days in runs on each of which all days stand alike.
    fn runs(&self, days: Days) -> impl Iterator<Item = Days> {
        let after_death = self.died.map(|died| plus(died, 1));
        let mut starts: Vec<Date> = self.residence.change_days().chain(self.all_income_seen.change_days()).collect();
        starts.extend([days.from(), self.registered].into_iter().chain(after_death));
        starts.retain(|day| days.contains(*day));
        starts.sort_unstable();
        starts.dedup();
        let lasts: Vec<Date> = starts.iter().skip(1).map(|day| plus(*day, -1)).chain([days.to()]).collect();
        starts.into_iter().zip(lasts).filter_map(|(from, to)| Days::new(from, to).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::amount::FloorAmount;
    use jiff::civil::date;

    fn june(from: i8, to: i8) -> Days {
        Days::new(date(2026, 6, from), date(2026, 6, to)).unwrap()
    }

    fn scope() -> Scope {
        Scope {
            registered: date(2026, 6, 3),
            died: None,
            residence: Timeline::always(Residence::Resident),
            all_income_seen: Timeline::always(true),
        }
    }

    /// A gap of one unit on every day of June.
    fn gaps() -> Gaps {
        june(1, 30).each().map(|day| (day, FloorAmount::from_units(1).unwrap())).collect()
    }

    #[test]
    fn the_day_of_registration_and_the_day_of_death_are_judged_and_no_day_beyond_them() {
        let scoped = Scope { died: Some(date(2026, 6, 20)), ..scope() }.apply(&gaps(), june(1, 30));
        assert_eq!((scoped.judged, scoped.outside, scoped.gaps.breach_days()), (18, 12, 18));
        assert_eq!(scoped.gaps.spans()[0].days, june(3, 20));
    }

    #[test]
    fn a_day_on_which_not_all_income_is_seen_is_neither_a_pass_nor_a_breach() {
        let mut scope = scope();
        scope.all_income_seen.set_from(date(2026, 6, 11), false);
        let scoped = scope.apply(&gaps(), june(1, 30));
        assert_eq!((scoped.judged, scoped.unknown, scoped.gaps.breach_days()), (8, 20, 8));
    }

    #[test]
    fn days_in_prison_hospital_and_care_are_counted_apart_even_where_income_is_not_seen() {
        let mut scope = scope();
        scope.residence.set_between(date(2026, 6, 5), date(2026, 6, 6), Residence::Prison);
        scope.residence.set_between(date(2026, 6, 8), date(2026, 6, 10), Residence::Hospital);
        scope.residence.set_between(date(2026, 6, 12), date(2026, 6, 15), Residence::StateCare);
        scope.residence.set_between(date(2026, 6, 20), date(2026, 6, 24), Residence::Abroad);
        scope.all_income_seen.set_between(date(2026, 6, 9), date(2026, 6, 11), false);
        let scoped = scope.apply(&gaps(), june(1, 30));
        let apart = [&scoped.prison, &scoped.hospital, &scoped.state_care].map(|a| (a.days, a.gaps.breach_days()));
        assert_eq!(apart, [(2, 2), (3, 3), (4, 4)]);
        assert_eq!((scoped.outside, scoped.unknown, scoped.judged), (7, 1, 13));
        assert_eq!(scoped.gaps.breach_days(), 13);
    }
}
