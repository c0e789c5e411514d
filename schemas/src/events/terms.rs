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
        /// What was deducted from an award for a creditor, paid to that creditor.
        ThirdParty = "third_party",
    }

    /// Why a gap in the protected floor opens (FLOOR.md section 2).
    GapCause {
        /// The wait for the first award.
        Wait = "wait",
        /// A sanction.
        Sanction = "sanction",
        /// A deduction.
        Deduction = "deduction",
        /// The benefit cap.
        Cap = "cap",
        /// A suspension.
        Suspended = "suspended",
        /// A payment later than due.
        LatePayment = "late_payment",
        /// A payment that came back.
        ReturnedPayment = "returned_payment",
        /// A weekend or bank holiday.
        Calendar = "calendar",
        /// A change notified late.
        LateReport = "late_report",
        /// An entitlement not claimed.
        Unclaimed = "unclaimed",
        /// A separation.
        Separation = "separation",
        /// Money that went to another person.
        Misdirected = "misdirected",
        /// A claim closed.
        Closed = "closed",
        /// Pay that came at once for many days.
        EarningsTiming = "earnings_timing",
        /// The costs of going to work.
        WorkCost = "work_cost",
        /// A condition of entitlement that excludes.
        Ineligible = "ineligible",
        /// None of the others: the rule gives too little.
        RuleLevel = "rule_level",
    }

    /// In how many parts the award of a month is paid.
    PaidEvery {
        /// In one.
        Monthly = "monthly",
        /// In two, half a month apart.
        TwiceMonthly = "twice_monthly",
        /// In four, a week apart.
        FourTimesMonthly = "four_times_monthly",
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

    /// The files of banks that are read.
    BankForm {
        /// What became of a file of ours.
        Status = "pain.002",
        /// The statement of an account.
        Statement = "camt.053",
        /// Single debits and credits.
        Notification = "camt.054",
        /// Credits that Bacs returns.
        Arucs = "ARUCS",
    }

    /// What a bank says happened.
    BankNews {
        /// It took the instruction.
        Accepted = "accepted",
        /// Money left our account and is usable.
        Settled = "settled",
        /// Money came back, came in, or was refused.
        Returned = "returned",
    }

    /// On which side of our account the bank booked something.
    BankSide {
        /// Money left.
        Debit = "debit",
        /// Money came in.
        Credit = "credit",
    }

    /// What a bank speaks of.
    BankAbout {
        /// One payment, by its ids and references.
        Payment = "payment",
        /// A whole file of ours, by the id of its message.
        Message = "message",
    }

    /// Why an item of a bank's file is open.
    BankOpen {
        /// It is nobody's: no payment has one of its ids, or several have.
        Unmatched = "unmatched",
        /// The amount is not the payment's.
        AmountDiffers = "amount_differs",
        /// The file says it twice.
        Twice = "twice",
        /// It does not fit what the ledger has of the payment.
        Contradicts = "contradicts",
    }

    /// How an open item was explained.
    BankClosing {
        /// It is a payment's, whose own events say what became of it.
        Payment = "payment",
        /// The bank took it back by an entry on the other side.
        Reversed = "reversed",
        /// It is no business of payments: funding, charges, interest, a mistake.
        Elsewhere = "elsewhere",
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

    /// Why the LCWRA element need not wait for three months (reg. 28(3)(a) and (5)).
    LcwraWait {
        /// It must.
        NotExcused = "not_excused",
        /// Terminally ill.
        TerminallyIll = "terminally_ill",
        /// An employment and support allowance with the support component.
        SupportComponent = "support_component",
        /// An award just before, or within six months, had the element.
        PreviousAward = "previous_award",
    }

    /// The severe disability premium of an award that Universal Credit replaced (SI 2014/1230 Sch. 2).
    SevereDisabilityPremium {
        /// None.
        None = "none",
        /// The rate for one person.
        SingleRate = "single_rate",
        /// The higher rate of a couple, for neither of whom somebody has become a carer since.
        CoupleRate = "couple_rate",
    }

    /// Sex, as far as it decides who may be expected to share a bedroom (Sch. 4 para. 10).
    Sex {
        /// Not stated.
        NotStated = "not_stated",
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
    }

    /// For how long one payment of rent is (Sch. 4 para. 7).
    RentEvery {
        /// A month.
        Month = "month",
        /// A week.
        Week = "week",
        /// Two weeks.
        TwoWeeks = "two_weeks",
        /// Four weeks.
        FourWeeks = "four_weeks",
        /// Three months.
        ThreeMonths = "three_months",
        /// A year.
        Year = "year",
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

    /// Where a debt comes from, in the words of the law that lets it be deducted (SI 2013/380 Sch. 6 and 7).
    DebtKind {
        /// Universal Credit paid beyond what was due, without fraud (SI 2013/384).
        Overpayment = "overpayment",
        /// Lent ahead of the first award (SI 2013/383 Part 2).
        Advance = "advance",
        /// Recoverable hardship payment.
        Hardship = "hardship",
        /// Owed to a third party, the provision not being recorded.
        ThirdParty = "third_party",
        /// Lent ahead of an award that a change of circumstances will raise (SI 2013/383 Part 2).
        ChangeAdvance = "change_advance",
        /// Lent for an intermittent expense (SI 2013/383 Part 3).
        BudgetingAdvance = "budgeting_advance",
        /// Service charges of an owner (Sch. 6 para. 6).
        OwnerHousingCosts = "owner_housing_costs",
        /// Rent and the service charges in it (Sch. 6 para. 7).
        RentArrears = "rent_arrears",
        /// Mains gas (Sch. 6 para. 8).
        Gas = "gas",
        /// Mains electricity (Sch. 6 para. 8).
        Electricity = "electricity",
        /// Council tax or community charge.
        CouncilTax = "council_tax",
        /// A fine or compensation order (SI 1992/2182).
        Fine = "fine",
        /// Water charges (Sch. 6 para. 9).
        Water = "water",
        /// Paid in place of child support maintenance (Sch. 6 para. 10).
        MaintenanceContribution = "maintenance_contribution",
        /// Child support maintenance (Sch. 7).
        ChildMaintenance = "child_maintenance",
        /// A social fund award (Administration Act 1992 s. 78).
        SocialFund = "social_fund",
        /// A penalty agreed in place of prosecution (s. 115A).
        AdministrativePenalty = "administrative_penalty",
        /// An overpayment caused by fraud (SI 2013/384 reg. 11(3)).
        FraudOverpayment = "fraud_overpayment",
        /// A penalty for a negligent statement or for not telling (ss. 115C and 115D).
        CivilPenalty = "civil_penalty",
        /// Tax credits paid beyond what was due.
        TaxCreditOverpayment = "tax_credit_overpayment",
        /// Housing Benefit paid beyond what was due.
        HousingBenefitOverpayment = "housing_benefit_overpayment",
        /// Another benefit paid beyond what was due.
        OtherBenefitOverpayment = "other_benefit_overpayment",
        /// A loan to a refugee (Sch. 6 para. 12).
        IntegrationLoan = "integration_loan",
        /// A loan of a credit union or the like (Sch. 6 para. 11).
        EligibleLoan = "eligible_loan",
    }

    /// Who lives in a household, as the limits of a budgeting advance tell apart (SI 2013/383 regs. 13 and 15).
    AdvanceFamily {
        /// One person without a child.
        Single = "single",
        /// A couple without a child.
        Couple = "couple",
        /// One person with a child.
        LoneParent = "lone_parent",
        /// A couple with a child.
        CoupleWithChild = "couple_with_child",
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

/// A day that every month has: 1 to 28.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
pub struct DayOfMonth(#[schemars(range(min = 1, max = 28))] u8);

impl DayOfMonth {
    /// None for a day that not every month has.
    pub fn new(day: u8) -> Option<DayOfMonth> {
        (1..=28).contains(&day).then_some(DayOfMonth(day))
    }
}

impl TryFrom<u8> for DayOfMonth {
    type Error = String;

    fn try_from(day: u8) -> Result<DayOfMonth, String> {
        DayOfMonth::new(day).ok_or_else(|| format!("{day} is not a day from 1 to 28, which every month has"))
    }
}

impl From<DayOfMonth> for u8 {
    fn from(day: DayOfMonth) -> u8 {
        day.0
    }
}

/// On what terms an advance was lent. What is left out was not stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvanceTerms {
    /// The award that is expected, or how much a change is expected to add: an advance is not more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Amount>,
    /// For a budgeting advance: who lives in the household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<AdvanceFamily>,
    /// For a budgeting advance: capital of the claimants together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capital: Option<Amount>,
    /// For a budgeting advance: earnings of the claimants in the six periods before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earnings: Option<Amount>,
    /// Over how many periods it is recovered; as long as may be where it is not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub periods: Option<u8>,
    /// By how many months recovery begins later than with the next payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<u8>,
}

/// How an advance is recovered until something else is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// From the payment of each period; the last one takes what is left.
    pub per_period: Amount,
    /// From the first period that ends on or after this day.
    pub from: Date,
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
