//! Files that banks sent: what was read, and what in them is open or was explained.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::events::{BankEvent, BankFileRead, BankItemClosed, BankItemOpened, Event, PaymentEvent, PaymentSettled};
use schemas::{BankFileId, BankItemId, CommandId, PaymentId, Recorded, Subject};

/// Every file of the stream, and every item that was ever open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankFiles {
    files: BTreeMap<BankFileId, FileView>,
    items: BTreeMap<BankItemId, ItemView>,
    /// With which other events it was recorded last that a payment settled: all that a file says is recorded together.
    settled: BTreeMap<PaymentId, CommandId>,
    by_correlation: BTreeMap<CommandId, BankFileId>,
}

/// A file that was taken in whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// What was recorded of it.
    pub read: BankFileRead,
    /// The day on which it was taken in.
    pub on: Date,
}

/// Something in a file that could not be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemView {
    /// In which file.
    pub file: BankFileId,
    /// What was recorded of it.
    pub opened: BankItemOpened,
    /// Where that stands in the stream.
    pub position: u64,
    /// The day on which it was taken in.
    pub on: Date,
    /// What explained it, the day and who said so.
    pub closed: Option<(BankItemClosed, Date, String)>,
}

impl BankFiles {
    /// Folds in the next event.
    pub fn apply(&mut self, Recorded { sequence, envelope }: &Recorded) {
        if let (Event::Payment(PaymentEvent::PaymentSettled(PaymentSettled { payment, .. })), Some(correlation)) =
            (&envelope.event, envelope.correlation)
        {
            self.settled.insert(*payment, correlation);
        }
        let (Event::Bank(event), Subject::Bank(file)) = (&envelope.event, &envelope.subject) else { return };
        let on = london_day(envelope.time);
        match event {
            BankEvent::BankFileRead(read) => {
                self.files.insert(*file, FileView { read: read.clone(), on });
                self.by_correlation.extend(envelope.correlation.map(|correlation| (correlation, *file)));
            }
            BankEvent::BankItemOpened(opened) => {
                let view = ItemView { file: *file, opened: opened.clone(), position: *sequence, on, closed: None };
                self.items.insert(opened.item, view);
            }
            BankEvent::BankItemClosed(closed) => {
                if let Some(item) = self.items.get_mut(&closed.item) {
                    item.closed = Some((closed.clone(), on, envelope.actor.clone()));
                }
            }
        }
    }

    /// A file, if it was taken in whole.
    pub fn file(&self, id: BankFileId) -> Option<&FileView> {
        self.files.get(&id)
    }

    /// Every file that was taken in whole.
    pub fn files(&self) -> impl Iterator<Item = &FileView> {
        self.files.values()
    }

    /// The payments of which a file that was taken in said last that they settled, each with the file.
    pub fn settled(&self) -> impl Iterator<Item = (PaymentId, &FileView)> {
        let file = |correlation| self.file(*self.by_correlation.get(correlation)?);
        self.settled.iter().filter_map(move |(payment, correlation)| Some((*payment, file(correlation)?)))
    }

    /// Something that was opened.
    pub fn item(&self, id: BankItemId) -> Option<&ItemView> {
        self.items.get(&id)
    }

    /// Everything that was ever opened.
    pub fn items(&self) -> impl Iterator<Item = &ItemView> {
        self.items.values()
    }

    /// What nothing explains yet, oldest first.
    pub fn open(&self) -> Vec<&ItemView> {
        let mut open: Vec<&ItemView> = self.items.values().filter(|item| item.closed.is_none()).collect();
        open.sort_by_key(|item| (item.since(), item.position));
        open
    }
}

impl ItemView {
    /// The day from which its age is counted: that of the bank, where it names one.
    pub fn since(&self) -> Date {
        self.opened.on.unwrap_or(self.on)
    }
}
