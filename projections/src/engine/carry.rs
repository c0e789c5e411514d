//! What a period hands on to the next: facts whose value is what a rule came to in the period before.
//!
//! A fact that is carried has its default in the first period, and a case that states it is believed. The period before is
//! a decision in the ledger and an earlier case in a file; both say what a rule came to as text, the form facts are read from.

use std::collections::BTreeMap;

use schemas::yaml::Node;

use super::case::Case;
use super::case_text::StatedCase;
use super::check::Named;
use super::error::{CaseError, CaseFault, PackError, nearest};
use super::manifest::CarryText;
use super::model::{Carry, Input, Rule, Scope};
use super::pack::Pack;
use super::program::Program;
use super::source::{place, shown};

impl Pack {
    /// Every fact that is carried, and the rule of the period before that it comes from.
    pub fn carries(&self) -> impl Iterator<Item = (&Input, &Rule)> {
        self.carries.iter().map(|carry| (&self.inputs[carry.input], &self.rules[carry.rule]))
    }

    /// Gives a case what it carries and does not state itself. `before` says what a rule came to in the period before, of
    /// the case or of a person by id; nothing where it came to nothing, and then the fact has its default.
    ///
    /// # Errors
    /// What the rule came to is no value of the fact: the pack should round it.
    pub fn carry(
        &self,
        case: &mut Case,
        before: impl Fn(&str, Option<&str>) -> Option<String>,
    ) -> Result<(), CaseError> {
        let name = case.name.clone();
        let carry = |facts: &mut Vec<(String, _)>, scope, person: Option<&str>| -> Result<(), CaseFault> {
            for (input, rule) in self.carries().filter(|(input, _)| input.scope == scope) {
                let stated = facts.iter().any(|(name, _)| *name == input.name);
                if let Some(text) = before(&rule.id, person).filter(|_| !stated) {
                    facts.push((input.name.clone(), self.read_fact(scope, person, &input.name, &text)?));
                }
            }
            Ok(())
        };
        let unit = carry(&mut case.unit, Scope::Unit, None);
        let people =
            case.people.iter_mut().try_for_each(|person| carry(&mut person.facts, Scope::Person, Some(&person.id)));
        unit.and(people).map_err(|why| CaseError { case: name, why })
    }
}

/// Cases of a file, one after another; one that says `after` carries from an earlier one.
#[derive(Debug)]
pub struct Chain<'p> {
    pack: &'p Pack,
    /// Works out only what is carried; made when a case first asks.
    program: Option<Program>,
    cases: BTreeMap<String, Case>,
}

impl<'p> Chain<'p> {
    /// A chain without cases.
    pub fn new(pack: &'p Pack) -> Chain<'p> {
        Chain { pack, program: None, cases: BTreeMap::new() }
    }

    /// Gives a case what it carries from the earlier one that it names, and remembers it for those that name it.
    ///
    /// # Errors
    /// No earlier case has that name, it is not for an earlier period, or it cannot be worked out.
    pub fn link(&mut self, stated: &mut StatedCase) -> Result<(), CaseError> {
        if let Some(after) = &stated.after {
            let fail = |why| CaseError { case: stated.case.name.clone(), why };
            let earlier = self.cases.get(after).ok_or_else(|| {
                let near = nearest(after, self.cases.keys().map(String::as_str)).map(str::to_string);
                fail(CaseFault::NoCaseBefore { after: after.clone(), near })
            })?;
            if earlier.period >= stated.case.period {
                return Err(fail(CaseFault::NotAfter { after: after.clone(), first: earlier.period.first() }));
            }
            let program = match &mut self.program {
                Some(program) => program,
                none => none.insert(compiled(self.pack).map_err(|e| fail(CaseFault::Pack { say: e.to_string() }))?),
            };
            if let Some(answer) = program.run(std::slice::from_ref(earlier)).pop().transpose()? {
                self.pack.carry(&mut stated.case, |rule, person| {
                    let figure = match person {
                        Some(person) => answer.of_person(person, rule),
                        None => answer.get(rule),
                    };
                    figure.map(|figure| figure.text.clone())
                })?;
            }
        }
        self.cases.insert(stated.case.name.clone(), stated.case.clone());
        Ok(())
    }
}

fn compiled(pack: &Pack) -> Result<Program, PackError> {
    let rules: Vec<&str> = pack.carries().map(|(_, rule)| rule.id.as_str()).collect();
    pack.compile(Some(&rules))
}

/// Looks up the list under `carries`: a fact of the pack with a default and a rule of the same scope, type and words.
pub(crate) fn look_up(
    texts: &[CarryText],
    names: &BTreeMap<String, Named>,
    inputs: &[Input],
    rules: &[Rule],
    errors: &mut Vec<PackError>,
) -> Vec<Carry> {
    let mut carries: Vec<Carry> = Vec::new();
    for text in texts {
        match carry(text, names, inputs, rules) {
            Ok(carry) if carries.iter().any(|other| other.input == carry.input) => {
                errors.push(wrong(&text.input, "a fact that is carried already", "each fact once"));
            }
            Ok(carry) => carries.push(carry),
            Err(error) => errors.push(error),
        }
    }
    carries
}

fn carry(
    text: &CarryText,
    names: &BTreeMap<String, Named>,
    inputs: &[Input],
    rules: &[Rule],
) -> Result<Carry, PackError> {
    let (fact, from) = (text.input.text().unwrap_or_default(), text.from.text().unwrap_or_default());
    let Some(input) = inputs.iter().position(|input| input.name == fact) else {
        let known = inputs.iter().map(|input| input.name.as_str());
        return Err(wrong(&text.input, &shown(&text.input), "a fact of `inputs`").nearest(fact, known));
    };
    let Some(Named::Rule(rule)) = names.get(from).copied() else {
        let known = rules.iter().map(|rule| rule.id.as_str());
        return Err(wrong(&text.from, &shown(&text.from), "the id of a rule").nearest(from, known));
    };
    let (to, of) = (&inputs[input], &rules[rule]);
    if to.default.is_none() {
        return Err(wrong(&text.input, &format!("`{fact}`, which has no default"), "a fact with a default")
            .advise("say in `inputs` what it is in a first period"));
    }
    if (to.scope, to.ty) != (of.scope, of.ty) || of.words.iter().any(|word| !to.words.contains(word)) {
        let kind = |scope, ty: super::model::Ty| {
            let of = if scope == Scope::Person { " of each person" } else { "" };
            format!("{}{of}", ty.name())
        };
        let (found, expected) = (kind(of.scope, of.ty), kind(to.scope, to.ty));
        return Err(wrong(&text.from, &format!("`{from}`: {found}"), &format!("{expected}, as `{fact}` is")));
    }
    Ok(Carry { input, rule })
}

fn wrong(node: &Node, found: &str, expected: &str) -> PackError {
    PackError::new(place("pack.yaml", node), found, expected)
}
