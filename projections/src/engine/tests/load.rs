//! What can be wrong with a pack, and the message it gets.

use super::support::*;
use crate::engine::{Pack, reference};

#[test]
fn a_small_award_is_worked_out() {
    let pack = pack(
        "birth_date: {type: date}\nnet_earnings: {type: money, default: 0, min: 0}\nrole: {type: enum, values: [adult, child], default: adult}",
        "rent: {type: money, default: 0, min: 0}",
        "allowance:\n  type: money\n  values: {2017-04-10: 300.00, 2025-04-07: 400.14}\ntaper: {values: {2017-04-10: 0.63, 2021-11-24: 0.55}, applies_to: period_end}",
        "- {id: earned, type: money, expr: sum(net_earnings over people where role == \"adult\"), say: \"earned {earned_twice}\"}\n- {id: earned_twice, type: money, expr: '2 * sum(net_earnings over people)'}\n- {id: award, type: money, expr: 'max(£0, p.allowance + rent - round(earned * p.taper, half_up, 0.01))'}",
    );
    let case =
        case("2025-06-10", &[("a1", &[("birth_date", day("1990-01-01")), ("net_earnings", pence(10_001))])], &[]);
    let answer = reference(&pack, &["award"], &case).unwrap();
    // 400.14 - 0.55 * 100.01 = 55.0055 -> 55.01
    assert_eq!(answer.get("award").unwrap().text, "345.13");
    assert_eq!(Pack::from_canonical(&pack.canonical()).unwrap().digest(), pack.digest());
}
