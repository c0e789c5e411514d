//! One module per command: from arguments to a printed result.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::error::Failure;

pub mod archive;
pub mod books;
pub mod calc;
pub mod decision;
pub mod demo;
pub mod files;
pub mod floor;
pub mod floor_case;
pub mod history;
pub mod init;
pub mod log;
pub mod log_check;
mod moving;
pub mod outbox;
pub mod pack;
pub mod pay;
pub mod pay_approvals;
pub mod pay_status;
pub mod reconcile;
pub mod replay;
pub mod restore;
pub mod returns;
pub mod run;
pub mod status;
pub mod verify;
mod verify_lists;
pub mod views;

/// The name that messages give to a file; `-` is standard input.
pub fn called(path: &Path) -> String {
    if is_stdin(path) { "standard input".into() } else { path.display().to_string() }
}

/// Whether a file name means standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The whole text of a file or of standard input, without a byte order mark.
///
/// # Errors
/// It is not there, cannot be read or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let text = if is_stdin(path) {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    let text = text.map_err(|e| Failure::reading(Path::new(&called(path)), e))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_string))
}
