//! A wire on which things get lost.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Stands between a client and a server.
pub struct Proxy {
    pub address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The next batch reaches the server, and its acknowledgement does not come back.
    lose_acknowledgement: AtomicBool,
    /// How many were lost.
    lost: AtomicU32,
    /// Nothing comes back any more, and nothing is closed.
    silent: AtomicBool,
}

impl Proxy {
    pub fn before(server: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&proxy.state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(server)) else { continue };
                join(client, server, &state);
            }
        });
        proxy
    }

    pub fn lose_next_acknowledgement(&self) {
        self.state.lose_acknowledgement.store(true, Ordering::SeqCst);
    }

    pub fn lost(&self) -> u32 {
        self.state.lost.load(Ordering::SeqCst)
    }

    pub fn fall_silent(&self) {
        self.state.silent.store(true, Ordering::SeqCst);
    }
}

fn join(client: TcpStream, server: TcpStream, state: &Arc<State>) {
    let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let up = Arc::clone(state);
    let down = Arc::clone(state);
    let deaf = Arc::new(AtomicBool::new(false));
    let is_deaf = Arc::clone(&deaf);
    std::thread::spawn(move || {
        carry(from_client, to_server, |bytes| {
            let is_batch = bytes.windows(17).any(|window| window == b"Nats-Batch-Commit");
            if is_batch && up.lose_acknowledgement.swap(false, Ordering::SeqCst) {
                up.lost.fetch_add(1, Ordering::SeqCst);
                deaf.store(true, Ordering::SeqCst);
            }
            true
        });
    });
    std::thread::spawn(move || {
        carry(server, client, |bytes| {
            // What answers the batch is lost with the connection.
            if is_deaf.load(Ordering::SeqCst) && bytes.windows(5).any(|window| window == b"\"seq\"") {
                return false;
            }
            !down.silent.load(Ordering::SeqCst) || wait_for_ever()
        });
    });
}

fn wait_for_ever() -> bool {
    loop {
        std::thread::park();
    }
}

/// Passes bytes on until one end closes, or `pass` says no more.
fn carry(mut from: TcpStream, mut to: TcpStream, mut pass: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 65_536];
    while let Ok(read) = from.read(&mut buffer) {
        if read == 0 || !pass(&buffer[..read]) || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    // Either end may be gone already.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
