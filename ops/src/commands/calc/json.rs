//! Results as JSON: one object per case. Amounts are numbers with two decimals, never floats.

use jiff::civil::Date;
use projections::engine::{Answer, Exact, Figure, Step, Ty, Used};
use schemas::Citation;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Number, Value, json};

use super::Done;
use super::lines::Line;
use crate::error::Failure;

/// One case as a line of JSON.
///
/// # Errors
/// It cannot be written as JSON; no result is such.
pub fn case(done: &Done<'_>) -> Result<String, Failure> {
    let exact = Output { answer: &done.answer, lines: None, exact: true };
    let object = CaseJson {
        name: &done.case.name,
        period: done.case.period.first(),
        output: Output { answer: &done.answer, lines: done.lines.as_deref(), exact: false },
        exact: done.answer.unit.iter().chain(figures(&done.answer)).any(|(_, f)| is_finer(f)).then_some(exact),
        steps: done.steps.as_ref().map(|steps| steps.iter().map(StepJson::of).collect()),
    };
    serde_json::to_string(&object).map_err(|e| Failure::input(e.to_string()))
}

/// A case that could not be worked out, as a line of JSON.
pub fn refused(name: &str, period: Option<Date>, message: &str) -> String {
    json!({"name": name, "period": period, "error": message}).to_string()
}

#[derive(serde::Serialize)]
struct CaseJson<'a> {
    name: &'a str,
    period: Date,
    output: Output<'a>,
    /// The same without rounding to the penny, where that makes a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<Output<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepJson<'a>>>,
}

struct Output<'a> {
    answer: &'a Answer,
    lines: Option<&'a [Line]>,
    exact: bool,
}

impl Serialize for Output<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = |figure: &Figure| if self.exact { exact_value(figure) } else { value(figure) };
        let mut map = serializer.serialize_map(None)?;
        for (id, figure) in &self.answer.unit {
            map.serialize_entry(id, &value(figure))?;
        }
        if figures(self.answer).next().is_some() {
            map.serialize_entry("people", &People { answer: self.answer, exact: self.exact })?;
        }
        if let Some(lines) = self.lines {
            map.serialize_entry("lines", &lines.iter().map(line).collect::<Vec<_>>())?;
        }
        map.end()
    }
}

fn line(line: &Line) -> Value {
    let amount = Value::Number(line.amount.to_json_number());
    json!({"amount": amount, "purpose": line.purpose.name(), "for_whom": line.for_whom, "payee": line.payee})
}

struct People<'a> {
    answer: &'a Answer,
    exact: bool,
}

impl Serialize for People<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = |figure: &Figure| if self.exact { exact_value(figure) } else { value(figure) };
        let person = |figures: &[(String, Figure)]| -> Value {
            figures.iter().map(|(id, figure)| (id.clone(), value(figure))).collect::<serde_json::Map<_, _>>().into()
        };
        serializer.collect_map(self.answer.people.iter().map(|p| (&p.id, person(&p.figures))))
    }
}

fn figures(answer: &Answer) -> impl Iterator<Item = &(String, Figure)> {
    answer.people.iter().flat_map(|person| &person.figures)
}

/// Whether an amount is not in whole pence.
fn is_finer(figure: &Figure) -> bool {
    figure.ty == Ty::Money && figure.exact.in_units_of(100).is_none()
}

/// A figure, money to the nearest penny.
pub fn value(figure: &Figure) -> Value {
    figure.money().map_or_else(|| exact_value(figure), |money| Value::Number(money.to_json_number()))
}

/// A figure without rounding: a fraction that no decimal can hold (`13/3`) is a text.
fn exact_value(figure: &Figure) -> Value {
    match figure.ty {
        Ty::Money | Ty::Rate | Ty::Count | Ty::Days => number(&figure.text),
        Ty::Bool => Value::Bool(figure.exact != Exact::ZERO),
        Ty::Date | Ty::Enum => Value::String(figure.text.clone()),
    }
}

fn number(text: &str) -> Value {
    if text.contains('/') {
        Value::String(text.into())
    } else {
        Value::Number(Number::from_string_unchecked(text.into()))
    }
}

/// A step as programs read it.
#[derive(serde::Serialize)]
struct StepJson<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<&'a str>,
    say: Option<&'a str>,
    value: Value,
    /// Before rounding, where rounding is the last thing that the rule does.
    unrounded: Option<Value>,
    cite: Option<String>,
    confidence: Option<&'static str>,
    formula: &'a str,
    /// Facts that were not stated, so that the pack's default stood for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    defaults: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<UsedJson<'a>>,
}

#[derive(serde::Serialize)]
struct UsedJson<'a> {
    path: &'a str,
    from: Date,
    value: &'a str,
    cite: Option<String>,
    confidence: Option<&'static str>,
}

impl StepJson<'_> {
    fn of(step: &Step) -> StepJson<'_> {
        StepJson {
            id: &step.id,
            person: step.person.as_deref(),
            say: step.say.as_deref(),
            value: exact_value(&step.value),
            unrounded: step.unrounded.map(|exact| number(&exact.to_string())),
            cite: step.cite.as_deref().map(provision),
            confidence: step.confidence.map(|confidence| confidence.name()),
            formula: &step.formula,
            defaults: step.used_default.iter().map(|fact| &**fact).collect(),
            parameters: step.parameters.iter().map(|used| UsedJson::of(used)).collect(),
        }
    }
}

impl UsedJson<'_> {
    fn of(used: &Used) -> UsedJson<'_> {
        UsedJson {
            path: &used.path,
            from: used.from,
            value: &used.text,
            cite: used.cite.as_deref().map(provision),
            confidence: used.cite.as_deref().map(|cite| cite.confidence.name()),
        }
    }
}

fn provision(cite: &Citation) -> String {
    format!("{} {}", cite.instrument, cite.provision).trim_end().to_string()
}
