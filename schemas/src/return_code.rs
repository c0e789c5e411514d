//! Why a bank sent money back: codes of Bacs and of ISO 20022, what they mean, and what has to happen next.
//!
//! Bacs codes are those of the Automated Return of Unapplied Credits Service (ARUCS: 0, 2, 3, 5, B and C; public pages of
//! payment processors agree on them, the service's own guide is not public: confidence good). The other letters and digits
//! belong to direct debits and come with no credit. Codes of four characters are ISO 20022 external status and return
//! reasons (confidence good for their meaning; which of them a bank uses is its own).

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In plain words.
    pub meaning: &'static str,
    /// What is needed next.
    pub next: Next,
}

/// What is needed before returned money can be paid. None of them touches entitlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Next {
    /// Other account details, from the payee.
    Details,
    /// Whether the payee died, before anything else is sent.
    CheckDeath,
    /// A look at our own file or account: nothing is asked of the payee.
    Ours,
    /// What the bank meant.
    AskBank,
}

impl Next {
    /// One line for the caseworker; `whom` is who was paid: the payee, landlord or creditor.
    pub fn said(self, whom: &str) -> String {
        match self {
            Next::Details => format!("account details needed from the {whom}; entitlement is unaffected"),
            Next::CheckDeath => format!("check whether the {whom} died; nothing is sent until then"),
            Next::Ours => format!("put our side right and send it again; nothing is needed from the {whom}"),
            Next::AskBank => "ask the bank what it means; entitlement is unaffected".into(),
        }
    }

    /// As programs read it.
    pub const fn name(self) -> &'static str {
        match self {
            Next::Details => "details",
            Next::CheckDeath => "check_death",
            Next::Ours => "ours",
            Next::AskBank => "ask_bank",
        }
    }
}

/// What a code means; of one that is not known, that it is not.
pub fn reason(code: &str) -> Reason {
    let (meaning, next) = match code {
        "0" => ("invalid details", Next::Details),
        "2" => ("payee deceased", Next::CheckDeath),
        "3" => ("account transferred to another bank", Next::Details),
        "5" => ("no such account", Next::Details),
        "B" | "AC04" | "AC07" => ("account closed", Next::Details),
        "C" | "FOCR" => ("returned because the payer asked", Next::Ours),
        "AC01" | "AC02" | "AC03" => ("wrong account number", Next::Details),
        "AC06" => ("account blocked", Next::Details),
        "AC14" | "AG01" | "AG02" => ("the account takes no such payment", Next::Details),
        "BE01" | "BE05" | "BE06" => ("name and account do not belong together", Next::Details),
        "CUST" | "MS02" => ("refused by the payee", Next::Details),
        "MD07" => ("payee deceased", Next::CheckDeath),
        "RC01" | "RC04" => ("no such sort code", Next::Details),
        "AM01" | "AM09" | "AM10" | "AM12" | "AM02" | "AM03" => ("wrong amount or currency", Next::Ours),
        "AM04" => ("not enough money in the originator's account", Next::Ours),
        "AM05" | "DUPL" => ("sent twice, as the bank sees it", Next::Ours),
        "DT01" | "TM01" => ("wrong date, or too late in the day", Next::Ours),
        "FF01" | "NARR" | "MS03" | "RR04" | "CNOR" | "DNOR" => ("no reason that the bank may give", Next::AskBank),
        _other => ("a code that is not known here", Next::AskBank),
    };
    Reason { meaning, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_is_checked_and_an_account_that_cannot_be_paid_needs_details() {
        for code in ["2", "MD07"] {
            assert_eq!(reason(code).next, Next::CheckDeath);
        }
        for code in ["0", "3", "5", "B", "AC01", "AC04", "AC06"] {
            assert_eq!(reason(code).next, Next::Details, "{code}");
        }
    }

    #[test]
    fn a_code_of_direct_debits_or_an_unknown_one_is_asked_about() {
        for code in ["1", "6", "7", "8", "9", "A", "", "ZZZZ"] {
            assert_eq!(reason(code).next, Next::AskBank, "{code}");
        }
    }
}
