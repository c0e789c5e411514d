//! The protected floor, day by day: the worked figures of `FLOOR.md` and its rules of life.

#![expect(
    clippy::inconsistent_digit_grouping,
    clippy::mistyped_literal_suffixes,
    reason = "pence are written as the page writes pounds: 424_90 is 424.90"
)]

mod build;
mod generate;
mod interval_form;
mod level;
mod life;
mod sharing;
mod shipped_figures;
mod steps;
mod translate;
mod worked_figures;
