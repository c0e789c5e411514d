//! `footing rebuild`: the stored views and the hashes of the log, made afresh from the stream.

use std::fs;

use serde_json::json;

use crate::cli::Global;
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::log::places;
use crate::output::{Format, print, print_json};
use crate::stored;

/// Builds the stored views again from the stream, beside the old ones, which serve until the new ones take over; throws
/// the hashes of the log away and makes them again.
///
/// # Errors
/// Another process builds them already, or the stream has a gap or is not what was signed.
pub fn rebuild(global: &Global) -> Result<(), Failure> {
    let mut desk = Desk::of(global)?;
    let tiles = places(desk.path()).tiles;
    if tiles.exists() {
        fs::remove_dir_all(&tiles)
            .map_err(|source| Failure::Outside { what: format!("cannot remove {}", tiles.display()), source })?;
    }
    desk.extends_its_checkpoints()?;
    let ((position, digest), serve) = stored::build(desk.path(), |views| {
        desk.catch_up(views)?;
        let digest = views.digest().map_err(|e| broken(chain(&e)))?.to_string();
        Ok((views.position().map_err(|e| broken(chain(&e)))?, digest))
    })?;
    let later = "another process has the old ones open: these take over when it is done\n";
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({"position": position, "digest": digest, "serve": serve})),
        Format::Text => {
            print(&format!("views rebuilt from {position} events\ndigest {digest}\n{}", if serve { "" } else { later }))
        }
    }
}
