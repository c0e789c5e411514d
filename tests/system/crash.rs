//! Killed at any moment: nothing that was acknowledged is lost, nothing is written twice.
//!
//! A killed program leaves its files as they are, journal and all. After every kill the same files are looked at in a
//! copy, so that the program that starts again finds what the killed one left and not what a check tidied up.
//! `FOOTING_LONG=1` kills ten times as often.

use std::io::{BufRead, BufReader, Write};

use serde_json::Value;

use crate::history::{crowd, draw, history};
use crate::program::{Place, Ran};

const JOURNAL: &str = "footing.db-wal";

/// How often a program is killed in one test.
pub fn kills() -> u32 {
    if std::env::var_os("FOOTING_LONG").is_some() { 150 } else { 15 }
}

/// When the program is killed.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// After so many lines were given to it.
    Fed(usize),
    /// When the journal has grown by so many bytes: also in the middle of an append.
    Grown(u64),
    /// When so many events can be read by others: between two appends.
    Stored(u64),
    /// When something of this name, or whose name ends so, stands in the folder, or in a folder of it.
    There(&'static str),
}

/// Runs the program and kills it at the moment; what it said, if it had ended before.
pub fn run_until(place: &Place, arguments: &[&str], input: &str, moment: Moment) -> Option<Ran> {
    let before = place.size(JOURNAL);
    let mut running = place.start(arguments);
    let mut stdin = running.0.stdin.take().unwrap();
    match moment {
        Moment::Fed(lines) => {
            let fed: String = input.lines().take(lines).map(|line| format!("{line}\n")).collect();
            stdin.write_all(fed.as_bytes()).unwrap();
            stdin.flush().unwrap();
        }
        Moment::Grown(bytes) => {
            drop(stdin);
            running.until(|| place.size(JOURNAL) >= before + bytes);
        }
        Moment::Stored(events) => {
            drop(stdin);
            let reader = place.reader();
            let count =
                || reader.query_row("SELECT coalesce(max(sequence), 0) FROM events", [], |row| row.get::<_, i64>(0));
            running.until(|| count().unwrap().cast_unsigned() >= events);
        }
        Moment::There(name) => {
            drop(stdin);
            running.until(|| place.names("").iter().chain(&place.names("out")).any(|found| found.ends_with(name)));
        }
    }
    if running.has_ended() {
        return Some(running.end());
    }
    running.kill();
    None
}

/// How large the journal of an undisturbed run becomes, and what the run said.
pub fn measured(place: &Place, arguments: &[&str]) -> (u64, Ran) {
    let mut running = place.start(arguments);
    let mut largest = 0;
    running.until(|| {
        largest = largest.max(place.size(JOURNAL));
        false
    });
    (largest, running.end())
}

/// What a killed program left is whole, and goes on from what was there before.
#[track_caller]
fn check_left(place: &Place, before: &str, what: &str) -> String {
    let twin = place.twin();
    let left = twin.export();
    assert!(left.starts_with(before), "{what}: something that was stored is gone");
    twin.is_whole();
    left
}

/// The stream without what random salts decide: commitments to confidential texts, and hashes over them.
pub fn without_salts(export: &str) -> String {
    let line = |line: &str| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        event["commandhash"] = Value::Null;
        event["prev"] = Value::Null;
        if let Some(name) = event.pointer_mut("/data/name/commitment") {
            *name = Value::Null;
        }
        format!("{event}\n")
    };
    export.lines().map(line).collect()
}

/// Starts and kills until there were enough kills; three times on one ledger, then lets it come to its end.
fn kill_often<M: Copy + std::fmt::Debug>(
    moment: impl Fn(&str) -> M,
    begin: impl Fn() -> Place,
    run: impl Fn(&Place, M) -> Option<Ran>,
    end: impl Fn(&Place),
) {
    let (mut killed, mut started) = (0, 0);
    while killed < kills() {
        let (place, mut stored) = (begin(), String::new());
        for _ in 0..3 {
            started += 1;
            assert!(started < 5 * kills(), "only {killed} of {started} starts could be killed");
            let moment = moment(&format!("start {started}"));
            match run(&place, moment) {
                Some(said) => drop(said.good()),
                None => {
                    killed += 1;
                    stored = check_left(&place, &stored, &format!("start {started}, {moment:?}"));
                }
            }
        }
        end(&place);
    }
}

/// Two streams are the same, or the first event that differs is shown.
#[track_caller]
pub fn same(found: &str, expected: &str) {
    for (number, (found, expected)) in (1..).zip(found.lines().zip(expected.lines())) {
        assert_eq!(found, expected, "event {number} is another one");
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

#[test]
fn an_import_killed_at_any_moment_and_started_again_comes_to_the_same_stream() {
    let text = history(300);
    let lines = text.lines().count();
    let undisturbed = Place::new();
    undisturbed.write("history.ndjson", &text);
    let (journal, said) = measured(&undisturbed, &["import", "history.ndjson"]);
    said.good();
    // Nothing may differ but the salts: recorded times come from the file.
    let expected = without_salts(&undisturbed.export());
    kill_often(
        |words| match draw(words, 3) {
            0 => ("-", Moment::Fed(usize::try_from(draw(&format!("{words} lines"), lines as u64)).unwrap())),
            1 => ("history.ndjson", Moment::Grown(draw(&format!("{words} bytes"), journal))),
            _ => ("history.ndjson", Moment::Stored(draw(&format!("{words} events"), expected.lines().count() as u64))),
        },
        || {
            let place = Place::new();
            place.write("history.ndjson", &text);
            place
        },
        |place, (file, moment)| run_until(place, &["import", file], &text, moment),
        |place| {
            place.run(&["import", "history.ndjson"]).good();
            same(&without_salts(&place.export()), &expected);
        },
    );
}

#[test]
fn what_an_import_acknowledged_is_there_when_it_is_killed_before_it_ends() {
    let text = history(40);
    let place = Place::new();
    let mut running = place.start(&["import", "-"]);
    running.0.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let mut said = String::new();
    BufReader::new(running.0.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
    running.kill();
    let lines = text.lines().count();
    assert_eq!(said, format!("{lines} lines: {lines} new, 0 there already, 0 quarantined\n"));
    same(&without_salts(&place.twin().export()), &without_salts(&Place::with(&text).export()));
    place.is_whole();
}

#[test]
fn a_run_killed_at_any_moment_and_started_again_comes_to_the_same_bytes() {
    let arguments = ["run", "--until", "2026-08-20"];
    let begun = Place::with(&history(40));
    let undisturbed = begun.twin();
    let (journal, said) = measured(&undisturbed, &arguments);
    said.good();
    // Not even recorded times differ: a run records the evening of the day whose business it is, not the clock.
    let expected = undisturbed.export();
    let (first, last) = (begun.export().lines().count() as u64, expected.lines().count() as u64);
    kill_often(
        |words| match draw(words, 2) {
            _ if words == "start 1" => Moment::Stored(first + 1), // the rules are there, nothing is decided by them
            0 => Moment::Grown(draw(&format!("{words} bytes"), journal)),
            _ => Moment::Stored(first + draw(&format!("{words} events"), last - first)),
        },
        || begun.twin(),
        |place, moment| run_until(place, &arguments, "", moment),
        |place| {
            place.run(&arguments).good();
            same(&place.export(), &expected);
        },
    );
}

#[test]
fn a_payment_day_of_more_than_one_append_killed_in_between_pays_everybody_once() {
    // 1,040 instructions, as many releases, and the list around them.
    let arguments = ["run", "--until", "2026-07-06"];
    let begun = Place::with(&crowd(1_040));
    begun.run(&["run", "--until", "2026-07-05"]).good();
    let undisturbed = begun.twin();
    let (journal, said) = measured(&undisturbed, &arguments);
    said.good();
    let expected = undisturbed.export();
    let before = begun.export().lines().count();
    let after = expected.lines().count();
    let mut cut = 0;
    for round in 0..kills() / 15 {
        let place = begun.twin();
        // After the plan, after the first thousand instructions, after the first thousand releases, or anywhere.
        let moment = match round % 4 {
            0 => Moment::Stored(before as u64 + 1_002),
            1 => Moment::Stored(before as u64 + 2_042),
            2 => Moment::Stored(before as u64 + 1),
            _ => Moment::Grown(draw(&format!("day {round}"), journal)),
        };
        if run_until(&place, &arguments, "", moment).is_none() {
            let stored = check_left(&place, "", &format!("{moment:?}")).lines().count();
            cut += u32::from(before < stored && stored < after);
        }
        place.run(&arguments).good();
        same(&place.export(), &expected);
    }
    assert!(cut > 0, "no kill fell between two appends");
}

/// A statement that says of these payments that their money was debited on 10 July 2026.
fn statement(payments: &[(String, String)]) -> String {
    let entry = |(payment, amount): &(String, String)| {
        format!(
            "<Ntry><Amt Ccy=\"GBP\">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>2026-07-10</Dt></ValDt><NtryDtls><TxDtls>\
             <Refs><EndToEndId>{}</EndToEndId></Refs><Amt Ccy=\"GBP\">{amount}</Amt></TxDtls></NtryDtls></Ntry>\n",
            payment.replace('-', "")
        )
    };
    let entries: String = payments.iter().map(entry).collect();
    format!("<Document><BkToCstmrStmt><Stmt>{entries}</Stmt></BkToCstmrStmt></Document>\n")
}

#[test]
fn answers_of_a_bank_taken_in_and_killed_in_between_are_recorded_once() {
    let begun = Place::with(&history(40));
    begun.run(&["run", "--until", "2026-07-10"]).good();
    let stored = begun.export();
    let before = stored.lines().count() as u64;
    let instructed = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap();
        let of_payment = event["type"].as_str().unwrap().starts_with("footing.payment.instructed.");
        let text = |field: &str| event["data"][field].as_str().unwrap().to_string();
        of_payment.then(|| (text("payment"), text("amount")))
    };
    let payments: Vec<_> = stored.lines().filter_map(instructed).collect();
    // One append for each file.
    let (first, rest) = payments.split_at(payments.len() / 2);
    begun.write("first.xml", statement(first));
    begun.write("rest.xml", statement(rest));
    let arguments = ["reconcile", "first.xml", "rest.xml", "--on", "2026-07-11"];
    let undisturbed = begun.twin();
    undisturbed.run(&arguments).good();
    let expected = undisturbed.export();
    // Every answer, and that each of the files was read.
    let after = before + payments.len() as u64 + 2;
    assert_eq!(expected.lines().count() as u64, after);
    let mut cut = 0;
    for moment in [before + 1, before + first.len() as u64, before].map(Moment::Stored) {
        let place = begun.twin();
        if run_until(&place, &arguments, "", moment).is_none() {
            let found = check_left(&place, &stored, &format!("{moment:?}")).lines().count() as u64;
            cut += u32::from(before < found && found < after);
        }
        place.run(&arguments).good();
        same(&place.export(), &expected);
    }
    assert!(cut > 0, "no kill fell between two appends");
}
