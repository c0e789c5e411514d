//! A payment that is held back is named wherever a caseworker looks.

use serde_json::{Value, json};

use crate::bank::{PEOPLE, arucs, command, paid, reference};
use crate::run::Folder;

/// Three people were paid 424.90 each for June; the first's came back, was ordered to be sent again, and then payments to
/// that person were suspended.
fn held() -> (Folder, String) {
    let (folder, payments) = paid();
    folder.write("arucs.xml", arucs(&[(&reference(&payments[0]), "424.90", "B")], "424.90"));
    folder.run(&["reconcile", "arucs.xml", "--on", "2026-07-09"]).good();
    let again = json!({"do": "reissue_payment", "person": PEOPLE[0], "payment": payments[0], "due_on": "2026-07-13",
                       "channel": "faster_payments"});
    let suspend = json!({"do": "suspend_payments", "person": PEOPLE[0], "ground": "identity in doubt", "review_on": "2026-07-20"});
    let orders: String =
        [again, suspend].into_iter().zip(90..).map(|(order, n)| command(n, "2026-07-10", order)).collect();
    folder.write("held.ndjson", orders);
    folder.run(&["import", "held.ndjson"]).good();
    (folder, payments[0].clone())
}

#[test]
fn a_held_payment_is_named_by_status_and_history_and_at_the_end_of_a_run_with_why_and_what_to_do() {
    let (folder, payment) = held();
    let why = "the award of 424.90 for 2026-06-01 to 2026-06-30 is held back since 2026-07-10: payments to the person are suspended";
    let to_do =
        "nothing else of its period is paid until it leaves (resume_payments) or is called off (cancel_payment)";
    let told =
        format!("1 payment of 424.90 held back; of each: {to_do}\n  person {}: {why} (payment {payment})\n", PEOPLE[0]);
    for command in [&["run", "--until", "2026-07-10"][..], &["status"]] {
        let said = folder.run(command).good();
        assert!(said.ends_with(&told), "{command:?}: {said}");
        let said = folder.run(&[command, &["--format", "json"]].concat()).json();
        let [held] = said["held"].as_array().unwrap().as_slice() else { panic!("{said}") };
        assert_eq!(
            (&held["payment"], &held["since"], held["amount"].to_string()),
            (&json!(payment), &json!("2026-07-10"), "424.90".into())
        );
    }
    let said = folder.run(&["history", PEOPLE[0]]).good();
    assert!(said.contains(&format!("  {why}; {to_do}\n")), "{said}");
    let said = folder.run(&["history", PEOPLE[0], "--format", "json"]).json();
    assert_eq!(said["payments"][0]["notes"], json!([format!("{why}; {to_do}")]));
    // Of the others nothing is held.
    assert_eq!(folder.run(&["history", PEOPLE[1], "--format", "json"]).json()["payments"][0]["notes"], json!([]));
    // Called off, it is held no more.
    let off = json!({"do": "cancel_payment", "person": PEOPLE[0], "payment": payment, "reason": "suspended"});
    folder.write("off.ndjson", command(95, "2026-07-11", off));
    folder.run(&["import", "off.ndjson"]).good();
    for command in [&["run", "--until", "2026-07-11", "--format", "json"][..], &["status", "--format", "json"]] {
        assert_eq!(folder.run(command).json()["held"], Value::Array(Vec::new()), "{command:?}");
    }
    assert!(!folder.run(&["status"]).good().contains("held back"));
}
