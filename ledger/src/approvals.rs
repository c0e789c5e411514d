//! How many different people have to approve every list of payments, and how that number changes.
//!
//! A number asked for with each list could be lowered by whoever plans it. So it stands in the ledger, for every run. A
//! change of it is in force once as many different people have asked for it as the greater of the two numbers: nobody
//! lowers it alone, and nobody raises it beyond the people there are, which would leave everybody unpaid.

use std::collections::BTreeMap;

/// How many people every list needs, and who asked for another number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvals {
    required: u8,
    asked: BTreeMap<String, u8>,
}

/// One, until people ask for more.
impl Default for Approvals {
    fn default() -> Approvals {
        Approvals { required: 1, asked: BTreeMap::new() }
    }
}

/// Why a number may not be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing leaves without anybody's approval.
    #[error("approvals: at least one")]
    None,
    /// There is nothing to change.
    #[error("approvals: every list needs {0} already")]
    InForce(u8),
    /// One voice is not two.
    #[error("actor: {actor} asked for {approvals} already; other people, {missing} more, have to ask for it")]
    SameAgain {
        /// Who.
        actor: String,
        /// The number.
        approvals: u8,
        /// How many voices are missing.
        missing: usize,
    },
}

impl Approvals {
    /// How many different people have to approve a list.
    pub fn required(&self) -> u8 {
        self.required
    }

    /// Who asked for another number than that in force, and for which, by name.
    pub fn asked(&self) -> impl Iterator<Item = (&str, u8)> {
        self.asked.iter().map(|(actor, approvals)| (actor.as_str(), *approvals))
    }

    /// How many more different people have to ask for a number until it is in force.
    pub fn missing(&self, approvals: u8) -> usize {
        let voices = self.asked.values().filter(|asked| **asked == approvals).count();
        usize::from(self.required.max(approvals)).saturating_sub(voices)
    }

    /// Whether somebody may ask for a number. To ask for the one in force takes back what they asked for before.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_ask(&self, actor: &str, approvals: u8) -> Result<(), Refusal> {
        let before = self.asked.get(&one_person(actor)).copied();
        match approvals {
            0 => Err(Refusal::None),
            same if same == self.required && before.is_none() => Err(Refusal::InForce(same)),
            again if before == Some(again) => {
                Err(Refusal::SameAgain { actor: actor.into(), approvals, missing: self.missing(approvals) })
            }
            _other => Ok(()),
        }
    }

    /// Somebody asked for a number.
    #[must_use]
    pub fn asked_by(mut self, actor: &str, approvals: u8) -> Approvals {
        self.asked.insert(one_person(actor), approvals);
        if approvals == self.required {
            self.asked.remove(&one_person(actor));
        } else if self.missing(approvals) == 0 {
            self = Approvals { required: approvals, asked: BTreeMap::new() };
        }
        self
    }
}

/// A name however it is typed: nobody becomes two people by a capital or a space.
pub(crate) fn one_person(actor: &str) -> String {
    actor.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(voices: &[(&str, u8)]) -> Approvals {
        voices.iter().fold(Approvals::default(), |approvals, (actor, number)| approvals.asked_by(actor, *number))
    }

    #[test]
    fn one_approval_is_enough_until_as_many_people_ask_for_more_as_they_ask_for() {
        assert_eq!(after(&[]).required(), 1);
        assert_eq!(after(&[("ann", 3), ("bob", 3)]).required(), 1);
        assert_eq!(after(&[("ann", 3), ("bob", 3)]).missing(3), 1);
        assert_eq!(after(&[("ann", 3), ("bob", 3), ("cal", 3)]).required(), 3);
    }

    #[test]
    fn a_lower_number_takes_as_many_people_as_the_number_in_force() {
        let two = [("ann", 2), ("bob", 2)];
        assert_eq!(after(&[&two[..], &[("ann", 1)]].concat()).required(), 2);
        assert_eq!(after(&[&two[..], &[("ann", 1), ("Ann ", 1)]].concat()).required(), 2);
        assert_eq!(after(&[&two[..], &[("ann", 1), ("cal", 1)]].concat()).required(), 1);
    }

    #[test]
    fn voices_for_different_numbers_do_not_add_up_and_one_can_be_taken_back() {
        assert_eq!(after(&[("ann", 2), ("bob", 3)]).required(), 1);
        assert_eq!(after(&[("ann", 2), ("ann", 1), ("bob", 2)]).required(), 1);
        assert_eq!(after(&[("ann", 3), ("ann", 2), ("bob", 2)]).required(), 2);
    }

    #[test]
    fn nobody_asks_for_none_for_what_is_in_force_or_for_the_same_twice() {
        assert_eq!(after(&[]).may_ask("ann", 0), Err(Refusal::None));
        assert_eq!(after(&[]).may_ask("ann", 1), Err(Refusal::InForce(1)));
        assert_eq!(after(&[("ann", 2)]).may_ask("ann", 1), Ok(()));
        let again = Refusal::SameAgain { actor: "Ann".into(), approvals: 2, missing: 1 };
        assert_eq!(after(&[("ann", 2)]).may_ask("Ann", 2), Err(again));
    }
}
