//! Exact fractions in 128-bit integers: constants, parameter values and answers.

use std::fmt;

/// A fraction in lowest terms with a positive denominator. The order is that of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exact {
    num: i128,
    den: i128,
}

impl Exact {
    /// Nought.
    pub const ZERO: Exact = Exact { num: 0, den: 1 };

    /// `num / den` in lowest terms; nothing when `den` is 0 or the sign cannot be moved.
    pub fn new(num: i128, den: i128) -> Option<Exact> {
        if den == 0 {
            return None;
        }
        if let (Ok(small), Ok(1..)) = (i64::try_from(num), i64::try_from(den)) {
            // Most numbers are small, and dividing those is several times faster.
            let (common, den) = (gcd(num, den) as i64, den as i64);
            return Some(Exact { num: (small / common).into(), den: (den / common).into() });
        }
        let common = gcd(num, den);
        let (num, den) = (num.checked_div(common)?, den.checked_div(common)?);
        if den < 0 {
            Some(Exact { num: num.checked_neg()?, den: den.checked_neg()? })
        } else {
            Some(Exact { num, den })
        }
    }

    /// A whole number.
    pub fn whole(num: i128) -> Exact {
        Exact { num, den: 1 }
    }

    /// The numerator; it carries the sign.
    pub fn num(self) -> i128 {
        self.num
    }

    /// The denominator, at least 1.
    pub fn den(self) -> i128 {
        self.den
    }

    /// Reads `12`, `-0.55`, `16_967.50` or `+1`, never through a float. Nothing when the text is not such a number or has too many digits.
    pub fn parse(text: &str) -> Option<Exact> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty()
            || (digits.contains('.') && fraction.is_empty())
            || whole.starts_with('_')
            || whole.ends_with('_')
        {
            return None;
        }
        let (mut num, mut den) = (0i128, 1i128);
        for c in whole.chars().filter(|c| *c != '_') {
            num = num.checked_mul(10)?.checked_add(i128::from(c.to_digit(10)?))?;
        }
        for c in fraction.chars() {
            num = num.checked_mul(10)?.checked_add(i128::from(c.to_digit(10)?))?;
            den = den.checked_mul(10)?;
        }
        Exact::new(if negative { -num } else { num }, den)
    }

    /// The sum, if it fits.
    pub fn checked_add(self, other: Exact) -> Option<Exact> {
        let den = lcm(self.den, other.den)?;
        let (a, b) = (self.num.checked_mul(den / self.den)?, other.num.checked_mul(den / other.den)?);
        Exact::new(a.checked_add(b)?, den)
    }

    /// The product, if it fits.
    pub fn checked_mul(self, other: Exact) -> Option<Exact> {
        let (a, b) = (Exact::new(self.num, other.den)?, Exact::new(other.num, self.den)?);
        Exact::new(a.num.checked_mul(b.num)?, a.den.checked_mul(b.den)?)
    }

    /// The number with its sign changed, if it fits.
    pub fn checked_neg(self) -> Option<Exact> {
        Some(Exact { num: self.num.checked_neg()?, den: self.den })
    }

    /// One over the number; nothing for nought.
    pub fn inverse(self) -> Option<Exact> {
        Exact::new(self.den, self.num)
    }

    /// The number in whole units of one `scale`th (100 = hundredths); nothing when it is not whole in them.
    pub fn in_units_of(self, scale: i128) -> Option<i128> {
        // In lowest terms the denominator must go into the scale.
        if scale.checked_rem(self.den)? == 0 { self.num.checked_mul(scale / self.den) } else { None }
    }

    /// The number in the nearest whole units of one `scale`th, a half away from nought.
    pub fn rounded_to(self, scale: i128) -> Option<i128> {
        let scaled = self.checked_mul(Exact::whole(scale))?;
        let (whole, rest) = (scaled.num / scaled.den, scaled.num % scaled.den);
        let away = rest.unsigned_abs() >= scaled.den.unsigned_abs() - rest.unsigned_abs();
        Some(if away && rest != 0 { whole + rest.signum() } else { whole })
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Exact) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    /// Compares by continued fractions, so nothing can overflow.
    fn cmp(&self, other: &Exact) -> std::cmp::Ordering {
        let (whole_a, whole_b) = (self.num.div_euclid(self.den), other.num.div_euclid(other.den));
        whole_a.cmp(&whole_b).then_with(|| {
            let (rest_a, rest_b) = (self.num.rem_euclid(self.den), other.num.rem_euclid(other.den));
            match (rest_a, rest_b) {
                (0, 0) => std::cmp::Ordering::Equal,
                (0, _) => std::cmp::Ordering::Less,
                (_, 0) => std::cmp::Ordering::Greater,
                // a/b < c/d exactly when d/c < b/a.
                (a, b) => Exact { num: other.den, den: b }.cmp(&Exact { num: self.den, den: a }),
            }
        })
    }
}

impl fmt::Display for Exact {
    /// A decimal where the fraction ends in decimals (`385`, `0.55`), else the fraction itself (`13/3`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match decimal_places(self.den).and_then(|places| Some((places, self.in_units_of(10i128.checked_pow(places)?)?)))
        {
            Some((0, num)) => write!(f, "{num}"),
            Some((places, num)) => {
                let (sign, digits) = (
                    if num < 0 { "-" } else { "" },
                    format!("{:0>width$}", num.unsigned_abs(), width = places as usize + 1),
                );
                let (whole, fraction) = digits.split_at(digits.len() - places as usize);
                write!(f, "{sign}{whole}.{fraction}")
            }
            None => write!(f, "{}/{}", self.num, self.den),
        }
    }
}

/// How many decimals 1/den takes; nothing when it does not end.
fn decimal_places(den: i128) -> Option<u32> {
    let (mut rest, mut twos, mut fives) = (den, 0, 0);
    while rest % 2 == 0 {
        rest /= 2;
        twos += 1;
    }
    while rest % 5 == 0 {
        rest /= 5;
        fives += 1;
    }
    (rest == 1).then_some(twos.max(fives))
}

/// Greatest common divisor; 1 when both are 0, so that dividing by it is always right.
pub fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    // Most numbers are small, and dividing those is several times faster.
    if let (Ok(mut a), Ok(mut b)) = (u64::try_from(a), u64::try_from(b)) {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        return i128::from(a).max(1);
    }
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::try_from(a).unwrap_or(1).max(1)
}

/// Least common multiple of two positive numbers, if it fits.
pub fn lcm(a: i128, b: i128) -> Option<i128> {
    (a / gcd(a, b)).checked_mul(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_their_digits() {
        for (text, num, den) in
            [("251.77", 25177, 100), ("16_967", 16967, 1), ("-0.5", -1, 2), ("+3", 3, 1), ("0.10", 1, 10)]
        {
            assert_eq!(Exact::parse(text), Exact::new(num, den), "{text}");
        }
        for text in ["", ".5", "5.", "1e3", "_1", "1_", "£1", "0x1", "1.2.3"] {
            assert_eq!(Exact::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_ending_fraction_prints_as_a_decimal_and_another_as_itself() {
        for (num, den, text) in [
            (13, 3, "13/3"),
            (-1, 8, "-0.125"),
            (5, 1, "5"),
            (38500, 100, "385"),
            (40014, 100, "400.14"),
            (-5, 1000, "-0.005"),
        ] {
            assert_eq!(Exact::new(num, den).unwrap().to_string(), text);
        }
    }

    #[test]
    fn half_a_penny_rounds_away_from_nought() {
        for (num, den, pence) in
            [(1, 200, 1), (-1, 200, -1), (3, 200, 2), (249, 50000, 0), (-251, 50000, -1), (1, 300, 0)]
        {
            assert_eq!(Exact::new(num, den).unwrap().rounded_to(100), Some(pence), "{num}/{den}");
        }
    }

    #[test]
    fn fractions_compare_as_numbers_however_long() {
        let (third, nearly) = (Exact::new(1, 3).unwrap(), Exact::new(i128::MAX / 3 - 1, i128::MAX).unwrap());
        assert!(nearly < third && Exact::new(-1, 2).unwrap() < Exact::new(-1, 3).unwrap());
        assert_eq!(third.cmp(&third), std::cmp::Ordering::Equal);
    }
}
