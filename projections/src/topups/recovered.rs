//! What is kept back of money owed late, because a top-up was paid for the same days (FLOOR.md section 3).
//!
//! A top-up is for days on which money could be used, and so are these: an award is lived on from its pay day to the day
//! before the next. What is paid of it later, as arrears or because all of it is late, is owed for those days, and whoever
//! was topped up on them has what they would have had. An award that comes on its day is owed late for none.
//!
//! The least of three sums is kept back: what the top-ups came to for these days, by day (`ledger::kept_back::share`), less
//! what was kept back for them before; the lines owed that count towards the floor, because rent is no part of it; and
//! what leaves nobody who lives on the money with a gap up to the next scheduled credit.

use jiff::ToSpan;
use jiff::civil::Date;
use ledger::kept_back::share;
use schemas::events::{Days as PaidDays, Payee, PayeeLine, PaymentInstructed, PaymentKind, TopUpRecovered};
use schemas::{Amount, Money, PaymentId, PersonId};

use super::Beside;
use super::expected::Expected;
use super::home::{holders, scheduled};
use crate::floor::days::plus;
use crate::floor::file::FloorFile;
use crate::floor::views::{LedgerError, PersonLedger, View, judge_everyone};
use crate::floor::{Days, Gaps, Purposes};
use crate::law::Law;
use crate::lines::apportion;
use crate::means::{ledger, of_payment};
use crate::payments::{Calendar, PayDays, Planned};
use crate::views::{KeptBack, MemoryViews, PaymentView};

/// A part of what is owed late that is not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepBack {
    /// Who is entitled.
    pub person: PersonId,
    /// What is kept back, and for which top-up.
    pub recovered: TopUpRecovered,
}

/// Takes out of what is planned what top-ups stood in for. A payment of which nothing is left stays, as one of nothing, so
/// that nobody takes it to come in full.
///
/// # Errors
/// A child whose recorded carer is not among the people of the views: nothing is kept back of what their home is owed.
pub fn keep_back(
    day: Date,
    world: &MemoryViews,
    pays: &mut [Planned],
    reissues: &[Planned],
    law: &Law,
    file: &FloorFile,
) -> (Vec<KeepBack>, Vec<(PersonId, LedgerError)>) {
    let owed = |(at, planned): (usize, &Planned)| Some((owed_days(planned, world, law)?, at));
    let mut late: Vec<(PaidDays, usize)> = pays.iter().enumerate().filter_map(owed).collect();
    late.sort_by_key(|(days, at)| (days.first(), *at));
    let (mut kept, mut problems): (Vec<KeepBack>, Vec<(PersonId, LedgerError)>) = (Vec::new(), Vec::new());
    for (days, at) in late {
        let Some(planned) = pays.get(at).cloned() else { continue };
        let Payee::Person(payee) = planned.payment.payee else { continue };
        let piece = world.around(planned.person);
        let parts = parts(payee, days, &piece, &kept);
        let topped_up: Money = parts.iter().map(|part| part.left).sum();
        let most = topped_up.min(weights(&planned.payment.lines, file.counts).into_iter().sum());
        if most == Money::ZERO {
            continue;
        }
        if let Some(planned) = pays.get_mut(at) {
            leave(planned, Vec::new());
        }
        match Room::of(day, &piece, &planned, pays.iter().chain(reissues), law, file) {
            Ok(room) => {
                let amount = room.map_or(Money::ZERO, |room| room.most(most));
                let (taken, left) = split(&planned.payment.lines, amount, file.counts);
                kept.extend(keeps(&planned, &parts, taken));
                if let Some(planned) = pays.get_mut(at) {
                    leave(planned, left);
                }
            }
            Err(error) => {
                problems.push((planned.person, error));
                if let Some(place) = pays.get_mut(at) {
                    *place = planned;
                }
            }
        }
    }
    (kept, problems)
}

/// The days for which a payment is owed late; none of one that is not.
fn owed_days(Planned { person, payment }: &Planned, world: &MemoryViews, law: &Law) -> Option<PaidDays> {
    match payment.kind {
        PaymentKind::Arrears => lived_on(*person, payment, None, world, law),
        PaymentKind::Award if payment.instalment > 0 && payment.for_days.is_none() => {
            let part = usize::from(payment.instalment) - 1;
            lived_on(*person, payment, Some(part), world, law).filter(|days| days.first() < payment.due_on)
        }
        // Of an award for several periods nobody says which part is late for which days.
        PaymentKind::Award
        | PaymentKind::Advance
        | PaymentKind::Hardship
        | PaymentKind::TopUp
        | PaymentKind::CrisisGrant
        | PaymentKind::ThirdParty => None,
    }
}

/// The days from the pay day of an award, or of a part of it, to the day before the next. After the last one of a claim
/// they are those of a month.
fn lived_on(
    person: PersonId,
    payment: &PaymentInstructed,
    part: Option<usize>,
    world: &MemoryViews,
    law: &Law,
) -> Option<PaidDays> {
    let (id, period) = payment.claim.zip(payment.period)?;
    let claim = world.claim(id)?;
    let calendar = Calendar::of(&law.of(claim)?.pack, claim.entitled_from?);
    let days = PayDays::new(calendar, (id, claim), world, person, payment.payee);
    let parts = days.of(period);
    let due = parts.get(part.unwrap_or(0)).or(parts.last())?.on;
    let next_part = parts.iter().map(|part| part.on).find(|on| part.is_some() && due < *on);
    let next = next_part.or_else(|| days.next(period, parts.last()?.on)).unwrap_or(due.saturating_add(1.month()));
    PaidDays::new(due, next.saturating_sub(1.day()))
}

/// What a top-up came to for the days that are owed, and was not recovered.
struct Part {
    top_up: PaymentId,
    for_whom: PersonId,
    days: PaidDays,
    left: Money,
}

/// Of every top-up that went into a payee's hands for some of the days: in order of their days.
fn parts(payee: PersonId, owed: PaidDays, piece: &MemoryViews, now: &[KeepBack]) -> Vec<Part> {
    let top_ups = piece.people().flat_map(|(person, view)| view.payments.iter().map(move |payment| (person, payment)));
    let theirs = top_ups.filter(|(_, payment)| {
        let theirs = payment.kind == PaymentKind::TopUp && payment.payee == Payee::Person(payee);
        theirs && payment.usable_on().is_some()
    });
    let mut parts: Vec<Part> = theirs
        .filter_map(|(for_whom, top_up)| {
            let (first, last) = top_up.for_days?;
            let days = PaidDays::new(first.max(owed.first()), last.min(owed.last()))?;
            let came_to = share(top_up.amount, PaidDays::new(first, last)?, days);
            let left = came_to - kept_before(top_up.id, days, piece, now);
            (left > Money::ZERO).then_some(Part { top_up: top_up.id, for_whom, days, left })
        })
        .collect();
    parts.sort_by_key(|part| (part.days.first(), part.top_up));
    parts
}

/// What was kept back before for some of these days of a top-up.
fn kept_before(top_up: PaymentId, days: PaidDays, piece: &MemoryViews, now: &[KeepBack]) -> Money {
    let shares = |first: Date, last: Date| first <= days.last() && days.first() <= last;
    let recorded = piece.people().flat_map(|(_, view)| &view.kept_back);
    let recorded = recorded.filter(|kept: &&KeptBack| kept.top_up == top_up && shares(kept.days.0, kept.days.1));
    let now = now.iter().map(|keep| &keep.recovered);
    let now = now.filter(|kept| kept.top_up == top_up && shares(kept.days.first(), kept.days.last()));
    recorded.map(|kept| kept.amount).sum::<Money>() + now.map(|kept| kept.amount.money()).sum()
}

/// What there is to live on up to the next scheduled credit, but for one payment.
struct Room<'p> {
    ledger: PersonLedger,
    piece: &'p MemoryViews,
    payment: &'p Planned,
    usable: Date,
    window: Days,
    /// Who lives on the payment, by their place among the people of the ledger.
    places: Vec<usize>,
    counts: Purposes,
    day: Date,
}

impl<'p> Room<'p> {
    /// None where no next credit is known: then nobody can say what leaves no gap.
    fn of<'q>(
        day: Date,
        piece: &'p MemoryViews,
        payment: &'p Planned,
        beside: impl Iterator<Item = &'q Planned>,
        law: &Law,
        file: &FloorFile,
    ) -> Result<Option<Room<'p>>, LedgerError> {
        let Payee::Person(payee) = payment.payment.payee else { return Ok(None) };
        let terms = law.terms(day);
        let mut with: Beside<'q> = Beside::new();
        beside.for_each(|planned| with.entry(planned.person).or_default().push(planned));
        let mut ledger = ledger(payment.person, piece, file, &terms)?;
        let expected = Expected::on(day, piece, &with, &ledger, law, &terms);
        ledger.credits.extend(&expected.credits);
        let usable = payment.payment.due_on.max(day);
        // What leaves on the same evening is no next credit: all of it is there at once.
        let tonight = usable.max(plus(day, 1));
        let unknown = expected.unknown_from.get(&payee).copied();
        let next = scheduled(&ledger, payee, file.counts).chain(unknown).filter(|on| tonight < *on).min();
        let Some(window) = next.and_then(|next| Days::new(usable, plus(next, -1)).ok()) else { return Ok(None) };
        let view = PaymentView::new(&payment.payment, u64::MAX, day, day);
        let credits = of_payment(&view, usable, piece);
        let owners: Vec<PersonId> = credits.iter().flat_map(holders).flatten().chain([payee]).collect();
        let lives_on = |place: &usize| ledger.purse_on(*place, usable).is_some_and(|owner| owners.contains(&owner));
        let places = (0..ledger.people().len()).filter(lives_on).collect();
        Ok(Some(Room { ledger, piece, payment, usable, window, places, counts: file.counts, day }))
    }

    /// The most that can be kept back, up to a sum: to the penny, by halving.
    fn most(&self, up_to: Money) -> Money {
        if self.leaves_no_gap(up_to) {
            return up_to;
        }
        let (mut can, mut cannot) = (-1, up_to.pence());
        while can + 1 < cannot {
            let middle = can + (cannot - can) / 2;
            if self.leaves_no_gap(Money::from_pence(middle)) {
                can = middle;
            } else {
                cannot = middle;
            }
        }
        Money::from_pence(can).at_least_zero()
    }

    fn leaves_no_gap(&self, kept: Money) -> bool {
        let (_, left) = split(&self.payment.payment.lines, kept, self.counts);
        let view = PaymentView { lines: left, ..PaymentView::new(&self.payment.payment, u64::MAX, self.day, self.day) };
        let mut ledger = self.ledger.clone();
        ledger.credits.extend(of_payment(&view, self.usable, self.piece));
        let gaps = judge_everyone(&ledger, View::default(), self.counts, self.window);
        self.places.iter().all(|place| gaps.get(*place).is_some_and(Gaps::no_gap))
    }
}

/// What of each line may be kept back: that which counts towards the floor.
fn weights(lines: &[PayeeLine], counts: Purposes) -> Vec<Money> {
    lines.iter().map(|line| if counts.has(line.purpose) { line.amount.money() } else { Money::ZERO }).collect()
}

/// A sum taken out of the lines that count, in proportion; what is taken, and what is left.
fn split(lines: &[PayeeLine], sum: Money, counts: Purposes) -> (Vec<PayeeLine>, Vec<PayeeLine>) {
    let taken = apportion(sum, &weights(lines, counts));
    let left = lines.iter().zip(&taken).map(|(line, taken)| line.amount.money() - *taken).collect::<Vec<_>>();
    (with_amounts(lines, &taken), with_amounts(lines, &left))
}

/// The lines with other amounts; those of nothing left out.
fn with_amounts(lines: &[PayeeLine], amounts: &[Money]) -> Vec<PayeeLine> {
    let of = |(line, amount): (&PayeeLine, &Money)| {
        let amount = Amount::new(*amount).ok().filter(|amount| *amount > Amount::ZERO)?;
        Some(PayeeLine { amount, ..line.clone() })
    };
    lines.iter().zip(amounts).filter_map(of).collect()
}

/// What is kept back for each top-up, the earliest first.
fn keeps(Planned { person, payment }: &Planned, parts: &[Part], mut lines: Vec<PayeeLine>) -> Vec<KeepBack> {
    let mut keeps = Vec::new();
    for Part { top_up, for_whom, days, left } in parts {
        let all: Vec<Money> = lines.iter().map(|line| line.amount.money()).collect();
        let amount = all.iter().copied().sum::<Money>().min(*left);
        let (Some(claim), Some(period)) = (payment.claim, payment.period) else { continue };
        let Some(sum) = Amount::new(amount).ok().filter(|sum| *sum > Amount::ZERO) else { continue };
        let taken = apportion(amount, &all);
        let rest: Vec<Money> = all.iter().zip(&taken).map(|(all, taken)| *all - *taken).collect();
        let recovered = TopUpRecovered {
            top_up: *top_up,
            for_whom: *for_whom,
            days: *days,
            claim,
            period,
            payee: payment.payee,
            lines: with_amounts(&lines, &taken),
            amount: sum,
            cause: payment.cause,
        };
        lines = with_amounts(&lines, &rest);
        keeps.push(KeepBack { person: *person, recovered });
    }
    keeps
}

/// Leaves only these lines of a payment.
fn leave(Planned { payment, .. }: &mut Planned, lines: Vec<PayeeLine>) {
    payment.amount = Amount::new(lines.iter().map(|line| line.amount.money()).sum()).unwrap_or_default();
    payment.lines = lines;
}
