//! A rulebook: the packs a person can be under, by digest, and the one floor file that protects them.

use schemas::yaml::{self, Node};
use sha2::{Digest, Sha256};

use super::error::{PackError, Place};
use super::source::{check_keys, place, shown};

/// Packs by digest and a floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rulebook {
    /// Its name.
    pub name: String,
    /// Its title for people.
    pub title: String,
    /// Its packs, in the order written.
    pub packs: Vec<PackRef>,
    /// Name of the floor file.
    pub floor: String,
}

/// One pack of a rulebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackRef {
    /// The pack's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its digest, 64 hexadecimal digits.
    pub digest: String,
}

impl Rulebook {
    /// Reads a rulebook; `file` is what errors call it.
    ///
    /// # Errors
    /// Everything in it that is wrong.
    pub fn read(file: &str, text: &str) -> Result<Rulebook, Vec<PackError>> {
        let node = yaml::parse(text).map_err(|e| {
            let place = Place { file: file.to_string(), line: e.line, column: e.column };
            vec![PackError::new(place, e.message, "a YAML document")]
        })?;
        let mut errors = Vec::new();
        check_keys(file, &node, &["name", "title", "packs", "floor", "description", "note"], &mut errors);
        let name = text_of(file, &node, "name", &mut errors);
        let floor = text_of(file, &node, "floor", &mut errors);
        let title = node.get("title").and_then(Node::text).unwrap_or_default().to_string();
        let mut packs: Vec<PackRef> = Vec::new();
        for pack in node.get("packs").map(Node::items).unwrap_or_default() {
            check_keys(file, pack, &["name", "version", "digest"], &mut errors);
            let [name, version, digest] =
                ["name", "version", "digest"].map(|key| text_of(file, pack, key, &mut errors));
            if let Some(at) = pack.get("digest").filter(|_| !is_digest(&digest)) {
                errors.push(PackError::new(place(file, at), shown(at), "a digest of 64 hexadecimal digits"));
            }
            if packs.iter().any(|p| p.name == name) {
                errors.push(PackError::new(place(file, pack), format!("a second `{name}`"), "one pack of a name"));
            }
            packs.push(PackRef { name, version, digest });
        }
        if packs.is_empty() {
            errors.push(PackError::new(place(file, &node), "no packs", "`packs`, at least one"));
        }
        if errors.is_empty() { Ok(Rulebook { name, title, packs, floor }) } else { Err(errors) }
    }

    /// SHA-256 over the packs' digests, in order of their names, and the text of the floor file: what a determination names as its rules.
    pub fn digest(&self, floor_text: &str) -> String {
        let mut packs: Vec<(&str, &str)> = self.packs.iter().map(|p| (p.name.as_str(), p.digest.as_str())).collect();
        packs.sort_unstable();
        let mut hash = Sha256::new();
        for (name, digest) in packs {
            hash.update(format!("{name} {digest}\n"));
        }
        hash.update(format!("floor {}\n", floor_text.len()));
        hash.update(floor_text);
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn text_of(file: &str, node: &Node, key: &str, errors: &mut Vec<PackError>) -> String {
    let text = node.get(key).and_then(Node::text).filter(|t| !t.is_empty());
    if text.is_none() {
        errors.push(PackError::new(place(file, node), format!("no `{key}`"), format!("`{key}`, a text")));
    }
    text.unwrap_or_default().to_string()
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
