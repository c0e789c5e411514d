//! Messages in a row, asked for with one request: what was just written is read back this way.

use async_nats::Subscriber;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use tokio::time::timeout;

use super::AT_ONCE;
use super::message::{Came, Kept, sequence_in, subject_in};
use super::wire::{Wire, status};
use crate::store::ReadError;

/// What came next of a row.
enum Next {
    Message(Kept),
    /// The server has no more for this request.
    End,
    /// Nothing, or something else: answers are lost on the way.
    Lost,
}

impl Wire {
    /// So many messages from a sequence on, each in its place. What one answer leaves out, because it is long enough or
    /// came from a server that is behind, is asked for again. Where answers are lost, the leader is asked for the rest: a
    /// question that any server may answer is led to one that was cut off again and again.
    pub(super) async fn in_a_row(&self, first: u64, count: u64) -> Result<Vec<Option<Kept>>, ReadError> {
        if count == 1 {
            return Ok(vec![self.get(first).await?]);
        }
        let end = first + count;
        let (mut found, mut next, mut is_lost) = (Vec::new(), first, false);
        while next < end && !is_lost {
            let begun = next;
            let Some(mut coming) = self.asked(next, end - next).await else { break };
            while next < end {
                match self.comes(&mut coming, next).await? {
                    Next::Message(kept) => found.push(Some(kept)),
                    Next::End => break,
                    Next::Lost => {
                        is_lost = true;
                        break;
                    }
                }
                next += 1;
            }
            if next == begun && !is_lost {
                found.push(self.get(next).await?);
                next += 1;
            }
        }
        let by_leader = stream::iter(next..end).map(|sequence| self.by_leader(sequence)).buffered(AT_ONCE);
        found.extend(by_leader.try_collect::<Vec<_>>().await?);
        Ok(found)
    }

    /// Asks for a row; none where that cannot even be asked.
    async fn asked(&self, next: u64, count: u64) -> Option<Subscriber> {
        let inbox = self.client.new_inbox();
        let coming = self.client.subscribe(inbox.clone()).await.ok()?;
        let question = json!({"seq": next, "batch": count, "next_by_subj": format!("{}>", self.prefix())});
        let subject = self.question(&format!("DIRECT.GET.{}", self.name));
        let asking = self.client.publish_with_reply(subject, inbox, question.to_string().into());
        timeout(self.patience() / 4, asking).await.ok()?.ok()?;
        Some(coming)
    }

    /// What comes next of a row, where the message of this sequence should.
    async fn comes(&self, coming: &mut Subscriber, sequence: u64) -> Result<Next, ReadError> {
        let Ok(Some(message)) = timeout(self.patience() / 4, coming.next()).await else { return Ok(Next::Lost) };
        if status(&message).is_some() {
            return Ok(Next::End);
        }
        let headers = message.headers.unwrap_or_default();
        if sequence_in(&headers) != Some(sequence) {
            return Ok(Next::Lost);
        }
        let subject = subject_in(&headers);
        let came = Came { sequence, subject: &subject, headers: &headers, bytes: message.payload.into() };
        came.kept(&self.name).map(Next::Message)
    }
}
