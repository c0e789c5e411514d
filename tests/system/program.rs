//! Running the program on a ledger in a folder of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

/// Nothing that is waited for takes longer on the slowest machine; a test that waits in vain fails and does not hang.
pub const PATIENCE: Duration = Duration::from_secs(120);

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

    /// Asserts that nothing came out and that standard error says these words.
    #[track_caller]
    pub fn refused(self, code: i32, words: &str) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert!(self.err.contains(words), "`{}` does not say `{words}`", self.err);
    }
}

/// A folder with a ledger, `footing.db`.
pub struct Place(TempDir);

impl Place {
    /// A folder without a ledger.
    pub fn bare() -> Place {
        Place(TempDir::new().unwrap())
    }

    /// A folder with an empty ledger.
    pub fn new() -> Place {
        let place = Place::bare();
        place.run(&["init"]).good();
        place
    }

    /// A folder with a ledger into which this was imported.
    pub fn with(history: &str) -> Place {
        let place = Place::new();
        place.write("history.ndjson", history);
        let said = place.run(&["import", "history.ndjson"]).good();
        assert!(said.ends_with(" 0 there already, 0 quarantined\n"), "{said}");
        place
    }

    /// Another folder with the same files, but for the views, which every ledger builds of its own.
    pub fn twin(&self) -> Place {
        let twin = Place::bare();
        for entry in std::fs::read_dir(self.0.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, twin.path(path.file_name().unwrap().to_str().unwrap())).unwrap();
            }
        }
        twin
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.path(name)).ok()
    }

    /// The names of what stands in a folder of it; none where there is no such folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// Every event as it is stored, read with stock tools.
    pub fn stored(&self) -> Vec<Vec<u8>> {
        let reader = self.reader();
        let mut rows = reader.prepare("SELECT bytes FROM events ORDER BY sequence").unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// How large a file is; 0 where there is none.
    pub fn size(&self, name: &str) -> u64 {
        std::fs::metadata(self.path(name)).map_or(0, |about| about.len())
    }

    /// The ledger's file, for reading with stock tools; leaves the journal as it is.
    pub fn reader(&self) -> Connection {
        let reader = Connection::open_with_flags(self.path("footing.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        reader.busy_timeout(PATIENCE).unwrap();
        reader
    }

    /// Starts the program and leaves it running.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let child = Command::new(env!("CARGO_BIN_EXE_footing"))
            .args(arguments)
            .current_dir(self.0.path())
            .env_remove("FOOTING_STORE")
            .env_remove("FOOTING_PACKS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Running(child.unwrap())
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).end()
    }

    /// Every event as it is stored.
    #[track_caller]
    pub fn export(&self) -> String {
        self.run(&["export"]).good()
    }

    /// Asserts that every check of `verify` finds nothing.
    #[track_caller]
    pub fn is_whole(&self) {
        let said = self.run(&["verify"]).good();
        assert!(said.lines().all(|line| line.starts_with("ok    ")), "{said}");
    }
}

/// The program while it runs.
pub struct Running(pub Child);

impl Running {
    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Lets nothing more of it happen (SIGKILL): no destructor, no flush, no commit.
    pub fn kill(mut self) -> bool {
        let killed = !self.has_ended();
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        killed
    }

    /// Waits until something is so, the program has ended or patience is at its end.
    pub fn until(&mut self, mut happened: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !happened() && !self.has_ended() {
            assert!(begun.elapsed() < PATIENCE, "it never happened");
            std::thread::yield_now();
        }
    }

    /// Waits for its end.
    pub fn end(self) -> Ran {
        let output = self.0.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
