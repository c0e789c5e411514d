//! Had this person cash for the floor on this day? The four steps of `FLOOR.md` section 1, one civil day after another.
//!
//! This is the check, not the fast way. It is written from that page alone and shares no code with the interval form in
//! `projections`, so that an error in one shows as a difference from the other: keep it plain, and never make it faster
//! by making it cleverer. Whose account a credit reached, which purposes count and which days are in scope are decided
//! by the caller, who passes the credits and the span of one person (or of one unit, for pooling).

mod credit;
mod household;
mod level;

pub use credit::{Credit, Series, Source, Standing, Units};
pub use household::{Account, HeldCredit, Household, Person, PurseDay, Sharing, household_day_by_day};
pub use level::{Cover, CoverTooLarge, cover};

use jiff::civil::Date;

/// What is known of one person at one position of the stream. The lists may stand in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The day from which the person's days are lived, also where no credit has come yet.
    pub registered: Option<Date>,
    /// Money that the person can use from some day on.
    pub credits: Vec<Credit>,
    /// Unavoidable payments, on the closed list of the floor file.
    pub outflows: Vec<Outflow>,
    /// The floor by day. Before the first step nothing is taken.
    pub floor: Vec<FloorStep>,
}

/// An unavoidable payment on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outflow {
    /// The day on which it is due.
    pub due: Date,
    /// What is due.
    pub amount: Units,
}

/// The floor from a day on, until a later step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloorStep {
    /// The first day at this floor.
    pub from: Date,
    /// What the person needs on each day, already rounded down.
    pub a_day: Units,
}

/// The first and the last day that get a verdict, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySpan {
    /// The first day judged.
    pub first: Date,
    /// The last day judged.
    pub last: Date,
}

/// Whether money that was expected to be gone by now is still there (`FLOOR.md` section 2, expiry views).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// A lot is dropped after its last day: the test itself.
    Expiring,
    /// Step 1 is left out: only a gap that remains here could not have been avoided by any budgeting.
    Unexpiring,
    /// Lots expire, and declared accessible capital is an opening lot that never does.
    WithCapital,
}

/// Whether borrowed money counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Debt {
    /// No loan counts: the hard test.
    Hard,
    /// Loans count, and a breach they fill is one avoided by debt.
    WithDebt,
}

/// Whether unavoidable outflows are taken before the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outflows {
    /// Step 3 is left out.
    Ignored,
    /// Step 3 is done.
    Counted,
}

/// Which question is asked of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Whether lots expire.
    pub expiry: Expiry,
    /// Whether loans count.
    pub debt: Debt,
    /// Whether outflows are taken.
    pub outflows: Outflows,
}

/// One day as it was lived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LivedDay {
    /// The civil day in London.
    pub day: Date,
    /// `F(p,d)`.
    pub floor: Units,
    /// `gap(p,d)`: the part of the floor that could not be taken. Zero is no breach.
    pub gap: Units,
    /// The part of the day's outflows that could not be taken. It is reported and not carried to another day.
    pub unmet_outflow: Units,
}

/// Lives every day from the first credit or registration on, and returns the days of the span in order.
///
/// Nothing is returned for a span whose first day is after its last.
/// Source: `FLOOR.md` section 1, steps 1 to 4.
pub fn day_by_day(history: &History, view: View, span: DaySpan) -> Vec<LivedDay> {
    let mut lots: Vec<Lot> = Vec::new();
    let mut lived = Vec::new();
    for day in days(first_day(history, span), span.last) {
        if view.expiry != Expiry::Unexpiring {
            lots.retain(|lot| !has_expired(lot, day)); // Step 1: what was left in a dropped lot is taken as spent.
        }
        lots.extend(usable_from(history, view, day)); // Step 2.
        let unmet_outflow = match view.outflows {
            Outflows::Counted => take(&mut lots, due_on(&history.outflows, day)), // Step 3.
            Outflows::Ignored => Units::ZERO,
        };
        let floor = floor_on(&history.floor, day);
        let gap = take(&mut lots, floor); // Step 4.
        if day >= span.first {
            lived.push(LivedDay { day, floor, gap, unmet_outflow });
        }
    }
    lived
}

impl View {
    /// The test itself: lots expire, no loan counts, no outflow is taken.
    pub const TEST: View = View { expiry: Expiry::Expiring, debt: Debt::Hard, outflows: Outflows::Ignored };

    /// Every view there is, for checks that must leave none out.
    pub fn all() -> Vec<View> {
        let mut views = Vec::new();
        for expiry in [Expiry::Expiring, Expiry::Unexpiring, Expiry::WithCapital] {
            for debt in [Debt::Hard, Debt::WithDebt] {
                for outflows in [Outflows::Ignored, Outflows::Counted] {
                    views.push(View { expiry, debt, outflows });
                }
            }
        }
        views
    }

    fn counts(self, source: Source) -> bool {
        match source.standing() {
            Standing::Income => true,
            Standing::Loan => self.debt == Debt::WithDebt,
            Standing::Capital => self.expiry == Expiry::WithCapital,
            Standing::Never => false,
        }
    }
}

/// What is left of one credit, or of one holder's half of it.
struct Lot {
    left: Units,
    last_day: Date,
    credit: Credit,
    /// In whose purse it is, where there are several.
    holder: usize,
    /// Whether it is the half of a joint account's second holder.
    second_half: bool,
}

impl Lot {
    fn of(credit: &Credit, holder: usize) -> Lot {
        Lot { left: credit.amount, last_day: credit.last_day(), credit: *credit, holder, second_half: false }
    }
}

/// Living starts at the first credit or registration, and no later than the days to be judged.
fn first_day(history: &History, span: DaySpan) -> Date {
    let credits = history.credits.iter().map(|credit| credit.usable);
    credits.chain(history.registered).fold(span.first, Date::min)
}

/// Each civil day once. The calendar of the date type ends in the year 9999, and so does this list.
fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
}

fn has_expired(lot: &Lot, day: Date) -> bool {
    lot.last_day < day
}

fn usable_from(history: &History, view: View, day: Date) -> impl Iterator<Item = Lot> {
    let counted = history.credits.iter().filter(move |credit| credit.usable == day && view.counts(credit.source));
    counted.map(|credit| Lot::of(credit, 0))
}

fn due_on(outflows: &[Outflow], day: Date) -> Units {
    outflows.iter().filter(|outflow| outflow.due == day).map(|outflow| outflow.amount).sum()
}

fn floor_on(floor: &[FloorStep], day: Date) -> Units {
    let begun = floor.iter().filter(|step| step.from <= day);
    begun.max_by_key(|step| step.from).map_or(Units::ZERO, |step| step.a_day)
}

/// Takes `wanted` from the lots, the one that expires first before the others, and returns what could not be taken.
///
/// Lots that expire on one day go by earlier usable day, then stream position, and all top-ups after them, so that a
/// top-up is spent only when nothing else of that day is left. Of the halves of one credit, the half of the holder whom
/// the account names first goes first; the page leaves this open.
fn take(lots: &mut [Lot], wanted: Units) -> Units {
    lots.sort_by_key(|lot| {
        let top_up = lot.credit.source == Source::TopUp;
        (lot.last_day, top_up, lot.credit.usable, lot.credit.position, lot.second_half)
    });
    let mut missing = wanted.0;
    for lot in lots {
        let taken = missing.min(lot.left.0);
        lot.left.0 -= taken;
        missing -= taken;
    }
    Units(missing)
}
