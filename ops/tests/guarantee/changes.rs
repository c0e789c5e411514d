//! Somebody who changes how they are paid, and when, as often as they like, never runs out of money because of it: decided
//! and paid evening by evening, and judged by the day loop.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use ops::cli::Global;
use ops::rules::RuleSet;
use projections::payments::derived_uuid;
use projections::views::PaymentView;
use proptest::prelude::*;
use schemas::day::london_hour;
use schemas::events::{
    Account, Channel, ClaimMade, DayOfMonth, Event, Nation, PaidEvery, PayCalendar, PaymentKind, PersonFact,
    PersonFactRecorded, PersonRegistered, Sealed,
};
use schemas::{ClaimId, CommandId, Digest, Envelope, EventId, PersonId, Recorded, Subject};
use simulator::dayloop::{DaySpan, FloorStep, Household, Person, Sharing, Units, View, household_day_by_day};
use simulator::replay::replay;

use crate::judge::paid;

/// 424.90 are enough for 35 days at 12.00: a month, and the days by which a weekend or a holiday can move a pay day.
const START: Date = date(2026, 6, 1);
const DAYS: i64 = 400;

/// A change, told so many days after the start, for so many days or for good.
type Change = (i64, PersonFact, Option<i64>);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let every = vec![PaidEvery::Monthly, PaidEvery::TwiceMonthly, PaidEvery::FourTimesMonthly];
    let nations = vec![Nation::England, Nation::Scotland, Nation::Wales]; // Northern Ireland has its own Universal Credit.
    let channels = vec![Channel::Bacs, Channel::FasterPayments, Channel::Voucher, Channel::Cash];
    let fact = prop_oneof![
        prop::sample::select(every).prop_map(PersonFact::PaidEvery),
        (1u8..=28).prop_map(|day| PersonFact::PayDay(DayOfMonth::new(day).unwrap())),
        Just(PersonFact::PayCalendar(PayCalendar::ExactDay)),
        prop::sample::select(channels).prop_map(PersonFact::PaidBy),
        prop::sample::select(nations).prop_map(PersonFact::Nation),
    ];
    prop::collection::vec((0..DAYS - 30, fact, prop::option::of(10i64..150)), 1..10)
}

struct Told {
    person: PersonId,
    history: Vec<Recorded>,
}

impl Told {
    fn of(start: Date, mut changes: Vec<Change>) -> Told {
        let (person, claim) = (PersonId(derived_uuid("ann")), ClaimId(derived_uuid("claim")));
        let mut told = Told { person, history: Vec::new() };
        let registered = PersonRegistered { birth_date: date(1990, 1, 1), name: None, national_insurance_number: None };
        told.tell(start, None, Subject::Person(person), registered.into());
        let number = Sealed { r#ref: derived_uuid("account"), commitment: Digest([1; 32]) };
        let account = PersonFact::Account(Account { number, holders: vec![person] });
        told.tell(start, None, Subject::Person(person), PersonFactRecorded { fact: account }.into());
        let (benefit, claimants) = ("uk-universal-credit".into(), vec![person]);
        let made = ClaimMade { benefit, claimants, dates: None, day_of: None };
        told.tell(start, None, Subject::Claim(claim), made.into());
        changes.sort_by_key(|(after, ..)| *after);
        for (after, fact, lasts) in changes {
            let day = start.saturating_add(after.days());
            let to = lasts.map(|days| day.saturating_add(days.days()));
            told.tell(day, to, Subject::Person(person), PersonFactRecorded { fact }.into());
        }
        told
    }

    fn tell(&mut self, day: Date, to: Option<Date>, subject: Subject, event: Event) {
        let sequence = self.history.len() as u64 + 1;
        let command = CommandId(derived_uuid(&format!("told {sequence}")));
        let envelope = Envelope {
            id: EventId { command, index: 0 },
            subject,
            time: london_hour(day, 9),
            effective_from: day,
            effective_to: to,
            notified_on: None,
            decided_on: None,
            causation: None,
            correlation: None,
            actor: "test".into(),
            command_hash: Digest([0; 32]),
            prev: None,
            event,
        };
        self.history.push(Recorded { sequence, envelope });
    }

    /// What was paid under a rulebook.
    fn paid_under(&self, rulebook: &str, until: Date) -> Vec<PaymentView> {
        let packs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs");
        let global = Global { packs: Some(packs), ..Global::default() };
        let rules = RuleSet::find(&global, rulebook).unwrap();
        replay(&self.history, rules.regime(), until).world.person(self.person).unwrap().payments.clone()
    }
}

/// The days without enough from the first payment to the last.
fn days_below(payments: &[PaymentView]) -> Vec<Date> {
    let usable = || payments.iter().filter_map(PaymentView::usable_on);
    let (Some(first), Some(last)) = (usable().min(), usable().max()) else { return Vec::new() };
    let floor = vec![FloorStep { from: START, a_day: Units::pence(1_200) }];
    let people = vec![Person { floor, ..Person::default() }];
    let household =
        Household { people, credits: payments.iter().filter_map(|payment| paid(payment, |_| Some(0))).collect() };
    let purses = household_day_by_day(&household, Sharing::Strict, View::TEST, DaySpan { first, last });
    purses.into_iter().filter(|purse| purse.gap > Units::ZERO).map(|purse| purse.day).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn changing_how_and_when_somebody_is_paid_opens_no_gap(first in 0i64..28, changes in changes()) {
        let start = START.saturating_add(first.days());
        let (told, until) = (Told::of(start, changes), start.saturating_add(DAYS.days()));
        let measured = told.paid_under("current-law", until);
        prop_assert_eq!(days_below(&measured), Vec::<Date>::new());
        // Where the floor is guaranteed awards leave ahead: nothing needs to be topped up after the first of them.
        let guaranteed = told.paid_under("current-law-guaranteed", until);
        let awards = guaranteed.iter().filter(|payment| payment.kind != PaymentKind::TopUp);
        let first_award = awards.map(|payment| payment.due_on).min().unwrap();
        let topped_up = guaranteed.iter().filter_map(|payment| payment.because.and(payment.for_days));
        prop_assert_eq!(topped_up.filter(|(from, _)| first_award <= *from).collect::<Vec<_>>(), Vec::new());
    }
}
