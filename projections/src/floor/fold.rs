//! The test itself, by intervals. Between two days on which anything changes, credits fall in a straight line, so that
//! the breach days of an interval follow in one step: the money of a purse lasts so many whole days, then perhaps part
//! of one, then none. A loop over days is the reference that this is held to, and is written elsewhere.
//!
//! Purses of several people run side by side. On each day a purse belongs to a group, and a group lives off its purses
//! together; one person alone is a group of one. How views form groups is said in `views`.

use schemas::{Money, Timeline};

use super::amount::FloorAmount;
use super::credit::{Credit, Lens, Outflow};
use super::days::{Days, day_of, number};
use super::gaps::{Gaps, Unmet};

/// What one person's own credits leave missing of the floor on the days asked for.
///
/// On each day: credits whose life has ended are dropped where the lens drops them, new ones are added, outflows are taken where the lens counts
/// them, and then the floor, from the credit that expires first. Days before, from the first credit on, are lived at
/// the floor and get no verdict.
pub fn fold(credits: &[Credit], floor: &Timeline<FloorAmount>, outflows: &[Outflow], lens: &Lens, days: Days) -> Gaps {
    let lots = credits.iter().filter(|c| lens.counts(c)).map(|c| Lot::whole(c, lens, 0)).collect();
    let taken = if lens.outflows { outflows } else { &[] };
    let group = Timeline::always(0);
    fold_purses(lots, &[Purse { floor, group: &group, outflows: taken }], days).pop().unwrap_or_default()
}

/// One person's part in a fold of several.
pub(super) struct Purse<'a> {
    /// What they need each day.
    pub floor: &'a Timeline<FloorAmount>,
    /// With whom they live off one purse on each day: those of the same number.
    pub group: &'a Timeline<usize>,
    /// What leaves their group's purses.
    pub outflows: &'a [Outflow],
}

/// What is left of a credit in somebody's purse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lot {
    /// The last day of its life, which orders it; the greatest number where it never ends.
    last: i32,
    /// Whether what is left of it after that day is dropped.
    drops: bool,
    usable: i32,
    is_top_up: bool,
    position: u64,
    owner: usize,
    left: i64,
}

impl Lot {
    /// All of the credit, in one purse.
    pub(super) fn whole(credit: &Credit, lens: &Lens, owner: usize) -> Lot {
        Lot {
            last: lens.last_day(credit).map_or(i32::MAX, number),
            drops: lens.drops_expired(),
            usable: number(credit.usable),
            is_top_up: credit.kind == super::credit::CreditKind::TopUp,
            position: credit.position,
            owner,
            left: FloorAmount::of(credit.amount).units(),
        }
    }

    /// Half of the credit: one holder's part of a joint account.
    pub(super) fn half(credit: &Credit, lens: &Lens, owner: usize) -> Lot {
        Lot { left: FloorAmount::of(credit.amount).half().units(), ..Lot::whole(credit, lens, owner) }
    }

    fn expired(&self, day: i32) -> bool {
        self.drops && self.last < day
    }

    /// Rising in the order in which lots are used up: the one that expires first; of several such, top-ups last, then
    /// the earlier usable day, then the earlier position.
    fn order(&self) -> (i32, bool, i32, u64) {
        (self.last, self.is_top_up, self.usable, self.position)
    }
}

/// What each purse's owner misses on the days, given all credits that count. A group's gap is shared among its members
/// in proportion to their floors, to the unit by largest remainder.
pub(super) fn fold_purses(mut lots: Vec<Lot>, purses: &[Purse<'_>], days: Days) -> Vec<Gaps> {
    let (from, end) = (number(days.from()), number(days.to()) + 1);
    lots.retain(|lot| lot.usable < end && lot.left > 0 && lot.owner < purses.len());
    let start = lots.iter().map(|lot| lot.usable).fold(from, i32::min);
    let events = events(&lots, purses, start, from, end);
    let mut state = State::new(purses.len());
    let mut gaps = vec![Gaps::default(); purses.len()];
    let mut next = 0;
    while let Some(day) = events.get(next).map(|event| event.day) {
        state.drop_expired(day);
        while let Some(event) = events.get(next).filter(|event| event.day == day) {
            match event.change {
                Change::Floor { owner, floor } => state.floors[owner] = floor.units(),
                Change::Group { owner, group } => state.groups[owner] = group,
                Change::Mark => {}
                Change::Lot { index } => state.add(lots[index]),
                Change::Outflow { owner, amount } => {
                    let unmet = state.take(state.groups[owner], FloorAmount::of(amount).units());
                    if unmet > 0 && day >= from {
                        gaps[owner].unmet.push(Unmet { on: day_of(day), amount: FloorAmount::known(unmet) });
                    }
                }
            }
            next += 1;
        }
        let until = events.get(next).map_or(end, |event| event.day);
        state.live(day, until, day >= from, &mut gaps);
    }
    gaps
}

/// Something that changes on a day. In the order in which it happens within the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Floor {
        owner: usize,
        floor: FloorAmount,
    },
    Group {
        owner: usize,
        group: usize,
    },
    /// A lot has expired the day before, or the days asked for begin.
    Mark,
    Lot {
        index: usize,
    },
    Outflow {
        owner: usize,
        amount: Money,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Happening {
    day: i32,
    change: Change,
}

/// Everything that changes from `start` to before `end`, in order.
fn events(lots: &[Lot], purses: &[Purse<'_>], start: i32, from: i32, end: i32) -> Vec<Happening> {
    let mut events = Vec::with_capacity(lots.len() * 2 + purses.len() * 4 + 1);
    let (first, last) = (day_of(start), day_of(end - 1));
    events.push(Happening { day: from, change: Change::Mark });
    for (index, lot) in lots.iter().enumerate() {
        events.push(Happening { day: lot.usable, change: Change::Lot { index } });
        if lot.expired(end - 1) {
            events.push(Happening { day: lot.last + 1, change: Change::Mark });
        }
    }
    for (owner, purse) in purses.iter().enumerate() {
        events.extend(
            purse
                .floor
                .spans(first, last)
                .map(|span| Happening { day: number(span.from), change: Change::Floor { owner, floor: *span.value } }),
        );
        events.extend(
            purse
                .group
                .spans(first, last)
                .map(|span| Happening { day: number(span.from), change: Change::Group { owner, group: *span.value } }),
        );
        let within = purse.outflows.iter().filter(|outflow| first <= outflow.on && outflow.on <= last);
        events.extend(within.map(|outflow| Happening {
            day: number(outflow.on),
            change: Change::Outflow { owner, amount: outflow.amount },
        }));
    }
    events.sort_unstable();
    events
}

/// What there is on a day.
struct State {
    /// The lots that can be used, the next one to use last.
    lots: Vec<Lot>,
    /// Of each owner: what is in the purse, what a day needs, and the group.
    balances: Vec<i64>,
    floors: Vec<i64>,
    groups: Vec<usize>,
}

impl State {
    fn new(owners: usize) -> State {
        State { lots: Vec::new(), balances: vec![0; owners], floors: vec![0; owners], groups: vec![0; owners] }
    }

    fn drop_expired(&mut self, day: i32) {
        while let Some(lot) = self.lots.pop_if(|lot| lot.expired(day) || lot.left == 0) {
            self.balances[lot.owner] -= lot.left;
        }
    }

    fn add(&mut self, lot: Lot) {
        let place = self.lots.partition_point(|other| other.order() > lot.order());
        self.lots.insert(place, lot);
        self.balances[lot.owner] += lot.left;
    }

    /// Takes from the group's lots in order; says what could not be taken.
    fn take(&mut self, group: usize, mut wanted: i64) -> i64 {
        for lot in self.lots.iter_mut().rev() {
            if wanted == 0 {
                return 0;
            }
            if self.groups[lot.owner] == group {
                let taken = lot.left.min(wanted);
                lot.left -= taken;
                self.balances[lot.owner] -= taken;
                wanted -= taken;
            }
        }
        wanted
    }

    /// Lives the days `day..until`, on which nothing changes, group by group.
    fn live(&mut self, day: i32, until: i32, judged: bool, gaps: &mut [Gaps]) {
        for leader in 0..self.groups.len() {
            let group = self.groups[leader];
            if self.groups[..leader].contains(&group) {
                continue;
            }
            let needed = self.of_group(&self.floors, group);
            if needed == 0 {
                continue;
            }
            let money = self.of_group(&self.balances, group);
            let length = i64::from(until - day);
            let whole = (money / needed).min(length);
            let part = if whole < length { money % needed } else { 0 };
            self.take(group, whole * needed + part);
            if judged && whole < length {
                // Below `length`, so it fits.
                let first = day + i32::try_from(whole).unwrap_or(i32::MAX - day);
                let partly = first + i32::from(part > 0);
                self.record(group, needed, (first, partly, needed - part), gaps);
                self.record(group, needed, (partly, until, needed), gaps);
            }
        }
    }

    fn of_group(&self, values: &[i64], group: usize) -> i64 {
        values.iter().zip(&self.groups).filter(|(_, g)| **g == group).map(|(value, _)| value).sum()
    }

    /// Shares the group's gap on the days among its members.
    fn record(&self, group: usize, needed: i64, (first, end, gap): (i32, i32, i64), gaps: &mut [Gaps]) {
        let members = || (0..self.groups.len()).filter(|i| self.groups[*i] == group && self.floors[*i] > 0);
        let rest = |owner: usize| share(gap, self.floors[owner], needed).1;
        let given: i64 = members().map(|owner| share(gap, self.floors[owner], needed).0).sum();
        for owner in members() {
            // How many come before this one when the units left over are handed out by largest remainder.
            let before = members().filter(|o| (rest(*o), owner) > (rest(owner), *o)).count();
            let one_more = i64::try_from(before).is_ok_and(|before| before < gap - given);
            let own = share(gap, self.floors[owner], needed).0 + i64::from(one_more);
            gaps[owner].push(first, end, FloorAmount::known(own));
        }
    }
}

/// `gap * part / whole`, rounded down, and the remainder.
fn share(gap: i64, part: i64, whole: i64) -> (i64, i64) {
    if part == whole {
        return (gap, 0);
    }
    let product = i128::from(gap) * i128::from(part);
    let (quotient, remainder) = (product / i128::from(whole), product % i128::from(whole));
    // Both are below `whole`, which is an i64.
    (i64::try_from(quotient).unwrap_or(gap), i64::try_from(remainder).unwrap_or(0))
}

#[cfg(test)]
mod tests;
