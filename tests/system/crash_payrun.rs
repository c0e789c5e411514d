//! A run of a thousand payments that two people approve, killed at any moment of plan, approval and release.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::crash::{Moment, kills, measured, run_until};
use crate::history::{crowd_with_accounts, draw};
use crate::program::Place;

/// The steps of the run, each as it is given, and the ledger as each finds it.
struct Steps {
    given: Vec<Vec<String>>,
    found: Vec<Place>,
    /// How far the journal grows in each.
    journals: Vec<u64>,
    /// The stream after each.
    streams: Vec<Vec<Vec<u8>>>,
    /// The files that come of it.
    files: BTreeMap<String, Vec<u8>>,
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(Into::into).collect()
}

fn files(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let bytes = |name: &str| std::fs::read(place.path("out").join(name)).unwrap();
    place.names("out").into_iter().map(|name| (name.clone(), bytes(&name))).collect()
}

/// The stream; of messages that say that files appear all but the id of their command, which is of one release only.
fn stored(place: &Place) -> Vec<Vec<u8>> {
    let without_its_command = |bytes: Vec<u8>| {
        let mut message: Value = serde_json::from_slice(&bytes).unwrap();
        if message["type"] != "footing.run.files_placed.v1" {
            return bytes;
        }
        let fields = message.as_object_mut().unwrap();
        assert!(fields.remove("id").is_some() && fields.remove("commandhash").is_some());
        message.to_string().into_bytes()
    };
    place.stored().into_iter().map(without_its_command).collect()
}

/// The run as it goes when nobody disturbs it.
fn undisturbed() -> Steps {
    let begun = Place::with(&crowd_with_accounts(1_000));
    begun.run(&["run", "--until", "2026-07-05"]).good();
    begun.write("bank.yaml", "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n");
    let planned = begun.twin();
    let plan = "--format json pay plan --day 2026-07-06 --approvals 2 --actor ann";
    let said: Value =
        serde_json::from_str(&planned.run(&words(plan).iter().map(String::as_str).collect::<Vec<_>>()).good()).unwrap();
    let (run, digest) = (said["run"].as_str().unwrap(), said["digest"].as_str().unwrap());
    assert_eq!(said["payments"], 1_000);
    let approve = |who: &str| format!("pay approve {run} --digest {digest} --actor {who}");
    let release = format!("pay release {run} --out out --bank bank.yaml --actor dee");
    let given = [plan.into(), approve("bob"), approve("cal"), release].map(|step: String| words(&step)).to_vec();
    let mut steps = Steps { given, found: vec![begun], journals: vec![], streams: vec![], files: BTreeMap::new() };
    for step in &steps.given {
        let place = steps.found[steps.found.len() - 1].twin();
        let (journal, ran) = measured(&place, &step.iter().map(String::as_str).collect::<Vec<_>>());
        ran.good();
        steps.journals.push(journal);
        steps.streams.push(stored(&place));
        steps.files = files(&place);
        steps.found.push(place);
    }
    assert_eq!(steps.files.len(), 2, "one file for the bank, and the manifest: {:?}", steps.files.keys());
    steps
}

#[test]
fn a_payment_run_killed_at_any_moment_and_started_again_comes_to_the_same_stream_and_files() {
    let steps = undisturbed();
    let (mut killed, mut half_done) = (0, 0);
    let rounds = kills() * 3 / 5;
    for round in 0..rounds {
        // Half of the kills fall on the release, which has the most steps.
        let step = if round % 2 == 0 { 3 } else { round as usize / 2 % 4 };
        let arguments: Vec<&str> = steps.given[step].iter().map(String::as_str).collect();
        let before = steps.found[step].stored().len() as u64;
        let after = steps.streams[step].len() as u64;
        let any = |what: &str, below: u64| draw(&format!("kill {round}: {what}"), below);
        let moment = match (step, round / 2 % 8) {
            (3, 0) => Moment::There(".unfinished"), // a file is being written, and none is to be seen
            (3, 1) => Moment::There(".xml"),        // one appeared, and the manifest did not
            (3, 2) => Moment::There(".command.unfinished"), // all are whole, and none is recorded to appear
            (3, 3) => Moment::Stored(before + 1),   // instructed
            (3, 4) => Moment::Stored(before + 1_001), // fixed, and nothing is recorded as released
            (_, 5) => Moment::There("footing.db.views"), // nothing is read yet
            (_, 6) => Moment::Stored(before + 1 + any("events", after - before)),
            _ => Moment::Grown(any("bytes", steps.journals[step])),
        };
        let place = steps.found[step].twin();
        if run_until(&place, &arguments, "", moment).is_none() {
            killed += 1;
            let left = stored(&place.twin());
            assert!(steps.streams[step].starts_with(&left), "kill {round}, {moment:?}: another stream");
            half_done += u32::from((before + 1..after).contains(&(left.len() as u64)));
        }
        // Whose approval is recorded is told so; whatever else is recorded goes on.
        let ran = place.run(&arguments);
        let approved = ran.code == 2 && ran.err.contains("approved") && (step == 1 || step == 2);
        assert!(approved || (ran.code, ran.err.as_str()) == (0, ""), "kill {round}, {moment:?}: {}", ran.err);
        assert!(stored(&place) == steps.streams[step], "kill {round}, {moment:?}: another stream");
        let expected = if step == 3 { steps.files.clone() } else { BTreeMap::new() };
        let found = files(&place);
        assert!(found == expected, "kill {round}, {moment:?}: {:?}", found.keys());
    }
    assert!(killed > rounds / 2 && half_done > 0, "{killed} killed, {half_done} of them within a step");
}
