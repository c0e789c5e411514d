//! Which payment an entry of the bank is about, and what has to be recorded of it. Pure: entries and views in, findings
//! out.

use std::collections::{HashMap, HashSet};
use std::mem::{Discriminant, discriminant};

use jiff::civil::Date;
use ledger::order::PaymentOrder;
use projections::views::{MemoryViews, PaymentStep, PaymentView};
use schemas::events::Channel;
use schemas::{Money, PaymentId, PersonId};

use crate::bank::incoming::{About, Entry, News};
use crate::bank::reference;

/// What an entry came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is news, to be recorded.
    News(PersonId, PaymentId),
    /// The ledger knows it, or something that came after it.
    Known(PersonId, PaymentId),
    /// It says nothing final.
    Pending,
    /// Nobody's: no payment has one of its ids, or several have.
    Unmatched(&'static str),
    /// The amount is not the payment's.
    AmountDiffers {
        /// Which.
        payment: PaymentId,
        /// What was instructed.
        instructed: Money,
    },
    /// The file says it twice.
    Twice(PaymentId),
    /// It does not fit what the ledger has.
    Contradicts(PaymentId, String),
}

impl Finding {
    /// Whether somebody has to look at it.
    pub const fn is_open(&self) -> bool {
        match self {
            Finding::News(..) | Finding::Known(..) | Finding::Pending => false,
            Finding::Unmatched(_) | Finding::AmountDiffers { .. } | Finding::Twice(_) | Finding::Contradicts(..) => {
                true
            }
        }
    }

    /// As programs read it.
    pub const fn name(&self) -> &'static str {
        match self {
            Finding::News(..) => "recorded",
            Finding::Known(..) => "known",
            Finding::Pending => "pending",
            Finding::Unmatched(_) => "unmatched",
            Finding::AmountDiffers { .. } => "amount_differs",
            Finding::Twice(_) => "twice",
            Finding::Contradicts(..) => "contradicts",
        }
    }

    /// The payment, where one was found.
    pub const fn payment(&self) -> Option<PaymentId> {
        match self {
            Finding::News(_, payment)
            | Finding::Known(_, payment)
            | Finding::AmountDiffers { payment, .. }
            | Finding::Twice(payment)
            | Finding::Contradicts(payment, _) => Some(*payment),
            Finding::Pending | Finding::Unmatched(_) => None,
        }
    }
}

/// Payments by what a bank may call them.
pub struct Register<'a> {
    world: &'a MemoryViews,
    by_name: HashMap<String, Vec<(PersonId, PaymentId)>>,
}

impl<'a> Register<'a> {
    /// All payments.
    pub fn of(world: &'a MemoryViews) -> Register<'a> {
        let mut by_name: HashMap<String, Vec<(PersonId, PaymentId)>> = HashMap::new();
        for (person, view) in world.people() {
            for payment in &view.payments {
                for name in [payment.id.0.simple().to_string(), reference(payment.id)] {
                    by_name.entry(written(&name)).or_default().push((person, payment.id));
                }
            }
        }
        Register { world, by_name }
    }

    /// What the entries of one file come to, in order. `in_message` names the payments of a file of ours, by its message.
    pub fn find(&self, entries: &[Entry], in_message: impl Fn(&str) -> Vec<PaymentId>) -> Vec<(Entry, Finding)> {
        let mut seen: HashSet<(PaymentId, Discriminant<News>)> = HashSet::new();
        let mut found = Vec::new();
        for entry in entries {
            match &entry.about {
                About::Payment(ids) => found.push((entry.clone(), self.finding(ids, entry, &mut seen))),
                About::Message(message) => {
                    let ids =
                        in_message(message).into_iter().filter(|id| self.channel(*id) == Some(Channel::FasterPayments));
                    let ids: Vec<String> = ids.map(|id| id.0.simple().to_string()).collect();
                    if ids.is_empty() {
                        found.push((entry.clone(), Finding::Unmatched("no file of ours has this message id")));
                    }
                    found.extend(ids.into_iter().map(|id| {
                        let finding = self.finding(std::slice::from_ref(&id), entry, &mut seen);
                        (Entry { about: About::Payment(vec![id]), ..entry.clone() }, finding)
                    }));
                }
            }
        }
        found
    }

    /// Only Faster Payments leave in messages.
    fn channel(&self, payment: PaymentId) -> Option<Channel> {
        let (person, payment) = self.by_name.get(&written(&payment.0.simple().to_string()))?.first()?;
        Some(self.world.person(*person)?.payment(*payment)?.channel)
    }

    fn finding(&self, ids: &[String], entry: &Entry, seen: &mut HashSet<(PaymentId, Discriminant<News>)>) -> Finding {
        if entry.news == News::Pending {
            return Finding::Pending;
        }
        let named = ids.iter().find_map(|id| self.by_name.get(&written(id)));
        let (person, payment) = match named.map(Vec::as_slice) {
            None => return Finding::Unmatched("no payment has this id or reference"),
            Some([(person, payment)]) => (*person, *payment),
            Some(_) => return Finding::Unmatched("several payments have this reference"),
        };
        let Some(view) = self.world.person(person).and_then(|view| view.payment(payment)) else {
            return Finding::Unmatched("no payment has this id or reference");
        };
        if entry.amount.is_some_and(|amount| amount != view.amount) {
            return Finding::AmountDiffers { payment, instructed: view.amount };
        }
        if !seen.insert((payment, discriminant(&entry.news))) {
            return Finding::Twice(payment);
        }
        match (&entry.news, standing(view)) {
            (_, Standing::NotReleased) => {
                Finding::Contradicts(payment, format!("it is {}: it never left", view.status()))
            }
            // What left has come back: whatever else was said of it came before.
            (_, Standing::Returned) => Finding::Known(person, payment),
            (News::Settled(on), Standing::Settled(known)) if *on != known => {
                Finding::Contradicts(payment, format!("the ledger has it usable on {known}, the bank on {on}"))
            }
            (News::Accepted, Standing::Accepted | Standing::Settled(_)) | (News::Settled(_), Standing::Settled(_)) => {
                Finding::Known(person, payment)
            }
            (News::Returned(_, on), Standing::Left | Standing::Accepted | Standing::Settled(_))
                if is_of_an_earlier_attempt(view, *on) =>
            {
                Finding::Known(person, payment)
            }
            (News::Accepted | News::Settled(_) | News::Returned(..) | News::Pending, _) => {
                Finding::News(person, payment)
            }
        }
    }
}

/// How far a payment came, as banks count.
enum Standing {
    NotReleased,
    Left,
    Accepted,
    Settled(Date),
    Returned,
}

fn standing(view: &PaymentView) -> Standing {
    match view.steps.last().map(|progress| &progress.step) {
        None | Some(PaymentStep::Cancelled) => Standing::NotReleased,
        Some(PaymentStep::Released(..) | PaymentStep::Reissued(_)) => Standing::Left,
        Some(PaymentStep::Accepted) => Standing::Accepted,
        Some(PaymentStep::Settled(on)) => Standing::Settled(*on),
        Some(PaymentStep::Returned(..)) => Standing::Returned,
    }
}

/// A return of a day on or before which the payment was returned once already, and sent again since.
fn is_of_an_earlier_attempt(view: &PaymentView, day: Date) -> bool {
    view.steps.iter().any(|progress| matches!(&progress.step, PaymentStep::Returned(on, _) if day <= *on))
}

/// What is recorded of news.
pub fn order(person: PersonId, payment: PaymentId, news: &News) -> Option<PaymentOrder> {
    match news {
        News::Accepted => Some(PaymentOrder::Accept { person, payment }),
        News::Settled(usable_on) => Some(PaymentOrder::Settle { person, payment, usable_on: *usable_on }),
        News::Returned(code, on) => Some(PaymentOrder::Return { person, payment, code: code.clone(), on: *on }),
        News::Pending => None,
    }
}

/// Without hyphens and in capitals, as some banks give ids back.
fn written(id: &str) -> String {
    id.trim().replace('-', "").to_uppercase()
}
