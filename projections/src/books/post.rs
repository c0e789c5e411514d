//! Which event posts what.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::events::{ClaimEvent, Event, Payee, PersonEvent, RunEvent, SanctionEvent};
use schemas::{
    AssessmentPeriod, BankItemId, ClaimId, DebtId, EventId, Money, PaymentId, PersonId, Recorded, RunId, Subject,
};

use super::bank::{BankTotals, Suspended};
use super::debts::OwnDebt;
use super::decisions::ClaimBook;
use super::dues::{Due, DueFor};
use super::entry::{Entry, Transfer};
use super::kept_back::Kept;
use super::payments::Paid;
use super::runs::RunTotals;

/// What later entries depend on: standing decisions, payments, what is due. Entries themselves are not kept.
#[derive(Clone, Debug, Default)]
pub struct Books {
    pub(super) claims: BTreeMap<ClaimId, ClaimBook>,
    /// Of every decision its claim and period: debts name decisions as their cause.
    pub(super) decisions: BTreeMap<EventId, (ClaimId, AssessmentPeriod)>,
    /// The claims of which somebody was a claimant when a period was decided.
    pub(super) claims_of: BTreeMap<PersonId, BTreeSet<ClaimId>>,
    pub(super) died: BTreeMap<PersonId, Date>,
    pub(super) payments: BTreeMap<PaymentId, Paid>,
    /// What was kept back, by top-up.
    pub(super) kept: BTreeMap<PaymentId, Kept>,
    /// Of those where nothing is due, none.
    pub(super) dues: BTreeMap<DueFor, Due>,
    pub(super) debts: BTreeMap<DebtId, OwnDebt>,
    pub(super) runs: BTreeMap<RunId, RunTotals>,
    /// What open items of banks' files hold in suspense.
    pub(super) suspended: BTreeMap<BankItemId, Suspended>,
    pub(super) bank_files: BankTotals,
}

impl Books {
    /// The entries that the next event makes; none where no money moves.
    pub fn post(&mut self, event: &Recorded) -> Vec<Entry> {
        let about = About::of(event);
        match (&event.envelope.event, &event.envelope.subject) {
            (Event::Determination(made), Subject::Claim(claim)) => self.determined(&about, *claim, made),
            (Event::Claim(event), Subject::Claim(claim)) => self.claim(&about, *claim, event),
            (Event::Payment(event), Subject::Person(person)) => self.payment(&about, *person, event),
            (Event::Debt(event), Subject::Person(person)) => self.debt(&about, *person, event),
            (Event::Sanction(SanctionEvent::HardshipAwarded(awarded)), Subject::Person(person)) => {
                self.hardship(&about, *person, awarded)
            }
            (Event::Person(PersonEvent::PersonDied(died)), Subject::Person(person)) => {
                self.death(&about, *person, died.on)
            }
            (Event::Bank(event), Subject::Bank(file)) => self.bank(&about, *file, event),
            (Event::Run(event), Subject::Run(run)) => {
                self.run(*run, event);
                Vec::new()
            }
            // What stands on another subject than its kind does is not an event that the ledger writes.
            (
                Event::Determination(_)
                | Event::Claim(_)
                | Event::Payment(_)
                | Event::Debt(_)
                | Event::Run(_)
                | Event::Bank(_),
                Subject::Person(_) | Subject::Claim(_) | Subject::Run(_) | Subject::Pack(_) | Subject::Bank(_),
            ) => Vec::new(),
            // Facts, reductions before they are decided, words and rules: no money moves.
            (
                Event::Person(
                    PersonEvent::PersonRegistered(_)
                    | PersonEvent::PersonDied(_)
                    | PersonEvent::PersonFactRecorded(_)
                    | PersonEvent::PersonFactWithdrawn(_)
                    | PersonEvent::StatementRecorded(_)
                    | PersonEvent::PersonClaimed(_)
                    | PersonEvent::PersonClaimEnded(_),
                )
                | Event::Sanction(
                    SanctionEvent::SanctionImposed(_)
                    | SanctionEvent::SanctionComplied(_)
                    | SanctionEvent::SanctionEnded(_)
                    | SanctionEvent::SanctionCancelled(_)
                    | SanctionEvent::HardshipAwarded(_),
                )
                | Event::Income(_)
                | Event::Identity(_)
                | Event::Dispute(_)
                | Event::Pack(_),
                Subject::Person(_) | Subject::Claim(_) | Subject::Run(_) | Subject::Pack(_) | Subject::Bank(_),
            ) => Vec::new(),
        }
    }

    /// Control totals of every payment run.
    pub fn runs(&self) -> impl Iterator<Item = (RunId, &RunTotals)> {
        self.runs.iter().map(|(id, totals)| (*id, totals))
    }

    /// What happens to a claim: whether its periods give anything turns on when it ended.
    fn claim(&mut self, about: &About, id: ClaimId, event: &ClaimEvent) -> Vec<Entry> {
        let claim = self.claims.entry(id).or_default();
        let from = about.from;
        match event {
            ClaimEvent::ClaimMade(made) => {
                (claim.benefit, claim.entitled_from, claim.day_of) =
                    (made.benefit.as_str().into(), Some(from), made.day_of);
            }
            ClaimEvent::ClaimRedated(redated) => {
                (claim.entitled_from, claim.day_of) = (Some(from), Some(redated.day_of));
            }
            ClaimEvent::ClaimWithdrawn(_) => claim.closures.extend(claim.entitled_from.map(|first| (first, None))),
            ClaimEvent::ClaimClosed(_) => claim.closures.push((from, None)),
            ClaimEvent::ClaimReopened(_) => {
                let open_ended = claim.closures.iter_mut().filter(|(_, until)| until.is_none());
                open_ended.for_each(|(_, until)| *until = Some(from));
            }
            ClaimEvent::ClaimLeft(left) => drop(claim.left.insert(left.person, from)),
            ClaimEvent::ClaimJoined(joined) => drop(claim.left.remove(&joined.person)),
            ClaimEvent::ClaimFactRecorded(_) | ClaimEvent::ClaimFactWithdrawn(_) => return Vec::new(),
        }
        self.count_again(about, id)
    }

    fn death(&mut self, about: &About, person: PersonId, on: Date) -> Vec<Entry> {
        self.died.insert(person, on);
        let claims: Vec<ClaimId> = self.claims_of.get(&person).into_iter().flatten().copied().collect();
        claims.into_iter().flat_map(|claim| self.count_again(about, claim)).collect()
    }

    fn run(&mut self, id: RunId, event: &RunEvent) {
        match event {
            RunEvent::RunPlanned(planned) => {
                let run = self.runs.entry(id).or_default();
                (run.day, run.planned, run.total) = (Some(planned.day), planned.payments, planned.total.money());
            }
            RunEvent::RunApproved(_) => self.runs.entry(id).or_default().approvals += 1,
            RunEvent::RunReleased(released) => self.runs.entry(id).or_default().file = Some(released.file),
            RunEvent::RunFiled(filed) => self.runs.entry(id).or_default().file = Some(filed.file),
            RunEvent::RunFilesPlaced(_) | RunEvent::RunApprovalsAsked(_) => {}
            RunEvent::RunAbandoned(_) => self.runs.entry(id).or_default().abandoned = true,
        }
    }

    /// What is due for something.
    pub(super) fn due(&mut self, due_for: DueFor) -> &mut Due {
        self.dues.entry(due_for).or_default()
    }

    /// Moves what now stands in the wrong account, on a day.
    pub(super) fn put_right(
        &mut self,
        about: &About,
        day: Date,
        whose: (PersonId, Option<Payee>),
        touched: &[DueFor],
    ) -> Vec<Entry> {
        let mut entries = Vec::new();
        for due_for in touched {
            let due = self.due(*due_for);
            let moved = due.put_right(*due_for);
            if due.is_nothing() {
                self.dues.remove(due_for);
            }
            entries.extend(moved.map(|(why, transfers)| about.entry(day, whose, why, transfers)));
        }
        entries
    }
}

/// What an entry takes from the envelope of its event.
pub(super) struct About {
    /// The day of whose business it is.
    pub(super) day: Date,
    /// From which day the event holds.
    pub(super) from: Date,
    /// The day it was known.
    pub(super) known: Date,
    position: u64,
    pub(super) event: EventId,
}

impl About {
    fn of(Recorded { sequence, envelope }: &Recorded) -> About {
        let known = london_day(envelope.time);
        let day = envelope.decided_on.unwrap_or(known);
        About { day, from: envelope.effective_from, known, position: *sequence, event: envelope.id }
    }

    /// An entry of this event.
    pub(super) fn entry(
        &self,
        day: Date,
        (person, payee): (PersonId, Option<Payee>),
        memo: String,
        transfers: Vec<Transfer>,
    ) -> Entry {
        self.entry_of(day, (Some(person), payee), memo, transfers)
    }

    /// The same, where it may be about nobody.
    pub(super) fn entry_of(
        &self,
        day: Date,
        (person, payee): (Option<PersonId>, Option<Payee>),
        memo: String,
        transfers: Vec<Transfer>,
    ) -> Entry {
        let About { known, position, event, .. } = *self;
        Entry { day, known, position, event, person, payee, memo, transfers }
    }
}

/// One transfer, or none of nothing.
pub(super) fn only(transfer: Option<Transfer>) -> Vec<Transfer> {
    transfer.into_iter().collect()
}

/// What is left of a sum after as much as there is was taken of another.
pub(super) fn take(left: &mut Money, there_is: Money) -> Money {
    let taken = there_is.min(*left).at_least_zero();
    *left -= taken;
    taken
}
