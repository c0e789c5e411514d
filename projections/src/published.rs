//! The rules as the stream itself holds them, and decisions recomputed from nothing else.

use std::collections::BTreeMap;

use schemas::events::{Event, PackEvent, PackRef};
use schemas::{ClaimId, Digest, Recorded};

use crate::engine::Pack;
use crate::entitlement::{ENGINE, Rules, RulesError, decide};
use crate::views::{Determined, MemoryViews};

/// Packs published in a stream, by digest.
#[derive(Clone, Debug, Default)]
pub struct Published {
    content: BTreeMap<Digest, Parts>,
}

#[derive(Clone, Debug)]
struct Parts {
    pack: PackRef,
    parts: Vec<String>,
    expected: u16,
}

impl Published {
    /// Takes note of an event; only publications matter.
    pub fn apply(&mut self, event: &Recorded) {
        if let Event::Pack(PackEvent::PackPublished(published)) = &event.envelope.event {
            let pack =
                PackRef { name: published.name.clone(), version: published.version.clone(), digest: published.digest };
            let entry = self.content.entry(published.digest);
            let parts = entry.or_insert(Parts { pack, parts: Vec::new(), expected: published.parts });
            parts.parts.push(published.content.clone());
        }
    }

    /// Whether a pack of this digest is there as a whole.
    pub fn has(&self, digest: Digest) -> bool {
        self.content.get(&digest).is_some_and(|parts| parts.parts.len() == usize::from(parts.expected))
    }

    /// Every pack published.
    pub fn packs(&self) -> impl Iterator<Item = &PackRef> {
        self.content.values().map(|parts| &parts.pack)
    }

    /// The rules of a published pack, ready to decide for a benefit.
    ///
    /// # Errors
    /// Content that does not have the digest it was published under, or is no pack. None: no such pack.
    pub fn rules(&self, digest: Digest, benefit: &str) -> Option<Result<Rules, RulesError>> {
        let parts = self.content.get(&digest)?;
        let content: String = parts.parts.concat();
        let found = Digest::of(content.as_bytes());
        if found != digest {
            return Some(Err(RulesError::Digest { name: parts.pack.name.clone(), expected: digest, found }));
        }
        Some(Pack::from_canonical(&content).map_err(RulesError::Pack).and_then(|pack| Rules::new(benefit, pack)))
    }
}

/// What recomputing a recorded decision found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recomputed {
    /// The same to the last step.
    Same,
    /// Something came out otherwise: what, as recorded and as recomputed.
    Differs {
        /// The first thing that differs.
        what: &'static str,
        /// As recorded.
        recorded: String,
        /// As recomputed.
        recomputed: String,
    },
    /// It could not be recomputed, and why.
    Impossible(String),
}

/// Recomputes a decision on the facts known when it was made: `world` holds everything up to its `facts_at`.
pub fn recompute(claim: ClaimId, determined: &Determined, world: &MemoryViews, published: &Published) -> Recomputed {
    if determined.engine != ENGINE {
        return Recomputed::Impossible(format!(
            "it was made by engine {}, and this is engine {ENGINE}",
            determined.engine
        ));
    }
    let benefit = world.claim(claim).map(|view| view.benefit.clone()).unwrap_or_default();
    let rules = match published.rules(determined.pack.digest, &benefit) {
        Some(Ok(rules)) => rules,
        Some(Err(error)) => return Recomputed::Impossible(error.to_string()),
        None => return Recomputed::Impossible(format!("pack {} is not in the stream", determined.pack.digest)),
    };
    recompute_with(claim, determined, world, &rules)
}

/// Recomputes a decision under rules that are at hand.
pub fn recompute_with(claim: ClaimId, determined: &Determined, world: &MemoryViews, rules: &Rules) -> Recomputed {
    let decision = match decide(claim, world, determined.period, rules) {
        Ok(decision) => decision,
        Err(error) => return Recomputed::Impossible(error.to_string()),
    };
    let differs = |what, recorded: String, recomputed: String| Recomputed::Differs { what, recorded, recomputed };
    if decision.award.money() != determined.award {
        return differs("award", determined.award.to_string(), decision.award.to_string());
    }
    if decision.payment.money() != determined.payment {
        return differs("payment", determined.payment.to_string(), decision.payment.to_string());
    }
    if decision.lines != determined.lines {
        return differs("lines", format!("{:?}", determined.lines), format!("{:?}", decision.lines));
    }
    if !determined.amounts.are(&decision.amounts) {
        let recorded: Vec<(&str, &str)> = determined.amounts.iter().collect();
        return differs("amounts", format!("{recorded:?}"), format!("{:?}", decision.amounts));
    }
    if decision.adults != determined.adults {
        return differs("claimants", format!("{:?}", determined.adults), format!("{:?}", decision.adults));
    }
    if decision.main_carer != determined.main_carer {
        return differs("main carer", determined.main_carer.to_string(), decision.main_carer.to_string());
    }
    if decision.deducted != determined.deducted {
        return differs("deductions", format!("{:?}", determined.deducted), format!("{:?}", decision.deducted));
    }
    if decision.outcome != determined.outcome {
        return differs("outcome", determined.outcome.to_string(), decision.outcome.to_string());
    }
    Recomputed::Same
}
