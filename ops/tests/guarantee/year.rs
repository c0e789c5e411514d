//! A generated year on a real ledger: what is told in the mornings, the business of the evenings, and what the bank does.

use jiff::ToSpan;
use jiff::civil::Date;
use ledger::Command;
use ops::business::Business;
use ops::cli::Global;
use ops::desk::Desk;
use ops::rules::RuleSet;
use ops::story::{self, Story};
use projections::payments::derived_uuid;
use projections::views::{MemoryViews, PaymentStep, PaymentView};
use schemas::day::london_hour;
use schemas::events::{Payee, PaymentKind};
use schemas::{PersonId, Recorded};
use serde_json::json;

use crate::lives::{Blow, Dice, FIRST, LAST, Lives};

/// A year that was lived.
pub struct Year {
    pub lives: Lives,
    pub story: Story,
    pub rules: RuleSet,
    pub world: MemoryViews,
    pub history: Vec<Recorded>,
    /// Days on whose evening nothing could be done.
    pub outages: Vec<Date>,
}

impl Year {
    /// Lives a year from its seed.
    pub fn lived(seed: u64) -> Year {
        let lives = Lives::generated(seed);
        let story = story::read("year.yaml", &lives.story()).unwrap();
        let packs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs");
        let global = Global { packs: Some(packs), ..Global::default() };
        let rules = RuleSet::find(&global, "current-law-guaranteed").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut desk = Desk::create(&folder.path().join("year.db")).unwrap();
        let mut dice = Dice::new(seed ^ 0xba4c);
        let outages = outages(&mut dice);
        let mut bank = Bank { dice, due: Vec::new(), blows: Vec::new(), orders: 0 };
        let mut business = Business::open(&mut desk, &rules).unwrap();
        let mut day = FIRST;
        while day <= LAST {
            let commands = bank.commands(day, business.world(), &story);
            business.submit(commands).unwrap();
            business.submit(story.commands(day, business.world()).unwrap()).unwrap();
            if !outages.contains(&day) {
                business.evening(day).unwrap();
            }
            day = day.saturating_add(1.day());
        }
        let world = business.world().clone();
        drop(business);
        let mut history = Vec::new();
        let read = desk.for_each_after(0, |page| {
            history.extend(page);
            Ok(())
        });
        read.unwrap();
        let mut lives = lives;
        lives.blows.extend(bank.blows);
        Year { lives, story, rules, world, history, outages }
    }
}

/// One evening in ten the lights go out, for up to three evenings.
fn outages(dice: &mut Dice) -> Vec<Date> {
    let (mut outages, mut day) = (Vec::new(), FIRST);
    while day <= LAST {
        day = day.saturating_add(dice.from(2, 20).days());
        for _ in 0..dice.from(1, 3) {
            outages.push(day);
            day = day.saturating_add(1.day());
        }
    }
    outages
}

/// What happens to payments after they leave: some come back and are sent again, some arrive late.
struct Bank {
    dice: Dice,
    /// Payments to send again, and when.
    due: Vec<(Date, PersonId, String)>,
    blows: Vec<Blow>,
    orders: usize,
}

impl Bank {
    /// What the bank and the payments desk say on a morning.
    fn commands(&mut self, day: Date, world: &MemoryViews, story: &Story) -> Vec<Command> {
        let mut commands = Vec::new();
        let again: Vec<_> = self.due.iter().filter(|(on, _, _)| *on == day).cloned().collect();
        for (_, person, payment) in again {
            if world.person(person).is_some_and(|view| view.is_suspended(day)) {
                continue; // The ledger would refuse it: what they live on meanwhile are top-ups.
            }
            let due_on = day.saturating_add(1.day());
            commands.push(self.command(
                day,
                json!({"do": "reissue_payment", "person": person, "payment": payment, "due_on": due_on.to_string(), "channel": "faster_payments"}),
            ));
        }
        for (person, view) in world.people() {
            let fresh = view.payments.iter().filter(|payment| {
                let left =
                    matches!(payment.steps.last().map(|progress| &progress.step), Some(PaymentStep::Released(..)));
                left && payment.usable_on().is_some_and(|on| on.tomorrow().unwrap() == day)
            });
            let fresh: Vec<PaymentView> = fresh.cloned().collect();
            for payment in fresh {
                commands.extend(self.fate(day, person, &payment, story));
            }
        }
        commands
    }

    /// One in twelve is lost for two days or more, one in twelve is a day or two late.
    fn fate(&mut self, day: Date, person: PersonId, payment: &PaymentView, story: &Story) -> Option<Command> {
        let due = payment.usable_on()?;
        let id = payment.id.to_string();
        let (what, order) = if self.dice.once_in(12) {
            if payment.kind != PaymentKind::TopUp {
                let after = self.dice.from(1, 6);
                self.due.push((day.saturating_add(after.days()), person, id.clone()));
            }
            let on = day.to_string();
            ("returned", json!({"do": "return_payment", "person": person, "payment": id, "code": "0", "on": on}))
        } else if self.dice.once_in(12) {
            let usable = day.saturating_add(self.dice.from(0, 2).days());
            let usable_on = usable.to_string();
            ("late", json!({"do": "settle_payment", "person": person, "payment": id, "usable_on": usable_on}))
        } else {
            return None;
        };
        let Payee::Person(payee) = payment.payee else { return None };
        let names = story_names(story, &[&[person, payee], &payment.account_holders[..]].concat());
        self.blows.push(Blow { what, names, from: due, received: day });
        Some(self.command(day, order))
    }

    fn command(&mut self, day: Date, mut fields: serde_json::Value) -> Command {
        self.orders += 1;
        let id = derived_uuid(&format!("bank {}", self.orders));
        fields["id"] = id.to_string().into();
        fields["actor"] = "bank".into();
        fields["time"] = london_hour(day, 8).to_string().into();
        fields["effective_from"] = day.to_string().into();
        Command::from_json(&fields.to_string()).unwrap()
    }
}

/// The names by which a story calls people.
fn story_names(story: &Story, people: &[PersonId]) -> Vec<String> {
    let letters = ["a", "b", "c", "d", "g"];
    let names = letters.iter().flat_map(|letter| (0..7).map(move |home| format!("{letter}{home}")));
    names.filter(|name| people.contains(&story.person(name))).collect()
}
