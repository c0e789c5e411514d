//! What each person could live on, day by day, out of the views: every credit with the account it settled in, every
//! day's floor, and the days for which the ledger may answer. What follows from these is the floor's business.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use schemas::events::{
    ClaimFact, Frequency, IncomeKind, OutflowKind, Payee, PayeeLine, PaymentKind, PersonFact, Purpose, Residence, Role,
};
use schemas::{ClaimId, Money, PersonId, Timeline};

use crate::entitlement::Household;
use crate::floor::file::{Changes, FloorFile, Position};
use crate::floor::views::{Account, LedgerError, Member, PersonLedger, TaggedCredit, UnitId};
use crate::floor::{Credit, CreditKind, Days, FloorAmount, Outflow, Scope, Series};
use crate::law::Terms;
use crate::views::{ClaimView, MemoryViews, PaymentView, PersonView};

/// Everything that the floor test asks about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Means {
    /// Credits, floors, units and carers.
    pub ledger: PersonLedger,
    /// Which days the ledger answers for.
    pub scope: Scope,
    /// Days on which the floor file has no figure for the person's position: the rung is not available then.
    pub unavailable: Timeline<bool>,
}

/// What one person, and whoever lives with them, could live on.
///
/// None for somebody who is not registered.
///
/// # Errors
/// A child whose recorded carer is not among the people of the views.
pub fn means(
    person: PersonId,
    world: &MemoryViews,
    file: &FloorFile,
    terms: &Terms,
) -> Result<Option<Means>, LedgerError> {
    let Some(view) = world.person(person) else { return Ok(None) };
    let Some(scope) = scope(person, view, world, terms) else { return Ok(None) };
    let figures = figures(person, view, world, file, terms);
    Ok(Some(Means {
        ledger: ledger(person, world, file, terms)?,
        scope,
        unavailable: mapped(&figures, |figure| figure.is_none()),
    }))
}

/// What everyone in a piece of the world lives on, seen from one of them who is registered.
///
/// # Errors
/// A child whose recorded carer is not among the people of the views.
pub fn ledger(
    person: PersonId,
    world: &MemoryViews,
    file: &FloorFile,
    terms: &Terms,
) -> Result<PersonLedger, LedgerError> {
    let people = world.people().filter(|(_, view)| view.registered.is_some());
    let members = people.map(|(id, view)| member(id, view, world, file, terms)).collect();
    let credits = world.people().flat_map(|(id, view)| credits(id, view, world, terms)).collect();
    PersonLedger::new(person, members, credits)
}

/// Which days the ledger answers for of a person; none for somebody who is not registered.
pub fn scope(person: PersonId, view: &PersonView, world: &MemoryViews, terms: &Terms) -> Option<Scope> {
    let mut residence = Timeline::always(Residence::Resident);
    for span in view.facts.timeline("residence").spans(Date::MIN, Date::MAX) {
        if let Some(PersonFact::Residence(place)) = span.value {
            residence.set_between(span.from, span.to, *place);
        }
    }
    let all_income_seen = seen(person, view, world, terms);
    Some(Scope { registered: view.registered?, died: view.died, residence, all_income_seen })
}

fn member(id: PersonId, view: &PersonView, world: &MemoryViews, file: &FloorFile, terms: &Terms) -> Member {
    let reported =
        view.outflows.iter().map(|outflow| (outflow.kind, Outflow { on: outflow.on, amount: outflow.amount }));
    let outflows = reported.chain(shortfalls(id, world, terms)).filter(|(kind, _)| file.outflows.contains(kind));
    Member {
        person: id,
        floor: mapped(&figures(id, view, world, file, terms), |figure| figure.unwrap_or(FloorAmount::ZERO)),
        outflows: outflows.map(|(_, outflow)| outflow).collect(),
        unit: units(id, world, terms),
        carer: carers(id, view, world, terms),
    }
}

/// Rent and childcare charges of each decided period that no line of its award meets, on the day the award is due, for
/// whoever pays them.
fn shortfalls(id: PersonId, world: &MemoryViews, terms: &Terms) -> Vec<(OutflowKind, Outflow)> {
    let mut shortfalls = Vec::new();
    for (claim_id, claim) in memberships(id, world, terms) {
        for determined in &claim.determined {
            let (period, day) = (determined.period, determined.period.last());
            let Ok(household) = Household::on(claim_id, claim, world, day) else { continue };
            let standing = claim.standing(period).is_some_and(|standing| standing.event == determined.event);
            let charged = |key: &str| match claim.fact(key, day) {
                Some(ClaimFact::Rent(sum) | ClaimFact::ServiceCharges(sum) | ClaimFact::ChildcareCharges(sum)) => {
                    sum.money()
                }
                Some(_) | None => Money::ZERO,
            };
            let met = |purpose: Purpose| -> Money {
                determined.lines.iter().filter(|line| line.purpose == purpose).map(|line| line.amount.money()).sum()
            };
            let costs = [
                (OutflowKind::RentShortfall, Purpose::Housing, charged("rent") + charged("service_charges")),
                (OutflowKind::ChildcareShortfall, Purpose::Childcare, charged("childcare_charges")),
            ];
            for (kind, purpose, charged) in costs {
                let amount = charged - met(purpose);
                if standing && amount > Money::ZERO && household.rule_payee(purpose, id) == id {
                    let on = terms.pay_days((claim_id, claim), world, id).first(period).on;
                    shortfalls.push((kind, Outflow { on, amount }));
                }
            }
        }
    }
    shortfalls
}

fn mapped<T: Clone + PartialEq, U: Clone + PartialEq>(timeline: &Timeline<T>, f: impl Fn(&T) -> U) -> Timeline<U> {
    let mut out = Timeline::always(f(timeline.at(Date::MIN)));
    for day in timeline.change_days() {
        out.set_from(day, f(timeline.at(day)));
    }
    out
}

/// What the floor file asks for a person on each day: by age, by whether they live as a couple, and by date. None where
/// the rung has no figure; nothing is asked before birth and after death.
fn figures(
    id: PersonId,
    view: &PersonView,
    world: &MemoryViews,
    file: &FloorFile,
    terms: &Terms,
) -> Timeline<Option<FloorAmount>> {
    let born = view.born.unwrap_or(Date::MIN);
    let memberships = memberships(id, world, terms);
    let shift = |day: Date, goes_by: GoesBy| match file.changes {
        Changes::OnDate => (day, day),
        Changes::WithFirstPayment => {
            let paid = memberships.iter().find_map(|claim| first_payment(*claim, id, world, day, goes_by, terms));
            (paid.unwrap_or(day), day)
        }
    };
    let adults = memberships.iter().flat_map(|(_, claim)| claim.members.iter()).filter(|m| m.role == Role::Adult);
    let partners = adults.filter_map(|adult| world.person(adult.person)?.born).map(|born| birthday(born, 25));
    let birthdays = [14, 16, 25].map(|age| birthday(born, age)).into_iter().chain(partners);
    let figure_days = Position::ALL.iter().flat_map(|position| file.figure(*position).change_days());
    let figure_days = figure_days.map(|day| shift(day, GoesBy::FirstDay));
    let mut law_days: Vec<(Date, Date)> = birthdays.map(|day| shift(day, GoesBy::LastDay)).chain(figure_days).collect();
    law_days.sort_unstable();
    let member_days =
        memberships.iter().flat_map(|(_, claim)| claim.members.iter()).flat_map(|m| [Some(m.from), m.until]);
    let deaths =
        memberships.iter().flat_map(|(_, claim)| claim.members.iter()).filter_map(|m| world.person(m.person)?.died);
    let after_deaths: Vec<Date> = deaths.chain(view.died).filter_map(|died| died.tomorrow().ok()).collect();
    let mut days: Vec<Date> = law_days.iter().map(|(shown, _)| *shown).chain(member_days.flatten()).collect();
    days.extend(after_deaths.into_iter().chain([born]));
    days.sort_unstable();
    days.dedup();
    let alive = |day: Date| born <= day && view.died.is_none_or(|died| day <= died);
    // The latest law that binds on the day: the day itself, unless a change of it still waits for a payment.
    let law_on = |day: Date| match law_days.iter().find(|(shown, real)| *real <= day && day < *shown) {
        Some((_, real)) => real.yesterday().unwrap_or(*real),
        None => day,
    };
    let on = |day: Date| {
        if alive(day) {
            file.floor_on(position(id, view, world, terms, day, law_on(day)), law_on(day))
        } else {
            Some(FloorAmount::ZERO)
        }
    };
    let mut timeline = Timeline::always(on(Date::MIN));
    for day in days {
        timeline.set_from(day, on(day));
    }
    timeline
}

/// Which day of a period decides what is paid for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GoesBy {
    /// The first: an uprating.
    FirstDay,
    /// The last: how old people are (SI 2013/381 Sch. 1 para. 20).
    LastDay,
}

/// The day on which the first payment that a change on a day bears on is due.
fn first_payment(
    (id, claim): (ClaimId, &ClaimView),
    person: PersonId,
    world: &MemoryViews,
    day: Date,
    goes_by: GoesBy,
    terms: &Terms,
) -> Option<Date> {
    let calendar = terms.calendar(claim);
    let period = claim.period_on(day, calendar.periods)?;
    let at_the_rate = match goes_by {
        GoesBy::LastDay => period,
        GoesBy::FirstDay if period.first() == day => period,
        GoesBy::FirstDay => claim.cycle(calendar.periods)?.next(period)?,
    };
    Some(terms.pay_days((id, claim), world, person).first(at_the_rate).on)
}

/// The birthday on which an age is reached; somebody born on 29 February reaches it on 1 March in common years.
fn birthday(born: Date, age: i16) -> Date {
    let year = born.year().saturating_add(age);
    Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, 3, 1)).unwrap_or(Date::MAX)
}

fn position(id: PersonId, view: &PersonView, world: &MemoryViews, terms: &Terms, day: Date, law: Date) -> Position {
    let of_age = |view: &PersonView, age: i16| view.born.is_some_and(|born| birthday(born, age) <= law);
    let claim = claim_on(id, world, terms, day);
    let own_role =
        claim.and_then(|claim| claim.members_on(day).find(|member| member.person == id)).map(|member| member.role);
    match own_role {
        Some(Role::Child | Role::YoungPerson) => {
            if of_age(view, 14) {
                Position::Child14OrOver
            } else {
                Position::ChildUnder14
            }
        }
        None if !of_age(view, 16) => {
            if of_age(view, 14) {
                Position::Child14OrOver
            } else {
                Position::ChildUnder14
            }
        }
        Some(Role::Adult) => {
            let partner = claim.and_then(|claim| claim.adults_on(day).find(|adult| *adult != id));
            let living = |partner: &&PersonView| partner.died.is_none_or(|died| day <= died);
            match partner.and_then(|partner| world.person(partner)).filter(living) {
                Some(partner) if of_age(view, 25) || of_age(partner, 25) => Position::CoupleEach,
                Some(_) => Position::CoupleEachUnder25,
                None if of_age(view, 25) => Position::Single25OrOver,
                None => Position::SingleUnder25,
            }
        }
        Some(Role::NonDependant) | None => {
            if of_age(view, 25) {
                Position::Single25OrOver
            } else {
                Position::SingleUnder25
            }
        }
    }
}

/// The claims that say who lives together.
pub fn households<'w>(world: &'w MemoryViews, terms: &Terms) -> impl Iterator<Item = (ClaimId, &'w ClaimView)> {
    world.claims().filter(|(_, claim)| terms.is_household(claim))
}

/// The households a person was ever part of.
fn memberships<'w>(id: PersonId, world: &'w MemoryViews, terms: &Terms) -> Vec<(ClaimId, &'w ClaimView)> {
    households(world, terms).filter(|(_, claim)| claim.members.iter().any(|member| member.person == id)).collect()
}

/// The claim whose household a person belongs to on a day; the latest where there are several.
fn claim_on<'w>(id: PersonId, world: &'w MemoryViews, terms: &Terms, day: Date) -> Option<&'w ClaimView> {
    let belongs = |claim: &&ClaimView| claim.members_on(day).any(|member| member.person == id);
    households(world, terms).map(|(_, claim)| claim).filter(belongs).max_by_key(|claim| claim.entitled_from)
}

fn units(id: PersonId, world: &MemoryViews, terms: &Terms) -> Timeline<Option<UnitId>> {
    let mut units = Timeline::always(None);
    for (unit, (_, claim)) in (1u64..).zip(households(world, terms)) {
        for member in claim.members.iter().filter(|member| member.person == id && member.role != Role::NonDependant) {
            let last = member.until.map_or(Date::MAX, |until| until.yesterday().unwrap_or(until));
            units.set_between(member.from, last, Some(UnitId(unit)));
        }
    }
    units
}

/// Who carries a child's floor on each day: the carer recorded for the child, or the main carer of the claim; from the day
/// somebody dies on, whoever of them is left.
fn carers(id: PersonId, view: &PersonView, world: &MemoryViews, terms: &Terms) -> Timeline<Option<PersonId>> {
    let died = |person: PersonId| world.person(person).and_then(|view| view.died);
    let mut carers = Timeline::always(None);
    for (claim_id, claim) in memberships(id, world, terms) {
        let child = |role: Role| matches!(role, Role::Child | Role::YoungPerson);
        for member in claim.members.iter().filter(|member| member.person == id && child(member.role)) {
            let last = member.until.map_or(Date::MAX, |until| until.yesterday().unwrap_or(until));
            let comings_and_goings = claim.members.iter().flat_map(|m| [Some(m.from), m.until]).flatten();
            let facts = claim.facts.timeline("main_carer");
            let deaths = claim.members.iter().filter_map(|member| died(member.person));
            let changes = facts.change_days().chain(comings_and_goings).chain(deaths);
            let mut days: Vec<Date> = changes.chain([member.from]).collect();
            days.retain(|day| member.from <= *day && *day <= last);
            days.sort_unstable();
            for day in days {
                let carer = Household::on(claim_id, claim, world, day).ok().map(|household| household.main_carer());
                carers.set_between(day, last, carer);
            }
        }
    }
    for span in view.facts.timeline("carer").spans(Date::MIN, Date::MAX) {
        if let Some(PersonFact::Carer(carer)) = span.value {
            let alive_to = died(*carer).map_or(Date::MAX, |died| died.yesterday().unwrap_or(died));
            if span.from <= alive_to {
                carers.set_between(span.from, span.to.min(alive_to), Some(*carer));
            }
        }
    }
    carers
}

/// How long after the last day that was seen the next pay may come for the days between to count as seen: a first
/// monthly wage after a month in hand.
const NEXT_PAY_DAYS: i32 = 62;

/// The days of which all income is seen: those of an open claim, and from its last day on those up to the next pay day of
/// pay that an employer goes on reporting.
fn seen(id: PersonId, view: &PersonView, world: &MemoryViews, terms: &Terms) -> Timeline<bool> {
    let mut seen = Timeline::always(false);
    for (_, claim) in memberships(id, world, terms) {
        for member in claim.members.iter().filter(|member| member.person == id) {
            let last = member.until.map_or(Date::MAX, |until| until.yesterday().unwrap_or(until));
            let mut days: Vec<Date> =
                claim.closures.iter().flat_map(|(from, until)| [Some(*from), *until]).flatten().collect();
            days.extend([member.from].into_iter().chain(claim.entitled_from));
            days.retain(|day| member.from <= *day && *day <= last);
            days.sort_unstable();
            for (from, next) in days.iter().zip(days.iter().skip(1).copied().map(Some).chain([None])) {
                let to = next.map_or(last, |next| next.yesterday().unwrap_or(next));
                if claim.is_open_on(*from) {
                    seen.set_between(*from, to, true);
                }
            }
        }
    }
    let spells: Vec<Date> = seen.spans(Date::MIN, Date::MAX).filter(|span| *span.value).map(|span| span.to).collect();
    for last in spells.into_iter().filter(|last| *last < Date::MAX) {
        let reach = reported_from(view, last);
        seen.set_between(last, reach, true);
    }
    seen
}

/// The last day up to which reported pay follows on a day without a break.
fn reported_from(view: &PersonView, last: Date) -> Date {
    let mut pays: Vec<(Date, Date)> = view
        .earnings
        .iter()
        .map(|pay| (pay.paid_on, pay.next_due.and_then(|next| next.yesterday().ok()).unwrap_or(pay.paid_on)))
        .collect();
    pays.sort_unstable();
    pays.into_iter().fold(last, |reach, (paid_on, covered)| {
        let follows = (paid_on - reach).get_days() <= NEXT_PAY_DAYS;
        if follows { reach.max(covered) } else { reach }
    })
}

/// Every credit of a person, and every payment that stands on them wherever it settled.
fn credits(id: PersonId, view: &PersonView, world: &MemoryViews, terms: &Terms) -> Vec<TaggedCredit> {
    let own = |credit: Credit| TaggedCredit { credit, settled: Account::Sole(id), payee: id };
    let arrived = view.payments.iter().filter_map(|payment| Some((payment, payment.usable_on()?)));
    let mut credits: Vec<TaggedCredit> =
        arrived.flat_map(|(payment, usable)| of_payment(payment, usable, world)).collect();
    credits.extend(view.earnings.iter().map(|pay| {
        let job = format!("wage {id} {}", pay.employment.as_deref().unwrap_or_default());
        own(Credit {
            usable: pay.paid_on,
            amount: pay.net,
            kind: CreditKind::Wage,
            purpose: Purpose::Earnings,
            series: Some(series(&job)),
            next_due: pay.next_due.or_else(|| after(pay.paid_on, pay.frequency)),
            pays_for: None,
            position: pay.position,
            counts: None,
        })
    }));
    credits.extend(view.incomes.iter().map(|income| {
        own(Credit {
            usable: income.on,
            amount: income.amount,
            kind: income_kind(income.kind),
            purpose: Purpose::GeneralIncome,
            series: income.next_due.map(|_| series(&format!("{} {id}", income.kind))),
            next_due: income.next_due,
            pays_for: None,
            position: income.position,
            counts: None,
        })
    }));
    credits.extend(capital(id, world, terms));
    credits
}

/// Capital declared on a claim when it begins, half each for a couple: an opening lot that only one view counts.
fn capital(id: PersonId, world: &MemoryViews, terms: &Terms) -> Option<TaggedCredit> {
    let (_, claim) = memberships(id, world, terms).into_iter().find(|(_, claim)| claim.entitled_from.is_some())?;
    let day = claim.entitled_from?;
    let (adults, record) = (claim.adults_on(day).count(), claim.facts.record_on("capital", day)?);
    let ClaimFact::Capital(sum) = &record.value else { return None };
    let share = i64::try_from(adults).ok().and_then(|adults| sum.money().pence().checked_div(adults))?;
    claim.adults_on(day).find(|adult| *adult == id)?;
    let credit = Credit {
        usable: day,
        amount: Money::from_pence(share),
        kind: CreditKind::Capital,
        purpose: Purpose::GeneralIncome,
        series: None,
        next_due: None,
        pays_for: None,
        position: record.position,
        counts: None,
    };
    Some(TaggedCredit { credit, settled: Account::Sole(id), payee: id })
}

/// The next pay day by the frequency, where nobody said another.
fn after(paid_on: Date, frequency: Frequency) -> Option<Date> {
    let step: Span = match frequency {
        Frequency::Weekly => 7.days(),
        Frequency::Fortnightly => 14.days(),
        Frequency::FourWeekly => 28.days(),
        Frequency::Monthly => 1.month(),
        Frequency::Irregular => return None,
    };
    paid_on.checked_add(step).ok()
}

const fn income_kind(kind: IncomeKind) -> CreditKind {
    match kind {
        IncomeKind::Wage => CreditKind::Wage,
        IncomeKind::Maintenance => CreditKind::Maintenance,
        IncomeKind::Pension => CreditKind::Pension,
        IncomeKind::StudentMaintenance => CreditKind::StudentMaintenance,
        IncomeKind::OtherBenefit | IncomeKind::Other => CreditKind::OtherIncome,
        IncomeKind::CrisisGrant => CreditKind::CrisisGrant,
        IncomeKind::Loan => CreditKind::OtherLoan,
    }
}

/// One credit for each purpose of a payment that can be used from a day on.
pub fn of_payment(payment: &PaymentView, usable: Date, world: &MemoryViews) -> Vec<TaggedCredit> {
    let Some(settled) = account(payment) else { return Vec::new() };
    let mut credits: Vec<TaggedCredit> = Vec::new();
    for line in &payment.lines {
        let payee = rule_payee(payment, line, world);
        let same = |c: &&mut TaggedCredit| c.credit.purpose == line.purpose && c.payee == payee;
        match credits.iter_mut().find(same) {
            Some(credit) => credit.credit.amount += line.amount.money(),
            None => credits.push(TaggedCredit { credit: of_line(payment, line, usable), settled, payee }),
        }
    }
    credits
}

fn of_line(payment: &PaymentView, line: &PayeeLine, usable: Date) -> Credit {
    let kind = match payment.kind {
        PaymentKind::Award => CreditKind::Award,
        PaymentKind::Arrears => CreditKind::Arrears,
        PaymentKind::Advance => CreditKind::Advance,
        PaymentKind::Hardship => CreditKind::Hardship,
        PaymentKind::TopUp => CreditKind::TopUp,
        PaymentKind::CrisisGrant => CreditKind::CrisisGrant,
        // Goes to a creditor, so that it is nobody's credit; it counts as nothing more than the award it was taken from.
        PaymentKind::ThirdParty => CreditKind::Award,
    };
    Credit {
        usable,
        amount: line.amount.money(),
        kind,
        purpose: line.purpose,
        series: payment.series.as_deref().map(series),
        next_due: payment.next_due,
        pays_for: payment.for_days.and_then(|(first, last)| Days::new(first, last).ok()),
        position: payment.position,
        counts: None,
    }
}

/// Whose account a payment settled in; none where a third party received it.
fn account(payment: &PaymentView) -> Option<Account> {
    match (payment.payee, payment.account_holders.as_slice()) {
        (Payee::Landlord | Payee::Creditor(_), _) | (Payee::Person(_), []) => None,
        (Payee::Person(_), [holder]) => Some(Account::Sole(*holder)),
        (Payee::Person(_), [first, second, ..]) => Some(Account::Joint(*first, *second)),
    }
}

/// Where the payee rule alone would have sent a line.
fn rule_payee(payment: &PaymentView, line: &PayeeLine, world: &MemoryViews) -> PersonId {
    let household = payment
        .claim
        .zip(payment.period)
        .and_then(|(id, period)| world.claim(id).and_then(|claim| Household::on(id, claim, world, period.last()).ok()));
    household.map_or(line.for_whom, |household| household.rule_payee(line.purpose, line.for_whom))
}

/// A number that tells a series from others: the same for the same name (FNV-1a, 64 bits). Every credit asks for it.
fn series(name: &str) -> Series {
    let mix = |number: u64, byte: u8| (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    Series(name.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

/// The sum of everything a person was paid and could use up to a day, by the ledger's own payments.
pub fn paid_until(view: &PersonView, day: Date) -> Money {
    let usable = view.payments.iter().filter(|payment| payment.usable_on().is_some_and(|on| on <= day));
    usable.map(|payment| payment.amount).sum()
}
