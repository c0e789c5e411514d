//! What one claim comes to for one period: the facts as known, the rules applied, the lines that follow.

use jiff::civil::Date;
use schemas::events::{
    ClaimFact, Decision, Deducted, Mode, Nation, PackRef, PaidTo, Payee, PayeeLine, PersonFact, Purpose, Role,
};
use schemas::{Amount, AssessmentPeriod, Citation, ClaimId, Cycle, DebtId, Digest, Money, PeriodKind, PersonId};

use crate::deductions::{self, Asked};
use crate::engine::{Case, CaseError, Exact, Pack, PackError, Person, Program, Scope, Step, Value};
use crate::lines::Gross;
use crate::notice::heard;
use crate::part_periods::parts;
use crate::pay;
use crate::payees::{Named, Parties, Party, Share, SplitError, Worth, sanctions_borne, shares};
use crate::sanctions::{Reduced, recovers, reduced};
use crate::views::{ClaimView, Member, MemoryViews, PersonView};
use crate::{child_benefit, rivals};

/// The meaning of the rule language that decisions are made with now.
pub const ENGINE: u32 = 1;

/// A pack ready to decide with.
pub struct Rules {
    /// The benefit it decides: claims name it.
    pub benefit: String,
    /// The pack as read.
    pub pack: Pack,
    /// The same, compiled.
    pub program: Program,
    /// SHA-256 of its canonical content.
    pub digest: Digest,
}

/// Why a pack cannot decide.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// It has errors.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Pack(Vec<PackError>),
    /// Its content is not what its digest says.
    #[error("the content of pack {name} has digest {found}, not {expected}")]
    Digest {
        /// The pack.
        name: String,
        /// The digest it goes by.
        expected: Digest,
        /// The digest of its content.
        found: Digest,
    },
}

impl Rules {
    /// Makes a loaded pack ready. `benefit` is what claims call it: the name of a reform's base.
    ///
    /// # Errors
    /// [`RulesError::Pack`] where it cannot be compiled.
    pub fn new(benefit: &str, pack: Pack) -> Result<Rules, RulesError> {
        let program = pack.compile(None).map_err(|error| RulesError::Pack(vec![error]))?;
        let digest = Digest::of(pack.canonical().as_bytes());
        Ok(Rules { benefit: benefit.into(), pack, program, digest })
    }

    /// The benefit that the pack decides: claims name it.
    pub fn benefit(&self) -> &str {
        &self.benefit
    }
}

/// Why a period cannot be decided.
#[derive(Debug, thiserror::Error)]
pub enum EntitlementError {
    /// The claim is not known.
    #[error("claim {0} is not in the ledger")]
    UnknownClaim(ClaimId),
    /// A member has not been registered.
    #[error("person {0} belongs to the claim and is not registered")]
    UnknownPerson(PersonId),
    /// Nobody can claim on that day.
    #[error("claim {0} has no living adult on {1}")]
    NoAdult(ClaimId, Date),
    /// Another nation's law applies.
    #[error(
        "person {0} lives in Northern Ireland, which has its own instrument (SR 2016/216): there is no pack for it yet"
    )]
    NorthernIreland(PersonId),
    /// The pack decides other periods.
    #[error("{period} is no period of the claim under a pack that decides by the {}", kind.name().replace('_', " "))]
    OtherPeriod {
        /// The period asked for.
        period: AssessmentPeriod,
        /// What the pack decides.
        kind: PeriodKind,
    },
    /// The facts do not fit the pack.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The award cannot be split into lines.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The pack does not say what a figure is.
    #[error("the pack gives no amount for `{0}`")]
    NoFigure(String),
}

/// Decides one period of one claim under the rules, on the facts that the views hold.
///
/// # Errors
/// [`EntitlementError`]; a fact that the rules need and nobody recorded is named.
pub fn decide(
    claim: ClaimId,
    world: &MemoryViews,
    period: AssessmentPeriod,
    rules: &Rules,
) -> Result<Decision, EntitlementError> {
    explain(claim, world, period, rules).map(|(decision, _)| decision)
}

/// Decides as [`decide`] does, and shows every step.
///
/// # Errors
/// As [`decide`].
pub fn explain(
    claim: ClaimId,
    world: &MemoryViews,
    period: AssessmentPeriod,
    rules: &Rules,
) -> Result<(Decision, Vec<Step>), EntitlementError> {
    let view = world.claim(claim).ok_or(EntitlementError::UnknownClaim(claim))?;
    let award = |world: &MemoryViews| work(claim, world, period, rules).ok().map(|(made, _)| made.award.money());
    work(claim, &heard(view, world, period, &rules.pack, award), period, rules)
}

/// Decides on everything in the world, whenever it was told.
fn work(
    claim: ClaimId,
    world: &MemoryViews,
    period: AssessmentPeriod,
    rules: &Rules,
) -> Result<(Decision, Vec<Step>), EntitlementError> {
    let view = world.claim(claim).ok_or(EntitlementError::UnknownClaim(claim))?;
    let kind = rules.pack.periods();
    let cycle = view.cycle(kind).filter(|cycle| cycle.starting(period.first()) == Ok(period));
    let cycle = cycle.ok_or(EntitlementError::OtherPeriod { period, kind })?;
    let household = Household::on(claim, view, world, kind.facts_on(period))?;
    let asked = household.asked(period);
    let case = household.case(cycle, period, &rules.pack, &asked)?;
    let worked = Worked { steps: rules.program.trace(&case)? };
    let taken = deductions::taken(&asked, |rule| worked.money(rule, None).ok());
    let amount = |rule: &str| {
        let money = worked.money(rule, None)?;
        Amount::new(money).map_err(|_| EntitlementError::NoFigure(rule.into()))
    };
    let (award, payment) = (amount("award")?, amount("payment")?);
    let decision = Decision {
        period,
        pack: PackRef { name: rules.pack.name().into(), version: rules.pack.version().into(), digest: rules.digest },
        engine: ENGINE,
        facts_at: world.position(),
        outcome: worked.outcome(),
        award,
        payment,
        lines: household.lines(&worked, &rules.pack, award.money(), payment.money(), &taken)?,
        adults: household.adults().collect(),
        main_carer: household.main_carer(),
        deducted: deducted(&taken)?,
        amounts: worked.amounts(&rules.pack),
        mode: Mode::Automated,
        authority: worked.authority(),
    };
    Ok((decision, worked.steps))
}

/// A case worked out, step by step.
struct Worked {
    steps: Vec<Step>,
}

impl Worked {
    fn step(&self, rule: &str, person: Option<&str>) -> Option<&Step> {
        self.steps.iter().find(|step| *step.id == *rule && step.person.as_deref() == person)
    }

    fn money(&self, rule: &str, person: Option<&str>) -> Result<Money, EntitlementError> {
        let figure = self.step(rule, person).and_then(|step| step.value.money());
        figure.ok_or_else(|| EntitlementError::NoFigure(rule.into()))
    }

    /// What the pack shows of the case, and what the next period takes from this one: of a person with their id.
    fn amounts(&self, pack: &Pack) -> Vec<(String, String)> {
        let mut amounts: Vec<(String, String)> = Vec::new();
        for rule in pack.outputs().chain(pack.carries().map(|(_, rule)| rule.id.as_str())) {
            for step in self.steps.iter().filter(|step| *step.id == *rule) {
                let person = step.person.as_deref();
                let carried = || pack.carries().any(|(_, carried)| carried.id == rule);
                let name = amount_of(rule, person);
                if (person.is_none() || carried()) && !amounts.iter().any(|(known, _)| *known == name) {
                    amounts.push((name, step.value.text.clone()));
                }
            }
        }
        amounts
    }

    /// SHA-256 over every step: whose, which and what, whatever the order in which they were taken. Two computations that
    /// agree here agreed throughout.
    fn outcome(&self) -> Digest {
        let line =
            |step: &Step| format!("{}\t{}\t{}\n", step.id, step.person.as_deref().unwrap_or("-"), step.value.exact);
        let mut lines: Vec<String> = self.steps.iter().map(line).collect();
        lines.sort_unstable();
        Digest::of(lines.concat().as_bytes())
    }

    /// The provisions that gave something, each once, in the order in which they were applied.
    fn authority(&self) -> Vec<Citation> {
        let mut cited: Vec<Citation> = Vec::new();
        for step in self.steps.iter().filter(|step| step.value.exact != Exact::ZERO) {
            if let Some(cite) = step.cite.as_deref().filter(|cite| !cited.contains(cite)) {
                cited.push(cite.clone());
            }
        }
        cited
    }
}

/// How a decision calls an amount: by the rule, and by the person's id where each person has one.
fn amount_of(rule: &str, person: Option<&str>) -> String {
    person.map_or_else(|| rule.to_string(), |person| format!("{rule} {person}"))
}

/// The members of a claim on one day, and what is recorded of each.
pub struct Household<'a> {
    id: ClaimId,
    claim: &'a ClaimView,
    world: &'a MemoryViews,
    day: Date,
    members: Vec<(&'a Member, &'a PersonView)>,
    first_adult: PersonId,
}

impl<'a> Household<'a> {
    /// Who belongs to the claim on a day: for a decision the one whose facts decide the period.
    ///
    /// # Errors
    /// A member who is not registered, or a claim without an adult.
    pub fn on(
        id: ClaimId,
        claim: &'a ClaimView,
        world: &'a MemoryViews,
        day: Date,
    ) -> Result<Household<'a>, EntitlementError> {
        let known = |member: &'a Member| {
            let view = world.person(member.person).filter(|view| view.born.is_some());
            view.map(|view| (member, view)).ok_or(EntitlementError::UnknownPerson(member.person))
        };
        let members = claim.members_on(day).map(known).collect::<Result<Vec<_>, _>>()?;
        let first_adult = members.iter().find(|(member, view)| claims(member, view, day)).map(|(who, _)| who.person);
        let first_adult = first_adult.ok_or(EntitlementError::NoAdult(id, day))?;
        Ok(Household { id, claim, world, day, members, first_adult })
    }

    /// The claimants who are alive, in the order in which they came: money for one who died is theirs.
    pub fn adults(&self) -> impl Iterator<Item = PersonId> {
        let claimants = self.members.iter().filter(|(member, view)| claims(member, view, self.day));
        claimants.map(|(member, _)| member.person)
    }

    /// The facts in the words of the pack.
    fn case(
        &self,
        cycle: Cycle,
        period: AssessmentPeriod,
        pack: &Pack,
        asked: &[Asked<'_>],
    ) -> Result<Case, EntitlementError> {
        let people = self
            .members
            .iter()
            .map(|(member, view)| self.person(member, view, cycle, period))
            .collect::<Result<_, _>>()?;
        let mut unit: Vec<(String, Value)> = self
            .claim
            .facts
            .keys()
            .filter_map(|key| claim_input(self.claim.fact(key, self.day)?))
            .map(|(name, value)| (name.into(), value))
            .collect();
        let takes = |name: &str| pack.inputs().iter().any(|input| input.scope == Scope::Unit && input.name == name);
        unit.extend(deductions::facts(asked, takes));
        let cut_to = cycle.cut_to(period);
        unit.extend(cut_to.map(|days| ("first_period_days".into(), Value::Count(days))));
        unit.extend(self.claim.claimed_on.map(|day| ("claim_made".into(), Value::Date(day))));
        let mut case = Case { name: format!("claim {}, {period}", self.id), period, people, unit };
        case.keep_known(pack);
        let before = self.claim.standing_before(period);
        pack.carry(&mut case, |rule, person| {
            let name = amount_of(rule, person);
            before?.amounts.get(&name).map(String::from)
        })?;
        Ok(case)
    }

    fn person(
        &self,
        member: &Member,
        view: &PersonView,
        cycle: Cycle,
        period: AssessmentPeriod,
    ) -> Result<Person, EntitlementError> {
        if view.fact("nation", self.day) == Some(&PersonFact::Nation(Nation::NorthernIreland)) {
            return Err(EntitlementError::NorthernIreland(member.person));
        }
        let mut facts: Vec<(String, Value)> = view
            .facts
            .keys()
            .filter_map(|key| person_input(view.fact(key, self.day)?))
            .map(|(n, v)| (n.into(), v))
            .collect();
        for (name, value) in parts(view, period, person_input) {
            facts.retain(|(other, _)| *other != name);
            facts.push((name, value));
        }
        facts.extend(view.born.map(|day| ("birth_date".into(), Value::Date(day))));
        facts.push(("role".into(), Value::Enum(member.role.name().into())));
        facts.extend(view.died.filter(|died| *died <= self.day).map(|day| ("died".into(), Value::Date(day))));
        if matches!(member.role, Role::Child | Role::YoungPerson) {
            let another = rivals::another_has_priority(member.person, self.id, self.world, self.day);
            facts.push(("another_has_priority".into(), Value::Bool(another)));
        }
        if member.role == Role::Adult {
            facts.push(("net_earnings".into(), Value::Money(pay::counted(view, cycle, period))));
            if view.fact("child_benefit", self.day).is_none() {
                let weekly = child_benefit::weekly(member.person, self.day, self.world);
                facts.extend(weekly.map(|sum| ("child_benefit_weekly".into(), Value::Money(sum))));
            }
            let Reduced { days, rate } = reduced(view, period);
            facts.push(("sanction_days".into(), Value::Count(days)));
            facts.push(("sanction_rate".into(), Value::Enum(rate.name().into())));
            if let Some(ClaimFact::MainCarer(who)) = self.claim.fact("main_carer", self.day) {
                facts.push(("responsible_carer".into(), Value::Bool(*who == member.person)));
            }
        }
        Ok(Person { id: member.person.to_string(), facts })
    }

    /// What the claimants' debts ask of a period, each never more than is left of it after what every decision so far took
    /// for it, under whichever claim.
    fn asked(&self, period: AssessmentPeriod) -> Vec<Asked<'a>> {
        let claimants = self.members.iter().filter(|(member, view)| claims(member, view, self.day));
        let debts = claimants.flat_map(|(member, view)| view.debts.iter().map(|debt| (*member, *view, debt)));
        let recovered = debts.filter(|(_, view, debt)| recovers(view, debt.id, period));
        let debts = recovered.map(|(member, _, debt)| (member.person, debt));
        deductions::asked(debts, period, |person, debt| debt.owed - self.recovered(person, debt.id, period))
    }

    /// What standing decisions took for a person's debt, this period's own aside.
    fn recovered(&self, person: PersonId, debt: DebtId, period: AssessmentPeriod) -> Money {
        let mut recovered = Money::ZERO;
        for (id, claim) in self.world.claims_of(person) {
            for determined in claim.determined.iter().filter(|made| id != self.id || made.period < period) {
                let stands =
                    claim.standing(determined.period).is_some_and(|standing| standing.event == determined.event);
                let of_it = determined.deducted.iter().filter(|deducted| stands && deducted.debt == debt);
                recovered += of_it.map(|deducted| deducted.amount.money()).sum();
            }
        }
        recovered
    }

    fn lines(
        &self,
        worked: &Worked,
        pack: &Pack,
        award: Money,
        payment: Money,
        taken: &[(Asked<'_>, Money)],
    ) -> Result<Vec<PayeeLine>, EntitlementError> {
        let of_rule = |rule: &str, person: Option<PersonId>| {
            let person = person.map(|person| person.to_string());
            worked.money(rule, person.as_deref()).ok()
        };
        let line = |share: Share<PersonId>| {
            let purpose = share.gross.purpose;
            let amount = Amount::new(share.amount).map_err(|_| EntitlementError::NoFigure(purpose.to_string()))?;
            Ok(PayeeLine { amount, purpose, for_whom: share.for_whom, payee: self.payee(&share.gross, share.payee) })
        };
        let shares = shares(pack, &self.parties(worked, taken), &Worth { award, payment, of_rule })?;
        shares.into_iter().map(line).collect()
    }

    /// The members as far as the lines of a period go: each bears what is taken for their debts, and of sanctions what is
    /// for them.
    fn parties(&self, worked: &Worked, taken: &[(Asked<'_>, Money)]) -> Parties<PersonId> {
        let people: Vec<PersonId> = self.members.iter().map(|(member, _)| member.person).collect();
        let sanctions = sanctions_borne(&people, |rule, person| {
            worked.money(rule, person.map(|person| person.to_string()).as_deref()).ok()
        });
        let debts = |who| taken.iter().filter(|(one, _)| one.person == who).map(|(_, sum)| *sum).sum::<Money>();
        let party = |(who, sanction)| Party { who, bears: sanction + debts(who) };
        Parties {
            people: people.into_iter().zip(sanctions).map(party).collect(),
            named: self.named(),
            managed_rent: self.claim.fact("managed_rent", self.day) == Some(&ClaimFact::ManagedRent(true)),
        }
    }

    /// Where the payee rule alone sends money for a purpose.
    pub fn rule_payee(&self, purpose: Purpose, for_whom: PersonId) -> PersonId {
        self.named().payee(purpose, for_whom)
    }

    /// Where money goes, arrangements on the claim included.
    fn payee(&self, gross: &Gross, rule: PersonId) -> Payee {
        if gross.managed {
            return Payee::Landlord;
        }
        let fact = |key: &str| self.claim.fact(key, self.day);
        if let Some(ClaimFact::PaidTo(PaidTo { payee, .. })) = fact(&format!("paid_to {}", gross.purpose)) {
            return Payee::Person(*payee);
        }
        match fact("paid_into") {
            Some(ClaimFact::PaidInto(person)) => Payee::Person(*person),
            Some(_) | None => Payee::Person(rule),
        }
    }

    /// Who mainly cares for the children.
    pub fn main_carer(&self) -> PersonId {
        self.adult_of("main_carer")
    }

    fn named(&self) -> Named<PersonId> {
        Named {
            adults: self.adults().collect(),
            main_carer: self.main_carer(),
            liable_for_rent: self.adult_of("liable_for_rent"),
            childcare_payer: self.adult_of("childcare_payer"),
        }
    }

    /// The adult that a fact of the claim names, or the first adult.
    fn adult_of(&self, key: &str) -> PersonId {
        let fact = self.claim.fact(key, self.day);
        if let Some(ClaimFact::LiableForRent(who) | ClaimFact::ChildcarePayer(who) | ClaimFact::MainCarer(who)) = fact
            && self.adults().any(|adult| adult == *who)
        {
            return *who;
        }
        self.first_adult
    }
}

/// What was taken for each debt, as a decision records it.
fn deducted(taken: &[(Asked<'_>, Money)]) -> Result<Vec<Deducted>, EntitlementError> {
    let of_debt = |(one, sum): &(Asked<'_>, Money)| {
        let amount = Amount::new(*sum).map_err(|_| EntitlementError::NoFigure("deductions_total".into()))?;
        Ok(Deducted { debt: one.debt.id, amount })
    };
    taken.iter().map(of_debt).collect()
}

/// Whether a member is a claimant on a day: an adult who is alive, and not the partner of somebody who claims as a single
/// person (reg. 3(3)).
fn claims(member: &Member, view: &PersonView, day: Date) -> bool {
    member.role == Role::Adult
        && view.died.is_none_or(|died| day < died)
        && view.fact("ineligible_partner", day) != Some(&PersonFact::IneligiblePartner(true))
}

/// A fact of the claim as an input of the pack; none for facts that decide payees.
fn claim_input(fact: &ClaimFact) -> Option<(&'static str, Value)> {
    Some(match fact {
        ClaimFact::Tenure(tenure) => ("tenure", Value::Enum(tenure.name().into())),
        ClaimFact::Rent(sum) => ("rent", Value::Money(sum.money())),
        ClaimFact::LhaRate(sum) => ("lha_rate", Value::Money(sum.money())),
        ClaimFact::ServiceCharges(sum) => ("service_charges", Value::Money(sum.money())),
        ClaimFact::Bedrooms(count) => ("bedrooms", Value::Count(i64::from(*count))),
        ClaimFact::BedroomsNeeded(count) => ("bedrooms_needed", Value::Count(i64::from(*count))),
        ClaimFact::Capital(sum) => ("capital", Value::Money(sum.money())),
        ClaimFact::Region(region) => ("region", Value::Enum(region.name().into())),
        ClaimFact::ChildcareCharges(sum) => ("childcare_charges", Value::Money(sum.money())),
        ClaimFact::ChildcareChildren(count) => ("childcare_children", Value::Count(i64::from(*count))),
        ClaimFact::TransitionalElement(sum) => ("transitional_element", Value::Money(sum.money())),
        ClaimFact::TransitionalCapitalDisregard(yes) => ("transitional_capital_disregard", Value::Bool(*yes)),
        ClaimFact::CapGraceUntil(day) => ("cap_grace_until", Value::Date(*day)),
        ClaimFact::NotionalCapital(sum) => ("notional_capital", Value::Money(sum.money())),
        ClaimFact::CapitalWithCountedIncome(sum) => ("capital_with_counted_income", Value::Money(sum.money())),
        ClaimFact::RecentDomesticViolence(yes) => ("recent_domestic_violence", Value::Bool(*yes)),
        ClaimFact::SurplusBroughtForward(sum) => ("surplus_brought_forward", Value::Money(sum.money())),
        ClaimFact::LastDayOfAward(day) => ("last_day_of_award", Value::Date(*day)),
        ClaimFact::TransitionalInitial(sum) => ("transitional_initial", Value::Money(sum.money())),
        ClaimFact::TotalLegacyAmount(sum) => ("total_legacy_amount", Value::Money(sum.money())),
        ClaimFact::IndicativeUcAmount(sum) => ("indicative_uc_amount", Value::Money(sum.money())),
        ClaimFact::IndicativeExcessIncome(sum) => ("indicative_excess_income", Value::Money(sum.money())),
        ClaimFact::SevereDisabilityPremium(which) => ("severe_disability_premium", Value::Enum(which.name().into())),
        ClaimFact::SdpEnhancedPremium(yes) => ("sdp_enhanced_premium", Value::Bool(*yes)),
        ClaimFact::SdpDisabilityPremium(yes) => ("sdp_disability_premium", Value::Bool(*yes)),
        ClaimFact::SdpDisabledChildren(count) => ("sdp_disabled_children", Value::Count(i64::from(*count))),
        ClaimFact::CapMonthsBeforeClaim(count) => ("cap_months_before_claim", Value::Count(i64::from(*count))),
        ClaimFact::RentEvery(which) => ("rent_every", Value::Enum(which.name().into())),
        ClaimFact::RentFreePayments(count) => ("rent_free_payments", Value::Count(i64::from(*count))),
        ClaimFact::JointTenants(count) => ("joint_tenants", Value::Count(i64::from(*count))),
        ClaimFact::JointTenantsClaiming(count) => ("joint_tenants_claiming", Value::Count(i64::from(*count))),
        ClaimFact::AdditionalBedrooms(count) => ("additional_bedrooms", Value::Count(i64::from(*count))),
        ClaimFact::OwnerWaitOver(yes) => ("owner_wait_over", Value::Bool(*yes)),
        ClaimFact::ChildcareReportedOn(day) => ("childcare_reported_on", Value::Date(*day)),
        ClaimFact::ChildcareLateAccepted(yes) => ("childcare_late_accepted", Value::Bool(*yes)),
        ClaimFact::FraudPenalty(sum) => ("asked_for_fraud_penalty", Value::Money(sum.money())),
        ClaimFact::FuelCurrent(sum) => ("fuel_current", Value::Money(sum.money())),
        ClaimFact::WaterCurrent(sum) => ("water_current", Value::Money(sum.money())),
        ClaimFact::FuelAndWaterConsent(yes) => ("fuel_and_water_consent", Value::Bool(*yes)),
        ClaimFact::ElderWithPartner(yes) => ("elder_with_partner", Value::Bool(*yes)),
        ClaimFact::QualifyingBenefit(yes) => ("qualifying_benefit", Value::Bool(*yes)),
        ClaimFact::LiableForRent(_)
        | ClaimFact::MainCarer(_)
        | ClaimFact::ChildcarePayer(_)
        | ClaimFact::ManagedRent(_)
        | ClaimFact::PaidInto(_)
        | ClaimFact::PaidTo(_)
        | ClaimFact::PaidWeekly(_)
        | ClaimFact::LandlordAccount(_)
        | ClaimFact::LateNoticeAllowed(_) => return None,
    })
}

/// A fact of a person as an input of the pack; none for facts that decide payment or scope.
fn person_input(fact: &PersonFact) -> Option<(&'static str, Value)> {
    Some(match fact {
        PersonFact::LcwSince(day) => ("lcw_since", Value::Date(*day)),
        PersonFact::LcwraSince(day) => ("lcwra_since", Value::Date(*day)),
        PersonFact::LcwraRoute(route) => ("lcwra_route", Value::Enum(route.name().into())),
        PersonFact::CaringSince(day) => ("caring_since", Value::Date(*day)),
        PersonFact::DisabledChild(which) => ("disabled_child", Value::Enum(which.name().into())),
        PersonFact::DisabilityBenefit(yes) => ("disability_benefit", Value::Bool(*yes)),
        PersonFact::ChildException(yes) => ("child_exception", Value::Bool(*yes)),
        PersonFact::ChildBenefit(sum) => ("child_benefit", Value::Money(sum.money())),
        PersonFact::UnearnedIncome(sum) => ("unearned_income", Value::Money(sum.money())),
        PersonFact::SelfEmployedNet(sum) => ("self_employed_net", Value::Money(sum.money())),
        PersonFact::InPaidWork(yes) => ("in_paid_work", Value::Bool(*yes)),
        PersonFact::HousingContributionExempt(yes) => ("housing_contribution_exempt", Value::Bool(*yes)),
        PersonFact::ResponsibleSince(day) => ("responsible_since", Value::Date(*day)),
        PersonFact::ChildOutsideOrder(yes) => ("child_outside_order", Value::Bool(*yes)),
        PersonFact::OtherCappedBenefits(sum) => ("other_capped_benefits", Value::Money(sum.money())),
        PersonFact::LcwraFoundFrom(day) => ("lcwra_found_from", Value::Date(*day)),
        PersonFact::LcwraEvidenceOn(day) => ("lcwra_evidence_on", Value::Date(*day)),
        PersonFact::LcwraWaitExcused(which) => ("lcwra_wait_excused", Value::Enum(which.name().into())),
        PersonFact::LcwSavingEnded(yes) => ("lcw_saving_ended", Value::Bool(*yes)),
        PersonFact::IneligiblePartner(yes) => ("ineligible_partner", Value::Bool(*yes)),
        PersonFact::CaredForDied(day) => ("cared_for_died", Value::Date(*day)),
        PersonFact::CarerElementElsewhere(yes) => ("carer_element_elsewhere", Value::Bool(*yes)),
        PersonFact::WorkCeasedOn(day) => ("work_ceased_on", Value::Date(*day)),
        PersonFact::EarnedEnoughForAYear(yes) => ("earned_enough_for_a_year", Value::Bool(*yes)),
        PersonFact::Sex(which) => ("sex", Value::Enum(which.name().into())),
        PersonFact::InterviewsOnly(yes) => ("interviews_only", Value::Bool(*yes)),
        PersonFact::FosterParentOfBaby(yes) => ("foster_parent_of_baby", Value::Bool(*yes)),
        PersonFact::AdoptionPlacedOn(day) => ("adoption_placed_on", Value::Date(*day)),
        PersonFact::ExpectedConfinement(day) => ("expected_confinement", Value::Date(*day)),
        PersonFact::ConfinedOn(day) => ("confined_on", Value::Date(*day)),
        PersonFact::NotionalEarnedIncome(sum) => ("notional_earned_income", Value::Money(sum.money())),
        PersonFact::SelfEmployedReceipts(sum) => ("self_employed_receipts", Value::Money(sum.money())),
        PersonFact::SelfEmployedExpenses(sum) => ("self_employed_expenses", Value::Money(sum.money())),
        PersonFact::SelfEmployedTaxAndNi(sum) => ("self_employed_tax_and_ni", Value::Money(sum.money())),
        PersonFact::SelfEmployedPension(sum) => ("self_employed_pension", Value::Money(sum.money())),
        PersonFact::LossBroughtForward(sum) => ("loss_brought_forward", Value::Money(sum.money())),
        PersonFact::StatePensionWeekly(sum) => ("state_pension_weekly", Value::Money(sum.money())),
        PersonFact::JobseekersAllowanceWeekly(sum) => ("jobseekers_allowance_weekly", Value::Money(sum.money())),
        PersonFact::EmploymentAndSupportAllowanceWeekly(sum) => {
            ("employment_and_support_allowance_weekly", Value::Money(sum.money()))
        }
        PersonFact::CarersAllowanceWeekly(sum) => ("carers_allowance_weekly", Value::Money(sum.money())),
        PersonFact::BereavementBenefitsWeekly(sum) => ("bereavement_benefits_weekly", Value::Money(sum.money())),
        PersonFact::MaternityAllowanceWeekly(sum) => ("maternity_allowance_weekly", Value::Money(sum.money())),
        PersonFact::IndustrialInjuriesWeekly(sum) => ("industrial_injuries_weekly", Value::Money(sum.money())),
        PersonFact::PrivatePension(sum) => ("private_pension", Value::Money(sum.money())),
        PersonFact::MaintenanceForSelf(sum) => ("maintenance_for_self", Value::Money(sum.money())),
        PersonFact::TrainingAllowance(sum) => ("training_allowance", Value::Money(sum.money())),
        PersonFact::IncomeInsurance(sum) => ("income_insurance", Value::Money(sum.money())),
        PersonFact::AnnuityOrTrustIncome(sum) => ("annuity_or_trust_income", Value::Money(sum.money())),
        PersonFact::ForeignBenefits(sum) => ("foreign_benefits", Value::Money(sum.money())),
        PersonFact::OtherTaxableIncome(sum) => ("other_taxable_income", Value::Money(sum.money())),
        PersonFact::NotionalUnearnedIncome(sum) => ("notional_unearned_income", Value::Money(sum.money())),
        PersonFact::StudentLoan(sum) => ("student_loan", Value::Money(sum.money())),
        PersonFact::StudentGrant(sum) => ("student_grant", Value::Money(sum.money())),
        PersonFact::StudentGrantForRentOrOthers(sum) => ("student_grant_for_rent_or_others", Value::Money(sum.money())),
        PersonFact::GainfulSelfEmploymentSince(day) => ("gainful_self_employment_since", Value::Date(*day)),
        PersonFact::NoStartUpPeriod(yes) => ("no_start_up_period", Value::Bool(*yes)),
        PersonFact::ExpectedHours(count) => ("expected_hours", Value::Count(i64::from(*count))),
        PersonFact::WorkRequirementsLimited(yes) => ("work_requirements_limited", Value::Bool(*yes)),
        PersonFact::StudentPeriods(count) => ("student_periods", Value::Count(i64::from(*count))),
        PersonFact::Nation(nation) => ("nation", Value::Enum(nation.name().into())),
        PersonFact::FraudPenalty(_)
        | PersonFact::EarnsThreshold(_)
        | PersonFact::SustainedEarningsOn(_)
        | PersonFact::Residence(_)
        | PersonFact::Account(_)
        | PersonFact::PaidBy(_)
        | PersonFact::PaidEvery(_)
        | PersonFact::PayDay(_)
        | PersonFact::PayCalendar(_)
        | PersonFact::PayCountsOn(_)
        | PersonFact::Carer(_) => return None,
    })
}
