//! A history of made-up people as a file of commands: the same for the same number, in order of recording.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use projections::payments::derived_uuid;
use serde_json::{Value, json};

/// The day on which the first claims are made.
pub const FIRST: Date = date(2026, 6, 1);

/// Everything is recorded by this day.
pub const LAST: Date = date(2026, 8, 31);

/// An id that is always the same for the same words.
pub fn id(words: &str) -> String {
    derived_uuid(&format!("made up|{words}")).to_string()
}

/// A number below a bound that is always the same for the same words.
pub fn draw(words: &str, below: u64) -> u64 {
    let number = derived_uuid(words).as_u128() % u128::from(below.max(1));
    u64::try_from(number).unwrap()
}

/// A command as a line of the file.
pub fn command(words: &str, day: Date, order: Value) -> String {
    let mut command = json!({"id": id(words), "actor": "maker", "time": format!("{day}T09:00:00Z"), "effective_from": day.to_string()});
    let (Value::Object(fields), Value::Object(order)) = (&mut command, order) else { panic!("an order is an object") };
    fields.extend(order);
    command.to_string()
}

/// So many people: all claim within four weeks, half of them earn every week, a third rent, a fifth are couples.
pub fn history(people: u32) -> String {
    let mut lines: Vec<(Date, String)> = (0..people).flat_map(person).collect();
    lines.sort_by_key(|(day, _)| *day);
    lines.into_iter().map(|(_, line)| line + "\n").collect()
}

/// As [`history`], but with all claims on one day, so that the business of a day is more than one append holds.
pub fn crowd(people: u32) -> String {
    let lines = (0..people).flat_map(|n| [register(n, "", FIRST), claim(n, FIRST, &[who(n, "")])]);
    lines.map(|line| line + "\n").collect()
}

/// As [`crowd`], each with an account.
pub fn crowd_with_accounts(people: u32) -> String {
    let account = |n: u32| {
        let (person, number) = (who(n, ""), format!("01-02-03 {n:08}"));
        let order = json!({"do": "record_account", "person": person, "number": number, "holders": [person]});
        command(&format!("account {n}"), FIRST, order) + "\n"
    };
    crowd(people) + &(0..people).map(account).collect::<String>()
}

/// The person of a number.
pub fn who(n: u32, partner: &str) -> String {
    id(&format!("person {n}{partner}"))
}

fn person(n: u32) -> Vec<(Date, String)> {
    let start = FIRST.saturating_add(i64::from(n % 28).days());
    let mut lines = vec![(start, register(n, "", start))];
    let mut claimants = vec![who(n, "")];
    if n.is_multiple_of(5) {
        lines.push((start, register(n, " partner", start)));
        claimants.push(who(n, " partner"));
    }
    lines.push((start, claim(n, start, &claimants)));
    if n.is_multiple_of(3) {
        for (key, value) in [
            ("tenure", json!("social")),
            ("rent", json!(format!("{}.{:02}", 300 + n % 200, n % 100))),
            ("bedrooms", json!(1)),
            ("bedrooms_needed", json!(1)),
        ] {
            lines.push((start, claim_fact(n, start, key, value)));
        }
    }
    if n.is_multiple_of(2) {
        let mut week = start.saturating_add(7.days());
        while week <= LAST {
            lines.push((week, earnings(n, week)));
            week = week.saturating_add(7.days());
        }
    }
    lines
}

/// Registers the person of a number.
pub fn register(n: u32, partner: &str, day: Date) -> String {
    let born = date(1970, 1, 1).saturating_add(i64::from(n * 31 % 9_000).days());
    let mut order = json!({"do": "register_person", "person": who(n, partner), "birth_date": born.to_string()});
    if n.is_multiple_of(4) {
        order["name"] = json!(format!("Made-up {n}{partner}")); // a text for the vault
    }
    command(&format!("register {n}{partner}"), day, order)
}

fn claim(n: u32, day: Date, claimants: &[String]) -> String {
    let order = json!({"do": "make_claim", "claim": id(&format!("claim {n}")), "benefit": "uk-universal-credit", "claimants": claimants});
    command(&format!("make claim {n}"), day, order)
}

fn claim_fact(n: u32, day: Date, key: &str, value: Value) -> String {
    let order =
        json!({"do": "record_claim_fact", "claim": id(&format!("claim {n}")), "fact": {"key": key, "value": value}});
    command(&format!("fact {n} {key}"), day, order)
}

fn earnings(n: u32, day: Date) -> String {
    let order = json!({
        "do": "report_earnings", "person": who(n, ""), "paid_on": day.to_string(), "gross": format!("{}.50", 80 + n % 90),
        "tax": "0.00", "national_insurance": "0.00", "pension": "0.00", "frequency": "weekly",
    });
    command(&format!("earnings {n} {day}"), day, order)
}
