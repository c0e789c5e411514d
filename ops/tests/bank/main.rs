//! Payment files, held against what others say of them: schemas, validators and readers that are not ours.
#![allow(missing_docs, reason = "the names of tests are the documentation")]

#[cfg(test)]
mod faster_payments;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod matched;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod standard18;
#[cfg(test)]
mod tools;
