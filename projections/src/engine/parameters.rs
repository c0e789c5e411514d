//! Reads parameter files in the OpenFisca and PolicyEngine dialects, and this project's additions to them.
//!
//! A parameter's name is its file's path below `parameters/`, then the keys inside the file, joined by dots; amount `i` of a scale is `path[i].amount`.
//! `type`, `unit`, `applies_to` and `cite` hold for everything below the place where they stand. Keys the engine does not know are kept and ignored.

use jiff::civil::Date;
use schemas::yaml::{Node, NodeKind};
use schemas::{Citation, Confidence};

use super::civil::{NEVER, day_number};
use super::error::{PackError, nearest};
use super::exact::Exact;
use super::model::{AppliesTo, Dated, Leaf, LeafValue, Ty};
use super::source::{is_null, place, shown};

/// A parameter and where its text is, so that a reform can change it.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// Dotted path.
    pub path: String,
    /// File it stands in.
    pub file: String,
    /// Keys from the top of the file to it; a number is an index into a list.
    pub keys: Vec<String>,
    /// One leaf without a condition, or several of which the first whose condition holds is taken.
    pub variants: Vec<(Option<Node>, Leaf)>,
}

/// What holds below a node.
#[derive(Clone, Default)]
struct Above {
    ty: Option<Ty>,
    applies_to: Option<AppliesTo>,
    cite: Option<Citation>,
}

struct Reader<'f> {
    file: &'f str,
    out: &'f mut Vec<Parameter>,
    errors: &'f mut Vec<PackError>,
}

/// All parameters of one file.
pub(crate) fn read_file(file: &str, node: &Node, out: &mut Vec<Parameter>, errors: &mut Vec<PackError>) {
    let inner = file.strip_prefix("parameters/").unwrap_or(file);
    let inner = inner.strip_suffix(".yaml").unwrap_or(inner);
    let inner = inner.strip_suffix("/index").unwrap_or(inner);
    Reader { file, out, errors }.node(inner.replace('/', "."), Vec::new(), node, &Above::default());
}

impl Reader<'_> {
    fn node(&mut self, path: String, keys: Vec<String>, node: &Node, above: &Above) {
        let here = self.above(node, above);
        let child = |key: &str| keys.iter().cloned().chain([key.to_string()]).collect::<Vec<_>>();
        if let Some(values) = node.get("values") {
            self.leaf(path, keys, node, values, &here);
        } else if let Some(variants) = node.get("variants") {
            self.variants(path, keys, variants, &here);
        } else if let Some(brackets) = node.get("brackets") {
            if brackets.items().is_empty() {
                let expected = "a list of brackets, each with `threshold` and `rate` or `amount`";
                self.errors.push(PackError::new(place(self.file, brackets), shown(brackets), expected));
            }
            for (index, bracket) in brackets.items().iter().enumerate() {
                let mut below = child("brackets");
                below.push(index.to_string());
                self.check_bracket(bracket);
                self.node(format!("{path}[{index}]"), below, bracket, &here);
            }
        } else if is_dated(node) {
            self.leaf(path, keys, node, node, &here);
        } else {
            if !matches!(node.kind, NodeKind::Map(_)) {
                self.errors.push(PackError::new(
                    place(self.file, node),
                    shown(node),
                    "a parameter or a map of parameters",
                ));
            }
            for (key, value) in node.entries() {
                let name = key.text().unwrap_or_default();
                let is_note =
                    matches!(name, "metadata" | "reference" | "cite" | "documentation" | "description" | "notes");
                match value.kind {
                    NodeKind::Map(_) if !is_note => self.node(format!("{path}.{name}"), child(name), value, &here),
                    NodeKind::Map(_) => {}
                    NodeKind::List(_) | NodeKind::Scalar { .. } => self.check_key(key),
                }
            }
        }
    }

    /// A key that other dialects have is kept and ignored; one that is nearly a key of ours is a slip.
    fn check_key(&mut self, key: &Node) {
        let name = key.text().unwrap_or_default();
        let ours = ["values", "variants", "brackets", "type", "unit", "applies_to", "cite"];
        if !ours.contains(&name) && !is_note(name) && nearest(name, ours).is_some() {
            let error = PackError::new(place(self.file, key), format!("the key `{name}`"), "a key of a parameter");
            self.errors.push(error.nearest(name, ours));
        }
    }

    fn check_bracket(&mut self, bracket: &Node) {
        let ours = ["threshold", "rate", "amount", "average_rate", "base"];
        for (key, _) in bracket.entries() {
            let name = key.text().unwrap_or_default();
            if !ours.contains(&name) && !is_note(name) {
                let found = format!("the key `{name}`");
                let error = PackError::new(place(self.file, key), found, format!("one of {}", ours.join(", ")));
                self.errors.push(error.nearest(name, ours));
            }
        }
    }

    fn variants(&mut self, path: String, keys: Vec<String>, list: &Node, above: &Above) {
        let count = list.items().len();
        let mut variants = Vec::new();
        for (index, node) in list.items().iter().enumerate() {
            let when = node.get("when").cloned();
            if when.is_none() != (index + 1 == count) {
                let error = PackError::new(
                    place(self.file, node),
                    "a variant",
                    "`when` on every variant but the last, and none on the last",
                );
                self.errors.push(error);
            }
            let here = self.above(node, above);
            match node.get("values") {
                Some(values) => {
                    let leaf = self.read_leaf(format!("{path}#{}", index + 1), node, values, &here);
                    variants.push((when, leaf));
                }
                None => {
                    self.errors.push(PackError::new(place(self.file, node), "a variant without `values`", "`values`"))
                }
            }
        }
        if variants.is_empty() {
            self.errors.push(PackError::new(place(self.file, list), shown(list), "a list of variants"));
        } else {
            self.out.push(Parameter { path, file: self.file.to_string(), keys, variants });
        }
    }

    fn leaf(&mut self, path: String, keys: Vec<String>, node: &Node, values: &Node, above: &Above) {
        let leaf = self.read_leaf(path.clone(), node, values, above);
        self.out.push(Parameter { path, file: self.file.to_string(), keys, variants: vec![(None, leaf)] });
    }

    fn read_leaf(&mut self, path: String, node: &Node, values: &Node, above: &Above) -> Leaf {
        let mut dated: Vec<(Date, &Node, Option<Citation>)> = Vec::new();
        if !matches!(values.kind, NodeKind::Map(_)) {
            self.errors.push(PackError::new(
                place(self.file, values),
                shown(values),
                "values by day, as `2017-04-10: 251.77`",
            ));
        }
        for (key, entry) in values.entries() {
            let text = key.text().unwrap_or_default();
            match text.parse::<Date>() {
                Ok(day) => {
                    let cite = value_citation(self.file, entry, above.cite.as_ref());
                    let cite = cite.map_err(|error| self.errors.push(error)).ok().flatten();
                    dated.push((day, entry.get("value").unwrap_or(entry), cite));
                }
                Err(_) if is_note(text) => {}
                Err(_) => self.errors.push(PackError::new(
                    place(self.file, key),
                    format!("`{text}`"),
                    "a day of the calendar, as `2017-04-06`",
                )),
            }
        }
        dated.sort_by_key(|(day, ..)| *day);
        let ty = above.ty.or_else(|| infer(dated.iter().map(|(_, node, _)| *node)));
        let mut read = Vec::new();
        for (from, node, cite) in dated {
            match read_value(ty, node) {
                Ok(value) => read.push(Dated { from, value, cite }),
                Err(expected) => self.errors.push(PackError::new(place(self.file, node), shown(node), expected)),
            }
        }
        let applies_to = above.applies_to.unwrap_or(AppliesTo::PeriodStart);
        Leaf { path, ty, applies_to, values: read, cite: above.cite.clone(), place: place(self.file, node) }
    }

    /// What a node says for itself, over what was said above it.
    fn above(&mut self, node: &Node, above: &Above) -> Above {
        let mut here = above.clone();
        let unit = |node: &Node| node.get("unit").and_then(Node::text).map(str::to_string);
        if let Some(unit) = unit(node).or_else(|| node.get("metadata").and_then(unit)) {
            here.ty = type_of_unit(&unit).or(here.ty);
        }
        if let Some(text) = node.get("type").filter(|n| n.text().is_some()) {
            let name = text.text().unwrap_or_default();
            match Ty::named(name) {
                Some(Ty::Enum) | None => {
                    let error =
                        PackError::new(place(self.file, text), shown(text), "money, rate, count, bool, date or days");
                    self.errors.push(error.nearest(name, Ty::names()));
                }
                Some(ty) => here.ty = Some(ty),
            }
        }
        if let Some(applies_to) = node.get("applies_to") {
            match read_applies_to(self.file, applies_to) {
                Ok(read) => here.applies_to = Some(read),
                Err(error) => self.errors.push(error),
            }
        }
        if let Some(cite) = node.get("cite") {
            match read_citation(self.file, cite) {
                Ok(read) => here.cite = Some(read),
                Err(error) => self.errors.push(error),
            }
        }
        here
    }
}

/// The value a node writes, for a parameter of this type.
///
/// # Errors
/// What was expected instead.
pub(crate) fn read_value(ty: Option<Ty>, node: &Node) -> Result<LeafValue, &'static str> {
    let text = match node.text() {
        _ if is_null(node) => return Ok(LeafValue::Absent),
        Some(text) => text,
        None if ty.is_none() => return Ok(LeafValue::Other(shown(node))),
        None => return Err("a single value"),
    };
    let number = || match text {
        ".inf" | "+.inf" | ".Inf" | "inf" => Some(LeafValue::Unlimited),
        _ => Exact::parse(text).map(LeafValue::Number),
    };
    let whole = || number().filter(|v| !matches!(v, LeafValue::Number(n) if n.den() != 1));
    match ty {
        Some(Ty::Money) => number().ok_or("an amount such as `251.77`"),
        Some(Ty::Rate) => number().ok_or("a number such as `0.55`"),
        Some(Ty::Count | Ty::Days) => whole().ok_or("a whole number"),
        Some(Ty::Bool) => {
            read_bool(text).map(|b| LeafValue::Number(Exact::whole(i128::from(b)))).ok_or("`true` or `false`")
        }
        Some(Ty::Date) => read_day(text)
            .map(|day| LeafValue::Number(Exact::whole(day.into())))
            .ok_or("a day of the calendar, as `2017-04-06`"),
        Some(Ty::Enum) | None => Ok(LeafValue::Other(text.to_string())),
    }
}

/// `true` or `false`, in the spellings of YAML.
pub(crate) fn read_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A day, or `never`, as a day number.
pub(crate) fn read_day(text: &str) -> Option<i64> {
    if text == "never" { Some(NEVER) } else { text.parse().ok().map(day_number) }
}

/// `period_start` or `period_end`.
pub(crate) fn read_applies_to(file: &str, node: &Node) -> Result<AppliesTo, PackError> {
    match node.text() {
        Some("period_start") => Ok(AppliesTo::PeriodStart),
        Some("period_end") => Ok(AppliesTo::PeriodEnd),
        Some(_) | None => Err(PackError::new(place(file, node), shown(node), "period_start or period_end")
            .nearest(node.text().unwrap_or_default(), ["period_start", "period_end"])),
    }
}

/// A `cite` map: instrument, provision, confidence and perhaps a note.
pub(crate) fn read_citation(file: &str, node: &Node) -> Result<Citation, PackError> {
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_string);
    let needed = |key: &str| {
        text(key).ok_or_else(|| {
            PackError::new(
                place(file, node),
                format!("a citation without `{key}`"),
                "instrument, provision and confidence",
            )
        })
    };
    let mut errors = Vec::new();
    super::source::check_keys(file, node, &["instrument", "provision", "confidence", "note"], &mut errors);
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    let (instrument, provision, word) = (needed("instrument")?, needed("provision")?, needed("confidence")?);
    let confidence = Confidence::named(&word).ok_or_else(|| {
        let at = node.get("confidence").unwrap_or(node);
        let words = ["read", "verified", "single_source", "conflict", "unconfirmed"];
        PackError::new(place(file, at), format!("`{word}`"), words.join(", ")).nearest(&word, words)
    })?;
    Ok(Citation { instrument, provision, confidence, note: text("note") })
}

/// The citation of one dated value: its own `cite`, or its `instrument` and `status` over what the parameter cites.
///
/// # Errors
/// Its `cite` is not a citation.
fn value_citation(file: &str, entry: &Node, above: Option<&Citation>) -> Result<Option<Citation>, PackError> {
    if let Some(own) = entry.get("cite") {
        return read_citation(file, own).map(Some);
    }
    let text = |key: &str| entry.get(key).and_then(Node::text);
    let confidence = text("status").or_else(|| text("confidence")).map(confidence_of_status);
    let (instrument, provision) = (text("instrument"), text("provision"));
    if confidence.is_none() && instrument.is_none() && provision.is_none() {
        return Ok(None);
    }
    Ok(Some(Citation {
        instrument: instrument.or(above.map(|c| c.instrument.as_str())).unwrap_or_default().to_string(),
        provision: provision.or(above.map(|c| c.provision.as_str())).unwrap_or_default().to_string(),
        confidence: confidence.or(above.map(|c| c.confidence)).unwrap_or(Confidence::Unconfirmed),
        note: text("note").map(str::to_string),
    }))
}

/// The confidence that a table's `status` stands for; a word not known supports nothing.
fn confidence_of_status(status: &str) -> Confidence {
    match status {
        "single-source" => Confidence::SingleSource,
        other => Confidence::named(other).unwrap_or(Confidence::Unconfirmed),
    }
}

fn type_of_unit(unit: &str) -> Option<Ty> {
    match unit {
        "/1" => Some(Ty::Rate),
        "bool" | "abolition" => Some(Ty::Bool),
        "date" => Some(Ty::Date),
        "day" | "days" => Some(Ty::Days),
        money if money.starts_with("currency") => Some(Ty::Money),
        _ => None,
    }
}

/// The type that all the values have, where nothing says it.
fn infer<'n>(values: impl Iterator<Item = &'n Node> + Clone) -> Option<Ty> {
    let all = |ty| values.clone().all(|node| read_value(Some(ty), node).is_ok());
    [Ty::Bool, Ty::Date, Ty::Count, Ty::Rate].into_iter().find(|ty| all(*ty))
}

/// Whether every key is a day or a note, and one at least is a day.
fn is_dated(node: &Node) -> bool {
    let day = |text: &str| text.parse::<Date>().is_ok();
    let keys = || node.entries().iter().filter_map(|(k, _)| k.text());
    keys().any(day) && keys().all(|key| day(key) || is_note(key))
}

fn is_note(key: &str) -> bool {
    matches!(
        key,
        "metadata"
            | "reference"
            | "description"
            | "documentation"
            | "label"
            | "unit"
            | "type"
            | "applies_to"
            | "cite"
            | "notes"
            | "note"
    )
}
