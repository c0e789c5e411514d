//! The words that every part of Footing shares. Pure: values in, values out.

pub mod account;
pub mod citation;
pub mod claim_dates;
pub mod cycle;
pub mod day;
pub mod envelope;
pub mod events;
pub mod id;
pub mod money;
pub mod pension_age;
pub mod period;
pub mod return_code;
pub mod timeline;
pub mod upcast;
pub mod working_days;
pub mod yaml;

pub use account::{AccountError, BankAccount};
pub use citation::{Citation, Confidence};
pub use cycle::{Cycle, PeriodKind};
pub use envelope::{Envelope, EnvelopeError, Recorded, Subject};
pub use id::{
    BankFileId, BankItemId, ClaimId, CommandId, DebtId, Digest, EventId, PaymentId, PersonId, RunId, SanctionId,
};
pub use money::{Amount, Money, MoneyError};
pub use period::{AssessmentPeriod, PeriodError};
pub use timeline::Timeline;
pub use working_days::WorkingDays;
