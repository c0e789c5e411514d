//! Words that several events use.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Amount, Digest, PersonId};

/// Defines an enum of words as law and files write them: lower case with underscores.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$word_doc])* #[serde(rename = $text)] $word,)* }

        impl $name {
            /// Every word, in order.
            pub const ALL: &[$name] = &[$($name::$word,)*];

            /// The word as written.
            pub const fn name(self) -> &'static str {
                match self { $($name::$word => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    )*};
}

words! {
    /// What a line of money is for (FLOOR.md section 2). Pack order decides how reductions fall.
    Purpose {
        /// Basics of an adult (reg. 36).
        StandardAllowance = "standard_allowance",
        /// Basics of a child (reg. 24(1)).
        ChildElement = "child_element",
        /// Extra for a disabled child (reg. 24(2)).
        DisabledChildAddition = "disabled_child_addition",
        /// Limited capability for work (reg. 27 as saved).
        LcwElement = "lcw_element",
        /// Limited capability for work and work-related activity (reg. 27).
        LcwraElement = "lcwra_element",
        /// Caring for a severely disabled person (reg. 29).
        CarerElement = "carer_element",
        /// Rent or service charges (regs. 25-26).
        Housing = "housing",
        /// Charges for childcare (reg. 31).
        Childcare = "childcare",
        /// Transitional protection (SI 2014/1230 regs. 52-55).
        Transitional = "transitional",
        /// Paid so that a gap in the protected floor does not open (FLOOR.md section 3).
        TopUp = "top_up",
        /// A grant in a crisis.
        CrisisGrant = "crisis_grant",
        /// Money lent ahead of an award.
        Advance = "advance",
        /// A recoverable hardship payment (reg. 116).
        Hardship = "hardship",
        /// Net pay.
        Earnings = "earnings",
        /// Other income that is not for one purpose.
        GeneralIncome = "general_income",
    }

    /// Why a payment is made.
    PaymentKind {
        /// The award of one period.
        Award = "award",
        /// Money owed for days already past.
        Arrears = "arrears",
        /// Lent ahead of an award.
        Advance = "advance",
        /// Recoverable hardship payment.
        Hardship = "hardship",
        /// Keeps the floor.
        TopUp = "top_up",
        /// Crisis grant.
        CrisisGrant = "crisis_grant",
    }

    /// How money travels.
    Channel {
        /// Usable the same day.
        FasterPayments = "faster_payments",
        /// Usable on the third working day.
        Bacs = "bacs",
        /// A voucher, for people without an account.
        Voucher = "voucher",
        /// Cash over a counter.
        Cash = "cash",
    }

    /// A nation of the United Kingdom.
    Nation {
        /// England.
        England = "england",
        /// Scotland.
        Scotland = "scotland",
        /// Wales.
        Wales = "wales",
        /// Northern Ireland, which has its own instrument (SR 2016/216).
        NorthernIreland = "northern_ireland",
    }

    /// Where a person lives, as far as the floor's scope turns on it.
    Residence {
        /// At home in the country.
        Resident = "resident",
        /// Outside the country.
        Abroad = "abroad",
        /// In prison.
        Prison = "prison",
        /// In hospital.
        Hospital = "hospital",
        /// In the care of the state.
        StateCare = "state_care",
    }

    /// How a person belongs to a claim.
    Role {
        /// Claimant or partner.
        Adult = "adult",
        /// Under 16, or until the September after.
        Child = "child",
        /// Qualifying young person (reg. 5).
        YoungPerson = "young_person",
        /// Lives there and belongs to no claimant (Sch. 4 para. 9).
        NonDependant = "non_dependant",
    }

    /// On what footing a home is held.
    Tenure {
        /// No housing costs.
        None = "none",
        /// Rented from a council or housing association.
        Social = "social",
        /// Rented from anybody else.
        Private = "private",
        /// Owned.
        Owner = "owner",
    }

    /// Benefit-cap region (reg. 80A).
    Region {
        /// Greater London.
        London = "london",
        /// Anywhere else.
        OutsideLondon = "outside_london",
    }

    /// Which LCWRA amount applies from April 2026 (Universal Credit Act 2025 ss. 2-4).
    LcwraRoute {
        /// Claimed since April 2026.
        New = "new",
        /// Had the element before.
        Pre2026 = "pre_2026",
        /// Severe conditions criteria (reg. 40A).
        Severe = "severe",
        /// Terminally ill.
        Terminal = "terminal",
    }

    /// Which addition a disabled child has (reg. 24(2)).
    DisabledChild {
        /// No addition.
        None = "none",
        /// Lower.
        Lower = "lower",
        /// Higher.
        Higher = "higher",
    }

    /// How often pay comes.
    Frequency {
        /// Every week.
        Weekly = "weekly",
        /// Every two weeks.
        Fortnightly = "fortnightly",
        /// Every four weeks.
        FourWeekly = "four_weekly",
        /// Once a calendar month.
        Monthly = "monthly",
        /// At no fixed interval.
        Irregular = "irregular",
    }

    /// What kind of money came in from elsewhere.
    IncomeKind {
        /// Net pay that no employer reported to us.
        Wage = "wage",
        /// Maintenance for an adult or a child.
        Maintenance = "maintenance",
        /// State or private pension.
        Pension = "pension",
        /// Student maintenance, loans included.
        StudentMaintenance = "student_maintenance",
        /// Another benefit.
        OtherBenefit = "other_benefit",
        /// A grant in a crisis.
        CrisisGrant = "crisis_grant",
        /// A loan from anybody.
        Loan = "loan",
        /// Anything else that can be spent.
        Other = "other",
    }

    /// Money that nobody can avoid paying. The floor file says which kinds count.
    OutflowKind {
        /// Rent due beyond the housing lines.
        RentShortfall = "rent_shortfall",
        /// Childcare charges beyond the childcare line.
        ChildcareShortfall = "childcare_shortfall",
        /// What going to work costs: a travel pass, tools.
        WorkCost = "work_cost",
        /// Council tax.
        CouncilTax = "council_tax",
        /// Maintenance that a person must pay.
        MaintenancePaid = "maintenance_paid",
        /// Payments that a court ordered.
        CourtOrder = "court_order",
    }

    /// Which days a payment falls on when the nominal day is no working day.
    PayCalendar {
        /// On the nominal day whatever it is.
        ExactDay = "exact_day",
    }

    /// How severe a failure was (regs. 102-105).
    SanctionLevel {
        /// Reg. 102.
        Higher = "higher",
        /// Reg. 103.
        Medium = "medium",
        /// Reg. 104.
        Low = "low",
        /// Reg. 105.
        Lowest = "lowest",
    }

    /// Why a sanction has other days than the table of its level gives.
    SanctionDaysGround {
        /// The failure came before the claim: its days are fewer (reg. 102(4)), and it does not lengthen later ones.
        PreClaim = "pre_claim",
        /// A reduction of Jobseeker's Allowance or Employment and Support Allowance goes on here (reg. 112, Sch. 11).
        Moved = "moved",
        /// A tribunal decided so.
        Tribunal = "tribunal",
    }

    /// Which daily rate a sanction takes (reg. 111).
    SanctionRate {
        /// All of the standard allowance.
        Full = "full",
        /// 40% of it (reg. 111(2)).
        Reduced = "reduced",
    }

    /// Where a debt comes from.
    DebtKind {
        /// Paid more than was due.
        Overpayment = "overpayment",
        /// Lent ahead of an award.
        Advance = "advance",
        /// Recoverable hardship payment.
        Hardship = "hardship",
        /// Owed to a third party, such as rent arrears.
        ThirdParty = "third_party",
    }

    /// Who made a decision.
    Mode {
        /// The engine alone.
        Automated = "automated",
        /// A person.
        Human = "human",
    }
}

/// A value kept outside the stream: here stand only where it is and what binds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Names the value in the vault.
    pub r#ref: Uuid,
    /// SHA-256 of a 32-byte random salt followed by the value.
    pub commitment: Digest,
}

/// One line of a payment or an award: how much, what for, for whom, and who receives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PayeeLine {
    /// How much.
    pub amount: Amount,
    /// What for.
    pub purpose: Purpose,
    /// The individual entitled.
    pub for_whom: PersonId,
    /// Who receives it.
    pub payee: Payee,
}

/// Who receives money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Payee {
    /// An individual.
    Person(PersonId),
    /// The landlord of the claim's home, under a managed payment.
    Landlord,
    /// A creditor of this debt.
    Creditor(crate::DebtId),
}

/// Days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "UncheckedDays")]
pub struct Days {
    first: Date,
    last: Date,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UncheckedDays {
    first: Date,
    last: Date,
}

impl Days {
    /// None when `last` comes before `first`.
    pub fn new(first: Date, last: Date) -> Option<Days> {
        (first <= last).then_some(Days { first, last })
    }

    /// First day.
    pub const fn first(self) -> Date {
        self.first
    }

    /// Last day.
    pub const fn last(self) -> Date {
        self.last
    }
}

impl TryFrom<UncheckedDays> for Days {
    type Error = String;

    fn try_from(UncheckedDays { first, last }: UncheckedDays) -> Result<Days, String> {
        Days::new(first, last).ok_or_else(|| format!("the days end on {last}, before they begin on {first}"))
    }
}
