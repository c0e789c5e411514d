//! Whose each part of a payment is: the pack's lines for the people of a described case.
//!
//! A case names no main carer, no tenant and no payer of childcare, so the first adult stands for them, as where a claim
//! records none.

use std::collections::BTreeSet;

use projections::engine::{Answer, Case, CaseError, Pack, PayeeRule, Person, Program, Scope, Value};
use projections::lines::{Gross, awarded, equal_shares, paid};
use schemas::Money;
use schemas::events::Purpose;

use crate::error::Failure;

/// One line of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How much.
    pub amount: Money,
    /// What for.
    pub purpose: Purpose,
    /// The id of the person whose need it meets.
    pub for_whom: String,
    /// The id of the person who gets it.
    pub payee: String,
}

/// The lines of a pack, ready to be worked out.
pub struct Lines<'p> {
    pack: &'p Pack,
    /// Gives the award, the payment and every amount that a line names.
    program: Program,
    award: &'p str,
    payment: &'p str,
    /// Who is an adult where a case does not say what somebody is.
    adult_unless_stated: bool,
}

impl<'p> Lines<'p> {
    /// Nothing for a pack that does not say what its lines are and what they add up to.
    ///
    /// # Errors
    /// The rules cannot be compiled.
    pub fn new(pack: &'p Pack) -> Result<Option<Lines<'p>>, Failure> {
        let (Some(award), false) = (pack.award(), pack.lines().is_empty()) else { return Ok(None) };
        let payment = pack.outputs().find(|output| *output == "payment").unwrap_or(award);
        let amounts = pack.lines().iter().filter_map(|line| pack.rule(line.amount)).map(|rule| rule.id.as_str());
        let rules: BTreeSet<&str> = amounts.chain([award, payment]).collect();
        let program = pack.compile(Some(&rules.into_iter().collect::<Vec<_>>()));
        let program = program.map_err(|e| Failure::input(e.to_string()))?;
        let role = pack.inputs().iter().find(|input| input.scope == Scope::Person && input.name == "role");
        let usual = role.and_then(|role| pack.words().get(usize::try_from(role.default?).ok()?));
        let adult_unless_stated = usual.is_none_or(|word| word == "adult");
        Ok(Some(Lines { pack, program, award, payment, adult_unless_stated }))
    }

    /// The lines of each case, those of nothing left out.
    pub fn of(&self, cases: &[Case]) -> Vec<Result<Vec<Line>, CaseError>> {
        let answers = self.program.run(cases);
        answers.into_iter().zip(cases).map(|(answer, case)| answer.map(|answer| self.lines(case, &answer))).collect()
    }

    fn lines(&self, case: &Case, answer: &Answer) -> Vec<Line> {
        let money = |rule: &str| answer.get(rule).and_then(|figure| figure.money()).unwrap_or(Money::ZERO);
        let (award, payment) = (money(self.award), money(self.payment));
        let adults: Vec<&Person> = case.people.iter().filter(|person| self.is_adult(person)).collect();
        let Some(first) = adults.first() else { return Vec::new() };
        let drafts = self.drafts(case, answer, &adults, first);
        let gross: Vec<Gross> = drafts.iter().map(|(gross, _)| *gross).collect();
        let amounts = paid(&gross, &awarded(&gross, award), award - payment);
        let lines = drafts.iter().zip(amounts).filter(|(_, amount)| *amount > Money::ZERO);
        lines
            .map(|((gross, whose), amount)| {
                let is_own = adults.iter().any(|adult| adult.id == whose.id);
                let payee = if is_own { &whose.id } else { &first.id };
                Line { amount, purpose: gross.purpose, for_whom: whose.id.clone(), payee: payee.clone() }
            })
            .collect()
    }

    /// The lines before any reduction, each for an individual.
    fn drafts<'c>(
        &self,
        case: &'c Case,
        answer: &Answer,
        adults: &[&'c Person],
        first: &'c Person,
    ) -> Vec<(Gross, &'c Person)> {
        let mut out = Vec::new();
        for line in self.pack.lines() {
            let purpose = Purpose::ALL.iter().find(|purpose| purpose.name() == line.purpose);
            let (Some(purpose), Some(rule)) = (purpose, self.pack.rule(line.amount)) else { continue };
            let whole = answer.get(&rule.id).and_then(|figure| figure.money()).unwrap_or(Money::ZERO);
            let shares: Vec<(Money, &Person)> = match (rule.scope, line.payee) {
                (Scope::Person, _) => {
                    let own = |person: &Person| answer.of_person(&person.id, &rule.id).and_then(|f| f.money());
                    case.people.iter().filter_map(|person| Some((own(person)?, person))).collect()
                }
                (Scope::Unit, PayeeRule::AdultsEqually) => {
                    equal_shares(whole, adults.len()).into_iter().zip(adults.iter().copied()).collect()
                }
                (
                    Scope::Unit,
                    PayeeRule::OwnSelf | PayeeRule::MainCarer | PayeeRule::LiableForRent | PayeeRule::ChildcarePayer,
                ) => vec![(whole, first)],
            };
            for (amount, person) in shares.into_iter().filter(|(amount, _)| *amount > Money::ZERO) {
                let bears_first = is_sanctioned(person);
                let reduced_by_income = line.reduce;
                out.push((Gross { purpose: *purpose, amount, reduced_by_income, managed: false, bears_first }, person));
            }
        }
        out
    }

    fn is_adult(&self, person: &Person) -> bool {
        match person.facts.iter().find(|(name, _)| name == "role") {
            Some((_, value)) => *value == Value::Enum("adult".into()),
            None => self.adult_unless_stated,
        }
    }
}

fn is_sanctioned(person: &Person) -> bool {
    person.facts.iter().any(|(name, value)| name == "sanction_days" && *value != Value::Count(0))
}
