//! `footing rebuild` and `status`: the stored views, and where the ledger stands.

use std::fs;

use ledger::Store as _;
use serde_json::{Map, json};

use crate::cli::Global;
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::log::{in_file, places};
use crate::output::{Format, Table, print, print_json};
use crate::place::AnyStore;

/// Throws the stored views and the hashes of the log away and builds them again from the stream.
///
/// # Errors
/// Another process has them open, or the stream has a gap or is not what was signed.
pub fn rebuild(global: &Global) -> Result<(), Failure> {
    let mut desk = Desk::of(global)?;
    let folder = desk.views_folder();
    if folder.exists() {
        drop(desk.views_as_they_are()?.ok_or_else(busy)?);
        fs::remove_dir_all(&folder)
            .map_err(|source| Failure::Outside { what: format!("cannot remove {}", folder.display()), source })?;
    }
    let tiles = places(desk.path()).tiles;
    if tiles.exists() {
        fs::remove_dir_all(&tiles)
            .map_err(|source| Failure::Outside { what: format!("cannot remove {}", tiles.display()), source })?;
    }
    desk.extends_its_checkpoints()?;
    let views = desk.views()?.ok_or_else(busy)?;
    let digest = views.digest().map_err(|e| broken(chain(&e)))?.to_string();
    let position = views.position().map_err(|e| broken(chain(&e)))?;
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({"position": position, "digest": digest})),
        Format::Text => print(&format!("views rebuilt from {position} events\ndigest {digest}\n")),
    }
}

fn busy() -> Failure {
    Failure::input("another process has the views open: let it finish, then try again")
}

/// Where the ledger stands.
///
/// # Errors
/// The ledger cannot be read.
pub fn status(global: &Global) -> Result<(), Failure> {
    let mut desk = Desk::of(global)?;
    let (ledger, runtime) = desk.parts();
    let head = runtime.block_on(ledger.store().head()).map_err(|e| broken(chain(&e)))?;
    let server = on_server(&desk, head.sequence)?;
    let (people, claims) = desk.known()?;
    let (_, published) = desk.world(None)?;
    let packs: Vec<String> =
        published.packs().map(|pack| format!("{} {} {}", pack.name, pack.version, pack.digest)).collect();
    let views = match desk.views()? {
        Some(views) => format!("up to date at {}", views.position().map_err(|e| broken(chain(&e)))?),
        None => "in use by another process".into(),
    };
    let last = head.time.map(|time| time.to_string());
    let log = signed(&desk, head.sequence)?;
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({
            "store": desk.place().name(), "events": head.sequence, "last_recorded": last,
            "people": people.len(), "claims": claims.len(), "packs": packs, "views": views,
            "server": server.iter().map(|(what, says)| (what.to_string(), says.clone().into())).collect::<Map<_, _>>(),
            "log": log,
        })),
        Format::Text => {
            let mut table = Table::new(0, &[]);
            table.row(["ledger".to_string(), desk.place().name()]);
            table.row(["events".to_string(), head.sequence.to_string()]);
            table.row(["last recorded".to_string(), last.unwrap_or_else(|| "nothing yet".into())]);
            table.row(["people".to_string(), people.len().to_string()]);
            table.row(["claims".to_string(), claims.len().to_string()]);
            for pack in packs {
                table.row(["pack".to_string(), pack]);
            }
            table.row(["views".to_string(), views]);
            for (what, says) in server {
                table.row([what.to_string(), says]);
            }
            table.row(["log".to_string(), log]);
            print(&table.to_string())
        }
    }
}

/// What a ledger on a server says beyond one in a file, before the stored views are brought up to date.
fn on_server(desk: &Desk, end: u64) -> Result<Vec<(&'static str, String)>, Failure> {
    let AnyStore::JetStream(store) = desk.store() else { return Ok(Vec::new()) };
    let about = store.about();
    let outbox = desk.wait_for(store.outbox()).map_err(|e| broken(chain(&e)))?;
    let stuck = if outbox.waiting == 0 { "" } else { " (footing outbox list)" };
    let known = match desk.views_as_they_are()? {
        Some(views) => Some(views.position().map_err(|e| broken(chain(&e)))?),
        None => None,
    };
    let leader = about.leader.as_ref().map_or(String::new(), |leader| format!(", led by {leader}"));
    let behind = if about.behind.is_empty() { String::new() } else { format!(", behind: {}", about.behind.join(", ")) };
    let others = if outbox.of_others == 0 {
        String::new()
    } else {
        format!("; {} of another ledger that had this name", outbox.of_others)
    };
    let lag = known.map_or_else(|| "not known".into(), |known| format!("{} events", end.saturating_sub(known)));
    Ok(vec![
        ("ledger id", about.ledger.to_string()),
        ("server", format!("nats-server {}", about.server)),
        ("replicas", format!("{}{leader}{behind}", about.replicas)),
        ("outbox", format!("{} batches waiting{stuck}{others}", outbox.waiting)),
        ("views lagged by", lag),
    ])
}

/// How much of the ledger is signed.
fn signed(desk: &Desk, events: u64) -> Result<String, Failure> {
    if desk.log().is_none() {
        return Ok("no key: nothing is signed (footing log key new)".into());
    }
    let last = in_file(&places(desk.path()).checkpoints)?.pop();
    Ok(match last.map_or(0, |last| last.head.size) {
        0 => format!("nothing of {events} events is signed yet (footing log checkpoint)"),
        signed => format!("signed to {signed} of {events} events"),
    })
}
