//! The texts that the stream must not hold, in a file that can forget.
//!
//! The stream holds `{ref, commitment}`. The ref is derived from the command and the field, never from the text. The
//! commitment is the SHA-256 of a 32-byte random salt and the text: whoever has the stream alone can test no guess.
//! A salt is drawn once for each ref and kept before anything else happens, so that the same command submitted again
//! gives the same commitment and the same command hash. Erasing takes the text and its salt, after which the
//! commitment binds nothing that anybody could still guess; only the fact of erasing remains.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use schemas::events::Sealed;
use schemas::{CommandId, Digest};
use sha2::Digest as _;
use uuid::Uuid;

use crate::embedded::{OpenError, open_file};

/// `FOOV` in ASCII.
const APPLICATION_ID: i32 = 0x464F_4F56;

/// The version of the tables below.
const VERSION: i32 = 1;

/// A salt of null says that the text was erased.
const TABLES: &str = "
CREATE TABLE salts (ref BLOB PRIMARY KEY, salt BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE texts (ref BLOB NOT NULL, commitment BLOB NOT NULL, text TEXT NOT NULL, PRIMARY KEY (ref, commitment))
    STRICT, WITHOUT ROWID;
CREATE TABLE elsewhere (ref BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
";

/// Draws a salt: 32 bytes from a source of randomness fit for secrets. The ledger itself has none.
pub type Salts = Box<dyn FnMut() -> [u8; 32] + Send>;

/// Texts by ref.
pub struct Vault(Mutex<Inner>);

struct Inner {
    connection: Connection,
    salts: Salts,
}

/// A text about to be sealed: which field of which command it stands in.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// The command.
    pub command: CommandId,
    /// The field.
    pub field: &'a str,
    /// What it says.
    pub plain: &'a str,
}

/// What a sealed value came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The text is there and is the one committed to.
    Intact,
    /// The text was erased.
    Erased,
    /// The text there is another one.
    Broken,
    /// It came with events from a ledger with another vault, and stayed there.
    Elsewhere,
    /// The vault should hold it and does not.
    Missing,
}

/// Why the vault could not answer.
#[derive(Debug, thiserror::Error)]
#[error("the vault of confidential texts failed")]
pub struct VaultError(#[from] rusqlite::Error);

impl Vault {
    /// Opens the vault beside a store, making it when there is none.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path, salts: Salts) -> Result<Vault, OpenError> {
        let connection = open_file(path, APPLICATION_ID, VERSION, TABLES)?;
        let failed = |source| OpenError::Sqlite { path: path.display().to_string(), source };
        connection.pragma_update(None, "secure_delete", true).map_err(failed)?;
        Ok(Vault(Mutex::new(Inner { connection, salts })))
    }

    /// A vault that is gone when the program ends.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn in_memory(salts: Salts) -> Result<Vault, VaultError> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLES)?;
        Ok(Vault(Mutex::new(Inner { connection, salts })))
    }

    /// Commits to each text without keeping it; none for a text that was erased. Keeps only the salts.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn seal(&self, texts: &[Text<'_>]) -> Result<Vec<Option<Sealed>>, VaultError> {
        let mut inner = self.inner();
        let Inner { connection, salts } = &mut *inner;
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sealed = texts.iter().map(|text| seal(&begun, salts, *text)).collect::<Result<_, _>>()?;
        begun.commit()?;
        Ok(sealed)
    }

    /// Keeps the texts of sealed values: before the events that name them are appended, so that none is ever without.
    ///
    /// # Errors
    /// [`VaultError`]; then nothing was kept.
    pub fn keep(&self, texts: &[(Sealed, String)]) -> Result<(), VaultError> {
        let mut inner = self.inner();
        let begun = inner.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (Sealed { r#ref, commitment }, text) in texts {
            let row = params![r#ref.as_bytes(), commitment.0, text];
            begun.prepare_cached("INSERT OR IGNORE INTO texts VALUES (?1, ?2, ?3)")?.execute(row)?;
        }
        begun.commit()?;
        Ok(())
    }

    /// The text, unless it is erased or missing.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn open_text(&self, sealed: &Sealed) -> Result<Option<String>, VaultError> {
        Ok(text_of(&self.inner().connection, sealed)?)
    }

    /// Forgets the text and its salt, also in the file's free space. Erasing twice is the same as once.
    ///
    /// # Errors
    /// [`VaultError`]; then nothing was erased.
    pub fn erase(&self, sealed: &Sealed) -> Result<(), VaultError> {
        let mut inner = self.inner();
        let begun = inner.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let name = sealed.r#ref.as_bytes();
        begun.execute("DELETE FROM texts WHERE ref = ?1", [name])?;
        begun.execute("INSERT INTO salts VALUES (?1, NULL) ON CONFLICT (ref) DO UPDATE SET salt = NULL", [name])?;
        begun.commit()?;
        // The journal still holds the pages as they were until it is folded into the file.
        inner.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Notes that texts which came with events from elsewhere stayed in the vault there. Those that are here stay here.
    ///
    /// # Errors
    /// [`VaultError`]; then nothing was noted.
    pub fn note_elsewhere(&self, texts: &[Sealed]) -> Result<(), VaultError> {
        let mut inner = self.inner();
        let begun = inner.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for sealed in texts {
            if salt_of(&begun, sealed.r#ref)?.is_none() {
                begun.execute("INSERT OR IGNORE INTO elsewhere VALUES (?1)", [sealed.r#ref.as_bytes()])?;
            }
        }
        begun.commit()?;
        Ok(())
    }

    /// Whether it never held anything.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn is_empty(&self) -> Result<bool, VaultError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM salts)";
        Ok(self.inner().connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Puts a copy of the whole vault into a file that is not there yet.
    ///
    /// # Errors
    /// [`VaultError`], also where the file is there.
    pub fn copy_to(&self, path: &Path) -> Result<(), VaultError> {
        let path = path.to_string_lossy();
        self.inner().connection.execute("VACUUM INTO ?1", [path.as_ref()])?;
        Ok(())
    }

    /// Whether the text is there and is the one committed to.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn check(&self, sealed: &Sealed) -> Result<Seal, VaultError> {
        let inner = self.inner();
        let Some(salt) = salt_of(&inner.connection, sealed.r#ref)? else {
            let elsewhere = is_elsewhere(&inner.connection, sealed.r#ref)?;
            return Ok(if elsewhere { Seal::Elsewhere } else { Seal::Missing });
        };
        let Some(salt) = salt else { return Ok(Seal::Erased) };
        Ok(match text_of(&inner.connection, sealed)? {
            Some(text) if commitment(&salt, &text) == sealed.commitment => Seal::Intact,
            Some(_) | None => Seal::Broken,
        })
    }

    /// SQLite takes back what a caller that panicked left open.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows nothing of what it holds.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

fn seal(begun: &Transaction<'_>, salts: &mut Salts, text: Text<'_>) -> rusqlite::Result<Option<Sealed>> {
    let name = ref_of(text.command, text.field);
    let salt = match salt_of(begun, name)? {
        Some(known) => known,
        None => {
            let drawn = salts();
            begun.prepare_cached("INSERT INTO salts VALUES (?1, ?2)")?.execute(params![name.as_bytes(), drawn])?;
            Some(drawn)
        }
    };
    Ok(salt.map(|salt| Sealed { r#ref: name, commitment: commitment(&salt, text.plain) }))
}

fn salt_of(connection: &Connection, name: Uuid) -> rusqlite::Result<Option<Option<[u8; 32]>>> {
    let mut statement = connection.prepare_cached("SELECT salt FROM salts WHERE ref = ?1")?;
    statement.query_row([name.as_bytes()], |row| row.get(0)).optional()
}

fn is_elsewhere(connection: &Connection, name: Uuid) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM elsewhere WHERE ref = ?1)", [name.as_bytes()], |row| row.get(0))
}

fn text_of(connection: &Connection, sealed: &Sealed) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT text FROM texts WHERE ref = ?1 AND commitment = ?2";
    let row = params![sealed.r#ref.as_bytes(), sealed.commitment.0];
    connection.prepare_cached(sql)?.query_row(row, |row| row.get(0)).optional()
}

/// Names a value by where it came from: an UUID of our own making (version 8, RFC 9562).
fn ref_of(command: CommandId, field: &str) -> Uuid {
    let mut hash = sha2::Sha256::new_with_prefix(b"footing sealed value v1\0");
    hash.update(command.0.as_bytes());
    hash.update(field.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut first = [0; 16];
    first.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(first).into_uuid()
}

fn commitment(salt: &[u8; 32], text: &str) -> Digest {
    Digest(sha2::Sha256::new_with_prefix(salt).chain_update(text.as_bytes()).finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> Salts {
        let mut n = 0;
        Box::new(move || {
            n += 1;
            [n; 32]
        })
    }

    fn text(plain: &str) -> Text<'_> {
        Text { command: CommandId(Uuid::from_u128(7)), field: "name", plain }
    }

    fn sealed(vault: &Vault, plain: &str) -> Option<Sealed> {
        vault.seal(&[text(plain)]).unwrap().remove(0)
    }

    #[test]
    fn the_commitment_is_the_hash_of_salt_and_text() {
        let vault = Vault::in_memory(counting()).unwrap();
        let expected = [&[1; 32][..], b"Ada"].concat();
        assert_eq!(sealed(&vault, "Ada").unwrap().commitment, Digest::of(&expected));
    }

    #[test]
    fn the_same_text_of_the_same_command_is_sealed_alike_and_another_text_is_not() {
        let vault = Vault::in_memory(counting()).unwrap();
        assert_eq!(sealed(&vault, "Ada"), sealed(&vault, "Ada"));
        let (ada, eve) = (sealed(&vault, "Ada").unwrap(), sealed(&vault, "Eve").unwrap());
        assert_eq!(ada.r#ref, eve.r#ref);
        assert_ne!(ada.commitment, eve.commitment);
        let other = Text { field: "address", ..text("Ada") };
        assert_ne!(vault.seal(&[other]).unwrap()[0].as_ref().unwrap().commitment, ada.commitment);
    }

    #[test]
    fn a_text_that_stayed_in_another_vault_is_elsewhere_and_one_that_is_gone_is_missing() {
        let (here, there) = (Vault::in_memory(counting()).unwrap(), Vault::in_memory(counting()).unwrap());
        let name = sealed(&there, "Ada Lovelace").unwrap();
        assert_eq!(here.check(&name).unwrap(), Seal::Missing);
        here.note_elsewhere(std::slice::from_ref(&name)).unwrap();
        assert_eq!(here.check(&name).unwrap(), Seal::Elsewhere);
        there.note_elsewhere(std::slice::from_ref(&name)).unwrap();
        assert_ne!(there.check(&name).unwrap(), Seal::Elsewhere);
    }

    #[test]
    fn an_erased_text_is_erased_and_not_broken_and_leaves_no_bytes_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("footing.db.vault");
        let vault = Vault::open(&path, counting()).unwrap();
        let name = sealed(&vault, "Ada Lovelace").unwrap();
        vault.keep(&[(name.clone(), "Ada Lovelace".into())]).unwrap();
        assert_eq!(vault.open_text(&name).unwrap().as_deref(), Some("Ada Lovelace"));
        assert_eq!(vault.check(&name).unwrap(), Seal::Intact);
        vault.erase(&name).unwrap();
        assert_eq!(vault.open_text(&name).unwrap(), None);
        assert_eq!(vault.check(&name).unwrap(), Seal::Erased);
        assert_eq!(sealed(&vault, "Ada Lovelace"), None);
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(8).any(|w| w == b"Lovelace"));
        }
    }

    #[test]
    fn a_text_that_was_changed_is_broken_and_one_never_held_is_missing() {
        let vault = Vault::in_memory(counting()).unwrap();
        let name = sealed(&vault, "Ada").unwrap();
        assert_eq!(vault.check(&name).unwrap(), Seal::Broken);
        vault.keep(&[(name.clone(), "Eve".into())]).unwrap();
        assert_eq!(vault.check(&name).unwrap(), Seal::Broken);
        let foreign = Sealed { r#ref: Uuid::from_u128(9), commitment: Digest([0; 32]) };
        assert_eq!(vault.check(&foreign).unwrap(), Seal::Missing);
    }
}
