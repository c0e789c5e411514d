//! How a command ends when it is not simply done, and with which exit code.

use std::error::Error;
use std::io;
use std::path::Path;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A check found something; it is already printed.
    #[error("a check found something")]
    Found,
    /// Bad usage or input: what is wrong, where, and what to do. Several findings stand on a line each.
    #[error("{0}")]
    Input(String),
    /// The outside failed: a disk, a network.
    #[error("{what}")]
    Outside {
        /// What could not be done.
        what: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Whoever read standard output stopped reading (`| head`): nothing is wrong.
    #[error("standard output was closed")]
    ReaderLeft,
}

impl Failure {
    /// Bad usage or input.
    pub fn input(message: impl Into<String>) -> Failure {
        Failure::Input(message.into())
    }

    /// A file named by the user cannot be read: their slip where it is not there, else the outside's fault.
    pub fn reading(path: &Path, source: io::Error) -> Failure {
        let name = path.display();
        let slips = [
            (io::ErrorKind::NotFound, "there is no such file; check the name and the folder"),
            (io::ErrorKind::IsADirectory, "this is a folder; name a file"),
            (io::ErrorKind::InvalidData, "this is not UTF-8 text; save it as UTF-8"),
        ];
        match slips.iter().find(|(kind, _)| *kind == source.kind()) {
            Some((_, advice)) => Failure::Input(format!("{name}: {advice}")),
            None => Failure::Outside { what: format!("cannot read {name}"), source },
        }
    }

    /// A file or stream cannot be written.
    pub fn writing(name: &str, source: io::Error) -> Failure {
        if source.kind() == io::ErrorKind::BrokenPipe {
            return Failure::ReaderLeft;
        }
        Failure::Outside { what: format!("cannot write {name}"), source }
    }

    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Failure::ReaderLeft => 0,
            Failure::Found => 1,
            Failure::Input(_) => 2,
            Failure::Outside { .. } => 3,
        }
    }

    /// Says it on standard error: each line as an error of its own, then the causes.
    pub fn report(&self) {
        match self {
            Failure::Found | Failure::ReaderLeft => {}
            Failure::Input(message) => message.lines().for_each(|line| eprintln!("error: {line}")),
            Failure::Outside { what, source } => {
                eprintln!("error: {what}: {source}");
                let mut cause = source.source();
                while let Some(error) = cause {
                    eprintln!("  because {error}");
                    cause = error.source();
                }
            }
        }
    }
}
