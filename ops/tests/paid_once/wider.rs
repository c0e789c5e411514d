//! Evenings look at everybody to whom something is due, also after what the second statement of what is paid knows nothing
//! of: loans, creditors, recoveries, hardship, Child Benefit, carers, and what is recorded before it takes effect.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use ledger::Command;
use ledger::contract::block_on;
use ledger::store::Reader;
use ledger::write::recorded;
use ops::business::Business;
use ops::rules::RuleSet;
use projections::arrears;
use projections::payments::derived_uuid;
use projections::views::MemoryViews;
use proptest::prelude::*;
use schemas::day::london_hour;
use schemas::{CommandId, PersonId};
use serde_json::{Value, json};

use crate::faults::{Home, InMemory, Shared};
use crate::orders::{Scene, person};
use crate::story::{Story, What, Who, stories};
use crate::walked::Walked;

/// Evenings after the last thing that happens.
const QUIET: i64 = 40;

/// A history, and what else happens in it, so many days after its first.
#[derive(Clone)]
pub struct Wider {
    usual: Story,
    more: Vec<(u8, More)>,
}

/// What happens; `ahead` is how many days after it is recorded it takes effect, `back` how many before.
#[derive(Clone, Debug)]
enum More {
    IsLent {
        who: Who,
        pounds: u16,
    },
    OwesACreditor {
        who: Who,
        pounds: u16,
    },
    /// Somebody decides on the overpayment of this number.
    RecoveryIsDecided {
        overpaid: usize,
    },
    IsGivenHardship {
        who: Who,
        days: u8,
    },
    Repays {
        who: Who,
        pounds: u16,
    },
    ClaimsChildBenefit {
        who: Who,
        back: u8,
    },
    CaresForTheChild {
        who: Who,
        back: u8,
    },
    ChildJoinsTheOther {
        who: Who,
        back: u8,
    },
    IsTheMainCarer {
        who: Who,
        back: u8,
    },
    ClaimBegins {
        who: Who,
        later: u8,
    },
    WillBeHeld {
        who: Who,
        ahead: u8,
    },
    WillBePaidInParts {
        who: Who,
        ahead: u8,
    },
    WillBePaidBy {
        who: Who,
        channel: &'static str,
        ahead: u8,
    },
    WillHaveAnAccount {
        who: Who,
        ahead: u8,
    },
}

impl fmt::Debug for Wider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.usual)?;
        self.more.iter().try_for_each(|(day, more)| writeln!(f, "  after {day} days: {more:?}"))
    }
}

/// Any history of up to so many steps, and as many of the wider ones.
pub fn wider(steps: usize) -> impl Strategy<Value = Wider> {
    let more = prop::collection::vec((0..100u8, more()), 1..steps);
    (stories(steps), more).prop_map(|(usual, more)| Wider { usual, more })
}

fn more() -> impl Strategy<Value = More> {
    let days = prop_oneof![1 => Just(0u8), 3 => 1..40u8];
    (0..14u8, 0..3usize, days, 1..12u16).prop_map(|(which, who, days, tens)| match which {
        0 => More::IsLent { who, pounds: tens * 20 },
        1 => More::OwesACreditor { who, pounds: tens * 20 },
        2 => More::RecoveryIsDecided { overpaid: usize::from(days) },
        3 => More::IsGivenHardship { who, days: 5 },
        4 => More::Repays { who, pounds: tens },
        5 => More::ClaimsChildBenefit { who, back: days },
        6 => More::CaresForTheChild { who, back: days },
        7 => More::ChildJoinsTheOther { who, back: days },
        8 => More::IsTheMainCarer { who, back: days },
        9 => More::ClaimBegins { who, later: days },
        10 => More::WillBeHeld { who, ahead: days },
        11 => More::WillBePaidInParts { who, ahead: days },
        12 => More::WillBePaidBy { who, channel: ["bacs", "voucher"][who % 2], ahead: days },
        _account => More::WillHaveAnAccount { who, ahead: days },
    })
}

impl Wider {
    /// Lives the history, and asks on every evening whether the diary looks at everybody to whom something is due. Orders that
    /// are refused are none.
    ///
    /// # Errors
    /// What the diary does not look at, and when.
    pub fn lived(&self, rules: &RuleSet) -> Result<(), String> {
        let home = InMemory::new();
        let mut desk = home.desk(&Shared::default());
        let mut business = Business::open(&mut desk, rules).map_err(|e| e.to_string())?;
        let (store, mut walked, mut position) = (home.store(), Walked::default(), 0);
        let mut told = |walked: &mut Walked| {
            let mut reader = Reader::after(&*store, position);
            while let Some(page) = Some(block_on(reader.next(1_000)).unwrap()).filter(|page| !page.is_empty()) {
                page.iter().for_each(|stored| walked.take(&recorded(stored).unwrap()));
            }
            position = reader.position();
        };
        let (mut number, begins) = (0, self.usual.begins);
        for who in 0..3 {
            let fields = json!({"do": "register_person", "person": person(who), "birth_date": "1990-01-01"});
            order(&mut business, begins, begins, &mut number, fields);
        }
        let last = self.more.iter().map(|(day, _)| i64::from(*day)).max().unwrap_or(0) + QUIET;
        for day in 0..=last {
            let today = begins.saturating_add(day.days());
            let usual = self.usual.steps.iter().filter(|step| i64::from(step.day) == day);
            let usual = usual.map(|step| Happens::Usual(&step.what));
            let more = self.more.iter().filter(|(on, _)| i64::from(*on) == day).map(|(_, more)| Happens::More(more));
            for happens in usual.chain(more).collect::<Vec<_>>() {
                let scene = Scene { day: today, number, world: business.world(), law: &rules.law };
                for (from, fields) in happens.orders(&scene) {
                    order(&mut business, today, from, &mut number, fields);
                }
            }
            told(&mut walked);
            walked.turn_to(today, rules)?;
            business.evening(today).map_err(|e| format!("{today}: {e}"))?;
            told(&mut walked);
        }
        Ok(())
    }
}

enum Happens<'a> {
    Usual(&'a What),
    More(&'a More),
}

impl Happens<'_> {
    fn orders(&self, scene: &Scene<'_>) -> Vec<(Date, Value)> {
        match self {
            Happens::Usual(what) => scene.orders(what),
            Happens::More(more) => more.orders(scene),
        }
    }
}

impl More {
    fn orders(&self, scene: &Scene<'_>) -> Vec<(Date, Value)> {
        let today = scene.day;
        let [ago, in_days] = [-1, 1].map(|sign| move |days: u8| today.saturating_add((sign * i64::from(days)).days()));
        let fact = |of: PersonId, from: Date, fact: Value| {
            vec![(from, json!({"do": "record_person_fact", "person": of, "fact": fact}))]
        };
        match self {
            More::IsLent { who, pounds } => {
                let terms = json!({"estimate": "400.00", "periods": 12, "deferred": 0});
                vec![(today, self.debt(scene, *who, "advance", *pounds, Some(terms)))]
            }
            More::OwesACreditor { who, pounds } => {
                let debt = scene.fresh("debt");
                let about = |order: Value| (today, merged(json!({"person": person(*who), "debt": debt}), order));
                vec![
                    (today, self.debt(scene, *who, "council_tax", *pounds, None)),
                    about(json!({"do": "record_creditor", "name": "Northtown", "account": "07-08-09 11223344"})),
                    about(json!({"do": "set_deduction", "per_period": "21.25"})),
                ]
            }
            More::RecoveryIsDecided { overpaid } => {
                let all = arrears::overpaid(scene.world, scene.law);
                let Some(found) = all.len().checked_sub(1).map(|last| &all[overpaid % (last + 1)]) else {
                    return Vec::new();
                };
                let amount = found.amount.to_string();
                let ground = json!({"instrument": "Social Security Administration Act 1992", "provision": "s. 71ZB",
                    "confidence": "read"});
                vec![(
                    today,
                    json!({"do": "decide_recovery", "person": found.person, "claim": found.claim,
                    "period": {"first": found.period.first(), "last": found.period.last()}, "cause": found.cause,
                    "overpaid": amount, "recoverable": amount, "debt": scene.fresh("debt"), "ground": ground,
                    "reason": "not reported"}),
                )]
            }
            More::IsGivenHardship { who, days } => {
                vec![(
                    today,
                    json!({"do": "award_hardship", "person": person(*who), "debt": scene.fresh("debt"), "from": today,
                    "days": days, "per_day": "8.00"}),
                )]
            }
            More::Repays { who, pounds } => {
                let debt = scene.world.person(person(*who)).and_then(|view| view.debts.last());
                let repaid = |debt| {
                    (
                        today,
                        json!({"do": "repay_debt", "person": person(*who), "debt": debt, "amount": format!("{pounds}.00"),
                        "on": today, "reference": "cash"}),
                    )
                };
                debt.map(|debt| repaid(debt.id)).into_iter().collect()
            }
            More::ClaimsChildBenefit { who, back } => {
                let claim = scene.fresh("claim");
                let made = json!({"do": "make_claim", "claim": claim, "benefit": "uk-child-benefit", "claimants": [person(*who)]});
                let joins = child(scene.world).map(|child| {
                    (ago(*back), json!({"do": "join_claim", "claim": claim, "person": child, "role": "child"}))
                });
                std::iter::once((ago(*back), made)).chain(joins).collect()
            }
            More::CaresForTheChild { who, back } => child(scene.world)
                .map_or_else(Vec::new, |child| fact(child, ago(*back), json!({"key": "carer", "value": person(*who)}))),
            More::ChildJoinsTheOther { who, back } => {
                let claim = scene.world.person(person(*who)).and_then(|view| view.claims.last());
                let joins = claim.zip(child(scene.world)).map(|(claim, child)| {
                    (ago(*back), json!({"do": "join_claim", "claim": claim, "person": child, "role": "child"}))
                });
                joins.into_iter().collect()
            }
            More::IsTheMainCarer { who, back } => {
                let fact = json!({"key": "main_carer", "value": person(*who)});
                scene.about_claim(who, back, &[json!({"do": "record_claim_fact", "fact": fact})])
            }
            More::ClaimBegins { who, later } => {
                let claims = scene.world.person(person(*who)).and_then(|view| view.claims.last());
                let from = claims.and_then(|claim| scene.world.claim(*claim)?.entitled_from);
                let begins = from.map(|from| from.saturating_add(i64::from(*later).days()));
                let redated = claims.zip(begins).map(|(claim, begins)| {
                    (begins, json!({"do": "redate_claim", "claim": claim, "reason": "not shown"}))
                });
                redated.into_iter().collect()
            }
            More::WillBeHeld { who, ahead } => {
                let review_on = in_days(*ahead).saturating_add(9.days());
                vec![(
                    in_days(*ahead),
                    json!({"do": "suspend_payments", "person": person(*who), "ground": "doubt",
                    "review_on": review_on}),
                )]
            }
            More::WillBePaidInParts { who, ahead } => {
                fact(person(*who), in_days(*ahead), json!({"key": "paid_every", "value": "twice_monthly"}))
            }
            More::WillBePaidBy { who, channel, ahead } => {
                fact(person(*who), in_days(*ahead), json!({"key": "paid_by", "value": channel}))
            }
            More::WillHaveAnAccount { who, ahead } => {
                let number = format!("00-00-00 {:08}", scene.number);
                let account = json!({"do": "record_account", "person": person(*who), "number": number, "holders": [person(*who)]});
                vec![(in_days(*ahead), account)]
            }
        }
    }

    fn debt(&self, scene: &Scene<'_>, who: Who, kind: &str, pounds: u16, advance: Option<Value>) -> Value {
        let debt = json!({"do": "register_debt", "person": person(who), "debt": scene.fresh("debt"), "kind": kind,
            "amount": format!("{pounds}.00")});
        advance.map_or(debt.clone(), |terms| merged(debt, json!({"advance": terms})))
    }
}

fn merged(mut one: Value, other: Value) -> Value {
    let (fields, more) = (one.as_object_mut().unwrap(), other.as_object().unwrap());
    fields.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
    one
}

/// A child that is known, if there is one.
fn child(world: &MemoryViews) -> Option<PersonId> {
    let adults = [0, 1, 2].map(person);
    world.people().map(|(id, _)| id).find(|id| !adults.contains(id))
}

/// Gives an order, which may be refused.
fn order<S: ledger::Store>(business: &mut Business<'_, S>, today: Date, from: Date, number: &mut u32, fields: Value) {
    *number += 1;
    let time = london_hour(today, 10).saturating_add(jiff::SignedDuration::from_secs(i64::from(*number))).unwrap();
    let named = json!({"id": CommandId(derived_uuid(&format!("order {number}"))), "actor": "caseworker:demo",
        "time": time.to_string(), "effective_from": from});
    let command = Command::from_json(&merged(fields, named).to_string()).unwrap();
    let _refused = business.submit(vec![command]);
}
