//! How a ledger's stream is set up, made so and held to it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::{Difference, NatsError};
use super::wire::{LEDGER, Wire, ledger_of, number};

/// What a stream may say freely: where its servers are to be, in words, and notes of the server's own.
const FREE: [&str; 3] = ["description", "placement", "metadata"];

/// How long the server remembers the names of messages; ours are held against all there are, by our own index.
const WINDOW_NANOSECONDS: u64 = 120_000_000_000;

/// What the server says of a ledger's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The ledger's own random id, given to it when it was made.
    pub ledger: Uuid,
    /// The version of the server that is connected.
    pub server: String,
    /// How many servers keep the stream.
    pub replicas: u64,
    /// The server that leads it; none outside a cluster.
    pub leader: Option<String>,
    /// Servers of it that are behind or away.
    pub behind: Vec<String>,
}

/// Makes the stream.
pub(super) async fn make(wire: &Wire, replicas: u8, ledger: Uuid) -> Result<(), NatsError> {
    let what = "make the stream";
    match wire.info(what).await {
        Ok(_) => return Err(NatsError::Exists { name: wire.name.clone() }),
        Err(NatsError::Refused { code: 10_059, .. }) => {}
        Err(error) => return Err(error),
    }
    let mut wanted = wanted(wire, u64::from(replicas));
    wanted.insert("metadata".into(), json!({LEDGER: ledger.to_string()}));
    let made = wire.api(what, &format!("STREAM.CREATE.{}", wire.name), &Value::Object(wanted)).await;
    match made {
        Err(NatsError::Refused { code: 10_058, .. }) => Err(NatsError::Exists { name: wire.name.clone() }),
        made => made.map(|_| ()),
    }
}

/// Reads the set-up back and refuses any difference.
pub(super) async fn check(wire: &Wire, replicas: Option<u8>) -> Result<About, NatsError> {
    let what = "how the stream is set up";
    let info = match wire.info(what).await {
        Err(NatsError::Refused { code: 10_059, .. }) => return Err(NatsError::NoLedger { name: wire.name.clone() }),
        info => info?,
    };
    let Some(found) = info["config"].as_object() else {
        return Err(NatsError::Nonsense { what, reason: "no config".into() });
    };
    let kept_by = number(&info["config"]["num_replicas"]).unwrap_or(0);
    let mut differences = differences(&wanted(wire, replicas.map_or(kept_by, u64::from)), found);
    let ledger = ledger_of(&info);
    if ledger.is_none() {
        let field = format!("metadata {LEDGER}");
        differences.push(Difference { field, wanted: "the id of a ledger".into(), found: "missing".into() });
    }
    match ledger {
        Some(ledger) if differences.is_empty() => Ok(about(wire, &info, ledger, kept_by)),
        Some(_) | None => Err(NatsError::OtherSetUp { name: wire.name.clone(), differences }),
    }
}

fn about(wire: &Wire, info: &Value, ledger: Uuid, replicas: u64) -> About {
    let cluster = &info["cluster"];
    let others = cluster["replicas"].as_array().map_or(&[][..], Vec::as_slice);
    let behind = others.iter().filter(|other| other["current"] == json!(false) || other["offline"] == json!(true));
    About {
        ledger,
        server: wire.client.server_info().version,
        replicas,
        leader: cluster["leader"].as_str().map(str::to_string),
        behind: behind.filter_map(|other| other["name"].as_str().map(str::to_string)).collect(),
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
