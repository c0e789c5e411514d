//! Which payment an entry of the bank is about, and what has to be recorded of it. Pure: entries and views in, findings
//! out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem::{Discriminant, discriminant};

use jiff::civil::Date;
use ledger::order::PaymentOrder;
use projections::views::{MemoryViews, PaymentStep, PaymentView};
use schemas::events::{BankSide, Channel};
use schemas::{BankItemId, Digest, Money, PaymentId, PersonId};
use uuid::Uuid;

use crate::bank::behind;
use crate::bank::incoming::{About, Entry, News};

/// What an entry came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is news, to be recorded.
    News(PersonId, PaymentId),
    /// The ledger knows it, or something that came after it.
    Known(PersonId, PaymentId),
    /// The debit of a whole Bacs file, by its digest: its payments are presumed to arrive, and returned where they do not.
    WholeFile(Digest),
    /// The credit of a whole ARUCS report, by its digest: its payments came back by that report.
    WholeReport(Digest),
    /// It says nothing final.
    Pending,
    /// Nobody's: no payment has one of its ids, or several have.
    Unmatched(&'static str),
    /// The amount is not the payment's.
    AmountDiffers {
        /// Which.
        payment: PaymentId,
        /// What was instructed.
        instructed: Money,
    },
    /// The file says it twice.
    Twice(PaymentId),
    /// The bank takes back what it had booked twice.
    Reverses(PaymentId, Extra),
    /// Another file said it before, and it was opened then.
    ToldBefore(BankItemId),
    /// Another file told this very booking, and what it comes to was recorded then.
    BookedBefore,
    /// It does not fit what the ledger has.
    Contradicts(PaymentId, String),
}

impl Finding {
    /// Whether somebody has to look at it.
    pub const fn is_open(&self) -> bool {
        match self {
            Finding::News(..) | Finding::Known(..) | Finding::WholeFile(_) | Finding::Pending => false,
            Finding::WholeReport(_) | Finding::Reverses(..) | Finding::ToldBefore(_) | Finding::BookedBefore => false,
            Finding::Unmatched(_) | Finding::AmountDiffers { .. } | Finding::Twice(_) | Finding::Contradicts(..) => {
                true
            }
        }
    }

    /// As programs read it.
    pub const fn name(&self) -> &'static str {
        match self {
            Finding::News(..) => "recorded",
            Finding::Known(..) => "known",
            Finding::WholeFile(_) => "whole_file",
            Finding::WholeReport(_) => "whole_report",
            Finding::Pending => "pending",
            Finding::Unmatched(_) => "unmatched",
            Finding::AmountDiffers { .. } => "amount_differs",
            Finding::Twice(_) => "twice",
            Finding::Reverses(..) => "reverses",
            Finding::ToldBefore(_) => "told_before",
            Finding::BookedBefore => "booked_before",
            Finding::Contradicts(..) => "contradicts",
        }
    }

    /// The payment, where one was found.
    pub const fn payment(&self) -> Option<PaymentId> {
        match self {
            Finding::News(_, payment)
            | Finding::Known(_, payment)
            | Finding::AmountDiffers { payment, .. }
            | Finding::Twice(payment)
            | Finding::Reverses(payment, _)
            | Finding::Contradicts(payment, _) => Some(*payment),
            Finding::WholeFile(_) | Finding::WholeReport(_) | Finding::Pending => None,
            Finding::Unmatched(_) | Finding::ToldBefore(_) | Finding::BookedBefore => None,
        }
    }
}

/// The second booking of a payment, which the bank may take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// It is open since an earlier file.
    Before(BankItemId),
    /// It stands in the same file, at this place.
    Here(usize),
}

/// What an earlier file said and could not be matched: the same may be said again by a file of another form, as a statement
/// says what a notification said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Names it.
    pub item: BankItemId,
    /// On which side of our account.
    pub side: BankSide,
    /// How much.
    pub amount: Money,
    /// The first day on which it is said again, and the last: a credit that Bacs reports may reach our account some days
    /// later.
    pub days: (Date, Date),
    /// What the bank called it.
    pub called: String,
}

/// Payments by what a bank may call them.
pub struct Register<'a> {
    world: &'a MemoryViews,
    told: Vec<Told>,
    /// On which side of our account that is which the file reports without booking it.
    reported: Option<BankSide>,
    /// What ARUCS reports came to, and their days: then the originator is credited.
    reports: BTreeMap<Digest, (Money, Date)>,
    /// What other files told of payments by bookings that this file has too.
    booked: HashSet<(PaymentId, Discriminant<News>)>,
    /// Of a payment, its bookings that are one too many.
    twice: BTreeMap<PaymentId, Vec<Extra>>,
    /// Payments of which another statement said that they settled. Each statement has what was booked since the one before,
    /// so that a debit of one of them is a second debit.
    debited: BTreeSet<PaymentId>,
    people: BTreeMap<PaymentId, PersonId>,
    /// What Bacs files came to, and the day their credits are due: then the originator is debited.
    bacs: BTreeMap<Digest, (Money, Date)>,
}

/// How many days later a bank may book it.
pub(crate) const BACS_DAYS: i32 = 3;

impl<'a> Register<'a> {
    /// All payments.
    pub fn of(world: &'a MemoryViews) -> Register<'a> {
        let mut people = BTreeMap::new();
        let mut bacs: BTreeMap<Digest, (Money, Date)> = BTreeMap::new();
        for (person, view) in world.people() {
            for payment in &view.payments {
                people.insert(payment.id, person);
                for progress in payment.steps.iter().filter(|_| payment.channel == Channel::Bacs) {
                    if let PaymentStep::Released(file, _) = &progress.step {
                        bacs.entry(*file).or_insert((Money::ZERO, payment.due_on)).0 += payment.amount;
                    }
                }
            }
        }
        let (reports, twice, debited) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let booked = HashSet::new();
        Register { world, told: Vec::new(), reported: None, reports, booked, twice, debited, people, bacs }
    }

    /// What earlier files said that may be said again, and what they booked twice: each is taken up once.
    #[must_use]
    pub fn after(self, told: Vec<Told>, twice: impl IntoIterator<Item = (PaymentId, BankItemId)>) -> Register<'a> {
        let mut by_payment: BTreeMap<PaymentId, Vec<Extra>> = BTreeMap::new();
        for (payment, item) in twice {
            by_payment.entry(payment).or_default().push(Extra::Before(item));
        }
        Register { told, twice: by_payment, ..self }
    }

    /// On which side of our account that is which the file only reports.
    #[must_use]
    pub fn reporting(self, side: Option<BankSide>) -> Register<'a> {
        Register { reported: side, ..self }
    }

    /// Payments that another statement has.
    #[must_use]
    pub fn with_debited(self, debited: BTreeSet<PaymentId>) -> Register<'a> {
        Register { debited, ..self }
    }

    /// What other files told by bookings that this file has too: where that stands for what became of a payment, the same
    /// of it by another booking is one too many.
    #[must_use]
    pub fn with_booked(self, before: &[Entry]) -> Register<'a> {
        let stands = |entry: &Entry| {
            let About::Payment(ids) = &entry.about else { return None };
            let (_, payment) = self.named(ids).ok()?;
            let stands = match (&entry.news, standing(self.view(payment)?)) {
                (News::Settled(on), Standing::Settled(known)) => *on == known,
                (News::Settled(on), Standing::Returned(back)) => *on <= back,
                (News::Returned(_, on), Standing::Returned(back)) => *on == back,
                (News::Accepted | News::Settled(_) | News::Returned(..) | News::Pending, _) => false,
            };
            stands.then_some((payment, discriminant(&entry.news)))
        };
        let booked = before.iter().filter_map(stands).collect();
        Register { booked, ..self }
    }

    /// What ARUCS reports that were read came to, and their days.
    #[must_use]
    pub fn with_reports(self, reports: impl IntoIterator<Item = (Digest, Money, Date)>) -> Register<'a> {
        Register { reports: reports.into_iter().map(|(file, sum, on)| (file, (sum, on))).collect(), ..self }
    }

    /// On whom a payment stands.
    pub fn person(&self, payment: PaymentId) -> Option<PersonId> {
        self.people.get(&payment).copied()
    }

    /// Every payment.
    pub fn payments(&self) -> impl Iterator<Item = PaymentId> {
        self.people.keys().copied()
    }

    /// What the entries of one file come to, in order. `in_message` names the payments of a file of ours, by its message.
    pub fn find(&mut self, entries: &[Entry], in_message: impl Fn(&str) -> Vec<PaymentId>) -> Vec<(Entry, Finding)> {
        let mut seen = std::mem::take(&mut self.booked);
        let mut files: HashSet<Digest> = HashSet::new();
        let mut found = Vec::new();
        for entry in entries {
            match &entry.about {
                About::Payment(ids) => {
                    let finding = match (self.finding(ids, entry, &mut seen), self.whole_file(entry, &files)) {
                        (Finding::Unmatched(_), Some(file)) => {
                            files.insert(file);
                            match entry.news {
                                News::Returned(..) => Finding::WholeReport(file),
                                News::Accepted | News::Settled(_) | News::Pending => Finding::WholeFile(file),
                            }
                        }
                        (finding, _) if finding.is_open() => {
                            self.told_before(ids, entry).map_or(finding, Finding::ToldBefore)
                        }
                        (finding, _) => finding,
                    };
                    if let (Finding::Twice(payment), Some(BankSide::Debit)) = (&finding, entry.side) {
                        self.twice.entry(*payment).or_default().push(Extra::Here(found.len()));
                    }
                    found.push((entry.clone(), finding));
                }
                About::Message(message, count, sum) => {
                    let ids =
                        in_message(message).into_iter().filter(|id| self.channel(*id) == Some(Channel::FasterPayments));
                    let ids: Vec<PaymentId> = ids.collect();
                    if let Some(why) = self.is_other_file(&ids, *count, *sum) {
                        found.push((entry.clone(), Finding::Unmatched(why)));
                        continue;
                    }
                    found.extend(ids.into_iter().map(|payment| {
                        let id = payment.0.simple().to_string();
                        let finding = match (&entry.news, self.view(payment).map(standing)) {
                            // A file is refused before it is carried out, or not at all.
                            (News::Returned(..), Some(Standing::Settled(on))) => {
                                let why = format!("it was usable on {on}, and the bank refuses the whole file");
                                Finding::Contradicts(payment, why)
                            }
                            _other => self.finding(std::slice::from_ref(&id), entry, &mut seen),
                        };
                        (Entry { about: About::Payment(vec![id]), ..entry.clone() }, finding)
                    }));
                }
            }
        }
        found
    }

    /// Why what is said of a whole message is not about these payments, where it is not.
    fn is_other_file(&self, ids: &[PaymentId], count: Option<u64>, sum: Option<Money>) -> Option<&'static str> {
        let amounts: Money = ids.iter().filter_map(|id| self.view(*id)).map(|view| view.amount).sum();
        let differs = count.is_some_and(|count| u64::try_from(ids.len()) != Ok(count));
        match (ids.is_empty(), differs || sum.is_some_and(|sum| sum != amounts)) {
            (true, _) => Some("no file of ours has this message id"),
            (false, true) => Some("OrgnlNbOfTxs, OrgnlCtrlSum: they are not those of our file"),
            (false, false) => None,
        }
    }

    /// The one Bacs file that came to this debit, or ARUCS report that came to this credit, and was not booked yet by the
    /// same statement.
    fn whole_file(&self, entry: &Entry, booked: &HashSet<Digest>) -> Option<Digest> {
        let (files, on, earliest) = match (&entry.news, entry.side) {
            (News::Settled(on), _) => (&self.bacs, *on, 0),
            (News::Returned(_, on), Some(BankSide::Credit)) => (&self.reports, *on, -BACS_DAYS),
            (News::Accepted | News::Returned(..) | News::Pending, _) => return None,
        };
        let amount = entry.amount?;
        let fits = |(file, (sum, day)): &(&Digest, &(Money, Date))| {
            *sum == amount && (earliest..=BACS_DAYS).contains(&(on - *day).get_days()) && !booked.contains(*file)
        };
        let mut fitting = files.iter().filter(fits).map(|(file, _)| *file);
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// Only Faster Payments leave in messages.
    fn channel(&self, payment: PaymentId) -> Option<Channel> {
        Some(self.view(payment)?.channel)
    }

    fn view(&self, payment: PaymentId) -> Option<&'a PaymentView> {
        self.world.person(*self.people.get(&payment)?)?.payment(payment)
    }

    /// The payment that one of the bank's texts names, by its id or reference, alone or as a word among others.
    fn named(&self, texts: &[String]) -> Result<(PersonId, PaymentId), &'static str> {
        for word in texts.iter().flat_map(|text| text.split_whitespace()) {
            let exact = Uuid::parse_str(word).ok().map(|id| (PaymentId(id), PaymentId(id)));
            let Some((first, last)) = exact.or_else(|| behind(&word.to_ascii_uppercase())) else { continue };
            let mut fitting = self.people.range(first..=last);
            match (fitting.next(), fitting.next()) {
                (None, _) => {}
                (Some((payment, person)), None) => return Ok((*person, *payment)),
                (Some(_), Some(_)) => return Err("several payments have this reference"),
            }
        }
        Err("no payment has this id or reference")
    }

    /// What an earlier file said of the same movement of our account: of the same day, side and amount, and under no other
    /// name. Each is taken up once.
    fn told_before(&mut self, ids: &[String], entry: &Entry) -> Option<BankItemId> {
        let (side, amount, on) = (entry.side.or(self.reported)?, entry.amount?, entry.news.on()?);
        let words: Vec<&str> = ids.iter().flat_map(|text| text.split_whitespace()).collect();
        let is_same = |told: &Told| {
            let shares = told.called.split_whitespace().any(|word| words.contains(&word));
            (told.side, told.amount) == (side, amount)
                && (told.days.0..=told.days.1).contains(&on)
                && (shares || words.is_empty() || told.called.is_empty())
        };
        let place = self.told.iter().position(is_same)?;
        Some(self.told.remove(place).item)
    }

    fn finding(
        &mut self,
        ids: &[String],
        entry: &Entry,
        seen: &mut HashSet<(PaymentId, Discriminant<News>)>,
    ) -> Finding {
        if entry.news == News::Pending {
            return Finding::Pending;
        }
        let (person, payment) = match self.named(ids) {
            Ok(one) => one,
            Err(why) => return Finding::Unmatched(why),
        };
        let Some(view) = self.world.person(person).and_then(|view| view.payment(payment)) else {
            return Finding::Unmatched("no payment has this id or reference");
        };
        if entry.amount.is_some_and(|amount| amount != view.amount) {
            return Finding::AmountDiffers { payment, instructed: view.amount };
        }
        if let (News::Returned(..), Some(BankSide::Credit)) = (&entry.news, entry.side)
            && let Some(extra) = self.twice.get_mut(&payment).and_then(Vec::pop)
        {
            return Finding::Reverses(payment, extra);
        }
        if !seen.insert((payment, discriminant(&entry.news))) {
            return Finding::Twice(payment);
        }
        match (&entry.news, standing(view)) {
            (_, Standing::NotReleased) => {
                Finding::Contradicts(payment, format!("it is {}: it never left", view.status()))
            }
            (News::Settled(on), Standing::Returned(back)) if *on > back => {
                Finding::Contradicts(payment, format!("it came back on {back}, and the bank has it usable on {on}"))
            }
            // What left has come back: whatever else is said of it came before.
            (News::Accepted | News::Settled(_) | News::Returned(..) | News::Pending, Standing::Returned(_)) => {
                Finding::Known(person, payment)
            }
            (News::Settled(on) | News::Returned(_, on), Standing::Left | Standing::Accepted | Standing::Settled(_))
                if is_of_an_earlier_attempt(view, *on) =>
            {
                Finding::Known(person, payment)
            }
            (News::Settled(on), Standing::Settled(known)) if *on != known => {
                Finding::Contradicts(payment, format!("the ledger has it usable on {known}, the bank on {on}"))
            }
            (News::Settled(_), Standing::Settled(_))
                if entry.side == Some(BankSide::Debit) && self.debited.contains(&payment) =>
            {
                Finding::Twice(payment)
            }
            (News::Accepted, Standing::Accepted | Standing::Settled(_)) | (News::Settled(_), Standing::Settled(_)) => {
                Finding::Known(person, payment)
            }
            (News::Accepted | News::Settled(_) | News::Returned(..) | News::Pending, _) => {
                Finding::News(person, payment)
            }
        }
    }
}

/// How far a payment came, as banks count.
enum Standing {
    NotReleased,
    Left,
    Accepted,
    Settled(Date),
    Returned(Date),
}

fn standing(view: &PaymentView) -> Standing {
    match view.steps.last().map(|progress| &progress.step) {
        None | Some(PaymentStep::Cancelled) => Standing::NotReleased,
        Some(PaymentStep::Released(..) | PaymentStep::Reissued(_)) => Standing::Left,
        Some(PaymentStep::Accepted) => Standing::Accepted,
        Some(PaymentStep::Settled(on)) => Standing::Settled(*on),
        Some(PaymentStep::Returned(on, _)) => Standing::Returned(*on),
    }
}

/// Whether a day is not after one on which the payment was returned, and it was sent again since.
fn is_of_an_earlier_attempt(view: &PaymentView, day: Date) -> bool {
    view.steps.iter().any(|progress| matches!(&progress.step, PaymentStep::Returned(on, _) if day <= *on))
}

/// What is recorded of news.
pub fn order(person: PersonId, payment: PaymentId, news: &News) -> Option<PaymentOrder> {
    match news {
        News::Accepted => Some(PaymentOrder::Accept { person, payment }),
        News::Settled(usable_on) => Some(PaymentOrder::Settle { person, payment, usable_on: *usable_on }),
        News::Returned(code, on) => Some(PaymentOrder::Return { person, payment, code: code.clone(), on: *on }),
        News::Pending => None,
    }
}
