//! The amounts that made a decision, held as one text: views hold millions of them, and hardly one is ever looked at.

use serde::{Deserialize, Serialize};

/// Names and amounts, as printed, in the order of the decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub struct Amounts {
    text: Box<str>,
    /// Where in the text each name ends, and each amount.
    ends: Box<[u32]>,
}

impl Amounts {
    /// Each name with its amount.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut from = 0;
        let mut next = move |end: &u32| {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            let piece = self.text.get(from..end).unwrap_or_default();
            from = end;
            piece
        };
        self.ends.as_chunks().0.iter().map(move |[name, amount]| (next(name), next(amount)))
    }

    /// The amount of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, amount)| amount)
    }

    /// Whether these are the amounts of a decision.
    pub fn are(&self, amounts: &[(String, String)]) -> bool {
        self.iter().eq(amounts.iter().map(|(name, amount)| (name.as_str(), amount.as_str())))
    }
}

impl From<&[(String, String)]> for Amounts {
    fn from(amounts: &[(String, String)]) -> Amounts {
        let pieces = || amounts.iter().flat_map(|(name, amount)| [name.as_str(), amount.as_str()]);
        let mut end = 0;
        let ends = pieces().map(|piece| {
            end += piece.len();
            u32::try_from(end).unwrap_or(u32::MAX)
        });
        let ends = ends.collect();
        Amounts { text: pieces().collect::<String>().into(), ends }
    }
}

impl From<Vec<(String, String)>> for Amounts {
    fn from(amounts: Vec<(String, String)>) -> Amounts {
        Amounts::from(amounts.as_slice())
    }
}

impl From<Amounts> for Vec<(String, String)> {
    fn from(amounts: Amounts) -> Vec<(String, String)> {
        amounts.iter().map(|(name, amount)| (name.into(), amount.into())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn amounts_held_as_one_text_are_those_of_the_decision(
            amounts in proptest::collection::vec((".{0,9}", ".{0,9}"), 0..9)
        ) {
            let held = Amounts::from(amounts.as_slice());
            prop_assert!(held.are(&amounts));
            for (name, _) in &amounts {
                let first = amounts.iter().find(|(known, _)| known == name).map(|(_, amount)| amount.as_str());
                prop_assert_eq!(held.get(name), first);
            }
            prop_assert_eq!(Vec::from(held), amounts);
        }
    }
}
