//! `pack digest`: what stands for the meaning of a pack, and where it is written down.

use std::fs;
use std::path::{Path, PathBuf};

use projections::engine::{PackError, Rulebook};
use schemas::yaml;
use serde_json::json;

use crate::cli::Global;
use crate::error::Failure;
use crate::output::{Format, print, print_json};
use crate::packs::{Found, Origin, Shelf};

/// Prints the digest of one pack.
///
/// # Errors
/// The pack is not there or cannot be loaded.
pub fn one(shelf: &Shelf, name: &str, format: Format) -> Result<(), Failure> {
    let pack = shelf.load(name)?;
    match format {
        Format::Text => print(&format!("{}\n", pack.digest())),
        Format::Json => print_json(&json!({"name": pack.name(), "version": pack.version(), "digest": pack.digest()})),
    }
}

/// A digest that was replaced.
struct Written {
    file: PathBuf,
    /// The pack named there.
    pack: String,
    old: String,
    new: String,
}

/// Writes today's digests where reforms and rulebooks name others, bases before the reforms that stand on them.
///
/// # Errors
/// A digest that is none, a pack of a rulebook that cannot be loaded, or a file that cannot be read or written.
pub fn write(global: &Global, format: Format) -> Result<(), Failure> {
    let mut written = Vec::new();
    // A reform changes its own digest by naming another base, so that reforms on it come in a later round.
    loop {
        let shelf = Shelf::open(global)?;
        let before = written.len();
        for found in shelf.all() {
            written.extend(reform(&shelf, found)?);
        }
        if written.len() == before {
            written.extend(rulebooks(&shelf)?);
            break;
        }
    }
    match format {
        Format::Text if written.is_empty() => print("every reform and rulebook names the digests of today\n"),
        Format::Text => print(&written.iter().map(Written::line).collect::<String>()),
        Format::Json => print_json(&written.iter().map(Written::json).collect::<Vec<_>>().into()),
    }
}

/// Brings the digest that a reform of the folder names up to date; nothing where it is, or where its base cannot be loaded yet.
fn reform(shelf: &Shelf, found: &Found) -> Result<Option<Written>, Failure> {
    let (Origin::Folder(folder), Some(base)) = (&found.origin, shelf.base(found)?) else { return Ok(None) };
    let Ok(pack) = shelf.load_found(base)? else { return Ok(None) };
    let text = found.files.0.get("pack.yaml").map_or("", String::as_str);
    let named = yaml::parse(text).ok();
    let named = named.as_ref().and_then(|node| node.get("base")?.get("digest")?.text().map(str::to_string));
    replace(&folder.join("pack.yaml"), &base.name, named.as_deref().unwrap_or_default(), &pack.digest())
}

/// Brings the rulebooks beside the folders of packs up to date.
fn rulebooks(shelf: &Shelf) -> Result<Vec<Written>, Failure> {
    let mut folders: Vec<PathBuf> = shelf.all().filter_map(folder_of_rulebooks).collect();
    folders.sort();
    folders.dedup();
    let mut written = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let entries = fs::read_dir(folder).map_err(|e| Failure::reading(folder, e))?;
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).map_err(|e| Failure::reading(&file, e))?;
            let lines = |errors: Vec<PackError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            let book = Rulebook::read(&file.display().to_string(), &text).map_err(|e| Failure::input(lines(e)))?;
            for named in book.packs {
                let pack = shelf.load(&format!("{}@{}", named.name, named.version))?;
                written.extend(replace(&file, &named.name, &named.digest, &pack.digest())?);
            }
        }
    }
    Ok(written)
}

/// `schemas/rulebooks` for a pack in `schemas/packs/<name>/<version>`.
fn folder_of_rulebooks(found: &Found) -> Option<PathBuf> {
    match &found.origin {
        Origin::Folder(folder) => Some(folder.ancestors().nth(3)?.join("rulebooks")),
        Origin::Shipped => None,
    }
}

/// Writes `new` for `old` in a file and leaves all else as it stands.
fn replace(file: &Path, pack: &str, old: &str, new: &str) -> Result<Option<Written>, Failure> {
    if old == new {
        return Ok(None);
    }
    let name = file.display().to_string();
    if old.len() != new.len() {
        return Err(Failure::input(format!("{name}: found `{old}`, expected the digest of {pack}; write `{new}`")));
    }
    let text = fs::read_to_string(file).map_err(|e| Failure::reading(file, e))?;
    fs::write(file, text.replacen(old, new, 1)).map_err(|e| Failure::writing(&name, e))?;
    Ok(Some(Written { file: file.to_path_buf(), pack: pack.into(), old: old.into(), new: new.into() }))
}

impl Written {
    fn line(&self) -> String {
        format!("{}: {} was {}, is {}\n", self.file.display(), self.pack, self.old, self.new)
    }

    fn json(&self) -> serde_json::Value {
        json!({"file": self.file.display().to_string(), "pack": self.pack, "old": self.old, "new": self.new})
    }
}
