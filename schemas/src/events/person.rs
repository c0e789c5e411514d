//! Events that stand on a person, but for payments.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::{
    DebtKind, DisabledChild, Frequency, IncomeKind, LcwraRoute, Nation, OutflowKind, PayCalendar, Residence,
    SanctionDaysGround, SanctionLevel, SanctionRate, Sealed,
};
use crate::{Amount, Citation, ClaimId, DebtId, EventId, PersonId, SanctionId};

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
    }

    /// How much of a debt is taken from each payment, for periods starting from the effective day.
    DebtDeductionSet {
        /// Which debt.
        debt: DebtId,
        /// Per assessment period; zero stops it.
        per_period: Amount,
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
}

impl PersonFact {
    /// Records with the same key compete for a day; others do not.
    pub const fn key(&self) -> &'static str {
        match self {
            PersonFact::Nation(_) => "nation",
            PersonFact::Residence(_) => "residence",
            PersonFact::Account(_) => "account",
            PersonFact::PayCalendar(_) => "pay_calendar",
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
            PersonFact::InterviewsOnly(_) => "interviews_only",
            PersonFact::FosterParentOfBaby(_) => "foster_parent_of_baby",
            PersonFact::AdoptionPlacedOn(_) => "adoption_placed_on",
            PersonFact::ExpectedConfinement(_) => "expected_confinement",
            PersonFact::ConfinedOn(_) => "confined_on",
            PersonFact::FraudPenalty(_) => "fraud_penalty",
            PersonFact::EarnsThreshold(_) => "earns_threshold",
            PersonFact::SustainedEarningsOn(_) => "sustained_earnings_on",
        }
    }
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
