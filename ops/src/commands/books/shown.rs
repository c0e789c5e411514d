//! The books as text and as JSON.

use projections::books::{BankTotals, Entry, RunTotals};
use schemas::{Money, RunId};
use serde_json::{Value, json};

use super::{Asked, Found, standing};
use crate::output::Table;

/// The trial balance as a table, and what stands beside it.
pub fn text(asked: &Asked, found: &Found) -> String {
    let mut text = format!("{}\n\n", asked.title());
    if asked.person.is_some() {
        text.push_str(&format!("entries\n{}\n", entries(&found.entries)));
    }
    let mut table = Table::new(2, &[1, 2]);
    table.row(["account", "debit", "credit"]);
    let (mut debits, mut credits) = (Money::ZERO, Money::ZERO);
    for (account, net) in standing(&found.balances) {
        let (debit, credit) = (net.at_least_zero(), (-net).at_least_zero());
        (debits, credits) = (debits + debit, credits + credit);
        let shown = |sum: Money| if sum == Money::ZERO { String::new() } else { sum.to_string() };
        table.row([account.to_string(), shown(debit), shown(credit)]);
    }
    table.row(["total".to_string(), debits.to_string(), credits.to_string()]);
    text.push_str(&format!("trial balance\n{table}"));
    if asked.person.is_none() {
        text.push_str(&beside(found));
    }
    text
}

fn entries(entries: &[Entry]) -> Table {
    let mut table = Table::new(2, &[3, 5]);
    table.row(["day", "known", "account", "sum", "what", "at"]);
    for entry in entries {
        let mut first = true;
        for (account, sum) in entry.sums() {
            let (day, known, what, at) = if first {
                let Entry { day, known, memo, position, .. } = entry;
                (day.to_string(), known.to_string(), memo.clone(), position.to_string())
            } else {
                Default::default()
            };
            first = false;
            table.row([day, known, account.to_string(), sum.to_string(), what, at]);
        }
    }
    table
}

/// What is accrued, and whether what runs paid is what was planned.
fn beside(found: &Found) -> String {
    let mut text = String::from("\naccrued: entitlement of periods begun and not posted yet, by days elapsed\n");
    let mut table = Table::new(2, &[1]);
    for (benefit, sum) in &found.accrued.by_benefit {
        table.row([benefit.to_string(), sum.to_string()]);
    }
    table.row(["total".to_string(), found.accrued.total().to_string()]);
    text.push_str(&table.to_string());
    if found.accrued.undecided_claims > 0 {
        text.push_str(&format!("  {} claims have no decision yet\n", found.accrued.undecided_claims));
    }
    if found.bank != BankTotals::default() {
        let BankTotals { files, items, total, open, out, came_in } = found.bank;
        text.push_str(&format!(
            "\nbanks\n  {files} files read, {items} items of {total}; {open} open, in suspense {out} out and {came_in} in\n"
        ));
    }
    let released = found.runs.iter().filter(|(_, run)| run.status() == "released");
    let (agree, differ): (Vec<_>, Vec<_>) = released.partition(|(_, run)| run.agrees());
    let sum: Money = agree.iter().map(|(_, run)| run.sum).sum();
    text.push_str(&format!("\nruns\n  {} released as planned, {sum}\n", agree.len()));
    for (id, run) in differ {
        let RunTotals { planned, total, released, sum, .. } = run;
        let what = if run.exceeds() { "paid more than planned" } else { "paid less than planned" };
        text.push_str(&format!("  {id} {what}: {planned} payments of {total} planned, {released} of {sum} released\n"));
    }
    let open = found.runs.iter().filter(|(_, run)| matches!(run.status(), "planned" | "approved"));
    for (id, run) in open {
        text.push_str(&format!("  {id} is {}: {} payments of {}\n", run.status(), run.planned, run.total));
    }
    for (id, run) in found.runs.iter().filter(|(_, run)| run.status() == "never planned") {
        text.push_str(&format!("  {id} was never planned: {} payments of {} released\n", run.released, run.sum));
    }
    text
}

/// The same for programs.
pub fn json(asked: &Asked, found: &Found) -> Value {
    let account = |(account, balance): (&projections::books::Account, projections::books::Balance)| {
        json!({
            "account": account.to_string(), "class": account.class().name(), "debits": balance.debits.to_json_number(),
            "credits": balance.credits.to_json_number(), "balance": balance.net().to_json_number(),
        })
    };
    let totals = found.balances.totals();
    let mut json = json!({
        "on": asked.on.to_string(), "as_known": asked.as_known.map(|day| day.to_string()),
        "person": asked.person.map(|person| person.to_string()),
        "accounts": found.balances.iter().map(account).collect::<Vec<_>>(),
        "debits": totals.debits.to_json_number(), "credits": totals.credits.to_json_number(),
    });
    if asked.person.is_some() {
        json["entries"] = found.entries.iter().map(entry_json).collect();
    } else {
        let sums = found.accrued.by_benefit.iter().map(|(name, sum)| (name.to_string(), sum.to_json_number().into()));
        let by_benefit: serde_json::Map<String, Value> = sums.collect();
        json["accrued"] = json!({
            "by_benefit": by_benefit, "total": found.accrued.total().to_json_number(),
            "claims_without_a_decision": found.accrued.undecided_claims,
        });
        let BankTotals { files, items, total, open, out, came_in } = found.bank;
        json["banks"] = json!({
            "files": files, "items": items, "total": total.to_json_number(), "open": open,
            "suspense_out": out.to_json_number(), "suspense_in": came_in.to_json_number(),
        });
        json["runs"] = found.runs.iter().map(|(id, run)| run_json(*id, run)).collect();
    }
    json
}

fn entry_json(entry: &Entry) -> Value {
    let Entry { day, known, position, event, person, memo, .. } = entry;
    let sum = |(account, sum): (&projections::books::Account, Money)| json!({"account": account.to_string(), "sum": sum.to_json_number()});
    json!({
        "day": day.to_string(), "known": known.to_string(), "position": position, "event": event.to_string(),
        "person": person.map(|person| person.to_string()), "memo": memo, "postings": entry.sums().into_iter().map(sum).collect::<Vec<_>>(),
    })
}

/// The control totals of one run.
pub fn run_text(id: RunId, run: &RunTotals) -> String {
    let mut table = Table::new(2, &[1, 2]);
    table.row(["", "payments", "sum"]);
    table.row(["planned".to_string(), run.planned.to_string(), run.total.to_string()]);
    table.row(["released".to_string(), run.released.to_string(), run.sum.to_string()]);
    let day = run.day.map(|day| format!(" of {day}")).unwrap_or_default();
    let file = run.file.map(|file| format!("\n  released with {file}")).unwrap_or_default();
    let verdict = if run.agrees() { "the two agree" } else { "the two do not agree" };
    format!("run {id}{day}: {}\n{table}  {verdict}; {} approvals{file}\n", run.status(), run.approvals)
}

/// The same for programs.
pub fn run_json(id: RunId, run: &RunTotals) -> Value {
    json!({
        "run": id.to_string(), "day": run.day.map(|day| day.to_string()), "status": run.status(),
        "planned": {"payments": run.planned, "sum": run.total.to_json_number()},
        "released": {"payments": run.released, "sum": run.sum.to_json_number()},
        "approvals": run.approvals, "file": run.file.map(|file| file.to_string()), "agrees": run.agrees(),
    })
}
