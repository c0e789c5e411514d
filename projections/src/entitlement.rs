//! What one claim comes to for one period: the facts as known, the rules applied, the lines that follow.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{
    ClaimFact, DebtKind, Decision, Deducted, Mode, Nation, PackRef, PaidTo, Payee, PayeeLine, PersonFact, Purpose,
    Role, SanctionRate,
};
use schemas::{Amount, AssessmentPeriod, Citation, ClaimId, DebtId, Digest, Money, PeriodKind, PersonId};

use crate::engine::{Case, CaseError, Exact, Pack, PackError, Person, Program, Step, Value};
use crate::lines::Gross;
use crate::payees::{Named, Parties, Party, Share, SplitError, Worth, shares};
use crate::views::{ClaimView, Debt, Member, MemoryViews, PersonView, Sanction};

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
    #[error("claim {0} has no adult on {1}")]
    NoAdult(ClaimId, Date),
    /// A member died, and what follows from that is not in the pack.
    #[error("person {0} died on {1}: the run-on after a death (SI 2013/376 reg. 37) is not in the pack yet")]
    Died(PersonId, Date),
    /// Sanctions at two rates in one period, where reg. 111 tests circumstances once, at its end.
    #[error(
        "person {0} has sanctions at the full and at the reduced rate in one period: end one of them (SI 2013/376 reg. 111)"
    )]
    TwoRates(PersonId),
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
    let kind = rules.pack.periods();
    if view.cycle(kind).and_then(|cycle| cycle.starting(period.first()).ok()) != Some(period) {
        return Err(EntitlementError::OtherPeriod { period, kind });
    }
    let household = Household::on(claim, view, world, period.last())?;
    household.alive()?;
    let case = household.case(period, &rules.pack)?;
    let worked = Worked { steps: rules.program.trace(&case)? };
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
        lines: household.lines(&worked, &rules.pack, award.money(), payment.money(), period)?,
        adults: household.adults().collect(),
        main_carer: household.main_carer(),
        deducted: household.deducted(&worked, period)?,
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
    /// Who belongs to the claim on a day. Circumstances are those of the last day of a period (SI 2013/381 Sch. 1 para. 20).
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
        let first_adult =
            members.iter().find(|(member, _)| member.role == Role::Adult).map(|(member, _)| member.person);
        let first_adult = first_adult.ok_or(EntitlementError::NoAdult(id, day))?;
        Ok(Household { id, claim, world, day, members, first_adult })
    }

    /// The adults, in the order in which they came.
    pub fn adults(&self) -> impl Iterator<Item = PersonId> {
        self.members.iter().filter(|(member, _)| member.role == Role::Adult).map(|(member, _)| member.person)
    }

    /// Says who died: what their death means for the award is not what living together means.
    fn alive(&self) -> Result<(), EntitlementError> {
        let mut dead = self.members.iter().filter_map(|(member, view)| Some((member.person, view.died?)));
        match dead.find(|(_, died)| *died <= self.day) {
            Some((person, died)) => Err(EntitlementError::Died(person, died)),
            None => Ok(()),
        }
    }

    /// The facts in the words of the pack.
    fn case(&self, period: AssessmentPeriod, pack: &Pack) -> Result<Case, EntitlementError> {
        let people =
            self.members.iter().map(|(member, view)| self.person(member, view, period)).collect::<Result<_, _>>()?;
        let mut unit: Vec<(String, Value)> = self
            .claim
            .facts
            .keys()
            .filter_map(|key| claim_input(self.claim.fact(key, self.day)?))
            .map(|(name, value)| (name.into(), value))
            .collect();
        let (deductions, advances) = self.deductions(period);
        unit.push(("deductions".into(), Value::Money(deductions)));
        unit.push(("advances".into(), Value::Money(advances)));
        unit.extend(self.claim.claimed_on.map(|day| ("claim_made".into(), Value::Date(day))));
        let mut case = Case { name: format!("claim {}, {period}", self.id), period, people, unit };
        let before = self.claim.standing_before(period);
        pack.carry(&mut case, |rule, person| {
            let name = amount_of(rule, person);
            before?.amounts.iter().find(|(known, _)| *known == name).map(|(_, amount)| amount.clone())
        })?;
        Ok(case)
    }

    fn person(&self, member: &Member, view: &PersonView, period: AssessmentPeriod) -> Result<Person, EntitlementError> {
        if view.fact("nation", self.day) == Some(&PersonFact::Nation(Nation::NorthernIreland)) {
            return Err(EntitlementError::NorthernIreland(member.person));
        }
        let mut facts: Vec<(String, Value)> = view
            .facts
            .keys()
            .filter_map(|key| person_input(view.fact(key, self.day)?))
            .map(|(n, v)| (n.into(), v))
            .collect();
        facts.extend(view.born.map(|day| ("birth_date".into(), Value::Date(day))));
        facts.push(("role".into(), Value::Enum(member.role.name().into())));
        if member.role == Role::Adult {
            let paid = view.earnings.iter().filter(|pay| period.contains(pay.paid_on));
            facts.push(("net_earnings".into(), Value::Money(paid.map(|pay| pay.net).sum())));
            let (days, rate) =
                sanction_days(&view.sanctions, period).ok_or(EntitlementError::TwoRates(member.person))?;
            facts.push(("sanction_days".into(), Value::Count(days)));
            facts.push(("sanction_rate".into(), Value::Enum(rate.name().into())));
        }
        Ok(Person { id: member.person.to_string(), facts })
    }

    /// What is asked for from this period's payment: debts and third parties, and the recovery of advances.
    fn deductions(&self, period: AssessmentPeriod) -> (Money, Money) {
        let asked = self.asked(period);
        let sum = |advance: bool| {
            let of_kind = asked.iter().filter(|(debt, _)| (debt.kind == DebtKind::Advance) == advance);
            of_kind.map(|(_, sum)| *sum).sum()
        };
        (sum(false), sum(true))
    }

    /// What each debt asks of a period: as set for periods from that day, and never more than is left of it after what
    /// every decision so far took for it, under whichever claim.
    fn asked(&self, period: AssessmentPeriod) -> Vec<(&'a Debt, Money)> {
        let adults = self.members.iter().filter(|(member, _)| member.role == Role::Adult);
        let debts = adults.flat_map(|(_, view)| view.debts.iter());
        let set = |debt: &'a Debt| {
            let in_force = debt.per_period.iter().rev().filter(|(from, _)| *from <= period.first());
            let latest = in_force.max_by_key(|(from, _)| *from).map_or(Money::ZERO, |(_, sum)| *sum);
            (debt, latest.min((debt.owed - self.recovered(debt.id, period)).at_least_zero()))
        };
        debts.map(set).collect()
    }

    /// What standing decisions took for a debt, this period's own aside.
    fn recovered(&self, debt: DebtId, period: AssessmentPeriod) -> Money {
        let mut recovered = Money::ZERO;
        for (id, claim) in self.world.claims() {
            for determined in claim.determined.iter().filter(|made| id != self.id || made.period < period) {
                let stands =
                    claim.standing(determined.period).is_some_and(|standing| standing.event == determined.event);
                let of_it = determined.deducted.iter().filter(|deducted| stands && deducted.debt == debt);
                recovered += of_it.map(|deducted| deducted.amount.money()).sum();
            }
        }
        recovered
    }

    /// What was taken for each debt: all that was asked, or as far as the payment went, in the order of the debts.
    fn deducted(&self, worked: &Worked, period: AssessmentPeriod) -> Result<Vec<Deducted>, EntitlementError> {
        let mut left = worked.money("deductions_total", None).unwrap_or(Money::ZERO);
        let mut deducted = Vec::new();
        for (debt, asked) in self.asked(period) {
            let taken = asked.min(left);
            left -= taken;
            let amount = Amount::new(taken).map_err(|_| EntitlementError::NoFigure("deductions_total".into()))?;
            deducted.extend((taken > Money::ZERO).then_some(Deducted { debt: debt.id, amount }));
        }
        Ok(deducted)
    }

    fn lines(
        &self,
        worked: &Worked,
        pack: &Pack,
        award: Money,
        payment: Money,
        period: AssessmentPeriod,
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
        let shares = shares(pack, &self.parties(period), &Worth { award, payment, of_rule })?;
        shares.into_iter().map(line).collect()
    }

    /// The members as far as the lines of a period go.
    fn parties(&self, period: AssessmentPeriod) -> Parties<PersonId> {
        let party = |(member, _): &(&Member, &PersonView)| Party {
            who: member.person,
            bears_first: self.sanctioned(member.person, period) || self.owes(member.person, period),
        };
        Parties {
            people: self.members.iter().map(party).collect(),
            named: self.named(),
            managed_rent: self.claim.fact("managed_rent", self.day) == Some(&ClaimFact::ManagedRent(true)),
        }
    }

    /// Whether something is taken for a debt of this person.
    fn owes(&self, person: PersonId, period: AssessmentPeriod) -> bool {
        let debts = self.members.iter().filter(|(m, _)| m.person == person).flat_map(|(_, view)| view.debts.iter());
        let ids: Vec<DebtId> = debts.map(|debt| debt.id).collect();
        self.asked(period).iter().any(|(debt, sum)| ids.contains(&debt.id) && *sum > Money::ZERO)
    }

    fn sanctioned(&self, person: PersonId, period: AssessmentPeriod) -> bool {
        let sanctions =
            self.members.iter().find(|(m, _)| m.person == person).map(|(_, view)| view.sanctions.as_slice());
        sanctions.and_then(|sanctions| sanction_days(sanctions, period)).is_some_and(|(days, _)| days > 0)
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

/// How many days of sanctions fall in a period, and at which rate; none where they run at two rates, because
/// circumstances are tested once, at the end of the period (reg. 111).
///
/// Sanctions run one after another (reg. 101(2)); each takes the days from its first day on that no earlier one holds.
pub fn sanction_days(sanctions: &[Sanction], period: AssessmentPeriod) -> Option<(i64, SanctionRate)> {
    let mut ordered: Vec<&Sanction> = sanctions.iter().collect();
    ordered.sort_by_key(|sanction| (sanction.from, sanction.position));
    let (mut free, mut days, mut rates) = (Date::MIN, 0, Vec::new());
    for sanction in ordered {
        let first = sanction.from.max(free);
        let whole = first.saturating_add(i64::from(sanction.days).days());
        let end = sanction.ended.map_or(whole, |ended| ended.clamp(first, whole)); // first day without it
        let after = period.last().saturating_add(1.day());
        let held = i64::from((end.min(after) - first.max(period.first())).get_days());
        if held > 0 {
            days += held;
            rates.push(sanction.rate);
        }
        free = end;
    }
    let rate = rates.first().copied().unwrap_or(SanctionRate::Full);
    rates.iter().all(|other| *other == rate).then_some((days, rate))
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
        ClaimFact::LiableForRent(_)
        | ClaimFact::MainCarer(_)
        | ClaimFact::ChildcarePayer(_)
        | ClaimFact::ManagedRent(_)
        | ClaimFact::PaidInto(_)
        | ClaimFact::PaidTo(_) => return None,
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
        PersonFact::InterviewsOnly(yes) => ("interviews_only", Value::Bool(*yes)),
        PersonFact::FosterParentOfBaby(yes) => ("foster_parent_of_baby", Value::Bool(*yes)),
        PersonFact::AdoptionPlacedOn(day) => ("adoption_placed_on", Value::Date(*day)),
        PersonFact::ExpectedConfinement(day) => ("expected_confinement", Value::Date(*day)),
        PersonFact::ConfinedOn(day) => ("confined_on", Value::Date(*day)),
        PersonFact::FraudPenalty(_)
        | PersonFact::EarnsThreshold(_)
        | PersonFact::SustainedEarningsOn(_)
        | PersonFact::Nation(_)
        | PersonFact::Residence(_)
        | PersonFact::Account(_)
        | PersonFact::PayCalendar(_)
        | PersonFact::Carer(_) => return None,
    })
}
