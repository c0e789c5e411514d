//! Files that are asked for a second time, and payments that stand in two lists.

use std::sync::Mutex;

use jiff::civil::date;
use ledger::EmbeddedStore;
use ledger::order::{PaymentOrder, RunOrder};
use ops::bank::Bank;
use ops::business::Business;
use ops::error::Failure;
use ops::payrun::{Carried, ForBank, Out, Writing};
use projections::payments::derived_uuid;
use schemas::{Amount, Digest, RunId};

use crate::cut_off::Stops;
use crate::meanwhile::Meanwhile;
use crate::place::{PAY_DAY, Place, bank, command, into, pay_day, rules, who};

/// Releases a run into a folder of the place.
fn release(place: &Place, run: RunId, folder: &str, bank: &Bank, writing: Writing) -> Result<Carried, Failure> {
    let (mut desk, rules) = (place.desk(), rules());
    let folder = place.out().with_file_name(folder);
    let wanted = ForBank { folder: &folder, bank, by: "eve", writing };
    Business::open(&mut desk, &rules)?.carry_out(run, Out::Files(wanted))
}

pub fn other_bank() -> Bank {
    Bank::parse("name: Agency\naccount: 01-02-03 87654321\nservice_user_number: 123456\ncurrency: GBP\n").unwrap()
}

#[test]
fn files_are_written_a_second_time_only_for_whoever_says_so_and_are_the_same() {
    let place = Place::with(2);
    let (run, _) = pay_day(&mut place.desk(), &place.out()).unwrap();
    let (files, stream) = (place.files(), place.stream());

    let there = release(&place, run, "out", &bank(), Writing::Once).unwrap();
    assert!(there.nothing_done && there.files.len() == 2, "{there:?}");
    let refused = release(&place, run, "elsewhere", &bank(), Writing::Once).unwrap_err().to_string();
    assert!(refused.contains("were written before, by dee on 2026-07-06"), "{refused}");
    assert!(!place.out().with_file_name("elsewhere").exists());
    assert!(place.stream() == stream);

    let again = release(&place, run, "elsewhere", &bank(), Writing::Again).unwrap();
    let before: Vec<_> = again.written_before.iter().map(|before| (before.by.as_str(), before.on)).collect();
    assert_eq!(before, [("dee", PAY_DAY)]);
    for path in again.files {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(std::fs::read(&path).unwrap() == files[name], "{name}");
    }
    assert_eq!(place.stream().len(), stream.len() + 1, "who had a copy is recorded");
}

#[test]
fn a_file_that_was_changed_in_the_folder_is_not_taken_for_ours() {
    let place = Place::with(1);
    let (run, _) = pay_day(&mut place.desk(), &place.out()).unwrap();
    let name = place.files().into_keys().find(|name| name.ends_with(".xml")).unwrap();
    std::fs::write(place.out().join(name), "another account").unwrap();
    let refused = release(&place, run, "out", &bank(), Writing::Once).unwrap_err().to_string();
    assert!(refused.contains("were written before"), "{refused}");
}

/// A place whose two payments `footing run` made, without files.
fn paid_without_files() -> (Place, RunId) {
    let (place, rules) = (Place::with(2), rules());
    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    assert_eq!(business.evening(PAY_DAY).unwrap().paid.len(), 2);
    let run = business.runs().in_order()[0].0;
    drop(business);
    drop(desk);
    (place, run)
}

#[test]
fn a_run_that_left_without_files_gets_them_later_and_their_digest_is_recorded_before() {
    let (place, run) = paid_without_files();
    let before = place.stream();
    let carried = release(&place, run, "out", &bank(), Writing::Once).unwrap();
    assert_eq!((carried.stayed, carried.problems), (Vec::new(), Vec::new()));
    assert_eq!(place.files().len(), 2);
    // That they are fixed, and that they are there.
    assert_eq!(place.stream().len(), before.len() + 2);

    // The same list paid with files gives the same file.
    let (in_files, files) = (Place::with(2), place.files());
    let (other, _) = pay_day(&mut in_files.desk(), &in_files.out()).unwrap();
    assert_eq!(other, run);
    let xml = |name: &&String| name.ends_with(".xml");
    let (ours, theirs) = (files.keys().find(xml).unwrap(), in_files.files());
    let payments = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap().matches("<CdtTrfTxInf>").count();
    assert_eq!((payments(&files[ours]), payments(&theirs[ours])), (2, 2));
}

#[test]
fn the_files_of_a_run_that_left_without_any_are_those_of_one_bank() {
    let (place, run) = paid_without_files();
    release(&place, run, "out", &bank(), Writing::Once).unwrap();
    let refused = release(&place, run, "elsewhere", &other_bank(), Writing::Again).unwrap_err().to_string();
    assert!(refused.contains("was it another bank file?"), "{refused}");
}

#[test]
fn no_files_are_made_for_a_run_without_any_of_which_a_bank_has_answered_a_payment() {
    let (place, run) = paid_without_files();
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let payment = business.world().person(who(0)).unwrap().payments[0].id;
    let on = date(2026, 7, 8);
    let back = PaymentOrder::Return { person: who(0), payment, code: "B".into(), on };
    business.submit(vec![command("back", on, back)]).unwrap();
    drop(business);
    drop(desk);
    let refused = release(&place, run, "out", &bank(), Writing::Once).unwrap_err().to_string();
    assert!(refused.contains("paid in another way"), "{refused}");
}

#[test]
fn of_two_approved_lists_with_the_same_payments_the_second_makes_no_file_and_says_where_they_left() {
    let place = Place::with(2);
    let (mut desk, rules, bank) = (place.desk(), rules(), bank());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let first = business.plan_run(PAY_DAY, None, "ann").unwrap().unwrap();
    business.approve_run(first.run, first.plan.digest(), "ann").unwrap();
    let second = business.plan_run(date(2026, 7, 7), None, "bob").unwrap().unwrap();
    business.approve_run(second.run, second.plan.digest(), "bob").unwrap();
    business.carry_out(first.run, into(&place.out(), &bank)).unwrap();
    let files = place.files();
    let refused = business.carry_out(second.run, into(&place.out(), &bank)).unwrap_err().to_string();
    let why = format!("2 of 2: it left on 2026-07-06 already in run {}", first.run);
    assert!(refused.contains("no file was made") && refused.contains(&why), "{refused}");
    assert!(place.files() == files);
    business.abandon_run(second.run, "all of it left before", "bob").unwrap();
}

#[test]
fn of_two_approved_lists_with_the_same_payments_the_second_makes_no_file_while_the_first_is_letting_go() {
    let (place, rules, bank) = (Place::with(2), rules(), bank());
    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let first = business.plan_run(PAY_DAY, None, "ann").unwrap().unwrap();
    business.approve_run(first.run, first.plan.digest(), "ann").unwrap();
    let second = business.plan_run(date(2026, 7, 7), None, "bob").unwrap().unwrap();
    business.approve_run(second.run, second.plan.digest(), "bob").unwrap();
    drop(business);
    drop(desk);
    // Instructions, and that the files are fixed; not yet what left in them.
    let mut stopped = place.over(|inner| Stops::with(inner, 2));
    assert!(Business::open(&mut stopped, &rules).unwrap().carry_out(first.run, into(&place.out(), &bank)).is_err());
    drop(stopped);
    // Bob asked for his before that, when nothing was fixed.
    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    assert_eq!(business.unfinished().unwrap(), Some(first.run));
    let refused = business.carry_out(second.run, into(&place.out(), &bank)).unwrap_err().to_string();
    assert!(refused.contains(&format!("the files of run {} are fixed", first.run)), "{refused}");
    assert_eq!(place.files().len(), 0);
    assert_eq!(business.carry_out(first.run, into(&place.out(), &bank)).unwrap().left.len(), 2);
    let refused = business.carry_out(second.run, into(&place.out(), &bank)).unwrap_err().to_string();
    assert!(refused.contains("no file was made"), "{refused}");
    assert_eq!(place.files().len(), 2);
}

/// A place whose run of two payments was killed with this append, which is kept: list, approval, instructions, files fixed,
/// what left in them, and that they appear.
fn killed_after(appends: usize) -> (Place, RunId) {
    killed(appends, |inner| Stops::with(inner, appends))
}

fn killed(appends: usize, stops: impl FnOnce(EmbeddedStore) -> Stops) -> (Place, RunId) {
    let place = Place::with(2);
    assert!(pay_day(&mut place.over(stops), &place.out()).is_err());
    let (mut desk, rules) = (place.desk(), rules());
    let business = Business::open(&mut desk, &rules).unwrap();
    let run = business.runs().in_order()[0].0;
    // Once all that left is recorded nothing has to wait for it.
    assert_eq!((business.unfinished().unwrap(), place.files().len()), ((appends < 5).then_some(run), 0));
    drop(business);
    drop(desk);
    (place, run)
}

#[test]
fn files_that_never_appeared_and_cannot_be_made_the_same_any_more_are_made_anew_and_hold_nobody_up() {
    let (place, run) = killed_after(4);
    // Another bank's stands for whatever makes another file: a name that was erased, a program that writes otherwise.
    let refused = release(&place, run, "out", &other_bank(), Writing::Once).unwrap_err().to_string();
    assert!(refused.contains("come to") && refused.contains("--anew"), "{refused}");
    let carried = release(&place, run, "out", &other_bank(), Writing::Anew).unwrap();
    assert_eq!((carried.left.len(), carried.stayed.len(), carried.problems), (2, 0, Vec::new()));
    assert_eq!(place.files().len(), 2);
    // Now they are there: nothing makes others.
    let refused = release(&place, run, "elsewhere", &bank(), Writing::Anew).unwrap_err().to_string();
    assert!(refused.contains("were written before, by eve"), "{refused}");
    assert!(release(&place, run, "out", &other_bank(), Writing::Once).unwrap().nothing_done);
}

#[test]
fn no_files_are_made_anew_for_a_run_of_which_a_bank_has_answered_a_payment() {
    let (place, run) = killed_after(5);
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let payment = business.world().person(who(0)).unwrap().payments[0].id;
    let accept = PaymentOrder::Accept { person: who(0), payment };
    business.submit(vec![command("answered", date(2026, 7, 8), accept)]).unwrap();
    drop(business);
    drop(desk);
    let refused = release(&place, run, "elsewhere", &other_bank(), Writing::Anew).unwrap_err().to_string();
    assert!(refused.contains(&format!("a bank has answered payment {payment}")), "{refused}");
    assert!(place.files().is_empty());
}

#[test]
fn files_that_are_recorded_and_did_not_appear_yet_do_so_in_their_folder_with_the_next_release_and_nowhere_else() {
    let (place, run) = killed_after(6);
    let stream = place.stream();
    assert!(place.files().is_empty() && place.hidden().len() == 3, "{:?}", place.hidden());
    // Another bank's stands for whatever makes other files: they are not made, as the first may appear any moment.
    for (bank, writing) in [(bank(), Writing::Once), (other_bank(), Writing::Once), (other_bank(), Writing::Anew)] {
        let refused = release(&place, run, "elsewhere", &bank, writing).unwrap_err().to_string();
        assert!(refused.contains("were written before, by dee on 2026-07-06"), "{refused}");
        assert!(refused.contains("a release into the same folder finishes it"), "{refused}");
    }
    // What is there appears, also where it could not be made the same any more.
    let finished = release(&place, run, "out", &other_bank(), Writing::Once).unwrap();
    assert_eq!((finished.files.len(), finished.nothing_done, finished.written_before), (2, false, Vec::new()));
    let whole = Place::with(2);
    pay_day(&mut whole.desk(), &whole.out()).unwrap();
    assert!(place.files() == whole.files() && place.hidden().is_empty());
    assert!(place.stream() == stream, "it was recorded before");
}

#[test]
fn files_of_a_release_that_was_stopped_before_they_were_recorded_stay_hidden_once_they_are_made_elsewhere() {
    let (place, run) = killed(5, |inner| Stops::before(inner, 6));
    assert!(place.files().is_empty() && place.hidden().len() == 3, "{:?}", place.hidden());
    assert_eq!(release(&place, run, "elsewhere", &bank(), Writing::Once).unwrap().files.len(), 2);
    let refused = release(&place, run, "out", &bank(), Writing::Once).unwrap_err().to_string();
    assert!(refused.contains("were written before, by eve"), "{refused}");
    assert!(place.files().is_empty());
    let again = release(&place, run, "out", &bank(), Writing::Again).unwrap();
    assert_eq!((again.files.len(), again.written_before.len()), (2, 1));
    assert_eq!((place.files().len(), place.hidden()), (2, Vec::new()));
}

#[test]
fn of_two_who_release_into_two_folders_at_the_same_moment_one_gets_files_and_the_other_is_told_who_has_them() {
    let (place, run) = killed_after(5);
    let (rules, bank) = (rules(), bank());
    let before = place.stream().len();
    let eve = || drop(release(&place, run, "elsewhere", &bank, Writing::Once).unwrap());
    // Dee's files are whole and hidden when Eve's appear; only the record that they appear is to come.
    let mut desk = place.over(|inner| Meanwhile { inner, act: Mutex::new(Some(Box::new(eve))) });
    let refused = Business::open(&mut desk, &rules).unwrap().carry_out(run, into(&place.out(), &bank)).unwrap_err();
    let why = "were written before, by eve";
    assert!(refused.to_string().contains(why), "{refused}");
    assert!(place.files().is_empty() && place.hidden().is_empty(), "{:?}", place.hidden());
    assert_eq!(std::fs::read_dir(place.out().with_file_name("elsewhere")).unwrap().count(), 2);
    assert_eq!(place.stream().len(), before + 1, "that Eve's appear");
}

#[test]
fn what_the_bank_fetched_before_a_release_was_cut_off_between_two_files_does_not_keep_the_others_from_appearing() {
    let (place, run) = killed_after(6);
    let name = place.hidden().into_iter().find(|name| name.contains(".xml")).unwrap();
    std::fs::remove_file(place.out().join(name)).unwrap(); // It had appeared, and was fetched.
    let stream = place.stream();
    assert_eq!(release(&place, run, "out", &bank(), Writing::Once).unwrap().files.len(), 2);
    let there: Vec<String> = place.files().into_keys().collect();
    assert_eq!((there, place.hidden()), (vec![format!("{run}.sha256")], Vec::new()));
    assert!(place.stream() == stream, "nothing is recorded or made a second time");
}

#[test]
fn hidden_files_that_somebody_changed_do_not_appear() {
    let (place, run) = killed_after(6);
    let name = place.hidden().into_iter().find(|name| name.contains(".xml")).unwrap();
    std::fs::write(place.out().join(name), "another account").unwrap();
    let refused = release(&place, run, "out", &bank(), Writing::Once).unwrap_err().to_string();
    assert!(refused.contains("were written before") && place.files().is_empty(), "{refused}");
}

#[test]
fn a_payment_that_a_hand_released_in_another_run_does_not_keep_the_run_open_in_which_it_was_to_leave() {
    let (place, run) = killed_after(4);
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let (other, digest) = (RunId(derived_uuid("by hand")), Digest::of(b"by hand"));
    let total = Amount::new("424.90".parse().unwrap()).unwrap();
    let plan = RunOrder::Plan { run: other, day: PAY_DAY, digest, payments: 1, total, approvals: None };
    let payment = business.world().person(who(0)).unwrap().payments[0].id;
    let by_hand = PaymentOrder::Release { person: who(0), payment, run: other, file: digest };
    let day = date(2026, 7, 7);
    let approve = RunOrder::Approve { run: other, digest };
    business
        .submit(vec![command("plan", day, plan), command("approve", day, approve), command("release", day, by_hand)])
        .unwrap();
    drop(business);
    drop(desk);
    let refused = release(&place, run, "elsewhere", &other_bank(), Writing::Anew).unwrap_err().to_string();
    assert!(
        refused.contains(&format!("payment {payment} of person {} was released in run {other}", who(0))),
        "{refused}"
    );
    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let carried = business.carry_out(run, into(&place.out(), &bank())).unwrap();
    assert_eq!(carried.problems, Vec::new());
    assert_eq!(business.unfinished().unwrap(), None);
}
