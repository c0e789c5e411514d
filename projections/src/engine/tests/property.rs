//! The tape and the reference evaluator agree on generated packs and cases.
//!
//! Packs are generated as text, so that the parser and the type checker are held to it too. Expressions are drawn from a list of choices, which proptest can shorten.

use proptest::collection::vec;
use proptest::prelude::*;

use super::support::{case, load};
use crate::engine::{Case, CaseFault, Pack, PackFiles, Scope, Ty, Value, reference};
use schemas::Money;

struct Choices {
    left: std::vec::IntoIter<u16>,
}

impl Choices {
    fn pick(&mut self, of: usize) -> usize {
        usize::from(self.left.next().unwrap_or(0)) % of.max(1)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.pick(of.len())]
    }
}

const PERSON: &str = "{birth: {type: date, default: 2000-02-29}, pay: {type: money, default: 0}, kids: {type: count, default: 1}, \
    share: {type: rate, decimals: 3, default: 0.5}, role: {type: enum, values: [a, b, c], default: a}, ill: {type: bool, default: false}}";
const UNIT: &str = "{rent: {type: money, default: 0}, size: {type: count, default: 2}, ratio: {type: rate, default: 0.25}, \
    since: {type: date, default: never}, kind: {type: enum, values: [x, y, a], default: x}, flagged: {type: bool, default: true}}";
const PARAMETERS: &str = "
m: {type: money, values: {2017-04-10: 251.77, 2019-02-28: 10.005, 2020-02-29: -3}}
late: {type: money, values: {2019-03-01: 1.25}}
r: {type: rate, applies_to: period_end, values: {2015-01-01: 0.63, 2019-03-10: 0.55}}
c: {type: count, values: {2017-01-01: 3, 2020-01-01: 0}}
d: {type: date, values: {2017-01-01: 2019-02-28}}
b: {type: bool, values: {2017-01-01: true, 2019-03-01: false}}
top: {type: money, values: {2017-01-01: .inf, 2019-03-01: 100}}
v: {type: money, variants: [{when: flagged, values: {2017-01-01: 7.07}}, {when: size > 2, values: {2019-03-01: 8.08}}, {values: {2017-01-01: 9.09}}]}
w: {type: rate, variants: [{when: ill, values: {2017-01-01: 0.1}}, {values: {2018-01-01: 0.2}}]}
";

struct Made {
    id: String,
    ty: Ty,
    scope: Scope,
}

struct Generator {
    choices: Choices,
    made: Vec<Made>,
}

impl Generator {
    /// Names of this type that can be written in this scope.
    fn name(&mut self, ty: Ty, person: bool) -> String {
        let (unit, own): (&[&str], &[&str]) = match ty {
            Ty::Money => (&["rent", "p.m", "p.v", "p.late", "p.top"], &["pay"]),
            Ty::Rate => (&["ratio", "p.r"], &["share", "p.w"]),
            Ty::Count => (&["size", "p.c"], &["kids"]),
            Ty::Bool => (&["flagged", "p.b"], &["ill"]),
            Ty::Date => (&["period_start", "period_end", "since", "p.d"], &["birth"]),
            Ty::Enum => (&["kind"], &["role"]),
            Ty::Days => (&["(period_end - period_start)"], &["days(birth, period_end)"]),
        };
        let mut all: Vec<String> = unit.iter().map(|s| s.to_string()).collect();
        if person {
            all.extend(own.iter().map(|s| s.to_string()));
        }
        let made = self.made.iter().filter(|m| m.ty == ty && (person || m.scope == Scope::Unit));
        all.extend(made.map(|m| m.id.clone()));
        let index = self.choices.pick(all.len());
        all.swap_remove(index)
    }

    fn literal(&mut self, ty: Ty) -> String {
        match ty {
            Ty::Money => self.choices.one(&["£0", "£0.05", "£12.345", "-£3.50", "£1000"]),
            Ty::Rate => self.choices.one(&["0.5", "0.333", "52/12", "-1.0", "1/3"]),
            Ty::Count => self.choices.one(&["0", "1", "2", "12"]),
            Ty::Bool => self.choices.one(&["true", "false"]),
            Ty::Date => self.choices.one(&["2019-03-10", "2024-02-29", "never", "1999-12-31"]),
            Ty::Enum => self.choices.one(&["\"a\"", "\"x\""]),
            Ty::Days => self.choices.one(&["days(2019-01-01, 2019-03-01)", "days(2020-03-01, 2020-02-28)"]),
        }
        .to_string()
    }

    fn expr(&mut self, ty: Ty, person: bool, depth: usize) -> String {
        let kind = if depth == 0 { self.choices.pick(3) } else { self.choices.pick(14) };
        match kind {
            0 | 1 => return self.name(ty, person),
            2 => return self.literal(ty),
            3 => {
                return format!(
                    "(if {} then {} else {})",
                    self.expr(Ty::Bool, person, depth - 1),
                    self.expr(ty, person, depth - 1),
                    self.expr(ty, person, depth - 1)
                );
            }
            _ => {}
        }
        let number = matches!(ty, Ty::Money | Ty::Rate | Ty::Count | Ty::Days);
        match (ty, kind) {
            (_, 4) if number => {
                format!("({} + {})", self.expr(ty, person, depth - 1), self.expr(ty, person, depth - 1))
            }
            (_, 5) if number => {
                format!("({} - {})", self.expr(ty, person, depth - 1), self.expr(ty, person, depth - 1))
            }
            (_, 6) if number || ty == Ty::Date => {
                let which = self.choices.one(&["min", "max"]);
                format!("{which}({}, {})", self.expr(ty, person, depth - 1), self.expr(ty, person, depth - 1))
            }
            (_, 7) if number => format!("sum({} over people{})", self.expr(ty, true, depth - 1), self.filter(depth)),
            (_, 8) if number || ty == Ty::Date => {
                let which = self.choices.one(&["min", "max"]);
                let body = self.expr(ty, true, depth - 1);
                format!("{which}({body} over people{} default {})", self.filter(depth), self.expr(ty, false, depth - 1))
            }
            (Ty::Money, 9) => {
                format!("{} * {}", self.factor(Ty::Money, person, depth), self.factor(Ty::Rate, person, depth))
            }
            (Ty::Money, 10) => {
                format!("{} * {}", self.factor(Ty::Days, person, depth), self.factor(Ty::Money, person, depth))
            }
            (Ty::Money, 11) => self.round(Ty::Money, person, depth),
            (Ty::Money, 12) => {
                let divisor = self.choices.one(&["12", "52/12", "7", "0.3"]);
                format!("{} / ({divisor})", self.factor(Ty::Money, person, depth))
            }
            (Ty::Money, _) => self.quotient(Ty::Money, person, depth),
            (Ty::Rate, 9) => {
                format!("{} * {}", self.factor(Ty::Rate, person, depth), self.factor(Ty::Count, person, depth))
            }
            (Ty::Rate, 10) => {
                format!("({} + {})", self.expr(Ty::Rate, person, depth - 1), self.expr(Ty::Count, person, depth - 1))
            }
            (Ty::Rate, 11) => self.round(Ty::Rate, person, depth),
            (Ty::Rate, _) => self.quotient(Ty::Rate, person, depth),
            (Ty::Count, 9) => {
                format!("age({}, {})", self.expr(Ty::Date, person, depth - 1), self.expr(Ty::Date, person, depth - 1))
            }
            (Ty::Count, 10) if person => {
                format!("rank({} over people{})", self.expr(Ty::Money, true, depth - 1), self.filter(depth))
            }
            (Ty::Count, 11) => format!("count(over people{})", self.filter(depth)),
            (Ty::Count, _) => {
                let mode = self.mode();
                format!("round({}, {mode}, 1)", self.expr(Ty::Rate, person, depth - 1))
            }
            (Ty::Days, _) => {
                format!("({} - {})", self.expr(Ty::Date, person, depth - 1), self.expr(Ty::Date, person, depth - 1))
            }
            (Ty::Date, 9..=11) => {
                let end = self.choices.one(&["clamp_down", "roll_over"]);
                format!(
                    "add_months({}, {}, {end})",
                    self.expr(Ty::Date, person, depth - 1),
                    self.expr(Ty::Count, person, depth - 1)
                )
            }
            (Ty::Date, _) => format!(
                "add_days({}, {})",
                self.expr(Ty::Date, person, depth - 1),
                self.expr(Ty::Days, person, depth - 1)
            ),
            (Ty::Bool, 4 | 5) => {
                let op = self.choices.one(&["and", "or"]);
                format!("({} {op} {})", self.expr(Ty::Bool, person, depth - 1), self.expr(Ty::Bool, person, depth - 1))
            }
            (Ty::Bool, 6) => format!("(not {})", self.expr(Ty::Bool, person, depth - 1)),
            (Ty::Bool, 7) => {
                let which = self.choices.one(&["any", "all"]);
                format!("{which}({} over people{})", self.expr(Ty::Bool, true, depth - 1), self.filter(depth))
            }
            (Ty::Bool, 8) if person => "role != \"b\"".to_string(),
            (Ty::Bool, 8) => "kind == \"y\"".to_string(),
            (Ty::Bool, _) => {
                let of = [Ty::Money, Ty::Rate, Ty::Count, Ty::Date, Ty::Days][self.choices.pick(5)];
                let op = self.choices.one(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.expr(of, person, depth - 1), self.expr(of, person, depth - 1))
            }
            (Ty::Enum, _) => self.name(Ty::Enum, person),
        }
    }

    fn factor(&mut self, ty: Ty, person: bool, depth: usize) -> String {
        format!("({})", self.expr(ty, person, depth - 1))
    }

    fn filter(&mut self, depth: usize) -> String {
        if self.choices.pick(2) == 0 {
            String::new()
        } else {
            format!(" where {}", self.expr(Ty::Bool, true, depth - 1))
        }
    }

    fn mode(&mut self) -> &'static str {
        self.choices.one(&["half_up", "half_even", "down", "up"])
    }

    fn round(&mut self, ty: Ty, person: bool, depth: usize) -> String {
        let (mode, step) = (self.mode(), self.choices.one(&["0.01", "0.10", "1", "0.3", "250"]));
        // Halving makes ties.
        let value = if self.choices.pick(2) == 0 {
            self.expr(ty, person, depth - 1)
        } else {
            format!("{} * 0.5", self.factor(ty, person, depth))
        };
        if ty == Ty::Rate { format!("round({value}, {mode}, 0.5)") } else { format!("round({value}, {mode}, {step})") }
    }

    fn quotient(&mut self, ty: Ty, person: bool, depth: usize) -> String {
        let (mode, step) = (self.mode(), self.choices.one(&["0.01", "0.1", "0.5"]));
        let (over, by) = match (ty, self.choices.pick(2)) {
            (Ty::Money, 0) => (Ty::Money, Ty::Rate),
            (Ty::Money, _) => (Ty::Money, Ty::Count),
            (_, 0) => (Ty::Money, Ty::Money),
            (_, _) => (Ty::Days, Ty::Count),
        };
        // A name, because a constant divisor of 0 is refused when the pack is loaded.
        format!("round({} / {}, {mode}, {step})", self.factor(over, person, depth), self.name(by, person))
    }

    fn rule(&mut self, number: usize) -> String {
        let ty = [Ty::Money, Ty::Bool, Ty::Rate, Ty::Count, Ty::Date, Ty::Days, Ty::Money][self.choices.pick(7)];
        let scope = if self.choices.pick(2) == 0 { Scope::Unit } else { Scope::Person };
        let (person, id) = (scope == Scope::Person, format!("rule_{number}"));
        let head =
            format!("  - id: {id}\n    type: {}\n    scope: {}\n", ty.name(), if person { "person" } else { "unit" });
        let one = |g: &mut Generator| format!("'{}'", g.expr(ty, person, 4));
        let body = if self.choices.pick(4) == 3 {
            let by = self.choices.one(&["period_start", "period_end"]);
            let from = self.choices.one(&["2010-01-01", "2019-03-01"]);
            format!(
                "    applies_to: {by}\n    versions:\n    - {{from: {from}, expr: {}}}\n    - {{from: 2019-03-05, expr: {}}}\n",
                one(self),
                one(self)
            )
        } else {
            format!("    expr: {}\n", one(self))
        };
        self.made.push(Made { id, ty, scope });
        format!("{head}{body}")
    }
}

fn generated(choices: Vec<u16>) -> (Pack, Vec<String>) {
    let mut generator = Generator { choices: Choices { left: choices.into_iter() }, made: Vec::new() };
    let count = 2 + generator.choices.pick(7);
    let rules: String = (0..count).map(|number| generator.rule(number)).collect();
    let requires = if generator.choices.pick(3) == 1 {
        format!("requires: [{{expr: '{}', say: such a case has no answer}}]\n", generator.expr(Ty::Bool, false, 3))
    } else {
        String::new()
    };
    let pack = format!(
        "name: t\nversion: \"1\"\nin_force: {{from: 2017-04-10}}\ninputs: {{person: {PERSON}, unit: {UNIT}}}\n{requires}"
    );
    let files = [
        ("pack.yaml", pack),
        ("parameters/p.yaml", PARAMETERS.to_string()),
        ("rules/r.rule.yaml", format!("rules:\n{rules}")),
    ];
    let files = PackFiles(files.into_iter().map(|(path, text)| (path.to_string(), text)).collect());
    let ids = generator.made.into_iter().map(|m| m.id).collect();
    (load(&files), ids)
}

fn money() -> impl Strategy<Value = Value> {
    prop_oneof![Just(0i64), -500i64..500, 0i64..200_000, Just(9_000_000_000_000)]
        .prop_map(|p| Value::Money(Money::from_pence(p)))
}

fn dates() -> impl Strategy<Value = Value> {
    (-12_000i32..25_000).prop_map(|days| Value::Date(crate::engine::civil::date_of(days.into())))
}

fn cases() -> impl Strategy<Value = Vec<Case>> {
    let word =
        |words: &'static [&'static str]| proptest::sample::select(words).prop_map(|w| Value::Enum(w.to_string()));
    let rate = (-3000i64..3000).prop_map(|n| Value::Rate(rust_decimal::Decimal::new(n, 3)));
    let person = (dates(), money(), 0i64..4, rate.clone(), word(&["a", "b", "c"]), any::<bool>());
    let first = proptest::sample::select(
        &[
            "2017-04-10",
            "2018-12-31",
            "2019-02-28",
            "2019-02-10",
            "2019-03-01",
            "2020-02-29",
            "2024-02-29",
            "2026-04-06",
        ][..],
    );
    let unit = (money(), 0i64..5, rate, dates(), word(&["x", "y", "a"]), any::<bool>());
    let one =
        (first, vec(person, 0..5), unit).prop_map(|(first, people, (rent, size, ratio, since, kind, flagged))| {
            let people: Vec<(String, Vec<(&str, Value)>)> = people
                .into_iter()
                .enumerate()
                .map(|(n, (birth, pay, kids, share, role, ill))| {
                    (
                        format!("p{n}"),
                        vec![
                            ("birth", birth),
                            ("pay", pay),
                            ("kids", Value::Count(kids)),
                            ("share", share),
                            ("role", role),
                            ("ill", Value::Bool(ill)),
                        ],
                    )
                })
                .collect();
            let people: Vec<(&str, &[(&str, Value)])> =
                people.iter().map(|(id, facts)| (id.as_str(), facts.as_slice())).collect();
            let unit = [
                ("rent", rent),
                ("size", Value::Count(size)),
                ("ratio", ratio),
                ("since", since),
                ("kind", kind),
                ("flagged", Value::Bool(flagged)),
            ];
            case(first, &people, &unit)
        });
    vec(one, 1..6)
}

proptest! {
    #[test]
    fn the_tape_and_the_reference_evaluator_give_the_same_answers(choices in vec(any::<u16>(), 0..500), cases in cases()) {
        let (pack, ids) = generated(choices);
        let outputs: Vec<&str> = ids.iter().map(String::as_str).collect();
        // Every output alone, so that a failure of one does not hide another.
        for output in &outputs {
            let Ok(program) = pack.compile(Some(&[output])) else { continue };
            for (case, tape) in cases.iter().zip(program.run(&cases)) {
                if matches!(&tape, Err(error) if matches!(error.why, CaseFault::Overflow { .. })) {
                    continue;
                }
                prop_assert_eq!(&tape, &reference(&pack, &[output], case), "{}", pack.rules().map(|r| format!("{} = {}\n", r.id, r.versions[0].text)).collect::<String>());
                if let (Ok(answer), Ok(steps)) = (&tape, program.trace(case)) {
                    let step = steps.iter().find(|step| *step.id == **output);
                    let figure = answer.get(output).or(answer.people.first().and_then(|p| p.figures.first().map(|(_, f)| f)));
                    prop_assert_eq!(step.map(|s| &s.value), figure);
                }
            }
        }
    }
}
