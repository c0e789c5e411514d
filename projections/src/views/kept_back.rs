//! What was kept back of money owed late, for top-ups that had been paid for the same days.

use jiff::civil::Date;
use schemas::events::{Days, Payee, PayeeLine, PaymentKind, TopUpRecovered};
use schemas::{AssessmentPeriod, ClaimId, EventId, Money, PaymentId, PersonId};
use serde::{Deserialize, Serialize};

use super::{MemoryViews, PaymentStep, PersonView};
use crate::describe::short;

/// Something that was kept back of what a person was owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBack {
    /// Where it was recorded.
    pub position: u64,
    /// The day of whose business it is.
    pub on: Date,
    /// For which top-up.
    pub top_up: PaymentId,
    /// Whom that was paid for.
    pub for_whom: PersonId,
    /// Of which of its days: the first and the last.
    pub days: (Date, Date),
    /// Of the award of which claim.
    pub claim: ClaimId,
    /// And of which period.
    pub period: AssessmentPeriod,
    /// Who would have received it.
    pub payee: Payee,
    /// Of which lines.
    pub lines: Vec<PayeeLine>,
    /// How much.
    pub amount: Money,
    /// The decision that gives it.
    pub cause: EventId,
}

impl KeptBack {
    pub(super) fn new(recovered: &TopUpRecovered, position: u64, on: Date) -> KeptBack {
        let TopUpRecovered { top_up, for_whom, days, claim, period, payee, lines, amount, cause } = recovered;
        KeptBack {
            position,
            on,
            top_up: *top_up,
            for_whom: *for_whom,
            days: (days.first(), days.last()),
            claim: *claim,
            period: *period,
            payee: *payee,
            lines: lines.clone(),
            amount: amount.money(),
            cause: *cause,
        }
    }

    /// The days of the top-up for which it was kept back.
    pub fn days(&self) -> Option<Days> {
        Days::new(self.days.0, self.days.1)
    }

    /// What to tell of it: of how much, how much, and what for. `entitled` is whose it was kept back of.
    pub fn told(&self, entitled: &PersonView, world: &MemoryViews) -> String {
        let KeptBack { claim, period, on, payee, amount, .. } = self;
        let same = |kept: &&KeptBack| (kept.claim, kept.period, kept.on, kept.payee) == (*claim, *period, *on, *payee);
        let kept: Money = entitled.kept_back.iter().filter(same).map(|kept| kept.amount).sum();
        let beside = entitled.payments.iter().filter(|payment| {
            let of_it = (payment.claim, payment.period) == (Some(*claim), Some(*period)) && payment.payee == *payee;
            of_it && payment.ordered_for == *on && matches!(payment.kind, PaymentKind::Award | PaymentKind::Arrears)
        });
        let owed = kept + beside.map(|payment| payment.amount).sum();
        let top_up = world.person(self.for_whom).and_then(|view| view.payment(self.top_up));
        let paid = top_up.map(|payment| {
            let for_days = payment.for_days.map(|(first, last)| format!(" for {first} to {last}")).unwrap_or_default();
            let why = payment.because.map(|because| format!(", because of {because}")).unwrap_or_default();
            format!(" of {} paid{for_days}{why}", payment.amount)
        });
        let (top_up, paid, (first, last)) = (short(self.top_up), paid.unwrap_or_default(), self.days);
        let again = if self.stands(world) { "" } else { "; that came back, so that it is owed again" };
        format!(
            "of {owed} owed for {period}, {amount} was kept back on {on}, because it was lived on from {first} to {last} \
             already: top-up {top_up}{paid}{again}"
        )
    }

    /// Whether it stands: a top-up that came back is recovered by that, and what was kept back for it is owed again.
    pub fn stands(&self, world: &MemoryViews) -> bool {
        let top_up = world.person(self.for_whom).and_then(|view| view.payment(self.top_up));
        match top_up.and_then(|payment| payment.steps.last()).map(|progress| &progress.step) {
            Some(PaymentStep::Returned(..) | PaymentStep::Cancelled) => false,
            None
            | Some(
                PaymentStep::Released(..) | PaymentStep::Accepted | PaymentStep::Settled(_) | PaymentStep::Reissued(_),
            ) => true,
        }
    }
}

impl PersonView {
    /// What was kept back of what they were owed under a claim for a period, as far as it stands.
    pub fn kept_back_of<'w>(
        &'w self,
        claim: ClaimId,
        period: AssessmentPeriod,
        world: &'w MemoryViews,
    ) -> impl Iterator<Item = &'w KeptBack> {
        let of_it = self.kept_back.iter().filter(move |kept| (kept.claim, kept.period) == (claim, period));
        of_it.filter(|kept| kept.stands(world))
    }
}
