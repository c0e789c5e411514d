//! How long `footing calc` takes over 100,000 households under the shipped Universal Credit pack, and how much memory.
//!
//! `cargo bench -p ops --bench calc` writes the households from a seed, runs the built program over them in every form that
//! streams, and prints seconds, cases a second and peak memory. `-- FOLDER` keeps the files there, for other readers.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at what it cannot set up")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CASES: u64 = 100_000;
const SEED: u64 = 20_130_429;

fn main() {
    let kept = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let own = tempfile::tempdir().unwrap();
    let folder = kept.unwrap_or_else(|| own.path().to_path_buf());
    fs::create_dir_all(&folder).unwrap();
    let households: Vec<Household> = (0..CASES).map(Household::new).collect();
    fs::write(folder.join("cases.csv"), csv(&households)).unwrap();
    fs::write(folder.join("cases.ndjson"), ndjson(&households)).unwrap();
    let runs = [
        ("cases.csv", "out.csv"),
        ("cases.csv", "out.parquet"),
        ("cases.csv", "out.ndjson"),
        ("cases.ndjson", "out.ndjson"),
    ];
    for (input, output) in runs {
        let (took, peak) = run(&folder, input, output);
        let a_second = u128::from(CASES) * 1000 / took.as_millis().max(1);
        println!("{input:>12} -> {output:<12} {took:>8.2?}  {a_second:>7} cases/s  {} MB at most", peak / 1024);
    }
}

/// Time and peak memory in kB of one run.
fn run(folder: &Path, input: &str, output: &str) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_footing"))
        .args(["calc", input, "--pack", "uk-universal-credit", "--output", output])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|kb| kb.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success(), "calc failed");
    (begun.elapsed(), peak)
}

/// What one household states, by column; an empty text for what it does not state.
struct Household {
    name: String,
    period: String,
    cells: Vec<String>,
}

const COLUMNS: [&str; 15] = [
    "a1.birth_date",
    "a1.net_earnings",
    "a2.birth_date",
    "a2.net_earnings",
    "c1.birth_date",
    "c1.role",
    "c2.birth_date",
    "c2.role",
    "c3.birth_date",
    "c3.role",
    "tenure",
    "rent",
    "capital",
    "childcare_charges",
    "region",
];

impl Household {
    fn new(number: u64) -> Household {
        let mut random = Random(SEED ^ (number << 20));
        let (period, couple, children) = (random.day(2018, 9), random.below(10) < 4, random.below(4));
        let nobody = || [String::new(), String::new()];
        let mut cells = vec![random.day(1960, 40), random.pounds(200_000)];
        cells.extend(if couple { [random.day(1960, 40), random.pounds(150_000)] } else { nobody() });
        for child in 0..3 {
            cells.extend(if child < children { [random.day(2007, 11), "child".into()] } else { nobody() });
        }
        let tenure = random.one_of(["none", "social", "private", "owner"]);
        cells.push(tenure.into());
        cells.push(if matches!(tenure, "social" | "private") { random.pounds(90_000) } else { String::new() });
        cells.push(random.pounds(1_800_000));
        cells.push(if children > 0 { random.pounds(60_000) } else { String::new() });
        cells.push(random.one_of(["london", "outside_london"]).into());
        Household { name: format!("household {number}"), period, cells }
    }
}

/// The 64-bit generator of Steele, Lea and Flood (SplitMix64): the same households from the same seed on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn day(&mut self, from: u64, years: u64) -> String {
        format!("{}-{:02}-{:02}", from + self.below(years), 1 + self.below(12), 1 + self.below(28))
    }

    fn pounds(&mut self, end_pence: u64) -> String {
        let pence = self.below(end_pence);
        format!("{}.{:02}", pence / 100, pence % 100)
    }

    fn one_of<const N: usize>(&mut self, words: [&'static str; N]) -> &'static str {
        words[usize::try_from(self.below(N as u64)).unwrap()]
    }
}

fn csv(households: &[Household]) -> String {
    let mut out = format!("name,period,{}\n", COLUMNS.join(","));
    for household in households {
        writeln!(out, "{},{},{}", household.name, household.period, household.cells.join(",")).unwrap();
    }
    out
}

fn ndjson(households: &[Household]) -> String {
    let mut out = String::new();
    for Household { name, period, cells } in households {
        let stated = || COLUMNS.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
        let fact = |name: &str, cell: &str| {
            if cell.contains('.') { format!("\"{name}\":{cell}") } else { format!("\"{name}\":\"{cell}\"") }
        };
        let people = ["a1", "a2", "c1", "c2", "c3"].into_iter().filter_map(|id| {
            let own = stated().filter_map(|(column, cell)| Some(fact(column.strip_prefix(&format!("{id}."))?, cell)));
            let own: Vec<String> = own.collect();
            (!own.is_empty()).then(|| format!("\"{id}\":{{{}}}", own.join(",")))
        });
        let unit = stated().filter(|(column, _)| !column.contains('.')).map(|(column, cell)| fact(column, cell));
        let (people, unit) = (people.collect::<Vec<_>>().join(","), unit.collect::<Vec<_>>().join(","));
        let input = format!("{{\"people\":{{{people}}},\"unit\":{{{unit}}}}}");
        writeln!(out, "{{\"name\":\"{name}\",\"period\":\"{period}\",\"input\":{input}}}").unwrap();
    }
    out
}
