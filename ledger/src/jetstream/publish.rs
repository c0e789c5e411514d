//! One batch, whole and once: published for exactly one position, and looked for whenever it is not plainly there.

use async_nats::HeaderMap;
use schemas::{Digest, EventId};
use serde_json::Value;
use tokio::time::timeout;

use super::error::{NatsError, passes};
use super::message::{ID, Kept, SHA256, TIME, TYPE};
use super::set_up;
use super::wire::{Wire, number, refused};
use crate::store::{AppendError, Message, ReadError, Stored};

/// Refusals that may be about this very batch having been stored, or being so: the stream had moved on, a name is on its
/// way (to a leader that hears nothing of the others, for as long as it does), the batch was given up half-way, a name is
/// taken.
const LOOK_AGAIN: [u64; 5] = [10_071, 10_158, 10_164, 10_176, 10_201];

/// What became of a batch.
#[derive(Debug)]
pub(super) enum Settled {
    /// It stands where it was meant to.
    Stored,
    /// Something else stands there; it never will.
    Overtaken,
    /// A message of this name with other bytes stands there.
    Taken(EventId),
}

/// What stands where a batch was to stand.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    Settled(Settled),
}

/// Publishes a batch for the position after `after` until it is known what became of it.
///
/// Sent twice, it can be stored once: the second finds the first in its place.
pub(super) async fn publish(wire: &Wire, events: &[Message], after: u64) -> Result<Settled, AppendError> {
    let mut again = wire.again();
    loop {
        let sent = send(wire, events, after).await;
        if matches!(sent, Ok(last) if last == after + events.len() as u64) {
            return Ok(Settled::Stored);
        }
        match look(wire, events, after).await {
            Ok(Found::Settled(settled)) => return Ok(settled),
            Ok(Found::Nothing) => {
                if let Err(error) = sent
                    && !is_worth_another(&error)
                {
                    return Err(error.into());
                }
            }
            // Whoever cannot look does not know either.
            Err(error) if passes(&error) => {}
            Err(error) => return Err(AppendError::Storage { source: error.into() }),
        }
        if !again.is_worth_it(wire).await {
            return Err(NatsError::Unsettled { after, within: wire.deadline() }.into());
        }
    }
}

/// What stands in the stream where a batch was sent to: the batch, byte for byte.
pub(super) async fn read_back(wire: &Wire, events: &[Message], after: u64) -> Result<Vec<Stored>, ReadError> {
    let there = wire.patiently(passes, || wire.in_a_row(after + 1, events.len() as u64)).await?;
    let other = events.iter().zip(&there).position(|(event, kept)| !is_as_sent(event, kept));
    match other {
        Some(place) => Err(NatsError::NotAsSent { sequence: after + 1 + place as u64 }.into()),
        None => Ok(there.into_iter().flatten().map(Stored::from).collect()),
    }
}

/// Looks for a batch where it was to stand.
pub(super) async fn look(wire: &Wire, events: &[Message], after: u64) -> Result<Found, ReadError> {
    let end = set_up::look(wire).await?.end;
    if end == after {
        return Ok(Found::Nothing);
    }
    if end < after {
        return Ok(Found::Settled(Settled::Overtaken));
    }
    // A batch is whole: where its first message does not stand, none does.
    let first = wire.get(after + 1).await?;
    if first.is_none_or(|first| events.iter().all(|event| event.id != first.message.id)) {
        return Ok(Found::Settled(Settled::Overtaken));
    }
    let last = end.min(after + events.len() as u64);
    let there = wire.in_a_row(after + 1, last - after).await?;
    Ok(Found::Settled(judge(events, &there)))
}

/// All of it with the same bytes is success; a name of it with other bytes is somebody else's use of that name.
fn judge(events: &[Message], there: &[Option<Kept>]) -> Settled {
    if there.len() == events.len() && events.iter().zip(there).all(|(event, kept)| is_as_sent(event, kept)) {
        return Settled::Stored;
    }
    let taken = there.iter().flatten().find(|kept| events.iter().any(|event| event.id == kept.message.id));
    taken.map_or(Settled::Overtaken, |kept| Settled::Taken(kept.message.id))
}

fn is_as_sent(event: &Message, kept: &Option<Kept>) -> bool {
    kept.as_ref().is_some_and(|kept| kept.message == *event)
}

fn is_worth_another(error: &NatsError) -> bool {
    error.passes() || matches!(error, NatsError::Refused { code, .. } if LOOK_AGAIN.contains(code))
}

/// Sends all messages and gives the sequence that the server acknowledged for the last.
async fn send(wire: &Wire, events: &[Message], after: u64) -> Result<u64, NatsError> {
    let what = "store a batch";
    let Some((last, others)) = events.split_last() else { return Ok(after) };
    // What is given to a client without a connection goes to whatever server it finds next, before anybody looked at that.
    if !wire.is_connected() {
        return Err(NatsError::NoAnswer { what, within: std::time::Duration::ZERO });
    }
    let batch = wire.client.new_inbox();
    let subject = |event: &Message| format!("{}{}", wire.prefix(), event.subject);
    let mut headers = events.iter().zip(1..).map(|(event, place)| {
        let mut headers = headers(event);
        if place == 1 {
            headers.insert("Nats-Expected-Last-Sequence", after.to_string());
        }
        // A single message is whole by itself.
        if !others.is_empty() {
            headers.insert("Nats-Batch-Id", batch.as_str());
            headers.insert("Nats-Batch-Sequence", place.to_string());
        }
        headers
    });
    for (event, headers) in others.iter().zip(headers.by_ref()) {
        let sent = wire.client.publish_with_headers(subject(event), headers, event.bytes.clone().into());
        match timeout(wire.patience(), sent).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(NatsError::Refused { what, code: 0, reason: error.to_string() }),
            Err(_) => return Err(NatsError::NoAnswer { what, within: wire.patience() }),
        }
    }
    let mut of_last = headers.next().unwrap_or_default();
    if !others.is_empty() {
        of_last.insert("Nats-Batch-Commit", "1");
    }
    let answer = wire.ask(what, subject(last), of_last, last.bytes.clone().into()).await?;
    acknowledged(what, &answer.payload)
}

fn acknowledged(what: &'static str, answer: &[u8]) -> Result<u64, NatsError> {
    let nonsense = |reason: String| NatsError::Nonsense { what, reason };
    let answer: Value = serde_json::from_slice(answer).map_err(|error| nonsense(error.to_string()))?;
    match answer.get("error") {
        Some(error) => Err(refused(what, error)),
        // A name that is taken: the sequence is that of another time.
        None if answer["duplicate"] == Value::Bool(true) => Err(nonsense("it was there already".into())),
        None => number(&answer["seq"]).ok_or_else(|| nonsense("it has no seq".into())),
    }
}

fn headers(event: &Message) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ID, event.id.to_string());
    headers.insert(TYPE, event.type_name.as_ref());
    headers.insert(TIME, event.time.to_string());
    headers.insert(SHA256, Digest::of(&event.bytes).to_string());
    headers
}
