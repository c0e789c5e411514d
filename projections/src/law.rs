//! The law that people are under: a pack of rules for each benefit, each deciding the claims that name it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemas::events::Payee;
use schemas::{ClaimId, PersonId};

use crate::entitlement::Rules;
use crate::payments::{Calendar, PayDays};
use crate::views::{ClaimView, MemoryViews};

/// Rules for some benefits, in the order in which the rulebook names them.
///
/// Invariant: no two for one benefit.
pub struct Law {
    rules: Vec<Rules>,
}

/// Two packs for one benefit: a claim would be decided twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("packs {first} and {second} both decide {benefit}: name one of them")]
pub struct DecidedTwice {
    /// The benefit.
    pub benefit: String,
    /// The pack named first.
    pub first: String,
    /// The other.
    pub second: String,
}

impl Law {
    /// Takes rules together.
    ///
    /// # Errors
    /// [`DecidedTwice`].
    pub fn new(rules: Vec<Rules>) -> Result<Law, DecidedTwice> {
        for (at, second) in rules.iter().enumerate() {
            if let Some(first) = rules.iter().take(at).find(|first| first.benefit() == second.benefit()) {
                return Err(DecidedTwice {
                    benefit: second.benefit().into(),
                    first: first.pack.name().into(),
                    second: second.pack.name().into(),
                });
            }
        }
        Ok(Law { rules })
    }

    /// The rules for every benefit.
    pub fn rules(&self) -> &[Rules] {
        &self.rules
    }

    /// The rules that decide a claim; none where the benefit it is to is not among them.
    pub fn of(&self, claim: &ClaimView) -> Option<&Rules> {
        self.for_benefit(&claim.benefit)
    }

    /// The rules for a benefit.
    pub fn for_benefit(&self, benefit: &str) -> Option<&Rules> {
        self.rules.iter().find(|rules| rules.benefit() == benefit)
    }

    /// What the rules say about claims on a day, their amounts aside.
    pub fn terms(&self, day: Date) -> Terms {
        let term = |rules: &Rules| {
            let term = Term { calendar: Calendar::of(&rules.pack, day), household: rules.pack.is_household() };
            (rules.benefit().to_string(), term)
        };
        Terms(self.rules.iter().map(term).collect())
    }
}

/// What rules say about the claims of each benefit, the amounts aside. Claims to a benefit without rules are paid and
/// looked at as those to Universal Credit are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(BTreeMap<String, Term>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    calendar: Calendar,
    household: bool,
}

impl Terms {
    /// When awards of a claim are paid.
    pub fn calendar(&self, claim: &ClaimView) -> Calendar {
        self.0.get(&claim.benefit).map(|term| term.calendar).unwrap_or_default()
    }

    /// On which days a person is paid what they are entitled to under a claim.
    pub fn pay_days<'w>(
        &self,
        claim: (ClaimId, &'w ClaimView),
        world: &'w MemoryViews,
        person: PersonId,
    ) -> PayDays<'w> {
        PayDays::new(self.calendar(claim.1), claim, world, person, Payee::Person(person))
    }

    /// Whether a claim says who lives together and what they live on.
    pub fn is_household(&self, claim: &ClaimView) -> bool {
        self.0.get(&claim.benefit).is_none_or(|term| term.household)
    }
}
