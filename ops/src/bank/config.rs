//! Whose account payments leave from, read from a YAML file:
//!
//! ```yaml
//! name: Social Security Agency       # as payees see it
//! account: 01-02-03 12345678         # sort code and number
//! service_user_number: 123456        # given by Bacs
//! currency: GBP
//! ```

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use schemas::BankAccount;
use schemas::yaml;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::bank::latin;
use crate::commands::read_text;
use crate::error::Failure;

/// The originator of payment files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// As payees see it; in Bacs files its first 18 characters.
    pub name: Name,
    /// Where the money comes from.
    #[serde(deserialize_with = "account")]
    pub account: BankAccount,
    /// The number that Bacs knows the originator by.
    pub service_user_number: ServiceUser,
    /// Always pounds.
    pub currency: Pounds,
}

/// A name of 1 to 70 characters, of which something is left in the characters that banks take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

/// Six digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUser(String);

/// What Faster Payments and Bacs carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Pounds {
    /// Pounds sterling.
    #[serde(rename = "GBP")]
    Sterling,
}

impl Bank {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Failure::Input`] with line and field.
    pub fn read(path: &Path) -> Result<Bank, Failure> {
        Bank::parse(&read_text(path)?).map_err(|error| Failure::input(format!("{}: {error}", path.display())))
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// The first field that is missing, unknown or wrong, with its line.
    pub fn parse(text: &str) -> Result<Bank, yaml::YamlError> {
        yaml::decode(text)
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Name, String> {
        let length = text.chars().count();
        if length > 70 || latin::iso(&text, 70).is_empty() {
            return Err("the originator's name has 1 to 70 characters, some of them letters or digits".into());
        }
        Ok(Name(text))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ServiceUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ServiceUser {
    type Err = String;

    fn from_str(text: &str) -> Result<ServiceUser, String> {
        let six_digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        if six_digits { Ok(ServiceUser(text.into())) } else { Err(format!("`{text}` is not six digits")) }
    }
}

/// Digits may stand in the file with quotes or without.
impl<'de> Deserialize<'de> for ServiceUser {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ServiceUser, D::Error> {
        digits(deserializer)?.parse().map_err(D::Error::custom)
    }
}

fn account<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BankAccount, D::Error> {
    digits(deserializer)?.parse().map_err(D::Error::custom)
}

fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => Err(D::Error::custom("digits are expected here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "name: Social Security Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n";

    #[test]
    fn digits_are_read_with_quotes_or_without() {
        let bank = Bank::parse(GOOD).unwrap();
        assert_eq!(bank.service_user_number.to_string(), "123456");
        let quoted = GOOD.replace("123456\n", "\"123456\"\n").replace("01-02-03 12345678", "01020312345678");
        assert_eq!(Bank::parse(&quoted).unwrap(), bank);
    }

    #[track_caller]
    fn refused(from: &str, to: &str, expected: &str) {
        let error = Bank::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_wrong_field_is_named_with_its_line() {
        refused("01-02-03 12345678", "01-02-03", "line 2, column 10: account: not an account");
        refused("123456\n", "12345\n", "line 3, column 22: service_user_number: `12345` is not six digits");
        refused("GBP", "EUR", "line 4, column 11: currency:");
        refused("name: Social Security Agency", "name: \"\"", "line 1, column 7: name: the originator's name");
        refused("currency: GBP\n", "", "missing field `currency`");
    }
}
