//! Making the connection: who we are, whom we trust, and what the server says that we may not do.

use std::fs;
use std::future::{pending, ready};
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ReconnectToServer, Server, ServerAddr};
use futures_util::future::select;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use super::error::NatsError;
use super::place::{Address, Options, Password};

/// The longest time between two attempts to connect again.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// What the server says, in small letters, where nothing may be listened for.
const DEAF: &str = "violation for subscription";

/// What a file with a certificate holds somewhere.
const CERTIFICATE: &str = "BEGIN CERTIFICATE";

/// Connects as the options say.
pub(super) async fn connect(address: &Address, options: &Options) -> Result<(Client, Denials), NatsError> {
    let (server, (with, denials)) = (address.to_string(), settings(address, options)?);
    let connecting = tokio::time::timeout(options.request, with.connect(address.servers()));
    let Ok(connected) = connecting.await else {
        return Err(NatsError::Unreachable { server, reason: "no answer in time".into(), advice: advice("") });
    };
    let client = connected.map_err(|error| match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => NatsError::NotLetIn { server },
        ConnectErrorKind::ServerParse
        | ConnectErrorKind::Dns
        | ConnectErrorKind::TimedOut
        | ConnectErrorKind::Tls
        | ConnectErrorKind::Io
        | ConnectErrorKind::MaxReconnects => {
            let reason = error.to_string();
            NatsError::Unreachable { server, advice: advice(&reason), reason }
        }
    })?;
    Ok((client, denials))
}

/// How many refusals are remembered for a question that has not come to look yet.
const REMEMBERED: usize = 256;

/// What the server says that this user may not do.
#[derive(Clone, Debug)]
pub(super) struct Denials {
    said: broadcast::Sender<Arc<str>>,
    /// What it said of listening, since the connection was made: answers are listened for once and for all questions.
    deaf: watch::Receiver<String>,
}

impl Denials {
    /// Listens from now on, for a question that is about to be sent: what was said before answers another one.
    pub(super) fn listen(&self) -> Denied {
        Denied { said: self.said.subscribe(), deaf: self.deaf.clone() }
    }
}

/// What the server says that this user may not do, from a moment on.
#[derive(Debug)]
pub(super) struct Denied {
    said: broadcast::Receiver<Arc<str>>,
    deaf: watch::Receiver<String>,
}

impl Denied {
    /// Waits until the server says that nothing may be sent there, or that nothing may be heard.
    pub(super) async fn about(mut self, subject: &str) -> String {
        let subject = format!("\"{}\"", subject.to_ascii_lowercase());
        let of_sending = async {
            loop {
                match self.said.recv().await {
                    Ok(text) if text.to_ascii_lowercase().contains(&subject) => return text.to_string(),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return pending().await,
                }
            }
        };
        let of_hearing = async {
            let heard = self.deaf.wait_for(|text| !text.is_empty()).await.map(|text| text.clone());
            match heard {
                Ok(text) => text,
                Err(_) => pending().await,
            }
        };
        select(pin!(of_sending), pin!(of_hearing)).await.factor_first().0
    }
}

fn settings(address: &Address, options: &Options) -> Result<(ConnectOptions, Denials), NatsError> {
    let (said, (deafened, deaf)) = (broadcast::Sender::new(REMEMBERED), watch::channel(String::new()));
    let says = said.clone();
    let mut with = ConnectOptions::new()
        .name("footing")
        .connection_timeout(options.request)
        .request_timeout(Some(options.request))
        .event_callback(move |event| {
            match event {
                Event::ServerError(error) if error.to_string().to_ascii_lowercase().contains(DEAF) => {
                    deafened.send_replace(error.to_string());
                }
                // Nobody may be asking anything.
                Event::ServerError(error) => drop(says.send(error.to_string().into())),
                Event::Connected => drop(deafened.send_replace(String::new())),
                Event::Disconnected
                | Event::LameDuckMode
                | Event::Draining
                | Event::Closed
                | Event::SlowConsumer(_)
                | Event::ClientError(_) => {}
            }
            ready(())
        })
        .reconnect_delay_callback(|attempts| {
            let doubled = Duration::from_millis(50).saturating_mul(1 << attempts.min(8));
            doubled.min(LONGEST_PAUSE)
        });
    if address.servers().len() > 1 {
        let last = Mutex::<Option<ServerAddr>>::default();
        with = with.reconnect_to_server_callback(move |servers, _| {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            *last = next(&servers, last.as_ref());
            ready(last.clone().map(|addr| ReconnectToServer { addr, delay: None }))
        });
    }
    if let Some((user, Password(password))) = &options.user {
        with = with.user_and_password(user.clone(), password.clone());
    }
    if let Some(path) = &options.credentials {
        with = with.credentials(&text_of(path, "BEGIN NATS USER JWT")?).map_err(|source| key(path, source))?;
    }
    if let Some(path) = &options.nkey {
        with = with.nkey(text_of(path, "SU")?.trim().into());
    }
    if let Some(path) = &options.authority {
        text_of(path, CERTIFICATE)?;
        with = with.add_root_certificates(path.clone());
    }
    if let Some((certificate, secret)) = &options.certificate {
        text_of(certificate, CERTIFICATE)?;
        text_of(secret, "PRIVATE KEY")?;
        with = with.add_client_certificate(certificate.clone(), secret.clone());
    }
    if address.is_encrypted() {
        with = with.require_tls(true);
    }
    Ok((with, Denials { said, deaf }))
}

/// The server after the one that was tried last, or else after the one that was connected first; any for the first
/// connection. By itself a client may come back to the very server that it was to leave.
fn next(servers: &[Server], last: Option<&ServerAddr>) -> Option<ServerAddr> {
    let is_last = |server: &Server| last.map_or(server.did_connect, |last| server.addr == *last);
    let last = servers.iter().position(is_last)?;
    servers.iter().cycle().nth(last + 1).map(|server| server.addr.clone())
}

/// A file that has to hold a certain text, so that a wrong one is named and not found out from the server.
fn text_of(path: &Path, holds: &str) -> Result<String, NatsError> {
    let text = fs::read_to_string(path).map_err(|source| key(path, source))?;
    if text.contains(holds) {
        return Ok(text);
    }
    Err(key(path, io::Error::new(io::ErrorKind::InvalidData, format!("there is no `{holds}` in it"))))
}

fn key(path: &Path, source: io::Error) -> NatsError {
    NatsError::Key { path: path.into(), source }
}

/// What to do about a connection that did not come about.
fn advice(reason: &str) -> &'static str {
    if reason.contains("invalid peer certificate") {
        "name the authority that vouches for the server with --nats-ca, and the host as its certificate has it"
    } else if reason.contains("CertificateRequired") {
        "the server asks for our certificate: name it with --nats-cert, and its key with --nats-key"
    } else if reason.contains("fatal alert") {
        "the server does not take our certificate: was it made by its own authority, and is it still valid?"
    } else if reason.contains("InvalidContentType") {
        "nobody speaks TLS there: nats:// is for connections that are not encrypted"
    } else {
        "is the server running, and is the address right?"
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const REFUSED: &str = "permissions violation for publish to \"footing.benefit.person.1\"";

    fn denials() -> (Denials, watch::Sender<String>) {
        let (deafened, deaf) = watch::channel(String::new());
        (Denials { said: broadcast::Sender::new(REMEMBERED), deaf }, deafened)
    }

    #[test]
    fn a_refusal_answers_the_question_that_was_asked_before_it_and_about_its_subject() {
        let (denials, _deafened) = denials();
        let (asked, other) = (denials.listen(), denials.listen());
        denials.said.send(REFUSED.into()).unwrap();
        assert_eq!(asked.about("footing.benefit.person.1").now_or_never(), Some(REFUSED.into()));
        assert_eq!(other.about("footing.benefit.person.12").now_or_never(), None);
        assert_eq!(denials.listen().about("footing.benefit.person.1").now_or_never(), None);
    }

    #[test]
    fn who_may_not_listen_gets_no_answer_over_that_connection_and_perhaps_over_the_next() {
        let (denials, deafened) = denials();
        deafened.send_replace("permissions violation for subscription to \"_inbox.x.*\"".into());
        assert!(denials.listen().about("any").now_or_never().is_some());
        deafened.send_replace(String::new());
        assert_eq!(denials.listen().about("any").now_or_never(), None);
    }
}
