//! Results as people read them: award, payment and the amounts that are not nil, each with the law it rests on.

use jiff::civil::Date;
use projections::engine::{AppliesTo, Exact, Figure, Pack, Rule, Step, Used, Version};
use schemas::AssessmentPeriod;

use super::Done;
use crate::output::Table;

/// One case.
pub fn case(pack: &Pack, done: &Done<'_>) -> String {
    let period = done.case.period;
    let mut out = format!("{}\n{period}, {} {}\n\n", done.case.name, pack.name(), pack.version());
    let mut table = Table::new(2, &[1]);
    for (id, figure) in &done.answer.unit {
        if figure.exact != Exact::ZERO || pack.award() == Some(id) || id == "payment" {
            table.row([id.replace('_', " "), amount(figure), law(pack, id, period)]);
        }
    }
    for person in &done.answer.people {
        for (id, figure) in person.figures.iter().filter(|(_, figure)| figure.exact != Exact::ZERO) {
            table.row([format!("{} of {}", id.replace('_', " "), person.id), amount(figure), law(pack, id, period)]);
        }
    }
    out.push_str(&table.to_string());
    if let Some(steps) = &done.steps {
        out.push_str("\n  steps\n\n");
        steps.iter().for_each(|one| out.push_str(&step(one)));
    }
    out
}

/// A step: its value and name, then what it says, how it was reached and where the law says so.
fn step(step: &Step) -> String {
    let whose = step.person.as_ref().map(|person| format!(" of {person}")).unwrap_or_default();
    let mut out = format!("  {:>10}  {}{whose}\n", amount(&step.value), step.id);
    let mut line = |text: String| out.push_str(&format!("{:14}{text}\n", ""));
    if let Some(say) = &step.say {
        line(say.to_string());
    }
    if let Some(unrounded) = step.unrounded.filter(|unrounded| *unrounded != step.value.exact) {
        line(format!("before rounding {unrounded}"));
    }
    if !step.used_default.is_empty() {
        line(format!("not stated, so the usual value: {}", step.used_default.join(", ")));
    }
    if let Some(cite) = &step.cite {
        line(cite.to_string());
    }
    step.parameters.iter().for_each(|used| line(parameter(used)));
    out
}

/// A value that a step's formula names, with the law that sets it and, where that is weak, how well it is supported.
fn parameter(used: &Used) -> String {
    let cite = used.cite.as_ref().map(|cite| format!(", {cite}")).unwrap_or_default();
    format!("{} = {} from {}{cite}", used.path, used.text, used.from)
}

fn amount(figure: &Figure) -> String {
    figure.money().map_or_else(|| figure.text.clone(), |money| money.to_string())
}

/// The citation of a rule for a period; empty where the pack gives none.
fn law(pack: &Pack, id: &str, period: AssessmentPeriod) -> String {
    let rule = pack.rules().find(|rule| rule.id == id);
    let version = rule.and_then(|rule| in_force(rule, period.first(), period.last()));
    version.and_then(|version| version.cite.as_ref()).map(|cite| cite.to_string()).unwrap_or_default()
}

/// The version of a rule for a period from one day to another.
pub fn in_force(rule: &Rule, first: Date, last: Date) -> Option<&Version> {
    let day = |version: &Version| match version.applies_to {
        AppliesTo::PeriodStart => first,
        AppliesTo::PeriodEnd => last,
    };
    rule.versions.iter().rev().find(|version| version.from.is_none_or(|from| from <= day(version)))
}
