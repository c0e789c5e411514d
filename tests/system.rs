//! Whole-system tests, in one binary: the parts together, as their users use them.
#![allow(missing_docs, reason = "the names of tests are the documentation")]

#[path = "system/shape.rs"]
mod shape;
