//! Decisions made before something became known: which of them come out otherwise now, and on what ground they are
//! replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use schemas::events::Decision;
use schemas::{Citation, ClaimId, Confidence, EventId, Money, PersonId};

use crate::award_end::ended;
use crate::child_benefit;
use crate::entitlement::{EntitlementError, Rules, decide};
use crate::law::Law;
use crate::views::{ClaimView, Determined, Late, MemoryViews, What};

/// The instrument on decisions.
const DECISIONS: &str = "SI 2013/381";

/// A decision that comes out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redecided {
    /// The decision that stood.
    pub replaces: EventId,
    /// Whether it was wrong from the beginning, or circumstances changed after it.
    pub how: How,
    /// The provision.
    pub ground: Citation,
    /// What the law gave by the decision that stood.
    pub before: Money,
    /// The decision now.
    pub decision: Decision,
}

impl fmt::Display for Redecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Redecided { how, ground, before, decision, .. } = self;
        let how = match how {
            How::Revised => "revised",
            How::Superseded => "superseded",
        };
        write!(f, "{} {how} ({ground}): award {} in place of {before}", decision.period, decision.award)
    }
}

/// How a decision is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// From its original date (Social Security Act 1998 s. 9).
    Revised,
    /// From a change of circumstances on (s. 10).
    Superseded,
}

/// Of each claim the first decided period that comes out otherwise because of what was recorded on a day, or after the
/// business of the day before; later periods may carry over from it. Asked again until there is nothing.
pub fn due(day: Date, world: &MemoryViews, law: &Law) -> Vec<(ClaimId, Result<Redecided, EntitlementError>)> {
    let mut child_benefit: BTreeMap<PersonId, Vec<Late>> = BTreeMap::new();
    for (claimant, late) in child_benefit::decided(world).filter(|(_, late)| is_new(late, day)) {
        child_benefit.entry(claimant).or_default().push(late);
    }
    let again = |id, claim| {
        let news = news(claim, day, world, &child_benefit);
        if news.is_empty() { None } else { first(id, claim, &news, world, law.of(claim)?) }
    };
    world.claims().filter_map(|(id, claim)| Some((id, again(id, claim)?))).collect()
}

fn first(
    id: ClaimId,
    claim: &ClaimView,
    news: &[Late],
    world: &MemoryViews,
    rules: &Rules,
) -> Option<Result<Redecided, EntitlementError>> {
    let mut standing: Vec<&Determined> = claim.determined.iter().filter(|made| stands(claim, made)).collect();
    standing.sort_by_key(|made| made.period);
    let day_of = |made: &Determined| rules.pack.periods().facts_on(made.period);
    for made in standing {
        let touches = |late: &&Late| made.facts_at < late.position && late.from <= day_of(made);
        let Some(cause) = news.iter().find(touches) else { continue };
        if ended(claim, world, made.period, rules).is_some() {
            continue;
        }
        match decide(id, world, made.period, rules) {
            Ok(decision) if same(made, &decision) => {}
            Ok(decision) => {
                let (how, ground) = ground(claim, cause);
                return Some(Ok(Redecided { replaces: made.event, how, ground, before: made.award, decision }));
            }
            Err(error) => return Some(Err(error)),
        }
    }
    None
}

/// What became known of past days on a day or after the business of the day before, in order; Child Benefit that was
/// decided since among it, by claimant.
fn news(claim: &ClaimView, day: Date, world: &MemoryViews, child_benefit: &BTreeMap<PersonId, Vec<Late>>) -> Vec<Late> {
    let people: BTreeSet<_> = claim.members.iter().map(|member| member.person).collect();
    let other = people.iter().filter(|_| !child_benefit::is_claim(claim)).filter_map(|who| child_benefit.get(who));
    let views = people.iter().filter_map(|person| world.person(*person));
    let all = claim.late.iter().chain(views.flat_map(|person| &person.late)).chain(other.flatten());
    let mut news: Vec<Late> = all.filter(|late| is_new(late, day)).copied().collect();
    news.sort_by_key(|late| late.position);
    news
}

/// The first evening from a day on, on which anything that was told late in a home is news.
pub(crate) fn next_news(home: &MemoryViews, day: Date) -> Option<Date> {
    let claims = home.claims().flat_map(|(_, claim)| &claim.late);
    let people = home.people().flat_map(|(_, person)| &person.late);
    let told = claims.chain(people).map(|late| late.recorded);
    let told = told.chain(child_benefit::decided(home).map(|(_, late)| late.recorded));
    let evenings = told.flat_map(|recorded| [Some(recorded), recorded.tomorrow().ok()]).flatten();
    evenings.filter(|evening| day <= *evening).min()
}

fn is_new(late: &Late, day: Date) -> bool {
    late.recorded == day || late.recorded.tomorrow().is_ok_and(|next| next == day)
}

fn stands(claim: &ClaimView, made: &Determined) -> bool {
    claim.standing(made.period).is_some_and(|standing| standing.event == made.event)
}

/// Whether nothing that a decision says came out otherwise.
fn same(made: &Determined, decision: &Decision) -> bool {
    made.award == decision.award.money()
        && made.payment == decision.payment.money()
        && made.lines == decision.lines
        && made.adults == decision.adults
        && made.main_carer == decision.main_carer
        && made.deducted == decision.deducted
        && made.amounts.are(&decision.amounts)
}

fn ground(claim: &ClaimView, cause: &Late) -> (How, Citation) {
    let read = |provision: &str| Citation::read(DECISIONS, provision);
    let summarised =
        |provision: &str| Citation { confidence: Confidence::SingleSource, ..Citation::read(DECISIONS, provision) };
    match cause.what {
        What::Change if claim.entitled_from.is_some_and(|first| first < cause.from) => {
            (How::Superseded, read("reg. 23(1)(a), Sch. 1 paras. 20 and 21"))
        }
        What::Change | What::Withdrawn => (How::Revised, summarised("reg. 9")),
        What::Pay => (How::Superseded, read("reg. 23(1)(a), Sch. 1 paras. 20 and 22")),
        What::Sanction => (How::Revised, summarised("reg. 14")),
        What::Carried => (How::Superseded, read("reg. 23(1)(a), Sch. 1 para. 20")),
        What::OtherBenefit => (How::Superseded, read("reg. 23(1)(a), Sch. 1 para. 31")),
    }
}
