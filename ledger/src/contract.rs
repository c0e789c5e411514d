//! What every store must do, as checks that each store's tests run on it.
//!
//! The bytes are arbitrary here: a store does not read them.

use std::error::Error;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use jiff::Timestamp;
use schemas::{CommandId, EventId, PersonId, Subject};
use uuid::Uuid;

use crate::store::{AppendError, Appended, Message, Reader, Store};

/// Nothing, or what stopped a check before it could assert anything.
pub type Checked = Result<(), Box<dyn Error + Send + Sync>>;

/// Runs a future to its end; a store on a server brings its own.
pub type BlockOn<'a> = &'a (dyn Fn(Pin<Box<dyn Future<Output = Checked> + Send + '_>>) -> Checked + Sync);

/// Runs every check, each on a store of its own.
///
/// # Errors
/// What stopped a check. A check that fails panics with the sentence it holds to be true.
pub fn check_all<S: Store>(run: BlockOn<'_>, fresh: impl Fn() -> S) -> Checked {
    run(Box::pin(an_empty_stream_ends_at_nought(&fresh())))?;
    run(Box::pin(a_batch_stands_in_the_stream_as_it_was_given(&fresh())))?;
    run(Box::pin(a_refused_batch_leaves_nothing_behind(&fresh())))?;
    run(Box::pin(a_conflict_names_the_subjects_read_that_changed(&fresh())))?;
    run(Box::pin(what_a_command_caused_is_found_by_its_id(&fresh())))?;
    run(Box::pin(recorded_time_never_decreases(&fresh())))?;
    run(Box::pin(a_stream_is_read_from_any_position(&fresh())))?;
    run(Box::pin(one_subject_is_read_alone(&fresh())))?;
    run(Box::pin(a_large_batch_is_appended_whole(&fresh())))?;
    of_many_writers_one_wins_each_place(run, &fresh())
}

/// Position 0 comes before the first message.
async fn an_empty_stream_ends_at_nought<S: Store>(store: &S) -> Checked {
    let head = store.head().await?;
    assert_eq!((head.sequence, head.time), (0, None), "an empty stream ends at 0 and at no time");
    assert!(store.read(1, 10).await?.is_empty(), "an empty stream holds nothing");
    assert!(store.read_subject(&person(1), 1, 10).await?.is_empty(), "an empty subject holds nothing");
    let nothing = store.append(&[], 0, &[]).await;
    assert!(matches!(nothing, Err(AppendError::Empty)), "a batch of nothing is refused: {nothing:?}");
    Ok(())
}

async fn a_batch_stands_in_the_stream_as_it_was_given<S: Store>(store: &S) -> Checked {
    let (a, b) = (person(1), Subject::Pack("uk-universal-credit".into()));
    let batch = [message(1, 0, &a, 10, "one"), message(1, 1, &b, 10, "two \u{0}\u{1F600}"), message(1, 2, &a, 11, "")];
    assert_eq!(store.append(&batch, 0, &[]).await?, Appended { first: 1, last: 3 });
    let read = store.read(1, 10).await?;
    let found: Vec<_> = read.iter().map(|m| (m.sequence, &m.subject, m.bytes.as_slice())).collect();
    let given: Vec<_> = (1..).zip(&batch).map(|(n, m)| (n, &m.subject, m.bytes.as_slice())).collect();
    assert_eq!(found, given, "bytes, subjects and order are kept");
    let head = store.head().await?;
    assert_eq!((head.sequence, head.time), (3, Some(at(11))), "the head is the last message");
    Ok(())
}

async fn a_refused_batch_leaves_nothing_behind<S: Store>(store: &S) -> Checked {
    let a = person(1);
    store.append(&[message(1, 0, &a, 10, "one")], 0, &[]).await?;
    let known = [message(2, 0, &a, 10, "new"), message(1, 0, &a, 10, "other content")];
    let refused = store.append(&known, 1, &[]).await;
    assert!(
        matches!(&refused, Err(AppendError::DuplicateId { id }) if id.command == command(1)),
        "an id that is taken is refused, whatever its content: {refused:?}"
    );
    let twice = [message(3, 0, &a, 10, "x"), message(3, 0, &a, 10, "x")];
    let refused = store.append(&twice, 1, &[]).await;
    assert!(matches!(refused, Err(AppendError::DuplicateId { .. })), "an id stands once in a batch: {refused:?}");
    let early = [message(4, 0, &a, 12, "x"), message(4, 1, &a, 11, "y")];
    let refused = store.append(&early, 1, &[]).await;
    assert!(matches!(refused, Err(AppendError::TimeRunsBackwards { .. })), "time rises within a batch: {refused:?}");
    let stale = store.append(&[message(5, 0, &a, 12, "x")], 0, &[]).await;
    assert!(matches!(stale, Err(AppendError::Conflict { .. })), "a stale position is refused: {stale:?}");
    let ahead = store.append(&[message(5, 0, &a, 12, "x")], 7, &[]).await;
    assert!(
        matches!(ahead, Err(AppendError::Conflict { head: 1, .. })),
        "a position not reached is refused: {ahead:?}"
    );
    assert_eq!(store.read(1, 10).await?.len(), 1, "nothing of a refused batch is stored");
    assert_eq!(store.append(&[message(2, 0, &a, 10, "new")], 1, &[]).await?, Appended { first: 2, last: 2 });
    Ok(())
}

async fn a_conflict_names_the_subjects_read_that_changed<S: Store>(store: &S) -> Checked {
    let (a, b, c) = (person(1), person(2), person(3));
    store.append(&[message(1, 0, &a, 10, ""), message(1, 1, &b, 10, "")], 0, &[]).await?;
    store.append(&[message(2, 0, &b, 10, "")], 2, &[]).await?;
    for (reads, expected) in [
        (vec![a.clone(), b.clone(), c.clone()], vec![b.clone()]),
        (vec![a.clone(), c.clone()], vec![]),
        (vec![], vec![]),
    ] {
        match store.append(&[message(3, 0, &c, 10, "")], 2, &reads).await {
            Err(AppendError::Conflict { after: 2, head: 3, changed }) => {
                assert_eq!(changed, expected, "of {reads:?}");
            }
            other => assert!(other.is_err_and(|e| e.to_string().is_empty()), "a stale position is a conflict"),
        }
    }
    Ok(())
}

async fn what_a_command_caused_is_found_by_its_id<S: Store>(store: &S) -> Checked {
    let (a, b) = (person(1), person(2));
    store.append(&[message(1, 0, &a, 10, "other")], 0, &[]).await?;
    store.append(&[message(2, 0, &a, 10, "x"), message(2, 1, &b, 10, "y")], 1, &[]).await?;
    let found = store.find_commands(&[command(2), command(9), command(1)]).await?;
    let sequences: Vec<Vec<u64>> = found.iter().map(|events| events.iter().map(|e| e.sequence).collect()).collect();
    assert_eq!(sequences, [vec![2, 3], vec![], vec![1]], "each command's events, in order");
    let one = store.find_command(command(2)).await?;
    assert_eq!(one.iter().map(|e| e.bytes.as_slice()).collect::<Vec<_>>(), [b"x", b"y"]);
    // The retry of a batch whose acknowledgement was lost: refused by its position, or by its names.
    let again = [message(2, 0, &a, 10, "x"), message(2, 1, &b, 10, "y")];
    let stale = store.append(&again, 1, std::slice::from_ref(&a)).await;
    assert!(matches!(stale, Err(AppendError::Conflict { .. } | AppendError::DuplicateId { .. })), "{stale:?}");
    let rebased = store.append(&again, 3, &[a]).await;
    assert!(matches!(rebased, Err(AppendError::DuplicateId { .. })), "{rebased:?}");
    Ok(())
}

async fn recorded_time_never_decreases<S: Store>(store: &S) -> Checked {
    let a = person(1);
    store.append(&[message(1, 0, &a, 10, "")], 0, &[]).await?;
    let refused = store.append(&[message(2, 0, &a, 9, "")], 1, &[]).await;
    match refused {
        Err(AppendError::TimeRunsBackwards { last, given }) => assert_eq!((last, given), (at(10), at(9))),
        other => assert!(other.is_err_and(|e| e.to_string().is_empty()), "an earlier time is refused"),
    }
    store.append(&[message(2, 0, &a, 10, "")], 1, &[]).await?;
    Ok(())
}

async fn a_stream_is_read_from_any_position<S: Store>(store: &S) -> Checked {
    let batch: Vec<_> = (1..=10).map(|n| message(n, 0, &person(n % 3), 10, &n.to_string())).collect();
    store.append(&batch, 0, &[]).await?;
    let sequences = |read: Vec<crate::Stored>| read.into_iter().map(|m| m.sequence).collect::<Vec<_>>();
    assert_eq!(sequences(store.read(4, 3).await?), [4, 5, 6]);
    assert_eq!(sequences(store.read(9, 100).await?), [9, 10]);
    assert_eq!(sequences(store.read(0, 2).await?), [1, 2], "0 comes before the first");
    assert!(store.read(11, 5).await?.is_empty(), "after the last there is nothing");
    let mut reader = Reader::after(store, 3);
    let mut seen = Vec::new();
    loop {
        let next = reader.next(4).await?;
        if next.is_empty() {
            break;
        }
        seen.extend(sequences(next));
    }
    assert_eq!(seen, [4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(reader.position(), 10);
    Ok(())
}

async fn one_subject_is_read_alone<S: Store>(store: &S) -> Checked {
    let batch: Vec<_> = (1..=10).map(|n| message(n, 0, &person(n % 3), 10, &n.to_string())).collect();
    store.append(&batch, 0, &[]).await?;
    let sequences = |read: Vec<crate::Stored>| read.into_iter().map(|m| m.sequence).collect::<Vec<_>>();
    assert_eq!(sequences(store.read_subject(&person(1), 1, 10).await?), [1, 4, 7, 10]);
    assert_eq!(sequences(store.read_subject(&person(1), 4, 2).await?), [4, 7]);
    assert_eq!(sequences(store.read_subject(&person(1), 5, 10).await?), [7, 10]);
    assert!(store.read_subject(&person(8), 1, 10).await?.is_empty());
    assert_eq!(sequences(store.read_subject_to(&person(1), 2, 7, 10).await?), [4, 7], "nothing after the position");
    assert_eq!(sequences(store.read_subject_to(&person(1), 1, 10, 3).await?), [1, 4, 7], "no more than the limit");
    Ok(())
}

async fn a_large_batch_is_appended_whole<S: Store>(store: &S) -> Checked {
    let text = "x".repeat(700);
    let batch: Vec<_> = (1..=1_000).map(|n| message(n, 0, &person(n % 50), 10, &text)).collect();
    assert_eq!(store.append(&batch, 0, &[]).await?, Appended { first: 1, last: 1_000 });
    let stale = store.append(&[message(2_000, 0, &person(1), 10, "")], 999, &[person(0), person(51)]).await;
    assert!(
        matches!(&stale, Err(AppendError::Conflict { head: 1_000, changed, .. }) if *changed == [person(0)]),
        "{stale:?}"
    );
    assert_eq!(store.read(1, 2_000).await?.len(), 1_000);
    let larger: Vec<_> = (3_001..=4_001).map(|n| message(n, 0, &person(1), 10, "")).collect();
    let refused = store.append(&larger, 1_000, &[]).await;
    assert!(matches!(refused, Err(AppendError::TooMany { count: 1_001 })), "one more is refused: {refused:?}");
    assert_eq!(store.head().await?.sequence, 1_000, "and nothing of it is stored");
    Ok(())
}

/// Four writers, each appending until ten of its own stand in the stream.
fn of_many_writers_one_wins_each_place<S: Store>(run: BlockOn<'_>, store: &S) -> Checked {
    std::thread::scope(|scope| {
        let writers: Vec<_> = (1..=4).map(|n| scope.spawn(move || run(Box::pin(write_ten(store, n))))).collect();
        for writer in writers {
            writer.join().map_err(|_| "a writer panicked")??;
        }
        Checked::Ok(())
    })?;
    run(Box::pin(async move {
        let read = store.read(1, 1_000).await?;
        assert_eq!(read.len(), 40, "every append that was acknowledged is there, once");
        assert!((1..).zip(&read).all(|(n, m)| m.sequence == n), "without a gap");
        for writer in 1..=4u8 {
            let own: Vec<u8> = read.iter().filter(|m| m.bytes[0] == writer).map(|m| m.bytes[1]).collect();
            assert_eq!(own, (0..10).collect::<Vec<_>>(), "in the order of its writer");
        }
        Ok(())
    }))
}

async fn write_ten<S: Store>(store: &S, writer: u8) -> Checked {
    for number in 0..10 {
        let id = u32::from(writer) * 100 + u32::from(number);
        let event = Message { bytes: vec![writer, number], ..message(id, 0, &person(u32::from(writer)), 10, "") };
        loop {
            let after = store.head().await?.sequence;
            match store.append(std::slice::from_ref(&event), after, &[]).await {
                Ok(_) => break,
                Err(AppendError::Conflict { changed, .. }) => assert!(changed.is_empty()),
                Err(other) => return Err(other.into()),
            }
        }
    }
    Ok(())
}

/// A person of this number.
pub const fn person(number: u32) -> Subject {
    Subject::Person(PersonId(Uuid::from_u128(number as u128)))
}

/// A message of the command of this number, recorded at this second.
pub fn message(number: u32, index: u16, subject: &Subject, second: i64, bytes: &str) -> Message {
    Message {
        subject: subject.clone(),
        id: EventId { command: command(number), index },
        type_name: "footing.person.registered.v1".into(),
        time: at(second),
        bytes: bytes.as_bytes().to_vec(),
    }
}

const fn command(number: u32) -> CommandId {
    CommandId(Uuid::from_u128(number as u128))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

/// Runs a future that needs no event loop: what the memory and the embedded store give.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
