//! A ledger of people with accounts, their first month decided, and what it takes to run its first pay day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use ledger::order::{ClaimOrder, PersonOrder};
use ledger::{Command, EmbeddedStore, Ledger, Order, Store, Vault};
use ops::bank::Bank;
use ops::business::Business;
use ops::cli::Global;
use ops::desk::Desk;
use ops::error::Failure;
use ops::payrun::{Carried, ForBank, Out, Writing};
use ops::place::AnyStore;
use ops::rules::RuleSet;
use projections::payments::derived_uuid;
use schemas::day::london_hour;
use schemas::{ClaimId, CommandId, PersonId, RunId};
use tempfile::TempDir;

/// The evening on which June's awards leave.
pub const PAY_DAY: Date = date(2026, 7, 6);

/// A folder with a ledger and the files of its runs.
pub struct Place(TempDir);

pub fn who(n: u32) -> PersonId {
    PersonId(derived_uuid(&format!("person {n}")))
}

pub fn rules() -> RuleSet {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs");
    let global = Global { packs: Some(packs), ..Global::default() };
    RuleSet::find(&global, "current-law").unwrap()
}

pub fn bank() -> Bank {
    Bank::parse("name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n").unwrap()
}

/// An order of somebody's on the morning of a day.
pub fn command(name: &str, day: Date, order: impl Into<Order>) -> Command {
    Command {
        id: CommandId(derived_uuid(name)),
        actor: "caseworker:test".into(),
        time: london_hour(day, 9),
        effective_from: day,
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: None,
        order: order.into(),
    }
}

/// An account of a person that they use alone.
pub fn account(n: u32, number: u32) -> PersonOrder {
    let number = format!("01-02-03 {number:08}").as_str().into();
    PersonOrder::RecordAccount { person: who(n), number, holders: vec![who(n)] }
}

impl Place {
    /// So many people who claimed on 1 June, June decided.
    pub fn with(people: u32) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        let mut desk = place.desk();
        let rules = rules();
        let mut business = Business::open(&mut desk, &rules).unwrap();
        let day = date(2026, 6, 1);
        let orders = (0..people).flat_map(|n| {
            let (person, claim) = (who(n), ClaimId(derived_uuid(&format!("claim {n}"))));
            let register = PersonOrder::Register {
                person,
                birth_date: date(1990, 1, 1),
                name: Some(format!("Person {n}").as_str().into()),
                national_insurance_number: None,
            };
            let benefit = "uk-universal-credit".into();
            let claim = ClaimOrder::Make { claim, benefit, claimants: vec![person], dates: None };
            [
                command(&format!("register {n}"), day, register),
                command(&format!("account {n}"), day, account(n, n)),
                command(&format!("claim {n}"), day, claim),
            ]
        });
        business.submit(orders.collect()).unwrap();
        assert_eq!(business.evening(date(2026, 7, 1)).unwrap().decided.len(), people as usize);
        drop(business);
        drop(desk);
        place
    }

    /// The same ledger in a folder of its own, without files.
    pub fn twin(&self) -> Place {
        let twin = Place(tempfile::tempdir().unwrap());
        for name in ["l.db", "l.db.vault"] {
            std::fs::copy(self.0.path().join(name), twin.0.path().join(name)).unwrap();
        }
        twin
    }

    pub fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    /// The ledger on a store of the test's own around the file.
    pub fn over<S: Store>(&self, around: impl FnOnce(EmbeddedStore) -> S) -> Desk<S> {
        let path = self.0.path().join("l.db");
        let store = EmbeddedStore::open(&path).unwrap();
        let mut drawn = 0u64;
        let salts = move || {
            drawn += 1;
            let mut salt = [0; 32];
            salt[..8].copy_from_slice(&drawn.to_be_bytes());
            salt
        };
        let vault = Vault::open(&self.0.path().join("l.db.vault"), Box::new(salts)).unwrap();
        Desk::over(Ledger::new(around(store), vault), &path).unwrap()
    }

    pub fn desk(&self) -> Desk {
        self.over(AnyStore::Embedded)
    }

    /// Every message as it is stored; of those that say that files appear all but the id of their command, which is of one
    /// release only.
    pub fn stream(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        self.desk()
            .for_each_stored(|page| {
                all.extend(page.into_iter().map(|stored| without_its_command(stored.bytes)));
                Ok(())
            })
            .unwrap();
        all
    }

    /// The files of the run that appeared, by name.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.in_folder().into_iter().filter(|(name, _)| !name.starts_with('.')).collect()
    }

    /// The files that did not appear.
    pub fn hidden(&self) -> Vec<String> {
        self.in_folder().into_keys().filter(|name| name.starts_with('.')).collect()
    }

    fn in_folder(&self) -> BTreeMap<String, Vec<u8>> {
        let Ok(entries) = std::fs::read_dir(self.out()) else { return BTreeMap::new() };
        let file = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_string();
            (name, std::fs::read(path).unwrap())
        };
        entries.map(|entry| file(entry.unwrap().path())).collect()
    }
}

fn without_its_command(bytes: Vec<u8>) -> Vec<u8> {
    let mut message: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    if message["type"] != "footing.run.files_placed.v1" {
        return bytes;
    }
    let fields = message.as_object_mut().unwrap();
    assert!(fields.remove("id").is_some() && fields.remove("commandhash").is_some());
    message.to_string().into_bytes()
}

/// Files for a bank in a folder.
pub fn into<'a>(folder: &'a Path, bank: &'a Bank) -> Out<'a> {
    Out::Files(ForBank { folder, bank, by: "dee", writing: Writing::Once })
}

/// Plans, approves and carries out the run of the pay day, wherever it stands.
pub fn pay_day<S: Store>(desk: &mut Desk<S>, out: &Path) -> Result<(RunId, Carried), Failure> {
    let (rules, bank) = (rules(), bank());
    let mut business = Business::open(desk, &rules)?;
    let known = business.runs().in_order().last().map(|(run, view)| (*run, view.approved_by.is_empty()));
    let (run, open) = match known {
        Some(known) => known,
        None => (business.plan_run(PAY_DAY, None, "ann")?.unwrap().run, true),
    };
    if open {
        let digest = business.run(run)?.digest;
        business.approve_run(run, digest, "bob")?;
    }
    Ok((run, business.carry_out(run, into(out, &bank))?))
}
