//! A pack as it was written: trees of text, before anything is looked up. Its canonical form and digest are taken here.

use std::collections::BTreeMap;

use schemas::yaml::{self, Node, NodeKind};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::error::{PackError, Place};

/// The files of a pack, path to text, with `/` between folders. Reading them from disk is the caller's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackFiles(pub BTreeMap<String, String>);

/// The trees that make up a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// `pack.yaml`, without `base` and `changes`.
    pub pack: Node,
    /// `base` and `changes` of a reform.
    pub reform: Option<Node>,
    /// Parameter files by path.
    pub parameters: BTreeMap<String, Node>,
    /// Rules one by one, with the file each stands in.
    pub rules: Vec<(String, Node)>,
}

impl Source {
    /// Reads `pack.yaml`, `parameters/**.yaml` and `rules/**.rule.yaml`; other files are left alone.
    pub fn read(files: &PackFiles) -> Result<Source, Vec<PackError>> {
        let mut errors = Vec::new();
        let (mut pack, mut parameters, mut rules) = (None, BTreeMap::new(), Vec::new());
        for (path, text) in &files.0 {
            let in_parameters = path.starts_with("parameters/") && path.ends_with(".yaml");
            let in_rules = path.starts_with("rules/") && path.ends_with(".yaml");
            if path != "pack.yaml" && !in_parameters && !in_rules {
                continue;
            }
            match yaml::parse(text) {
                Err(e) => {
                    let place = Place { file: path.clone(), line: e.line, column: e.column };
                    errors.push(PackError::new(place, e.message, "a YAML document"));
                }
                Ok(node) if in_parameters => {
                    parameters.insert(path.clone(), node);
                }
                Ok(node) if in_rules => rules_of(path, &node, &mut rules, &mut errors),
                Ok(node) => pack = Some(node),
            }
        }
        match pack {
            Some(pack) if errors.is_empty() => {
                let (pack, reform) = split_reform(pack);
                Ok(Source { pack, reform, parameters, rules })
            }
            Some(_) => Err(errors),
            None => {
                if !files.0.contains_key("pack.yaml") {
                    let place = Place { file: "pack.yaml".into(), line: 0, column: 0 };
                    errors.insert(0, PackError::new(place, "no such file", "a file pack.yaml at the top of the pack"));
                }
                Err(errors)
            }
        }
    }

    /// The content that decides what the pack means, as JSON with sorted keys: comments, layout and the order of keys and files do not show in it.
    pub fn canonical(&self) -> String {
        let mut rules: Vec<(String, Value)> = self
            .rules
            .iter()
            .map(|(_, rule)| (rule.get("id").and_then(Node::text).unwrap_or_default().to_string(), to_value(rule)))
            .collect();
        rules.sort_by(|a, b| a.0.cmp(&b.0));
        let parameters = self.parameters.iter().map(|(file, node)| (file.clone(), to_value(node))).collect();
        let mut top = vec![
            ("pack".to_string(), to_value(&self.pack)),
            ("parameters".to_string(), Value::Object(parameters)),
            ("rules".to_string(), Value::Array(rules.into_iter().map(|(_, v)| v).collect())),
        ];
        if let Some(reform) = &self.reform {
            top.push(("reform".to_string(), to_value(reform)));
        }
        top.sort_by(|a, b| a.0.cmp(&b.0));
        Value::Object(top.into_iter().collect()).to_string()
    }

    /// Reads what [`Source::canonical`] wrote.
    pub fn from_canonical(text: &str) -> Result<Source, PackError> {
        let place = || Place { file: "canonical pack".into(), line: 0, column: 0 };
        let value: Value = serde_json::from_str(text)
            .map_err(|e| PackError::new(place(), e.to_string(), "the JSON of a canonical pack"))?;
        let part = |name: &str| {
            value
                .get(name)
                .ok_or_else(|| PackError::new(place(), format!("no `{name}`"), "`pack`, `parameters` and `rules`"))
        };
        let parameters = part("parameters")?
            .as_object()
            .into_iter()
            .flatten()
            .map(|(file, v)| (file.clone(), from_value(v)))
            .collect();
        let rules = part("rules")?
            .as_array()
            .into_iter()
            .flatten()
            .map(|v| ("canonical pack".to_string(), from_value(v)))
            .collect();
        Ok(Source { pack: from_value(part("pack")?), reform: value.get("reform").map(from_value), parameters, rules })
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where a node of a file stands.
pub(crate) fn place(file: &str, node: &Node) -> Place {
    Place { file: file.to_string(), line: node.line, column: node.column }
}

/// Whether a node says "nothing": `null`, `~` or an empty value, not in quotes.
pub(crate) fn is_null(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar { text, quoted: false } if matches!(text.as_str(), "" | "~" | "null"))
}

/// What a node is, for messages.
pub(crate) fn shown(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar { text, .. } => format!("`{text}`"),
        NodeKind::List(_) => "a list".to_string(),
        NodeKind::Map(_) => "a map".to_string(),
    }
}

/// A map's keys, each of which must be known; the errors name the nearest known key.
pub(crate) fn check_keys(file: &str, node: &Node, known: &[&str], errors: &mut Vec<PackError>) {
    for (key, _) in node.entries() {
        let name = key.text().unwrap_or_default();
        if !known.contains(&name) {
            let error =
                PackError::new(place(file, key), format!("the key `{name}`"), format!("one of {}", known.join(", ")));
            errors.push(error.nearest(name, known.iter().copied()));
        }
    }
}

fn rules_of(path: &str, node: &Node, rules: &mut Vec<(String, Node)>, errors: &mut Vec<PackError>) {
    check_keys(path, node, &["rules", "description"], errors);
    match node.get("rules").map(|n| (n, &n.kind)) {
        Some((_, NodeKind::List(items))) => rules.extend(items.iter().map(|item| (path.to_string(), item.clone()))),
        Some((other, NodeKind::Scalar { .. } | NodeKind::Map(_))) => {
            errors.push(PackError::new(place(path, other), shown(other), "a list of rules"));
        }
        None => errors.push(PackError::new(place(path, node), shown(node), "a map with `rules`")),
    }
}

/// Takes `base` and `changes` out of a pack file.
fn split_reform(pack: Node) -> (Node, Option<Node>) {
    let (line, column) = (pack.line, pack.column);
    let NodeKind::Map(entries) = pack.kind else { return (pack, None) };
    let (reform, rest): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(k, _)| matches!(k.text(), Some("base" | "changes")));
    let map = |entries| Node { kind: NodeKind::Map(entries), line, column };
    (map(rest), (!reform.is_empty()).then(|| map(reform)))
}

fn to_value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Scalar { .. } if is_null(node) => Value::Null,
        NodeKind::Scalar { text, .. } => Value::String(text.clone()),
        NodeKind::List(items) => Value::Array(items.iter().map(to_value).collect()),
        NodeKind::Map(entries) => {
            let mut pairs: Vec<(String, Value)> =
                entries.iter().map(|(k, v)| (k.text().unwrap_or_default().to_string(), to_value(v))).collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(pairs.into_iter().collect::<Map<_, _>>())
        }
    }
}

fn from_value(value: &Value) -> Node {
    let scalar = |text: &str, quoted| NodeKind::Scalar { text: text.to_string(), quoted };
    let kind = match value {
        Value::Null => scalar("null", false),
        Value::Bool(b) => scalar(if *b { "true" } else { "false" }, false),
        Value::Number(n) => scalar(&n.to_string(), false),
        Value::String(s) => scalar(s, true),
        Value::Array(items) => NodeKind::List(items.iter().map(from_value).collect()),
        Value::Object(map) => NodeKind::Map(
            map.iter().map(|(k, v)| (Node { kind: scalar(k, true), line: 0, column: 0 }, from_value(v))).collect(),
        ),
    };
    Node { kind, line: 0, column: 0 }
}
