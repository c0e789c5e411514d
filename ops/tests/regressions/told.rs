//! A history told on a ledger of its own, with the business of each evening done.

use std::path::Path;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use ledger::{Command, Order};
use ops::business::{Business, Evening};
use ops::cli::Global;
use ops::desk::Desk;
use ops::error::Failure;
use ops::packs::Shelf;
use ops::rules::RuleSet;
use ops::story::{self, Story};
use projections::arrears::{self, Overpaid};
use projections::books::{Balances, Books, disagreements};
use projections::daily;
use projections::floor::Days;
use projections::floor::file::FloorFile;
use projections::payments::{Horizon, Planned, derived_uuid};
use projections::verdict::actual;
use projections::views::{ClaimView, MemoryViews, PersonView, decision_of};
use schemas::day::london_hour;
use schemas::events::{Decision, Event, PaymentInstructed};
use schemas::{Citation, ClaimId, CommandId, Confidence, EventId, PersonId, Recorded, Subject};
use simulator::replay::{Replayed, replay};
use tempfile::TempDir;

/// A ledger and how far its history is told.
pub struct Told {
    folder: TempDir,
    /// The ledger.
    pub desk: Desk,
    /// What the business is done under.
    pub rules: RuleSet,
    /// Everything known.
    pub world: MemoryViews,
    story: Story,
    next: Date,
    orders: usize,
}

impl Told {
    /// Nothing told yet, under current law.
    pub fn new(steps: &str) -> Told {
        Told::under("current-law", steps)
    }

    /// Nothing told yet. `steps` are those of a story (`ops/src/stories/README.md`).
    pub fn under(rulebook: &str, steps: &str) -> Told {
        let head = "title: t\ntells: t\nsource: worked by hand\ndemo: false\nexpect: {person: ann}\nsteps:\n";
        let story = story::read("regression.yaml", &format!("{head}{steps}")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::create(&folder.path().join("told.db")).unwrap();
        let next = story.days().min().unwrap();
        let world = MemoryViews::default();
        Told { folder, desk, rules: rulebook_named(rulebook), world, story, next, orders: 0 }
    }

    /// Tells every day up to one; nothing may go wrong on any.
    #[track_caller]
    pub fn until(&mut self, last: Date) {
        let problems = self.until_with_problems(last);
        assert_eq!(problems, [""; 0]);
    }

    /// Tells every day up to one and says what went wrong, each thing once.
    pub fn until_with_problems(&mut self, last: Date) -> Vec<String> {
        let mut problems = Vec::new();
        while self.next <= last {
            problems.extend(self.evening().problems.into_iter().map(|(what, why)| format!("{what}: {why}")));
        }
        problems.sort();
        problems.dedup();
        problems
    }

    /// What is recorded on the mornings up to one, with no business done in the evenings.
    pub fn mornings_until(&mut self, last: Date) {
        while self.next <= last {
            self.with(|business, story, day| {
                business.submit(story.commands(day, business.world()).unwrap()).unwrap();
            });
            self.next = self.next.saturating_add(1.day());
        }
    }

    /// The business of evenings already past, as a run does it that starts late.
    #[track_caller]
    pub fn evenings(&mut self, from: Date, to: Date) {
        let mut business = Business::open(&mut self.desk, &self.rules).unwrap();
        for day in Days::new(from, to).unwrap().each() {
            assert_eq!(business.evening(day).unwrap().problems, [], "{day}");
        }
        self.world = business.world().clone();
    }

    fn day(&mut self) -> Evening {
        self.with(|business, story, day| {
            business.submit(story.commands(day, business.world()).unwrap()).unwrap();
            business.evening(day).unwrap()
        })
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Business<'_>, &Story, Date) -> T) -> T {
        let mut business = Business::open(&mut self.desk, &self.rules).unwrap();
        let result = act(&mut business, &self.story, self.next);
        self.world = business.world().clone();
        result
    }

    /// Gives an order of somebody's on the morning of the next day to be told.
    pub fn order(&mut self, order: impl Into<Order>) {
        self.try_order(order).unwrap();
    }

    /// The same; what is refused is said.
    pub fn try_order(&mut self, order: impl Into<Order>) -> Result<(), Failure> {
        self.orders += 1;
        let hour = london_hour(self.next, 10);
        let command = Command {
            id: CommandId(derived_uuid(&format!("order {}", self.orders))),
            actor: "caseworker:demo".into(),
            time: hour.saturating_add(SignedDuration::from_secs(self.orders as i64)).unwrap(),
            effective_from: self.next,
            effective_to: None,
            notified_on: None,
            decided_on: None,
            causation: None,
            correlation: None,
            order: order.into(),
        };
        self.with(|business, _, _| business.submit(vec![command]))
    }

    /// What the plan of the next day to be told would pay somebody.
    pub fn planned_for(&self, name: &str) -> (PersonId, PaymentInstructed) {
        let planned = daily::payments(Horizon::next_day(self.next), &self.world, &self.rules.law);
        let Planned { person, payment } = planned.into_iter().find(|planned| planned.person == self.id(name)).unwrap();
        (person, payment)
    }

    /// Tells the next day and says what its evening came to.
    pub fn evening(&mut self) -> Evening {
        let evening = self.day();
        self.next = self.next.saturating_add(1.day());
        evening
    }

    pub fn id(&self, name: &str) -> PersonId {
        self.story.person(name)
    }

    pub fn person(&self, name: &str) -> &PersonView {
        self.world.person(self.id(name)).unwrap()
    }

    pub fn claim(&self, name: &str) -> &ClaimView {
        self.world.claim(self.story.claim(name)).unwrap()
    }

    /// The id of a claim.
    pub fn named(&self, name: &str) -> ClaimId {
        self.story.claim(name)
    }

    /// The first decision of a claim, as it is recorded.
    pub fn decided(&self, claim: &str) -> (EventId, Decision) {
        let on = Subject::Claim(self.named(claim));
        let made = self.history().into_iter().find_map(|event| {
            let Event::Determination(made) = &event.envelope.event else { return None };
            (event.envelope.subject == on).then(|| (event.envelope.id, decision_of(made).clone()))
        });
        made.unwrap()
    }

    /// Asserts what somebody was paid: the day it was usable and how much, in order.
    #[track_caller]
    pub fn check_paid(&self, name: &str, expected: &[&str]) {
        assert_eq!(usable(&self.world, self.id(name)), expected, "{name}");
    }

    /// Asserts what waits for a decision whether it is recovered: whom it was paid to, of which period, and how much.
    #[track_caller]
    pub fn check_overpaid(&self, expected: &[&str]) {
        let name_of = |one: &Overpaid| ["ann", "bob", "cal", "mo"].into_iter().find(|name| self.id(name) == one.person);
        let line =
            |one: &Overpaid| format!("{} {} {}", name_of(one).unwrap_or("nobody"), one.period.first(), one.amount);
        let found: Vec<String> = arrears::overpaid(&self.world, &self.rules.law).iter().map(line).collect();
        assert_eq!(found, expected);
    }

    /// Asserts on how many days somebody was below the floor, and what was missing.
    #[track_caller]
    pub fn check_floor(&self, name: &str, days: (Date, Date), expected: (i64, &str)) {
        let days = Days::new(days.0, days.1).unwrap();
        let (id, view) = (self.id(name), projections::floor::views::View::default());
        let terms = self.rules.law.terms(days.to());
        let found = actual(id, &self.world.around(id), &self.rules.floor, &terms, view, days).unwrap().unwrap();
        let gaps = found.gaps;
        assert_eq!((gaps.breach_days(), gaps.shortfall().shown().to_string().as_str()), expected, "{:?}", gaps.spans());
    }

    /// Asserts that the books find no fault with the payments.
    #[track_caller]
    pub fn check_books(&self) {
        let (mut books, mut balances) = (Books::default(), Balances::default());
        self.history().iter().flat_map(|event| books.post(event)).for_each(|entry| balances.add(&entry));
        assert_eq!(disagreements(&books, &balances, &self.world), []);
    }

    /// Every event, in order.
    pub fn history(&self) -> Vec<Recorded> {
        let mut history = Vec::new();
        self.desk
            .for_each_after(0, |page| {
                history.extend(page);
                Ok(())
            })
            .unwrap();
        history
    }

    /// The history again, under other rules.
    pub fn replayed(&self, rules: &RuleSet, until: Date) -> Replayed {
        replay(&self.history(), rules.regime(), until)
    }

    /// The options of a command about this ledger.
    pub fn global(&self) -> Global {
        let store = format!("sqlite:{}", self.folder.path().join("told.db").display());
        Global { store: store.parse().unwrap(), ..global() }
    }
}

/// The day each payment of a person was usable and how much it was, as far as it arrived, by day.
pub fn usable(world: &MemoryViews, person: PersonId) -> Vec<String> {
    let payments = world.person(person).unwrap().payments.iter();
    let mut usable: Vec<String> =
        payments.filter_map(|payment| Some(format!("{} {}", payment.usable_on()?, payment.amount))).collect();
    usable.sort();
    usable
}

pub fn rulebook_named(name: &str) -> RuleSet {
    RuleSet::find(&global(), name).unwrap()
}

pub fn global() -> Global {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs");
    Global { packs: Some(packs), ..Global::default() }
}

/// Somebody of over 25 who claims on a day alone, and is paid on the exact day.
pub fn alone(name: &str, day: &str) -> String {
    let exact = exact_day(name, day);
    format!(
        "  - {{day: {day}, do: register_person, person: ${name}, birth_date: 1990-01-01}}
{exact}  - {{day: {day}, do: make_claim, claim: ${name}-claim, benefit: uk-universal-credit, claimants: [${name}]}}
"
    )
}

/// Ann and Bob, both over 25, who claim together on a day, and are paid on the exact day.
pub fn couple(day: &str) -> String {
    let exact = exact_day("ann", day) + &exact_day("bob", day);
    format!(
        "  - {{day: {day}, do: register_person, person: $ann, birth_date: 1990-01-01}}
  - {{day: {day}, do: register_person, person: $bob, birth_date: 1991-01-01}}
{exact}  - {{day: {day}, do: make_claim, claim: $joint, benefit: uk-universal-credit, claimants: [$ann, $bob]}}
"
    )
}

/// No weekend or bank holiday moves this person's pay days: stories that are not about the calendar count nominal days.
pub fn exact_day(name: &str, day: &str) -> String {
    format!(
        "  - {{day: {day}, do: record_person_fact, person: ${name}, fact: {{key: pay_calendar, value: exact_day}}}}\n"
    )
}

/// A child born in 2018 who joins a claim on a day.
pub fn child(name: &str, claim: &str, day: &str) -> String {
    format!(
        "  - {{day: {day}, do: register_person, person: ${name}, birth_date: 2018-01-01}}
  - {{day: {day}, do: join_claim, claim: ${claim}, person: ${name}, role: child}}
"
    )
}

/// A debt from an overpayment, and what is taken for it from each award.
pub fn debt(name: &str, day: &str, owed: &str, per_period: &str) -> String {
    format!(
        "  - {{day: {day}, do: register_debt, person: ${name}, debt: ${name}-debt, kind: overpayment, amount: {owed}}}
  - {{day: {day}, do: set_deduction, person: ${name}, debt: ${name}-debt, per_period: {per_period}}}
"
    )
}

/// A sanction of so many days.
pub fn sanction(name: &str, which: &str, recorded: &str, from: &str, days: u16, rate: &str) -> String {
    format!(
        "  - {{day: {recorded}, do: impose_sanction, person: ${name}, sanction: ${which}, level: low, failure_on: {from}, from: {from},
       days: {days}, days_ground: tribunal, rate: {rate}, authority: {{instrument: SI 2013/376, provision: reg. 104, confidence: single_source}}}}
"
    )
}

/// A provision of SI 2013/381.
pub fn law(provision: &str) -> Citation {
    Citation {
        instrument: "SI 2013/381".into(),
        provision: provision.into(),
        confidence: Confidence::SingleSource,
        note: None,
    }
}

/// A shipped floor file.
pub fn floor_named(name: &str) -> FloorFile {
    FloorFile::read(&Shelf::open(&global()).unwrap().floor(name).unwrap()).unwrap()
}
