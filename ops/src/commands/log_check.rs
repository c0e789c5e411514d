//! `footing log check`: is a checkpoint or a proof good? It needs the file and the log's public keys, and no ledger.

use std::path::Path;

use ledger::log::note::Kind;
use ledger::log::proof::{is_consistency, is_inclusion};
use ledger::log::{Checkpoint, Consistency, Inclusion, VerifierKey};
use schemas::Digest;
use serde_json::{Value, json};

use super::{called, read_text};
use crate::cli::Global;
use crate::error::Failure;
use crate::log::keys::{Keys, given};
use crate::output::{Format, print, print_json};
use crate::place::Place;

/// Checks a file and says what it proves.
///
/// # Errors
/// [`Failure::Found`] where it proves nothing; [`Failure::Input`] where there is no key, or a file is missing.
pub fn run(
    global: &Global,
    file: &Path,
    keys: &[String],
    event: Option<&Path>,
    old: Option<&Path>,
) -> Result<(), Failure> {
    let keys = match keys {
        [] => Keys::of(Place::of(global)?.beside(), None).public()?,
        keys => given(keys)?,
    };
    if keys.is_empty() {
        return Err(Failure::input("no public key is known: give the log's with --key"));
    }
    let text = read_text(file)?;
    let checked = if is_inclusion(&text) {
        inclusion(&text, &keys, event)?
    } else if is_consistency(&text) {
        let old = old.ok_or_else(|| {
            Failure::input("a proof of consistency begins at an earlier checkpoint: name its file with --old")
        })?;
        consistency(&text, &keys, &read_checkpoint(old)?)
    } else {
        checkpoint(&text, &keys)
    };
    match (checked, global.format.unwrap_or_default()) {
        (Ok((said, _)), Format::Text) => print(&format!("ok    {said}\n")),
        (Ok((said, facts)), Format::Json) => print_json(&json!({"good": true, "said": said, "facts": facts})),
        (Err(why), Format::Text) => {
            print(&format!("FAIL  {} {why}\n", called(file)))?;
            Err(Failure::Found)
        }
        (Err(why), Format::Json) => {
            print_json(&json!({"good": false, "said": why}))?;
            Err(Failure::Found)
        }
    }
}

/// What is proved, in words and as facts; or why nothing is.
type Checked = Result<(String, Value), String>;

fn inclusion(text: &str, keys: &[VerifierKey], event: Option<&Path>) -> Result<Checked, Failure> {
    let bytes = event.map(|path| std::fs::read(path).map_err(|e| Failure::reading(path, e))).transpose()?;
    let proved = text.parse::<Inclusion>().and_then(|proof| Ok((proof.verify(keys)?, proof)));
    let (leaf, proof) = match proved {
        Ok(proved) => proved,
        Err(error) => return Ok(Err(error.to_string())),
    };
    // An event file made by hand may end with a line end; the stored bytes do not.
    let is_of = |bytes: &Vec<u8>| {
        [bytes.as_slice(), bytes.strip_suffix(b"\n").unwrap_or(bytes)]
            .iter()
            .any(|b| Digest::of(b) == leaf.payload_sha256)
    };
    if bytes.as_ref().is_some_and(|bytes| !is_of(bytes)) {
        let why = format!("is of an event with SHA-256 {}, and the event given is another", leaf.payload_sha256);
        return Ok(Err(why));
    }
    let head = &proof.checkpoint.head;
    let said = format!(
        "the event with SHA-256 {}, a {} on {}, stands at sequence {} of {}, of which {} events were signed{}{}",
        leaf.payload_sha256,
        leaf.type_name,
        leaf.subject,
        leaf.seq,
        head.origin,
        head.size,
        witnesses(&proof.checkpoint, keys),
        if bytes.is_some() { "; it is the event given" } else { "" },
    );
    Ok(Ok((said, json!({"leaf": leaf, "origin": head.origin, "events": head.size, "event_given": bytes.is_some()}))))
}

fn consistency(text: &str, keys: &[VerifierKey], old: &Checkpoint) -> Checked {
    let proof: Consistency = text.parse().map_err(|error: ledger::log::proof::ProofError| error.to_string())?;
    proof.verify(old, keys).map_err(|error| error.to_string())?;
    let new = &proof.checkpoint.head;
    let said = format!(
        "the {} events of {} that were signed begin with the {} signed before, unchanged and in the same order{}",
        new.size,
        new.origin,
        proof.old,
        witnesses(&proof.checkpoint, keys),
    );
    Ok((said, json!({"origin": new.origin, "old": proof.old, "new": new.size})))
}

fn checkpoint(text: &str, keys: &[VerifierKey]) -> Checked {
    let checkpoint: Checkpoint =
        text.parse().map_err(|error: ledger::log::checkpoint::CheckpointError| error.to_string())?;
    checkpoint.verify(keys).map_err(|error| error.to_string())?;
    let head = &checkpoint.head;
    let said = format!("{} events of {} were signed{}", head.size, head.origin, witnesses(&checkpoint, keys));
    Ok((said, json!({"origin": head.origin, "events": head.size, "root": Digest(head.root).to_string()})))
}

fn witnesses(checkpoint: &Checkpoint, keys: &[VerifierKey]) -> String {
    let signed = checkpoint.verify(keys).unwrap_or_default();
    let saw = signed.iter().filter(|signed| signed.key.kind() == Kind::Witness).map(|signed| {
        let at = signed.seen_at.and_then(|at| jiff::Timestamp::from_second(i64::try_from(at).ok()?).ok());
        let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
        format!(", and seen by {}{at}", signed.key.name())
    });
    saw.collect()
}

/// Reads a checkpoint; whose it is, is not looked at.
///
/// # Errors
/// [`Failure::Input`] for something else.
pub fn read_checkpoint(file: &Path) -> Result<Checkpoint, Failure> {
    read_text(file)?.parse().map_err(|error| Failure::input(format!("{}: {error}", called(file))))
}
