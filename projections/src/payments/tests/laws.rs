//! What holds whatever people choose, and however often.

use std::collections::BTreeMap;

use proptest::prelude::*;
use schemas::events::{Account, Channel, DayOfMonth, Nation, PaidEvery, PayCalendar};

use super::*;

/// Something that a person changes, for so many days or for good.
fn changes() -> impl Strategy<Value = Vec<(i64, PersonFact, Option<i64>)>> {
    let every = prop_oneof![Just(PaidEvery::Monthly), Just(PaidEvery::TwiceMonthly), Just(PaidEvery::FourTimesMonthly)];

    let channel = prop::sample::select(vec![Channel::Bacs, Channel::FasterPayments, Channel::Voucher, Channel::Cash]);
    let nation = prop_oneof![Just(Nation::England), Just(Nation::Scotland), Just(Nation::NorthernIreland)];
    let account = (1u8..4).prop_map(|n| Account { number: sealed(&format!("account {n}")), holders: vec![ANN] });
    let fact = prop_oneof![
        every.prop_map(PersonFact::PaidEvery),
        (1u8..=28).prop_map(|day| PersonFact::PayDay(DayOfMonth::new(day).unwrap())),
        Just(PersonFact::PayCalendar(PayCalendar::ExactDay)),
        channel.prop_map(PersonFact::PaidBy),
        nation.prop_map(PersonFact::Nation),
        account.prop_map(PersonFact::Account),
    ];
    prop::collection::vec((0i64..700, fact, prop::option::of(10i64..200)), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_changes_of_day_frequency_channel_and_calendar_payments_come_in_time_and_pay_every_period_once_in_full(
        first_day in 1i8..=28, mut changes in changes(), allowance in 1i64..200_000, rent in 0i64..90_000, lead in 0u8..=3,
    ) {
        changes.sort_by_key(|(after, ..)| *after);
        let start = date(2026, 1, first_day);
        let written = |pence: i64| Money::from_pence(pence).to_string();
        let mut told = Told::new(start, &written(allowance), &written(rent));
        told.lead = lead;
        for (after, fact, lasts) in changes {
            told.until(start.checked_add((after - 1).days()).unwrap());
            match lasts {
                None => told.fact(fact),
                Some(days) => told.fact_until(fact, told.day.saturating_add(days.days())),
            }
        }
        let last = start.checked_add(730.days()).unwrap();
        told.until(last);

        let own: Vec<&PaymentView> = told.payments(Payee::Person(ANN)).collect();
        // The longest month has 31 days, and four days at most are moved over.
        for (one, next) in own.iter().zip(own.iter().skip(1)) {
            prop_assert!((0..=35).contains(&(next.due_on - one.due_on).get_days()), "{} {}", one.due_on, next.due_on);
            prop_assert!(one.next_due.is_none_or(|due| one.due_on < due));
        }
        let mut paid: BTreeMap<(AssessmentPeriod, Payee), (Money, Vec<u16>)> = BTreeMap::new();
        for payment in told.world.person(ANN).unwrap().payments.iter() {
            let (sum, numbers) = paid.entry((payment.period.unwrap(), payment.payee)).or_default();
            *sum += payment.amount;
            numbers.push(payment.instalment);
            prop_assert_eq!(payment.lines.iter().map(|line| line.amount.money()).sum::<Money>(), payment.amount);
        }
        for period in told.periods().filter(|period| (last - period.last()).get_days() > 30) {
            for line in &told.lines {
                let (sum, numbers) = &paid[&(period, line.payee)];
                prop_assert_eq!(*sum, line.amount.money());
                prop_assert_eq!(numbers, &(1..=u16::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
            }
        }
    }
}
