//! Reforms: a pack that names another by digest and says what it changes.
//!
//! `set` writes values of a parameter, `replace` gives a rule another text (which may build on the old one as `NAME_of_base`), `add` brings a new rule; inputs, outputs, carried facts, conditions on cases and parameter files of the reform come on top. A `value` holds for
//! all time. `values` hold from their first day on, and what the base says for later days is gone: the reform's author speaks for the future.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemas::yaml::{Node, NodeKind};

use super::error::PackError;
use super::pack::Pack;
use super::parameters::{Parameter, read_value};
use super::source::{PackFiles, Source, check_keys, place, shown};
use super::token::{Token, tokens};

const FILE: &str = "pack.yaml";

/// What a rule of the base is called beside the rule that replaces it and builds on it.
const OF_BASE: &str = "_of_base";

impl Pack {
    /// This pack as a reform changes it.
    ///
    /// # Errors
    /// The reform is for another base, writes a thing twice without `override: true`, names what does not exist, or makes a pack that is wrong.
    pub fn with_reform(&self, files: &PackFiles) -> Result<Pack, Vec<PackError>> {
        let reform = Source::read(files)?;
        let mut errors = Vec::new();
        let Some(node) = reform.reform.clone() else {
            return Err(vec![PackError::new(
                place(FILE, &reform.pack),
                "a pack without `base`",
                "a reform with `base` and `changes`",
            )]);
        };
        self.check_base(&node, &mut errors);
        let mut source = self.source.clone();
        source.pack = merged(&self.source.pack, &reform.pack, &mut errors);
        for (file, parameters) in &reform.parameters {
            if source.parameters.insert(file.clone(), parameters.clone()).is_some() {
                errors.push(
                    PackError::new(
                        place(file, parameters),
                        "a parameter file that the base has too",
                        "a file of new parameters",
                    )
                    .advise("change a parameter with `set`"),
                );
            }
        }
        source.rules.extend(reform.rules.iter().cloned());
        let mut written: BTreeSet<String> = targets(self.source.reform.as_ref()).collect();
        for change in node.get("changes").map(Node::items).unwrap_or_default() {
            self.change(change, &mut source, &mut written, &mut errors);
        }
        source.reform = Some(node);
        if errors.is_empty() { Pack::from_source(source) } else { Err(errors) }
    }

    /// Whether the pack is a reform, and of which digest.
    pub fn base_digest(&self) -> Option<&str> {
        self.source.reform.as_ref()?.get("base")?.get("digest")?.text()
    }

    fn check_base(&self, node: &Node, errors: &mut Vec<PackError>) {
        let Some(base) = node.get("base") else {
            return errors.push(PackError::new(
                place(FILE, node),
                "`changes` without `base`",
                "`base: {name, version, digest}`",
            ));
        };
        check_keys(FILE, base, &["name", "version", "digest"], errors);
        for (key, own) in [("name", self.name.clone()), ("version", self.version.clone()), ("digest", self.digest())] {
            let (at, said) = base.get(key).map_or((base, "nothing"), |n| (n, n.text().unwrap_or_default()));
            if said != own {
                errors.push(PackError::new(
                    place(FILE, at),
                    format!("`{key}: {said}`"),
                    format!("`{key}: {own}`, as the base has it"),
                ));
            }
        }
    }

    fn change(&self, change: &Node, source: &mut Source, written: &mut BTreeSet<String>, errors: &mut Vec<PackError>) {
        check_keys(
            FILE,
            change,
            &["set", "value", "values", "variant", "replace", "with", "add", "override", "note"],
            errors,
        );
        let Some(target) = target(change) else {
            return errors.push(PackError::new(
                place(FILE, change),
                shown(change),
                "a change: `set`, `replace` or `add`",
            ));
        };
        let overrides = change.get("override").and_then(Node::text) == Some("true");
        if !written.insert(target.clone()) && !overrides {
            let error = PackError::new(
                place(FILE, change),
                format!("a second change of `{target}`"),
                "one change of each thing",
            );
            errors.push(error.advise("say `override: true` if the later one is meant to win"));
        }
        let outcome = if let Some(path) = change.get("set") {
            self.set(path, change, source)
        } else if let Some(id) = change.get("replace") {
            replace(id, change, source)
        } else if let Some(rule) = change.get("add") {
            source.rules.push((FILE.to_string(), rule.clone()));
            Ok(())
        } else {
            Ok(())
        };
        errors.extend(outcome.err());
    }

    fn set(&self, path: &Node, change: &Node, source: &mut Source) -> Result<(), PackError> {
        let name = path.text().unwrap_or_default();
        let Some(parameter) = self.parameters.iter().find(|p| p.path == name) else {
            let known = self.parameters.iter().map(|p| p.path.as_str());
            return Err(PackError::new(place(FILE, path), format!("`{name}`"), "the path of a parameter of the base")
                .nearest(name, known));
        };
        let variant = variant(parameter, path, change)?;
        let values = new_values(change)?;
        for (day, value) in &values {
            let ty = parameter.variants[variant].1.ty;
            let read = day.text().is_some_and(|t| t.parse::<Date>().is_ok());
            if !read {
                return Err(PackError::new(place(FILE, day), shown(day), "a day of the calendar, as `2017-04-06`"));
            }
            read_value(ty, value.get("value").unwrap_or(value))
                .map_err(|expected| PackError::new(place(FILE, value), shown(value), expected))?;
        }
        let Some(mut node) = source.parameters.get_mut(&parameter.file) else { return Ok(()) };
        for key in &parameter.keys {
            node = step(node, key).ok_or_else(|| {
                PackError::new(place(FILE, path), format!("`{name}`"), "a parameter that stands in the base")
            })?;
        }
        if parameter.variants.len() > 1 {
            node = step(node, "variants")
                .and_then(|n| step(n, &variant.to_string()))
                .ok_or_else(|| PackError::new(place(FILE, path), format!("`{name}`"), "a variant"))?;
        }
        write_values(node, values);
        Ok(())
    }
}

/// What a reform's changes write to, as `footing pack diff` names it.
pub(crate) fn targets(reform: Option<&Node>) -> impl Iterator<Item = String> {
    reform.and_then(|r| r.get("changes")).map(Node::items).unwrap_or_default().iter().filter_map(target)
}

fn target(change: &Node) -> Option<String> {
    let text = |node: &Node| node.text().map(str::to_string);
    match (change.get("set"), change.get("replace"), change.get("add")) {
        (Some(path), None, None) => {
            let variant = change.get("variant").and_then(Node::text).map(|v| format!("#{v}")).unwrap_or_default();
            Some(text(path)? + &variant)
        }
        (None, Some(id), None) => text(id),
        (None, None, Some(rule)) => rule.get("id").and_then(text),
        (_, _, _) => None,
    }
}

/// The base's `pack.yaml` with the reform's on top: its name, version and title, its lines and award if it has any, and its inputs, outputs, carried facts and conditions on cases besides those of the base.
fn merged(base: &Node, reform: &Node, errors: &mut Vec<PackError>) -> Node {
    let mut entries: Vec<(Node, Node)> = base.entries().to_vec();
    for (key, value) in reform.entries() {
        let name = key.text().unwrap_or_default();
        let existing = entries.iter_mut().find(|(k, _)| k.text() == Some(name)).map(|(_, v)| v);
        match (name, existing) {
            ("inputs", Some(base)) => merge_inputs(base, value, errors),
            ("outputs", Some(Node { kind: NodeKind::List(items), .. })) => {
                let new = value
                    .items()
                    .iter()
                    .filter(|n| !items.iter().any(|i| i.text() == n.text()))
                    .cloned()
                    .collect::<Vec<_>>();
                items.extend(new);
            }
            ("requires" | "carries", Some(Node { kind: NodeKind::List(items), .. })) => {
                items.extend(value.items().iter().cloned())
            }
            (_, Some(base)) => *base = value.clone(),
            (_, None) => entries.push((key.clone(), value.clone())),
        }
    }
    Node { kind: NodeKind::Map(entries), ..*reform }
}

fn merge_inputs(base: &mut Node, reform: &Node, errors: &mut Vec<PackError>) {
    for (group, new) in reform.entries() {
        let name = group.text().unwrap_or_default();
        let NodeKind::Map(groups) = &mut base.kind else { return };
        let Some((_, Node { kind: NodeKind::Map(facts), .. })) =
            groups.iter_mut().find(|(k, _)| k.text() == Some(name))
        else {
            groups.push((group.clone(), new.clone()));
            continue;
        };
        for (key, spec) in new.entries() {
            if facts.iter().any(|(k, _)| k.text() == key.text()) {
                errors.push(PackError::new(
                    place(FILE, key),
                    format!("the input {}, which the base has", shown(key)),
                    "a new input",
                ));
            }
            facts.push((key.clone(), spec.clone()));
        }
    }
}

fn replace(id: &Node, change: &Node, source: &mut Source) -> Result<(), PackError> {
    let name = id.text().unwrap_or_default();
    let ids: Vec<String> =
        source.rules.iter().filter_map(|(_, rule)| rule.get("id")?.text().map(str::to_string)).collect();
    let Some(index) = ids.iter().position(|known| known == name) else {
        let error = PackError::new(place(FILE, id), format!("`{name}`"), "the id of a rule of the base");
        return Err(error.nearest(name, ids.iter().map(String::as_str)));
    };
    let Some(NodeKind::Map(mut entries)) = change.get("with").map(|n| n.kind.clone()) else {
        return Err(PackError::new(
            place(FILE, change),
            "`replace` without `with`",
            "`with`: the rule in its new form",
        ));
    };
    match entries.iter().find(|(k, _)| k.text() == Some("id")) {
        Some((_, own)) if own.text() != Some(name) => {
            return Err(PackError::new(place(FILE, own), shown(own), format!("`{name}`, or no `id`")));
        }
        Some(_) => {}
        None => {
            entries.insert(0, (Node { kind: NodeKind::Scalar { text: "id".into(), quoted: false }, ..*id }, id.clone()))
        }
    }
    let kept = source.rules[index].clone();
    source.rules[index] = (FILE.to_string(), Node { kind: NodeKind::Map(entries), ..*id });
    let base_name = format!("{name}{OF_BASE}");
    if formulas(&source.rules[index].1).any(|formula| mentions(formula, &base_name)) {
        source.rules.push(renamed(kept, base_name));
    }
    Ok(())
}

/// The formulas of a rule, one for each of its versions.
fn formulas(rule: &Node) -> impl Iterator<Item = &str> {
    let versions = rule.get("versions").map(Node::items).unwrap_or_default();
    std::iter::once(rule).chain(versions).filter_map(|version| version.get("expr")?.text())
}

/// Whether a formula uses a name; one that cannot be read is complained of when the rules are.
fn mentions(formula: &str, name: &str) -> bool {
    let words = tokens(formula).unwrap_or_default();
    words.iter().any(|(token, _)| matches!(token, Token::Word(word) if word == name))
}

fn renamed((file, mut rule): (String, Node), name: String) -> (String, Node) {
    if let Some(id) = step(&mut rule, "id") {
        id.kind = NodeKind::Scalar { text: name, quoted: false };
    }
    (file, rule)
}

/// Which variant of a parameter a change means.
fn variant(parameter: &Parameter, path: &Node, change: &Node) -> Result<usize, PackError> {
    let count = parameter.variants.len();
    match change.get("variant") {
        None if count == 1 => Ok(0),
        None => {
            let error = PackError::new(
                place(FILE, path),
                format!("`{}`, which has {count} variants", parameter.path),
                "`variant`, from 1",
            );
            Err(error.advise("say which of them is changed"))
        }
        Some(node) => {
            let index =
                node.text().and_then(|t| t.parse::<usize>().ok()).and_then(|n| n.checked_sub(1)).filter(|n| *n < count);
            index.ok_or_else(|| PackError::new(place(FILE, node), shown(node), format!("a variant from 1 to {count}")))
        }
    }
}

fn new_values(change: &Node) -> Result<Vec<(Node, Node)>, PackError> {
    let key = |text: &str| Node { kind: NodeKind::Scalar { text: text.to_string(), quoted: false }, ..*change };
    match (change.get("value"), change.get("values")) {
        (Some(value), None) => Ok(vec![(key("0001-01-01"), value.clone())]),
        (None, Some(values)) if !values.entries().is_empty() => Ok(values.entries().to_vec()),
        (_, _) => Err(PackError::new(place(FILE, change), "a `set` without a value", "`value`, or `values` by day")),
    }
}

/// Puts values into a parameter; what the base has before the first of them stays.
fn write_values(node: &mut Node, values: Vec<(Node, Node)>) {
    let day = |key: &Node| key.text().and_then(|t| t.parse::<Date>().ok());
    let first = values.iter().filter_map(|(key, _)| day(key)).min();
    let own = if node.get("values").is_some() { step(node, "values") } else { Some(node) };
    if let Some(Node { kind: NodeKind::Map(entries), .. }) = own {
        entries.retain(|(key, _)| day(key).is_none_or(|d| Some(d) < first));
        entries.extend(values);
    }
}

/// The value under a key of a map, or at an index of a list.
fn step<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    match &mut node.kind {
        NodeKind::Map(entries) => entries.iter_mut().find(|(k, _)| k.text() == Some(key)).map(|(_, v)| v),
        NodeKind::List(items) => items.get_mut(key.parse::<usize>().ok()?),
        NodeKind::Scalar { .. } => None,
    }
}
