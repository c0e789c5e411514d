//! What is missing: said only where it is certain, because payments stop.
//!
//! A server that was cut off and joined again leads the stream in its own eyes for about a second. It answers that it has
//! nothing of what the others stored meanwhile, beside the true leader and often before it, and the answer names nobody
//! (nats-server 2.15.1). So whoever was told that a message is missing asks for it once more, and for the stream itself, and
//! hears out everybody who answers. Somebody who has it has it. Missing it is where one server alone answers, leads the
//! stream, was heard by most of the others and says that the stream goes so far; and where all this is so a second time,
//! because an account of its own passes only the first answer on.

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::error::NatsError;
use super::message::Kept;
use super::set_up::may_be_out_of_date;
use super::wire::{ABSENT, Wire, number};
use crate::store::{Gap, ReadError};

/// What the type of an answer about the stream ends with.
const ABOUT: &str = "stream_info_response";

/// What all answers come to.
#[derive(Debug, PartialEq)]
enum Heard<'a> {
    /// Somebody has it.
    Message(&'a Value),
    /// Whoever leads the stream does not have it, and says where the stream ends; no leader where one server keeps it.
    Nothing { leader: Option<&'a str>, end: u64 },
    /// Why that is not certain.
    Unclear(String),
}

impl Wire {
    /// The message at a sequence of which somebody said that nothing is there; none where that is certain.
    ///
    /// # Errors
    /// [`Gap`] where the stream certainly ends before it; [`NatsError::Uncertain`] where another answer may come.
    pub(super) async fn or_missing(&self, sequence: u64) -> Result<Option<Kept>, ReadError> {
        let mut before = None;
        loop {
            let answers = self.all_answers(sequence).await?;
            let leads = match judged(&answers, sequence) {
                Heard::Message(answer) => return self.in_answer(sequence, answer).map(Some),
                Heard::Unclear(reason) => return Err(NatsError::Uncertain { name: self.name.clone(), reason }.into()),
                Heard::Nothing { leader: Some(leader), .. } if before.as_deref() != Some(leader) => leader,
                Heard::Nothing { end, .. } if end < sequence => {
                    return Err(Gap { expected: sequence + 1, found: end }.into());
                }
                Heard::Nothing { .. } => return Ok(None),
            };
            before = Some(leads.to_string());
        }
    }

    /// What everybody answers who leads the stream or believes to. One server that keeps it alone has nobody beside it.
    async fn all_answers(&self, sequence: u64) -> Result<Vec<Value>, NatsError> {
        let what = "a message that may be missing";
        let nonsense = |reason: String| NatsError::Nonsense { what, reason };
        let inbox = self.client.new_inbox();
        let mut coming = self.client.subscribe(inbox.clone()).await.map_err(|error| nonsense(error.to_string()))?;
        for (subject, question) in [("STREAM.MSG.GET", json!({"seq": sequence})), ("STREAM.INFO", json!({}))] {
            let subject = self.question(&format!("{subject}.{}", self.name));
            let asking = self.client.publish_with_reply(subject, inbox.clone(), question.to_string().into());
            match timeout(self.patience(), asking).await {
                Ok(asked) => asked.map_err(|error| nonsense(error.to_string()))?,
                Err(_) => return Err(NatsError::NoAnswer { what, within: self.patience() }),
            }
        }
        let (mut answers, mut wait) = (Vec::<Value>::new(), self.patience());
        while let Ok(Some(answer)) = timeout(wait, coming.next()).await {
            answers.push(serde_json::from_slice(&answer.payload).map_err(|error| nonsense(error.to_string()))?);
            if answers.len() == 2 && answers.iter().any(|answer| kept_by(answer) == 1) {
                break;
            }
            wait = self.patience() / 4;
        }
        Ok(answers)
    }
}

fn judged(answers: &[Value], sequence: u64) -> Heard<'_> {
    let is_about = |answer: &&Value| answer["type"].as_str().is_some_and(|kind| kind.ends_with(ABOUT));
    let (about, messages): (Vec<&Value>, Vec<&Value>) = answers.iter().partition(is_about);
    if let Some(found) = messages.iter().find(|answer| answer["message"].is_object()) {
        return Heard::Message(found);
    }
    let is_absent = |answer: &&Value| number(&answer["error"]["err_code"]).is_some_and(|code| ABSENT.contains(&code));
    let [about] = about[..] else { return Heard::Unclear(format!("{} servers answered for it", about.len())) };
    if messages.is_empty() || !messages.iter().all(is_absent) {
        return Heard::Unclear(format!("nobody said what stands at {sequence}"));
    }
    let kept_by = kept_by(about);
    if let Some(reason) = may_be_out_of_date(&about["cluster"], kept_by) {
        return Heard::Unclear(reason);
    }
    match number(&about["state"]["last_seq"]) {
        Some(end) => Heard::Nothing { leader: about["cluster"]["leader"].as_str().filter(|_| kept_by > 1), end },
        None => Heard::Unclear("the server did not say where it ends".into()),
    }
}

/// How many servers keep the stream; 0 where an answer does not say.
fn kept_by(answer: &Value) -> u64 {
    number(&answer["config"]["num_replicas"]).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absent() -> Value {
        json!({"type": "io.nats.jetstream.api.v1.stream_msg_get_response", "error": {"code": 404, "err_code": 10_037}})
    }

    fn found() -> Value {
        json!({"type": "io.nats.jetstream.api.v1.stream_msg_get_response", "message": {"seq": 7}})
    }

    /// What a server says that leads and heard the other two so many milliseconds ago.
    fn leads(leader: &str, heard: u64, end: u64) -> Value {
        let other = |name: &str| json!({"name": name, "current": true, "active": heard * 1_000_000});
        json!({
            "type": "io.nats.jetstream.api.v1.stream_info_response", "config": {"num_replicas": 3},
            "state": {"last_seq": end}, "cluster": {"leader": leader, "replicas": [other("a"), other("b")]},
        })
    }

    fn alone(end: u64) -> Value {
        json!({
            "type": "io.nats.jetstream.api.v1.stream_info_response", "config": {"num_replicas": 1},
            "state": {"last_seq": end},
        })
    }

    #[track_caller]
    fn check(answers: &[Value], expected: &Heard<'_>) {
        assert_eq!(judged(answers, 7), *expected);
    }

    #[test]
    fn a_message_is_missing_where_the_one_leader_does_not_have_it_and_was_heard_by_most() {
        check(&[absent(), leads("n1", 900, 9)], &Heard::Nothing { leader: Some("n1"), end: 9 });
        check(&[alone(9), absent()], &Heard::Nothing { leader: None, end: 9 });
        check(&[absent(), alone(3)], &Heard::Nothing { leader: None, end: 3 });
    }

    #[test]
    fn a_message_that_one_of_two_leaders_has_is_there() {
        check(&[absent(), leads("n2", 14_000, 3), found(), leads("n1", 900, 9)], &Heard::Message(&found()));
    }

    #[test]
    fn nothing_is_missing_while_two_lead_or_the_one_heard_nobody_or_said_nothing() {
        let unclear = |answers: &[Value]| matches!(judged(answers, 7), Heard::Unclear(_));
        assert!(unclear(&[absent(), leads("n2", 14_000, 3), leads("n1", 900, 9)]));
        assert!(unclear(&[absent(), leads("n2", 14_000, 3)]));
        assert!(unclear(&[absent()]));
        assert!(unclear(&[leads("n1", 900, 9)]));
        let busy = json!({"type": "io.nats.jetstream.api.v1.stream_msg_get_response", "error": {"err_code": 10_008}});
        assert!(unclear(&[busy, leads("n1", 900, 9)]));
        assert!(unclear(&[]));
    }
}
