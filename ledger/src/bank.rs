//! What a bank's file says and no payment explains: opened once, and closed by what explains it.
//!
//! What a file says of payments stands on these. Its open items stand on the file; that it was read is recorded after
//! them, so that a file of which this is known was taken in whole.

use std::collections::BTreeMap;

use schemas::events::{
    BankClosing, BankEvent, BankFileRead, BankItemClosed, BankItemOpened, BankNews, BankOpen, Event,
};
use schemas::{BankFileId, BankItemId, Money, PaymentId, PersonId};

use crate::order::BankOrder;
use crate::payment::Stage;
use crate::person;
use crate::world::World;

/// What is known of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankFile {
    /// Whether it was taken in whole.
    pub is_read: bool,
    /// What was opened.
    pub items: BTreeMap<BankItemId, Item>,
}

/// Something that could not be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whether nothing explains it yet.
    pub is_open: bool,
    /// Why it could not be matched.
    pub why: BankOpen,
    /// What the bank says.
    pub news: BankNews,
    /// How much, where it says.
    pub amount: Option<Money>,
}

/// Why nothing about a bank's file may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A text could not be sealed.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// A file is named by its bytes.
    #[error("file: {file} is not the file with this digest, which is {named}")]
    OtherFile {
        /// The name given.
        file: BankFileId,
        /// The name that follows from the digest.
        named: BankFileId,
    },
    /// A file is taken in once.
    #[error("file {file} was read before: nothing is added to it")]
    ReadBefore {
        /// Which.
        file: BankFileId,
    },
    /// An item is opened once.
    #[error("item {item} was opened before")]
    OpenedBefore {
        /// Which.
        item: BankItemId,
    },
    /// Nobody opened it.
    #[error("item: file {file} has no item {item}")]
    NoSuchItem {
        /// In which file.
        file: BankFileId,
        /// Which.
        item: BankItemId,
    },
    /// What is explained is not explained again.
    #[error("item {item} is closed already")]
    Closed {
        /// Which.
        item: BankItemId,
    },
    /// A reason is for the next reader.
    #[error("reason: say in words what explains item {item}")]
    NoReason {
        /// Which.
        item: BankItemId,
    },
    /// A payment closes an item by being named, and nothing else names one.
    #[error(
        "payment: an item closed by a payment names it and the person it stands on; one closed otherwise names neither"
    )]
    WhichPayment,
    /// The payment is not there, or not as the bank has it.
    #[error("payment: {payment} does not explain item {item}: {because}")]
    DoesNotExplain {
        /// Which payment.
        payment: PaymentId,
        /// Which item.
        item: BankItemId,
        /// What is in the way.
        because: &'static str,
    },
}

/// Whose payments an order's decision rests on.
pub fn rests_on(order: &BankOrder) -> Option<PersonId> {
    match order {
        BankOrder::CloseItem { person, .. } => *person,
        BankOrder::OpenItem { .. } | BankOrder::ReadFile { .. } => None,
    }
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, order: &BankOrder) -> Result<Event, Refusal> {
    match order {
        BankOrder::OpenItem { file, item, line, why, about, news, side, on, amount, code, reference, payment } => {
            let known = world.bank_file(*file);
            if known.is_read {
                return Err(Refusal::ReadBefore { file: *file });
            }
            if known.items.contains_key(item) {
                return Err(Refusal::OpenedBefore { item: *item });
            }
            let reference = person::sealed_if_any("reference", reference.as_ref())?;
            let (item, line, why, about, news, side) = (*item, *line, *why, *about, *news, *side);
            let (on, amount, code, payment) = (*on, *amount, code.clone(), *payment);
            Ok(BankItemOpened { item, line, why, about, news, side, on, amount, code, reference, payment }.into())
        }
        BankOrder::ReadFile { file, digest, form, name, message, from, to, items, total } => {
            let named = BankFileId::of(*digest);
            if named != *file {
                return Err(Refusal::OtherFile { file: *file, named });
            }
            if world.bank_file(*file).is_read {
                return Err(Refusal::ReadBefore { file: *file });
            }
            let (file, digest, form, name, message) = (*file, *digest, *form, name.clone(), message.clone());
            let (from, to, items, total) = (*from, *to, *items, *total);
            Ok(BankFileRead { file, digest, form, name, message, from, to, items, total }.into())
        }
        BankOrder::CloseItem { file, item, by, person, payment, reason } => {
            let known = open(world, *file, *item)?;
            let is_said = reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
            let needs_words = match (by, person, payment) {
                (BankClosing::Payment, Some(person), Some(payment)) => {
                    explains(world, *item, &known, *person, *payment)?
                }
                (BankClosing::Reversed | BankClosing::Elsewhere, None, None) => true,
                (BankClosing::Payment | BankClosing::Reversed | BankClosing::Elsewhere, _, _) => {
                    return Err(Refusal::WhichPayment);
                }
            };
            if needs_words && !is_said {
                return Err(Refusal::NoReason { item: *item });
            }
            Ok(BankItemClosed { item: *item, by: *by, payment: *payment, reason: reason.clone() }.into())
        }
    }
}

fn open(world: &World, file: BankFileId, item: BankItemId) -> Result<Item, Refusal> {
    let known = *world.bank_file(file).items.get(&item).ok_or(Refusal::NoSuchItem { file, item })?;
    if known.is_open { Ok(known) } else { Err(Refusal::Closed { item }) }
}

/// Whether a payment that explains an item leaves a difference, which has to be explained in words.
fn explains(
    world: &World,
    item: BankItemId,
    known: &Item,
    person: PersonId,
    payment: PaymentId,
) -> Result<bool, Refusal> {
    let no = |because| Err(Refusal::DoesNotExplain { payment, item, because });
    let payments = &world.person(person).payments;
    let Some(paid) = payments.by_id.get(&payment) else { return no("that person has no such payment") };
    if known.why == BankOpen::Twice {
        return no("the file has it twice, and one of the two is more than was sent");
    }
    match (known.news, paid.stage) {
        (_, Stage::Instructed | Stage::Cancelled) => return no("it never left"),
        (BankNews::Returned, _) if !payments.came_back.contains(&payment) => {
            return no("it did not come back: record the return first");
        }
        (
            BankNews::Accepted | BankNews::Settled | BankNews::Returned,
            Stage::Released | Stage::Accepted | Stage::Settled | Stage::Returned | Stage::Reissued,
        ) => {}
    }
    Ok(known.amount.is_some_and(|amount| amount != paid.amount))
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: BankFile, event: &BankEvent) -> BankFile {
    match event {
        BankEvent::BankFileRead(_) => state.is_read = true,
        BankEvent::BankItemOpened(BankItemOpened { item, why, news, amount, .. }) => {
            let amount = amount.map(|amount| amount.money());
            state.items.insert(*item, Item { is_open: true, why: *why, news: *news, amount });
        }
        BankEvent::BankItemClosed(BankItemClosed { item, .. }) => {
            if let Some(known) = state.items.get_mut(item) {
                known.is_open = false;
            }
        }
    }
    state
}

#[cfg(test)]
#[path = "bank_tests.rs"]
mod tests;
