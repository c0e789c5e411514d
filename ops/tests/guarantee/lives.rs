//! Generated homes and what befalls them in a year: the same for the same seed.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The first day on which anything happens.
pub const FIRST: Date = date(2026, 1, 12);
/// The last day that is lived.
pub const LAST: Date = date(2027, 1, 11);

/// Numbers that are the same for the same seed (splitmix64, Steele, Lea and Flood 2014).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from one to another, both included.
    pub fn from(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.roll() % u64::try_from(most - least + 1).unwrap()).unwrap()
    }

    /// Whether something that happens once in so many times happens.
    pub fn once_in(&mut self, times: i64) -> bool {
        self.from(1, times) == 1
    }

    fn day(&mut self, first: i64, last: i64) -> Date {
        FIRST.saturating_add(self.from(first, last).days())
    }
}

/// Somebody of a home, as the floor looks at them.
pub struct Person {
    pub name: String,
    /// What a day needs, in pence of 31 days (a month's amount over 31), from each day on.
    pub floor: Vec<(Date, i64)>,
    /// Who carries a child's floor, from each day on.
    pub carer: Vec<(Date, String)>,
    /// First and last of the days on which there is an award that covers them.
    pub covered: Vec<(Date, Date)>,
}

impl Person {
    /// Whose purse they live off on a day.
    pub fn purse(&self, day: Date) -> &str {
        self.carer.iter().rfind(|(from, _)| *from <= day).map_or(&self.name, |(_, carer)| carer)
    }
}

/// A fact that can leave somebody short: for which days it matters, and when it was received.
pub struct Blow {
    pub what: &'static str,
    pub names: Vec<String>,
    pub from: Date,
    pub received: Date,
}

/// What is told of a year before it is lived.
#[derive(Default)]
pub struct Lives {
    /// Steps of a story.
    pub steps: Vec<(Date, String)>,
    pub people: Vec<Person>,
    pub blows: Vec<Blow>,
}

/// A month's floor over 31 days, in pence: 12.00 a day alone and 9.00 as one of a couple, and the child's 303.94.
const ALONE: i64 = 31 * 1_200;
const ONE_OF_TWO: i64 = 31 * 900;
const CHILD: i64 = 30_394;

impl Lives {
    pub fn generated(seed: u64) -> Lives {
        let mut dice = Dice::new(seed);
        let mut lives = Lives::default();
        for home in 0..7 {
            lives.home(home, &mut dice);
        }
        lives.steps.sort_by_key(|(day, _)| *day);
        lives
    }

    /// The year as the text of a story.
    pub fn story(&self) -> String {
        let steps: String = self.steps.iter().map(|(day, step)| format!("  - {{day: {day}, {step}}}\n")).collect();
        let head = "title: t\ntells: t\nsource: generated\ndemo: false\nexpect: {person: a0}\nsteps:\n";
        format!("{head}{steps}")
    }

    fn home(&mut self, home: usize, dice: &mut Dice) {
        let claimed = dice.day(0, 60);
        let (a, b, claim) = (format!("a{home}"), format!("b{home}"), format!("claim{home}"));
        let couple = matches!(home, 3 | 4);
        self.adult(&a, claimed);
        let mut adults = vec![a.clone()];
        if couple {
            self.adult(&b, claimed);
            adults.push(b.clone());
        }
        let claimants = adults.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ");
        self.step(
            claimed,
            format!("do: make_claim, claim: ${claim}, benefit: uk-universal-credit, claimants: [{claimants}]"),
        );
        self.blow("claim", &adults, claimed, claimed);
        for name in &adults {
            let needs = if couple { ONE_OF_TWO } else { ALONE };
            self.person(name, vec![(claimed, needs)], None, (claimed, LAST));
        }
        match home {
            1 => self.weekly_worker(&a, claimed, dice),
            2 => self.zero_hours_worker(&a, claimed, dice),
            3 => {
                self.joint_account(&a, &b, claimed);
                self.separation(home, &a, &b, dice);
            }
            4 => {
                self.monthly_worker(&b, claimed, dice);
                self.paid_to_one(&a, &claim, dice);
            }
            5 => self.children(home, &a, &claim, claimed, dice),
            6 => self.closure(&a, &claim, dice),
            _ => {}
        }
        if dice.once_in(2) {
            self.debt(&a, claimed, dice);
        }
        self.sanctions(&a, claimed, dice);
        if dice.once_in(2) {
            self.suspension(&a, dice);
        }
    }

    fn adult(&mut self, name: &str, day: Date) {
        self.step(day, format!("do: register_person, person: ${name}, birth_date: 1990-01-01"));
    }

    fn person(&mut self, name: &str, floor: Vec<(Date, i64)>, carer: Option<String>, covered: (Date, Date)) {
        let carer = carer.into_iter().map(|carer| (floor[0].0, carer)).collect();
        self.people.push(Person { name: name.into(), floor, carer, covered: vec![covered] });
    }

    fn weekly_worker(&mut self, name: &str, claimed: Date, dice: &mut Dice) {
        let usual = dice.from(4_000, 12_000);
        let mut on = claimed.saturating_add(dice.from(3, 20).days());
        while on <= LAST {
            // One week in nine nothing comes: nobody can know before the day.
            if dice.once_in(9) {
                self.blow("no wage", &[name.to_string()], on, on);
            } else {
                self.wage(name, on, usual, "weekly");
            }
            on = on.saturating_add(7.days());
        }
    }

    fn zero_hours_worker(&mut self, name: &str, claimed: Date, dice: &mut Dice) {
        let mut on = claimed.saturating_add(dice.from(3, 20).days());
        while on <= LAST {
            let pay = dice.from(1_500, 30_000);
            self.wage(name, on, pay, "irregular");
            on = on.saturating_add(dice.from(2, 25).days());
        }
    }

    fn monthly_worker(&mut self, name: &str, claimed: Date, dice: &mut Dice) {
        let (first, usual) = (claimed.saturating_add(dice.from(3, 30).days()), dice.from(30_000, 90_000));
        for month in 0..12 {
            let on = first.saturating_add(month.months());
            if on <= LAST {
                self.wage(name, on, usual, "monthly");
            }
        }
    }

    fn wage(&mut self, name: &str, on: Date, net: i64, frequency: &str) {
        let net = pounds(net);
        self.step(on, format!("do: report_earnings, person: ${name}, paid_on: {on}, gross: {net}, tax: 0.00, national_insurance: 0.00, pension: 0.00, frequency: {frequency}, employment: job"));
    }

    /// A's money goes into an account that is B's as much.
    fn joint_account(&mut self, a: &str, b: &str, day: Date) {
        self.step(day, format!("do: record_account, person: ${a}, number: 01-02-03 12345678, holders: [${a}, ${b}]"));
    }

    /// From some day on, the whole award goes to A.
    fn paid_to_one(&mut self, a: &str, claim: &str, dice: &mut Dice) {
        let day = dice.day(100, 300);
        self.step(day, format!("do: record_claim_fact, claim: ${claim}, fact: {{key: paid_into, value: ${a}}}"));
    }

    /// B leaves A and claims alone some days later, with no award between.
    fn separation(&mut self, home: usize, a: &str, b: &str, dice: &mut Dice) {
        let left = dice.day(120, 200);
        let claimed = left.saturating_add(dice.from(0, 9).days());
        self.step(left, format!("do: leave_claim, claim: $claim{home}, person: ${b}"));
        self.step(
            claimed,
            format!("do: make_claim, claim: $next{home}, benefit: uk-universal-credit, claimants: [${b}]"),
        );
        self.blow("separation", &[a.to_string(), b.to_string()], left, left);
        self.blow("claim", &[b.to_string()], claimed, claimed);
        for person in &mut self.people {
            if person.name == a {
                person.floor.push((left, ALONE));
            } else if person.name == b {
                person.floor.push((left, ALONE));
                person.covered[0].1 = left.yesterday().unwrap();
                person.covered.push((claimed, LAST));
            }
        }
    }

    /// Two children, of whom one comes later and is told of later still.
    fn children(&mut self, home: usize, carer: &str, claim: &str, claimed: Date, dice: &mut Dice) {
        let came = dice.day(100, 200);
        let told = came.saturating_add(dice.from(0, 20).days());
        for (name, from, told) in [(format!("c{home}"), claimed, claimed), (format!("d{home}"), came, told)] {
            self.step(told, format!("do: register_person, person: ${name}, birth_date: 2018-01-01"));
            self.step(
                told,
                format!("effective: {from}, do: join_claim, claim: ${claim}, person: ${name}, role: child"),
            );
            self.person(&name, vec![(from, CHILD)], Some(carer.into()), (told, LAST));
            self.blow("child told of", &[name, carer.into()], from, told);
        }
        // The first child lives with a grandparent, who has no claim and no money that is seen, from time to time.
        let (grandparent, child) = (format!("g{home}"), format!("c{home}"));
        self.adult(&grandparent, claimed);
        self.people.push(Person {
            name: grandparent.clone(),
            floor: vec![(claimed, ALONE)],
            carer: Vec::new(),
            covered: Vec::new(),
        });
        for start in [dice.day(70, 100), dice.day(220, 250)] {
            let back = start.saturating_add(dice.from(3, 40).days());
            for (day, carer) in [(start, grandparent.as_str()), (back, carer)] {
                self.step(
                    day,
                    format!("do: record_person_fact, person: ${child}, fact: {{key: carer, value: ${carer}}}"),
                );
                self.blow("child with another carer", &[child.clone(), carer.into()], day, day);
                self.people.iter_mut().filter(|person| person.name == child).for_each(|person| {
                    person.carer.push((day, carer.into()));
                });
            }
        }
    }

    /// The claim is closed; nothing is known from then on.
    fn closure(&mut self, name: &str, claim: &str, dice: &mut Dice) {
        let closed = dice.day(150, 300);
        self.step(closed, format!("do: close_claim, claim: ${claim}, reason: moved"));
        self.people.iter_mut().filter(|person| person.name == name).for_each(|person| {
            person.covered[0].1 = closed.yesterday().unwrap();
        });
    }

    fn debt(&mut self, name: &str, claimed: Date, dice: &mut Dice) {
        let per_period = pounds(dice.from(2_000, 10_000));
        self.step(
            claimed,
            format!("do: register_debt, person: ${name}, debt: ${name}-debt, kind: overpayment, amount: 1000.00"),
        );
        self.step(claimed, format!("do: set_deduction, person: ${name}, debt: ${name}-debt, per_period: {per_period}"));
    }

    fn sanctions(&mut self, name: &str, claimed: Date, dice: &mut Dice) {
        for nth in 0..dice.from(0, 3) {
            let (day, days) = (dice.day(70, 330), dice.from(7, 28));
            if claimed < day {
                self.step(day, format!("do: impose_sanction, person: ${name}, sanction: ${name}-{nth}, level: low, failure_on: {day}, from: {day}, days: {days}, days_ground: tribunal, authority: {{instrument: SI 2013/376, provision: reg. 104, confidence: single_source}}"));
                self.blow("sanction", &[name.to_string()], day, day);
            }
        }
    }

    fn suspension(&mut self, name: &str, dice: &mut Dice) {
        let (from, days) = (dice.day(70, 300), dice.from(5, 50));
        let until = from.saturating_add(days.days());
        self.step(from, format!("do: suspend_payments, person: ${name}, ground: doubt, review_on: {until}"));
        self.step(until, format!("do: resume_payments, person: ${name}, reason: settled"));
        self.blow("suspension", &[name.to_string()], from, from);
    }

    fn step(&mut self, day: Date, step: String) {
        self.steps.push((day, step));
    }

    fn blow(&mut self, what: &'static str, names: &[String], from: Date, received: Date) {
        self.blows.push(Blow { what, names: names.to_vec(), from, received });
    }
}

fn pounds(pence: i64) -> String {
    format!("{}.{:02}", pence / 100, pence % 100)
}
