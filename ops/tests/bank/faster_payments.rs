//! `pain.001.001.09` is valid to two validators, and its counts and sums are those of its payments.

use schemas::Money;
use schemas::events::Channel;

use crate::generated::{appeared, payment, render, text};
use crate::tools;

/// What stands between two marks, every time.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    text.split(from).skip(1).map(|rest| rest.split_once(to).unwrap().0).collect()
}

#[test]
fn a_file_of_a_thousand_payments_is_valid_to_xmllint_and_to_xmlschema_and_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let payments: Vec<_> = (0..1_000).map(|n| payment(n, Channel::FasterPayments)).collect();
    let mut files = render(folder.path(), payments.clone()).unwrap();
    assert_eq!(files.len(), 1);
    let file = files.remove(0);
    let text = text(&file);
    let path = appeared(file, folder.path());
    let (path, schema) = (path.display().to_string(), tools::folder().join("pain.001.001.09.xsd"));
    let schema = schema.display().to_string();
    tools::run("xmllint", &["--noout", "--schema", &schema, &path]);
    tools::run("xmlschema-validate", &["--schema", &schema, &path]);

    let amounts = between(&text, "<InstdAmt Ccy=\"GBP\">", "</InstdAmt>");
    let sum: Money = amounts.iter().map(|amount| amount.parse::<Money>().unwrap()).sum();
    assert_eq!(sum, payments.iter().map(|payment| payment.amount).sum());
    // The message's control sum, then those of three days; the same of the counts.
    let sums: Vec<Money> = between(&text, "<CtrlSum>", "<").iter().map(|sum| sum.parse().unwrap()).collect();
    assert_eq!((sums[0], sums[1..].iter().copied().sum()), (sum, sum));
    let counts: Vec<u32> = between(&text, "<NbOfTxs>", "<").iter().map(|count| count.parse().unwrap()).collect();
    assert_eq!(counts, [1_000, 334, 333, 333]);
    let ids = between(&text, "<EndToEndId>", "<");
    let mut expected: Vec<String> = payments.iter().map(|payment| payment.payment.0.simple().to_string()).collect();
    let mut found: Vec<String> = ids.iter().map(|id| (*id).into()).collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_transfer_names_payment_account_and_reference_as_british_banks_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = payment(1, Channel::FasterPayments);
    one.account = Some("04-03-15 00000042".into());
    one.text = Some("Gas 77/2026".into());
    let files = render(folder.path(), vec![one.clone()]).unwrap();
    let text = text(&files[0]);
    for expected in [
        "<ReqdExctnDt><Dt>2026-07-08</Dt></ReqdExctnDt>".to_string(),
        format!("<EndToEndId>{}</EndToEndId>", one.payment.0.simple()),
        "<ClrSysId><Cd>GBDSC</Cd></ClrSysId><MmbId>040315</MmbId>".into(),
        "<Othr><Id>00000042</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr>".into(),
        "<Cdtr><Nm>Zoe Lukasiewicz-OBrien</Nm></Cdtr>".into(),
        "<RmtInf><Ustrd>Gas 77/2026</Ustrd></RmtInf>".into(),
    ] {
        assert!(text.contains(&expected), "{expected} in {text}");
    }
}
