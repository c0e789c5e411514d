//! How long a pay day takes, how much memory, and how large its files are: a month decided for so many claims, their awards
//! planned, approved by two people and released into a pain.001 and a Standard 18 file.
//!
//! `cargo bench -p ops --bench payrun` makes a ledger of 10,000 claims from a seed, with the built program and real orders,
//! and gives every step to a process of its own; `-- 1000000` makes it a million. `-- 10000 /path/to/another/footing` lets
//! another build do the same on a copy of the same ledger, checks that its list and its files are the same to the byte, and
//! prints how many times as long and as much it takes. Beside the time that passed stands what the processors worked of it:
//! the figure to trust on a machine that does other things too.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at what it cannot set up")]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use projections::payments::derived_uuid;
use serde_json::Value;

const CLAIMS: u64 = 10_000;
const BANK: &str = "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n";

/// June's awards fall due on 7 July for those who claimed on 1 June, and leave by Faster Payments the evening before; those
/// who claimed on 2 June are paid on 8 July, by Bacs, which has to leave on the same evening.
const DECIDED: &str = "2026-07-02";
const PAY_DAY: &str = "2026-07-06";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let claims = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(CLAIMS);
    let other = arguments.iter().find(|argument| argument.parse::<u64>().is_err());
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let this = Footing { program: env!("CARGO_BIN_EXE_footing").into(), folder: folder.path() };
    println!("{claims} claims");
    this.says(&["init"]).1.print("init");
    this.import(claims).print("import");
    let Some(other) = other else {
        this.pay_day(|step, cost| cost.print(step));
        return this.sizes().iter().for_each(|(name, bytes)| println!("{name:<44} {:>8} kB", bytes >> 10));
    };
    let other = Footing { program: fs::canonicalize(other).unwrap(), folder: copy.path() };
    for name in ["footing.db", "footing.db.vault"] {
        fs::copy(this.folder.join(name), other.folder.join(name)).unwrap();
    }
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let then = other.pay_day(|_, cost| before.push(cost));
    let now = this.pay_day(|step, cost| after.push((step, cost)));
    assert!(then == now, "the two builds do not pay the same: {then:?} and {now:?}");
    for ((step, now), then) in after.iter().zip(&before) {
        now.print(step);
        then.print("  the other build");
        let tenths = |a: u128, b: u128| format!("{}.{}", a * 10 / b.max(1) / 10, a * 10 / b.max(1) % 10);
        let time = tenths(then.time.as_millis(), now.time.as_millis());
        let (work, memory) = (tenths(then.work.into(), now.work.into()), tenths(then.peak.into(), now.peak.into()));
        println!("{:<44} {time} times as long, {work} times as much work, {memory} times as much memory", "");
    }
    println!("same list, same files");
}

/// A build of the program, and the folder of its ledger.
struct Footing<'a> {
    program: PathBuf,
    folder: &'a Path,
}

/// What a step took.
struct Cost {
    time: Duration,
    /// What the processors worked, in hundredths of a second.
    work: u64,
    /// Peak resident memory in kB.
    peak: u64,
}

impl Cost {
    fn print(&self, step: &str) {
        let Cost { time, work, peak } = self;
        println!("{step:<44} {time:>8.1?} {:>6}.{:02}s of work {:>7} MB", work / 100, work % 100, peak >> 10);
    }
}

impl Footing<'_> {
    /// Decides and pays June; the digests of the list and of its files.
    fn pay_day(&self, mut step: impl FnMut(&'static str, Cost)) -> (String, Vec<u8>) {
        fs::write(self.folder.join("bank.yaml"), BANK).unwrap();
        let mut does = |name, arguments: &[&str]| {
            let (answer, cost) = self.says(arguments);
            step(name, cost);
            answer
        };
        does("decide, evening by evening", &["run", "--until", DECIDED, "--decide-only"]);
        does("the same evenings, nothing is due", &["run", "--until", DECIDED, "--decide-only"]);
        let plan = does("plan", &["pay", "plan", "--day", PAY_DAY, "--approvals", "2", "--actor", "ann"]);
        let text = |field: &str| plan[field].as_str().unwrap().to_string();
        let (run, digest) = (text("run"), text("digest"));
        for actor in ["bob", "cem"] {
            does("approve", &["pay", "approve", &run, "--digest", &digest, "--actor", actor]);
        }
        let released = does("release", &["pay", "release", &run, "--out", "out", "--bank", "bank.yaml"]);
        assert_eq!(released["left"], plan["payments"]);
        (digest, fs::read(self.folder.join(format!("out/{run}.sha256"))).unwrap())
    }

    /// Runs it to the end; what it says in JSON, and what it took.
    fn says(&self, arguments: &[&str]) -> (Value, Cost) {
        let out = self.folder.join("answer");
        let mut command = self.command(arguments);
        let cost = cost(command.stdout(File::create(&out).unwrap()), |_| ());
        (serde_json::from_slice(&fs::read(out).unwrap()).unwrap(), cost)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--format", "json"]).args(arguments).current_dir(self.folder).stderr(Stdio::inherit());
        command
    }

    /// Lets it read the orders that make the claims.
    fn import(&self, claims: u64) -> Cost {
        let mut command = self.command(&["import", "-", "--quarantine", "quarantine.ndjson"]);
        cost(command.stdin(Stdio::piped()).stdout(Stdio::null()), |child| {
            let mut to = BufWriter::with_capacity(1 << 20, child.stdin.take().unwrap());
            let by_day = (0..claims).step_by(2).chain((1..claims).step_by(2)); // Recorded time never runs backwards.
            by_day.into_iter().try_for_each(|number| orders(number, &mut to)).unwrap();
            to.flush().unwrap();
        })
    }

    /// The ledger, what stands beside it, and the files for the banks, in bytes.
    fn sizes(&self) -> Vec<(String, u64)> {
        let files = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect::<Vec<_>>();
        let all = files(self.folder).into_iter().chain(files(&self.folder.join("out")));
        let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
        all.map(|entry| (name(&entry), size(&entry.path()))).collect()
    }
}

fn size(path: &Path) -> u64 {
    let about = path.metadata().unwrap();
    match about.is_dir() {
        true => fs::read_dir(path).unwrap().map(|entry| size(&entry.unwrap().path())).sum(),
        false => about.len(),
    }
}

/// What one process takes, to which `feed` gives what it reads.
fn cost(command: &mut Command, feed: impl FnOnce(&mut std::process::Child)) -> Cost {
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    feed(&mut child);
    let (mut work, mut peak) = (0, 0);
    let about = |what: &str| fs::read_to_string(format!("/proc/{}/{what}", child.id())).unwrap();
    loop {
        // After the name in parentheses come the state and, 11 fields later, user and system time.
        let stat = about("stat");
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        work = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>().max(work);
        let status = about("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|kb| kb.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        if fields[0] == "Z" {
            break; // It has ended, and waits to be asked.
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let time = begun.elapsed();
    assert!(child.wait().unwrap().success(), "{command:?} failed");
    Cost { time, work, peak }
}

/// What makes one claim: somebody with an account claims, every second to be paid by Bacs; every third rents, every fourth
/// has earnings.
fn orders(number: u64, to: &mut impl Write) -> io::Result<()> {
    let id = |what: &str| derived_uuid(&format!("{what} {number}"));
    let (person, claim, day) = (id("person"), id("claim"), 1 + number % 2);
    let (mut count, date) = (0, format!("2026-06-0{day}"));
    let mut order = |what: &str, rest: String| {
        count += 1;
        let command = id(&format!("order {count} of"));
        let said = format!(r#""actor":"caseworker:bench","time":"{date}T09:00:00Z","effective_from":"{date}""#);
        writeln!(to, r#"{{"id":"{command}",{said},"do":"{what}",{rest}}}"#)
    };
    let born = format!("{}-{:02}-{:02}", 1965 + number % 30, 1 + number % 12, 1 + number % 28);
    order("register_person", format!(r#""person":"{person}","birth_date":"{born}","name":"Person {number}""#))?;
    let account = format!("{:02}-02-03 {:08}", number % 100, number);
    order("record_account", format!(r#""person":"{person}","number":"{account}","holders":["{person}"]"#))?;
    if day == 2 {
        order("record_person_fact", format!(r#""person":"{person}","fact":{{"key":"paid_by","value":"bacs"}}"#))?;
    }
    order("make_claim", format!(r#""claim":"{claim}","benefit":"uk-universal-credit","claimants":["{person}"]"#))?;
    if number.is_multiple_of(3) {
        let mut fact = |key: &str, value: String| {
            order("record_claim_fact", format!(r#""claim":"{claim}","fact":{{"key":"{key}","value":{value}}}"#))
        };
        fact("tenure", r#""social""#.into())?;
        fact("rent", format!("{}.00", 300 + number % 300))?;
    }
    if number.is_multiple_of(4) {
        let gross = 200 + number % 400;
        let pay = r#""tax":0.00,"national_insurance":0.00,"pension":0.00,"frequency":"monthly""#;
        order(
            "report_earnings",
            format!(r#""person":"{person}","paid_on":"2026-06-0{day}","gross":{gross}.00,{pay}"#),
        )?;
    }
    Ok(())
}
