//! The protected floor: had one person cash that they could use, enough for the floor, on each civil day?
//!
//! A cash test, per person and per day, in whole 434ths of a penny. "Protected floor" and not "minimum income floor":
//! the latter is an assumed income that lowers awards (Universal Credit Regulations 2013 (SI 2013/376), reg. 62).

pub mod amount;
pub mod case;
pub mod cause;
pub mod credit;
pub mod days;
pub mod file;
pub mod fold;
pub mod gaps;
pub mod level;
pub mod preventable;
pub mod scope;
pub mod topup;
pub mod views;

pub use amount::{AmountError, Basis, FloorAmount};
pub use cause::{Cause, CauseSet, CausedDays, Finding, causes};
pub use credit::{Credit, CreditKind, Expiry, Lens, Loans, Outflow, Purpose, Purposes, Series};
pub use days::Days;
pub use file::{FloorFile, Mode, Position};
pub use fold::fold;
pub use gaps::{BreachSpan, Gaps, Unmet};
pub use level::{LevelShortfall, cover, level_shortfalls};
pub use preventable::{Answered, BreachDay, Channels, Preventable, detection_lags, preventable};
pub use scope::{Apart, DayStanding, Institution, Scope, Scoped};
pub use topup::{Projection, TopUp, plan_top_up, scheduled_wage};
pub use views::{Account, Member, PersonLedger, Sharing, Sharings, TaggedCredit, UnitId, View, judge, judge_everyone};
