//! The shape of an expression as it was written, before names and types are looked up.

use super::civil::MonthEnd;
use super::exact::Exact;
use super::token::Offset;

/// An expression and where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it starts in the text.
    pub at: Offset,
}

/// What an expression can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A rule, input, parameter, `period_start` or `period_end`.
    Name(String),
    /// `-x`
    Negate(Box<Expr>),
    /// `not x`
    Not(Box<Expr>),
    /// Two sides and an operator.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `min(a, b, ...)` and `max(a, b, ...)`
    Extreme(Extreme, Vec<Expr>),
    /// `round(x, mode, step)`; the step is in the unit of `x`.
    Round(Box<Expr>, RoundMode, Exact),
    /// `age(born, on)`
    Age(Box<Expr>, Box<Expr>),
    /// `add_months(date, n, clamp_down | roll_over)`
    AddMonths(Box<Expr>, Box<Expr>, MonthEnd),
    /// `add_days(date, n)`
    AddDays(Box<Expr>, Box<Expr>),
    /// `days(a, b)` = days from `a` to `b`
    Days(Box<Expr>, Box<Expr>),
    /// `sum(x over people where c)` and its kin; `count` has no body, `min` and `max` have a default.
    Over { what: Over, body: Option<Box<Expr>>, filter: Option<Box<Expr>>, default: Option<Box<Expr>> },
    /// `rank(key over people where c)`
    Rank { key: Box<Expr>, filter: Option<Box<Expr>> },
}

/// A literal value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `£1.50`, in pounds.
    Money(Exact),
    /// `0.55`
    Rate(Exact),
    /// `12`
    Count(Exact),
    /// `2017-04-06` or `never`, as a day number.
    Day(i64),
    /// `true` or `false`
    Bool(bool),
    /// `"social"`
    Enum(String),
}

/// An operator with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// A comparison.
    Compare(Comparison),
    /// `and`
    And,
    /// `or`
    Or,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether the comparison holds, given how left stands to right.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::More => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
        }
    }
}

/// The lesser or the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extreme {
    /// `min`
    Min,
    /// `max`
    Max,
}

/// How a value between two steps is rounded. All four mirror at nought, so that a debt rounds like the same credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoundMode {
    /// `half_up`: to the nearest step, a half away from nought (reg. 6 of SI 2013/376: half a penny or more counts as a penny).
    HalfUp,
    /// `half_even`: to the nearest step, a half to the even one.
    HalfEven,
    /// `down`: towards nought.
    Down,
    /// `up`: away from nought.
    Up,
}

/// What is gathered over people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// `sum(x over people)`
    Sum,
    /// `count(over people)`
    Count,
    /// `any(c over people)`
    Any,
    /// `all(c over people)`
    All,
    /// `min(x over people default d)`
    Min,
    /// `max(x over people default d)`
    Max,
}
