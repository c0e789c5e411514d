//! What an evening costs: with the diary, which looks at those to whom something may be due, and walking over everybody.
//!
//! `cargo bench -p ops --bench evenings` keeps 10,000 claims that began on 28 days in memory, decides and pays them for so
//! many months, and does the evenings of one more month both ways, from the same views; `-- 100000 24` takes more of both.
//! It stops where the two do not come to the same.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at what it cannot set up")]

use std::borrow::Cow;
use std::time::{Duration, Instant};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use ops::cli::Global;
use ops::rules::RuleSet;
use projections::payments::{Horizon, derived_uuid};
use projections::plan::{EVENING, dues};
use projections::views::MemoryViews;
use projections::{arrears, award_end, daily, diary::Diary, redecide};
use schemas::day::london_hour;
use schemas::events::{AssessmentDetermined, ClaimMade, Event, PaymentReleased, PersonRegistered};
use schemas::{ClaimId, CommandId, Digest, Envelope, EventId, PersonId, Recorded, RunId, Subject};

const FIRST: Date = date(2024, 6, 1);

fn main() {
    let arguments: Vec<i64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (claims, months) = (*arguments.first().unwrap_or(&10_000), *arguments.get(1).unwrap_or(&3));
    let packs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs");
    let rules = RuleSet::find(&Global { packs: Some(packs), ..Global::default() }, "current-law").unwrap();
    let mut before = Office { world: MemoryViews::default(), diary: Some(Diary::default()) };
    (0..claims).for_each(|number| before.claim(number));
    let from = FIRST.saturating_add(months.months());
    before.evenings(FIRST, from, &rules);
    println!("{claims} claims, {months} months before");
    let mut walking = Office { diary: None, world: before.world.clone() };
    let (until, resident) = (from.saturating_add(1.month()), resident());
    let month = before.evenings(from, until, &rules);
    month.print("a month of evenings, with the diary");
    let walked = walking.evenings(from, until, &rules);
    walked.print("the same, walking over everybody");
    assert!(before.world == walking.world, "the two do not come to the same");
    let again = Office { diary: Some(Diary::default()), world: before.world.clone() }.evenings(from, until, &rules);
    again.print("once more, nothing is due, with the diary");
    let idle = walking.evenings(from, until, &rules);
    idle.print("the same, walking over everybody");
    let times = |long: Cost, short: Cost| long.time.as_millis() / short.time.as_millis().max(1);
    println!("{} and {} times as long without the diary", times(walked, month), times(idle, again));
    println!("resident before the month {resident} kB");
}

/// Everything known, and whom evenings look at; everybody without a diary.
struct Office {
    world: MemoryViews,
    diary: Option<Diary>,
}

/// What evenings took, and what was decided and paid on them.
#[derive(Clone, Copy)]
struct Cost {
    time: Duration,
    decided: usize,
    paid: usize,
}

impl Cost {
    fn print(self, what: &str) {
        let Cost { time, decided, paid } = self;
        println!("{what:<44} {time:>9.1?}  {decided} decided, {paid} paid");
    }
}

impl Office {
    fn evenings(&mut self, from: Date, until: Date, rules: &RuleSet) -> Cost {
        let (begun, mut decided, mut paid, mut day) = (Instant::now(), 0, 0, from);
        while day < until {
            if let Some(diary) = &mut self.diary {
                diary.turn_to(day, &self.world, &rules.law, &rules.floor);
            }
            let (world, law) = (self.looked_at(day), &rules.law);
            assert!(redecide::due(day, &world, law).is_empty() && arrears::set_offs(&world, law).is_empty());
            let decisions: Vec<_> = daily::decisions(day, &world, law).collect();
            drop(world);
            for (claim, decision) in decisions {
                let event = AssessmentDetermined { decision: decision.unwrap() };
                self.record(day, Subject::Claim(claim), event.into());
                decided += 1;
            }
            let world = self.looked_at(day);
            assert!(daily::due(day, &world, law).next().is_none());
            assert!(award_end::unpaid(day, &world, law).is_empty() && award_end::overtaken(&world, law).is_empty());
            let plan = dues(Horizon::next_day(day), &world, law);
            drop(world);
            for planned in plan.into_payments() {
                let (person, payment) = (Subject::Person(planned.person), planned.payment.payment);
                self.record(day, person.clone(), planned.payment.into());
                let released = PaymentReleased { payment, run: RunId(derived_uuid("run")), file: Digest([0; 32]) };
                self.record(day, person, released.into());
                paid += 1;
            }
            day = day.saturating_add(1.day());
        }
        Cost { time: begun.elapsed(), decided, paid }
    }

    fn looked_at(&self, day: Date) -> Cow<'_, MemoryViews> {
        self.diary.as_ref().map_or(Cow::Borrowed(&self.world), |diary| diary.look(day, &self.world))
    }

    /// Somebody claims on one of 28 days.
    fn claim(&mut self, number: i64) {
        let id = |what: &str| derived_uuid(&format!("{what} {number}"));
        let (person, day) = (PersonId(id("person")), FIRST.saturating_add((number % 28).days()));
        let registered = PersonRegistered { birth_date: date(1990, 1, 1), name: None, national_insurance_number: None };
        self.record(day, Subject::Person(person), registered.into());
        let benefit = "uk-universal-credit".into();
        let made = ClaimMade { benefit, claimants: vec![person], day_of: None, dates: None };
        self.record(day, Subject::Claim(ClaimId(id("claim"))), made.into());
    }

    fn record(&mut self, day: Date, subject: Subject, event: Event) {
        let sequence = self.world.position() + 1;
        let envelope = Envelope {
            id: EventId { command: CommandId(derived_uuid(&sequence.to_string())), index: 0 },
            subject,
            time: london_hour(day, EVENING),
            effective_from: day,
            effective_to: None,
            notified_on: None,
            decided_on: Some(day),
            causation: None,
            correlation: None,
            actor: "bench".into(),
            command_hash: Digest([0; 32]),
            prev: None,
            event,
        };
        let event = Recorded { sequence, envelope };
        self.world.apply(&event);
        if let Some(diary) = &mut self.diary {
            diary.note(&event, &self.world);
        }
    }
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|kb| kb.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
