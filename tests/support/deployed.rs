//! Real servers with the files of `ops/deploy/nats`: only folders, hosts and ports are put in place of the shipped ones.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::port::Port;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ops/deploy/nats");

/// Running servers, with certificates of an authority that is gone with them.
pub struct Deployed {
    nodes: Vec<Node>,
    folder: TempDir,
}

struct Node {
    child: Child,
    /// For clients, for the other servers, and for who asks how it does.
    ports: [Port; 3],
}

impl Deployed {
    /// One server, by `one-node.conf`.
    pub fn one_node() -> Deployed {
        Deployed::one_node_but(&[])
    }

    /// One server, with something else in place of what the files say.
    pub fn one_node_but(changes: &[(&str, &str)]) -> Deployed {
        let deployed = Deployed { nodes: Vec::new(), folder: certified() };
        deployed.started("one-node.conf", 1, changes)
    }

    /// Three servers, by `cluster.conf`.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn cluster() -> Deployed {
        let deployed = Deployed { nodes: Vec::new(), folder: certified() };
        deployed.started("cluster.conf", 3, &[])
    }

    /// The ledger that the users have rights to.
    pub fn address(&self) -> String {
        let servers: Vec<String> =
            self.nodes.iter().map(|node| format!("localhost:{}", node.ports[0].number)).collect();
        format!("tls://{}/footing", servers.join(","))
    }

    /// A certificate or key that `certificates.sh` made.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A folder that is gone with the servers.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn started(mut self, config: &str, nodes: usize, changes: &[(&str, &str)]) -> Deployed {
        let ports: Vec<[Port; 3]> = (0..nodes).map(|_| [(); 3].map(|()| Port::hold())).collect();
        let routes: Vec<u16> = ports.iter().map(|[_, route, _]| route.number).collect();
        for (number, ports) in (1..).zip(ports) {
            let name = format!("node-{number}");
            let [clients, others, watched] = ports.each_ref().map(|port| port.number);
            let home = self.folder.path().join(&name);
            fs::create_dir(&home).unwrap();
            for file in [config, "common.conf", "rights.conf"] {
                let mut text = fs::read_to_string(format!("{SHIPPED}/{file}")).unwrap();
                let mut put = |shipped: &str, ours: &str| text = text.replace(shipped, ours);
                put("/etc/footing-nats/server.", &self.file("localhost.").display().to_string());
                put("/etc/footing-nats", &self.folder.path().display().to_string());
                put("/var/lib/footing-nats", &home.join("js").display().to_string());
                put("0.0.0.0:4222", &format!("127.0.0.1:{clients}"));
                put("0.0.0.0:6222", &format!("127.0.0.1:{others}"));
                put("127.0.0.1:8222", &format!("127.0.0.1:{watched}"));
                for (number, route) in (1..).zip(&routes) {
                    put(&format!("nats-{number}.example.org:6222"), &format!("localhost:{route}"));
                }
                changes.iter().for_each(|(shipped, other)| put(shipped, other));
                fs::write(home.join(file), text).unwrap();
            }
            let child = run(&home.join(config), &name);
            self.nodes.push(Node { child, ports });
        }
        self.nodes.iter().for_each(|node| self.wait(node));
        self
    }

    /// A server says itself when it is ready to keep something, and in a cluster only once there is one to lead it.
    fn wait(&self, node: &Node) {
        let started = Instant::now();
        while !is_healthy(node.ports[2].number) {
            assert!(started.elapsed() < Duration::from_secs(60), "a server does not start: {}", self.log());
            std::thread::yield_now();
        }
    }

    /// Changes what the only server's users may do while it runs, and waits until that holds.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn change_rights(&self, from: &str, to: &str) {
        let file = self.file("node-1/rights.conf");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(file, text.replace(from, to)).unwrap();
        let told = Command::new("kill").arg("-HUP").arg(self.nodes[0].child.id().to_string()).status().unwrap();
        assert!(told.success());
        let started = Instant::now();
        while !self.log().contains("Reloaded server configuration") {
            assert!(started.elapsed() < Duration::from_secs(60), "it does not read its files again: {}", self.log());
            std::thread::yield_now();
        }
    }

    /// What the servers said.
    pub fn log(&self) -> String {
        let log = |node: usize| fs::read_to_string(self.file(&format!("node-{node}/server.log"))).unwrap_or_default();
        (1..=self.nodes.len()).map(log).collect()
    }
}

impl Drop for Deployed {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            let _ = node.child.kill();
            let _ = node.child.wait();
        }
    }
}

fn is_healthy(port: u16) -> bool {
    let Ok(mut asking) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = String::new();
    let asked = asking.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").and_then(|()| asking.read_to_string(&mut answer));
    asked.is_ok() && answer.contains(" 200 ")
}

fn certified() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut script = Command::new("bash");
    // Where openssl is, if it is nowhere else.
    let path = format!("{}:{}", tools().join("bin").display(), std::env::var("PATH").unwrap_or_default());
    script.env("PATH", path).arg(format!("{SHIPPED}/certificates.sh")).arg(folder.path()).arg("localhost");
    let made = script.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

fn run(config: &Path, node: &str) -> Child {
    let log = fs::File::create(config.with_file_name("server.log")).unwrap();
    let mut command = Command::new(tools().join("bin/nats-server"));
    command.arg("-c").arg(config).env("FOOTING_NODE", node).stdin(Stdio::null());
    command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}

fn tools() -> PathBuf {
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools");
    std::env::var_os("FOOTING_TOOLS").map_or_else(|| ours.into(), PathBuf::from)
}
