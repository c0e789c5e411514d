//! What else messages may hold: older forms, batches, balances, reversals, characters by name.

use jiff::civil::date;
use schemas::Money;

use super::{About, Entry, News, parse};

fn read(text: &str) -> Result<Vec<Entry>, String> {
    let read = parse(text.as_bytes(), "file".into());
    read.map(|incoming| incoming.entries).map_err(|error| match error {
        super::Malformed::Wrong { line, why } => format!("{line}: {why}"),
        super::Malformed::Unread(error) => error.to_string(),
    })
}

fn notification(body: &str) -> String {
    format!(
        "<Document><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N</MsgId></GrpHdr><Ntfctn>{body}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )
}

fn entry(amount: &str, side: &str, rest: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"GBP\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{rest}<BookgDt><DtTm>2026-07-08T23:30:00+01:00</DtTm></BookgDt></Ntry>"
    )
}

fn details(id: &str, amount: &str) -> String {
    format!(
        "<TxDtls><Refs><EndToEndId>{id}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy=\"GBP\">{amount}</Amt></TxAmt></AmtDtls></TxDtls>"
    )
}

fn is(ids: &[&str], pence: i64, news: News) -> (About, Option<Money>, News) {
    let ids = ids.iter().map(|id| (*id).to_string()).collect();
    (About::Payment(ids), Some(Money::from_pence(pence)), news)
}

#[track_caller]
fn check(text: &str, expected: &[(About, Option<Money>, News)]) {
    let found: Vec<_> = read(text).unwrap().into_iter().map(|e| (e.about, e.amount, e.news)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_batch_is_told_apart_into_its_payments_and_has_to_add_up() {
    let batch = |count: u8, sum: &str| {
        let both = details("a", "1.50") + &details("b", "2.00");
        let rest = format!("<Sts>BOOK</Sts><NtryDtls><Btch><NbOfTxs>{count}</NbOfTxs></Btch>{both}</NtryDtls>");
        notification(&entry(sum, "DBIT", &rest))
    };
    let on = News::Settled(date(2026, 7, 8)); // no value date: the day of booking, as the bank writes it
    check(&batch(2, "3.50"), &[is(&["a"], 150, on.clone()), is(&["b"], 200, on)]);
    assert_eq!(read(&batch(3, "3.50")).unwrap_err(), "1: Btch/NbOfTxs says 3, and the file has 2");
    assert_eq!(read(&batch(2, "3.51")).unwrap_err(), "1: Amt of the entry says 3.51, and the file has 3.50");
}

#[test]
fn the_reversal_of_a_debit_brings_a_payment_back_and_what_is_only_announced_is_not_final() {
    let reversal =
        "<RvslInd>true</RvslInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls>".to_string() + &details("a", "1.00") + "</NtryDtls>";
    let back = News::Returned("NARR".into(), date(2026, 7, 8));
    check(&notification(&entry("1.00", "CRDT", &reversal)), &[is(&["a"], 100, back)]);
    let announced = reversal.replace("BOOK", "PDNG");
    check(&notification(&entry("1.00", "CRDT", &announced)), &[is(&["a"], 100, News::Pending)]);
}

#[test]
fn an_entry_without_ids_is_about_nobody_and_keeps_its_amount() {
    let none = "<NtryDtls>".to_string() + &details("NOTPROVIDED", "7.00") + "</NtryDtls>";
    let settled = News::Settled(date(2026, 7, 8));
    check(&notification(&entry("7.00", "DBIT", &none)), &[is(&[], 700, settled.clone())]);
    check(&notification(&entry("7.00", "DBIT", "")), &[is(&[], 700, settled)]);
}

#[test]
fn the_balances_of_a_statement_have_to_follow_from_its_entries() {
    let balance = |kind: &str, amount: &str, side: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"GBP\">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd></Bal>"
        )
    };
    let statement = |closing: &str, side: &str| {
        let body = balance("OPBD", "5.00", "CRDT") + &balance("CLBD", closing, side);
        let entries =
            entry("7.00", "DBIT", "") + &entry("1.00", "CRDT", "") + &entry("9.00", "DBIT", "<Sts>PDNG</Sts>");
        format!("<Document><BkToCstmrStmt><Stmt>{body}{entries}</Stmt></BkToCstmrStmt></Document>")
    };
    // 5.00 - 7.00 + 1.00 = -1.00: overdrawn; what is pending is not booked.
    assert_eq!(read(&statement("1.00", "DBIT")).unwrap().len(), 3);
    let wrong = read(&statement("1.00", "CRDT")).unwrap_err();
    assert_eq!(wrong, "1: the closing balance says 1.00, and the file has -1.00");
}

#[test]
fn characters_by_name_and_number_are_read_and_others_refused() {
    let with =
        |id: &str| notification(&entry("1.00", "DBIT", &format!("<NtryDtls>{}</NtryDtls>", details(id, "1.00"))));
    check(&with("a&amp;b&#65;&#x42;"), &[is(&["a&bAB"], 100, News::Settled(date(2026, 7, 8)))]);
    assert_eq!(read(&with("&nbsp;")).unwrap_err(), "1: `&nbsp;` is no character");
}

#[test]
fn a_report_on_direct_debits_is_not_taken_for_returned_credits() {
    let report = "<BACSDocument><Data>\n<ARUDD><Header/></ARUDD></Data></BACSDocument>";
    assert!(read(report).unwrap_err().starts_with("2: this is no answer of a bank that is read here"));
    let without = "<BACSDocument><Data><ARUCS><Header currentProcessingDate=\"2026-07-09\"/><Advice><OriginatingAccountRecords>\
                   <OriginatingAccountRecord>\n<ReturnedCreditItem ref=\"x\" returnCode=\"0\" valueOf=\"1.00\" currency=\"GBP\"/>\n\
                   </OriginatingAccountRecord></OriginatingAccountRecords></Advice></ARUCS></Data></BACSDocument>";
    assert_eq!(read(without).unwrap_err(), "3: Totals are missing: the report may be cut off");
}

#[test]
fn a_returned_credit_after_the_totals_is_counted_by_none_and_refuses_the_report() {
    let item = "<ReturnedCreditItem ref=\"x\" returnCode=\"0\" valueOf=\"1.00\" currency=\"GBP\"/>";
    let report = format!(
        "<BACSDocument><Data><ARUCS><Header currentProcessingDate=\"2026-07-09\"/><Advice><OriginatingAccountRecords><OriginatingAccountRecord>{item}<Totals numberOf=\"1\" valueOf=\"1.00\"/>{item}</OriginatingAccountRecord></OriginatingAccountRecords></Advice></ARUCS></Data></BACSDocument>"
    );
    assert_eq!(read(&report).unwrap_err(), "1: Totals are missing: the report may be cut off");
}

#[test]
fn a_batch_that_is_refused_as_a_whole_is_never_passed_over() {
    let of = |group: &str, status: &str| {
        format!(
            "<Document><CstmrPmtStsRpt><GrpHdr><CreDtTm>2026-07-08T09:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>m</OrgnlMsgId>{group}</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>m-1</OrgnlPmtInfId><PmtInfSts>{status}</PmtInfSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
        )
    };
    let refused = |message: &str, code: &str| {
        (About::Message(message.into(), None, None), None, News::Returned(code.into(), date(2026, 7, 8)))
    };
    check(&of("", "RJCT"), &[refused("m-1", "AM04")]);
    check(&of("", "ACCP"), &[]);
    let part = (About::Message("m".into(), None, None), None, News::Pending);
    check(&of("<GrpSts>PART</GrpSts>", "RJCT"), &[part, refused("m-1", "AM04")]);
    // The whole file is refused, and the batch with it.
    check(&of("<GrpSts>RJCT</GrpSts>", "RJCT"), &[refused("m", "NARR")]);
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let said = read(text).unwrap_err();
    assert!(said.contains(expected), "{said}");
}

fn report(record: &str) -> String {
    format!(
        "<BACSDocument><Data><ARUCS><Header currentProcessingDate=\"2026-07-09\"/><Advice><OriginatingAccountRecords>{record}</OriginatingAccountRecords></Advice></ARUCS></Data></BACSDocument>"
    )
}

fn record(items: &str) -> String {
    report(&format!("<OriginatingAccountRecord>{items}</OriginatingAccountRecord>"))
}

#[test]
fn a_file_in_which_nothing_is_recognised_is_refused_with_what_was_expected_and_found() {
    refused(
        &report("<AccountRecord><Item ref=\"x\" code=\"0\" valueOf=\"1.00\"/></AccountRecord>"),
        "nothing in this ARUCS is recognised: expected in each Advice/OriginatingAccountRecords/OriginatingAccountRecord its \
         items, elements with a `returnCode`, and their Totals; found Header, Advice, Advice/OriginatingAccountRecords, \
         Advice/OriginatingAccountRecords/AccountRecord, Advice/OriginatingAccountRecords/AccountRecord/Item",
    );
    refused(
        &record("<Item ref=\"x\" code=\"0\" valueOf=\"1.00\"/>"),
        "OriginatingAccountRecord: nothing in it is recognised",
    );
    refused("<BACSDocument><Data><ARUCS/></Data></BACSDocument>", "and their Totals; found nothing");
    refused(
        &notification("<Entry/>"),
        "nothing in this camt.054 is recognised: expected in each Stmt or Ntfctn its entries (Ntry)",
    );
    refused(
        "<Document><BkToCstmrStmt><GrpHdr><MsgId>S</MsgId></GrpHdr></BkToCstmrStmt></Document>",
        "found GrpHdr, GrpHdr/MsgId",
    );
    refused(
        "<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>m</OrgnlMsgId></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>",
        "nothing in this pain.002 is recognised: expected a status of the whole file",
    );
}

#[test]
fn a_file_that_says_that_nothing_happened_is_taken() {
    check(&record("<Totals numberOf=\"0\" valueOf=\"0.00\"/>"), &[]);
    let none = "<TxsSummry><TtlNtries><NbOfNtries>0</NbOfNtries></TtlNtries></TxsSummry>";
    check(&notification(none), &[]);
    refused(&notification(&none.replace(">0<", ">1<")), "TtlNtries/NbOfNtries says 1, and the file has 0");
}

#[test]
fn amounts_below_zero_and_other_currencies_are_refused_by_each_reader() {
    let item = |amount: &str, currency: &str| {
        record(&format!(
            "<Credit ref=\"x\" returnCode=\"0\" valueOf=\"{amount}\" currency=\"{currency}\"/><Totals numberOf=\"1\" valueOf=\"{amount}\"/>"
        ))
    };
    refused(&item("-1.00", "GBP"), "1: valueOf: -1.00 is below zero");
    refused(&item("1.00", "EUR"), "1: currency: `EUR`, and this ledger keeps pounds (GBP)");
    refused(&notification(&entry("-1.00", "DBIT", "")), "1: Amt: -1.00 is below zero");
    refused(&notification(&entry("1.00", "DBIT", "").replace("GBP", "EUR")), "1: Ccy: `EUR`");
    let status = |amount: &str| {
        format!(
            "<Document><CstmrPmtStsRpt><GrpHdr><CreDtTm>2026-07-08T09:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>m</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>x</OrgnlEndToEndId><TxSts>ACSP</TxSts><OrgnlTxRef><Amt><InstdAmt Ccy=\"GBP\">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
        )
    };
    refused(&status("-1.00"), "1: InstdAmt: -1.00 is below zero");
    refused(&status("1.00").replace("GBP", "EUR"), "1: Ccy: `EUR`");
    // Nothing at all is no mistake of the file: it fits no payment and stays open.
    check(&item("0.00", "GBP"), &[is(&["x"], 0, News::Returned("0".into(), date(2026, 7, 9)))]);
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused_whole() {
    let item = "<Credit ref=\"x\" returnCode=\"0\" valueOf=\"1.00\"/><Totals numberOf=\"1\" valueOf=\"1.00\"/>";
    for whole in [record(item), notification(&entry("7.00", "DBIT", &details("a", "7.00")))] {
        assert!(read(&whole).is_ok());
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
    }
}
