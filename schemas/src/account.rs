//! Accounts at banks and building societies of the United Kingdom, as payment files name them.

use std::fmt;
use std::str::FromStr;

/// Where money can be sent: a sort code of six digits and an account number of eight.
///
/// Only the form is checked. Whether a number belongs to its sort code (modulus check) and whether the account is open
/// is for the bank to say: what does not exist comes back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankAccount {
    sort_code: u32,
    number: u32,
}

/// Why a text is not an account. Says nothing of the text, which is confidential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an account: write six digits of the sort code and eight of the account number, such as 01-02-03 12345678 (a shorter number begins with zeros)"
)]
pub struct AccountError;

impl BankAccount {
    /// Six digits.
    pub fn sort_code(self) -> String {
        format!("{:06}", self.sort_code)
    }

    /// Eight digits.
    pub fn number(self) -> String {
        format!("{:08}", self.number)
    }
}

impl FromStr for BankAccount {
    type Err = AccountError;

    /// Reads `01-02-03 12345678`, also without the hyphens or the space.
    fn from_str(text: &str) -> Result<BankAccount, AccountError> {
        let (sort_code, number) =
            text.trim().split_at_checked(text.trim().len().saturating_sub(8)).ok_or(AccountError)?;
        let sort_code = match sort_code.trim_end().split('-').collect::<Vec<_>>().as_slice() {
            [whole] if whole.len() == 6 => (*whole).to_string(),
            [a, b, c] if [a, b, c].iter().all(|pair| pair.len() == 2) => [*a, *b, *c].concat(),
            _other => return Err(AccountError),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(&sort_code) || !digits(number) {
            return Err(AccountError);
        }
        let read = |text: &str| text.parse().map_err(|_| AccountError);
        Ok(BankAccount { sort_code: read(&sort_code)?, number: read(number)? })
    }
}

/// Shows no number: debug output ends in logs.
impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankAccount(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let read = text.parse::<BankAccount>().ok().map(|account| (account.sort_code(), account.number()));
        assert_eq!(read, expected.map(|(sort_code, number)| (sort_code.into(), number.into())), "{text}");
    }

    #[test]
    fn an_account_is_six_digits_and_eight_in_the_ways_people_write_them() {
        for text in ["01-02-03 12345678", "010203 12345678", "01020312345678", " 01-02-0312345678 "] {
            check(text, Some(("010203", "12345678")));
        }
        check("00-00-01 00000002", Some(("000001", "00000002")));
    }

    #[test]
    fn whatever_is_short_long_or_not_of_digits_is_no_account_and_is_not_shown() {
        for text in ["", "12345678", "01-02-03 1234567", "01-02-03 123456789", "0102-03 12345678", "01-02-03 1234567a"]
        {
            check(text, None);
        }
        check("٠١-٠٢-٠٣ ١٢٣٤٥٦٧٨", None);
        check("GB20LHVB04031512345678", None);
        assert!(!AccountError.to_string().contains("1234567a"));
        assert_eq!(format!("{:?}", "01-02-03 12345678".parse::<BankAccount>()), "Ok(BankAccount(..))");
    }
}
