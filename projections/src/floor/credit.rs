//! Credits and outflows: money that a person can use from some day on, how long each credit lasts, and which of them
//! count in which test. What remains of them day by day is the fold's business.

use jiff::civil::Date;
use schemas::Money;
pub use schemas::events::Purpose;
use serde::{Deserialize, Serialize};

use super::days::{Days, number, plus};

/// Money that a person can use from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// First day on which it can be used: a settlement may have moved it.
    pub usable: Date,
    /// How much. Nothing where negative.
    pub amount: Money,
    /// What it is, which fixes how long it lasts and where it counts.
    pub kind: CreditKind,
    /// What it is for.
    pub purpose: Purpose,
    /// The series of payments it belongs to; none for a single credit. An advance belongs to the series it anticipates.
    pub series: Option<Series>,
    /// When the next credit of its series was due, as scheduled when this one arrived. Later changes leave it alone.
    pub next_due: Option<Date>,
    /// The days that arrears pay for.
    pub pays_for: Option<Days>,
    /// Position in the stream, which settles ties.
    pub position: u64,
    /// Whether it counts, where that was said of this credit; else its kind and purpose say.
    pub counts: Option<bool>,
}

/// Which payments follow one another: an award, a job, a pension. The number only tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Series(pub u64);

/// Money that leaves on a day whether the person likes it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outflow {
    /// The day it is due.
    pub on: Date,
    /// How much. Nothing where negative.
    pub amount: Money,
}

/// What a credit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    /// A benefit payment for its own period.
    Award,
    /// A benefit payment for past days: lasts as many days as it pays for.
    Arrears,
    /// A loan from a benefit not yet due.
    Advance,
    /// A recoverable hardship payment: a loan.
    Hardship,
    /// Any other loan, student loans apart.
    OtherLoan,
    /// A payment that keeps the floor: a grant of no series.
    TopUp,
    /// A grant in a crisis.
    CrisisGrant,
    /// Net pay.
    Wage,
    /// Maintenance for an adult or child.
    Maintenance,
    /// A pension.
    Pension,
    /// A student's grant or loan for living costs: lasts to the next instalment.
    StudentMaintenance,
    /// Any other income that can be spent on basics.
    OtherIncome,
    /// Declared accessible capital.
    Capital,
    /// Paid to a landlord or another third party.
    ThirdParty,
    /// Goods or services.
    InKind,
}

/// In which tests a kind of credit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In every test.
    Income,
    /// Only where loans count, as a breach avoided by debt.
    Debt,
    /// Only where capital counts.
    Savings,
    /// Nowhere: the person cannot spend it on basics.
    NotCash,
}

impl CreditKind {
    /// In which tests credits of the kind count unless something else was said of the credit.
    pub const fn standing(self) -> Standing {
        match self {
            CreditKind::Award
            | CreditKind::Arrears
            | CreditKind::TopUp
            | CreditKind::CrisisGrant
            | CreditKind::Wage
            | CreditKind::Maintenance
            | CreditKind::Pension
            | CreditKind::StudentMaintenance
            | CreditKind::OtherIncome => Standing::Income,
            CreditKind::Advance | CreditKind::Hardship | CreditKind::OtherLoan => Standing::Debt,
            CreditKind::Capital => Standing::Savings,
            CreditKind::ThirdParty | CreditKind::InKind => Standing::NotCash,
        }
    }
}

/// A set of purposes: those that a floor file counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purposes(u32);

impl Purposes {
    /// What counts where a floor file says nothing else: standard allowance, child element, top-up, crisis
    /// grant, earnings and other general income.
    pub const USUAL: Purposes = Purposes::none()
        .with(Purpose::StandardAllowance)
        .with(Purpose::ChildElement)
        .with(Purpose::TopUp)
        .with(Purpose::CrisisGrant)
        .with(Purpose::Earnings)
        .with(Purpose::GeneralIncome);

    /// The empty set.
    pub const fn none() -> Purposes {
        Purposes(0)
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, purpose: Purpose) -> Purposes {
        Purposes(self.0 | 1 << purpose as u32)
    }

    /// Whether the purpose is in the set.
    pub const fn has(self, purpose: Purpose) -> bool {
        self.0 & 1 << purpose as u32 != 0
    }
}

/// The shortest life of a credit in days.
const SHORTEST_LIFE: i32 = 31;
/// The longest, arrears and student instalments apart.
const LONGEST_LIFE: i32 = 35;

impl Credit {
    /// The last day on which anything of it is left: the day before the next credit of its series was due, but at
    /// least 31 and at most 35 days in all; 31 days for a single credit.
    ///
    /// Arrears last as many days as they pay for, and student instalments to the next instalment, where that is longer
    /// than 31 days. A top-up belongs to no series.
    pub fn last_day(&self) -> Date {
        let to_next = self.next_due.map_or(SHORTEST_LIFE, |next| number(next) - number(self.usable)).max(SHORTEST_LIFE);
        let within_the_month = to_next.min(LONGEST_LIFE);
        let days = match (self.kind, self.pays_for) {
            (CreditKind::TopUp, Some(_) | None) => SHORTEST_LIFE,
            (CreditKind::StudentMaintenance, Some(_) | None) => to_next,
            (CreditKind::Arrears, Some(paid)) => i32::try_from(paid.count()).unwrap_or(i32::MAX).max(SHORTEST_LIFE),
            (
                CreditKind::Arrears
                | CreditKind::Award
                | CreditKind::Advance
                | CreditKind::Hardship
                | CreditKind::OtherLoan
                | CreditKind::CrisisGrant
                | CreditKind::Wage
                | CreditKind::Maintenance
                | CreditKind::Pension
                | CreditKind::OtherIncome
                | CreditKind::Capital
                | CreditKind::ThirdParty
                | CreditKind::InKind,
                Some(_) | None,
            ) => within_the_month,
        };
        plus(self.usable, days - 1)
    }
}

/// Whether loans count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loans {
    /// They do not: the hard test.
    #[default]
    Hard,
    /// They do, and a breach avoided is one avoided by debt.
    WithDebt,
}

/// Whether what is left of a credit is taken as spent when its life ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// It is: the test.
    #[default]
    Expiring,
    /// It is not. Only a gap that stays here is one that no budgeting could have avoided.
    Unexpiring,
    /// It is, but declared accessible capital is added, which never expires.
    WithCapital,
}

/// How credits and outflows are looked at in one run of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lens {
    /// Whether credits expire.
    pub expiry: Expiry,
    /// Whether loans count.
    pub loans: Loans,
    /// Whether unavoidable outflows are taken.
    pub outflows: bool,
    /// The purposes that count.
    pub purposes: Purposes,
}

/// The test itself: credits expire, loans and outflows do not count, and the usual purposes do.
impl Default for Lens {
    fn default() -> Lens {
        Lens { expiry: Expiry::Expiring, loans: Loans::Hard, outflows: false, purposes: Purposes::USUAL }
    }
}

impl Lens {
    /// Whether the credit counts: as was said of it, else by its kind and purpose. Loans and capital have no purpose of
    /// their own, so that only their kind is asked.
    pub fn counts(&self, credit: &Credit) -> bool {
        let by_kind = match credit.kind.standing() {
            Standing::Income => self.purposes.has(credit.purpose),
            Standing::Debt => self.loans == Loans::WithDebt,
            Standing::Savings => self.expiry == Expiry::WithCapital,
            Standing::NotCash => false,
        };
        credit.counts.unwrap_or(by_kind)
    }

    /// The last day of the credit's life, which says when its turn comes to be spent: what ends first goes first, also
    /// where nothing is dropped. None for declared capital where that counts: it never ends, and goes last.
    pub fn last_day(&self, credit: &Credit) -> Option<Date> {
        match (self.expiry, credit.kind.standing()) {
            (Expiry::WithCapital, Standing::Savings) => None,
            (Expiry::Expiring | Expiry::Unexpiring, Standing::Savings)
            | (
                Expiry::Expiring | Expiry::Unexpiring | Expiry::WithCapital,
                Standing::Income | Standing::Debt | Standing::NotCash,
            ) => Some(credit.last_day()),
        }
    }

    /// Whether what is left of a credit after its last day is dropped, as spent.
    pub const fn drops_expired(&self) -> bool {
        match self.expiry {
            Expiry::Expiring | Expiry::WithCapital => true,
            Expiry::Unexpiring => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn credit(kind: CreditKind, next_due: Option<Date>) -> Credit {
        Credit {
            usable: date(2026, 6, 10),
            amount: Money::from_pence(42_490),
            kind,
            purpose: Purpose::GeneralIncome,
            series: next_due.map(|_| Series(1)),
            next_due,
            pays_for: None,
            position: 0,
            counts: None,
        }
    }

    #[track_caller]
    fn lasts(credit: Credit, days: i64) {
        assert_eq!(Days::new(credit.usable, credit.last_day()).unwrap().count(), days);
    }

    #[test]
    fn a_credit_lasts_to_the_day_before_the_next_was_due_within_31_to_35_days() {
        use CreditKind::{Award, CrisisGrant, Wage};
        lasts(credit(CrisisGrant, None), 31);
        lasts(credit(Wage, Some(date(2026, 6, 17))), 31); // a weekly wage
        lasts(credit(Award, Some(date(2026, 7, 11))), 31);
        lasts(credit(Award, Some(date(2026, 7, 12))), 32);
        lasts(credit(Award, Some(date(2026, 7, 15))), 35);
        lasts(credit(Award, Some(date(2026, 7, 16))), 35);
        lasts(credit(Award, Some(date(2026, 6, 1))), 31); // arrived after the next was due
    }

    #[test]
    fn arrears_last_as_many_days_as_they_pay_for_and_at_least_31() {
        let paying = |from, to| Credit {
            pays_for: Some(Days::new(from, to).unwrap()),
            ..credit(CreditKind::Arrears, Some(date(2026, 7, 10)))
        };
        lasts(paying(date(2026, 1, 1), date(2026, 6, 8)), 159);
        lasts(paying(date(2026, 6, 1), date(2026, 6, 8)), 31);
        lasts(paying(date(2024, 2, 1), date(2024, 3, 31)), 60); // over a leap day
        lasts(credit(CreditKind::Arrears, Some(date(2026, 7, 14))), 34); // days not known: as any other
        let award = Credit {
            pays_for: Some(Days::new(date(2026, 1, 1), date(2026, 6, 8)).unwrap()),
            ..credit(CreditKind::Award, None)
        };
        lasts(award, 31); // only arrears
    }

    #[test]
    fn a_student_instalment_lasts_to_the_next_and_at_least_31_days() {
        lasts(credit(CreditKind::StudentMaintenance, Some(date(2026, 9, 28))), 110);
        lasts(credit(CreditKind::StudentMaintenance, Some(date(2026, 6, 20))), 31);
        lasts(credit(CreditKind::StudentMaintenance, None), 31);
    }

    #[test]
    fn a_top_up_belongs_to_no_series_and_lasts_31_days() {
        lasts(credit(CreditKind::TopUp, Some(date(2026, 7, 14))), 31);
    }

    #[test]
    fn a_life_crosses_leap_days_and_ends_with_the_calendar() {
        let leap = |y, m, d| Credit { usable: date(y, m, d), ..credit(CreditKind::CrisisGrant, None) };
        assert_eq!(leap(2024, 2, 1).last_day(), date(2024, 3, 2));
        assert_eq!(leap(2026, 2, 1).last_day(), date(2026, 3, 3));
        assert_eq!(leap(9999, 12, 20).last_day(), Date::MAX);
    }

    #[test]
    fn loans_third_party_payments_goods_and_capital_do_not_count_in_the_hard_test() {
        use CreditKind::*;
        let counts =
            |lens: Lens, kinds: &[CreditKind]| kinds.iter().map(|k| lens.counts(&credit(*k, None))).collect::<Vec<_>>();
        let hard = Lens::default();
        let income = [Award, Arrears, TopUp, CrisisGrant, Wage, Maintenance, Pension, StudentMaintenance, OtherIncome];
        assert!(counts(hard, &income).iter().all(|c| *c));
        assert_eq!(counts(hard, &[Advance, Hardship, OtherLoan, ThirdParty, InKind, Capital]), [false; 6]);
        let debt = Lens { loans: Loans::WithDebt, ..hard };
        assert_eq!(
            counts(debt, &[Advance, Hardship, OtherLoan, ThirdParty, InKind, Capital]),
            [true, true, true, false, false, false]
        );
        assert_eq!(counts(Lens { expiry: Expiry::WithCapital, ..hard }, &[Capital, Advance]), [true, false]);
    }

    #[test]
    fn what_is_said_of_a_credit_goes_before_its_kind_and_purpose() {
        let said = |counts, kind| Lens::default().counts(&Credit { counts: Some(counts), ..credit(kind, None) });
        assert!(said(true, CreditKind::Advance));
        assert!(!said(false, CreditKind::Award));
        let housing = Credit { purpose: Purpose::Housing, ..credit(CreditKind::Award, None) };
        assert!(!Lens::default().counts(&housing));
    }
}
