//! How much may be ordered as a grant, where no decision says what is due.
//!
//! No provision that was read sets an amount: the Welfare Funds (Scotland) Regulations 2016 (SSI 2016/107, read in part) say
//! who may have a crisis grant and for what, and the statutory guidance of April 2025 (section 7, read in part) leaves how
//! much to whoever decides. What is refused here is what no living costs explain, such as pounds typed for pence; our own
//! limits, unconfirmed. Whoever approves the list sees the rest.

use schemas::Money;
use schemas::events::{Days, PaymentInstructed, PaymentKind};

use crate::payment::Refusal;

/// The most that a crisis grant may come to: 10,000.00.
const MOST_OF_A_GRANT: Money = Money::from_pence(1_000_000);

/// The most that a top-up may come to for each of its days: 100.00, more than any floor file has for one person.
const MOST_OF_A_DAY: Money = Money::from_pence(10_000);

/// How long money of no series lasts at most, and so a top-up that names no days (FLOOR.md section 1).
const DAYS_OF_NO_SERIES: i64 = 31;

/// Refuses a grant of more than any need explains, and a top-up for more than any floor asks.
///
/// # Errors
/// [`Refusal::BeyondAnyNeed`].
pub(crate) fn is_conceivable(new: &PaymentInstructed) -> Result<(), Refusal> {
    let most = match new.kind {
        PaymentKind::CrisisGrant => MOST_OF_A_GRANT,
        PaymentKind::TopUp => {
            let count = |days: Days| i64::from((days.last() - days.first()).get_days()) + 1;
            let days = new.for_days.map_or(DAYS_OF_NO_SERIES, count).min(DAYS_OF_NO_SERIES);
            Money::from_pence(MOST_OF_A_DAY.pence() * days)
        }
        PaymentKind::Award
        | PaymentKind::Arrears
        | PaymentKind::Advance
        | PaymentKind::Hardship
        | PaymentKind::ThirdParty => return Ok(()),
    };
    let (kind, amount) = (new.kind, new.amount.money());
    if amount > most { Err(Refusal::BeyondAnyNeed { kind, amount, most }) } else { Ok(()) }
}
