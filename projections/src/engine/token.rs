//! Splits the text of an expression into words, numbers and signs, each with its place.

use super::exact::Exact;

/// One word, number or sign of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A rule, input or dotted parameter path, or a word of the language (`if`, `over`, `min` ...).
    Word(String),
    /// A whole number: `12`.
    Whole(Exact),
    /// A number with decimals: `0.55`.
    Decimal(Exact),
    /// An amount: `£1.50`.
    Pounds(Exact),
    /// A day: `2017-04-06`.
    Day(jiff::civil::Date),
    /// A quoted enum value: `"social"`.
    Quoted(String),
    /// An operator, bracket or comma.
    Sign(&'static str),
    /// The end of the text.
    End,
}

impl Token {
    /// The token as an error message shows it.
    pub fn shown(&self) -> String {
        match self {
            Token::Word(w) => format!("`{w}`"),
            Token::Whole(n) | Token::Decimal(n) => format!("`{n}`"),
            Token::Pounds(n) => format!("`£{n}`"),
            Token::Day(d) => format!("`{d}`"),
            Token::Quoted(q) => format!("`\"{q}\"`"),
            Token::Sign(s) => format!("`{s}`"),
            Token::End => "the end of the expression".to_string(),
        }
    }
}

/// Offset in characters from the start of the expression's text.
pub type Offset = usize;

/// A wrong expression: where, what was found, what was expected, and advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where in the expression.
    pub at: Offset,
    /// What stands there.
    pub found: String,
    /// What could have stood there.
    pub expected: String,
    /// What to write instead, where that can be said.
    pub advice: Option<String>,
}

impl Wrong {
    /// A mistake without advice.
    pub fn new(at: Offset, found: impl Into<String>, expected: impl Into<String>) -> Wrong {
        Wrong { at, found: found.into(), expected: expected.into(), advice: None }
    }

    /// The same mistake with advice.
    pub fn advise(mut self, advice: impl Into<String>) -> Wrong {
        self.advice = Some(advice.into());
        self
    }
}

const SIGNS: [&str; 15] = ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", ",", "−", "="];

/// All tokens of `text`, closed by [`Token::End`].
///
/// # Errors
/// A character, number, day or quotation that is none of the above.
pub fn tokens(text: &str) -> Result<Vec<(Token, Offset)>, Wrong> {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        if chars[at].is_whitespace() {
            at += 1;
            continue;
        }
        let (token, next) = token(&chars, at)?;
        out.push((token, at));
        at = next;
    }
    out.push((Token::End, chars.len()));
    Ok(out)
}

fn token(chars: &[char], at: usize) -> Result<(Token, usize), Wrong> {
    let first = chars[at];
    if first.is_ascii_alphabetic() || first == '_' {
        return Ok(word(chars, at));
    }
    if first.is_ascii_digit() {
        return day_or_number(chars, at);
    }
    if first == '£' {
        let end = run(chars, at + 1, |c| c.is_ascii_digit() || c == '.' || c == '_');
        let text: String = chars[at + 1..end].iter().collect();
        let amount =
            Exact::parse(&text).ok_or_else(|| Wrong::new(at, format!("`£{text}`"), "an amount such as `£1.50`"))?;
        return Ok((Token::Pounds(amount), end));
    }
    if first == '"' {
        let end = run(chars, at + 1, |c| c != '"');
        if end == chars.len() {
            return Err(Wrong::new(at, "a quotation without an end", "a closing `\"`"));
        }
        return Ok((Token::Quoted(chars[at + 1..end].iter().collect()), end + 1));
    }
    let sign = SIGNS.iter().find(|s| chars[at..].iter().copied().take(s.chars().count()).eq(s.chars()));
    match sign {
        Some(&"=") => Err(Wrong::new(at, "`=`", "a comparison").advise("write `==` for equality")),
        Some(&"−") => Ok((Token::Sign("-"), at + 1)),
        Some(sign) => Ok((Token::Sign(sign), at + sign.chars().count())),
        None => Err(Wrong::new(at, format!("`{first}`"), "a name, a number, an operator or a bracket")),
    }
}

/// A name: letters, digits and `_`, in parts joined by dots, with `[0]` for the brackets of a scale.
fn word(chars: &[char], at: usize) -> (Token, usize) {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut end = run(chars, at, plain);
    loop {
        let next = chars.get(end).copied();
        let after = chars.get(end + 1).copied();
        if next == Some('.') && after.is_some_and(plain) {
            end = run(chars, end + 1, plain);
        } else if next == Some('[') && after.is_some_and(|c| c.is_ascii_digit()) {
            let close = run(chars, end + 1, |c| c.is_ascii_digit());
            if chars.get(close) != Some(&']') {
                break;
            }
            end = close + 1;
        } else {
            break;
        }
    }
    (Token::Word(chars[at..end].iter().collect()), end)
}

fn day_or_number(chars: &[char], at: usize) -> Result<(Token, usize), Wrong> {
    let looks_like_a_day = chars[at..].len() >= 10
        && chars[at..at + 10]
            .iter()
            .enumerate()
            .all(|(i, c)| if i == 4 || i == 7 { *c == '-' } else { c.is_ascii_digit() });
    if looks_like_a_day {
        let text: String = chars[at..at + 10].iter().collect();
        let day =
            text.parse().map_err(|_| Wrong::new(at, format!("`{text}`"), "a day of the calendar, as `2017-04-06`"))?;
        return Ok((Token::Day(day), at + 10));
    }
    let end = run(chars, at, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    let text: String = chars[at..end].iter().collect();
    let number =
        Exact::parse(&text).ok_or_else(|| Wrong::new(at, format!("`{text}`"), "a number such as `12` or `0.55`"))?;
    Ok((if text.contains('.') { Token::Decimal(number) } else { Token::Whole(number) }, end))
}

fn run(chars: &[char], from: usize, belongs: impl Fn(char) -> bool) -> usize {
    chars[from..].iter().position(|c| !belongs(*c)).map_or(chars.len(), |n| from + n)
}
