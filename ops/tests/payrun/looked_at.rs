//! Whom an evening looks at: those to whom something may be due on it, and nobody else.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use ops::business::Business;

use crate::place::{Place, account, command, rules, who};

/// The evenings from a day up to another whose business looks at anybody.
fn looked_at(business: &mut Business<'_>, from: Date, until: Date) -> Vec<(Date, usize)> {
    let days = std::iter::successors(Some(from), |day| Some(day.saturating_add(1.day())));
    let mut found = Vec::new();
    for day in days.take_while(|day| *day <= until) {
        business.turn_to(day);
        let people = business.looked_at(day).people().len();
        found.extend((people > 0).then_some((day, people)));
        assert_eq!(business.evening(day).unwrap().problems, []);
    }
    found
}

#[test]
fn an_evening_looks_only_at_those_to_whom_something_may_be_due() {
    // Both claimed on 1 June, and June is decided. Paid on 7 July, a Tuesday, seven days after 30 June; it leaves the
    // evening before. July has ended on the evening of 1 August. 7 August is a Friday: its money leaves on the 6th.
    let place = Place::with(2);
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let seen = looked_at(&mut business, date(2026, 7, 2), date(2026, 8, 7));
    let expected = [date(2026, 7, 6), date(2026, 8, 1), date(2026, 8, 6)].map(|day| (day, 2));
    assert_eq!(seen, expected);
    assert_eq!(business.world().person(who(0)).unwrap().payments.len(), 2);
}

#[test]
fn whatever_is_recorded_about_somebody_wakes_them_and_nobody_else() {
    let place = Place::with(2);
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    assert_eq!(looked_at(&mut business, date(2026, 7, 7), date(2026, 7, 20)), [(date(2026, 7, 7), 2)]);
    business.submit(vec![command("another account", date(2026, 7, 20), account(0, 7))]).unwrap();
    let seen: Vec<_> = business.looked_at(date(2026, 7, 20)).people().map(|(person, _)| person).collect();
    assert_eq!(seen, [who(0)]);
}
