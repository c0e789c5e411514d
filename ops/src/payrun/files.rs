//! The files of a run: made from what leaves, hashed before they appear, named in a manifest that `sha256sum -c` checks.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::Store;
use projections::payments::Planned;
use schemas::events::{ClaimFact, Nation, Payee, Sealed};
use schemas::{CommandId, Digest, PaymentId, RunId, WorkingDays};

use crate::bank::folder::Folder;
use crate::bank::{Bank, Outgoing, Rendered, Submission};
use crate::business::Business;
use crate::desk::{broken, chain};
use crate::error::Failure;
use crate::known::Known;

/// Where a run's payments go.
#[derive(Clone, Copy)]
pub enum Out<'a> {
    /// Nowhere but into the ledger: what left is named by the digest of the list.
    Listing,
    /// Into files for the bank.
    Files(ForBank<'a>),
}

/// Files for the bank: where, and on whose behalf.
#[derive(Clone, Copy)]
pub struct ForBank<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// Who pays.
    pub bank: &'a Bank,
    /// Who asks for them.
    pub by: &'a str,
    /// What is known of files that were made before.
    pub writing: Writing,
}

/// What whoever asks for files knows of those that were made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Nothing: they are made once.
    Once,
    /// They were written and are lost, and the bank never got them: the same are written again.
    Again,
    /// They were fixed and never written, and cannot be made the same any more, as where a name was erased since: others
    /// are made in their place.
    Anew,
}

/// The files of a run, made and not yet there under their names.
pub(super) struct Files {
    rendered: Vec<Rendered>,
    manifest: String,
    run: RunId,
    folder: PathBuf,
}

/// The files of a run, whole in a folder that no other process puts files into meanwhile; none need have appeared.
pub(super) struct Hidden {
    folder: Folder,
    run: RunId,
    names: Vec<String>,
    /// What records that they appear: recorded, they are to be seen; otherwise they are nobody's.
    pub(super) command: CommandId,
}

/// A payment that cannot stand in a file, and why.
pub(super) type Unsendable = (Planned, String);

impl Files {
    /// Makes the files of these payments; those that cannot stand in one are set aside.
    pub(super) fn make<S: Store>(
        business: &Business<'_, S>,
        known: &Known,
        run: RunId,
        created: Timestamp,
        day: Date,
        ForBank { folder, bank, .. }: ForBank<'_>,
        payments: &[&Planned],
    ) -> Result<(Files, Vec<Unsendable>), Failure> {
        fs::create_dir_all(folder).map_err(|e| Failure::writing(&folder.display().to_string(), e))?;
        let is_working_day = |day| WorkingDays::shipped().is_working_day(Nation::England, day).unwrap_or(false);
        let submission = Submission { run, day, created, bank, is_working_day: &is_working_day, folder };
        let mut unsendable = Vec::new();
        let sendable = payments.iter().filter_map(|planned| match business.outgoing(planned, known, day) {
            Ok(Ok(outgoing)) => Some(Ok(outgoing)),
            Ok(Err(why)) => {
                unsendable.push(((*planned).clone(), why));
                None
            }
            Err(failure) => Some(Err(failure)),
        });
        let rendered = submission.render(sendable)?;
        let line = |file: &Rendered| format!("{}  {}\n", file.digest, file.name);
        let manifest = rendered.iter().map(line).collect();
        Ok((Files { rendered, manifest, run, folder: folder.into() }, unsendable))
    }

    /// SHA-256 of the manifest: stands for every byte of every file.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(self.manifest.as_bytes())
    }

    /// In which file each payment stands.
    pub(super) fn by_payment(&self) -> HashMap<PaymentId, Digest> {
        self.rendered.iter().flat_map(|file| file.payments.iter().map(|payment| (*payment, file.digest))).collect()
    }

    /// Takes hold of the folder in which they are to appear.
    pub(super) fn hold(&self) -> Result<Folder, Failure> {
        Folder::hold(&self.folder).map_err(|e| Failure::writing(&self.folder.display().to_string(), e))
    }

    /// Writes the files into their folder, where they do not appear before it is recorded by this command that they do.
    pub(super) fn hide(self, folder: Folder, command: CommandId) -> Result<Hidden, Failure> {
        let failed = |e| Failure::writing(&self.folder.display().to_string(), e);
        let mut names: Vec<String> = self.rendered.iter().map(|file| file.name.clone()).collect();
        names.push(name_of_manifest(self.run));
        let hidden = Hidden { folder, run: self.run, names, command };
        let [manifest, note] = [name_of_manifest(self.run), name_of_note(self.run)];
        let put =
            |name: &str, mut text: &[u8]| hidden.folder.hide(name, &mut text).map_err(|e| Failure::writing(name, e));
        let all = self.rendered.into_iter().try_for_each(|mut file| file.hide(&hidden.folder));
        let all = all.and_then(|()| put(&manifest, self.manifest.as_bytes()));
        let all = all.and_then(|()| put(&note, command.to_string().as_bytes()));
        match all.and_then(|()| hidden.folder.keep().map_err(failed)) {
            Ok(()) => Ok(hidden),
            Err(failure) => {
                hidden.remove();
                Err(failure)
            }
        }
    }
}

impl Hidden {
    /// What a release that was stopped left in a folder, if what is there is whole. While the manifest is hidden, a file
    /// that is not there any more had appeared, and the bank may have fetched it: the others still have to.
    ///
    /// # Errors
    /// A folder or file that is there and cannot be read.
    pub(super) fn left_in(folder: &Path, run: RunId, digest: Digest) -> Result<Option<Hidden>, Failure> {
        if !folder.exists() {
            return Ok(None);
        }
        let folder = Folder::hold(folder).map_err(|e| Failure::reading(folder, e))?;
        let note = there(&folder.hidden(&name_of_note(run)))?;
        let Some(command) = note.and_then(|text| String::from_utf8(text).ok()?.parse().ok()) else { return Ok(None) };
        let may_be_gone = folder.hidden(&name_of_manifest(run)).exists();
        let names = found(run, digest, may_be_gone, |name| match there(&folder.hidden(name))? {
            Some(bytes) => Ok(Some(bytes)),
            None => there(&folder.shown(name)),
        })?;
        Ok(names.map(|names| Hidden { folder, run, names, command }))
    }

    /// Lets the files appear, and last of all the manifest.
    pub(super) fn show(self) -> Result<Vec<PathBuf>, Failure> {
        let shown = self.names.iter().map(|name| self.folder.show(name).map_err(|e| Failure::writing(name, e)));
        let paths = shown.collect::<Result<Vec<_>, _>>()?;
        let kept = self.folder.keep().and_then(|()| self.folder.remove(&name_of_note(self.run)));
        kept.map_err(|e| Failure::writing(&self.folder.shown("").display().to_string(), e))?;
        Ok(paths)
    }

    /// Removes what has not appeared. What cannot be removed is replaced by the next release of the run.
    pub(super) fn remove(self) {
        let names = self.names.iter().cloned().chain([name_of_note(self.run)]);
        names.for_each(|name| drop(self.folder.remove(&name)));
    }
}

/// The files of a run that stand in a folder, the manifest last, if all of them do and are those of this digest.
///
/// # Errors
/// A file that is there and cannot be read.
pub(super) fn in_folder(folder: &Path, run: RunId, digest: Digest) -> Result<Option<Vec<PathBuf>>, Failure> {
    let names = found(run, digest, false, |name| there(&folder.join(name)))?;
    Ok(names.map(|names| names.iter().map(|name| folder.join(name)).collect()))
}

/// The names of a run's files, the manifest last, if all that it names are read, unless they may be gone, and are those of
/// this digest.
fn found(
    run: RunId,
    digest: Digest,
    may_be_gone: bool,
    read: impl Fn(&str) -> Result<Option<Vec<u8>>, Failure>,
) -> Result<Option<Vec<String>>, Failure> {
    let manifest = name_of_manifest(run);
    let Some(text) = read(&manifest)?.filter(|text| Digest::of(text) == digest) else { return Ok(None) };
    let mut names = Vec::new();
    for line in String::from_utf8_lossy(&text).lines() {
        let Some((wanted, name)) = line.split_once("  ") else { return Ok(None) };
        if read(name)?.map_or(!may_be_gone, |bytes| Digest::of(&bytes).to_string() != wanted) {
            return Ok(None);
        }
        names.push(name.into());
    }
    names.push(manifest);
    Ok(Some(names))
}

/// What the release of a run notes beside files that have not appeared: which command records that they do.
fn name_of_note(run: RunId) -> String {
    format!("{run}.command")
}

fn name_of_manifest(run: RunId) -> String {
    format!("{run}.sha256")
}

/// The bytes of a file, if there is one.
fn there(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::reading(path, error)),
    }
}

impl<S: Store> Business<'_, S> {
    /// A payment as a file has it, with what the vault holds of its account; or why it cannot be sent.
    pub(super) fn outgoing(
        &self,
        Planned { payment, .. }: &Planned,
        known: &Known,
        day: Date,
    ) -> Result<Result<Outgoing, String>, Failure> {
        let account = match &payment.account {
            Some(sealed) => self.text(sealed)?,
            None => None,
        };
        let outgoing = Outgoing {
            payment: payment.payment,
            channel: payment.channel,
            name: self.name_of_payee(payment.payee, payment.claim, known, day)?,
            account,
            amount: payment.amount.money(),
            due_on: payment.due_on,
            text: None,
        };
        Ok(outgoing.why_not().map_or(Ok(outgoing), Err))
    }

    /// What the payee is called, as they wrote it; their id where the ledger knows no name.
    fn name_of_payee(
        &self,
        payee: Payee,
        claim: Option<schemas::ClaimId>,
        known: &Known,
        day: Date,
    ) -> Result<String, Failure> {
        let (name, otherwise) = match payee {
            Payee::Person(person) => (self.desk.name_of(person)?, person.to_string()),
            Payee::Landlord => {
                let name = match claim.and_then(|claim| known.world.claim(claim)?.fact("landlord_account", day)) {
                    Some(ClaimFact::LandlordAccount(landlord)) => self.text(&landlord.name)?,
                    Some(_) | None => None,
                };
                (name, "landlord".into())
            }
            Payee::Creditor(debt) => (None, debt.to_string()),
        };
        Ok(name.unwrap_or(otherwise))
    }

    fn text(&self, sealed: &Sealed) -> Result<Option<String>, Failure> {
        self.desk.vault().open_text(sealed).map_err(|e| broken(chain(&e)))
    }
}
