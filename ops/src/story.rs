//! Shipped histories: commands with names in place of ids, told day by day (`stories/README.md`).

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use jiff::ToSpan;
use jiff::civil::Date;
use ledger::Command;
use projections::payments::derived_uuid;
use projections::views::MemoryViews;
use schemas::day::london_hour;
use schemas::yaml::{self, Node};
use schemas::{ClaimId, CommandId, EventId, Money, PersonId};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::business::{Business, Evening};
use crate::error::Failure;

static STORIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/stories");

/// The hour at which a story's commands are recorded; the business of the day comes after.
const MORNING: i8 = 9;

/// A history that is told.
#[derive(Clone, Debug)]
pub struct Story {
    /// The file's name without its ending.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What happens, in a sentence or two.
    pub tells: String,
    /// Where its figures are from.
    pub source: String,
    /// Whether `footing demo` tells it.
    pub demo: bool,
    /// What it has to come to.
    pub expect: Expect,
    steps: Vec<Step>,
}

/// What a story has to come to, by its source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The person it is about.
    pub person: String,
    /// The days judged.
    pub days: Option<(Date, Date)>,
    /// Days below the floor.
    pub breach_days: Option<i64>,
    /// What was missing over them.
    pub shortfall: Option<Money>,
    /// Another floor than that of the demonstration.
    pub floor: Option<OtherFloor>,
    /// The same where loans count.
    pub with_debt: Option<Found>,
    /// The same where unavoidable outflows are taken.
    pub with_outflows: Option<Found>,
    /// The same by what was believed on each day.
    pub believed: Option<Found>,
    /// The same where the floor is guaranteed.
    pub guaranteed: Option<Found>,
    /// The same where the floor is the standard allowance of a month over 31 days.
    pub by_31: Option<Found>,
    /// Days that pooling would have hidden.
    pub hidden_days: Option<i64>,
    /// Payments by their due day.
    #[serde(default)]
    pub payments: Vec<(Date, Money)>,
    /// The award for the period that starts on a day.
    pub award: Option<(Date, Money)>,
}

/// A floor in place of the usual one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherFloor {
    /// A week of it.
    pub per_week: Money,
}

/// What was found in one view.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Days below the floor.
    pub breach_days: i64,
    /// What was missing over them.
    pub shortfall: Money,
    /// Top-ups paid within the days.
    pub topped_up: Option<Money>,
}

#[derive(Clone, Debug)]
struct Step {
    day: Date,
    fields: Node,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    title: String,
    tells: String,
    source: String,
    demo: bool,
    expect: Expect,
    #[expect(dead_code, reason = "read apart, with its places")]
    steps: Value,
}

/// Every shipped story, in order of name.
///
/// # Errors
/// [`Failure::Input`] for a file that is no story; the shipped ones are read by a test.
pub fn shipped() -> Result<Vec<Story>, Failure> {
    let mut files: Vec<_> =
        STORIES.files().filter(|file| file.path().extension().is_some_and(|e| e == "yaml")).collect();
    files.sort_unstable_by_key(|file| file.path());
    files
        .into_iter()
        .map(|file| read(&file.path().display().to_string(), file.contents_utf8().unwrap_or_default()))
        .collect()
}

/// Reads a story; `file` is what its errors call it.
///
/// # Errors
/// [`Failure::Input`] with the place of what is no story.
pub fn read(file: &str, text: &str) -> Result<Story, Failure> {
    let wrong = |error: yaml::YamlError| Failure::input(format!("{file}: {error}"));
    let node = yaml::parse(text).map_err(wrong)?;
    let head: Head = yaml::decode_node(&node).map_err(wrong)?;
    let step = |fields: &Node| {
        let day = fields.get("day").and_then(Node::text).and_then(|text| text.parse().ok());
        day.map(|day| Step { day, fields: fields.clone() }).ok_or_else(|| wrong(fields.error("a step has a `day`")))
    };
    let steps = node.get("steps").map(Node::items).unwrap_or_default().iter().map(step).collect::<Result<_, _>>()?;
    let name = file.trim_end_matches(".yaml").into();
    Ok(Story {
        name,
        title: head.title,
        tells: head.tells,
        source: head.source,
        demo: head.demo,
        expect: head.expect,
        steps,
    })
}

impl Story {
    /// The days on which something is recorded.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.steps.iter().map(|step| step.day)
    }

    /// The person of a name in the story.
    pub fn person(&self, name: &str) -> PersonId {
        PersonId(self.id(name))
    }

    /// The claim of a name in the story.
    pub fn claim(&self, name: &str) -> ClaimId {
        ClaimId(self.id(name))
    }

    /// Names of people in the story, by id.
    pub fn people(&self) -> BTreeMap<PersonId, String> {
        let registered = self.steps.iter().filter(|step| step.text("do") == Some("register_person"));
        let named =
            registered.filter_map(|step| Some((step.text("person")?.trim_start_matches('$'), step.text("name")?)));
        named.map(|(alias, name)| (self.person(alias), name.to_string())).collect()
    }

    /// The commands recorded on a day. Payments that they are about are looked up in the world as it is then.
    ///
    /// # Errors
    /// [`Failure::Input`] naming the step that is no command or is about a payment that is not there.
    pub fn commands(&self, day: Date, world: &MemoryViews) -> Result<Vec<Command>, Failure> {
        let today = self.steps.iter().zip(0i64..).filter(|(step, _)| step.day == day);
        today.map(|(step, number)| self.command(step, number, world)).collect()
    }

    fn command(&self, step: &Step, number: i64, world: &MemoryViews) -> Result<Command, Failure> {
        let place = || format!("{}.yaml, line {}", self.name, step.fields.line);
        let mut fields = Map::new();
        for (key, value) in step.fields.entries() {
            let key = key.text().unwrap_or_default();
            if !matches!(key, "day" | "effective" | "as") {
                fields.insert(
                    key.into(),
                    self.resolved(value.to_json(), world)
                        .map_err(|why| Failure::input(format!("{}: {why}", place())))?,
                );
            }
        }
        let effective = step.text("effective").map_or_else(|| step.day.to_string(), str::to_string);
        let time = london_hour(step.day, MORNING);
        fields.insert("id".into(), self.step_id(number).to_string().into());
        fields.insert("actor".into(), "caseworker:demo".into());
        fields.insert("time".into(), time.to_string().into());
        fields.insert("effective_from".into(), effective.into());
        Command::from_json(&Value::Object(fields).to_string())
            .map_err(|error| Failure::input(format!("{}: {error}", place())))
    }

    /// A value with its names replaced by ids.
    fn resolved(&self, value: Value, world: &MemoryViews) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(name) => Value::String(self.lookup(name, world)?),
                None => Value::String(text),
            },
            Value::Array(items) => {
                items.into_iter().map(|item| self.resolved(item, world)).collect::<Result<_, _>>()?
            }
            Value::Object(fields) => {
                let field = |(key, value)| Ok::<_, String>((key, self.resolved(value, world)?));
                Value::Object(fields.into_iter().map(field).collect::<Result<_, _>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        })
    }

    fn lookup(&self, name: &str, world: &MemoryViews) -> Result<String, String> {
        let words: Vec<&str> = name.split(' ').collect();
        match words.as_slice() {
            ["event", label] => {
                let at = self.steps.iter().position(|step| step.text("as") == Some(label));
                let number =
                    at.and_then(|at| i64::try_from(at).ok()).ok_or_else(|| format!("no step is labelled `{label}`"))?;
                Ok(EventId { command: self.step_id(number), index: 0 }.to_string())
            }
            ["payment", person, day] => {
                let paid = world.person(self.person(person)).and_then(|view| {
                    view.payments.iter().find(|payment| payment.due_on.to_string() == *day).map(|payment| payment.id)
                });
                paid.map(|id| id.to_string()).ok_or_else(|| format!("{person} was due no payment on {day}"))
            }
            _ => Ok(self.id(name).to_string()),
        }
    }

    fn step_id(&self, number: i64) -> CommandId {
        CommandId(derived_uuid(&format!("story|{}|step {number}", self.name)))
    }

    fn id(&self, name: &str) -> uuid::Uuid {
        derived_uuid(&format!("story|{}|{name}", self.name))
    }
}

impl Step {
    fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key).and_then(Node::text)
    }
}

/// Tells stories day by day on a ledger: what is recorded in the morning, and the business of the evening.
///
/// # Errors
/// A step that is refused, or a ledger that fails.
pub fn tell(
    stories: &[Story],
    business: &mut Business<'_>,
    until: Date,
    mut each_day: impl FnMut(Date, &Evening),
) -> Result<(), Failure> {
    let Some(mut day) = stories.iter().flat_map(Story::days).min() else { return Ok(()) };
    while day <= until {
        for story in stories {
            let commands = story.commands(day, business.world())?;
            business.submit(commands)?;
        }
        let evening = business.evening(day)?;
        each_day(day, &evening);
        day = day.saturating_add(1.day());
    }
    Ok(())
}
