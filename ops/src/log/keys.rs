//! The keys of a ledger's log, in two files beside it: the public halves, to which keys are only added, and the secrets,
//! which nobody else may read and which may lie elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ledger::log::note::Kind;
use ledger::log::{NoteError, SigningKey, VerifierKey};

use crate::desk::{beside, random};
use crate::error::Failure;

/// How many keys sign at once: the old one and the new.
const OVERLAP: usize = 2;

/// Where the keys of a ledger are.
#[derive(Clone, Debug)]
pub struct Keys {
    public: PathBuf,
    secret: PathBuf,
}

impl Keys {
    /// The keys of the ledger at a place, with the secrets in a file that the user named, or beside it.
    pub fn of(ledger: &Path, named: Option<&Path>) -> Keys {
        let secret = named.map_or_else(|| beside(ledger, "logkey"), Path::to_path_buf);
        Keys { public: beside(ledger, "vkeys"), secret }
    }

    /// The file of secrets.
    pub fn secret(&self) -> &Path {
        &self.secret
    }

    /// The public halves, the log's own and those of witnesses; none where the ledger has no key.
    ///
    /// # Errors
    /// The file cannot be read or holds something else.
    pub fn public(&self) -> Result<Vec<VerifierKey>, Failure> {
        let text = match fs::read_to_string(&self.public) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(|e| Failure::reading(&self.public, e))?,
        };
        vkeys(&self.public, &text)
    }

    /// The secrets that sign now.
    ///
    /// # Errors
    /// [`Failure::Input`] where they are not there, others can read them, or they are something else.
    pub fn signing(&self) -> Result<Vec<SigningKey>, Failure> {
        let name = self.secret.display();
        let file = match File::open(&self.secret) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Failure::input(format!(
                    "{name}: the secret key that signs this ledger's checkpoints is not there: name its file with --log-key"
                )));
            }
            opened => opened.map_err(|e| Failure::reading(&self.secret, e))?,
        };
        if others_can_read(&file).map_err(|e| Failure::reading(&self.secret, e))? {
            let advice = format!("a secret key that others can read is none: chmod 600 {name}, and think of a new one");
            return Err(Failure::input(format!("{name}: {advice} (footing log key rotate)")));
        }
        let text = io::read_to_string(file).map_err(|e| Failure::reading(&self.secret, e))?;
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty());
        let read = lines.map(|(number, line)| {
            SigningKey::from_secret_text(line).map_err(|e| Failure::input(format!("{name}, line {number}: {e}")))
        });
        let keys: Vec<SigningKey> = read.collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(Failure::input(format!("{name}: there is no key in it"))) } else { Ok(keys) }
    }

    /// Makes the first key. A secret that is there already, of a ledger that had no log yet, is taken.
    ///
    /// # Errors
    /// [`Failure::Input`] when the ledger has a key, or the name cannot be one.
    pub fn make(&self, name: Option<&str>) -> Result<VerifierKey, Failure> {
        if let Some(key) = self.public()?.first() {
            let advice = "`footing log key rotate` makes another";
            return Err(Failure::input(format!("the ledger has the key {key} already: {advice}")));
        }
        let key = if self.secret.exists() {
            self.signing()?.pop().ok_or_else(|| Failure::input("there is no key"))?
        } else {
            let own = || format!("footing-ledger/{}", uuid::Builder::from_random_bytes(random()).into_uuid());
            let key = SigningKey::from_seed(&name.map_or_else(own, str::to_string), &random()).map_err(named)?;
            self.write_secrets(std::slice::from_ref(&key))?;
            key
        };
        self.add(&key.verifier())?;
        Ok(key.verifier())
    }

    /// Makes a new key that signs beside the old one.
    ///
    /// # Errors
    /// [`Failure::Input`] when two sign already, or none does.
    pub fn rotate(&self) -> Result<VerifierKey, Failure> {
        let mut signing = self.signing()?;
        if signing.len() >= OVERLAP {
            let advice = "`footing log key rotate --finish` ends that";
            return Err(Failure::input(format!("an old and a new key sign together already: {advice}")));
        }
        let name = signing.first().map(|key| key.name().to_string()).unwrap_or_default();
        let key = SigningKey::from_seed(&name, &random()).map_err(named)?;
        let public = key.verifier();
        // First the half that checks: a secret without it would sign what nobody here knows.
        self.add(&public)?;
        signing.push(key);
        self.write_secrets(&signing)?;
        Ok(public)
    }

    /// Lets the new key sign alone; the old secret is removed, its public half stays. Gives the key that signs.
    ///
    /// # Errors
    /// [`Failure::Input`] when no two keys sign together.
    pub fn finish(&self) -> Result<VerifierKey, Failure> {
        let mut signing = self.signing()?;
        match (signing.len(), signing.pop()) {
            (OVERLAP, Some(new)) => {
                let public = new.verifier();
                self.write_secrets(&[new])?;
                Ok(public)
            }
            _ => Err(Failure::input(
                "one key signs: there is nothing to finish; `footing log key rotate` makes a new one",
            )),
        }
    }

    /// Notes a public key.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&self, key: &VerifierKey) -> Result<(), Failure> {
        let write = || {
            let mut file = OpenOptions::new().create(true).append(true).open(&self.public)?;
            file.write_all(format!("{key}\n").as_bytes())?;
            file.sync_all()
        };
        write().map_err(|e| Failure::writing(&self.public.display().to_string(), e))
    }

    /// Writes the secrets into a file that only its owner can read, which takes the place of the one before.
    fn write_secrets(&self, keys: &[SigningKey]) -> Result<(), Failure> {
        let text: String = keys.iter().map(|key| key.secret_text() + "\n").collect();
        let folder = self.secret.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let write = || {
            // Temporary files are made with the mode 0600.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.secret).map_err(|error| error.error)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|e| Failure::writing(&self.secret.display().to_string(), e))
    }
}

/// Asserts that a log can have this name.
///
/// # Errors
/// [`Failure::Input`].
pub fn check_name(name: Option<&str>) -> Result<(), Failure> {
    name.map_or(Ok(()), |name| SigningKey::from_seed(name, &random()).map(drop).map_err(named))
}

/// Public keys given on the command line: each a key, or a file with one to a line.
///
/// # Errors
/// [`Failure::Input`] for what is neither.
pub fn given(keys: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    let mut read = Vec::new();
    for key in keys {
        let path = Path::new(key);
        match key.parse() {
            Ok(key) => read.push(key),
            Err(_) if path.is_file() => {
                let text = fs::read_to_string(path).map_err(|e| Failure::reading(path, e))?;
                read.extend(vkeys(path, &text)?);
            }
            Err(error) => return Err(Failure::input(format!("--key {key}: {error}, and there is no such file"))),
        }
    }
    Ok(read)
}

/// Whose a key is, in a word.
pub const fn whose(kind: Kind) -> &'static str {
    match kind {
        Kind::Log => "log",
        Kind::Witness => "witness",
    }
}

fn vkeys(path: &Path, text: &str) -> Result<Vec<VerifierKey>, Failure> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(number, line)| {
        let wrong = |error: NoteError| Failure::input(format!("{}, line {number}: {error}", path.display()));
        line.trim().parse().map_err(wrong)
    });
    read.collect()
}

fn named(error: NoteError) -> Failure {
    Failure::input(format!("--name: {error}"))
}

#[cfg(unix)]
fn others_can_read(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &File) -> io::Result<bool> {
    Ok(false)
}
