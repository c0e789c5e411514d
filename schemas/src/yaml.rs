//! YAML as people write it: every scalar keeps its own text and its place, so that a number never passes through a
//! float and an error can name line and column. JSON is YAML too.

use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

/// A piece of a document and where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// What stands in a place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A text, number, date or word, as written; `quoted` where it is text whatever it looks like.
    Scalar {
        /// The characters.
        text: String,
        /// In quotes, or a block of text.
        quoted: bool,
    },
    /// Items in order.
    List(Vec<Node>),
    /// Keys and values in the order written; a key stands once.
    Map(Vec<(Node, Node)>),
}

/// Why a document or a field of it cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct YamlError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// The field, such as `credits[2].amount`; empty for the document.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// Reads one document.
///
/// # Errors
/// The first thing that is not YAML, a key that stands twice, an alias, or a second document.
pub fn parse(text: &str) -> Result<Node, YamlError> {
    let mut events = Events { parser: Parser::new_from_str(text) };
    loop {
        match events.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd, span) => return Err(at(span, "the document is empty")),
            (event, span) => {
                let node = events.node(event, span, 0)?;
                return events.end().map(|()| node);
            }
        }
    }
}

/// Reads one document as a `T`; the error names the field and its place.
///
/// # Errors
/// Those of [`parse`], and what `T` refuses.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    decode_node(&parse(text)?)
}

/// Reads a piece of a document as a `T`.
///
/// # Errors
/// What `T` refuses, with field and place.
pub fn decode_node<T: DeserializeOwned>(node: &Node) -> Result<T, YamlError> {
    serde_path_to_error::deserialize(node.to_json()).map_err(|error| {
        let path = error.path().to_string();
        let place =
            error.path().iter().try_fold(node, |node, segment| node.step(segment)).unwrap_or_else(|deepest| deepest);
        let field = if path == "." { String::new() } else { path };
        YamlError { line: place.line, column: place.column, field, message: error.into_inner().to_string() }
    })
}

impl Node {
    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| k.text() == Some(key)).map(|(_, value)| value)
    }

    /// The entries of a map; none for anything else.
    pub fn entries(&self) -> &[(Node, Node)] {
        match &self.kind {
            NodeKind::Map(entries) => entries,
            NodeKind::Scalar { .. } | NodeKind::List(_) => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::List(items) => items,
            NodeKind::Scalar { .. } | NodeKind::Map(_) => &[],
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            NodeKind::List(_) | NodeKind::Map(_) => None,
        }
    }

    /// An error about this place.
    pub fn error(&self, message: impl Into<String>) -> YamlError {
        YamlError { line: self.line, column: self.column, field: String::new(), message: message.into() }
    }

    /// The same as JSON; a plain number keeps its digits.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            NodeKind::Scalar { text, quoted: true } => Value::String(text.clone()),
            NodeKind::Scalar { text, quoted: false } => match text.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" | "~" | "" => Value::Null,
                number if is_number(number) => Value::Number(Number::from_string_unchecked(number.into())),
                text => Value::String(text.into()),
            },
            NodeKind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            NodeKind::Map(entries) => {
                let entry = |(key, value): &(Node, Node)| (key.text().unwrap_or_default().to_string(), value.to_json());
                Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
            }
        }
    }

    /// One step of a path towards a field, or the deepest place reached.
    fn step(&self, segment: &serde_path_to_error::Segment) -> Result<&Node, &Node> {
        use serde_path_to_error::Segment;
        match segment {
            Segment::Seq { index } => self.items().get(*index).ok_or(self),
            Segment::Map { key } => self.get(key).ok_or(self),
            Segment::Enum { .. } => Ok(self),
            Segment::Unknown => Err(self),
        }
    }
}

/// A JSON number: digits, perhaps a sign before and a fraction after; no exponent, no leading zero.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction) && (whole.len() == 1 || !whole.starts_with('0'))
}

fn at(span: Span, message: impl Into<String>) -> YamlError {
    YamlError { line: span.start.line(), column: span.start.col() + 1, field: String::new(), message: message.into() }
}

/// How deep a document may nest: far beyond any that people write, well within the stack.
const DEEPEST: usize = 64;

struct Events<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
}

impl<'t> Events<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), YamlError> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let place = error.marker();
                let message = error.info().to_string();
                Err(YamlError { line: place.line(), column: place.col() + 1, field: String::new(), message })
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, YamlError> {
        if depth > DEEPEST {
            return Err(at(span, format!("nested more than {DEEPEST} deep")));
        }
        let kind = match event {
            Event::Scalar(text, style, ..) => {
                NodeKind::Scalar { text: text.into_owned(), quoted: style != ScalarStyle::Plain }
            }
            Event::SequenceStart(..) => NodeKind::List(self.items(depth)?),
            Event::MappingStart(..) => NodeKind::Map(self.entries(depth)?),
            Event::Alias(_) => return Err(at(span, "an alias (`*name`) is not read here: write the value out")),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(at(span, "expected a value")),
        };
        Ok(Node { kind, line: span.start.line(), column: span.start.col() + 1 })
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Node>, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, YamlError> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (event, span) => self.node(event, span, depth + 1)?,
            };
            let Some(name) = key.text() else { return Err(key.error("a key must be a word")) };
            if !seen.insert(name.to_string()) {
                return Err(key.error(format!("`{name}` stands twice here")));
            }
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            entries.push((key, value));
        }
    }

    fn end(&mut self) -> Result<(), YamlError> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (_, span) => return Err(at(span, "one document was expected, and a second begins here")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only decoded")]
    struct Case {
        name: String,
        rent: crate::Amount,
        days: Vec<jiff::civil::Date>,
    }

    #[track_caller]
    fn check(text: &str, message: &str) {
        assert_eq!(decode::<Vec<Case>>(text).unwrap_err().to_string(), message);
    }

    #[test]
    fn an_error_names_line_column_and_field() {
        check(
            "- name: a\n  rent: 1.005\n  days: []\n",
            "line 2, column 9: [0].rent: `1.005` has more than two decimals: money is whole pence",
        );
        check(
            "- name: a\n  rent: -1\n  days: []\n",
            "line 2, column 9: [0].rent: `-1.00` is negative: this amount must be zero or more",
        );
        check(
            "- {name: a, rnt: 1, days: []}\n",
            "line 1, column 18: [0].rnt: unknown field `rnt`, expected one of `name`, `rent`, `days`",
        );
        check("- name: a\n  name: b\n", "line 2, column 3: `name` stands twice here");
        check("", "line 1, column 1: the document is empty");
        let error = decode::<Vec<Case>>("- name: a\n  rent: 1\n  days: [2026-02-30]\n").unwrap_err();
        assert_eq!((error.line, error.field.as_str()), (3, "[0].days[0]"));
    }

    #[test]
    fn numbers_keep_their_digits_and_quoted_numbers_stay_text() {
        let node = parse("{a: 424.90, b: '1', c: 2026-01-01, d: 007}").unwrap();
        assert_eq!(node.to_json().to_string(), r#"{"a":424.90,"b":"1","c":"2026-01-01","d":"007"}"#);
    }
}
