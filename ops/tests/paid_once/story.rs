//! Histories that nobody thought of: what happens to a few people within a few months, and what goes wrong meanwhile.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

/// A history, day by day.
#[derive(Clone)]
pub struct Story {
    /// Its first day.
    pub begins: Date,
    /// Whether the floor is guaranteed: then there are top-ups.
    pub guaranteed: bool,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Something that happens so many days after the first.
#[derive(Clone, Debug)]
pub struct Step {
    pub day: u8,
    pub what: What,
}

/// One of three people, by number: ann, bob and cal.
pub type Who = usize;

/// What happens. `back` is how many days before it is told it took effect.
#[derive(Clone, Debug)]
pub enum What {
    Claims {
        who: Who,
        back: u8,
    },
    ClaimTogether {
        back: u8,
    },
    ChildJoins {
        who: Who,
        back: u8,
    },
    Leaves {
        who: Who,
        back: u8,
    },
    IsPaidWages {
        who: Who,
        pounds: u16,
        back: u8,
    },
    HasRent {
        who: Who,
        pounds: u16,
        back: u8,
    },
    RentGoesToTheLandlord {
        who: Who,
        back: u8,
    },
    AllGoesTo {
        who: Who,
        back: u8,
    },
    Closes {
        who: Who,
        back: u8,
    },
    Reopens {
        who: Who,
    },
    Dies {
        who: Who,
        back: u8,
    },
    IsSanctioned {
        who: Who,
        days: u16,
        back: u8,
    },
    Owes {
        who: Who,
        pounds: u16,
        per_period: u16,
    },
    IsHeld {
        who: Who,
    },
    IsHeldNoLonger {
        who: Who,
    },
    ChangesAccount {
        who: Who,
    },
    /// The award of a month is paid in so many parts.
    IsPaidInParts {
        who: Who,
        every: &'static str,
    },
    ChoosesDay {
        who: Who,
        day: u8,
    },
    IsPaidBy {
        who: Who,
        channel: &'static str,
    },
    /// Somebody orders by hand, under another name, what was paid already.
    IsPaidTwice {
        payment: usize,
    },
    /// The payment of this number came back.
    ComesBack {
        payment: usize,
    },
    IsSentAgain {
        payment: usize,
        days: u8,
    },
    ArrivesLate {
        payment: usize,
        days: u8,
    },
    /// Somebody orders by hand what the plan would pay, or a pound of it.
    IsPaidByHand {
        who: Who,
        a_pound: bool,
    },
    IsCalledOff {
        payment: usize,
    },
    /// People plan, approve (two) and release by a list before the evening's business: so many steps of it. What they leave
    /// waiting they go on with the next time, and nothing is paid beside it.
    PayByList {
        steps: u8,
        trouble: ListTrouble,
    },
    /// People give up the list that waits.
    GiveUpTheList,
    /// No business is done in the evenings of so many days.
    Outage {
        days: u8,
    },
    /// The business of the last days is done again.
    DoneAgain {
        days: u8,
    },
    /// The process is stopped after so many commands of this evening's business, and started again.
    IsStopped {
        after: usize,
    },
    /// Another operator does the business of the evening just before the append of this number.
    DoneByTwo {
        append: usize,
    },
    /// A command that was accepted is submitted again.
    SaidAgain {
        command: usize,
    },
    /// Another command under the name of one that was accepted.
    NameTaken {
        command: usize,
    },
}

/// What goes wrong while people pay by a list. It must make no difference but for the evening's business, which is another
/// way of paying.
#[derive(Clone, Copy, Debug)]
pub enum ListTrouble {
    /// Nothing.
    None,
    /// The process is stopped after so many commands, and started again.
    Stopped { after: usize },
    /// Another operator does the same just before the append of this number.
    ByTwo { append: usize },
    /// Somebody does the business of the evening just before the append of this number.
    Evening { append: usize },
}

impl What {
    /// Whether it must make no difference to what is paid.
    pub fn is_trouble(&self) -> bool {
        matches!(
            self,
            What::DoneAgain { .. }
                | What::IsStopped { .. }
                | What::DoneByTwo { .. }
                | What::SaidAgain { .. }
                | What::NameTaken { .. }
        )
    }
}

impl Story {
    /// The day of a step.
    pub fn day_of(&self, step: &Step) -> Date {
        self.begins.saturating_add(i64::from(step.day).days())
    }

    /// The day of the last step.
    pub fn last_day(&self) -> Date {
        self.steps.iter().map(|step| self.day_of(step)).max().unwrap_or(self.begins)
    }
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let floor = if self.guaranteed { ", above a guaranteed floor" } else { "" };
        writeln!(f, "from {}: people 0, 1 and 2{floor}", self.begins)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "  {} {:?}", self.day_of(step), step.what))
    }
}

/// Any history of up to so many steps.
pub fn stories(steps: usize) -> impl Strategy<Value = Story> {
    let begins = (0..420i64).prop_map(|days| date(2025, 4, 10).saturating_add(days.days()));
    let begins = begins.prop_map(|day| if day.day() > 28 { day.saturating_add(4.days()) } else { day });
    let rest = prop::collection::vec(step(), 2..steps);
    (begins, opening(), rest).prop_map(|(begins, opening, rest)| {
        let opening = opening.into_iter().map(|what| Step { day: 0, what });
        let mut steps: Vec<Step> = opening.chain(rest).collect();
        steps.sort_by_key(|step| step.day);
        Story { begins, guaranteed: false, steps }
    })
}

fn opening() -> impl Strategy<Value = Vec<What>> {
    prop_oneof![
        Just(vec![What::Claims { who: 0, back: 0 }]),
        Just(vec![What::ClaimTogether { back: 0 }]),
        Just(vec![What::ClaimTogether { back: 0 }, What::ChildJoins { who: 0, back: 0 }]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    (0..100u8, what()).prop_map(|(day, what)| Step { day, what })
}

fn what() -> impl Strategy<Value = What> {
    let who = || 0..3usize;
    let back = || prop_oneof![3 => Just(0u8), 2 => 1..60u8];
    prop_oneof![
        3 => life(who(), back()),
        3 => money(who(), back()),
        3 => payments(who()),
        3 => trouble(),
        3 => lists(),
    ]
}

fn lists() -> impl Strategy<Value = What> {
    let trouble = prop_oneof![
        1 => Just(ListTrouble::None),
        3 => (1..12usize).prop_map(|after| ListTrouble::Stopped { after }),
        1 => (0..6usize).prop_map(|append| ListTrouble::ByTwo { append }),
        1 => (0..6usize).prop_map(|append| ListTrouble::Evening { append }),
    ];
    // A whole list takes four steps: plan, two approvals, release.
    let steps = prop_oneof![2 => 1..4u8, 3 => Just(4u8)];
    prop_oneof![
        5 => (steps, trouble).prop_map(|(steps, trouble)| What::PayByList { steps, trouble }),
        1 => Just(What::GiveUpTheList),
    ]
}

fn life(who: impl Strategy<Value = Who>, back: impl Strategy<Value = u8>) -> impl Strategy<Value = What> {
    (0..9u8, who, back).prop_map(|(which, who, back)| match which {
        0 => What::Claims { who, back },
        1 => What::ClaimTogether { back },
        2 => What::ChildJoins { who, back },
        3 | 4 => What::Leaves { who, back },
        5 => What::AllGoesTo { who, back },
        6 => What::Closes { who, back },
        7 => What::Reopens { who },
        _dies => What::Dies { who, back },
    })
}

fn money(who: impl Strategy<Value = Who>, back: impl Strategy<Value = u8>) -> impl Strategy<Value = What> {
    (0..6u8, who, back, 1..12u16).prop_map(|(which, who, back, tens)| match which {
        0 | 1 => What::IsPaidWages { who, pounds: tens * 90, back },
        2 => What::HasRent { who, pounds: tens * 40, back },
        3 => What::RentGoesToTheLandlord { who, back },
        4 => What::IsSanctioned { who, days: tens * 3, back },
        _owes => What::Owes { who, pounds: tens * 20, per_period: 30 },
    })
}

fn payments(who: impl Strategy<Value = Who>) -> impl Strategy<Value = What> {
    (0..13u8, who, 0..6usize, 1..9u8).prop_map(|(which, who, payment, days)| match which {
        0 => What::IsHeld { who },
        1 => What::IsHeldNoLonger { who },
        2 => What::ChangesAccount { who },
        3 | 4 => What::ComesBack { payment },
        5 => What::IsSentAgain { payment, days },
        6 => What::ArrivesLate { payment, days },
        7 => What::IsPaidByHand { who, a_pound: days.is_multiple_of(2) },
        8 => What::IsPaidInParts { who, every: ["monthly", "twice_monthly", "four_times_monthly"][payment % 3] },
        9 => What::ChoosesDay { who, day: days * 3 },
        10 => What::IsPaidBy { who, channel: ["faster_payments", "bacs", "voucher", "cash"][payment % 4] },
        11 => What::IsPaidTwice { payment },
        _off => What::IsCalledOff { payment },
    })
}

fn trouble() -> impl Strategy<Value = What> {
    prop_oneof![
        (1..6u8).prop_map(|days| What::Outage { days }),
        (0..6u8).prop_map(|days| What::DoneAgain { days }),
        (0..9usize).prop_map(|after| What::IsStopped { after }),
        (0..9usize).prop_map(|after| What::IsStopped { after }),
        (0..4usize).prop_map(|append| What::DoneByTwo { append }),
        (0..9usize).prop_map(|command| What::SaidAgain { command }),
        (0..9usize).prop_map(|command| What::NameTaken { command }),
    ]
}
