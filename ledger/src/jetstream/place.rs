//! Where a ledger on a NATS server is, and how the server is to be asked.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A ledger on a server: `nats://HOST:PORT/NAME`, or `tls://` where the connection must be encrypted; several servers of
/// one cluster stand with commas between them.
///
/// The name is that of the stream, and the first part of every subject, so that several ledgers live on one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The servers, each as `scheme://host:port`.
    servers: Vec<String>,
    /// The stream.
    name: String,
}

/// Why a text is not the address of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: use nats://HOST:PORT/NAME, or tls:// for an encrypted connection")]
pub struct AddressError {
    reason: String,
}

impl Address {
    /// The name of the ledger and of its stream.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn servers(&self) -> &[String] {
        &self.servers
    }

    /// Whether the connection must be encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.servers.iter().any(|server| server.starts_with("tls://"))
    }

    fn hosts(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().filter_map(|server| server.split_once("://")).map(|(_, host)| host)
    }

    /// The first server as part of a file name.
    pub fn host_for_files(&self) -> String {
        let host = self.hosts().next().unwrap_or_default();
        host.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' }).collect()
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        let wrong = |reason: &str| AddressError { reason: reason.into() };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("there is no :// in it"))?;
        if scheme != "nats" && scheme != "tls" {
            return Err(wrong("it is neither nats:// nor tls://"));
        }
        let (hosts, name) = rest.split_once('/').unwrap_or((rest, ""));
        let name = if name.is_empty() { "footing" } else { name };
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
            return Err(wrong("the name holds something other than letters, digits, _ and -"));
        }
        if hosts.contains('@') {
            return Err(wrong(
                "it holds a user, who is named with --nats-user, and a password is only ever read from the environment",
            ));
        }
        if hosts.split(',').any(str::is_empty) {
            return Err(wrong("the server is missing"));
        }
        let servers = hosts.split(',').map(|host| format!("{scheme}://{host}")).collect();
        Ok(Address { servers, name: name.into() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted() { "tls" } else { "nats" };
        write!(f, "{scheme}://{}/{}", self.hosts().collect::<Vec<_>>().join(","), self.name)
    }
}

/// A password; it is never printed.
#[derive(Clone)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// Where a server answers, unless somebody says otherwise.
pub const API: &str = "$JS.API";

/// Who asks, how long an answer may take, and where what belongs beside the ledger lies.
#[derive(Clone, Debug)]
pub struct Options {
    /// The files beside the ledger begin with this: `.index` and `.outbox` are put after it.
    pub beside: PathBuf,
    /// How many servers keep the stream: what a new one gets, and what is demanded of one that is there, where given.
    pub replicas: Option<u8>,
    /// How many events a new ledger has to receive from elsewhere before anybody may use it.
    pub awaits: u64,
    /// A user and its password.
    pub user: Option<(String, Password)>,
    /// A file with a user's token and key.
    pub credentials: Option<PathBuf>,
    /// A file with a user's seed.
    pub nkey: Option<PathBuf>,
    /// Certificates of those who may vouch for the server, beside the ones of the system.
    pub authority: Option<PathBuf>,
    /// Our own certificate, and its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// What the subjects begin with on which the server answers: [`API`], unless its account takes the questions over
    /// from another under a name of its own.
    pub api_prefix: String,
    /// How long one request may take.
    pub request: Duration,
    /// How long a batch whose fate is unknown is looked for and sent again, and a page is asked for.
    pub deadline: Duration,
}

impl Options {
    /// The usual patience, nobody in particular, and files that begin with this path.
    pub fn beside(path: impl Into<PathBuf>) -> Options {
        Options {
            beside: path.into(),
            replicas: None,
            awaits: 0,
            user: None,
            credentials: None,
            nkey: None,
            authority: None,
            certificate: None,
            api_prefix: API.into(),
            request: Duration::from_secs(5),
            deadline: Duration::from_secs(60),
        }
    }

    /// A file beside the ledger.
    pub(super) fn file(&self, what: &str) -> PathBuf {
        let mut name = self.beside.as_os_str().to_owned();
        name.push(format!(".{what}"));
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let found = text.parse::<Address>().map(|address| address.to_string()).map_err(|error| error.reason);
        assert_eq!(found, expected.map(str::to_string).map_err(str::to_string));
    }

    #[test]
    fn an_address_names_servers_and_a_ledger_and_never_holds_a_password() {
        check("nats://localhost:4222/ada", Ok("nats://localhost:4222/ada"));
        check("nats://localhost:4222", Ok("nats://localhost:4222/footing"));
        check("nats://a:4222,b:4222/x", Ok("nats://a:4222,b:4222/x"));
        check(
            "nats://app:secret@a:4222/x",
            Err(
                "it holds a user, who is named with --nats-user, and a password is only ever read from the environment",
            ),
        );
        check("tls://n1.example:4222/x_1", Ok("tls://n1.example:4222/x_1"));
        check("nats://localhost/a.b", Err("the name holds something other than letters, digits, _ and -"));
        check("nats:///x", Err("the server is missing"));
        check("http://localhost/x", Err("it is neither nats:// nor tls://"));
    }
}
