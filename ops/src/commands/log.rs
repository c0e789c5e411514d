//! `footing log`: keys, checkpoints and the proofs made from them. What needs no ledger is in `log_check`.

use std::path::Path;
use std::time::Duration;

use ledger::log::note::{Kind, signature_lines};
use ledger::log::{Checkpoint, Kept, VerifierKey};
use ledger::{Store as _, Stored};
use schemas::EventId;
use serde_json::{Value, json};

use super::log_check::read_checkpoint;
use super::{log_check, read_text};
use crate::cli::{Global, KeyCommand, LogCommand};
use crate::desk::{Desk, beside, broken, chain};
use crate::error::Failure;
use crate::log::keys::{Keys, check_name, given, whose};
use crate::log::{DeskLog, cosigned, in_file, log_failure, places};
use crate::output::{Format, Sink, Table, print, print_json};

/// Does one thing with the log.
///
/// # Errors
/// What ledger, keys or files refuse; [`Failure::Found`] where a check found something.
pub fn run(global: &Global, command: &LogCommand) -> Result<(), Failure> {
    match command {
        LogCommand::Key { command } => key(global, command),
        LogCommand::Checkpoint { follow, every } => checkpoint(global, follow.then_some(*every)),
        LogCommand::List => list(global),
        LogCommand::Show { size, output } => show(global, *size, output.as_deref()),
        LogCommand::Prove { event, at, output, event_output } => {
            prove(global, event, *at, output.as_deref(), event_output.as_deref())
        }
        LogCommand::Consistency { old, new, output } => consistency(global, old, new, output.as_deref()),
        LogCommand::Check { file, key, event, old } => {
            log_check::run(global, file, key, event.as_deref(), old.as_deref())
        }
        LogCommand::Cosign { file, witness } => cosign(global, file, witness),
    }
}

fn key(global: &Global, command: &KeyCommand) -> Result<(), Failure> {
    let desk = match command {
        KeyCommand::List => Desk::of(global)?,
        KeyCommand::New { .. } | KeyCommand::Rotate { .. } => Desk::to_record(global)?,
    };
    let keys = Keys::of(desk.path(), global.log_key.as_deref());
    let (key, said) = match command {
        KeyCommand::New { name } => {
            check_name(name.as_deref())?;
            (keys.make(name.as_deref())?, "signs from now on")
        }
        KeyCommand::Rotate { finish: false } => (
            keys.rotate()?,
            "signs from now on beside the old one; give it to auditors, then: footing log key rotate --finish",
        ),
        KeyCommand::Rotate { finish: true } => (keys.finish()?, "signs alone from now on"),
        KeyCommand::List => return key_list(global, &keys),
    };
    match global.format.unwrap_or_default() {
        Format::Json => print_json(
            &json!({"verifier_key": key.to_string(), "secret_key_file": keys.secret().display().to_string()}),
        ),
        Format::Text => print(&format!("{key}\n{said}; its secret is in {}\n", keys.secret().display())),
    }
}

fn key_list(global: &Global, keys: &Keys) -> Result<(), Failure> {
    let public = keys.public()?;
    let signing: Vec<VerifierKey> = match keys.secret().exists() {
        true => keys.signing()?.iter().map(|key| key.verifier()).collect(),
        false => Vec::new(),
    };
    let signs = |key: &VerifierKey| match key.kind() {
        Kind::Log => signing.contains(key),
        Kind::Witness => false,
    };
    match global.format.unwrap_or_default() {
        Format::Json => {
            let row = |key: &VerifierKey| json!({"verifier_key": key.to_string(), "of": whose(key.kind()), "signs": signs(key)});
            print_json(&public.iter().map(row).collect::<Vec<Value>>().into())
        }
        Format::Text => {
            let mut table = Table::new(0, &[]);
            for key in &public {
                table.row([
                    whose(key.kind()).to_string(),
                    if signs(key) { "signs" } else { "" }.into(),
                    key.to_string(),
                ]);
            }
            print(&if table.is_empty() { NO_KEY.to_string() } else { table.to_string() })
        }
    }
}

const NO_KEY: &str = "the ledger has no key: nothing in it is signed; `footing log key new` makes one\n";

/// The ledger and its log.
fn with_log(global: &Global) -> Result<Desk, Failure> {
    has_log(Desk::of(global)?)
}

fn has_log(desk: Desk) -> Result<Desk, Failure> {
    if desk.log().is_none() {
        return Err(Failure::input(NO_KEY.trim_end()));
    }
    Ok(desk)
}

fn checkpoint(global: &Global, every: Option<u64>) -> Result<(), Failure> {
    let mut desk = has_log(Desk::to_record(global)?)?;
    desk.extends_its_checkpoints()?;
    loop {
        let made = desk.checkpoint()?;
        match (&made, global.format.unwrap_or_default()) {
            (Some(made), Format::Json) => {
                print_json(&row(made, &desk.log().map(|log| log.known.clone()).unwrap_or_default()))?
            }
            (Some(made), Format::Text) => print(&made.to_string())?,
            (None, _) if every.is_none() => nothing_new(global)?,
            (None, _) => {}
        }
        let Some(seconds) = every else { return Ok(()) };
        std::thread::sleep(Duration::from_secs(seconds));
    }
}

fn nothing_new(global: &Global) -> Result<(), Failure> {
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&Value::Null),
        Format::Text => print("nothing was recorded since the last checkpoint\n"),
    }
}

fn row(checkpoint: &Checkpoint, keys: &[VerifierKey]) -> Value {
    let by = |kind: Kind| -> Vec<String> {
        let signed = checkpoint.verify(keys).unwrap_or_default().into_iter();
        signed.filter(|signed| signed.key.kind() == kind).map(|signed| signed.key.to_string()).collect()
    };
    json!({
        "events": checkpoint.head.size, "root": schemas::Digest(checkpoint.head.root).to_string(),
        "origin": checkpoint.head.origin, "signed_by": by(Kind::Log), "witnesses": by(Kind::Witness),
        "checkpoint": checkpoint.to_string(),
    })
}

fn list(global: &Global) -> Result<(), Failure> {
    let desk = with_log(global)?;
    let keys = desk.log().map(|log| log.known.clone()).unwrap_or_default();
    let mut made = in_file(&places(desk.path()).checkpoints)?;
    let seen = cosigned(desk.path())?;
    for checkpoint in &mut made {
        add_cosignatures(checkpoint, &seen);
    }
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&made.iter().map(|made| row(made, &keys)).collect::<Vec<Value>>().into()),
        Format::Text => {
            let mut table = Table::new(0, &[0, 1, 2]);
            table.row(["events", "keys", "witnesses", "root"]);
            for made in &made {
                let count = |kind| {
                    let signed = made.verify(&keys).unwrap_or_default();
                    signed.iter().filter(|signed| signed.key.kind() == kind).count().to_string()
                };
                let root = schemas::Digest(made.head.root).to_string();
                table.row([made.head.size.to_string(), count(Kind::Log), count(Kind::Witness), root]);
            }
            print(&table.to_string())
        }
    }
}

/// The checkpoint over so many events, or the last one, with what witnesses signed of it.
fn kept_at(ledger: &Path, size: Option<u64>) -> Result<Checkpoint, Failure> {
    let found =
        in_file(&places(ledger).checkpoints)?.into_iter().rfind(|kept| size.is_none_or(|size| kept.head.size == size));
    let mut found = found.ok_or_else(|| match size {
        Some(size) => {
            Failure::input(format!("there is no checkpoint over {size} events; `footing log list` shows all"))
        }
        None => Failure::input("there is no checkpoint yet: make one with `footing log checkpoint`"),
    })?;
    add_cosignatures(&mut found, &cosigned(ledger)?);
    Ok(found)
}

fn add_cosignatures(checkpoint: &mut Checkpoint, seen: &[Checkpoint]) {
    for signature in seen.iter().filter(|seen| seen.head == checkpoint.head).flat_map(|seen| &seen.note.signatures) {
        if !checkpoint.note.signatures.contains(signature) {
            checkpoint.note.signatures.push(signature.clone());
        }
    }
}

fn show(global: &Global, size: Option<u64>, output: Option<&Path>) -> Result<(), Failure> {
    let desk = with_log(global)?;
    let checkpoint = kept_at(desk.path(), size)?;
    let keys = desk.log().map(|log| log.known.clone()).unwrap_or_default();
    write(global, output, &checkpoint.to_string(), || row(&checkpoint, &keys))
}

/// Writes a text for others to a file or to standard output; as JSON what is said of it.
fn write(global: &Global, output: Option<&Path>, text: &str, said: impl Fn() -> Value) -> Result<(), Failure> {
    if let Some(path) = output {
        let mut sink = Sink::open(Some(path))?;
        sink.put(text)?;
        sink.finish()?;
    }
    match (global.format.unwrap_or_default(), output) {
        (Format::Json, _) => print_json(&said()),
        (Format::Text, Some(path)) => print(&format!("written to {}\n", path.display())),
        (Format::Text, None) => print(text),
    }
}

/// The log with its kept hashes; where they are missing they are made again from the stream.
fn recalled(desk: &mut Desk) -> Result<(), Failure> {
    let (_, _, Some(log)) = desk.log_parts() else { return Ok(()) };
    let last = log.log.recall().map_err(log_failure)?;
    if last.is_some_and(|last| log.log.hashes() < last.head.size) {
        desk.extends_its_checkpoints()?;
    }
    Ok(())
}

fn prove(
    global: &Global,
    event: &str,
    at: Option<u64>,
    output: Option<&Path>,
    event_output: Option<&Path>,
) -> Result<(), Failure> {
    let mut desk = with_log(global)?;
    let stored = event_named(&desk, event)?;
    let checkpoint = kept_at(desk.path(), at)?;
    if checkpoint.head.size < stored.sequence {
        let (sequence, size) = (stored.sequence, checkpoint.head.size);
        let advice = "make a later one with `footing log checkpoint`";
        return Err(Failure::input(format!(
            "the event at sequence {sequence} came after the checkpoint over {size} events: {advice}"
        )));
    }
    recalled(&mut desk)?;
    let log = desk.log().map(|DeskLog { log, .. }| log).ok_or_else(|| Failure::input(NO_KEY))?;
    let proof = log.prove(&stored, checkpoint).map_err(log_failure)?;
    if let Some(path) = event_output {
        let mut sink = Sink::open(Some(path))?;
        sink.put(&String::from_utf8_lossy(&stored.bytes))?;
        sink.finish()?;
    }
    write(global, output, &proof.to_string(), || {
        json!({
            "sequence": stored.sequence, "events": proof.checkpoint.head.size, "leaf": String::from_utf8_lossy(&proof.leaf),
            "proof": proof.to_string(),
        })
    })
}

/// The event meant by a sequence or an id.
fn event_named(desk: &Desk, text: &str) -> Result<Stored, Failure> {
    let none =
        || Failure::input(format!("there is no event `{text}` in this ledger: name one by its id or its sequence"));
    let found = match (text.parse::<u64>(), text.parse::<EventId>()) {
        (Ok(sequence), _) => desk
            .wait_for(desk.store().read(sequence.max(1), 1))
            .map(|page| page.into_iter().find(|stored| stored.sequence == sequence)),
        (Err(_), Ok(id)) => desk.wait_for(desk.store().find_command(id.command)).map(|events| {
            let named = |stored: &Stored| ledger::write::recorded(stored).is_ok_and(|event| event.envelope.id == id);
            events.into_iter().find(named)
        }),
        (Err(_), Err(_)) => Ok(None),
    };
    found.map_err(|e| broken(chain(&e)))?.ok_or_else(none)
}

fn consistency(global: &Global, old: &str, new: &str, output: Option<&Path>) -> Result<(), Failure> {
    let mut desk = with_log(global)?;
    let known = desk.log().map(|log| log.known.clone()).unwrap_or_default();
    let meant = |text: &str| match text.parse::<u64>() {
        Ok(size) => kept_at(desk.path(), Some(size)),
        Err(_) => {
            let checkpoint = read_checkpoint(Path::new(text))?;
            checkpoint.verify(&known).map_err(|e| Failure::input(format!("{text}: {e}")))?;
            Ok(checkpoint)
        }
    };
    let (old, new) = (meant(old)?, meant(new)?);
    recalled(&mut desk)?;
    let log = desk.log().map(|DeskLog { log, .. }| log).ok_or_else(|| Failure::input(NO_KEY))?;
    let proof = log.prove_consistency(&old.head, new).map_err(log_failure)?;
    write(
        global,
        output,
        &proof.to_string(),
        || json!({"old": proof.old, "new": proof.checkpoint.head.size, "proof": proof.to_string()}),
    )
}

fn cosign(global: &Global, file: &Path, witnesses: &[String]) -> Result<(), Failure> {
    let desk = has_log(Desk::to_record(global)?)?;
    let Some(log) = desk.log() else { return Ok(()) };
    let new: Vec<VerifierKey> = given(witnesses)?.into_iter().filter(|key| !log.known.contains(key)).collect();
    if let Some(key) = new.iter().find(|key| key.kind() == Kind::Log) {
        return Err(Failure::input(format!("--witness {key}: this is the key of a log; a witness's is of kind 4")));
    }
    let known = [log.known.clone(), new.clone()].concat();
    let (checkpoint, by) = seen(desk.path(), file, &known)?;
    new.iter().try_for_each(|key| log.keys.add(key))?;
    let mut file = Kept::open(&beside(desk.path(), "cosignatures")).map_err(|e| broken(chain(&e)))?;
    let size = checkpoint.head.size;
    file.append(checkpoint).map_err(|e| broken(chain(&e)))?;
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({"events": size, "witnesses": by})),
        Format::Text => print(&format!("kept: the checkpoint over {size} events was seen by {}\n", by.join(", "))),
    }
}

/// The checkpoint of ours that a file's cosignatures are of, with them, and whose they are.
fn seen(ledger: &Path, file: &Path, known: &[VerifierKey]) -> Result<(Checkpoint, Vec<String>), Failure> {
    let text = read_text(file)?;
    let name = file.display();
    let lines = match text.parse::<Checkpoint>() {
        Ok(checkpoint) => checkpoint.note.signatures,
        Err(_) => {
            signature_lines(&text).map_err(|e| Failure::input(format!("{name}: {e}, nor lines of signatures")))?
        }
    };
    let is_witness =
        |name: &str, id: u32| known.iter().any(|k| k.kind() == Kind::Witness && k.name() == name && k.id() == id);
    let lines: Vec<_> = lines.into_iter().filter(|line| is_witness(&line.name, line.id)).collect();
    if lines.is_empty() {
        return Err(Failure::input(format!(
            "{name}: no signature in it is of a witness known here: name its key with --witness"
        )));
    }
    for mut checkpoint in in_file(&places(ledger).checkpoints)?.into_iter().rev() {
        checkpoint.note.signatures.extend(lines.iter().cloned());
        if let Ok(signed) = checkpoint.verify(known) {
            let by = signed.iter().filter(|signed| signed.key.kind() == Kind::Witness);
            let by = by.map(|signed| signed.key.name().to_string()).collect();
            return Ok((checkpoint, by));
        }
    }
    Err(Failure::input(format!("{name}: its signatures are of no checkpoint of this ledger, or were changed")))
}
