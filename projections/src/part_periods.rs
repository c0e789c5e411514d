//! Benefits paid by the week that began or ended within a period: they count for their days in it, and not as a month
//! (SI 2013/376 reg. 73(2A)). A change of rate is neither: the rate of the last day counts for all of them.

use jiff::ToSpan;
use schemas::events::PersonFact;
use schemas::{AssessmentPeriod, Money};

use crate::engine::Value;
use crate::views::PersonView;

/// What the case of a period says of the weekly benefits that a person had for a part of it: the amount a week, and the
/// days. `input` gives a fact in the words of the pack.
pub fn parts(
    person: &PersonView,
    period: AssessmentPeriod,
    input: impl Fn(&PersonFact) -> Option<(&'static str, Value)>,
) -> Vec<(String, Value)> {
    let mut parts = Vec::new();
    for (key, name) in person.facts.keys().filter_map(|key| Some((key, key.strip_suffix("_weekly")?))) {
        let days = std::iter::successors(Some(period.first()), |day| day.checked_add(1.day()).ok());
        let stated = days.take_while(|day| *day <= period.last()).filter_map(|day| input(person.fact(key, day)?));
        let paid: Vec<(&str, Value)> = stated.filter(|(_, sum)| *sum != Value::Money(Money::ZERO)).collect();
        let days = i64::try_from(paid.len()).unwrap_or(i64::MAX);
        if let Some((weekly, sum)) = paid.into_iter().last().filter(|_| days < period.days()) {
            parts.push((weekly.into(), sum));
            parts.push((format!("{name}_days"), Value::Count(days)));
        }
    }
    parts
}
