//! Given twice is given once; what is bad goes to the quarantine and leaves nothing in the ledger.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::history::{FIRST, command, history, id, who};
use crate::program::Place;

/// The day on which bad records are recorded: after everything else.
const TODAY: Date = date(2026, 9, 1);

#[test]
fn a_file_imported_twice_is_imported_once() {
    let text = history(300);
    let lines = text.lines().count();
    let place = Place::with(&text);
    let before = place.export();
    let again = place.run(&["import", "history.ndjson"]).good();
    assert_eq!(again, format!("{lines} lines: 0 new, {lines} there already, 0 quarantined\n"));
    assert!(place.export() == before, "the second import changed the stream");
    place.is_whole();
}

#[test]
fn exported_events_keep_their_bytes_on_the_way_into_another_ledger_however_often() {
    let from = Place::with(&history(60));
    from.run(&["run", "--until", "2026-07-20"]).good();
    let events = from.export();
    let count = events.lines().count();
    let to = Place::new();
    to.write("events.ndjson", &events);
    let import = || to.run(&["import", "events.ndjson"]).good();
    assert_eq!(import(), format!("{count} lines: {count} new, 0 there already, 0 quarantined\n"));
    assert_eq!(import(), format!("{count} lines: 0 new, {count} there already, 0 quarantined\n"));
    assert!(to.export() == events, "the events are not those that were exported");
    // The texts stayed in the vault they were given to, and `verify` says so; everything else is checked as at home.
    let said = to.run(&["verify"]).good();
    assert!(said.contains("in the vault of the ledger they came from"), "{said}");
}

#[test]
fn events_do_not_go_into_a_ledger_with_another_history() {
    let (one, other) = (Place::with(&history(3)), Place::with(&history(2)));
    other.write("events.ndjson", one.export());
    let before = other.export();
    let refusal = "error: events.ndjson: the ledger holds another history: events are imported into an empty ledger\n";
    other.run(&["import", "events.ndjson"]).refused(2, refusal);
    assert_eq!(other.export(), before);
}

/// A record that cannot be taken, and what is said of it.
struct Bad {
    record: String,
    field: &'static str,
    reason: String,
}

fn bad(record: impl ToString, field: &'static str, reason: impl ToString) -> Bad {
    Bad { record: record.to_string(), field, reason: reason.to_string() }
}

fn order(words: &str, order: Value) -> String {
    command(words, TODAY, order)
}

fn claim_fact(key: &str, value: Value) -> String {
    order(
        &format!("bad {key} {value}"),
        json!({"do": "record_claim_fact", "claim": id("claim 0"), "fact": {"key": key, "value": value}}),
    )
}

fn wage(gross: Value) -> Value {
    json!({
        "do": "report_earnings", "person": who(0, ""), "paid_on": "2026-08-31", "gross": gross,
        "tax": "0.00", "national_insurance": "0.00", "pension": "0.00", "frequency": "monthly",
    })
}

fn determine(first: &str, last: &str) -> String {
    let zeros = "0".repeat(64);
    order(
        &format!("bad decision {first} {last}"),
        json!({"do": "determine", "claim": id("claim 0"), "decision": {
            "period": {"first": first, "last": last}, "pack": {"name": "uk-universal-credit", "version": "1", "digest": zeros},
            "engine": 1, "facts_at": 0, "outcome": zeros, "award": "0.00", "payment": "0.00", "lines": [], "adults": [who(0, ""), who(0, " partner")], "main_carer": who(0, ""), "deducted": [], "amounts": [],
            "mode": "automated", "authority": [],
        }}),
    )
}

/// Fields that cannot be read: found before the ledger is asked.
fn unreadable() -> Vec<Bad> {
    let fact = |key: &str, value: Value| claim_fact(key, value);
    let wage = |words: &str, gross: Value| order(words, wage(gross));
    let death = |words: &str, more: &str| {
        order(words, json!({"do": "record_death", "person": who(0, "")})).replacen('{', &format!("{{{more}"), 1)
    };
    let cents = "`100.005` has more than two decimals: money is whole pence";
    vec![
        bad(
            fact("rent", json!(true)),
            "fact.value",
            "invalid type: boolean `true`, expected an amount of money like \"424.90\"",
        ),
        bad(fact("bedrooms", json!("two")), "fact.value", "invalid type: string \"two\", expected u8"),
        bad(fact("rent", json!("-400.00")), "fact.value", "`-400.00` is negative: this amount must be zero or more"),
        bad(wage("three decimals", json!("100.005")), "gross", cents),
        bad(wage("three decimals as a number", json!(100.005)), "gross", cents),
        bad(
            wage("a day that does not exist", json!("1.00")).replace("2026-08-31", "2026-06-31"),
            "paid_on",
            "parsed date is not valid: parameter 'day' for `2026-06` is invalid, must be in range `1..=30`",
        ),
        bad(
            fact("cap_grace_until", json!("2026-02-29")),
            "fact.value",
            "parsed date is not valid: parameter 'day' for `2026-02` is invalid, must be in range `1..=28`",
        ),
        bad(
            death("unknown field", "\"on\":\"2026-08-31\",\"colour\":\"red\","),
            "colour",
            "unknown field `colour`, expected `person` or `on`",
        ),
        bad(death("missing field", ""), "on", "is missing"),
        bad(wage("no id", json!("1.00")).replace(&format!("\"id\":\"{}\",", id("no id")), ""), "id", "is missing"),
        bad(
            wage("bad id", json!("1.00")).replace(&id("bad id"), "17"),
            "id",
            "UUID parsing failed: invalid length: found 2",
        ),
        bad("{\"actor\":\"a\",\"actor\":\"b\"}", "line", "field `actor` stands twice at line 1 column 25"),
        bad("this is no JSON", "line", "expected ident at line 1 column 2"),
        bad("{\"id\":", "line", "EOF while parsing a value at line 1 column 6"),
        bad("[1, 2]", "line", "invalid type: sequence, expected one command as a JSON object at line 1 column 0"),
        bad("{}", "id", "is missing"),
    ]
}

/// What the ledger refuses.
fn refused() -> Vec<Bad> {
    let nobody = id("nobody");
    let unknown = format!("person {nobody} is not registered");
    let register = |words: &str| {
        order(
            words,
            json!({"do": "register_person", "person": who(0, ""), "birth_date": "1990-01-01", "name": "Not To Be Kept"}),
        )
    };
    vec![
        bad(
            determine("2026-06-02", "2026-07-01"),
            "decision.period",
            "2026-06-02 is not an assessment day: periods of an award from 2026-06-01 start on 2026-06-01 and every month from there",
        ),
        bad(
            order(
                "a fact of nobody",
                json!({"do": "record_person_fact", "person": nobody, "fact": {"key": "unearned_income", "value": "1.00"}}),
            ),
            "do",
            &unknown,
        ),
        bad(
            order(
                "a claim of nobody",
                json!({"do": "make_claim", "claim": id("new"), "benefit": "uk-universal-credit", "claimants": [nobody]}),
            ),
            "do",
            &unknown,
        ),
        bad(
            register("register 0"),
            "id",
            format!("command {} was submitted before with other content", id("register 0")),
        ),
        bad(register("register again"), "do", format!("person {} is registered already", who(0, ""))),
        bad(
            command("too early", FIRST, wage(json!("1.00"))),
            "time",
            format!("recorded time runs backwards: {FIRST}T09:00:00Z comes after {TODAY}T09:00:00Z"),
        ),
    ]
}

/// Where the list of what is known is long, its beginning.
fn unknown_words() -> Vec<Bad> {
    vec![
        bad(
            claim_fact("colour", json!("red")),
            "fact.key",
            "unknown variant `colour`, expected one of `tenure`, `rent`, ",
        ),
        bad(
            order("bake", json!({"do": "bake", "cake": 1})),
            "do",
            "`bake` is not an order; the orders are: register_person, ",
        ),
    ]
}

#[test]
fn a_bad_record_goes_to_the_quarantine_with_line_field_and_reason_and_leaves_nothing() {
    let expected = Place::with(&history(20));
    let place = expected.twin();
    let table: Vec<Bad> = unreadable().into_iter().chain(refused()).chain(unknown_words()).collect();
    let good = ["before", "after"].map(|words| order(&format!("good wage {words}"), wage(json!("200.00"))) + "\n");
    let mixed: String = table.iter().map(|bad| format!("{}\n", bad.record)).collect();
    place.write("mixed.ndjson", format!("{}{mixed}{}", good[0], good[1]));
    expected.write("good.ndjson", good.concat());
    expected.run(&["import", "good.ndjson"]).good();
    let (lines, count) = (table.len() + 2, table.len());
    let counts = ["2 new, 0 there already", "0 new, 2 there already"];
    for counted in counts {
        let ran = place.run(&["import", "mixed.ndjson"]);
        assert_eq!((ran.code, ran.out), (1, format!("{lines} lines: {counted}, {count} quarantined\n")));
        let told = format!(
            "error: {count} records could not be taken; each stands in mixed.ndjson.quarantine.ndjson with its line, field and reason\n"
        );
        assert_eq!(ran.err, told);
        check_quarantine(&place.read("mixed.ndjson.quarantine.ndjson").unwrap(), &table);
        assert_eq!(place.export(), expected.export());
    }
    place.is_whole();
    let vault = rusqlite::Connection::open(place.path("footing.db.vault")).unwrap();
    let kept =
        vault.query_row("SELECT count(*) FROM texts WHERE text = 'Not To Be Kept'", [], |row| row.get::<_, i64>(0));
    assert_eq!(kept, Ok(0));
}

/// One entry for every record, and in it its line and what is wrong.
#[track_caller]
fn check_quarantine(quarantine: &str, table: &[Bad]) {
    let mut entries: Vec<Value> = quarantine.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    entries.sort_by_key(|entry| entry["line"].as_u64());
    assert_eq!(entries.len(), table.len());
    for ((line, bad), entry) in (2..).zip(table).zip(entries) {
        let reason = entry["reason"].as_str().unwrap();
        let reason = if bad.reason.ends_with(", ") { &reason[..bad.reason.len()] } else { reason };
        let found = (entry["line"].as_u64(), entry["field"].as_str(), reason, entry["record"].as_str());
        assert_eq!(found, (Some(line), Some(bad.field), bad.reason.as_str(), Some(bad.record.as_str())));
    }
}

#[test]
fn bytes_that_are_no_text_go_to_the_quarantine_too() {
    let place = Place::new();
    let mut file = history(1).into_bytes();
    let lines = file.iter().filter(|byte| **byte == b'\n').count();
    file.extend(b"\xff\xfe\n");
    place.write("bytes.ndjson", file);
    let ran = place.run(&["import", "bytes.ndjson"]);
    assert_eq!(ran.out, format!("{} lines: {lines} new, 0 there already, 1 quarantined\n", lines + 1));
    let entry: Value = serde_json::from_str(&place.read("bytes.ndjson.quarantine.ndjson").unwrap()).unwrap();
    assert_eq!(entry["line"], lines + 1);
    assert_eq!(entry["reason"], "is not UTF-8 text: invalid utf-8 sequence of 1 bytes from index 0");
}
