//! Finding rule packs and floor files: in a folder first, then among those that travel in the program.
//!
//! A folder of packs holds `<name>/<version>/pack.yaml` and what belongs to it. A name need not be written in full where
//! only one pack fits; without a version the latest is meant.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};
use projections::engine::{Pack, PackError, PackFiles, Place};
use schemas::yaml::{self, Node};

use crate::cli::Global;
use crate::error::Failure;

static SHIPPED_PACKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../schemas/packs");
static SHIPPED_FLOORS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../schemas/floors");

/// How many reforms may stand on one another.
const DEEPEST: usize = 8;

/// All packs and floor files that there are.
#[derive(Debug)]
pub struct Shelf {
    /// Every pack by name, the versions of each from the oldest to the latest.
    packs: BTreeMap<String, Vec<Found>>,
    /// Folder of floor files that come first.
    floors: Option<PathBuf>,
}

/// A version of a pack, as it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The name, as the folder says.
    pub name: String,
    /// The version, as the folder says.
    pub version: String,
    /// Where it is.
    pub origin: Origin,
    /// Its text.
    pub files: PackFiles,
}

/// Where a pack was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This folder.
    Folder(PathBuf),
    /// The program itself.
    Shipped,
}

impl Shelf {
    /// Looks through the folder that the command line or environment names, or `./schemas/packs` where that exists, and
    /// the program.
    ///
    /// # Errors
    /// [`Failure::Input`] for a folder that is not there or a file that is not text.
    pub fn open(global: &Global) -> Result<Shelf, Failure> {
        let usual = Path::new("schemas/packs");
        let folder = match &global.packs {
            Some(folder) if !folder.is_dir() => {
                let message = format!("--packs {}: there is no such folder", folder.display());
                return Err(Failure::input(message));
            }
            Some(folder) => Some(folder.as_path()),
            None => Some(usual).filter(|f| f.is_dir()),
        };
        let mut packs: BTreeMap<String, Vec<Found>> = BTreeMap::new();
        for found in folder.map_or(Ok(Vec::new()), in_folder)?.into_iter().chain(shipped()) {
            let versions = packs.entry(found.name.clone()).or_default();
            if !versions.iter().any(|other| other.version == found.version) {
                versions.push(found);
            }
        }
        packs.values_mut().for_each(|versions| versions.sort_by(|a, b| by_number(&a.version, &b.version)));
        let floors = folder.and_then(Path::parent).map(|parent| parent.join("floors")).filter(|f| f.is_dir());
        Ok(Shelf { packs, floors })
    }

    /// Every version of every pack, by name and from the oldest version to the latest.
    pub fn all(&self) -> impl Iterator<Item = &Found> {
        self.packs.values().flatten()
    }

    /// The pack meant by `NAME` or `NAME@VERSION`.
    ///
    /// # Errors
    /// [`Failure::Input`] when none fits or several do, with the names that might be meant.
    pub fn find(&self, wanted: &str) -> Result<&Found, Failure> {
        let (name, version) = wanted.split_once('@').map_or((wanted, None), |(name, version)| (name, Some(version)));
        let versions = self.versions(name)?;
        let found = match version {
            None => versions.last(),
            Some(version) => versions.iter().find(|found| found.version == version),
        };
        found.ok_or_else(|| {
            let known: Vec<&str> = versions.iter().map(|found| found.version.as_str()).collect();
            let name = versions.first().map_or(name, |found| &found.name);
            Failure::input(format!(
                "there is no version `{}` of {name}; there is {}",
                version.unwrap_or(""),
                known.join(", ")
            ))
        })
    }

    fn versions(&self, name: &str) -> Result<&[Found], Failure> {
        if let Some(versions) = self.packs.get(name) {
            return Ok(versions);
        }
        let fitting: Vec<&String> =
            self.packs.keys().filter(|known| !name.is_empty() && known.contains(name)).collect();
        match fitting[..] {
            [only] => Ok(self.packs.get(only).map_or(&[], Vec::as_slice)),
            [] => {
                let near = did_you_mean(name, self.packs.keys().map(String::as_str));
                let advice = near.unwrap_or_else(|| format!("there is {}", list(self.packs.keys())));
                Err(Failure::input(format!("there is no pack `{name}`; {advice}")))
            }
            _ => Err(Failure::input(format!("`{name}` fits several packs: {}; write more of the name", list(fitting)))),
        }
    }

    /// Finds a pack and loads it, a reform on its base.
    ///
    /// # Errors
    /// [`Failure::Input`] with everything that is wrong, one to a line: file, line, column, found, expected, suggestion.
    pub fn load(&self, wanted: &str) -> Result<Pack, Failure> {
        let lines = |errors: Vec<PackError>| errors.iter().map(PackError::to_string).collect::<Vec<_>>().join("\n");
        self.load_found(self.find(wanted)?)?.map_err(|errors| Failure::input(lines(errors)))
    }

    /// Loads a pack that was found, a reform on its base, or says everything that is wrong with it or its base.
    ///
    /// # Errors
    /// [`Failure::Input`] when the base of a reform is not here.
    pub fn load_found(&self, found: &Found) -> Result<Result<Pack, Vec<PackError>>, Failure> {
        self.load_deep(found, 0)
    }

    fn load_deep(&self, found: &Found, depth: usize) -> Result<Result<Pack, Vec<PackError>>, Failure> {
        let pack = match self.base(found)? {
            None => Pack::load(&found.files),
            Some(_) if depth == DEEPEST => {
                let place = found.path("pack.yaml");
                return Err(Failure::input(format!("{place}: reforms stand on one another more than {DEEPEST} deep")));
            }
            Some(base) => match self.load_deep(base, depth + 1)? {
                Ok(base) => base.with_reform(&found.files),
                Err(errors) => return Ok(Err(errors)),
            },
        };
        Ok(pack.and_then(|pack| found.named(pack)).map_err(|errors| found.placed(errors)))
    }

    /// The pack that a reform changes; nothing for a pack that stands alone.
    ///
    /// # Errors
    /// [`Failure::Input`] when the base is not here or not named.
    pub fn base(&self, found: &Found) -> Result<Option<&Found>, Failure> {
        let text = found.files.0.get("pack.yaml").map_or("", String::as_str);
        let Ok(manifest) = yaml::parse(text) else { return Ok(None) }; // loading will say what is wrong with it
        let Some(base) = manifest.get("base") else { return Ok(None) };
        let part = |key: &str| base.get(key).and_then(Node::text);
        let place = || format!("{}:{}:{}", found.path("pack.yaml"), base.line, base.column);
        let Some(name) = part("name") else {
            return Err(Failure::input(format!(
                "{}: the base has no name; write `name`, `version` and `digest`",
                place()
            )));
        };
        let wanted = part("version").map_or(name.to_string(), |version| format!("{name}@{version}"));
        self.find(&wanted).map(Some).map_err(|failure| Failure::input(format!("{}: {failure}", place())))
    }

    /// A pack and the packs it stands on, the one that stands alone last.
    ///
    /// # Errors
    /// [`Failure::Input`] when a base is not here.
    pub fn line<'s>(&'s self, found: &'s Found) -> Result<Vec<&'s Found>, Failure> {
        let mut line = vec![found];
        while let Some(base) = self.base(line.last().copied().unwrap_or(found))?
            && line.len() <= DEEPEST
        {
            line.push(base);
        }
        Ok(line)
    }

    /// The text of the floor file with this name (without `.yaml`).
    ///
    /// # Errors
    /// [`Failure::Input`] when there is none, with the names there are.
    pub fn floor(&self, name: &str) -> Result<String, Failure> {
        let file = format!("{name}.yaml");
        if let Some(path) = self.floors.as_ref().map(|folder| folder.join(&file)).filter(|path| path.is_file()) {
            return fs::read_to_string(&path).map_err(|e| Failure::reading(&path, e));
        }
        let shipped = SHIPPED_FLOORS.get_file(&file).and_then(|file| file.contents_utf8());
        shipped.map(str::to_string).ok_or_else(|| {
            let known: Vec<String> =
                SHIPPED_FLOORS.files().filter_map(|f| Some(f.path().file_stem()?.to_str()?.to_string())).collect();
            Failure::input(format!("there is no floor file `{name}`; there is {}", list(&known)))
        })
    }
}

impl Found {
    /// How messages call one of its files: by its path where it is in a folder.
    pub fn path(&self, file: &str) -> String {
        match &self.origin {
            Origin::Folder(folder) => folder.join(file).display().to_string(),
            Origin::Shipped => format!("{}/{}/{file}", self.name, self.version),
        }
    }

    /// The pack, if it is called as its folders are.
    fn named(&self, pack: Pack) -> Result<Pack, Vec<PackError>> {
        if (pack.name(), pack.version()) == (&self.name, &self.version) {
            return Ok(pack);
        }
        let place = Place { file: "pack.yaml".into(), line: 1, column: 1 };
        let error = PackError::new(
            place,
            format!("name `{}` and version `{}`", pack.name(), pack.version()),
            format!("`{}` and `{}`, as the folders are called", self.name, self.version),
        );
        Err(vec![error])
    }

    /// Errors of its loading, with files as [`Found::path`] calls them.
    pub fn placed(&self, errors: Vec<PackError>) -> Vec<PackError> {
        let path = |error: &PackError| self.path(&error.place.file);
        errors.into_iter().map(|e| PackError { place: Place { file: path(&e), ..e.place.clone() }, ..e }).collect()
    }
}

/// The packs of a folder.
fn in_folder(folder: &Path) -> Result<Vec<Found>, Failure> {
    let mut out = Vec::new();
    for (name, path) in folders(folder)? {
        for (version, path) in folders(&path)? {
            if path.join("pack.yaml").is_file() {
                let mut files = BTreeMap::new();
                read_tree(&path, "", &mut files)?;
                let origin = Origin::Folder(path);
                out.push(Found { name: name.clone(), version, origin, files: PackFiles(files) });
            }
        }
    }
    Ok(out)
}

fn folders(folder: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let failed = |e| Failure::reading(folder, e);
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if let (true, Some(name)) = (path.is_dir(), path.file_name().and_then(|n| n.to_str())) {
            out.push((name.to_string(), path.clone()));
        }
    }
    out.sort();
    Ok(out)
}

/// Whether a file is rules, values, tests or a law note.
fn is_of_pack(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".md")
}

/// The text files below a folder that can belong to a pack, with `/` between folders.
fn read_tree(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<(), Failure> {
    let failed = |e| Failure::reading(folder, e);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()).filter(|n| !n.starts_with('.')) else { continue };
        if path.is_dir() {
            read_tree(&path, &format!("{prefix}{name}/"), files)?;
        } else if is_of_pack(name) {
            files.insert(format!("{prefix}{name}"), fs::read_to_string(&path).map_err(|e| Failure::reading(&path, e))?);
        }
    }
    Ok(())
}

/// The packs in the program.
fn shipped() -> Vec<Found> {
    let mut out = Vec::new();
    for version in SHIPPED_PACKS.dirs().flat_map(Dir::dirs) {
        let mut files = BTreeMap::new();
        shipped_tree(version, version.path(), &mut files);
        let mut names = version.path().iter().filter_map(|part| part.to_str());
        if let (Some(name), Some(version), true) = (names.next(), names.next(), files.contains_key("pack.yaml")) {
            let (name, version) = (name.to_string(), version.to_string());
            out.push(Found { name, version, origin: Origin::Shipped, files: PackFiles(files) });
        }
    }
    out
}

fn shipped_tree(folder: &Dir<'_>, top: &Path, files: &mut BTreeMap<String, String>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => shipped_tree(folder, top, files),
            DirEntry::File(file) => {
                let name = file.path().strip_prefix(top).ok().map(|path| path.iter().filter_map(|p| p.to_str()));
                let name = name.map(|parts| parts.collect::<Vec<_>>().join("/"));
                if let (Some(name), Some(text)) = (name.filter(|n| is_of_pack(n)), file.contents_utf8()) {
                    files.insert(name, text.to_string());
                }
            }
        }
    }
}

/// Versions compare number by number, so that 2026.9 comes before 2026.11.
fn by_number(a: &str, b: &str) -> Ordering {
    let parts =
        |text: &str| text.split(['.', '-']).map(|p| (p.parse::<u64>().unwrap_or(0), p.to_string())).collect::<Vec<_>>();
    parts(a).cmp(&parts(b))
}

/// A question that names the nearest known name, where one is near.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    PackError::new(Place::default(), "", "").nearest(name, known).suggestion
}

fn list<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    names.into_iter().map(|name| name.as_ref().to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use projections::floor::FloorFile;

    #[test]
    fn versions_are_in_order_of_their_numbers() {
        let mut versions = ["2026.11", "2026.9", "10", "2", "2026.11.1"];
        versions.sort_by(|a, b| by_number(a, b));
        assert_eq!(versions, ["2", "10", "2026.9", "2026.11", "2026.11.1"]);
    }

    #[test]
    fn every_shipped_floor_file_is_found_by_its_name_and_can_be_read() {
        let shelf = Shelf { packs: BTreeMap::new(), floors: None };
        let mut read = 0;
        for file in SHIPPED_FLOORS.files() {
            let name = file.path().file_stem().unwrap().to_str().unwrap();
            FloorFile::read(&shelf.floor(name).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
            read += 1;
        }
        assert!(read >= 6);
        let error = shelf.floor("demo").unwrap_err().to_string();
        assert!(error.starts_with("there is no floor file `demo`; there is demo-84-a-week-guaranteed, "), "{error}");
    }
}
