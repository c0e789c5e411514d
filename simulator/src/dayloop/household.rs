//! Several people on one day: whose account the money is in, whose floor a carer carries, and who lives off one purse.
//!
//! The same four steps for each purse of each day. What a purse misses is reported whole: how it is shared among the
//! people who live off it ("in proportion to floors") is for the caller to check.
//! Source: `FLOOR.md` section 2, sharing views and children.

use jiff::civil::Date;

use super::{
    Credit, DaySpan, Expiry, FloorStep, Lot, Outflow, Outflows, Units, View, days, due_on, floor_on, has_expired, take,
};

/// People whose money or floors bear on each other. A person is named by the place in `people`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Household {
    /// Everyone named anywhere else.
    pub people: Vec<Person>,
    /// What came, to whom.
    pub credits: Vec<HeldCredit>,
}

/// One adult or child.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// What this person needs by day. Before the first step nothing.
    pub floor: Vec<FloorStep>,
    /// What this person must pay.
    pub outflows: Vec<Outflow>,
    /// The benefit unit from each day on, numbered by the caller. Before the first step none.
    pub unit: Vec<(Date, Option<u32>)>,
    /// A child's recorded carer from each day on. Before the first step none.
    pub carer: Vec<(Date, Option<usize>)>,
}

/// A credit and the people it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCredit {
    /// The whole credit.
    pub credit: Credit,
    /// In whose account it settled.
    pub account: Account,
    /// Where the payee rule would send it.
    pub payee: usize,
}

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// One person's.
    Sole(usize),
    /// Half each, to the holder named first and to the other.
    Joint(usize, usize),
}

/// Whose money is looked at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// By the account in which it settled: here the invariant is tested.
    Strict,
    /// By the payee rule.
    Purpose,
    /// A unit's lots together, while it is one.
    Pooled,
}

/// A day of the people who live off one purse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurseDay {
    /// The civil day.
    pub day: Date,
    /// Who lives off the purse, in the order of the household.
    pub people: Vec<usize>,
    /// Their floors together.
    pub floor: Units,
    /// What of it could not be taken.
    pub gap: Units,
    /// What of the day's outflows could not be taken.
    pub unmet_outflow: Units,
}

/// Lives every day of everyone from the first credit on, and returns the purses of each day of the span, in order.
pub fn household_day_by_day(household: &Household, sharing: Sharing, view: View, span: DaySpan) -> Vec<PurseDay> {
    let mut lots: Vec<Lot> = Vec::new();
    let mut lived = Vec::new();
    let first_credit = household.credits.iter().map(|held| held.credit.usable).min();
    for day in days(first_credit.map_or(span.first, |first| first.min(span.first)), span.last) {
        if view.expiry != Expiry::Unexpiring {
            lots.retain(|lot| !has_expired(lot, day));
        }
        lots.extend(usable_from(household, sharing, view, day));
        for people in purses(household, sharing, day) {
            let (mut theirs, others): (Vec<Lot>, Vec<Lot>) =
                lots.into_iter().partition(|lot| people.contains(&lot.holder));
            let purse = live(household, view, day, people, &mut theirs);
            lots = theirs.into_iter().chain(others).collect();
            lived.extend((day >= span.first).then_some(purse));
        }
    }
    lived
}

impl Sharing {
    /// Every sharing view there is.
    pub const ALL: [Sharing; 3] = [Sharing::Strict, Sharing::Purpose, Sharing::Pooled];
}

/// The lots that are there from the day on, each with whoever holds it. They stay with that account.
fn usable_from(household: &Household, sharing: Sharing, view: View, day: Date) -> Vec<Lot> {
    let mut lots = Vec::new();
    for held in household.credits.iter().filter(|held| held.credit.usable == day && view.counts(held.credit.source)) {
        let half = Units(held.credit.amount.0 / 2); // Exact: a penny has an even number of units.
        match (sharing, held.account) {
            (Sharing::Purpose, Account::Sole(_) | Account::Joint(..)) => lots.push(Lot::of(&held.credit, held.payee)),
            (Sharing::Strict | Sharing::Pooled, Account::Sole(holder)) => lots.push(Lot::of(&held.credit, holder)),
            (Sharing::Strict | Sharing::Pooled, Account::Joint(one, other)) => {
                lots.push(Lot { left: half, ..Lot::of(&held.credit, one) });
                lots.push(Lot { left: half, second_half: true, ..Lot::of(&held.credit, other) });
            }
        }
    }
    lots
}

/// Everyone once, with the people whose purse they live off on the day.
fn purses(household: &Household, sharing: Sharing, day: Date) -> Vec<Vec<usize>> {
    let mut purses: Vec<(Purse, Vec<usize>)> = Vec::new();
    for person in 0..household.people.len() {
        let purse = purse_of(household, sharing, day, person);
        match purses.iter_mut().find(|(known, _)| *known == purse) {
            Some((_, people)) => people.push(person),
            None => purses.push((purse, vec![person])),
        }
    }
    purses.into_iter().map(|(_, people)| people).collect()
}

/// What tells purses apart on one day.
#[derive(PartialEq, Eq)]
enum Purse {
    OfPerson(usize),
    OfUnit(u32),
}

/// A child lives off the purse of the day's carer, who may be in a carer's charge too; else, where lots are pooled, off
/// the unit's; else off an own one.
fn purse_of(household: &Household, sharing: Sharing, day: Date, person: usize) -> Purse {
    let mut who = person;
    for _ in 0..household.people.len() {
        match household.people.get(who).and_then(|child| on(&child.carer, day)) {
            Some(carer) => who = carer,
            None => break,
        }
    }
    let unit = household.people.get(who).and_then(|member| on(&member.unit, day));
    match (sharing, unit) {
        (Sharing::Pooled, Some(unit)) => Purse::OfUnit(unit),
        (Sharing::Pooled, None) | (Sharing::Strict | Sharing::Purpose, Some(_) | None) => Purse::OfPerson(who),
    }
}

/// Steps 3 and 4 for one purse.
fn live(household: &Household, view: View, day: Date, people: Vec<usize>, lots: &mut [Lot]) -> PurseDay {
    let members = || people.iter().filter_map(|person| household.people.get(*person));
    let unmet_outflow = match view.outflows {
        Outflows::Counted => take(lots, members().map(|member| due_on(&member.outflows, day)).sum()),
        Outflows::Ignored => Units::ZERO,
    };
    let floor = members().map(|member| floor_on(&member.floor, day)).sum();
    let gap = take(lots, floor);
    PurseDay { day, people, floor, gap, unmet_outflow }
}

/// What the latest step not after the day says.
fn on<T: Copy>(steps: &[(Date, Option<T>)], day: Date) -> Option<T> {
    steps.iter().filter(|(from, _)| *from <= day).max_by_key(|(from, _)| *from).and_then(|(_, value)| *value)
}
