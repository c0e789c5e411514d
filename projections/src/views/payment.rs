//! What is known about one payment.

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::events::{
    Channel, Days, GapCause, Payee, PayeeLine, PaymentEvent, PaymentInstructed, PaymentKind, PaymentReissued, Sealed,
};
use schemas::{Amount, AssessmentPeriod, ClaimId, Digest, Envelope, EventId, Money, PaymentId, PersonId};
use serde::{Deserialize, Serialize};

use super::{KeptBack, PersonView, add};

/// A payment and everything that happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    /// Which.
    pub id: PaymentId,
    /// Where it was instructed.
    pub position: u64,
    /// The day it was instructed.
    pub instructed_on: Date,
    /// The day of whose business it is.
    pub ordered_for: Date,
    /// Why.
    pub kind: PaymentKind,
    /// To whom.
    pub payee: Payee,
    /// Into which account, as fixed when it was instructed, or sent again; none where it goes into none, or none was known.
    pub account: Option<Sealed>,
    /// Into whose account.
    pub account_holders: Vec<PersonId>,
    /// What it consists of.
    pub lines: Vec<PayeeLine>,
    /// How much.
    pub amount: Money,
    /// When it should be usable, as first instructed.
    pub due_on: Date,
    /// When it would have been due had no weekend or bank holiday moved it; none where none did.
    pub nominal_on: Option<Date>,
    /// The next of its series, as scheduled then.
    pub next_due: Option<Date>,
    /// Its series.
    pub series: Option<String>,
    /// How it travels.
    pub channel: Channel,
    /// Under which claim.
    pub claim: Option<ClaimId>,
    /// For which period.
    pub period: Option<AssessmentPeriod>,
    /// Which part of what is due for the period; 0 stands in for the first wait.
    pub instalment: u16,
    /// For arrears and top-ups: the days paid for.
    pub for_days: Option<(Date, Date)>,
    /// What caused it.
    pub cause: EventId,
    /// Of a top-up: why the gap opens.
    pub because: Option<GapCause>,
    /// What happened to it since, in order.
    pub steps: Vec<Progress>,
}

/// Something that happened to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where it stands in the stream.
    pub position: u64,
    /// The day the ledger knew it.
    pub known_on: Date,
    /// What.
    pub step: PaymentStep,
}

/// What can happen to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentStep {
    /// Left in a file, on a day.
    Released(Digest, Date),
    /// The bank took it.
    Accepted,
    /// Usable from a day.
    Settled(Date),
    /// Came back, with the bank's code.
    Returned(Date, String),
    /// Ordered to be sent again, due on a day.
    Reissued(Date),
    /// Called off.
    Cancelled,
}

impl PaymentView {
    /// Whether it is for a period: its own, or for an award one of those paid together.
    pub fn is_for_period(&self, period: AssessmentPeriod) -> bool {
        let among = |(first, last): (Date, Date)| first <= period.first() && period.last() <= last;
        self.period == Some(period) || self.kind == PaymentKind::Award && self.for_days.is_some_and(among)
    }

    /// From which day the money can be used, as far as known: a released payment is presumed usable on its due day, but
    /// not before the day it left; a settlement moves it; a return or a cancellation removes it. One that is to be sent
    /// again has a new due day, and is not there before it left again. What a bank took has left, whoever recorded it.
    pub fn usable_on(&self) -> Option<Date> {
        let (mut usable, mut due) = (None, self.due_on);
        for progress in &self.steps {
            match &progress.step {
                PaymentStep::Released(_, left) => usable = Some(due.max(*left)),
                PaymentStep::Accepted => usable = usable.or(Some(due.max(progress.known_on))),
                PaymentStep::Settled(on) => usable = Some(*on),
                PaymentStep::Reissued(on) => (due, usable) = (*on, None),
                PaymentStep::Returned(..) | PaymentStep::Cancelled => usable = None,
            }
        }
        usable
    }

    /// When it should be usable, as ordered last.
    pub fn due_as_ordered(&self) -> Date {
        let reissued = self.steps.iter().rev().find_map(|progress| match &progress.step {
            PaymentStep::Reissued(on) => Some(*on),
            PaymentStep::Released(..)
            | PaymentStep::Accepted
            | PaymentStep::Settled(_)
            | PaymentStep::Returned(..)
            | PaymentStep::Cancelled => None,
        });
        reissued.unwrap_or(self.due_on)
    }

    /// The instruction that it was given with, and where it was sent again the day, account and channel that it has now.
    pub fn instruction(&self) -> PaymentInstructed {
        PaymentInstructed {
            payment: self.id,
            kind: self.kind,
            payee: self.payee,
            account_holders: self.account_holders.clone(),
            lines: self.lines.clone(),
            amount: Amount::new(self.amount).unwrap_or_default(),
            due_on: self.due_as_ordered(),
            next_due: self.next_due,
            series: self.series.clone(),
            channel: self.channel,
            claim: self.claim,
            period: self.period,
            instalment: self.instalment,
            for_days: self.for_days.and_then(|(first, last)| Days::new(first, last)),
            cause: self.cause,
            account: self.account.clone(),
            nominal_on: self.nominal_on,
            because: self.because,
        }
    }

    /// Whether it was called off before it left. One that stood in a file already left all the same.
    pub fn is_cancelled(&self) -> bool {
        self.steps.last().is_some_and(|progress| progress.step == PaymentStep::Cancelled)
    }

    /// The word for where it stands.
    pub fn status(&self) -> &'static str {
        match self.steps.last().map(|progress| &progress.step) {
            None => "instructed",
            Some(PaymentStep::Released(..)) => "released",
            Some(PaymentStep::Accepted) => "accepted",
            Some(PaymentStep::Settled(_)) => "settled",
            Some(PaymentStep::Returned(..)) => "returned",
            Some(PaymentStep::Reissued(_)) => "reissued",
            Some(PaymentStep::Cancelled) => "cancelled",
        }
    }
}

/// Whether a suspension holds back payments of a kind; the others leave whatever the person's conduct.
pub const fn is_held(kind: PaymentKind) -> bool {
    match kind {
        PaymentKind::Award | PaymentKind::Arrears | PaymentKind::Advance | PaymentKind::ThirdParty => true,
        PaymentKind::TopUp | PaymentKind::CrisisGrant | PaymentKind::Hardship => false,
    }
}

/// Applies what happened to a payment, or to whether payments flow.
pub(super) fn payment(view: &mut PersonView, position: u64, envelope: &Envelope, event: &PaymentEvent) {
    let known_on = london_day(envelope.time);
    let mut advance = |id: PaymentId, step: PaymentStep| {
        if let Some(payment) = view.payments.iter_mut().find(|payment| payment.id == id) {
            add(&mut payment.steps, Progress { position, known_on, step });
        }
    };
    match event {
        PaymentEvent::PaymentInstructed(instructed) => {
            let (on, day) = (known_on, envelope.effective_from);
            add(&mut view.payments, PaymentView::new(instructed, position, on, day));
        }
        PaymentEvent::PaymentReleased(released) => {
            advance(released.payment, PaymentStep::Released(released.file, envelope.effective_from))
        }
        PaymentEvent::PaymentAccepted(accepted) => advance(accepted.payment, PaymentStep::Accepted),
        PaymentEvent::PaymentSettled(settled) => advance(settled.payment, PaymentStep::Settled(settled.usable_on)),
        PaymentEvent::PaymentReturned(returned) => {
            advance(returned.payment, PaymentStep::Returned(returned.on, returned.code.clone()));
        }
        PaymentEvent::PaymentReissued(reissued) => {
            advance(reissued.payment, PaymentStep::Reissued(reissued.due_on));
            send_again(view, reissued);
        }
        PaymentEvent::PaymentCancelled(cancelled) => advance(cancelled.payment, PaymentStep::Cancelled),
        PaymentEvent::TopUpRecovered(recovered) => {
            add(&mut view.kept_back, KeptBack::new(recovered, position, envelope.effective_from));
        }
        // As the ledger has it: from their own day, and never before they were recorded.
        PaymentEvent::PaymentSuspended(_) => view.suspended.push((known_on.max(envelope.effective_from), true)),
        PaymentEvent::PaymentResumed(_) => view.suspended.push((known_on.max(envelope.effective_from), false)),
    }
}

/// It takes another channel now, and goes into another account where one is named.
fn send_again(view: &mut PersonView, reissued: &PaymentReissued) {
    let Some(payment) = view.payments.iter_mut().find(|payment| payment.id == reissued.payment) else { return };
    payment.channel = reissued.channel;
    if reissued.account.is_some() {
        payment.account = reissued.account.clone();
    }
    if !reissued.account_holders.is_empty() {
        payment.account_holders = reissued.account_holders.clone();
    }
}

impl PaymentView {
    /// A payment as it is instructed, or would be.
    pub fn new(instructed: &PaymentInstructed, position: u64, instructed_on: Date, ordered_for: Date) -> PaymentView {
        PaymentView {
            id: instructed.payment,
            position,
            instructed_on,
            ordered_for,
            kind: instructed.kind,
            payee: instructed.payee,
            account_holders: instructed.account_holders.clone(),
            lines: instructed.lines.clone(),
            amount: instructed.amount.money(),
            due_on: instructed.due_on,
            next_due: instructed.next_due,
            series: instructed.series.clone(),
            channel: instructed.channel,
            claim: instructed.claim,
            period: instructed.period,
            instalment: instructed.instalment,
            for_days: instructed.for_days.map(|days| (days.first(), days.last())),
            cause: instructed.cause,
            account: instructed.account.clone(),
            nominal_on: instructed.nominal_on,
            because: instructed.because,
            steps: Vec::new(),
        }
    }
}
