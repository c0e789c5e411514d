//! Views in sled, beside the ledger: rows and checkpoint change in one transaction, so that a crash leaves both as they
//! were. The folder can be deleted at any time.

use std::collections::BTreeMap;
use std::path::Path;

use schemas::{ClaimId, Digest, EventId, PersonId, Recorded};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Digest as _;
use sled::Transactional;
use sled::transaction::{ConflictableTransactionError, TransactionalTree};

use super::claim::{ClaimView, Claims};
use super::person::{People, PersonView};
use super::{MemoryViews, Projection};

/// Why stored views cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has them open.
    #[error("the views are in use by another process")]
    Busy,
    /// The next event is not the one after the last.
    #[error("event {found} came where {expected} was due: the stream has a gap, and nothing may be computed from it")]
    Gap {
        /// The sequence due.
        expected: u64,
        /// The sequence that came.
        found: u64,
    },
    /// The folder cannot be read or written.
    #[error("failed to use the stored views")]
    Sled {
        /// Why.
        #[source]
        source: sled::Error,
    },
    /// A row is not a view: the folder must be deleted and rebuilt.
    #[error("a stored view cannot be read: run `footing rebuild`")]
    Corrupt,
}

/// Views in a folder, owned by one process at a time.
pub struct SledViews {
    people: sled::Tree,
    claims: sled::Tree,
    checkpoint: sled::Tree,
    /// The end of the stream as somebody saw it who folded nothing in.
    seen: sled::Tree,
    db: sled::Db,
}

const POSITION: &[u8] = b"position";

/// The event at the position: what tells the stream that was folded in from any other.
const EVENT: &[u8] = b"event";

impl SledViews {
    /// Opens or creates the views in a folder.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process has them open; otherwise what the folder refuses.
    pub fn open(folder: &Path) -> Result<SledViews, StoreError> {
        let db = sled::Config::new().path(folder).cache_capacity(64 << 20).open().map_err(opening)?;
        let tree = |name: &str| db.open_tree(name).map_err(failed);
        Ok(SledViews {
            people: tree(People::NAME)?,
            claims: tree(Claims::NAME)?,
            checkpoint: tree("checkpoint_v1")?,
            seen: tree("seen_v1")?,
            db,
        })
    }

    /// Folds in the next events: all of them and the checkpoint, or nothing.
    ///
    /// # Errors
    /// [`StoreError::Gap`] when they do not follow the checkpoint without a gap.
    pub fn apply(&self, events: &[Recorded]) -> Result<(), StoreError> {
        let mut position = self.position()?;
        for event in events {
            if event.sequence != position + 1 {
                return Err(StoreError::Gap { expected: position + 1, found: event.sequence });
            }
            position = event.sequence;
        }
        let Some(last) = events.last().map(|event| event.envelope.id.to_string()) else { return Ok(()) };
        let people = folded::<People>(&self.people, events, |id| id.0.into_bytes())?;
        let claims = folded::<Claims>(&self.claims, events, |id| id.0.into_bytes())?;
        (&self.people, &self.claims, &self.checkpoint)
            .transaction(|(people_tree, claims_tree, checkpoint)| {
                write(people_tree, &people)?;
                write(claims_tree, &claims)?;
                checkpoint.insert(POSITION, &position.to_be_bytes())?;
                checkpoint.insert(EVENT, last.as_bytes())?;
                Ok::<_, ConflictableTransactionError<()>>(())
            })
            .map_err(|error| match error {
                sled::transaction::TransactionError::Abort(()) => StoreError::Corrupt,
                sled::transaction::TransactionError::Storage(source) => StoreError::Sled { source },
            })
    }

    /// The last sequence folded in; 0 for none.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn position(&self) -> Result<u64, StoreError> {
        position(&self.checkpoint)
    }

    /// The last event folded in; none where nothing was, or before it was kept.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn last_event(&self) -> Result<Option<EventId>, StoreError> {
        let Some(kept) = self.checkpoint.get(EVENT).map_err(failed)? else { return Ok(None) };
        let text = std::str::from_utf8(&kept).map_err(|_| StoreError::Corrupt)?;
        text.parse().map(Some).map_err(|_| StoreError::Corrupt)
    }

    /// The last sequence that was folded in or that somebody saw.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn seen(&self) -> Result<u64, StoreError> {
        Ok(self.position()?.max(position(&self.seen)?))
    }

    /// Remembers that the stream went up to here, so that a stream whose end is gone is found without everything being
    /// folded in first. It is no part of the views, nor of their digest.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn see(&self, head: u64) -> Result<(), StoreError> {
        self.seen.insert(POSITION, &head.to_be_bytes()).map_err(failed)?;
        self.flush()
    }

    /// Everyone, in order of id.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn people(&self) -> Result<Vec<PersonId>, StoreError> {
        keys(&self.people).map(|id| id.map(PersonId)).collect()
    }

    /// Every claim, in order of id.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn claims(&self) -> Result<Vec<ClaimId>, StoreError> {
        keys(&self.claims).map(|id| id.map(ClaimId)).collect()
    }

    /// One person, their claims, everyone on those claims, and the recorded carers of any of them, and whom they care for,
    /// with their claims: all that a question about the person needs, and the same piece for everyone in it.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn around(&self, person: PersonId) -> Result<MemoryViews, StoreError> {
        let (mut people, mut claims) = (BTreeMap::new(), BTreeMap::new());
        let mut next = vec![person];
        while let Some(id) = next.pop() {
            if people.contains_key(&id) {
                continue;
            }
            let Some(view) = read::<PersonView>(&self.people, &id.0.into_bytes())? else { continue };
            next.extend(view.carers().chain(view.cares_for.iter().copied()));
            for claim in &view.claims {
                if let Some(view) = read::<ClaimView>(&self.claims, &claim.0.into_bytes())? {
                    next.extend(view.members.iter().map(|member| member.person));
                    claims.insert(*claim, view);
                }
            }
            people.insert(id, view);
        }
        Ok(MemoryViews::piece(self.position()?, people, claims))
    }

    /// Makes everything folded so far safe on disk.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map(|_| ()).map_err(failed)
    }

    /// SHA-256 over every row of every tree: the same for every rebuild from the same stream.
    ///
    /// # Errors
    /// What the disk refuses.
    pub fn digest(&self) -> Result<Digest, StoreError> {
        let mut hash = sha2::Sha256::new();
        for (name, tree) in
            [(People::NAME, &self.people), (Claims::NAME, &self.claims), ("checkpoint", &self.checkpoint)]
        {
            hash.update(name);
            for row in tree {
                let (key, value) = row.map_err(failed)?;
                hash.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(&key);
                hash.update(&value);
            }
        }
        Ok(Digest(hash.finalize().into()))
    }
}

fn position(tree: &sled::Tree) -> Result<u64, StoreError> {
    let stored = tree.get(POSITION).map_err(failed)?;
    stored.map_or(Ok(0), |bytes| bytes.as_ref().try_into().map(u64::from_be_bytes).map_err(|_| StoreError::Corrupt))
}

/// The rows that the events change, after the change.
fn folded<P: Projection>(
    tree: &sled::Tree,
    events: &[Recorded],
    bytes: fn(&P::Key) -> [u8; 16],
) -> Result<BTreeMap<[u8; 16], Vec<u8>>, StoreError>
where
    P::View: Serialize + DeserializeOwned,
{
    let mut views: BTreeMap<[u8; 16], P::View> = BTreeMap::new();
    for event in events {
        for key in P::keys(event) {
            let row = bytes(&key);
            let view = match views.entry(row) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(new) => new.insert(read(tree, &row)?.unwrap_or_default()),
            };
            P::project(view, &key, event);
        }
    }
    views.into_iter().map(|(key, view)| Ok((key, encode(&view)?))).collect()
}

fn write(tree: &TransactionalTree, rows: &BTreeMap<[u8; 16], Vec<u8>>) -> Result<(), ConflictableTransactionError<()>> {
    for (key, row) in rows {
        tree.insert(key.as_slice(), row.as_slice())?;
    }
    Ok(())
}

fn read<V: DeserializeOwned>(tree: &sled::Tree, key: &[u8; 16]) -> Result<Option<V>, StoreError> {
    tree.get(key).map_err(failed)?.map(|row| decode(&row)).transpose()
}

fn encode<V: Serialize>(view: &V) -> Result<Vec<u8>, StoreError> {
    bincode::serde::encode_to_vec(view, bincode::config::standard()).map_err(|_| StoreError::Corrupt)
}

fn decode<V: DeserializeOwned>(row: &[u8]) -> Result<V, StoreError> {
    let (view, _) =
        bincode::serde::decode_from_slice(row, bincode::config::standard()).map_err(|_| StoreError::Corrupt)?;
    Ok(view)
}

fn failed(source: sled::Error) -> StoreError {
    StoreError::Sled { source }
}

fn opening(source: sled::Error) -> StoreError {
    match &source {
        sled::Error::Io(error) if error.to_string().contains("lock") => StoreError::Busy,
        sled::Error::Io(_)
        | sled::Error::CollectionNotFound(_)
        | sled::Error::Unsupported(_)
        | sled::Error::ReportableBug(_)
        | sled::Error::Corruption { .. } => failed(source),
    }
}

fn keys(tree: &sled::Tree) -> impl Iterator<Item = Result<uuid::Uuid, StoreError>> {
    tree.iter().keys().map(|key| uuid::Uuid::from_slice(&key.map_err(failed)?).map_err(|_| StoreError::Corrupt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::Envelope;

    /// One event of every kind, as published.
    fn every_kind_of_event() -> Vec<Recorded> {
        let golden = include_str!("../../../schemas/tests/golden/events.ndjson");
        let event = |(line, sequence): (&str, u64)| Recorded {
            sequence,
            envelope: Envelope::from_bytes(line.as_bytes()).unwrap(),
        };
        golden.lines().zip(1..).map(event).collect()
    }

    fn stored(events: &[Recorded], batch: usize) -> (tempfile::TempDir, SledViews) {
        let folder = tempfile::tempdir().unwrap();
        let views = SledViews::open(folder.path()).unwrap();
        events.chunks(batch).for_each(|events| views.apply(events).unwrap());
        (folder, views)
    }

    #[test]
    fn stored_views_say_what_views_in_memory_say_after_every_kind_of_event() {
        let events = every_kind_of_event();
        let (_folder, views) = stored(&events, 7);
        let memory = MemoryViews::of(&events);
        assert_eq!(views.position().unwrap(), memory.position());
        assert_eq!(views.last_event().unwrap(), events.last().map(|event| event.envelope.id));
        assert_eq!(views.people().unwrap(), memory.people().map(|(id, _)| id).collect::<Vec<_>>());
        for person in views.people().unwrap() {
            assert_eq!(views.around(person).unwrap(), memory.around(person));
        }
    }

    #[test]
    fn a_rebuild_is_byte_identical_however_the_events_were_batched() {
        let events = every_kind_of_event();
        let digests = [1, 7, 1_000].map(|batch| stored(&events, batch).1.digest().unwrap());
        assert_eq!(digests[0], digests[1]);
        assert_eq!(digests[1], digests[2]);
    }

    #[test]
    fn a_gap_stops_the_views_and_changes_nothing() {
        let events = every_kind_of_event();
        let (_folder, views) = stored(&events[..5], 5);
        let before = views.digest().unwrap();
        assert!(matches!(views.apply(&events[6..]), Err(StoreError::Gap { expected: 6, found: 7 })));
        assert_eq!((views.digest().unwrap(), views.position().unwrap()), (before, 5));
    }

    #[test]
    fn views_open_elsewhere_are_busy() {
        let (folder, _views) = stored(&[], 1);
        assert!(matches!(SledViews::open(folder.path()), Err(StoreError::Busy)));
    }
}
