//! Generated histories in the words of the day loop. What counts is decided here, from `FLOOR.md` section 2.

use jiff::civil::Date;
use projections::floor::case::Case;
use projections::floor::{self, CreditKind, FloorAmount, Purpose};
use simulator::dayloop::{
    Account, Credit, FloorStep, HeldCredit, History, Household, Outflow, Person, Series, Source, Units,
};

use crate::generate::Scene;
use crate::generate::homes::{Home, Resident};

/// The same history for the day loop.
pub fn history(scene: &Scene) -> History {
    let before_all = FloorStep { from: Date::MIN, a_day: units(scene.floor) };
    let changes = scene.changes.iter().map(|(from, a_day)| FloorStep { from: *from, a_day: units(*a_day) });
    History {
        registered: None,
        credits: scene.credits.iter().map(credit).collect(),
        outflows: scene.outflows.iter().map(outflow).collect(),
        floor: std::iter::once(before_all).chain(changes).collect(),
    }
}

/// The same described case for the day loop.
pub fn described(case: &Case) -> History {
    let steps = case.floor.spans(Date::MIN, Date::MAX);
    History {
        registered: None,
        credits: case.credits.iter().map(credit).collect(),
        outflows: case.outflows.iter().map(outflow).collect(),
        floor: steps.map(|span| FloorStep { from: span.from, a_day: units(*span.value) }).collect(),
    }
}

/// The same home for the day loop.
pub fn household(home: &Home) -> Household {
    let credits = home.scene.credits.iter().zip(&home.accounts).map(|(theirs, (one, other, payee))| HeldCredit {
        credit: credit(theirs),
        account: match other {
            Some(other) if other != one => Account::Joint(*one, *other),
            Some(_) | None => Account::Sole(*one),
        },
        payee: *payee,
    });
    let people = (0..).zip(&home.people).map(|(place, resident)| person(home, place, resident));
    Household { people: people.collect(), credits: credits.collect() }
}

fn person(home: &Home, place: usize, resident: &Resident) -> Person {
    let floor = resident.floor.steps().into_iter();
    let outflows = home.scene.outflows.iter().zip(&home.payers).filter(|(_, payer)| **payer == place);
    Person {
        floor: floor.map(|(from, a_day)| FloorStep { from, a_day: units(a_day) }).collect(),
        outflows: outflows.map(|(theirs, _)| outflow(theirs)).collect(),
        unit: resident.unit.steps(),
        carer: resident.carer.steps(),
    }
}

fn credit(theirs: &floor::Credit) -> Credit {
    Credit {
        usable: theirs.usable,
        amount: Units::pence(theirs.amount.pence().unsigned_abs()),
        source: source(theirs),
        series: series(theirs),
        position: theirs.position,
    }
}

fn series(theirs: &floor::Credit) -> Option<Series> {
    let number = u32::try_from(theirs.series?.0).ok()?;
    Some(Series { number, next_due: theirs.next_due })
}

/// The kind, unless its purpose does not count or something was said of this credit.
///
/// A loan has no purpose: it counts where loans do. What was said to count counts in every view, what was said not to
/// count in none.
fn source(theirs: &floor::Credit) -> Source {
    let kind = by_kind(theirs);
    let loan = matches!(kind, Source::Advance | Source::RecoverableHardship | Source::OtherLoan | Source::Capital);
    match (theirs.counts, theirs.purpose) {
        (Some(true), _) if loan || matches!(kind, Source::ThirdParty | Source::InKind) => Source::OtherIncome,
        (Some(true), _) => kind,
        (Some(false), _) => Source::InKind,
        (None, Purpose::Housing) if !loan => Source::ThirdParty,
        (None, _) => kind,
    }
}

fn by_kind(theirs: &floor::Credit) -> Source {
    match theirs.kind {
        CreditKind::Award => Source::Award,
        CreditKind::Arrears => {
            theirs.pays_for.map_or(Source::Award, |days| Source::Arrears { first: days.from(), last: days.to() })
        }
        CreditKind::Advance => Source::Advance,
        CreditKind::Hardship => Source::RecoverableHardship,
        CreditKind::OtherLoan => Source::OtherLoan,
        CreditKind::TopUp => Source::TopUp,
        CreditKind::CrisisGrant => Source::CrisisGrant,
        CreditKind::Wage => Source::Wage,
        CreditKind::Maintenance => Source::Maintenance,
        CreditKind::Pension => Source::Pension,
        CreditKind::StudentMaintenance => Source::StudentMaintenance,
        CreditKind::OtherIncome => Source::OtherIncome,
        CreditKind::Capital => Source::Capital,
        CreditKind::ThirdParty => Source::ThirdParty,
        CreditKind::InKind => Source::InKind,
    }
}

fn outflow(theirs: &floor::Outflow) -> Outflow {
    Outflow { due: theirs.on, amount: Units::pence(theirs.amount.pence().unsigned_abs()) }
}

fn units(amount: FloorAmount) -> Units {
    Units(amount.units().unsigned_abs().into())
}
