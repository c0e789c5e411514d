//! Where a wrong result of a test arises: the first step that came out otherwise, with its formula and what it was made of.

use super::case::Case;
use super::case_text::Expected;
use super::model::{Kind, Rule};
use super::pack::Pack;
use super::program::Program;
use super::trace::Step;
use super::value::{show_fact, take_fact};

/// The step of the first of some wrong results, in the order of computation; nothing where it cannot be traced.
pub(crate) fn arises_in<'e>(
    pack: &Pack,
    program: &Program,
    case: &Case,
    wrong: impl Iterator<Item = &'e Expected>,
) -> Option<String> {
    let place = |id: &str| pack.order.iter().position(|index| pack.rules[*index].id == id);
    let first = wrong.min_by_key(|expected| place(&expected.rule))?;
    let steps = program.trace(case).ok()?;
    let step =
        steps.iter().find(|step| *step.id == *first.rule && step.person.as_deref() == first.person.as_deref())?;
    let rule = pack.rules().find(|rule| rule.id == first.rule)?;
    let whose = step.person.as_deref().map(|person| format!(" of {person}")).unwrap_or_default();
    let formula = step.formula.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = format!("arises in {}{whose}: {formula}", step.id);
    if let Some(cite) = &step.cite {
        out.push_str(&format!("\n  {cite}"));
    }
    let parts = parts(pack, rule, step, &steps, case);
    if !parts.is_empty() {
        out.push_str(&format!("\n  with {}", parts.join(", ")));
    }
    Some(out)
}

/// What the formula names, with its values in the case.
fn parts(pack: &Pack, rule: &Rule, of: &Step, steps: &[Step], case: &Case) -> Vec<String> {
    let mut out = Vec::new();
    let named = |person: Option<&str>, name: &str| person.map_or_else(|| name.into(), |id| format!("{id}.{name}"));
    let own = |person: Option<&str>| of.person.is_none() || person.is_none() || person == of.person.as_deref();
    for version in rule.versions.iter().filter(|version| version.text == *of.formula) {
        version.body.walk(&mut |typed| match typed.kind {
            Kind::Rule(index) => {
                let id = &pack.rules[index].id;
                let found = steps.iter().filter(|step| *step.id == **id && own(step.person.as_deref()));
                out.extend(found.map(|step| format!("{} {}", named(step.person.as_deref(), id), step.value.text)));
            }
            Kind::Input(index) => {
                let (input, name) = (&pack.inputs[index], &pack.inputs[index].name);
                let facts = case.people.iter().map(|p| (Some(p.id.as_str()), &p.facts)).chain([(None, &case.unit)]);
                for (person, facts) in facts.filter(|(person, _)| own(*person)) {
                    let stated = facts.iter().find(|(fact, _)| fact == name);
                    let held = stated.and_then(|(_, value)| take_fact(input, &pack.words, value).ok());
                    out.extend(
                        held.map(|held| format!("{} {}", named(person, name), show_fact(input, &pack.words, held))),
                    );
                }
            }
            Kind::Const(_)
            | Kind::PeriodStart
            | Kind::PeriodEnd
            | Kind::Leaf(_)
            | Kind::Negate(_)
            | Kind::Not(_)
            | Kind::Add(..)
            | Kind::Sub(..)
            | Kind::Mul(..)
            | Kind::Scale(..)
            | Kind::Compare(..)
            | Kind::And(..)
            | Kind::Or(..)
            | Kind::If(..)
            | Kind::Extreme(..)
            | Kind::Round(..)
            | Kind::Quotient(..)
            | Kind::Age(..)
            | Kind::AddMonths(..)
            | Kind::AddDays(..)
            | Kind::Over { .. }
            | Kind::Rank { .. } => {}
        });
    }
    out.extend(of.parameters.iter().map(|used| format!("{} {} from {}", used.path, used.text, used.from)));
    let mut seen = Vec::new();
    out.retain(|part| {
        !seen.contains(part) && {
            seen.push(part.clone());
            true
        }
    });
    out
}
