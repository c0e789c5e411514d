//! Everything the ledger can be told to do. An order names what it is about and carries what the event will carry;
//! confidential text comes in plain and is sealed before anything is hashed or stored.

use std::fmt;

use jiff::civil::Date;
use schemas::events::{
    AdvanceTerms, BankAbout, BankClosing, BankForm, BankNews, BankOpen, BankSide, Channel, ClaimDates, ClaimFact, Days,
    DebtKind, Decision, Frequency, GapCause, IncomeKind, LateClaim, OutflowKind, Payee, PayeeLine, PaymentKind,
    PersonFact, Role, SanctionDaysGround, SanctionLevel, SanctionRate, Sealed,
};
use schemas::{
    Amount, AssessmentPeriod, BankFileId, BankItemId, Citation, ClaimId, DebtId, Digest, EventId, PaymentId, PersonId,
    RunId, SanctionId, Subject,
};
use serde::{Deserialize, Serialize, Serializer};

/// Defines the catalogue: for each noun an enum of its orders, and [`Order`] over the nouns.
macro_rules! orders {
    ($($(#[$noun_doc:meta])* $noun:ident($group:ident) on $subject:ident $key:ident {
        $($(#[$doc:meta])* $variant:ident = $name:literal { $($field:ident: $type:ty,)* })*
    })*) => {
        /// Something the ledger is told to do.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)] // Written with the name of the order; `Command` makes it flat.
        pub enum Order { $($(#[$noun_doc])* $noun($group),)* }

        $(
            $(#[$noun_doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            #[expect(missing_docs, reason = "a field means what it means in the event that the order causes")]
            pub enum $group { $($(#[$doc])* #[serde(rename = $name)] $variant { $($field: $type,)* },)* }

            impl From<$group> for Order {
                fn from(order: $group) -> Order { Order::$noun(order) }
            }
        )*

        impl Order {
            /// Every order's name, in the order of the catalogue.
            pub const NAMES: &[&str] = &[$($($name,)*)*];

            /// The name as written in `do`.
            pub const fn name(&self) -> &'static str {
                match self { $($(Order::$noun($group::$variant { .. }) => $name,)*)* }
            }

            /// The line of history that the order is about.
            pub fn subject(&self) -> Subject {
                match self { $($(Order::$noun($group::$variant { $key, .. }) => Subject::$subject($key.clone()),)*)* }
            }

            /// Confidential fields with their names.
            pub fn confidential(&mut self) -> Vec<(&'static str, &mut Confidential)> {
                match self { $($(Order::$noun($group::$variant { $($field),* }) => {
                    [$((stringify!($field), $field.confidential()),)*]
                        .into_iter()
                        .filter_map(|(name, text)| Some((name, text?)))
                        .collect()
                })*)* }
            }

            /// Reads the one order that stands in an object under its name.
            pub(crate) fn read(name: &str, text: &str) -> Option<Result<Order, ReadError>> {
                match name {
                    $($($name)|* => Some(read::<$group>(text).map(Order::$noun)),)*
                    _unknown => None,
                }
            }
        }
    };
}

orders! {
    /// Being known to the ledger, and facts about a person.
    Person(PersonOrder) on Person person {
        /// Makes a person known.
        Register = "register_person" {
            person: PersonId,
            birth_date: Date,
            name: Option<Confidential>,
            national_insurance_number: Option<Confidential>,
        }
        /// Records a death.
        RecordDeath = "record_death" { person: PersonId, on: Date, }
        /// Records a fact. An account is recorded with an order of its own, because its number is confidential.
        RecordFact = "record_person_fact" { person: PersonId, fact: PersonFact, }
        /// Records which account a person is paid into.
        RecordAccount = "record_account" { person: PersonId, number: Confidential, holders: Vec<PersonId>, }
        /// Says that an earlier record of a fact was wrong.
        WithdrawFact = "withdraw_person_fact" { person: PersonId, event: EventId, reason: String, }
        /// Records a person's own words about an event.
        RecordStatement = "record_statement" { person: PersonId, about: EventId, text: Confidential, }
    }
    /// Money from elsewhere.
    Income(IncomeOrder) on Person person {
        /// Records pay that an employer reported.
        ReportEarnings = "report_earnings" {
            person: PersonId,
            paid_on: Date,
            gross: Amount,
            tax: Amount,
            national_insurance: Amount,
            pension: Amount,
            frequency: Frequency,
            next_due: Option<Date>,
            employment: Option<String>,
        }
        /// Records other money.
        ReceiveIncome = "receive_income" {
            person: PersonId,
            on: Date,
            amount: Amount,
            kind: IncomeKind,
            next_due: Option<Date>,
        }
        /// Records money that leaves whether the person likes it or not.
        ReportOutflow = "report_outflow" { person: PersonId, on: Date, amount: Amount, kind: OutflowKind, }
    }
    /// Who is who, and who may act for whom.
    Identity(IdentityOrder) on Person person {
        /// Says that two records are about one human being.
        Link = "link_identity" { person: PersonId, other: PersonId, reason: String, }
        /// Takes that back.
        Unlink = "unlink_identity" { person: PersonId, other: PersonId, reason: String, }
        /// Makes another record's history count here.
        Merge = "merge_identity" { person: PersonId, from: PersonId, reason: String, }
        /// Takes that back.
        Unmerge = "unmerge_identity" { person: PersonId, from: PersonId, reason: String, }
        /// Lets somebody act for a person.
        GrantRepresentative = "grant_representative" {
            person: PersonId,
            representative: Confidential,
            scope: String,
            until: Option<Date>,
        }
        /// Ends that.
        RevokeRepresentative = "revoke_representative" { person: PersonId, event: EventId, }
    }
    /// Reductions for failures to meet a requirement.
    Sanction(SanctionOrder) on Person person {
        /// Imposes a sanction.
        Impose = "impose_sanction" {
            person: PersonId,
            sanction: SanctionId,
            level: SanctionLevel,
            failure_on: Date,
            from: Option<Date>,
            days: Option<u16>,
            days_ground: Option<SanctionDaysGround>,
            complied_on: Option<Date>,
            rate: Option<SanctionRate>,
            authority: Citation,
        }
        /// Records that the claimant complied, or that nothing is asked any more: the days of the sanction are known.
        RecordCompliance = "record_compliance" { person: PersonId, sanction: SanctionId, on: Date, }
        /// Ends one early.
        End = "end_sanction" { person: PersonId, sanction: SanctionId, on: Date, reason: String, }
        /// Says that one was wrong and never took effect.
        Cancel = "cancel_sanction" { person: PersonId, sanction: SanctionId, authority: Citation, }
        /// Awards a recoverable hardship payment; days and amount follow from the last decision where they are left out.
        AwardHardship = "award_hardship" {
            person: PersonId,
            debt: DebtId,
            from: Date,
            days: Option<u16>,
            per_day: Option<Amount>,
        }
    }
    /// What a person owes.
    Debt(DebtOrder) on Person person {
        /// Registers a debt.
        Register = "register_debt" {
            person: PersonId,
            debt: DebtId,
            kind: DebtKind,
            amount: Amount,
            cause: Option<EventId>,
            advance: Option<AdvanceTerms>,
        }
        /// Sets what is taken from each payment.
        SetDeduction = "set_deduction" {
            person: PersonId,
            debt: DebtId,
            per_period: Amount,
            last_resort: Option<bool>,
        }
        /// Gives up part of a debt for the person's sake.
        Waive = "waive_debt" { person: PersonId, debt: DebtId, amount: Amount, reason: String, }
        /// Gives up part of a debt as not collectable.
        WriteOff = "write_off_debt" { person: PersonId, debt: DebtId, amount: Amount, reason: String, }
        /// Records money paid back, other than by a deduction.
        Repay = "repay_debt" { person: PersonId, debt: DebtId, amount: Amount, on: Date, reference: Option<String>, }
        /// Agrees that a debt is paid back in instalments.
        AgreePlan = "agree_repayment" {
            person: PersonId,
            debt: DebtId,
            per_instalment: Amount,
            every: Frequency,
            from: Date,
        }
        /// Records whom what is deducted for a debt is paid to.
        RecordCreditor = "record_creditor" {
            person: PersonId,
            debt: DebtId,
            name: Confidential,
            account: Confidential,
            reference: Option<Confidential>,
        }
        /// Decides whether money paid beyond what was due is recovered.
        DecideRecovery = "decide_recovery" {
            person: PersonId,
            claim: ClaimId,
            period: AssessmentPeriod,
            cause: EventId,
            overpaid: Amount,
            recoverable: Amount,
            debt: Option<DebtId>,
            ground: Citation,
            reason: String,
        }
    }
    /// A payment from instruction to bank account, and whether payments flow at all.
    Payment(PaymentOrder) on Person person {
        /// Orders a payment.
        Instruct = "instruct_payment" {
            person: PersonId,
            payment: PaymentId,
            kind: PaymentKind,
            payee: Payee,
            account_holders: Vec<PersonId>,
            lines: Vec<PayeeLine>,
            amount: Amount,
            due_on: Date,
            next_due: Option<Date>,
            series: Option<String>,
            channel: Channel,
            claim: Option<ClaimId>,
            period: Option<AssessmentPeriod>,
            instalment: u16,
            for_days: Option<Days>,
            cause: EventId,
            account: Option<Sealed>,
            nominal_on: Option<Date>,
            because: Option<GapCause>,
        }
        /// Records that it left in a file.
        Release = "release_payment" { person: PersonId, payment: PaymentId, run: RunId, file: Digest, }
        /// Records that the bank took it.
        Accept = "accept_payment" { person: PersonId, payment: PaymentId, }
        /// Records from when the money was usable.
        Settle = "settle_payment" { person: PersonId, payment: PaymentId, usable_on: Date, }
        /// Records that the money came back.
        Return = "return_payment" { person: PersonId, payment: PaymentId, code: String, on: Date, }
        /// Sends it again.
        Reissue = "reissue_payment" {
            person: PersonId,
            payment: PaymentId,
            due_on: Date,
            channel: Channel,
            account: Option<Sealed>,
            account_holders: Option<Vec<PersonId>>,
        }
        /// Calls it off before it is released.
        Cancel = "cancel_payment" { person: PersonId, payment: PaymentId, reason: String, }
        /// Keeps back part of what is owed late, for a top-up that was paid for the same days.
        RecoverTopUp = "recover_top_up" {
            person: PersonId,
            top_up: PaymentId,
            for_whom: PersonId,
            days: Days,
            claim: ClaimId,
            period: AssessmentPeriod,
            payee: Payee,
            lines: Vec<PayeeLine>,
            amount: Amount,
            cause: EventId,
        }
        /// Holds back payments to a person.
        Suspend = "suspend_payments" { person: PersonId, ground: String, review_on: Date, }
        /// Lets them flow again.
        Resume = "resume_payments" { person: PersonId, reason: String, }
    }
    /// A claim, its members and its shared facts.
    Claim(ClaimOrder) on Claim claim {
        /// Makes a claim.
        Make = "make_claim" {
            claim: ClaimId,
            benefit: String,
            claimants: Vec<PersonId>,
            dates: Option<ClaimDates>,
        }
        /// Adds a member.
        Join = "join_claim" { claim: ClaimId, person: PersonId, role: Role, }
        /// Removes a member.
        Leave = "leave_claim" { claim: ClaimId, person: PersonId, }
        /// Takes a claim back before it is decided.
        Withdraw = "withdraw_claim" { claim: ClaimId, reason: String, }
        /// Ends the award.
        Close = "close_claim" { claim: ClaimId, reason: String, }
        /// Lets a closed award go on.
        Reopen = "reopen_claim" { claim: ClaimId, reason: String, }
        /// Decides the first day of entitlement again: it is the effective day.
        Redate = "redate_claim" { claim: ClaimId, late_because: Option<LateClaim>, reason: String, }
        /// Records a fact.
        RecordFact = "record_claim_fact" { claim: ClaimId, fact: ClaimFact, }
        /// Records whom rent under a managed payment goes to.
        RecordLandlordAccount = "record_landlord_account" { claim: ClaimId, name: Confidential, account: Confidential, }
        /// Says that an earlier record of a fact was wrong.
        WithdrawFact = "withdraw_claim_fact" { claim: ClaimId, event: EventId, reason: String, }
    }
    /// What was decided for one period, and decisions that replace it.
    Determination(DeterminationOrder) on Claim claim {
        /// Decides a period for the first time.
        Determine = "determine" { claim: ClaimId, decision: Decision, }
        /// Replaces a decision from its original date.
        Revise = "revise" { claim: ClaimId, replaces: EventId, ground: Citation, decision: Decision, }
        /// Replaces a decision from a later date.
        Supersede = "supersede" { claim: ClaimId, replaces: EventId, ground: Citation, decision: Decision, }
        /// Puts a slip right.
        Correct = "correct" { claim: ClaimId, replaces: EventId, ground: Citation, decision: Decision, }
    }
    /// Reconsideration and appeal.
    Dispute(DisputeOrder) on Claim claim {
        /// Asks for a decision to be looked at again.
        RequestReconsideration = "request_reconsideration" {
            claim: ClaimId,
            decision: EventId,
            grounds: Confidential,
        }
        /// Answers that.
        DecideReconsideration = "decide_reconsideration" {
            claim: ClaimId,
            request: EventId,
            changed: bool,
            reasons: Confidential,
        }
        /// Lodges an appeal.
        LodgeAppeal = "lodge_appeal" { claim: ClaimId, decision: EventId, tribunal_reference: Confidential, }
        /// Records the response to the tribunal.
        RespondToAppeal = "respond_to_appeal" { claim: ClaimId, appeal: EventId, on: Date, }
        /// Records what the tribunal decided.
        DecideAppeal = "decide_appeal" {
            claim: ClaimId,
            appeal: EventId,
            allowed: bool,
            findings: Vec<ClaimFact>,
            reasons: Confidential,
        }
        /// Records that the decision was changed in the person's favour before the hearing.
        LapseAppeal = "lapse_appeal" { claim: ClaimId, appeal: EventId, }
        /// Takes the appeal back.
        WithdrawAppeal = "withdraw_appeal" { claim: ClaimId, appeal: EventId, }
    }
    /// A payment run as a whole.
    Run(RunOrder) on Run run {
        /// Proposes a list of payments.
        Plan = "plan_run" {
            run: RunId,
            day: Date,
            digest: Digest,
            payments: u32,
            total: Amount,
            approvals: Option<u8>,
        }
        /// Approves exactly that list.
        Approve = "approve_run" { run: RunId, digest: Digest, }
        /// Gives up a list that will not be carried out.
        Abandon = "abandon_run" { run: RunId, reason: String, }
        /// Records that every payment of it left.
        Release = "release_run" { run: RunId, file: Digest, }
        /// Fixes the files of a run that left without any, before they appear.
        File = "file_run" { run: RunId, file: Digest, }
        /// Records that the files of a run appeared.
        PlaceFiles = "place_run_files" { run: RunId, file: Digest, }
        /// Asks that every list be approved by so many different people; `run` is the one of zeros, which stands for all.
        AskApprovals = "ask_approvals" { run: RunId, approvals: u8, }
    }
    /// The rules themselves.
    Pack(PackOrder) on Pack name {
        /// Publishes a version, which is frozen from then on.
        Publish = "publish_pack" { name: String, version: String, digest: Digest, in_force_from: Date, content: String, }
    }
    /// What banks' files say, and what of it no payment explains.
    Bank(BankOrder) on Bank file {
        /// Records something in a file that could not be matched.
        OpenItem = "open_bank_item" {
            file: BankFileId,
            item: BankItemId,
            line: u32,
            why: BankOpen,
            about: BankAbout,
            news: BankNews,
            side: Option<BankSide>,
            on: Option<Date>,
            amount: Option<Amount>,
            code: Option<String>,
            reference: Option<Confidential>,
            payment: Option<PaymentId>,
        }
        /// Records that a file was read and all of it taken in.
        ReadFile = "record_bank_file" {
            file: BankFileId,
            digest: Digest,
            form: BankForm,
            name: String,
            message: Option<String>,
            from: Option<Date>,
            to: Option<Date>,
            items: u32,
            total: Amount,
        }
        /// Says what explains an open item: a payment of a person, or something else in words.
        CloseItem = "close_bank_item" {
            file: BankFileId,
            item: BankItemId,
            by: BankClosing,
            person: Option<PersonId>,
            payment: Option<PaymentId>,
            reason: Option<String>,
        }
    }
}

/// Why a text is not an order, and where.
pub(crate) type ReadError = serde_path_to_error::Error<serde_json::Error>;

/// Keeping track of where one is costs more than reading: it is done only when something is wrong.
fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    match serde_json::from_str(text) {
        Ok(order) => Ok(order),
        Err(_) => serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text)),
    }
}

/// Whether a confidential text of an order names an account: it has to have the form of one before it is sealed, because
/// nobody reads it again until money is sent there.
pub(crate) fn is_account(order: &str, field: &str) -> bool {
    let accounts =
        [("record_account", "number"), ("record_landlord_account", "account"), ("record_creditor", "account")];
    accounts.contains(&(order, field))
}

/// A text that the stream must not hold: plain as submitted, then sealed by the write path.
#[derive(Clone, PartialEq, Eq)]
pub enum Confidential {
    /// As somebody wrote it.
    Plain(String),
    /// As the event will hold it; the text is in the vault.
    Sealed(Sealed),
}

impl From<&str> for Confidential {
    fn from(text: &str) -> Confidential {
        Confidential::Plain(text.into())
    }
}

/// Never shows the text: debug output ends in logs.
impl fmt::Debug for Confidential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Confidential::Plain(_) => f.write_str("Plain(..)"),
            Confidential::Sealed(sealed) => write!(f, "{sealed:?}"),
        }
    }
}

impl Serialize for Confidential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Confidential::Plain(text) => serializer.serialize_str(text),
            Confidential::Sealed(sealed) => sealed.serialize(serializer),
        }
    }
}

/// Only plain text is read: nobody can submit a commitment to a text that the vault has not seen.
impl<'de> Deserialize<'de> for Confidential {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Confidential, D::Error> {
        String::deserialize(deserializer).map(Confidential::Plain)
    }
}

/// Says of every type that a field of an order may have whether it is confidential, so that none is forgotten.
trait Field {
    fn confidential(&mut self) -> Option<&mut Confidential> {
        None
    }
}

impl Field for Confidential {
    fn confidential(&mut self) -> Option<&mut Confidential> {
        Some(self)
    }
}

impl Field for Option<Confidential> {
    fn confidential(&mut self) -> Option<&mut Confidential> {
        self.as_mut()
    }
}

macro_rules! open_fields {
    ($($type:ty,)*) => { $(impl Field for $type {})* };
}

open_fields! {
    bool, Option<bool>, Option<ClaimDates>, Option<LateClaim>, u8, u16, u32, String, Option<String>,
    Date, Option<Date>, Days, Option<Days>, AssessmentPeriod, Option<AssessmentPeriod>, Amount, Citation, Digest,
    PersonId, Vec<PersonId>, ClaimId, Option<ClaimId>, RunId, PaymentId, SanctionId, DebtId, EventId, Option<EventId>,
    PersonFact, ClaimFact, Vec<ClaimFact>, Role, Frequency, IncomeKind, OutflowKind, SanctionLevel, Option<SanctionRate>, DebtKind,
    Option<u8>, Option<u16>, Option<Vec<PersonId>>, Option<DebtId>, Option<Sealed>, Option<GapCause>, Option<Amount>, Option<SanctionDaysGround>,
    PaymentKind, Payee, Vec<PayeeLine>, Channel, Decision, Option<AdvanceTerms>, Option<PaymentId>, Option<PersonId>,
    BankFileId, BankItemId, BankForm, BankOpen, BankAbout, BankNews, Option<BankSide>, BankClosing,
}
