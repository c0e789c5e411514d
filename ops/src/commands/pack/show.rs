//! `pack show`: what a pack asks and gives, and one of its rules beside the law it rests on.

use jiff::civil::Date;
use projections::engine::{AppliesTo, Exact, Input, Leaf, LeafValue, Pack, Rule, Scope, Ty};
use schemas::{Citation, Money};
use serde_json::{Value, json};

use super::law::LawNotes;
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};
use crate::packs::did_you_mean;

/// A whole pack: its facts, results, other rules and parameters.
///
/// # Errors
/// Standard output cannot be written.
pub fn pack(pack: &Pack, format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => print(&pack_text(pack)),
        Format::Json => print_json(&pack_json(pack)),
    }
}

/// One rule or parameter of a pack on a day, or at its latest.
///
/// # Errors
/// [`Failure::Input`] when the pack has none of that name.
pub fn part(pack: &Pack, notes: &LawNotes, name: &str, on: Option<Date>, format: Format) -> Result<(), Failure> {
    let on = on.unwrap_or(Date::MAX);
    if let Some(rule) = pack.rules().find(|rule| rule.id == name) {
        return match format {
            Format::Text => print(&(steps_text(pack, notes, rule, on) + &rule_text(pack, notes, rule, on))),
            Format::Json => print_json(&rule_json(pack, notes, rule, on)),
        };
    }
    let leaves = leaves(pack, name);
    if !leaves.is_empty() {
        return match format {
            Format::Text => print(&leaves.iter().map(|leaf| leaf_text(leaf, on)).collect::<String>()),
            Format::Json => print_json(&leaves.iter().map(|leaf| leaf_json(leaf, on)).collect::<Vec<_>>().into()),
        };
    }
    let known = pack.rules().map(|rule| rule.id.as_str()).chain(pack.leaves().iter().map(|leaf| leaf.path.as_str()));
    let advice = did_you_mean(name, known).unwrap_or_else(|| format!("`footing pack show {}` lists them", pack.name()));
    Err(Failure::input(format!("{} has no rule or parameter `{name}`; {advice}", pack.name())))
}

fn pack_text(pack: &Pack) -> String {
    let (from, to) = pack.in_force();
    let until = to.map(|to| format!(" to {to}")).unwrap_or_default();
    let mut out = format!("{} {}: {}\n", pack.name(), pack.version(), pack.title());
    out.push_str(&format!("for periods starting from {from}{until}\ndigest {}\n", pack.digest()));
    for (title, scope) in [("facts of each person", Scope::Person), ("facts of the case", Scope::Unit)] {
        let mut table = Table::new(2, &[]);
        for input in pack.inputs().iter().filter(|input| input.scope == scope) {
            table.row([input.name.clone(), kind(pack, input), usual(pack, input)]);
        }
        section(&mut out, title, &table);
    }
    let mut table = Table::new(2, &[]);
    for (input, rule) in pack.carries() {
        table.row([input.name.clone(), format!("from {}", rule.id)]);
    }
    section(&mut out, "carried from the period before, where a case does not state it", &table);
    let mut table = Table::new(2, &[]);
    for (expr, say) in pack.requirements() {
        table.row([expr, say]);
    }
    section(&mut out, "requires of each case, or says", &table);
    let (results, others): (Vec<&Rule>, Vec<&Rule>) = pack.rules().partition(|rule| place(pack, rule).is_some());
    let mut results = results;
    results.sort_by_key(|rule| place(pack, rule));
    for (title, rules) in [("results", results), ("other rules", others)] {
        let mut table = Table::new(2, &[]);
        for rule in rules {
            let of = if rule.scope == Scope::Person { " of each person" } else { "" };
            let cite = law(rule.versions.last().and_then(|v| v.cite.as_ref()));
            table.row([rule.id.clone(), format!("{}{of}", rule.ty.name()), cite]);
        }
        section(&mut out, title, &table);
    }
    let mut table = Table::new(2, &[1]);
    for leaf in pack.leaves() {
        let (value, from) = value_on(leaf, Date::MAX);
        table.row([leaf.path.clone(), value, from.map(|from| format!("from {from}")).unwrap_or_default()]);
    }
    section(&mut out, "parameters, the latest values", &table);
    out
}

/// Which of the pack's results a rule is.
fn place(pack: &Pack, rule: &Rule) -> Option<usize> {
    pack.outputs().position(|output| output == rule.id)
}

fn section(out: &mut String, title: &str, table: &Table) {
    if !table.is_empty() {
        out.push_str(&format!("\n{title}\n{table}"));
    }
}

fn pack_json(pack: &Pack) -> Value {
    let (from, to) = pack.in_force();
    let input = |input: &Input| {
        let scope = if input.scope == Scope::Person { "person" } else { "unit" };
        json!({"name": input.name, "scope": scope, "type": input.ty.name(), "values": words(pack, input),
               "default": input.default.map(|held| held_text(pack, input, held))})
    };
    let rule = |rule: &Rule| json!({"id": rule.id, "type": rule.ty.name(), "scope": scope(rule)});
    json!({
        "name": pack.name(),
        "version": pack.version(),
        "title": pack.title(),
        "in_force": {"from": from, "to": to},
        "digest": pack.digest(),
        "inputs": pack.inputs().iter().map(input).collect::<Vec<_>>(),
        "carries": pack.carries().map(|(input, rule)| json!({"input": input.name, "from": rule.id})).collect::<Vec<_>>(),
        "requires": pack.requirements().map(|(expr, say)| json!({"expr": expr, "say": say})).collect::<Vec<_>>(),
        "outputs": pack.outputs().collect::<Vec<_>>(),
        "rules": pack.rules().map(rule).collect::<Vec<_>>(),
        "parameters": pack.leaves().iter().map(|leaf| &leaf.path).collect::<Vec<_>>(),
    })
}

/// The rules that a rule stands on, in the order of computation.
fn steps<'p>(pack: &'p Pack, of: &Rule, on: Date) -> Vec<&'p Rule> {
    let rules: Vec<&Rule> = pack.rules().collect();
    let mut needed = vec![of.id.as_str()];
    for rule in rules.iter().rev().filter(|rule| version_on(rule, on).is_some()) {
        if !needed.contains(&rule.id.as_str()) {
            continue;
        }
        let text = version_on(rule, on).map_or("", |version| version.text.as_str());
        for part in parts(pack, rule, text) {
            if let Part::Rule(part) = part {
                needed.push(&part.id);
            }
        }
    }
    rules.into_iter().filter(|rule| rule.id != of.id && needed.contains(&rule.id.as_str())).collect()
}

/// The steps before a rule: formula, values on the day, provision, and what the notes say that it does.
fn steps_text(pack: &Pack, notes: &LawNotes, of: &Rule, on: Date) -> String {
    let steps = steps(pack, of, on);
    if steps.is_empty() {
        return String::new();
    }
    let things = if steps.len() == 1 { "step" } else { "steps" };
    let mut out = format!("{} {things} to {}, in the order of computation\n\n", steps.len(), of.id);
    let mut seen = Vec::new();
    for (number, rule) in (1..).zip(steps) {
        let whose = if rule.scope == Scope::Person { ", of each person" } else { "" };
        out.push_str(&format!("{number:>3}  {}: {}{whose}\n", rule.id, rule.ty.name()));
        let Some(version) = version_on(rule, on) else {
            out.push_str(&format!("     no formula on {on}\n\n"));
            continue;
        };
        out.push_str(&format!("     {}\n", one_line(&version.text)));
        for part in parts(pack, rule, &version.text) {
            if let Part::Parameter(_) = part {
                let [_, name, value, cite] = part.cells(pack, on);
                out.push_str(&format!("     {name} {value}  {cite}\n"));
            }
        }
        out.push_str(&law_text(notes, rule, version.cite.as_ref(), "     ", &mut seen));
        out.push('\n');
    }
    out
}

/// The citation of a rule and the passages of the notes that belong to it; those seen before by their place alone.
fn law_text(notes: &LawNotes, rule: &Rule, cite: Option<&Citation>, indent: &str, seen: &mut Vec<String>) -> String {
    let mut out = String::new();
    if let Some(cite) = cite {
        out.push_str(&format!("{indent}{} {} ({})\n", cite.instrument, cite.provision, cite.confidence.name()));
        cite.note.iter().for_each(|note| out.push_str(&format!("{indent}{note}\n")));
    }
    for passage in notes.of(&rule.id, cite) {
        if seen.contains(&passage.place) {
            out.push_str(&format!("{indent}| {}, above\n", passage.place));
            continue;
        }
        seen.push(passage.place.clone());
        let support = passage.support.as_ref().map(|support| format!(" ({support})")).unwrap_or_default();
        out.push_str(&format!("{indent}| {}{support}  {}\n", passage.text, passage.place));
    }
    out
}

fn one_line(formula: &str) -> String {
    formula.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rule_text(pack: &Pack, notes: &LawNotes, rule: &Rule, on: Date) -> String {
    let of = if rule.scope == Scope::Person { ", of each person" } else { "" };
    let mut out = format!("{}: {}{of}\n", rule.id, rule.ty.name());
    let Some(version) = version_on(rule, on) else {
        let first =
            rule.versions.first().and_then(|v| v.from).map(|from| format!(" before {from}")).unwrap_or_default();
        return format!("{out}\n  has no formula{first}\n");
    };
    out.push_str(&format!("\n  {}\n", one_line(&version.text)));
    if let Some(from) = version.from {
        let day = if version.applies_to == AppliesTo::PeriodEnd { "ending" } else { "starting" };
        out.push_str(&format!("\n  for periods {day} from {from}"));
        out.push_str(if rule.versions.len() > 1 { "; other formulas hold at other times\n" } else { "\n" });
    }
    let law = law_text(notes, rule, version.cite.as_ref(), "  ", &mut Vec::new());
    if !law.is_empty() {
        out.push_str(&format!("\n{law}"));
    }
    let mut table = Table::new(2, &[]);
    for part in parts(pack, rule, &version.text) {
        table.row(part.cells(pack, on));
    }
    section(&mut out, "made of", &table);
    out.push_str(&format!("\n{}:{}\n", rule.place.file, rule.place.line));
    out
}

fn rule_json(pack: &Pack, notes: &LawNotes, rule: &Rule, on: Date) -> Value {
    let mut json = step_json(pack, notes, rule, on);
    let steps: Vec<Value> = steps(pack, rule, on).iter().map(|step| step_json(pack, notes, step, on)).collect();
    json["steps"] = steps.into();
    json
}

fn step_json(pack: &Pack, notes: &LawNotes, rule: &Rule, on: Date) -> Value {
    let version = version_on(rule, on);
    let part = |part: &Part<'_>| {
        let cells = part.cells(pack, on);
        json!({"kind": cells[0], "name": cells[1], "value": cells[2], "cite": cells[3]})
    };
    json!({
        "id": rule.id,
        "type": rule.ty.name(),
        "scope": scope(rule),
        "formula": version.map(|v| &v.text),
        "from": version.and_then(|v| v.from),
        "cite": version.and_then(|v| v.cite.as_ref()),
        "law": notes.of(&rule.id, version.and_then(|v| v.cite.as_ref())).iter().map(|passage| json!({
            "text": passage.text, "support": passage.support, "place": passage.place
        })).collect::<Vec<_>>(),
        "parts": version.map(|v| parts(pack, rule, &v.text).iter().map(part).collect::<Vec<_>>()),
        "place": rule.place.to_string(),
    })
}

fn scope(rule: &Rule) -> &'static str {
    if rule.scope == Scope::Person { "person" } else { "unit" }
}

/// The version of a rule for a period of which that day is the one that counts.
fn version_on(rule: &Rule, on: Date) -> Option<&projections::engine::Version> {
    rule.versions.iter().rev().find(|version| version.from.is_none_or(|from| from <= on))
}

/// Something that a formula names.
enum Part<'p> {
    Rule(&'p Rule),
    Fact(&'p Input),
    Parameter(&'p Leaf),
}

impl Part<'_> {
    fn cells(&self, pack: &Pack, on: Date) -> [String; 4] {
        match self {
            Part::Rule(rule) => {
                let cite = law(version_on(rule, on).and_then(|v| v.cite.as_ref()));
                ["rule".into(), rule.id.clone(), rule.ty.name().into(), cite]
            }
            Part::Fact(input) => ["fact".into(), input.name.clone(), kind(pack, input), usual(pack, input)],
            Part::Parameter(leaf) => {
                let (value, from) = value_on(leaf, on);
                let value = from.map(|from| format!("{value} from {from}")).unwrap_or(value);
                ["parameter".into(), leaf.path.clone(), value, law(leaf_cite(leaf, on))]
            }
        }
    }
}

/// What the formula of a rule names, in order, each once. A rule that bears the name of a fact means the fact.
fn parts<'p>(pack: &'p Pack, of: &Rule, formula: &str) -> Vec<Part<'p>> {
    let unquoted: String = formula.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let mut seen: Vec<&str> = Vec::new();
    let mut out = Vec::new();
    for name in unquoted.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']'))) {
        if name.is_empty() || seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let rule = pack.rules().find(|rule| rule.id == name && rule.id != of.id);
        let fact = pack.inputs().iter().find(|input| input.name == name);
        match (rule, fact) {
            (Some(rule), _) => out.push(Part::Rule(rule)),
            (None, Some(fact)) => out.push(Part::Fact(fact)),
            (None, None) => out.extend(leaves(pack, name).into_iter().map(Part::Parameter)),
        }
    }
    out
}

/// The parameter of this name, or its variants.
fn leaves<'p>(pack: &'p Pack, name: &str) -> Vec<&'p Leaf> {
    let is = |leaf: &&Leaf| leaf.path == name || leaf.path.rsplit_once('#').is_some_and(|(path, _)| path == name);
    pack.leaves().iter().filter(is).collect()
}

fn leaf_text(leaf: &Leaf, on: Date) -> String {
    let day = if leaf.applies_to == AppliesTo::PeriodEnd { "last" } else { "first" };
    let ty = leaf.ty.map_or("not calculated with", Ty::name);
    let mut out = format!("{}: {ty}, by the {day} day of the period\n\n", leaf.path);
    let in_force = leaf.index_on(on);
    let mut table = Table::new(2, &[2]);
    for (index, dated) in leaf.values.iter().enumerate() {
        let mark = if in_force == Some(index) { "->" } else { "" };
        let cite = law(dated.cite.as_ref().or(leaf.cite.as_ref()));
        table.row([mark.to_string(), dated.from.to_string(), shown(leaf, &dated.value), cite]);
    }
    out.push_str(&format!("{table}\n{}:{}\n", leaf.place.file, leaf.place.line));
    out
}

fn leaf_json(leaf: &Leaf, on: Date) -> Value {
    let (value, from) = value_on(leaf, on);
    let dated = |d: &projections::engine::Dated| json!({"from": d.from, "value": shown(leaf, &d.value), "cite": d.cite.as_ref().or(leaf.cite.as_ref())});
    json!({
        "path": leaf.path,
        "type": leaf.ty.map(Ty::name),
        "value": value,
        "from": from,
        "values": leaf.values.iter().map(dated).collect::<Vec<_>>(),
        "place": leaf.place.to_string(),
    })
}

/// A parameter's value on a day, and since when; `none` where it has none.
fn value_on(leaf: &Leaf, on: Date) -> (String, Option<Date>) {
    match leaf.index_on(on).and_then(|index| leaf.values.get(index)) {
        Some(dated) => (shown(leaf, &dated.value), Some(dated.from)),
        None => ("none".to_string(), None),
    }
}

fn leaf_cite(leaf: &Leaf, on: Date) -> Option<&Citation> {
    let dated = leaf.index_on(on).and_then(|index| leaf.values.get(index));
    dated.and_then(|dated| dated.cite.as_ref()).or(leaf.cite.as_ref())
}

fn shown(leaf: &Leaf, value: &LeafValue) -> String {
    match value {
        LeafValue::Number(n) => number(leaf.ty.unwrap_or(Ty::Rate), *n),
        LeafValue::Unlimited => "no limit".to_string(),
        LeafValue::Absent => "none".to_string(),
        LeafValue::Other(text) => text.clone(),
    }
}

fn number(ty: Ty, value: Exact) -> String {
    let text = match ty {
        Ty::Money => {
            value.in_units_of(100).and_then(|p| i64::try_from(p).ok()).map(|p| Money::from_pence(p).to_string())
        }
        Ty::Bool => Some((value != Exact::ZERO).to_string()),
        Ty::Date => i64::try_from(value.num()).ok().map(day),
        Ty::Rate | Ty::Count | Ty::Days | Ty::Enum => None,
    };
    text.unwrap_or_else(|| value.to_string())
}

/// A day from its number, 0 = 1970-01-01; the far end of the calendar means never.
fn day(number: i64) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    match jiff::Span::new().try_days(number).and_then(|span| epoch.checked_add(span)) {
        Ok(day) if day < Date::MAX => day.to_string(),
        Ok(_) | Err(_) => "never".to_string(),
    }
}

fn kind(pack: &Pack, input: &Input) -> String {
    let words = words(pack, input);
    if words.is_empty() { input.ty.name().to_string() } else { words.join(" | ") }
}

fn words<'p>(pack: &'p Pack, input: &Input) -> Vec<&'p str> {
    let word = |index: &u32| pack.words().get(usize::try_from(*index).ok()?).map(String::as_str);
    input.words.iter().filter_map(word).collect()
}

fn usual(pack: &Pack, input: &Input) -> String {
    input
        .default
        .map_or_else(|| "must be stated".to_string(), |held| format!("usually {}", held_text(pack, input, held)))
}

fn held_text(pack: &Pack, input: &Input, held: i64) -> String {
    if input.ty == Ty::Enum {
        return usize::try_from(held).ok().and_then(|index| pack.words().get(index)).cloned().unwrap_or_default();
    }
    Exact::new(held.into(), input.scale.into()).map(|exact| number(input.ty, exact)).unwrap_or_default()
}

fn law(cite: Option<&Citation>) -> String {
    cite.map(Citation::to_string).unwrap_or_default()
}
