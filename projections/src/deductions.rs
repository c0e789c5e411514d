//! What debts ask of a period's payment, and on which of them falls what was deducted.
//!
//! The pack says how much is deducted for each kind and in which order; here it is only said what is asked for, and whose
//! debt what was taken repays.

use schemas::events::DebtKind;
use schemas::{AssessmentPeriod, Money, PersonId};

use crate::debt_kinds::terms_of;
use crate::engine::Value;
use crate::lines::apportion;
use crate::views::Debt;

/// The kinds as a pack tells them apart: each has the fact `asked_for_KIND` and the rule `deducted_for_KIND`.
const KINDS: &[&str] = &[
    "child_maintenance",
    "advance",
    "budgeting_advance",
    "owner_housing_costs",
    "rent_arrears",
    "gas",
    "electricity",
    "council_tax",
    "fine",
    "water",
    "maintenance_contribution",
    "social_fund",
    "hardship",
    "administrative_penalty",
    "fraud_overpayment",
    "civil_penalty",
    "overpayment",
    "integration_loan",
    "eligible_loan",
    "third_party",
];

/// What one debt asks of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Who owes it.
    pub person: PersonId,
    /// The debt.
    pub debt: &'a Debt,
    /// How much is asked, never more than is left of it.
    pub amount: Money,
    /// Whether it may go beyond the limit (SI 2013/380 Sch. 6 para. 4(4)).
    pub last_resort: bool,
}

/// What the debts of the claimants ask of a period, in the order in which they are given. `left` is what earlier periods
/// left of a debt of a person.
/// A third party has one deduction of a kind at a time, for the oldest debt: the law counts deductions (para. 3(1)(b)).
pub fn asked<'a>(
    debts: impl Iterator<Item = (PersonId, &'a Debt)>,
    period: AssessmentPeriod,
    left: impl Fn(PersonId, &Debt) -> Money,
) -> Vec<Asked<'a>> {
    let mut asked: Vec<Asked<'a>> = debts
        .filter_map(|(person, debt)| {
            let (amount, last_resort) = debt.set_for(period);
            let amount = amount.min(left(person, debt).at_least_zero());
            (amount > Money::ZERO).then_some(Asked { person, debt, amount, last_resort })
        })
        .collect();
    let oldest: Vec<u64> = KINDS
        .iter()
        .filter_map(|kind| {
            let of_kind = asked
                .iter()
                .filter(|one| terms_of(one.debt.kind).one_at_a_time && terms_of(one.debt.kind).in_packs == *kind);
            of_kind.map(|one| one.debt.position).min()
        })
        .collect();
    asked.retain(|one| !terms_of(one.debt.kind).one_at_a_time || oldest.contains(&one.debt.position));
    asked
}

/// What is asked for in the words of a pack: every kind that it `takes`, nothing asked for among them.
pub fn facts(asked: &[Asked<'_>], takes: impl Fn(&str) -> bool) -> Vec<(String, Value)> {
    let sum =
        |kind: &str| asked.iter().filter(|one| terms_of(one.debt.kind).in_packs == kind).map(|one| one.amount).sum();
    let last_resort = |kinds: &[DebtKind]| asked.iter().any(|one| one.last_resort && kinds.contains(&one.debt.kind));
    let mut facts: Vec<(String, Value)> =
        KINDS.iter().map(|kind| (format!("asked_for_{kind}"), Value::Money(sum(kind)))).collect();
    facts.push(("rent_last_resort".into(), Value::Bool(last_resort(&[DebtKind::RentArrears]))));
    facts.push(("fuel_last_resort".into(), Value::Bool(last_resort(&[DebtKind::Gas, DebtKind::Electricity]))));
    facts.retain(|(name, _)| takes(name));
    facts
}

/// What was taken for each debt, in the order of what was asked. `figure` is what a rule of the pack came to.
///
/// What was taken for a kind falls on the claimants in proportion to what was asked for their debts of it, to the penny by
/// largest remainder, and of one claimant on the oldest debt first.
pub fn taken<'a>(asked: &[Asked<'a>], figure: impl Fn(&str) -> Option<Money>) -> Vec<(Asked<'a>, Money)> {
    let mut taken: Vec<(Asked<'a>, Money)> = asked.iter().map(|one| (*one, Money::ZERO)).collect();
    for kind in KINDS {
        let Some(sum) = figure(&format!("deducted_for_{kind}")).filter(|sum| *sum > Money::ZERO) else { continue };
        let mut of_kind: Vec<&mut (Asked<'a>, Money)> =
            taken.iter_mut().filter(|(one, _)| terms_of(one.debt.kind).in_packs == *kind).collect();
        let mut people: Vec<(PersonId, Money)> = Vec::new();
        for (one, _) in of_kind.iter() {
            match people.iter_mut().find(|(person, _)| *person == one.person) {
                Some((_, asked)) => *asked += one.amount,
                None => people.push((one.person, one.amount)),
            }
        }
        let shares = apportion(sum, &people.iter().map(|(_, asked)| *asked).collect::<Vec<_>>());
        of_kind.sort_by_key(|(one, _)| one.debt.position);
        for ((person, _), mut left) in people.into_iter().zip(shares) {
            for (one, amount) in of_kind.iter_mut().filter(|(one, _)| one.person == person) {
                *amount = one.amount.min(left);
                left -= *amount;
            }
        }
    }
    taken.retain(|(_, amount)| *amount > Money::ZERO);
    taken
}

impl Debt {
    /// What is set to be taken from a period: what was set last for periods from its first day or earlier; until then, of
    /// an advance, an equal part, and of an overpayment that it was decided to recover, all of it, so that the limit of the
    /// pack is what is taken (SI 2013/384 reg. 11(2)).
    fn set_for(&self, period: AssessmentPeriod) -> (Money, bool) {
        let in_force = self.settings.iter().filter(|setting| setting.from <= period.first());
        if let Some(setting) = in_force.max_by_key(|setting| setting.from) {
            return (setting.per_period, setting.last_resort);
        }
        let begun = self.recovery.filter(|recovery| recovery.from <= period.last());
        (begun.map_or(Money::ZERO, |recovery| recovery.per_period.money()), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{Registered, Setting};
    use jiff::civil::{Date, date};
    use schemas::events::Recovery;
    use schemas::{Amount, CommandId, DebtId, EventId};
    use uuid::Uuid;

    const ANN: PersonId = PersonId(Uuid::from_u128(1));
    const BOB: PersonId = PersonId(Uuid::from_u128(2));

    /// Registered at `position`, with `pence` set from 1 June.
    fn debt(kind: DebtKind, position: u64, pence: i64) -> Debt {
        let set = Setting { from: date(2026, 6, 1), per_period: Money::from_pence(pence), last_resort: false };
        let id = DebtId(Uuid::from_u128(position.into()));
        let event = EventId { command: CommandId(id.0), index: 0 };
        let registered = Registered { position, event, from: date(2026, 6, 1) };
        Debt { settings: vec![set], ..Debt::new(id, kind, registered, Money::from_pence(100_000)) }
    }

    fn period(first: Date) -> AssessmentPeriod {
        AssessmentPeriod::starting(first).unwrap()
    }

    fn asked_of(debts: &[(PersonId, Debt)], first: Date, left: i64) -> Vec<(u64, i64)> {
        let debts = debts.iter().map(|(person, debt)| (*person, debt));
        let asked = asked(debts, period(first), |_, _| Money::from_pence(left));
        asked.iter().map(|one| (one.debt.position, one.amount.pence())).collect()
    }

    #[test]
    fn a_debt_asks_what_was_set_last_and_no_more_than_is_left() {
        let mut overpayment = debt(DebtKind::Overpayment, 1, 5_000);
        overpayment.settings.push(Setting {
            from: date(2026, 6, 1),
            per_period: Money::from_pence(3_000),
            last_resort: false,
        });
        let debts = [(ANN, overpayment)];
        assert_eq!(asked_of(&debts, date(2026, 5, 1), 9_000), []);
        assert_eq!(asked_of(&debts, date(2026, 6, 1), 9_000), [(1, 3_000)]);
        assert_eq!(asked_of(&debts, date(2026, 7, 1), 2_000), [(1, 2_000)]);
        assert_eq!(asked_of(&debts, date(2026, 7, 1), -1), []);
    }

    #[test]
    fn an_advance_asks_its_parts_from_the_payment_of_the_period_it_was_lent_in_until_something_is_set() {
        // Lent on 15 June: the first payment, for June, takes the first part.
        let recovery = Recovery { per_period: Amount::new(Money::from_pence(1_771)).unwrap(), from: date(2026, 6, 15) };
        let mut advance = Debt { settings: vec![], recovery: Some(recovery), ..debt(DebtKind::Advance, 1, 0) };
        let asked = |advance: &Debt, first| asked_of(&[(ANN, advance.clone())], first, 42_490);
        assert_eq!(asked(&advance, date(2026, 5, 1)), []);
        assert_eq!(asked(&advance, date(2026, 6, 1)), [(1, 1_771)]);
        let set = Setting { from: date(2026, 7, 1), per_period: Money::from_pence(900), last_resort: false };
        advance.settings.push(set);
        assert_eq!(asked(&advance, date(2026, 6, 1)), [(1, 1_771)]);
        assert_eq!(asked(&advance, date(2026, 7, 1)), [(1, 900)]);
    }

    #[test]
    fn a_third_party_has_one_deduction_of_a_kind_at_a_time_for_the_oldest_debt() {
        let debts = [
            (ANN, debt(DebtKind::CouncilTax, 5, 2_000)),
            (BOB, debt(DebtKind::CouncilTax, 3, 2_000)),
            (BOB, debt(DebtKind::Water, 4, 2_000)),
            (BOB, debt(DebtKind::Overpayment, 6, 2_000)),
            (ANN, debt(DebtKind::TaxCreditOverpayment, 7, 2_000)),
        ];
        assert_eq!(asked_of(&debts, date(2026, 6, 1), 9_000), [(3, 2_000), (4, 2_000), (6, 2_000), (7, 2_000)]);
    }

    #[test]
    fn what_is_asked_is_told_by_kind_and_a_last_resort_with_it() {
        let mut gas = debt(DebtKind::Gas, 1, 2_500);
        gas.settings[0].last_resort = true;
        let debts = [gas, debt(DebtKind::Overpayment, 2, 1_000), debt(DebtKind::HousingBenefitOverpayment, 3, 500)];
        let asked = asked(debts.iter().map(|debt| (ANN, debt)), period(date(2026, 6, 1)), |_, debt| debt.owed);
        let facts = facts(&asked, |name| name != "asked_for_fine");
        let fact = |name: &str| facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        assert_eq!(fact("asked_for_gas"), Some(Value::Money(Money::from_pence(2_500))));
        assert_eq!(fact("asked_for_overpayment"), Some(Value::Money(Money::from_pence(1_500))));
        assert_eq!(fact("asked_for_water"), Some(Value::Money(Money::ZERO)));
        assert_eq!(fact("asked_for_fine"), None);
        assert_eq!(fact("fuel_last_resort"), Some(Value::Bool(true)));
        assert_eq!(fact("rent_last_resort"), Some(Value::Bool(false)));
    }

    #[test]
    fn what_was_taken_falls_on_both_partners_in_proportion_and_on_the_oldest_debt_of_each() {
        // 30.00 and 15.00 are asked for Ann's debts, 20.00 for Bob's: of 40.01 Ann has 45 / 65, 27.699, Bob 12.310.
        let debts = [
            (ANN, debt(DebtKind::Overpayment, 9, 3_000)),
            (ANN, debt(DebtKind::TaxCreditOverpayment, 4, 1_500)),
            (BOB, debt(DebtKind::Overpayment, 2, 2_000)),
        ];
        let asked = asked(debts.iter().map(|(who, debt)| (*who, debt)), period(date(2026, 6, 1)), |_, debt| debt.owed);
        let taken = taken(&asked, |rule| (rule == "deducted_for_overpayment").then_some(Money::from_pence(4_001)));
        let taken: Vec<_> = taken.iter().map(|(one, sum)| (one.debt.position, sum.pence())).collect();
        assert_eq!(taken, [(9, 1_270), (4, 1_500), (2, 1_231)]);
    }
}
