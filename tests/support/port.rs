//! A loopback port for one test's server, which nobody else takes while that server is down.

use std::net::TcpListener;

/// Below the ports that systems give to outgoing connections and to whoever asks for any (from 32768 on Linux, from 49152
/// elsewhere): one found free among those is somebody else's a moment later.
const NUMBERS: std::ops::Range<u16> = 20_000..32_000;

/// A port that no other test takes until this is dropped, whatever process that test runs in.
pub struct Port {
    /// Its number; it is even.
    pub number: u16,
    /// The port after it: whoever listens there has both.
    _held: TcpListener,
}

impl Port {
    /// The first that no other test holds and nobody listens on, of six thousand.
    pub fn hold() -> Port {
        let listening = |number| TcpListener::bind(("127.0.0.1", number)).ok();
        let held = |number: u16| {
            let _held = listening(number + 1)?;
            listening(number).map(|_| Port { number, _held })
        };
        NUMBERS.step_by(2).find_map(held).unwrap()
    }
}
