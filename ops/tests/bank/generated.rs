//! Payments made up by counting, and the files of a run of them.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::{Date, Weekday, date};
use ops::bank::folder::Folder;
use ops::bank::{Bank, Outgoing, Rendered, Submission};
use ops::error::Failure;
use schemas::events::Channel;
use schemas::{Money, PaymentId, RunId};
use uuid::Uuid;

pub const BANK: &str =
    "name: Agency for Social Security\naccount: 01-02-03 12345678\nservice_user_number: 654321\ncurrency: GBP\n";

const NAMES: [&str; 8] = [
    "Ada Lovelace",
    "Zoë Łukasiewicz-O’Brien",
    "Siân Ŵyn & Co. <Housing> \"Trust\"",
    "\u{4e2d}\u{6587}",
    "x",
    "Wolfeschlegelsteinhausenbergerdorff the Elder of the Northern Ferry and Long Bridges, and his heirs",
    "=SUM(A1:A9)",
    "Núñez, María-José (née D'Arcy)",
];

/// The `n`th payment: all differ, and their ids are far apart.
pub fn payment(n: u32, channel: Channel) -> Outgoing {
    let id = Uuid::from_u128(u128::from(n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835));
    Outgoing {
        payment: PaymentId(id),
        channel,
        name: NAMES[(n % 8) as usize].into(),
        account: Some(format!("{:02}-{:02}-{:02} {:08}", n % 100, n / 100 % 100, n % 7, n * 7919)),
        amount: Money::from_pence(i64::from(n * n % 99_991 + 1)),
        due_on: date(2026, 7, 7).saturating_add(jiff::Span::new().days(i64::from(n % 3))),
        text: n.is_multiple_of(5).then(|| format!("Ref {n}/2026 – gas & light")),
    }
}

/// What the run of 6 July 2026, a Monday, makes of payments.
pub fn render(folder: &Path, payments: Vec<Outgoing>) -> Result<Vec<Rendered>, Failure> {
    let bank = Bank::parse(BANK).unwrap();
    let weekday = |day: Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let submission = Submission {
        run: RunId("0190a5f0-1111-8222-8333-4444555566f7".parse().unwrap()),
        day: date(2026, 7, 6),
        created: "2026-07-06T18:00:00Z".parse::<Timestamp>().unwrap(),
        bank: &bank,
        is_working_day: &weekday,
        folder,
    };
    submission.render(payments.into_iter().map(Ok))
}

/// Lets a file appear.
pub fn appeared(mut rendered: Rendered, folder: &Path) -> PathBuf {
    let folder = Folder::hold(folder).unwrap();
    rendered.hide(&folder).unwrap();
    folder.show(&rendered.name).unwrap()
}

/// A file's text.
pub fn text(rendered: &Rendered) -> String {
    let mut bytes = Vec::new();
    rendered.copy_to(&mut bytes).unwrap();
    assert_eq!(schemas::Digest::of(&bytes), rendered.digest);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_same_run_gives_the_same_bytes_again_and_files_appear_whole_under_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let payments: Vec<_> = (0..40).map(|n| payment(n, Channel::ALL[(n % 4) as usize])).collect();
    let first = render(folder.path(), payments.clone()).unwrap();
    let again = render(folder.path(), payments).unwrap();
    let said = |files: &[Rendered]| files.iter().map(|f| (f.name.clone(), f.digest)).collect::<Vec<_>>();
    assert_eq!(said(&first), said(&again));
    let names: Vec<_> = first.iter().map(|file| file.name.as_str()).collect();
    // Due on 7, 8 and 9 July; from Monday 6 July Bacs reaches a processing day of Tuesday 7 July at the earliest.
    let expected = ["faster-payments.xml", "bacs-2026-07-07.txt", "bacs-2026-07-08.txt", "vouchers.csv", "cash.csv"];
    assert_eq!(names, expected.map(|what| format!("2026-07-06-555566f7-{what}")));
    assert_eq!(first.iter().map(|file| file.payments.len()).sum::<usize>(), 40);
    for file in first.into_iter().chain(again) {
        let digest = file.digest;
        let path = appeared(file, folder.path());
        assert_eq!(schemas::Digest::of(&fs::read(path).unwrap()), digest);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "nothing else is left");
}

#[test]
fn vouchers_and_cash_are_tables_that_no_spreadsheet_takes_for_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let mut voucher = payment(6, Channel::Voucher);
    voucher.account = None;
    let files = render(folder.path(), vec![voucher.clone()]).unwrap();
    let row = format!("{},{},\"'=SUM(A1:A9)\",0.37,2026-07-07", voucher.payment, ops::bank::reference(voucher.payment));
    assert_eq!(text(&files[0]), format!("payment,reference,name,amount,usable_on\r\n{row}\r\n"));
}
