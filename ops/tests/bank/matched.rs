//! What an entry comes to, by where its payment stands.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use ops::bank::incoming::{self, About, Entry, News};
use ops::bank::matching::{Finding, Register};
use ops::bank::{Outgoing, reference};
use projections::views::MemoryViews;
use schemas::events::{
    Channel, Event, Payee, PayeeLine, PaymentInstructed, PaymentKind, PaymentReissued, PaymentReleased,
    PaymentReturned, PaymentSettled, PersonRegistered, Purpose,
};
use schemas::{Amount, CommandId, Digest, Envelope, EventId, Money, PaymentId, PersonId, Recorded, RunId, Subject};
use uuid::Uuid;

use crate::generated::{payment, render, text};

const ANN: PersonId = PersonId(Uuid::from_u128(0xA));

/// Two payments whose references differ, and one that shares the first's.
const FIRST: PaymentId = PaymentId(Uuid::from_u128(1 << 100));
const OTHER: PaymentId = PaymentId(Uuid::from_u128(2 << 100));
const TWIN: PaymentId = PaymentId(Uuid::from_u128((1 << 100) | 1));

const SENT: Date = date(2026, 7, 7);
const BACK: Date = date(2026, 7, 9);
const AGAIN: Date = date(2026, 7, 14);

fn instructed(payment: PaymentId) -> Event {
    let amount = Amount::new(Money::from_pence(1_000)).unwrap();
    let payee = Payee::Person(ANN);
    PaymentInstructed {
        payment,
        kind: PaymentKind::TopUp,
        payee,
        account_holders: vec![ANN],
        lines: vec![PayeeLine { amount, purpose: Purpose::TopUp, for_whom: ANN, payee }],
        amount,
        due_on: SENT,
        next_due: None,
        series: None,
        channel: Channel::FasterPayments,
        claim: None,
        period: None,
        instalment: 1,
        for_days: None,
        cause: EventId { command: CommandId(Uuid::nil()), index: 0 },
        account: None,
        nominal_on: None,
        because: None,
    }
    .into()
}

fn released(payment: PaymentId) -> Event {
    PaymentReleased { payment, run: RunId(Uuid::from_u128(7)), file: Digest::of(b"file") }.into()
}

fn returned() -> Event {
    PaymentReturned { payment: FIRST, code: "B".into(), on: BACK }.into()
}

fn sent_again() -> Event {
    let channel = Channel::FasterPayments;
    PaymentReissued { payment: FIRST, due_on: AGAIN, channel, account: None, account_holders: Vec::new() }.into()
}

fn settled(usable_on: Date) -> Event {
    PaymentSettled { payment: FIRST, usable_on }.into()
}

fn world(events: Vec<Event>) -> MemoryViews {
    let registered = PersonRegistered { birth_date: date(1990, 1, 1), name: None, national_insurance_number: None };
    let recorded = |(sequence, event): (u64, Event)| Recorded {
        sequence,
        envelope: Envelope {
            id: EventId { command: CommandId(Uuid::from_u128(u128::from(sequence))), index: 0 },
            subject: Subject::Person(ANN),
            time: "2026-07-07T18:00:00Z".parse::<Timestamp>().unwrap(),
            effective_from: SENT,
            effective_to: None,
            notified_on: None,
            decided_on: None,
            causation: None,
            correlation: None,
            actor: "test".into(),
            command_hash: Digest::of(b""),
            prev: None,
            event,
        },
    };
    MemoryViews::of(&(1..).zip([vec![registered.into()], events].concat()).map(recorded).collect::<Vec<_>>())
}

/// What one entry about the first payment comes to after these events.
fn finding(events: Vec<Event>, news: News) -> Finding {
    entry(events, &[&FIRST.to_string()], 1_000, news)
}

fn entry(events: Vec<Event>, ids: &[&str], pence: i64, news: News) -> Finding {
    let world = world(events);
    let about = About::Payment(ids.iter().map(|id| (*id).to_string()).collect());
    let entry = Entry { line: 1, about, amount: Some(Money::from_pence(pence)), news, side: None, booking: None };
    Register::of(&world).find(&[entry], |_| Vec::new()).remove(0).1
}

fn left() -> Vec<Event> {
    vec![instructed(FIRST), instructed(OTHER), released(FIRST), released(OTHER)]
}

fn with(more: Vec<Event>) -> Vec<Event> {
    [left(), more].concat()
}

#[test]
fn a_payment_is_found_by_its_id_or_reference_however_the_bank_writes_them() {
    let simple = FIRST.0.simple().to_string();
    for ids in [
        vec![FIRST.to_string()],
        vec![simple.to_uppercase()],
        vec!["something else".into(), reference(FIRST).to_lowercase()],
        vec![format!("BENEFIT {} THANK YOU", reference(FIRST))],
    ] {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(entry(left(), &ids, 1_000, News::Accepted), Finding::News(ANN, FIRST), "{ids:?}");
    }
    let nobody = Finding::Unmatched("no payment has this id or reference");
    for ids in [vec![], vec!["-"], vec!["00000000-0000-8000-8000-000000000009"], vec![&simple[..31]]] {
        assert_eq!(entry(left(), &ids, 1_000, News::Accepted), nobody, "{ids:?}");
    }
}

#[test]
fn a_reference_that_two_payments_share_is_never_guessed_and_the_whole_id_is() {
    assert_eq!(reference(FIRST), reference(TWIN));
    let events = || with(vec![instructed(TWIN), released(TWIN)]);
    let shared = Finding::Unmatched("several payments have this reference");
    assert_eq!(entry(events(), &[&reference(FIRST)], 1_000, News::Accepted), shared);
    assert_eq!(entry(events(), &[&TWIN.to_string()], 1_000, News::Accepted), Finding::News(ANN, TWIN));
}

#[test]
fn what_the_ledger_knows_or_what_came_before_it_is_not_recorded_again() {
    let known = Finding::Known(ANN, FIRST);
    assert_eq!(finding(with(vec![settled(SENT)]), News::Settled(SENT)), known);
    assert_eq!(finding(with(vec![settled(SENT)]), News::Accepted), known);
    assert_eq!(finding(with(vec![returned()]), News::Returned("AC04".into(), BACK)), known);
    assert_eq!(finding(with(vec![returned()]), News::Settled(SENT)), known);
    // Sent again: what is said of a day not after the return is about the first attempt.
    let again = || with(vec![returned(), sent_again(), released(FIRST)]);
    assert_eq!(finding(again(), News::Settled(SENT)), known);
    assert_eq!(finding(again(), News::Returned("B".into(), BACK)), known);
    assert_eq!(finding([again(), vec![settled(AGAIN)]].concat(), News::Settled(SENT)), known);
}

#[test]
fn what_is_said_of_a_payment_that_was_sent_again_is_news() {
    let again = || with(vec![returned(), sent_again(), released(FIRST)]);
    assert_eq!(finding(again(), News::Settled(AGAIN)), Finding::News(ANN, FIRST));
    assert_eq!(finding(again(), News::Returned("B".into(), AGAIN)), Finding::News(ANN, FIRST));
}

#[test]
fn what_does_not_fit_is_open_and_says_why() {
    let contradicts = |why: &str| Finding::Contradicts(FIRST, why.into());
    let never = finding(vec![instructed(FIRST)], News::Settled(SENT));
    assert_eq!(never, contradicts("it is instructed: it never left"));
    let moved = finding(with(vec![settled(SENT)]), News::Settled(BACK));
    assert_eq!(moved, contradicts("the ledger has it usable on 2026-07-07, the bank on 2026-07-09"));
    let after = finding(with(vec![returned()]), News::Settled(AGAIN));
    assert_eq!(after, contradicts("it came back on 2026-07-09, and the bank has it usable on 2026-07-14"));
    for pence in [0, 999, 1_001] {
        let differs = Finding::AmountDiffers { payment: FIRST, instructed: Money::from_pence(1_000) };
        assert_eq!(entry(left(), &[&FIRST.to_string()], pence, News::Settled(SENT)), differs);
    }
    assert!([never, moved, after].iter().all(Finding::is_open));
}

/// What a bank that has read our file sends back: the name that the file gave a payment, and its pounds.
#[test]
fn what_a_bank_sends_back_of_our_own_files_finds_its_payment_again() {
    let folder = tempfile::tempdir().unwrap();
    let sent = |channel| Outgoing { payment: FIRST, channel, amount: Money::from_pence(1_000), ..payment(0, channel) };
    let files = render(folder.path(), vec![sent(Channel::FasterPayments), sent(Channel::Bacs)]).unwrap();
    let [pain001, standard18] = files.as_slice() else { unreachable!("two files") };
    let (pain001, standard18) = (text(pain001), text(standard18));
    let id = pain001.split_once("<EndToEndId>").unwrap().1.split_once('<').unwrap().0;
    let credit = standard18.lines().find(|line| line.get(15..17) == Some("99")).unwrap();
    let (reference, pence) = (&credit[64..82], credit[35..46].parse::<u32>().unwrap());
    let answers = [
        format!(
            "<Document><CstmrPmtStsRpt><GrpHdr><CreDtTm>2026-07-09T08:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>M</OrgnlMsgId>\
             </OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>RJCT</TxSts>\
             <StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
        ),
        format!(
            "<BACSDocument><Data><ARUCS><Header currentProcessingDate=\"2026-07-09\"/><Advice><OriginatingAccountRecords>\
             <OriginatingAccountRecord><ReturnedCreditItem ref=\"{reference}\" returnCode=\"B\" valueOf=\"{0}\" currency=\"GBP\"/>\
             <Totals numberOf=\"1\" valueOf=\"{0}\"/></OriginatingAccountRecord></OriginatingAccountRecords></Advice></ARUCS></Data></BACSDocument>",
            format_args!("{}.{:02}", pence / 100, pence % 100)
        ),
    ];
    let world = world(left());
    for (answer, code) in answers.into_iter().zip(["AC04", "B"]) {
        let path = folder.path().join(code);
        std::fs::write(&path, answer).unwrap();
        let found = Register::of(&world).find(&incoming::read(&path).unwrap().entries, |_| Vec::new());
        let [(entry, finding)] = found.as_slice() else { unreachable!("one entry") };
        assert_eq!((&entry.news, finding), (&News::Returned(code.into(), BACK), &Finding::News(ANN, FIRST)));
    }
}
