//! What payments post, from instruction to bank account and back.
//!
//! A released payment is presumed settled on its due day: its release posts for two days, the one on which it left and the
//! one on which it is presumed there. A settlement or a return moves the second where it says otherwise.

use std::sync::Arc;

use jiff::civil::Date;
use schemas::events::{
    BankSide, Days, Payee, PaymentCancelled, PaymentEvent, PaymentInstructed, PaymentKind, PaymentReissued,
    PaymentReleased, PaymentReturned,
};
use schemas::{AssessmentPeriod, ClaimId, Money, PaymentId, PersonId, RunId};

use super::account::Account;
use super::dues::DueFor;
use super::entry::{Entry, Transfer};
use super::post::{About, Books, only, take};

/// What the books know of a payment.
#[derive(Clone, Debug)]
pub(super) struct Paid {
    pub(super) person: PersonId,
    pub(super) payee: Payee,
    amount: Money,
    due_on: Date,
    /// What it pays, in parts.
    parts: Vec<(DueFor, Money)>,
    /// What it gives, where it is its own ground: no decision gave it.
    gives: Vec<(Account, Money)>,
    at: At,
}

impl Paid {
    pub(super) const fn amount(&self) -> Money {
        self.amount
    }

    /// Whether the books have it on a side of the bank's account.
    pub(super) fn is_at_bank(&self, side: BankSide) -> bool {
        match (side, self.at) {
            (BankSide::Debit, At::Sent(_)) | (BankSide::Credit, At::Returned) => true,
            (BankSide::Debit, At::Instructed | At::Returned | At::CalledOff)
            | (BankSide::Credit, At::Instructed | At::Sent(_) | At::CalledOff) => false,
        }
    }
}

/// Where the money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Instructed, or ordered to be sent again, and not released since.
    Instructed,
    /// On its way, or there since the day.
    Sent(Date),
    /// Back.
    Returned,
    /// Called off.
    CalledOff,
}

impl Books {
    pub(super) fn payment(&mut self, about: &About, person: PersonId, event: &PaymentEvent) -> Vec<Entry> {
        let mut entries = self.moved(about, person, event);
        match event {
            PaymentEvent::PaymentReturned(PaymentReturned { payment, .. })
            | PaymentEvent::PaymentCancelled(PaymentCancelled { payment, .. }) => {
                entries.extend(self.recount_kept(about, *payment, true));
            }
            PaymentEvent::PaymentReissued(PaymentReissued { payment, .. })
            | PaymentEvent::PaymentReleased(PaymentReleased { payment, .. }) => {
                entries.extend(self.recount_kept(about, *payment, false));
            }
            PaymentEvent::PaymentInstructed(_)
            | PaymentEvent::PaymentSettled(_)
            | PaymentEvent::PaymentAccepted(_)
            | PaymentEvent::TopUpRecovered(_)
            | PaymentEvent::PaymentSuspended(_)
            | PaymentEvent::PaymentResumed(_) => {}
        }
        entries
    }

    fn moved(&mut self, about: &About, person: PersonId, event: &PaymentEvent) -> Vec<Entry> {
        match event {
            PaymentEvent::PaymentInstructed(new) => self.instructed(about, person, new),
            PaymentEvent::PaymentReleased(released) => self.released(about, released.payment, released.run),
            PaymentEvent::PaymentSettled(settled) => {
                let memo = format!("payment {} was usable on {}", settled.payment, settled.usable_on);
                let mut entries = self.answered(about, settled.payment);
                entries.extend(self.move_to(about, settled.payment, settled.usable_on, &memo));
                entries
            }
            PaymentEvent::PaymentReturned(back) => {
                let mut entries = self.answered(about, back.payment);
                entries.extend(self.returned(about, back.payment, back.on, &back.code));
                entries
            }
            PaymentEvent::PaymentAccepted(accepted) => self.answered(about, accepted.payment),
            PaymentEvent::PaymentReissued(again) => self.reissued(about, again.payment, again.due_on),
            PaymentEvent::PaymentCancelled(off) => self.called_off(about, off.payment, &off.reason),
            PaymentEvent::TopUpRecovered(new) => self.recovered(about, person, new),
            // What is held back stays owed.
            PaymentEvent::PaymentSuspended(_) | PaymentEvent::PaymentResumed(_) => Vec::new(),
        }
    }

    /// Where a payment is, in words.
    pub(super) fn whereabouts(&self, id: PaymentId) -> String {
        match self.payments.get(&id).map(|paid| paid.at) {
            Some(At::Instructed) => "instructed".into(),
            Some(At::Sent(usable)) => format!("usable on {usable}"),
            Some(At::Returned) => "returned".into(),
            Some(At::CalledOff) => "called off".into(),
            None => "nowhere".into(),
        }
    }

    fn instructed(&mut self, about: &About, person: PersonId, new: &PaymentInstructed) -> Vec<Entry> {
        let (amount, parts) = (new.amount.money(), self.parts(person, new));
        let gives = self.gives(new, &parts);
        let transfers = self.ordered(new.payee, &parts, &gives);
        let elsewhere =
            new.claim.zip(new.for_days).filter(|_| new.kind == PaymentKind::Arrears && new.period.is_none());
        if let Some((claim, days)) = elsewhere {
            self.claims.entry(claim).or_default().paid_before.push((days, new.payment));
        }
        let whose = (person, Some(new.payee));
        let kind = new.kind.name().replace('_', " ");
        let memo = format!("{kind} instructed, due {}: payment {}", new.due_on, new.payment);
        let mut entries = vec![about.entry(about.from, whose, memo, transfers)];
        let touched: Vec<DueFor> = parts.iter().map(|(due_for, _)| *due_for).collect();
        let paid = Paid { person, payee: new.payee, amount, due_on: new.due_on, parts, gives, at: At::Instructed };
        self.payments.insert(new.payment, paid);
        entries.extend(self.put_right(about, about.from, whose, &touched));
        entries
    }

    /// What an order to pay takes, from what is owed or as a gift of its own.
    fn ordered(&mut self, payee: Payee, parts: &[(DueFor, Money)], gives: &[(Account, Money)]) -> Vec<Transfer> {
        if gives.is_empty() {
            parts.iter().for_each(|(due_for, part)| self.due(*due_for).owe(payee, -*part));
            let pay =
                |(due_for, part): &(DueFor, Money)| Transfer::new(due_for.account(payee), Account::Instructed, *part);
            return parts.iter().filter_map(pay).collect();
        }
        let give = |(account, part): &(Account, Money)| Transfer::new(account.clone(), Account::Instructed, *part);
        gives.iter().filter_map(give).collect()
    }

    /// What was called off when it stood in a file already is paid all the same.
    fn reinstated(&mut self, about: &About, id: PaymentId) -> Vec<Entry> {
        let Some(paid) = self.payments.get_mut(&id).filter(|paid| paid.at == At::CalledOff) else { return Vec::new() };
        paid.at = At::Instructed;
        let Paid { person, payee, parts, gives, .. } = paid.clone();
        let (whose, transfers) = ((person, Some(payee)), self.ordered(payee, &parts, &gives));
        let memo = format!("payment {id} stood in a file already");
        let mut entries = vec![about.entry(about.from, whose, memo, transfers)];
        entries.extend(self.put_right(about, about.from, whose, &touched(&parts)));
        entries
    }

    /// What a payment pays: of one for several periods as much of each as is owed, and the rest of the last.
    fn parts(&self, person: PersonId, new: &PaymentInstructed) -> Vec<(DueFor, Money)> {
        let amount = new.amount.money();
        let whole = |due_for| vec![(due_for, amount)];
        let itself = DueFor::Payment(new.payment);
        match new.kind {
            PaymentKind::Award | PaymentKind::Arrears => {
                // What stands in for the first wait is paid beside the award.
                let of = new.claim.zip(new.period).filter(|_| new.instalment > 0);
                let Some((claim, period)) = of else { return whole(itself) };
                let last = DueFor::award(claim, period, person, new.payee);
                let Some(days) = new.for_days.filter(|_| new.kind == PaymentKind::Award) else { return whole(last) };
                let decided = self.claims.get(&claim).into_iter().flat_map(|claim| claim.periods.keys());
                let together = decided
                    .filter(|other| **other != period && days.first() <= other.first() && other.last() <= days.last());
                let mut left = amount;
                let mut parts = Vec::new();
                for other in together {
                    let due_for = DueFor::award(claim, *other, person, new.payee);
                    let owed = self.dues.get(&due_for).map_or(Money::ZERO, |due| due.owed());
                    parts.push((due_for, take(&mut left, owed)));
                }
                parts.push((last, left));
                parts.retain(|(_, part)| *part != Money::ZERO);
                parts
            }
            PaymentKind::Advance => whole(DueFor::Advances(person)),
            PaymentKind::Hardship => whole(DueFor::Hardship(person)),
            PaymentKind::ThirdParty => match new.payee {
                Payee::Creditor(debt) => whole(DueFor::Creditor(debt)),
                Payee::Person(_) | Payee::Landlord => whole(itself),
            },
            PaymentKind::TopUp | PaymentKind::CrisisGrant => whole(itself),
        }
    }

    /// What a payment gives that is its own ground.
    fn gives(&self, new: &PaymentInstructed, parts: &[(DueFor, Money)]) -> Vec<(Account, Money)> {
        if !parts.iter().all(|(due_for, _)| matches!(due_for, DueFor::Payment(_))) {
            return Vec::new();
        }
        let benefit = new.claim.and_then(|claim| self.claims.get(&claim)).map(|claim| claim.benefit.clone());
        let benefit: Arc<str> = benefit.unwrap_or_else(|| "unknown".into());
        let account = |purpose| match new.kind {
            PaymentKind::TopUp => Account::TopUps,
            PaymentKind::CrisisGrant => Account::CrisisGrants,
            PaymentKind::Award
            | PaymentKind::Arrears
            | PaymentKind::Advance
            | PaymentKind::Hardship
            | PaymentKind::ThirdParty => Account::Award(benefit.clone(), purpose),
        };
        new.lines.iter().map(|line| (account(line.purpose), line.amount.money())).collect()
    }

    fn released(&mut self, about: &About, id: PaymentId, run: RunId) -> Vec<Entry> {
        let mut entries = self.reinstated(about, id);
        entries.extend(self.left(about, id, run));
        entries
    }

    fn left(&mut self, about: &About, id: PaymentId, run: RunId) -> Vec<Entry> {
        let Some(paid) = self.payments.get_mut(&id) else { return Vec::new() };
        let totals = self.runs.entry(run).or_default();
        (totals.released, totals.sum) = (totals.released + 1, totals.sum + paid.amount);
        self.sent(about, id, about.from, "released")
    }

    /// A bank answers only what left: of a payment sent again whose release nobody recorded yet, its word is that.
    fn answered(&mut self, about: &About, id: PaymentId) -> Vec<Entry> {
        self.sent(about, id, about.known, "known to the bank")
    }

    /// What was instructed is on its way from a day, and there on its due day.
    fn sent(&mut self, about: &About, id: PaymentId, left: Date, how: &str) -> Vec<Entry> {
        let Some(paid) = self.payments.get_mut(&id).filter(|paid| paid.at == At::Instructed) else { return Vec::new() };
        let usable = paid.due_on.max(left);
        paid.at = At::Sent(usable);
        let (whose, amount) = ((paid.person, Some(paid.payee)), paid.amount);
        let sent = only(Transfer::new(Account::Instructed, Account::InTransit, amount));
        let arrived = only(Transfer::new(Account::InTransit, Account::Bank, amount));
        vec![
            about.entry(left, whose, format!("payment {id} {how}"), sent),
            about.entry(usable, whose, format!("payment {id} presumed settled"), arrived),
        ]
    }

    /// Money on its way is there on another day than was presumed.
    fn move_to(&mut self, about: &About, id: PaymentId, usable: Date, memo: &str) -> Vec<Entry> {
        let Some(paid) = self.payments.get_mut(&id) else { return Vec::new() };
        match paid.at {
            At::Sent(presumed) if presumed != usable => {
                paid.at = At::Sent(usable);
                let (whose, amount) = ((paid.person, Some(paid.payee)), paid.amount);
                let taken_back = only(Transfer::new(Account::Bank, Account::InTransit, amount));
                let arrived = only(Transfer::new(Account::InTransit, Account::Bank, amount));
                vec![
                    about.entry(presumed, whose, format!("{memo}, not on {presumed}"), taken_back),
                    about.entry(usable, whose, memo.into(), arrived),
                ]
            }
            At::Sent(_) | At::Instructed | At::Returned | At::CalledOff => Vec::new(),
        }
    }

    /// The money is owed again, apart from what was never sent.
    fn returned(&mut self, about: &About, id: PaymentId, on: Date, code: &str) -> Vec<Entry> {
        let Some(paid) = self.payments.get_mut(&id) else { return Vec::new() };
        let At::Sent(presumed) = paid.at else { return Vec::new() };
        paid.at = At::Returned;
        let Paid { person, payee, amount, parts, .. } = paid.clone();
        let whose = (person, Some(payee));
        let mut entries = Vec::new();
        let from = if presumed <= on { Account::Bank } else { Account::InTransit };
        if from == Account::InTransit {
            let taken_back = only(Transfer::new(Account::Bank, Account::InTransit, amount));
            entries.push(about.entry(presumed, whose, format!("payment {id} did not arrive"), taken_back));
        }
        let back = only(Transfer::new(from, Account::Returned, amount));
        entries.push(about.entry(on, whose, format!("payment {id} returned, code {code}"), back));
        for (due_for, part) in &parts {
            self.due(*due_for).came_back(*part);
        }
        entries.extend(self.put_right(about, on, whose, &touched(&parts)));
        entries
    }

    /// Money that came back is ordered again, and leaves with its release; or what did not leave is ordered otherwise.
    fn reissued(&mut self, about: &About, id: PaymentId, due_on: Date) -> Vec<Entry> {
        let Some(paid) = self.payments.get_mut(&id) else { return Vec::new() };
        paid.due_on = due_on;
        if paid.at != At::Returned {
            return Vec::new();
        }
        paid.at = At::Instructed;
        let Paid { person, payee, amount, parts, .. } = paid.clone();
        let whose = (person, Some(payee));
        let again = only(Transfer::new(Account::Returned, Account::Instructed, amount));
        let memo = format!("payment {id} is sent again, due {due_on}");
        let mut entries = vec![about.entry(about.from, whose, memo, again)];
        parts.iter().for_each(|(due_for, part)| self.due(*due_for).went_again(*part));
        entries.extend(self.put_right(about, about.from, whose, &touched(&parts)));
        entries
    }

    /// What is called off is owed as before, or was never given where the payment was its own ground.
    fn called_off(&mut self, about: &About, id: PaymentId, reason: &str) -> Vec<Entry> {
        let Some(paid) = self.payments.get_mut(&id) else { return Vec::new() };
        let (at, Paid { person, payee, parts, gives, .. }) = (paid.at, paid.clone());
        let from = match at {
            At::Instructed => Account::Instructed,
            At::Returned => Account::Returned,
            At::Sent(_) | At::CalledOff => return Vec::new(),
        };
        paid.at = At::CalledOff;
        let back_to: Vec<(Account, Money)> = if gives.is_empty() {
            parts.iter().map(|(due_for, part)| (due_for.account(payee), *part)).collect()
        } else {
            gives
        };
        for (due_for, part) in &parts {
            let is_its_own = matches!(due_for, DueFor::Payment(_));
            match at {
                At::Instructed if !is_its_own => self.due(*due_for).owe(payee, *part),
                At::Returned if is_its_own => self.due(*due_for).went_again(*part),
                At::Returned => self.due(*due_for).stays(payee, *part),
                At::Instructed | At::Sent(_) | At::CalledOff => {}
            }
        }
        let whose = (person, Some(payee));
        let back = |(account, part)| Transfer::new(from.clone(), account, part);
        let transfers = back_to.into_iter().filter_map(back).collect();
        let mut entries = vec![about.entry(about.from, whose, format!("payment {id} called off: {reason}"), transfers)];
        entries.extend(self.put_right(about, about.from, whose, &touched(&parts)));
        entries
    }

    /// A period is decided after arrears were paid for days of it: they are of its award, and gave nothing besides.
    pub(super) fn paid_before(&mut self, about: &About, id: ClaimId, period: AssessmentPeriod) -> Vec<Entry> {
        let Some(claim) = self.claims.get_mut(&id) else { return Vec::new() };
        let within = |days: &Days| period.first() <= days.first() && days.last() <= period.last();
        let (of_it, others) = claim.paid_before.drain(..).partition(|(days, _)| within(days));
        claim.paid_before = others;
        let of_it: Vec<(Days, PaymentId)> = of_it;
        let mut entries = Vec::new();
        for (_, payment) in of_it {
            let Some(paid) = self.payments.get_mut(&payment).filter(|paid| paid.at != At::CalledOff) else { continue };
            let due_for = DueFor::award(id, period, paid.person, paid.payee);
            let before = std::mem::replace(&mut paid.parts, vec![(due_for, paid.amount)]);
            let gives = std::mem::take(&mut paid.gives);
            let (whose, payee, amount, at) = ((paid.person, Some(paid.payee)), paid.payee, paid.amount, paid.at);
            self.due(due_for).owe(payee, -amount);
            if at == At::Returned {
                before.iter().for_each(|(itself, part)| self.due(*itself).went_again(*part));
                self.due(due_for).came_back(amount);
            }
            let taken_back = |(account, part)| Transfer::new(due_for.account(payee), account, part);
            let transfers = gives.into_iter().filter_map(taken_back).collect();
            let memo = format!("payment {payment} is of the award of {period}");
            entries.push(about.entry(period.last(), whose, memo, transfers));
            entries.extend(self.put_right(about, about.day, whose, &[due_for]));
            entries.extend(self.put_right(about, about.day, whose, &touched(&before)));
        }
        entries
    }
}

fn touched(parts: &[(DueFor, Money)]) -> Vec<DueFor> {
    parts.iter().map(|(due_for, _)| *due_for).collect()
}
