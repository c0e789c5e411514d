//! One person and the floor: every published view, every verdict, the level test, and why.

use std::collections::BTreeMap;

use projections::floor::cause::{Cause, CauseSet, CausedDays};
use projections::floor::file::Mode;
use projections::floor::level::level_shortfalls;
use projections::floor::views::{Account, LedgerError, Member, Sharing, Sharings, TaggedCredit, View, judge};
use projections::floor::{BreachSpan, Credit, Days, Expiry, Loans, Scoped, detection_lags};
use projections::means::{Means, means};
use projections::verdict::{Believed, believed};
use projections::views::MemoryViews;
use schemas::events::{Nation, PersonFact};
use schemas::{Money, PersonId, Recorded};

use crate::prevented::{Explained, explain};
use crate::replay::Regime;
use crate::why::why;

/// How one person stood to the floor over some days.
#[derive(Clone, Debug)]
pub struct FloorAccount {
    /// Who.
    pub person: PersonId,
    /// Which days.
    pub days: Days,
    /// The test itself: strict, expiring, loans left out, as everything is known now; and the days beside it.
    pub actual: Scoped,
    /// The same by what was known at the end of each day.
    pub believed: Believed,
    /// Days in breach that were believed to be none on the day itself: how many.
    pub undetected_days: i64,
    /// Each published view: its name, days below the floor, and what was missing.
    pub views: Vec<(&'static str, i64, Money)>,
    /// Days that pooling the household's money would have hidden.
    pub hidden_days: i64,
    /// Days in breach only because money went to another person.
    pub misdirected_days: i64,
    /// Days on which the money of each series, spread evenly, is below the floor.
    pub level_days: i64,
    /// Debt that loans created by the last day.
    pub debt: Money,
    /// Days on which the floor file has no figure for the person.
    pub unavailable_days: i64,
    /// Why, day by day.
    pub causes: Vec<CausedDays>,
    /// Of the days in breach, whether they could have been prevented and were seen.
    pub explained: Vec<Explained>,
    /// The detection failures: days in breach that were believed to be none, and so how long nobody saw them.
    pub detection_lags: Vec<BreachSpan>,
}

/// Works it out. `history` holds the events of the person and of everyone they shared a claim with; `world` is what
/// they come to.
///
/// None for somebody who is not registered.
///
/// # Errors
/// A child whose recorded carer is not among the people of the views.
pub fn account(
    person: PersonId,
    history: &[Recorded],
    world: &MemoryViews,
    regime: Regime<'_>,
    days: Days,
) -> Result<Option<FloorAccount>, LedgerError> {
    let terms = regime.law.terms(days.to());
    let Some(Means { ledger, scope, unavailable }) = means(person, world, regime.floor, &terms)? else {
        return Ok(None);
    };
    let counts = regime.floor.counts;
    let in_view = |view: View| scope.apply(&judge(&ledger, view, counts, days), days).gaps;
    let actual = scope.apply(&judge(&ledger, View::default(), counts, days), days);
    let views = named_views().into_iter().map(|(name, view)| {
        let gaps = in_view(view);
        (name, gaps.breach_days(), gaps.shortfall().shown())
    });
    let views = views.collect();
    let sharings = Sharings::of(&ledger, View::default(), counts, days);
    let own = ledger.people().iter().find(|member| member.person == person);
    let credits: Vec<Credit> = ledger.credits.iter().filter_map(|tagged| own_part(person, tagged)).collect();
    let believed = believed(person, history, regime.floor, &terms, View::default(), days)?;
    // Recorded payments are judged, so that nothing is topped up where a cause is taken away.
    let mut measured = regime.floor.clone();
    measured.mode = Mode::Measure;
    let causes = if actual.gaps.no_gap() {
        Vec::new()
    } else {
        why(person, history, Regime { floor: &measured, ..regime }, days)?
    };
    let nation = match world.person(person).and_then(|view| view.fact("nation", days.to())) {
        Some(PersonFact::Nation(nation)) => *nation,
        Some(_) | None => Nation::England,
    };
    let undetected = believed.undetected(&actual.gaps);
    let lead = regime.floor.lead_working_days;
    Ok(Some(FloorAccount {
        person,
        days,
        undetected_days: undetected.breach_days(),
        detection_lags: detection_lags(&undetected, &believed.gaps),
        explained: explain(history, &causes, &actual.gaps, &believed.gaps, lead, nation),
        views,
        hidden_days: scope.apply(&sharings.hidden(), days).gaps.breach_days(),
        misdirected_days: scope.apply(&sharings.misdirected(), days).gaps.breach_days(),
        // A child lives off the carer's purse: there is no level of its own.
        level_days: own.filter(|own| own.carer.at(days.to()).is_none()).map_or(0, |own: &Member| {
            let short = level_shortfalls(&credits, &own.floor, &View::default().lens(counts), days);
            short.iter().flat_map(|span| scope.judged(span.days)).map(Days::count).sum()
        }),
        debt: ledger.debt_until(days.to()).shown(),
        unavailable_days: unavailable
            .spans(days.from(), days.to())
            .filter(|span| *span.value)
            .filter_map(|span| Days::new(span.from, span.to).ok())
            .map(Days::count)
            .sum(),
        causes: causes.into_iter().filter(|caused| !actual.gaps.within(caused.days).no_gap()).collect(),
        actual,
        believed,
    }))
}

/// The views that are published beside one another.
fn named_views() -> [(&'static str, View); 8] {
    let test = View::default();
    [
        ("strict (the test)", test),
        ("purpose", View { sharing: Sharing::Purpose, ..test }),
        ("pooled", View { sharing: Sharing::Pooled, ..test }),
        ("unexpiring", View { expiry: Expiry::Unexpiring, ..test }),
        ("with capital", View { expiry: Expiry::WithCapital, ..test }),
        ("with debt", View { loans: Loans::WithDebt, ..test }),
        ("with outflows", View { outflows: true, ..test }),
        ("with debt and outflows", View { loans: Loans::WithDebt, outflows: true, ..test }),
    ]
}

/// The part of a credit that settled in the person's own account.
fn own_part(person: PersonId, tagged: &TaggedCredit) -> Option<Credit> {
    match tagged.settled {
        Account::Sole(holder) if holder == person => Some(tagged.credit),
        Account::Joint(first, second) if first == person || second == person => {
            let half = Money::from_pence(tagged.credit.amount.pence() / 2);
            Some(Credit { amount: half, ..tagged.credit })
        }
        Account::Sole(_) | Account::Joint(..) => None,
    }
}

impl FloorAccount {
    /// Days in breach by the cause each is counted under, the most days first.
    pub fn days_by_cause(&self) -> Vec<(String, i64)> {
        let mut counted: BTreeMap<CauseSet, i64> = BTreeMap::new();
        for caused in &self.causes {
            *counted.entry(caused.finding.counted_under()).or_default() += caused.days.count();
        }
        let mut named: Vec<(String, i64)> = counted.into_iter().map(|(set, days)| (named(set), days)).collect();
        named.sort_by_key(|(name, days)| (-days, name.clone()));
        named
    }
}

/// The words of a set of causes.
pub fn named(set: CauseSet) -> String {
    let names: Vec<&str> = set.causes().map(Cause::name).collect();
    names.join(" and ")
}
