//! A payment run cut off at every step, and what happens to people between its plan and its release.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod between;
mod cut_off;
mod looked_at;
mod meanwhile;
mod place;
mod rule;
mod twice;
