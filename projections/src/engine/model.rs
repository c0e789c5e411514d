//! The parts of a loaded pack: inputs, parameters and rules with every name looked up and every type known.

use jiff::civil::Date;
use schemas::Citation;

use super::ast::{Comparison, Extreme, Over, RoundMode};
use super::civil::MonthEnd;
use super::error::Place;
use super::exact::Exact;
use super::token::Offset;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ty {
    /// Pounds, exact.
    Money,
    /// A plain number with or without a fraction.
    Rate,
    /// A whole number of things.
    Count,
    /// Yes or no.
    Bool,
    /// A day.
    Date,
    /// A number of days.
    Days,
    /// One of a list of words.
    Enum,
}

impl Ty {
    const ALL: [Ty; 7] = [Ty::Money, Ty::Rate, Ty::Count, Ty::Bool, Ty::Date, Ty::Days, Ty::Enum];

    /// The word for it in packs.
    pub const fn name(self) -> &'static str {
        match self {
            Ty::Money => "money",
            Ty::Rate => "rate",
            Ty::Count => "count",
            Ty::Bool => "bool",
            Ty::Date => "date",
            Ty::Days => "days",
            Ty::Enum => "enum",
        }
    }

    /// The type with this word.
    pub fn named(name: &str) -> Option<Ty> {
        Ty::ALL.into_iter().find(|ty| ty.name() == name)
    }

    /// The words of all types.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Ty::ALL.into_iter().map(Ty::name)
    }

    /// Whether values of the type are numbers that can be added.
    pub const fn is_number(self) -> bool {
        matches!(self, Ty::Money | Ty::Rate | Ty::Count | Ty::Days)
    }
}

/// Whether a value stands once per case or once per person in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Once per case.
    Unit,
    /// Once per person.
    Person,
}

/// Which day of an assessment period chooses the value or version in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppliesTo {
    /// Its first day: ordinary uprating (UC Act 2025 s. 1(6)(d)).
    PeriodStart,
    /// Its last day: the 2020 uplift, the 2021 taper.
    PeriodEnd,
}

/// A fact that a case may state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Of each person or of the case.
    pub scope: Scope,
    /// Its type.
    pub ty: Ty,
    /// The denominator its values are held over: 100 for money, a power of ten for rates, else 1.
    pub scale: i64,
    /// The value where a case does not state it; without one a case must.
    pub default: Option<i64>,
    /// Least value allowed, over `scale`.
    pub min: Option<i64>,
    /// Greatest value allowed, over `scale`.
    pub max: Option<i64>,
    /// The words an enum may be, as indices of the pack's words.
    pub words: Vec<u32>,
}

/// A parameter: dated values of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Dotted path; a variant has `#1`, `#2` ... after it.
    pub path: String,
    /// Its type; nothing where the engine has no such type (a list of words), so that no rule can name it.
    pub ty: Option<Ty>,
    /// Which day of a period chooses its value.
    pub applies_to: AppliesTo,
    /// Values in order of their first day.
    pub values: Vec<Dated>,
    /// Where the law says so, for all values.
    pub cite: Option<Citation>,
    /// Where it was written.
    pub place: Place,
}

/// A value from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// First day.
    pub from: Date,
    /// The value.
    pub value: LeafValue,
    /// Where the law says so, for this value.
    pub cite: Option<Citation>,
}

/// What a parameter can be on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeafValue {
    /// A number, in pounds for money; 0 or 1 for a bool; a day number for a date.
    Number(Exact),
    /// `.inf`: no limit. It can be kept, not calculated with.
    Unlimited,
    /// `null`: no value from here on.
    Absent,
    /// Something the engine does not calculate with, kept as text.
    Other(String),
}

impl Leaf {
    /// Index of the value in force on a day.
    pub fn index_on(&self, day: Date) -> Option<usize> {
        self.values.partition_point(|v| v.from <= day).checked_sub(1)
    }

    /// First day with a value.
    pub fn first_day(&self) -> Option<Date> {
        self.values.iter().find(|v| v.value != LeafValue::Absent).map(|v| v.from)
    }
}

/// A rule: a name for the value of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name; for a parameter with variants, the parameter's path.
    pub id: String,
    /// Type of its value.
    pub ty: Ty,
    /// Once per case or once per person.
    pub scope: Scope,
    /// The words an enum rule may be.
    pub words: Vec<u32>,
    /// Its versions in order of their first day; an undated rule has one version from the start of time.
    pub versions: Vec<Version>,
    /// What in the pack it comes from.
    pub origin: Origin,
    /// Where it was written.
    pub place: Place,
}

/// What a rule comes from. Everything that is worked out is a rule to the engine; only those a pack writes as rules have a name that expressions can use and a step of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A rule of the pack.
    Rule,
    /// The choice between the variants of a parameter.
    Variants,
    /// A condition that every case must meet.
    Requirement,
}

/// A condition that a case must meet to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The rule that is true where it is met, by index.
    pub rule: usize,
    /// What is wrong with a case for which it is false.
    pub say: String,
}

/// A rule as it stands from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// First day; nothing for a version without a beginning.
    pub from: Option<Date>,
    /// Which day of a period is compared with `from`.
    pub applies_to: AppliesTo,
    /// The expression.
    pub body: Typed,
    /// The expression as written.
    pub text: String,
    /// Where the law says so.
    pub cite: Option<Citation>,
    /// The sentence that explains it, with `{names}` to fill in.
    pub say: Option<Say>,
}

/// A sentence with values in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say(pub Vec<SayPart>);

/// A piece of such a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SayPart {
    /// Words.
    Text(String),
    /// The value of a rule, input or parameter.
    Value(Typed),
}

/// An expression with its names looked up and its types checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// What it is.
    pub kind: Kind,
    /// Type of its value.
    pub ty: Ty,
    /// Whether its value differs between the people of a case.
    pub scope: Scope,
    /// Where it starts in the text.
    pub at: Offset,
}

/// What a checked expression can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A constant: pounds, a number, 0 or 1, a day number, or the index of a word.
    Const(Exact),
    /// First day of the period.
    PeriodStart,
    /// Last day of the period.
    PeriodEnd,
    /// An input, by index.
    Input(usize),
    /// A rule, by index.
    Rule(usize),
    /// A parameter, by index.
    Leaf(usize),
    /// `-x`
    Negate(Box<Typed>),
    /// `not x`
    Not(Box<Typed>),
    /// `a + b`
    Add(Box<Typed>, Box<Typed>),
    /// `a - b`
    Sub(Box<Typed>, Box<Typed>),
    /// `a * b`
    Mul(Box<Typed>, Box<Typed>),
    /// `x` times a constant; dividing by a constant is this too.
    Scale(Box<Typed>, Exact),
    /// A comparison.
    Compare(Comparison, Box<Typed>, Box<Typed>),
    /// `a and b`; `b` is not looked at where `a` is false.
    And(Box<Typed>, Box<Typed>),
    /// `a or b`; `b` is not looked at where `a` is true.
    Or(Box<Typed>, Box<Typed>),
    /// `if c then a else b`; only the side chosen is looked at.
    If(Box<Typed>, Box<Typed>, Box<Typed>),
    /// Least or greatest of several.
    Extreme(Extreme, Vec<Typed>),
    /// Rounding to a multiple of a step.
    Round(Box<Typed>, RoundMode, Exact),
    /// `round(a / b, mode, step)`
    Quotient(Box<Typed>, Box<Typed>, RoundMode, Exact),
    /// Completed years.
    Age(Box<Typed>, Box<Typed>),
    /// Stepping by months.
    AddMonths(Box<Typed>, Box<Typed>, MonthEnd),
    /// Stepping by days.
    AddDays(Box<Typed>, Box<Typed>),
    /// Something gathered over people.
    Over { what: Over, body: Option<Box<Typed>>, filter: Option<Box<Typed>>, default: Option<Box<Typed>> },
    /// Place of a person among people, from 1.
    Rank { key: Box<Typed>, filter: Option<Box<Typed>> },
}

impl Typed {
    /// The expressions directly inside this one, in the order they are looked at.
    pub fn children(&self) -> Vec<&Typed> {
        match &self.kind {
            Kind::Const(_) | Kind::PeriodStart | Kind::PeriodEnd | Kind::Input(_) | Kind::Rule(_) | Kind::Leaf(_) => {
                Vec::new()
            }
            Kind::Negate(a) | Kind::Not(a) | Kind::Scale(a, _) | Kind::Round(a, ..) => vec![a],
            Kind::Add(a, b)
            | Kind::Sub(a, b)
            | Kind::Mul(a, b)
            | Kind::Compare(_, a, b)
            | Kind::And(a, b)
            | Kind::Or(a, b)
            | Kind::Quotient(a, b, ..)
            | Kind::Age(a, b)
            | Kind::AddMonths(a, b, _)
            | Kind::AddDays(a, b) => vec![a, b],
            Kind::If(c, a, b) => vec![c, a, b],
            Kind::Extreme(_, all) => all.iter().collect(),
            Kind::Over { body, filter, default, .. } => {
                [filter, body, default].into_iter().flatten().map(Box::as_ref).collect()
            }
            Kind::Rank { key, filter } => filter.iter().chain([key]).map(Box::as_ref).collect(),
        }
    }

    /// Calls `see` on this expression and everything inside it.
    pub fn walk(&self, see: &mut impl FnMut(&Typed)) {
        see(self);
        for child in self.children() {
            child.walk(see);
        }
    }
}

/// A fact that is carried from the period before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carry {
    /// The fact, by index.
    pub input: usize,
    /// The rule of the period before whose value it has, by index.
    pub rule: usize,
}

/// One payee line: which amount goes to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the money is for.
    pub purpose: String,
    /// The rule that gives the amount, by index.
    pub amount: usize,
    /// Who gets it.
    pub payee: PayeeRule,
    /// Whether sanctions and deductions may fall on it.
    pub reduce: bool,
}

/// Who gets a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayeeRule {
    /// The adults of the case, in equal shares.
    AdultsEqually,
    /// The person whose amount it is.
    OwnSelf,
    /// Who mainly cares for the child.
    MainCarer,
    /// Who must pay the rent.
    LiableForRent,
    /// Who pays for childcare.
    ChildcarePayer,
}

impl PayeeRule {
    const ALL: [PayeeRule; 5] = [
        PayeeRule::AdultsEqually,
        PayeeRule::OwnSelf,
        PayeeRule::MainCarer,
        PayeeRule::LiableForRent,
        PayeeRule::ChildcarePayer,
    ];

    /// The word for it in packs.
    pub const fn name(self) -> &'static str {
        match self {
            PayeeRule::AdultsEqually => "adults_equally",
            PayeeRule::OwnSelf => "self",
            PayeeRule::MainCarer => "main_carer",
            PayeeRule::LiableForRent => "liable_for_rent",
            PayeeRule::ChildcarePayer => "childcare_payer",
        }
    }

    /// The rule with this word.
    pub fn named(name: &str) -> Option<PayeeRule> {
        PayeeRule::ALL.into_iter().find(|p| p.name() == name)
    }

    /// The words of all payee rules.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PayeeRule::ALL.into_iter().map(PayeeRule::name)
    }
}
