//! A pack: loaded, every name looked up, every type checked, in an order in which each rule comes after those it needs.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemas::yaml::Node;
use schemas::{AssessmentPeriod, Cycle, PeriodError, PeriodKind};

use super::ast::{Expr, ExprKind};
use super::carry;
use super::check::{Named, Names};
use super::error::{PackError, Place};
use super::exact::Exact;
use super::manifest::{self, Manifest, RequirementText};
use super::model::{
    AppliesTo, Carry, Input, Kind, Leaf, Line, Origin, Requirement, Rule, Say, SayPart, Scope, Ty, Typed, Version,
};
use super::parameters::{self, Parameter};
use super::rules::{self, RuleText, VersionText, expression, locate};
use super::source::{PackFiles, Source, place, sha256_hex, shown};
use super::token::Wrong;

/// A rule pack that can be compiled and run.
#[derive(Clone, Debug)]
pub struct Pack {
    pub(crate) source: Source,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) from: Date,
    pub(crate) to: Option<Date>,
    pub(crate) periods: PeriodKind,
    pub(crate) words: Vec<String>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) rules: Vec<Rule>,
    /// Indices of rules, each after the rules it needs.
    pub(crate) order: Vec<usize>,
    pub(crate) outputs: Vec<usize>,
    pub(crate) lines: Vec<Line>,
    pub(crate) award: Option<usize>,
    pub(crate) requires: Vec<Requirement>,
    pub(crate) carries: Vec<Carry>,
}

impl Pack {
    /// Loads a pack from the text of its files.
    ///
    /// # Errors
    /// Everything that is wrong with it, as far as one look can tell.
    pub fn load(files: &PackFiles) -> Result<Pack, Vec<PackError>> {
        let source = Source::read(files)?;
        if let Some(reform) = &source.reform {
            let error = PackError::new(
                place("pack.yaml", reform),
                "a reform (`base` or `changes`)",
                "a pack that stands alone",
            );
            return Err(vec![error.advise("load its base, then the reform on it")]);
        }
        Pack::from_source(source)
    }

    /// The content that decides what the pack means; [`Pack::from_canonical`] loads the same pack from it.
    pub fn canonical(&self) -> String {
        self.source.canonical()
    }

    /// Loads what [`Pack::canonical`] gave.
    ///
    /// # Errors
    /// As [`Pack::load`].
    pub fn from_canonical(text: &str) -> Result<Pack, Vec<PackError>> {
        Pack::from_source(Source::from_canonical(text).map_err(|e| vec![e])?)
    }

    /// SHA-256 of the canonical content, in hexadecimal. Law notes, tests, comments and layout do not change it.
    pub fn digest(&self) -> String {
        sha256_hex(self.canonical().as_bytes())
    }

    /// The pack's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its title for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// First and last day on which a period it answers for may start.
    pub fn in_force(&self) -> (Date, Option<Date>) {
        (self.from, self.to)
    }

    /// Which periods it decides.
    pub fn periods(&self) -> PeriodKind {
        self.periods
    }

    /// The period that starts on a day.
    ///
    /// # Errors
    /// No period of this pack starts that day: it decides weeks from Mondays, and the day is none.
    pub fn period_starting(&self, first: Date) -> Result<AssessmentPeriod, PeriodError> {
        Cycle::new(self.periods, first).starting(first)
    }

    /// Every fact a case may state.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Every rule, in the order of evaluation.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.order.iter().map(|i| &self.rules[*i]).filter(|r| r.origin == Origin::Rule)
    }

    /// Every parameter.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Ids of the rules shown as results.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|i| self.rules[*i].id.as_str())
    }

    /// Payee lines, in the order in which sanctions and deductions fall on them.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Conditions that every case must meet, in the order in which they are looked at: the condition as written, and what is wrong with a case that does not meet it.
    pub fn requirements(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |rule: usize| self.rules[rule].versions.first().map_or("", |version| version.text.as_str());
        self.requires.iter().map(move |requirement| (text(requirement.rule), requirement.say.as_str()))
    }

    /// The rule with this index, as [`Line::amount`] gives it.
    pub fn rule(&self, index: usize) -> Option<&Rule> {
        self.rules.get(index)
    }

    /// Id of the rule that the lines must add up to, where the pack names one.
    pub fn award(&self) -> Option<&str> {
        self.award.map(|i| self.rules[i].id.as_str())
    }

    /// The words of the pack's enums; [`Input::words`] are indices into them.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The value of a parameter on a day, for what stands in a pack but outside its rules (payment days). Nothing where it has none.
    pub fn parameter_on(&self, path: &str, day: Date) -> Option<Exact> {
        let leaf = self.leaves.iter().find(|leaf| leaf.path == path)?;
        match leaf.values[leaf.index_on(day)?].value {
            super::model::LeafValue::Number(n) => Some(n),
            super::model::LeafValue::Unlimited
            | super::model::LeafValue::Absent
            | super::model::LeafValue::Other(_) => None,
        }
    }

    pub(crate) fn from_source(source: Source) -> Result<Pack, Vec<PackError>> {
        let mut errors = Vec::new();
        let manifest = manifest::read(&source.pack, &mut errors);
        let mut parameters = Vec::new();
        for (file, node) in &source.parameters {
            parameters::read_file(file, node, &mut parameters, &mut errors);
        }
        let Some(mut manifest) = manifest else { return Err(errors) };
        let texts: Vec<(String, RuleText)> = source
            .rules
            .iter()
            .filter_map(|(file, node)| Some((file.clone(), rules::read(file, node, &mut manifest.words, &mut errors)?)))
            .collect();
        let built = Builder::new(&manifest, &parameters, texts, &mut errors).build(&mut errors);
        let (rules, leaves, names) = built;
        if !errors.is_empty() {
            return Err(errors);
        }
        let order = in_order(&rules).map_err(|cycle| vec![cycle])?;
        let (outputs, lines, award) = ends(&manifest, &names, &rules, &mut errors);
        let carries = carry::look_up(&manifest.carries, &names, &manifest.inputs, &rules, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let first = rules.iter().position(|rule| rule.origin == Origin::Requirement).unwrap_or(rules.len());
        let Manifest { name, version, title, from, to, periods, inputs, words, requires, .. } = manifest;
        let requires =
            requires.into_iter().enumerate().map(|(n, text)| Requirement { rule: first + n, say: text.say }).collect();
        Ok(Pack {
            source,
            name,
            version,
            title,
            from,
            to,
            periods,
            words,
            inputs,
            leaves,
            parameters,
            rules,
            order,
            outputs,
            lines,
            award,
            requires,
            carries,
        })
    }
}

/// A parameter with variants: the rule that chooses, its file, and the condition and leaf of each variant.
type Choice = (usize, String, Vec<Variant>);
type Variant = (Option<(Expr, Node)>, usize);

/// Looks up and checks the rules of a pack.
struct Builder<'p> {
    manifest: &'p Manifest,
    names: BTreeMap<String, Named>,
    leaves: Vec<Leaf>,
    rules: Vec<Rule>,
    texts: Vec<(String, RuleText)>,
    choices: Vec<Choice>,
}

impl<'p> Builder<'p> {
    fn new(
        manifest: &'p Manifest,
        parameters: &[Parameter],
        texts: Vec<(String, RuleText)>,
        errors: &mut Vec<PackError>,
    ) -> Builder<'p> {
        let mut builder = Builder {
            manifest,
            names: BTreeMap::new(),
            leaves: Vec::new(),
            rules: Vec::new(),
            texts,
            choices: Vec::new(),
        };
        for (index, input) in manifest.inputs.iter().enumerate() {
            let at = Place { file: "pack.yaml".into(), line: 0, column: 0 };
            builder.name(&input.name, Named::Input(index), at, errors);
        }
        for index in 0..builder.texts.len() {
            let text = &builder.texts[index].1;
            let rule = Rule {
                id: text.id.clone(),
                ty: text.ty,
                scope: text.scope,
                words: text.words.clone(),
                versions: Vec::new(),
                origin: Origin::Rule,
                place: text.place.clone(),
            };
            builder.name(&rule.id.clone(), Named::Rule(index), rule.place.clone(), errors);
            builder.rules.push(rule);
        }
        for parameter in parameters {
            builder.parameter(parameter, errors);
        }
        builder.scope_choices();
        for (number, requirement) in manifest.requires.iter().enumerate() {
            builder.rules.push(Rule {
                id: format!("requires#{}", number + 1),
                ty: Ty::Bool,
                scope: Scope::Unit,
                words: Vec::new(),
                versions: Vec::new(),
                origin: Origin::Requirement,
                place: place("pack.yaml", &requirement.node),
            });
        }
        builder
    }

    fn name(&mut self, name: &str, named: Named, at: Place, errors: &mut Vec<PackError>) {
        let before = self.names.insert(name.to_string(), named);
        // A rule may bear the name of a fact: it is then what the fact comes to, and only the rule itself still sees the fact.
        let refines_a_fact = matches!((before, named), (Some(Named::Input(_)), Named::Rule(index)) if self.rules.get(index).is_none_or(|r| r.origin != Origin::Variants));
        if before.is_some() && !refines_a_fact {
            errors.push(PackError::new(at, format!("a second `{name}`"), "one input, rule or parameter of a name"));
        }
    }

    fn parameter(&mut self, parameter: &Parameter, errors: &mut Vec<PackError>) {
        let first = self.leaves.len();
        self.leaves.extend(parameter.variants.iter().map(|(_, leaf)| leaf.clone()));
        let place = parameter.variants[0].1.place.clone();
        if let [(None, leaf)] = &parameter.variants[..] {
            return self.name(&parameter.path, Named::Leaf(first, leaf.ty), place, errors);
        }
        let mut variants = Vec::new();
        for (index, (when, leaf)) in parameter.variants.iter().enumerate() {
            if leaf.ty != parameter.variants[0].1.ty {
                errors.push(PackError::new(leaf.place.clone(), "a variant of another type", "variants of one type"));
            }
            let when =
                match when.as_ref().map(|node| expression(&parameter.file, node).map(|expr| (expr, node.clone()))) {
                    None => None,
                    Some(Ok(pair)) => Some(pair),
                    Some(Err(error)) => {
                        errors.push(error);
                        return;
                    }
                };
            variants.push((when, first + index));
        }
        let Some(ty) = parameter.variants[0].1.ty else {
            return errors.push(PackError::new(
                place,
                "variants of a type that cannot be calculated with",
                "numbers, days or true and false",
            ));
        };
        let rule = self.rules.len();
        let id = parameter.path.clone();
        self.rules.push(Rule {
            id: id.clone(),
            ty,
            scope: Scope::Unit,
            words: Vec::new(),
            versions: Vec::new(),
            origin: Origin::Variants,
            place: place.clone(),
        });
        self.name(&id, Named::Rule(rule), place, errors);
        self.choices.push((rule, parameter.file.clone(), variants));
    }

    /// A parameter with variants belongs to a person as soon as one of its conditions names something of a person.
    fn scope_choices(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for (rule, _, variants) in &self.choices {
                let personal =
                    variants.iter().filter_map(|(when, _)| when.as_ref()).any(|(expr, _)| self.names_a_person(expr));
                if personal && self.rules[*rule].scope == Scope::Unit {
                    self.rules[*rule].scope = Scope::Person;
                    changed = true;
                }
            }
        }
    }

    fn names_a_person(&self, expr: &Expr) -> bool {
        let any = |all: &[&Expr]| all.iter().any(|e| self.names_a_person(e));
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Over { .. } => false,
            ExprKind::Rank { .. } => true,
            ExprKind::Name(name) => match self.names.get(name) {
                Some(Named::Input(i)) => self.manifest.inputs[*i].scope == Scope::Person,
                Some(Named::Rule(i)) => self.rules[*i].scope == Scope::Person,
                Some(Named::Leaf(..)) | None => false,
            },
            ExprKind::Negate(a) | ExprKind::Not(a) | ExprKind::Round(a, ..) => any(&[a]),
            ExprKind::Binary(_, a, b)
            | ExprKind::Age(a, b)
            | ExprKind::AddMonths(a, b, _)
            | ExprKind::AddDays(a, b)
            | ExprKind::Days(a, b) => any(&[a, b]),
            ExprKind::If(a, b, c) => any(&[a, b, c]),
            ExprKind::Extreme(_, all) => all.iter().any(|e| self.names_a_person(e)),
        }
    }

    fn build(mut self, errors: &mut Vec<PackError>) -> (Vec<Rule>, Vec<Leaf>, BTreeMap<String, Named>) {
        let mut all_versions: Vec<Vec<Version>> = Vec::new();
        for index in 0..self.texts.len() {
            let versions = &self.texts[index].1.versions;
            all_versions.push(versions.iter().filter_map(|v| self.version(index, v, errors)).collect());
        }
        let choices: Vec<(usize, Option<Version>)> = self
            .choices
            .iter()
            .map(|(rule, file, variants)| (*rule, self.choice(*rule, file, variants, errors)))
            .collect();
        let conditions: Vec<(usize, Option<Version>)> = (0..self.rules.len())
            .filter(|rule| self.rules[*rule].origin == Origin::Requirement)
            .zip(&self.manifest.requires)
            .map(|(rule, text)| (rule, self.condition(text, errors)))
            .collect();
        for (rule, versions) in all_versions.into_iter().enumerate() {
            self.rules[rule].versions = versions;
        }
        for (rule, version) in choices.into_iter().chain(conditions) {
            self.rules[rule].versions = version.into_iter().collect();
        }
        (self.rules, self.leaves, self.names)
    }

    /// Names as they are seen from the rule `own`, or from outside the rules.
    fn lookup(&self, own: Option<usize>) -> Names<'_> {
        Names {
            names: &self.names,
            inputs: &self.manifest.inputs,
            rules: &self.rules,
            words: &self.manifest.words,
            own,
        }
    }

    fn version(&self, index: usize, text: &VersionText, errors: &mut Vec<PackError>) -> Option<Version> {
        let (file, rule) = &self.texts[index];
        let names = self.lookup(Some(index));
        let body = names
            .check(&text.expr, rule.scope, rule.ty)
            .map_err(|wrong| errors.push(locate(file, &text.node, wrong)))
            .ok()?;
        if let Some(can_be) = names.words_of(&body)
            && let Some(other) = can_be.iter().find(|w| !rule.words.contains(w))
        {
            let word = self.manifest.words.get(*other as usize).cloned().unwrap_or_default();
            errors.push(PackError::new(
                place(file, &text.node),
                format!("an expression that can be `{word}`"),
                "one of the rule's `values`",
            ));
        }
        let say = match &text.say {
            None => None,
            Some(node) => Some(self.say(file, rule.scope, node).map_err(|e| errors.push(e)).ok()?),
        };
        let source = text.node.text().unwrap_or_default().trim().to_string();
        Some(Version { from: text.from, applies_to: text.applies_to, body, text: source, cite: text.cite.clone(), say })
    }

    /// `text with {names}`; `{{` stands for a bracket.
    fn say(&self, file: &str, scope: Scope, node: &Node) -> Result<Say, PackError> {
        let text = node.text().ok_or_else(|| PackError::new(place(file, node), shown(node), "a sentence"))?;
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            parts.push(SayPart::Text(before.to_string()));
            let (name, tail) = after
                .split_once('}')
                .ok_or_else(|| PackError::new(place(file, node), "`{` without `}` in a sentence", "`{name}`"))?;
            let expr = Expr { kind: ExprKind::Name(name.trim().to_string()), at: 0 };
            let typed = self.lookup(None).expr(&expr, scope).map_err(|wrong| {
                let offset = text.find(&format!("{{{name}}}")).map_or(0, |bytes| text[..bytes].chars().count() + 1);
                locate(file, node, Wrong { at: offset, ..wrong })
            })?;
            parts.push(SayPart::Value(typed));
            rest = tail;
        }
        parts.push(SayPart::Text(rest.to_string()));
        Ok(Say(parts))
    }

    /// A condition that cases must meet; it is worked out like a rule of the case.
    fn condition(&self, text: &RequirementText, errors: &mut Vec<PackError>) -> Option<Version> {
        let body = self.lookup(None).check(&text.expr, Scope::Unit, Ty::Bool);
        Some(Version {
            from: None,
            applies_to: AppliesTo::PeriodStart,
            body: body.map_err(|wrong| errors.push(locate("pack.yaml", &text.node, wrong))).ok()?,
            text: text.node.text().unwrap_or_default().trim().to_string(),
            cite: None,
            say: None,
        })
    }

    /// The variants of a parameter as a chain of `if`.
    fn choice(&self, rule: usize, file: &str, variants: &[Variant], errors: &mut Vec<PackError>) -> Option<Version> {
        let (names, ty) = (self.lookup(None), self.rules[rule].ty);
        let mut body: Option<Typed> = None;
        for (when, leaf) in variants.iter().rev() {
            let value = Typed { kind: Kind::Leaf(*leaf), ty, scope: Scope::Unit, at: 0 };
            body = Some(match (when, body) {
                (Some((expr, node)), Some(rest)) => {
                    let condition = names
                        .check(expr, self.rules[rule].scope, Ty::Bool)
                        .map_err(|wrong| errors.push(locate(file, node, wrong)))
                        .ok()?;
                    let scope = condition.scope.max(rest.scope);
                    Typed { kind: Kind::If(Box::new(condition), Box::new(value), Box::new(rest)), ty, scope, at: 0 }
                }
                (_, _) => value,
            });
        }
        let cite = self.leaves[variants[0].1].cite.clone();
        Some(Version {
            from: None,
            applies_to: AppliesTo::PeriodStart,
            body: body?,
            text: String::new(),
            cite,
            say: None,
        })
    }
}

/// The rules that `rule` names, in any version.
pub(crate) fn needs(rule: &Rule) -> Vec<usize> {
    let mut out = Vec::new();
    for version in &rule.versions {
        version.body.walk(&mut |typed| {
            if let Kind::Rule(index) = typed.kind
                && !out.contains(&index)
            {
                out.push(index);
            }
        });
    }
    out
}

/// Rules in an order in which each comes after those it needs, or the first ring of rules that need each other.
fn in_order(rules: &[Rule]) -> Result<Vec<usize>, PackError> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let needed: Vec<Vec<usize>> = rules.iter().map(needs).collect();
    let (mut seen, mut order) = (vec![Seen::No; rules.len()], Vec::new());
    for start in 0..rules.len() {
        let mut path: Vec<(usize, usize)> = Vec::new();
        if seen[start] == Seen::No {
            seen[start] = Seen::Open;
            path.push((start, 0));
        }
        while let Some((rule, next)) = path.last_mut() {
            let Some(child) = needed[*rule].get(*next).copied() else {
                seen[*rule] = Seen::Done;
                order.push(*rule);
                path.pop();
                continue;
            };
            *next += 1;
            match seen[child] {
                Seen::Done => {}
                Seen::No => {
                    seen[child] = Seen::Open;
                    path.push((child, 0));
                }
                Seen::Open => {
                    let ring = path.iter().map(|(r, _)| *r).skip_while(|r| *r != child).chain([child]);
                    let ring: Vec<String> = ring.map(|r| format!("`{}`", rules[r].id)).collect();
                    let error = PackError::new(
                        rules[child].place.clone(),
                        format!("a ring of rules: {}", ring.join(" needs ")),
                        "rules that do not need themselves",
                    );
                    return Err(error);
                }
            }
        }
    }
    Ok(order)
}

/// Looks up outputs, lines and award.
fn ends(
    manifest: &Manifest,
    names: &BTreeMap<String, Named>,
    rules: &[Rule],
    errors: &mut Vec<PackError>,
) -> (Vec<usize>, Vec<Line>, Option<usize>) {
    let ids = || rules.iter().filter(|r| r.origin == Origin::Rule).map(|r| r.id.as_str());
    let mut rule = |node: &Node, wanted: Option<Ty>| {
        let name = node.text().unwrap_or_default();
        let Some(Named::Rule(index)) = names.get(name) else {
            errors.push(PackError::new(place("pack.yaml", node), shown(node), "the id of a rule").nearest(name, ids()));
            return None;
        };
        if wanted.is_some_and(|ty| rules[*index].ty != ty) {
            errors.push(PackError::new(
                place("pack.yaml", node),
                format!("`{name}`, of type {}", rules[*index].ty.name()),
                "a rule of type money",
            ));
        }
        Some(*index)
    };
    let outputs = manifest.outputs.iter().filter_map(|node| rule(node, None)).collect();
    let award = manifest.award.as_ref().and_then(|node| rule(node, Some(Ty::Money)));
    let lines = manifest.lines.iter().filter_map(|line| {
        Some(Line {
            purpose: line.purpose.clone(),
            amount: rule(&line.amount, Some(Ty::Money))?,
            payee: line.payee,
            reduce: line.reduce,
        })
    });
    let lines = lines.collect();
    (outputs, lines, award)
}
