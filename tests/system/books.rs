//! The books of a thousand made-up people over two years, held against two accounting programs that are not ours.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::history::{command, draw, id, who};
use crate::program::Place;
use crate::tools;

const PEOPLE: u32 = 1_000;

/// Everything has happened by this day.
const LAST: Date = date(2026, 7, 31);

#[test]
fn hledger_and_beancount_load_the_journal_and_agree_with_the_trial_balance_to_the_penny() {
    let made_up = MadeUp::new(PEOPLE);
    let place = Place::with(&made_up.text());
    let (on, json) = (LAST.to_string(), ["--format", "json"]);
    let books: Value = serde_json::from_str(&place.run(&[&json[..], &["books", "--on", &on]].concat()).good()).unwrap();
    let own = accounts(&books);
    let (suspense, elsewhere) = made_up.unexplained;
    assert_eq!((own["Assets:Suspense"], own["Equity:Elsewhere"]), (suspense, elsewhere));
    assert_eq!(own["Assets:Bank"], -made_up.paid - suspense - elsewhere, "what left the bank is what was made up");
    assert_eq!(books["debits"], books["credits"]);
    assert!(books["runs"].as_array().unwrap().iter().all(|run| run["agrees"] == true));
    for program in ["hledger", "beancount"] {
        place.run(&["books", "--on", &on, "--export", program, "--output", &format!("journal.{program}")]).good();
    }
    let journal = |program: &str| place.path(&format!("journal.{program}")).to_str().unwrap().to_string();
    // Both check the assertions at the end of every month as they read.
    tools::run("hledger", &["-f", &journal("hledger"), "check", "accounts", "commodities", "balancednoautoconversion"]);
    let said = tools::run("hledger", &["-f", &journal("hledger"), "balance", "-N", "--flat", "-E", "-O", "csv"]);
    assert_eq!(read(said.lines().skip(1).map(|line| line.replace('"', ""))), own, "hledger");
    tools::run("bean-check", &[&journal("beancount")]);
    let said = tools::run("python3", &["-c", BALANCES, &journal("beancount")]);
    assert_eq!(read(said.lines().map(str::to_string)), own, "beancount");
}

/// Every account that beancount has postings for, and what they come to.
const BALANCES: &str = "
import sys, collections
from beancount import loader
from beancount.core.data import Transaction
entries, errors, _ = loader.load_file(sys.argv[1])
assert not errors, errors
sums = collections.defaultdict(int)
for entry in entries:
    if isinstance(entry, Transaction):
        for posting in entry.postings:
            assert posting.units.currency == 'GBP'
            sums[posting.account] += posting.units.number
for account in sorted(sums):
    print(f'{account},{sums[account]:.2f} GBP')
";

/// Pence by account, from our JSON.
fn accounts(books: &Value) -> BTreeMap<String, i64> {
    let rows = books["accounts"].as_array().unwrap().iter();
    rows.map(|row| (row["account"].as_str().unwrap().into(), pence(&row["balance"].to_string()))).collect()
}

/// The same, from lines of account and amount.
fn read(lines: impl Iterator<Item = String>) -> BTreeMap<String, i64> {
    let line = |line: String| {
        let (account, amount) = line.rsplit_once(',').unwrap();
        (account.to_string(), pence(amount.trim_end_matches("GBP").trim()))
    };
    lines.map(line).collect()
}

/// Pence of a sum in pounds; nothing is written as 0 by some.
fn pence(pounds: &str) -> i64 {
    let pounds = if pounds == "0" { "0.00" } else { pounds };
    assert_eq!(pounds.rsplit_once('.').map(|(_, part)| part.len()), Some(2), "{pounds}");
    pounds.replace('.', "").parse().unwrap()
}

fn pounds(pence: i64) -> String {
    format!("{}.{:02}", pence / 100, pence % 100)
}

/// Commands by day, and within a day by what has to come first.
#[derive(Default)]
struct MadeUp {
    lines: BTreeMap<(Date, u8), Vec<String>>,
    /// The payments that leave on a day.
    leaving: BTreeMap<Date, Vec<(String, String, i64)>>,
    /// What left the bank and stayed away, in pence.
    paid: i64,
    /// What left the bank besides, less what came in: nobody can say why, or it was said in words.
    unexplained: (i64, i64),
}

/// One claim and what was paid of it so far.
struct Claim {
    n: u32,
    /// Pence of the allowance line a month.
    allowance: i64,
    /// Pence of rent a month, to the landlord for some.
    rent: i64,
}

impl MadeUp {
    fn new(people: u32) -> MadeUp {
        let mut made_up = MadeUp::default();
        (0..people).for_each(|n| made_up.person(n));
        made_up.runs();
        made_up.bank();
        made_up
    }

    /// A file of the bank with charges and deposits that no payment explains; of every three, one is explained in words.
    fn bank(&mut self) {
        let (file, digest, day) = ("cdcdcdcd-cdcd-8dcd-8dcd-cdcdcdcdcdcd", "cd".repeat(32), date(2026, 3, 31));
        for n in 0..30_u32 {
            let (item, sum) = (id(&format!("item {n}")), i64::from(n * n + 1));
            let (side, news, sum) =
                if n.is_multiple_of(2) { ("debit", "settled", sum) } else { ("credit", "returned", -sum) };
            let open = json!({"do": "open_bank_item", "file": file, "item": item, "line": n + 1, "why": "unmatched", "about": "payment",
                "news": news, "side": side, "on": day.to_string(), "amount": pounds(sum.abs()), "reference": format!("Entry {n}")});
            self.on(day, 6, &format!("open item {n}"), open);
            if n.is_multiple_of(3) {
                let close = json!({"do": "close_bank_item", "file": file, "item": item, "by": "elsewhere", "reason": "charge; or \"deposit\""});
                self.on(date(2026, 4, 2), 0, &format!("close item {n}"), close);
                self.unexplained.1 += sum;
            } else {
                self.unexplained.0 += sum;
            }
        }
        let read = json!({"do": "record_bank_file", "file": file, "digest": digest, "form": "camt.053", "name": "statement.xml",
            "from": day.to_string(), "to": day.to_string(), "items": 30, "total": "85.85"});
        self.on(day, 7, "read file", read);
    }

    fn text(&self) -> String {
        self.lines.values().flatten().map(|line| format!("{line}\n")).collect()
    }

    fn on(&mut self, day: Date, phase: u8, words: &str, order: Value) {
        let hour = 8 + phase;
        let line = command(words, day, order).replace("T09:00:00Z", &format!("T{hour:02}:00:00Z"));
        self.lines.entry((day, phase)).or_default().push(line);
    }

    /// Claims within two years, for two to four months; every seventh owes rent, every eleventh has an advance, some are
    /// sanctioned, paid late, overpaid, underpaid, topped up or found to have left.
    fn person(&mut self, n: u32) {
        let month = i64::from(n % 21);
        let start = date(2024, 6, 1).saturating_add(month.months()).saturating_add(i64::from(n % 28).days());
        let (person, claim) = (who(n, ""), id(&format!("claim {n}")));
        let born = json!({"do": "register_person", "person": person, "birth_date": "1990-02-01"});
        self.on(start, 0, &format!("register {n}"), born);
        let made = json!({"do": "make_claim", "claim": claim, "benefit": "uk-universal-credit", "claimants": [person]});
        self.on(start, 0, &format!("make claim {n}"), made);
        let of = |below| i64::try_from(draw(&format!("pence {n}"), below)).unwrap();
        let rent = if n.is_multiple_of(3) { 30_000 + of(9_999) } else { 0 };
        let one = Claim { n, allowance: 30_000 + of(9_000), rent };
        self.debts(&one, start);
        if n.is_multiple_of(29) {
            self.top_up(&one, start.saturating_add(20.days()));
        }
        if n.is_multiple_of(23) {
            self.sanction(n, start.saturating_add(9.days()));
        }
        for k in 0..i64::from(2 + n % 3) {
            let period =
                (start.saturating_add(k.months()), start.saturating_add((k + 1).months()).yesterday().unwrap());
            if n.is_multiple_of(2) {
                self.wage(n, period.1);
            }
            self.award(&one, k, period);
        }
        let first = (start, start.saturating_add(1.month()).yesterday().unwrap());
        match n % 10 {
            0 => self.revised(&one, first, 3_000),
            5 => self.revised(&one, first, -4_500),
            _ => {}
        }
        if n % 31 == 30 {
            self.closed(&one, start);
        }
    }

    /// What is taken from each award for a debt.
    fn deducted(n: u32) -> i64 {
        if n.is_multiple_of(7) {
            2_000
        } else if n.is_multiple_of(11) {
            5_000
        } else {
            0
        }
    }

    fn debts(&mut self, Claim { n, .. }: &Claim, start: Date) {
        let (n, debt) = (*n, id(&format!("debt {n}")));
        let owes = |kind: &str| json!({"do": "register_debt", "person": who(n, ""), "debt": debt, "kind": kind, "amount": "350.00"});
        if n.is_multiple_of(7) {
            self.on(start, 0, &format!("debt {n}"), owes("rent_arrears"));
        } else if n.is_multiple_of(11) {
            self.on(start, 0, &format!("debt {n}"), owes("budgeting_advance"));
            let lines = [("advance", json!({"person": who(n, "")}), 35_000)];
            let more = json!({"kind": "advance", "cause": format!("{}.0", id(&format!("debt {n}")))});
            self.pay(n, "advance", start, &lines, more);
        }
    }

    fn top_up(&mut self, one: &Claim, day: Date) {
        let lines = [("top_up", json!({"person": who(one.n, "")}), 3_600)];
        let more = json!({"kind": "top_up", "cause": format!("{}.0", id(&format!("make claim {}", one.n)))});
        self.pay(one.n, "top-up", day, &lines, more);
    }

    fn sanction(&mut self, n: u32, day: Date) {
        let authority = json!({"instrument": "SI 2013/376", "provision": "reg. 104", "confidence": "single_source"});
        let order = json!({
            "do": "impose_sanction", "person": who(n, ""), "sanction": id(&format!("sanction {n}")), "level": "low",
            "failure_on": day.to_string(), "from": day.to_string(), "days": 7, "days_ground": "tribunal", "rate": "full", "authority": authority,
        });
        self.on(day, 0, &format!("sanction {n}"), order);
    }

    fn wage(&mut self, n: u32, day: Date) {
        let order = json!({
            "do": "report_earnings", "person": who(n, ""), "paid_on": day.to_string(), "gross": "310.00", "tax": "0.00",
            "national_insurance": "0.00", "pension": "0.00", "frequency": "monthly",
        });
        self.on(day, 0, &format!("wage {n} {day}"), order);
    }

    /// A period is decided the day after it ends and paid seven days after that.
    fn award(&mut self, one: &Claim, k: i64, (first, last): (Date, Date)) {
        let n = one.n;
        let name = format!("decide {n} {k}");
        self.decide(&name, "determine", one, (first, last), one.allowance, None);
        let person = json!({"person": who(n, "")});
        let cause = format!("{}.0", id(&name));
        let of = json!({"kind": "award", "cause": cause, "claim": id(&format!("claim {n}")), "period": {"first": first.to_string(), "last": last.to_string()}});
        let day = last.saturating_add(6.days());
        let to_landlord = n.is_multiple_of(6);
        let allowance = ("standard_allowance", person.clone(), one.allowance - MadeUp::deducted(n));
        let housing = ("housing", if to_landlord { json!("landlord") } else { person }, one.rent);
        let own: Vec<_> = if one.rent == 0 || to_landlord { vec![allowance] } else { vec![allowance, housing.clone()] };
        let words = format!("award {k}");
        self.pay(n, &words, day, &own, of.clone());
        if to_landlord && one.rent > 0 {
            self.pay(n, &format!("rent {k}"), day, &[housing], of.clone());
        }
        if n.is_multiple_of(7) {
            let creditor = [("standard_allowance", json!({"creditor": id(&format!("debt {n}"))}), 2_000)];
            self.pay(n, &format!("creditor {k}"), day, &creditor, json!({"kind": "third_party", "cause": cause}));
        }
        if k == 0 {
            self.after(n, &words, day);
        }
    }

    /// Some first payments come late or come back and are sent again.
    fn after(&mut self, n: u32, words: &str, day: Date) {
        let (person, payment) = (who(n, ""), id(&format!("payment {n} {words}")));
        let later = |days: i64| day.saturating_add(days.days());
        if n.is_multiple_of(13) {
            let back = json!({"do": "return_payment", "person": person, "payment": payment, "code": "0", "on": later(4).to_string()});
            self.on(later(4), 6, &format!("return {n}"), back);
            let again = json!({"do": "reissue_payment", "person": person, "payment": payment, "due_on": later(8).to_string(), "channel": "faster_payments"});
            self.on(later(7), 1, &format!("reissue {n}"), again);
            let sum = self.leaving[&day].iter().find(|(_, known, _)| *known == payment).unwrap().2;
            self.leaving.entry(later(7)).or_default().push((person, payment, sum));
        } else if n.is_multiple_of(17) {
            let late = json!({"do": "settle_payment", "person": person, "payment": payment, "usable_on": later(3).to_string()});
            self.on(later(3), 6, &format!("settle {n}"), late);
        }
    }

    /// Forty days later the first period is decided again: what it gives more is paid, what it gives less is recovered in part.
    fn revised(&mut self, one: &Claim, (first, last): (Date, Date), more: i64) {
        let (n, day) = (one.n, last.saturating_add(40.days()));
        let name = format!("revise {n}");
        let replaces = format!("{}.0", id(&format!("decide {n} 0")));
        self.decide(&name, "revise", one, (first, last), one.allowance + more, Some((day, replaces)));
        let cause = format!("{}.0", id(&name));
        let (claim, period) =
            (id(&format!("claim {n}")), json!({"first": first.to_string(), "last": last.to_string()}));
        if more > 0 {
            let lines = [("standard_allowance", json!({"person": who(n, "")}), more)];
            let of = json!({"kind": "arrears", "cause": cause, "claim": claim, "period": period, "for_days": period});
            return self.pay(n, "arrears", day, &lines, of);
        }
        let ground = json!({"instrument": "SI 2013/384", "provision": "reg. 3", "confidence": "single_source"});
        let (later, debt) = (day.saturating_add(10.days()), id(&format!("overpaid {n}")));
        let decided = json!({
            "do": "decide_recovery", "person": who(n, ""), "claim": claim, "period": period, "cause": cause, "overpaid": pounds(-more),
            "recoverable": "30.00", "debt": debt, "ground": ground, "reason": "told late",
        });
        self.on(later, 1, &format!("recover {n}"), decided);
        let repaid = json!({"do": "repay_debt", "person": who(n, ""), "debt": debt, "amount": "10.01", "on": later.to_string(), "reference": format!("transfer; \"{n}\"")});
        self.on(later, 2, &format!("repay {n}"), repaid);
        for (verb, sum) in [("waive_debt", "5.02"), ("write_off_debt", "4.03")] {
            let given_up = json!({"do": verb, "person": who(n, ""), "debt": debt, "amount": sum, "reason": "hardship \\ \"illness\"; both"});
            self.on(later, 3, &format!("{verb} {n}"), given_up);
        }
    }

    /// It is told afterwards that the award had ended before its second period did.
    fn closed(&mut self, one: &Claim, start: Date) {
        let ended = start.saturating_add(50.days());
        let mut close =
            json!({"do": "close_claim", "claim": id(&format!("claim {}", one.n)), "reason": "moved abroad"});
        close["effective_from"] = json!(ended.to_string());
        self.on(start.saturating_add(160.days()), 7, &format!("close {}", one.n), close);
    }

    fn decide(
        &mut self,
        name: &str,
        verb: &str,
        one: &Claim,
        (first, last): (Date, Date),
        allowance: i64,
        replaced: Option<(Date, String)>,
    ) {
        let (n, person, zeros) = (one.n, who(one.n, ""), "0".repeat(64));
        let line = |purpose: &str, payee: Value, sum: i64| json!({"amount": pounds(sum), "purpose": purpose, "for_whom": person, "payee": payee});
        let taken = MadeUp::deducted(n);
        let mut lines = vec![line("standard_allowance", json!({"person": person}), allowance - taken)];
        if one.rent > 0 {
            let payee = if n.is_multiple_of(6) { json!("landlord") } else { json!({"person": person}) };
            lines.push(line("housing", payee, one.rent));
        }
        let deducted: Vec<Value> = if taken > 0 {
            vec![json!({"debt": id(&format!("debt {n}")), "amount": pounds(taken)})]
        } else {
            Vec::new()
        };
        let decision = json!({
            "period": {"first": first.to_string(), "last": last.to_string()}, "pack": {"name": "uk-universal-credit", "version": "1", "digest": zeros},
            "engine": 1, "facts_at": 0, "outcome": zeros, "award": pounds(allowance + one.rent), "payment": pounds(allowance + one.rent - taken),
            "lines": lines, "adults": [person], "main_carer": person, "deducted": deducted, "amounts": [], "mode": "automated", "authority": [],
        });
        let mut order = json!({"do": verb, "claim": id(&format!("claim {n}")), "decision": decision});
        let day = replaced.as_ref().map_or(last.tomorrow().unwrap(), |(day, _)| *day);
        if let Some((_, replaces)) = replaced {
            order["replaces"] = json!(replaces);
            order["ground"] =
                json!({"instrument": "SI 2013/381", "provision": "reg. 9", "confidence": "single_source"});
        }
        self.on(day, 0, name, order);
    }

    /// Instructs a payment that leaves on a day and is due on the next.
    fn pay(&mut self, n: u32, words: &str, day: Date, lines: &[(&str, Value, i64)], more: Value) {
        let (person, payment) = (who(n, ""), id(&format!("payment {n} {words}")));
        let sum: i64 = lines.iter().map(|(_, _, sum)| sum).sum();
        let line = |(purpose, payee, sum): &(&str, Value, i64)| json!({"amount": pounds(*sum), "purpose": purpose, "for_whom": person, "payee": payee});
        let mut order = json!({
            "do": "instruct_payment", "person": person, "payment": payment, "payee": lines[0].1, "account_holders": [],
            "lines": lines.iter().map(line).collect::<Vec<_>>(), "amount": pounds(sum), "due_on": day.tomorrow().unwrap().to_string(),
            "channel": "faster_payments", "instalment": 1,
        });
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.on(day, 1, &format!("instruct {n} {words}"), order);
        self.leaving.entry(day).or_default().push((person, payment, sum));
        self.paid += sum;
    }

    /// Every payment leaves in the run of its day.
    fn runs(&mut self) {
        for (day, leaving) in std::mem::take(&mut self.leaving) {
            let (run, digest) = (id(&format!("run {day}")), "ab".repeat(32));
            let total: i64 = leaving.iter().map(|(_, _, sum)| sum).sum();
            let plan = json!({"do": "plan_run", "run": run, "day": day.to_string(), "digest": digest, "payments": leaving.len(), "total": pounds(total)});
            self.on(day, 2, &format!("plan {day}"), plan);
            self.on(day, 3, &format!("approve {day}"), json!({"do": "approve_run", "run": run, "digest": digest}));
            for (person, payment, _) in leaving {
                let release =
                    json!({"do": "release_payment", "person": person, "payment": payment, "run": run, "file": digest});
                self.on(day, 4, &format!("release {payment} {day}"), release);
            }
            self.on(day, 5, &format!("release {day}"), json!({"do": "release_run", "run": run, "file": digest}));
        }
    }
}
