//! The server files of `ops/deploy/nats`: what each user may do with the ledger, and what nobody but the administrator may.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use futures_util::{FutureExt, StreamExt};
use ledger::contract::{check_all, message, person};
use ledger::jetstream::{Address, NatsError, Options};
use ledger::{AppendError, JetStreamStore, Message, Store};
use schemas::{ClaimId, Subject};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::deploy::Deployed;
use crate::place::runtime;

/// Where app and readers ask, by `rights.conf`.
const PREFIX: &str = "ledger";

fn address(servers: &Deployed) -> Address {
    servers.address().parse().unwrap()
}

/// How a user asks, with files of its own beside the ledger.
fn options(servers: &Deployed, user: &str) -> Options {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let beside = servers.folder().join(format!("{user}-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    let mut options = Options {
        authority: Some(servers.file("ca.pem")),
        certificate: Some((servers.file(&format!("{user}.pem")), servers.file(&format!("{user}.key")))),
        ..Options::beside(beside)
    };
    if user != "admin" {
        options.api_prefix = PREFIX.into();
    }
    options
}

/// The ledger as the administrator makes it.
async fn made(servers: &Deployed, replicas: u8) {
    let options = Options { replicas: Some(replicas), ..options(servers, "admin") };
    let made = JetStreamStore::create(&address(servers), options, Uuid::from_u128(1)).await;
    made.unwrap_or_else(|error| panic!("{error}: {}", servers.log()));
}

async fn opened(servers: &Deployed, user: &str) -> JetStreamStore {
    JetStreamStore::open(&address(servers), options(servers, user)).await.unwrap()
}

/// A connection past the store.
async fn client(servers: &Deployed, user: &str) -> Client {
    let Options { authority, certificate, .. } = options(servers, user);
    let (certificate, key) = certificate.unwrap();
    let with = ConnectOptions::new().add_root_certificates(authority.unwrap()).add_client_certificate(certificate, key);
    with.require_tls(true).connect(servers.address().trim_end_matches("/footing")).await.unwrap()
}

async fn ask(client: &Client, subject: &str, question: &Value) -> Value {
    let answer = client.request(subject.to_string(), question.to_string().into()).await.unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}

fn events(count: u32) -> Vec<Message> {
    (0..count).map(|number| message(number, 0, &person(number % 7), 10, "what happened")).collect()
}

#[test]
fn the_app_keeps_the_contract_with_the_rights_that_it_has() {
    let (servers, runtime) = (Deployed::one_node(), runtime());
    let fresh = || {
        runtime.block_on(async {
            // One account has one ledger: each check gets the only one anew.
            let administrator = client(&servers, "admin").await;
            ask(&administrator, "$JS.API.STREAM.DELETE.footing", &json!({})).await;
            made(&servers, 1).await;
            opened(&servers, "app").await
        })
    };
    check_all(&|check| runtime.block_on(check), fresh).unwrap();
}

/// Sends every request as a user and gives what was answered; each that is refused is named in the server's log.
async fn refused(servers: &Deployed, user: &str, requests: &[(String, Value)]) {
    let asking = client(servers, user).await;
    let inbox = asking.new_inbox();
    let mut answers = asking.subscribe(inbox.clone()).await.unwrap();
    for (subject, question) in requests {
        asking.publish_with_reply(subject.clone(), inbox.clone(), question.to_string().into()).await.unwrap();
    }
    // What may be asked is answered after everything before it was looked at.
    let info = ask(&asking, &format!("{PREFIX}.STREAM.INFO.footing"), &json!({})).await;
    assert_eq!(info["config"]["name"], "footing");
    assert!(answers.next().now_or_never().is_none(), "something was answered");
    let log = servers.log();
    for (subject, _) in requests {
        assert!(log.contains(&format!("Publish Violation - Subject \"{subject}\"")), "{subject}: {log}");
    }
}

/// Everything that makes a stream say less than it said, and what would write past the app.
fn harm() -> Vec<(String, Value)> {
    let asked = |what: &str, question: Value| (format!("$JS.API.{what}"), question);
    vec![
        asked("STREAM.DELETE.footing", json!({})),
        asked("STREAM.PURGE.footing", json!({})),
        asked("STREAM.UPDATE.footing", json!({"name": "footing", "max_msgs": 1})),
        asked("STREAM.MSG.DELETE.footing", json!({"seq": 1})),
        asked("STREAM.RESTORE.footing", json!({})),
        asked("STREAM.SNAPSHOT.footing", json!({"deliver_subject": "footing.benefit.person.x"})),
        asked("STREAM.CREATE.other", json!({"name": "other", "subjects": ["other.>"]})),
        asked("STREAM.PEER.REMOVE.footing", json!({"peer": "footing"})),
        asked("STREAM.LEADER.STEPDOWN.footing", json!({})),
        asked("CONSUMER.DURABLE.CREATE.footing.x", json!({})),
        asked("CONSUMER.DELETE.footing.x", json!({})),
        asked("ACCOUNT.PURGE.LEDGER", json!({})),
        asked("META.LEADER.STEPDOWN", json!({})),
        ("other.benefit.person.x".into(), json!({})),
    ]
}

#[test]
fn the_app_cannot_delete_purge_shrink_restore_or_make_a_stream() {
    let (servers, runtime) = (Deployed::one_node(), runtime());
    runtime.block_on(async {
        made(&servers, 1).await;
        let app = opened(&servers, "app").await;
        app.append(&events(300), 0, &[]).await.unwrap();
        refused(&servers, "app", &harm()).await;
        assert_eq!(app.read(1, 1_000).await.unwrap().len(), 300);
        let other: Address = servers.address().replace("/footing", "/other").parse().unwrap();
        let forbidden = JetStreamStore::create(&other, options(&servers, "app"), Uuid::from_u128(2)).await;
        let said = forbidden.unwrap_err().to_string();
        assert!(said.starts_with("the server does not allow this user to do it (make the stream): "), "{said}");
        assert!(said.contains("\"ledger.STREAM.INFO.other\""), "{said}");
    });
}

/// A message as the app stores it, of these bytes.
async fn stored(app: &JetStreamStore, bytes: &Value) -> u64 {
    let after = app.head().await.unwrap().sequence;
    let event = Message { bytes: bytes.to_string().into(), ..message(9_000, 0, &person(1), 11, "") };
    app.append(&[event], after, &[]).await.unwrap().last
}

#[test]
fn no_answer_that_the_app_or_a_reader_leads_astray_deletes_shrinks_or_writes_the_stream() {
    let (servers, runtime) = (Deployed::one_node(), runtime());
    runtime.block_on(async {
        made(&servers, 1).await;
        let app = opened(&servers, "app").await;
        app.append(&events(20), 0, &[]).await.unwrap();
        let administrator = client(&servers, "admin").await;
        let info = async || ask(&administrator, "$JS.API.STREAM.INFO.footing", &json!({})).await;
        // An event whose bytes are what an administrator would ask; the answer to "which is it?" are those bytes.
        let mut shrunk = info().await["config"].take();
        shrunk["max_msgs"] = json!(3);
        let end = stored(&app, &shrunk).await;
        for user in ["app", "reader"] {
            let asking = client(&servers, user).await;
            for api in [PREFIX, "$JS.API"] {
                let get = format!("{api}.DIRECT.GET.footing");
                let questions = [
                    (&get, json!({"seq": end}), "$JS.API.STREAM.UPDATE.footing"),
                    (&get, json!({"seq": end}), "footing.benefit.person.x"),
                    (&get, json!({"seq": end + 9}), "$JS.API.STREAM.DELETE.footing"), // answered without a word
                ];
                for (subject, question, answer) in questions {
                    asking.publish_with_reply(subject.clone(), answer, question.to_string().into()).await.unwrap();
                }
            }
            // Answered after everything before it.
            ask(&asking, &format!("{PREFIX}.STREAM.INFO.footing"), &json!({})).await;
            let found = info().await;
            assert_eq!(
                (&found["state"]["messages"], &found["config"]["max_msgs"]),
                (&json!(end), &json!(-1)),
                "{user}"
            );
        }
        assert_eq!(app.head().await.unwrap().sequence, end);
    });
}

#[test]
fn a_reader_reads_everything_and_writes_nothing_by_no_detour() {
    let (servers, runtime) = (Deployed::one_node(), runtime());
    runtime.block_on(async {
        made(&servers, 1).await;
        let app = opened(&servers, "app").await;
        app.append(&events(900), 0, &[]).await.unwrap();
        let reader = opened(&servers, "reader").await;
        assert_eq!(reader.read(1, 1_000).await.unwrap(), app.read(1, 1_000).await.unwrap());
        assert_eq!(reader.read_subject(&person(3), 1, 1_000).await.unwrap().len(), 129); // 3, 10, ... 899
        // It is refused at once, and nothing is left to be written later by somebody who may.
        let written = reader.append(&[message(9_000, 0, &person(1), 11, "forged")], 900, &[]).await.unwrap_err();
        let AppendError::Storage { source } = &written else { panic!("{written:?}") };
        assert!(matches!(source.downcast_ref(), Some(NatsError::Forbidden { .. })), "{source}");
        assert_eq!(reader.outbox().await.unwrap().waiting, 0);
        let mut requests = harm();
        requests.push(("footing.benefit.person.x".into(), json!({})));
        refused(&servers, "reader", &requests).await;
        // Answers and pushed messages that are led to the ledger, or to what deletes it.
        let asking = client(&servers, "reader").await;
        for target in ["footing.benefit.person.x", "$JS.API.STREAM.DELETE.footing"] {
            let subject = format!("{PREFIX}.STREAM.INFO.footing");
            asking.publish_with_reply(subject, target, "".into()).await.unwrap();
            let push = json!({"stream_name": "footing", "config": {
                "deliver_subject": target, "deliver_policy": "all", "ack_policy": "none", "headers_only": true,
                "mem_storage": true, "inactive_threshold": 1_000_000_000}});
            ask(&asking, &format!("{PREFIX}.CONSUMER.CREATE.footing"), &push).await;
        }
        asking.flush().await.unwrap();
        assert_eq!(app.head().await.unwrap().sequence, 900);
        assert_eq!(app.read(1, 1_000).await.unwrap().len(), 900);
    });
}

#[test]
fn what_was_refused_once_is_not_refused_of_another_subject_nor_after_the_right_was_given() {
    let (all, some) = ("\"footing.benefit.>\"\n", "\"footing.benefit.claim.>\"\n");
    let (servers, runtime) = (Deployed::one_node_but(&[(all, some)]), runtime());
    runtime.block_on(async {
        made(&servers, 1).await;
        let app = opened(&servers, "app").await;
        let of_claim = message(1, 0, &Subject::Claim(ClaimId(Uuid::from_u128(1))), 10, "on a claim");
        let of_person = [message(2, 0, &person(1), 10, "on a person")];
        for _ in 0..2 {
            let refused = app.append(&of_person, 0, &[]).await.unwrap_err();
            let AppendError::Storage { source } = &refused else { panic!("{refused:?}") };
            assert!(matches!(source.downcast_ref(), Some(NatsError::Forbidden { .. })), "{source}");
        }
        app.append(&[of_claim], 0, &[]).await.unwrap();
        servers.change_rights(some, all);
        app.append(&of_person, 1, &[]).await.unwrap();
        assert_eq!(app.read(1, 10).await.unwrap().len(), 2);
    });
}

#[test]
fn a_stranger_is_not_let_in_and_is_told_why() {
    let (servers, runtime) = (Deployed::one_node(), runtime());
    let with = |change: &dyn Fn(&mut Options)| {
        let mut options = Options { request: Duration::from_secs(30), ..options(&servers, "app") };
        change(&mut options);
        runtime.block_on(JetStreamStore::open(&address(&servers), options)).unwrap_err().to_string()
    };
    let server = servers.address();
    assert_eq!(
        with(&|options| options.certificate = None),
        format!(
            "cannot connect to {server}: IO error: received fatal alert: CertificateRequired; the server asks for our certificate: name it with --nats-cert, and its key with --nats-key"
        )
    );
    // A server's own certificate is nobody's who may ask.
    let of_server = Some((servers.file("localhost.pem"), servers.file("localhost.key")));
    assert_eq!(
        with(&|options| options.certificate.clone_from(&of_server)),
        format!(
            "the server {server} does not let this user in: check the user and its password, credentials, key or certificate"
        )
    );
    let unknown = with(&|options| options.authority = None);
    assert!(
        unknown.ends_with(
            "name the authority that vouches for the server with --nats-ca, and the host as its certificate has it"
        ),
        "{unknown}"
    );
}

#[test]
fn three_servers_keep_a_ledger_that_the_app_writes_and_a_reader_reads() {
    let (servers, runtime) = (Deployed::cluster(), runtime());
    runtime.block_on(async {
        made(&servers, 3).await;
        let app = opened(&servers, "app").await;
        assert_eq!((app.about().replicas, app.about().leader.is_some()), (3, true));
        app.append(&events(300), 0, &[]).await.unwrap();
        let reader = opened(&servers, "reader").await;
        assert_eq!(reader.read(1, 1_000).await.unwrap(), app.read(1, 1_000).await.unwrap());
        assert_eq!(reader.head().await.unwrap().sequence, 300);
    });
}
