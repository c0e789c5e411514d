//! `pack new`: the beginnings of a reform, which load and pass.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use projections::engine::{LeafValue, Pack, PackFiles, PackTest, Ty, pack_tests};
use schemas::envelope::is_pack_name;
use schemas::yaml::{self, Node};

use crate::cli::Global;
use crate::error::Failure;
use crate::output::print;
use crate::packs::{Found, Shelf};

/// Writes a reform of a pack into the folder of packs and says what to do next.
///
/// # Errors
/// The name is no name or taken, there is no folder of packs, or the base is not here or does not load.
pub fn run(global: &Global, shelf: &Shelf, name: &str, from: &str) -> Result<(), Failure> {
    if !is_pack_name(name) {
        return Err(Failure::input(format!(
            "`{name}` is not a name for a pack: write lower-case words joined by hyphens"
        )));
    }
    let packs = global.packs.clone().unwrap_or_else(|| PathBuf::from("schemas/packs"));
    if !packs.is_dir() {
        let why = "there is no folder of packs here";
        return Err(Failure::input(format!("{why}: make `{}`, or name one with --packs", packs.display())));
    }
    let folder = packs.join(name);
    if folder.exists() || shelf.all().any(|found| found.name == name) {
        return Err(Failure::input(format!("there is a pack `{name}` already: choose another name")));
    }
    let base = shelf.find(from)?;
    let pack = shelf.load(&format!("{}@{}", base.name, base.version))?;
    let files = [
        ("pack.yaml", manifest(name, base, &pack)),
        ("law/README.md", law(name, base)),
        ("tests/cases.yaml", tests(base, &pack)?),
    ];
    for (file, text) in &files {
        write(&folder.join("1").join(file), text)?;
    }
    let at = folder.join("1").display().to_string();
    let option = global.packs.as_ref().map(|packs| format!(" --packs {}", packs.display())).unwrap_or_default();
    print(&format!(
        "{at}/pack.yaml        the changes: an example stands there, commented out\n\
         {at}/law/README.md    what the reform does and why\n\
         {at}/tests/cases.yaml cases with the results that you expect\n\
         \n\
         next\n\
         \x20 write the first change into pack.yaml and the result that it should have into tests/cases.yaml\n\
         \x20 footing{option} pack check {name}\n\
         \x20 footing{option} pack test {name}\n\
         \x20 footing{option} pack diff {} {name}\n",
        base.name
    ))
}

fn manifest(name: &str, base: &Found, pack: &Pack) -> String {
    let digest = pack.digest();
    let (first, _) = pack.in_force();
    let example = example(pack).unwrap_or_else(|| "#   - set: NAME.OF.A.PARAMETER\n#     value: 1.00\n".into());
    format!(
        "# A reform of {} {}: what differs from it, and nothing else. Guide: schemas/packs/README.md.\n\
         name: {name}\n\
         version: \"1\"\n\
         title: What {name} changes\n\
         in_force: {{from: {first}}}\n\
         base: {{name: {}, version: \"{}\", digest: {digest}}}\n\
         # Take the marks of comment away, and the empty list below, for a first change: the parameter, the day from which\n\
         # the new value holds, and the value.\n\
         # changes:\n{}\
         changes: []\n",
        base.name, base.version, base.name, base.version, example,
    )
}

/// A change of the amount that was changed most often, with what it is now.
fn example(pack: &Pack) -> Option<String> {
    let amounts = pack.leaves().iter().filter(|leaf| leaf.ty == Some(Ty::Money) && !leaf.path.contains('#'));
    let leaf = amounts.min_by_key(|leaf| Reverse(leaf.values.len()))?;
    let now = leaf.values.iter().rev().find_map(|dated| match dated.value {
        LeafValue::Number(amount) => Some((dated.from, amount)),
        LeafValue::Unlimited | LeafValue::Absent | LeafValue::Other(_) => None,
    });
    let (from, amount) = now?;
    Some(format!("#   - set: {}\n#     values: {{{from}: {amount}}} # that is what it is\n", leaf.path))
}

fn law(name: &str, base: &Found) -> String {
    format!(
        "# {name}\n\nWhat this reform changes in {} {}, and why. It is not law; where it follows a proposal, say whose and of which day.\n",
        base.name, base.version
    )
}

/// A first test: the shortest of the base that passes and stands on nothing else, as its author wrote it.
fn tests(base: &Found, pack: &Pack) -> Result<String, Failure> {
    let mut all: Vec<(&str, String)> = Vec::new();
    for (file, text) in base.files.0.iter().filter(|(file, _)| file.starts_with("tests/")) {
        let Ok(document) = yaml::parse(text) else { continue };
        let items = document.items();
        for (at, item) in items.iter().enumerate().filter(|(_, item)| item.get("output").is_some()) {
            let end = items.get(at + 1).map_or(usize::MAX, |next| next.line);
            all.push((file, lines(text, item, end)));
        }
    }
    all.sort_by_key(|(_, case)| case.len());
    let passes = |case: &str| {
        let files = PackFiles([("tests/cases.yaml".to_string(), case.to_string())].into());
        pack_tests(pack, &files).tests.iter().all(|test: &PackTest| test.failures.is_empty())
    };
    let first = all.iter().find(|(_, case)| passes(case));
    let (file, case) = first
        .ok_or_else(|| Failure::input(format!("{} has no test that passes: write one for it first", base.name)))?;
    Ok(format!("# From {file} of {}: it holds until the reform changes it.\n{case}", base.name))
}

/// The lines of an item of a list, up to where the next begins, without comments that stand before that.
fn lines(text: &str, item: &Node, end: usize) -> String {
    let mut lines: Vec<&str> = text.lines().skip(item.line - 1).take(end.saturating_sub(item.line)).collect();
    while lines.last().is_some_and(|line| line.trim().is_empty() || line.starts_with('#')) {
        lines.pop();
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |e| Failure::writing(&path.display().to_string(), e);
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(path, text).map_err(failed)
}
