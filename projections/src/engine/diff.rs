//! What differs between two packs, by parameter value, rule and input.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

use super::model::{Leaf, LeafValue, Rule};
use super::pack::Pack;
use super::value::show;

/// One difference. `before` belongs to the first pack, `after` to the second; nothing where it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the comment of each variant says what its fields are")]
pub enum Change {
    /// A parameter has another value from a day on, until the next difference.
    Value { path: String, from: Date, until: Option<Date>, before: Option<String>, after: Option<String> },
    /// A parameter is there in one pack only, or takes its value by another day of the period.
    Parameter { path: String, what: String },
    /// A rule has another formula, type, scope, date or citation.
    Rule { id: String, before: Option<String>, after: Option<String> },
    /// A condition on cases is there in one pack only. `say` is what a case is told that does not meet it.
    Requirement { expr: String, say: String, what: String },
    /// An input is there in one pack only, or another type, default, bound or carried from another rule.
    Input { name: String, what: String },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_nothing = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_string());
        match self {
            Change::Value { path, from, until, before, after } => {
                write!(f, "{path} from {from}")?;
                if let Some(until) = until {
                    write!(f, " until {until}")?;
                }
                write!(f, ": {} -> {}", or_nothing(before), or_nothing(after))
            }
            Change::Parameter { path, what } => write!(f, "{path}: {what}"),
            Change::Rule { id, before, after } => write!(f, "{id}: {} -> {}", or_nothing(before), or_nothing(after)),
            Change::Requirement { expr, say, what } => write!(f, "requires {expr} (\"{say}\"): {what}"),
            Change::Input { name, what } => write!(f, "input {name}: {what}"),
        }
    }
}

/// Every difference, parameters first, in order of their names.
pub fn diff(before: &Pack, after: &Pack) -> Vec<Change> {
    let mut out = Vec::new();
    for path in names(before.leaves.iter().map(|l| &l.path), after.leaves.iter().map(|l| &l.path)) {
        let find = |pack: &'_ Pack| pack.leaves.iter().find(|leaf| leaf.path == path).cloned();
        leaf_changes(&path, (before, find(before)), (after, find(after)), &mut out);
    }
    let written = |pack: &Pack| pack.rules().map(|r| r.id.clone()).collect::<Vec<_>>();
    for id in names(written(before).iter(), written(after).iter()) {
        let find = |pack: &Pack| pack.rules().find(|rule| rule.id == id).map(|rule| shown(rule, pack));
        let (old, new) = (find(before), find(after));
        // What a reform keeps of a rule it replaces is no change of its own.
        let kept =
            old.is_none() && id.strip_suffix("_of_base").is_some_and(|base| before.rules().any(|r| r.id == base));
        if old != new && !kept {
            let formula = |pack: &Pack| pack.rules().find(|rule| rule.id == id).map(formula);
            out.push(Change::Rule { before: formula(before), after: formula(after), id });
        }
    }
    for (a, b, what) in [(before, after, "gone"), (after, before, "new")] {
        let lacking = a.requirements().filter(|one| !b.requirements().any(|other| other == *one));
        out.extend(lacking.map(|(expr, say)| Change::Requirement {
            expr: expr.to_string(),
            say: say.to_string(),
            what: what.to_string(),
        }));
    }
    for name in names(before.inputs.iter().map(|i| &i.name), after.inputs.iter().map(|i| &i.name)) {
        let find = |pack: &Pack| {
            pack.inputs
                .iter()
                .find(|input| input.name == name)
                .map(|i| (i.scope, i.ty, i.scale, i.default, i.min, i.max, carried_from(pack, &i.name)))
        };
        let what = match (find(before), find(after)) {
            (None, Some(_)) => "new",
            (Some(_), None) => "gone",
            (old, new) if old == new => continue,
            (_, _) => "type, default, bounds or what it is carried from differ",
        };
        out.push(Change::Input { name, what: what.to_string() });
    }
    out
}

/// The rule of the period before that an input comes from, if it is carried.
fn carried_from(pack: &Pack, input: &str) -> Option<String> {
    pack.carries().find(|(carried, _)| carried.name == input).map(|(_, rule)| rule.id.clone())
}

fn names<'n>(a: impl Iterator<Item = &'n String>, b: impl Iterator<Item = &'n String>) -> BTreeSet<String> {
    a.chain(b).cloned().collect()
}

fn leaf_changes(
    path: &str,
    (pack_a, a): (&Pack, Option<Leaf>),
    (pack_b, b): (&Pack, Option<Leaf>),
    out: &mut Vec<Change>,
) {
    if let (Some(a), Some(b)) = (&a, &b)
        && a.applies_to != b.applies_to
    {
        out.push(Change::Parameter { path: path.to_string(), what: "goes by another day of the period".to_string() });
    }
    if b.is_none() {
        return out.push(Change::Parameter { path: path.to_string(), what: "gone".to_string() });
    }
    let days: BTreeSet<Date> = a.iter().chain(&b).flat_map(|leaf| leaf.values.iter().map(|v| v.from)).collect();
    let on = |pack: &Pack, leaf: &Option<Leaf>, day: Date| {
        let leaf = leaf.as_ref()?;
        value_text(pack, leaf, &leaf.values[leaf.index_on(day)?].value)
    };
    let mut spans: Vec<Change> = Vec::new();
    let mut last = (None, None);
    for from in days {
        let now = (on(pack_a, &a, from), on(pack_b, &b, from));
        if now == last {
            continue;
        }
        if let Some(Change::Value { until: until @ None, .. }) = spans.last_mut() {
            *until = Some(from);
        }
        if now.0 != now.1 {
            spans.push(Change::Value {
                path: path.to_string(),
                from,
                until: None,
                before: now.0.clone(),
                after: now.1.clone(),
            });
        }
        last = now;
    }
    // No period meets what ends before the pack begins.
    let meets = |change: &Change| !matches!(change, Change::Value { until: Some(until), .. } if *until <= pack_b.from);
    out.extend(spans.into_iter().filter(meets));
}

fn value_text(pack: &Pack, leaf: &Leaf, value: &LeafValue) -> Option<String> {
    match (value, leaf.ty) {
        (LeafValue::Number(n), Some(ty)) => Some(show(ty, &pack.words, *n)),
        (LeafValue::Number(n), None) => Some(n.to_string()),
        (LeafValue::Unlimited, _) => Some(".inf".to_string()),
        (LeafValue::Absent, _) => None,
        (LeafValue::Other(text), _) => Some(text.clone()),
    }
}

fn formula(rule: &Rule) -> String {
    let dated = |v: &super::model::Version| match v.from {
        Some(from) => format!("from {from}: {}", v.text),
        None => v.text.clone(),
    };
    rule.versions.iter().map(dated).collect::<Vec<_>>().join("; ")
}

/// Everything about a rule that a reader or a result can notice.
fn shown(rule: &Rule, pack: &Pack) -> String {
    let words: Vec<&str> = rule.words.iter().filter_map(|w| pack.words.get(*w as usize)).map(String::as_str).collect();
    let versions: Vec<String> =
        rule.versions.iter().map(|v| format!("{:?} {:?} {} {:?}", v.from, v.applies_to, v.text, v.cite)).collect();
    format!("{} {:?} {words:?} {versions:?}", rule.ty.name(), rule.scope)
}
