//! What the law makes of each kind of debt: what it comes from, how deductions for it count, and how packs call it. A new
//! kind is one line of this table.

use schemas::events::{DebtKind, PaymentKind};

/// What the law makes of a kind of debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DebtTerms {
    /// Where it comes from.
    pub source: Source,
    /// Whether the law counts each deduction for it, as for third parties (SI 2013/380 Sch. 6 para. 3(2)).
    pub one_at_a_time: bool,
    /// How a pack calls it.
    pub in_packs: &'static str,
}

/// Where a debt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Money that is lent by registering it (SI 2013/383).
    Advance,
    /// Money that is lent by awarding it (SI 2013/376 reg. 115).
    Hardship,
    /// Money paid beyond what was due, perhaps in these books.
    Overpaid,
    /// What another creditor is owed, who gets what is deducted.
    ThirdParty,
    /// Something else that is owed to the State.
    State,
}

impl Source {
    /// The payment that lends it, if one does.
    pub const fn lends(self) -> Option<PaymentKind> {
        match self {
            Source::Advance => Some(PaymentKind::Advance),
            Source::Hardship => Some(PaymentKind::Hardship),
            Source::Overpaid | Source::ThirdParty | Source::State => None,
        }
    }
}

/// The table.
pub(crate) const fn terms_of(kind: DebtKind) -> DebtTerms {
    let (source, one_at_a_time, called) = match kind {
        DebtKind::Advance | DebtKind::ChangeAdvance => (Source::Advance, false, DebtKind::Advance),
        DebtKind::BudgetingAdvance => (Source::Advance, false, kind),
        DebtKind::Hardship => (Source::Hardship, false, kind),
        DebtKind::Overpayment | DebtKind::FraudOverpayment => (Source::Overpaid, false, kind),
        DebtKind::ThirdParty
        | DebtKind::OwnerHousingCosts
        | DebtKind::RentArrears
        | DebtKind::Gas
        | DebtKind::Electricity
        | DebtKind::CouncilTax
        | DebtKind::Fine
        | DebtKind::Water
        | DebtKind::MaintenanceContribution
        | DebtKind::EligibleLoan => (Source::ThirdParty, true, kind),
        DebtKind::ChildMaintenance => (Source::ThirdParty, false, kind),
        DebtKind::IntegrationLoan => (Source::State, true, kind),
        DebtKind::SocialFund | DebtKind::AdministrativePenalty | DebtKind::CivilPenalty => (Source::State, false, kind),
        DebtKind::TaxCreditOverpayment | DebtKind::HousingBenefitOverpayment | DebtKind::OtherBenefitOverpayment => {
            (Source::State, false, DebtKind::Overpayment)
        }
    };
    DebtTerms { source, one_at_a_time, in_packs: called.name() }
}
