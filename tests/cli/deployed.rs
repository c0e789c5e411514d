//! The program against servers with the files of `ops/deploy/nats`, as each user, in every way in which one can say who asks.

use serde_json::{Value, json};

use crate::deploy::Deployed;
use crate::ledger::{COMMANDS, QUENTIN};
use crate::run::{Folder, Ran};

/// Runs a command as the user of a certificate, with everything in the environment.
fn as_user(folder: &Folder, servers: &Deployed, user: &str, arguments: &[&str]) -> Ran {
    let file = |name: String| servers.file(&name).display().to_string();
    let home = if user == "reader" { "reader" } else { "home" };
    let mut environment = vec![
        ("FOOTING_STORE", servers.address()),
        ("FOOTING_HOME", home.into()),
        ("FOOTING_NATS_CA", file("ca.pem".into())),
        ("FOOTING_NATS_CERT", file(format!("{user}.pem"))),
        ("FOOTING_NATS_KEY", file(format!("{user}.key"))),
    ];
    if user != "admin" {
        environment.push(("FOOTING_NATS_API_PREFIX", "ledger".into()));
    }
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    folder.run_in(&environment, arguments)
}

/// A ledger that the administrator made and the app filled.
fn lived(servers: &Deployed) -> Folder {
    let folder = Folder::new();
    folder.write("commands.ndjson", COMMANDS);
    let refused = as_user(&folder, servers, "app", &["init"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{}", refused.err);
    assert!(refused.err.contains("the server does not allow this user to do it (make the stream)"), "{}", refused.err);
    as_user(&folder, servers, "admin", &["init"]).good();
    as_user(&folder, servers, "app", &["import", "commands.ndjson"]).good();
    as_user(&folder, servers, "app", &["run", "--until", "2026-07-10"]).good();
    folder
}

#[test]
fn the_administrator_makes_a_ledger_that_the_app_fills_and_a_reader_checks() {
    let servers = Deployed::one_node();
    let folder = lived(&servers);
    let whole = as_user(&folder, &servers, "app", &["verify"]).good();
    assert!(whole.lines().all(|line| line.starts_with("ok    ")), "{whole}");
    let status: Value = as_user(&folder, &servers, "app", &["status", "--format", "json"]).json();
    assert_eq!((&status["server"]["leader"], &status["wrong"]), (&json!("footing"), &json!([])));
    // Nobody gave the reader the vault; everything else they find as the app does.
    let read = |arguments: &[&str]| as_user(&folder, &servers, "reader", arguments);
    let checked = read(&["verify", "--without-texts"]).good();
    let both =
        |what: &str| [&whole, &checked].map(|said| said.lines().find(|line| line.contains(what)).map(str::to_string));
    for what in ["sequence: ", "links: ", "decisions: ", "books: ", "views: "] {
        let [app, reader] = both(what);
        assert_eq!(app, reader);
    }
    let of_app = as_user(&folder, &servers, "app", &["export"]).good();
    assert_eq!(read(&["export"]).good(), of_app);
    let written = read(&["run", "--until", "2026-08-10"]);
    assert_eq!(written.code, 3, "{}", written.err);
    assert!(written.err.contains("the server does not allow this user to do it (store a batch)"), "{}", written.err);
    assert_eq!(as_user(&folder, &servers, "app", &["export"]).good(), of_app);
}

#[test]
fn two_readers_of_one_machine_say_the_same_while_one_of_them_has_the_stored_views() {
    let servers = Deployed::one_node();
    let folder = lived(&servers);
    let history = as_user(&folder, &servers, "app", &["history", QUENTIN]).good();
    let open = projections::views::SledViews::open(&folder.path("home/footing.views")).unwrap();
    let other = as_user(&folder, &servers, "app", &["history", QUENTIN]);
    assert_eq!((other.code, other.out), (0, history));
    assert_eq!(other.err, "note: another process has the views open; reading the stream instead\n");
    let paid = as_user(&folder, &servers, "app", &["run", "--until", "2026-08-10"]).good();
    // 424.90 and rent of 400.00.
    assert!(paid.lines().any(|line| line.starts_with("2026-08-06") && line.contains("824.90")), "{paid}");
    drop(open);
    as_user(&folder, &servers, "app", &["verify"]).good();
}

/// The example of NATS's own documentation: a user's seed, which everybody knows, and its public key.
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
const PUBLIC: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

#[test]
fn users_with_a_password_or_a_seed_are_let_in_and_every_mistake_is_one_line() {
    let nkey = format!("nkey: {PUBLIC}");
    let servers = Deployed::one_node_but(&[
        ("verify_and_map: true", "verify: false"),
        ("user: \"CN=admin,O=Footing\"", "user: admin, password: \"of the administrator\""),
        ("user: \"CN=app,O=Footing\"", &nkey),
    ]);
    let folder = Folder::new();
    folder.write("app.nk", SEED).write("not.nk", "hello");
    let (store, ca) = (servers.address(), servers.file("ca.pem").display().to_string());
    let run = |password: Option<&str>, arguments: &[&str]| {
        let environment: Vec<(&str, &str)> = password.iter().map(|word| ("FOOTING_NATS_PASSWORD", *word)).collect();
        folder.run_in(&environment, &[&["--store", &store, "--nats-ca", &ca, "--home", "home"], arguments].concat())
    };
    run(Some("of the administrator"), &["--nats-user", "admin", "init"]).good();
    run(None, &["--nats-nkey", "app.nk", "--nats-api-prefix", "ledger", "status"]).good();
    let not_in = format!(
        "error: the server {store} does not let this user in: check the user and its password, credentials, key or certificate"
    );
    run(Some("of somebody else"), &["--nats-user", "admin", "status"]).refused(2, &not_in);
    run(None, &["status"]).refused(2, &not_in);
    run(None, &["--nats-user", "admin", "status"])
        .refused(2, "error: --nats-user: its password has to be in the environment as FOOTING_NATS_PASSWORD");
    run(None, &["--nats-nkey", "not.nk", "status"]).refused(2, "error: cannot read not.nk: there is no `SU` in it");
    run(None, &["--nats-creds", "none.creds", "status"])
        .refused(2, "error: cannot read none.creds: No such file or directory (os error 2)");
    run(None, &["--nats-creds", "not.nk", "status"])
        .refused(2, "error: cannot read not.nk: there is no `BEGIN NATS USER JWT` in it");
    let with_password = store.replace("tls://", "tls://admin:secret@");
    folder.run(&["--store", &with_password, "--home", "home", "status"]).refused(
        2,
        "error: --store: it holds a user, who is named with --nats-user, and a password is only ever read from the environment: use nats://HOST:PORT/NAME, or tls:// for an encrypted connection",
    );
    let stranger = folder.run(&["--store", &store, "--home", "home", "status"]);
    assert_eq!(stranger.code, 3);
    assert!(stranger.err.contains("name the authority that vouches for the server with --nats-ca"), "{}", stranger.err);
}
