//! Every pack in `schemas/packs` loads, compiles and passes its own tests; a reform on its base.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use projections::engine::{Pack, PackError, PackFiles, pack_tests};

const PACKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/packs");

#[test]
fn every_shipped_pack_loads_and_passes_its_tests() {
    let all = shipped();
    let mut packs: BTreeMap<String, Pack> = BTreeMap::new();
    let mut problems = Vec::new();
    let (reforms, bases): (Vec<_>, Vec<_>) =
        all.iter().partition(|(_, files)| files.0["pack.yaml"].lines().any(|line| line.starts_with("base:")));
    for (name, files) in &bases {
        match Pack::load(files) {
            Ok(pack) => {
                problems.extend(failures(name, &pack, files));
                packs.insert(pack.digest(), pack);
            }
            Err(errors) => problems.push(list(name, &errors)),
        }
    }
    for (name, files) in &reforms {
        // A reform names its base by digest; where that fits no pack, the first base says what it should be.
        let base = packs.iter().find(|(digest, _)| files.0["pack.yaml"].contains(*digest)).or(packs.iter().next());
        let Some((_, base)) = base else { continue };
        match base.with_reform(files) {
            Ok(pack) => problems.extend(failures(name, &pack, files)),
            Err(errors) => problems.push(list(name, &errors)),
        }
    }
    assert!(!packs.is_empty(), "no packs in {PACKS}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn failures(name: &str, pack: &Pack, files: &PackFiles) -> Vec<String> {
    let report = pack_tests(pack, files);
    let again = Pack::from_canonical(&pack.canonical()).map(|pack| pack.digest());
    let mut out = Vec::new();
    // A reform may be small enough to need none.
    if report.tests.is_empty() && pack.base_digest().is_none() {
        out.push(format!("{name}: no tests"));
    }
    if !report.passed() {
        out.push(format!("{name}:\n{report}"));
    }
    if again.as_ref() != Ok(&pack.digest()) {
        out.push(format!("{name}: the canonical form loads as another pack: {again:?}"));
    }
    out
}

fn list(name: &str, errors: &[PackError]) -> String {
    errors.iter().map(|error| format!("{name}: {error}")).collect::<Vec<_>>().join("\n")
}

/// `name/version` of every pack folder, with its files.
fn shipped() -> BTreeMap<String, PackFiles> {
    let mut out = BTreeMap::new();
    for name in folders(Path::new(PACKS)) {
        for version in folders(&Path::new(PACKS).join(&name)) {
            let root = Path::new(PACKS).join(&name).join(&version);
            let mut files = BTreeMap::new();
            read_files(&root, "", &mut files);
            if files.contains_key("pack.yaml") {
                out.insert(format!("{name}/{version}"), PackFiles(files));
            }
        }
    }
    out
}

fn folders(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter(|e| e.path().is_dir()).map(|e| e.file_name().to_string_lossy().into_owned()).collect()
}

fn read_files(root: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(root.join(below)).into_iter().flatten().flatten() {
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_files(root, &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read_to_string(entry.path()).unwrap_or_default());
        }
    }
}
