//! `footing verify`: is the ledger whole, does every decision come out the same again, are the views what the stream says?

use std::collections::BTreeMap;

use ledger::verify::verify;
use projections::books::{Balances, Books, disagreements};
use projections::published::{Published, Recomputed, recompute_with};
use projections::views::{Claims, Determined, MemoryViews, Projection, SledViews};
use schemas::events::Event;
use schemas::{ClaimId, Recorded, Subject};
use serde_json::{Value, json};

use crate::cli::Global;
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::output::{Format, print, print_json};
use crate::progress::Progress;

/// One check and what it found.
struct Check {
    name: &'static str,
    said: String,
    findings: Vec<String>,
}

/// Runs every check and prints a line for each; each finding names its event.
///
/// # Errors
/// [`Failure::Found`] when something is wrong; otherwise what keeps the ledger from being read.
pub fn run(global: &Global) -> Result<(), Failure> {
    let mut desk = Desk::of(global)?;
    let stream = stream(&mut desk)?;
    let whole = stream.findings.is_empty();
    let mut checks = vec![stream];
    if whole {
        checks.push(decisions(&desk)?);
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

/// Sequence, links, names, times, sealed texts, and the file around them.
fn stream(desk: &mut Desk) -> Result<Check, Failure> {
    let bar = Progress::counting("events");
    let mut shown = 0;
    let (ledger, runtime) = desk.parts();
    let report = verify(ledger.store(), Some(ledger.vault()), |read| {
        bar.add(usize::try_from(read - shown).unwrap_or(0));
        shown = read;
    });
    let report = runtime.block_on(report).map_err(|e| broken(chain(&e)))?;
    let counted = [(report.erased, "erased"), (report.elsewhere, "in the vault of the ledger they came from")];
    let beside =
        counted.iter().filter(|(texts, _)| *texts > 0).map(|(texts, how)| format!("; {texts} sealed texts {how}"));
    let beside: String = beside.collect();
    let around = desk.store().check_file().map_err(|e| broken(chain(&e)))?;
    Ok(Check {
        name: "stream",
        said: format!("{} events on {} subjects, in sequence and linked{beside}", report.events, report.subjects),
        findings: report.findings.iter().map(ToString::to_string).chain(around).collect(),
    })
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
    if let Some(gone) = desk.cut_off(&stored)? {
        return Ok(Check { name: "views", said: String::new(), findings: vec![gone] });
    }
    desk.catch_up(&stored)?;
    let folder = tempfile::tempdir()
        .map_err(|source| Failure::Outside { what: "cannot make a temporary folder".into(), source })?;
    let fresh = SledViews::open(folder.path()).map_err(|e| broken(chain(&e)))?;
    desk.catch_up(&fresh)?;
    let digest = |views: &SledViews| views.digest().map_err(|e| broken(chain(&e)));
    let (stored, fresh) = (digest(&stored)?, digest(&fresh)?);
    let findings = if stored == fresh {
        Vec::new()
    } else {
        vec![format!("stored views have digest {stored}, a rebuild has {fresh}: run `footing rebuild`")]
    };
    Ok(Check { name: "views", said: format!("equal to a rebuild, digest {fresh}"), findings })
}
