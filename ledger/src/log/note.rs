//! Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures; and the keys they are made and checked
//! with. Two kinds of Ed25519 signature: that of the log itself, and a witness's, which says when (C2SP tlog-cosignature).

use std::fmt::{self, Write as _};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature as Ed25519, Signer as _, VerifyingKey};
use schemas::Digest;

/// How a line with a signature begins.
pub(super) const MARK: &str = "\u{2014} ";

/// How many signatures a note may have: more than any log has keys and witnesses.
const MOST_SIGNATURES: usize = 100;

/// How the text of a secret key begins, as Go's tools write it.
const SECRET: &str = "PRIVATE+KEY+";

/// What a key signs, and the byte that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The text of the note: the log's own signature (0x01).
    Log,
    /// The text with the time at which a witness saw it (0x04).
    Witness,
}

/// The public half of a key, written as a C2SP vkey: `name+id+base64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: Kind,
    key: VerifyingKey,
}

/// The secret half of a log's key. It is never shown but by [`SigningKey::secret_text`].
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// A line below a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The id of the key.
    pub id: u32,
    /// What the key made.
    pub bytes: Vec<u8>,
}

/// A text with its signatures, which may be anybody's until they are verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed, with its last line end.
    pub text: String,
    /// Who signed, as they say.
    pub signatures: Vec<Signature>,
}

/// A signature that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<'k> {
    /// The key it was made with.
    pub key: &'k VerifierKey,
    /// When a witness saw it, in seconds since 1970.
    pub seen_at: Option<u64>,
}

/// Why a text is not a note or a key, or why a note cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It has not the form of a note.
    #[error("is not a signed note: {0}")]
    Form(&'static str),
    /// It has not the form of a key.
    #[error("is not a key: {0}")]
    Key(&'static str),
    /// The name of a key is empty, or has a space or a plus in it.
    #[error("`{0}` cannot be the name of a key: a name has no spaces and no plus")]
    Name(String),
    /// A signature of a key that is known is not good: the text or the signature was changed.
    #[error("the signature of {name}, key {id:08x}, is not good: the text or the signature was changed")]
    BadSignature {
        /// The name of the key.
        name: String,
        /// Its id.
        id: u32,
    },
    /// Nobody signed whose key is known.
    #[error("is not signed by any key that is known here")]
    UnknownKeys,
}

impl Note {
    /// A text that nobody signed yet.
    ///
    /// # Errors
    /// [`NoteError::Form`] for a text that does not end its last line or holds control characters.
    pub fn new(text: String) -> Result<Note, NoteError> {
        if !text.ends_with('\n') {
            return Err(NoteError::Form("its text does not end with a line end"));
        }
        if text.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Form("it holds control characters"));
        }
        Ok(Note { text, signatures: Vec::new() })
    }

    /// Adds the signature of a log's key.
    pub fn sign(&mut self, key: &SigningKey) {
        let bytes = key.key.sign(self.text.as_bytes()).to_bytes().to_vec();
        self.signatures.push(Signature { name: key.name.clone(), id: key.verifier().id(), bytes });
    }

    /// Which of these keys signed it.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] where one of them seems to and did not; [`NoteError::UnknownKeys`] where none did.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Signed<'k>>, NoteError> {
        let mut good: Vec<Signed<'k>> = Vec::new();
        for signature in &self.signatures {
            let named = |key: &&VerifierKey| key.name == signature.name && key.id() == signature.id;
            let Some(key) = keys.iter().find(named) else { continue };
            let bad = || NoteError::BadSignature { name: signature.name.clone(), id: signature.id };
            good.push(key.check(&self.text, &signature.bytes).ok_or_else(bad)?);
        }
        if good.is_empty() { Err(NoteError::UnknownKeys) } else { Ok(good) }
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Note, NoteError> {
        let at = note.rfind("\n\n").ok_or(NoteError::Form("no empty line comes before the signatures"))?;
        let (text, lines) = note.split_at(at + 1);
        let lines = lines.strip_prefix('\n').unwrap_or(lines);
        let mut read = Note::new(text.into())?;
        read.signatures = signature_lines(lines)?;
        Ok(read)
    }
}

/// Reads lines of signatures alone, as witnesses answer with them.
///
/// # Errors
/// [`NoteError::Form`].
pub fn signature_lines(lines: &str) -> Result<Vec<Signature>, NoteError> {
    let whole = lines.strip_suffix('\n').ok_or(NoteError::Form("its last line does not end"))?;
    let signatures: Vec<Signature> = whole.split('\n').map(signature).collect::<Result<_, _>>()?;
    if signatures.len() > MOST_SIGNATURES {
        return Err(NoteError::Form("it has more than 100 signatures"));
    }
    Ok(signatures)
}

fn signature(line: &str) -> Result<Signature, NoteError> {
    let form = NoteError::Form("a line after the empty one is not a signature");
    let line = line.strip_prefix(MARK).ok_or_else(|| form.clone())?;
    let (name, encoded) = line.split_once(' ').ok_or_else(|| form.clone())?;
    let bytes = STANDARD.decode(encoded).map_err(|_| form.clone())?;
    match bytes.split_first_chunk::<4>() {
        Some((id, bytes)) if is_name(name) && !bytes.is_empty() => {
            Ok(Signature { name: name.into(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
        }
        Some(_) | None => Err(form),
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.to_be_bytes()[..], &self.bytes].concat();
        write!(f, "{MARK}{} {}", self.name, STANDARD.encode(bytes))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Kind::Log => 1,
            Kind::Witness => 4,
        }
    }
}

impl VerifierKey {
    /// The name; that of a log is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whose it is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The first four bytes of the hash of name, kind and key.
    pub fn id(&self) -> u32 {
        let named = [self.name.as_bytes(), b"\n", &self.material()].concat();
        let [a, b, c, d, ..] = Digest::of(&named).0;
        u32::from_be_bytes([a, b, c, d])
    }

    fn material(&self) -> Vec<u8> {
        [&[self.kind.byte()][..], self.key.as_bytes()].concat()
    }

    fn check(&self, text: &str, signature: &[u8]) -> Option<Signed<'_>> {
        let good = |message: &str, bytes: &[u8; 64]| {
            self.key.verify_strict(message.as_bytes(), &Ed25519::from_bytes(bytes)).is_ok()
        };
        match self.kind {
            Kind::Log => {
                let bytes = signature.try_into().ok()?;
                good(text, bytes).then_some(Signed { key: self, seen_at: None })
            }
            Kind::Witness => {
                let (time, bytes) = signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                let message = cosigned(time, text);
                good(&message, bytes.try_into().ok()?).then_some(Signed { key: self, seen_at: Some(time) })
            }
        }
    }
}

/// What a witness signs who saw a text at a time.
pub fn cosigned(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id(), STANDARD.encode(self.material()))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<VerifierKey, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key("a verifier key is NAME+ID+BASE64"));
        };
        if !is_name(name) {
            return Err(NoteError::Name(name.into()));
        }
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Key("its last part is not base64"))?;
        let (kind, key) = match bytes.split_first() {
            Some((1, key)) => (Kind::Log, key),
            Some((4, key)) => (Kind::Witness, key),
            Some(_) | None => return Err(NoteError::Key("it is of no kind that is known here (Ed25519 is)")),
        };
        let key: &[u8; 32] = key.try_into().map_err(|_| NoteError::Key("an Ed25519 key has 32 bytes"))?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| NoteError::Key("its bytes are no Ed25519 key"))?;
        let read = VerifierKey { name: name.into(), kind, key };
        if id == format!("{:08x}", read.id()) {
            Ok(read)
        } else {
            Err(NoteError::Key("its id is not that of its bytes"))
        }
    }
}

impl SigningKey {
    /// The key of a log that follows from 32 random bytes.
    ///
    /// # Errors
    /// [`NoteError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<SigningKey, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Name(name.into()));
        }
        Ok(SigningKey { name: name.into(), key: ed25519_dalek::SigningKey::from_bytes(seed) })
    }

    /// The name; that of a log is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), kind: Kind::Log, key: self.key.verifying_key() }
    }

    /// The secret as Go's tools write it. Whoever has it can sign.
    pub fn secret_text(&self) -> String {
        let mut text = format!("{SECRET}{}+{:08x}+", self.name, self.verifier().id());
        let material = [&[Kind::Log.byte()][..], self.key.as_bytes()].concat();
        // Writing to a text cannot fail.
        let _ = write!(text, "{}", STANDARD.encode(material));
        text
    }

    /// Reads what [`SigningKey::secret_text`] wrote.
    ///
    /// # Errors
    /// [`NoteError::Key`], [`NoteError::Name`]; nothing of the secret is in them.
    pub fn from_secret_text(text: &str) -> Result<SigningKey, NoteError> {
        let form = NoteError::Key("a secret key is PRIVATE+KEY+NAME+ID+BASE64");
        let parts: Vec<&str> = text.strip_prefix(SECRET).ok_or_else(|| form.clone())?.splitn(3, '+').collect();
        let [name, id, encoded] = parts.as_slice() else { return Err(form) };
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Key("its last part is not base64"))?;
        let seed = match bytes.split_first() {
            Some((1, seed)) => seed.try_into().map_err(|_| NoteError::Key("an Ed25519 key has 32 bytes"))?,
            Some(_) | None => return Err(NoteError::Key("it is not an Ed25519 key of a log")),
        };
        let key = SigningKey::from_seed(name, seed)?;
        if *id == format!("{:08x}", key.verifier().id()) {
            Ok(key)
        } else {
            Err(NoteError::Key("its id is not that of its bytes"))
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifier())
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}
