//! An administrator of a server, who may do what the program's user may not: a few lines of the protocol as text.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// What the server answers to a question about its streams, such as `STREAM.DELETE.name`.
pub fn ask(server: SocketAddr, what: &str, question: &Value) -> Value {
    let mut out = TcpStream::connect(server).unwrap();
    let mut coming = BufReader::new(out.try_clone().unwrap());
    let question = question.to_string();
    let said = format!(
        "CONNECT {{\"verbose\":false}}\r\nSUB answer 1\r\nPUB $JS.API.{what} answer {}\r\n{question}\r\n",
        question.len()
    );
    out.write_all(said.as_bytes()).unwrap();
    loop {
        let mut line = String::new();
        assert!(coming.read_line(&mut line).unwrap() > 0, "the server left");
        assert!(!line.starts_with("-ERR"), "{line}");
        if line.starts_with("MSG ") {
            let length = line.trim().rsplit(' ').next().unwrap().parse().unwrap();
            let mut answer = vec![0; length];
            coming.read_exact(&mut answer).unwrap();
            return serde_json::from_slice(&answer).unwrap();
        }
    }
}
