use super::*;
use crate::floor::credit::Lens;
use crate::floor::fold::fold;
use jiff::civil::{Weekday, date};
use schemas::Timeline;

const GUARANTEED: &str = include_str!("../../../../schemas/floors/demo-84-a-week-guaranteed.yaml");

fn file(lead: u8) -> FloorFile {
    FloorFile::read(&GUARANTEED.replace("lead_working_days: 3", &format!("lead_working_days: {lead}"))).unwrap()
}

fn pay(pence: i64, usable: Date, next: Date, kind: CreditKind) -> Credit {
    Credit {
        usable,
        amount: Money::from_pence(pence),
        kind,
        purpose: Purpose::GeneralIncome,
        series: Some(Series(1)),
        next_due: Some(next),
        pays_for: None,
        position: 0,
        counts: None,
    }
}

fn weekdays(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Plans on the day for somebody on 12.00 a day; all credits after the day are scheduled.
fn plan(day: Date, credits: &[Credit], file: &FloorFile) -> Option<TopUp> {
    let floor = Timeline::always(FloorAmount::of(Money::from_pence(1_200)));
    let gaps = fold(credits, &floor, &[], &Lens::default(), Days::new(day, plus(day, 60)).unwrap());
    let scheduled: Vec<Date> = credits.iter().map(|c| c.usable).filter(|usable| *usable > day).collect();
    plan_top_up(day, &Projection { gaps: &gaps, scheduled: &scheduled }, file, weekdays)
}

#[track_caller]
fn check(top_up: Option<TopUp>, expected: Option<(i64, Date, Date, (Date, Date))>) {
    let found = top_up.map(|t| (t.amount.pence(), t.release_on, t.usable_by, t.covers.into()));
    assert_eq!(found, expected);
}

#[test]
fn scenario_3b_a_return_known_on_11_august_is_topped_up_by_36_00_to_the_reissue() {
    let (return_known, reissue) = (date(2026, 8, 11), date(2026, 8, 14));
    let credits = [
        pay(42_490, date(2026, 7, 7), date(2026, 8, 7), CreditKind::Award),
        pay(42_490, reissue, date(2026, 9, 7), CreditKind::Award),
        pay(42_490, date(2026, 9, 7), date(2026, 10, 7), CreditKind::Award),
    ];
    let top_up = plan(return_known, &credits, &file(0));
    check(top_up, Some((3_600, return_known, return_known, (return_known, date(2026, 8, 13)))));
    let as_credit = top_up.unwrap().credit(9);
    assert_eq!((as_credit.series, as_credit.next_due, as_credit.kind), (None, None, CreditKind::TopUp));
}

#[test]
fn a_wait_of_36_days_is_covered_in_tranches_of_14_days_and_no_gap_is_left() {
    let first = pay(42_490, date(2026, 7, 7), date(2026, 8, 7), CreditKind::Award);
    let mut credits = vec![first];
    let mut amounts = Vec::new();
    for day in Days::new(date(2026, 6, 1), date(2026, 7, 6)).unwrap().each() {
        if let Some(top_up) = plan(day, &credits, &file(0)).filter(|top_up| top_up.release_on == day) {
            amounts.push((day, top_up.amount.pence()));
            credits.push(top_up.credit(1));
        }
    }
    // 14 x 12.00 twice, then 8 x 12.00 to the first award.
    assert_eq!(amounts, [(date(2026, 6, 1), 16_800), (date(2026, 6, 15), 16_800), (date(2026, 6, 29), 9_600)]);
    let floor = Timeline::always(FloorAmount::of(Money::from_pence(1_200)));
    let days = Days::new(date(2026, 6, 1), date(2026, 8, 6)).unwrap();
    assert!(fold(&credits, &floor, &[], &Lens::default(), days).no_gap());
}

#[test]
fn with_a_lead_of_three_working_days_money_is_released_before_the_gap_on_its_first_day() {
    // 120.00 on Tuesday 2 June lasts to 11 June. The gap opens on Friday 12 June: released on Tuesday 9 June.
    let credits = [pay(12_000, date(2026, 6, 2), date(2026, 7, 7), CreditKind::Award)];
    let (release, usable) = (date(2026, 6, 9), date(2026, 6, 12));
    check(plan(date(2026, 6, 2), &credits, &file(3)), Some((16_800, release, usable, (usable, date(2026, 6, 25)))));
    // 144.00 lasts to Saturday 13 June. The gap opens on Sunday 14 June: released on the Wednesday before.
    let credits = [pay(14_400, date(2026, 6, 2), date(2026, 7, 7), CreditKind::Award)];
    let (release, gap) = (date(2026, 6, 10), date(2026, 6, 14));
    check(plan(date(2026, 6, 2), &credits, &file(3)), Some((16_800, release, gap, (gap, date(2026, 6, 27)))));
}

#[test]
fn a_late_start_reaches_the_same_day_whatever_the_lead() {
    // Seen on Saturday 6 June, three working days too late: by faster payment the day itself is reached.
    let day = date(2026, 6, 6);
    check(plan(day, &[], &file(3)), Some((16_800, day, day, (day, date(2026, 6, 19)))));
}

#[test]
fn nothing_is_planned_without_a_gap_or_without_a_guarantee() {
    let plenty = [pay(100_000, date(2026, 6, 1), date(2026, 7, 2), CreditKind::Award)];
    let gaps = Gaps::default();
    let none = Projection { gaps: &gaps, scheduled: &[] };
    assert_eq!(plan_top_up(date(2026, 6, 1), &none, &file(0), weekdays), None);
    let measured = FloorFile::read(&GUARANTEED.replace("mode: guarantee", "mode: measure")).unwrap();
    assert_eq!(plan(date(2026, 6, 20), &plenty, &measured), None);
}

#[test]
fn an_amount_is_rounded_up_to_a_penny_so_that_no_gap_is_left() {
    let floor = Timeline::always(FloorAmount::from_units(434 * 1_000 + 1).unwrap());
    let day = date(2026, 6, 1);
    let gaps = fold(&[], &floor, &[], &Lens::default(), Days::new(day, plus(day, 60)).unwrap());
    let projection = Projection { gaps: &gaps, scheduled: &[date(2026, 6, 3)] };
    let top_up = plan_top_up(day, &projection, &file(0), weekdays).unwrap();
    assert_eq!(top_up.amount.pence(), 2_001);
}

#[test]
fn a_wage_is_scheduled_when_it_came_on_its_day_three_times_running() {
    let wage = |pence, month, next| pay(pence, date(2026, month, 28), next, CreditKind::Wage);
    let punctual = [
        wage(90_000, 1, date(2026, 2, 28)),
        wage(150_000, 2, date(2026, 3, 28)),
        wage(140_000, 3, date(2026, 4, 28)),
        wage(150_000, 4, date(2026, 5, 28)),
    ];
    let next = scheduled_wage(&punctual, Series(1)).unwrap();
    assert_eq!((next.usable, next.amount.pence()), (date(2026, 5, 28), 140_000));
    assert_eq!(scheduled_wage(&punctual[1..], Series(1)), None); // on its day twice only
    assert_eq!(scheduled_wage(&punctual, Series(2)), None);
    let mut late = punctual;
    late[1].next_due = Some(date(2026, 3, 27));
    assert_eq!(scheduled_wage(&late, Series(1)), None);
}
