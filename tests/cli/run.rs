//! Running the program in a folder of its own, so that only shipped packs and the files of the test are there.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What a run of the program left behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Standard output of a run that went well and said nothing on standard error.
    #[track_caller]
    pub fn good(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// The same as JSON, read by a reader of its own.
    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.good()).unwrap()
    }

    /// Asserts that the run was refused with these lines, and that nothing went to standard output.
    #[track_caller]
    pub fn refused(self, code: i32, message: &str) {
        assert_eq!((self.err.as_str(), self.out.as_str(), self.code), (format!("{message}\n").as_str(), "", code));
    }
}

/// A folder to run the program in.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(TempDir::new().unwrap())
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Folder {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.0.path().join(name)).ok()
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    /// Names of everything in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.feed(arguments, "")
    }

    /// Runs the program in an environment of the test's.
    pub fn run_in(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Ran {
        self.ended(environment, arguments, "")
    }

    /// Runs the program with a text on standard input.
    pub fn feed(&self, arguments: &[&str], input: &str) -> Ran {
        self.ended(&[], arguments, input)
    }

    fn ended(&self, environment: &[(&str, &str)], arguments: &[&str], input: &str) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_footing"))
            .args(arguments)
            .current_dir(self.0.path())
            .env_remove("FOOTING_STORE")
            .env_remove("FOOTING_HOME")
            .env_remove("FOOTING_PACKS")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_string();
        let feeding = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes()))); // it may not want to read
        let output = child.wait_with_output().unwrap();
        feeding.join().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A pack of one rule and one fact: half of what somebody earns, from a day on.
pub fn small_pack(folder: &Folder) {
    folder
        .write(
            "packs/small/1/pack.yaml",
            "name: small\nversion: \"1\"\ntitle: Half of earnings\nin_force: {from: 2020-01-01}\n\
             inputs:\n  person:\n    earned: {type: money, default: 0, min: 0}\n  unit: {}\n\
             outputs: [award]\naward: award\n",
        )
        .write("packs/small/1/parameters/share.yaml", "type: rate\nvalues: {2025-01-01: 0.50}\n")
        .write(
            "packs/small/1/rules/award.rule.yaml",
            "rules:\n  - id: award\n    type: money\n    expr: round(sum(earned over people) * share, half_up, 0.01)\n\
             \x20   cite: {instrument: Small Act, provision: s. 1, confidence: read}\n    say: half of what is earned\n",
        )
        .write(
            "packs/small/1/tests/award.yaml",
            "- {name: half of ten is five, period: 2025-06-10, input: {people: {a1: {earned: 10.00}}}, output: {award: 5.00}}\n",
        );
}
