//! A payment run step by step, as those who do the steps see it.

use serde_json::json;

use crate::bank::{PEOPLE, command};
use crate::run::Folder;

/// A ledger of three people whose June is decided: two have an account, one is paid by voucher.
pub fn decided() -> Folder {
    let folder = Folder::new();
    let mut history = String::new();
    for (n, person) in PEOPLE.iter().enumerate() {
        let claim = format!("01939c2e-0000-7000-8000-0000000000b{n}");
        let mut orders = vec![
            json!({"do": "register_person", "person": person, "birth_date": "1990-01-01", "name": format!("Person {n}")}),
            json!({"do": "make_claim", "claim": claim, "benefit": "uk-universal-credit", "claimants": [person]}),
        ];
        if n < 2 {
            let number = format!("01-02-03 0000000{n}");
            orders.push(json!({"do": "record_account", "person": person, "number": number, "holders": [person]}));
        }
        history.extend(orders.into_iter().enumerate().map(|(k, order)| command(10 * n + k, "2026-06-01", order)));
    }
    folder.write("history.ndjson", history);
    folder.write("bank.yaml", "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n");
    folder.run(&["init"]).good();
    folder.run(&["import", "history.ndjson"]).good();
    let said = folder.run(&["run", "--until", "2026-07-05", "--decide-only"]).good();
    assert!(said.ends_with("nothing was paid: --decide-only\nno payment waits to leave on 2026-07-05\n"), "{said}");
    folder
}

fn two_have_to_approve(folder: &Folder) {
    let one = folder.run(&["pay", "approvals", "2", "--actor", "ann", "--on", "2026-07-02"]).good();
    let expected = "every list of payments has to be approved by 1 person\n\
                    ann asks for 2: 1 more person has to ask for it\n";
    assert_eq!(one, expected);
    let two = folder.run(&["pay", "approvals", "2", "--actor", "bob", "--on", "2026-07-02", "--format", "json"]).json();
    assert_eq!(two, json!({"required": 2, "asked": []}));
}

/// Plans the pay day and has it approved by two; the run.
fn approved(folder: &Folder) -> String {
    let planned = folder.run(&["pay", "plan", "--day", "2026-07-06", "--actor", "cal", "--format", "json"]).json();
    let (run, digest) = (planned["run"].as_str().unwrap(), planned["digest"].as_str().unwrap());
    for who in ["ann", "bob"] {
        folder.run(&["pay", "approve", run, "--digest", digest, "--actor", who]).good();
    }
    run.into()
}

#[test]
fn where_two_have_to_approve_a_run_decides_and_says_what_waits_and_who_is_asked() {
    let folder = decided();
    assert_eq!(
        folder.run(&["pay", "status"]).good(),
        "no payment run was planned yet\npayments on 2026-07-01: none was ordered yet\n"
    );
    two_have_to_approve(&folder);
    // 424.90: the standard allowance of one person of 25 or over in 2026/27; three of them.
    let said = folder.run(&["run", "--until", "2026-07-06"]).good();
    let expected = "nothing to do: every day up to then was done before\n\
                    nothing was paid: on this ledger every list needs 2 approvals\n\
                    3 payments of 1274.70 wait: footing pay plan --day 2026-07-06\n";
    assert_eq!(said, expected);
    folder
        .run(&["pay", "plan", "--day", "2026-07-06", "--approvals", "1"])
        .refused(2, "error: approvals: 1 is fewer than the 2 that every list on this ledger needs");
    let planned = folder.run(&["pay", "plan", "--day", "2026-07-06", "--actor", "cal"]).good();
    assert!(planned.contains("\napprovals needed: 2\n"), "{planned}");
    let waits = folder.run(&["run", "--until", "2026-07-06"]).good();
    assert!(waits.contains("\nthe list of 2026-07-06 by cal waits for approval (0 of 2): run "), "{waits}");
    let another = folder.run(&["pay", "plan", "--day", "2026-07-07", "--actor", "deb"]).good();
    assert!(another.contains("\nthe list of 2026-07-06 by cal waits for approval (0 of 2): run "), "{another}");
}

#[test]
fn files_are_written_once_and_a_second_copy_is_asked_for_and_said() {
    let folder = decided();
    two_have_to_approve(&folder);
    let run = approved(&folder);
    let release = |out: &str, more: &[&str]| {
        let arguments =
            [&["pay", "release", &run, "--out", out, "--bank", "bank.yaml", "--actor", "dee"], more].concat();
        folder.run(&arguments)
    };
    let said = release("out", &[]).good();
    assert!(said.starts_with(&format!("run {run} released: 3 payments left\n  out/2026-07-06-")), "{said}");
    let said = release("out", &[]).good();
    assert!(said.starts_with(&format!("nothing to do: run {run} was released before, and its files stand here\n")));
    let other = release("other", &[]);
    assert_eq!((other.code, other.out.as_str()), (2, ""));
    assert!(other.err.contains("written before, by dee on 2026-07-06"), "{}", other.err);
    let said = release("other", &["--again"]).good();
    assert!(said.ends_with("a further copy: dee had these files written on 2026-07-06; the bank must get them once\n"));
    let status = folder.run(&["pay", "status", &run]).good();
    let told = "approved by ann, bob\nreleased by dee on 2026-07-06\nfiles with manifest ";
    assert!(status.contains(told), "{status}");
    assert_eq!(status.matches("files written for dee on 2026-07-06\n").count(), 2, "{status}");
}

#[test]
fn money_that_a_run_paid_without_files_gets_them_afterwards() {
    let folder = decided();
    folder.run(&["run", "--until", "2026-07-06"]).good();
    let status = folder.run(&["pay", "status", "--format", "json"]).json();
    let run = status["runs"][0]["run"].as_str().unwrap();
    assert_eq!(status["runs"][0]["manifest"], json!(null));
    let said = folder.run(&["pay", "release", run, "--out", "out", "--bank", "bank.yaml", "--format", "json"]).json();
    assert_eq!((&said["left"], said["files"].as_array().unwrap().len()), (&json!(3), 3));
    let after = folder.run(&["pay", "status", run, "--format", "json"]).json();
    assert_eq!(after["runs"][0]["manifest"], said["manifest"]);
    folder.run(&["verify"]).good();
}

#[test]
fn a_returned_payment_that_is_sent_again_is_told_by_the_run_that_sends_it() {
    let folder = decided();
    folder.run(&["run", "--until", "2026-07-06"]).good();
    let history = folder.run(&["history", PEOPLE[0], "--format", "json"]).json();
    let payment = history["payments"][0]["payment"].as_str().unwrap();
    let back =
        json!({"do": "return_payment", "person": PEOPLE[0], "payment": payment, "code": "B", "on": "2026-07-08"});
    let number = "01-02-03 99999999";
    let account = json!({"do": "record_account", "person": PEOPLE[0], "number": number, "holders": [PEOPLE[0]]});
    folder.write("more.ndjson", command(90, "2026-07-08", back) + &command(91, "2026-07-08", account));
    folder.run(&["import", "more.ndjson"]).good();
    let said = folder.run(&["run", "--until", "2026-07-08"]).good();
    let told = format!("2026-07-08 person {}: 424.90 that came back was sent again, due 2026-07-09\n", PEOPLE[0]);
    assert!(said.contains(&told), "{said}");
}
