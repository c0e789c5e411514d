//! `footing verify`: is the ledger whole, does every decision come out the same again, are the views what the stream says?

use std::collections::BTreeMap;
use std::path::PathBuf;

use ledger::log::{Audit, audit};
use ledger::verify::{Problem, verify};
use projections::books::{Balances, Books, disagreements};
use projections::published::{Published, Recomputed, recompute_with};
use projections::views::{Claims, Determined, MemoryViews, Projection, SledViews};
use schemas::events::Event;
use schemas::{ClaimId, Recorded, Subject};
use serde_json::{Value, json};

use super::log_check::read_checkpoint;
use super::verify_lists;
use crate::cli::{Against, Global, VerifyArgs};
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::log::keys::given;
use crate::log::{cosigned, places};
use crate::output::{Format, print, print_json};
use crate::progress::Progress;
use crate::rules::RuleSet;

/// One check and what it found.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) said: String,
    pub(super) findings: Vec<String>,
}

/// Runs every check and prints a line for each; each finding names its event.
///
/// # Errors
/// [`Failure::Found`] when something is wrong; otherwise what keeps the ledger from being read.
pub fn run(global: &Global) -> Result<(), Failure> {
    let args = VerifyArgs { against: Against::default(), rules: "current-law".into(), without_texts: false };
    run_against(global, &args)
}

/// The same, with checkpoints that were kept elsewhere, or for payments that were planned under other rules.
///
/// # Errors
/// As [`run`]; [`Failure::Input`] for a file that is no checkpoint, or a rulebook that is not there.
pub fn run_against(global: &Global, args: &VerifyArgs) -> Result<(), Failure> {
    let mut desk = Desk::of(global)?;
    let mut checks = stream(&mut desk, !args.without_texts)?;
    let whole = checks.iter().all(|check| check.findings.is_empty());
    checks.push(log(&mut desk, &args.against.checkpoint, &args.against.key)?);
    if whole {
        checks.push(decisions(&desk)?);
        checks.push(verify_lists::lists(&desk, &RuleSet::find(global, &args.rules)?)?);
        checks.push(books(&desk)?);
        checks.push(views(&desk)?);
    }
    let found = checks.iter().any(|check| !check.findings.is_empty());
    match global.format.unwrap_or_default() {
        Format::Json => {
            let check = |check: &Check| json!({"check": check.name, "said": check.said, "findings": check.findings});
            print_json(&json!({"whole": !found, "checks": checks.iter().map(check).collect::<Vec<Value>>()}))?;
        }
        Format::Text => {
            let mut text = String::new();
            for Check { name, said, findings } in &checks {
                match findings.len() {
                    0 => text.push_str(&format!("ok    {name}: {said}\n")),
                    wrong => text.push_str(&format!("FAIL  {name}: {wrong} findings\n")),
                }
                findings.iter().for_each(|finding| text.push_str(&format!("      {finding}\n")));
            }
            if !whole {
                text.push_str("      decisions, books and views were not checked: the stream itself is not whole\n");
            }
            print(&text)?;
        }
    }
    if found { Err(Failure::Found) } else { Ok(()) }
}

/// Sequence, links, names, sealed texts where they are asked for, and the file around them.
fn stream(desk: &mut Desk, with_texts: bool) -> Result<Vec<Check>, Failure> {
    let bar = Progress::counting("events");
    let mut shown = 0;
    let (ledger, runtime) = desk.parts();
    let report = verify(ledger.store(), with_texts.then_some(ledger.vault()), |read| {
        bar.add(usize::try_from(read - shown).unwrap_or(0));
        shown = read;
    });
    let report = runtime.block_on(report).map_err(|e| broken(chain(&e)))?;
    let counted = [(report.erased, "erased"), (report.elsewhere, "in the vault of the ledger they came from")];
    let beside =
        counted.iter().filter(|(texts, _)| *texts > 0).map(|(texts, how)| format!("; {texts} sealed texts {how}"));
    let beside: String = beside.collect();
    let texts = match with_texts {
        true => format!("sealed texts are those that were sealed{beside}"),
        false => "not looked at".into(),
    };
    let check = |name, said| {
        let found = report.findings.iter().filter(|finding| check_of(&finding.problem) == name);
        Check { name, said, findings: found.map(ToString::to_string).collect() }
    };
    let file = desk.store().check_file().map_err(|e| broken(chain(&e)))?;
    Ok(vec![
        check(SEQUENCE, format!("{} events, none missing, none before its time", report.events)),
        check(LINKS, format!("each event follows the one before it on its subject, of {} subjects", report.subjects)),
        check(NAMES, "each event is found by its id, and with the others of its command".into()),
        check(TEXTS, texts),
        Check { name: "file", said: "pages, indexes and columns fit the events".into(), findings: file },
    ])
}

const SEQUENCE: &str = "sequence";
const LINKS: &str = "links";
const NAMES: &str = "names";
const TEXTS: &str = "texts";

/// The check that a problem with an event belongs to.
const fn check_of(problem: &Problem) -> &'static str {
    match problem {
        Problem::Gap { .. }
        | Problem::EndLost { .. }
        | Problem::Unreadable { .. }
        | Problem::TimeRunsBackwards { .. } => SEQUENCE,
        Problem::Misfiled { .. } | Problem::BrokenLink => LINKS,
        Problem::NotItsOwnId | Problem::OutOfOrder | Problem::OtherCommand => NAMES,
        Problem::SealBroken(_) | Problem::TextMissing(_) => TEXTS,
    }
}

/// The root of the stream against every checkpoint that was kept, here, by witnesses and elsewhere.
pub(super) fn log(desk: &mut Desk, elsewhere: &[PathBuf], keys: &[String]) -> Result<Check, Failure> {
    let name = "log";
    let mut others = elsewhere.iter().map(|file| read_checkpoint(file)).collect::<Result<Vec<_>, _>>()?;
    others.extend(cosigned(desk.path())?);
    let at = places(desk.path());
    let mut known = given(keys)?;
    known.extend(desk.log().into_iter().flat_map(|log| log.known.iter().cloned()));
    if known.is_empty() {
        let said = "nothing is signed: the ledger has no key (footing log key new)".into();
        let findings = if others.is_empty() && !at.checkpoints.exists() {
            Vec::new()
        } else {
            vec!["there are checkpoints and no key beside the ledger to check them with: give it with --key".into()]
        };
        return Ok(Check { name, said, findings });
    }
    let (store, runtime, _) = desk.log_parts();
    let bar = Progress::counting("events");
    let mut shown = 0;
    let audited = audit(store, &at, &known, others, |read| {
        bar.add(usize::try_from(read - shown).unwrap_or(0));
        shown = read;
    });
    let audited = runtime.block_on(audited).map_err(|e| broken(chain(&e)))?;
    let Audit { checkpoints, signed, cosignatures, events, .. } = audited;
    let seen = if cosignatures > 0 { format!(", {cosignatures} signatures of witnesses") } else { String::new() };
    let said = match checkpoints {
        0 => format!("nothing of {events} events is signed yet (footing log checkpoint)"),
        1 => format!("the events fit 1 checkpoint{seen}; signed to {signed} of {events}"),
        _ => format!("the events fit {checkpoints} checkpoints{seen}; signed to {signed} of {events}"),
    };
    Ok(Check { name, said, findings: audited.findings.iter().map(ToString::to_string).collect() })
}

/// Every decision, recomputed from the pack and the facts that it names.
fn decisions(desk: &Desk) -> Result<Check, Failure> {
    let mut made: BTreeMap<u64, Vec<(ClaimId, Determined)>> = BTreeMap::new();
    let mut published = Published::default();
    desk.for_each_after(0, |page| {
        for event in &page {
            published.apply(event);
            if let Some((claim, determined)) = determined(event) {
                made.entry(determined.facts_at).or_default().push((claim, determined));
            }
        }
        Ok(())
    })?;
    let count: usize = made.values().map(Vec::len).sum();
    let bar = Progress::towards(count as u64, "decisions");
    let (mut world, mut findings, mut ready) = (MemoryViews::default(), Vec::new(), BTreeMap::new());
    let mut recompute = |world: &MemoryViews, claim: ClaimId, determined: &Determined| {
        bar.add(1);
        let benefit = world.claim(claim).map(|view| view.benefit.clone()).unwrap_or_default();
        let key = (determined.pack.digest, benefit);
        let rules = ready.entry(key).or_insert_with_key(|(digest, benefit)| published.rules(*digest, benefit));
        let found = match rules {
            Some(Ok(rules)) => recompute_with(claim, determined, world, rules),
            Some(Err(error)) => Recomputed::Impossible(error.to_string()),
            None => Recomputed::Impossible(format!("pack {} is not in the stream", determined.pack.digest)),
        };
        match found {
            Recomputed::Same => None,
            Recomputed::Differs { what, recorded, recomputed } => {
                Some(format!("{what} recorded as {recorded} and recomputed as {recomputed}"))
            }
            Recomputed::Impossible(why) => Some(format!("cannot be recomputed: {why}")),
        }
    };
    desk.for_each_after(0, |page| {
        for event in &page {
            world.apply(event);
            for (claim, determined) in made.remove(&event.sequence).into_iter().flatten() {
                let wrong = recompute(&world, claim, &determined);
                findings.extend(
                    wrong.map(|wrong| format!("sequence {}, event {}: {wrong}", determined.position, determined.event)),
                );
            }
        }
        Ok(())
    })?;
    for (claim, determined) in made.into_values().flatten() {
        findings.push(format!(
            "sequence {}, event {}: rests on facts at {} of claim {claim}, which the stream does not have",
            determined.position, determined.event, determined.facts_at
        ));
    }
    Ok(Check { name: "decisions", said: format!("{count} recomputed to the same outcome"), findings })
}

fn determined(event: &Recorded) -> Option<(ClaimId, Determined)> {
    let (Subject::Claim(claim), Event::Determination(_)) = (&event.envelope.subject, &event.envelope.event) else {
        return None;
    };
    let mut view = projections::views::ClaimView::default();
    Claims::project(&mut view, claim, event);
    view.determined.pop().map(|determined| (*claim, determined))
}

/// Debits and credits of every entry, against decisions, payments, debts and runs.
fn books(desk: &Desk) -> Result<Check, Failure> {
    let (mut books, mut balances, mut world) = (Books::default(), Balances::default(), MemoryViews::default());
    let mut count = 0_usize;
    desk.for_each_known(None, |event| {
        world.apply(event);
        for entry in books.post(event) {
            balances.add(&entry);
            count += 1;
        }
        Ok(())
    })?;
    let said = format!("they balance: {count} entries, {} on either side", balances.totals().debits);
    let findings = disagreements(&books, &balances, &world).iter().map(ToString::to_string).collect();
    Ok(Check { name: "books", said, findings })
}

/// The stored views against ones built afresh.
fn views(desk: &Desk) -> Result<Check, Failure> {
    let Some(stored) = desk.views_as_they_are()? else {
        return Ok(Check {
            name: "views",
            said: "not checked: another process has them open".into(),
            findings: Vec::new(),
        });
    };
    if let Some(gone) = desk.cut_off(stored)? {
        return Ok(Check { name: "views", said: String::new(), findings: vec![gone] });
    }
    desk.catch_up(stored)?;
    let folder = tempfile::tempdir()
        .map_err(|source| Failure::Outside { what: "cannot make a temporary folder".into(), source })?;
    let fresh = SledViews::open(folder.path()).map_err(|e| broken(chain(&e)))?;
    desk.catch_up(&fresh)?;
    let digest = |views: &SledViews| views.digest().map_err(|e| broken(chain(&e)));
    let (stored, fresh) = (digest(stored)?, digest(&fresh)?);
    let findings = if stored == fresh {
        Vec::new()
    } else {
        vec![format!("stored views have digest {stored}, a rebuild has {fresh}: run `footing rebuild`")]
    };
    Ok(Check { name: "views", said: format!("equal to a rebuild, digest {fresh}"), findings })
}
