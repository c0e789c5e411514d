//! Reads `pack.yaml`: name, time in force, the facts a case may state, what is shown and how the award falls into lines.

use jiff::civil::Date;
use schemas::PeriodKind;
use schemas::yaml::{Node, NodeKind};

use super::ast::Expr;
use super::error::PackError;
use super::model::{Input, PayeeRule, Scope, Ty};
use super::parse::RESERVED;
use super::rules::expression;
use super::source::{check_keys, is_null, place, shown};
use super::value::read_fact;

const FILE: &str = "pack.yaml";
const KEYS: [&str; 16] = [
    "name",
    "version",
    "title",
    "in_force",
    "period",
    "inputs",
    "outputs",
    "carries",
    "requires",
    "lines",
    "award",
    "payment",
    "description",
    "note",
    "law",
    "base",
];

/// What `pack.yaml` says, before names of rules are looked up.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub name: String,
    pub version: String,
    pub title: String,
    pub from: Date,
    pub to: Option<Date>,
    pub periods: PeriodKind,
    pub inputs: Vec<Input>,
    pub words: Vec<String>,
    pub outputs: Vec<Node>,
    pub award: Option<Node>,
    pub lines: Vec<LineText>,
    pub requires: Vec<RequirementText>,
    pub carries: Vec<CarryText>,
}

/// A fact and the rule of the period before that it comes from, both still names.
#[derive(Debug)]
pub(crate) struct CarryText {
    pub input: Node,
    pub from: Node,
}

/// A condition that is parsed, before its names are looked up.
#[derive(Debug)]
pub(crate) struct RequirementText {
    pub expr: Expr,
    pub node: Node,
    pub say: String,
}

/// A line whose amount is still a name.
#[derive(Debug)]
pub(crate) struct LineText {
    pub purpose: String,
    pub amount: Node,
    pub payee: PayeeRule,
    pub reduce: bool,
}

/// Reads the tree of `pack.yaml`.
pub(crate) fn read(node: &Node, errors: &mut Vec<PackError>) -> Option<Manifest> {
    let before = errors.len();
    check_keys(FILE, node, &KEYS, errors);
    let name = needed(node, "name", errors);
    let version = needed(node, "version", errors);
    let title = node.get("title").and_then(Node::text).unwrap_or_default().to_string();
    let (from, to) = in_force(node, errors);
    let periods = periods(node, errors);
    let (mut inputs, mut words) = (Vec::new(), Vec::new());
    if let Some(groups) = node.get("inputs") {
        check_keys(FILE, groups, &["person", "unit"], errors);
        for (group, scope) in [("person", Scope::Person), ("unit", Scope::Unit)] {
            for (key, spec) in groups.get(group).map(Node::entries).unwrap_or_default() {
                inputs.extend(input(key, spec, scope, &mut words, errors));
            }
        }
    }
    let outputs = node.get("outputs").map(|n| n.items().to_vec()).unwrap_or_default();
    let lines = node.get("lines").map(Node::items).unwrap_or_default().iter().filter_map(|n| line(n, errors)).collect();
    let award = node.get("award").cloned();
    let requires = requires(node, errors);
    let carries = carries(node, errors);
    if errors.len() > before {
        return None;
    }
    Some(Manifest {
        name: name?,
        version: version?,
        title,
        from: from?,
        to,
        periods,
        inputs,
        words,
        outputs,
        award,
        lines,
        requires,
        carries,
    })
}

fn needed(node: &Node, key: &str, errors: &mut Vec<PackError>) -> Option<String> {
    let text = node.get(key).and_then(Node::text).filter(|t| !t.is_empty()).map(str::to_string);
    if text.is_none() {
        errors.push(PackError::new(place(FILE, node), format!("no `{key}`"), format!("`{key}`, a text")));
    }
    text
}

fn in_force(node: &Node, errors: &mut Vec<PackError>) -> (Option<Date>, Option<Date>) {
    let Some(in_force) = node.get("in_force") else {
        errors.push(PackError::new(place(FILE, node), "no `in_force`", "`in_force: {from: 2017-04-10}`"));
        return (None, None);
    };
    check_keys(FILE, in_force, &["from", "to"], errors);
    let mut day = |key: &str| {
        let node = in_force.get(key)?;
        let day = node.text().and_then(|t| t.parse::<Date>().ok());
        if day.is_none() {
            errors.push(PackError::new(place(FILE, node), shown(node), "a day of the calendar, as `2017-04-06`"));
        }
        day
    };
    let (from, to) = (day("from"), day("to"));
    if in_force.get("from").is_none() {
        errors.push(PackError::new(place(FILE, in_force), "no `from`", "the first day a period may start on"));
    }
    (from, to)
}

/// Which periods the pack decides: months where it says nothing.
fn periods(node: &Node, errors: &mut Vec<PackError>) -> PeriodKind {
    let Some(node) = node.get("period") else { return PeriodKind::default() };
    let names = || PeriodKind::ALL.into_iter().map(PeriodKind::name);
    PeriodKind::named(node.text().unwrap_or_default()).unwrap_or_else(|| {
        let error = PackError::new(place(FILE, node), shown(node), names().collect::<Vec<_>>().join(", "));
        errors.push(error.nearest(node.text().unwrap_or_default(), names()));
        PeriodKind::default()
    })
}

fn input(key: &Node, spec: &Node, scope: Scope, words: &mut Vec<String>, errors: &mut Vec<PackError>) -> Option<Input> {
    let name = key.text().unwrap_or_default().to_string();
    check_keys(
        FILE,
        spec,
        &["type", "values", "default", "min", "max", "decimals", "description", "unit", "note", "label", "per", "cite"],
        errors,
    );
    check_name(FILE, key, errors);
    let ty_node = spec.get("type").unwrap_or(spec);
    let Some(ty) = ty_node.text().and_then(Ty::named) else {
        let error = PackError::new(
            place(FILE, ty_node),
            shown(ty_node),
            format!("a type: {}", Ty::names().collect::<Vec<_>>().join(", ")),
        );
        errors.push(error.nearest(ty_node.text().unwrap_or_default(), Ty::names()));
        return None;
    };
    let mut input = Input { name, scope, ty, scale: 1, default: None, min: None, max: None, words: Vec::new() };
    match ty {
        Ty::Money => input.scale = 100,
        Ty::Rate => input.scale = 10i64.pow(decimals(spec, errors)),
        Ty::Enum => input.words = enum_words(FILE, spec, words, errors),
        Ty::Count | Ty::Bool | Ty::Date | Ty::Days => {}
    }
    let mut read = |key: &str| {
        let node = spec.get(key).filter(|n| !is_null(n))?;
        match read_fact(&input, words, node.text().unwrap_or_default()) {
            Ok(value) => Some(value),
            Err(wrong) => {
                errors.push(PackError::new(place(FILE, node), format!("`{key}: {}`", wrong.found), wrong.expected));
                None
            }
        }
    };
    let (default, min, max) = (read("default"), read("min"), read("max"));
    Some(Input { default, min, max, ..input })
}

/// How many decimals a rate may have: 6 unless `decimals` says otherwise.
fn decimals(spec: &Node, errors: &mut Vec<PackError>) -> u32 {
    let Some(node) = spec.get("decimals") else { return 6 };
    match node.text().and_then(|t| t.parse().ok()).filter(|d| *d <= 9) {
        Some(decimals) => decimals,
        None => {
            errors.push(PackError::new(place(FILE, node), shown(node), "a number of decimals from 0 to 9"));
            6
        }
    }
}

/// The `values` of an enum, as indices of the pack's words.
pub(crate) fn enum_words(file: &str, spec: &Node, words: &mut Vec<String>, errors: &mut Vec<PackError>) -> Vec<u32> {
    let items = spec.get("values").map(Node::items).unwrap_or_default();
    if items.is_empty() {
        errors.push(PackError::new(place(file, spec), "an enum without `values`", "`values: [one, other]`"));
    }
    let mut out = Vec::new();
    for item in items {
        let word = item.text().unwrap_or_default();
        let known = words.iter().position(|w| w == word);
        let index = known.unwrap_or_else(|| {
            words.push(word.to_string());
            words.len() - 1
        });
        out.push(u32::try_from(index).unwrap_or(u32::MAX));
    }
    out
}

/// Checks that a name of an input or rule can be written in an expression.
pub(crate) fn check_name(file: &str, key: &Node, errors: &mut Vec<PackError>) {
    let name = key.text().unwrap_or_default();
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    if !plain || RESERVED.contains(&name) {
        let expected = "a name of letters, digits and `_` that is not a word of the language";
        errors.push(PackError::new(place(file, key), format!("the name `{name}`"), expected));
    }
}

/// The list under `requires`: conditions, each with the sentence for a case that does not meet it.
fn requires(node: &Node, errors: &mut Vec<PackError>) -> Vec<RequirementText> {
    let Some(list) = node.get("requires") else { return Vec::new() };
    if !matches!(list.kind, NodeKind::List(_)) {
        errors.push(PackError::new(place(FILE, list), shown(list), "a list of conditions, each with `expr` and `say`"));
    }
    list.items().iter().filter_map(|item| requirement(item).map_err(|e| errors.push(e)).ok()).collect()
}

fn requirement(node: &Node) -> Result<RequirementText, PackError> {
    let mut unknown = Vec::new();
    check_keys(FILE, node, &["expr", "say", "note"], &mut unknown);
    if let Some(error) = unknown.into_iter().next() {
        return Err(error);
    }
    let field = |key: &str, expected: &str| {
        let lacks = || PackError::new(place(FILE, node), format!("a requirement without `{key}`"), expected);
        node.get(key).ok_or_else(lacks)
    };
    let expr = field("expr", "`expr`, a condition that every case must meet")?;
    let say = field("say", "`say`, what is wrong with a case that does not meet it")?;
    let sentence = say.text().filter(|text| !text.is_empty() && !text.contains('{'));
    let sentence = sentence
        .ok_or_else(|| PackError::new(place(FILE, say), shown(say), "a sentence in plain words, without `{names}`"))?;
    Ok(RequirementText { expr: expression(FILE, expr)?, node: expr.clone(), say: sentence.to_string() })
}

/// The list under `carries`: facts, each with the rule of the period before that it comes from.
fn carries(node: &Node, errors: &mut Vec<PackError>) -> Vec<CarryText> {
    let mut carries = Vec::new();
    for item in node.get("carries").map(Node::items).unwrap_or_default() {
        check_keys(FILE, item, &["input", "from", "note"], errors);
        match (item.get("input"), item.get("from")) {
            (Some(input), Some(from)) => carries.push(CarryText { input: input.clone(), from: from.clone() }),
            (_, _) => errors.push(PackError::new(place(FILE, item), shown(item), "`{input: a fact, from: a rule}`")),
        }
    }
    carries
}

fn line(node: &Node, errors: &mut Vec<PackError>) -> Option<LineText> {
    check_keys(FILE, node, &["purpose", "amount", "payee", "reduce", "note"], errors);
    let mut field = |key: &str, expected: &str| {
        let found = node.get(key).filter(|n| n.text().is_some());
        if found.is_none() {
            errors.push(PackError::new(place(FILE, node), format!("a line without `{key}`"), expected.to_string()));
        }
        found
    };
    let (purpose, amount) =
        (field("purpose", "what the money is for")?, field("amount", "the rule that gives the amount")?);
    let payee_node = field("payee", "who gets it")?;
    let payee = PayeeRule::named(payee_node.text().unwrap_or_default());
    if payee.is_none() {
        let expected = PayeeRule::names().collect::<Vec<_>>().join(", ");
        let error = PackError::new(place(FILE, payee_node), shown(payee_node), expected);
        errors.push(error.nearest(payee_node.text().unwrap_or_default(), PayeeRule::names()));
    }
    let reduce_node = node.get("reduce");
    let reduce = reduce_node.map_or(Some(true), |n| n.text().and_then(super::parameters::read_bool));
    if let (None, Some(n)) = (reduce, reduce_node) {
        errors.push(PackError::new(place(FILE, n), shown(n), "`true` or `false`"));
    }
    let amount = Node { kind: NodeKind::clone(&amount.kind), ..*amount };
    Some(LineText { purpose: purpose.text().unwrap_or_default().to_string(), amount, payee: payee?, reduce: reduce? })
}
