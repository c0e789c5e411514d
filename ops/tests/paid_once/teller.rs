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
use ops::business::{Business, Evening};
use ops::cli::Global;
use ops::rules::RuleSet;
use projections::arrears;
use projections::payments::derived_uuid;
use schemas::day::london_hour;
use schemas::{CommandId, Money};
use serde_json::{Value, json};

use crate::faults::{Home, Shared, Trouble, Unreliable};
use crate::lists::{self, Next};
use crate::orders::{Scene, person};
use crate::outstanding::Difference;
use crate::statement::Statement;
use crate::story::{ListTrouble, Story, What, Who};
use crate::walked::Walked;

/// Evenings after the last thing that happens: every period then decided is paid within them.
const QUIET: i64 = 45;

pub static LAW: LazyLock<RuleSet> = LazyLock::new(|| rulebook("current-law"));

pub static GUARANTEED: LazyLock<RuleSet> = LazyLock::new(|| rulebook("current-law-guaranteed"));

fn rulebook(name: &str) -> RuleSet {
    let packs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs");
    let global = Global { packs: Some(packs), ..Global::default() };
    RuleSet::find(&global, name).unwrap()
}

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
        let mut business = Business::open(&mut desk, teller.rules).map_err(|e| e.to_string())?;
        let told = teller.go_on(&mut business);
        told.map_err(|why| format!("{}: {why}\nrefused: {:#?}", teller.day, teller.refused))?;
    }
    Ok(Told { paid: teller.statement.paid(), refused: teller.refused })
}

struct Teller<H: Home> {
    home: Arc<H>,
    rules: &'static RuleSet,
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
    /// Steps that people are still to do with lists before the evening's business, and what goes wrong.
    /// The step in which the process was stopped is done again.
    lists: VecDeque<(u8, ListTrouble, Option<Next>)>,
    with_trouble: bool,
    statement: Statement,
    walked: Walked,
}

impl<H: Home> Teller<H> {
    fn new(home: Arc<H>, story: &Story, with_trouble: bool) -> Teller<H> {
        let steps = story.steps.iter().filter(|step| with_trouble || !step.what.is_trouble());
        let steps = steps.map(|step| (story.day_of(step), step.what.clone())).collect();
        let last = story.last_day().saturating_add(QUIET.days());
        Teller {
            reader: home.store(),
            home,
            rules: if story.guaranteed { &GUARANTEED } else { &LAW },
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
            lists: VecDeque::new(),
            with_trouble,
            statement: Statement::default(),
            walked: Walked::default(),
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
            while self.steps.front().is_some_and(|(day, _)| *day == self.day) {
                let what = self.steps.pop_front().map(|(_, what)| what);
                what.into_iter().try_for_each(|what| self.morning(business, &what))?;
            }
            if self.day == self.last.saturating_add((10 - QUIET).days()) {
                self.resume_everybody(business)?;
                self.lists.clear();
                let out = self.home.vault().with_file_name("out");
                lists::give_up(business, self.day, &out).map_err(|e| e.to_string())?;
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
        if !self.people_pay(business)? {
            return Ok(false);
        }
        if let Some(after) = self.stopped_after.take() {
            self.trouble.set(Trouble::Stop { after });
        } else if let Some(appends) = self.two_at.take() {
            self.trouble.set(self.other_evening(appends));
        }
        let mut days = self.behind.unwrap_or(self.day);
        while days <= self.day {
            if self.with_trouble {
                self.walked.turn_to(days, self.rules)?;
            }
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

    /// What people do by lists before the evening's business; whether the process is still there.
    fn people_pay(&mut self, business: &mut Business<'_, Unreliable<H::Store>>) -> Result<bool, String> {
        let (out, day, rules) = (self.home.vault().with_file_name("out"), self.day, self.rules);
        while let Some((steps, trouble, begun)) = self.lists.pop_front() {
            let next = begun.unwrap_or_else(|| lists::next(business));
            match trouble {
                ListTrouble::Stopped { after } if self.with_trouble => self.trouble.set(Trouble::Stop { after }),
                ListTrouble::ByTwo { append } if self.with_trouble => {
                    let (home, out) = (Arc::clone(&self.home), out.clone());
                    let act = move || {
                        let mut desk = home.desk(&Shared::default());
                        let mut other = Business::open(&mut desk, rules).unwrap();
                        lists::act(&mut other, day, next, &out).unwrap();
                    };
                    self.trouble.set(Trouble::Meanwhile { appends: append, act: Box::new(act) })
                }
                ListTrouble::Evening { append } => self.trouble.set(self.other_evening(append)),
                ListTrouble::None | ListTrouble::Stopped { .. } | ListTrouble::ByTwo { .. } => Trouble::None,
            };
            let done = lists::act(business, day, next, &out);
            let (stopped, left) = (self.trouble.is_stopped(), self.trouble.set(Trouble::None));
            self.laws()?;
            if stopped {
                self.lists.push_front((steps, ListTrouble::None, Some(next)));
                return Ok(false);
            }
            done.or_else(|why| if is_too_late(&why.to_string()) { Ok(()) } else { Err(format!("{next:?}: {why}")) })?;
            if steps > 1 {
                self.lists.push_front((steps - 1, still(trouble, &left), None));
            }
        }
        Ok(true)
    }

    /// Somebody else does the business of the evening.
    fn other_evening(&self, appends: usize) -> Trouble {
        let (home, day, rules) = (Arc::clone(&self.home), self.day, self.rules);
        let act = move || {
            let mut desk = home.desk(&Shared::default());
            Business::open(&mut desk, rules).unwrap().evening(day).unwrap();
        };
        Trouble::Meanwhile { appends, act: Box::new(act) }
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
                let event = recorded(stored).map_err(|e| e.to_string())?;
                self.statement.take(&event)?;
                self.walked.take(&event);
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
        let overpaid = arrears::overpaid(business.world(), &self.rules.law);
        for missing in self.statement.differences(self.last) {
            let Difference { claim, periods, whose, due, paid, excused } = &missing;
            let said = overpaid
                .iter()
                .filter(|said| (said.claim, said.person) == (*claim, *whose) && periods.contains(&said.period));
            let said: Money = said.map(|said| said.amount).sum();
            let accounted = if paid < due { excused.is_some() } else { said == *paid - *due };
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
        let ago = |days: u8| self.day.saturating_sub(i64::from(days).days());
        if let What::Outage { days } = what {
            self.out_until = self.day.saturating_add(i64::from(*days).days());
        } else if let What::DoneAgain { days } = what {
            self.behind = Some(ago(*days).max(business.first_day().unwrap_or(self.day)));
        } else if let What::IsStopped { after } = what {
            self.stopped_after = Some(*after);
        } else if let What::DoneByTwo { append } = what {
            self.two_at = Some(*append);
        } else if let What::PayByList { steps, trouble } = what {
            self.lists.push_back((*steps, *trouble, None));
        } else if let What::GiveUpTheList = what {
            let out = self.home.vault().with_file_name("out");
            lists::give_up(business, self.day, &out).map_err(|e| e.to_string())?;
        } else if let What::SaidAgain { command } = what {
            return self.said_again(business, *command);
        } else if let What::NameTaken { command } = what {
            return self.name_taken(business, *command);
        }
        let scene = Scene { day: self.day, number: self.orders, world: business.world(), law: &self.rules.law };
        scene.orders(what).into_iter().try_for_each(|(from, fields)| self.order(business, from, fields))
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

/// Whether an operator is told that somebody was faster, or that their list has to wait for another.
fn is_too_late(why: &str) -> bool {
    ["was approved before", "were written before", "was abandoned", "approved run", "release it first"]
        .iter()
        .any(|words| why.contains(words))
}

/// What may still go wrong in the next step: what has not happened yet.
fn still(trouble: ListTrouble, left: &Trouble) -> ListTrouble {
    match (trouble, left) {
        (ListTrouble::Stopped { .. }, Trouble::Stop { after }) => ListTrouble::Stopped { after: *after },
        (ListTrouble::ByTwo { .. }, Trouble::Meanwhile { appends, .. }) => ListTrouble::ByTwo { append: *appends },
        (ListTrouble::Evening { .. }, Trouble::Meanwhile { appends, .. }) => ListTrouble::Evening { append: *appends },
        (
            ListTrouble::None | ListTrouble::Stopped { .. } | ListTrouble::ByTwo { .. } | ListTrouble::Evening { .. },
            Trouble::None | Trouble::Stop { .. } | Trouble::Stopped | Trouble::Meanwhile { .. },
        ) => ListTrouble::None,
    }
}
