//! From the payments of a run to files: by channel, and by day where a file has one. Written as they come, so that their
//! number does not matter to memory; nothing appears under its name before everything is there.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use schemas::events::Channel;
use schemas::{AccountError, BankAccount, Digest, Money, PaymentId, RunId};

use crate::bank::folder::Folder;
use crate::bank::spool::{Made, Spool};
use crate::bank::{Bank, pain001, slips, standard18};
use crate::error::Failure;

/// A payment that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Which.
    pub payment: PaymentId,
    /// How it travels.
    pub channel: Channel,
    /// Whom it is for, as they write it.
    pub name: String,
    /// Sort code and number, as the vault has them; needed by Faster Payments and Bacs.
    pub account: Option<String>,
    /// How much.
    pub amount: Money,
    /// The day it should be usable.
    pub due_on: Date,
    /// What the payee wants to read on their statement, such as a creditor's reference. Only Faster Payments carries it.
    pub text: Option<String>,
}

/// What files are made for. The same submission and the same payments, in the same order, give the same bytes.
#[derive(Clone, Copy)]
pub struct Submission<'a> {
    /// The run, which names the messages.
    pub run: RunId,
    /// The day of its business.
    pub day: Date,
    /// When it was approved: the files' time of creation.
    pub created: Timestamp,
    /// Who pays.
    pub bank: &'a Bank,
    /// Which days the banks of England work on.
    pub is_working_day: &'a dyn Fn(Date) -> bool,
    /// Where the files are made.
    pub folder: &'a Path,
}

/// A file that is made and not yet there under its name.
#[derive(Debug)]
pub struct Rendered {
    /// What it holds.
    pub channel: Channel,
    /// Its name in the folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its payments, in order.
    pub payments: Vec<PaymentId>,
    /// Their sum.
    pub total: Money,
    file: File,
}

/// Why a payment cannot stand in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("account: there is none to send it to; record one, or pay by voucher or cash")]
    NoAccount,
    #[error("account: {0}")]
    Account(#[from] AccountError),
    #[error("amount: {0} cannot be sent: a payment is a penny or more")]
    NotPositive(Money),
    #[error("amount: {amount} is more than the {limit} that {channel} carries in one payment")]
    TooLarge { amount: Money, limit: Money, channel: Channel },
}

/// Payments that stand together in a file.
pub(super) struct Batch {
    pub records: Spool,
    pub payments: Vec<PaymentId>,
    pub total: Money,
}

impl Submission<'_> {
    /// Makes the files of these payments, ordered by channel and day.
    ///
    /// # Errors
    /// [`Failure::Input`] with the first payment that cannot stand in a file and why; what the payments' source or the
    /// disk give. Then nothing is left in the folder.
    pub fn render(
        &self,
        payments: impl IntoIterator<Item = Result<Outgoing, Failure>>,
    ) -> Result<Vec<Rendered>, Failure> {
        let mut batches: BTreeMap<Channel, BTreeMap<Date, Batch>> = BTreeMap::new();
        for payment in payments {
            let payment = payment?;
            let batch = match batches.entry(payment.channel).or_default().entry(self.day_in_file(&payment)) {
                Entry::Occupied(open) => open.into_mut(),
                Entry::Vacant(new) => new.insert(Batch::open().map_err(writing)?),
            };
            let record =
                self.record(&payment).map_err(|wrong| Failure::input(format!("payment {}: {wrong}", payment.payment)));
            batch.records.put(&record?).map_err(writing)?;
            batch.payments.push(payment.payment);
            batch.total += payment.amount;
        }
        let mut files = Vec::new();
        for (channel, days) in batches {
            match channel {
                Channel::FasterPayments => files.push(pain001::file(self, days).map_err(writing)?),
                Channel::Bacs => {
                    for (number, (processed_on, batch)) in (1..).zip(days) {
                        files.push(standard18::file(self, number, processed_on, batch).map_err(writing)?);
                    }
                }
                Channel::Voucher | Channel::Cash => files.push(slips::file(self, channel, days).map_err(writing)?),
            }
        }
        Ok(files)
    }

    /// The day that stands for all payments of a batch: when the bank executes or processes them.
    fn day_in_file(&self, payment: &Outgoing) -> Date {
        match payment.channel {
            Channel::FasterPayments => payment.due_on.max(self.day),
            Channel::Bacs => standard18::processing_day(self.day, payment.due_on, self.is_working_day),
            Channel::Voucher | Channel::Cash => self.day,
        }
    }

    fn record(&self, payment: &Outgoing) -> Result<String, Wrong> {
        let account = payment.checked()?;
        match (payment.channel, account) {
            (Channel::FasterPayments, Some(account)) => Ok(pain001::transfer(payment, account)),
            (Channel::Bacs, Some(account)) => Ok(standard18::credit(payment, account, self.bank)),
            (Channel::FasterPayments | Channel::Bacs, None) => Err(Wrong::NoAccount),
            (Channel::Voucher | Channel::Cash, _) => Ok(slips::row(payment)),
        }
    }

    /// What a file of this submission is called: the day, the run, and what it holds.
    pub(super) fn name(&self, what: &str) -> String {
        let run = self.run.0.simple().to_string();
        format!("{}-{}-{what}", self.day, run.get(24..).unwrap_or(&run))
    }

    /// A file of this submission, still empty.
    pub(super) fn make(&self) -> io::Result<Made> {
        Made::within(self.folder)
    }

    /// A file to which all has been written.
    pub(super) fn done(&self, channel: Channel, name: String, made: Made, batches: Vec<Batch>) -> io::Result<Rendered> {
        let total = batches.iter().map(|batch| batch.total).sum();
        let payments = batches.into_iter().flat_map(|batch| batch.payments).collect();
        let (file, digest) = made.finish()?;
        Ok(Rendered { channel, name, digest, payments, total, file })
    }
}

impl Outgoing {
    /// Why it cannot stand in a file; none where it can.
    pub fn why_not(&self) -> Option<String> {
        self.checked().err().map(|wrong| wrong.to_string())
    }

    /// The account that its channel sends it to, if it has one that can be named and carries that much.
    fn checked(&self) -> Result<Option<BankAccount>, Wrong> {
        if self.amount <= Money::ZERO {
            return Err(Wrong::NotPositive(self.amount));
        }
        let limit = match self.channel {
            Channel::FasterPayments => pain001::LIMIT,
            Channel::Bacs => standard18::LIMIT,
            Channel::Voucher | Channel::Cash => return Ok(None),
        };
        let account = self.account.as_deref().ok_or(Wrong::NoAccount)?.parse()?;
        match self.amount > limit {
            true => Err(Wrong::TooLarge { amount: self.amount, limit, channel: self.channel }),
            false => Ok(Some(account)),
        }
    }
}

impl Batch {
    fn open() -> io::Result<Batch> {
        Ok(Batch { records: Spool::open()?, payments: Vec::new(), total: Money::ZERO })
    }
}

impl Rendered {
    /// Writes the file into a folder, where it does not appear yet.
    ///
    /// # Errors
    /// The disk.
    pub fn hide(&mut self, folder: &Folder) -> Result<(), Failure> {
        let hidden = self.file.seek(SeekFrom::Start(0)).and_then(|_| folder.hide(&self.name, &mut self.file));
        hidden.map_err(|e| Failure::writing(&self.name, e))
    }

    /// Its bytes, for looking at before it is placed.
    ///
    /// # Errors
    /// The disk.
    pub fn copy_to(&self, to: &mut impl Write) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        io::copy(&mut file, to).map(drop)
    }
}

fn writing(error: io::Error) -> Failure {
    Failure::writing("a payment file", error)
}
