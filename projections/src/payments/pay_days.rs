//! On which days one payee gets the awards of a claim: the rules' day, the person's own choices of day and frequency, and
//! the weekends and bank holidays of their nation.
//!
//! Universal Credit is paid within seven days of the last day of the period (SI 2013/380 reg. 47(2)). A day of the month
//! that somebody chose (`pay_day`) is therefore kept where it falls within these seven days; otherwise the seventh day
//! holds. A day that becomes later, by whatever a person changes, is reached in steps: money lasts a month, or to the day
//! that was announced when it was paid, and the next comes by then.
//!
//! In two parts (SSI 2017/227 reg. 2 in Scotland, elsewhere by an arrangement under reg. 47(1)) the second is paid 15 days
//! after the first (Child Poverty Action Group, Scottish choices, 2023: "around 15 days later"). That four parts are paid
//! on the usual day and 7, 15 and 22 days after it is unconfirmed.
//!
//! A weekend or a bank holiday moves a day earlier, never later (no provision: the Department pays on the last working day
//! before), unless the person asked for the exact day.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{Nation, PaidEvery, PayCalendar, Payee, PaymentKind, PersonFact};
use schemas::working_days::is_weekend;
use schemas::{AssessmentPeriod, ClaimId, PersonId, WorkingDays};

use super::Calendar;
use crate::views::{ClaimView, MemoryViews, PaymentView, PersonView};

/// How long a month's money lasts at least.
const MONTH_LASTS_DAYS: i64 = 31;

/// A day on which money is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayDay {
    /// The day.
    pub on: Date,
    /// The day it would be, had no weekend or bank holiday moved it.
    pub nominal: Date,
}

/// On which days one payee gets what one person is entitled to under a claim.
#[derive(Clone, Copy)]
pub struct PayDays<'w> {
    calendar: Calendar,
    claim: (ClaimId, &'w ClaimView),
    entitled: Option<&'w PersonView>,
    payee: Payee,
    /// Whose calendar counts: the payee's or, of a landlord or a creditor, that of the person entitled.
    person: Option<&'w PersonView>,
}

impl<'w> PayDays<'w> {
    /// Those of a payee.
    pub fn new(
        calendar: Calendar,
        claim: (ClaimId, &'w ClaimView),
        world: &'w MemoryViews,
        entitled: PersonId,
        payee: Payee,
    ) -> PayDays<'w> {
        let person = match payee {
            Payee::Person(person) => person,
            Payee::Landlord | Payee::Creditor(_) => entitled,
        };
        PayDays { calendar, claim, entitled: world.person(entitled), payee, person: world.person(person) }
    }

    /// The day on which the award of a period is due, or the first part of it.
    pub fn first(&self, period: AssessmentPeriod) -> PayDay {
        self.moved(self.nominal(period), period)
    }

    /// The days on which the parts of the award of a period are due.
    pub fn of(&self, period: AssessmentPeriod) -> Vec<PayDay> {
        let first = self.nominal(period);
        let part = |after: &i64| self.moved(first.saturating_add(after.days()), period);
        days_after_first(self.paid_every(period)).iter().map(part).collect()
    }

    /// The first pay day after a day, of a period after this one, while the award goes on as far as known.
    pub fn next(&self, period: AssessmentPeriod, after: Date) -> Option<Date> {
        let (_, claim) = self.claim;
        let cycle = claim.cycle(self.calendar.periods)?;
        let periods = std::iter::successors(cycle.next(period), |period| cycle.next(*period));
        let with_days = periods.take(1_200).map(|next| (next, self.first(next).on));
        let (next, on) = with_days.into_iter().find(|(_, on)| *on > after)?;
        claim.is_open_on(next.last()).then_some(on)
    }

    /// The day before weekends and bank holidays.
    fn nominal(&self, period: AssessmentPeriod) -> Date {
        let lawful = self.lawful(period);
        let Some(person) = self.chooser() else { return lawful };
        let wanted = match person.fact("pay_day", lawful) {
            Some(PersonFact::PayDay(day)) => within(period, lawful, u8::from(*day)).unwrap_or(lawful),
            Some(_) | None => lawful,
        };
        match self.lasts_until(period, person) {
            Some(next) if next < self.moved(wanted, period).on => next.max(period.last().saturating_add(1.day())),
            Some(_) | None => wanted,
        }
    }

    /// The day by which the money of the period before is used up: as it was paid or, where nothing was and the person ever
    /// chose a day or a frequency, as it would have been.
    fn lasts_until(&self, period: AssessmentPeriod, person: &PersonView) -> Option<Date> {
        let (_, claim) = self.claim;
        let cycle = claim.cycle(self.calendar.periods)?;
        let before = cycle.containing(period.first().yesterday().ok()?)?;
        let month_after = |day: Date| day.saturating_add(MONTH_LASTS_DAYS.days());
        let awards = || self.paid(before).filter(|payment| payment.kind == PaymentKind::Award);
        if let Some(first) = awards().map(|payment| payment.due_on).min() {
            let announced = awards().filter_map(|payment| payment.next_due).max();
            return announced.into_iter().chain([month_after(first)]).max();
        }
        let ever_chose = person.facts.keys().any(|key| key == "pay_day" || key == "paid_every");
        ever_chose.then(|| month_after(self.nominal(before)))
    }

    /// What was instructed of the award of a period to this payee, and as arrears for it, and not called off; what stands in
    /// for the first wait aside.
    pub fn paid(&self, period: AssessmentPeriod) -> impl Iterator<Item = &'w PaymentView> {
        let ((claim, _), payee) = (self.claim, self.payee);
        let payments = self.entitled.map_or(&[][..], |view| &view.payments);
        payments.iter().filter(move |payment| {
            let award = matches!(payment.kind, PaymentKind::Award | PaymentKind::Arrears) && payment.instalment > 0;
            award
                && !payment.is_cancelled()
                && payment.claim == Some(claim)
                && payment.payee == payee
                && payment.is_for_period(period)
        })
    }

    fn lawful(&self, period: AssessmentPeriod) -> Date {
        self.calendar.lawful_day(self.claim.1, period)
    }

    /// Whose choice of a day and of a frequency counts: of months that are paid to a person, theirs and of whoever is
    /// entitled; nobody's otherwise.
    fn chooser(&self) -> Option<&'w PersonView> {
        let of_person = matches!(self.payee, Payee::Person(_)) && self.calendar.is_monthly();
        self.person.filter(|_| of_person)
    }

    fn paid_every(&self, period: AssessmentPeriod) -> PaidEvery {
        let entitled = self.chooser().and(self.entitled);
        match entitled.and_then(|person| person.fact("paid_every", self.lawful(period))) {
            Some(PersonFact::PaidEvery(every)) => *every,
            Some(_) | None => PaidEvery::Monthly,
        }
    }

    /// A nominal day, moved to the last working day of the person's nation not after it; of a month never to before it has
    /// ended, because nobody can say then what it gives.
    fn moved(&self, nominal: Date, period: AssessmentPeriod) -> PayDay {
        let fact = |key: &str| self.person.and_then(|person| person.fact(key, self.lawful(period)));
        if fact("pay_calendar") == Some(&PersonFact::PayCalendar(PayCalendar::ExactDay)) {
            return PayDay { on: nominal, nominal };
        }
        let nation = match fact("nation") {
            Some(PersonFact::Nation(nation)) => *nation,
            Some(_) | None => Nation::England,
        };
        let ended = period.last().saturating_add(1.day());
        let earliest = if self.calendar.is_monthly() { ended.min(nominal) } else { Date::MIN };
        PayDay { on: working_day_before(nation, nominal).max(earliest), nominal }
    }
}

/// The last working day not after a day. Of a year whose bank holidays are not known it is the last weekday: nobody's
/// money waits until they are.
fn working_day_before(nation: Nation, day: Date) -> Date {
    WorkingDays::shipped().on_or_before(nation, day).unwrap_or_else(|_| {
        let days = std::iter::successors(Some(day), |day| day.yesterday().ok());
        days.into_iter().find(|day| !is_weekend(*day)).unwrap_or(day)
    })
}

/// How many days after the first day of a period each part of its award is due.
const fn days_after_first(every: PaidEvery) -> &'static [i64] {
    match every {
        PaidEvery::Monthly => &[0],
        PaidEvery::TwiceMonthly => &[0, 15],
        PaidEvery::FourTimesMonthly => &[0, 7, 15, 22],
    }
}

/// The day of the month among the days between the end of a period and its lawful day, where it is.
fn within(period: AssessmentPeriod, lawful: Date, day_of_month: u8) -> Option<Date> {
    let days = std::iter::successors(period.last().tomorrow().ok(), |day| day.tomorrow().ok());
    days.take_while(|day| *day <= lawful).find(|day| u8::try_from(day.day()) == Ok(day_of_month))
}
