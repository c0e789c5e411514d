//! The programs of others that `ops/tools.sh` gets.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where they are.
pub fn folder() -> PathBuf {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools");
    let folder = std::env::var_os("FOOTING_TOOLS").map_or_else(usual, PathBuf::from);
    assert!(folder.join("tools.txt").exists(), "{} is missing: run ops/tools.sh", folder.display());
    folder
}

/// Runs one of them, which has to find nothing wrong; what it printed.
#[track_caller]
pub fn run(program: &str, arguments: &[&str]) -> String {
    let path = folder().join("bin").join(program);
    let output = Command::new(&path).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{program}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
