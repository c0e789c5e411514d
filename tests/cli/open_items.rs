//! What a bank's file says and no payment explains: kept, aged, in suspense, and closed by what explains it. Three people
//! are paid 424.90 each on 7 July 2026: 1,274.70.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::bank::{PEOPLE, arucs, camt053, command, paid, reference, status};
use crate::run::Folder;

/// The balances of accounts that are not nil, by name.
fn books(folder: &Folder) -> BTreeMap<String, String> {
    let books = folder.run(&["books", "--on", "2026-07-31", "--format", "json"]).json();
    assert_eq!(books["debits"], books["credits"]);
    let accounts = books["accounts"].as_array().unwrap().iter();
    let balances = accounts.map(|row| (row["account"].as_str().unwrap().to_string(), row["balance"].to_string()));
    balances.filter(|(_, balance)| balance != "0.00").collect()
}

/// Bank, suspense and what was explained as no business of payments.
#[track_caller]
fn stands(folder: &Folder, bank: &str, suspense: &str, elsewhere: &str) {
    let books = books(folder);
    let of = |account: &str| books.get(account).map_or("0.00", String::as_str).to_string();
    let found = ["Assets:Bank", "Assets:Suspense", "Equity:Elsewhere"].map(of);
    assert_eq!(found, [bank, suspense, elsewhere]);
    folder.run(&["verify"]).good();
}

fn open(folder: &Folder, on: &str) -> Vec<Value> {
    let said = folder.run(&["reconcile", "--open", "--on", on, "--format", "json"]).json();
    said["open"].as_array().unwrap().clone()
}

/// Takes in a file; the first line of what is said, and how it ended.
fn take_in(folder: &Folder, file: &str, on: &str) -> (String, i32) {
    let ran = folder.run(&["reconcile", file, "--on", on]);
    assert_eq!(ran.err, "");
    (ran.out.lines().next().unwrap().to_string(), ran.code)
}

fn item(open: &Value) -> &str {
    open["item"].as_str().unwrap()
}

#[test]
fn what_no_payment_explains_ages_in_suspense_until_somebody_says_what_it_is() {
    let (folder, payments) = paid();
    let entries = [
        ("DBIT", payments[0].as_str(), "424.90", ""),
        ("DBIT", "MISSJONES", "5.00", ""),
        ("CRDT", "FUND", "1000.00", ""),
    ];
    folder.write("statement.xml", camt053(&entries));
    assert_eq!(take_in(&folder, "statement.xml", "2026-07-09").1, 1);
    let events = folder.run(&["export"]).good();
    assert!(!events.contains("MISSJONES"), "what may name a person is sealed");
    // 8 July 2026 is a Wednesday: 9, 10, 13, 14 and 15 July are working days.
    let found = open(&folder, "2026-07-15");
    let said: Vec<_> =
        found.iter().map(|item| (&item["working_days"], &item["called"], &item["side"], &item["why"])).collect();
    let (five, why) = (json!(5), json!("unmatched"));
    assert_eq!(
        said,
        [(&five, &json!("MISSJONES"), &json!("debit"), &why), (&five, &json!("FUND"), &json!("credit"), &why)]
    );
    assert_eq!(folder.run(&["export"]).good(), events, "listing records nothing");
    assert_eq!(folder.run(&["reconcile", "--on", "2026-07-15"]).code, 1, "something is open");
    // -1274.70 - 5.00 + 1000.00 at the bank; 5.00 - 1000.00 in suspense.
    stands(&folder, "-279.70", "-995.00", "0.00");
    let (charge, funding) = (item(&found[0]), item(&found[1]));
    let close = |item: &str, reason: &str| {
        folder.run(&["reconcile", "--close", &item[..13], "--reason", reason, "--actor", "ann", "--on", "2026-07-15"])
    };
    close(charge, "charge of the bank").good();
    stands(&folder, "-279.70", "-1000.00", "5.00");
    let closed = format!("error: --close: item {charge} was closed on 2026-07-15 by ann: charge of the bank");
    close(charge, "again").refused(2, &closed);
    let said = close(funding, "funding").good();
    assert!(said.starts_with("released and never confirmed"), "{said}");
    stands(&folder, "-279.70", "0.00", "-995.00");
    folder.run(&["reconcile", "--on", "2026-07-15"]).good();
    let banks = folder.run(&["books", "--format", "json"]).json()["banks"].clone();
    // 424.90 + 5.00 + 1000.00
    assert_eq!(
        (&banks["files"], &banks["items"], banks["total"].to_string(), &banks["open"]),
        (&json!(1), &json!(3), "1429.90".into(), &json!(0))
    );
}

#[test]
fn somebody_names_the_payment_that_an_item_is_about_and_explains_a_difference() {
    let (folder, payments) = paid();
    let entries = [
        ("CRDT", "RETURN", "424.90", "AC04"),
        ("CRDT", "LESS", "420.00", "AC04"),
        ("DBIT", payments[2].as_str(), "424.91", ""),
    ];
    folder.write("statement.xml", camt053(&entries));
    assert_eq!(take_in(&folder, "statement.xml", "2026-07-09").1, 1);
    // 424.90 and 420.00 came in; of the debit that is larger than what was instructed a penny is not explained.
    stands(&folder, "-429.81", "-844.89", "0.00");
    let found = open(&folder, "2026-07-09");
    let by = |n: usize, payment: &str, rest: &[&str]| {
        let arguments = ["reconcile", "--close", item(&found[n]), "--payment", payment, "--on", "2026-07-09"];
        folder.run(&[&arguments, rest].concat())
    };
    by(0, &payments[0], &[]).good();
    assert_eq!(status(&folder, 0), "returned never");
    let less = "error: --payment: it is of 424.90, and the bank says 420.00: explain the difference with --reason";
    by(1, &payments[1], &[]).refused(2, less);
    assert_eq!(status(&folder, 1), "released 2026-07-07", "nothing is half-written");
    by(1, &payments[1], &["--reason", "the other bank kept 4.90"]).good();
    by(2, &payments[2], &["--reason", "a penny too much"]).good();
    assert_eq!(status(&folder, 2), "settled 2026-07-08");
    // At the bank: -1274.70 + 424.90 + 420.00 - 0.01. Two payments are owed again; 4.90 and 0.01 were lost elsewhere.
    stands(&folder, "-429.81", "0.00", "4.91");
    assert_eq!(books(&folder)["Liabilities:Returned"], "-849.80");
    let returns = folder.run(&["pay", "returns", "--on", "2026-07-09", "--format", "json"]).json();
    assert_eq!(returns.as_array().unwrap().len(), 2);
    let back = folder.run(&["pay", "status", "--on", "2026-07-10"]).good();
    assert!(back.contains("came back since 2026-07-08; due on 2026-07-07, under 1 month"), "{back}");
}

#[test]
fn a_statement_that_says_what_a_notification_said_before_opens_nothing_twice() {
    let (folder, _) = paid();
    let once = [("DBIT", "CHARGE1", "5.00", "")];
    let notification = camt053(&once).replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn").replace("Stmt>", "Ntfctn>");
    folder.write("notification.xml", notification.replace("BkToCstmrDbtCdtNNtfctn", "BkToCstmrDbtCdtNtfctn"));
    let (said, code) = take_in(&folder, "notification.xml", "2026-07-09");
    assert_eq!(
        (said.as_str(), code),
        ("camt.054 notification.xml: 0 recorded, 0 known before, 0 not final, 1 open", 1)
    );
    folder.write("statement.xml", camt053(&[once[0], ("DBIT", "CHARGE2", "5.00", "")]));
    let (said, code) = take_in(&folder, "statement.xml", "2026-07-10");
    assert_eq!((said.as_str(), code), ("camt.053 statement.xml: 0 recorded, 1 known before, 0 not final, 1 open", 1));
    stands(&folder, "-1284.70", "10.00", "0.00");
    // The same bytes under another name are the same file.
    std::fs::copy(folder.path("statement.xml"), folder.path("copy.xml")).unwrap();
    let events = folder.run(&["export"]).good();
    let (said, code) = take_in(&folder, "copy.xml", "2026-07-11");
    let expected = "camt.053 copy.xml: read before, on 2026-07-10 as statement.xml: nothing is recorded again";
    assert_eq!((said.as_str(), code), (expected, 1));
    assert_eq!(folder.run(&["export"]).good(), events);
}

#[test]
fn what_the_bank_takes_back_of_a_second_debit_does_not_return_the_payment() {
    let (folder, payments) = paid();
    let debit = ("DBIT", payments[0].as_str(), "424.90", "");
    folder.write("first.xml", camt053(&[debit, debit]));
    assert_eq!(take_in(&folder, "first.xml", "2026-07-09").1, 1);
    stands(&folder, "-1699.60", "424.90", "0.00");
    let refused =
        "error: --payment: the file has it twice, and one of the two is more than was sent: close it with --reason";
    let twice = open(&folder, "2026-07-09");
    folder
        .run(&["reconcile", "--close", item(&twice[0]), "--payment", &payments[0], "--on", "2026-07-09"])
        .refused(2, refused);
    folder.write("second.xml", camt053(&[("CRDT", payments[0].as_str(), "424.90", "")]));
    let (said, code) = take_in(&folder, "second.xml", "2026-07-10");
    assert_eq!((said.as_str(), code), ("camt.053 second.xml: 1 recorded, 0 known before, 0 not final, 0 open", 0));
    assert_eq!(status(&folder, 0), "settled 2026-07-08");
    stands(&folder, "-1274.70", "0.00", "0.00");
}

#[test]
fn a_second_debit_on_the_same_day_in_another_statement_is_open_and_one_in_a_copy_of_the_first_is_not() {
    let (folder, payments) = paid();
    let statement = camt053(&[("DBIT", payments[0].as_str(), "424.90", "")]);
    folder.write("first.xml", &statement);
    assert_eq!(take_in(&folder, "first.xml", "2026-07-09").1, 0);
    folder.write("copy.xml", statement.replace("?>\n", "?>\n\n"));
    let (said, code) = take_in(&folder, "copy.xml", "2026-07-09");
    assert_eq!((said.as_str(), code), ("camt.053 copy.xml: 0 recorded, 1 known before, 0 not final, 0 open", 0));
    folder.write("second.xml", statement.replace(">S1<", ">S2<"));
    let (said, code) = take_in(&folder, "second.xml", "2026-07-10");
    assert_eq!((said.as_str(), code), ("camt.053 second.xml: 0 recorded, 0 known before, 0 not final, 1 open", 1));
    assert_eq!(open(&folder, "2026-07-10")[0]["why"], "twice");
    // 1,274.70 and 424.90 once more.
    stands(&folder, "-1699.60", "424.90", "0.00");
    let back = camt053(&[("CRDT", payments[0].as_str(), "424.90", "")]).replace("<MsgId>S1<", "<MsgId>S3<");
    folder.write("third.xml", back);
    assert_eq!(take_in(&folder, "third.xml", "2026-07-10").1, 0);
    assert_eq!(status(&folder, 0), "settled 2026-07-08");
    stands(&folder, "-1274.70", "0.00", "0.00");
}

#[test]
fn an_item_about_a_payment_that_had_not_left_is_explained_when_it_did() {
    let (folder, _) = paid();
    let (payment, person) = ("01939c2e-0000-8000-8000-00000000c001", PEOPLE[0]);
    let line = json!({"amount": "30.00", "purpose": "crisis_grant", "for_whom": person, "payee": {"person": person}});
    let instruct = json!({"do": "instruct_payment", "person": person, "payment": payment, "kind": "crisis_grant",
        "payee": {"person": person}, "account_holders": [person], "lines": [line], "amount": "30.00", "due_on": "2026-07-08",
        "channel": "faster_payments", "instalment": 1, "cause": "01939c2e-0000-7000-8000-000000000000.0"});
    folder.write("grant.ndjson", command(90, "2026-07-08", instruct));
    folder.run(&["import", "grant.ndjson"]).good();
    folder.write("statement.xml", camt053(&[("DBIT", payment, "30.00", "")]));
    let (said, code) = take_in(&folder, "statement.xml", "2026-07-09");
    assert_eq!((said.as_str(), code), ("camt.053 statement.xml: 0 recorded, 0 known before, 0 not final, 1 open", 1));
    stands(&folder, "-1304.70", "30.00", "0.00");
    let (run, digest) = ("01939c2e-0000-7000-8000-0000000000d1", "ab".repeat(32));
    let left = [
        json!({"do": "plan_run", "run": run, "day": "2026-07-09", "digest": digest, "payments": 1, "total": "30.00"}),
        json!({"do": "approve_run", "run": run, "digest": digest}),
        json!({"do": "release_payment", "person": person, "payment": payment, "run": run, "file": digest}),
        json!({"do": "release_run", "run": run, "file": digest}),
    ];
    let left: String = (91..).zip(left).map(|(n, order)| command(n, "2026-07-09", order)).collect();
    folder.write("release.ndjson", left);
    folder.run(&["import", "release.ndjson"]).good();
    let said = folder.run(&["reconcile", "--on", "2026-07-10"]).good();
    assert!(said.contains(&format!("is explained by payment {payment}\n")), "{said}");
    stands(&folder, "-1304.70", "0.00", "0.00");
}

#[test]
fn a_file_whose_taking_in_was_cut_off_anywhere_is_taken_in_to_its_end_by_reading_it_again() {
    let (folder, payments) = paid();
    let before = folder.run(&["export"]).good().lines().count();
    let debit = ("DBIT", payments[0].as_str(), "424.90", "");
    let entries = [
        debit,
        debit,
        ("CRDT", payments[0].as_str(), "424.90", ""),
        ("DBIT", "CHARGE", "5.00", ""),
        ("CRDT", payments[1].as_str(), "424.90", "AC04"),
    ];
    folder.write("statement.xml", camt053(&entries));
    take_in(&folder, "statement.xml", "2026-07-09");
    let events = folder.run(&["export"]).good();
    let whole: Vec<&str> = events.lines().collect();
    // One payment settled, one returned; two items opened and one closed; the file read.
    assert_eq!(whole.len() - before, 6);
    for cut in before..=whole.len() {
        let again = Folder::new();
        again.write("events.ndjson", whole[..cut].join("\n") + "\n").write("statement.xml", camt053(&entries));
        again.run(&["init"]).good();
        again.run(&["import", "events.ndjson"]).good();
        take_in(&again, "statement.xml", "2026-07-09");
        let said = |text: &str| {
            let known = |line: &str| {
                let event: Value = serde_json::from_str(line).unwrap();
                let mut data = event["data"].clone();
                data.as_object_mut().unwrap().remove("reference"); // sealed anew, with another salt
                (event["id"].to_string(), event["type"].to_string(), data.to_string())
            };
            let mut all: Vec<_> = text.lines().map(known).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(said(&again.run(&["export"]).good()), said(&events), "cut off after {}", cut - before);
    }
}

#[test]
fn a_file_about_another_account_than_ours_is_refused_whole() {
    let (folder, payments) = paid();
    let events = folder.run(&["export"]).good();
    let bank =
        |account: &str| format!("name: Agency\naccount: {account}\nservice_user_number: 654321\ncurrency: GBP\n");
    folder.write("ours.yaml", bank("01-02-03 12345678")).write("other.yaml", bank("01-02-03 87654321"));
    folder.write("statement.xml", camt053(&[("DBIT", &payments[0], "424.90", "")]));
    folder.write("arucs.xml", arucs(&[(&reference(&payments[0]), "424.90", "B")], "424.90"));
    for file in ["statement.xml", "arucs.xml"] {
        let message = format!("error: {file}: it is about an account that ends in 5678, which is not that of --bank");
        folder.run(&["reconcile", file, "--bank", "other.yaml", "--on", "2026-07-09"]).refused(2, &message);
        assert_eq!(folder.run(&["export"]).good(), events);
    }
    folder.run(&["reconcile", "statement.xml", "--bank", "ours.yaml", "--on", "2026-07-09"]).good();
}

#[test]
fn an_amount_of_zero_is_recorded_of_no_payment_and_stays_open() {
    let (folder, payments) = paid();
    folder.write("statement.xml", camt053(&[("DBIT", &payments[0], "0.00", "")]));
    let (said, code) = take_in(&folder, "statement.xml", "2026-07-09");
    assert_eq!((said.as_str(), code), ("camt.053 statement.xml: 0 recorded, 0 known before, 0 not final, 1 open", 1));
    assert_eq!(status(&folder, 0), "released 2026-07-07");
    assert_eq!(open(&folder, "2026-07-09")[0]["why"], "amount_differs");
}

#[test]
fn a_bacs_return_of_an_unknown_payment_is_kept_and_one_for_a_closed_account_is_made_good_by_new_details() {
    let (folder, payments) = paid();
    let items = [("UNKNOWN", "424.90", "0"), (&reference(&payments[0]), "424.90", "B")];
    folder.write("arucs.xml", arucs(&items, "849.80"));
    let (said, code) = take_in(&folder, "arucs.xml", "2026-07-10");
    assert_eq!((said.as_str(), code), ("ARUCS arucs.xml: 1 recorded, 0 known before, 0 not final, 1 open", 1));
    // 849.80 of 1,274.70 come back with the report: 424.90 of a payment, and as much that is nobody's.
    stands(&folder, "-424.90", "-424.90", "0.00");
    assert_eq!(books(&folder)["Liabilities:Returned"], "-424.90");
    let found = open(&folder, "2026-07-10");
    assert_eq!(
        (&found[0]["called"], &found[0]["code"], &found[0]["side"]),
        (&json!("UNKNOWN"), &json!("0"), &json!("credit"))
    );
    // The statement has the credit of the whole report on the day after: it is known, and booked once.
    let credit = camt053(&[("CRDT", "BACSRETURNS", "849.80", "")]).replace("2026-07-08", "2026-07-10");
    folder.write("statement.xml", credit);
    let (said, _) = take_in(&folder, "statement.xml", "2026-07-11");
    assert_eq!(said, "camt.053 statement.xml: 0 recorded, 1 known before, 0 not final, 0 open");
    stands(&folder, "-424.90", "-424.90", "0.00");
}

#[test]
fn a_bacs_return_of_an_unknown_payment_that_the_bank_credits_by_itself_some_days_later_is_in_suspense_once() {
    let (folder, _) = paid();
    folder.write("arucs.xml", arucs(&[("UNKNOWN", "424.90", "0"), ("OTHER", "5.00", "0")], "429.90"));
    assert_eq!(take_in(&folder, "arucs.xml", "2026-07-10").1, 1);
    let credit = camt053(&[("CRDT", "UNKNOWN", "424.90", "")]).replace("2026-07-08", "2026-07-10");
    folder.write("statement.xml", credit);
    let (said, _) = take_in(&folder, "statement.xml", "2026-07-11");
    assert_eq!(said, "camt.053 statement.xml: 0 recorded, 1 known before, 0 not final, 0 open");
    stands(&folder, "-844.80", "-429.90", "0.00");
}

#[test]
fn the_credit_of_a_whole_bacs_report_is_known_and_counted_once() {
    let (folder, payments) = paid();
    let items = [(reference(&payments[0]), "B"), (reference(&payments[1]), "0")];
    let items: Vec<_> = items.iter().map(|(reference, code)| (reference.as_str(), "424.90", *code)).collect();
    folder.write("arucs.xml", arucs(&items, "849.80"));
    assert_eq!(take_in(&folder, "arucs.xml", "2026-07-09").1, 0);
    let credit = camt053(&[("CRDT", "BACSRETURNS", "849.80", "")]).replace("2026-07-08", "2026-07-10");
    folder.write("statement.xml", credit);
    let (said, code) = take_in(&folder, "statement.xml", "2026-07-11");
    assert_eq!((said.as_str(), code), ("camt.053 statement.xml: 0 recorded, 1 known before, 0 not final, 0 open", 0));
    // 1,274.70 left and 849.80 came back.
    stands(&folder, "-424.90", "0.00", "0.00");
}

/// The same statement under another name of the message, as a bank issues it anew.
fn anew(statement: &str, message: &str) -> String {
    statement.replacen("<MsgId>S1<", &format!("<MsgId>{message}<"), 1)
}

/// What the bank calls the bookings of a statement, one after the other.
fn called(statement: &str, references: &[&str]) -> String {
    references.iter().fold(statement.to_string(), |text, reference| {
        text.replacen("</Sts><BookgDt>", &format!("</Sts><AcctSvcrRef>{reference}</AcctSvcrRef> <BookgDt>"), 1)
    })
}

#[test]
fn a_statement_issued_anew_under_another_name_tells_nothing_new_and_a_second_debit_in_a_later_one_is_found() {
    let references = ["N1", "N2", "N3", "N4"];
    for named_by in ["the bank's reference", "the statement and the place in it"] {
        let (folder, payments) = paid();
        let debit = ("DBIT", payments[0].as_str(), "424.90", "");
        let entries = [debit, debit, ("DBIT", "CHARGE", "5.00", ""), ("CRDT", payments[1].as_str(), "424.90", "AC04")];
        let write = |entries: &[(&str, &str, &str, &str)], references: &[&str]| {
            let text = camt053(entries);
            if named_by.contains("reference") { called(&text, references) } else { text }
        };
        let first = write(&entries, &references);
        folder.write("first.xml", &first).write("anew.xml", anew(&first, "S1-AGAIN"));
        let (said, _) = take_in(&folder, "first.xml", "2026-07-09");
        assert_eq!(said, "camt.053 first.xml: 2 recorded, 0 known before, 0 not final, 2 open", "{named_by}");
        // 1,274.70 left; 424.90 a second time and 5.00 are open; 424.90 came back.
        stands(&folder, "-1279.70", "429.90", "0.00");
        let (said, code) = take_in(&folder, "anew.xml", "2026-07-10");
        assert_eq!(said, "camt.053 anew.xml: 0 recorded, 4 known before, 0 not final, 0 open", "{named_by}");
        assert_eq!((code, open(&folder, "2026-07-10").len()), (0, 2));
        stands(&folder, "-1279.70", "429.90", "0.00");
        // The bank takes the second debit back, and says so in two issues of the next statement too.
        let back = write(&[("CRDT", payments[0].as_str(), "424.90", "")], &["N5"]).replace(">S1<", ">S2<");
        folder.write("back.xml", &back).write("back-anew.xml", back.replacen("<MsgId>S2<", "<MsgId>S2-AGAIN<", 1));
        for (file, said) in [("back.xml", "1 recorded, 0 known"), ("back-anew.xml", "0 recorded, 1 known")] {
            let expected = format!("camt.053 {file}: {said} before, 0 not final, 0 open");
            assert_eq!(take_in(&folder, file, "2026-07-11"), (expected, 0), "{named_by}");
            assert_eq!(status(&folder, 0), "settled 2026-07-08");
            stands(&folder, "-854.80", "5.00", "0.00");
        }
        // A debit that the bank booked once more on the same day, in a statement of its own.
        let again = write(&[debit], &["N6"]).replace(">S1<", ">S3<");
        folder.write("third.xml", again);
        let (said, code) = take_in(&folder, "third.xml", "2026-07-12");
        assert_eq!((said.as_str(), code), ("camt.053 third.xml: 0 recorded, 0 known before, 0 not final, 1 open", 1));
        stands(&folder, "-1279.70", "429.90", "0.00");
    }
}

#[test]
fn two_returns_of_one_day_and_amount_under_one_reference_of_the_bank_are_two() {
    for reference in ["BATCH1", "NONREF"] {
        let (folder, payments) = paid();
        let back = |payment: &str| called(&camt053(&[("CRDT", payment, "424.90", "AC04")]), &[reference]);
        folder.write("first.xml", back(&payments[0]));
        folder.write("second.xml", back(&payments[1]).replace(">S1<", ">S2<"));
        for (file, n) in [("first.xml", 0), ("second.xml", 1)] {
            let expected = format!("camt.053 {file}: 1 recorded, 0 known before, 0 not final, 0 open");
            assert_eq!(take_in(&folder, file, "2026-07-09"), (expected, 0), "{reference}");
            assert_eq!(status(&folder, n), "returned never", "{reference}");
        }
        // -1,274.70, and 424.90 twice.
        stands(&folder, "-424.90", "0.00", "0.00");
    }
}

#[test]
fn the_reversal_of_a_credit_is_money_leaving_and_no_payment_coming_back() {
    let (folder, payments) = paid();
    let debit = ("DBIT", payments[0].as_str(), "424.90", "");
    folder.write("first.xml", camt053(&[debit]));
    assert_eq!(take_in(&folder, "first.xml", "2026-07-09").1, 0);
    let reversal = camt053(&[debit]).replace("DBIT</CdtDbtInd><Sts>", "DBIT</CdtDbtInd><RvslInd>true</RvslInd><Sts>");
    folder.write("second.xml", reversal.replace(">S1<", ">S2<"));
    let (said, code) = take_in(&folder, "second.xml", "2026-07-09");
    assert_eq!((said.as_str(), code), ("camt.053 second.xml: 0 recorded, 0 known before, 0 not final, 1 open", 1));
    assert_eq!(open(&folder, "2026-07-10")[0]["why"], "twice");
    assert_eq!(status(&folder, 0), "settled 2026-07-08");
}

#[test]
fn a_second_debit_beside_one_that_a_notification_told_before_is_open() {
    let (folder, payments) = paid();
    let debit = ("DBIT", payments[0].as_str(), "424.90", "");
    let told = called(&camt053(&[debit]), &["N1"]);
    let notification = told.replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn").replace("Stmt>", "Ntfctn>");
    folder.write("notification.xml", notification);
    let (said, code) = take_in(&folder, "notification.xml", "2026-07-09");
    assert_eq!(
        (said.as_str(), code),
        ("camt.054 notification.xml: 1 recorded, 0 known before, 0 not final, 0 open", 0)
    );
    folder.write("statement.xml", called(&camt053(&[debit, debit]), &["N1", "N2"]));
    let (said, code) = take_in(&folder, "statement.xml", "2026-07-10");
    assert_eq!((said.as_str(), code), ("camt.053 statement.xml: 0 recorded, 1 known before, 0 not final, 1 open", 1));
    assert_eq!(open(&folder, "2026-07-10")[0]["why"], "twice");
    // 1,274.70 and 424.90 once more.
    stands(&folder, "-1699.60", "424.90", "0.00");
}

#[test]
fn a_bacs_return_is_one_item_whether_the_statement_or_the_report_came_first() {
    let items = [("UNKNOWN", "424.90", "0"), ("OTHER", "5.00", "0")];
    let report = arucs(&items, "429.90");
    let single = camt053(&[("CRDT", "UNKNOWN", "424.90", "")]).replace("2026-07-08", "2026-07-10");
    let whole = camt053(&[("CRDT", "BACSRETURNS", "429.90", "")]).replace("2026-07-08", "2026-07-10");
    for statement in [single, whole] {
        let mut ends = Vec::new();
        for order in [["arucs.xml", "statement.xml"], ["statement.xml", "arucs.xml"]] {
            let (folder, _) = paid();
            folder.write("arucs.xml", &report).write("statement.xml", &statement);
            order.iter().for_each(|file| drop(take_in(&folder, file, "2026-07-11")));
            // -1,274.70 and what came back; all of it is in suspense, once.
            stands(&folder, "-844.80", "-429.90", "0.00");
            let mut found: Vec<_> = open(&folder, "2026-07-11").iter().map(|item| item["called"].to_string()).collect();
            found.sort_unstable();
            ends.push(found);
        }
        assert_eq!(ends, [["\"OTHER\"", "\"UNKNOWN\""]; 2]);
    }
}

#[test]
fn the_credit_of_a_bacs_report_that_comes_before_the_report_is_explained_by_it() {
    let (folder, payments) = paid();
    let credit = camt053(&[("CRDT", "BACSRETURNS", "849.80", "")]).replace("2026-07-08", "2026-07-10");
    folder.write("statement.xml", credit);
    assert_eq!(take_in(&folder, "statement.xml", "2026-07-10").1, 1);
    stands(&folder, "-424.90", "-849.80", "0.00");
    let items = [(reference(&payments[0]), "B"), (reference(&payments[1]), "0")];
    let items: Vec<_> = items.iter().map(|(reference, code)| (reference.as_str(), "424.90", *code)).collect();
    folder.write("arucs.xml", arucs(&items, "849.80"));
    let (said, code) = take_in(&folder, "arucs.xml", "2026-07-11");
    assert_eq!((said.as_str(), code), ("ARUCS arucs.xml: 2 recorded, 0 known before, 0 not final, 0 open", 0));
    stands(&folder, "-424.90", "0.00", "0.00");
    assert_eq!(open(&folder, "2026-07-11"), [json!(null); 0]);
}
