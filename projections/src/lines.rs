//! How an award falls into lines, and what every reduction takes from which line (FLOOR.md section 2).
//!
//! No line goes below zero and the lines add up to the amount, to the penny.

use schemas::Money;
use schemas::events::Purpose;

/// A line before any reduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gross {
    /// What for.
    pub purpose: Purpose,
    /// How much the law gives for it.
    pub amount: Money,
    /// Whether income and the cap take their share of it; they leave childcare alone until nothing else is left.
    pub reduced_by_income: bool,
    /// Paid straight to a landlord: leaves first, so that sanctions and deductions reach it last.
    pub managed: bool,
    /// How much of what is held back is for the conduct or the debts of the person it belongs to: their allowance bears
    /// that before anybody else's.
    pub bears: Money,
}

/// What each line is of an award, after income and the cap took their share.
///
/// They take from every line in proportion, to the penny by largest remainder, childcare last. The award of a first period
/// that is longer than a month (reg. 21A) is more than its lines: every one of them grows in proportion.
pub fn awarded(gross: &[Gross], award: Money) -> Vec<Money> {
    let reduced = |g: &Gross| g.reduced_by_income;
    let kept = |g: &Gross| !g.reduced_by_income;
    let total = |of_kind: &dyn Fn(&Gross) -> bool| gross.iter().filter(|g| of_kind(g)).map(|g| g.amount).sum::<Money>();
    if award > total(&reduced) + total(&kept) {
        return shares(gross, |_| true, award);
    }
    let left = (award - total(&kept)).at_least_zero();
    let (shared, rest) = (shares(gross, reduced, left), shares(gross, kept, award - left));
    shared.into_iter().zip(rest).map(|(a, b)| a + b).collect()
}

/// What is paid of each line when `held_back` of them is held back by sanctions and deductions.
///
/// It falls on the standard allowance first: on each claimant's own as far as it is for their conduct and debts, then on
/// that of those it is for before others', then on the other lines in their order, and on managed payments last.
pub fn paid(gross: &[Gross], awarded: &[Money], held_back: Money) -> Vec<Money> {
    let is_allowance = |g: &Gross| g.purpose == Purpose::StandardAllowance;
    let own: Vec<Money> = gross.iter().map(|g| if is_allowance(g) { g.bears } else { Money::ZERO }).collect();
    let own_sum: Money = own.iter().copied().sum();
    let own = if own_sum > held_back { apportion(held_back, &own) } else { own };
    let (mut paid, mut left) = (awarded.to_vec(), held_back);
    let mut order: Vec<usize> = (0..gross.len()).collect();
    order.sort_by_key(|i| {
        let key = |g: &Gross| (g.managed, !is_allowance(g), is_allowance(g) && g.bears == Money::ZERO, *i);
        gross.get(*i).map(key)
    });
    for most in [&own, &vec![held_back; gross.len()]] {
        for at in &order {
            if let (Some(line), Some(most)) = (paid.get_mut(*at), most.get(*at)) {
                let taken = left.min(*most).min(*line);
                *line -= taken;
                left -= taken;
            }
        }
    }
    paid
}

/// Shares `sum` among the lines of one kind in proportion to their amounts. Lines of the other kind get nothing.
fn shares(gross: &[Gross], shared: impl Fn(&Gross) -> bool, sum: Money) -> Vec<Money> {
    let of_kind = |g: &Gross| if shared(g) { g.amount } else { Money::ZERO };
    apportion(sum, &gross.iter().map(of_kind).collect::<Vec<_>>())
}

/// Shares a sum in proportion to weights: whole pence, the odd ones to the largest remainders, ties to the earlier share.
/// Where nothing has weight nobody gets anything.
pub fn apportion(sum: Money, weights: &[Money]) -> Vec<Money> {
    let weights: Vec<i128> = weights.iter().map(|weight| i128::from(weight.pence())).collect();
    let (total, sum) = (weights.iter().sum::<i128>(), i128::from(sum.pence()));
    if total == 0 {
        return vec![Money::ZERO; weights.len()];
    }
    let mut pence: Vec<i128> = weights.iter().map(|weight| weight * sum / total).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|i| (std::cmp::Reverse(weights.get(*i).map(|weight| weight * sum % total)), *i));
    let odd = usize::try_from(sum - pence.iter().sum::<i128>()).unwrap_or(0);
    for share in by_remainder.into_iter().take(odd) {
        pence.iter_mut().skip(share).take(1).for_each(|p| *p += 1);
    }
    pence.into_iter().map(|p| Money::from_pence(i64::try_from(p).unwrap_or(i64::MAX))).collect()
}

/// Splits a sum equally, the odd pence to the later shares.
pub fn equal_shares(sum: Money, parts: usize) -> Vec<Money> {
    let count = i64::try_from(parts.max(1)).unwrap_or(1);
    let (each, odd) = (sum.pence() / count, sum.pence() % count);
    (0..count).map(|i| Money::from_pence(if i >= count - odd { each + 1 } else { each })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(purpose: Purpose, pence: i64) -> Gross {
        Gross {
            purpose,
            amount: Money::from_pence(pence),
            reduced_by_income: purpose != Purpose::Childcare,
            managed: false,
            bears: Money::ZERO,
        }
    }

    fn pence(lines: &[Money]) -> Vec<i64> {
        lines.iter().map(|line| line.pence()).collect()
    }

    #[test]
    fn income_takes_from_every_line_but_childcare_in_proportion() {
        let gross = [
            line(Purpose::StandardAllowance, 40_000),
            line(Purpose::Housing, 60_000),
            line(Purpose::Childcare, 20_000),
        ];
        assert_eq!(pence(&awarded(&gross, Money::from_pence(70_000))), [20_000, 30_000, 20_000]);
        assert_eq!(pence(&awarded(&gross, Money::from_pence(15_000))), [0, 0, 15_000]);
    }

    #[test]
    fn an_award_for_more_than_a_month_raises_every_line_in_proportion() {
        let gross = [
            line(Purpose::StandardAllowance, 40_000),
            line(Purpose::Housing, 60_000),
            line(Purpose::Childcare, 20_000),
        ];
        assert_eq!(pence(&awarded(&gross, Money::from_pence(180_000))), [60_000, 90_000, 30_000]);
    }

    #[test]
    fn the_odd_penny_goes_to_the_largest_remainder() {
        let gross =
            [line(Purpose::StandardAllowance, 100), line(Purpose::ChildElement, 200), line(Purpose::Housing, 400)];
        // 100, 200 and 400 of 700 shares of 100: 14.28, 28.57, 57.14
        assert_eq!(pence(&awarded(&gross, Money::from_pence(100))), [14, 29, 57]);
    }

    #[test]
    fn a_sanction_takes_the_sanctioned_partners_allowance_first_then_the_others_then_other_lines() {
        let mut gross =
            [line(Purpose::StandardAllowance, 300), line(Purpose::StandardAllowance, 300), line(Purpose::Housing, 500)];
        let awarded = [300, 300, 500].map(Money::from_pence);
        let mut paid_after = |held_back| {
            gross[1].bears = Money::from_pence(held_back);
            pence(&paid(&gross, &awarded, Money::from_pence(held_back)))
        };
        assert_eq!(paid_after(250), [300, 50, 500]);
        assert_eq!(paid_after(400), [200, 0, 500]);
        assert_eq!(paid_after(700), [0, 0, 400]);
    }

    #[test]
    fn what_is_held_back_for_both_partners_falls_on_each_ones_own_allowance_first() {
        let mut gross =
            [line(Purpose::StandardAllowance, 300), line(Purpose::StandardAllowance, 300), line(Purpose::Housing, 500)];
        (gross[0].bears, gross[1].bears) = (Money::from_pence(100), Money::from_pence(200));
        let awarded = [300, 300, 500].map(Money::from_pence);
        let paid_after = |gross: &[Gross], held_back| pence(&paid(gross, &awarded, Money::from_pence(held_back)));
        assert_eq!(paid_after(&gross, 300), [200, 100, 500]);
        // Less is held back than both bear: in proportion, 30 and 60.
        assert_eq!(paid_after(&gross, 90), [270, 240, 500]);
        // One bears more than their allowance: the rest falls on the other's.
        gross[1].bears = Money::from_pence(350);
        assert_eq!(paid_after(&gross, 450), [150, 0, 500]);
    }

    #[test]
    fn a_managed_payment_to_the_landlord_is_reached_last() {
        let mut gross =
            [line(Purpose::StandardAllowance, 300), line(Purpose::Housing, 500), line(Purpose::CarerElement, 200)];
        gross[1].managed = true;
        let awarded = [300, 500, 200].map(Money::from_pence);
        assert_eq!(pence(&paid(&gross, &awarded, Money::from_pence(450))), [0, 500, 50]);
    }

    #[test]
    fn the_odd_penny_of_a_couples_allowance_goes_to_the_second_partner() {
        assert_eq!(pence(&equal_shares(Money::from_pence(66_697), 2)), [33_348, 33_349]); // FLOOR.md 5b: B has 333.49
    }

    proptest! {
        #[test]
        fn lines_add_up_to_the_award_and_never_go_below_zero(
            amounts in proptest::collection::vec(0..200_000i64, 1..8),
            childcare in 0..100_000i64,
            part in 0..=100i64,
            held in 0..=100i64,
        ) {
            let mut gross: Vec<_> = amounts.into_iter().map(|p| line(Purpose::Housing, p)).collect();
            gross[0].purpose = Purpose::StandardAllowance;
            gross.push(line(Purpose::Childcare, childcare));
            let maximum: Money = gross.iter().map(|g| g.amount).sum();
            let award = Money::from_pence(maximum.pence() * part / 100);
            let lines = awarded(&gross, award);
            prop_assert_eq!(lines.iter().copied().sum::<Money>(), award);
            prop_assert!(lines.iter().zip(&gross).all(|(l, g)| Money::ZERO <= *l && *l <= g.amount));
            let held_back = Money::from_pence(award.pence() * held / 100);
            let paid = paid(&gross, &lines, held_back);
            prop_assert_eq!(paid.iter().copied().sum::<Money>(), award - held_back);
            prop_assert!(paid.iter().zip(&lines).all(|(p, l)| Money::ZERO <= *p && p <= l));
        }
    }
}
