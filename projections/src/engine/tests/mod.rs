//! Tests of the engine as a whole. Expected figures are worked out by hand in the comments beside them.

mod support;

mod carry;
mod change;
mod load;
mod periods;
mod property;
mod run;
