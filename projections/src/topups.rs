//! Top-ups for everyone whom a guaranteed floor would leave short (FLOOR.md section 3).
//!
//! Each home, everybody who lives together or cares for one another, is judged once, as it will be with everything that is
//! known to come. Who is short in the strict view is topped up, so that the money can be used by the first day of the gap.

mod because;
mod expected;
mod home;
mod recovered;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemas::events::{
    Channel, Days as PaidDays, Nation, Payee, PayeeLine, PaymentInstructed, PaymentKind, PersonFact, Purpose,
};
use schemas::working_days::is_weekend;
use schemas::{Amount, Money, PaymentId, PersonId, WorkingDays};

use crate::floor::days::plus;
use crate::floor::file::FloorFile;
use crate::floor::topup::TopUp;
use crate::floor::views::LedgerError;
use crate::law::{Law, Terms};
use crate::means::households;
use crate::payments::{self, Planned, Route, bacs_days, derived_uuid};
use crate::views::MemoryViews;

use home::{Home, Need};
pub use recovered::{KeepBack, keep_back};

/// What is to be paid so that nobody falls below the floor, and what has to be said beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopUps {
    /// The top-ups to instruct on the day, in order of people.
    pub planned: Vec<Planned>,
    /// Payees to change: a top-up cures the gap only until then.
    pub advice: Vec<Advice>,
    /// Of whom nothing could be worked out, and why.
    pub problems: Vec<(PersonId, LedgerError)>,
}

/// A person is short because their money goes into an account that is not theirs alone: paying them cures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Who should be paid.
    pub pay: PersonId,
    /// Who is paid in their place.
    pub instead_of: PersonId,
    /// The first day of the gap that opens otherwise.
    pub from: Date,
}

/// The top-ups to instruct on a day. Nobody is paid twice for a day: what was paid counts as money there already, and so
/// does what is paid beside (`also`: the awards, arrears and reissues of the same plan).
pub fn plan(day: Date, world: &MemoryViews, also: &[Planned], law: &Law, file: &FloorFile) -> TopUps {
    let terms = law.terms(day);
    let (mut found, mut done) = (TopUps::default(), BTreeSet::new());
    let mut beside: Beside<'_> = BTreeMap::new();
    also.iter().for_each(|planned| beside.entry(planned.person).or_default().push(planned));
    for (person, _) in world.people() {
        if done.contains(&person) {
            continue;
        }
        let piece = world.around(person);
        done.extend(piece.people().map(|(id, _)| id));
        if !may_be_judged(day, &piece, &terms) {
            continue;
        }
        match Home::of(day, &piece, &beside, law, &terms, file) {
            Ok(Some(home)) => of_home(day, &piece, &home, &mut found),
            Ok(None) => {}
            Err(error) => found.problems.push((person, error)),
        }
    }
    found.planned.sort_by_key(|planned| planned.person);
    found
}

/// What the same plan pays beside the top-ups, by who is entitled: each home looks up its own.
type Beside<'p> = BTreeMap<PersonId, Vec<&'p Planned>>;

/// Whether any day of anybody's from this one on may have a verdict: there is an award, or was one not long ago, so that
/// pay that is reported may carry on from it.
fn may_be_judged(day: Date, piece: &MemoryViews, terms: &Terms) -> bool {
    let open = || households(piece, terms).any(|(_, claim)| claim.is_open_on(day));
    let paid =
        || piece.people().flat_map(|(_, view)| &view.earnings).any(|pay| plus(day, -WITH_PAY_DAYS) <= pay.paid_on);
    open() || paid()
}

/// The first evening from a day on, on which somebody in a home may have to be topped up, as long as nothing else is
/// recorded; none where nobody's days will have a verdict.
pub(crate) fn next_gap(day: Date, home: &MemoryViews, terms: &Terms, file: &FloorFile) -> Option<Date> {
    if !may_be_judged(day, home, terms) {
        let claims = || households(home, terms).map(|(_, claim)| claim);
        let reopened = claims().flat_map(|claim| &claim.closures).filter_map(|(_, until)| *until);
        let begins = claims().filter_map(|claim| claim.entitled_from).chain(reopened);
        return begins.filter(|begins| day < *begins).min();
    }
    home::next_look(day, home, terms, file)
}

/// For how long pay can carry on after an award: as long as a month in hand, and the month it is for.
const WITH_PAY_DAYS: i32 = 124;

fn of_home(day: Date, piece: &MemoryViews, home: &Home, found: &mut TopUps) {
    let needs = home.needs(day);
    for need in &needs {
        found.advice.extend(home.advice(need));
        found.planned.extend(instruction(day, need, route(day, need, &needs, piece), piece));
    }
}

/// By the channel in which the payee is paid, if it is in time; to the payee alone, unless the other holder of their
/// account is topped up by as much into the same account, so that half of both is theirs. With the day from which the
/// money can be used.
fn route(day: Date, need: &Need, needs: &[Need], piece: &MemoryViews) -> (Route, Date) {
    let payee = need.payee;
    let Route { channel: usual, account, holders } =
        payments::route(Payee::Person(payee), None, piece, need.top_up.usable_by);
    let sent_to = |who: PersonId| -> i64 {
        let with_it = |other: &&Need| other.payee == who && other.top_up.usable_by == need.top_up.usable_by;
        needs.iter().filter(with_it).map(|other| other.top_up.amount.pence()).sum()
    };
    let into_it = |who: PersonId| {
        let route = payments::route(Payee::Person(who), None, piece, need.top_up.usable_by);
        (route.channel, &route.account) == (usual, &account)
    };
    let shared_evenly = match holders.as_slice() {
        [holder] => *holder == payee,
        [one, other] => {
            let (one, other) = (*one, *other);
            let in_both_names = (one == payee || other == payee) && into_it(one) && into_it(other);
            in_both_names && sent_to(one) == sent_to(other)
        }
        [] | [_, _, ..] => false,
    };
    let usable_by = need.top_up.usable_by;
    let in_hand = |channel| (Route { channel, account: None, holders: vec![payee] }, usable_by);
    match (usual, shared_evenly) {
        (Channel::Voucher | Channel::Cash, _) => in_hand(usual),
        (Channel::Bacs | Channel::FasterPayments, false) => in_hand(Channel::Voucher),
        (Channel::FasterPayments, true) => (Route { channel: usual, account, holders }, usable_by),
        (Channel::Bacs, true) => match bacs_days(usable_by).filter(|(input, _)| day <= *input) {
            Some((_, entry)) => (Route { channel: usual, account, holders }, entry),
            None => (Route { channel: Channel::FasterPayments, account, holders }, usable_by),
        },
    }
}

/// The working days of a nation; every weekday in years of which the bank holidays are not known.
fn working_days(nation: Nation) -> impl Fn(Date) -> bool {
    move |day| WorkingDays::shipped().is_working_day(nation, day).unwrap_or(!is_weekend(day))
}

/// Where somebody lives on a day; England where nothing is recorded.
fn nation(person: PersonId, piece: &MemoryViews, day: Date) -> Nation {
    match piece.person(person).and_then(|view| view.fact("nation", day)) {
        Some(PersonFact::Nation(nation)) => *nation,
        Some(_) | None => Nation::England,
    }
}

fn instruction(day: Date, need: &Need, (route, due_on): (Route, Date), piece: &MemoryViews) -> Option<Planned> {
    let Need { person, payee, claim, top_up, because } = need;
    let TopUp { amount, covers, .. } = top_up;
    let amount = Amount::new(*amount).ok().filter(|amount| *amount > Amount::ZERO)?;
    let view = piece.claim(*claim)?;
    let cause = view.determined.last().map(|determined| determined.event).or(view.made)?;
    let (first, last) = (covers.from(), covers.to());
    // What was instructed counts as money already, or came back: as much again for the same days is another payment.
    let same = |days: Option<(Date, Date)>, sum: Money| days == Some((first, last)) && sum == amount.money();
    let payments = piece.person(*person)?.payments.iter();
    let before = payments.filter(|paid| paid.kind == PaymentKind::TopUp && same(paid.for_days, paid.amount));
    let name = match before.count() {
        0 => format!("top-up|{person}|{first}|{last}|{amount}"),
        again => format!("top-up|{person}|{first}|{last}|{amount}|{again}"),
    };
    let payee = Payee::Person(*payee);
    Some(Planned {
        person: *person,
        payment: PaymentInstructed {
            payment: PaymentId(derived_uuid(&name)),
            kind: PaymentKind::TopUp,
            payee,
            account_holders: route.holders,
            lines: vec![PayeeLine { amount, purpose: Purpose::TopUp, for_whom: *person, payee }],
            amount,
            due_on: due_on.max(day),
            next_due: None,
            series: None,
            channel: route.channel,
            claim: Some(*claim),
            period: None,
            instalment: 1,
            for_days: PaidDays::new(first, last),
            cause,
            account: route.account,
            nominal_on: None,
            because: Some(*because),
        },
    })
}
