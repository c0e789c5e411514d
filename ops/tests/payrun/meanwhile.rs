//! What somebody else records between two steps of an evening.

use std::sync::Mutex;
use std::thread;

use ledger::{AppendError, Appended, EmbeddedStore, Head, Message, ReadError, Store, Stored};
use ops::business::Business;
use schemas::{CommandId, Subject};

use crate::place::{PAY_DAY, Place, rules};

/// A store over which somebody else acts right before the first append.
struct Meanwhile {
    inner: EmbeddedStore,
    act: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Store for Meanwhile {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        let act = self.act.lock().unwrap().take();
        if let Some(act) = act {
            thread::spawn(act).join().unwrap();
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
