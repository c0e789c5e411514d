//! Who was below the floor on which days, by the simulator's day loop in the strict view; and of each such day whether it
//! could have been prevented.

use std::collections::BTreeSet;
use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use projections::floor::{
    Answered, BreachDay, Channels, Days, FloorAmount, Gaps, Preventable, detection_lags, preventable,
};
use projections::verdict::believed;
use projections::views::{PaymentView, PersonView};
use schemas::events::{Frequency, Nation, PaymentKind, Purpose};
use schemas::{AssessmentPeriod, PersonId, WorkingDays};
use simulator::dayloop::{
    Account, Credit, DaySpan, FloorStep, HeldCredit, Household, Person, Series, Sharing, Source, Units, View,
    household_day_by_day,
};

use crate::lives::{FIRST, LAST};
use crate::year::Year;

/// A day below the floor.
pub struct Found {
    pub name: String,
    pub day: Date,
    pub missing: u128,
    pub answer: Preventable,
    /// What it turns on: what was told too late of the latest fact, or an outage.
    pub turns_on: &'static str,
    /// Whether everything that matters for the day was known by its evening.
    known: bool,
    /// Whether nothing could be done on its evening.
    pub in_outage: bool,
    around: Vec<String>,
}

impl Found {
    /// Whether a guarantee promises that there is no such day.
    pub fn is_preventable(&self) -> bool {
        self.answer == Preventable::Preventable
    }

    /// Whether money sent on the evening of the day itself would have reached it.
    pub fn is_in_reach(&self) -> bool {
        self.known && !self.in_outage
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pence, label) = (self.missing / 434, self.answer.label());
        write!(f, "{} {} {pence}p {label}: {:#?}", self.name, self.day, self.around)
    }
}

/// Every day below the floor in a year.
pub fn breaches(year: &Year) -> Vec<Found> {
    let household = household(year);
    let span = DaySpan { first: FIRST, last: LAST };
    let mut found = Vec::new();
    for purse in household_day_by_day(&household, Sharing::Strict, View::TEST, span) {
        for place in purse.people.iter().filter(|_| purse.gap > Units::ZERO) {
            let person = &year.lives.people[*place];
            if person.covered.iter().any(|(first, last)| *first <= purse.day && purse.day <= *last) {
                let (answer, known, turns_on) = answer(year, &person.name, purse.day);
                let around = around(year, &person.name, purse.day);
                found.push(Found {
                    name: person.name.clone(),
                    day: purse.day,
                    missing: purse.gap.0,
                    answer,
                    turns_on,
                    known,
                    in_outage: year.outages.contains(&purse.day),
                    around,
                });
            }
        }
    }
    found
}

/// Of the days found, those that were believed to be none on the day itself: the detection lags, day by day.
pub fn detection_failures(year: &Year, found: &[Found]) -> BTreeSet<(String, Date)> {
    let names: BTreeSet<&String> = found.iter().map(|found| &found.name).collect();
    let days = Days::new(FIRST, LAST).unwrap();
    let mut failures = BTreeSet::new();
    for name in names {
        let person = year.story.person(name);
        let piece = year.world.around(person);
        let known = piece.people().flat_map(|(_, view)| &view.events);
        let known: BTreeSet<u64> = known.chain(piece.claims().flat_map(|(_, claim)| &claim.events)).copied().collect();
        let history: Vec<_> = year.history.iter().filter(|event| known.contains(&event.sequence)).cloned().collect();
        let (floor, terms) = (&year.rules.floor, year.rules.law.terms(LAST));
        let believed = believed(person, &history, floor, &terms, projections::floor::View::default(), days).unwrap();
        let theirs = found.iter().filter(|found| found.name == *name);
        let unit = FloorAmount::from_units(1).unwrap();
        let actual: Gaps = theirs.map(|found| (found.day, unit)).collect();
        for lag in detection_lags(&actual, &believed.gaps) {
            failures.extend(lag.days.each().map(|day| (name.clone(), day)));
        }
    }
    failures
}

/// Everybody of the year, in the words of the day loop.
fn household(year: &Year) -> Household {
    let lives = &year.lives.people;
    let place = |id: PersonId| lives.iter().position(|person| year.story.person(&person.name) == id);
    let mut credits = Vec::new();
    for (id, view) in year.world.people() {
        for payment in &view.payments {
            credits.extend(paid(payment, place));
        }
        credits.extend(place(id).into_iter().flat_map(|own| wages(own, view)));
    }
    let at = |name: &String| lives.iter().position(|person| person.name == *name);
    let people = lives.iter().map(|person| Person {
        floor: person.floor.iter().map(|(from, month)| FloorStep { from: *from, a_day: month_by_31(*month) }).collect(),
        carer: person.carer.iter().map(|(from, carer)| (*from, at(carer))).collect(),
        ..Person::default()
    });
    Household { people: people.collect(), credits }
}

/// A 31st of a month's amount: a penny has 434 units, which is 14 times 31.
fn month_by_31(month: i64) -> Units {
    Units(u128::try_from(month).unwrap() * 14)
}

/// A payment in the words of the day loop, where it counts.
pub fn paid(payment: &PaymentView, place: impl Fn(PersonId) -> Option<usize>) -> Option<HeldCredit> {
    let counts =
        |purpose: Purpose| matches!(purpose, Purpose::StandardAllowance | Purpose::ChildElement | Purpose::TopUp);
    let pence: i64 =
        payment.lines.iter().filter(|line| counts(line.purpose)).map(|line| line.amount.money().pence()).sum();
    let source = match payment.kind {
        PaymentKind::Award => Source::Award,
        PaymentKind::TopUp => Source::TopUp,
        PaymentKind::Arrears => {
            let (first, last) = payment.for_days?;
            Source::Arrears { first, last }
        }
        PaymentKind::Advance | PaymentKind::Hardship | PaymentKind::CrisisGrant | PaymentKind::ThirdParty => {
            return None;
        }
    };
    let account = match payment.account_holders.as_slice() {
        [one] => Account::Sole(place(*one)?),
        [one, other] => Account::Joint(place(*one)?, place(*other)?),
        _ => return None,
    };
    let credit = Credit {
        usable: payment.usable_on()?,
        amount: Units::pence(u64::try_from(pence).unwrap()),
        source,
        series: Some(Series { number: 0, next_due: payment.next_due }),
        position: payment.position,
    };
    let payee = match account {
        Account::Sole(one) | Account::Joint(one, _) => one,
    };
    Some(HeldCredit { credit, account, payee })
}

fn wages(own: usize, view: &PersonView) -> Vec<HeldCredit> {
    let wage = |pay: &projections::views::Earnings| {
        let next_due = match pay.frequency {
            Frequency::Weekly => Some(pay.paid_on.saturating_add(7.days())),
            Frequency::Monthly => Some(pay.paid_on.saturating_add(1.month())),
            Frequency::Fortnightly | Frequency::FourWeekly | Frequency::Irregular => None,
        };
        let credit = Credit {
            usable: pay.paid_on,
            amount: Units::pence(u64::try_from(pay.net.pence()).unwrap()),
            source: Source::Wage,
            series: Some(Series { number: 1, next_due }),
            position: pay.position,
        };
        HeldCredit { credit, account: Account::Sole(own), payee: own }
    };
    view.earnings.iter().map(wage).collect()
}

/// Whether a day could have been prevented: not where a fact that matters for it was received less than three working days
/// before; and no channel was open where all evenings on which an award of those days could leave fell into an outage.
fn answer(year: &Year, name: &str, day: Date) -> (Preventable, bool, &'static str) {
    let purse = |name: &str| year.lives.people.iter().find(|person| person.name == name).unwrap().purse(day);
    let theirs = |other: &String| purse(other) == purse(name);
    let blows = || year.lives.blows.iter().filter(|blow| blow.from <= day && blow.names.iter().any(theirs));
    let latest = blows().filter(|blow| !is_in_time(blow.received, day)).max_by_key(|blow| blow.received);
    let (notified_on, turns_on) = latest.map_or((FIRST, "outage"), |blow| (blow.received, blow.what));
    let outage =
        std::iter::successors(Some(day), |day| day.yesterday().ok()).take_while(|day| year.outages.contains(day));
    let channels = match outage.last() {
        Some(first) if year.was_due_to_leave(name, first, day) => Channels::NoneOpen,
        Some(_) | None => Channels::Open,
    };
    let breach = BreachDay { day, notified_on: Some(notified_on), channels };
    let [Answered { answer, .. }] = preventable(&[breach], 3, is_working_day)[..] else { unreachable!() };
    (answer, blows().all(|blow| blow.received <= day), turns_on)
}

fn is_in_time(received: Date, day: Date) -> bool {
    let breach = BreachDay { day, notified_on: Some(received), channels: Channels::Open };
    preventable(&[breach], 3, is_working_day).iter().all(|answered| answered.answer.counts())
}

fn is_working_day(day: Date) -> bool {
    WorkingDays::shipped().is_working_day(Nation::England, day).unwrap()
}

impl Year {
    /// Whether every evening on which an award to somebody, or to whom they live off, could leave fell into an outage: from
    /// three working days before it was due, or the evening after its period.
    fn was_due_to_leave(&self, name: &str, first: Date, day: Date) -> bool {
        let person = self.lives.people.iter().find(|person| person.name == name).unwrap();
        let payee = self.story.person(person.purse(day));
        // A week after the period, or on the last working day before (SI 2013/380 reg. 47(2)).
        let pay_day = |period: AssessmentPeriod| {
            WorkingDays::shipped().on_or_before(Nation::England, period.last().saturating_add(7.days())).unwrap()
        };
        let mut claims = self.world.claims().filter(|(_, claim)| claim.adults_on(day).any(|adult| adult == payee));
        claims.any(|(_, claim)| {
            claim.determined.iter().any(|made| {
                let pay_day = pay_day(made.period);
                let ahead = WorkingDays::shipped().add(Nation::England, pay_day, -3).unwrap();
                first <= ahead.max(made.period.last().tomorrow().unwrap()) && pay_day <= day
            })
        })
    }
}

/// What was paid to somebody around a day, for whoever reads a failure.
fn around(year: &Year, name: &str, day: Date) -> Vec<String> {
    let person = year.lives.people.iter().find(|person| person.name == name).unwrap();
    let ids = [name, person.purse(day)].map(|name| year.story.person(name));
    let near = |on: Date| (on - day).get_days().abs() <= 40;
    let payments = year.world.people().filter(|(id, _)| ids.contains(id)).flat_map(|(_, view)| &view.payments);
    let mut lines: Vec<String> = payments
        .filter(|payment| near(payment.due_on))
        .map(|payment| {
            let steps: Vec<String> =
                payment.steps.iter().map(|step| format!("{} {:?}", step.known_on, step.step)).collect();
            format!(
                "{} {} due {} {:?} {}",
                payment.instructed_on,
                payment.kind,
                payment.due_on,
                payment.for_days,
                steps.len()
            ) + &format!(" {} {:?}", payment.amount, payment.usable_on())
                + &format!(" ordered {} {}", payment.ordered_for, steps.last().cloned().unwrap_or_default())
        })
        .collect();
    for blow in year.lives.blows.iter().filter(|blow| near(blow.from) && blow.names.iter().any(|n| n == name)) {
        lines.push(format!("{} BLOW received {}", blow.from, blow.received));
    }
    lines.extend(year.outages.iter().filter(|on| near(**on)).map(|on| format!("{on} OUTAGE")));
    lines.sort();
    lines
}
