//! The commands that work on a ledger: what they print, and that doing a thing twice does it once.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::run::{Folder, Ran};

const AMINA: &str = "cb36da4c-118a-8212-a4ef-f30f7c75ca8f";

/// A folder with the ledger of the demonstration, made once and copied for each test.
fn demo() -> Folder {
    static TOLD: OnceLock<Folder> = OnceLock::new();
    let told = TOLD.get_or_init(|| {
        let folder = Folder::new();
        folder.run(&["demo", "--keep", "told"]).good();
        folder
    });
    let folder = Folder::new();
    for name in ["footing.db", "footing.db.vault", "report.txt"] {
        folder.write(&format!("told/{name}"), told.bytes(&format!("told/{name}")));
    }
    folder
}

fn on(folder: &Folder, arguments: &[&str]) -> Ran {
    folder.run(&[&["--store", "sqlite:told/footing.db"], arguments].concat())
}

/// Ids stand for what they name; which they are does not matter.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| word.len() == 36 && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let word = |word: &str| if is_id(word.trim_end_matches(':')) { "<id>".into() } else { word.to_string() };
    let words = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    without_digests(&text.lines().map(words).collect::<Vec<_>>().join("\n"))
}

/// Digests change with every word of a pack; what stands around them does not.
fn without_digests(text: &str) -> String {
    let is_digest = |word: &str| word.len() >= 64 && word.bytes().filter(u8::is_ascii_hexdigit).count() >= 64;
    let words = |line: &str| -> String {
        let word = |word: &str| if is_digest(word) { "<digest>".into() } else { word.to_string() };
        line.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(words).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_demonstration_tells_the_whole_story() {
    insta::assert_snapshot!(demo().read("told/report.txt").unwrap());
}

#[test]
fn the_demonstration_says_where_its_report_and_ledger_are_and_how_to_ask_more() {
    let said = Folder::new().run(&["demo", "--keep", "told"]).good();
    let (_, next) = said.split_once("This report is at ").unwrap();
    assert!(next.starts_with("told/report.txt. The ledger is kept; ask it more:\n"), "{next}");
    for command in ["history", "decision", "floor --all", "verify"] {
        assert!(next.contains(&format!("footing --store sqlite:told/footing.db {command}")), "{next}");
    }
}

#[test]
fn the_demonstration_never_writes_over_anything() {
    let folder = Folder::new();
    folder.write("told/mine.txt", "mine");
    folder.run(&["demo", "--keep", "told"]).refused(2, "error: --keep told: is there already: name a new folder");
    assert_eq!(folder.names(), ["told"]);
}

#[test]
fn a_history_shows_everything_recorded_every_payment_and_the_days_below_the_floor() {
    insta::assert_snapshot!(on(&demo(), &["history", &AMINA[..8], "--as-known", "2026-08-07"]).good());
}

#[test]
fn a_decision_is_shown_step_by_step_recomputed_and_compared() {
    let folder = demo();
    let history = on(&folder, &["--format", "json", "history", AMINA]).json();
    let decided = |event: &&Value| event["type"] == "footing.assessment.determined.v1";
    let decision = history["events"].as_array().unwrap().iter().find(decided).unwrap()["id"].clone();
    let decision = decision.as_str().unwrap();
    let shown = on(&folder, &["decision", decision, "--rules-at", "no-gap", "--as-known", "2026-05-31"]).good();
    insta::assert_snapshot!(without_digests(&shown));
    let same = on(&folder, &["--format", "json", "decision", &decision[..13]]).json();
    assert_eq!((same["recomputed_same"].to_string(), same["award"].to_string()), ("true".into(), "424.90".into()));
}

#[test]
fn the_floor_of_a_person_shows_every_view_and_why() {
    let folder = demo();
    let rows = on(&folder, &["--format", "json", "floor", "--all"]).json();
    let ivo = rows.as_array().unwrap().iter().find(|row| row["name"] == "Ivo").unwrap()["person"].clone();
    let floor = ["floor", ivo.as_str().unwrap(), "--from", "2026-08-07", "--to", "2026-09-15"];
    insta::assert_snapshot!(on(&folder, &floor).good());
}

#[test]
fn a_replay_compares_each_person_under_other_rules_and_its_sum_is_the_cost() {
    let folder = demo();
    let replay = ["replay", "--against", "no-gap", "--against", "current-law-guaranteed", "--until", "2026-12-31"];
    insta::assert_snapshot!(on(&folder, &replay).good());
    let results = on(&folder, &[&["--format", "json"], &replay[..]].concat()).json();
    for result in results.as_array().unwrap() {
        let pence = |value: &Value| -> i64 { value.to_string().replace('.', "").parse().unwrap() };
        let all = |side: &Value| pence(&side["paid"]) + pence(&side["topped_up"]);
        let people = result["people"].as_array().unwrap().iter();
        let sum: i64 = people.map(|row| all(&row["alternative"]) - all(&row["baseline"])).sum();
        assert_eq!(sum, pence(&result["cost"]));
    }
}

#[test]
fn a_whole_ledger_verifies_and_its_views_are_rebuilt_to_the_same_digest() {
    let folder = demo();
    insta::assert_snapshot!(without_digests(&on(&folder, &["verify"]).good()), @r"
    ok    sequence: 294 events, none missing, none before its time
    ok    links: each event follows the one before it on its subject, of 39 subjects
    ok    names: each event is found by its id, and with the others of its command
    ok    texts: sealed texts are those that were sealed
    ok    file: pages, indexes and columns fit the events
    ok    log: nothing is signed: the ledger has no key (footing log key new)
    ok    decisions: 57 recomputed to the same outcome
    ok    lists: 62 payments left as they were listed and approved
    ok    books: they balance: 263 entries, 100016.83 on either side
    ok    views: equal to a rebuild, digest <digest>
    ");
    let first = on(&folder, &["rebuild"]).good();
    assert_eq!(on(&folder, &["rebuild"]).good(), first);
    insta::assert_snapshot!(without_digests(&on(&folder, &["status"]).good()));
}

#[test]
fn the_books_show_the_trial_balance_on_a_day_and_one_persons_entries() {
    let folder = demo();
    insta::assert_snapshot!(without_ids(&on(&folder, &["books", "--on", "2026-08-20"]).good()));
    let of_amina = ["books", "--person", AMINA, "--on", "2026-08-20"];
    insta::assert_snapshot!(without_ids(&on(&folder, &of_amina).good()));
    let books = on(&folder, &["--format", "json", "books"]).json();
    assert_eq!(books["debits"], books["credits"]);
    let bank = books["accounts"].as_array().unwrap().iter().find(|row| row["account"] == "Assets:Bank").unwrap();
    assert_eq!(bank["class"], "Assets");
    let run = books["runs"][0]["run"].as_str().unwrap().to_string();
    insta::assert_snapshot!(without_ids(&on(&folder, &["books", "--run", &run]).good()));
}

#[test]
fn the_books_name_what_is_wrong_with_a_question() {
    let folder = demo();
    let nobody = "error: there is no person whose id begins with `zzz` in this ledger";
    on(&folder, &["books", "--person", "zzz"]).refused(2, nobody);
    let no_run = "error: there is no run whose id begins with `zzz` in this ledger";
    on(&folder, &["books", "--run", "zzz"]).refused(2, no_run);
}

#[test]
fn a_run_that_is_repeated_finds_nothing_to_do() {
    let folder = demo();
    let before = on(&folder, &["export"]).good();
    assert_eq!(
        on(&folder, &["run", "--until", "2027-01-06"]).good(),
        "nothing to do: every day up to then was done before\n"
    );
    assert_eq!(on(&folder, &["export"]).good(), before);
}

#[test]
fn commands_are_imported_run_and_asked_about() {
    let folder = Folder::new();
    folder.write("commands.ndjson", COMMANDS);
    folder.run(&["init"]).good();
    assert_eq!(folder.run(&["import", "commands.ndjson"]).good(), "4 lines: 4 new, 0 there already, 0 quarantined\n");
    assert_eq!(folder.run(&["import", "commands.ndjson"]).good(), "4 lines: 0 new, 4 there already, 0 quarantined\n");
    insta::assert_snapshot!(folder.run(&["run", "--until", "2026-08-10"]).good(), @r"
    day         decided  payments    paid  top-ups
    2026-07-01        1         0    0.00     0.00
    2026-07-06        0         1  824.90     0.00
    2026-08-01        1         0    0.00     0.00
    2026-08-06        0         1  824.90     0.00
    ");
    let floor = folder.run(&["--format", "json", "floor", QUENTIN, "--to", "2026-08-10"]).json();
    assert_eq!(floor["breach_days"], json!(36)); // the first wait: 1 June to 6 July
}

/// The claimant of the commands below.
pub const QUENTIN: &str = "01939c2e-0000-7000-8000-00000000000a";

/// A single claimant with rent of 400.00 to a social landlord: 424.90 and 400.00.
pub const COMMANDS: &str = r#"{"id":"01939c2e-0000-7000-8000-000000000001","actor":"caseworker:1","time":"2026-06-01T09:00:00Z","effective_from":"2026-06-01","do":"register_person","person":"01939c2e-0000-7000-8000-00000000000a","birth_date":"1990-01-01","name":"Quentin"}
{"id":"01939c2e-0000-7000-8000-000000000002","actor":"caseworker:1","time":"2026-06-01T09:00:00Z","effective_from":"2026-06-01","do":"make_claim","claim":"01939c2e-0000-7000-8000-00000000000b","benefit":"uk-universal-credit","claimants":["01939c2e-0000-7000-8000-00000000000a"]}
{"id":"01939c2e-0000-7000-8000-000000000003","actor":"caseworker:1","time":"2026-06-01T09:00:00Z","effective_from":"2026-06-01","do":"record_claim_fact","claim":"01939c2e-0000-7000-8000-00000000000b","fact":{"key":"tenure","value":"social"}}
{"id":"01939c2e-0000-7000-8000-000000000004","actor":"caseworker:1","time":"2026-06-01T09:00:00Z","effective_from":"2026-06-01","do":"record_claim_fact","claim":"01939c2e-0000-7000-8000-00000000000b","fact":{"key":"rent","value":400.00}}
"#;

#[test]
fn what_is_not_there_is_said_in_one_line_and_nothing_is_made() {
    let folder = Folder::new();
    let missing = "error: there is no ledger at ./footing.db: make one with `footing init`, or name it with --store";
    for command in [
        ["history", AMINA].as_slice(),
        &["floor", "--all"],
        &["verify"],
        &["run", "--until", "2026-08-10"],
        &["export"],
    ] {
        folder.run(command).refused(2, missing);
    }
    assert_eq!(folder.names(), Vec::<String>::new());
    folder.run(&["init"]).good();
    folder.run(&["init"]).refused(2, "error: ./footing.db is there already: nothing was changed");
    folder
        .run(&["history", AMINA])
        .refused(2, &format!("error: there is no person whose id begins with `{AMINA}` in this ledger"));
    folder.run(&["floor", "--all", "--rules", "nowhere"]).refused(
        2,
        "error: there is no rulebook `nowhere`; there is benefit-cap-removed, current-law-guaranteed, current-law, essentials-guarantee, flat-payment, minimum-income-guarantee, no-first-wait, no-gap, protected-minimum, sanctions-floor-limited, two-child-limit-kept, or name a .yaml file",
    );
}

/// Copies what ships beside the program, so that it can be changed.
fn copy(from: &std::path::Path, folder: &Folder, to: &str) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{to}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            copy(&entry.path(), folder, &name);
        } else {
            folder.write(&name, std::fs::read(entry.path()).unwrap());
        }
    }
}

#[test]
fn a_pack_that_decided_something_is_published_and_cannot_be_changed_under_its_name() {
    let folder = demo();
    copy(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas")), &folder, "schemas");
    let file = "schemas/packs/uk-universal-credit/2026.11/parameters/taper_rate.yaml";
    let text = folder.read(file).unwrap();
    let (before, last) = text.rsplit_once("0.55").unwrap();
    folder.write(file, format!("{before}0.54{last}"));
    let run = |folder: &Folder| on(folder, &["run", "--until", "2027-03-31"]);
    let moved = run(&folder);
    assert_eq!(moved.code, 2);
    assert!(moved.err.contains("the pack was changed"), "{}", moved.err);
    folder.run(&["pack", "digest", "--write"]).good();
    let refused = run(&folder);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("is published already"), "{}", refused.err);
    assert!(refused.err.contains("a change goes into a new version or a reform"), "{}", refused.err);
}
