//! What the difference between two packs does to the cases that stand in their tests: who gains, who loses, through which
//! step, the most affected first.

use std::cmp::Reverse;

use projections::engine::{Answer, Case, Chain, Pack, read_cases};
use schemas::Money;
use serde_json::{Value, json};

use crate::error::Failure;
use crate::output::Table;
use crate::packs::{Found, Shelf};

/// How many cases a text names.
const SHOWN: usize = 20;

/// Two packs over the same cases.
pub struct Effect {
    /// The result that is compared.
    result: String,
    /// Cases that come out otherwise, the most affected first.
    changed: Vec<Changed>,
    /// How many come out the same.
    same: usize,
    /// Cases that only one of the packs answers, and why the other does not.
    one_sided: Vec<(String, String)>,
    total_before: Money,
    total_after: Money,
}

struct Changed {
    case: String,
    before: Money,
    after: Money,
    difference: Money,
    /// The first result, in the order of computation, that comes out otherwise.
    through: String,
}

/// Runs the cases of both packs and of everything they stand on under the one and the other.
///
/// # Errors
/// A base is not here, or a pack cannot be compiled.
pub fn effect(
    shelf: &Shelf,
    (found_a, a): (&Found, &Pack),
    (found_b, b): (&Found, &Pack),
) -> Result<Option<Effect>, Failure> {
    let outputs: Vec<&str> = a.outputs().filter(|output| b.outputs().any(|other| other == *output)).collect();
    let result = ["payment"].into_iter().chain(a.award()).find(|result| outputs.contains(result));
    let Some(result) = result else { return Ok(None) };
    let failed = |error: projections::engine::PackError| Failure::input(error.to_string());
    let (one, other) = (a.compile(Some(&outputs)).map_err(failed)?, b.compile(Some(&outputs)).map_err(failed)?);
    let cases = population(shelf, [found_a, found_b], a)?;
    let mut effect = Effect {
        result: result.to_string(),
        changed: Vec::new(),
        same: 0,
        one_sided: Vec::new(),
        total_before: Money::ZERO,
        total_after: Money::ZERO,
    };
    let order: Vec<&str> = a.rules().map(|rule| rule.id.as_str()).filter(|id| outputs.contains(id)).collect();
    for ((case, before), after) in cases.iter().zip(one.run(&cases)).zip(other.run(&cases)) {
        match (before, after) {
            (Ok(before), Ok(after)) => effect.compare(case, &before, &after, &order),
            (Ok(_), Err(error)) => {
                effect.one_sided.push((case.name.clone(), format!("only {}: {}", a.name(), error.why)))
            }
            (Err(error), Ok(_)) => {
                effect.one_sided.push((case.name.clone(), format!("only {}: {}", b.name(), error.why)))
            }
            (Err(_), Err(_)) => {}
        }
    }
    effect.changed.sort_by_key(|changed| Reverse(changed.difference.pence().abs()));
    Ok(Some(effect))
}

/// The cases of the tests of some packs and their bases, each once.
fn population(shelf: &Shelf, packs: [&Found; 2], reader: &Pack) -> Result<Vec<Case>, Failure> {
    let mut cases: Vec<Case> = Vec::new();
    for found in packs {
        for found in shelf.line(found)?.into_iter().rev() {
            let tests = found.files.0.iter().filter(|(file, _)| file.starts_with("tests/"));
            for (_, text) in tests {
                let mut chain = Chain::new(reader);
                for mut stated in read_cases(reader, text).unwrap_or_default() {
                    if chain.link(&mut stated).is_ok() && !cases.contains(&stated.case) {
                        cases.push(stated.case);
                    }
                }
            }
        }
    }
    Ok(cases)
}

impl Effect {
    fn compare(&mut self, case: &Case, before: &Answer, after: &Answer, order: &[&str]) {
        let money = |answer: &Answer| answer.get(&self.result).and_then(|figure| figure.money()).unwrap_or(Money::ZERO);
        let (old, new) = (money(before), money(after));
        let sum = |a: Money, b: Money| Money::from_pence(a.pence().saturating_add(b.pence()));
        self.total_before = sum(self.total_before, old);
        self.total_after = sum(self.total_after, new);
        if old == new {
            self.same += 1;
            return;
        }
        let figures = |answer: &Answer, id: &str| {
            let of_people = answer.people.iter().map(|person| answer.of_person(&person.id, id).cloned());
            std::iter::once(answer.get(id).cloned()).chain(of_people).collect::<Vec<_>>()
        };
        let through = order.iter().find(|id| figures(before, id) != figures(after, id));
        self.changed.push(Changed {
            case: case.name.clone(),
            before: old,
            after: new,
            difference: Money::from_pence(new.pence().saturating_sub(old.pence())),
            through: through.map_or_else(String::new, |id| (*id).to_string()),
        });
    }

    fn gainers(&self) -> usize {
        self.changed.iter().filter(|changed| changed.after > changed.before).count()
    }

    /// For people.
    pub fn text(&self) -> String {
        let (all, gainers) = (self.same + self.changed.len(), self.gainers());
        let losers = self.changed.len() - gainers;
        let total = Money::from_pence(self.total_after.pence().saturating_sub(self.total_before.pence()));
        let things = if all == 1 { "case" } else { "cases" };
        let mut out = format!(
            "\nover {all} test {things}, by {}: {gainers} gain, {losers} lose, {} the same; {} -> {}, {} in all\n",
            self.result,
            self.same,
            self.total_before,
            self.total_after,
            signed(total)
        );
        let mut table = Table::new(2, &[0, 1, 2]);
        for one in self.changed.iter().take(SHOWN) {
            let through = if one.through.is_empty() { String::new() } else { format!("through {}", one.through) };
            table.row([
                signed(one.difference),
                one.before.to_string(),
                one.after.to_string(),
                through,
                one.case.clone(),
            ]);
        }
        if !table.is_empty() {
            out.push_str(&format!("\n{table}"));
        }
        if self.changed.len() > SHOWN {
            out.push_str(&format!("  and {} more; --format json gives all\n", self.changed.len() - SHOWN));
        }
        if !self.one_sided.is_empty() {
            out.push_str("\nanswered by one pack alone\n");
            self.one_sided.iter().for_each(|(case, why)| out.push_str(&format!("  {case}: {why}\n")));
        }
        out
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let amount = |money: Money| Value::Number(money.to_json_number());
        let one = |c: &Changed| {
            json!({"case": c.case, "before": amount(c.before), "after": amount(c.after),
                   "difference": amount(c.difference), "through": c.through})
        };
        json!({
            "result": self.result,
            "cases": self.same + self.changed.len(),
            "gainers": self.gainers(),
            "losers": self.changed.len() - self.gainers(),
            "same": self.same,
            "total_before": amount(self.total_before),
            "total_after": amount(self.total_after),
            "changed": self.changed.iter().map(one).collect::<Vec<_>>(),
            "answered_by_one": self.one_sided.iter().map(|(case, why)| json!({"case": case, "why": why})).collect::<Vec<_>>(),
        })
    }
}

fn signed(money: Money) -> String {
    if money.pence() > 0 { format!("+{money}") } else { money.to_string() }
}
