//! Every kind of event, as a typed payload with a name that never changes its meaning.
//!
//! An event says what happened or was decided, in the past tense. What merely follows from it (a balance, a
//! breach-day) is never in an event. Add kinds; never change or remove one: a changed payload is a new version
//! (`…v2`) with a step in [`crate::upcast`].

mod bank;
mod claim;
mod dispute;
mod pack;
mod payment;
mod person;
mod terms;

pub use bank::*;
pub use claim::*;
pub use dispute::*;
pub use pack::*;
pub use payment::*;
pub use person::*;
pub use terms::*;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::value::RawValue;

/// What an event's payload is called on the wire, and its JSON Schema.
pub struct EventType {
    /// Such as `footing.sanction.imposed.v1`.
    pub name: &'static str,
    /// JSON Schema 2020-12 of the payload.
    pub schema: fn() -> Schema,
}

/// Why a payload could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// No event has this name.
    #[error("unknown event type `{0}`")]
    UnknownType(String),
    /// The payload does not fit its type; the field is named.
    #[error("{field}: {message}")]
    Malformed {
        /// Path of the field in the payload.
        field: String,
        /// What is wrong with it.
        message: String,
    },
}

/// Defines the catalogue: for each noun an enum of its events, and [`Event`] over the nouns.
macro_rules! catalogue {
    ($($(#[$noun_doc:meta])* $noun:ident($group:ident) { $($payload:ident = $name:literal,)* })*) => {
        /// Something that happened, of any kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event { $($(#[$noun_doc])* $noun($group),)* }

        $(
            $(#[$noun_doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub enum $group { $(#[doc = concat!("`", $name, "`")] $payload($payload),)* }

            $(impl From<$payload> for Event {
                fn from(payload: $payload) -> Event { Event::$noun($group::$payload(payload)) }
            })*
        )*

        /// Every type of event, in the order of the catalogue.
        pub const TYPES: &[EventType] = &[$($(EventType { name: $name, schema: schema_of::<$payload> },)*)*];

        impl Event {
            /// The name on the wire, such as `footing.sanction.imposed.v1`.
            pub fn type_name(&self) -> &'static str {
                match self { $($(Event::$noun($group::$payload(_)) => $name,)*)* }
            }

            /// Reads a payload by the name of its type (the current version: older ones are upcast first).
            ///
            /// # Errors
            /// [`PayloadError`]: an unknown name, or a field that does not fit.
            pub fn decode(type_name: &str, payload: &str) -> Result<Event, PayloadError> {
                match type_name {
                    $($($name => read::<$payload>(payload).map(Event::from),)*)*
                    unknown => Err(PayloadError::UnknownType(unknown.into())),
                }
            }

            /// The payload as JSON text, fields in the order of their definition.
            ///
            /// # Errors
            /// Only if a payload holds something that JSON cannot, which no type here does.
            pub fn payload(&self) -> Result<Box<RawValue>, serde_json::Error> {
                match self { $($(Event::$noun($group::$payload(payload)) => raw(payload),)*)* }
            }
        }
    };
}

catalogue! {
    /// Being known to the ledger, and facts about a person.
    Person(PersonEvent) {
        PersonRegistered = "footing.person.registered.v1",
        PersonDied = "footing.person.died.v1",
        PersonFactRecorded = "footing.person.fact_recorded.v3",
        PersonFactWithdrawn = "footing.person.fact_withdrawn.v1",
        StatementRecorded = "footing.person.statement_recorded.v1",
        PersonClaimed = "footing.person.claimed.v1",
        PersonClaimEnded = "footing.person.claim_ended.v1",
    }
    /// Money from elsewhere.
    Income(IncomeEvent) {
        EarningsReported = "footing.earnings.reported.v1",
        IncomeReceived = "footing.income.received.v1",
        OutflowReported = "footing.outflow.reported.v1",
    }
    /// Who is who, and who may act for whom.
    Identity(IdentityEvent) {
        IdentityLinked = "footing.identity.linked.v1",
        IdentityUnlinked = "footing.identity.unlinked.v1",
        IdentityMerged = "footing.identity.merged.v1",
        IdentityUnmerged = "footing.identity.unmerged.v1",
        RepresentativeGranted = "footing.representative.granted.v1",
        RepresentativeRevoked = "footing.representative.revoked.v1",
    }
    /// Reductions for failures to meet a requirement.
    Sanction(SanctionEvent) {
        SanctionImposed = "footing.sanction.imposed.v2",
        SanctionComplied = "footing.sanction.complied.v1",
        SanctionEnded = "footing.sanction.ended.v1",
        SanctionCancelled = "footing.sanction.cancelled.v1",
        HardshipAwarded = "footing.hardship.awarded.v1",
    }
    /// What a person owes.
    Debt(DebtEvent) {
        DebtRegistered = "footing.debt.registered.v2",
        DebtDeductionSet = "footing.debt.deduction_set.v2",
        DebtWaived = "footing.debt.waived.v1",
        DebtWrittenOff = "footing.debt.written_off.v1",
        DebtRepaid = "footing.debt.repaid.v1",
        DebtPlanAgreed = "footing.debt.plan_agreed.v1",
        DebtCreditorRecorded = "footing.debt.creditor_recorded.v1",
        DebtRecoveryDecided = "footing.debt.recovery_decided.v1",
    }
    /// A payment from instruction to bank account, and whether payments flow at all.
    Payment(PaymentEvent) {
        PaymentInstructed = "footing.payment.instructed.v2",
        PaymentReleased = "footing.payment.released.v1",
        PaymentAccepted = "footing.payment.accepted.v1",
        PaymentSettled = "footing.payment.settled.v1",
        PaymentReturned = "footing.payment.returned.v1",
        PaymentReissued = "footing.payment.reissued.v2",
        PaymentCancelled = "footing.payment.cancelled.v1",
        TopUpRecovered = "footing.payment.top_up_recovered.v1",
        PaymentSuspended = "footing.payment.suspended.v1",
        PaymentResumed = "footing.payment.resumed.v1",
    }
    /// A claim, its members and its shared facts.
    Claim(ClaimEvent) {
        ClaimMade = "footing.claim.made.v2",
        ClaimJoined = "footing.claim.joined.v1",
        ClaimLeft = "footing.claim.left.v1",
        ClaimWithdrawn = "footing.claim.withdrawn.v1",
        ClaimClosed = "footing.claim.closed.v1",
        ClaimReopened = "footing.claim.reopened.v1",
        ClaimRedated = "footing.claim.redated.v1",
        ClaimFactRecorded = "footing.claim.fact_recorded.v3",
        ClaimFactWithdrawn = "footing.claim.fact_withdrawn.v1",
    }
    /// What was decided for one period, and decisions that replace it.
    Determination(DeterminationEvent) {
        AssessmentDetermined = "footing.assessment.determined.v1",
        DeterminationRevised = "footing.determination.revised.v1",
        DeterminationSuperseded = "footing.determination.superseded.v1",
        DeterminationCorrected = "footing.determination.corrected.v1",
    }
    /// Reconsideration and appeal.
    Dispute(DisputeEvent) {
        ReconsiderationRequested = "footing.reconsideration.requested.v1",
        ReconsiderationDecided = "footing.reconsideration.decided.v1",
        AppealLodged = "footing.appeal.lodged.v1",
        AppealResponded = "footing.appeal.responded.v1",
        AppealDecided = "footing.appeal.decided.v3",
        AppealLapsed = "footing.appeal.lapsed.v1",
        AppealWithdrawn = "footing.appeal.withdrawn.v1",
    }
    /// A payment run as a whole.
    Run(RunEvent) {
        RunPlanned = "footing.run.planned.v2",
        RunApproved = "footing.run.approved.v1",
        RunAbandoned = "footing.run.abandoned.v1",
        RunReleased = "footing.run.released.v1",
        RunFiled = "footing.run.filed.v1",
        RunFilesPlaced = "footing.run.files_placed.v1",
        RunApprovalsAsked = "footing.run.approvals_asked.v1",
    }
    /// The rules themselves.
    Pack(PackEvent) {
        PackPublished = "footing.pack.published.v1",
    }
    /// What banks' files say, and what of it no payment explains.
    Bank(BankEvent) {
        BankFileRead = "footing.bank.file_read.v1",
        BankItemOpened = "footing.bank.item_opened.v1",
        BankItemClosed = "footing.bank.item_closed.v1",
    }
}

fn schema_of<T: JsonSchema>() -> Schema {
    schemars::schema_for!(T)
}

fn raw<T: Serialize>(payload: &T) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::value::to_raw_value(payload)
}

fn read<T: serde::de::DeserializeOwned>(payload: &str) -> Result<T, PayloadError> {
    if let Ok(read) = serde_json::from_str(payload) {
        return Ok(read);
    }
    // Keeping track of where one is costs more than reading: it is done only when something is wrong.
    let mut reader = serde_json::Deserializer::from_str(payload);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| PayloadError::Malformed {
        field: error.path().to_string(),
        message: error.into_inner().to_string(),
    })
}
