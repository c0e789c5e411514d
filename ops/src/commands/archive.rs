//! `footing archive`: the ledger's history in files that never change, and whether such files are whole.

use std::path::Path;
use std::time::Duration;

use ledger::archive::{ArchiveError, Archiver, Report, check as check_archive};
use ledger::log::VerifierKey;
use serde_json::json;

use super::log_check::read_checkpoint;
use crate::archive::{archive_failure, keys_in};
use crate::cli::{ArchiveArgs, Global, VerifyArgs};
use crate::desk::Desk;
use crate::error::Failure;
use crate::log::keys::given;
use crate::output::{Format, print, print_json};
use crate::progress::Progress;

/// Archives what is new, once or on and on; or checks an archive.
///
/// # Errors
/// What ledger or folder refuse; [`Failure::Found`] where a check found something.
pub fn run(global: &Global, args: &ArchiveArgs) -> Result<(), Failure> {
    if args.check {
        let (report, keys) = checked(&args.folder, &args.against)?;
        return show(global, &args.folder, &report, &keys);
    }
    if !args.against.checkpoint.is_empty() || !args.against.key.is_empty() {
        return Err(Failure::input("--checkpoint and --key are for a check: say --check too"));
    }
    let mut desk = Desk::of(global)?;
    let mut archiver = Archiver::open(&args.folder, args.segment).map_err(|error| archive_failure(&error))?;
    loop {
        let added = desk.add_to_archive(&mut archiver)?;
        let grew = added.events > added.before;
        match global.format.unwrap_or_default() {
            Format::Json if grew || !args.follow => {
                print_json(&json!({"folder": args.folder, "before": added.before, "events": added.events}))?;
            }
            Format::Text if grew => {
                let (new, events, folder) = (added.events - added.before, added.events, args.folder.display());
                print(&format!("{new} events archived: {folder} holds {events}\n"))?;
            }
            Format::Text if !args.follow => {
                print(&format!("nothing new: {} holds all {} events\n", args.folder.display(), added.events))?;
            }
            Format::Json | Format::Text => {}
        }
        if !args.follow {
            return Ok(());
        }
        std::thread::sleep(Duration::from_secs(args.every));
    }
}

/// Checks an archive with the keys given, or else with those that lie in it; gives them too.
///
/// # Errors
/// [`Failure::Input`] where there is no archive; findings are in the report.
pub fn checked(folder: &Path, against: &VerifyArgs) -> Result<(Report, Vec<VerifierKey>), Failure> {
    let others = against.checkpoint.iter().map(|file| read_checkpoint(file)).collect::<Result<Vec<_>, _>>()?;
    let keys = if against.key.is_empty() { keys_in(folder)? } else { given(&against.key)? };
    let bar = Progress::counting("events");
    let mut shown = 0;
    let report = check_archive(folder, &keys, others, |read| {
        bar.add(usize::try_from(read - shown).unwrap_or(0));
        shown = read;
    });
    match report {
        // A damaged manifest is what the check found.
        Err(error @ ArchiveError::Manifest(_)) => Err(Failure::input(format!("{}: {error}", folder.display()))),
        report => Ok((report.map_err(|error| archive_failure(&error))?, keys)),
    }
}

fn show(global: &Global, folder: &Path, report: &Report, keys: &[VerifierKey]) -> Result<(), Failure> {
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({
            "whole": findings.is_empty(), "segments": report.segments, "events": report.events,
            "root": report.root.map(|root| root.to_string()), "checkpoints": report.checkpoints, "signed": report.signed,
            "witnesses": report.cosignatures, "keys": keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "findings": findings,
        }))?,
        Format::Text if findings.is_empty() => print(&format!("ok    {}\n", said(report)))?,
        Format::Text => {
            let lines: String = findings.iter().map(|finding| format!("      {finding}\n")).collect();
            print(&format!("FAIL  {}: {} findings\n{lines}", folder.display(), findings.len()))?;
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

/// What a whole archive holds, in words.
pub fn said(report: &Report) -> String {
    let Report { segments, events, checkpoints, signed, cosignatures, .. } = report;
    let seen = if *cosignatures > 0 { format!(", {cosignatures} signatures of witnesses") } else { String::new() };
    let log = match checkpoints {
        0 => "; nothing of them is signed".into(),
        1 => format!("; they fit 1 checkpoint{seen}; signed to {signed} of {events}"),
        _ => format!("; they fit {checkpoints} checkpoints{seen}; signed to {signed} of {events}"),
    };
    let files = if *segments == 1 { "1 segment".into() } else { format!("{segments} segments") };
    format!("{events} events in {files}, each file as it was archived, each event after the one before it{log}")
}
