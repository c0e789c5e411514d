//! Many commands on their way at once, and what was answered to each, written down outside of the ledger.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use ledger::group::group;
use ledger::{JetStreamStore, WriteError};
use schemas::Digest;
use tokio::sync::Semaphore;

use crate::commands::{ledger, rent};

/// How many commands are on their way at once.
pub const ON_THEIR_WAY: usize = 256;

/// Submits these commands, 256 at a time and through one writer, and tells the witness the number of each and where its
/// event was said to stand. Whoever is not told what became of a command submits it again.
pub async fn write(store: JetStreamStore, numbers: RangeInclusive<u128>, witness: impl FnMut(u128, u64)) {
    write_as_allowed(store, numbers, Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)), witness).await;
}

/// As [`write`], and only as many commands as there are permits.
pub async fn write_as_allowed(
    store: JetStreamStore,
    numbers: RangeInclusive<u128>,
    permits: Arc<Semaphore>,
    mut witness: impl FnMut(u128, u64),
) {
    let (callers, writer) = group(ledger(store), ON_THEIR_WAY);
    let writing = tokio::spawn(writer.run());
    let answers = stream::iter(numbers).map(move |number| {
        let (callers, permits) = (callers.clone(), Arc::clone(&permits));
        async move {
            permits.acquire().await.unwrap().forget();
            loop {
                match callers.submit(rent(number)).await {
                    Ok(outcome) => return (number, outcome.first),
                    Err(WriteError::Storage { .. } | WriteError::Contended) => {}
                    Err(error) => panic!("command {number}: {error}"),
                }
            }
        }
    });
    let mut answers = Box::pin(answers.buffer_unordered(ON_THEIR_WAY));
    while let Some((number, place)) = answers.next().await {
        witness(number, place);
    }
    // With the last caller the writer ends.
    drop(answers);
    writing.await.unwrap();
}

/// Everything that was acknowledged, and where it was said to stand.
#[derive(Debug, Default)]
pub struct Witness(pub BTreeMap<u128, u64>);

impl Witness {
    /// Notes an acknowledgement: the same command is never said to stand anywhere else.
    pub fn note(&mut self, number: u128, place: u64) {
        let before = *self.0.entry(number).or_insert(place);
        assert_eq!(place, before, "command {number} was acknowledged twice, at different places");
    }

    /// Holds what was acknowledged against what is there.
    #[track_caller]
    pub fn check(&self, found: &BTreeMap<u128, u64>) {
        for (number, place) in &self.0 {
            assert_eq!(found.get(number), Some(place), "command {number} was acknowledged");
        }
    }
}

/// A number below a bound, always the same for the same words.
pub fn draw(words: &str, below: u64) -> u64 {
    let digest = Digest::of(words.as_bytes()).0;
    u64::from_be_bytes(digest[..8].try_into().unwrap()) % below.max(1)
}

/// How often something is done: seldom, unless there is time.
pub fn rounds(seldom: u64, often: u64) -> u64 {
    if std::env::var_os("FOOTING_LONG").is_some() { often } else { seldom }
}
