//! Whatever happens, and in whatever order: what is due is paid exactly once, or the program says that it is not.
//!
//! Histories that nobody thought of are told on real stores and held against a second statement of what is due and what
//! was paid (`statement.rs`). Told without what must make no difference (a process that is stopped, two operators, a
//! command that comes twice), a history pays the same.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod faults;
mod lists;
mod orders;
mod outstanding;
mod statement;
mod story;
mod teller;
mod walked;
mod wider;

use faults::{InMemory, OnFile};
use proptest::prelude::*;
use story::{Story, stories};
use teller::{GUARANTEED, LAW, tell};
use wider::wider;

/// As many histories as one by one would take too long, and each is rich.
fn some(share: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: (usual.cases / share).max(1), ..usual }
}

proptest! {
    #![proptest_config(some(2))]

    #[test]
    fn whatever_happens_what_is_due_is_paid_exactly_once_or_is_said_to_be_outstanding(story in stories(14)) {
        let told = tell(InMemory::new(), &story, true);
        let told = told.map_err(TestCaseError::fail)?;
        let plain = tell(InMemory::new(), &story, false).map_err(TestCaseError::fail)?;
        prop_assert_eq!(told.paid, plain.paid);
    }
}

proptest! {
    #![proptest_config(some(8))]

    #[test]
    fn above_a_guaranteed_floor_what_is_due_is_paid_or_was_kept_back_for_a_top_up_or_is_said(story in stories(14)) {
        let story = Story { guaranteed: true, ..story };
        let told = tell(InMemory::new(), &story, true);
        told.map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(some(16))]

    #[test]
    fn a_ledger_on_a_file_pays_as_one_in_memory(story in stories(10)) {
        let on_file = tell(OnFile::new(), &story, true).map_err(TestCaseError::fail)?;
        let in_memory = tell(InMemory::new(), &story, true).map_err(TestCaseError::fail)?;
        prop_assert_eq!(on_file.paid, in_memory.paid);
        prop_assert_eq!(on_file.refused, in_memory.refused);
    }
}

proptest! {
    #![proptest_config(some(2))]

    #[test]
    fn whatever_is_recorded_an_evening_looks_at_everybody_to_whom_something_is_due(story in wider(10)) {
        story.lived(&LAW).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(some(4))]

    #[test]
    fn above_a_guaranteed_floor_an_evening_looks_at_everybody_to_whom_something_is_due(story in wider(10)) {
        story.lived(&GUARANTEED).map_err(TestCaseError::fail)?;
    }
}
