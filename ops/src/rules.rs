//! The rules a command works under: a pack for each benefit, ready to decide, and a floor.

use std::fs;
use std::path::Path;

use include_dir::{Dir, include_dir};
use projections::engine::{PackError, PackRef, Rulebook};
use projections::entitlement::{Rules, RulesError};
use projections::floor::file::FloorFile;
use projections::law::Law;
use simulator::replay::Regime;

use crate::cli::Global;
use crate::error::Failure;
use crate::packs::Shelf;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../schemas/rulebooks");

/// A rulebook, ready.
pub struct RuleSet {
    /// Its name.
    pub name: String,
    /// Its title for people.
    pub title: String,
    /// The rules of every benefit.
    pub law: Law,
    /// The floor.
    pub floor: FloorFile,
}

impl RuleSet {
    /// The rulebook meant by a name or a file, or a pack under the usual floor.
    ///
    /// # Errors
    /// [`Failure::Input`] for what is not there, not readable, or not what its digest says.
    pub fn find(global: &Global, wanted: &str) -> Result<RuleSet, Failure> {
        let shelf = Shelf::open(global)?;
        let path = Path::new(wanted);
        if wanted.ends_with(".yaml") {
            let text = fs::read_to_string(path).map_err(|e| Failure::reading(path, e))?;
            return RuleSet::read(&shelf, wanted, &text);
        }
        let beside = global.packs.as_deref().and_then(Path::parent).map(|parent| parent.join("rulebooks"));
        let folders = [beside, Some("schemas/rulebooks".into())].into_iter().flatten();
        let found = folders.map(|folder| folder.join(format!("{wanted}.yaml"))).find(|file| file.is_file());
        if let Some(folder) = found {
            let text = fs::read_to_string(&folder).map_err(|e| Failure::reading(&folder, e))?;
            return RuleSet::read(&shelf, &folder.display().to_string(), &text);
        }
        match SHIPPED.get_file(format!("{wanted}.yaml")).and_then(|file| file.contents_utf8()) {
            Some(text) => RuleSet::read(&shelf, &format!("{wanted}.yaml"), text),
            None => {
                let known: Vec<&str> = SHIPPED.files().filter_map(|file| file.path().file_stem()?.to_str()).collect();
                Err(Failure::input(format!(
                    "there is no rulebook `{wanted}`; there is {}, or name a .yaml file",
                    known.join(", ")
                )))
            }
        }
    }

    fn read(shelf: &Shelf, file: &str, text: &str) -> Result<RuleSet, Failure> {
        let lines = |errors: Vec<PackError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let book = Rulebook::read(file, text).map_err(|errors| Failure::input(lines(errors)))?;
        let rules = book.packs.iter().map(|named| ready(shelf, file, named)).collect::<Result<Vec<_>, _>>()?;
        let law = Law::new(rules).map_err(|twice| Failure::input(format!("{file}: {twice}")))?;
        let floor = FloorFile::read(&shelf.floor(&book.floor)?)
            .map_err(|e| Failure::input(format!("{}.yaml: {e}", book.floor)))?;
        Ok(RuleSet { name: book.name, title: book.title, law, floor })
    }

    /// A pack of it that changes another: what is not law is replayed and never run.
    pub fn reform(&self) -> Option<&Rules> {
        self.law.rules().iter().find(|rules| rules.pack.base_digest().is_some())
    }

    /// Refuses to do business under a reform.
    ///
    /// # Errors
    /// [`Failure::Input`].
    pub fn refuse_reform(&self) -> Result<(), Failure> {
        let Some(reform) = self.reform() else { return Ok(()) };
        Err(Failure::input(format!(
            "{0}: pack {1} is a reform; what is not law is replayed and never run: footing replay --against {0}",
            self.name,
            reform.pack.name(),
        )))
    }

    /// What a history is replayed under.
    pub fn regime(&self) -> Regime<'_> {
        Regime { law: &self.law, floor: &self.floor, inherit_lateness: true }
    }
}

/// A pack that a rulebook names, ready to decide.
fn ready(shelf: &Shelf, file: &str, named: &PackRef) -> Result<Rules, Failure> {
    let found = shelf.find(&format!("{}@{}", named.name, named.version))?;
    let pack = shelf.load(&format!("{}@{}", named.name, named.version))?;
    if pack.digest() != named.digest {
        let message = format!(
            "{file}: pack {}@{} has digest {}, and the rulebook names {}: the pack was changed; if that was meant, `footing pack digest --write` writes the digests of a folder `packs` into the `rulebooks` beside it",
            named.name,
            named.version,
            pack.digest(),
            named.digest
        );
        return Err(Failure::input(message));
    }
    let mut benefit = named.name.clone();
    let mut below = shelf.base(found)?;
    while let Some(base) = below {
        benefit.clone_from(&base.name);
        below = shelf.base(base)?;
    }
    Rules::new(&benefit, pack).map_err(|error: RulesError| Failure::input(error.to_string()))
}
