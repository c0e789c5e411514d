//! Read models: what the stream says about each person and each claim, kept so that it can be asked quickly.
//!
//! Each is a fold over the events that touch it. Everything here can be thrown away and built again.

mod amounts;
mod claim;
mod kept_back;
mod late;
mod memory;
mod payment;
mod person;
mod store;

pub use amounts::Amounts;
pub use claim::{ClaimView, Claims, Determined, Member, Told, decision_of};
pub use kept_back::KeptBack;
pub use late::{Late, What};
pub use memory::MemoryViews;
pub use payment::{PaymentStep, PaymentView, Progress, is_held};
pub use person::{
    Creditor, Debt, Earnings, Income, Instalments, Outflow, People, PersonView, RecoveryDecided, Registered, Sanction,
    Setting,
};
pub use store::{SledViews, StoreError};

use schemas::Recorded;

/// Adds to a list without room to spare: views hold millions of lists of one or two.
fn add<T>(list: &mut Vec<T>, one: T) {
    list.reserve_exact(1);
    list.push(one);
}

/// A read model that the stream alone can rebuild.
pub trait Projection {
    /// Store tree: raise the number when a view changes meaning.
    const NAME: &'static str;
    /// What a view is about.
    type Key;
    /// What is known about it.
    type View: Default;
    /// The views that an event touches.
    fn keys(event: &Recorded) -> Vec<Self::Key>;
    /// What one of them becomes.
    fn project(view: &mut Self::View, key: &Self::Key, event: &Recorded);
}
