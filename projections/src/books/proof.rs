//! Do the books agree with what the views say of decisions, payments and debts? The views are folded by other code, which
//! knows nothing of accounts.

use std::collections::BTreeMap;

use schemas::events::{DebtKind, PaymentKind};
use schemas::{EventId, Money, PaymentId, PersonId, RunId};

use super::account::Account;
use super::balances::Balances;
use super::post::Books;
use crate::debts;
use crate::views::{ClaimView, Determined, MemoryViews, PaymentStep, PaymentView};

/// Everything that does not agree, each thing named. `balances` are those of all entries, whatever day they are for.
pub fn disagreements(books: &Books, balances: &Balances, world: &MemoryViews) -> Vec<Finding> {
    let totals = balances.totals();
    let unbalanced = (totals.debits != totals.credits)
        .then_some(Finding::Unbalanced { debits: totals.debits, credits: totals.credits });
    let decisions = standing(world).filter_map(|made| decision(books, made));
    let payments = world.people().flat_map(|(_, person)| &person.payments);
    let payments = payments.filter_map(|view| payment(books, view));
    let runs = books.runs().filter(|(_, run)| run.day.is_some() && run.exceeds());
    let runs = runs.map(|(run, totals)| Finding::Run {
        run,
        planned: (totals.planned, totals.total),
        released: (totals.released, totals.sum),
    });
    let bank: Money = world.people().flat_map(|(_, person)| &person.payments).filter_map(usable_amount).sum();
    // What the bank moved besides stands in suspense, or was explained as no business of payments.
    let suspense = balances.net(&Account::Suspense);
    let paid = -balances.net(&Account::Bank) - suspense - balances.net(&Account::Elsewhere);
    let bank = (paid != bank).then_some(Finding::Bank { books: paid, payments: bank });
    let totals = books.bank_totals();
    let open = totals.out - totals.came_in;
    let suspense = (suspense != open).then_some(Finding::Suspense { books: suspense, items: open });
    unbalanced
        .into_iter()
        .chain(decisions)
        .chain(payments)
        .chain(bank)
        .chain(top_ups(books, balances, world))
        .chain(suspense)
        .chain(debts(balances, world))
        .chain(runs)
        .collect()
}

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// Debits and credits differ.
    #[error("debits are {debits} and credits {credits}")]
    Unbalanced {
        /// The sum of all debits.
        debits: Money,
        /// The sum of all credits.
        credits: Money,
    },
    /// The lines of a decision, its payment and what was posted are three names of one sum.
    #[error(
        "sequence {position}, event {event}: the lines add up to {lines}, the payment is {payment}, and {posted} is posted after deductions"
    )]
    Decision {
        /// Where it stands.
        position: u64,
        /// Which.
        event: EventId,
        /// The sum of its lines.
        lines: Money,
        /// What it says is paid.
        payment: Money,
        /// What the books have.
        posted: Money,
    },
    /// A payment is elsewhere in the books than in the views.
    #[error("sequence {position}, payment {payment}: the books have it {books}, and it is {view}")]
    Payment {
        /// Where it was instructed.
        position: u64,
        /// Which.
        payment: PaymentId,
        /// Where the books have it.
        books: String,
        /// Where the views have it.
        view: String,
    },
    /// What left the bank is what payees could use.
    #[error("{books} left the bank, and payments of {payments} are usable")]
    Bank {
        /// In the books.
        books: Money,
        /// By the payments.
        payments: Money,
    },
    /// What top-ups cost is what they came to, less what was kept back for them.
    #[error("top-ups come to {books} in the books, and to {given} less {kept} kept back for them")]
    TopUps {
        /// In the books.
        books: Money,
        /// The sum of the top-ups.
        given: Money,
        /// What is kept back.
        kept: Money,
    },
    /// More was kept back for a top-up than it came to.
    #[error("{kept} was kept back for top-up {top_up} of {amount}")]
    KeptBack {
        /// Which.
        top_up: PaymentId,
        /// Its amount; nothing where there is no such top-up.
        amount: Money,
        /// What was kept back for it.
        kept: Money,
    },
    /// What is in suspense is what open items of banks' files hold.
    #[error("{books} is in suspense, and the open items of banks' files come to {items}")]
    Suspense {
        /// In the books.
        books: Money,
        /// By the items.
        items: Money,
    },
    /// What is owed on debts of a kind.
    #[error("debts of kind {kind} come to {books} in the books and to {debts} one by one")]
    Debts {
        /// The kind.
        kind: DebtKind,
        /// In the books.
        books: Money,
        /// By the debts.
        debts: Money,
    },
    /// More left in a run than was planned.
    #[error(
        "run {run}: {} payments of {} were planned and {} of {} released", planned.0, planned.1, released.0, released.1
    )]
    Run {
        /// Which.
        run: RunId,
        /// How many payments were planned, and their sum.
        planned: (u32, Money),
        /// How many were released, and their sum.
        released: (u32, Money),
    },
}

fn standing(world: &MemoryViews) -> impl Iterator<Item = &Determined> {
    world.claims().flat_map(|(_, claim)| claim.determined.iter().filter(|made| stands(claim, made)))
}

fn stands(claim: &ClaimView, made: &Determined) -> bool {
    claim.standing(made.period).is_some_and(|standing| standing.event == made.event)
}

fn decision(books: &Books, made: &Determined) -> Option<Finding> {
    let (id, period) = books.decisions.get(&made.event).copied()?;
    let posted: Money = books.claims.get(&id)?.periods.get(&period)?.given.values().copied().sum();
    let posted = posted - made.deducted.iter().map(|deducted| deducted.amount.money()).sum();
    let lines: Money = made.lines.iter().map(|line| line.amount.money()).sum();
    let Determined { position, event, payment, .. } = *made;
    (lines != payment || posted != payment).then_some(Finding::Decision { position, event, lines, payment, posted })
}

fn payment(books: &Books, view: &PaymentView) -> Option<Finding> {
    let in_books = books.whereabouts(view.id);
    let in_view = match (view.usable_on(), view.steps.last().map(|progress| &progress.step)) {
        (Some(day), _) => format!("usable on {day}"),
        (None, None | Some(PaymentStep::Reissued(_))) => "instructed".into(),
        (None, Some(PaymentStep::Cancelled)) => "called off".into(),
        (
            None,
            Some(
                PaymentStep::Returned(..) | PaymentStep::Released(..) | PaymentStep::Accepted | PaymentStep::Settled(_),
            ),
        ) => "returned".into(),
    };
    let PaymentView { position, id: payment, .. } = *view;
    (in_books != in_view).then_some(Finding::Payment { position, payment, books: in_books, view: in_view })
}

fn usable_amount(payment: &PaymentView) -> Option<Money> {
    payment.usable_on().map(|_| payment.amount)
}

/// The top-up fund as a whole, and each top-up for which something was kept back.
fn top_ups(books: &Books, balances: &Balances, world: &MemoryViews) -> Vec<Finding> {
    let payments = world.people().flat_map(|(_, person)| &person.payments);
    let given = payments.filter(|payment| payment.kind == PaymentKind::TopUp && !payment.is_cancelled());
    let given: Money = given.map(|payment| payment.amount).sum();
    let (cost, kept) = (balances.net(&Account::TopUps), books.kept_back());
    let fund = (cost != given - kept).then_some(Finding::TopUps { books: cost, given, kept });
    let mut by_top_up: BTreeMap<(PersonId, PaymentId), Money> = BTreeMap::new();
    for kept in world.people().flat_map(|(_, person)| &person.kept_back) {
        *by_top_up.entry((kept.for_whom, kept.top_up)).or_default() += kept.amount;
    }
    let amount = |person, top_up| {
        let payment = world.person(person).and_then(|view| view.payment(top_up));
        payment.map_or(Money::ZERO, |payment| payment.amount)
    };
    let too_much = by_top_up.into_iter().filter_map(|((person, top_up), kept)| {
        let amount = amount(person, top_up);
        (amount < kept).then_some(Finding::KeptBack { top_up, amount, kept })
    });
    fund.into_iter().chain(too_much).collect()
}

/// By kind: what is left of each debt.
fn debts(balances: &Balances, world: &MemoryViews) -> Vec<Finding> {
    let mut left: BTreeMap<DebtKind, Money> = BTreeMap::new();
    for debt in world.people().flat_map(|(person, _)| debts::of(person, world)) {
        *left.entry(debt.kind).or_default() += debt.left;
    }
    let of_kind =
        |kind: DebtKind| (kind, balances.net(&Account::Debt(kind)), left.get(&kind).copied().unwrap_or_default());
    let all = DebtKind::ALL.iter().map(|kind| of_kind(*kind));
    all.filter(|(_, books, debts)| books != debts)
        .map(|(kind, books, debts)| Finding::Debts { kind, books, debts })
        .collect()
}
