//! Claims to which nothing happened but that awards were decided and paid: most of them, on most evenings. What is owed for
//! their periods need not be worked out again.

use std::collections::{BTreeMap, BTreeSet};

use schemas::events::{PayeeLine, PaymentKind};
use schemas::{AssessmentPeriod, ClaimId, Money, PersonId};

use crate::payments::Decided;
use crate::views::{ClaimView, Determined, MemoryViews, PaymentStep, PaymentView};

/// The awards paid under a claim, by period, as long as nothing else happened: nothing came back, was paid by itself or for
/// several periods, kept back or recovered.
#[derive(Default)]
pub(super) struct Plain<'a>(BTreeMap<AssessmentPeriod, Vec<(PersonId, &'a PaymentView)>>);

impl<'a> Plain<'a> {
    /// Those of a claim; none where anything else happened under it.
    pub(super) fn of(id: ClaimId, claim: &ClaimView, world: &'a MemoryViews) -> Plain<'a> {
        let members: BTreeSet<PersonId> = claim.members.iter().map(|member| member.person).collect();
        let mut awards: BTreeMap<AssessmentPeriod, Vec<(PersonId, &PaymentView)>> = BTreeMap::new();
        for (person, view) in members.into_iter().filter_map(|person| Some((person, world.person(person)?))) {
            let of_claim = view
                .payments
                .iter()
                .filter(|payment| payment.claim == Some(id) && (payment.instalment > 0 || payment.period.is_none()));
            for payment in of_claim.filter(|payment| !payment.is_cancelled()) {
                let award = payment.kind == PaymentKind::Award && payment.for_days.is_none() && !came_back(payment);
                match payment.period.filter(|_| award) {
                    Some(period) => awards.entry(period).or_default().push((person, payment)),
                    None if payment.kind == PaymentKind::TopUp => {}
                    None => return Plain::default(),
                }
            }
            let kept_back = view.kept_back.iter().any(|kept| kept.claim == id);
            if kept_back || view.recoveries.iter().any(|known| known.claim == id) {
                return Plain::default();
            }
        }
        Plain(awards)
    }

    /// Whether the only decision on a period was paid line by line: then nothing more is owed for it.
    pub(super) fn is_paid_as_decided(&self, standing: &Determined, claim: &ClaimView) -> bool {
        let Some(paid) = self.0.get(&standing.period) else { return false };
        let once = claim.determined.iter().filter(|made| made.period == standing.period).count() == 1;
        let decided = Decided::of(standing);
        let is_met = |line: &PayeeLine| {
            let own = paid.iter().filter(|(person, _)| *person == decided.entitled(line));
            let paid = own.map(|(_, payment)| amount_like(line, &payment.lines)).sum::<Money>();
            paid == amount_like(line, &standing.lines)
        };
        let sum = paid.iter().map(|(_, payment)| payment.amount).sum::<Money>();
        once && sum == standing.payment && standing.lines.iter().all(is_met)
    }
}

/// Whether money is back that was sent.
pub(super) fn came_back(payment: &PaymentView) -> bool {
    matches!(payment.steps.last().map(|progress| &progress.step), Some(PaymentStep::Returned(..)))
}

/// What lines for the same purpose, person and payee come to.
pub(super) fn amount_like(line: &PayeeLine, lines: &[PayeeLine]) -> Money {
    let same =
        |other: &&PayeeLine| (other.payee, other.purpose, other.for_whom) == (line.payee, line.purpose, line.for_whom);
    lines.iter().filter(same).map(|line| line.amount.money()).sum()
}
