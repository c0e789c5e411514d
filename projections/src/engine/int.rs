//! The whole numbers a tape can run on: 64 bits, and 128 for batches in which 64 overflow.

use super::ast::RoundMode;

/// A whole number that says when it overflows.
pub(crate) trait Int: Copy + Ord + Default {
    /// Whether this is the widest there is, so that an overflow is an error and not a reason to run again.
    const WIDEST: bool;
    /// A constant; the tape was checked to have none that does not fit.
    fn of(constant: i128) -> Self;
    fn of_fact(fact: i64) -> Self;
    fn wide(self) -> i128;
    /// A day, count of months or the like, held within 64 bits.
    fn small(self) -> i64;
    fn plus(self, other: Self) -> (Self, bool);
    fn times(self, other: Self) -> (Self, bool);
    /// Both, either, and not, of numbers that are 0 or 1.
    fn both(self, other: Self) -> Self;
    fn either(self, other: Self) -> Self;
    fn inverted(self) -> Self;
    /// `yes` where this is 1, `no` where it is 0. Without a branch, so that columns go through vector instructions.
    fn choose(self, yes: Self, no: Self) -> Self;
    /// `self / by`, rounded to a whole number; `by` is not 0.
    fn over(self, by: Self, mode: RoundMode) -> (Self, bool);
}

macro_rules! int {
    ($int:ty, $widest:expr) => {
        impl Int for $int {
            const WIDEST: bool = $widest;

            #[inline(always)]
            fn of(constant: i128) -> $int {
                constant as $int
            }

            #[inline(always)]
            fn of_fact(fact: i64) -> $int {
                <$int>::from(fact)
            }

            #[inline(always)]
            fn wide(self) -> i128 {
                i128::from(self)
            }

            #[inline(always)]
            fn small(self) -> i64 {
                i64::try_from(self).unwrap_or(if self < 0 { i64::MIN } else { i64::MAX })
            }

            #[inline(always)]
            fn plus(self, other: $int) -> ($int, bool) {
                self.overflowing_add(other)
            }

            #[inline(always)]
            fn times(self, other: $int) -> ($int, bool) {
                self.overflowing_mul(other)
            }

            #[inline(always)]
            fn both(self, other: $int) -> $int {
                self & other
            }

            #[inline(always)]
            fn either(self, other: $int) -> $int {
                self | other
            }

            #[inline(always)]
            fn inverted(self) -> $int {
                self ^ 1
            }

            #[inline(always)]
            fn choose(self, yes: $int, no: $int) -> $int {
                no ^ ((yes ^ no) & self.wrapping_neg())
            }

            #[inline(always)]
            fn over(self, by: $int, mode: RoundMode) -> ($int, bool) {
                let (whole, overflow) = self.overflowing_div(by);
                if overflow {
                    return (whole, true);
                }
                let rest = self.wrapping_sub(whole.wrapping_mul(by));
                let away = if (self < 0) == (by < 0) { 1 } else { -1 };
                let (rest, room) = (rest.unsigned_abs(), by.unsigned_abs() - rest.unsigned_abs());
                let up = match mode {
                    RoundMode::Down => false,
                    RoundMode::Up => rest != 0,
                    RoundMode::HalfUp => rest >= room,
                    RoundMode::HalfEven => rest > room || (rest == room && whole & 1 != 0),
                };
                (if up { whole + away } else { whole }, false)
            }
        }
    };
}

int!(i64, false);
int!(i128, true);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_round_as_named_on_both_sides_of_nought() {
        use RoundMode::{Down, HalfEven, HalfUp, Up};
        for (value, by, [up, half_up, half_even, down]) in [
            (5i64, 2i64, [3, 3, 2, 2]),
            (-5, 2, [-3, -3, -2, -2]),
            (5, -2, [-3, -3, -2, -2]),
            (7, 2, [4, 4, 4, 3]),
            (-7, 2, [-4, -4, -4, -3]),
            (1, 3, [1, 0, 0, 0]),
            (-1, 3, [-1, 0, 0, 0]),
            (2, 3, [1, 1, 1, 0]),
            (-6, 3, [-2, -2, -2, -2]),
            (0, 7, [0, 0, 0, 0]),
        ] {
            for (mode, expected) in [(Up, up), (HalfUp, half_up), (HalfEven, half_even), (Down, down)] {
                assert_eq!(value.over(by, mode), (expected, false), "{value}/{by} {mode:?}");
                assert_eq!(i128::from(value).over(by.into(), mode), (expected.into(), false), "{value}/{by} {mode:?}");
            }
        }
        assert!(i64::MIN.over(-1, Down).1);
    }
}
