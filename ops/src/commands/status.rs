//! `footing status`: where the ledger stands, and what about it needs somebody's attention.

use std::fs;
use std::time::SystemTime;

use ledger::embedded::moved::{Moved, Stage};
use ledger::jetstream::{About, InOutbox};
use ledger::{Head, Store as _};
use projections::outstanding::{Held, held_orders};
use serde_json::{Value, json};

use crate::cli::Global;
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::held;
use crate::log::{in_file, places};
use crate::output::{Format, Table, print, print_json};
use crate::place::AnyStore;

/// Says where the ledger stands. The stored views are brought up to date once it is known how far they were behind.
///
/// # Errors
/// The ledger cannot be read; [`Failure::Found`] when something is wrong with what is around it.
pub fn run(global: &Global) -> Result<(), Failure> {
    let desk = Desk::of(global)?;
    let head = desk.wait_for(desk.store().head()).map_err(|e| broken(chain(&e)))?;
    let server = Server::of(&desk)?;
    let signed = Signed::of(&desk)?;
    let stood_at = match desk.views_as_they_are()? {
        Some(views) => Some(views.position().map_err(|e| broken(chain(&e)))?),
        None => None,
    };
    let moved = desk.moved()?;
    let standing = Standing { moved, head, lag: stood_at.map(|at| head.sequence.saturating_sub(at)), server, signed };
    let (people, claims) = desk.known()?;
    let (world, published) = desk.world(None)?;
    let held = desk.last_day()?.map(|last| held_orders(last, &world)).unwrap_or_default();
    let packs = published.packs().map(|pack| format!("{} {} {}", pack.name, pack.version, pack.digest)).collect();
    let views = match desk.views()? {
        Some(views) => Some(views.position().map_err(|e| broken(chain(&e)))?),
        None => None,
    };
    let counts = Counts { people: people.len(), claims: claims.len(), packs, views, held };
    let wrong = standing.wrong();
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&as_json(&desk, &standing, &counts, &wrong))?,
        Format::Text => print(&as_text(&desk, &standing, &counts, &wrong))?,
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

/// What is known without the stored views.
struct Standing {
    /// Where the ledger goes or went.
    moved: Option<Moved>,
    head: Head,
    /// How many events the stored views had not taken in; none where another process has them open.
    lag: Option<u64>,
    server: Option<Server>,
    signed: Signed,
}

/// What the events say.
struct Counts {
    people: usize,
    claims: usize,
    packs: Vec<String>,
    /// Payments that were ordered and may not leave.
    held: Vec<Held>,
    /// Where the stored views stand now; none where another process has them open.
    views: Option<u64>,
}

/// What a ledger on a server says beyond one in a file.
struct Server {
    about: About,
    outbox: InOutbox,
}

impl Server {
    fn of(desk: &Desk) -> Result<Option<Server>, Failure> {
        let AnyStore::JetStream(store) = desk.store() else { return Ok(None) };
        let outbox = desk.wait_for(store.outbox()).map_err(|e| broken(chain(&e)))?;
        Ok(Some(Server { about: store.about(), outbox }))
    }
}

/// How much of the ledger is signed.
struct Signed {
    has_key: bool,
    /// Over how many events the last checkpoint is; 0 where there is none.
    events: u64,
    /// When it was kept.
    seconds_ago: Option<u64>,
}

impl Signed {
    fn of(desk: &Desk) -> Result<Signed, Failure> {
        let file = places(desk.path()).checkpoints;
        let events = in_file(&file)?.pop().map_or(0, |last| last.head.size);
        let kept = fs::metadata(&file).and_then(|about| about.modified()).ok();
        let ago = kept.and_then(|kept| SystemTime::now().duration_since(kept).ok());
        Ok(Signed { has_key: desk.log().is_some(), events, seconds_ago: ago.map(|ago| ago.as_secs()) })
    }

    fn said(&self, of: u64) -> String {
        match (self.has_key, self.events) {
            (false, 0) => "no key: nothing is signed (footing log key new)".into(),
            (false, _) => "no key: bring the file of public keys back".into(),
            (true, 0) => format!("nothing of {of} events is signed yet (footing log checkpoint)"),
            (true, events) => {
                format!("signed to {events} of {of} events{}", self.seconds_ago.map(ago).unwrap_or_default())
            }
        }
    }
}

impl Standing {
    /// What somebody has to look after.
    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if let Some(moved @ Moved { stage: Stage::Begun | Stage::Ending, .. }) = &self.moved {
            let advice = "start again what moves it (footing init --from), until then nobody is paid";
            wrong.push(format!("moved: {moved}, and that is not done: {advice}"));
        }
        if let Some(Server { about, outbox }) = &self.server {
            let away = about.behind.iter().map(|server| format!("replicas: {server} is behind or away"));
            wrong.extend(away);
            if outbox.waiting > 0 {
                let advice = "their place was taken meanwhile; see footing outbox list";
                wrong.push(format!("outbox: {} batches were never stored: {advice}", outbox.waiting));
            }
            if outbox.of_others > 0 {
                let advice = "see that nothing of it is missing before you remove them";
                wrong.push(format!("outbox: {} batches of another ledger of this name: {advice}", outbox.of_others));
            }
        }
        let (signed, events) = (self.signed.events, self.head.sequence);
        if signed > events {
            wrong
                .push(format!("log: the stream ends at {events} and {signed} events were signed: its end was cut off"));
        }
        if signed > 0 && !self.signed.has_key {
            wrong.push("log: there are checkpoints beside the ledger and no public key: nobody is paid".into());
        }
        wrong
    }
}

fn as_text(desk: &Desk, standing: &Standing, counts: &Counts, wrong: &[String]) -> String {
    let mut table = Table::new(0, &[]);
    let mut row = |what: &str, says: String| table.row([what.to_string(), says]);
    row("ledger", desk.place().name());
    if let Some(moved) = &standing.moved {
        row("moved", format!("to {} with all {} events", moved.to, moved.events));
    }
    row("events", standing.head.sequence.to_string());
    row("last recorded", last(standing).unwrap_or_else(|| "nothing yet".into()));
    row("people", counts.people.to_string());
    row("claims", counts.claims.to_string());
    counts.packs.iter().for_each(|pack| row("pack", pack.clone()));
    row("views", views(counts.views));
    if let Some(lag) = standing.lag {
        row("lag", format!("the views were {lag} events behind"));
    }
    for (what, says) in standing.server.iter().flat_map(server) {
        row(what, says);
    }
    row("log", standing.signed.said(standing.head.sequence));
    let told = format!("{table}{}", held::text(&counts.held));
    wrong.iter().fold(told, |text, wrong| format!("{text}FAIL  {wrong}\n"))
}

fn as_json(desk: &Desk, standing: &Standing, counts: &Counts, wrong: &[String]) -> Value {
    let server = standing.server.as_ref().map(|Server { about, outbox }| {
        json!({
            "ledger_id": about.ledger.to_string(), "version": about.server, "replicas": about.replicas,
            "leader": about.leader, "behind": about.behind, "outbox": outbox.waiting,
            "outbox_of_other_ledgers": outbox.of_others,
        })
    });
    json!({
        "store": desk.place().name(), "moved": standing.moved.as_ref().map(moved), "events": standing.head.sequence, "last_recorded": last(standing),
        "people": counts.people, "claims": counts.claims, "packs": counts.packs, "views": views(counts.views),
        "held": counts.held.iter().map(held::json).collect::<Vec<_>>(), "views_position": counts.views, "views_lagged_by": standing.lag, "server": server,
        "log": {
            "has_key": standing.signed.has_key, "signed_events": standing.signed.events,
            "checkpoint_age_seconds": standing.signed.seconds_ago,
        },
        "wrong": wrong,
    })
}

fn moved(moved: &Moved) -> Value {
    let done = match moved.stage {
        Stage::Begun | Stage::Ending => false,
        Stage::Finished(_) => true,
    };
    json!({"to": moved.to, "events": moved.events, "done": done})
}

fn last(standing: &Standing) -> Option<String> {
    standing.head.time.map(|time| time.to_string())
}

fn views(position: Option<u64>) -> String {
    position.map_or_else(|| "in use by another process".into(), |position| format!("up to date at {position}"))
}

fn server(Server { about, outbox }: &Server) -> Vec<(&'static str, String)> {
    let leader = about.leader.as_ref().map_or(String::new(), |leader| format!(", led by {leader}"));
    let behind = if about.behind.is_empty() { String::new() } else { format!(", behind: {}", about.behind.join(", ")) };
    vec![
        ("ledger id", about.ledger.to_string()),
        ("server", format!("nats-server {}", about.server)),
        ("replicas", format!("{}{leader}{behind}", about.replicas)),
        ("outbox", format!("{} batches waiting", outbox.waiting)),
    ]
}

/// How long ago something was, in the largest whole unit.
fn ago(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        86_400.. => (seconds / 86_400, "days"),
    };
    format!(", {count} {unit} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_said_in_the_largest_whole_unit() {
        for (seconds, expected) in [(0, ", 0 s ago"), (59, ", 59 s ago"), (61, ", 1 min ago"), (7_200, ", 2 h ago")] {
            assert_eq!(ago(seconds), expected);
        }
        assert_eq!(ago(200_000), ", 2 days ago"); // 172,800 seconds are two days
    }

    #[test]
    fn a_ledger_in_order_has_nothing_wrong_and_each_trouble_is_named() {
        let about = About {
            ledger: uuid::Uuid::nil(),
            server: "2.15.1".into(),
            replicas: 3,
            leader: None,
            behind: Vec::new(),
            awaits: 0,
        };
        let mut standing = Standing {
            moved: None,
            head: Head { sequence: 10, time: None },
            lag: Some(4),
            server: Some(Server { about, outbox: InOutbox::default() }),
            signed: Signed { has_key: true, events: 10, seconds_ago: Some(1) },
        };
        assert!(standing.wrong().is_empty());
        standing.signed = Signed { has_key: false, events: 11, seconds_ago: None };
        if let Some(Server { about, outbox }) = &mut standing.server {
            about.behind = vec!["nats-2".into()];
            *outbox = InOutbox { waiting: 1, of_others: 2 };
        }
        assert_eq!(
            standing.wrong(),
            [
                "replicas: nats-2 is behind or away",
                "outbox: 1 batches were never stored: their place was taken meanwhile; see footing outbox list",
                "outbox: 2 batches of another ledger of this name: see that nothing of it is missing before you remove them",
                "log: the stream ends at 10 and 11 events were signed: its end was cut off",
                "log: there are checkpoints beside the ledger and no public key: nobody is paid",
            ]
        );
    }
}
