//! What banks say, written by hand from the message definitions of ISO 20022 and from public samples of Bacs reports:
//! matched, recorded once, or refused whole.

use serde_json::{Value, json};

use crate::run::Folder;

/// Three people who claimed on 1 June 2026 and are paid 424.90 each on Tuesday 7 July.
pub const PEOPLE: [&str; 3] = [
    "01939c2e-0000-7000-8000-0000000000a1",
    "01939c2e-0000-7000-8000-0000000000a2",
    "01939c2e-0000-7000-8000-0000000000a3",
];

pub fn command(n: usize, day: &str, order: Value) -> String {
    let mut command = json!({"id": format!("01939c2e-0000-7000-8000-{n:012}"), "actor": "caseworker:1",
        "time": format!("{day}T09:00:00Z"), "effective_from": day});
    command.as_object_mut().unwrap().extend(order.as_object().unwrap().clone());
    format!("{command}\n")
}

/// A ledger in which all three are paid, and their payments.
pub fn paid() -> (Folder, Vec<String>) {
    paid_by("faster_payments")
}

/// The same by another channel.
fn paid_by(channel: &str) -> (Folder, Vec<String>) {
    let folder = Folder::new();
    let mut history = String::new();
    for (n, person) in PEOPLE.iter().enumerate() {
        let claim = format!("01939c2e-0000-7000-8000-0000000000b{n}");
        let orders = [
            json!({"do": "register_person", "person": person, "birth_date": "1990-01-01", "name": format!("Person {n}")}),
            json!({"do": "record_account", "person": person, "number": format!("01-02-03 0000000{n}"), "holders": [person]}),
            json!({"do": "record_person_fact", "person": person, "fact": {"key": "paid_by", "value": channel}}),
            json!({"do": "make_claim", "claim": claim, "benefit": "uk-universal-credit", "claimants": [person]}),
        ];
        history.extend(orders.into_iter().enumerate().map(|(k, order)| command(10 * n + k, "2026-06-01", order)));
    }
    folder.write("history.ndjson", history);
    folder.run(&["init"]).good();
    folder.run(&["import", "history.ndjson"]).good();
    folder.run(&["run", "--until", "2026-07-07"]).good();
    let payment = |person: &&str| {
        let history = folder.run(&["history", person, "--format", "json"]).json();
        let [payment] = history["payments"].as_array().unwrap().as_slice() else { panic!("{history}") };
        assert_eq!((payment["amount"].to_string(), &payment["status"]), ("424.90".into(), &json!("released")));
        payment["payment"].as_str().unwrap().to_string()
    };
    let payments = PEOPLE.iter().map(payment).collect();
    (folder, payments)
}

pub fn status(folder: &Folder, person: usize) -> String {
    let history = folder.run(&["history", PEOPLE[person], "--format", "json"]).json();
    let payment = &history["payments"][0];
    format!("{} {}", payment["status"].as_str().unwrap(), payment["usable_on"].as_str().unwrap_or("never"))
}

/// Debits (`DBIT`) and credits (`CRDT`) of our account: payment, pounds, reason of a return.
pub fn camt053(entries: &[(&str, &str, &str, &str)]) -> String {
    let entry = |(side, payment, amount, reason): &(&str, &str, &str, &str)| {
        let id = payment.replace('-', "");
        let back =
            if reason.is_empty() { String::new() } else { format!("<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>") };
        format!(
            "<Ntry><Amt Ccy=\"GBP\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-07-08</Dt></BookgDt>\
             <ValDt><Dt>2026-07-08</Dt></ValDt><BkTxCd><Prtry><Cd>FPO</Cd></Prtry></BkTxCd>\n<NtryDtls><TxDtls><Refs><EndToEndId>{id}</EndToEndId></Refs>\
             <Amt Ccy=\"GBP\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{back}</TxDtls></NtryDtls></Ntry>\n"
        )
    };
    let body: String = entries.iter().map(entry).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\n<BkToCstmrStmt>\
         <GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-07-08T06:00:00Z</CreDtTm></GrpHdr>\n<Stmt><Id>S1</Id><CreDtTm>2026-07-08T06:00:00Z</CreDtTm>\
         <Acct><Id><Othr><Id>12345678</Id></Othr></Id></Acct><Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"GBP\">1000.00</Amt>\
         <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-07-07</Dt></Dt></Bal>\n<TxsSummry><TtlNtries><NbOfNtries>{}</NbOfNtries></TtlNtries></TxsSummry>\n{body}</Stmt></BkToCstmrStmt></Document>\n",
        entries.len()
    )
}

pub fn pain002(payments: &[(&str, &str)]) -> String {
    let one = |(payment, verdict): &(&str, &str)| {
        let reason =
            verdict.strip_prefix("RJCT ").map(|code| format!("<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"));
        let (status, id) = (&verdict[..4], payment.replace('-', ""));
        format!(
            "<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>{status}</TxSts>{}<OrgnlTxRef><Amt><InstdAmt Ccy=\"GBP\">424.90</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>\n",
            reason.unwrap_or_default()
        )
    };
    let (count, body): (usize, String) = (payments.len(), payments.iter().map(one).collect());
    format!(
        "<?xml version=\"1.0\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\n<GrpHdr><MsgId>R1</MsgId>\
         <CreDtTm>2026-07-07T20:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>\
         <OrgnlNbOfTxs>{count}</OrgnlNbOfTxs><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>\n<OrgnlPmtInfAndSts><OrgnlPmtInfId>M1-1</OrgnlPmtInfId>\n{body}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>\n"
    )
}

/// Returned credits by reference, pounds and code; the total is said to be `total`.
pub fn arucs(items: &[(&str, &str, &str)], total: &str) -> String {
    let item = |(reference, amount, code): &(&str, &str, &str)| {
        format!(
            "<ReturnedCreditItem ref=\"{reference}\" transCode=\"99\" returnCode=\"{code}\" returnDescription=\"-\" originalProcessingDate=\"2026-07-06\" valueOf=\"{amount}\" currency=\"GBP\">\n\
             <ReceiverAccount number=\"00000001\" ref=\"{reference}\" name=\"ZO\u{cb}\" sortCode=\"01-02-03\"></ReceiverAccount></ReturnedCreditItem>\n"
        )
    };
    let (count, body): (usize, String) = (items.len(), items.iter().map(item).collect());
    format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<BACSDocument><Data><ARUCS>\n<Header reportType=\"REFT1027\" adviceNumber=\"001\" currentProcessingDate=\"2026-07-09\"></Header>\n\
         <Advice><OriginatingAccountRecords><OriginatingAccountRecord><OriginatingAccount name=\"AGENCY\" number=\"12345678\" sortCode=\"01-02-03\"/>\n{body}\
         <Totals numberOf=\"{count}\" valueOf=\"{total}\" currency=\"GBP\"></Totals></OriginatingAccountRecord></OriginatingAccountRecords></Advice></ARUCS></Data></BACSDocument>\n"
    )
}

pub fn reference(payment: &str) -> String {
    ops::bank::reference(payment.parse().unwrap())
}

#[test]
fn what_a_bank_says_of_a_file_and_on_a_statement_is_recorded_once_however_often_it_is_given() {
    let (folder, payments) = paid();
    folder.write("answer.xml", pain002(&[(&payments[0], "ACSP"), (&payments[1], "ACSC"), (&payments[2], "RJCT AC04")]));
    let said = folder.run(&["reconcile", "answer.xml", "--on", "2026-07-08"]).good();
    assert!(said.starts_with("pain.002 answer.xml: 3 recorded, 0 known before, 0 not final, 0 open\n"), "{said}");
    assert_eq!(status(&folder, 2), "returned never");
    folder.write(
        "statement.xml",
        camt053(&[
            ("DBIT", &payments[0], "424.90", ""),
            ("DBIT", &payments[1], "424.90", ""),
            ("CRDT", &payments[1], "424.90", "AC01"),
        ]),
    );
    let both = ["reconcile", "answer.xml", "statement.xml", "--on", "2026-07-08"];
    let said = folder.run(&both).good();
    let expected = "pain.002 answer.xml: read before, on 2026-07-08: nothing is recorded again\n\
                    camt.053 statement.xml: 3 recorded, 0 known before, 0 not final, 0 open\n\
                    released and never confirmed by 2026-07-08, by working days since they were due\n  none\n";
    assert_eq!(said, expected);
    let all = [0, 1, 2].map(|person| status(&folder, person));
    assert_eq!(all, ["settled 2026-07-08", "returned never", "returned never"]);
    let events = folder.run(&["export"]).good();
    folder.run(&both).good();
    assert_eq!(folder.run(&["export"]).good(), events, "nothing is added by the same files");
    let bank: Vec<&str> = events.lines().filter(|line| line.contains("\"bank:statement.xml sha256:")).collect();
    // Two debits and a return of payments, and that the file was read.
    assert_eq!(bank.len(), 4);
    folder.run(&["verify"]).good();
}

#[test]
fn bacs_returns_find_their_payment_by_its_reference_and_say_what_is_needed() {
    let (folder, payments) = paid();
    let items = [(reference(&payments[0]), "B"), (reference(&payments[1]), "2")];
    let items: Vec<_> = items.iter().map(|(reference, code)| (reference.as_str(), "424.90", *code)).collect();
    // Names in such files are in Latin-1.
    let latin: Vec<u8> = arucs(&items, "849.80").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    folder.write("arucs.xml", latin);
    let said = folder.run(&["reconcile", "arucs.xml", "--on", "2026-07-10"]).good();
    let expected = "ARUCS arucs.xml: 2 recorded, 0 known before, 0 not final, 0 open\n\
                    released and never confirmed by 2026-07-10, by working days since they were due\n  1 to 3  1  424.90\n";
    assert_eq!(said, expected);
    let returns = folder.run(&["pay", "returns", "--on", "2026-07-12"]).good();
    for expected in [
        "B: account closed  account details needed from the payee; entitlement is unaffected",
        "2: payee deceased  check whether the payee died; nothing is sent until then",
        "2026-07-09     3  ",
    ] {
        assert!(returns.contains(expected), "{expected}\n{returns}");
    }
    let account =
        json!({"do": "record_account", "person": PEOPLE[0], "number": "01-02-03 99999999", "holders": [PEOPLE[0]]});
    folder.write("account.ndjson", command(99, "2026-07-11", account));
    folder.run(&["import", "account.ndjson"]).good();
    let returns = folder.run(&["pay", "returns", "--on", "2026-07-12", "--format", "json"]).json();
    let of = |payment: &str| returns.as_array().unwrap().iter().find(|one| one["payment"] == payment).unwrap().clone();
    assert_eq!((&of(&payments[0])["is_sent_again"], &of(&payments[0])["next"]), (&json!(true), &json!("details")));
    assert_eq!((&of(&payments[1])["next"], &of(&payments[1])["code"]), (&json!("check_death"), &json!("2")));
}

#[test]
fn what_is_nobodys_or_differs_is_listed_and_not_recorded_and_the_rest_is() {
    let (folder, payments) = paid();
    let unknown = "00000000-0000-8000-8000-000000000001";
    let entries = [
        ("DBIT", payments[0].as_str(), "424.91", ""),
        ("CRDT", unknown, "10.00", "AC04"),
        ("DBIT", payments[1].as_str(), "424.90", ""),
        ("DBIT", payments[1].as_str(), "424.90", ""),
    ];
    folder.write("statement.xml", camt053(&entries));
    let ran = folder.run(&["reconcile", "statement.xml", "--on", "2026-07-08", "--format", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    let found: Vec<_> = said["files"][0]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (entry["line"].as_u64().unwrap(), entry["finding"].as_str().unwrap(), entry["why"].as_str().unwrap())
        })
        .collect();
    let expected = [
        (7, "amount_differs", "424.90 was instructed: nothing is recorded"),
        (9, "unmatched", "no payment has this id or reference"),
        (11, "recorded", "recorded"),
        (13, "twice", "the file says this twice: was it paid twice?"),
    ];
    assert_eq!(found, expected);
    let waiting: Vec<_> =
        said["unconfirmed"].as_array().unwrap().iter().map(|one| one["payment"].as_str().unwrap()).collect();
    assert_eq!(waiting.len(), 2);
    assert!(waiting.contains(&payments[0].as_str()) && waiting.contains(&payments[2].as_str()));
    assert_eq!(status(&folder, 0), "released 2026-07-07");
}

#[test]
fn a_file_that_is_not_whole_is_refused_with_its_line_and_nothing_of_any_file_is_recorded() {
    let (folder, payments) = paid();
    let events = folder.run(&["export"]).good();
    let good = camt053(&[("DBIT", &payments[0], "424.90", "")]);
    let report = arucs(&[(&reference(&payments[0]), "424.90", "0")], "424.91");
    let answer = pain002(&[(&payments[0], "ACSP")]);
    folder.write("good.xml", &good);
    let check = |text: &str, expected: &str| {
        folder.write("bad.xml", text);
        let message = format!("error: bad.xml, {expected}");
        folder.run(&["reconcile", "good.xml", "bad.xml", "--on", "2026-07-08"]).refused(2, &message);
        assert_eq!(folder.run(&["export"]).good(), events);
    };
    check(&good.replace("<NbOfNtries>1<", "<NbOfNtries>2<"), "line 8: TtlNtries/NbOfNtries says 2, and the file has 1");
    check(&report, "line 7: Totals: valueOf says 424.91, and the file has 424.90");
    let one_more =
        "<NbOfTxsPerSts><DtldNbOfTxs>2</DtldNbOfTxs><DtldSts>ACSP</DtldSts></NbOfTxsPerSts></OrgnlGrpInfAndSts>";
    check(&answer.replace("</OrgnlGrpInfAndSts>", one_more), "line 6: DtldNbOfTxs of ACSP says 2, and the file has 1");
    check(&good[..good.len() - 12], "line 8: the file ends within `Document`: it is cut off");
    check(
        &good.replace(">424.90<", ">424.905<"),
        "line 6: Amt: `424.905` has more than two decimals: money is whole pence",
    );
    check(&good.replace("\"GBP\"", "\"EUR\""), "line 4: Ccy: `EUR`, and this ledger keeps pounds (GBP)");
    check(&answer.replace("ACSP", "FINE"), "line 5: TxSts: `FINE` is no status of ISO 20022");
    check(
        "<html><body>log in</body></html>",
        "line 1: this is no answer of a bank that is read here: pain.002, camt.053, camt.054 or ARUCS",
    );
    check("", "line 1: this is no answer of a bank that is read here: pain.002, camt.053, camt.054 or ARUCS");
    check(
        &good.replace("</Ntry>", "</Entry>"),
        "line 7: this is not XML: ill-formed document: expected `</Ntry>`, but `</Entry>` was found",
    );
    check("<!DOCTYPE x [<!ENTITY a \"b\">]><Document/>", "line 1: a document type is not taken from a bank");
}

#[test]
fn without_files_what_was_never_confirmed_is_listed_by_age() {
    let (folder, _) = paid();
    // Due on Tuesday 7 July: a week later, five working days.
    let said = folder.run(&["reconcile", "--on", "2026-07-14"]).good();
    let expected =
        "released and never confirmed by 2026-07-14, by working days since they were due\n  4 to 10  3  1274.70\n";
    assert_eq!(said, expected);
    assert_eq!(folder.run(&["pay", "returns", "--on", "2026-07-14"]).good(), "nothing that came back is outstanding\n");
}

#[test]
fn the_debit_of_a_whole_bacs_file_leaves_nothing_open_and_confirms_no_single_payment() {
    let (folder, _) = paid_by("bacs");
    // Three credits of 424.90 are one debit of 1,274.70, which names none of them; then a charge of the bank.
    let debit = camt053(&[("DBIT", "NOTPROVIDED", "1274.70", "")]);
    folder.write("statement.xml", &debit);
    let said = folder.run(&["reconcile", "statement.xml", "--on", "2026-07-08"]).good();
    assert!(said.starts_with("camt.053 statement.xml: 0 recorded, 1 known before, 0 not final, 0 open\n"), "{said}");
    assert!(said.ends_with("\n  1 to 3  3  1274.70\n"), "{said}");
    folder.write("charge.xml", camt053(&[("DBIT", "NOTPROVIDED", "5.00", ""), ("DBIT", "NOTPROVIDED", "1274.70", "")]));
    let ran = folder.run(&["reconcile", "charge.xml", "--on", "2026-07-08"]);
    assert!(
        ran.code == 1 && ran.out.contains("5.00  usable on 2026-07-08  no payment has this id or reference"),
        "{}",
        ran.out
    );
}

#[test]
fn a_whole_file_that_the_bank_refuses_is_returned_payment_by_payment() {
    let (folder, _) = paid();
    let export = folder.run(&["export"]).good();
    let released = export.lines().find(|line| line.contains("footing.payment.released.")).unwrap();
    let event: Value = serde_json::from_str(released).unwrap();
    let message = event["data"]["run"].as_str().unwrap().replace('-', "");
    let answer = pain002(&[]).replace("PART", "RJCT").replace(
        "<OrgnlNbOfTxs>0</OrgnlNbOfTxs><GrpSts>RJCT</GrpSts>",
        "<OrgnlNbOfTxs>3</OrgnlNbOfTxs><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>",
    );
    folder.write("other.xml", &answer);
    let ran = folder.run(&["reconcile", "other.xml", "--on", "2026-07-08"]);
    assert!(ran.code == 1 && ran.out.contains("no file of ours has this message id"), "{}", ran.out);
    let ours = answer.replace(">M1<", &format!(">{message}<"));
    let count = "<OrgnlNbOfTxs>3</OrgnlNbOfTxs>";
    for wrong in ["<OrgnlNbOfTxs>2</OrgnlNbOfTxs>", &format!("{count}<OrgnlCtrlSum>1.00</OrgnlCtrlSum>")] {
        folder.write("wrong.xml", ours.replace(count, wrong));
        let ran = folder.run(&["reconcile", "wrong.xml", "--on", "2026-07-08"]);
        assert!(ran.code == 1 && ran.out.contains("they are not those of our file"), "{wrong}: {}", ran.out);
        assert!(ran.out.contains(" 0 recorded"), "{wrong}: {}", ran.out);
    }
    folder.write("answer.xml", &ours);
    let said = folder.run(&["reconcile", "answer.xml", "--on", "2026-07-08"]).good();
    assert!(said.starts_with("pain.002 answer.xml: 3 recorded, 0 known before, 0 not final, 0 open\n"), "{said}");
    let returns = folder.run(&["pay", "returns", "--on", "2026-07-08", "--format", "json"]).json();
    let next: Vec<_> = returns.as_array().unwrap().iter().map(|one| one["next"].as_str().unwrap()).collect();
    assert_eq!(next, ["ours", "ours", "ours"]);
}

/// Reads a message with the classes that others made from the schema; every element and value has to be one of theirs.
const READER: &str = "import importlib, sys
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
strict = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)
module = importlib.import_module('pyiso20022.' + sys.argv[1])
print(type(XmlParser(config=strict).parse(sys.argv[2], module.Document)).__name__)
";

#[test]
fn our_samples_of_bank_messages_are_read_by_an_independent_reader_of_iso_20022() {
    let folder = Folder::new();
    let payment = PEOPLE[0]; // any id
    folder.write("reader.py", READER);
    folder.write("pain.xml", pain002(&[(payment, "ACSP"), (payment, "RJCT AC04")]));
    folder.write("camt.xml", camt053(&[("DBIT", payment, "424.90", ""), ("CRDT", payment, "424.90", "AC01")]));
    let tools = std::env::var_os("FOOTING_TOOLS").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools"),
        std::path::PathBuf::from,
    );
    assert!(tools.join("tools.txt").exists(), "{} is missing: run ops/tools.sh", tools.display());
    for (module, file) in [("pain.pain_002_001_10", "pain.xml"), ("camt.camt_053_001_08", "camt.xml")] {
        let mut python = std::process::Command::new(tools.join("bin/python3"));
        let output = python.arg(folder.path("reader.py")).arg(module).arg(folder.path(file)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && output.stdout == b"Document\n", "{file}: {said}");
    }
}
