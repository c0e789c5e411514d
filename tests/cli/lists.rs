//! What left, held against the lists that people approved.

use serde_json::json;

use crate::bank::{PEOPLE, command};
use crate::pay::decided;
use crate::run::Folder;

/// A list of three payments of 424.90, approved; the run.
fn approved(folder: &Folder) -> String {
    let planned = folder.run(&["pay", "plan", "--day", "2026-07-06", "--format", "json"]).json();
    let (run, digest) = (planned["run"].as_str().unwrap(), planned["digest"].as_str().unwrap());
    folder.run(&["pay", "approve", run, "--digest", digest, "--actor", "ann"]).good();
    run.into()
}

#[test]
fn an_import_that_releases_what_nobody_listed_in_an_approved_run_is_found() {
    let folder = decided();
    let run = approved(&folder);
    let (payment, person) = ("01939c2e-0000-8000-8000-00000000c001", PEOPLE[0]);
    let line = json!({"amount": "30.00", "purpose": "crisis_grant", "for_whom": person, "payee": {"person": person}});
    let orders = [
        json!({"do": "instruct_payment", "person": person, "payment": payment, "kind": "crisis_grant",
            "payee": {"person": person}, "account_holders": [person], "lines": [line], "amount": "30.00", "due_on": "2026-07-08",
            "channel": "faster_payments", "instalment": 1, "cause": "01939c2e-0000-7000-8000-000000000000.0"}),
        json!({"do": "release_payment", "person": person, "payment": payment, "run": run, "file": "ab".repeat(32)}),
    ];
    folder.write(
        "slipped.ndjson",
        orders.into_iter().zip(90..).map(|(order, n)| command(n, "2026-07-07", order)).collect::<String>(),
    );
    folder.run(&["import", "slipped.ndjson"]).good();
    let said = folder.run(&["pay", "release", &run, "--out", "out", "--bank", "bank.yaml"]).good();
    assert!(said.starts_with(&format!("run {run} released: 4 payments left\n")), "{said}");
    let found = folder.run(&["verify"]);
    let finding = format!("payment {payment} left in run {run}, whose approved list does not have it\n");
    assert!(found.code == 1 && found.out.contains("FAIL  lists: 1 findings\n      sequence "), "{}", found.out);
    assert!(found.out.contains(&finding), "{}", found.out);
}

#[test]
fn payments_that_left_as_they_were_listed_are_counted_and_lists_of_others_are_said_not_to_follow() {
    let folder = decided();
    let run = approved(&folder);
    folder.run(&["pay", "release", &run, "--out", "out", "--bank", "bank.yaml"]).good();
    let said = folder.run(&["verify"]).good();
    assert!(said.contains("ok    lists: 3 payments left as they were listed and approved\n"), "{said}");
    // What another system paid is brought in with its runs, of whose lists nothing is known here.
    let (run, payment, person) =
        ("01939c2e-0000-7000-8000-0000000000d1", "01939c2e-0000-8000-8000-00000000c001", PEOPLE[0]);
    let line = json!({"amount": "30.00", "purpose": "crisis_grant", "for_whom": person, "payee": {"person": person}});
    let digest = "ab".repeat(32);
    let orders = [
        json!({"do": "instruct_payment", "person": person, "payment": payment, "kind": "crisis_grant",
            "payee": {"person": person}, "account_holders": [person], "lines": [line], "amount": "30.00", "due_on": "2026-07-08",
            "channel": "faster_payments", "instalment": 1, "cause": "01939c2e-0000-7000-8000-000000000000.0"}),
        json!({"do": "plan_run", "run": run, "day": "2026-07-08", "digest": digest, "payments": 1, "total": "30.00"}),
        json!({"do": "approve_run", "run": run, "digest": digest}),
        json!({"do": "release_run", "run": run, "file": digest}),
        json!({"do": "release_payment", "person": person, "payment": payment, "run": run, "file": digest}),
    ];
    folder.write(
        "others.ndjson",
        orders.into_iter().zip(90..).map(|(order, n)| command(n, "2026-07-08", order)).collect::<String>(),
    );
    folder.run(&["import", "others.ndjson"]).good();
    let said = folder.run(&["verify"]).good();
    let lists = "ok    lists: 3 payments left as they were listed and approved; 1 lists do not follow from current-law: made \
                 elsewhere, or under other rules (--rules)\n";
    assert!(said.contains(lists), "{said}");
}

#[test]
fn a_list_that_was_approved_before_the_program_changed_is_given_up_and_planned_again() {
    let folder = decided();
    // As an older program planned it: the list of the day has another digest now.
    let (run, older) = ("01939c2e-0000-7000-8000-0000000000d1", "ab".repeat(32));
    let orders = [
        json!({"do": "plan_run", "run": run, "day": "2026-07-06", "digest": older, "payments": 3, "total": "1274.70"}),
        json!({"do": "approve_run", "run": run, "digest": older}),
    ];
    folder.write(
        "older.ndjson",
        orders.into_iter().zip(90..).map(|(order, n)| command(n, "2026-07-06", order)).collect::<String>(),
    );
    folder.run(&["import", "older.ndjson"]).good();
    let refused = folder.run(&["pay", "release", run, "--out", "out", "--bank", "bank.yaml"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{}", refused.err);
    let says = [
        format!(
            "error: the list of run {run} cannot be made again: it was planned as {older}, and under current-law it comes to "
        ),
        format!(
            "nobody can release it any more: give it up (footing pay abandon {run} --reason TEXT) and plan again (footing pay plan --day 2026-07-06)\n"
        ),
    ];
    assert!(refused.err.starts_with(&says[0]) && refused.err.ends_with(&says[1]), "{}", refused.err);
    // Which is what brings it on.
    folder.run(&["pay", "abandon", run, "--reason", "planned by an older program"]).good();
    let again = approved(&folder);
    folder.run(&["pay", "release", &again, "--out", "out", "--bank", "bank.yaml"]).good();
    folder.run(&["verify"]).good();
}
