//! One connection to the server, and the questions a ledger asks over it. Every one has a time-out.
//!
//! The answers are read here and not by the client's own types, because those cannot be read when numbers are kept as
//! they are written.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, HeaderMap, RequestErrorKind, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{Either, select};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::connect::{Denials, LONGEST_PAUSE, connect};
use super::error::{NatsError, OLDEST};
use super::message::{Came, Kept, headers_in, sequence_in, subject_in};
use super::place::{Address, Options};
use crate::store::ReadError;

/// The key in the stream's metadata under which the ledger's own id stands.
pub(super) const LEDGER: &str = "footing.ledger";

/// What a server says that has no message at a sequence, for whatever reason, or could not read it.
pub(super) const ABSENT: [u64; 2] = [10_037, 10_043];

/// The pause before a question is asked once more; each is twice as long as the one before, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest pause.
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// A connection, for one stream.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) client: Client,
    pub(super) name: String,
    /// The ledger that was found there; none before it was looked at.
    pub(super) ledger: Option<Uuid>,
    /// How many servers have to keep it, where that was said.
    pub(super) replicas: Option<u8>,
    /// What the subjects begin with on which the server answers.
    api: String,
    denials: Denials,
    request: Duration,
    deadline: Duration,
    /// Whether there are other servers to ask, and when the last one was left.
    is_cluster: bool,
    moved: Arc<Mutex<Option<Instant>>>,
}

/// How often and how long a question is asked.
#[derive(Debug)]
pub(super) struct Again {
    /// From when on another server may know better.
    move_on: Instant,
    until: Instant,
    pause: Duration,
}

impl Again {
    /// Waits a little, longer each time; false where patience is at its end.
    pub(super) async fn is_worth_it(&mut self, wire: &Wire) -> bool {
        if Instant::now() >= self.until {
            return false;
        }
        sleep(self.pause).await;
        if wire.is_cluster && Instant::now() >= self.move_on {
            wire.move_on().await;
        }
        self.pause = (self.pause * 2).min(LAST_PAUSE);
        true
    }
}

impl Wire {
    /// Connects, and refuses a server that is too old.
    pub(super) async fn connect(address: &Address, options: &Options) -> Result<Wire, NatsError> {
        let (client, denials) = connect(address, options).await?;
        let Options { replicas, request, deadline, .. } = *options;
        let (name, api) = (address.name().into(), options.api_prefix.clone());
        let is_cluster = address.servers().len() > 1;
        let moved = Arc::default();
        let wire = Wire { client, name, ledger: None, replicas, api, denials, request, deadline, is_cluster, moved };
        wire.check_version()?;
        Ok(wire)
    }

    /// Whether the server that is connected now is new enough; it may be another one than before.
    pub(super) fn check_version(&self) -> Result<(), NatsError> {
        let version = self.client.server_info().version;
        if is_new_enough(&version) { Ok(()) } else { Err(NatsError::TooOld { version }) }
    }

    /// The subject of a question to the server.
    pub(super) fn question(&self, subject: &str) -> String {
        format!("{}.{subject}", self.api)
    }

    /// How long one request may take.
    pub(super) const fn patience(&self) -> Duration {
        self.request
    }

    /// How long a question is asked again.
    pub(super) const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Which connection it is: another number after every time that it was lost and made again.
    pub(super) fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    /// Whether there is a connection.
    pub(super) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// The longest message that the server takes.
    pub(super) fn largest(&self) -> usize {
        self.client.server_info().max_payload
    }

    /// Asks until there is an answer, an error that does not pass, or no patience left.
    pub(super) async fn patiently<T, E, F>(&self, passes: impl Fn(&E) -> bool, ask: impl Fn() -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut again = self.again();
        loop {
            match ask().await {
                Err(error) if passes(&error) && again.is_worth_it(self).await => {}
                answer => return answer,
            }
        }
    }

    /// The patience for one question.
    pub(super) fn again(&self) -> Again {
        let now = Instant::now();
        Again { move_on: now + self.request, until: now + self.deadline, pause: FIRST_PAUSE }
    }

    /// Goes to another server of the cluster: this one may be cut off from the others. Whoever asks for it, a connection
    /// is given the time to be made and to answer a request.
    async fn move_on(&self) {
        let is_time = {
            let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
            let is_over = |last: Instant| last.elapsed() >= self.request + LONGEST_PAUSE;
            let is_time = self.is_connected() && moved.is_none_or(is_over);
            if is_time {
                *moved = Some(Instant::now());
            }
            is_time
        };
        if is_time {
            // A client that cannot be told any more shows it with the next question.
            drop(self.client.force_reconnect().await);
        }
    }

    /// What the stream's subjects begin with.
    pub(super) fn prefix(&self) -> String {
        format!("{}.", self.name)
    }

    /// Asks the server about its streams and consumers.
    pub(super) async fn api(&self, what: &'static str, subject: &str, question: &Value) -> Result<Value, NatsError> {
        let answer = self.ask(what, self.question(subject), HeaderMap::new(), question.to_string().into()).await?;
        let answer: Value = serde_json::from_slice(&answer.payload)
            .map_err(|error| NatsError::Nonsense { what, reason: error.to_string() })?;
        match answer.get("error") {
            None => Ok(answer),
            Some(error) => Err(refused(what, error)),
        }
    }

    /// Sends one message and waits for its answer.
    pub(super) async fn ask(
        &self,
        what: &'static str,
        subject: String,
        headers: HeaderMap,
        bytes: bytes::Bytes,
    ) -> Result<async_nats::Message, NatsError> {
        let mut request = async_nats::Request::new().payload(bytes).timeout(Some(self.request));
        if !headers.is_empty() {
            request = request.headers(headers);
        }
        let denied = self.denials.listen();
        // A request waits for room in the queue before its own time begins, and there is none while nobody is connected.
        let sent = tokio::time::timeout(self.request, self.client.send_request(subject.clone(), request));
        let sent = match select(pin!(sent), pin!(denied.about(&subject))).await {
            Either::Left((sent, _)) => sent,
            Either::Right((reason, _)) => return Err(NatsError::Forbidden { what, reason }),
        };
        match sent {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(match error.kind() {
                RequestErrorKind::TimedOut | RequestErrorKind::NoResponders => {
                    NatsError::NoAnswer { what, within: self.request }
                }
                RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded | RequestErrorKind::Other => {
                    NatsError::Refused { what, code: 0, reason: error.to_string() }
                }
            }),
            Err(_) => Err(NatsError::NoAnswer { what, within: self.request }),
        }
    }

    /// All the server says of the stream.
    pub(super) async fn info(&self, what: &'static str) -> Result<Value, NatsError> {
        self.api(what, &format!("STREAM.INFO.{}", self.name), &json!({})).await
    }

    /// One message: from whichever server is near, and from the leader where that one does not have it; none where that is
    /// certain.
    pub(super) async fn get(&self, sequence: u64) -> Result<Option<Kept>, ReadError> {
        match self.nearby(sequence).await? {
            Some(kept) => Ok(Some(kept)),
            None => self.by_leader(sequence).await,
        }
    }

    /// One message, by the stream's leader; none where that is certain.
    pub(super) async fn by_leader(&self, sequence: u64) -> Result<Option<Kept>, ReadError> {
        match self.as_led(sequence).await? {
            Some(kept) => Ok(Some(kept)),
            None => self.or_missing(sequence).await,
        }
    }

    /// One message; none where whoever was asked has none, which others may have.
    pub(super) async fn at_hand(&self, sequence: u64) -> Result<Option<Kept>, ReadError> {
        match self.nearby(sequence).await? {
            Some(kept) => Ok(Some(kept)),
            None => self.as_led(sequence).await,
        }
    }

    /// One message, by any server that keeps the stream: one that is behind has it not yet.
    async fn nearby(&self, sequence: u64) -> Result<Option<Kept>, ReadError> {
        let question = json!({"seq": sequence}).to_string();
        let subject = self.question(&format!("DIRECT.GET.{}", self.name));
        let asked = self.ask("a message", subject, HeaderMap::new(), question.into());
        // It may also be one that was cut off: it is not waited for long.
        let answer = match tokio::time::timeout(self.request / 4, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(NatsError::NoAnswer { .. })) | Err(_) => return Ok(None),
            Ok(Err(error)) => return Err(error.into()),
        };
        let (None, Some(headers)) = (answer.status, &answer.headers) else { return Ok(None) };
        if sequence_in(headers) != Some(sequence) {
            return Ok(None);
        }
        let subject = subject_in(headers);
        Came { sequence, subject: &subject, headers, bytes: answer.payload.into() }.kept(&self.name).map(Some)
    }

    /// One message, by whoever answers for the stream's leader.
    async fn as_led(&self, sequence: u64) -> Result<Option<Kept>, ReadError> {
        let subject = format!("STREAM.MSG.GET.{}", self.name);
        match self.api("a message of the leader", &subject, &json!({"seq": sequence})).await {
            Err(NatsError::Refused { code, .. }) if ABSENT.contains(&code) => Ok(None),
            answer => self.in_answer(sequence, &answer?).map(Some),
        }
    }

    /// The message in the answer of a leader.
    pub(super) fn in_answer(&self, sequence: u64, answer: &Value) -> Result<Kept, ReadError> {
        let text = |field: &str| answer["message"][field].as_str().unwrap_or_default();
        let bytes = |field: &str| STANDARD.decode(text(field)).unwrap_or_default();
        let headers = headers_in(&bytes("hdrs"));
        Came { sequence, subject: text("subject"), headers: &headers, bytes: bytes("data") }.kept(&self.name)
    }
}

/// Whether a server of this version keeps a batch whole.
pub(super) fn is_new_enough(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u64>());
    matches!((parts.next(), parts.next()), (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= OLDEST)
}

/// The id of the ledger whose stream this is.
pub(super) fn ledger_of(info: &Value) -> Option<Uuid> {
    info["config"]["metadata"][LEDGER].as_str()?.parse().ok()
}

/// What the server said instead of an answer.
pub(super) fn refused(what: &'static str, error: &Value) -> NatsError {
    let reason = error["description"].as_str().unwrap_or("it did not say why").into();
    NatsError::Refused { what, code: number(&error["err_code"]).unwrap_or(0), reason }
}

pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64()
}

/// The status of a message that is none: the server says something about a pull or a get.
pub(super) fn status(message: &async_nats::Message) -> Option<u16> {
    message.status.map(|status: StatusCode| status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_from_2_12_on_are_new_enough_and_anything_unreadable_is_not() {
        for (version, expected) in
            [("2.11.11", false), ("2.12.0", true), ("2.15.1", true), ("3.0.0-RC.1", true), ("2", false), ("", false)]
        {
            assert_eq!(is_new_enough(version), expected, "{version}");
        }
    }
}
