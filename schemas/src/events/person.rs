//! Events that stand on a person, but for payments.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::{
    AdvanceTerms, Channel, DayOfMonth, DebtKind, DisabledChild, Frequency, IncomeKind, LcwraRoute, LcwraWait, Nation,
    OutflowKind, PaidEvery, PayCalendar, Recovery, Residence, SanctionDaysGround, SanctionLevel, SanctionRate, Sealed,
    Sex,
};
use crate::{Amount, AssessmentPeriod, Citation, ClaimId, DebtId, EventId, PersonId, SanctionId};

/// Defines payload structs: serialised by name, refusing fields they do not know.
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}
pub(crate) use payloads;

payloads! {
    /// A person became known to the ledger.
    PersonRegistered {
        /// In clear: ages decide amounts.
        birth_date: Date,
        /// Full name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Sealed>,
        /// National Insurance number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        national_insurance_number: Option<Sealed>,
    }

    /// A person died.
    PersonDied {
        /// Day of death.
        on: Date,
    }

    /// A fact about a person became known; the envelope says from when and until when it holds.
    PersonFactRecorded {
        /// The fact.
        fact: PersonFact,
    }

    /// An earlier record turned out wrong and no longer counts.
    PersonFactWithdrawn {
        /// The event that recorded it.
        event: EventId,
        /// Why.
        reason: String,
    }

    /// A person's own words about an event or a decision.
    StatementRecorded {
        /// What it is about.
        about: EventId,
        /// The words.
        text: Sealed,
    }

    /// The person came to be an adult of a claim. It stands beside the claim's own event, so that whether a person has
    /// an open claim, and which claims to look at, follows from the person's history alone.
    PersonClaimed {
        /// Which.
        claim: ClaimId,
        /// The pack whose rules it is under.
        benefit: String,
    }

    /// The person is no longer an adult of a claim: it ended, or they left it.
    PersonClaimEnded {
        /// Which.
        claim: ClaimId,
    }

    /// Pay that an employer reported (reg. 61: it counts in the period in which it is paid).
    EarningsReported {
        /// The day it is paid.
        paid_on: Date,
        /// Before anything is taken.
        gross: Amount,
        /// Income tax.
        tax: Amount,
        /// National Insurance contributions.
        national_insurance: Amount,
        /// Pension contributions (reg. 55(5)).
        pension: Amount,
        /// How often it comes.
        frequency: Frequency,
        /// When the next is due, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_due: Option<Date>,
        /// Tells one job from another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        employment: Option<String>,
    }

    /// Money came in from elsewhere. Its effect on an award is a fact of its own (`unearned_income`).
    IncomeReceived {
        /// The day it can be used.
        on: Date,
        /// How much.
        amount: Amount,
        /// What kind.
        kind: IncomeKind,
        /// When the next of its series is due, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_due: Option<Date>,
    }

    /// Money left, or will leave, whether the person likes it or not.
    OutflowReported {
        /// The day it is due.
        on: Date,
        /// How much.
        amount: Amount,
        /// What kind.
        kind: OutflowKind,
    }

    /// A sanction was imposed.
    SanctionImposed {
        /// Names it.
        sanction: SanctionId,
        /// How severe.
        level: SanctionLevel,
        /// The day of the failure.
        failure_on: Date,
        /// First day of the reduction (reg. 106).
        from: Date,
        /// How many days; with `until_compliance` those after the claimant complied.
        days: u16,
        /// What the table of the level gives (regs. 102-105), which later failures are measured by. Not known of
        /// sanctions recorded before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length: Option<u16>,
        /// Whether it lasts from the failure until a compliance condition is met, and `days` come on top.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        until_compliance: bool,
        /// Why the days are other than those of the table.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        days_ground: Option<SanctionDaysGround>,
        /// Daily rate as stated when it was imposed. Circumstances at the end of each period decide (reg. 111); a rate
        /// stated as reduced stands where no fact says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rate: Option<SanctionRate>,
        /// On what authority.
        authority: Citation,
    }

    /// A claimant met the compliance condition, so that the days of the sanction are known.
    SanctionComplied {
        /// Which.
        sanction: SanctionId,
        /// The day on which the condition was met.
        on: Date,
        /// First day that the reduction takes: that of reg. 106 where the compliance was known by the end of the period it
        /// begins; else not before the failure, from which on its days came up one by one.
        from: Date,
        /// Days in all: from the failure to the day before, and those on top (regs. 104 and 105).
        days: u16,
    }

    /// A sanction came to its end early, such as by compliance.
    SanctionEnded {
        /// Which.
        sanction: SanctionId,
        /// First day without it.
        on: Date,
        /// Why.
        reason: String,
    }

    /// A sanction was found wrong and never took effect.
    SanctionCancelled {
        /// Which.
        sanction: SanctionId,
        /// On what authority.
        authority: Citation,
    }

    /// A recoverable hardship payment was awarded (regs. 115-119).
    HardshipAwarded {
        /// The debt it creates.
        debt: DebtId,
        /// First day it is for.
        from: Date,
        /// How many days.
        days: u16,
        /// For one day.
        per_day: Amount,
    }

    /// A debt was registered.
    DebtRegistered {
        /// Names it.
        debt: DebtId,
        /// Where it comes from.
        kind: DebtKind,
        /// How much is owed.
        amount: Amount,
        /// What caused it, if an event here did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<EventId>,
        /// Of an advance: on what terms it was lent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        advance: Option<AdvanceTerms>,
        /// Of an advance: how it is recovered until something else is set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovery: Option<Recovery>,
    }

    /// How much of a debt is taken from each payment, for periods starting from the effective day.
    DebtDeductionSet {
        /// Which debt.
        debt: DebtId,
        /// Per assessment period; zero stops it.
        per_period: Amount,
        /// Rent or fuel, beyond the limit in the person's best interests (SI 2013/380 Sch. 6 para. 4(4)).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        last_resort: bool,
    }

    /// Part of a debt was given up for the person's sake.
    DebtWaived {
        /// Which.
        debt: DebtId,
        /// How much.
        amount: Amount,
        /// Why.
        reason: String,
    }

    /// Part of a debt was given up as not collectable.
    DebtWrittenOff {
        /// Which.
        debt: DebtId,
        /// How much.
        amount: Amount,
        /// Why.
        reason: String,
    }

    /// Part of a debt was paid back, other than by a deduction.
    DebtRepaid {
        /// Which.
        debt: DebtId,
        /// How much.
        amount: Amount,
        /// The day the money came.
        on: Date,
        /// The reference it came with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    }

    /// It was agreed that a debt is paid back in instalments, other than by deductions.
    DebtPlanAgreed {
        /// Which.
        debt: DebtId,
        /// Each instalment; the last one takes what is left.
        per_instalment: Amount,
        /// How often.
        every: Frequency,
        /// The day of the first.
        from: Date,
    }

    /// Whom what is deducted for a debt is paid to.
    DebtCreditorRecorded {
        /// Which debt.
        debt: DebtId,
        /// The creditor's name.
        name: Sealed,
        /// Sort code and number.
        account: Sealed,
        /// Under which reference the creditor knows the debt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Sealed>,
    }

    /// It was decided whether money paid beyond what was due is recovered from whom it was paid to. With a debt, it
    /// registers that debt, of kind overpayment.
    DebtRecoveryDecided {
        /// The claim it was paid under.
        claim: ClaimId,
        /// The period.
        period: AssessmentPeriod,
        /// The determination by which it was too much.
        cause: EventId,
        /// How much was overpaid.
        overpaid: Amount,
        /// How much of it is to be recovered.
        recoverable: Amount,
        /// The debt that this makes, where anything is recovered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        debt: Option<DebtId>,
        /// By which provision.
        ground: Citation,
        /// Why.
        reason: String,
    }

    /// Two records were found to be about one human being.
    IdentityLinked {
        /// The other record.
        other: PersonId,
        /// Why.
        reason: String,
    }

    /// A link was found wrong.
    IdentityUnlinked {
        /// The other record.
        other: PersonId,
        /// Why.
        reason: String,
    }

    /// Another record's history counts here from now on.
    IdentityMerged {
        /// The record that ended.
        from: PersonId,
        /// Why.
        reason: String,
    }

    /// A merger was found wrong.
    IdentityUnmerged {
        /// The record that stands alone again.
        from: PersonId,
        /// Why.
        reason: String,
    }

    /// Somebody may act for this person.
    RepresentativeGranted {
        /// Who.
        representative: Sealed,
        /// What they may do.
        scope: String,
        /// When that ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Date>,
    }

    /// Somebody may no longer act for this person.
    RepresentativeRevoked {
        /// The event that granted it.
        event: EventId,
    }
}

/// A fact about a person. Names and meanings are those of the packs' inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "key", content = "value", rename_all = "snake_case", deny_unknown_fields)]
pub enum PersonFact {
    /// Which nation they live in.
    Nation(Nation),
    /// Whether they live at home.
    Residence(Residence),
    /// Which account they are paid into.
    Account(Account),
    /// On which days they are paid.
    PayCalendar(PayCalendar),
    /// By which channel they are paid.
    PaidBy(Channel),
    /// How often they are paid for a month.
    PaidEvery(PaidEvery),
    /// On which day of the month they chose to be paid.
    PayDay(DayOfMonth),
    /// For a child: who carries their floor from this day.
    Carer(PersonId),
    /// Limited capability for work, since.
    LcwSince(Date),
    /// The LCWRA element is due for periods starting on or after this day (reg. 28).
    LcwraSince(Date),
    /// Which LCWRA amount.
    LcwraRoute(LcwraRoute),
    /// Caring 35 hours a week, since (reg. 29).
    CaringSince(Date),
    /// For a child: which addition.
    DisabledChild(DisabledChild),
    /// Has a benefit that lifts the benefit cap (reg. 83).
    DisabilityBenefit(bool),
    /// For a child: an exception to the two-child limit (Sch. 12).
    ChildException(bool),
    /// For a child: Child Benefit per assessment period, as the cap counts it.
    ChildBenefit(Amount),
    /// Unearned income per assessment period (reg. 66).
    UnearnedIncome(Amount),
    /// Self-employed earnings per assessment period, net (reg. 57).
    SelfEmployedNet(Amount),
    /// In paid work, or starting soon, though nothing was paid in the period (reg. 32).
    InPaidWork(bool),
    /// A renter or non-dependant for whom no housing cost contribution is taken (Sch. 4 paras. 15-16).
    HousingContributionExempt(bool),
    /// For a child that is not the claimant's own: responsible since, which fixes its place (reg. 24B).
    ResponsibleSince(Date),
    /// For a child: the exception is adoption or non-parental care, so that it takes up no place (reg. 24A).
    ChildOutsideOrder(bool),
    /// Other benefits per assessment period that the cap counts (Welfare Reform Act 2012 s. 96(10)).
    OtherCappedBenefits(Amount),
    /// Limited capability for work and work-related activity was determined, from this day on (reg. 27).
    LcwraFoundFrom(Date),
    /// First medical evidence, from which the LCWRA element waits three months (reg. 28(2)).
    LcwraEvidenceOn(Date),
    /// Why the LCWRA element need not wait (reg. 28(3)(a) and (5)).
    LcwraWaitExcused(LcwraWait),
    /// The award or the limited capability has been broken since 3 April 2017 (SI 2017/204 Sch. 2 para. 8).
    LcwSavingEnded(bool),
    /// Cannot claim, and the other member of the couple claims as a single person (reg. 3(3)).
    IneligiblePartner(bool),
    /// The severely disabled person cared for died on this day (reg. 37(c)).
    CaredForDied(Date),
    /// Another carer of the same person has the carer element (reg. 29(2) and (3)).
    CarerElementElsewhere(bool),
    /// Last day of paid work before the entitlement began (reg. 82(2)(b)).
    WorkCeasedOn(Date),
    /// Earned the threshold of the benefit cap in each of the 12 months up to that day (reg. 82(3)).
    EarnedEnoughForAYear(bool),
    /// For a child: decides who may be expected to share a bedroom (Sch. 4 para. 10).
    Sex(Sex),
    /// Asked for work-focused interviews and nothing else (Welfare Reform Act 2012 s. 20): reduced rate of sanctions.
    InterviewsOnly(bool),
    /// The responsible foster parent of a child under 1 (reg. 89(1)(f)).
    FosterParentOfBaby(bool),
    /// An adopter: the day on which the child was placed (reg. 89(1)(d)).
    AdoptionPlacedOn(Date),
    /// Pregnant: the first day of the expected week of confinement (reg. 89(1)(c)).
    ExpectedConfinement(Date),
    /// The day of a confinement (reg. 89(1)(c)).
    ConfinedOn(Date),
    /// A penalty for benefit fraud applies to the award: reductions for failures are suspended (reg. 108).
    FraudPenalty(bool),
    /// Earns the individual threshold at least, so that hardship payments are not recovered (reg. 119(2)).
    EarnsThreshold(bool),
    /// The day on which the earnings have been at the threshold for long enough to end reductions (reg. 109).
    SustainedEarningsOn(Date),
    /// Earnings given up or not asked for in an assessment period, so decided (reg. 60).
    NotionalEarnedIncome(Amount),
    /// Self-employed receipts of an assessment period (reg. 57).
    SelfEmployedReceipts(Amount),
    /// Allowed expenses of an assessment period (regs. 58 and 59).
    SelfEmployedExpenses(Amount),
    /// Tax and national insurance paid to HMRC in a period for the trade (reg. 57(2) step 3).
    SelfEmployedTaxAndNi(Amount),
    /// Relievable pension contributions of a self-employed person in a period (reg. 57(2) step 4).
    SelfEmployedPension(Amount),
    /// Unused losses of an award that ended within six months (reg. 57A(3)). For one period: it stands in place of what is carried.
    LossBroughtForward(Amount),
    /// State pension a week, of another country too (reg. 66(1)(a) and (da)).
    StatePensionWeekly(Amount),
    /// New style jobseeker's allowance a week (reg. 66(1)(b)(i)).
    JobseekersAllowanceWeekly(Amount),
    /// New style employment and support allowance a week (reg. 66(1)(b)(ii)).
    EmploymentAndSupportAllowanceWeekly(Amount),
    /// Carer's allowance or carer support payment a week (reg. 66(1)(b)(iii) and (iiia)).
    CarersAllowanceWeekly(Amount),
    /// Widowed mother's or parent's allowance or widow's pension a week (reg. 66(1)(b)(v) to (vii)).
    BereavementBenefitsWeekly(Amount),
    /// Maternity allowance a week (reg. 66(1)(b)(viii)).
    MaternityAllowanceWeekly(Amount),
    /// Industrial injuries benefit a week, without increases for attendance (reg. 66(1)(b)(ix)).
    IndustrialInjuriesWeekly(Amount),
    /// Occupational or personal pension per assessment period (reg. 67).
    PrivatePension(Amount),
    /// Maintenance per assessment period from a spouse or civil partner, present or former (reg. 66(1)(d)).
    MaintenanceForSelf(Amount),
    /// Training allowance per assessment period, as far as it counts (reg. 66(1)(f)).
    TrainingAllowance(Amount),
    /// Insurance against loss of income, per assessment period (reg. 66(1)(h)).
    IncomeInsurance(Amount),
    /// Income from an annuity or trust per assessment period (reg. 66(1)(i) and (j)).
    AnnuityOrTrustIncome(Amount),
    /// Benefits of another country per assessment period (reg. 66(1)(c)).
    ForeignBenefits(Amount),
    /// Other taxable income per assessment period (reg. 66(1)(m)).
    OtherTaxableIncome(Amount),
    /// Income that could be had by applying for it, per assessment period, so decided (reg. 74).
    NotionalUnearnedIncome(Amount),
    /// Student loan of a year of the course, also one that could be had (regs. 68 and 69).
    StudentLoan(Amount),
    /// Grant of a year of the course, without what reg. 70 leaves out.
    StudentGrant(Amount),
    /// Of a grant beside a loan, what is for rent or for another person in the award (reg. 68(3)).
    StudentGrantForRentOrOthers(Amount),
    /// Found to be in gainful self-employment, on (reg. 64).
    GainfulSelfEmploymentSince(Date),
    /// Has no start-up period, or it was ended (reg. 63(2) and (3)).
    NoStartUpPeriod(bool),
    /// Expected hours of work a week (reg. 88).
    ExpectedHours(u16),
    /// Not in the group of all work-related requirements, for a reason that no other fact says (Welfare Reform Act 2012 ss. 19 to 21).
    WorkRequirementsLimited(bool),
    /// In how many assessment periods of the year of the course there is student income; 0 where this is none (reg. 68(1)).
    StudentPeriods(u16),
    /// Pay of one day counts as if it had come on another (reg. 61(5) and (6)). It holds for the days from the one to the other.
    PayCountsOn(PayCountsOn),
}

impl PersonFact {
    /// Records with the same key compete for a day; others do not.
    pub const fn key(&self) -> &'static str {
        match self {
            PersonFact::Nation(_) => "nation",
            PersonFact::Residence(_) => "residence",
            PersonFact::Account(_) => "account",
            PersonFact::PayCalendar(_) => "pay_calendar",
            PersonFact::PaidBy(_) => "paid_by",
            PersonFact::PaidEvery(_) => "paid_every",
            PersonFact::PayDay(_) => "pay_day",
            PersonFact::Carer(_) => "carer",
            PersonFact::LcwSince(_) => "lcw_since",
            PersonFact::LcwraSince(_) => "lcwra_since",
            PersonFact::LcwraRoute(_) => "lcwra_route",
            PersonFact::CaringSince(_) => "caring_since",
            PersonFact::DisabledChild(_) => "disabled_child",
            PersonFact::DisabilityBenefit(_) => "disability_benefit",
            PersonFact::ChildException(_) => "child_exception",
            PersonFact::ChildBenefit(_) => "child_benefit",
            PersonFact::UnearnedIncome(_) => "unearned_income",
            PersonFact::SelfEmployedNet(_) => "self_employed_net",
            PersonFact::InPaidWork(_) => "in_paid_work",
            PersonFact::HousingContributionExempt(_) => "housing_contribution_exempt",
            PersonFact::ResponsibleSince(_) => "responsible_since",
            PersonFact::ChildOutsideOrder(_) => "child_outside_order",
            PersonFact::OtherCappedBenefits(_) => "other_capped_benefits",
            PersonFact::LcwraFoundFrom(_) => "lcwra_found_from",
            PersonFact::LcwraEvidenceOn(_) => "lcwra_evidence_on",
            PersonFact::LcwraWaitExcused(_) => "lcwra_wait_excused",
            PersonFact::LcwSavingEnded(_) => "lcw_saving_ended",
            PersonFact::IneligiblePartner(_) => "ineligible_partner",
            PersonFact::CaredForDied(_) => "cared_for_died",
            PersonFact::CarerElementElsewhere(_) => "carer_element_elsewhere",
            PersonFact::WorkCeasedOn(_) => "work_ceased_on",
            PersonFact::EarnedEnoughForAYear(_) => "earned_enough_for_a_year",
            PersonFact::Sex(_) => "sex",
            PersonFact::InterviewsOnly(_) => "interviews_only",
            PersonFact::FosterParentOfBaby(_) => "foster_parent_of_baby",
            PersonFact::AdoptionPlacedOn(_) => "adoption_placed_on",
            PersonFact::ExpectedConfinement(_) => "expected_confinement",
            PersonFact::ConfinedOn(_) => "confined_on",
            PersonFact::FraudPenalty(_) => "fraud_penalty",
            PersonFact::EarnsThreshold(_) => "earns_threshold",
            PersonFact::SustainedEarningsOn(_) => "sustained_earnings_on",
            PersonFact::NotionalEarnedIncome(_) => "notional_earned_income",
            PersonFact::SelfEmployedReceipts(_) => "self_employed_receipts",
            PersonFact::SelfEmployedExpenses(_) => "self_employed_expenses",
            PersonFact::SelfEmployedTaxAndNi(_) => "self_employed_tax_and_ni",
            PersonFact::SelfEmployedPension(_) => "self_employed_pension",
            PersonFact::LossBroughtForward(_) => "loss_brought_forward",
            PersonFact::StatePensionWeekly(_) => "state_pension_weekly",
            PersonFact::JobseekersAllowanceWeekly(_) => "jobseekers_allowance_weekly",
            PersonFact::EmploymentAndSupportAllowanceWeekly(_) => "employment_and_support_allowance_weekly",
            PersonFact::CarersAllowanceWeekly(_) => "carers_allowance_weekly",
            PersonFact::BereavementBenefitsWeekly(_) => "bereavement_benefits_weekly",
            PersonFact::MaternityAllowanceWeekly(_) => "maternity_allowance_weekly",
            PersonFact::IndustrialInjuriesWeekly(_) => "industrial_injuries_weekly",
            PersonFact::PrivatePension(_) => "private_pension",
            PersonFact::MaintenanceForSelf(_) => "maintenance_for_self",
            PersonFact::TrainingAllowance(_) => "training_allowance",
            PersonFact::IncomeInsurance(_) => "income_insurance",
            PersonFact::AnnuityOrTrustIncome(_) => "annuity_or_trust_income",
            PersonFact::ForeignBenefits(_) => "foreign_benefits",
            PersonFact::OtherTaxableIncome(_) => "other_taxable_income",
            PersonFact::NotionalUnearnedIncome(_) => "notional_unearned_income",
            PersonFact::StudentLoan(_) => "student_loan",
            PersonFact::StudentGrant(_) => "student_grant",
            PersonFact::StudentGrantForRentOrOthers(_) => "student_grant_for_rent_or_others",
            PersonFact::GainfulSelfEmploymentSince(_) => "gainful_self_employment_since",
            PersonFact::NoStartUpPeriod(_) => "no_start_up_period",
            PersonFact::ExpectedHours(_) => "expected_hours",
            PersonFact::WorkRequirementsLimited(_) => "work_requirements_limited",
            PersonFact::StudentPeriods(_) => "student_periods",
            PersonFact::PayCountsOn(_) => "pay_counts_on",
        }
    }
}

/// Pay that counts in another period than the one in which it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PayCountsOn {
    /// The day it was paid.
    pub paid_on: Date,
    /// The day on which it counts.
    pub counts_on: Date,
}

/// An account that money can be paid into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Sort code and number.
    pub number: Sealed,
    /// Who can use it: more than one for a joint account.
    pub holders: Vec<PersonId>,
}

impl EarningsReported {
    /// What is left of the pay after tax, National Insurance and pension (reg. 55); zero at least.
    pub fn net(&self) -> crate::Money {
        let taken = self.tax.money() + self.national_insurance.money() + self.pension.money();
        (self.gross.money() - taken).at_least_zero()
    }
}

impl HardshipAwarded {
    /// The whole payment, unless it does not fit.
    pub fn amount(&self) -> Option<crate::Money> {
        self.per_day.money().pence().checked_mul(i64::from(self.days)).map(crate::Money::from_pence)
    }
}
