//! A real nats-server for a test: on a free loopback port, with a folder of its own, stopped by its own id.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::port::Port;

/// The server that production uses.
pub const CURRENT: &str = "bin";

/// A running server; gone with its folder when it is dropped.
pub struct NatsServer {
    program: PathBuf,
    child: Child,
    port: Port,
    folder: TempDir,
}

impl NatsServer {
    /// Starts the server that `ops/tools.sh` fetched into this folder of the tools, and waits until it answers.
    pub fn start(which: &str) -> NatsServer {
        let (program, folder, port) = (program(which), TempDir::new().unwrap(), Port::hold());
        let config = format!(
            "server_name: footing\nlisten: \"127.0.0.1:{}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
            port.number,
            folder.path().join("js").display()
        );
        fs::write(folder.path().join("server.conf"), config).unwrap();
        let child = run(&program, folder.path());
        let server = NatsServer { program, child, port, folder };
        server.wait();
        server
    }

    /// The address of a ledger of this name.
    pub fn address(&self, name: &str) -> String {
        format!("nats://127.0.0.1:{}/{name}", self.port.number)
    }

    /// Where it listens.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn socket(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port.number))
    }

    /// A folder that is gone with the server, for what lies beside ledgers.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills the server as a power cut would, and starts it again on the same folder and port.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn kill_and_start_again(&mut self) {
        self.kill();
        self.start_again();
    }

    /// Kills the server; it stays down.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the server as an administrator does: what it keeps in memory goes to its disk.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn stop(&mut self) {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap();
    }

    /// Starts the server again on the same folder and port.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn start_again(&mut self) {
        self.child = run(&self.program, self.folder.path());
        self.wait();
    }

    /// Starts another version of the server on the same folder and port.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn start_again_as(&mut self, which: &str) {
        self.program = program(which);
        self.start_again();
    }

    /// JetStream is there a little after the port is open; the information line says so.
    fn wait(&self) {
        let started = Instant::now();
        while TcpStream::connect(self.socket()).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "the server does not start: {}", self.log());
            std::thread::yield_now();
        }
    }

    /// What the server said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(program: &Path, folder: &Path) -> Child {
    let log = fs::File::options().create(true).append(true).open(folder.join("server.log")).unwrap();
    let mut command = Command::new(program);
    command.arg("-c").arg(folder.join("server.conf")).stdin(Stdio::null());
    command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}

/// The server of this folder of the tools.
pub fn program(which: &str) -> PathBuf {
    let program = tools().join(which).join("nats-server");
    assert!(program.exists(), "{} is missing: run `bash ops/tools.sh`", program.display());
    program
}

fn tools() -> PathBuf {
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools");
    std::env::var_os("FOOTING_TOOLS").map_or_else(|| ours.into(), PathBuf::from)
}
