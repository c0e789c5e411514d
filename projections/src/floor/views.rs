//! Who shares with whom: the strict, purpose and pooled views of the same credits, and what only their difference shows.
//!
//! In every view the carer recorded for a day carries the child's whole floor that day: both live off one purse, and
//! what is missing is shared in proportion to their floors, so that a day on which a carer is short is counted for the
//! child. Money settled in a child's own account goes into that purse.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemas::{PersonId, Timeline};

use super::amount::FloorAmount;
use super::credit::{Credit, Expiry, Lens, Loans, Outflow, Purposes, Standing};
use super::days::Days;
use super::fold::{Lot, Purse, fold_purses};
use super::gaps::Gaps;

/// What the ledger's person missed on the days, in one view.
pub fn judge(ledger: &PersonLedger, view: View, purposes: Purposes, days: Days) -> Gaps {
    let mut everyone = judge_everyone(ledger, view, purposes, days);
    everyone.swap_remove(ledger.judged)
}

/// What each of the ledger's people missed on the days, in one view; in the order of [`PersonLedger::people`].
pub fn judge_everyone(ledger: &PersonLedger, view: View, purposes: Purposes, days: Days) -> Vec<Gaps> {
    let lens = view.lens(purposes);
    let groups: Vec<_> = (0..ledger.people.len()).map(|person| ledger.groups(person, view.sharing)).collect();
    let purses: Vec<_> = ledger.people.iter().zip(&groups).map(|(member, group)| member.purse(group, lens)).collect();
    fold_purses(ledger.lots(view.sharing, &lens), &purses, days)
}

/// The published views of one person on the same days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharings {
    /// By the account each payment settled in: the invariant is tested here.
    pub strict: Gaps,
    /// As if each line had gone where the payee rule sends it.
    pub purpose: Gaps,
    /// The unit's money together.
    pub pooled: Gaps,
}

impl Sharings {
    /// Judges the ledger's person in the three sharing views; the rest of the view stays.
    pub fn of(ledger: &PersonLedger, view: View, purposes: Purposes, days: Days) -> Sharings {
        let by = |sharing| judge(ledger, View { sharing, ..view }, purposes, days);
        Sharings { strict: by(Sharing::Strict), purpose: by(Sharing::Purpose), pooled: by(Sharing::Pooled) }
    }

    /// The days on which a household average would have hidden the breach: strict in breach, pooled not.
    pub fn hidden(&self) -> Gaps {
        self.strict.where_none_in(&self.pooled)
    }

    /// The days in breach only because money went to the wrong person: strict in breach, purpose not. Cured by paying
    /// the right person.
    pub fn misdirected(&self) -> Gaps {
        self.strict.where_none_in(&self.purpose)
    }
}

/// Whose money is looked at together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// The account each payment actually settled in; half each for a joint account.
    #[default]
    Strict,
    /// Where the payee rule would send each line.
    Purpose,
    /// The unit's credits together; from the day a unit splits, each account's own.
    Pooled,
}

/// One way of looking at the same history. The default is the test itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct View {
    /// Whose money is looked at together.
    pub sharing: Sharing,
    /// Whether credits expire.
    pub expiry: Expiry,
    /// Whether loans count.
    pub loans: Loans,
    /// Whether unavoidable outflows are taken.
    pub outflows: bool,
}

impl View {
    /// How the fold looks at credits in this view, with the purposes that a floor file counts.
    pub const fn lens(self, purposes: Purposes) -> Lens {
        Lens { expiry: self.expiry, loans: self.loans, outflows: self.outflows, purposes }
    }
}

/// Everything that bears on one person's floor: their own credits and needs, and those of whoever shares a unit with
/// them, cares for them or is cared for by them on any day.
/// Invariant: the judged person and every recorded carer are among the people, and nobody is there twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLedger {
    judged: usize,
    people: Vec<Member>,
    places: BTreeMap<PersonId, usize>,
    /// The credits of all of them, and of nobody else that they could use.
    pub credits: Vec<TaggedCredit>,
}

/// A person in a [`PersonLedger`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// What each day needs; nothing on days before birth and after death.
    pub floor: Timeline<FloorAmount>,
    /// What leaves their purse.
    pub outflows: Vec<Outflow>,
    /// The benefit unit they belong to on each day, if any.
    pub unit: Timeline<Option<UnitId>>,
    /// For a child: the carer recorded for each day, if any.
    pub carer: Timeline<Option<PersonId>>,
}

/// A benefit unit. The number only tells units apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u64);

/// A credit, the account it settled in and the person that the payee rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaggedCredit {
    /// The credit.
    pub credit: Credit,
    /// Whose account it settled in.
    pub settled: Account,
    /// Who should have received it; for income from elsewhere, whoever did.
    pub payee: PersonId,
}

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// One person's.
    Sole(PersonId),
    /// Two persons': half each.
    Joint(PersonId, PersonId),
}

/// Why people do not make a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Somebody is there twice.
    #[error("{0} stands twice among the people")]
    Twice(PersonId),
    /// Somebody is named who is not there.
    #[error("{0} is named and is not among the people")]
    Missing(PersonId),
}

impl PersonLedger {
    /// # Errors
    /// [`LedgerError`] where somebody is missing or there twice.
    pub fn new(person: PersonId, people: Vec<Member>, credits: Vec<TaggedCredit>) -> Result<PersonLedger, LedgerError> {
        let mut places = BTreeMap::new();
        for (place, member) in people.iter().enumerate() {
            if places.insert(member.person, place).is_some() {
                return Err(LedgerError::Twice(member.person));
            }
        }
        let carers = people.iter().flat_map(|m| m.carer.spans(Date::MIN, Date::MAX)).filter_map(|span| *span.value);
        if let Some(missing) = carers.chain([person]).find(|named| !places.contains_key(named)) {
            return Err(LedgerError::Missing(missing));
        }
        let judged = places.get(&person).copied().ok_or(LedgerError::Missing(person))?;
        Ok(PersonLedger { judged, people, places, credits })
    }

    /// Who is judged.
    pub fn person(&self) -> PersonId {
        self.people[self.judged].person
    }

    /// Everyone whose money or floor bears on it.
    pub fn people(&self) -> &[Member] {
        &self.people
    }

    /// Who has the purse that somebody, by their place among the people, lives off on a day.
    pub fn purse_on(&self, place: usize, day: Date) -> Option<PersonId> {
        self.people.get(self.carer_on(place, day)).map(|owner| owner.person)
    }

    /// The debt that loans among the judged person's credits created up to the day: what a breach avoided in the view
    /// with debt costs. Half of what settled in a joint account.
    pub fn debt_until(&self, day: Date) -> FloorAmount {
        let loan =
            |tagged: &&TaggedCredit| tagged.credit.kind.standing() == Standing::Debt && tagged.credit.usable <= day;
        let own = |tagged: &TaggedCredit| match tagged.settled {
            Account::Sole(holder) if holder == self.person() => FloorAmount::of(tagged.credit.amount),
            Account::Joint(a, b) if a == self.person() || b == self.person() => {
                FloorAmount::of(tagged.credit.amount).half()
            }
            Account::Sole(_) | Account::Joint(..) => FloorAmount::ZERO,
        };
        self.credits.iter().filter(loan).map(own).sum()
    }

    /// The credits that count, each in the purse of whoever holds it in the view.
    fn lots(&self, sharing: Sharing, lens: &Lens) -> Vec<Lot> {
        let mut lots = Vec::with_capacity(self.credits.len());
        let place = |person| self.places.get(&person).copied();
        for tagged in self.credits.iter().filter(|tagged| lens.counts(&tagged.credit)) {
            let credit = &tagged.credit;
            match (sharing, tagged.settled) {
                (Sharing::Purpose, Account::Sole(_) | Account::Joint(..)) => {
                    lots.extend(place(tagged.payee).map(|owner| Lot::whole(credit, lens, owner)));
                }
                (Sharing::Strict | Sharing::Pooled, Account::Sole(holder)) => {
                    lots.extend(place(holder).map(|owner| Lot::whole(credit, lens, owner)));
                }
                (Sharing::Strict | Sharing::Pooled, Account::Joint(a, b)) => {
                    lots.extend([a, b].into_iter().filter_map(place).map(|owner| Lot::half(credit, lens, owner)));
                }
            }
        }
        lots
    }

    /// With whom the person lives off one purse on each day: the place of the first of that group. A child is where
    /// its carer of the day is.
    fn groups(&self, person: usize, sharing: Sharing) -> Timeline<usize> {
        let on = |day| self.leader(self.carer_on(person, day), sharing, day);
        let mut changes: Vec<Date> = self.people.iter().flat_map(|member| member.change_days()).collect();
        changes.sort_unstable();
        changes.dedup();
        let mut groups = Timeline::always(on(Date::MIN));
        for day in changes {
            groups.set_from(day, on(day));
        }
        groups
    }

    /// The place of whoever carries the person on the day: their carer, or the carer's carer; else they themselves.
    fn carer_on(&self, person: usize, day: Date) -> usize {
        let carer =
            |place: &usize| self.people[*place].carer.at(day).and_then(|carer| self.places.get(&carer).copied());
        // As many steps as there are people: enough for any chain, and an end to a circle.
        std::iter::successors(Some(person), carer).take(self.people.len()).last().unwrap_or(person)
    }

    /// The first of those who share a purse with the adult on the day.
    fn leader(&self, adult: usize, sharing: Sharing, day: Date) -> usize {
        let unit = |place: usize| *self.people[place].unit.at(day);
        match (sharing, unit(adult)) {
            (Sharing::Pooled, Some(shared)) => {
                let cared_for = |place: &usize| self.people[*place].carer.at(day).is_some();
                let mut mates = (0..self.people.len()).filter(|place| !cared_for(place));
                mates.find(|place| unit(*place) == Some(shared)).unwrap_or(adult)
            }
            (Sharing::Pooled, None) | (Sharing::Strict | Sharing::Purpose, Some(_) | None) => adult,
        }
    }
}

impl Member {
    fn purse<'a>(&'a self, group: &'a Timeline<usize>, lens: Lens) -> Purse<'a> {
        Purse { floor: &self.floor, group, outflows: if lens.outflows { &self.outflows } else { &[] } }
    }

    fn change_days(&self) -> impl Iterator<Item = Date> + '_ {
        self.unit.change_days().chain(self.carer.change_days())
    }
}

#[cfg(test)]
mod tests;
