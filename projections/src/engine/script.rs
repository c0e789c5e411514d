//! What the steps of every case share: names, formulas, citations and values of parameters, put together once for a compiled pack.
//!
//! A trace of a case then only points at them: what it makes anew is what differs from case to case.

use std::sync::Arc;

use jiff::civil::Date;
use schemas::Citation;

use super::model::{Input, Kind, Leaf, LeafValue, Origin, Rule, SayPart, Scope, Typed, Version};
use super::pack::Pack;
use super::value::show;

/// A parameter's value in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The parameter.
    pub path: Arc<str>,
    /// Day from which the value is in force.
    pub from: Date,
    /// The value as people read it.
    pub text: String,
    /// Where the law says so: for this value, or else for the parameter.
    pub cite: Option<Arc<Citation>>,
}

/// Everything about a pack that steps point at.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// By rule.
    pub rules: Vec<RuleScript>,
    /// How many of the rules that have steps belong to persons.
    personal: usize,
    /// The rules that have steps of their own, each after those it needs.
    pub order: Vec<usize>,
    /// By parameter, then by dated value; nothing for what is no number.
    pub used: Vec<Vec<Option<Arc<Used>>>>,
    /// Names of facts, by input.
    pub facts: Vec<Arc<str>>,
}

/// A rule in it.
#[derive(Clone, Debug)]
pub(crate) struct RuleScript {
    pub id: Arc<str>,
    pub versions: Vec<VersionScript>,
}

/// A version of a rule in it.
#[derive(Clone, Debug)]
pub(crate) struct VersionScript {
    pub formula: Arc<str>,
    pub cite: Option<Arc<Citation>>,
    pub say: Saying,
    /// Facts that the formula names, each once.
    pub inputs: Vec<usize>,
    /// Parameters that it names, and those among whose variants one is chosen for it, each once.
    pub leaves: Vec<usize>,
}

/// What a version says of itself.
#[derive(Clone, Debug)]
pub(crate) enum Saying {
    /// Nothing.
    Nothing,
    /// The same of every case.
    Always(Arc<str>),
    /// A sentence with values of the case in it.
    Filled,
}

impl Script {
    /// Puts together what steps of a pack share.
    pub fn of(pack: &Pack) -> Script {
        let rule = |rule: &Rule| RuleScript {
            id: rule.id.as_str().into(),
            versions: rule.versions.iter().map(|version| VersionScript::of(pack, version)).collect(),
        };
        Script {
            rules: pack.rules.iter().map(rule).collect(),
            order: pack.order.iter().copied().filter(|rule| pack.rules[*rule].origin == Origin::Rule).collect(),
            used: pack.leaves.iter().map(|leaf| used(pack, leaf)).collect(),
            personal: pack.rules.iter().filter(|r| r.origin == Origin::Rule && r.scope == Scope::Person).count(),
            facts: pack.inputs.iter().map(|input: &Input| input.name.as_str().into()).collect(),
        }
    }
}

impl Script {
    /// At most how many steps a case of so many people has.
    pub fn steps(&self, people: usize) -> usize {
        self.order.len() - self.personal + self.personal * people
    }
}

impl VersionScript {
    fn of(pack: &Pack, version: &Version) -> VersionScript {
        let (mut inputs, mut leaves) = (Vec::new(), Vec::new());
        version.body.walk(&mut |typed| {
            if let Kind::Input(index) = typed.kind
                && !inputs.contains(&index)
            {
                inputs.push(index);
            }
            match typed.kind {
                Kind::Leaf(_) => note_leaf(typed, &mut leaves),
                Kind::Rule(rule) if pack.rules[rule].origin == Origin::Variants => {
                    let bodies = pack.rules[rule].versions.iter().map(|variants| &variants.body);
                    bodies.for_each(|body| body.walk(&mut |inner| note_leaf(inner, &mut leaves)));
                }
                Kind::Const(_)
                | Kind::PeriodStart
                | Kind::PeriodEnd
                | Kind::Input(_)
                | Kind::Rule(_)
                | Kind::Negate(_)
                | Kind::Not(_)
                | Kind::Add(..)
                | Kind::Sub(..)
                | Kind::Mul(..)
                | Kind::Scale(..)
                | Kind::Compare(..)
                | Kind::And(..)
                | Kind::Or(..)
                | Kind::If(..)
                | Kind::Extreme(..)
                | Kind::Round(..)
                | Kind::Quotient(..)
                | Kind::Age(..)
                | Kind::AddMonths(..)
                | Kind::AddDays(..)
                | Kind::Over { .. }
                | Kind::Rank { .. } => {}
            }
        });
        let cite = version.cite.clone().map(Arc::new);
        VersionScript { formula: version.text.as_str().into(), cite, say: saying(version), inputs, leaves }
    }
}

fn note_leaf(typed: &Typed, leaves: &mut Vec<usize>) {
    if let Kind::Leaf(index) = typed.kind
        && !leaves.contains(&index)
    {
        leaves.push(index);
    }
}

fn saying(version: &Version) -> Saying {
    let Some(say) = &version.say else { return Saying::Nothing };
    let mut out = String::new();
    for part in &say.0 {
        match part {
            SayPart::Text(text) => out.push_str(text),
            SayPart::Value(_) => return Saying::Filled,
        }
    }
    Saying::Always(out.into())
}

/// The values of a parameter as steps show them.
fn used(pack: &Pack, leaf: &Leaf) -> Vec<Option<Arc<Used>>> {
    let path: Arc<str> = leaf.path.as_str().into();
    let of_all = leaf.cite.clone().map(Arc::new);
    let one = |dated: &super::model::Dated| {
        let (LeafValue::Number(n), Some(ty)) = (&dated.value, leaf.ty) else { return None };
        let cite = dated.cite.clone().map(Arc::new).or_else(|| of_all.clone());
        Some(Arc::new(Used { path: path.clone(), from: dated.from, text: show(ty, &pack.words, *n), cite }))
    };
    leaf.values.iter().map(one).collect()
}
