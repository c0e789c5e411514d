//! By which channel money reaches a payee, into which account, and on which evening it has to leave to be there in time.

use jiff::civil::Date;
use schemas::events::{Channel, ClaimFact, Nation, Payee, PersonFact, Sealed};
use schemas::{ClaimId, PersonId, WorkingDays};

use super::Horizon;
use crate::views::MemoryViews;

/// How money travels to a payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// By which channel.
    pub channel: Channel,
    /// Into which account; none for a voucher or cash.
    pub account: Option<Sealed>,
    /// Whose account that is, or who is handed the money; none for a third party.
    pub holders: Vec<PersonId>,
}

/// The route to a payee on a day: the channel that their `paid_by` names; without it Faster Payments where an account is
/// known and a voucher where none is, because nobody goes without for want of an account.
pub fn route(payee: Payee, claim: Option<ClaimId>, world: &MemoryViews, day: Date) -> Route {
    let (account, holders) = account(payee, claim, world, day);
    let wanted = match payee {
        Payee::Person(person) => match world.person(person).and_then(|view| view.fact("paid_by", day)) {
            Some(PersonFact::PaidBy(channel)) => Some(*channel),
            Some(_) | None => None,
        },
        Payee::Landlord | Payee::Creditor(_) => None,
    };
    match (wanted, account) {
        (Some(channel @ (Channel::Voucher | Channel::Cash)), _) => {
            Route { channel, account: None, holders: in_person(payee) }
        }
        (Some(channel @ (Channel::Bacs | Channel::FasterPayments)), Some(account)) => {
            Route { channel, account: Some(account), holders }
        }
        (None, Some(account)) => Route { channel: Channel::FasterPayments, account: Some(account), holders },
        (Some(Channel::Bacs | Channel::FasterPayments) | None, None) => {
            Route { channel: Channel::Voucher, account: None, holders }
        }
    }
}

impl Route {
    /// The same, for money that leaves on the evening of a day and is not to be late: where Bacs would be, by Faster
    /// Payments.
    pub fn to_arrive(self, due_on: Date, day: Date) -> Route {
        match leaves(self.channel, due_on, Horizon::next_day(day)) {
            Leaves::Now(channel, _) => Route { channel, ..self },
            Leaves::Later => self,
        }
    }
}

/// Who is handed the money where it goes into no account.
fn in_person(payee: Payee) -> Vec<PersonId> {
    match payee {
        Payee::Person(person) => vec![person],
        Payee::Landlord | Payee::Creditor(_) => Vec::new(),
    }
}

/// The account of a payee on a day, and whose it is: its holders or, without an account, the payee in person.
fn account(payee: Payee, claim: Option<ClaimId>, world: &MemoryViews, day: Date) -> (Option<Sealed>, Vec<PersonId>) {
    match payee {
        Payee::Person(person) => match world.person(person).and_then(|view| view.fact("account", day)) {
            Some(PersonFact::Account(account)) if !account.holders.is_empty() => {
                (Some(account.number.clone()), account.holders.clone())
            }
            Some(PersonFact::Account(account)) => (Some(account.number.clone()), in_person(payee)),
            Some(_) | None => (None, in_person(payee)),
        },
        Payee::Landlord => match claim.and_then(|claim| world.claim(claim)?.fact("landlord_account", day)) {
            Some(ClaimFact::LandlordAccount(landlord)) => (Some(landlord.account.clone()), Vec::new()),
            Some(_) | None => (None, Vec::new()),
        },
        Payee::Creditor(debt) => {
            let members = claim.and_then(|claim| world.claim(claim)).into_iter().flat_map(|claim| &claim.members);
            let mut debts = members.filter_map(|member| world.person(member.person)).flat_map(|view| &view.debts);
            let creditor = debts.find(|known| known.id == debt).and_then(|known| known.creditor.as_ref());
            (creditor.map(|creditor| creditor.account.clone()), Vec::new())
        }
    }
}

/// What leaves on the evening of a day towards a due day, or that it is too early for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// On a later evening.
    Later,
    /// This evening by this channel, to be there on this day.
    Now(Channel, Date),
}

/// Whether a payment leaves on an evening.
///
/// Faster Payments, vouchers and cash leave when they are due by the horizon. Bacs takes three working days: input,
/// processing, entry (Bacs processing calendar; it runs on the working days of England). It leaves two working days before
/// its entry day at the latest, which is the due day or the last working day before it. Where that evening has passed, the
/// payment goes by Faster Payments instead, so that it is not late.
pub fn leaves(channel: Channel, due_on: Date, Horizon { day, due_by }: Horizon) -> Leaves {
    let by_horizon = |channel: Channel| if due_on <= due_by { Leaves::Now(channel, due_on) } else { Leaves::Later };
    match channel {
        Channel::FasterPayments | Channel::Voucher | Channel::Cash => by_horizon(channel),
        Channel::Bacs => match bacs_days(due_on) {
            Some((input, _)) if day < input && due_by < due_on => Leaves::Later,
            Some((input, entry)) if day <= input => Leaves::Now(Channel::Bacs, entry),
            Some(_) | None => by_horizon(Channel::FasterPayments),
        },
    }
}

/// Input day and entry day of a Bacs payment that is due on a day; none in a year whose bank holidays are not known.
pub fn bacs_days(due_on: Date) -> Option<(Date, Date)> {
    let days = WorkingDays::shipped();
    let entry = days.on_or_before(Nation::England, due_on).ok()?;
    Some((days.add(Nation::England, entry, -2).ok()?, entry))
}
