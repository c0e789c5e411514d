//! Whose each part of an award is: a pack's lines for the people of one case, before and after what is held back.
//!
//! One function for decided claims and for described cases, so that both split an award alike. Who cares for the children,
//! who must pay the rent and who pays for childcare is the caller's to say; arrangements that send a line elsewhere come after.

use schemas::Money;
use schemas::events::Purpose;

use crate::engine::{Line, Pack, PayeeRule, Scope};
use crate::lines::{Gross, apportion, awarded, equal_shares, paid};

/// The adults whom payee rules name. `P` is how the caller calls a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<P> {
    /// The adults, in the order in which they came.
    pub adults: Vec<P>,
    /// Who mainly cares for the children.
    pub main_carer: P,
    /// Who must pay the rent.
    pub liable_for_rent: P,
    /// Who pays for childcare.
    pub childcare_payer: P,
}

/// Somebody in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party<P> {
    /// Who.
    pub who: P,
    /// How much of what is held back is for their conduct or their debts: their allowance bears that first.
    pub bears: Money,
}

/// A case as far as its lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties<P> {
    /// Everybody in it, in its order.
    pub people: Vec<Party<P>>,
    /// The adults with a part to play.
    pub named: Named<P>,
    /// Whether the rent is paid straight to the landlord.
    pub managed_rent: bool,
}

/// What an award and a payment come to, and where the amounts of lines are found.
#[derive(Clone, Copy, Debug)]
pub struct Worth<F> {
    /// What the lines add up to.
    pub award: Money,
    /// What is paid of it.
    pub payment: Money,
    /// The amount that a rule gives, for a person where it belongs to persons.
    pub of_rule: F,
}

/// One line of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share<P> {
    /// The line before any reduction.
    pub gross: Gross,
    /// What is paid of it.
    pub amount: Money,
    /// Whose need it meets.
    pub for_whom: P,
    /// Who gets it by the payee rule alone.
    pub payee: P,
}

/// Why an award cannot be split.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// The pack pays for something that has no name here.
    #[error("the pack has a line for `{0}`, which is no purpose")]
    Purpose(String),
    /// There is no amount for a line.
    #[error("the pack gives no amount for `{0}`")]
    NoFigure(String),
}

/// The lines of a payment, in the order of the pack; lines of nothing are left out.
///
/// # Errors
/// [`SplitError`]: a purpose that is none, or a rule without an amount.
pub fn shares<P, F>(pack: &Pack, parties: &Parties<P>, worth: &Worth<F>) -> Result<Vec<Share<P>>, SplitError>
where
    P: Copy + PartialEq,
    F: Fn(&str, Option<P>) -> Option<Money>,
{
    let mut drafts = Vec::new();
    for line in pack.lines() {
        drafts.extend(parties.drafts(pack, line, &worth.of_rule)?);
    }
    drafts.retain(|(gross, _)| gross.amount > Money::ZERO);
    let gross: Vec<Gross> = drafts.iter().map(|(gross, _)| *gross).collect();
    let amounts = paid(&gross, &awarded(&gross, worth.award), worth.award - worth.payment);
    let share = |((gross, for_whom), amount): ((Gross, P), Money)| Share {
        gross,
        amount,
        for_whom,
        payee: parties.named.payee(gross.purpose, for_whom),
    };
    Ok(drafts.into_iter().zip(amounts).filter(|(_, amount)| *amount > Money::ZERO).map(share).collect())
}

/// Rules that say what sanctions come to: of one person, and of a whole case.
pub const SANCTION_RULES: [&str; 2] = ["sanction_for_person", "sanction_reduction"];

/// What each person bears of the sanctions on a case, in proportion to what the rules take for them. Nothing under a pack
/// without sanctions.
pub fn sanctions_borne<P: Copy>(people: &[P], of_rule: impl Fn(&str, Option<P>) -> Option<Money>) -> Vec<Money> {
    let [own, whole] = SANCTION_RULES;
    let weights: Vec<Money> = people.iter().map(|who| of_rule(own, Some(*who)).unwrap_or_default()).collect();
    apportion(of_rule(whole, None).unwrap_or_default(), &weights)
}

/// What a line of a pack is for.
///
/// # Errors
/// [`SplitError::Purpose`] where that is no purpose.
pub fn purpose(line: &Line) -> Result<Purpose, SplitError> {
    let known = Purpose::ALL.iter().find(|purpose| purpose.name() == line.purpose);
    known.copied().ok_or_else(|| SplitError::Purpose(line.purpose.clone()))
}

impl<P: Copy + PartialEq> Parties<P> {
    /// One line of the pack before any reduction, for each individual it is for.
    fn drafts(
        &self,
        pack: &Pack,
        line: &Line,
        of_rule: &impl Fn(&str, Option<P>) -> Option<Money>,
    ) -> Result<Vec<(Gross, P)>, SplitError> {
        let purpose = purpose(line)?;
        let rule = pack.rule(line.amount).ok_or_else(|| SplitError::NoFigure(line.purpose.clone()))?;
        let amount = |person| of_rule(&rule.id, person).ok_or_else(|| SplitError::NoFigure(rule.id.clone()));
        let parts: Vec<(Money, P)> = match (rule.scope, line.payee) {
            (Scope::Person, _) => {
                let own = |party: &Party<P>| Ok((amount(Some(party.who))?, party.who));
                self.people.iter().map(own).collect::<Result<_, SplitError>>()?
            }
            (Scope::Unit, PayeeRule::AdultsEqually) => {
                let parts = equal_shares(amount(None)?, self.named.adults.len());
                parts.into_iter().zip(self.named.adults.iter().copied()).collect()
            }
            (
                Scope::Unit,
                PayeeRule::OwnSelf | PayeeRule::MainCarer | PayeeRule::LiableForRent | PayeeRule::ChildcarePayer,
            ) => vec![(amount(None)?, self.named.by(line.payee))],
        };
        let gross = |(amount, who): (Money, P)| {
            let party = self.people.iter().find(|party| party.who == who);
            let bears = party.map_or(Money::ZERO, |party| party.bears);
            let managed = self.managed_rent && purpose == Purpose::Housing;
            (Gross { purpose, amount, reduced_by_income: line.reduce, managed, bears }, who)
        };
        Ok(parts.into_iter().map(gross).collect())
    }
}

impl<P: Copy + PartialEq> Named<P> {
    /// The adult that a payee rule names for an amount of the whole case.
    pub fn by(&self, rule: PayeeRule) -> P {
        match rule {
            PayeeRule::LiableForRent => self.liable_for_rent,
            PayeeRule::ChildcarePayer => self.childcare_payer,
            PayeeRule::MainCarer | PayeeRule::AdultsEqually | PayeeRule::OwnSelf => self.main_carer,
        }
    }

    /// Where the payee rule alone sends money for a purpose.
    pub fn payee(&self, purpose: Purpose, for_whom: P) -> P {
        match purpose {
            Purpose::Housing => self.liable_for_rent,
            Purpose::Childcare => self.childcare_payer,
            Purpose::ChildElement | Purpose::DisabledChildAddition => self.main_carer,
            Purpose::StandardAllowance
            | Purpose::LcwElement
            | Purpose::LcwraElement
            | Purpose::CarerElement
            | Purpose::Transitional
            | Purpose::TopUp
            | Purpose::CrisisGrant
            | Purpose::Advance
            | Purpose::Hardship
            | Purpose::Earnings
            | Purpose::GeneralIncome => {
                if self.adults.contains(&for_whom) {
                    for_whom
                } else {
                    self.main_carer
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::PackFiles;

    /// Two adults and a child; the second adult cares for the child and is sanctioned, the first pays the rent.
    fn parties() -> Parties<char> {
        let party = |who, bears| Party { who, bears: Money::from_pence(bears) };
        let named = Named { adults: vec!['a', 'b'], main_carer: 'b', liable_for_rent: 'a', childcare_payer: 'a' };
        Parties { people: vec![party('a', 0), party('b', 300), party('c', 0)], named, managed_rent: false }
    }

    fn pack(lines: &str) -> Pack {
        let rules =
            "rules:\n- {id: whole, type: money, expr: £6.67}\n- {id: own, type: money, scope: person, expr: £1}\n";
        let manifest = format!("name: t\nversion: \"1\"\nin_force: {{from: 2017-04-10}}\nlines: [{lines}]\n");
        let files = [("pack.yaml", manifest), ("rules/r.rule.yaml", rules.to_string())];
        Pack::load(&PackFiles(files.map(|(path, text)| (path.to_string(), text)).into())).unwrap()
    }

    /// The amounts that the rules of [`pack`] give; only the child has an amount of its own.
    fn of_rule(rule: &str, person: Option<char>) -> Option<Money> {
        match (rule, person) {
            ("whole", None) => Some(Money::from_pence(667)),
            ("own", Some(who)) => Some(Money::from_pence(if who == 'c' { 100 } else { 0 })),
            (_, _) => None,
        }
    }

    #[track_caller]
    fn check(lines: &str, award: i64, payment: i64, expected: &[(Purpose, i64, char, char)]) {
        let worth = Worth { award: Money::from_pence(award), payment: Money::from_pence(payment), of_rule };
        let found = shares(&pack(lines), &parties(), &worth).unwrap();
        let found: Vec<_> = found.iter().map(|s| (s.gross.purpose, s.amount.pence(), s.for_whom, s.payee)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_adults_share_equally_and_the_childs_money_goes_to_its_main_carer() {
        let lines = "{purpose: standard_allowance, amount: whole, payee: adults_equally}, {purpose: child_element, amount: own, payee: main_carer}";
        check(
            lines,
            767,
            767,
            &[
                (Purpose::StandardAllowance, 333, 'a', 'a'),
                (Purpose::StandardAllowance, 334, 'b', 'b'),
                (Purpose::ChildElement, 100, 'c', 'b'),
            ],
        );
        // The partner who is sanctioned bears 3.00 alone.
        check(
            lines,
            767,
            467,
            &[
                (Purpose::StandardAllowance, 333, 'a', 'a'),
                (Purpose::StandardAllowance, 34, 'b', 'b'),
                (Purpose::ChildElement, 100, 'c', 'b'),
            ],
        );
    }

    #[test]
    fn rent_goes_to_who_must_pay_it_and_a_line_of_nothing_is_left_out() {
        let lines = "{purpose: housing, amount: whole, payee: liable_for_rent}, {purpose: lcw_element, amount: own, payee: self}";
        check(lines, 767, 767, &[(Purpose::Housing, 667, 'a', 'a'), (Purpose::LcwElement, 100, 'c', 'b')]);
        check(lines, 767, 667, &[(Purpose::Housing, 567, 'a', 'a'), (Purpose::LcwElement, 100, 'c', 'b')]);
        check(lines, 0, 0, &[]);
    }

    #[test]
    fn a_line_for_what_is_no_purpose_and_a_rule_without_an_amount_are_errors() {
        let worth = Worth { award: Money::ZERO, payment: Money::ZERO, of_rule };
        let wrong = pack("{purpose: fun, amount: whole, payee: self}");
        let error = shares(&wrong, &parties(), &worth).unwrap_err();
        assert_eq!(error.to_string(), "the pack has a line for `fun`, which is no purpose");
        let right = pack("{purpose: housing, amount: whole, payee: self}");
        let none = Worth { award: Money::ZERO, payment: Money::ZERO, of_rule: |_: &str, _: Option<char>| None };
        let error = shares(&right, &parties(), &none).unwrap_err();
        assert_eq!(error.to_string(), "the pack gives no amount for `whole`");
    }
}
