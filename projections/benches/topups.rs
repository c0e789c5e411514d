//! How many person-days a second the top-up planner looks at in an evening, beside the way it was done at first: a copy of
//! each person's surroundings, and everybody judged by themselves.

use std::collections::BTreeMap;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use projections::floor::{Days, FloorFile, View, judge};
use projections::law::{Law, Terms};
use projections::means::means;
use projections::payments::derived_uuid;
use projections::topups;
use projections::views::MemoryViews;
use schemas::day::london_hour;
use schemas::events::{
    Channel, ClaimMade, EarningsReported, Event, Frequency, Payee, PayeeLine, PaymentInstructed, PaymentKind,
    PaymentReleased, PersonRegistered, Purpose,
};
use schemas::{
    Amount, ClaimId, CommandId, Digest, Envelope, EventId, Money, PaymentId, PersonId, Recorded, RunId, Subject,
};

fn main() {
    divan::main();
}

/// Couples: two people each.
const HOMES: usize = 200;
const FIRST: Date = date(2025, 6, 1);
const EVENING: Date = date(2026, 6, 18);

fn amount(pence: i64) -> Amount {
    Amount::new(Money::from_pence(pence)).unwrap_or_default()
}

fn add(world: &mut MemoryViews, day: Date, subject: Subject, event: Event) {
    let sequence = world.position() + 1;
    let envelope = Envelope {
        id: EventId { command: CommandId(derived_uuid(&sequence.to_string())), index: 0 },
        subject,
        time: london_hour(day, 12),
        effective_from: day,
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: None,
        actor: "bench".into(),
        command_hash: Digest([0; 32]),
        prev: None,
        event,
    };
    world.apply(&Recorded { sequence, envelope });
}

/// A year of homes: each partner paid 333.48 on the 7th and a wage every week; one home in ten has no wages, and is short
/// towards the end of a month.
fn world() -> MemoryViews {
    let mut world = MemoryViews::default();
    for home in 0..HOMES {
        let partners = ["a", "b"].map(|partner| PersonId(derived_uuid(&format!("{partner}{home}"))));
        let claim = ClaimId(derived_uuid(&format!("claim{home}")));
        for person in partners {
            let registered =
                PersonRegistered { birth_date: date(1990, 1, 1), name: None, national_insurance_number: None };
            add(&mut world, FIRST, Subject::Person(person), registered.into());
        }
        let made = ClaimMade {
            benefit: "uk-universal-credit".into(),
            claimants: partners.to_vec(),
            day_of: None,
            dates: None,
        };
        add(&mut world, FIRST, Subject::Claim(claim), made.into());
        for person in partners {
            for month in 1..=12 {
                award(&mut world, person, claim, FIRST.saturating_add(month.months()).saturating_add(6.days()));
            }
            for week in (0..54).filter(|_| home % 10 > 0) {
                wage(&mut world, person, FIRST.saturating_add((week * 7).days()));
            }
        }
    }
    world
}

fn award(world: &mut MemoryViews, person: PersonId, claim: ClaimId, due_on: Date) {
    let (payee, amount) = (Payee::Person(person), amount(33_348));
    let payment = PaymentId(derived_uuid(&format!("{person} {due_on}")));
    let line = PayeeLine { amount, purpose: Purpose::StandardAllowance, for_whom: person, payee };
    let instructed = PaymentInstructed {
        payment,
        kind: PaymentKind::Award,
        payee,
        account_holders: vec![person],
        lines: vec![line],
        amount,
        due_on,
        next_due: Some(due_on.saturating_add(1.month())),
        series: Some("award".into()),
        channel: Channel::FasterPayments,
        claim: Some(claim),
        period: None,
        instalment: 1,
        for_days: None,
        cause: EventId { command: CommandId(derived_uuid("cause")), index: 0 },
        account: None,
        nominal_on: None,
        because: None,
    };
    let released = PaymentReleased { payment, run: RunId(derived_uuid("run")), file: Digest([0; 32]) };
    add(world, due_on, Subject::Person(person), instructed.into());
    add(world, due_on, Subject::Person(person), released.into());
}

fn wage(world: &mut MemoryViews, person: PersonId, paid_on: Date) {
    let reported = EarningsReported {
        paid_on,
        gross: amount(9_000),
        tax: amount(0),
        national_insurance: amount(0),
        pension: amount(0),
        frequency: Frequency::Weekly,
        next_due: None,
        employment: None,
    };
    add(world, paid_on, Subject::Person(person), reported.into());
}

fn file() -> FloorFile {
    let text = include_str!("../../schemas/floors/demo-84-a-week-guaranteed.yaml");
    FloorFile::read(text).unwrap_or_else(|error| unreachable!("the shipped file is read by a test: {error}"))
}

fn law() -> Law {
    Law::new(Vec::new()).unwrap_or_else(|error| unreachable!("no two packs: {error}"))
}

#[divan::bench]
fn each_home_once(bencher: Bencher<'_, '_>) {
    let (world, law, file) = (world(), law(), file());
    bencher
        .counter(ItemsCount::new(HOMES * 2))
        .bench_local(|| black_box(topups::plan(EVENING, black_box(&world), &[], &law, &file)));
}

#[divan::bench]
fn each_person_by_themselves_with_a_copy_of_their_surroundings(bencher: Bencher<'_, '_>) {
    let (world, terms, file) = (world(), law().terms(EVENING), file());
    bencher.counter(ItemsCount::new(HOMES * 2)).bench_local(|| {
        for (person, _) in world.people() {
            black_box(by_themselves(person, black_box(&world), &file, &terms));
        }
    });
}

fn by_themselves(person: PersonId, world: &MemoryViews, file: &FloorFile, terms: &Terms) -> bool {
    let piece = world.around(person);
    let people: BTreeMap<_, _> = piece.people().map(|(id, view)| (id, view.clone())).collect();
    let claims: BTreeMap<_, _> = piece.claims().map(|(id, view)| (id, view.clone())).collect();
    let copy = MemoryViews::piece(world.position(), people, claims);
    let days = Days::new(EVENING, EVENING.saturating_add(62.days())).unwrap_or(Days::one(EVENING));
    let found = means(person, &copy, file, terms).ok().flatten();
    found.is_some_and(|means| judge(&means.ledger, View::default(), file.counts, days).no_gap())
}
