//! How a ledger's stream is set up, made so and held to it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::{Difference, NatsError};
use super::wire::{LEDGER, Wire, is_new_enough, ledger_of, number};

/// What a stream may say freely: where its servers are to be, in words, and notes of the server's own.
const FREE: [&str; 3] = ["description", "placement", "metadata"];

/// How long the server remembers the names of messages; ours are held against all there are, by our own index.
const WINDOW_NANOSECONDS: u64 = 120_000_000_000;

/// The key in the stream's metadata under which whoever answers for it puts its own version.
const VERSION: &str = "_nats.ver";

/// The key under which a ledger that is moved here says how many events it has.
const AWAITS: &str = "footing.awaits";

/// How long ago a leader may have heard from a server that still counts as following it.
const HEARD_NANOSECONDS: u64 = 3_000_000_000;

/// What the server says of a ledger's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The ledger's own random id, given to it when it was made.
    pub ledger: Uuid,
    /// The version of the server that leads it.
    pub server: String,
    /// How many servers keep the stream.
    pub replicas: u64,
    /// The server that leads it; none outside a cluster.
    pub leader: Option<String>,
    /// Servers of it that are behind or away.
    pub behind: Vec<String>,
    /// How many events were to come from elsewhere when it was made: until they are there nobody may use it.
    pub awaits: u64,
}

/// The stream as it was found.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) about: About,
    /// The last sequence.
    pub(super) end: u64,
    /// Over which connection it was asked for.
    pub(super) connection: u64,
}

/// Makes the stream. What it awaits is said for ever: the program's user may not change a stream.
pub(super) async fn make(wire: &Wire, replicas: u8, ledger: Uuid, awaits: u64) -> Result<(), NatsError> {
    let what = "make the stream";
    match wire.info(what).await {
        Ok(_) => return Err(NatsError::Exists { name: wire.name.clone() }),
        Err(NatsError::Refused { code: 10_059, .. }) => {}
        Err(error) => return Err(error),
    }
    let mut wanted = wanted(wire, u64::from(replicas));
    let mut metadata = json!({LEDGER: ledger.to_string()});
    if awaits > 0 {
        metadata[AWAITS] = json!(awaits.to_string());
    }
    wanted.insert("metadata".into(), metadata);
    let made = wire.api(what, &format!("STREAM.CREATE.{}", wire.name), &Value::Object(wanted)).await;
    match made {
        Err(NatsError::Refused { code: 10_058, .. }) => Err(NatsError::Exists { name: wire.name.clone() }),
        made => made.map(|_| ()),
    }
}

/// Asks the leader of the stream where it ends, and how it is set up.
///
/// # Errors
/// [`NatsError::Replaced`] and [`NatsError::Gone`] where it is not the stream that was opened, [`NatsError::Uncertain`]
/// where somebody else may know more, [`NatsError::TooOld`], [`NatsError::OtherSetUp`]; otherwise what the server says.
pub(super) async fn look(wire: &Wire) -> Result<Seen, NatsError> {
    let what = "where the stream ends and how it is set up";
    let nonsense = |reason: &str| NatsError::Nonsense { what, reason: reason.into() };
    let (connection, name) = (wire.connection(), || wire.name.clone());
    let info = wire.info(what).await;
    // An old server in the place of the one that was connected says something else first.
    wire.check_version()?;
    let info = match info {
        Err(NatsError::Refused { code: 10_059, .. }) if wire.ledger.is_some() => {
            return Err(NatsError::Gone { name: name() });
        }
        Err(NatsError::Refused { code: 10_059, .. }) => return Err(NatsError::NoLedger { name: name() }),
        info => info?,
    };
    let ledger = ledger_of(&info);
    if wire.ledger.is_some() && ledger != wire.ledger {
        return Err(NatsError::Replaced { name: name() });
    }
    let kept_by = number(&info["config"]["num_replicas"]).unwrap_or(0);
    if let Some(reason) = may_be_out_of_date(&info["cluster"], kept_by) {
        return Err(NatsError::Uncertain { name: name(), reason });
    }
    let server = info["config"]["metadata"][VERSION].as_str().unwrap_or("before 2.11").to_string();
    if !is_new_enough(&server) {
        return Err(NatsError::TooOld { version: server });
    }
    let found = info["config"].as_object().ok_or_else(|| nonsense("no config"))?;
    let mut differences = differences(&wanted(wire, wire.replicas.map_or(kept_by, u64::from)), found);
    let Some(ledger) = ledger.filter(|_| differences.is_empty()) else {
        if ledger.is_none() {
            let field = format!("metadata {LEDGER}");
            differences.push(Difference { field, wanted: "the id of a ledger".into(), found: "missing".into() });
        }
        return Err(NatsError::OtherSetUp { name: name(), differences });
    };
    let end = number(&info["state"]["last_seq"]).ok_or_else(|| nonsense("no last_seq"))?;
    let awaits = match info["config"]["metadata"][AWAITS].as_str().map(str::parse) {
        None => 0,
        Some(Ok(awaits)) => awaits,
        Some(Err(_)) => return Err(nonsense("its footing.awaits is no number")),
    };
    Ok(Seen { about: About { awaits, ..about(&info["cluster"], ledger, server, kept_by) }, end, connection })
}

/// Why the answer may be that of a server which does not know what the others have stored since; none where it is not.
///
/// A stream without a leader is answered for by any server that keeps it. A leader that was cut off goes on answering for
/// ten seconds, while the others may have chosen another after four without hearing from it: it counts as long as most of
/// the servers have been heard within three.
pub(super) fn may_be_out_of_date(cluster: &Value, kept_by: u64) -> Option<String> {
    if kept_by <= 1 {
        return None;
    }
    let others = others(cluster);
    let Some(leader) = cluster["leader"].as_str().filter(|leader| !leader.is_empty()) else {
        return Some("it has no leader".into());
    };
    if others.iter().any(|other| other["name"] == json!(leader)) {
        return Some(format!("{leader} leads it, and another server answered"));
    }
    let heard = |other: &&Value| number(&other["active"]).is_some_and(|ago| (1..HEARD_NANOSECONDS).contains(&ago));
    let heard = 1 + others.iter().filter(heard).count() as u64;
    (heard * 2 <= kept_by).then(|| format!("{leader} leads it and has not heard from most of the others of late"))
}

fn others(cluster: &Value) -> &[Value] {
    cluster["replicas"].as_array().map_or(&[], Vec::as_slice)
}

fn about(cluster: &Value, ledger: Uuid, server: String, replicas: u64) -> About {
    let behind = others(cluster).iter();
    let behind = behind.filter(|other| other["current"] == json!(false) || other["offline"] == json!(true));
    About {
        ledger,
        server,
        replicas,
        leader: cluster["leader"].as_str().map(str::to_string),
        behind: behind.filter_map(|other| other["name"].as_str().map(str::to_string)).collect(),
        awaits: 0,
    }
}

/// The set-up of DESIGN section 2: on disk, nothing ever thrown away, nothing deleted, batches whole.
fn wanted(wire: &Wire, replicas: u64) -> Map<String, Value> {
    let wanted = json!({
        "name": wire.name, "subjects": [format!("{}benefit.>", wire.prefix())], "retention": "limits", "storage": "file",
        "num_replicas": replicas, "discard": "new", "max_age": 0, "max_msgs": -1, "max_bytes": -1,
        "max_msgs_per_subject": -1, "max_msg_size": -1, "max_consumers": -1, "duplicate_window": WINDOW_NANOSECONDS,
        "compression": "none", "deny_delete": true, "deny_purge": true, "allow_direct": true, "allow_atomic": true,
    });
    wanted.as_object().cloned().unwrap_or_default()
}

/// Every field that is not as wanted, and every one that says something where nothing is wanted.
fn differences(wanted: &Map<String, Value>, found: &Map<String, Value>) -> Vec<Difference> {
    let of_wanted = wanted.iter().filter(|(field, value)| found.get(*field) != Some(value)).map(|(field, value)| {
        let found = found.get(field).map_or("missing".into(), ToString::to_string);
        Difference { field: field.clone(), wanted: value.to_string(), found }
    });
    let beyond = found.iter().filter(|(field, value)| {
        !wanted.contains_key(*field) && !FREE.contains(&field.as_str()) && says_something(value)
    });
    let beyond = beyond.map(|(field, value)| Difference {
        field: field.clone(),
        wanted: "unset".into(),
        found: value.to_string(),
    });
    of_wanted.chain(beyond).collect()
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_u64() != Some(0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(says_something),
    }
}
