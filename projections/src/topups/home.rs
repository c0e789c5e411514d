//! One home on one evening: what is missing in it, of whom, for how long, and who is to be paid for it.

use jiff::civil::Date;
use schemas::events::{GapCause, Role};
use schemas::{ClaimId, PersonId};

use super::because::because;
use super::expected::Expected;
use super::{Advice, Beside, nation, working_days};
use crate::floor::days::plus;
use crate::floor::file::FloorFile;
use crate::floor::topup::{Projection, TopUp, plan_top_up};
use crate::floor::views::{Account, LedgerError, PersonLedger, Sharing, TaggedCredit, View, judge_everyone};
use crate::floor::{CreditKind, DayStanding, Days, FloorAmount, Gaps, Purposes, Scope};
use crate::law::{Law, Terms};
use crate::means::{households, ledger, scope};
use crate::views::{ClaimView, MemoryViews};

/// How far ahead gaps are looked for: past the longest tranche and the longest lead.
const AHEAD_DAYS: i32 = 62;
/// The last day from today for which anything is released today: past the longest lead, whatever holidays lie in it.
const REACH_DAYS: i32 = 14;

/// The first evening from a day on, on which there is a gap in reach without what is still to come.
pub(super) fn next_look(day: Date, piece: &MemoryViews, terms: &Terms, file: &FloorFile) -> Option<Date> {
    let (person, _) = piece.people().find(|(_, view)| view.registered.is_some())?;
    let Ok(ledger) = ledger(person, piece, file, terms) else { return Some(day) };
    let window = Days::new(day, plus(day, AHEAD_DAYS)).unwrap_or(Days::one(day));
    let gaps = judge_everyone(&ledger, View::default(), file.counts, window);
    let first = gaps.iter().filter_map(|gaps| gaps.runs().next()).map(|(days, _)| days.from()).min();
    let in_reach = plus(first.unwrap_or(plus(day, AHEAD_DAYS + 1)), -REACH_DAYS);
    Some(in_reach.max(day))
}

/// Everyone who lives together or cares for one another, as they will be with everything known to come.
pub(super) struct Home<'w> {
    pub piece: &'w MemoryViews,
    pub terms: &'w Terms,
    pub law: &'w Law,
    pub file: &'w FloorFile,
    /// What they live on.
    pub ledger: PersonLedger,
    /// What everyone misses from the day on, in the strict view; in the order of the ledger's people.
    gaps: Vec<Gaps>,
    scopes: Vec<Option<Scope>>,
    expected: Expected,
    window: Days,
}

/// What somebody is short of.
pub(super) struct Need {
    /// Who.
    pub person: PersonId,
    /// Who has the purse they live off on the first day of the gap.
    pub payee: PersonId,
    /// The claim that makes their days known.
    pub claim: ClaimId,
    /// What to pay.
    pub top_up: TopUp,
    /// Why the gap opens.
    pub because: GapCause,
}

impl<'w> Home<'w> {
    /// Judges a home from a day on; none where nobody can be short on a day in reach.
    ///
    /// # Errors
    /// A child whose recorded carer is not among the people of the views.
    pub fn of(
        day: Date,
        piece: &'w MemoryViews,
        beside: &Beside<'_>,
        law: &'w Law,
        terms: &'w Terms,
        file: &'w FloorFile,
    ) -> Result<Option<Home<'w>>, LedgerError> {
        let Some((person, _)) = piece.people().find(|(_, view)| view.registered.is_some()) else { return Ok(None) };
        let mut ledger = ledger(person, piece, file, terms)?;
        let days = |count| Days::new(day, plus(day, count)).unwrap_or(Days::one(day));
        // What is still to come only makes gaps smaller: who has none without it has none.
        if judge_everyone(&ledger, View::default(), file.counts, days(REACH_DAYS)).iter().all(Gaps::no_gap) {
            return Ok(None);
        }
        let expected = Expected::on(day, piece, beside, &ledger, law, terms);
        ledger.credits.extend(&expected.credits);
        let window = days(AHEAD_DAYS);
        let gaps = judge_everyone(&ledger, View::default(), file.counts, window);
        let of = |person| piece.person(person).and_then(|view| scope(person, view, piece, terms));
        let scopes = ledger.people().iter().map(|member| of(member.person)).collect();
        Ok(Some(Home { piece, terms, law, file, ledger, gaps, scopes, expected, window }))
    }

    /// What has to be paid on the day, and to whom.
    pub fn needs(&self, day: Date) -> Vec<Need> {
        (0..self.ledger.people().len()).filter_map(|place| self.need(day, place)).collect()
    }

    fn need(&self, day: Date, place: usize) -> Option<Need> {
        let missing = self.missing(place);
        let first = missing.runs().next().map(|(days, _)| days.from())?;
        let (member, payee) = (self.ledger.people().get(place)?, self.ledger.purse_on(place, first)?);
        let unknown = self.expected.unknown_from.get(&payee);
        let known = match unknown {
            Some(unknown) => missing.within(Days::new(day, plus(*unknown, -1)).ok()?),
            None => missing,
        };
        let changes = member.carer.change_days();
        let scheduled = scheduled(&self.ledger, payee, self.file.counts);
        let scheduled: Vec<Date> = scheduled.filter(|on| day < *on).chain(changes).chain(unknown.copied()).collect();
        let projection = Projection { gaps: &known, scheduled: &scheduled };
        let is_working_day = working_days(nation(member.person, self.piece, day));
        let top_up =
            plan_top_up(day, &projection, self.file, is_working_day).filter(|top_up| top_up.release_on <= day)?;
        let person = member.person;
        let because = because(self, place, payee, day, &top_up);
        Some(Need { person, payee, claim: self.claim_of(person, day)?.0, top_up, because })
    }

    /// What somebody misses on days with a verdict. Where the purse is that of somebody whose own days have none, a child
    /// who lives off it misses what they miss too: what is put into it is shared.
    fn missing(&self, place: usize) -> Gaps {
        let Some(Some(scope)) = self.scopes.get(place) else { return Gaps::default() };
        let Some(gaps) = self.gaps.get(place) else { return Gaps::default() };
        let own = scope.apply(gaps, self.window).gaps;
        let judged = |place: usize, day: Date| {
            let scope = self.scopes.get(place).and_then(Option::as_ref);
            scope.is_some_and(|scope| scope.standing(day) == DayStanding::Judged)
        };
        let places = || 0..self.ledger.people().len();
        let mates = |day: Date| {
            let purse = self.ledger.purse_on(place, day);
            places().filter(move |mate| self.ledger.purse_on(*mate, day) == purse)
        };
        let first = self.window.from();
        if places().all(|mate| judged(mate, first)) || mates(first).count() < 2 {
            return own;
        }
        let with_theirs = |(day, gap): (Date, FloorAmount)| {
            let bears = mates(day).find(|mate| judged(*mate, day)) == Some(place);
            let theirs = mates(day).filter(|mate| bears && !judged(*mate, day));
            (day, gap + theirs.filter_map(|mate| self.gaps.get(mate)?.on(day)).sum())
        };
        own.by_day().map(with_theirs).collect()
    }

    /// The claim that says with whom somebody lives on a day, or did last.
    pub fn claim_of(&self, person: PersonId, day: Date) -> Option<(ClaimId, &'w ClaimView)> {
        let member = |claim: &ClaimView| claim.members.iter().any(|member| member.person == person);
        let lives = |claim: &ClaimView| claim.members_on(day).any(|member| member.person == person);
        let theirs = households(self.piece, self.terms).filter(|(_, claim)| member(claim));
        theirs.max_by_key(|(_, claim)| (lives(claim) && claim.is_open_on(day), claim.entitled_from))
    }

    /// The change of payee that would cure a need, where the money is there and goes to somebody else.
    pub fn advice(&self, need: &Need) -> Option<Advice> {
        if need.because != GapCause::Misdirected {
            return None;
        }
        let away =
            |tagged: &&TaggedCredit| tagged.payee == need.payee && tagged.credit.usable <= need.top_up.covers.to();
        let other = |tagged: &TaggedCredit| holders(tagged).into_iter().flatten().find(|holder| *holder != need.payee);
        let latest =
            self.ledger.credits.iter().filter(away).filter_map(|tagged| Some((tagged.credit.usable, other(tagged)?)));
        let (_, instead_of) = latest.max()?;
        Some(Advice { pay: need.payee, instead_of, from: need.top_up.covers.from() })
    }

    /// Whether somebody would miss nothing on a day, had their money been other than it was.
    pub fn cured(
        &self,
        place: usize,
        day: Date,
        sharing: Sharing,
        change: impl FnOnce(&mut Vec<TaggedCredit>),
    ) -> bool {
        let mut ledger = self.ledger.clone();
        change(&mut ledger.credits);
        let view = View { sharing, ..View::default() };
        let gaps = judge_everyone(&ledger, view, self.file.counts, Days::one(day));
        gaps.get(place).is_some_and(Gaps::no_gap)
    }

    /// How many adults share the award of a claim on a day.
    pub fn adults(claim: &ClaimView, day: Date) -> i64 {
        let adults = claim.members_on(day).filter(|member| member.role == Role::Adult).count();
        i64::try_from(adults.max(1)).unwrap_or(1)
    }
}

/// The days on which money is due to somebody, whoever receives it.
pub(super) fn scheduled(ledger: &PersonLedger, person: PersonId, purposes: Purposes) -> impl Iterator<Item = Date> {
    let lens = View::default().lens(purposes);
    let theirs = move |tagged: &&TaggedCredit| tagged.payee == person || holders(tagged).contains(&Some(person));
    let counts = move |tagged: &&TaggedCredit| tagged.credit.kind != CreditKind::TopUp && lens.counts(&tagged.credit);
    ledger.credits.iter().filter(theirs).filter(counts).map(|tagged| tagged.credit.usable)
}

/// Whose account a credit settled in.
pub(super) fn holders(tagged: &TaggedCredit) -> [Option<PersonId>; 2] {
    match tagged.settled {
        Account::Sole(holder) => [Some(holder), None],
        Account::Joint(one, other) => [Some(one), Some(other)],
    }
}
