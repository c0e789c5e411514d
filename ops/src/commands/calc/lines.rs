//! Whose each part of a payment is: the pack's lines for the people of a described case.
//!
//! A case names no main carer, no tenant and no payer of childcare, so the first adult stands for them, as where a claim
//! records none.

use std::collections::BTreeSet;

use projections::engine::{Answer, Case, CaseError, CaseFault, Pack, Person, Program, Scope, Ty, Value};
use projections::payees::{
    Named, Parties, Party, SANCTION_RULES, Share, SplitError, Worth, purpose, sanctions_borne, shares,
};
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
    /// A line is for what is no purpose, or the rules cannot be compiled.
    pub fn new(pack: &'p Pack) -> Result<Option<Lines<'p>>, Failure> {
        let (Some(award), false) = (pack.award(), pack.lines().is_empty()) else { return Ok(None) };
        for line in pack.lines() {
            purpose(line).map_err(|error| Failure::input(format!("{}: {error}", pack.name())))?;
        }
        let of_the_case = |id: &str| pack.rules().any(|r| r.id == id && (r.scope, r.ty) == (Scope::Unit, Ty::Money));
        let payment = pack.outputs().find(|output| *output == "payment" && of_the_case(output)).unwrap_or(award);
        if !of_the_case(award) {
            return Ok(None);
        }
        let amounts = pack.lines().iter().filter_map(|line| pack.rule(line.amount)).map(|rule| rule.id.as_str());
        let of_sanctions = SANCTION_RULES.into_iter().filter(|id| pack.rules().any(|rule| rule.id == *id));
        let rules: BTreeSet<&str> = amounts.chain([award, payment]).chain(of_sanctions).collect();
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
        answers
            .into_iter()
            .zip(cases)
            .map(|(answer, case)| answer.and_then(|answer| self.lines(case, &answer)))
            .collect()
    }

    fn lines(&self, case: &Case, answer: &Answer) -> Result<Vec<Line>, CaseError> {
        let money = |rule: &str| answer.get(rule).and_then(|figure| figure.money());
        let too_large = |rule: &str| CaseError {
            case: case.name.clone(),
            why: CaseFault::Overflow { rule: rule.into(), person: None },
        };
        let award = money(self.award).ok_or_else(|| too_large(self.award))?;
        let payment = money(self.payment).ok_or_else(|| too_large(self.payment))?;
        let id = |person: usize| case.people.get(person).map_or("", |person| person.id.as_str());
        let of_rule = |rule: &str, person: Option<usize>| match person {
            Some(person) => answer.of_person(id(person), rule).and_then(|figure| figure.money()),
            None => money(rule),
        };
        let Some(parties) = self.parties(case, of_rule) else { return Ok(Vec::new()) };
        let shares = shares(self.pack, &parties, &Worth { award, payment, of_rule }).map_err(|error| match error {
            SplitError::Purpose(rule) | SplitError::NoFigure(rule) => too_large(&rule),
        })?;
        let line = |share: &Share<usize>| Line {
            amount: share.amount,
            purpose: share.gross.purpose,
            for_whom: id(share.for_whom).into(),
            payee: id(share.payee).into(),
        };
        Ok(shares.iter().map(line).collect())
    }

    /// The people of a case, by place in it; nothing where nobody is an adult.
    fn parties(&self, case: &Case, of_rule: impl Fn(&str, Option<usize>) -> Option<Money>) -> Option<Parties<usize>> {
        let people = case.people.iter().enumerate();
        let adults: Vec<usize> = people.clone().filter(|(_, p)| self.is_adult(p)).map(|(who, _)| who).collect();
        let first = *adults.first()?;
        let everybody: Vec<usize> = people.map(|(who, _)| who).collect();
        let bears = sanctions_borne(&everybody, of_rule);
        let people = everybody.into_iter().zip(bears).map(|(who, bears)| Party { who, bears }).collect();
        let named = Named { adults, main_carer: first, liable_for_rent: first, childcare_payer: first };
        Some(Parties { people, named, managed_rent: false })
    }

    fn is_adult(&self, person: &Person) -> bool {
        let fact = |fact: &str| person.facts.iter().find(|(name, _)| name == fact).map(|(_, value)| value);
        let adult = fact("role").map_or(self.adult_unless_stated, |role| *role == Value::Enum("adult".into()));
        adult && fact("ineligible_partner") != Some(&Value::Bool(true))
    }
}
