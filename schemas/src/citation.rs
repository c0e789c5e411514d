//! Where a rule, a value or a decision comes from, and how well that is supported.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A provision of law, and whether anybody read it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// The instrument, such as `SI 2013/376`.
    pub instrument: String,
    /// The provision in it, such as `reg. 36`.
    pub provision: String,
    /// How well the text or figure is supported.
    pub confidence: Confidence,
    /// What a reader should know about the support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How well a legal statement or an amount is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The legal text itself was read.
    Read,
    /// The same figure stood in two or more independent sources.
    Verified,
    /// One secondary source says so.
    SingleSource,
    /// Sources differ; the note says how.
    Conflict,
    /// Nobody has looked it up yet.
    Unconfirmed,
}

impl Citation {
    /// A provision whose text was read.
    pub fn read(instrument: &str, provision: &str) -> Citation {
        Citation {
            instrument: instrument.into(),
            provision: provision.into(),
            confidence: Confidence::Read,
            note: None,
        }
    }
}

impl Confidence {
    /// The word used in packs and on paper.
    pub const fn name(self) -> &'static str {
        match self {
            Confidence::Read => "read",
            Confidence::Verified => "verified",
            Confidence::SingleSource => "single_source",
            Confidence::Conflict => "conflict",
            Confidence::Unconfirmed => "unconfirmed",
        }
    }

    /// The confidence named, if there is one.
    pub fn named(name: &str) -> Option<Confidence> {
        use Confidence::{Conflict, Read, SingleSource, Unconfirmed, Verified};
        [Read, Verified, SingleSource, Conflict, Unconfirmed].into_iter().find(|c| c.name() == name)
    }
}

/// Says the provision, and says so where it is not well supported.
impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instrument.as_str() {
            "none" => f.write_str(&self.provision)?, // A reform, or practice without an instrument.
            instrument => write!(f, "{instrument} {}", self.provision)?,
        }
        match self.confidence {
            Confidence::Read | Confidence::Verified => Ok(()),
            Confidence::SingleSource => f.write_str(" [single source]"),
            Confidence::Conflict => f.write_str(" [sources conflict]"),
            Confidence::Unconfirmed => f.write_str(" [unconfirmed]"),
        }
    }
}
