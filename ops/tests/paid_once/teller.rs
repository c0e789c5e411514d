//! Tells a history on a ledger: what is recorded in the mornings, the business of the evenings, and what goes wrong
//! meanwhile. After every evening the laws of the statement are checked on the raw events.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use ledger::Command;
use ledger::contract::block_on;
use ledger::store::Reader;
use ledger::write::recorded;
use ops::business::{Business, Evening, instruct};
use ops::cli::Global;
use ops::rules::RuleSet;
use projections::payments::derived_uuid;
use projections::views::{MemoryViews, PaymentView};
use projections::{arrears, daily};
use schemas::day::london_hour;
use schemas::events::PaymentKind;
use schemas::{Amount, ClaimId, CommandId, Money, PaymentId, PersonId};
use serde_json::{Value, json};

use crate::faults::{Home, Shared, Trouble, Unreliable};
use crate::statement::{Difference, Statement};
use crate::story::{Story, What, Who};

/// Evenings after the last thing that happens: every period then decided is paid within them.
const QUIET: i64 = 45;

static LAW: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let packs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs");
    let global = Global { store: "sqlite:unused.db".parse().unwrap(), format: None, packs: Some(packs) };
    Arc::new(RuleSet::find(&global, "current-law").unwrap())
});

/// What a history came to.
#[derive(Debug)]
pub struct Told {
    /// Every payment, however it is named.
    pub paid: Vec<String>,
    /// What was ordered and refused, by day.
    pub refused: Vec<String>,
}

/// Tells a history; without trouble, nothing of what must make no difference happens.
///
/// # Errors
/// The law that was broken, and when.
pub fn tell<H: Home>(home: H, story: &Story, with_trouble: bool) -> Result<Told, String> {
    let home = Arc::new(home);
    let mut teller = Teller::new(Arc::clone(&home), story, with_trouble);
    while teller.day <= teller.last {
        let mut desk = home.desk(&teller.trouble);
        let mut business = Business::open(&mut desk, &LAW).map_err(|e| e.to_string())?;
        let told = teller.go_on(&mut business);
        told.map_err(|why| format!("{}: {why}\nrefused: {:#?}", teller.day, teller.refused))?;
    }
    Ok(Told { paid: teller.statement.paid(), refused: teller.refused })
}

struct Teller<H: Home> {
    home: Arc<H>,
    reader: Arc<H::Store>,
    trouble: Shared,
    steps: VecDeque<(Date, What)>,
    day: Date,
    last: Date,
    /// Evenings before this day are not done, for want of a machine.
    out_until: Date,
    /// The first evening that was not done.
    behind: Option<Date>,
    /// Orders given so far, and those that were accepted.
    orders: u32,
    accepted: Vec<Command>,
    refused: Vec<String>,
    /// What is wrong with the evening of the day.
    stopped_after: Option<usize>,
    two_at: Option<usize>,
    statement: Statement,
}

impl<H: Home> Teller<H> {
    fn new(home: Arc<H>, story: &Story, with_trouble: bool) -> Teller<H> {
        let steps = story.steps.iter().filter(|step| with_trouble || !step.what.is_trouble());
        let steps = steps.map(|step| (story.day_of(step), step.what.clone())).collect();
        let last = story.last_day().saturating_add(QUIET.days());
        Teller {
            reader: home.store(),
            home,
            trouble: Shared::default(),
            steps,
            day: story.begins,
            last,
            out_until: story.begins,
            behind: None,
            orders: 0,
            accepted: Vec::new(),
            refused: Vec::new(),
            stopped_after: None,
            two_at: None,
            statement: Statement::default(),
        }
    }

    /// Tells days until the last, or until the process is stopped: then it is opened again and goes on with the evening.
    fn go_on(&mut self, business: &mut Business<'_, Unreliable<H::Store>>) -> Result<(), String> {
        if self.statement.position == 0 {
            for who in 0..3 {
                let fields = json!({"do": "register_person", "person": person(who), "birth_date": "1990-01-01"});
                self.order(business, self.day, fields)?;
            }
        }
        while self.day <= self.last {
            while let Some((_, what)) = self.steps.pop_front_if(|(day, _)| *day == self.day) {
                self.morning(business, &what)?;
            }
            if self.day == self.last.saturating_add((10 - QUIET).days()) {
                self.resume_everybody(business)?;
            }
            if self.day < self.out_until {
                self.behind.get_or_insert(self.day);
            } else if !self.evening(business)? {
                return Ok(());
            }
            self.day = self.day.saturating_add(1.day());
        }
        self.nothing_is_left(business)
    }

    /// The business of the evening, with what goes wrong in it; whether the process is still there.
    fn evening(&mut self, business: &mut Business<'_, Unreliable<H::Store>>) -> Result<bool, String> {
        if let Some(after) = self.stopped_after.take() {
            self.trouble.set(Trouble::Stop { after });
        } else if let Some(appends) = self.two_at.take() {
            let (home, day) = (Arc::clone(&self.home), self.day);
            let act = move || {
                let mut desk = home.desk(&Shared::default());
                let mut other = Business::open(&mut desk, &LAW).unwrap();
                other.evening(day).unwrap();
            };
            self.trouble.set(Trouble::Meanwhile { appends, act: Box::new(act) });
        }
        let mut days = self.behind.unwrap_or(self.day);
        while days <= self.day {
            let done = business.evening(days);
            let stopped = self.trouble.is_stopped();
            match done {
                Ok(evening) => self.no_name_was_taken(&evening)?,
                Err(_) if stopped => {}
                Err(error) => return Err(format!("the business of {days} failed: {error}")),
            }
            if stopped {
                self.trouble.set(Trouble::None);
                self.laws()?;
                return Ok(false);
            }
            days = days.saturating_add(1.day());
        }
        self.trouble.set(Trouble::None);
        self.behind = None;
        self.laws()?;
        Ok(true)
    }

    fn no_name_was_taken(&self, evening: &Evening) -> Result<(), String> {
        let taken = evening.problems.iter().find(|(_, why)| why.contains("submitted before with other content"));
        taken.map_or(Ok(()), |(who, why)| Err(format!("{who}: {why}")))
    }

    /// Every event since, held against the laws.
    fn laws(&mut self) -> Result<(), String> {
        let mut reader = Reader::after(&*self.reader, self.statement.position);
        loop {
            let page = block_on(reader.next(1_000)).map_err(|e| e.to_string())?;
            if page.is_empty() {
                return Ok(());
            }
            for stored in &page {
                self.statement.take(&recorded(stored).map_err(|e| e.to_string())?)?;
            }
        }
    }

    /// When all is quiet, everything due is paid, or the program says that it is not; and running again does nothing.
    fn nothing_is_left(&mut self, business: &mut Business<'_, Unreliable<H::Store>>) -> Result<(), String> {
        let before = self.statement.paid();
        let evening = business.evening(self.last).map_err(|e| e.to_string())?;
        let from = self.last.saturating_sub(90.days());
        let mut day = business.first_day().unwrap_or(from).max(from);
        while day <= self.last {
            business.evening(day).map_err(|e| e.to_string())?;
            day = day.saturating_add(1.day());
        }
        self.laws()?;
        let again = self.statement.paid();
        if before != again {
            return Err(format!("running again changed {before:#?} to {again:#?}"));
        }
        let overpaid = arrears::overpaid(business.world(), &LAW.law);
        for missing in self.statement.differences(self.last) {
            let Difference { claim, periods, whose, due, paid, excused } = &missing;
            let said = overpaid
                .iter()
                .filter(|said| (said.claim, said.person) == (*claim, *whose) && periods.contains(&said.period));
            let said: Money = said.map(|said| said.amount).sum();
            // The whole of what was paid in part by hand is refused every evening, and that is said.
            let refused = evening.problems.iter().any(|(who, _)| who.contains(&whose.to_string()));
            let accounted = if paid < due { excused.is_some() || refused } else { said == *paid - *due };
            if !accounted {
                return Err(format!(
                    "{missing:?} is neither paid nor said; said is {overpaid:?} {:?}",
                    evening.problems
                ));
            }
        }
        for (claim, first, last) in self.statement.undecided(self.last) {
            let said = evening.problems.iter().any(|(who, _)| who.contains(&claim.to_string()));
            if !said {
                return Err(format!("{first} to {last} of claim {claim} is neither decided nor is it said why not"));
            }
        }
        match self.statement.never_left(self.last).as_slice() {
            [] => Ok(()),
            left => Err(format!("{left:?} were ordered and never left")),
        }
    }

    fn resume_everybody(&mut self, business: &mut Business<'_, Unreliable<H::Store>>) -> Result<(), String> {
        let held = |who: &Who| business.world().person(person(*who)).is_some_and(|view| view.is_suspended(self.day));
        let held: Vec<Who> = (0..3).filter(held).collect();
        held.into_iter().try_for_each(|who| {
            self.order(business, self.day, json!({"do": "resume_payments", "person": person(who), "reason": "settled"}))
        })
    }

    fn morning(&mut self, business: &mut Business<'_, Unreliable<H::Store>>, what: &What) -> Result<(), String> {
        let day = self.day;
        let world = business.world();
        let ago = |back: &u8| day.saturating_sub(i64::from(*back).days());
        let claim = |who: &Who| last_claim(world, person(*who));
        // Nothing takes effect before the first day of the claim.
        let within = |claim: ClaimId, back: &u8| {
            ago(back).max(world.claim(claim).and_then(|claim| claim.entitled_from).unwrap_or(day))
        };
        let about_claim = |who: &Who, back: &u8, fields: &[Value]| -> Vec<(Date, Value)> {
            let Some(claim) = claim(who) else { return Vec::new() };
            let named = |fields: &Value| {
                let mut fields = fields.clone();
                fields["claim"] = json!(claim);
                (within(claim, back), fields)
            };
            fields.iter().map(named).collect()
        };
        let fresh = |what: &str| derived_uuid(&format!("{what} {}", self.orders));
        let orders: Vec<(Date, Value)> = match what {
            What::Claims { who, back } => {
                vec![(ago(back), make_claim(ClaimId(fresh("claim")), &[person(*who)]))]
            }
            What::ClaimTogether { back } => {
                vec![(ago(back), make_claim(ClaimId(fresh("claim")), &[person(0), person(1)]))]
            }
            What::ChildJoins { who, back } => {
                let child = PersonId(fresh("child"));
                let born = json!({"do": "register_person", "person": child, "birth_date": "2018-01-01"});
                let joins = json!({"do": "join_claim", "person": child, "role": "child"});
                let joins = about_claim(who, back, &[joins]);
                std::iter::once((ago(back), born)).chain(joins).collect()
            }
            What::Leaves { who, back } => {
                about_claim(who, back, &[json!({"do": "leave_claim", "person": person(*who)})])
            }
            What::IsPaidWages { who, pounds, back } => {
                let wage = json!({"do": "report_earnings", "person": person(*who), "paid_on": ago(back),
                    "gross": format!("{pounds}.00"), "tax": "0.00", "national_insurance": "0.00", "pension": "0.00",
                    "frequency": "irregular"});
                vec![(ago(back), wage)]
            }
            What::HasRent { who, pounds, back } => {
                let fact =
                    |key: &str, value: &str| json!({"do": "record_claim_fact", "fact": {"key": key, "value": value}});
                about_claim(who, back, &[fact("tenure", "social"), fact("rent", &format!("{pounds}.00"))])
            }
            What::RentGoesToTheLandlord { who, back } => about_claim(
                who,
                back,
                &[json!({"do": "record_claim_fact", "fact": {"key": "managed_rent", "value": true}})],
            ),
            What::AllGoesTo { who, back } => {
                let fact = json!({"key": "paid_into", "value": person(*who)});
                about_claim(who, back, &[json!({"do": "record_claim_fact", "fact": fact})])
            }
            What::Closes { who, back } => about_claim(who, back, &[json!({"do": "close_claim", "reason": "moved"})]),
            What::Reopens { who } => about_claim(who, &0, &[json!({"do": "reopen_claim", "reason": "stayed"})]),
            What::Dies { who, back } => {
                vec![(ago(back), json!({"do": "record_death", "person": person(*who), "on": ago(back)}))]
            }
            What::IsSanctioned { who, days, back } => {
                let authority =
                    json!({"instrument": "SI 2013/376", "provision": "reg. 104", "confidence": "single_source"});
                let sanction = json!({"do": "impose_sanction", "person": person(*who), "sanction": fresh("sanction"),
                    "level": "low", "failure_on": ago(back), "from": ago(back), "days": days, "days_ground": "tribunal",
                    "rate": "full", "authority": authority});
                vec![(ago(back), sanction)]
            }
            What::Owes { who, pounds, per_period } => {
                let debt = fresh("debt");
                let owed = json!({"do": "register_debt", "person": person(*who), "debt": debt, "kind": "overpayment",
                    "amount": format!("{pounds}.00")});
                let taken = json!({"do": "set_deduction", "person": person(*who), "debt": debt,
                    "per_period": format!("{per_period}.00")});
                vec![(day, owed), (day, taken)]
            }
            What::IsHeld { who } => {
                let review_on = day.saturating_add(30.days());
                let held = json!({"do": "suspend_payments", "person": person(*who), "ground": "doubt", "review_on": review_on});
                vec![(day, held)]
            }
            What::IsHeldNoLonger { who } => {
                vec![(day, json!({"do": "resume_payments", "person": person(*who), "reason": "settled"}))]
            }
            What::ChangesAccount { who } => {
                let number = format!("00-00-00 {:08}", self.orders);
                let account = json!({"do": "record_account", "person": person(*who), "number": number, "holders": [person(*who)]});
                vec![(day, account)]
            }
            What::ComesBack { payment } => {
                let fields = json!({"do": "return_payment", "code": "B", "on": day});
                about_payment(world, *payment, |view| view.usable_on().is_some_and(|usable| usable <= day), day, fields)
            }
            What::IsSentAgain { payment, days } => {
                let due_on = day.saturating_add(i64::from(*days).days());
                let fields = json!({"do": "reissue_payment", "due_on": due_on, "channel": "faster_payments"});
                about_payment(world, *payment, |view| view.status() == "returned", day, fields)
            }
            What::ArrivesLate { payment, days } => {
                let late =
                    |view: &PaymentView| view.due_on.max(view.instructed_on).saturating_add(i64::from(*days).days());
                let gone = |view: &PaymentView| view.usable_on().is_some();
                let usable_on = nth(world, *payment, gone).map(|(_, view)| late(view));
                let fields = json!({"do": "settle_payment", "usable_on": usable_on});
                about_payment(world, *payment, gone, day, fields)
            }
            What::IsPaidByHand { who, a_pound } => by_hand(world, day, person(*who), *a_pound, fresh("payment")),
            What::IsCalledOff { payment } => {
                let fields = json!({"do": "cancel_payment", "reason": "wrong"});
                about_payment(world, *payment, |view| view.steps.is_empty(), day, fields)
            }
            What::Outage { days } => {
                self.out_until = day.saturating_add(i64::from(*days).days());
                Vec::new()
            }
            What::DoneAgain { days } => {
                self.behind = Some(ago(days).max(business.first_day().unwrap_or(day)));
                Vec::new()
            }
            What::IsStopped { after } => {
                self.stopped_after = Some(*after);
                Vec::new()
            }
            What::DoneByTwo { append } => {
                self.two_at = Some(*append);
                Vec::new()
            }
            What::SaidAgain { command } => return self.said_again(business, *command),
            What::NameTaken { command } => return self.name_taken(business, *command),
        };
        orders.into_iter().try_for_each(|(from, fields)| self.order(business, from, fields))
    }

    /// Gives an order; one that is refused changes nothing.
    fn order(
        &mut self,
        business: &mut Business<'_, Unreliable<H::Store>>,
        from: Date,
        mut fields: Value,
    ) -> Result<(), String> {
        self.orders += 1;
        fields["id"] = json!(CommandId(derived_uuid(&format!("order {}", self.orders))));
        fields["actor"] = json!("caseworker:demo");
        fields["time"] = json!(self.now().to_string());
        fields["effective_from"] = json!(from);
        let command = Command::from_json(&fields.to_string()).map_err(|e| format!("{fields}: {e}"))?;
        match business.submit(vec![command.clone()]) {
            Ok(()) => self.accepted.push(command),
            Err(why) => self.refused.push(format!("{} {fields}: {why}", self.day)),
        }
        self.laws()
    }

    fn now(&self) -> jiff::Timestamp {
        london_hour(self.day, 10).saturating_add(SignedDuration::from_secs(i64::from(self.orders))).unwrap()
    }

    fn said_again(&mut self, business: &mut Business<'_, Unreliable<H::Store>>, nth: usize) -> Result<(), String> {
        let Some(command) = self.accepted.iter().rev().cycle().nth(nth).cloned() else { return Ok(()) };
        let (before, time) = (self.statement.position, self.now());
        business.submit(vec![Command { time, ..command }]).map_err(|e| format!("said again and refused: {e}"))?;
        self.laws()?;
        if self.statement.position == before { Ok(()) } else { Err("a command said again did something".into()) }
    }

    fn name_taken(&mut self, business: &mut Business<'_, Unreliable<H::Store>>, nth: usize) -> Result<(), String> {
        let Some(command) = self.accepted.iter().rev().cycle().nth(nth).cloned() else { return Ok(()) };
        let (before, time) = (self.statement.position, self.now());
        let other = Command { time, actor: "caseworker:other".into(), ..command };
        let answer = business.submit(vec![other]);
        self.laws()?;
        let refused = answer.is_err_and(|why| why.to_string().contains("submitted before with other content"));
        if refused && self.statement.position == before { Ok(()) } else { Err("a name was used twice".into()) }
    }
}

/// One of the people.
fn person(who: Who) -> PersonId {
    PersonId(derived_uuid(&format!("person {who}")))
}

fn make_claim(claim: ClaimId, claimants: &[PersonId]) -> Value {
    json!({"do": "make_claim", "claim": claim, "benefit": "uk-universal-credit", "claimants": claimants})
}

fn last_claim(world: &MemoryViews, person: PersonId) -> Option<ClaimId> {
    world.person(person)?.claims.last().copied()
}

/// The payment of this number, counted round, among those that it can happen to.
fn nth(world: &MemoryViews, number: usize, fits: impl Fn(&PaymentView) -> bool) -> Option<(PersonId, &PaymentView)> {
    let all = world.people().flat_map(|(person, view)| view.payments.iter().map(move |payment| (person, payment)));
    let mut fitting: Vec<_> = all.filter(|(_, payment)| fits(payment)).collect();
    fitting.sort_by_key(|(person, payment)| (payment.due_on, *person, payment.payee, payment.amount));
    let count = fitting.len();
    fitting.into_iter().nth(number.checked_rem(count)?)
}

fn about_payment(
    world: &MemoryViews,
    number: usize,
    fits: impl Fn(&PaymentView) -> bool,
    day: Date,
    mut fields: Value,
) -> Vec<(Date, Value)> {
    let Some((person, payment)) = nth(world, number, fits) else { return Vec::new() };
    fields["person"] = json!(person);
    fields["payment"] = json!(payment.id);
    vec![(day, fields)]
}

/// What the plan of the day would pay somebody, or a pound of it, ordered by hand.
fn by_hand(world: &MemoryViews, day: Date, person: PersonId, a_pound: bool, id: uuid::Uuid) -> Vec<(Date, Value)> {
    let planned = daily::payments(day, world, &LAW.law).into_iter().find(|planned| planned.person == person);
    let Some(mut planned) = planned else { return Vec::new() };
    if a_pound {
        let pound = Amount::new(Money::from_pence(100)).unwrap();
        planned.payment.payment = PaymentId(id);
        planned.payment.kind = PaymentKind::Arrears;
        planned.payment.for_days = None;
        planned.payment.lines.truncate(1);
        planned.payment.lines[0].amount = pound;
        planned.payment.amount = pound;
    }
    let command = instruct(planned.person, &planned.payment);
    let Value::Object(fields) = serde_json::to_value(&command).unwrap() else { return Vec::new() };
    let Some(Value::Object(mut fields)) = fields.into_iter().next().map(|(_, fields)| fields) else {
        return Vec::new();
    };
    fields.retain(|_, value| !value.is_null());
    fields.insert("do".into(), json!("instruct_payment"));
    vec![(day, Value::Object(fields))]
}
