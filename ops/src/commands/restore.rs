//! `footing restore`: a ledger that was lost or damaged, made again from an archive, and shown to be the same log.

use std::path::Path;

use ledger::archive::{EVIDENCE, Events, root_of};
use ledger::moving::{MoveError, move_history};
use ledger::{ReadError, Store as _, Vault};
use schemas::Digest;
use serde_json::{Value, json};

use super::archive::{checked, said};
use super::files::note_texts_elsewhere;
use super::init::{copy_file, copy_vault, not_moved, place, whereabouts};
use super::verify;
use crate::archive::archive_failure;
use crate::cli::{Global, RestoreArgs};
use crate::desk::{Desk, beside, broken, chain, random};
use crate::error::Failure;
use crate::log::keys::Keys;
use crate::output::{Format, print, print_json};
use crate::place::Place;
use crate::progress::Progress;

/// Checks the archive, makes the ledger, and proves that it is the same log. One that was cut off goes on.
///
/// # Errors
/// [`Failure::Found`] where the archive is damaged, and nothing was restored, or where the restored ledger is not what was
/// signed; otherwise what keeps it from being made.
pub fn run(global: &Global, args: &RestoreArgs) -> Result<(), Failure> {
    let place = place(global, args.replicas)?;
    let (report, _) = checked(&args.folder, &args.against)?;
    if !report.findings.is_empty() {
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        return found(global, &args.folder.display().to_string(), "nothing was restored", &findings);
    }
    let mut texts = prepare(&place, &args.folder, args.vault.as_deref())?;
    let mut desk = Desk::at(&place)?;
    // Beside a ledger with events of its own nothing is put before it is known whose they are; beside an empty one before
    // any event, so that nobody is paid from half of them.
    if desk.wait_for(desk.store().head()).map_err(|e| broken(chain(&e)))?.sequence == 0 {
        put_evidence(&place, &args.folder)?;
    }
    take_in(&mut desk, &place, &args.folder, report.events)?;
    put_evidence(&place, &args.folder)?;
    desk.with_log_key(global.log_key.as_deref())?;
    if desk.vault().is_empty().map_err(|e| broken(chain(&e)))? {
        note_texts_elsewhere(&desk)?;
        texts = Texts::Nowhere;
    }
    let root = desk.wait_for(root_of(desk.store())).map_err(|e| broken(chain(&e)))?;
    let mut findings = verify::log(&mut desk, &args.against.checkpoint, &args.against.key)?.findings;
    if let Some(archived) = report.root.filter(|archived| *archived != Digest(root)) {
        findings.push(format!("the restored events come to the root {}, and the archived to {archived}", Digest(root)));
    }
    if !findings.is_empty() {
        let what = "the events of the archive were restored, and they are not all that was signed";
        return found(global, &place.name(), what, &findings);
    }
    let secret = Keys::of(place.beside(), global.log_key.as_deref());
    let unsigned = desk.log().is_some() && !secret.secret().exists();
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({
            "store": place.name(), "events": report.events, "root": Digest(root).to_string(), "signed": report.signed,
            "texts": texts.word(), "needs_secret_key": unsigned, "findings": Value::Array(Vec::new()),
        })),
        Format::Text => {
            let key = secret.secret().display();
            let key = if unsigned {
                format!(
                    "its secret key is in no archive: before anybody is paid put it back at {key}, or name it with --log-key\n"
                )
            } else {
                String::new()
            };
            let old = "if the old ledger can still be opened, take its secret key away: whoever has a key and a ledger can pay, \
                       and paying from both pays everybody twice";
            print(&format!(
                "restored to {}: {}\nthey come to the root {}, here as in the archive\n{}{key}{old}\nnext: footing --store {} verify\n",
                place.name(),
                said(&report),
                Digest(root),
                texts.said(&place),
                place.argument(),
            ))
        }
    }
}

fn found(global: &Global, name: &str, what: &str, findings: &[String]) -> Result<(), Failure> {
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({"said": what, "findings": findings}))?,
        Format::Text => {
            let lines: String = findings.iter().map(|finding| format!("      {finding}\n")).collect();
            print(&format!("FAIL  {name}: {what}\n{lines}"))?;
        }
    }
    Err(Failure::Found)
}

/// Where the confidential texts of the restored ledger come from.
#[derive(Clone, Copy)]
enum Texts {
    /// A copy of the vault that was named.
    Copied,
    /// The vault that was there.
    There,
    /// From nowhere: events name them, and nobody can read them.
    Nowhere,
}

impl Texts {
    const fn word(self) -> &'static str {
        match self {
            Texts::Copied => "copied",
            Texts::There => "kept",
            Texts::Nowhere => "none",
        }
    }

    fn said(self, place: &Place) -> String {
        let at = whereabouts(place);
        match self {
            Texts::Copied => format!("its vault of confidential texts is {at}, a copy of the one given\n"),
            Texts::There => format!("its vault of confidential texts is {at}, as it was found there\n"),
            Texts::Nowhere => {
                "names, account numbers and other confidential texts are in no archive and were not restored; \
                               with the old vault: remove what was made here, and restore with --vault FILE\n"
                    .into()
            }
        }
    }
}

/// Puts the evidence of the archive beside the ledger; what is there is kept.
fn put_evidence(place: &Place, folder: &Path) -> Result<(), Failure> {
    EVIDENCE.iter().try_for_each(|name| copy_file(&folder.join(name), &beside(place.beside(), name)))
}

/// Makes the store where there is none, and puts the vault beside it; one that is there is kept.
fn prepare(place: &Place, folder: &Path, from: Option<&Path>) -> Result<Texts, Failure> {
    let vault = beside(place.beside(), "vault");
    let there = Desk::is_at(place)?;
    if from.is_some_and(|from| !from.is_file()) {
        return Err(Failure::input(format!("--vault {}: there is no such file", from.unwrap_or(folder).display())));
    }
    if !there && from.is_some() && vault.exists() {
        let advice = "is there already: leave --vault out to keep it, or move it away first";
        return Err(Failure::input(format!("{} {advice}", vault.display())));
    }
    if !there {
        Desk::make_store(place)?;
    }
    match (vault.exists(), from) {
        (true, Some(_)) => Ok(Texts::Copied),
        (true, None) => Ok(Texts::There),
        (false, None) => Ok(Texts::Nowhere),
        (false, Some(from)) => {
            let named = Vault::open(from, Box::new(random)).map_err(|error| Failure::input(chain(&error)))?;
            copy_vault(&named, &vault)?;
            Ok(Texts::Copied)
        }
    }
}

fn take_in(desk: &mut Desk, place: &Place, folder: &Path, events: u64) -> Result<(), Failure> {
    let archived = Events::open(folder).map_err(|error| archive_failure(&error))?;
    let bar = Progress::towards(events, "events");
    let mut shown = 0;
    let (ledger, runtime) = desk.parts();
    let progress = |position: u64| {
        bar.add(usize::try_from(position.saturating_sub(shown)).unwrap_or(0));
        shown = position.max(shown);
    };
    let moving = move_history(archived, ledger.store(), progress, || Ok(()));
    runtime.block_on(moving).map(drop).map_err(|error| match error {
        MoveError::Read(ReadError::Gap(_) | ReadError::Damaged { .. }) => {
            let advice = "what stands there is damaged: name another place, or have it deleted or moved away first";
            Failure::input(format!("{}: {advice} ({})", place.name(), chain(&error)))
        }
        MoveError::OtherHistory { .. }
        | MoveError::Unreadable(_)
        | MoveError::Read(ReadError::Storage { .. })
        | MoveError::Append(_)
        | MoveError::Mark(_) => not_moved(place, &error),
    })
}
