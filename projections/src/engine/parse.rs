//! Reads an expression: text to [`Expr`]. Loosest first: `if`, `or`, `and`, `not`, comparison, `+ -`, `* /`, unary `-`.

use super::ast::{BinaryOp, Comparison, Expr, ExprKind, Extreme, Literal, Over, RoundMode};
use super::civil::{MonthEnd, NEVER, day_number};
use super::error::nearest;
use super::exact::Exact;
use super::token::{Offset, Token, Wrong, tokens};

/// Words with a meaning of their own: no rule, input or parameter can have one of them as its name.
pub const RESERVED: [&str; 15] = [
    "if",
    "then",
    "else",
    "and",
    "or",
    "not",
    "over",
    "where",
    "default",
    "people",
    "true",
    "false",
    "never",
    "period_start",
    "period_end",
];

const FUNCTIONS: [&str; 12] =
    ["min", "max", "round", "age", "add_months", "add_days", "days", "sum", "count", "any", "all", "rank"];

/// How deep expressions may nest: far beyond what anybody can read, and safely within the stack.
const DEEPEST: usize = 100;

/// The expression that `text` writes.
///
/// # Errors
/// The first place where the text is not an expression.
pub fn parse(text: &str) -> Result<Expr, Wrong> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let expr = parser.expr()?;
    if *parser.peek() == Token::End {
        return Ok(expr);
    }
    Err(Wrong::new(parser.at(), parser.peek().shown(), "an operator or the end of the expression"))
}

struct Parser {
    tokens: Vec<(Token, Offset)>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn expr(&mut self) -> Result<Expr, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong::new(self.at(), "an expression nested over 100 deep", "a shallower one")
                .advise("split it into rules"));
        }
        let expr = if self.is_word("if") { self.choice() } else { self.or() };
        self.depth -= 1;
        expr
    }

    fn choice(&mut self) -> Result<Expr, Wrong> {
        let at = self.at();
        self.word("if")?;
        let condition = self.expr()?;
        self.word("then")?;
        let yes = self.expr()?;
        self.word("else")?;
        let no = self.expr()?;
        Ok(Expr { kind: ExprKind::If(Box::new(condition), Box::new(yes), Box::new(no)), at })
    }

    fn or(&mut self) -> Result<Expr, Wrong> {
        let mut left = self.and()?;
        while self.take_word("or") {
            left = binary(BinaryOp::Or, left, self.and()?);
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, Wrong> {
        let mut left = self.not()?;
        while self.take_word("and") {
            left = binary(BinaryOp::And, left, self.not()?);
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, Wrong> {
        let (at, mut times) = (self.at(), 0usize);
        while self.take_word("not") {
            times += 1;
        }
        let mut expr = self.comparison()?;
        for _ in 0..times {
            expr = Expr { kind: ExprKind::Not(Box::new(expr)), at };
        }
        Ok(expr)
    }

    fn comparison(&mut self) -> Result<Expr, Wrong> {
        let left = self.sum()?;
        let Some(op) = self.comparison_sign() else { return Ok(left) };
        self.next += 1;
        let right = self.sum()?;
        if self.comparison_sign().is_some() {
            return Err(
                Wrong::new(self.at(), "a second comparison", "`and` or the end").advise("write `a < b and b < c`")
            );
        }
        Ok(binary(BinaryOp::Compare(op), left, right))
    }

    fn comparison_sign(&self) -> Option<Comparison> {
        let Token::Sign(sign) = self.peek() else { return None };
        match *sign {
            "==" => Some(Comparison::Equal),
            "!=" => Some(Comparison::NotEqual),
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::AtMost),
            ">" => Some(Comparison::More),
            ">=" => Some(Comparison::AtLeast),
            _ => None,
        }
    }

    fn sum(&mut self) -> Result<Expr, Wrong> {
        let mut left = self.product()?;
        loop {
            let op = if self.take_sign("+") {
                BinaryOp::Add
            } else if self.take_sign("-") {
                BinaryOp::Sub
            } else {
                return Ok(left);
            };
            left = binary(op, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Expr, Wrong> {
        let mut left = self.unary()?;
        loop {
            let op = if self.take_sign("*") {
                BinaryOp::Mul
            } else if self.take_sign("/") {
                BinaryOp::Div
            } else {
                return Ok(left);
            };
            left = binary(op, left, self.unary()?);
        }
    }

    fn unary(&mut self) -> Result<Expr, Wrong> {
        let (at, mut minus) = (self.at(), 0usize);
        while self.take_sign("-") {
            minus += 1;
        }
        let mut expr = self.primary()?;
        for _ in 0..minus {
            expr = Expr { kind: ExprKind::Negate(Box::new(expr)), at };
        }
        Ok(expr)
    }

    fn primary(&mut self) -> Result<Expr, Wrong> {
        let at = self.at();
        let token = self.peek().clone();
        let literal = |kind| Ok(Expr { kind: ExprKind::Literal(kind), at });
        self.next += 1;
        match token {
            Token::Whole(n) => literal(Literal::Count(n)),
            Token::Decimal(n) => literal(Literal::Rate(n)),
            Token::Pounds(n) => literal(Literal::Money(n)),
            Token::Day(day) => literal(Literal::Day(day_number(day))),
            Token::Quoted(text) => literal(Literal::Enum(text)),
            Token::Sign("(") => {
                let inner = self.expr()?;
                self.sign(")")?;
                Ok(inner)
            }
            Token::Word(word) => match word.as_str() {
                "true" | "false" => literal(Literal::Bool(word == "true")),
                "never" => literal(Literal::Day(NEVER)),
                "if" => {
                    self.next -= 1;
                    self.expr()
                }
                _ if matches!(self.peek(), Token::Sign("(")) => self.call(&word, at),
                "period_start" | "period_end" => Ok(Expr { kind: ExprKind::Name(word), at }),
                reserved if RESERVED.contains(&reserved) => Err(Wrong::new(at, format!("`{reserved}`"), "a value")),
                _ => Ok(Expr { kind: ExprKind::Name(word), at }),
            },
            Token::Sign(_) | Token::End => {
                Err(Wrong::new(at, token.shown(), "a value: a name, a number or a function"))
            }
        }
    }

    fn call(&mut self, name: &str, at: Offset) -> Result<Expr, Wrong> {
        self.sign("(")?;
        let kind = match name {
            "min" => self.extreme(Extreme::Min)?,
            "max" => self.extreme(Extreme::Max)?,
            "sum" => self.over(Over::Sum)?,
            "count" => self.over(Over::Count)?,
            "any" => self.over(Over::Any)?,
            "all" => self.over(Over::All)?,
            "rank" => {
                let key = Box::new(self.expr()?);
                ExprKind::Rank { key, filter: self.people()? }
            }
            "round" => self.round()?,
            "age" => {
                let (a, b) = self.two()?;
                ExprKind::Age(a, b)
            }
            "add_days" => {
                let (a, b) = self.two()?;
                ExprKind::AddDays(a, b)
            }
            "days" => {
                let (a, b) = self.two()?;
                ExprKind::Days(a, b)
            }
            "add_months" => self.add_months()?,
            _ => {
                let wrong =
                    Wrong::new(at, format!("`{name}(`"), format!("one of the functions {}", FUNCTIONS.join(", ")));
                return Err(match nearest(name, FUNCTIONS) {
                    Some(near) => wrong.advise(format!("did you mean `{near}`?")),
                    None => wrong,
                });
            }
        };
        self.sign(")")?;
        Ok(Expr { kind, at })
    }

    /// `min` and `max`, of several values or over people.
    fn extreme(&mut self, extreme: Extreme) -> Result<ExprKind, Wrong> {
        let first = self.expr()?;
        if self.is_word("over") {
            let filter = self.people()?;
            self.take_sign(",");
            let at = self.at();
            if !self.take_word("default") {
                let advice = "write `min(x over people default £0)`: the value when there is nobody";
                return Err(Wrong::new(at, self.peek().shown(), "`default` and a value").advise(advice));
            }
            let default = Some(Box::new(self.expr()?));
            let what = match extreme {
                Extreme::Min => Over::Min,
                Extreme::Max => Over::Max,
            };
            return Ok(ExprKind::Over { what, body: Some(Box::new(first)), filter, default });
        }
        let mut all = vec![first];
        while self.take_sign(",") {
            all.push(self.expr()?);
        }
        Ok(ExprKind::Extreme(extreme, all))
    }

    fn over(&mut self, what: Over) -> Result<ExprKind, Wrong> {
        let body = if what == Over::Count { None } else { Some(Box::new(self.expr()?)) };
        Ok(ExprKind::Over { what, body, filter: self.people()?, default: None })
    }

    /// `over people` or `over people where CONDITION`; the condition comes back.
    fn people(&mut self) -> Result<Option<Box<Expr>>, Wrong> {
        self.word("over")?;
        self.word("people")?;
        Ok(if self.take_word("where") { Some(Box::new(self.expr()?)) } else { None })
    }

    fn round(&mut self) -> Result<ExprKind, Wrong> {
        let value = Box::new(self.expr()?);
        self.sign(",")?;
        let at = self.at();
        let mode = match self.take_any_word().as_deref() {
            Some("half_up") => RoundMode::HalfUp,
            Some("half_even") => RoundMode::HalfEven,
            Some("down") => RoundMode::Down,
            Some("up") => RoundMode::Up,
            word => {
                let wrong = Wrong::new(at, self.tokens[self.next - 1].0.shown(), "half_up, half_even, down or up");
                let near = nearest(word.unwrap_or_default(), ["half_up", "half_even", "down", "up"]);
                return Err(match near {
                    Some(near) => wrong.advise(format!("did you mean `{near}`?")),
                    None => wrong,
                });
            }
        };
        self.sign(",")?;
        let (at, token) = (self.at(), self.peek().clone());
        self.next += 1;
        let step = match &token {
            Token::Whole(n) | Token::Decimal(n) | Token::Pounds(n) => Some(*n).filter(|n| *n > Exact::ZERO),
            Token::Word(_) | Token::Day(_) | Token::Quoted(_) | Token::Sign(_) | Token::End => None,
        };
        let step = step.ok_or_else(|| Wrong::new(at, token.shown(), "a step above 0, such as `0.01`"))?;
        Ok(ExprKind::Round(value, mode, step))
    }

    fn add_months(&mut self) -> Result<ExprKind, Wrong> {
        let (date, months) = self.two()?;
        self.sign(",")?;
        let at = self.at();
        let end = match self.take_any_word().as_deref() {
            Some("clamp_down") => MonthEnd::ClampDown,
            Some("roll_over") => MonthEnd::RollOver,
            _ => {
                let found = self.tokens[self.next - 1].0.shown();
                let advice = "clamp_down makes 31 January plus a month 28 February, roll_over makes it 1 March";
                return Err(Wrong::new(at, found, "clamp_down or roll_over").advise(advice));
            }
        };
        Ok(ExprKind::AddMonths(date, months, end))
    }

    fn two(&mut self) -> Result<(Box<Expr>, Box<Expr>), Wrong> {
        let first = Box::new(self.expr()?);
        self.sign(",")?;
        Ok((first, Box::new(self.expr()?)))
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)].0
    }

    fn at(&self) -> Offset {
        self.tokens[self.next.min(self.tokens.len() - 1)].1
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if w == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let taken = self.is_word(word);
        self.next += usize::from(taken);
        taken
    }

    /// Steps over the next token and gives its text if it is a word.
    fn take_any_word(&mut self) -> Option<String> {
        let word = match self.peek() {
            Token::Word(w) => Some(w.clone()),
            Token::Whole(_)
            | Token::Decimal(_)
            | Token::Pounds(_)
            | Token::Day(_)
            | Token::Quoted(_)
            | Token::Sign(_)
            | Token::End => None,
        };
        self.next = (self.next + 1).min(self.tokens.len());
        word
    }

    fn word(&mut self, word: &str) -> Result<(), Wrong> {
        if self.take_word(word) { Ok(()) } else { Err(Wrong::new(self.at(), self.peek().shown(), format!("`{word}`"))) }
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let taken = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.next += usize::from(taken);
        taken
    }

    fn sign(&mut self, sign: &str) -> Result<(), Wrong> {
        if self.take_sign(sign) { Ok(()) } else { Err(Wrong::new(self.at(), self.peek().shown(), format!("`{sign}`"))) }
    }
}

fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    let at = left.at;
    Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), at }
}
