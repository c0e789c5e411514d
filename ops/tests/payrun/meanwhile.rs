//! What somebody else records between two steps of an evening.

use std::sync::Mutex;
use std::thread;

use jiff::civil::date;
use ledger::order::PaymentOrder;
use ledger::{AppendError, Appended, EmbeddedStore, Head, Message, ReadError, Store, Stored};
use ops::business::Business;
use ops::payrun::{ForBank, Out, Writing};
use schemas::{CommandId, Subject};

use crate::cut_off::Stops;
use crate::place::{PAY_DAY, Place, bank, command, pay_day, rules, who};

/// A store over which somebody else acts right before the first append.
pub struct Meanwhile<'a> {
    pub inner: EmbeddedStore,
    pub act: Mutex<Option<Box<dyn FnOnce() + Send + 'a>>>,
}

impl Store for Meanwhile<'_> {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        let act = self.act.lock().unwrap().take();
        if let Some(act) = act {
            thread::scope(|scope| scope.spawn(act).join()).unwrap();
        }
        self.inner.append(events, after, reads).await
    }

    async fn head(&self) -> Result<Head, ReadError> {
        self.inner.head().await
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.inner.read(from, limit).await
    }

    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.inner.read_subject(subject, from, limit).await
    }

    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        self.inner.find_commands(ids).await
    }
}

#[test]
fn nothing_is_paid_beside_a_list_that_somebody_planned_while_the_evening_worked_out_its_own() {
    let place = Place::with(2);
    let (mut theirs, rules) = (place.desk(), rules());
    let act = Box::new(move || {
        let rules = crate::place::rules();
        let mut business = Business::open(&mut theirs, &rules).unwrap();
        business.plan_run(PAY_DAY, Some(2), "ann").unwrap().unwrap();
    });
    let mut desk = place.over(|inner| Meanwhile { inner, act: Mutex::new(Some(act)) });
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let evening = business.evening(PAY_DAY).unwrap();
    let [(_, why)] = &evening.problems[..] else { unreachable!("{:?}", evening.problems) };
    assert!(why.contains("by ann waits") && why.contains("until then nothing is paid here"), "{why}");
    assert_eq!(evening.paid, []);
    assert_eq!(business.runs().in_order().len(), 1);
}

#[test]
fn what_was_held_when_another_process_fixed_the_same_run_in_the_same_words_does_not_leave() {
    let (place, rules) = (Place::with(2), rules());
    // List, approval and instructions, and then nothing more.
    assert!(pay_day(&mut place.over(|inner| Stops::with(inner, 3)), &place.out()).is_err());
    let mut theirs = place.desk();
    let act = Box::new(move || {
        let rules = crate::place::rules();
        let mut business = Business::open(&mut theirs, &rules).unwrap();
        let run = business.runs().in_order()[0].0;
        let suspend = PaymentOrder::Suspend { person: who(0), ground: "doubt".into(), review_on: date(2026, 8, 1) };
        business.submit(vec![command("doubt", date(2026, 7, 7), suspend)]).unwrap();
        assert_eq!(business.carry_out(run, Out::Listing).unwrap().left.len(), 1);
    });
    let mut desk = place.over(|inner| Meanwhile { inner, act: Mutex::new(Some(act)) });
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let run = business.runs().in_order()[0].0;
    let carried = business.carry_out(run, Out::Listing).unwrap();
    assert_eq!(carried.left.iter().map(|planned| planned.person).collect::<Vec<_>>(), [who(1)]);
    assert_eq!(carried.stayed.iter().map(|stayed| stayed.person).collect::<Vec<_>>(), [who(0)]);
    assert_eq!(business.world().person(who(0)).unwrap().payments[0].steps, []);
}

#[test]
fn files_do_not_appear_after_somebody_else_made_others_in_their_place() {
    let (place, rules, ours) = (Place::with(2), rules(), bank());
    // List, approval, instructions, files fixed.
    assert!(pay_day(&mut place.over(|inner| Stops::with(inner, 4)), &place.out()).is_err());
    let mut theirs = place.desk();
    let elsewhere = place.out().with_file_name("elsewhere");
    let act = Box::new(move || {
        let (rules, bank) = (crate::place::rules(), crate::twice::other_bank());
        let wanted = ForBank { folder: &elsewhere, bank: &bank, by: "eve", writing: Writing::Anew };
        let mut business = Business::open(&mut theirs, &rules).unwrap();
        let run = business.runs().in_order()[0].0;
        assert_eq!(business.release_run(run, wanted).unwrap().files.len(), 2);
    });
    let mut desk = place.over(|inner| Meanwhile { inner, act: Mutex::new(Some(act)) });
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let run = business.runs().in_order()[0].0;
    let folder = place.out();
    let wanted = ForBank { folder: &folder, bank: &ours, by: "dee", writing: Writing::Once };
    let refused = business.release_run(run, wanted).unwrap_err().to_string();
    assert!(refused.contains("were written before, by eve"), "{refused}");
    assert_eq!(place.files().len(), 0, "a bank that is given both pays everybody twice");
}
