//! Messages in a row, asked for with one request: what was just written is read back this way.

use async_nats::Subscriber;
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use super::wire::{Kept, Wire, status};
use crate::store::ReadError;

impl Wire {
    /// So many messages from a sequence on, each in its place. What one answer leaves out (because it is long enough, was
    /// lost, or came from a server that is behind) is asked for again, and message by message where nothing comes.
    pub(super) async fn in_a_row(&self, first: u64, count: u64) -> Result<Vec<Option<Kept>>, ReadError> {
        let end = first + count;
        let mut found = Vec::new();
        while first + (found.len() as u64) < end {
            let next = first + found.len() as u64;
            let before = found.len();
            if end - next > 1
                && let Some(mut coming) = self.asked(next, end - next).await
            {
                while let Some(kept) = self.comes(&mut coming, first + found.len() as u64).await? {
                    found.push(Some(kept));
                }
            }
            if found.len() == before {
                found.push(self.get(next).await?);
            }
        }
        found.truncate(usize::try_from(count).unwrap_or(usize::MAX));
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

    /// The next message of a row, if it is the one of this sequence.
    async fn comes(&self, coming: &mut Subscriber, sequence: u64) -> Result<Option<Kept>, ReadError> {
        let Ok(Some(message)) = timeout(self.patience() / 4, coming.next()).await else { return Ok(None) };
        let (None, Some(headers)) = (status(&message), &message.headers) else { return Ok(None) };
        if headers.get("Nats-Sequence").and_then(|found| found.as_str().parse().ok()) != Some(sequence) {
            return Ok(None);
        }
        let subject = headers.get("Nats-Subject").map(ToString::to_string).unwrap_or_default();
        self.kept(sequence, &subject, headers, message.payload.into()).map(Some)
    }
}
