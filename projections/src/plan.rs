//! One plan a day: everything that leaves in one payment run, listed before anything happens.
//!
//! The plan is a pure function of what is known. Its listing names every field of every payment, so that whoever approves
//! the digest of the listing approves exactly these payments and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{Channel, Event, Payee, PaymentInstructed, PaymentKind, Purpose, TopUpRecovered};
use schemas::return_code::{Next, reason};
use schemas::{Amount, Digest, Money, PaymentId, PersonId};
use sha2::Digest as _;

use crate::arrears;
use crate::creditors;
use crate::daily;
use crate::floor::file::FloorFile;
use crate::floor::views::LedgerError;
use crate::law::Law;
use crate::lent;
use crate::payments::{Horizon, Planned, Route, route};
use crate::topups::{self, Advice, KeepBack, TopUps};
use crate::views::{MemoryViews, PaymentStep, PaymentView, PersonView, is_held};

/// The hour of the day, in London, at which the day's business is done.
pub const EVENING: i8 = 18;

/// What leaves on the evening of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The day.
    pub day: Date,
    /// Payments to be instructed and released; top-ups come last, because they rest on all the others.
    pub pays: Vec<Planned>,
    /// What is kept back of it, because top-ups were paid for the same days.
    pub keeps: Vec<KeepBack>,
    /// Returned payments that are sent again, because another account or channel was recorded since; with those.
    pub reissues: Vec<Planned>,
    /// Payments instructed before, or sent again, that were never released.
    pub waiting: Vec<Planned>,
    /// Payees to change: a top-up cures a gap of theirs only until then.
    pub advice: Vec<Advice>,
    /// Of whom nothing could be worked out, and why.
    pub cannot: Vec<(String, String)>,
}

/// What a floor file promises on an evening.
#[derive(Clone, Copy)]
pub enum Promise<'f> {
    /// Nothing: the floor is measured.
    Measured,
    /// That nobody falls below it: gaps are topped up, and what top-ups stood in for is kept back.
    Guaranteed(&'f FloorFile),
    /// The same of an evening already past: a top-up for it would be hindsight, but what earlier ones stood in for is not
    /// paid twice because the evening is done late.
    Past(&'f FloorFile),
}

/// What has to leave on an evening, top-ups included where a floor is guaranteed.
pub fn plan(horizon: Horizon, world: &MemoryViews, law: &Law, promise: Promise<'_>) -> Plan {
    let mut plan = dues(horizon, world, law);
    match promise {
        Promise::Measured => {}
        Promise::Guaranteed(floor) => plan.top_up(world, law, floor),
        Promise::Past(floor) => plan.keep_back(world, law, floor),
    }
    plan
}

/// What is due whatever the floor is. A further kind of payment is one line here.
pub fn dues(horizon: Horizon, world: &MemoryViews, law: &Law) -> Plan {
    let day = horizon.day;
    let mut pays = daily::payments(horizon, world, law);
    pays.extend(arrears::plan(horizon, &pays, world, law));
    pays.extend(lent::plan(day, world, law));
    pays.extend(creditors::plan(horizon, world, law));
    let reissues = reissues(day, world, law);
    let waiting = waiting(day, &reissues, world);
    Plan { day, pays, keeps: Vec::new(), reissues, waiting, advice: Vec::new(), cannot: Vec::new() }
}

/// Payments that were ordered by a day and, because a run was cut off or somebody else ordered them, never left. A run
/// that starts late goes through days before the order too: nothing is released on those. What is held back stays, and
/// what is sent again otherwise than it was ordered (`reissues`) does not wait beside that.
fn waiting(day: Date, reissues: &[Planned], world: &MemoryViews) -> Vec<Planned> {
    let otherwise: BTreeSet<PaymentId> = reissues.iter().map(|again| again.payment.payment).collect();
    let mut waiting = Vec::new();
    for (person, view) in world.people() {
        let ordered = |payment: &&PaymentView| is_unsent(payment) && ordered_on(payment) <= day;
        let unsent = view.payments.iter().filter(ordered).filter(|payment| !otherwise.contains(&payment.id));
        let free = unsent.filter(|payment| held_payment(payment.kind, payment.payee, view, world, day).is_none());
        waiting.extend(free.map(|payment| Planned { person, payment: payment.instruction() }));
    }
    waiting
}

/// Whether a payment was ordered, or ordered again, and has not left since.
pub(crate) fn is_unsent(payment: &PaymentView) -> bool {
    match payment.steps.last().map(|progress| &progress.step) {
        None | Some(PaymentStep::Reissued(_)) => true,
        Some(
            PaymentStep::Released(..)
            | PaymentStep::Accepted
            | PaymentStep::Settled(_)
            | PaymentStep::Returned(..)
            | PaymentStep::Cancelled,
        ) => false,
    }
}

/// The day of whose business a payment that waits is.
pub(crate) fn ordered_on(payment: &PaymentView) -> Date {
    payment.steps.last().map_or(payment.ordered_for, |progress| progress.known_on)
}

/// Returned payments for which another account or channel is known than when they were sent, and those ordered to be sent
/// again that have not left and would go into an account which is not the payee's any more. Others need details from
/// the payee first. A top-up is not sent again: the gap that it leaves is planned for as any other; nothing is sent to
/// somebody of whom the bank says that they died, nor what is not due any more (`arrears` pays what is left of it).
pub fn reissues(day: Date, world: &MemoryViews, law: &Law) -> Vec<Planned> {
    let mut again = Vec::new();
    for (person, view) in world.people() {
        let held = |payment: &&PaymentView| held_payment(payment.kind, payment.payee, view, world, day);
        let free = view.payments.iter().filter(|payment| held(payment).is_none());
        let due = free.filter_map(|payment| Some((payment, sent_again(payment, day, world)?)));
        let due = due.filter(|(payment, _)| arrears::is_still_due(payment, world, law));
        again.extend(due.map(|(_, payment)| Planned { person, payment }));
    }
    again
}

/// Whether a payment came back for another reason than a death.
fn came_back(payment: &PaymentView) -> bool {
    match payment.steps.last().map(|progress| &progress.step) {
        Some(PaymentStep::Returned(_, code)) => reason(code).next != Next::CheckDeath,
        None
        | Some(
            PaymentStep::Released(..)
            | PaymentStep::Accepted
            | PaymentStep::Settled(_)
            | PaymentStep::Reissued(_)
            | PaymentStep::Cancelled,
        ) => false,
    }
}

/// A payment as it is sent again: one that came back, if the payee's account or channel is another one since it was sent;
/// one that was ordered to be sent again and has not left, if the account is another one than was ordered.
pub(crate) fn sent_again(payment: &PaymentView, day: Date, world: &MemoryViews) -> Option<PaymentInstructed> {
    // A run that starts late goes through days before it came back too: nobody sent it again on those.
    if ordered_on(payment) > day {
        return None;
    }
    let reissued = payment.steps.iter().rev().find(|progress| matches!(progress.step, PaymentStep::Reissued(_)));
    let sent_at = reissued.map_or(payment.position, |progress| progress.position);
    let due_on = day.saturating_add(1.day());
    let Route { channel, account, holders } = route(payment.payee, payment.claim, world, due_on);
    let told_since = || match payment.payee {
        Payee::Person(payee) => {
            let since = |key: &str| {
                let record = world.person(payee).and_then(|view| view.facts.record_on(key, due_on));
                record.is_some_and(|record| record.position > sent_at)
            };
            since("account") || since("paid_by")
        }
        Payee::Landlord | Payee::Creditor(_) => account.is_some() && account != payment.account,
    };
    let other_account = account != payment.account;
    let goes_otherwise = if came_back(payment) {
        payment.kind != PaymentKind::TopUp && told_since() && (other_account || channel != payment.channel)
    } else {
        // A landlord or creditor without an account is sent nothing.
        let can_go = account.is_some() || matches!(payment.payee, Payee::Person(_));
        reissued.is_some() && is_unsent(payment) && payment.account.is_some() && other_account && can_go
    };
    if !goes_otherwise {
        return None;
    }
    Some(PaymentInstructed {
        due_on,
        next_due: None,
        channel,
        account,
        account_holders: holders,
        ..payment.instruction()
    })
}

/// Why a payment of a kind to which a person is entitled may not leave on a day; none where it may.
pub fn held(kind: PaymentKind, person: &PersonView, day: Date) -> Option<&'static str> {
    held_since(kind, person, day).map(|(why, _)| why)
}

/// The same, with the day since which it is so.
pub fn held_since(kind: PaymentKind, person: &PersonView, day: Date) -> Option<(&'static str, Date)> {
    if let Some(died) = person.died.filter(|died| *died <= day) {
        return Some(("the person died", died));
    }
    let since = person.suspended_since(day).filter(|_| is_held(kind))?;
    Some(("payments to the person are suspended", since))
}

/// Why a payment that was ordered may not leave on a day, and since when: as [`held_since`], or because whoever would
/// receive it in the place of the person entitled died. Somebody calls it off, and says who is paid instead.
pub fn held_payment(
    kind: PaymentKind,
    payee: Payee,
    entitled: &PersonView,
    world: &MemoryViews,
    day: Date,
) -> Option<(&'static str, Date)> {
    let payee_died = || {
        let Payee::Person(payee) = payee else { return None };
        let died = world.person(payee)?.died.filter(|died| *died <= day)?;
        Some(("who receives it died: cancel_payment, and say who is paid instead", died))
    };
    held_since(kind, entitled, day).or_else(payee_died)
}

/// What becomes of a listed payment at the moment at which the files are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It leaves.
    Leaves,
    /// It waits, because payments to the person are held back, and why.
    Held(&'static str),
    /// It was meant for an account that is not the payee's any more: it is called off and planned again.
    AccountChanged,
    /// Less is due than it was ordered for: it is called off, and what is due is planned again.
    LessDue,
    /// It left already, was called off, or was never instructed.
    Gone,
}

impl Fate {
    /// Why it does not leave; none where it does.
    pub const fn why(self) -> Option<&'static str> {
        match self {
            Fate::Leaves => None,
            Fate::Held(why) => Some(why),
            Fate::AccountChanged => Some("the account of the payee changed: it is planned again"),
            Fate::LessDue => Some("less is due by now than was ordered: what is due is planned again"),
            Fate::Gone => Some("it left already, was called off, or was refused"),
        }
    }
}

/// Whether a payment was ordered as it is listed: of two lists with the same payment one may have ordered it for less.
fn is_as_ordered(payment: &PaymentView, Planned { payment: listed, .. }: &Planned) -> bool {
    payment.amount == listed.amount.money()
}

/// From where it is judged whether a listed payment may leave.
#[derive(Clone, Copy)]
pub struct Standpoint<'a> {
    /// The day of the run.
    pub day: Date,
    /// The day on which it is judged: the same or a later one.
    pub today: Date,
    /// Where the run was planned.
    pub planned_at: u64,
    /// What is known.
    pub world: &'a MemoryViews,
    /// By which it is told what is due.
    pub law: &'a Law,
}

impl Standpoint<'_> {
    /// What becomes of a listed payment.
    pub fn fate(&self, planned: &Planned) -> Fate {
        let view = self.world.person(planned.person);
        match view.and_then(|view| view.payment(planned.payment.payment)) {
            Some(payment) if is_unsent(payment) && is_as_ordered(payment, planned) => {
                self.after_instruction(planned, payment)
            }
            Some(_) => Fate::Gone,
            None => match self.before_instruction(planned) {
                Fate::Leaves | Fate::Gone => Fate::Gone,
                kept @ (Fate::Held(_) | Fate::AccountChanged | Fate::LessDue) => kept,
            },
        }
    }

    /// What becomes of one that was ordered and has not left: much may have been told since.
    fn after_instruction(&self, planned: &Planned, payment: &PaymentView) -> Fate {
        let Some(person) = self.world.person(planned.person) else { return Fate::Gone };
        match held_payment(payment.kind, payment.payee, person, self.world, self.today) {
            Some((why, _)) => Fate::Held(why),
            None if !arrears::is_still_due(payment, self.world, self.law) => Fate::LessDue,
            None => self.before_instruction(planned),
        }
    }

    /// Whether something may be kept back of what a person is owed: not where what is owed does not leave, nor where it
    /// was kept back since the run was planned, in another run with the same.
    pub fn keeps(&self, keep: &KeepBack) -> bool {
        let person = self.world.person(keep.person);
        let leaves = person.is_some_and(|person| held(PaymentKind::Arrears, person, self.today).is_none());
        leaves && !self.is_kept(keep)
    }

    /// Whether something was kept back since the run was planned.
    pub fn is_kept(&self, keep: &KeepBack) -> bool {
        let TopUpRecovered { top_up, days, claim, period, payee, .. } = &keep.recovered;
        let mut since = self.world.person(keep.person).into_iter().flat_map(|person| &person.kept_back);
        since.any(|kept| {
            let same = (kept.top_up, kept.claim, kept.period, kept.payee) == (*top_up, *claim, *period, *payee);
            same && kept.days == (days.first(), days.last()) && self.planned_at < kept.position
        })
    }

    /// Whether a payment was instructed for an account that is not the payee's any more, or for more than is due by now.
    pub fn is_to_be_called_off(&self, planned: &Planned) -> bool {
        let view = self.world.person(planned.person).and_then(|view| view.payment(planned.payment.payment));
        view.is_some_and(is_unsent) && matches!(self.fate(planned), Fate::AccountChanged | Fate::LessDue)
    }

    /// What would become of a payment that was not instructed yet.
    pub fn before_instruction(&self, planned: &Planned) -> Fate {
        let Some(person) = self.world.person(planned.person) else { return Fate::Gone };
        match held(planned.payment.kind, person, self.today) {
            Some(why) => Fate::Held(why),
            None if self.account_changed(person, &planned.payment) => Fate::AccountChanged,
            None => Fate::Leaves,
        }
    }

    /// Whether the account fixed at instruction is not the payee's any more on the day the payment is due: not by what held
    /// on the day of the run, or, where another was recorded since the run was planned, not by what holds today.
    fn account_changed(&self, person: &PersonView, payment: &PaymentInstructed) -> bool {
        if let Payee::Creditor(debt) = payment.payee {
            let debt = person.debts.iter().find(|known| known.id == debt);
            return debt.and_then(|debt| debt.creditor.as_ref()).map(|creditor| &creditor.account)
                != payment.account.as_ref();
        }
        let of = |day: Date| route(payment.payee, payment.claim, self.world, payment.due_on.max(day)).account;
        let other = |day: Date| of(day) != payment.account;
        let since = || self.recorded_since(payment.payee, payment.due_on.max(self.today));
        payment.account.is_some() && (other(self.day) || since() && other(self.today))
    }

    fn recorded_since(&self, payee: Payee, on: Date) -> bool {
        let Payee::Person(person) = payee else { return false };
        let record = self.world.person(person).and_then(|view| view.facts.record_on("account", on));
        record.is_some_and(|record| record.position > self.planned_at)
    }
}

impl Plan {
    /// Adds the top-ups that a guaranteed floor needs beside everything else that leaves, and keeps back what earlier ones
    /// stood in for.
    pub fn top_up(&mut self, world: &MemoryViews, law: &Law, floor: &FloorFile) {
        self.keep(world, law, floor);
        let also: Vec<Planned> = self.reissues.iter().chain(&self.pays).cloned().collect();
        let TopUps { planned, advice, problems } = topups::plan(self.day, world, &also, law, floor);
        self.drop_empty();
        self.pays.extend(planned);
        self.advice = advice;
        self.note(problems);
    }

    /// Only keeps back what earlier top-ups stood in for.
    fn keep_back(&mut self, world: &MemoryViews, law: &Law, floor: &FloorFile) {
        self.keep(world, law, floor);
        self.drop_empty();
    }

    /// Keeps back; a payment of which nothing is left stays as one of nothing.
    fn keep(&mut self, world: &MemoryViews, law: &Law, floor: &FloorFile) {
        let (keeps, cannot) = topups::keep_back(self.day, world, &mut self.pays, &self.reissues, law, floor);
        self.keeps = keeps;
        self.note(cannot);
    }

    fn drop_empty(&mut self) {
        self.pays.retain(|planned| planned.payment.amount > Amount::ZERO);
    }

    fn note(&mut self, problems: Vec<(PersonId, LedgerError)>) {
        let problems = problems.into_iter();
        self.cannot.extend(problems.map(|(person, error)| (format!("person {person}"), error.to_string())));
    }

    /// Every payment of the plan, in the order of the listing.
    pub fn payments(&self) -> impl Iterator<Item = &Planned> {
        self.waiting.iter().chain(&self.reissues).chain(&self.pays)
    }

    /// The same, given away.
    pub fn into_payments(self) -> impl Iterator<Item = Planned> {
        self.waiting.into_iter().chain(self.reissues).chain(self.pays)
    }

    /// Whether nothing leaves.
    pub fn is_empty(&self) -> bool {
        self.payments().next().is_none() && self.keeps.is_empty()
    }

    /// The lines of the listing: the day, then a line for each payment with what happens to it, the person entitled and
    /// the instruction in JSON, and for everything that is kept back. Of an account it has the commitment, never the number.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let line = |what: &str, planned: &Planned| {
            let event = Event::from(planned.payment.clone());
            let payment = event.payload().map(|payload| payload.get().to_string()).unwrap_or_default();
            format!("{what} {} {payment}\n", planned.person)
        };
        let waiting = self.waiting.iter().map(move |planned| line("release", planned));
        let reissues = self.reissues.iter().map(move |planned| line("reissue", planned));
        let keep = |KeepBack { person, recovered }: &KeepBack| {
            let event = Event::from(recovered.clone());
            let kept = event.payload().map(|payload| payload.get().to_string()).unwrap_or_default();
            format!("keep {person} {kept}\n")
        };
        let keeps = self.keeps.iter().map(keep);
        let pays = self.pays.iter().map(move |planned| line("pay", planned));
        std::iter::once(format!("plan {}\n", self.day)).chain(waiting).chain(reissues).chain(keeps).chain(pays)
    }

    /// The whole listing.
    pub fn listing(&self) -> String {
        self.lines().collect()
    }

    /// SHA-256 of the listing: what is approved is exactly this.
    pub fn digest(&self) -> Digest {
        let mut hash = sha2::Sha256::new();
        self.lines().for_each(|line| hash.update(line));
        Digest(hash.finalize().into())
    }

    /// Counts and sums, for comparing with what a bank or an accountant counts.
    pub fn totals(&self) -> Totals {
        self.payments().fold(Totals::default(), Totals::with)
    }
}

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Payments.
    pub payments: u32,
    /// Their sum.
    pub amount: Money,
}

/// Control totals of a list of payments. Those by kind, by channel and by purpose each come to the same sum; a payment of
/// several purposes is counted in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Everything.
    pub all: Total,
    /// By why it is paid.
    pub by_kind: BTreeMap<PaymentKind, Total>,
    /// By how it travels.
    pub by_channel: BTreeMap<Channel, Total>,
    /// By what it is for.
    pub by_purpose: BTreeMap<Purpose, Total>,
}

impl Totals {
    fn with(mut self, planned: &Planned) -> Totals {
        let payment = &planned.payment;
        let amount = payment.amount.money();
        self.all.add(amount);
        self.by_kind.entry(payment.kind).or_default().add(amount);
        self.by_channel.entry(payment.channel).or_default().add(amount);
        let mut purposes: BTreeMap<Purpose, Money> = BTreeMap::new();
        for line in &payment.lines {
            let sum = purposes.entry(line.purpose).or_default();
            *sum += line.amount.money();
        }
        purposes.into_iter().for_each(|(purpose, amount)| self.by_purpose.entry(purpose).or_default().add(amount));
        self
    }

    /// Every total with its name: `all`, then by kind, channel and purpose.
    pub fn rows(&self) -> Vec<(&'static str, String, Total)> {
        fn of<K: Display>(what: &'static str, totals: &BTreeMap<K, Total>) -> Vec<(&'static str, String, Total)> {
            totals.iter().map(|(key, total)| (what, key.to_string(), *total)).collect()
        }
        let all = vec![("all", "payments".to_string(), self.all)];
        [all, of("kind", &self.by_kind), of("channel", &self.by_channel), of("purpose", &self.by_purpose)].concat()
    }
}

impl Total {
    fn add(&mut self, amount: Money) {
        self.payments = self.payments.saturating_add(1);
        self.amount += amount;
    }
}
