//! What is ordered when something happens.

use jiff::ToSpan;
use jiff::civil::Date;
use ops::business::instruct;
use projections::daily;
use projections::law::Law;
use projections::payments::{Horizon, derived_uuid};
use projections::views::{MemoryViews, PaymentView};
use schemas::events::{PaymentInstructed, PaymentKind};
use schemas::{Amount, ClaimId, Money, PaymentId, PersonId};
use serde_json::{Value, json};

use crate::story::{What, Who};

/// A morning on which something is ordered.
pub struct Scene<'a> {
    pub day: Date,
    /// How many orders were given before.
    pub number: u32,
    pub world: &'a MemoryViews,
    pub law: &'a Law,
}

/// One of the people.
pub fn person(who: Who) -> PersonId {
    PersonId(derived_uuid(&format!("person {who}")))
}

impl Scene<'_> {
    /// The orders, each with the day from which it holds; none where the thing can happen to nobody, or is none of ours.
    pub fn orders(&self, what: &What) -> Vec<(Date, Value)> {
        match what {
            What::Claims { who, back } => {
                vec![(self.ago(*back), make_claim(ClaimId(self.fresh("claim")), &[person(*who)]))]
            }
            What::ClaimTogether { back } => {
                vec![(self.ago(*back), make_claim(ClaimId(self.fresh("claim")), &[person(0), person(1)]))]
            }
            What::ChildJoins { who, back } => {
                let child = PersonId(self.fresh("child"));
                let born = json!({"do": "register_person", "person": child, "birth_date": "2018-01-01"});
                let joins = json!({"do": "join_claim", "person": child, "role": "child"});
                let joins = self.about_claim(who, back, &[joins]);
                std::iter::once((self.ago(*back), born)).chain(joins).collect()
            }
            What::Leaves { who, back } => {
                self.about_claim(who, back, &[json!({"do": "leave_claim", "person": person(*who)})])
            }
            What::IsPaidWages { who, pounds, back } => {
                let wage = json!({"do": "report_earnings", "person": person(*who), "paid_on": self.ago(*back),
                    "gross": format!("{pounds}.00"), "tax": "0.00", "national_insurance": "0.00", "pension": "0.00",
                    "frequency": "irregular"});
                vec![(self.ago(*back), wage)]
            }
            What::HasRent { who, pounds, back } => {
                let fact =
                    |key: &str, value: &str| json!({"do": "record_claim_fact", "fact": {"key": key, "value": value}});
                self.about_claim(who, back, &[fact("tenure", "social"), fact("rent", &format!("{pounds}.00"))])
            }
            What::RentGoesToTheLandlord { who, back } => self.about_claim(
                who,
                back,
                &[json!({"do": "record_claim_fact", "fact": {"key": "managed_rent", "value": true}})],
            ),
            What::AllGoesTo { who, back } => {
                let fact = json!({"key": "paid_into", "value": person(*who)});
                self.about_claim(who, back, &[json!({"do": "record_claim_fact", "fact": fact})])
            }
            What::Closes { who, back } => {
                self.about_claim(who, back, &[json!({"do": "close_claim", "reason": "moved"})])
            }
            What::Reopens { who } => self.about_claim(who, &0, &[json!({"do": "reopen_claim", "reason": "stayed"})]),
            What::Dies { who, back } => {
                vec![(self.ago(*back), json!({"do": "record_death", "person": person(*who), "on": self.ago(*back)}))]
            }
            What::IsSanctioned { who, days, back } => {
                let authority =
                    json!({"instrument": "SI 2013/376", "provision": "reg. 104", "confidence": "single_source"});
                let sanction = json!({"do": "impose_sanction", "person": person(*who), "sanction": self.fresh("sanction"),
                    "level": "low", "failure_on": self.ago(*back), "from": self.ago(*back), "days": days, "days_ground": "tribunal",
                    "rate": "full", "authority": authority});
                vec![(self.ago(*back), sanction)]
            }
            What::Owes { who, pounds, per_period } => {
                let debt = self.fresh("debt");
                let owed = json!({"do": "register_debt", "person": person(*who), "debt": debt, "kind": "overpayment",
                    "amount": format!("{pounds}.00")});
                let taken = json!({"do": "set_deduction", "person": person(*who), "debt": debt,
                    "per_period": format!("{per_period}.00")});
                vec![(self.day, owed), (self.day, taken)]
            }
            What::IsHeld { who } => {
                let review_on = self.day.saturating_add(30.days());
                let held = json!({"do": "suspend_payments", "person": person(*who), "ground": "doubt", "review_on": review_on});
                vec![(self.day, held)]
            }
            What::IsHeldNoLonger { who } => {
                vec![(self.day, json!({"do": "resume_payments", "person": person(*who), "reason": "settled"}))]
            }
            What::ChangesAccount { who } => {
                let number = format!("00-00-00 {:08}", self.number);
                let account = json!({"do": "record_account", "person": person(*who), "number": number, "holders": [person(*who)]});
                vec![(self.day, account)]
            }
            What::IsPaidInParts { who, every } => self.fact(*who, "paid_every", json!(every)),
            What::ChoosesDay { who, day } => self.fact(*who, "pay_day", json!(day)),
            What::IsPaidBy { who, channel } => self.fact(*who, "paid_by", json!(channel)),
            What::IsPaidTwice { payment } => {
                let award = |view: &PaymentView| view.kind == PaymentKind::Award && view.status() != "returned";
                let Some((person, view)) = self.nth(*payment, award) else { return Vec::new() };
                let mut again = view.instruction();
                (again.payment, again.kind) = (PaymentId(self.fresh("payment")), PaymentKind::Arrears);
                self.instructed(person, &again)
            }
            What::ComesBack { payment } => {
                let fields = json!({"do": "return_payment", "code": "B", "on": self.day});
                self.about_payment(*payment, |view| view.usable_on().is_some_and(|usable| usable <= self.day), fields)
            }
            What::IsSentAgain { payment, days } => {
                let due_on = self.day.saturating_add(i64::from(*days).days());
                let fields = json!({"do": "reissue_payment", "due_on": due_on, "channel": "faster_payments"});
                self.about_payment(*payment, |view| ["returned", "reissued"].contains(&view.status()), fields)
            }
            What::ArrivesLate { payment, days } => {
                let late =
                    |view: &PaymentView| view.due_on.max(view.instructed_on).saturating_add(i64::from(*days).days());
                let gone = |view: &PaymentView| view.usable_on().is_some();
                let usable_on = self.nth(*payment, gone).map(|(_, view)| late(view));
                let fields = json!({"do": "settle_payment", "usable_on": usable_on});
                self.about_payment(*payment, gone, fields)
            }
            What::IsPaidByHand { who, a_pound } => self.by_hand(person(*who), *a_pound),
            What::IsCalledOff { payment } => {
                let fields = json!({"do": "cancel_payment", "reason": "wrong"});
                self.about_payment(*payment, |view| ["instructed", "reissued"].contains(&view.status()), fields)
            }
            What::Outage { .. }
            | What::DoneAgain { .. }
            | What::IsStopped { .. }
            | What::DoneByTwo { .. }
            | What::SaidAgain { .. }
            | What::NameTaken { .. }
            | What::PayByList { .. }
            | What::GiveUpTheList => Vec::new(),
        }
    }

    fn ago(&self, days: u8) -> Date {
        self.day.saturating_sub(i64::from(days).days())
    }

    pub fn fresh(&self, what: &str) -> uuid::Uuid {
        derived_uuid(&format!("{what} {}", self.number))
    }

    fn fact(&self, who: Who, key: &str, value: Value) -> Vec<(Date, Value)> {
        let fact = json!({"key": key, "value": value});
        vec![(self.day, json!({"do": "record_person_fact", "person": person(who), "fact": fact}))]
    }

    /// Orders about somebody's last claim. Nothing takes effect before its first day.
    pub fn about_claim(&self, who: &Who, back: &u8, orders: &[Value]) -> Vec<(Date, Value)> {
        let last = self.world.person(person(*who)).and_then(|view| view.claims.last());
        let Some((id, claim)) = last.and_then(|id| Some((id, self.world.claim(*id)?))) else { return Vec::new() };
        let from = self.ago(*back).max(claim.entitled_from.unwrap_or(self.day));
        let named = |order: &Value| {
            let mut order = order.clone();
            order["claim"] = json!(id);
            (from, order)
        };
        orders.iter().map(named).collect()
    }

    /// The payment of this number, counted round, among those that it can happen to.
    fn nth(&self, number: usize, fits: impl Fn(&PaymentView) -> bool) -> Option<(PersonId, &PaymentView)> {
        let people = self.world.people();
        let all = people.flat_map(|(person, view)| view.payments.iter().map(move |payment| (person, payment)));
        let mut fitting: Vec<_> = all.filter(|(_, payment)| fits(payment)).collect();
        fitting.sort_by_key(|(person, payment)| (payment.due_on, *person, payment.payee, payment.amount));
        let count = fitting.len();
        fitting.into_iter().nth(number.checked_rem(count)?)
    }

    fn about_payment(
        &self,
        number: usize,
        fits: impl Fn(&PaymentView) -> bool,
        mut order: Value,
    ) -> Vec<(Date, Value)> {
        let Some((person, payment)) = self.nth(number, fits) else { return Vec::new() };
        order["person"] = json!(person);
        order["payment"] = json!(payment.id);
        vec![(self.day, order)]
    }

    /// What the plan of the day would pay somebody, or a pound of it, ordered by hand.
    fn by_hand(&self, person: PersonId, a_pound: bool) -> Vec<(Date, Value)> {
        let planned = daily::payments(Horizon::next_day(self.day), self.world, self.law).into_iter();
        let Some(mut planned) = planned.into_iter().find(|planned| planned.person == person) else { return Vec::new() };
        if a_pound {
            let pound = Amount::new(Money::from_pence(100)).unwrap();
            planned.payment.payment = PaymentId(self.fresh("payment"));
            planned.payment.kind = PaymentKind::Arrears;
            planned.payment.for_days = None;
            planned.payment.lines.truncate(1);
            planned.payment.lines[0].amount = pound;
            planned.payment.amount = pound;
        }
        self.instructed(planned.person, &planned.payment)
    }

    fn instructed(&self, person: PersonId, payment: &PaymentInstructed) -> Vec<(Date, Value)> {
        let order = serde_json::to_value(instruct(person, payment)).unwrap();
        let mut order = order["instruct_payment"].clone();
        order.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        order["do"] = json!("instruct_payment");
        vec![(self.day, order)]
    }
}

fn make_claim(claim: ClaimId, claimants: &[PersonId]) -> Value {
    json!({"do": "make_claim", "claim": claim, "benefit": "uk-universal-credit", "claimants": claimants})
}
