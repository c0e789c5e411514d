//! Events that stand on a claim.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::person::payloads;
use super::terms::{Mode, PayeeLine, Purpose, Region, RentEvery, Role, Sealed, SevereDisabilityPremium, Tenure};
use crate::{Amount, AssessmentPeriod, Citation, ClaimId, DebtId, Digest, EventId, PersonId};

payloads! {
    /// A claim was made. The envelope's effective day is the first day of entitlement.
    ClaimMade {
        /// The pack whose rules it is under, such as `uk-universal-credit`.
        benefit: String,
        /// One adult, or both of a couple.
        claimants: Vec<PersonId>,
        /// When and why it was made, where its first day was checked against the law.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dates: Option<ClaimDates>,
        /// First day of the award whose assessment day it keeps, where the day of the month is not that of its own first day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        day_of: Option<Date>,
    }

    /// Somebody came to belong to the claim, from the effective day.
    ClaimJoined {
        /// Who.
        person: PersonId,
        /// As what.
        role: Role,
    }

    /// Somebody no longer belongs to the claim, from the effective day.
    ClaimLeft {
        /// Who.
        person: PersonId,
    }

    /// A claim was taken back before it was decided.
    ClaimWithdrawn {
        /// Why.
        reason: String,
    }

    /// The award ended; the effective day is the first without it.
    ClaimClosed {
        /// Why.
        reason: String,
    }

    /// A closed award goes on, from the effective day.
    ClaimReopened {
        /// Why.
        reason: String,
    }

    /// The first day of entitlement was decided again: it is the effective day. The assessment days stay (SI 2013/376
    /// reg. 21A).
    ClaimRedated {
        /// A day that gives the day of the month: the first day of the award as it was, or of the one it keeps it of.
        day_of: Date,
        /// Why the claim was made after the first day of its period, where that is so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        late_because: Option<LateClaim>,
        /// Why.
        reason: String,
    }

    /// A fact that the members share became known; the envelope says from when and until when it holds.
    ClaimFactRecorded {
        /// The fact.
        fact: ClaimFact,
    }

    /// An earlier record turned out wrong and no longer counts.
    ClaimFactWithdrawn {
        /// The event that recorded it.
        event: EventId,
        /// Why.
        reason: String,
    }

    /// What was decided for one period, complete enough to be recomputed from the stream alone.
    AssessmentDetermined {
        /// The decision.
        decision: Decision,
    }

    /// An earlier decision was replaced from its original date.
    DeterminationRevised {
        /// The decision replaced.
        replaces: EventId,
        /// On what ground.
        ground: Citation,
        /// The decision now.
        decision: Decision,
    }

    /// An earlier decision was replaced from a later date.
    DeterminationSuperseded {
        /// The decision replaced.
        replaces: EventId,
        /// On what ground.
        ground: Citation,
        /// The decision now.
        decision: Decision,
    }

    /// A slip in an earlier decision was put right.
    DeterminationCorrected {
        /// The decision replaced.
        replaces: EventId,
        /// On what ground.
        ground: Citation,
        /// The decision now.
        decision: Decision,
    }
}

/// What decides from which day a claim gives entitlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimDates {
    /// The day the claim was made; of an award without a claim, the day on which what led to it was told.
    pub claimed_on: Date,
    /// Why it was made after the first day of its period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_because: Option<LateClaim>,
    /// Why no waiting days were served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_waiting: Option<NoWaiting>,
    /// The awards that it follows, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Follows>,
}

/// Why a claim could not be made on the first day of its period (SI 2013/380 reg. 26(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LateClaim {
    /// Another benefit ended and nobody said so before (sub-paragraphs (a) and (aa)).
    OtherBenefitEnded,
    /// A disability (sub-paragraph (b)).
    Disability,
    /// An illness that kept the claimant from claiming (sub-paragraph (c)).
    Illness,
    /// The official computer system did not work (sub-paragraph (d)).
    SystemDown,
    /// A joint claim or award ended or was refused because of the other member of the couple (sub-paragraphs (e) and on).
    FormerPartner,
}

/// Why no waiting days were served (SI 2013/376 reg. 19A).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoWaiting {
    /// Not subject to all work-related requirements.
    OtherRequirements,
    /// Terminally ill.
    TerminallyIll,
    /// Recently a victim of domestic violence.
    DomesticViolence,
    /// A care leaver.
    CareLeaver,
    /// Aged 16 or 17 and without parental support.
    WithoutParentalSupport,
    /// A prisoner within the month before.
    Prisoner,
    /// Entitled to Jobseeker's Allowance or Employment and Support Allowance within the three months before.
    OtherBenefit,
    /// The award follows another.
    EarlierAward,
}

/// How an award follows others, so that their assessment days are kept (SI 2013/376 reg. 21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Following {
    /// A couple separated, and no claim is needed (para. (3)).
    Separation,
    /// A couple formed (paras. (3A) and (3B)).
    Couple,
    /// A claim within six months of the end of an award (para. (3C)).
    Break,
}

/// The awards that one follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Follows {
    /// How.
    pub why: Following,
    /// Which: of two, the days of the one that ended earlier are kept (para. (3A)).
    pub awards: Vec<ClaimId>,
}

/// What one assessment came to, and out of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The period decided.
    pub period: AssessmentPeriod,
    /// The pack that decided it.
    pub pack: PackRef,
    /// Which meaning of the rule language; an old meaning is kept for old decisions.
    pub engine: u32,
    /// The facts were those known at this position of the stream.
    pub facts_at: u64,
    /// Digest over every step of the computation.
    pub outcome: Digest,
    /// What the law gives for the period, before sanctions and deductions.
    pub award: Amount,
    /// What is to be paid.
    pub payment: Amount,
    /// The payment, line by line.
    pub lines: Vec<PayeeLine>,
    /// The claimants of the period: each is entitled to the lines that are for them.
    pub adults: Vec<PersonId>,
    /// Who is entitled to the lines that are for a child.
    pub main_carer: PersonId,
    /// What was taken for each debt.
    pub deducted: Vec<Deducted>,
    /// The amount of each rule that made it, by name, as printed.
    pub amounts: Vec<(String, String)>,
    /// The engine, or a person.
    pub mode: Mode,
    /// The provisions of the steps that were not nil.
    pub authority: Vec<Citation>,
}

/// What was taken from a payment for a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deducted {
    /// Which debt.
    pub debt: DebtId,
    /// How much.
    pub amount: Amount,
}

/// A published pack: which, and exactly what it said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackRef {
    /// Such as `uk-universal-credit`.
    pub name: String,
    /// Such as `2026.11`.
    pub version: String,
    /// SHA-256 of its canonical content.
    pub digest: Digest,
}

/// A fact that the members of a claim share. Names and meanings are those of the packs' inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "key", content = "value", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClaimFact {
    /// On what footing the home is held.
    Tenure(Tenure),
    /// Rent per assessment period.
    Rent(Amount),
    /// Local Housing Allowance per assessment period.
    LhaRate(Amount),
    /// Eligible service charges per assessment period.
    ServiceCharges(Amount),
    /// Bedrooms the home has.
    Bedrooms(u8),
    /// Bedrooms the household may have (Sch. 4 paras. 8-12).
    BedroomsNeeded(u8),
    /// Capital (regs. 45-50).
    Capital(Amount),
    /// Region for the benefit cap.
    Region(Region),
    /// Childcare charges per assessment period (reg. 33).
    ChildcareCharges(Amount),
    /// Children for whom childcare is charged; not stated = every child of the claim.
    ChildcareChildren(u8),
    /// Transitional element per assessment period.
    TransitionalElement(Amount),
    /// Capital over the limit is ignored (SI 2014/1230 reg. 51).
    TransitionalCapitalDisregard(bool),
    /// Last day of a benefit-cap grace period (reg. 82(2)).
    CapGraceUntil(Date),
    /// Initial amount of the transitional element (SI 2014/1230 reg. 55(1)).
    TransitionalInitial(Amount),
    /// What the old awards came to (SI 2014/1230 reg. 53).
    TotalLegacyAmount(Amount),
    /// What Universal Credit would have come to (SI 2014/1230 reg. 54).
    IndicativeUcAmount(Amount),
    /// Income beyond the maximum amount where that was nil (SI 2014/1230 reg. 55(1)(b)).
    IndicativeExcessIncome(Amount),
    /// A severe disability premium of the old award (SI 2014/1230 Sch. 2).
    SevereDisabilityPremium(SevereDisabilityPremium),
    /// An enhanced disability premium beside it (SI 2014/1230 Sch. 3).
    SdpEnhancedPremium(bool),
    /// A disability premium beside it (SI 2014/1230 Sch. 3).
    SdpDisabilityPremium(bool),
    /// Disabled child premiums or elements beside it (SI 2014/1230 Sch. 3).
    SdpDisabledChildren(u8),
    /// Months in a row just before the award with earnings at the threshold of the benefit cap (reg. 82(3)).
    CapMonthsBeforeClaim(u8),
    /// For how long one payment of rent is; a month where it is not stated (Sch. 4 para. 7).
    RentEvery(RentEvery),
    /// Payments of rent in a year that are not asked for (Sch. 4 para. 7(3)).
    RentFreePayments(u8),
    /// Everybody who is liable for the rent (Sch. 4 paras. 24 and 35).
    JointTenants(u8),
    /// Of them the claimants and their children; not stated = the claimants.
    JointTenantsClaiming(u8),
    /// Bedrooms for overnight care, fostering or who cannot share (Sch. 4 para. 12).
    AdditionalBedrooms(u8),
    /// An owner's qualifying period is over (Sch. 5 Pt. 3).
    OwnerWaitOver(bool),
    /// The day on which childcare charges were reported; not stated = in time (reg. 33(1)(za)).
    ChildcareReportedOn(Date),
    /// A late report of childcare charges is accepted (reg. 33(2)).
    ChildcareLateAccepted(bool),
    /// Loss of benefit after an offence, per assessment period (Social Security Fraud Act 2001 s. 6B).
    FraudPenalty(Amount),
    /// Estimated use of gas and electricity per assessment period, paid beside a debt for them (SI 2013/380 Sch. 6 para. 8).
    FuelCurrent(Amount),
    /// The same for water (Sch. 6 para. 9).
    WaterCurrent(Amount),
    /// The claimants consent to more for fuel and water than a quarter of their allowances (Sch. 6 para. 3(3)).
    FuelAndWaterConsent(bool),
    /// The claimant liable for rent.
    LiableForRent(PersonId),
    /// The main carer of the children.
    MainCarer(PersonId),
    /// Who pays for childcare.
    ChildcarePayer(PersonId),
    /// Rent goes straight to the landlord (SI 2013/380 reg. 58).
    ManagedRent(bool),
    /// The whole award goes into this claimant's account, against the payee rule.
    PaidInto(PersonId),
    /// Money for one purpose goes to this claimant, with the reason.
    PaidTo(PaidTo),
    /// Whom rent under a managed payment goes to.
    LandlordAccount(LandlordAccount),
    /// Capital given away to get more Universal Credit, as it is now (reg. 50).
    NotionalCapital(Amount),
    /// Of the capital, what yields an annuity or trust income that counts (reg. 72(2)).
    CapitalWithCountedIncome(Amount),
    /// A claimant was lately a victim of domestic violence: surplus earnings do not count (regs. 54A(5) and 98).
    RecentDomesticViolence(bool),
    /// Surplus earnings of an earlier award (reg. 54A). For one period: it stands in place of what is carried.
    SurplusBroughtForward(Amount),
    /// Last day of the latest period with an award, where an earlier claim had it (reg. 54A(1)). For one period.
    LastDayOfAward(Date),
    /// Changes of these days may be told up to 13 months later (SI 2013/381 reg. 36).
    LateNoticeAllowed(bool),
    /// Child Benefit is paid every week by choice (SI 2003/492 reg. 19), and not every four weeks.
    PaidWeekly(bool),
    /// The partner is paid Child Benefit for an elder child, who alone has the enhanced rate (SI 2006/965 reg. 2(2)).
    ElderWithPartner(bool),
    /// Universal Credit or another qualifying benefit is awarded to the claimant or their partner (SSI 2020/351).
    QualifyingBenefit(bool),
}

/// An arrangement that changes the payee of one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaidTo {
    /// Which money.
    pub purpose: Purpose,
    /// Who receives it.
    pub payee: PersonId,
    /// Why.
    pub reason: String,
}

/// The landlord of the claim's home, and the account that managed rent is paid into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LandlordAccount {
    /// The landlord's name.
    pub name: Sealed,
    /// Sort code and number.
    pub account: Sealed,
}

impl ClaimFact {
    /// Records with the same key compete for a day; others do not.
    pub fn key(&self) -> String {
        let key = match self {
            ClaimFact::Tenure(_) => "tenure",
            ClaimFact::Rent(_) => "rent",
            ClaimFact::LhaRate(_) => "lha_rate",
            ClaimFact::ServiceCharges(_) => "service_charges",
            ClaimFact::Bedrooms(_) => "bedrooms",
            ClaimFact::BedroomsNeeded(_) => "bedrooms_needed",
            ClaimFact::Capital(_) => "capital",
            ClaimFact::Region(_) => "region",
            ClaimFact::ChildcareCharges(_) => "childcare_charges",
            ClaimFact::ChildcareChildren(_) => "childcare_children",
            ClaimFact::TransitionalElement(_) => "transitional_element",
            ClaimFact::TransitionalCapitalDisregard(_) => "transitional_capital_disregard",
            ClaimFact::CapGraceUntil(_) => "cap_grace_until",
            ClaimFact::NotionalCapital(_) => "notional_capital",
            ClaimFact::CapitalWithCountedIncome(_) => "capital_with_counted_income",
            ClaimFact::RecentDomesticViolence(_) => "recent_domestic_violence",
            ClaimFact::SurplusBroughtForward(_) => "surplus_brought_forward",
            ClaimFact::LastDayOfAward(_) => "last_day_of_award",
            ClaimFact::TransitionalInitial(_) => "transitional_initial",
            ClaimFact::TotalLegacyAmount(_) => "total_legacy_amount",
            ClaimFact::IndicativeUcAmount(_) => "indicative_uc_amount",
            ClaimFact::IndicativeExcessIncome(_) => "indicative_excess_income",
            ClaimFact::SevereDisabilityPremium(_) => "severe_disability_premium",
            ClaimFact::SdpEnhancedPremium(_) => "sdp_enhanced_premium",
            ClaimFact::SdpDisabilityPremium(_) => "sdp_disability_premium",
            ClaimFact::SdpDisabledChildren(_) => "sdp_disabled_children",
            ClaimFact::CapMonthsBeforeClaim(_) => "cap_months_before_claim",
            ClaimFact::RentEvery(_) => "rent_every",
            ClaimFact::RentFreePayments(_) => "rent_free_payments",
            ClaimFact::JointTenants(_) => "joint_tenants",
            ClaimFact::JointTenantsClaiming(_) => "joint_tenants_claiming",
            ClaimFact::AdditionalBedrooms(_) => "additional_bedrooms",
            ClaimFact::OwnerWaitOver(_) => "owner_wait_over",
            ClaimFact::ChildcareReportedOn(_) => "childcare_reported_on",
            ClaimFact::ChildcareLateAccepted(_) => "childcare_late_accepted",
            ClaimFact::FraudPenalty(_) => "fraud_penalty",
            ClaimFact::FuelCurrent(_) => "fuel_current",
            ClaimFact::WaterCurrent(_) => "water_current",
            ClaimFact::FuelAndWaterConsent(_) => "fuel_and_water_consent",
            ClaimFact::LiableForRent(_) => "liable_for_rent",
            ClaimFact::MainCarer(_) => "main_carer",
            ClaimFact::ChildcarePayer(_) => "childcare_payer",
            ClaimFact::ManagedRent(_) => "managed_rent",
            ClaimFact::PaidInto(_) => "paid_into",
            ClaimFact::LateNoticeAllowed(_) => "late_notice_allowed",
            ClaimFact::PaidWeekly(_) => "paid_weekly",
            ClaimFact::LandlordAccount(_) => "landlord_account",
            ClaimFact::ElderWithPartner(_) => "elder_with_partner",
            ClaimFact::QualifyingBenefit(_) => "qualifying_benefit",
            ClaimFact::PaidTo(PaidTo { purpose, .. }) => return format!("paid_to {purpose}"),
        };
        key.into()
    }
}
