//! Reads rule files: from the tree of a rule to its parsed expressions, before names are looked up.

use jiff::civil::Date;
use schemas::Citation;
use schemas::yaml::{Node, NodeKind};

use super::ast::Expr;
use super::error::{PackError, Place};
use super::manifest::{check_name, enum_words};
use super::model::{AppliesTo, Scope, Ty};
use super::parameters::{read_applies_to, read_citation};
use super::parse::parse;
use super::source::{check_keys, place, shown};
use super::token::Wrong;

/// A rule as written, its expressions parsed.
#[derive(Clone, Debug)]
pub(crate) struct RuleText {
    pub id: String,
    pub ty: Ty,
    pub scope: Scope,
    pub words: Vec<u32>,
    pub versions: Vec<VersionText>,
    pub place: Place,
}

/// A version of it.
#[derive(Clone, Debug)]
pub(crate) struct VersionText {
    pub from: Option<Date>,
    pub applies_to: AppliesTo,
    pub expr: Expr,
    pub node: Node,
    pub cite: Option<Citation>,
    pub say: Option<Node>,
}

const RULE_KEYS: [&str; 12] =
    ["id", "type", "scope", "expr", "versions", "cite", "say", "values", "note", "label", "description", "applies_to"];

/// Reads one rule.
pub(crate) fn read(file: &str, node: &Node, words: &mut Vec<String>, errors: &mut Vec<PackError>) -> Option<RuleText> {
    let before = errors.len();
    check_keys(file, node, &RULE_KEYS, errors);
    let Some(id_node) = node.get("id").filter(|n| n.text().is_some()) else {
        errors.push(PackError::new(place(file, node), "a rule without `id`", "`id`, its name"));
        return None;
    };
    check_name(file, id_node, errors);
    let id = id_node.text().unwrap_or_default().to_string();
    let ty = rule_type(file, node, &id, errors);
    let scope = scope(file, node, errors);
    let words = if ty == Some(Ty::Enum) { enum_words(file, node, words, errors) } else { Vec::new() };
    let versions = match (node.get("expr"), node.get("versions")) {
        (Some(_), None) => version(file, node, node, false, errors).into_iter().collect(),
        (None, Some(list)) => versions(file, node, list, errors),
        (Some(extra), Some(_)) => {
            errors.push(PackError::new(place(file, extra), "both `expr` and `versions`", "one of them"));
            Vec::new()
        }
        (None, None) => {
            errors.push(PackError::new(
                place(file, node),
                format!("the rule `{id}` without `expr`"),
                "`expr` or `versions`",
            ));
            Vec::new()
        }
    };
    let ty = ty?;
    (errors.len() == before && !versions.is_empty()).then(|| RuleText {
        id,
        ty,
        scope,
        words,
        versions,
        place: place(file, id_node),
    })
}

/// The parsed expression of a scalar node.
pub(crate) fn expression(file: &str, node: &Node) -> Result<Expr, PackError> {
    let text = node.text().ok_or_else(|| PackError::new(place(file, node), shown(node), "an expression"))?;
    parse(text).map_err(|wrong| locate(file, node, wrong))
}

/// A mistake in an expression, at its place in the file.
pub(crate) fn locate(file: &str, node: &Node, wrong: Wrong) -> PackError {
    let text = node.text().unwrap_or_default();
    let before: String = text.chars().take(wrong.at).collect();
    let place = match &node.kind {
        NodeKind::Scalar { quoted, .. } if !text.trim_end().contains('\n') => Place {
            file: file.to_string(),
            line: node.line,
            column: node.column + wrong.at + usize::from(*quoted && node.line > 0),
        },
        // In a block of text the lines follow the one that opens it.
        NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Map(_) => Place {
            file: file.to_string(),
            line: node.line + before.matches('\n').count(),
            column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        },
    };
    PackError { place, found: wrong.found, expected: wrong.expected, suggestion: wrong.advice }
}

fn rule_type(file: &str, node: &Node, id: &str, errors: &mut Vec<PackError>) -> Option<Ty> {
    let all = || Ty::names().collect::<Vec<_>>().join(", ");
    let Some(ty) = node.get("type") else {
        errors.push(PackError::new(
            place(file, node),
            format!("the rule `{id}` without `type`"),
            format!("`type`: {}", all()),
        ));
        return None;
    };
    let word = ty.text().unwrap_or_default();
    let read = Ty::named(word);
    if read.is_none() {
        errors
            .push(PackError::new(place(file, ty), shown(ty), format!("a type: {}", all())).nearest(word, Ty::names()));
    }
    read
}

fn scope(file: &str, node: &Node, errors: &mut Vec<PackError>) -> Scope {
    match node.get("scope").map(|n| (n, n.text())) {
        None | Some((_, Some("unit"))) => Scope::Unit,
        Some((_, Some("person"))) => Scope::Person,
        Some((n, _)) => {
            errors.push(
                PackError::new(place(file, n), shown(n), "unit or person")
                    .nearest(n.text().unwrap_or_default(), ["unit", "person"]),
            );
            Scope::Unit
        }
    }
}

fn versions(file: &str, rule: &Node, list: &Node, errors: &mut Vec<PackError>) -> Vec<VersionText> {
    if list.items().is_empty() {
        errors.push(PackError::new(place(file, list), shown(list), "a list of versions, each with `from` and `expr`"));
    }
    let keys = ["from", "applies_to", "expr", "cite", "say", "note"];
    let mut out: Vec<VersionText> = Vec::new();
    for node in list.items() {
        check_keys(file, node, &keys, errors);
        let Some(read) = version(file, rule, node, true, errors) else { continue };
        let earlier = out.last().is_some_and(|last| last.from >= read.from);
        if earlier {
            errors.push(PackError::new(
                place(file, node),
                "a version that does not start after the one before it",
                "versions in order of `from`",
            ));
        }
        out.push(read);
    }
    out
}

fn version(file: &str, rule: &Node, node: &Node, dated: bool, errors: &mut Vec<PackError>) -> Option<VersionText> {
    let Some(expr_node) = node.get("expr") else {
        errors.push(PackError::new(place(file, node), "a version without `expr`", "`expr`, its expression"));
        return None;
    };
    let mut keep = |result: Result<Expr, PackError>| result.map_err(|e| errors.push(e)).ok();
    let expr = keep(expression(file, expr_node));
    let from_node = if dated { node.get("from") } else { None };
    let from = from_node.and_then(Node::text).and_then(|t| t.parse::<Date>().ok());
    if dated && from.is_none() {
        let (at, found) = from_node.map_or((node, "no `from`".to_string()), |n| (n, shown(n)));
        errors.push(PackError::new(place(file, at), found, "`from`, a day of the calendar"));
    }
    let applies_to = match node.get("applies_to").or(rule.get("applies_to")).map(|n| read_applies_to(file, n)) {
        None => AppliesTo::PeriodStart,
        Some(Ok(read)) => read,
        Some(Err(error)) => {
            errors.push(error);
            AppliesTo::PeriodStart
        }
    };
    let cite = match node.get("cite").or(rule.get("cite")).map(|n| read_citation(file, n)) {
        None => None,
        Some(Ok(read)) => Some(read),
        Some(Err(error)) => {
            errors.push(error);
            None
        }
    };
    let say = node.get("say").or(rule.get("say")).cloned();
    Some(VersionText { from, applies_to, expr: expr?, node: expr_node.clone(), cite, say })
}
