//! Three nats-servers in one cluster on the loopback: each a process with a folder of its own, each link between two of
//! them a wire that can be cut.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use crate::nats_server::{CURRENT, program};
use crate::port::Port;

const NODES: usize = 3;

/// Nothing that is waited for takes longer on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running cluster; gone with its folder when it is dropped.
pub struct Cluster {
    nodes: Vec<Node>,
    /// The wires, by the servers from which and to which they lead.
    wires: Vec<([usize; 2], Wire)>,
    folder: TempDir,
}

struct Node {
    child: Child,
    port: Port,
    _route: Port,
    config: PathBuf,
    /// What it says from its start on, line by line.
    says: Receiver<String>,
}

impl Cluster {
    /// Starts three servers and waits until they agreed on who leads them.
    pub fn start() -> Cluster {
        let folder = TempDir::new().unwrap();
        let held: Vec<Port> = (0..NODES).map(|_| Port::hold()).collect();
        let routes: Vec<u16> = held.iter().map(|route| route.number).collect();
        // A wire each way; of two connections between the same servers they keep one.
        let pairs = [[0, 1], [1, 0], [0, 2], [2, 0], [1, 2], [2, 1]];
        let wire = |to: usize| Wire::to(SocketAddr::from(([127, 0, 0, 1], routes[to])));
        let wires: Vec<([usize; 2], Wire)> = pairs.into_iter().map(|pair| (pair, wire(pair[1]))).collect();
        let nodes = held.into_iter().enumerate().map(|(node, route)| {
            let others = wires.iter().filter(|(pair, _)| pair[0] == node).map(|(_, wire)| wire.address.port());
            let known: Vec<String> =
                others.chain([routes[node]]).map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
            let (port, store) = (Port::hold(), folder.path().join(name(node)));
            let config = folder.path().join(format!("{}.conf", name(node)));
            // What a server says of its own address leads nowhere, or the others would go around the wires.
            let text = format!(
                "server_name: {}\nlisten: \"127.0.0.1:{}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n\
                 cluster {{ name: footing, listen: \"127.0.0.1:{}\", advertise: \"127.0.0.1:1\", no_advertise: true, routes: [{}] }}\n",
                name(node),
                port.number,
                store.display(),
                routes[node],
                known.join(", "),
            );
            std::fs::write(&config, text).unwrap();
            let (child, says) = run(&config);
            Node { child, port, _route: route, config, says }
        });
        let cluster = Cluster { nodes: nodes.collect(), wires, folder };
        cluster.wait_for(0, " metadata leader");
        cluster
    }

    /// The address of a ledger of this name, on these servers.
    pub fn address(&self, nodes: &[usize], name: &str) -> String {
        let hosts: Vec<String> =
            nodes.iter().map(|node| format!("127.0.0.1:{}", self.nodes[*node].port.number)).collect();
        format!("nats://{}/{name}", hosts.join(","))
    }

    /// The server of this name.
    pub fn node(&self, name: &str) -> usize {
        (0..NODES).find(|node| self::name(*node) == name).unwrap()
    }

    /// A folder that is gone with the cluster, for what lies beside ledgers.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills servers as a power cut would.
    pub fn kill(&mut self, nodes: &[usize]) {
        for node in nodes {
            self.nodes[*node].child.kill().unwrap();
            self.nodes[*node].child.wait().unwrap();
        }
    }

    /// Starts servers again on their folders and ports.
    pub fn start_again(&mut self, nodes: &[usize]) {
        for node in nodes {
            let node = &mut self.nodes[*node];
            (node.child, node.says) = run(&node.config);
        }
        self.wait_for(nodes[0], "Server is ready");
    }

    /// Stops a server in the middle of whatever it does, as a machine does that is out of memory.
    pub fn freeze(&self, node: usize) {
        self.signal(node, "-STOP");
    }

    /// Lets it go on, as if nothing had been.
    pub fn thaw(&self, node: usize) {
        self.signal(node, "-CONT");
    }

    /// From now on nothing of what this server and the others say to each other arrives; clients reach it as before.
    pub fn cut_off(&self, node: usize) {
        self.of(node).for_each(Wire::cut);
    }

    /// What is said from now on arrives again.
    pub fn join_again(&self, node: usize) {
        self.of(node).for_each(Wire::mend);
    }

    fn of(&self, node: usize) -> impl Iterator<Item = &Wire> {
        self.wires.iter().filter(move |(pair, _)| pair.contains(&node)).map(|(_, wire)| wire)
    }

    fn signal(&self, node: usize, signal: &str) {
        let told = Command::new("kill").arg(signal).arg(self.nodes[node].child.id().to_string()).status().unwrap();
        assert!(told.success());
    }

    fn wait_for(&self, node: usize, words: &str) {
        let says = &self.nodes[node].says;
        while !says.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it never said `{words}`")).contains(words) {}
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            let _ = node.child.kill();
            let _ = node.child.wait();
        }
    }
}

fn name(node: usize) -> String {
    format!("n{}", node + 1)
}

fn run(config: &Path) -> (Child, Receiver<String>) {
    let mut command = Command::new(program(CURRENT));
    let mut child = command
        .arg("-c")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (say, says) = channel();
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(say.send(line))));
    (child, says)
}

/// What joins two servers.
struct Wire {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Bytes are taken and go nowhere; nothing is closed.
    cut: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Wire {
    fn to(server: SocketAddr) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Wire { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&wire.state);
        std::thread::spawn(move || {
            for one in listener.incoming() {
                // A server that is down is as a wire that leads nowhere.
                let (Ok(one), Ok(other)) = (one, TcpStream::connect(server)) else { continue };
                let mut open = state.open.lock().unwrap_or_else(PoisonError::into_inner);
                open.extend([one.try_clone().unwrap(), other.try_clone().unwrap()]);
                carry(one.try_clone().unwrap(), other.try_clone().unwrap(), Arc::clone(&state));
                carry(other, one, Arc::clone(&state));
            }
        });
        wire
    }

    fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
    }

    /// What was cut in the middle of a word is not continued: those connections end, and new ones carry everything.
    fn mend(&self) {
        let mut open = self.state.open.lock().unwrap_or_else(PoisonError::into_inner);
        self.state.cut.store(false, Ordering::SeqCst);
        for stream in open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, state: Arc<State>) {
    std::thread::spawn(move || {
        let (mut buffer, mut lost) = ([0; 65_536], false);
        while let Ok(read) = from.read(&mut buffer) {
            // After something was lost nothing that follows makes sense.
            lost |= state.cut.load(Ordering::SeqCst);
            if read == 0 || (!lost && to.write_all(&buffer[..read]).is_err()) {
                break;
            }
        }
        // Either end may be gone already.
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
