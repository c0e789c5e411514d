//! The words that every part of Footing shares. Pure: values in, values out.

pub mod citation;
pub mod money;
pub mod period;
pub mod timeline;
pub mod yaml;

pub use citation::{Citation, Confidence};
pub use money::{Amount, Money, MoneyError};
pub use period::{AssessmentPeriod, PeriodError};
pub use timeline::Timeline;
