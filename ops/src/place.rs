//! Where a ledger is: in a file, or on a server with what belongs beside it in a folder here.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::jetstream::{API, Address, NatsError, Options, Password};
use ledger::{AppendError, Appended, EmbeddedStore, Head, JetStreamStore, Message, ReadError, Store, Stored};
use schemas::{CommandId, Subject};

use crate::cli::{Global, StorePlace};
use crate::desk::{broken, chain};
use crate::error::Failure;

/// The store of a command: whichever the user named.
#[derive(Debug)]
pub enum AnyStore {
    /// One file.
    Embedded(EmbeddedStore),
    /// A NATS server.
    JetStream(Box<JetStreamStore>),
}

/// Where a ledger is.
#[derive(Clone, Debug)]
pub enum Place {
    /// In this file.
    File(PathBuf),
    /// On a server.
    Server {
        /// The server and the name of the ledger.
        address: Address,
        /// Who asks, and what the files beside the ledger begin with.
        options: Box<Options>,
        /// The folder of those files, where the user named one.
        home: Option<PathBuf>,
    },
}

impl Place {
    /// The place that the command line names.
    ///
    /// # Errors
    /// [`Failure::Input`] for what is no store, and where no folder can be found for what lies beside a ledger.
    pub fn of(global: &Global) -> Result<Place, Failure> {
        Place::at(&global.store, global)
    }

    /// A place under the same settings.
    ///
    /// # Errors
    /// As for [`Place::of`].
    pub fn at(store: &StorePlace, global: &Global) -> Result<Place, Failure> {
        match store {
            StorePlace::Sqlite(path) => Ok(Place::File(path.clone())),
            StorePlace::Nats(text) => {
                let address: Address =
                    text.parse().map_err(|error| Failure::input(format!("--store: {}", chain(&error))))?;
                let beside = home(global, &address)?.join(address.name());
                let server = &global.server;
                let options = Options {
                    user: server.nats_user.clone().map(with_password).transpose()?,
                    credentials: server.nats_creds.clone(),
                    nkey: server.nats_nkey.clone(),
                    authority: server.nats_ca.clone(),
                    certificate: server.nats_cert.clone().zip(server.nats_key.clone()),
                    api_prefix: server.nats_api_prefix.clone().unwrap_or_else(|| API.into()),
                    ..Options::beside(beside)
                };
                Ok(Place::Server { address, options: Box::new(options), home: global.home.clone() })
            }
            StorePlace::Unknown(text) => Err(Failure::input(format!(
                "--store `{text}` is no store; use sqlite:PATH, such as sqlite:./footing.db, or nats://HOST:PORT/NAME"
            ))),
        }
    }

    /// What the files beside the ledger begin with.
    pub fn beside(&self) -> &Path {
        match self {
            Place::File(path) => path,
            Place::Server { options, .. } => &options.beside,
        }
    }

    /// How it is named on the command line.
    pub fn argument(&self) -> String {
        match self {
            Place::File(path) => format!("sqlite:{}", path.display()),
            Place::Server { address, home: None, .. } => address.to_string(),
            Place::Server { address, home: Some(home), .. } => format!("{address} --home {}", home.display()),
        }
    }

    /// How it is named to people.
    pub fn name(&self) -> String {
        match self {
            Place::File(path) => path.display().to_string(),
            Place::Server { address, .. } => address.to_string(),
        }
    }
}

/// A password stands in the environment only: what is typed can be read by everybody on the machine.
fn with_password(user: String) -> Result<(String, Password), Failure> {
    let missing = |_| Failure::input("--nats-user: its password has to be in the environment as FOOTING_NATS_PASSWORD");
    Ok((user, Password(std::env::var("FOOTING_NATS_PASSWORD").map_err(missing)?)))
}

/// The folder of what lies beside a ledger on a server, made where it is missing; only its user may look into it.
fn home(global: &Global, address: &Address) -> Result<PathBuf, Failure> {
    let folder = match &global.home {
        Some(folder) => folder.clone(),
        None => {
            let of_user = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            let of_user = of_user.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")));
            let advice = "--home: name a folder for what lies beside the ledger, such as its vault";
            of_user.ok_or_else(|| Failure::input(advice))?.join("footing").join(address.host_for_files())
        }
    };
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .recursive(true)
        .create(&folder)
        .map_err(|error| Failure::writing(&format!("--home {}", folder.display()), error))?;
    Ok(folder)
}

/// A ledger that is not there or in the way is the user's slip; everything else is the server's.
pub fn on_server(error: &NatsError) -> Failure {
    match error {
        NatsError::NoLedger { .. }
        | NatsError::Exists { .. }
        | NatsError::Key { .. }
        | NatsError::NotLetIn { .. }
        | NatsError::Forbidden { .. } => Failure::input(chain(error)),
        NatsError::Unreachable { .. }
        | NatsError::TooOld { .. }
        | NatsError::OtherSetUp { .. }
        | NatsError::Gone { .. }
        | NatsError::Uncertain { .. }
        | NatsError::TooLarge { .. }
        | NatsError::Replaced { .. }
        | NatsError::Refused { .. }
        | NatsError::NoAnswer { .. }
        | NatsError::Nonsense { .. }
        | NatsError::Unsettled { .. }
        | NatsError::NotAsSent { .. }
        | NatsError::Beside(_)
        | NatsError::Local(_) => broken(chain(error)),
    }
}

impl AnyStore {
    /// What is wrong with the file around the events, or with the index beside a ledger on a server.
    ///
    /// # Errors
    /// [`ReadError`], when the file cannot be read at all.
    pub fn check_file(&self) -> Result<Vec<String>, ReadError> {
        match self {
            AnyStore::Embedded(store) => store.check_file(),
            AnyStore::JetStream(store) => store.check_index(),
        }
    }
}

impl Store for AnyStore {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        match self {
            AnyStore::Embedded(store) => store.append(events, after, reads).await,
            AnyStore::JetStream(store) => store.append(events, after, reads).await,
        }
    }

    async fn head(&self) -> Result<Head, ReadError> {
        match self {
            AnyStore::Embedded(store) => store.head().await,
            AnyStore::JetStream(store) => store.head().await,
        }
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        match self {
            AnyStore::Embedded(store) => store.read(from, limit).await,
            AnyStore::JetStream(store) => store.read(from, limit).await,
        }
    }

    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        match self {
            AnyStore::Embedded(store) => store.read_subject(subject, from, limit).await,
            AnyStore::JetStream(store) => store.read_subject(subject, from, limit).await,
        }
    }

    async fn read_subject_to(
        &self,
        subject: &Subject,
        from: u64,
        position: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, ReadError> {
        match self {
            AnyStore::Embedded(store) => store.read_subject_to(subject, from, position, limit).await,
            AnyStore::JetStream(store) => store.read_subject_to(subject, from, position, limit).await,
        }
    }

    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        match self {
            AnyStore::Embedded(store) => store.find_commands(ids).await,
            AnyStore::JetStream(store) => store.find_commands(ids).await,
        }
    }
}
