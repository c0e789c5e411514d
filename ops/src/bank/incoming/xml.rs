//! XML read event by event: elements open and close with their path, the file is hashed as it passes, and whatever is
//! wrong has a line.

use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use schemas::Digest;
use sha2::Digest as _;

/// How deep elements may lie in one another; real messages have about a dozen levels.
const DEEPEST: usize = 64;

/// Attributes by name.
pub type Attributes = Vec<(String, String)>;

/// What is told of elements as they pass. An error says what is wrong there; the line is added.
pub trait Seen {
    fn open(&mut self, path: &str, attributes: &Attributes, line: u64) -> Result<(), String>;
    fn close(&mut self, path: &str, text: &str, line: u64) -> Result<(), String>;
}

/// Why a file is refused.
#[derive(Debug)]
pub enum Malformed {
    Wrong { line: u64, why: String },
    Unread(io::Error),
}

/// Walks through a file to its end; the SHA-256 of its bytes.
pub fn walk(source: impl BufRead, seen: &mut impl Seen) -> Result<Digest, Malformed> {
    let mut reader =
        Reader::from_reader(Passing { source, hash: sha2::Sha256::new(), line: 1, waiting: Vec::new(), passed: 0 });
    let (mut buffer, mut path, mut text) = (Vec::new(), Vec::<String>::new(), String::new());
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        let line = reader.get_ref().line;
        let wrong = |why: String| Malformed::Wrong { line, why };
        match event.map_err(|error| unreadable(error, line))? {
            Event::Start(element) => {
                open(&element, &mut path, seen, line).map_err(wrong)?;
                text.clear();
            }
            Event::Empty(element) => {
                open(&element, &mut path, seen, line).map_err(wrong)?;
                seen.close(&path.join("/"), "", line).map_err(wrong)?;
                path.pop();
                text.clear();
            }
            Event::End(_) => {
                seen.close(&path.join("/"), text.trim(), line).map_err(wrong)?;
                path.pop();
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::CData(piece) => text.push_str(&piece),
            Event::GeneralRef(name) => text.push(character(&name).map_err(wrong)?),
            Event::DocType(_) => return Err(wrong("a document type is not taken from a bank".into())),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => {
                return match path.last() {
                    Some(open) => Err(wrong(format!("the file ends within `{open}`: it is cut off"))),
                    None => Ok(Digest(reader.into_inner().hash.finalize().into())),
                };
            }
        }
    }
}

fn open(element: &BytesStart<'_>, path: &mut Vec<String>, seen: &mut impl Seen, line: u64) -> Result<(), String> {
    if path.len() == DEEPEST {
        return Err(format!("elements lie more than {DEEPEST} deep"));
    }
    path.push(element.local_name().as_ref().to_string());
    let read = |attribute: Result<quick_xml::events::attributes::Attribute<'_>, _>| match attribute {
        Ok(attribute) => {
            let name = attribute.key.as_ref().to_string();
            Ok((name, attribute.value.into_owned()))
        }
        Err(error) => Err(format!("an attribute cannot be read: {error}")),
    };
    let attributes = element.attributes().map(read).collect::<Result<_, _>>()?;
    seen.open(&path.join("/"), &attributes, line)
}

fn unreadable(error: quick_xml::Error, line: u64) -> Malformed {
    if let quick_xml::Error::Io(error) = &error {
        return Malformed::Unread(io::Error::new(error.kind(), error.to_string()));
    }
    Malformed::Wrong { line, why: format!("this is not XML: {error}") }
}

/// The five names that XML has, and characters by number.
fn character(name: &str) -> Result<char, String> {
    let by_number = |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
    let known = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        other => match (other.strip_prefix("#x"), other.strip_prefix('#')) {
            (Some(digits), _) => by_number(digits, 16),
            (None, Some(digits)) => by_number(digits, 10),
            (None, None) => None,
        },
    };
    known.ok_or_else(|| format!("`&{name};` is no character"))
}

/// Hashes what comes in and counts the lines of what passes on. All that is read of a bank's file is ASCII; whatever is
/// not (names, in whichever encoding) passes on as a question mark.
struct Passing<R> {
    source: R,
    hash: sha2::Sha256,
    line: u64,
    waiting: Vec<u8>,
    passed: usize,
}

impl<R: BufRead> Read for Passing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Passing<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.passed == self.waiting.len() {
            let new = self.source.fill_buf()?;
            self.hash.update(new);
            self.waiting.clear();
            self.waiting.extend(new.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }));
            self.passed = 0;
            self.source.consume(self.waiting.len());
        }
        Ok(self.waiting.get(self.passed..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        let passing = self.waiting.iter().skip(self.passed).take(amount);
        self.line += passing.fold(0, |lines, byte| lines + u64::from(*byte == b'\n'));
        self.passed += amount;
    }
}
