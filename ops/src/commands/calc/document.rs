//! Cases in YAML or JSON: a list of them, or one. Expected results in them are for `pack test`: the same file serves both.

use projections::engine::{Chain, Pack, Scope, read_case};
use schemas::yaml::{self, Node, NodeKind};

use super::facts;
use super::source::{At, Places, Stated};
use super::work::wrong;
use crate::error::Failure;

/// Reads all cases of a document.
///
/// # Errors
/// The first thing that cannot be read: file, line, column, case, field and what to do.
pub fn read(file: &str, text: &str, pack: &Pack) -> Result<Vec<Stated>, Failure> {
    let document = yaml::parse(text).map_err(|e| {
        Failure::input(format!("{file}:{}:{}: {}; write a list of cases, in YAML or JSON", e.line, e.column, e.message))
    })?;
    let reader = Reader { file, line: 1, pack };
    let mut chain = Chain::new(pack);
    match &document.kind {
        NodeKind::List(cases) => {
            let named = cases.iter().enumerate().map(|(at, case)| (format!("case {}", at + 1), case));
            named.map(|(usual, case)| reader.case(&usual, case, Some(&mut chain))).collect()
        }
        NodeKind::Map(_) => reader.case("case 1", &document, Some(&mut chain)).map(|case| vec![case]),
        NodeKind::Scalar { .. } => Err(reader.wrong("", &document, "found a single word, expected a list of cases")),
    }
}

/// Reads the one case that a line of a file holds, as JSON.
///
/// # Errors
/// As for a document.
pub fn read_line(file: &str, line: usize, text: &str, pack: &Pack) -> Result<Stated, Failure> {
    let reader = Reader { file, line, pack };
    let node = yaml::parse(text.trim_end()).map_err(|e| {
        Failure::input(format!("{file}:{line}:{}: {}; write one case as a JSON object to a line", e.column, e.message))
    })?;
    reader.case(&format!("line {line}"), &node, None)
}

struct Reader<'r> {
    file: &'r str,
    /// Line of the file on which the text begins.
    line: usize,
    pack: &'r Pack,
}

impl Reader<'_> {
    /// Reads a case; without a chain it can follow no other.
    fn case(&self, usual: &str, node: &Node, chain: Option<&mut Chain<'_>>) -> Result<Stated, Failure> {
        let name = node.get("name").and_then(Node::text).unwrap_or(usual);
        let places = self.places(name, node)?;
        let mut stated = read_case(self.pack, node).map_err(|e| {
            Failure::input(format!("{}:{}:{}: {name}: {}", self.file, self.line + e.line - 1, e.column, e.message))
        })?;
        stated.case.name = name.to_string();
        match (chain, node.get("after")) {
            (Some(chain), _) => {
                chain.link(&mut stated).map_err(|error| Failure::input(wrong(self.file, &places, &error)))?;
            }
            (None, Some(after)) => {
                let what = "after: each line stands alone; write cases that follow one another as one YAML document";
                return Err(self.wrong(name, after, what));
            }
            (None, None) => {}
        }
        Ok(Stated { case: stated.case, places })
    }

    /// Checks the shape of a case, which says where everything in it stands.
    fn places(&self, name: &str, node: &Node) -> Result<Places, Failure> {
        self.map(name, "a case", node)?;
        let mut places = Places { case: self.place(node), fields: Vec::new() };
        if let Some(period) = node.get("period") {
            places.fields.push(("period".to_string(), self.place(period)));
        }
        if let Some(after) = node.get("after") {
            places.fields.push(("after".to_string(), self.place(after)));
        }
        let Some(input) = node.get("input") else {
            return Err(self.wrong(name, node, "`input` is missing: the facts, under `people` and `unit`"));
        };
        self.map(name, "input", input)?;
        if let Some(people) = input.get("people") {
            self.map(name, "people", people)?;
            for (id, person) in people.entries() {
                let id_text = id.text().unwrap_or_default();
                places.fields.push((id_text.to_string(), self.place(id)));
                self.map(name, id_text, person)?;
                self.facts(name, Scope::Person, &format!("{id_text}."), person, &mut places)?;
            }
        }
        if let Some(unit) = input.get("unit") {
            self.map(name, "unit", unit)?;
            self.facts(name, Scope::Unit, "", unit, &mut places)?;
        }
        Ok(places)
    }

    fn facts(&self, case: &str, scope: Scope, prefix: &str, node: &Node, places: &mut Places) -> Result<(), Failure> {
        for (key, value) in node.entries() {
            let name = key.text().unwrap_or_default();
            let field = format!("{prefix}{name}");
            facts::known(self.pack, scope, &field, name).map_err(|what| self.wrong(case, key, &what))?;
            if value.text().is_none_or(|text| matches!(text, "" | "null" | "~")) {
                let what = format!("{field}: expected one value; leave the fact out where it is not known");
                return Err(self.wrong(case, value, &what));
            }
            places.fields.push((field, self.place(value)));
        }
        Ok(())
    }

    /// A map, or nothing at all (`unit:` with nothing after it).
    fn map(&self, case: &str, what: &str, node: &Node) -> Result<(), Failure> {
        match &node.kind {
            NodeKind::Map(_) => Ok(()),
            NodeKind::Scalar { text, quoted: false } if text.is_empty() => Ok(()),
            NodeKind::Scalar { text, .. } => {
                Err(self.wrong(case, node, &format!("{what}: found `{text}`, expected a map, as `key: value`")))
            }
            NodeKind::List(_) => {
                Err(self.wrong(case, node, &format!("{what}: found a list, expected a map, as `key: value`")))
            }
        }
    }

    fn wrong(&self, case: &str, node: &Node, what: &str) -> Failure {
        let case = if case.is_empty() { String::new() } else { format!("{case}: ") };
        Failure::input(format!("{}:{}: {case}{what}", self.file, self.place(node)))
    }

    fn place(&self, node: &Node) -> At {
        At { line: self.line + node.line - 1, column: Some(node.column) }
    }
}
