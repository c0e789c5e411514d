//! What would have happened: history replayed under other rules, compared, and asked for causes; and an independent
//! check of the protected floor.

pub mod account;
pub mod compare;
pub mod dayloop;
pub mod prevented;
pub mod replay;
pub mod why;
