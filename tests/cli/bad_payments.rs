//! What cannot be paid or came back has a clear outcome, and nothing of it is lost.

use serde_json::{Value, json};

use crate::bank::{PEOPLE, arucs, command, paid, reference, status};
use crate::run::Folder;

const BANK: &str = "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 654321\ncurrency: GBP\n";

#[test]
fn a_payee_without_account_is_paid_by_voucher_whatever_channel_was_chosen_and_stands_in_a_table_of_its_own() {
    let folder = Folder::new();
    let claim = "01939c2e-0000-7000-8000-0000000000b1";
    let orders = [
        json!({"do": "register_person", "person": PEOPLE[0], "birth_date": "1990-01-01", "name": "Ann"}),
        json!({"do": "record_person_fact", "person": PEOPLE[0], "fact": {"key": "paid_by", "value": "bacs"}}),
        json!({"do": "make_claim", "claim": claim, "benefit": "uk-universal-credit", "claimants": [PEOPLE[0]]}),
    ];
    let history: String = (1..).zip(orders).map(|(n, order)| command(n, "2026-06-01", order)).collect();
    folder.write("history.ndjson", history).write("bank.yaml", BANK);
    folder.run(&["init"]).good();
    folder.run(&["import", "history.ndjson"]).good();
    folder.run(&["run", "--until", "2026-07-06", "--decide-only"]).good();
    let plan = folder.run(&["pay", "plan", "--day", "2026-07-06", "--format", "json"]).json();
    let (run, digest) = (plan["run"].as_str().unwrap(), plan["digest"].as_str().unwrap());
    folder.run(&["pay", "approve", run, "--digest", digest, "--actor", "ann"]).good();
    folder.run(&["pay", "release", run, "--out", "out", "--bank", "bank.yaml"]).good();
    let names: Vec<String> = std::fs::read_dir(folder.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let vouchers = names.iter().find(|name| name.ends_with("-vouchers.csv")).unwrap();
    let table = folder.read(&format!("out/{vouchers}")).unwrap();
    assert!(table.contains(",\"Ann\",424.90,2026-07-07\r\n"), "{table}");
    assert!(!names.iter().any(|name| name.ends_with(".xml") || name.contains("-bacs-")), "{names:?}");
}

#[test]
fn a_payment_of_nothing_is_never_instructed() {
    let (folder, _) = paid();
    let payee = json!({"person": PEOPLE[0]});
    let line = json!({"amount": "0.00", "purpose": "crisis_grant", "for_whom": PEOPLE[0], "payee": payee});
    let grant = json!({"do": "instruct_payment", "person": PEOPLE[0], "payment": "01939c2e-0000-8000-8000-00000000c001",
        "kind": "crisis_grant", "payee": payee, "account_holders": [PEOPLE[0]], "lines": [line], "amount": "0.00",
        "due_on": "2026-07-09", "channel": "faster_payments", "instalment": 1, "cause": "01939c2e-0000-7000-8000-000000000000.0"});
    folder.write("grant.ndjson", command(90, "2026-07-08", grant));
    let events = folder.run(&["export"]).good();
    let ran = folder.run(&["import", "grant.ndjson"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "1 lines: 0 new, 0 there already, 1 quarantined\n"));
    let kept = folder.read("grant.ndjson.quarantine.ndjson").unwrap();
    assert!(kept.contains("more than nothing"), "{kept}");
    assert_eq!(folder.run(&["export"]).good(), events);
}

#[test]
fn what_came_back_from_a_closed_account_is_sent_again_once_another_is_known() {
    let (folder, payments) = paid();
    folder.write("arucs.xml", arucs(&[(&reference(&payments[0]), "424.90", "B")], "424.90"));
    folder.run(&["reconcile", "arucs.xml", "--on", "2026-07-09"]).good();
    assert_eq!(status(&folder, 0), "returned never");
    folder.run(&["run", "--until", "2026-07-10"]).good();
    assert_eq!(status(&folder, 0), "returned never", "nothing is sent where it came back from");
    let account =
        json!({"do": "record_account", "person": PEOPLE[0], "number": "01-02-03 99999999", "holders": [PEOPLE[0]]});
    folder.write("account.ndjson", command(99, "2026-07-11", account));
    folder.run(&["import", "account.ndjson"]).good();
    folder.run(&["run", "--until", "2026-07-13"]).good();
    assert!(status(&folder, 0).starts_with("released 2026-07-1"), "{}", status(&folder, 0));
    assert_eq!(folder.run(&["pay", "returns", "--on", "2026-07-14"]).good(), "nothing that came back is outstanding\n");
    folder.run(&["verify"]).good();
}

#[test]
fn of_rent_that_came_back_the_landlord_is_asked_and_not_the_payee() {
    let folder = Folder::new();
    let claim = "01939c2e-0000-7000-8000-0000000000b1";
    let orders = [
        json!({"do": "register_person", "person": PEOPLE[0], "birth_date": "1990-01-01", "name": "Ann"}),
        json!({"do": "record_account", "person": PEOPLE[0], "number": "01-02-03 00000001", "holders": [PEOPLE[0]]}),
        json!({"do": "make_claim", "claim": claim, "benefit": "uk-universal-credit", "claimants": [PEOPLE[0]]}),
        json!({"do": "record_claim_fact", "claim": claim, "fact": {"key": "tenure", "value": "social"}}),
        json!({"do": "record_claim_fact", "claim": claim, "fact": {"key": "rent", "value": "400.00"}}),
        json!({"do": "record_claim_fact", "claim": claim, "fact": {"key": "managed_rent", "value": true}}),
        json!({"do": "record_landlord_account", "claim": claim, "name": "Northern Homes", "account": "04-05-06 87654321"}),
    ];
    let history: String = (1..).zip(orders).map(|(n, order)| command(n, "2026-06-01", order)).collect();
    folder.write("history.ndjson", history);
    folder.run(&["init"]).good();
    folder.run(&["import", "history.ndjson"]).good();
    folder.run(&["run", "--until", "2026-07-07"]).good();
    let history = folder.run(&["history", PEOPLE[0], "--format", "json"]).json();
    let is_rent = |payment: &&Value| payment["amount"].as_number().is_some_and(|amount| amount.as_str() == "400.00");
    let rent = history["payments"].as_array().unwrap().iter().find(is_rent).unwrap()["payment"].as_str().unwrap();
    folder.write("arucs.xml", arucs(&[(&reference(rent), "400.00", "B")], "400.00"));
    folder.run(&["reconcile", "arucs.xml", "--on", "2026-07-10"]).good();
    let said = folder.run(&["pay", "returns", "--on", "2026-07-10"]).good();
    assert!(said.contains("  landlord  ") && said.contains("account details needed from the landlord"), "{said}");
    assert!(!said.contains("payee"), "{said}");
}
