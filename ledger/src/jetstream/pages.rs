//! The stream read in pages, by a consumer without acknowledgements that is kept from one page to the next.
//!
//! The leader has said how far the stream goes. Whatever the consumer leaves out below that is asked of the leader: what
//! the leader has was lost on the way and is read again, what it does not have is a hole.

use std::pin::pin;
use std::time::Duration;

use async_nats::Subscriber;
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use super::error::{NatsError, passes};
use super::message::Came;
use super::wire::{Wire, status};
use crate::store::{Gap, ReadError};

/// How many messages are asked for at a time; up to one and a half times as many are under way.
const PULL: u64 = 2_500;

/// How many bytes one such request brings at most, so that large messages do not fill the memory.
const PULL_BYTES: u64 = 8 << 20;

/// After this long without a page the server forgets the consumer.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(120);

/// Reads what is wanted of a message of this stream.
pub(super) type Read<T> = fn(Came<'_>, &str) -> Result<T, ReadError>;

/// A reader of the stream, for what is wanted of each message.
#[derive(Debug)]
pub(super) struct Pages<T> {
    wire: Wire,
    /// Whether only names and not contents are wanted.
    headers_only: bool,
    read: Read<T>,
    /// How long one answer of the server may take.
    request: Duration,
    open: Option<Open>,
}

/// A consumer at a position.
#[derive(Debug)]
struct Open {
    consumer: String,
    inbox: String,
    coming: Subscriber,
    /// The sequence that should come next.
    next: u64,
    /// How many messages were asked for and have not come.
    asked: u64,
}

/// What came next.
enum Next<T> {
    Message(T),
    /// Nothing comes up to the end, and the leader has nothing either.
    Hole,
    /// Something was lost on the way, or the server forgot the consumer.
    Lost,
}

impl<T> Pages<T> {
    /// A reader of everything there is of each message.
    pub(super) const fn whole(wire: Wire, read: Read<T>) -> Pages<T> {
        Pages { request: wire.patience(), wire, headers_only: false, read, open: None }
    }

    /// A reader of names without contents.
    pub(super) fn names(wire: Wire, read: Read<T>) -> Pages<T> {
        Pages { headers_only: true, ..Pages::whole(wire, read) }
    }

    /// Whether the next page may begin here without a new consumer.
    pub(super) fn stands_at(&self, from: u64) -> bool {
        self.open.as_ref().is_some_and(|open| open.next == from)
    }

    /// The messages from a sequence on, up to `limit`; `end` is where the leader says the stream ends.
    ///
    /// Around a hole the next message there is comes next; a hole up to the end is a gap.
    pub(super) async fn take(&mut self, from: u64, end: u64, limit: usize) -> Result<Vec<T>, ReadError> {
        let mut again = self.wire.again();
        loop {
            let error = match self.page(from, end, limit).await {
                Ok(Some(page)) => return Ok(page),
                Ok(None) => NatsError::NoAnswer { what: "a page of the stream", within: self.wire.deadline() }.into(),
                Err(error) => error,
            };
            // What was on its way is not to be mixed with what is asked for again.
            self.open = None;
            if !passes(&error) || !again.is_worth_it(&self.wire).await {
                return Err(error);
            }
        }
    }

    /// A page, or nothing where it has to be asked for again.
    async fn page(&mut self, from: u64, end: u64, limit: usize) -> Result<Option<Vec<T>>, ReadError> {
        let mut open = match self.open.take().filter(|open| open.next == from) {
            Some(open) => open,
            None => self.open_at(from).await?,
        };
        let mut page = Vec::with_capacity(limit.min(PULL as usize));
        while page.len() < limit && open.next <= end {
            match self.next(&mut open, end).await? {
                Next::Message(kept) => page.push(kept),
                Next::Lost => return Ok(None),
                Next::Hole if page.is_empty() => return Err(Gap { expected: open.next, found: end }.into()),
                Next::Hole => break,
            }
        }
        self.open = Some(open);
        Ok(Some(page))
    }

    async fn open_at(&self, from: u64) -> Result<Open, ReadError> {
        let what = "a consumer of the stream";
        let config = json!({
            "deliver_policy": "by_start_sequence", "opt_start_seq": from, "ack_policy": "none", "mem_storage": true,
            "num_replicas": 1, "headers_only": self.headers_only,
            "inactive_threshold": u64::try_from(FORGOTTEN_AFTER.as_nanos()).unwrap_or(u64::MAX),
        });
        let question = json!({"stream_name": self.wire.name, "config": config});
        let made = self.wire.api(what, &format!("CONSUMER.CREATE.{}", self.wire.name), &question).await?;
        let nonsense = |reason: String| NatsError::Nonsense { what, reason };
        let consumer = made["name"].as_str().ok_or_else(|| nonsense("it has no name".into()))?.to_string();
        let inbox = self.wire.client.new_inbox();
        let coming = self.wire.client.subscribe(inbox.clone()).await.map_err(|error| nonsense(error.to_string()))?;
        Ok(Open { consumer, inbox, coming, next: from, asked: 0 })
    }

    async fn next(&self, open: &mut Open, end: u64) -> Result<Next<T>, ReadError> {
        loop {
            self.ask_for_more(open, end).await?;
            let mut coming = pin!(open.coming.next());
            let message = match timeout(self.request / 4, &mut coming).await {
                Ok(message) => message,
                // The leader knows by now what the end of the request would say later.
                Err(_) if self.wire.by_leader(open.next).await?.is_none() => return Ok(Next::Hole),
                Err(_) => timeout(self.request.saturating_mul(2), coming).await.ok().flatten(),
            };
            let Some(message) = message else { return Ok(Next::Lost) };
            if let Some(status) = status(&message) {
                let ended = status == 408 || (status == 409 && is_used_up(&message));
                if !ended {
                    return Ok(Next::Lost);
                }
                open.asked = open.asked.saturating_sub(not_coming(&message).unwrap_or(open.asked));
                // Nothing more came in time although the leader has it: a server that is behind, or a hole.
                if status == 408 && open.asked == 0 {
                    return self.hole_or_lost(open.next).await;
                }
                continue;
            }
            open.asked = open.asked.saturating_sub(1);
            let Some(sequence) = message.reply.as_deref().and_then(sequence_in) else { return Ok(Next::Lost) };
            if sequence != open.next && !matches!(self.hole_or_lost(open.next).await?, Next::Hole) {
                return Ok(Next::Lost);
            }
            open.next = sequence + 1;
            return self.read(sequence, message).map(Next::Message);
        }
    }

    async fn hole_or_lost(&self, sequence: u64) -> Result<Next<T>, ReadError> {
        Ok(if self.wire.by_leader(sequence).await?.is_some() { Next::Lost } else { Next::Hole })
    }

    fn read(&self, sequence: u64, message: async_nats::Message) -> Result<T, ReadError> {
        let headers = message.headers.unwrap_or_default();
        let came = Came { sequence, subject: &message.subject, headers: &headers, bytes: message.payload.into() };
        (self.read)(came, &self.wire.name)
    }

    /// Asks again when half of a request is still to come, and for no more than there is.
    async fn ask_for_more(&self, open: &mut Open, end: u64) -> Result<(), NatsError> {
        let missing = (end + 1).saturating_sub(open.next + open.asked).min(PULL);
        if open.asked > PULL / 2 || missing == 0 {
            return Ok(());
        }
        let expires = u64::try_from(self.request.as_nanos()).unwrap_or(u64::MAX);
        let question = json!({"batch": missing, "max_bytes": PULL_BYTES, "expires": expires}).to_string();
        let subject = self.wire.question(&format!("CONSUMER.MSG.NEXT.{}.{}", self.wire.name, open.consumer));
        let what = "the next messages";
        let asking = self.wire.client.publish_with_reply(subject, open.inbox.clone(), question.into());
        match timeout(self.request, asking).await {
            Ok(Ok(())) => {
                open.asked += missing;
                Ok(())
            }
            Ok(Err(error)) => Err(NatsError::Nonsense { what, reason: error.to_string() }),
            Err(_) => Err(NatsError::NoAnswer { what, within: self.request }),
        }
    }
}

/// A request ended because its messages or its bytes were used up: nothing is wrong with the consumer.
fn is_used_up(message: &async_nats::Message) -> bool {
    let said = message.description.as_deref().unwrap_or_default().to_ascii_lowercase();
    said.contains("batch completed") || said.contains("maxbytes")
}

/// How many messages of an ended request do not come.
fn not_coming(message: &async_nats::Message) -> Option<u64> {
    message.headers.as_ref()?.get("Nats-Pending-Messages")?.as_str().parse().ok()
}

/// The sequence in the subject on which a message would be acknowledged, in its short form or in that with a domain.
fn sequence_in(reply: &str) -> Option<u64> {
    let parts: Vec<&str> = reply.split('.').collect();
    let place = if parts.len() >= 11 { 7 } else { 5 };
    parts.get(place).filter(|_| reply.starts_with("$JS.ACK."))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_read_from_both_forms_of_the_subject() {
        assert_eq!(sequence_in("$JS.ACK.footing.c1.1.42.7.1700000000000000000.0"), Some(42));
        assert_eq!(sequence_in("$JS.ACK.hub.ACC.footing.c1.1.42.7.1700000000000000000.0.x"), Some(42));
        assert_eq!(sequence_in("_INBOX.a.b"), None);
    }
}
