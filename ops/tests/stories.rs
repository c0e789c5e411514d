//! Every shipped story, told on a real ledger, comes to what its source says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use jiff::civil::{Date, date};
use ops::business::Business;
use ops::cli::Global;
use ops::desk::Desk;
use ops::rules::RuleSet;
use ops::story::{Story, shipped, tell};
use projections::floor::file::FloorFile;
use projections::floor::views::{Sharing, Sharings, View};
use projections::floor::{Days, Gaps, Loans};
use projections::law::Terms;
use projections::means::means;
use projections::verdict::{actual, believed};
use projections::views::MemoryViews;
use schemas::{Money, PersonId};
use simulator::replay::replay;

const UNTIL: Date = date(2027, 7, 6);

fn global() -> Global {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs");
    Global { packs: Some(packs), ..Global::default() }
}

/// A ledger on which the stories were told under a rulebook.
struct Told {
    _folder: tempfile::TempDir,
    desk: Desk,
    rules: RuleSet,
    world: MemoryViews,
}

impl Told {
    fn under(rulebook: &str, stories: &[Story], until: Date) -> Told {
        let rules = RuleSet::find(&global(), rulebook).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut desk = Desk::create(&folder.path().join("told.db")).unwrap();
        let mut business = Business::open(&mut desk, &rules).unwrap();
        tell(stories, &mut business, until, |day, evening| assert_eq!(evening.problems, [], "{day}")).unwrap();
        let world = business.world().clone();
        Told { _folder: folder, desk, rules, world }
    }

    fn terms(&self) -> Terms {
        self.rules.law.terms(UNTIL)
    }

    fn gaps(&self, person: PersonId, floor: &FloorFile, view: View, days: Days) -> Gaps {
        actual(person, &self.world.around(person), floor, &self.terms(), view, days).unwrap().unwrap().gaps
    }
}

#[track_caller]
fn check(story: &str, what: &str, gaps: &Gaps, breach_days: i64, shortfall: Money) {
    let found = (gaps.breach_days(), gaps.shortfall().shown());
    assert_eq!(found, (breach_days, shortfall), "{story}, {what}: {:?}", gaps.spans());
}

#[test]
fn every_story_comes_to_the_figures_of_its_source_through_the_ledger() {
    let stories = shipped().unwrap();
    let told = Told::under("current-law", &stories, UNTIL);
    for story in &stories {
        check_story(story, &told);
    }
}

fn check_story(story: &Story, told: &Told) {
    let (expect, person) = (&story.expect, story.person(&story.expect.person));
    let view = told.world.person(person).unwrap();
    for (day, amount) in &expect.payments {
        let paid: Money =
            view.payments.iter().filter(|payment| payment.due_on == *day).map(|payment| payment.amount).sum();
        assert_eq!(paid, *amount, "{}: paid on {day}", story.name);
    }
    if let Some((first, award)) = expect.award {
        let claims = view.claims.iter().filter_map(|claim| told.world.claim(*claim));
        let awards: Vec<Money> = claims
            .flat_map(|claim| claim.determined.iter())
            .filter(|d| d.period.first() == first)
            .map(|d| d.award)
            .collect();
        assert_eq!(awards, [award], "{}: award from {first}", story.name);
    }
    let Some((from, to)) = expect.days else { return };
    let days = Days::new(from, to).unwrap();
    let floor = floor_of(story, &told.rules.floor);
    let strict = told.gaps(person, &floor, View::default(), days);
    if let (Some(breach_days), Some(shortfall)) = (expect.breach_days, expect.shortfall) {
        check(&story.name, "strict", &strict, breach_days, shortfall);
    }
    if let Some(found) = &expect.with_debt {
        let gaps = told.gaps(person, &floor, View { loans: Loans::WithDebt, ..View::default() }, days);
        check(&story.name, "with debt", &gaps, found.breach_days, found.shortfall);
    }
    if let Some(found) = &expect.with_outflows {
        let gaps = told.gaps(person, &floor, View { outflows: true, ..View::default() }, days);
        check(&story.name, "with outflows", &gaps, found.breach_days, found.shortfall);
    }
    if let Some(found) = &expect.by_31 {
        let gaps = told.gaps(person, &by_31(&told.rules.floor), View::default(), days);
        check(&story.name, "424.90 over 31 days", &gaps, found.breach_days, found.shortfall);
    }
    if let Some(found) = &expect.believed {
        let history = told.desk.history(person, &told.world.around(person), None).unwrap();
        let gaps = believed(person, &history, &floor, &told.terms(), View::default(), days).unwrap().gaps;
        check(&story.name, "believed", &gaps, found.breach_days, found.shortfall);
    }
    if let Some(hidden) = expect.hidden_days {
        let means = means(person, &told.world.around(person), &floor, &told.terms()).unwrap().unwrap();
        let sharings =
            Sharings::of(&means.ledger, View { sharing: Sharing::Strict, ..View::default() }, floor.counts, days);
        assert_eq!(sharings.hidden().breach_days(), hidden, "{}: hidden by pooling", story.name);
    }
}

/// The floor a story names, in place of the demonstration's.
fn floor_of(story: &Story, usual: &FloorFile) -> FloorFile {
    match &story.expect.floor {
        Some(other) => floor(&format!("per_week: {}", other.per_week)),
        None => usual.clone(),
    }
}

fn by_31(_: &FloorFile) -> FloorFile {
    floor("per_month: 424.90")
}

fn floor(figure: &str) -> FloorFile {
    FloorFile::read(&format!(
        "{{name: test, rung: {{number: 2, name: test}}, mode: measure, month_to_day: by_31, tranche_days: 14, source: FLOOR.md,
          figures: {{single_25_or_over: [{{from: 2013-04-29, {figure}}}], single_under_25: not_available,
                     couple_each_adult: not_available, couple_each_adult_under_25: not_available, child: not_available}}}}"
    ))
    .unwrap()
}

#[test]
fn a_guaranteed_floor_tops_up_the_days_of_a_returned_payment_from_the_day_it_is_known() {
    let stories: Vec<Story> =
        shipped().unwrap().into_iter().filter(|story| story.expect.guaranteed.is_some()).collect();
    assert!(!stories.is_empty());
    let told = Told::under("current-law-guaranteed", &stories, date(2026, 9, 30));
    for story in &stories {
        let (person, (from, to)) = (story.person(&story.expect.person), story.expect.days.unwrap());
        let days = Days::new(from, to).unwrap();
        let expected = story.expect.guaranteed.as_ref().unwrap();
        let gaps = told.gaps(person, &told.rules.floor, View::default(), days);
        check(&story.name, "guaranteed", &gaps, expected.breach_days, expected.shortfall);
        let payments = told.world.person(person).unwrap().payments.iter();
        let topped_up: Money = payments
            .filter(|p| p.kind == schemas::events::PaymentKind::TopUp && days.contains(p.due_on))
            .map(|p| p.amount)
            .sum();
        assert_eq!(Some(topped_up), expected.topped_up, "{}", story.name);
    }
}

#[test]
fn replaying_history_under_its_own_rules_decides_and_pays_the_same() {
    let stories = shipped().unwrap();
    let told = Told::under("current-law", &stories, date(2027, 1, 31));
    let mut history = Vec::new();
    told.desk
        .for_each_after(0, |page| {
            history.extend(page);
            Ok(())
        })
        .unwrap();
    let replayed = replay(&history, told.rules.regime(), date(2027, 1, 31));
    assert_eq!(replayed.undecided, []);
    let decided = |world: &MemoryViews| -> Vec<_> {
        let each = world.claims().flat_map(|(id, claim)| claim.determined.iter().map(move |d| (id, d)));
        each.map(|(id, d)| (id, d.period, d.award, d.payment, d.lines.clone(), d.outcome)).collect()
    };
    assert_eq!(decided(&replayed.world), decided(&told.world));
    let paid = |world: &MemoryViews| -> Vec<_> {
        let each = world.people().flat_map(|(id, person)| person.payments.iter().map(move |payment| (id, payment)));
        let mut paid: Vec<_> =
            each.map(|(id, p)| (id, p.kind, p.due_on, p.amount, p.usable_on(), p.account_holders.clone())).collect();
        paid.sort();
        paid
    };
    assert_eq!(paid(&replayed.world), paid(&told.world));
}
